/* Partners that wait for each other attract, with a potential that grows ever more slowly with their distance: bringing one pair
 * together at the price of moving others a little apart pays, so a wave of meetings runs through patterns that look the same
 * everywhere. A swap is judged by how much it lowers the sum of the potentials; one that shares the update of the operation
 * before it costs next to nothing. All in whole numbers: the same circuit is routed alike everywhere. */
#include "runtime/circuit/route_line.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT = 4096,        /* potential that separates distances 1 and 2 with the harmonic law */
    SWAP_COST = 1228,   /* of an update of its own, in the same unit */
    FREE_COST = 205,    /* of a swap that shares an update */
    SETS_AHEAD = 3,     /* sets of a wire that are looked at */
    MEMBERS_AHEAD = 24, /* operations looked at in a set, of those that are not ready */
    PATIENCE = 6,       /* swaps in a row, then the nearest pair is brought together whatever the cost */
    HOPE = 256,         /* updates before a way may be given up */
    LEFT = 0,
    RIGHT = 1
};

typedef enum law { HARMONIC, SQUARE_ROOT, LINEAR, MIXED } law_t;

/** A way of choosing. */
typedef struct way {
    law_t law;
    int weight[SETS_AHEAD]; /**< of a wire's sets, in 16ths */
    bool shallow;           /**< of two equally good operations take the one that can run first */
} way_t;

static const way_t ways[BF_ROUTE_FIELDS] = {
    {HARMONIC, {16, 8, 4}, false},      {HARMONIC, {16, 8, 4}, true}, {SQUARE_ROOT, {16, 8, 4}, true},
    {SQUARE_ROOT, {16, 13, 10}, false}, {MIXED, {16, 8, 4}, true},    {LINEAR, {16, 13, 10}, false},
};

/** What is known about a wire. */
typedef struct pull {
    int64_t gain[2];    /**< change of its potentials by a step to the left, to the right */
    bf_site_t reach[2]; /**< distance of the nearest partner that is ready, on either side, past 1; INT32_MAX: none */
    uint32_t meets;     /**< a ready operation with the wire on the next site to the right, or BF_NO_ITEM */
} pull_t;

/** How a wire sees one of its operations in its pull. */
typedef struct sight {
    uint32_t round; /**< in which computation of the pull it was added; another one's is not in it */
    int32_t level;
    bf_site_t away; /**< where the partner was, relative to the wire */
} sight_t;

typedef struct field {
    const bf_dag_t *dag;
    bf_line_t *line;
    bf_front_t front;
    const way_t *way;
    int64_t *potential;   /**< of each distance */
    pull_t *pulls;        /**< of each wire */
    sight_t (*sights)[2]; /**< of each operation, by side */
    uint32_t *round;      /**< of each wire: how often its pull has been computed */
    bool *stale;          /**< of each wire: its pull is to be computed again */
    bf_site_t *stale_wires;
    bf_site_t n_stale;
    uint32_t *head;      /**< of each set: its first member that is not known to be done */
    uint32_t (*next)[2]; /**< as in the DAG, without members known to be done */
    size_t n_done;
} field_t;

static void touch(field_t *field, bf_site_t w)
{
    if (field->stale[w])
        return;
    field->stale[w] = true;
    field->stale_wires[field->n_stale++] = w;
}

/** The first member of a set from @p *link on that is not done; those before it are taken out. */
static uint32_t skip_done(field_t *field, bf_site_t w, uint32_t *link)
{
    while (*link != BF_NO_ITEM && field->front.missing[*link] == BF_FRONT_DONE)
        *link = field->next[*link][field->dag->fused->ops[*link].wire[1] == w];
    return *link;
}

/** Called for the operations that wire @p w will take part in: all that are ready, some that come soon. */
typedef void visit_t(field_t *field, bf_site_t w, uint32_t item, bf_site_t partner, int level);

static void visit_partners(field_t *field, bf_site_t w, visit_t *visit)
{
    const bf_dag_t *dag = field->dag;
    int level = 0;
    for (uint32_t set = field->front.current[w]; set != BF_NO_SET && level < SETS_AHEAD; set = dag->sets[set].next) {
        if (dag->sets[set].pairs == 0)
            continue;
        uint32_t *link = &field->head[set];
        for (int seen = 0; skip_done(field, w, link) != BF_NO_ITEM && (level == 0 || seen < MEMBERS_AHEAD);) {
            const bf_site_t *wire = dag->fused->ops[*link].wire;
            const int side = wire[1] == w;
            const bool ready = field->front.missing[*link] == 0;
            if (wire[1] >= 0 && (ready || seen < MEMBERS_AHEAD))
                visit(field, w, *link, wire[!side], level);
            seen += !ready;
            link = &field->next[*link][side];
        }
        level++;
    }
}

/** Add what a partner at distance @p away pulls, or with @p sign -1 take it out. */
static void weigh(const field_t *field, pull_t *pull, int level, bf_site_t away, int sign)
{
    const bf_site_t distance = abs(away);
    const int side = away > 0 ? RIGHT : LEFT, weight = sign * field->way->weight[level];
    const int64_t *potential = field->potential;
    pull->gain[side] += weight * (potential[distance - 1] - potential[distance]);
    pull->gain[!side] += weight * (potential[distance + 1] - potential[distance]);
}

/** Note a ready operation whose partner is at distance @p away. */
static void note_ready(pull_t *pull, uint32_t item, bf_site_t away)
{
    const int side = away > 0 ? RIGHT : LEFT;
    if (abs(away) > 1 && abs(away) < pull->reach[side])
        pull->reach[side] = abs(away);
    if (away == 1)
        pull->meets = item;
}

static void add_pull(field_t *field, bf_site_t w, uint32_t item, bf_site_t partner, int level)
{
    const bf_site_t away = field->line->site[partner] - field->line->site[w];
    const int side = field->dag->fused->ops[item].wire[1] == w;
    weigh(field, &field->pulls[w], level, away, 1);
    field->sights[item][side] = (sight_t){field->round[w], level, away};
    if (field->front.missing[item] == 0)
        note_ready(&field->pulls[w], item, away);
}

/** Wire @p w has moved: correct the pull of a partner that sees it. */
static void correct_partner(field_t *field, bf_site_t w, uint32_t item, bf_site_t partner, int level)
{
    (void)level;
    sight_t *sight = &field->sights[item][field->dag->fused->ops[item].wire[1] == partner];
    pull_t *pull = &field->pulls[partner];
    if (field->stale[partner] || sight->round != field->round[partner])
        return;
    const bf_site_t before = sight->away, away = field->line->site[w] - field->line->site[partner];
    weigh(field, pull, sight->level, before, -1);
    weigh(field, pull, sight->level, away, 1);
    sight->away = away;
    if (field->front.missing[item] != 0)
        return;
    if (abs(before) == 1 || abs(before) == pull->reach[before > 0 ? RIGHT : LEFT])
        touch(field, partner); /* it was the nearest: who is it now? */
    else
        note_ready(pull, item, away);
}

static void refresh(field_t *field)
{
    while (field->n_stale > 0) {
        const bf_site_t w = field->stale_wires[--field->n_stale];
        field->stale[w] = false;
        field->round[w]++;
        field->pulls[w] = (pull_t){.reach = {INT32_MAX, INT32_MAX}, .meets = BF_NO_ITEM};
        visit_partners(field, w, add_pull);
    }
}

/** Change of the potentials by a swap of (site, site + 1). */
static int64_t gain_of(const field_t *field, bf_site_t site)
{
    const bf_site_t *wire_at = field->line->wire_at;
    return (field->pulls[wire_at[site]].gain[RIGHT] + field->pulls[wire_at[site + 1]].gain[LEFT]) / 16;
}

static bf_status_t swap(field_t *field, bf_site_t site)
{
    BF_TRY(bf_line_swap(field->line, site));
    for (int i = 0; i < 2; i++)
        touch(field, field->line->wire_at[site + i]);
    for (int i = 0; i < 2; i++)
        visit_partners(field, field->line->wire_at[site + i], correct_partner);
    return BF_OK;
}

/** Place what is ready on one wire; the partners of what is ready on two have new pulls. */
static bf_status_t drain(field_t *field)
{
    bf_front_t *front = &field->front;
    while (front->n_ready > 0) {
        const uint32_t item = front->ready[--front->n_ready];
        const bf_site_t *wire = field->line->fused->ops[item].wire;
        for (int side = 0; side < 2 && wire[side] >= 0; side++)
            touch(field, wire[side]);
        if (wire[1] >= 0)
            continue;
        BF_TRY(bf_line_place(field->line, item));
        bf_front_done(front, item);
        field->n_done++;
    }
    return BF_OK;
}

/** Place an operation on (site, site + 1), and a swap at once if that helps what comes next. */
static bf_status_t place(field_t *field, bf_site_t site, uint32_t item)
{
    const bf_site_t *wire = field->line->fused->ops[item].wire;
    BF_TRY(bf_line_place(field->line, item));
    bf_front_done(&field->front, item);
    field->n_done++;
    touch(field, wire[0]);
    touch(field, wire[1]);
    BF_TRY(drain(field));
    refresh(field);
    if (field->pulls[field->line->wire_at[site]].meets != BF_NO_ITEM) /* another one on the same sites shares the update first */
        return BF_OK;
    return bf_line_is_free(field->line, site) && gain_of(field, site) + FREE_COST < 0 ? swap(field, site) : BF_OK;
}

/** The best operation whose partners have met, by site, or -1. */
static bf_site_t best_meeting(const field_t *field)
{
    const bf_line_t *line = field->line;
    bf_site_t best = -1;
    int64_t best_gain = 0;
    int32_t best_depth = 0;
    for (bf_site_t s = 0; s + 1 < line->fused->n; s++) {
        if (field->pulls[line->wire_at[s]].meets == BF_NO_ITEM)
            continue;
        if (bf_line_is_free(line, s))
            return s;
        int64_t gain = gain_of(field, s) + FREE_COST;
        gain = gain < 0 ? gain : 0;
        const int32_t depth = line->depth[s] > line->depth[s + 1] ? line->depth[s] : line->depth[s + 1];
        if (best >= 0 && (gain > best_gain || (gain == best_gain && (!field->way->shallow || depth >= best_depth))))
            continue;
        best = s;
        best_gain = gain;
        best_depth = depth;
    }
    return best;
}

/** The best swap among those that bring some ready pair nearer. */
static bf_site_t best_swap(const field_t *field)
{
    const bf_line_t *line = field->line;
    bf_site_t best = -1, best_reach = 0;
    int64_t best_cost = 0;
    for (bf_site_t s = 0; s + 1 < line->fused->n; s++) {
        const bf_site_t l = field->pulls[line->wire_at[s]].reach[RIGHT], r = field->pulls[line->wire_at[s + 1]].reach[LEFT];
        const bf_site_t reach = l < r ? l : r;
        if (reach == INT32_MAX)
            continue;
        const int64_t cost = gain_of(field, s) + (bf_line_is_free(line, s) ? FREE_COST : SWAP_COST);
        if (best >= 0 && (cost > best_cost || (cost == best_cost && reach >= best_reach)))
            continue;
        best = s;
        best_cost = cost;
        best_reach = reach;
    }
    return best;
}

/** Bring the nearest ready pair together, each step by the better one of the two. */
static bf_status_t force_meeting(field_t *field)
{
    const bf_line_t *line = field->line;
    bf_site_t l = -1, reach = INT32_MAX;
    for (bf_site_t s = 0; s < line->fused->n; s++)
        if (field->pulls[line->wire_at[s]].reach[RIGHT] < reach) {
            l = s;
            reach = field->pulls[line->wire_at[s]].reach[RIGHT];
        }
    for (bf_site_t r = l + reach; r > l + 1;) {
        refresh(field);
        const bool left = gain_of(field, l) <= gain_of(field, r - 1);
        BF_TRY(swap(field, left ? l : r - 1));
        l += left;
        r -= !left;
    }
    refresh(field);
    return BF_OK;
}

/** True when it goes much worse than another way went. */
static bool is_hopeless(const field_t *field)
{
    const size_t updates = field->line->routed->n_updates, par = field->line->par;
    return par > 0 && updates > HOPE &&
           (double)updates * (double)field->line->fused->n_ops > 1.25 * (double)par * (double)field->n_done;
}

static bf_status_t run(field_t *field)
{
    const size_t n_ops = field->line->fused->n_ops;
    int waited = 0;
    for (bf_site_t w = 0; w < field->line->fused->n; w++)
        touch(field, w);
    BF_TRY(drain(field));
    refresh(field);
    while (field->n_done < n_ops) {
        field->line->gave_up = is_hopeless(field);
        if (field->line->gave_up)
            return BF_OK;
        const bf_site_t meeting = best_meeting(field);
        if (meeting >= 0) {
            BF_TRY(place(field, meeting, field->pulls[field->line->wire_at[meeting]].meets));
            waited = 0;
        } else if (waited++ < PATIENCE) {
            BF_TRY(swap(field, best_swap(field)));
        } else {
            BF_TRY(force_meeting(field));
        }
        refresh(field);
    }
    return BF_OK;
}

static void fill_potential(const way_t *way, int64_t *potential, bf_site_t n)
{
    double harmonic = 0;
    for (bf_site_t d = 1; d <= n; d++) {
        const double by_law[] = {
            [HARMONIC] = 1.44 * harmonic, [SQUARE_ROOT] = sqrt((double)d), [LINEAR] = d, [MIXED] = 1.44 * harmonic + 0.05 * d};
        potential[d] = (int64_t)(UNIT * by_law[way->law]);
        harmonic += 1.0 / (d + 0.5); /* close to a logarithm, and exact everywhere */
    }
    potential[0] = potential[1]; /* neighbours that change places stay neighbours */
}

bf_status_t bf_route_field(const bf_dag_t *dag, bf_line_t *line, int way)
{
    const size_t n = (size_t)line->fused->n, n_ops = line->fused->n_ops;
    field_t field = {.dag = dag,
                     .line = line,
                     .way = &ways[way],
                     .potential = malloc((n + 2) * sizeof *field.potential),
                     .pulls = malloc(n * sizeof *field.pulls),
                     .sights = calloc(n_ops + 1, sizeof *field.sights),
                     .round = calloc(n, sizeof *field.round),
                     .stale = calloc(n, sizeof *field.stale),
                     .stale_wires = malloc(n * sizeof *field.stale_wires),
                     .head = malloc((dag->n_sets + 1) * sizeof *field.head),
                     .next = malloc((n_ops + 1) * sizeof *field.next)};
    bf_status_t status = bf_front_open(dag, &field.front);
    if (!field.potential || !field.pulls || !field.sights || !field.round || !field.stale || !field.stale_wires || !field.head ||
        !field.next)
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", n_ops);
    if (status >= 0) {
        fill_potential(field.way, field.potential, (bf_site_t)n + 1);
        for (size_t s = 0; s < dag->n_sets; s++)
            field.head[s] = dag->sets[s].first;
        memcpy(field.next, dag->next, n_ops * sizeof *field.next);
        status = run(&field);
    }
    bf_front_close(&field.front);
    free(field.potential);
    free(field.pulls);
    free(field.sights);
    free(field.round);
    free(field.stale);
    free(field.stale_wires);
    free(field.head);
    free(field.next);
    return status;
}
