/* Routing on a line, gate by gate in the user's order, with a look ahead along the wires it moves. No one way of looking ahead
 * suits all circuits (a short one scrambles a ring, a long one wastes swaps on random pairs), so a few are tried and the cheapest
 * is kept. */
#include "runtime/circuit/route.h"

#include <limits.h>
#include <stdlib.h>

#define NONE UINT32_MAX

/* Costs beside the weights below: an update of its own for a swap, and a swap that becomes part of a gate. */
enum { SWAP_COST = 16, FUSED_SWAP_COST = 2 };

enum { AHEAD_MAX = 16 };

/** How far to look ahead, and what one site of distance costs at a wire's next, second next, ... operation. */
typedef struct foresight {
    int depth;
    int weight[AHEAD_MAX];
} foresight_t;

static const foresight_t foresights[] = {
    {4, {12, 6, 3, 1}},
    {6, {12, 9, 7, 5, 4, 3}},
    {16, {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}},
};
enum { FORESIGHTS = sizeof foresights / sizeof foresights[0] };

/* A program this long is not routed again: looking for a better one would take seconds. */
enum { LONG_PROGRAM = 2000000 };

typedef struct router {
    const bf_fused_t *fused;
    const foresight_t *foresight;
    bf_routed_t *routed;
    bf_site_t *site;     /**< of each wire (routed->site_of_wire) */
    bf_site_t *wire_at;  /**< of each site */
    uint32_t *last_at;   /**< of each site: the last operation there, or NONE */
    uint32_t *head;      /**< of each wire: its next two-wire operation in fused->ops, or NONE */
    uint32_t (*next)[2]; /**< of each operation and side: the wire's two-wire operation after it, or NONE */
} router_t;

/** Where and how a pair meets: the left wire walks @c steps to the right, the right wire the rest. */
typedef struct meeting {
    bf_site_t steps;
    bool swap_after;
    int64_t cost;
} meeting_t;

/** Weighted distances of wire @p w to the partners of its next operations. */
static int64_t distance_ahead(const router_t *router, bf_site_t w)
{
    int64_t sum = 0;
    uint32_t at = router->head[w];
    for (int i = 0; i < router->foresight->depth && at != NONE; i++) {
        const bf_fused_op_t *op = &router->fused->ops[at];
        const int side = op->wire[1] == w;
        sum += (int64_t)router->foresight->weight[i] * abs(router->site[w] - router->site[op->wire[!side]]);
        at = router->next[at][side];
    }
    return sum;
}

/** True when a swap of (site, site + 1) becomes part of the last operation there. */
static bool swap_is_free(const router_t *router, bf_site_t site)
{
    const uint32_t last = router->last_at[site];
    if (last == NONE || last != router->last_at[site + 1])
        return false;
    const uint32_t op = router->routed->ops[last].op;
    return op == BF_ROUTED_SWAP || !bf_fused_is_dynamic(&router->fused->ops[op]);
}

/** Compare the pair at (m, m + 1) with left wire @p l and right wire @p r in either order; keep the better in *best. */
static void consider(router_t *router, bf_site_t steps, bf_site_t l, bf_site_t r, int64_t cost, meeting_t *best)
{
    const int64_t straight = distance_ahead(router, l) + distance_ahead(router, r);
    router->site[l]++;
    router->site[r]--;
    const int64_t exchanged = distance_ahead(router, l) + distance_ahead(router, r) - straight + FUSED_SWAP_COST;
    router->site[l]--;
    router->site[r]++;
    if (cost < best->cost)
        *best = (meeting_t){steps, false, cost};
    if (exchanged < 0 && cost + exchanged < best->cost)
        *best = (meeting_t){steps, true, cost + exchanged};
}

/** Updates that bringing the pair together takes when the left wire walks @p steps of @p distance - 1. Only the first swap of
 * each walk can be free: later ones meet a swap just made on one side. */
static int64_t swaps_needed(const router_t *router, bf_site_t l_site, bf_site_t r_site, bf_site_t steps)
{
    const bf_site_t all = r_site - l_site - 1;
    return all - (steps > 0 && swap_is_free(router, l_site)) - (steps < all && swap_is_free(router, r_site - 1));
}

/** Try every meeting point. Positions are changed step by step, so each costs a look at three wires; they are restored at the
 * end. */
static meeting_t choose_meeting(router_t *router, bf_site_t l, bf_site_t r)
{
    bf_site_t *site = router->site;
    const bf_site_t l_site = site[l], r_site = site[r], all = r_site - l_site - 1;
    meeting_t best = {.cost = INT64_MAX};
    for (bf_site_t s = l_site + 1; s < r_site; s++)
        site[router->wire_at[s]] = s + 1;
    site[r] = l_site + 1;
    int64_t ahead = 0; /* relative to zero steps */
    for (bf_site_t steps = 0;; steps++) {
        consider(router, steps, l, r, SWAP_COST * swaps_needed(router, l_site, r_site, steps) + ahead, &best);
        if (steps == all)
            break;
        const bf_site_t passed = router->wire_at[l_site + 1 + steps];
        ahead -= distance_ahead(router, l) + distance_ahead(router, r) + distance_ahead(router, passed);
        site[l]++;
        site[r]++;
        site[passed] -= 2;
        ahead += distance_ahead(router, l) + distance_ahead(router, r) + distance_ahead(router, passed);
    }
    for (bf_site_t s = l_site; s <= r_site; s++)
        site[router->wire_at[s]] = s;
    return best;
}

static bf_status_t push(router_t *router, bf_routed_op_t op)
{
    bf_routed_t *routed = router->routed;
    if (routed->n_ops == routed->room) {
        const size_t room = routed->room ? 2 * routed->room : 64;
        bf_routed_op_t *ops = realloc(routed->ops, room * sizeof *ops);
        if (!ops)
            return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu operations", room);
        routed->ops = ops;
        routed->room = room;
    }
    if (routed->n_ops >= INT32_MAX)
        return bf_error_set(BF_ERR_TOO_LARGE, "the circuit needs more than %d operations on neighbouring sites", INT32_MAX);
    router->last_at[op.site] = (uint32_t)routed->n_ops;
    if (op.op == BF_ROUTED_SWAP || router->fused->ops[op.op].wire[1] >= 0)
        router->last_at[op.site + 1] = (uint32_t)routed->n_ops;
    routed->ops[routed->n_ops++] = op;
    return BF_OK;
}

static void exchange_wires(router_t *router, bf_site_t site)
{
    const bf_site_t left = router->wire_at[site], right = router->wire_at[site + 1];
    router->wire_at[site] = right;
    router->wire_at[site + 1] = left;
    router->site[left] = site + 1;
    router->site[right] = site;
}

static bf_status_t swap_sites(router_t *router, bf_site_t site)
{
    exchange_wires(router, site);
    if (!swap_is_free(router, site))
        return push(router, (bf_routed_op_t){site, BF_ROUTED_SWAP, BF_FORM_SWAP_AFTER});
    bf_routed_op_t *last = &router->routed->ops[router->last_at[site]];
    last->form ^= BF_FORM_SWAP_AFTER;
    if (last->op == BF_ROUTED_SWAP) /* a swap undone: an identity, to be left out */
        router->last_at[site] = router->last_at[site + 1] = NONE;
    return BF_OK;
}

static bf_status_t route_op(router_t *router, uint32_t index)
{
    const bf_fused_op_t *op = &router->fused->ops[index];
    if (op->wire[1] < 0)
        return push(router, (bf_routed_op_t){router->site[op->wire[0]], index, 0});
    for (int side = 0; side < 2; side++)
        router->head[op->wire[side]] = router->next[index][side];
    const bool flipped = router->site[op->wire[0]] > router->site[op->wire[1]];
    const bf_site_t l = op->wire[flipped], r = op->wire[!flipped];
    const meeting_t meeting = choose_meeting(router, l, r);
    for (bf_site_t step = 0; step < meeting.steps; step++)
        BF_TRY(swap_sites(router, router->site[l]));
    while (router->site[r] > router->site[l] + 1)
        BF_TRY(swap_sites(router, router->site[r] - 1));
    const bf_site_t site = router->site[l];
    const bool swap_after = meeting.swap_after && !bf_fused_is_dynamic(op);
    if (swap_after)
        exchange_wires(router, site);
    const uint32_t form = (flipped ? BF_FORM_FLIPPED : 0U) | (swap_after ? BF_FORM_SWAP_AFTER : 0U);
    return push(router, (bf_routed_op_t){site, index, form});
}

/** Chain the operations of every wire, from the last one back. */
static void link_wires(router_t *router)
{
    for (size_t i = router->fused->n_ops; i-- > 0;) {
        const bf_fused_op_t *op = &router->fused->ops[i];
        for (int side = 0; side < 2 && op->wire[1] >= 0; side++) {
            router->next[i][side] = router->head[op->wire[side]];
            router->head[op->wire[side]] = (uint32_t)i;
        }
    }
}

static void drop_identities(bf_routed_t *routed)
{
    size_t kept = 0;
    for (size_t i = 0; i < routed->n_ops; i++)
        if (routed->ops[i].op != BF_ROUTED_SWAP || routed->ops[i].form != 0)
            routed->ops[kept++] = routed->ops[i];
    routed->n_ops = kept;
}

/** Route once, with the router's foresight. */
static bf_status_t route_all(router_t *router)
{
    const bf_fused_t *fused = router->fused;
    for (bf_site_t w = 0; w < fused->n; w++) {
        router->site[w] = router->wire_at[w] = w;
        router->last_at[w] = router->head[w] = NONE;
    }
    link_wires(router);
    for (size_t i = 0; i < fused->n_ops; i++)
        BF_TRY(route_op(router, (uint32_t)i));
    drop_identities(router->routed);
    return BF_OK;
}

static bf_status_t attempt(const bf_fused_t *fused, const foresight_t *foresight, bf_routed_t *routed)
{
    const size_t n = (size_t)fused->n;
    *routed = (bf_routed_t){.site_of_wire = malloc(n * sizeof *routed->site_of_wire)};
    router_t router = {.fused = fused,
                       .foresight = foresight,
                       .routed = routed,
                       .site = routed->site_of_wire,
                       .wire_at = malloc(n * sizeof *router.wire_at),
                       .last_at = malloc(n * sizeof *router.last_at),
                       .head = malloc(n * sizeof *router.head),
                       .next = malloc((fused->n_ops + 1) * sizeof *router.next)};
    const bool enough = router.site && router.wire_at && router.last_at && router.head && router.next;
    const bf_status_t status =
        enough ? route_all(&router) : bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", fused->n_ops);
    free(router.wire_at);
    free(router.last_at);
    free(router.head);
    free(router.next);
    return status;
}

bf_status_t bf_route(const bf_fused_t *fused, bf_routed_t *routed)
{
    bf_routed_t tries[FORESIGHTS] = {{0}};
    bf_status_t status = BF_OK;
    int best = 0;
    for (int i = 0; i < FORESIGHTS && status >= 0; i++) {
        status = attempt(fused, &foresights[i], &tries[i]);
        if (tries[i].n_ops < tries[best].n_ops)
            best = i;
        if (tries[best].n_ops <= fused->n_ops || tries[best].n_ops > LONG_PROGRAM)
            break;
    }
    *routed = tries[best];
    for (int i = 0; i < FORESIGHTS; i++)
        if (i != best)
            bf_routed_clear(&tries[i]);
    return status;
}

void bf_routed_clear(bf_routed_t *routed)
{
    free(routed->ops);
    free(routed->site_of_wire);
    *routed = (bf_routed_t){0};
}
