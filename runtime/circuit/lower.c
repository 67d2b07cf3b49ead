/* The passes one after the other, and the program they end in. */
#include "runtime/circuit/lower.h"

#include "runtime/circuit/matrix.h"

#include <stdio.h>
#include <stdlib.h>

enum { FORMS = 4 };

_Static_assert(offsetof(bf_gate2_t, u) == 0 && offsetof(bf_gate1_t, u) == 0, "a pool's items begin with the matrix");

/** The final matrices, equal ones once. Bound ones are numbered apart and get their place behind the others at the end. */
typedef struct builder {
    const bf_circuit_t *circuit;
    bf_lowered_t *lowered;
    const bf_routed_t *routed;
    bf_pool_t pool2; /**< two-site matrices */
    bf_pool_t pool1; /**< one-site matrices */
    uint32_t *known; /**< [FORMS*matrix + form]: 1 + number of that form of a fused matrix or recipe, 0 unknown */
    uint32_t swap;   /**< the same for the routing swap */
} builder_t;

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory for the lowered circuit");
}

/** The number of a two-site operation's matrix; a bound one's among bound2. */
static bf_status_t number2(builder_t *builder, uint32_t from, uint32_t form, uint32_t *id)
{
    bf_lowered_t *lowered = builder->lowered;
    const bf_fused_t *fused = &lowered->fused;
    bf_z_t u[16] = {[0] = 1, [5] = 1, [10] = 1, [15] = 1};
    const bool is_swap = from == BF_ROUTED_SWAP;
    uint32_t *known = is_swap ? &builder->swap : &builder->known[(size_t)FORMS * from + form];
    if (!*known && !is_swap && from >= fused->matrices.count) {
        lowered->bound2[lowered->n_bound2++] = (bf_bound_t){from - (uint32_t)fused->matrices.count, form};
        *known = (uint32_t)lowered->n_bound2;
    } else if (!*known) {
        if (!is_swap)
            memcpy(u, bf_pool_at(&fused->matrices, from), sizeof u);
        if (form & BF_FORM_FLIPPED)
            bf_mat4_flip(u);
        if (form & BF_FORM_SWAP_AFTER)
            bf_mat4_swap_after(u);
        BF_TRY(bf_pool_intern(&builder->pool2, u, known));
        ++*known;
    }
    *id = *known - 1;
    return BF_OK;
}

/** The same on one site. */
static bf_status_t number1(builder_t *builder, uint32_t from, uint32_t *id)
{
    bf_lowered_t *lowered = builder->lowered;
    const bf_fused_t *fused = &lowered->fused;
    bf_z_t u[4];
    if (from >= fused->matrices1.count) {
        *id = (uint32_t)lowered->n_bound1;
        lowered->bound1[lowered->n_bound1++] = (bf_bound_t){from - (uint32_t)fused->matrices1.count, 0};
        return BF_OK;
    }
    memcpy(u, bf_pool_at(&fused->matrices1, from), sizeof u);
    return bf_pool_intern(&builder->pool1, u, id);
}

static bf_status_t build_op(builder_t *builder, const bf_routed_op_t *from, bf_op_t *op)
{
    bf_program_t *program = builder->lowered->program;
    *op = (bf_op_t){.site = from->site, .update = -1, .bit = -1};
    if (from->op == BF_ROUTED_SWAP) {
        op->update = (int32_t)program->n_updates++;
        return number2(builder, BF_ROUTED_SWAP, from->form, &op->matrix);
    }
    const bf_fused_op_t *fused = &builder->lowered->fused.ops[from->op];
    op->line = fused->line;
    op->kind = fused->kind;
    op->condition = fused->condition;
    if (fused->kind != BF_OP_GATE) {
        op->bit = fused->bit;
        return BF_OK;
    }
    if (fused->wire[1] < 0)
        return number1(builder, fused->matrix, &op->matrix);
    op->update = (int32_t)program->n_updates++;
    return number2(builder, fused->matrix, from->form, &op->matrix);
}

/** Bound matrices come behind the others, whose count is known now. */
static void number_bound(builder_t *builder)
{
    const bf_fused_t *fused = &builder->lowered->fused;
    for (size_t i = 0; i < builder->routed->n_ops; i++) {
        const uint32_t from = builder->routed->ops[i].op;
        if (from == BF_ROUTED_SWAP || fused->ops[from].kind != BF_OP_GATE)
            continue;
        const bool two = fused->ops[from].wire[1] >= 0;
        if (fused->ops[from].matrix >= (two ? &fused->matrices : &fused->matrices1)->count)
            builder->lowered->program->ops[i].matrix += (uint32_t)(two ? &builder->pool2 : &builder->pool1)->count;
    }
}

static bf_status_t build_ops(builder_t *builder)
{
    const bf_routed_t *routed = builder->routed;
    bf_program_t *program = builder->lowered->program;
    program->ops = malloc((routed->n_ops + 1) * sizeof *program->ops);
    if (!program->ops)
        return no_memory();
    for (; program->n_ops < routed->n_ops; program->n_ops++)
        BF_TRY(build_op(builder, &routed->ops[program->n_ops], &program->ops[program->n_ops]));
    number_bound(builder);
    return BF_OK;
}

/** Behind the matrices of a pool, @p n_bound identities. @return the array, NULL when out of memory */
static void *with_bound(bf_pool_t *pool, size_t n_bound, size_t *count)
{
    void *items = bf_pool_release(pool, count);
    char *all = realloc(items, (*count + n_bound + 1) * pool->stride);
    if (!all) {
        free(items);
        return NULL;
    }
    memset(all + *count * pool->stride, 0, n_bound * pool->stride);
    const size_t order = pool->entries == 16 ? 4 : 2;
    for (size_t i = 0; i < n_bound; i++)
        for (size_t k = 0; k < order; k++)
            ((bf_z_t *)(void *)(all + (*count + i) * pool->stride))[k * (order + 1)] = 1;
    *count += n_bound;
    return all;
}

/** The pools hold bf_gate2_t and bf_gate1_t already, but for what classification adds. */
static bf_status_t build_matrices(builder_t *builder)
{
    const bf_lowered_t *lowered = builder->lowered;
    bf_program_t *program = lowered->program;
    program->gates2 = with_bound(&builder->pool2, lowered->n_bound2, &program->n_gates2);
    program->gates1 = with_bound(&builder->pool1, lowered->n_bound1, &program->n_gates1);
    if (!program->gates2 || !program->gates1)
        return no_memory();
    for (size_t i = 0; i < program->n_gates2 - lowered->n_bound2; i++)
        bf_gate2_classify(&program->gates2[i]);
    for (size_t i = 0; i < program->n_gates1 - lowered->n_bound1; i++)
        bf_gate1_classify(&program->gates1[i]);
    return BF_OK;
}

static bf_status_t build_permutation(builder_t *builder)
{
    const bf_fused_t *fused = &builder->lowered->fused;
    bf_program_t *program = builder->lowered->program;
    program->n = fused->n;
    program->site_of = malloc((size_t)fused->n * sizeof *program->site_of);
    if (!program->site_of)
        return no_memory();
    for (bf_site_t q = 0; q < fused->n; q++)
        program->site_of[q] = builder->routed->site_of_wire[fused->wire_of[q]];
    return bf_logic_copy(&builder->circuit->classical.logic, &program->logic) < 0 ? no_memory() : BF_OK;
}

static bf_status_t build(builder_t *builder)
{
    bf_lowered_t *lowered = builder->lowered;
    const bf_fused_t *fused = &lowered->fused;
    const size_t known = FORMS * (fused->matrices.count + fused->n_recipes) + 1;
    builder->known = calloc(known, sizeof *builder->known);
    lowered->program = calloc(1, sizeof *lowered->program);
    lowered->bound2 = malloc((FORMS * fused->n_recipes + 1) * sizeof *lowered->bound2);
    lowered->bound1 = malloc((fused->n_ops + 1) * sizeof *lowered->bound1);
    if (!builder->known || !lowered->program || !lowered->bound2 || !lowered->bound1)
        return no_memory();
    BF_TRY(build_permutation(builder));
    BF_TRY(build_ops(builder));
    return build_matrices(builder);
}

bf_status_t bf_lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, bf_lowered_t *lowered)
{
    bf_routed_t routed = {0};
    builder_t builder = {.circuit = circuit,
                         .lowered = lowered,
                         .routed = &routed,
                         .pool2 = {.entries = 16, .stride = sizeof(bf_gate2_t)},
                         .pool1 = {.entries = 4, .stride = sizeof(bf_gate1_t)}};
    *lowered = (bf_lowered_t){0};
    if (n < circuit->n || n < 1)
        return bf_error_set(BF_ERR_ARG, "a circuit on %d qubits cannot run on %d sites", circuit->n, n);
    bf_status_t status = bf_fuse(circuit, n, site_of, &lowered->fused);
    if (status >= 0)
        status = bf_route(&lowered->fused, &routed);
    if (status >= 0)
        status = build(&builder);
    free(builder.known);
    bf_pool_clear(&builder.pool2);
    bf_pool_clear(&builder.pool1);
    bf_routed_clear(&routed);
    return status;
}

void bf_lowered_clear(bf_lowered_t *lowered)
{
    bf_program_destroy(lowered->program);
    bf_fused_clear(&lowered->fused);
    free(lowered->bound2);
    free(lowered->bound1);
    *lowered = (bf_lowered_t){0};
}

/** Name the inputs nobody gave a value, the first few of them. */
bf_status_t bf_circuit_check_bound(const bf_circuit_t *circuit)
{
    if (circuit->n_inputs == 0)
        return BF_OK;
    enum { NAMED = 3, ROOM = 100 * NAMED };
    char names[ROOM] = "";
    const size_t n = circuit->n_inputs;
    size_t used = 0;
    for (size_t i = 0; i < n && i < NAMED; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", circuit->inputs[i]);
    if (n == 1)
        return bf_error_set(BF_ERR_INPUT, "input %s is not bound; give a table with --params", names);
    if (n <= NAMED)
        return bf_error_set(BF_ERR_INPUT, "inputs %s are not bound; give a table with --params", names);
    return bf_error_set(BF_ERR_INPUT, "inputs %s, ... %s (%zu of them) are not bound; give a table with --params", names,
                        circuit->inputs[n - 1], n);
}

bf_status_t bf_circuit_lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, bf_program_t **program)
{
    bf_lowered_t lowered;
    *program = NULL;
    BF_TRY(bf_circuit_check_bound(circuit));
    const bf_status_t status = bf_lower(circuit, n, site_of, &lowered);
    if (status >= 0) {
        *program = lowered.program;
        lowered.program = NULL;
    }
    bf_lowered_clear(&lowered);
    return status;
}

void bf_program_destroy(bf_program_t *program)
{
    if (!program)
        return;
    free(program->ops);
    free(program->gates2);
    free(program->gates1);
    free(program->site_of);
    bf_logic_clear(&program->logic);
    free(program);
}
