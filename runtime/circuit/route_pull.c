/* An operation that either of its wires sees is a tie of both, so a step of a wire is one walk over its ties, in which it
 * corrects what it feels itself and what its partners feel of it. */
#include "runtime/circuit/route_pull.h"

#include <stdlib.h>

enum { MEMBERS_AHEAD = 24 /* operations seen in a set, of those that are not ready */ };

static int side_of(const bf_pulls_t *pulls, uint32_t item, bf_site_t w)
{
    return pulls->dag->fused->ops[item].wire[1] == w;
}

static bool is_pair(const bf_pulls_t *pulls, uint32_t item)
{
    return pulls->dag->fused->ops[item].wire[1] >= 0;
}

static bf_tie_t *tie_of(const bf_pulls_t *pulls, uint32_t item, int side)
{
    return &pulls->ties[pulls->begin[pulls->dag->fused->ops[item].wire[side]] + pulls->at[item][side]];
}

/** Where the other wire of @p item is, seen from the one on @p side. */
static bf_site_t away_of(const bf_pulls_t *pulls, uint32_t item, int side)
{
    const bf_site_t *wire = pulls->dag->fused->ops[item].wire;
    return pulls->site[wire[!side]] - pulls->site[wire[side]];
}

static void set_meeting(bf_pulls_t *pulls, bf_site_t site, uint32_t item)
{
    const uint64_t bit = 1ULL << site % 64;
    pulls->met[site / 64] = item != BF_NO_ITEM ? pulls->met[site / 64] | bit : pulls->met[site / 64] & ~bit;
    pulls->meets[site] = item;
}

/* Ties. */

static void add_tie(bf_pulls_t *pulls, uint32_t item)
{
    const bf_site_t *wire = pulls->dag->fused->ops[item].wire;
    for (int side = 0; side < 2; side++) {
        pulls->at[item][side] = pulls->count[wire[side]]++;
        *tie_of(pulls, item, side) = (bf_tie_t){.item = item, .partner = wire[!side]};
    }
    pulls->tied[item] = true;
}

static void remove_tie(bf_pulls_t *pulls, uint32_t item)
{
    const bf_site_t *wire = pulls->dag->fused->ops[item].wire;
    for (int side = 0; side < 2; side++) {
        const bf_site_t w = wire[side];
        const bf_tie_t last = pulls->ties[pulls->begin[w] + --pulls->count[w]];
        *tie_of(pulls, item, side) = last;
        pulls->at[last.item][side_of(pulls, last.item, w)] = pulls->at[item][side];
    }
    pulls->tied[item] = false;
}

/** Let the wire on @p side see @p item with @p weight, 0: no more. */
static void see(bf_pulls_t *pulls, uint32_t item, int side, int weight)
{
    if (!pulls->tied[item])
        add_tie(pulls, item);
    bf_tie_t *own = tie_of(pulls, item, side), *other = tie_of(pulls, item, !side);
    const bf_pull_t felt = pulls->table[away_of(pulls, item, side)];
    const bf_site_t site = pulls->site[other->partner];
    pulls->left[site] += (weight - own->weight) * felt.left;
    pulls->right[site] += (weight - own->weight) * felt.right;
    own->weight = other->back = (int16_t)weight;
    if (weight == 0 && own->back == 0)
        remove_tie(pulls, item);
}

/** See what is not ready of the nearest set, as far as the wire looks. */
static void look_ahead(bf_pulls_t *pulls, bf_site_t w)
{
    while (pulls->waiting[w] < MEMBERS_AHEAD && pulls->edge[w] != BF_NO_ITEM) {
        const uint32_t item = pulls->edge[w];
        const int side = side_of(pulls, item, w);
        pulls->edge[w] = pulls->dag->next[item][side];
        if (!is_pair(pulls, item) || pulls->front->missing[item] == BF_FRONT_DONE)
            continue;
        if (pulls->tied[item] && tie_of(pulls, item, side)->ready)
            continue;
        see(pulls, item, side, pulls->weights[0]);
        pulls->waiting[w]++;
    }
}

/** The first set from @p set on with operations on two wires. */
static uint32_t next_set(const bf_pulls_t *pulls, uint32_t set)
{
    while (set != BF_NO_SET && pulls->dag->sets[set].pairs == 0)
        set = pulls->dag->sets[set].next;
    return set;
}

/** Forget what wire @p w sees, and look at the sets that come now. */
static void look_again(bf_pulls_t *pulls, bf_site_t w)
{
    const bf_dag_t *dag = pulls->dag;
    for (uint32_t i = pulls->count[w]; i-- > 0;) {
        const uint32_t item = pulls->ties[pulls->begin[w] + i].item;
        see(pulls, item, side_of(pulls, item, w), 0);
    }
    uint32_t set = pulls->nearest[w] = next_set(pulls, pulls->front->current[w]);
    pulls->waiting[w] = 0;
    pulls->edge[w] = set == BF_NO_SET ? BF_NO_ITEM : dag->sets[set].first;
    look_ahead(pulls, w);
    for (int level = 1; level < BF_PULL_SETS && set != BF_NO_SET; level++) {
        set = next_set(pulls, dag->sets[set].next);
        int seen = 0;
        for (uint32_t i = set == BF_NO_SET ? BF_NO_ITEM : dag->sets[set].first; i != BF_NO_ITEM && seen < MEMBERS_AHEAD;) {
            const int side = side_of(pulls, i, w);
            if (is_pair(pulls, i)) {
                see(pulls, i, side, pulls->weights[level]);
                seen++;
            }
            i = dag->next[i][side];
        }
    }
}

void bf_pulls_ready(bf_pulls_t *pulls, uint32_t item)
{
    const bf_site_t *wire = pulls->dag->fused->ops[item].wire;
    for (int side = 0; side < 2; side++) {
        if (pulls->tied[item] && tie_of(pulls, item, side)->weight != 0)
            pulls->waiting[wire[side]]--;
        else
            see(pulls, item, side, pulls->weights[0]);
    }
    for (int side = 0; side < 2; side++) {
        const bf_site_t site = pulls->site[wire[side]], away = away_of(pulls, item, side);
        tie_of(pulls, item, side)->ready = true;
        pulls->far_left[site] += away < -1;
        pulls->far_right[site] += away > 1;
        if (away == 1)
            set_meeting(pulls, site, item);
    }
    for (int side = 0; side < 2; side++)
        look_ahead(pulls, wire[side]);
}

/** Another ready operation of two neighbours, or BF_NO_ITEM. */
static uint32_t find_meeting(const bf_pulls_t *pulls, bf_site_t w, bf_site_t partner)
{
    const bf_tie_t *ties = &pulls->ties[pulls->begin[w]];
    for (uint32_t i = 0; i < pulls->count[w]; i++)
        if (ties[i].partner == partner && ties[i].ready)
            return ties[i].item;
    return BF_NO_ITEM;
}

void bf_pulls_done(bf_pulls_t *pulls, uint32_t item)
{
    const bf_site_t *wire = pulls->dag->fused->ops[item].wire;
    if (wire[1] >= 0) {
        const bf_site_t left = pulls->site[wire[away_of(pulls, item, 0) < 0]];
        for (int side = 0; side < 2; side++)
            see(pulls, item, side, 0);
        if (pulls->meets[left] == item)
            set_meeting(pulls, left, find_meeting(pulls, wire[0], wire[1]));
    }
    for (int side = 0; side < 2 && wire[side] >= 0; side++)
        if (next_set(pulls, pulls->front->current[wire[side]]) != pulls->nearest[wire[side]])
            look_again(pulls, wire[side]);
}

bf_site_t bf_pulls_reach(const bf_pulls_t *pulls, bf_site_t w, bool right)
{
    const bf_tie_t *ties = &pulls->ties[pulls->begin[w]];
    bf_site_t reach = INT32_MAX;
    for (uint32_t i = 0; i < pulls->count[w] && reach > 2; i++) {
        const bf_site_t away = pulls->site[ties[i].partner] - pulls->site[w], distance = right ? away : -away;
        if (ties[i].ready && distance > 1 && distance < reach)
            reach = distance;
    }
    return reach;
}

/* Steps. */

/** What a wire takes along. */
typedef struct baggage {
    int32_t left, right, far_left, far_right;
} baggage_t;

static baggage_t pick_up(const bf_pulls_t *pulls, bf_site_t site)
{
    return (baggage_t){pulls->left[site], pulls->right[site], pulls->far_left[site], pulls->far_right[site]};
}

static void put_down(bf_pulls_t *pulls, bf_site_t w, bf_site_t site, const baggage_t *baggage)
{
    pulls->site[w] = site;
    pulls->left[site] = baggage->left;
    pulls->right[site] = baggage->right;
    pulls->far_left[site] = baggage->far_left;
    pulls->far_right[site] = baggage->far_right;
}

/** Count a ready operation of the wire and the one on @p site, which have ceased to be neighbours or, with @p sign -1, become
 *  such. @param right  @p site is on the right */
static void count_far(bf_pulls_t *pulls, baggage_t *own, bf_site_t site, bool right, int sign)
{
    *(right ? &own->far_right : &own->far_left) += sign;
    (right ? pulls->far_left : pulls->far_right)[site] += sign;
}

/** Wire @p w steps from site @p from to the next one on its right or left. */
static void step(bf_pulls_t *pulls, bf_site_t w, bf_site_t from, bool right, baggage_t *baggage)
{
    const bf_tie_t *ties = &pulls->ties[pulls->begin[w]];
    const uint32_t count = pulls->count[w];
    const int sign = right ? 1 : -1;
    const bf_pull_t *change = pulls->change + (right ? 0 : 1); /* a step back takes the change back */
    bf_pull_t own = {0, 0};
    for (uint32_t i = 0; i < count; i++) {
        const bf_site_t at = pulls->site[ties[i].partner], away = at - from;
        const bf_pull_t by = {sign * change[away].left, sign * change[away].right};
        own.left += ties[i].weight * by.left;
        own.right += ties[i].weight * by.right;
        pulls->left[at] += ties[i].back * by.right; /* the partner sees the mirror image */
        pulls->right[at] += ties[i].back * by.left;
        if (!ties[i].ready || away < -2 || away > 2)
            continue;
        if (away == 2 * sign) {
            count_far(pulls, baggage, at, right, -1);
            set_meeting(pulls, right ? at - 1 : at, ties[i].item);
        } else if (away == -sign) {
            count_far(pulls, baggage, at, !right, 1);
        } else if (away == sign) {
            set_meeting(pulls, from, ties[i].item); /* the two change places, and this is the left one */
        }
    }
    baggage->left += own.left;
    baggage->right += own.right;
}

void bf_pulls_swap(bf_pulls_t *pulls, bf_site_t l, bf_site_t r, bf_site_t site)
{
    const bf_site_t n = pulls->dag->fused->n;
    for (bf_site_t s = site > 0 ? site - 1 : 0; s <= site + 1 && s < n; s++)
        set_meeting(pulls, s, BF_NO_ITEM);
    baggage_t of_l = pick_up(pulls, site);
    step(pulls, l, site, true, &of_l);
    baggage_t of_r = pick_up(pulls, site + 1);
    put_down(pulls, l, site + 1, &of_l); /* for a moment both are there */
    step(pulls, r, site + 1, false, &of_r);
    put_down(pulls, r, site, &of_r);
}

/* Memory. */

static void fill_tables(bf_pulls_t *pulls, const int32_t *potential)
{
    const bf_site_t n = pulls->dag->fused->n;
    for (bf_site_t d = 1; d < n; d++) {
        const int32_t nearer = potential[d - 1] - potential[d], farther = potential[d + 1] - potential[d];
        pulls->table[d] = (bf_pull_t){.left = farther, .right = nearer};
        pulls->table[-d] = (bf_pull_t){.left = nearer, .right = farther};
    }
    for (bf_site_t d = 2 - n; d < n; d++)
        pulls->change[d] =
            (bf_pull_t){pulls->table[d - 1].left - pulls->table[d].left, pulls->table[d - 1].right - pulls->table[d].right};
}

static void start_wires(bf_pulls_t *pulls)
{
    const bf_fused_t *fused = pulls->dag->fused;
    for (size_t i = 0; i < fused->n_ops; i++)
        for (int side = 0; side < 2 && fused->ops[i].wire[1] >= 0; side++)
            pulls->begin[fused->ops[i].wire[side] + 1]++;
    for (bf_site_t w = 0; w < fused->n; w++) {
        pulls->begin[w + 1] += pulls->begin[w];
        pulls->site[w] = w;
        pulls->meets[w] = BF_NO_ITEM;
    }
    for (bf_site_t w = 0; w < fused->n; w++)
        look_again(pulls, w);
}

bf_status_t bf_pulls_open(const bf_front_t *front, const int *weights, const int32_t *potential, bf_pulls_t *pulls)
{
    const bf_fused_t *fused = front->dag->fused;
    const size_t n = (size_t)fused->n, room = 2 * n + 1;
    *pulls = (bf_pulls_t){.dag = front->dag,
                          .front = front,
                          .weights = weights,
                          .site = malloc(n * sizeof *pulls->site),
                          .left = calloc(n, sizeof *pulls->left),
                          .right = calloc(n, sizeof *pulls->right),
                          .far_left = calloc(n, sizeof *pulls->far_left),
                          .far_right = calloc(n, sizeof *pulls->far_right),
                          .meets = malloc(n * sizeof *pulls->meets),
                          .met = calloc(n / 64 + 1, sizeof *pulls->met),
                          .tables = calloc(2 * room, sizeof *pulls->tables),
                          .ties = malloc((2 * fused->n_ops + 1) * sizeof *pulls->ties),
                          .begin = calloc(n + 1, sizeof *pulls->begin),
                          .count = calloc(n, sizeof *pulls->count),
                          .at = malloc((fused->n_ops + 1) * sizeof *pulls->at),
                          .tied = calloc(fused->n_ops + 1, sizeof *pulls->tied),
                          .nearest = malloc(n * sizeof *pulls->nearest),
                          .edge = malloc(n * sizeof *pulls->edge),
                          .waiting = malloc(n * sizeof *pulls->waiting)};
    if (!pulls->site || !pulls->left || !pulls->right || !pulls->far_left || !pulls->far_right || !pulls->meets || !pulls->met ||
        !pulls->tables || !pulls->ties || !pulls->begin || !pulls->count || !pulls->at || !pulls->tied || !pulls->nearest ||
        !pulls->edge || !pulls->waiting)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", fused->n_ops);
    pulls->table = pulls->tables + n;
    pulls->change = pulls->table + room;
    fill_tables(pulls, potential);
    start_wires(pulls);
    return BF_OK;
}

void bf_pulls_close(bf_pulls_t *pulls)
{
    free(pulls->site);
    free(pulls->left);
    free(pulls->right);
    free(pulls->far_left);
    free(pulls->far_right);
    free(pulls->meets);
    free(pulls->met);
    free(pulls->tables);
    free(pulls->ties);
    free(pulls->begin);
    free(pulls->count);
    free(pulls->at);
    free(pulls->tied);
    free(pulls->nearest);
    free(pulls->edge);
    free(pulls->waiting);
    *pulls = (bf_pulls_t){0};
}
