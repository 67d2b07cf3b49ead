/* Fusion in one pass over the gates. A block is a two-wire operation being built; while it is the last one on either of its wires
 * its matrix is open (in a slot), then it is interned. Dissolving a block makes its predecessors the last ones again.
 * Where inputs enter, an operation is a chain of factors in time order and, after them, the matrix. */
#include "runtime/circuit/fuse.h"

#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/matrix.h"

#include <assert.h>
#include <stdlib.h>

#define NONE UINT32_MAX
#define OPEN 0x80000000U /* set in block_t::matrix: the rest is a slot, not a matrix of the pool */

/** Both wires of a block, as bits. */
#define BOTH 3U

/** A factor in a list. */
typedef struct link {
    bf_factor_t factor;
    uint32_t next; /**< or NONE */
} link_t;

/** Factors in time order. */
typedef struct chain {
    uint32_t first, last; /**< in fuser_t::links; NONE: empty */
} chain_t;

static const chain_t no_chain = {NONE, NONE};

typedef struct block {
    bf_fused_op_t op;     /**< op.wire[0] < 0: dissolved; of one wire, and of a dynamic one, the matrix is closed */
    chain_t chain;        /**< before the matrix */
    bool entangles;       /**< some factor of the chain acts on both wires */
    uint32_t previous[2]; /**< block before on each wire, or NONE */
} block_t;

typedef struct wire {
    uint32_t last; /**< last block, or NONE */
    int32_t line;  /**< of the waiting gate */
    bool waiting;  /**< a one-qubit gate waits in @c chain and then @c u for the next block */
    chain_t chain; /**< empty unless waiting */
    bf_z_t u[4];
} wire_t;

typedef struct fuser {
    bf_fused_t *fused;
    wire_t *wires;
    block_t *blocks;
    size_t n_blocks, room_blocks;
    bf_z_t (*slots)[16]; /**< matrices of open blocks */
    uint32_t *free_slots;
    size_t n_slots, n_free; /**< every free slot is on the list */
    link_t *links;
    size_t n_links, room_links;
    bf_names_t recipes; /**< numbers of recipes, from their bytes */
} fuser_t;

static const bf_z_t identity4[16] = {[0] = 1, [5] = 1, [10] = 1, [15] = 1};
static const bf_z_t identity2[4] = {[0] = 1, [3] = 1};

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory while fusing gates");
}

static bf_status_t grow_slots(fuser_t *fuser)
{
    const size_t count = fuser->n_slots ? 2 * fuser->n_slots : 64;
    bf_z_t(*slots)[16] = realloc(fuser->slots, count * sizeof *slots);
    if (!slots)
        return no_memory();
    fuser->slots = slots;
    uint32_t *free_slots = realloc(fuser->free_slots, count * sizeof *free_slots);
    if (!free_slots)
        return no_memory();
    fuser->free_slots = free_slots;
    for (size_t i = count; i > fuser->n_slots; i--)
        fuser->free_slots[fuser->n_free++] = (uint32_t)i - 1;
    fuser->n_slots = count;
    return BF_OK;
}

/** True when gates on its wires may become part of @p block. */
static bool takes_in(const fuser_t *fuser, uint32_t block)
{
    return block != NONE && fuser->blocks[block].op.wire[1] >= 0 && !bf_fused_is_dynamic(&fuser->blocks[block].op);
}

static bf_z_t *matrix_of(const fuser_t *fuser, uint32_t block)
{
    return fuser->slots[fuser->blocks[block].op.matrix & ~OPEN];
}

/** Give @p block a slot; a closed one gets its matrix back from the pool. */
static bf_status_t open_block(fuser_t *fuser, uint32_t block, const bf_z_t *matrix)
{
    if (fuser->n_free == 0)
        BF_TRY(grow_slots(fuser));
    const uint32_t slot = fuser->free_slots[--fuser->n_free];
    memcpy(fuser->slots[slot], matrix, sizeof fuser->slots[slot]);
    fuser->blocks[block].op.matrix = OPEN | slot;
    return BF_OK;
}

static bf_status_t reopen_block(fuser_t *fuser, uint32_t block)
{
    const uint32_t matrix = fuser->blocks[block].op.matrix;
    return matrix & OPEN ? BF_OK : open_block(fuser, block, bf_pool_at(&fuser->fused->matrices, matrix));
}

static void free_slot(fuser_t *fuser, uint32_t block)
{
    fuser->free_slots[fuser->n_free++] = fuser->blocks[block].op.matrix & ~OPEN;
}

static bf_status_t close_block(fuser_t *fuser, uint32_t block)
{
    if (!(fuser->blocks[block].op.matrix & OPEN))
        return BF_OK;
    uint32_t matrix = 0;
    BF_TRY(bf_pool_intern(&fuser->fused->matrices, matrix_of(fuser, block), &matrix));
    free_slot(fuser, block);
    fuser->blocks[block].op.matrix = matrix;
    return BF_OK;
}

/** Close @p block when nothing can be fused into it any more. */
static bf_status_t leave_block(fuser_t *fuser, uint32_t block)
{
    if (block == NONE)
        return BF_OK;
    if (!takes_in(fuser, block))
        return BF_OK;
    const bf_site_t *wire = fuser->blocks[block].op.wire;
    if (fuser->wires[wire[0]].last == block || fuser->wires[wire[1]].last == block)
        return BF_OK;
    return close_block(fuser, block);
}

/* Chains. */

static bf_status_t append_factor(fuser_t *fuser, chain_t *chain, const bf_factor_t *factor)
{
    if (fuser->n_links == fuser->room_links) {
        const size_t room = fuser->room_links ? 2 * fuser->room_links : 64;
        link_t *links = room < NONE ? realloc(fuser->links, room * sizeof *links) : NULL;
        if (!links)
            return no_memory();
        fuser->links = links;
        fuser->room_links = room;
    }
    const uint32_t link = (uint32_t)fuser->n_links++;
    fuser->links[link] = (link_t){*factor, NONE};
    if (chain->first == NONE)
        chain->first = link;
    else
        fuser->links[chain->last].next = link;
    chain->last = link;
    return BF_OK;
}

static bf_status_t append_matrix1(fuser_t *fuser, chain_t *chain, uint16_t where, const bf_z_t u[4])
{
    bf_z_t copy[4];
    uint32_t matrix = 0;
    if (bf_mat2_is_identity(u))
        return BF_OK;
    memcpy(copy, u, sizeof copy);
    BF_TRY(bf_pool_intern(&fuser->fused->matrices1, copy, &matrix));
    return append_factor(fuser, chain, &(bf_factor_t){.kind = BF_FACTOR_MATRIX, .where = where, .matrix = matrix});
}

/** Move the matrix of an open block to the end of its chain; an identity stays. */
static bf_status_t flush_matrix(fuser_t *fuser, uint32_t block)
{
    bf_z_t a[4], b[4], u[16];
    chain_t *chain = &fuser->blocks[block].chain;
    uint32_t matrix = 0;
    memcpy(u, matrix_of(fuser, block), sizeof u);
    memcpy(matrix_of(fuser, block), identity4, sizeof identity4);
    if (bf_mat4_split(u, a, b)) {
        BF_TRY(append_matrix1(fuser, chain, BF_ON_FIRST, a));
        return append_matrix1(fuser, chain, BF_ON_SECOND, b);
    }
    BF_TRY(bf_pool_intern(&fuser->fused->matrices, u, &matrix));
    fuser->blocks[block].entangles = true;
    return append_factor(fuser, chain, &(bf_factor_t){.kind = BF_FACTOR_MATRIX, .where = BF_ON_BOTH, .matrix = matrix});
}

/** Join the chain of a wire to the end of the chain of its block. */
static void join_chain(fuser_t *fuser, chain_t *to, chain_t *from, uint16_t where)
{
    for (uint32_t i = from->first; i != NONE; i = fuser->links[i].next)
        fuser->links[i].factor.where = where;
    if (to->first == NONE)
        *to = *from;
    else
        fuser->links[to->last].next = from->first;
    to->last = from->last;
    *from = no_chain;
}

static void add1(fuser_t *fuser, bf_site_t w, const bf_z_t u[4], int32_t line)
{
    wire_t *wire = &fuser->wires[w];
    if (wire->waiting)
        bf_mat2_apply(u, wire->u);
    else
        memcpy(wire->u, u, sizeof wire->u);
    wire->line = line;
    wire->waiting = wire->chain.first != NONE || !bf_mat2_is_identity(wire->u);
}

static bf_factor_t factor_of(const bf_gate_t *gate, uint16_t where)
{
    bf_factor_t factor = {.kind = gate->kind, .free = gate->free, .where = where};
    memcpy(factor.p, gate->p, sizeof factor.p);
    return factor;
}

static bf_status_t add_free1(fuser_t *fuser, bf_site_t w, const bf_gate_t *gate)
{
    wire_t *wire = &fuser->wires[w];
    const bf_factor_t factor = factor_of(gate, BF_ON_FIRST);
    if (wire->waiting)
        BF_TRY(append_matrix1(fuser, &wire->chain, BF_ON_FIRST, wire->u));
    memcpy(wire->u, identity2, sizeof identity2);
    wire->waiting = true;
    wire->line = gate->line;
    return append_factor(fuser, &wire->chain, &factor);
}

/** Put what waits on the wires of @p block whose bits are in @p sides into it, after what is there already. Chains first: the
 *  sides commute. */
static bf_status_t absorb_waiting(fuser_t *fuser, uint32_t block, unsigned sides)
{
    block_t *into = &fuser->blocks[block];
    bool chained = false;
    for (unsigned i = 0; i < 2; i++)
        chained = chained || ((sides >> i & 1) && fuser->wires[into->op.wire[i]].chain.first != NONE);
    if (chained)
        BF_TRY(flush_matrix(fuser, block));
    for (uint16_t i = 0; i < 2; i++) {
        wire_t *wire = &fuser->wires[into->op.wire[i]];
        if (!(sides >> i & 1) || !wire->waiting)
            continue;
        if (wire->chain.first != NONE)
            join_chain(fuser, &into->chain, &wire->chain, i);
        bf_mat4_after(matrix_of(fuser, block), i, wire->u);
        wire->waiting = false;
    }
    return BF_OK;
}

/** A block that is the last one on its wires from now on; its matrix is still to be made. */
static bf_status_t append_block(fuser_t *fuser, bf_fused_op_t op, uint32_t *block)
{
    if (fuser->n_blocks == fuser->room_blocks) {
        const size_t room = 2 * fuser->room_blocks;
        block_t *blocks = realloc(fuser->blocks, room * sizeof *blocks);
        if (!blocks)
            return no_memory();
        fuser->blocks = blocks;
        fuser->room_blocks = room;
    }
    if (fuser->n_blocks >= OPEN)
        return bf_error_set(BF_ERR_TOO_LARGE, "more than %u two-qubit gates in one circuit", OPEN);
    *block = (uint32_t)fuser->n_blocks++;
    fuser->blocks[*block] = (block_t){.op = op, .chain = no_chain, .previous = {NONE, NONE}};
    for (int i = 0; i < 2 && op.wire[i] >= 0; i++) {
        fuser->blocks[*block].previous[i] = fuser->wires[op.wire[i]].last;
        fuser->wires[op.wire[i]].last = *block;
    }
    return BF_OK;
}

/** Close what came before @p block on its wires and can take in nothing more. */
static bf_status_t leave_previous(fuser_t *fuser, uint32_t block)
{
    const uint32_t previous[2] = {fuser->blocks[block].previous[0], fuser->blocks[block].previous[1]};
    for (int i = 0; i < 2; i++)
        BF_TRY(leave_block(fuser, previous[i]));
    return BF_OK;
}

static bf_status_t new_block(fuser_t *fuser, const bf_site_t w[2], const bf_z_t u[16], uint32_t *block)
{
    BF_TRY(append_block(fuser, (bf_fused_op_t){.wire = {w[0], w[1]}}, block));
    BF_TRY(open_block(fuser, *block, identity4));
    BF_TRY(absorb_waiting(fuser, *block, BOTH));
    bf_mat4_apply(u, matrix_of(fuser, *block));
    return leave_previous(fuser, *block);
}

/** Give the factors of a block back to its wires, on which nothing waits. */
static void return_chain(fuser_t *fuser, block_t *block)
{
    for (uint32_t i = block->chain.first, next; i != NONE; i = next) {
        next = fuser->links[i].next;
        fuser->links[i].next = NONE;
        wire_t *wire = &fuser->wires[block->op.wire[fuser->links[i].factor.where]];
        chain_t one = {i, i};
        join_chain(fuser, &wire->chain, &one, BF_ON_FIRST);
        memcpy(wire->u, identity2, sizeof identity2);
        wire->waiting = true;
    }
    block->chain = no_chain;
}

/** Take an open block out, leaving a (first wire) and b (second) waiting. */
static void dissolve(fuser_t *fuser, uint32_t block, const bf_z_t a[4], const bf_z_t b[4])
{
    block_t *gone = &fuser->blocks[block];
    free_slot(fuser, block);
    return_chain(fuser, gone);
    for (int i = 0; i < 2; i++) {
        fuser->wires[gone->op.wire[i]].last = gone->previous[i];
        add1(fuser, gone->op.wire[i], i == 0 ? a : b, gone->op.line);
    }
    gone->op.wire[0] = -1;
}

static void exchange_qubits(fuser_t *fuser, bf_site_t qubit_on[], bf_site_t w0, bf_site_t w1)
{
    const bf_site_t q0 = qubit_on[w0], q1 = qubit_on[w1];
    fuser->fused->wire_of[q0] = w1;
    fuser->fused->wire_of[q1] = w0;
    qubit_on[w0] = q1;
    qubit_on[w1] = q0;
}

/** An operation of Schmidt rank one is no two-wire operation; SWAP times such a one is a permutation. */
static void simplify(fuser_t *fuser, uint32_t block, bf_site_t qubit_on[])
{
    bf_z_t a[4], b[4], swapped[16];
    const bf_site_t w0 = fuser->blocks[block].op.wire[0], w1 = fuser->blocks[block].op.wire[1];
    if (fuser->blocks[block].entangles)
        return;
    memcpy(swapped, matrix_of(fuser, block), sizeof swapped);
    if (bf_mat4_split(swapped, a, b)) {
        dissolve(fuser, block, a, b);
        return;
    }
    bf_mat4_swap_after(swapped);
    if (bf_mat4_split(swapped, a, b)) {
        dissolve(fuser, block, a, b);
        exchange_qubits(fuser, qubit_on, w0, w1);
    }
}

static bf_status_t add2(fuser_t *fuser, bf_site_t qubit_on[], const bf_site_t w[2], bf_z_t u[16], int32_t line)
{
    uint32_t block = fuser->wires[w[0]].last;
    if (block == fuser->wires[w[1]].last && takes_in(fuser, block)) {
        BF_TRY(reopen_block(fuser, block));
        BF_TRY(absorb_waiting(fuser, block, BOTH));
        if (fuser->blocks[block].op.wire[0] != w[0])
            bf_mat4_flip(u);
        bf_mat4_apply(u, matrix_of(fuser, block));
    } else {
        BF_TRY(new_block(fuser, w, u, &block));
    }
    fuser->blocks[block].op.line = line;
    simplify(fuser, block, qubit_on);
    return BF_OK;
}

static bf_status_t add_free2(fuser_t *fuser, const bf_site_t w[2], const bf_gate_t *gate)
{
    uint32_t block = fuser->wires[w[0]].last;
    if (block == fuser->wires[w[1]].last && takes_in(fuser, block)) {
        BF_TRY(reopen_block(fuser, block));
        BF_TRY(absorb_waiting(fuser, block, BOTH));
    } else {
        BF_TRY(new_block(fuser, w, identity4, &block));
    }
    BF_TRY(flush_matrix(fuser, block));
    block_t *into = &fuser->blocks[block];
    const bf_factor_t factor = factor_of(gate, into->op.wire[0] == w[0] ? BF_ON_BOTH : BF_ON_BOTH_FLIPPED);
    into->op.line = gate->line;
    into->entangles = true;
    return append_factor(fuser, &into->chain, &factor);
}

/** Append, taking the factors over. */
static bf_status_t append_recipe(bf_fused_t *fused, bf_recipe_t recipe)
{
    if ((fused->n_recipes & (fused->n_recipes - 1)) == 0) { /* none, or a power of two: the room is used up */
        const size_t room = fused->n_recipes ? 2 * fused->n_recipes : 1;
        bf_recipe_t *recipes = realloc(fused->recipes, room * sizeof *recipes);
        if (!recipes) {
            free(recipe.factors);
            return no_memory();
        }
        fused->recipes = recipes;
    }
    fused->recipes[fused->n_recipes++] = recipe;
    return BF_OK;
}

/** The number of the recipe that is @p chain. */
static bf_status_t intern_recipe(fuser_t *fuser, const chain_t *chain, uint32_t *number)
{
    size_t count = 0;
    for (uint32_t i = chain->first; i != NONE; i = fuser->links[i].next)
        count++;
    bf_factor_t *factors = malloc(count * sizeof *factors);
    if (!factors)
        return no_memory();
    count = 0;
    for (uint32_t i = chain->first; i != NONE; i = fuser->links[i].next)
        factors[count++] = fuser->links[i].factor;
    const bf_name_t key = bf_name_of_bytes(factors, count * sizeof *factors);
    const int32_t known = bf_names_find(&fuser->recipes, key);
    if (known >= 0) {
        free(factors);
        *number = (uint32_t)known;
        return BF_OK;
    }
    *number = (uint32_t)fuser->fused->n_recipes;
    BF_TRY(append_recipe(fuser->fused, (bf_recipe_t){factors, count}));
    return bf_names_set(&fuser->recipes, key, (int32_t)*number);
}

/** What waits on wire @p w becomes an operation of its own. */
static bf_status_t add_single(fuser_t *fuser, bf_site_t w)
{
    wire_t *wire = &fuser->wires[w];
    uint32_t block = NONE;
    BF_TRY(append_block(fuser, (bf_fused_op_t){.wire = {w, BF_NO_WIRE}, .line = wire->line}, &block));
    block_t *single = &fuser->blocks[block];
    wire->waiting = false;
    if (wire->chain.first == NONE)
        return bf_pool_intern(&fuser->fused->matrices1, wire->u, &single->op.matrix);
    BF_TRY(append_matrix1(fuser, &wire->chain, BF_ON_FIRST, wire->u));
    single->chain = wire->chain;
    wire->chain = no_chain;
    return BF_OK;
}

/** What waits on wire @p w goes into its last block, or stays alone. */
static bf_status_t settle_wire(fuser_t *fuser, bf_site_t w)
{
    const uint32_t last = fuser->wires[w].last;
    const int32_t line = fuser->wires[w].line;
    if (!fuser->wires[w].waiting)
        return BF_OK;
    if (!takes_in(fuser, last))
        return add_single(fuser, w);
    BF_TRY(reopen_block(fuser, last));
    bf_fused_op_t *op = &fuser->blocks[last].op;
    BF_TRY(absorb_waiting(fuser, last, op->wire[1] == w ? 2U : 1U));
    op->line = line > op->line ? line : op->line;
    return BF_OK;
}

/** A gate under a condition (without free parameters), a measurement, a reset. What is on its wires so far is settled before it.
 */
static bf_status_t add_dynamic(fuser_t *fuser, bf_fused_op_t op, const bf_gate_t *gate)
{
    uint32_t block = NONE;
    for (int i = 0; i < 2 && op.wire[i] >= 0; i++)
        BF_TRY(settle_wire(fuser, op.wire[i]));
    BF_TRY(append_block(fuser, op, &block));
    BF_TRY(leave_previous(fuser, block));
    block_t *made = &fuser->blocks[block];
    if (op.kind != BF_OP_GATE)
        return BF_OK;
    bf_z_t u[16];
    bf_gate_matrix((bf_gate_kind_t)gate->kind, gate->p, u);
    return bf_pool_intern(op.wire[1] < 0 ? &fuser->fused->matrices1 : &fuser->fused->matrices, u, &made->op.matrix);
}

static bf_status_t add_gate(fuser_t *fuser, bf_site_t qubit_on[], const bf_gate_t *gate)
{
    bf_z_t u[16];
    const bf_site_t *wire_of = fuser->fused->wire_of;
    const int n_qubits = bf_gate_info((bf_gate_kind_t)gate->kind)->n_qubits;
    const bf_site_t w[2] = {wire_of[gate->q[0]], n_qubits == 2 ? wire_of[gate->q[1]] : 0};
    const bool projects = gate->kind == BF_KIND_MEASURE || gate->kind == BF_KIND_RESET;
    if (gate->condition != 0 || projects) {
        bf_fused_op_t op = {.wire = {w[0], n_qubits == 2 ? w[1] : BF_NO_WIRE}, .line = gate->line, .condition = gate->condition};
        if (projects) {
            op.kind = gate->kind == BF_KIND_MEASURE ? BF_OP_MEASURE : BF_OP_RESET;
            op.bit = gate->q[1];
        }
        return add_dynamic(fuser, op, gate);
    }
    if (gate->kind == BF_KIND_SWAP) {
        exchange_qubits(fuser, qubit_on, w[0], w[1]);
        return BF_OK;
    }
    if (gate->free)
        return n_qubits == 2 ? add_free2(fuser, w, gate) : add_free1(fuser, w[0], gate);
    bf_gate_matrix((bf_gate_kind_t)gate->kind, gate->p, u);
    if (n_qubits == 2)
        return add2(fuser, qubit_on, w, u, gate->line);
    add1(fuser, w[0], u, gate->line);
    return BF_OK;
}

static bf_status_t add_gates(fuser_t *fuser, bf_site_t qubit_on[], const bf_circuit_t *circuit)
{
    bf_gate_t parts[BF_EXPAND_MAX];
    for (size_t i = 0; i < circuit->n_gates; i++) {
        const int n_parts = bf_gate_expand(&circuit->gates[i], parts);
        for (int k = 0; k < n_parts; k++)
            BF_TRY(add_gate(fuser, qubit_on, &parts[k]));
    }
    return BF_OK;
}

/** Nothing waits any more, and every block is closed. */
static bf_status_t finish_wires(fuser_t *fuser)
{
    for (bf_site_t w = 0; w < fuser->fused->n; w++)
        BF_TRY(settle_wire(fuser, w));
    for (bf_site_t w = 0; w < fuser->fused->n; w++)
        if (takes_in(fuser, fuser->wires[w].last))
            BF_TRY(close_block(fuser, fuser->wires[w].last));
    return BF_OK;
}

/** What follows the last free gate of a block becomes part of its chain, and the chain a recipe. */
static bf_status_t close_chains(fuser_t *fuser)
{
    for (uint32_t i = 0; i < fuser->n_blocks; i++) {
        block_t *block = &fuser->blocks[i];
        if (block->chain.first == NONE || block->op.wire[0] < 0)
            continue;
        if (takes_in(fuser, i)) {
            BF_TRY(reopen_block(fuser, i));
            BF_TRY(flush_matrix(fuser, i));
            free_slot(fuser, i);
        }
        BF_TRY(intern_recipe(fuser, &block->chain, &block->op.matrix));
    }
    return BF_OK;
}

static bf_status_t collect_blocks(const fuser_t *fuser)
{
    bf_fused_t *fused = fuser->fused;
    fused->ops = malloc((fuser->n_blocks + 1) * sizeof *fused->ops);
    if (!fused->ops)
        return no_memory();
    for (size_t i = 0; i < fuser->n_blocks; i++) {
        const block_t *block = &fuser->blocks[i];
        if (block->op.wire[0] < 0)
            continue;
        bf_fused_op_t *op = &fused->ops[fused->n_ops++];
        *op = block->op;
        if (block->chain.first != NONE)
            op->matrix += (uint32_t)(op->wire[1] < 0 ? fused->matrices1.count : fused->matrices.count);
    }
    return BF_OK;
}

static bf_status_t fuse(fuser_t *fuser, bf_site_t qubit_on[], const bf_circuit_t *circuit)
{
    BF_TRY(add_gates(fuser, qubit_on, circuit));
    BF_TRY(finish_wires(fuser));
    BF_TRY(close_chains(fuser));
    return collect_blocks(fuser);
}

bf_status_t bf_fuse(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, bf_fused_t *fused)
{
    assert(n > 0);
    const size_t count = (size_t)n;
    *fused = (bf_fused_t){.n = n,
                          .matrices = {.entries = 16, .stride = 16 * sizeof(bf_z_t)},
                          .matrices1 = {.entries = 4, .stride = 4 * sizeof(bf_z_t)}};
    fused->wire_of = malloc(count * sizeof *fused->wire_of);
    fuser_t fuser = {.fused = fused, .wires = calloc(count, sizeof *fuser.wires), .room_blocks = count};
    fuser.blocks = calloc(fuser.room_blocks, sizeof *fuser.blocks);
    bf_site_t *qubit_on = calloc(count, sizeof *qubit_on);
    bf_status_t status = BF_OK;
    if (fused->wire_of && fuser.wires && fuser.blocks && qubit_on) {
        for (bf_site_t q = 0; q < n; q++) {
            fused->wire_of[q] = site_of ? site_of[q] : q;
            qubit_on[fused->wire_of[q]] = q;
            fuser.wires[q].last = NONE;
            fuser.wires[q].chain = no_chain;
        }
        status = fuse(&fuser, qubit_on, circuit);
    } else {
        status = no_memory();
    }
    free(qubit_on);
    free(fuser.wires);
    free(fuser.blocks);
    free(fuser.slots);
    free(fuser.free_slots);
    free(fuser.links);
    bf_names_clear(&fuser.recipes);
    return status;
}

void bf_fused_clear(bf_fused_t *fused)
{
    free(fused->ops);
    free(fused->wire_of);
    bf_pool_clear(&fused->matrices);
    bf_pool_clear(&fused->matrices1);
    for (size_t i = 0; i < fused->n_recipes; i++)
        free(fused->recipes[i].factors);
    free(fused->recipes);
    *fused = (bf_fused_t){0};
}
