/* While a block is the last one on either of its wires its matrix may be open (in a slot); then it is interned. Dissolving a
 * block makes its predecessors the last ones again. Where inputs enter, an operation is a chain of factors and, after them, the
 * matrix. */
#include "runtime/circuit/blocks.h"

#include "runtime/circuit/chain.h"
#include "runtime/circuit/matrix.h"
#include "runtime/circuit/slots.h"

#include <assert.h>
#include <stdlib.h>

#define NONE UINT32_MAX

/** Both wires of a block, as bits. */
#define BOTH 3U

enum { FORMS = 4 };

/** What op.matrix of a block is. */
typedef enum holding {
    CLOSED, /**< a number in the pool of the result */
    OPEN,   /**< a slot */
    SOURCE  /**< a number in the source, used in a form */
} holding_t;

typedef struct block {
    bf_fused_op_t op;     /**< op.wire[0] < 0: dissolved */
    bf_chain_t chain;     /**< before the matrix */
    uint32_t previous[2]; /**< block before on each wire, or NONE */
    uint8_t holding;      /**< holding_t */
    uint8_t form;         /**< BF_FORM_..., of a SOURCE */
    bool entangles;       /**< some factor of the chain acts on both wires */
} block_t;

typedef struct wire {
    uint32_t last;    /**< last block, or NONE */
    int32_t line;     /**< of the waiting gate */
    bool waiting;     /**< a one-qubit gate waits in @c chain and then @c u for the next block */
    bf_chain_t chain; /**< empty unless waiting */
    bf_z_t u[4];
} wire_t;

struct bf_blocks {
    bf_fused_t *fused;
    bf_blocks_mode_t mode;
    const bf_pool_t *source;
    uint32_t *known; /**< [FORMS*id + form]: 1 + number in the result of that form of a source matrix, 0 unknown */
    wire_t *wires;
    block_t *blocks;
    size_t n_blocks, room_blocks;
    bf_slots_t slots; /**< matrices of open blocks */
    bf_chains_t chains;
};

static const bf_z_t identity4[16] = {[0] = 1, [5] = 1, [10] = 1, [15] = 1};
static const bf_z_t identity2[4] = {[0] = 1, [3] = 1};

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory while fusing gates");
}

/* Open and closed matrices. */

/** True when gates on its wires may become part of @p block. */
static bool takes_in(const bf_blocks_t *blocks, uint32_t block)
{
    return block != NONE && blocks->mode != BF_BLOCKS_APART && blocks->blocks[block].op.wire[1] >= 0 &&
           !bf_fused_is_dynamic(&blocks->blocks[block].op);
}

static bf_z_t *matrix_of(const bf_blocks_t *blocks, uint32_t block)
{
    assert(blocks->blocks[block].holding == OPEN);
    return bf_slots_at(&blocks->slots, blocks->blocks[block].op.matrix);
}

/** Give @p block a slot. */
static bf_status_t open_block(bf_blocks_t *blocks, uint32_t block, const bf_z_t *matrix)
{
    BF_TRY(bf_slots_take(&blocks->slots, matrix, &blocks->blocks[block].op.matrix));
    blocks->blocks[block].holding = OPEN;
    return BF_OK;
}

static void in_form(uint32_t form, bf_z_t u[16])
{
    if (form & BF_FORM_FLIPPED)
        bf_mat4_flip(u);
    if (form & BF_FORM_SWAP_AFTER)
        bf_mat4_swap_after(u);
}

static bf_status_t reopen_block(bf_blocks_t *blocks, uint32_t block)
{
    const block_t *from = &blocks->blocks[block];
    if (from->holding == OPEN)
        return BF_OK;
    if (from->holding == CLOSED)
        return open_block(blocks, block, bf_pool_at(&blocks->fused->matrices, from->op.matrix));
    BF_TRY(open_block(blocks, block, bf_pool_at(blocks->source, from->op.matrix)));
    in_form(from->form, matrix_of(blocks, block));
    return BF_OK;
}

static void free_slot(bf_blocks_t *blocks, uint32_t block)
{
    bf_slots_give_back(&blocks->slots, blocks->blocks[block].op.matrix);
}

static bf_status_t close_block(bf_blocks_t *blocks, uint32_t block)
{
    block_t *to = &blocks->blocks[block];
    uint32_t matrix = 0;
    if (to->holding == CLOSED)
        return BF_OK;
    if (to->holding == OPEN) {
        BF_TRY(bf_pool_intern(&blocks->fused->matrices, matrix_of(blocks, block), &matrix));
        free_slot(blocks, block);
    } else {
        uint32_t *known = &blocks->known[(size_t)FORMS * to->op.matrix + to->form];
        if (!*known) {
            bf_z_t u[16];
            memcpy(u, bf_pool_at(blocks->source, to->op.matrix), sizeof u);
            in_form(to->form, u);
            BF_TRY(bf_pool_intern(&blocks->fused->matrices, u, known));
            ++*known;
        }
        matrix = *known - 1;
    }
    to->op.matrix = matrix;
    to->holding = CLOSED;
    return BF_OK;
}

/** Close @p block when nothing can be fused into it any more. */
static bf_status_t leave_block(bf_blocks_t *blocks, uint32_t block)
{
    if (block == NONE || blocks->blocks[block].holding != OPEN)
        return BF_OK;
    const bf_site_t *wire = blocks->blocks[block].op.wire;
    if (blocks->wires[wire[0]].last == block || blocks->wires[wire[1]].last == block)
        return BF_OK;
    return close_block(blocks, block);
}

/** Move the matrix of an open block to the end of its chain; an identity stays. */
static bf_status_t flush_matrix(bf_blocks_t *blocks, uint32_t block)
{
    bf_z_t u[16];
    memcpy(u, matrix_of(blocks, block), sizeof u);
    memcpy(matrix_of(blocks, block), identity4, sizeof identity4);
    return bf_chains_append4(&blocks->chains, &blocks->blocks[block].chain, u, &blocks->blocks[block].entangles);
}

/* What waits. */

static void wait1(bf_blocks_t *blocks, bf_site_t w, const bf_z_t u[4], int32_t line)
{
    wire_t *wire = &blocks->wires[w];
    if (wire->waiting)
        bf_mat2_apply(u, wire->u);
    else
        memcpy(wire->u, u, sizeof wire->u);
    wire->line = wire->waiting && wire->line > line ? wire->line : line;
    wire->waiting = !bf_chain_is_empty(&wire->chain) || !bf_mat2_is_identity(wire->u);
}

/** Put what waits on the wires of @p block whose bits are in @p sides into it, after what is there already. Chains first: the
 *  sides commute. */
static bf_status_t absorb_waiting(bf_blocks_t *blocks, uint32_t block, unsigned sides)
{
    block_t *into = &blocks->blocks[block];
    bool chained = false;
    for (unsigned i = 0; i < 2; i++)
        chained = chained || ((sides >> i & 1) && blocks->wires[into->op.wire[i]].chain.first != NONE);
    if (chained)
        BF_TRY(flush_matrix(blocks, block));
    for (uint16_t i = 0; i < 2; i++) {
        wire_t *wire = &blocks->wires[into->op.wire[i]];
        if (!(sides >> i & 1) || !wire->waiting)
            continue;
        if (!bf_chain_is_empty(&wire->chain))
            bf_chains_join(&blocks->chains, &into->chain, &wire->chain, i);
        bf_mat4_after(matrix_of(blocks, block), i, wire->u);
        into->op.line = wire->line > into->op.line ? wire->line : into->op.line;
        wire->waiting = false;
    }
    return BF_OK;
}

/** A block that is the last one on its wires from now on; its matrix is still to be made. */
static bf_status_t append_block(bf_blocks_t *blocks, bf_fused_op_t op, uint32_t *block)
{
    if (blocks->n_blocks == blocks->room_blocks) {
        const size_t room = 2 * blocks->room_blocks;
        block_t *grown = realloc(blocks->blocks, room * sizeof *grown);
        if (!grown)
            return no_memory();
        blocks->blocks = grown;
        blocks->room_blocks = room;
    }
    if (blocks->n_blocks >= INT32_MAX)
        return bf_error_set(BF_ERR_TOO_LARGE, "more than %d operations in one circuit", INT32_MAX);
    *block = (uint32_t)blocks->n_blocks++;
    block_t *made = &blocks->blocks[*block];
    *made = (block_t){.op = op, .chain = bf_no_chain, .previous = {NONE, NONE}, .holding = CLOSED};
    for (int i = 0; i < 2 && op.wire[i] >= 0; i++) {
        made->previous[i] = blocks->wires[op.wire[i]].last;
        blocks->wires[op.wire[i]].last = *block;
    }
    for (int i = 0; i < 2 && op.wire[i] >= 0; i++)
        BF_TRY(leave_block(blocks, blocks->blocks[*block].previous[i]));
    return BF_OK;
}

/** What waits on wire @p w becomes an operation of its own. */
static bf_status_t stand_alone(bf_blocks_t *blocks, bf_site_t w)
{
    wire_t *wire = &blocks->wires[w];
    uint32_t block = NONE;
    if (!wire->waiting)
        return BF_OK;
    BF_TRY(append_block(blocks, (bf_fused_op_t){.wire = {w, BF_NO_WIRE}, .line = wire->line}, &block));
    block_t *single = &blocks->blocks[block];
    wire->waiting = false;
    if (bf_chain_is_empty(&wire->chain))
        return bf_pool_intern(&blocks->fused->matrices1, wire->u, &single->op.matrix);
    BF_TRY(bf_chains_append2(&blocks->chains, &wire->chain, BF_ON_FIRST, wire->u));
    single->chain = wire->chain;
    wire->chain = bf_no_chain;
    return BF_OK;
}

/** What waits on wire @p w goes into its last block, or stays alone. */
static bf_status_t settle_wire(bf_blocks_t *blocks, bf_site_t w)
{
    const uint32_t last = blocks->wires[w].last;
    if (!blocks->wires[w].waiting || blocks->mode != BF_BLOCKS_WHOLE || !takes_in(blocks, last))
        return stand_alone(blocks, w);
    BF_TRY(reopen_block(blocks, last));
    return absorb_waiting(blocks, last, blocks->blocks[last].op.wire[1] == w ? 2U : 1U);
}

/* Two-wire blocks. */

/** @return the block that a gate on @p w becomes part of, or NONE. */
static uint32_t shared_block(const bf_blocks_t *blocks, const bf_site_t w[2])
{
    const uint32_t block = blocks->wires[w[0]].last;
    return block == blocks->wires[w[1]].last && takes_in(blocks, block) ? block : NONE;
}

/** Put what waits on the wires of the new block @p block before its matrix. */
static bf_status_t absorb_before(bf_blocks_t *blocks, uint32_t block)
{
    block_t *into = &blocks->blocks[block];
    for (uint16_t i = 0; i < 2; i++) {
        wire_t *wire = &blocks->wires[into->op.wire[i]];
        if (!wire->waiting)
            continue;
        BF_TRY(reopen_block(blocks, block));
        if (!bf_chain_is_empty(&wire->chain))
            bf_chains_join(&blocks->chains, &into->chain, &wire->chain, i);
        bf_mat4_before(matrix_of(blocks, block), i, wire->u);
        into->op.line = wire->line > into->op.line ? wire->line : into->op.line;
        wire->waiting = false;
    }
    return BF_OK;
}

/** A new block on @p w with matrix @p u, or NULL with what @p id and @p form say. */
static bf_status_t new_block(bf_blocks_t *blocks, const bf_site_t w[2], const bf_z_t *u, uint32_t id, uint32_t form, int32_t line,
                             uint32_t *block)
{
    for (int i = 0; i < 2 && blocks->mode != BF_BLOCKS_WHOLE; i++)
        BF_TRY(stand_alone(blocks, w[i]));
    BF_TRY(append_block(blocks, (bf_fused_op_t){.wire = {w[0], w[1]}, .line = line, .matrix = id}, block));
    blocks->blocks[*block].holding = SOURCE;
    blocks->blocks[*block].form = (uint8_t)form;
    if (u)
        BF_TRY(open_block(blocks, *block, u));
    return absorb_before(blocks, *block);
}

/** Give the factors of a block back to its wires, on which nothing waits but what came before it. */
static void return_chain(bf_blocks_t *blocks, block_t *block)
{
    while (!bf_chain_is_empty(&block->chain)) {
        uint16_t where = 0;
        bf_chain_t one = bf_chains_pop(&blocks->chains, &block->chain, &where);
        wire_t *wire = &blocks->wires[block->op.wire[where]];
        if (!wire->waiting)
            wire->line = block->op.line;
        bf_chains_join(&blocks->chains, &wire->chain, &one, BF_ON_FIRST);
        memcpy(wire->u, identity2, sizeof identity2);
        wire->waiting = true;
    }
}

/** What stood alone before a block that is gone waits again. */
static bf_status_t recall(bf_blocks_t *blocks, bf_site_t w)
{
    wire_t *wire = &blocks->wires[w];
    block_t *last = wire->last == NONE ? NULL : &blocks->blocks[wire->last];
    if (!last || last->op.wire[1] >= 0 || bf_fused_is_dynamic(&last->op))
        return BF_OK;
    assert(!wire->waiting);
    wire->waiting = true;
    wire->line = last->op.line;
    wire->chain = last->chain;
    memcpy(wire->u, bf_chain_is_empty(&last->chain) ? bf_pool_at(&blocks->fused->matrices1, last->op.matrix) : identity2,
           sizeof wire->u);
    wire->last = last->previous[0];
    last->op.wire[0] = -1;
    return BF_OK;
}

/** Take an open block out, on whose wires nothing waits, leaving a (first wire) and b (second) waiting. */
static bf_status_t dissolve(bf_blocks_t *blocks, uint32_t block, const bf_z_t a[4], const bf_z_t b[4])
{
    block_t *gone = &blocks->blocks[block];
    free_slot(blocks, block);
    for (int i = 0; i < 2; i++) {
        blocks->wires[gone->op.wire[i]].last = gone->previous[i];
        BF_TRY(recall(blocks, gone->op.wire[i]));
    }
    if (!bf_chain_is_empty(&gone->chain))
        for (int i = 0; i < 2; i++) { /* what waits may end in a matrix, and factors follow */
            wire_t *wire = &blocks->wires[gone->op.wire[i]];
            if (!wire->waiting)
                continue;
            BF_TRY(bf_chains_append2(&blocks->chains, &wire->chain, BF_ON_FIRST, wire->u));
            memcpy(wire->u, identity2, sizeof identity2);
        }
    return_chain(blocks, gone);
    for (int i = 0; i < 2; i++)
        wait1(blocks, gone->op.wire[i], i == 0 ? a : b, gone->op.line);
    gone->op.wire[0] = -1;
    return BF_OK;
}

/** An operation of Schmidt rank one is no two-wire operation; SWAP times such a one is a permutation. */
static bf_status_t simplify(bf_blocks_t *blocks, uint32_t block, bool *exchanged)
{
    bf_z_t a[4], b[4], swapped[16];
    if (blocks->mode == BF_BLOCKS_APART || blocks->blocks[block].entangles)
        return BF_OK;
    memcpy(swapped, matrix_of(blocks, block), sizeof swapped);
    if (bf_mat4_split(swapped, a, b))
        return dissolve(blocks, block, a, b);
    if (!exchanged)
        return BF_OK;
    bf_mat4_swap_after(swapped);
    *exchanged = bf_mat4_split(swapped, a, b);
    return *exchanged ? dissolve(blocks, block, a, b) : BF_OK;
}

/** Open the block that @p w share, with all that waits in it, or NONE. */
static bf_status_t join_block(bf_blocks_t *blocks, const bf_site_t w[2], uint32_t *block)
{
    *block = shared_block(blocks, w);
    if (*block == NONE)
        return BF_OK;
    BF_TRY(reopen_block(blocks, *block));
    return absorb_waiting(blocks, *block, BOTH);
}

static void multiply(bf_blocks_t *blocks, uint32_t block, const bf_site_t w[2], bf_z_t u[16], int32_t line)
{
    block_t *into = &blocks->blocks[block];
    if (into->op.wire[0] != w[0])
        bf_mat4_flip(u);
    bf_mat4_apply(u, matrix_of(blocks, block));
    into->op.line = line > into->op.line ? line : into->op.line;
}

/* In. */

bf_status_t bf_blocks_gate1(bf_blocks_t *blocks, bf_site_t w, const bf_z_t u[4], int32_t line)
{
    wait1(blocks, w, u, line);
    return blocks->mode == BF_BLOCKS_APART ? stand_alone(blocks, w) : BF_OK;
}

bf_status_t bf_blocks_gate2(bf_blocks_t *blocks, const bf_site_t w[2], const bf_z_t u[16], int32_t line, bool *exchanged)
{
    uint32_t block = NONE;
    bf_z_t copy[16];
    if (exchanged)
        *exchanged = false;
    BF_TRY(join_block(blocks, w, &block));
    if (block == NONE) {
        BF_TRY(new_block(blocks, w, u, 0, 0, line, &block));
    } else {
        memcpy(copy, u, sizeof copy);
        multiply(blocks, block, w, copy, line);
    }
    return simplify(blocks, block, exchanged);
}

bf_status_t bf_blocks_source2(bf_blocks_t *blocks, const bf_site_t w[2], uint32_t id, uint32_t form, int32_t line,
                              bool *exchanged)
{
    uint32_t block = NONE;
    bf_z_t u[16];
    if (exchanged)
        *exchanged = false;
    BF_TRY(join_block(blocks, w, &block));
    if (block == NONE)
        return new_block(blocks, w, NULL, id, form, line, &block);
    memcpy(u, bf_pool_at(blocks->source, id), sizeof u);
    in_form(form, u);
    multiply(blocks, block, w, u, line);
    return simplify(blocks, block, exchanged);
}

bf_status_t bf_blocks_swap(bf_blocks_t *blocks, const bf_site_t w[2])
{
    bf_z_t u[16];
    memcpy(u, identity4, sizeof u);
    bf_mat4_swap_after(u);
    uint32_t block = shared_block(blocks, w);
    if (block != NONE && blocks->blocks[block].holding != SOURCE)
        return bf_blocks_gate2(blocks, w, u, 0, NULL);
    /* What waits on the wires changes places, and waits on: most swaps then have the same matrix. */
    const wire_t first = blocks->wires[w[0]];
    wire_t *wire[2] = {&blocks->wires[w[0]], &blocks->wires[w[1]]};
    const uint32_t last[2] = {wire[0]->last, wire[1]->last};
    *wire[0] = *wire[1];
    *wire[1] = first;
    wire[0]->last = last[0];
    wire[1]->last = last[1];
    if (block != NONE) {
        blocks->blocks[block].form ^= BF_FORM_SWAP_AFTER;
        return BF_OK;
    }
    const wire_t waiting[2] = {*wire[0], *wire[1]};
    wire[0]->waiting = wire[1]->waiting = false;
    wire[0]->chain = wire[1]->chain = bf_no_chain;
    BF_TRY(new_block(blocks, w, u, 0, 0, 0, &block));
    for (int i = 0; i < 2; i++) {
        *wire[i] = waiting[i];
        wire[i]->last = block;
    }
    return BF_OK;
}

static bf_status_t factors_on_one(bf_blocks_t *blocks, bf_site_t w, const bf_factor_t *factors, size_t n_factors,
                                  const bf_fused_t *from, int32_t line)
{
    wire_t *wire = &blocks->wires[w];
    if (wire->waiting)
        BF_TRY(bf_chains_append2(&blocks->chains, &wire->chain, BF_ON_FIRST, wire->u));
    memcpy(wire->u, identity2, sizeof identity2);
    wire->line = wire->waiting && wire->line > line ? wire->line : line;
    wire->waiting = true;
    for (size_t i = 0; i < n_factors; i++)
        BF_TRY(bf_chains_take(&blocks->chains, &wire->chain, &factors[i], from, false));
    return blocks->mode == BF_BLOCKS_APART ? stand_alone(blocks, w) : BF_OK;
}

bf_status_t bf_blocks_factors(bf_blocks_t *blocks, const bf_site_t w[2], const bf_factor_t *factors, size_t n_factors,
                              const bf_fused_t *from, bool flipped, int32_t line)
{
    uint32_t block = NONE;
    if (w[1] < 0)
        return factors_on_one(blocks, w[0], factors, n_factors, from, line);
    BF_TRY(join_block(blocks, w, &block));
    if (block == NONE)
        BF_TRY(new_block(blocks, w, identity4, 0, 0, line, &block));
    BF_TRY(flush_matrix(blocks, block));
    block_t *into = &blocks->blocks[block];
    into->op.line = line > into->op.line ? line : into->op.line;
    into->entangles = true;
    for (size_t i = 0; i < n_factors; i++)
        BF_TRY(bf_chains_take(&blocks->chains, &into->chain, &factors[i], from, flipped != (into->op.wire[0] != w[0])));
    return BF_OK;
}

bf_status_t bf_blocks_dynamic(bf_blocks_t *blocks, bf_fused_op_t op, const bf_z_t *u)
{
    uint32_t block = NONE;
    const bool two = op.wire[1] >= 0;
    for (int i = 0; i < 1 + two; i++)
        BF_TRY(settle_wire(blocks, op.wire[i]));
    BF_TRY(append_block(blocks, op, &block));
    if (op.kind != BF_OP_GATE)
        return BF_OK;
    bf_z_t copy[16];
    memcpy(copy, u, (two ? 16 : 4) * sizeof *u);
    return bf_pool_intern(two ? &blocks->fused->matrices : &blocks->fused->matrices1, copy, &blocks->blocks[block].op.matrix);
}

/* Out. */

/** What follows the last free gate of a block becomes part of its chain, and the chain a recipe. */
static bf_status_t close_chain(bf_blocks_t *blocks, uint32_t i)
{
    block_t *block = &blocks->blocks[i];
    if (block->op.wire[1] >= 0) {
        BF_TRY(reopen_block(blocks, i));
        BF_TRY(flush_matrix(blocks, i));
        free_slot(blocks, i);
    }
    block->holding = CLOSED;
    return bf_chains_number(&blocks->chains, &block->chain, &block->op.matrix);
}

bf_status_t bf_blocks_finish(bf_blocks_t *blocks)
{
    bf_fused_t *fused = blocks->fused;
    for (bf_site_t w = 0; w < fused->n; w++)
        BF_TRY(settle_wire(blocks, w));
    fused->ops = malloc((blocks->n_blocks + 1) * sizeof *fused->ops);
    if (!fused->ops)
        return no_memory();
    for (uint32_t i = 0; i < blocks->n_blocks; i++) {
        if (blocks->blocks[i].op.wire[0] < 0)
            continue;
        BF_TRY(bf_chain_is_empty(&blocks->blocks[i].chain) ? close_block(blocks, i) : close_chain(blocks, i));
    }
    for (size_t i = 0; i < blocks->n_blocks; i++) {
        const block_t *block = &blocks->blocks[i];
        if (block->op.wire[0] < 0)
            continue;
        bf_fused_op_t *op = &fused->ops[fused->n_ops++];
        *op = block->op;
        if (!bf_chain_is_empty(&block->chain))
            op->matrix += (uint32_t)(op->wire[1] < 0 ? fused->matrices1.count : fused->matrices.count);
    }
    return BF_OK;
}

bf_status_t bf_blocks_begin(bf_site_t n, bf_blocks_mode_t mode, const bf_pool_t *source, size_t n_source, bf_fused_t *fused,
                            bf_blocks_t **blocks)
{
    assert(n > 0);
    bf_blocks_t *made = *blocks = calloc(1, sizeof *made);
    if (!made)
        return no_memory();
    made->fused = fused;
    made->chains.fused = fused;
    made->mode = mode;
    made->source = source;
    made->room_blocks = (size_t)n;
    made->known = calloc(FORMS * n_source + 1, sizeof *made->known);
    made->wires = calloc((size_t)n, sizeof *made->wires);
    made->blocks = malloc(made->room_blocks * sizeof *made->blocks);
    if (!made->known || !made->wires || !made->blocks)
        return no_memory();
    for (bf_site_t w = 0; w < n; w++) {
        made->wires[w].last = NONE;
        made->wires[w].chain = bf_no_chain;
    }
    return BF_OK;
}

void bf_blocks_end(bf_blocks_t *blocks)
{
    if (!blocks)
        return;
    free(blocks->known);
    free(blocks->wires);
    free(blocks->blocks);
    bf_slots_clear(&blocks->slots);
    bf_chains_clear(&blocks->chains);
    free(blocks);
}
