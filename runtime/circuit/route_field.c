/* Partners that wait for each other attract, with a potential that grows ever more slowly with their distance: bringing one pair
 * together at the price of moving others a little apart pays, so a wave of meetings runs through patterns that look the same
 * everywhere. A swap is judged by how much it lowers the sum of the potentials; one that shares the update of the operation
 * before it costs next to nothing. All in whole numbers: the same circuit is routed alike everywhere. */
#include "runtime/circuit/route_pull.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT = 4096,      /* potential that separates distances 1 and 2 with the harmonic law */
    SWAP_COST = 1228, /* of an update of its own, in the same unit */
    FREE_COST = 205,  /* of a swap that shares an update */
    HOPE = 1400,      /* updates before a way may be given up for its pace */
    PATIENCE = 6,     /* swaps in a row, then the nearest pair is brought together whatever the cost */
};

typedef enum law { HARMONIC, SQUARE_ROOT, LINEAR, MIXED } law_t;

/** A way of choosing. */
typedef struct way {
    law_t law;
    int weight[BF_PULL_SETS]; /**< of a wire's sets, in 16ths */
    bool shallow;             /**< of two equally good operations take the one that can run first */
} way_t;

static const way_t ways[BF_ROUTE_FIELDS] = {
    {SQUARE_ROOT, {16, 13, 10}, false}, {LINEAR, {16, 13, 10}, false}, {SQUARE_ROOT, {16, 8, 4}, true},
    {HARMONIC, {16, 8, 4}, false},      {HARMONIC, {16, 8, 4}, true},  {MIXED, {16, 8, 4}, true},
};

typedef struct field {
    const bf_dag_t *dag;
    bf_line_t *line;
    bf_front_t front;
    const way_t *way;
    bf_pulls_t pulls;
    int32_t *costs; /**< of each site, of swaps; owned */
    size_t n_done;
} field_t;

/** Change of the potentials by a swap of (site, site + 1). */
static int32_t gain_of(const field_t *field, bf_site_t site)
{
    return (field->pulls.right[site] + field->pulls.left[site + 1]) / 16;
}

static bf_status_t swap(field_t *field, bf_site_t site)
{
    const bf_site_t *wire_at = field->line->wire_at;
    bf_pulls_swap(&field->pulls, wire_at[site], wire_at[site + 1], site);
    return bf_line_swap(field->line, site);
}

static void finish(field_t *field, uint32_t item)
{
    bf_front_done(&field->front, item);
    bf_pulls_done(&field->pulls, item);
    field->n_done++;
}

/** Place what is ready on one wire; what is ready on two is felt. */
static bf_status_t drain(field_t *field)
{
    bf_front_t *front = &field->front;
    while (front->n_ready > 0) {
        const uint32_t item = front->ready[--front->n_ready];
        if (field->line->fused->ops[item].wire[1] >= 0) {
            bf_pulls_ready(&field->pulls, item);
            continue;
        }
        BF_TRY(bf_line_place(field->line, item));
        finish(field, item);
    }
    return BF_OK;
}

/** Place an operation on (site, site + 1), and a swap at once if that helps what comes next. */
static bf_status_t place(field_t *field, bf_site_t site, uint32_t item)
{
    BF_TRY(bf_line_place(field->line, item));
    finish(field, item);
    BF_TRY(drain(field));
    if (field->pulls.meets[site] != BF_NO_ITEM) /* another one on the same sites shares the update first */
        return BF_OK;
    return bf_line_is_free(field->line, site) && gain_of(field, site) + FREE_COST < 0 ? swap(field, site) : BF_OK;
}

/** The best operation whose partners have met, by site, or -1. */
static bf_site_t best_meeting(const field_t *field)
{
    const bf_line_t *line = field->line;
    bf_site_t best = -1;
    int32_t best_gain = 0, best_depth = 0;
    for (bf_site_t word = 0; 64 * word < line->fused->n; word++)
        for (uint64_t met = field->pulls.met[word]; met; met &= met - 1) {
            const bf_site_t s = 64 * word + __builtin_ctzll(met);
            if (bf_line_is_free(line, s))
                return s;
            const int32_t swapped = gain_of(field, s) + FREE_COST, gain = swapped < 0 ? swapped : 0;
            const int32_t depth = line->depth[s] > line->depth[s + 1] ? line->depth[s] : line->depth[s + 1];
            if (best >= 0 && (gain > best_gain || (gain == best_gain && depth >= best_depth)))
                continue;
            field->line->outcome.next_is_same &= best < 0 || gain < best_gain;
            if (best >= 0 && gain == best_gain && !field->way->shallow)
                continue;
            best = s;
            best_gain = gain;
            best_depth = depth;
        }
    return best;
}

/** Distance of the nearest ready pair that a swap of (site, site + 1) brings nearer. */
static bf_site_t reach_of(const field_t *field, bf_site_t site)
{
    const bf_pulls_t *pulls = &field->pulls;
    const bf_site_t *wire_at = field->line->wire_at;
    const bf_site_t l = pulls->far_right[site] > 0 ? bf_pulls_reach(pulls, wire_at[site], true) : INT32_MAX;
    const bf_site_t r = pulls->far_left[site + 1] > 0 ? bf_pulls_reach(pulls, wire_at[site + 1], false) : INT32_MAX;
    return l < r ? l : r;
}

/** Costs of all swaps, INT32_MAX of those that bring no ready pair nearer. @return the least */
static int32_t cost_swaps(field_t *field)
{
    const bf_site_t last = field->line->fused->n - 1;
    const int32_t merge = -(int32_t)field->line->merge; /* conditions are masks, not branches: several sites at a time */
    const int32_t *right = field->pulls.right, *left = field->pulls.left + 1;
    const int32_t *far_right = field->pulls.far_right, *far_left = field->pulls.far_left + 1;
    const uint32_t *at = field->line->last_at, *next_at = at + 1;
    int32_t *restrict costs = field->costs;
    int32_t least = INT32_MAX;
    for (bf_site_t s = 0; s < last; s++) {
        const int32_t free = merge & -(at[s] == next_at[s]) & -(at[s] != BF_NO_ITEM); /* as bf_line_is_free() says */
        const int32_t useless = -(far_right[s] + far_left[s] == 0);
        const int32_t cost = (right[s] + left[s]) / 16 + SWAP_COST - (free & (SWAP_COST - FREE_COST));
        costs[s] = (cost & ~useless) | (INT32_MAX & useless);
        least = costs[s] < least ? costs[s] : least;
    }
    return least;
}

/** The best swap among those that bring some ready pair nearer; of equals the one for the nearest pair. */
static bf_site_t best_swap(field_t *field)
{
    const bf_site_t last = field->line->fused->n - 1;
    const int32_t least = cost_swaps(field);
    bf_site_t best = -1, best_reach = -1; /* -1: not known yet, it takes time */
    for (bf_site_t s = 0; s < last; s++) {
        if (field->costs[s] != least)
            continue;
        if (best < 0) {
            best = s;
            continue;
        }
        best_reach = best_reach < 0 ? reach_of(field, best) : best_reach;
        const bf_site_t reach = reach_of(field, s);
        if (reach < best_reach) {
            best = s;
            best_reach = reach;
        }
    }
    return best;
}

/** Bring the nearest ready pair together, each step by the better one of the two. */
static bf_status_t force_meeting(field_t *field)
{
    const bf_line_t *line = field->line;
    bf_site_t l = -1, reach = INT32_MAX;
    for (bf_site_t s = 0; s < line->fused->n; s++) {
        const bf_site_t own = field->pulls.far_right[s] > 0 ? bf_pulls_reach(&field->pulls, line->wire_at[s], true) : INT32_MAX;
        if (own < reach) {
            l = s;
            reach = own;
        }
    }
    for (bf_site_t r = l + reach; r > l + 1;) {
        const bool left = gain_of(field, l) <= gain_of(field, r - 1);
        BF_TRY(swap(field, left ? l : r - 1));
        l += left;
        r -= !left;
    }
    return BF_OK;
}

/** True when it goes much worse than another way went. */
static bool is_hopeless(const field_t *field)
{
    const size_t updates = field->line->routed->n_updates, par = field->line->par;
    return bf_line_is_lost(field->line) ||
           (par > 0 && updates > HOPE &&
            (double)updates * (double)field->line->fused->n_ops > 1.08 * (double)par * (double)field->n_done);
}

static bf_status_t run(field_t *field)
{
    const size_t n_ops = field->line->fused->n_ops;
    int waited = 0;
    BF_TRY(drain(field));
    while (field->n_done < n_ops) {
        field->line->outcome.gave_up = is_hopeless(field);
        if (field->line->outcome.gave_up)
            return BF_OK;
        const bf_site_t meeting = best_meeting(field);
        if (meeting >= 0) {
            BF_TRY(place(field, meeting, field->pulls.meets[meeting]));
            waited = 0;
        } else if (waited++ < PATIENCE) {
            BF_TRY(swap(field, best_swap(field)));
        } else {
            BF_TRY(force_meeting(field));
        }
    }
    return BF_OK;
}

static void fill_potential(const way_t *way, int32_t *potential, bf_site_t n)
{
    double harmonic = 0;
    for (bf_site_t d = 1; d <= n; d++) {
        const double by_law[] = {
            [HARMONIC] = 1.44 * harmonic, [SQUARE_ROOT] = sqrt((double)d), [LINEAR] = d, [MIXED] = 1.44 * harmonic + 0.05 * d};
        potential[d] = (int32_t)(UNIT * by_law[way->law]);
        harmonic += 1.0 / (d + 0.5); /* close to a logarithm, and exact everywhere */
    }
    potential[0] = potential[1]; /* neighbours that change places stay neighbours */
}

bf_status_t bf_route_field(const bf_dag_t *dag, bf_line_t *line, int way)
{
    field_t field = {.dag = dag, .line = line, .way = &ways[way]};
    line->outcome.next_is_same = way + 1 < BF_ROUTE_FIELDS && ways[way].law == ways[way + 1].law &&
                                 memcmp(ways[way].weight, ways[way + 1].weight, sizeof ways[way].weight) == 0;
    field.costs = malloc((size_t)line->fused->n * sizeof *field.costs);
    int32_t *potential = malloc(((size_t)line->fused->n + 1) * sizeof *potential);
    bf_status_t status = bf_front_open(dag, &field.front);
    if (!potential || !field.costs)
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", line->fused->n_ops);
    if (status >= 0) {
        fill_potential(field.way, potential, line->fused->n);
        status = bf_pulls_open(&field.front, field.way->weight, potential, &field.pulls);
    }
    if (status >= 0)
        status = run(&field);
    bf_pulls_close(&field.pulls);
    bf_front_close(&field.front);
    free(potential);
    free(field.costs);
    return status;
}
