/* The routed operations, one after the other, given to the blocks. */
#include "runtime/circuit/merge.h"

#include "runtime/circuit/blocks.h"
#include "runtime/circuit/matrix.h"

#include <stdlib.h>
#include <string.h>

static bf_status_t add_dynamic(bf_blocks_t *blocks, const bf_fused_t *fused, const bf_routed_op_t *routed)
{
    bf_z_t u[16];
    bf_fused_op_t op = fused->ops[routed->op];
    const bool two = op.wire[1] >= 0;
    op.wire[0] = routed->site;
    op.wire[1] = two ? routed->site + 1 : BF_NO_WIRE;
    if (op.kind != BF_OP_GATE)
        return bf_blocks_dynamic(blocks, op, NULL);
    memcpy(u, bf_pool_at(two ? &fused->matrices : &fused->matrices1, op.matrix), (two ? 16 : 4) * sizeof *u);
    if (routed->flipped)
        bf_mat4_flip(u);
    return bf_blocks_dynamic(blocks, op, u);
}

/** A native gate: pushes from the right end of its span to the left, truncations back. */
static bf_status_t add_span(bf_blocks_t *blocks, const bf_fused_t *fused, const bf_routed_t *routed, uint32_t item,
                            bf_fused_t *merged)
{
    const uint32_t number = fused->ops[item].matrix;
    const bf_native_t *native = &fused->natives[number];
    bf_span_t *span = &merged->spans[merged->n_spans];
    *span = (bf_span_t){.site = fused->n, .sum = native->sum};
    bf_site_t last = 0;
    for (int i = 0; i < fused->sums[native->sum].n_sites; i++) {
        const bf_site_t s = span->sites[i] = routed->sites[number][i];
        span->site = s < span->site ? s : span->site;
        last = s > last ? s : last;
    }
    span->length = last - span->site + 1;
    bf_fused_op_t op = {.line = native->line, .kind = BF_OP_PUSH, .matrix = (uint32_t)merged->n_spans++};
    for (bf_site_t s = last; s-- > span->site;) {
        op.wire[0] = s;
        op.wire[1] = s + 1;
        BF_TRY(bf_blocks_dynamic(blocks, op, NULL));
    }
    bf_z_t identity[16] = {[0] = 1, [5] = 1, [10] = 1, [15] = 1};
    op.kind = BF_FUSED_SPLIT;
    BF_TRY(bf_pool_intern(&merged->matrices, identity, &op.matrix));
    for (bf_site_t s = span->site; s < last; s++) {
        op.wire[0] = s;
        op.wire[1] = s + 1;
        BF_TRY(bf_blocks_dynamic(blocks, op, NULL));
    }
    return BF_OK;
}

static bf_status_t add(bf_blocks_t *blocks, const bf_fused_t *fused, const bf_routed_op_t *routed)
{
    const bf_site_t pair[2] = {routed->site, routed->site + 1}, single[2] = {routed->site, BF_NO_WIRE};
    if (routed->op == BF_ROUTED_SWAP)
        return bf_blocks_swap(blocks, pair);
    const bf_fused_op_t *op = &fused->ops[routed->op];
    const bool two = op->wire[1] >= 0;
    if (bf_fused_is_dynamic(op))
        return add_dynamic(blocks, fused, routed);
    const size_t matrices = two ? fused->matrices.count : fused->matrices1.count;
    if (op->matrix >= matrices) {
        const bf_recipe_t *recipe = &fused->recipes[op->matrix - matrices];
        return bf_blocks_factors(blocks, two ? pair : single, recipe->factors, recipe->n_factors, fused, routed->flipped,
                                 op->line);
    }
    if (!two)
        return bf_blocks_gate1(blocks, routed->site, bf_pool_at(&fused->matrices1, op->matrix), op->line);
    return bf_blocks_source2(blocks, pair, op->matrix, routed->flipped ? BF_FORM_FLIPPED : 0, op->line, NULL);
}

bf_status_t bf_merge(const bf_fused_t *fused, const bf_routed_t *routed, bool merge, bf_fused_t *merged)
{
    bf_blocks_t *blocks = NULL;
    *merged = (bf_fused_t){.n = fused->n,
                           .matrices = {.entries = 16, .stride = 16 * sizeof(bf_z_t)},
                           .matrices1 = {.entries = 4, .stride = 4 * sizeof(bf_z_t)},
                           .sums = malloc((fused->n_sums + 1) * sizeof *merged->sums),
                           .spans = malloc((fused->n_natives + 1) * sizeof *merged->spans)};
    if (!merged->sums || !merged->spans)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu spans", fused->n_natives);
    merged->n_sums = fused->n_sums;
    if (fused->n_sums > 0)
        memcpy(merged->sums, fused->sums, fused->n_sums * sizeof *merged->sums);
    bf_status_t status = bf_blocks_begin(fused->n, merge ? BF_BLOCKS_WHOLE : BF_BLOCKS_APART, &fused->matrices,
                                         fused->matrices.count, merged, &blocks);
    for (size_t i = 0; i < routed->n_ops && status >= 0; i++) {
        const bf_routed_op_t *op = &routed->ops[i];
        if (op->op != BF_ROUTED_SWAP && fused->ops[op->op].kind == BF_FUSED_NATIVE)
            status = add_span(blocks, fused, routed, op->op, merged);
        else
            status = add(blocks, fused, op);
    }
    if (status >= 0)
        status = bf_blocks_finish(blocks);
    bf_blocks_end(blocks);
    return status;
}
