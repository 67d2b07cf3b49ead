/* Pair by pair in the user's order, with a look ahead along the wires that a pair's meeting moves. No one way of looking ahead
 * suits all circuits: a short one scrambles a ring, a long one wastes swaps on random pairs. */
#include "runtime/circuit/route_line.h"

#include <stdlib.h>

/* Costs beside the weights below: an update of its own for a swap, and a swap that becomes part of a gate. */
enum { SWAP_COST = 16, FUSED_SWAP_COST = 2 };

enum { AHEAD_MAX = 16 };

/** How far to look ahead, and what one site of distance costs at a wire's next, second next, ... operation. */
typedef struct foresight {
    int depth;
    int weight[AHEAD_MAX];
} foresight_t;

static const foresight_t foresights[BF_ROUTE_WALKS] = {
    {4, {12, 6, 3, 1}},
    {6, {12, 9, 7, 5, 4, 3}},
    {16, {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}},
};

typedef struct walker {
    bf_line_t *line;
    const foresight_t *foresight;
    bf_site_t *partners; /**< of all two-wire operations of all wires: one wire after the other, in the user's order */
    size_t *next;        /**< of each wire: the partner of its next operation */
    size_t *end;         /**< of each wire: past that of its last one */
} walker_t;

/** Where and how a pair meets: the left wire walks @c steps to the right, the right wire the rest. */
typedef struct meeting {
    bf_site_t steps;
    bool swap_after;
    int64_t cost;
} meeting_t;

/** Weighted distances of wire @p w to the partners of its next operations. */
static int64_t distance_ahead(const walker_t *walker, bf_site_t w)
{
    const bf_site_t *site = walker->line->site, *partners = &walker->partners[walker->next[w]];
    const size_t left = walker->end[w] - walker->next[w];
    const int *weight = walker->foresight->weight;
    const int depth = left < (size_t)walker->foresight->depth ? (int)left : walker->foresight->depth;
    const bf_site_t own = site[w];
    int64_t sum = 0;
    for (int i = 0; i < depth; i++)
        sum += (int64_t)weight[i] * abs(own - site[partners[i]]);
    return sum;
}

/** Compare the pair at (m, m + 1) with left wire @p l and right wire @p r in either order; keep the better in *best.
 *  @param straight  their distances ahead as they are */
static void consider(walker_t *walker, bf_site_t steps, bf_site_t l, bf_site_t r, int64_t straight, int64_t cost, meeting_t *best)
{
    walker->line->site[l]++;
    walker->line->site[r]--;
    const int64_t exchanged = distance_ahead(walker, l) + distance_ahead(walker, r) - straight + FUSED_SWAP_COST;
    walker->line->site[l]--;
    walker->line->site[r]++;
    if (cost < best->cost)
        *best = (meeting_t){steps, false, cost};
    if (exchanged < 0 && cost + exchanged < best->cost)
        *best = (meeting_t){steps, true, cost + exchanged};
}

/** Updates that bringing the pair together takes when the left wire walks @p steps of @p distance - 1. Only the first swap of
 * each walk can be free: later ones meet a swap just made on one side. */
static int64_t swaps_needed(const walker_t *walker, bf_site_t l_site, bf_site_t r_site, bf_site_t steps)
{
    const bf_site_t all = r_site - l_site - 1;
    return all - (steps > 0 && bf_line_is_free(walker->line, l_site)) -
           (steps < all && bf_line_is_free(walker->line, r_site - 1));
}

/** Try every meeting point. Positions are changed step by step, so each costs a look at three wires; they are restored at the
 * end. */
static meeting_t choose_meeting(walker_t *walker, bf_site_t l, bf_site_t r)
{
    bf_site_t *site = walker->line->site;
    const bf_site_t l_site = site[l], r_site = site[r], all = r_site - l_site - 1;
    meeting_t best = {.cost = INT64_MAX};
    for (bf_site_t s = l_site + 1; s < r_site; s++)
        site[walker->line->wire_at[s]] = s + 1;
    site[r] = l_site + 1;
    int64_t ahead = 0; /* relative to zero steps */
    int64_t pair = distance_ahead(walker, l) + distance_ahead(walker, r);
    for (bf_site_t steps = 0;; steps++) {
        consider(walker, steps, l, r, pair, SWAP_COST * swaps_needed(walker, l_site, r_site, steps) + ahead, &best);
        if (steps == all)
            break;
        const bf_site_t passed = walker->line->wire_at[l_site + 1 + steps];
        ahead -= pair + distance_ahead(walker, passed);
        site[l]++;
        site[r]++;
        site[passed] -= 2;
        pair = distance_ahead(walker, l) + distance_ahead(walker, r);
        ahead += pair + distance_ahead(walker, passed);
    }
    for (bf_site_t s = l_site; s <= r_site; s++)
        site[walker->line->wire_at[s]] = s;
    return best;
}

static bf_status_t route_op(walker_t *walker, uint32_t index)
{
    bf_line_t *line = walker->line;
    const bf_fused_op_t *op = &line->fused->ops[index];
    if (op->wire[1] < 0)
        return bf_line_place(line, index);
    for (int side = 0; side < 2; side++)
        walker->next[op->wire[side]]++;
    const bool flipped = line->site[op->wire[0]] > line->site[op->wire[1]];
    const bf_site_t l = op->wire[flipped], r = op->wire[!flipped];
    const meeting_t meeting = choose_meeting(walker, l, r);
    for (bf_site_t step = 0; step < meeting.steps; step++)
        BF_TRY(bf_line_swap(line, line->site[l]));
    while (line->site[r] > line->site[l] + 1)
        BF_TRY(bf_line_swap(line, line->site[r] - 1));
    BF_TRY(bf_line_place(line, index));
    return meeting.swap_after && bf_line_is_free(line, line->site[l]) ? bf_line_swap(line, line->site[l]) : BF_OK;
}

static void list_partners(walker_t *walker)
{
    const bf_fused_t *fused = walker->line->fused;
    for (size_t i = 0; i < fused->n_ops; i++)
        for (int side = 0; side < 2 && fused->ops[i].wire[1] >= 0; side++)
            walker->end[fused->ops[i].wire[side]]++;
    size_t from = 0;
    for (bf_site_t w = 0; w < fused->n; w++) {
        walker->next[w] = from;
        from += walker->end[w];
        walker->end[w] = walker->next[w];
    }
    for (size_t i = 0; i < fused->n_ops; i++)
        for (int side = 0; side < 2 && fused->ops[i].wire[1] >= 0; side++)
            walker->partners[walker->end[fused->ops[i].wire[side]]++] = fused->ops[i].wire[!side];
}

bf_status_t bf_route_walk(bf_line_t *line, int way)
{
    const bf_fused_t *fused = line->fused;
    const size_t n = (size_t)fused->n;
    walker_t walker = {.line = line,
                       .foresight = &foresights[way],
                       .partners = malloc((2 * fused->n_ops + 1) * sizeof *walker.partners),
                       .next = malloc(n * sizeof *walker.next),
                       .end = calloc(n, sizeof *walker.end)};
    bf_status_t status = BF_OK;
    if (walker.partners && walker.next && walker.end)
        list_partners(&walker);
    else
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", fused->n_ops);
    for (size_t i = 0; i < fused->n_ops && status >= 0 && !line->outcome.gave_up; i++) {
        status = route_op(&walker, (uint32_t)i);
        line->outcome.gave_up = bf_line_is_lost(line);
    }
    free(walker.partners);
    free(walker.next);
    free(walker.end);
    return status;
}

bf_status_t bf_route_back(bf_line_t *line)
{
    for (uint32_t i = 0; i < line->fused->n_ops; i++) {
        const bf_site_t *wire = line->fused->ops[i].wire;
        if (wire[1] < 0) {
            BF_TRY(bf_line_place(line, i));
            continue;
        }
        const bf_site_t *site = line->site;
        const bool flipped = site[wire[0]] > site[wire[1]];
        const bf_site_t l = site[wire[flipped]], r = site[wire[!flipped]];
        for (bf_site_t s = l; s + 1 < r; s++)
            BF_TRY(bf_line_swap(line, s));
        BF_TRY(bf_line_place(line, i));
        for (bf_site_t s = r - 1; s > l; s--)
            BF_TRY(bf_line_swap(line, s - 1));
    }
    return BF_OK;
}
