/* Placing operations. */
#include "runtime/circuit/route_line.h"

#include <stdlib.h>

bf_status_t bf_line_open(const bf_fused_t *fused, bool merge, bf_routed_t *routed, bf_line_t *line)
{
    const size_t n = (size_t)fused->n;
    *routed = (bf_routed_t){.site_of_wire = malloc(n * sizeof *routed->site_of_wire)};
    *line = (bf_line_t){.fused = fused,
                        .routed = routed,
                        .merge = merge,
                        .site = routed->site_of_wire,
                        .wire_at = malloc(n * sizeof *line->wire_at),
                        .last_at = malloc(n * sizeof *line->last_at),
                        .depth = calloc(n, sizeof *line->depth)};
    if (!line->site || !line->wire_at || !line->last_at || !line->depth)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", fused->n_ops);
    for (bf_site_t s = 0; s < fused->n; s++) {
        line->site[s] = line->wire_at[s] = s;
        line->last_at[s] = BF_NO_ITEM;
    }
    return BF_OK;
}

void bf_line_close(bf_line_t *line)
{
    free(line->wire_at);
    free(line->last_at);
    free(line->depth);
    *line = (bf_line_t){0};
}

static bf_status_t push(bf_routed_t *routed, bf_routed_op_t op)
{
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
    routed->ops[routed->n_ops++] = op;
    return BF_OK;
}

/** Place something on (site, site + 1). @param alone  nothing may share its update */
static bf_status_t place2(bf_line_t *line, bf_site_t site, uint32_t op, bool flipped, bool alone)
{
    bf_routed_t *routed = line->routed;
    uint32_t update = line->last_at[site];
    if (alone || !bf_line_is_free(line, site)) {
        update = (uint32_t)++routed->n_updates;
        const int32_t *depth = &line->depth[site];
        line->depth[site] = line->depth[site + 1] = 1 + (depth[0] > depth[1] ? depth[0] : depth[1]);
    }
    line->last_at[site] = update;
    line->last_at[site + 1] = alone ? BF_NO_ITEM : update;
    return push(routed, (bf_routed_op_t){site, op, update, flipped});
}

bf_status_t bf_line_place(bf_line_t *line, uint32_t item)
{
    const bf_fused_op_t *op = &line->fused->ops[item];
    const bf_site_t first = line->site[op->wire[0]];
    const bool dynamic = bf_fused_is_dynamic(op);
    if (op->wire[1] < 0) {
        if (dynamic)
            line->last_at[first] = BF_NO_ITEM;
        return push(line->routed, (bf_routed_op_t){first, item, 0, false});
    }
    const bf_site_t second = line->site[op->wire[1]];
    return place2(line, first < second ? first : second, item, first > second, dynamic);
}

bf_status_t bf_line_swap(bf_line_t *line, bf_site_t site)
{
    const bf_site_t left = line->wire_at[site], right = line->wire_at[site + 1];
    line->wire_at[site] = right;
    line->wire_at[site + 1] = left;
    line->site[left] = site + 1;
    line->site[right] = site;
    return place2(line, site, BF_ROUTED_SWAP, false, false);
}
