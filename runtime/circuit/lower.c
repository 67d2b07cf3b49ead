/* The passes one after the other, and the program they end in. */
#include "runtime/circuit/matrix.h"
#include "runtime/circuit/route.h"

#include <limits.h>
#include <stdlib.h>

enum { FORMS = 4 };

_Static_assert(offsetof(bf_gate2_t, u) == 0 && offsetof(bf_gate1_t, u) == 0, "a pool's items begin with the matrix");

/** The final matrices, equal ones once. */
typedef struct builder {
    bf_program_t *program;
    bf_pool_t pool2; /**< two-site matrices */
    bf_pool_t pool1; /**< one-site matrices */
    uint32_t *known; /**< [FORMS*matrix + form]: 1 + number in pool2 of that form of a fused matrix, 0 unknown */
    uint32_t swap;   /**< the same for the routing swap */
} builder_t;

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory for the lowered circuit");
}

static bf_status_t matrix_of(builder_t *builder, const bf_fused_t *fused, const bf_routed_op_t *op, uint32_t *id)
{
    bf_z_t u[16] = {[0] = 1, [5] = 1, [10] = 1, [15] = 1};
    const bool is_swap = op->matrix == BF_ROUTED_SWAP;
    uint32_t *known = is_swap ? &builder->swap : &builder->known[(size_t)FORMS * op->matrix + op->form];
    if (!*known) {
        if (!is_swap)
            memcpy(u, bf_pool_at(&fused->matrices, op->matrix), sizeof u);
        if (op->form & BF_FORM_FLIPPED)
            bf_mat4_flip(u);
        if (op->form & BF_FORM_SWAP_AFTER)
            bf_mat4_swap_after(u);
        BF_TRY(bf_pool_intern(&builder->pool2, u, known));
        ++*known;
    }
    *id = *known - 1;
    return BF_OK;
}

static bf_status_t build_ops(builder_t *builder, const bf_fused_t *fused, const bf_routed_t *routed)
{
    bf_program_t *program = builder->program;
    program->ops = malloc((routed->n_ops + fused->n_singles + 1) * sizeof *program->ops);
    if (!program->ops)
        return no_memory();
    for (size_t i = 0; i < routed->n_ops; i++) {
        const bf_routed_op_t *from = &routed->ops[i];
        bf_op_t *op = &program->ops[program->n_ops++];
        *op = (bf_op_t){.site = from->site, .line = from->line, .update = (int32_t)program->n_updates++};
        BF_TRY(matrix_of(builder, fused, from, &op->matrix));
    }
    for (size_t i = 0; i < fused->n_singles; i++) {
        bf_fused_single_t single = fused->singles[i];
        bf_op_t *op = &program->ops[program->n_ops++];
        *op = (bf_op_t){.site = routed->site_of_wire[single.wire], .line = single.line, .update = -1};
        BF_TRY(bf_pool_intern(&builder->pool1, single.u, &op->matrix));
    }
    return BF_OK;
}

/** The pools hold bf_gate2_t and bf_gate1_t already, but for what classification adds. */
static void build_matrices(builder_t *builder)
{
    bf_program_t *program = builder->program;
    program->gates2 = bf_pool_release(&builder->pool2, &program->n_gates2);
    program->gates1 = bf_pool_release(&builder->pool1, &program->n_gates1);
    for (size_t i = 0; i < program->n_gates2; i++)
        bf_gate2_classify(&program->gates2[i]);
    for (size_t i = 0; i < program->n_gates1; i++)
        bf_gate1_classify(&program->gates1[i]);
}

static bf_status_t build_permutation(builder_t *builder, const bf_fused_t *fused, const bf_routed_t *routed)
{
    bf_program_t *program = builder->program;
    program->n = fused->n;
    program->site_of = malloc((size_t)fused->n * sizeof *program->site_of);
    if (!program->site_of)
        return no_memory();
    for (bf_site_t q = 0; q < fused->n; q++)
        program->site_of[q] = routed->site_of_wire[fused->wire_of[q]];
    return BF_OK;
}

static bf_status_t build(builder_t *builder, const bf_fused_t *fused, const bf_routed_t *routed)
{
    BF_TRY(build_permutation(builder, fused, routed));
    BF_TRY(build_ops(builder, fused, routed));
    build_matrices(builder);
    return BF_OK;
}

static bf_status_t lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, bf_program_t *program)
{
    bf_fused_t fused = {0};
    bf_routed_t routed = {0};
    builder_t builder = {.program = program,
                         .pool2 = {.entries = 16, .stride = sizeof(bf_gate2_t)},
                         .pool1 = {.entries = 4, .stride = sizeof(bf_gate1_t)}};
    bf_status_t status = bf_fuse(circuit, n, site_of, &fused);
    if (status >= 0)
        status = bf_route(&fused, &routed);
    if (status >= 0) {
        builder.known = calloc(FORMS * fused.matrices.count + 1, sizeof *builder.known);
        status = builder.known ? build(&builder, &fused, &routed) : no_memory();
    }
    free(builder.known);
    bf_pool_clear(&builder.pool2);
    bf_pool_clear(&builder.pool1);
    bf_routed_clear(&routed);
    bf_fused_clear(&fused);
    return status;
}

bf_status_t bf_circuit_lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, bf_program_t **program)
{
    *program = NULL;
    if (n < circuit->n || n < 1)
        return bf_error_set(BF_ERR_ARG, "a circuit on %d qubits cannot run on %d sites", circuit->n, n);
    bf_program_t *lowered = calloc(1, sizeof *lowered);
    if (!lowered)
        return no_memory();
    const bf_status_t status = lower(circuit, n, site_of, lowered);
    if (status < 0) {
        bf_program_destroy(lowered);
        return status;
    }
    *program = lowered;
    return BF_OK;
}

void bf_program_destroy(bf_program_t *program)
{
    if (!program)
        return;
    free(program->ops);
    free(program->gates2);
    free(program->gates1);
    free(program->site_of);
    free(program);
}
