/* Templates: every matrix that depends on inputs becomes a short list of steps, constant ones multiplied together beforehand.
 * Diagonal and XX-type gates, which feature maps are made of, are applied to rows without building their matrices. */
#include "runtime/circuit/template.h"

#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/lower.h"
#include "runtime/circuit/matrix.h"

#include <math.h>
#include <stdlib.h>

/** Multiply by ... from the left. */
typedef enum action {
    MATRIX1,  /**< a fixed matrix on one side */
    MATRIX2,  /**< a fixed matrix on both */
    GATE1,    /**< a library gate on one side */
    GATE2,    /**< a library gate on both */
    EXCHANGE, /**< SWAP */
    ROTATE_Z, /**< diag(exp(-i p/2), exp(i p/2)) on one side */
    ROTATE_XX /**< cos p/2 - i sin p/2 XX */
} action_t;

typedef struct step {
    uint16_t action;
    uint16_t where; /**< BF_ON_... */
    uint16_t kind;  /**< of a gate */
    uint16_t free;  /**< bit k: p[k] is an index into bf_template_t::expressions */
    double p[BF_GATE_PARAMS];
    size_t matrix; /**< of a fixed matrix, in bf_template_t::constants */
} step_t;

/** How to make one matrix. */
typedef struct target {
    size_t first_step, n_steps;
    bf_z_t start[16]; /**< what the steps are applied to */
    int rank;         /**< Schmidt rank where it is known whatever the inputs, else 0 */
} target_t;

struct bf_template {
    bf_program_t *program;        /**< owned */
    bf_expression_t *expressions; /**< owned, and their code */
    size_t n_expressions;
    bf_z_t (*constants)[16]; /**< fixed matrices; a 2 x 2 one uses the first four entries; owned */
    size_t n_constants;
    step_t *steps; /**< owned */
    size_t n_steps;
    target_t *targets2; /**< of the last matrices in gates2; owned */
    size_t n_targets2;
    target_t *targets1; /**< of the last matrices in gates1, in the corner of 4 x 4; owned */
    size_t n_targets1;
};

/* Building. */

static action_t action_of(const bf_factor_t *factor)
{
    const bool pair = factor->where >= BF_ON_BOTH;
    if (factor->kind == BF_FACTOR_MATRIX)
        return pair ? MATRIX2 : MATRIX1;
    if (factor->kind == BF_KIND_RZ)
        return ROTATE_Z;
    if (factor->kind == BF_KIND_RXX)
        return ROTATE_XX;
    if (factor->kind == BF_KIND_SWAP)
        return EXCHANGE;
    return pair ? GATE2 : GATE1;
}

/** True when a fixed factor comes before everything on its wires that depends on inputs; @p met says which wires have met such.
 */
static bool comes_first(const bf_factor_t *factor, const bool met[2])
{
    const bool first = factor->where != BF_ON_SECOND, second = factor->where != BF_ON_FIRST;
    return factor->kind == BF_FACTOR_MATRIX && !(first && met[0]) && !(second && met[1]);
}

static void apply_matrix(uint16_t where, const bf_z_t *u, bf_z_t *product)
{
    if (where < BF_ON_BOTH)
        bf_mat4_after(product, where, u);
    else
        bf_mat4_apply(u, product);
}

static void add_target(bf_template_t *lowered, const bf_fused_t *fused, uint32_t number, target_t *target)
{
    const bf_recipe_t *recipe = &fused->recipes[number];
    bool met[2] = {false, false};
    int pairs = 0, rank = 0;
    *target = (target_t){.first_step = lowered->n_steps, .start = {[0] = 1, [5] = 1, [10] = 1, [15] = 1}};
    for (size_t i = 0; i < recipe->n_factors; i++) {
        const bf_factor_t *factor = &recipe->factors[i];
        const bool pair = factor->where >= BF_ON_BOTH;
        const bf_z_t *u = NULL;
        if (factor->kind == BF_FACTOR_MATRIX)
            u = bf_pool_at(pair ? &fused->matrices : &fused->matrices1, factor->matrix);
        if (pair) {
            bf_gate2_t gate = {.schmidt_rank = u ? 0 : bf_gate_schmidt_rank((bf_gate_kind_t)factor->kind)};
            if (u) {
                memcpy(gate.u, u, sizeof gate.u);
                bf_gate2_classify(&gate);
            }
            rank = gate.schmidt_rank;
            pairs++;
        }
        if (comes_first(factor, met)) {
            apply_matrix(factor->where, u, target->start);
            continue;
        }
        met[0] = met[0] || factor->where != BF_ON_SECOND;
        met[1] = met[1] || factor->where != BF_ON_FIRST;
        step_t *step = &lowered->steps[lowered->n_steps++];
        *step =
            (step_t){.action = (uint16_t)action_of(factor), .where = factor->where, .kind = factor->kind, .free = factor->free};
        memcpy(step->p, factor->p, sizeof step->p);
        if (u) {
            memcpy(lowered->constants[lowered->n_constants], u, (pair ? 16 : 4) * sizeof *u);
            step->matrix = lowered->n_constants++;
        }
    }
    target->n_steps = lowered->n_steps - target->first_step;
    target->rank = pairs == 1 ? rank : 0;
}

/** Copy the expressions the steps use, and renumber. */
static bf_status_t copy_expressions(bf_template_t *lowered, const bf_expressions_t *from)
{
    uint32_t *renumbered = calloc(from->count + 1, sizeof *renumbered); /* 1 + new number */
    lowered->expressions = calloc(from->count + 1, sizeof *lowered->expressions);
    bool enough = renumbered && lowered->expressions;
    for (size_t i = 0; i < lowered->n_steps && enough; i++)
        for (int k = 0; k < BF_GATE_PARAMS && enough; k++) {
            if (!(lowered->steps[i].free >> k & 1))
                continue;
            const size_t old = (size_t)lowered->steps[i].p[k];
            if (!renumbered[old]) {
                bf_expression_t *copy = &lowered->expressions[lowered->n_expressions++];
                *copy = from->items[old];
                copy->ops = malloc((size_t)copy->n_ops * sizeof *copy->ops);
                enough = copy->ops != NULL;
                if (enough)
                    memcpy(copy->ops, from->items[old].ops, (size_t)copy->n_ops * sizeof *copy->ops);
                renumbered[old] = (uint32_t)lowered->n_expressions;
            }
            lowered->steps[i].p[k] = renumbered[old] - 1;
        }
    free(renumbered);
    return enough ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory for the expressions of a template");
}

/** The factors of every bound matrix: how many steps and constants there can be. */
static size_t count_factors(const bf_lowered_t *from)
{
    size_t count = 1;
    for (size_t i = 0; i < from->n_bound2; i++)
        count += from->fused.recipes[from->bound2[i]].n_factors;
    for (size_t i = 0; i < from->n_bound1; i++)
        count += from->fused.recipes[from->bound1[i]].n_factors;
    return count;
}

static bf_status_t compile(const bf_circuit_t *circuit, bf_lowered_t *from, bf_template_t *lowered)
{
    const size_t factors = count_factors(from);
    lowered->steps = malloc(factors * sizeof *lowered->steps);
    lowered->constants = malloc(factors * sizeof *lowered->constants);
    lowered->targets2 = malloc((from->n_bound2 + 1) * sizeof *lowered->targets2);
    lowered->targets1 = malloc((from->n_bound1 + 1) * sizeof *lowered->targets1);
    if (!lowered->steps || !lowered->constants || !lowered->targets2 || !lowered->targets1)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for a template of %zu factors", factors);
    for (; lowered->n_targets2 < from->n_bound2; lowered->n_targets2++)
        add_target(lowered, &from->fused, from->bound2[lowered->n_targets2], &lowered->targets2[lowered->n_targets2]);
    for (; lowered->n_targets1 < from->n_bound1; lowered->n_targets1++)
        add_target(lowered, &from->fused, from->bound1[lowered->n_targets1], &lowered->targets1[lowered->n_targets1]);
    bf_gate2_t *bound = from->program->gates2 + (from->program->n_gates2 - from->n_bound2);
    for (size_t i = 0; i < from->n_bound2; i++)
        bound[i].schmidt_rank = lowered->targets2[i].rank ? lowered->targets2[i].rank : 4;
    lowered->program = from->program;
    from->program = NULL;
    return copy_expressions(lowered, &circuit->expressions);
}

bf_status_t bf_template_create_with(const bf_circuit_t *circuit, const bf_pass_options_t *options, bf_template_t **lowered)
{
    bf_lowered_t from;
    *lowered = NULL;
    if (bf_circuit_is_dynamic(circuit))
        return bf_error_set(BF_ERR_INPUT,
                            "the circuit measures or resets qubits on the way: rows of a table need a circuit without, "
                            "bind its inputs with --set and run it by itself");
    bf_template_t *made = calloc(1, sizeof *made);
    if (!made)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for a template");
    bf_status_t status = bf_lower(circuit, circuit->n, NULL, options, NULL, &from);
    if (status >= 0)
        status = compile(circuit, &from, made);
    bf_lowered_clear(&from);
    if (status < 0) {
        bf_template_destroy(made);
        return status;
    }
    *lowered = made;
    return BF_OK;
}

bf_status_t bf_template_create(const bf_circuit_t *circuit, bf_template_t **lowered)
{
    const bf_pass_options_t options = bf_pass_options_default();
    return bf_template_create_with(circuit, &options, lowered);
}

void bf_template_destroy(bf_template_t *lowered)
{
    if (!lowered)
        return;
    bf_program_destroy(lowered->program);
    for (size_t i = 0; i < lowered->n_expressions; i++)
        free(lowered->expressions[i].ops);
    free(lowered->expressions);
    free(lowered->constants);
    free(lowered->steps);
    free(lowered->targets2);
    free(lowered->targets1);
    free(lowered);
}

const bf_program_t *bf_template_program(const bf_template_t *lowered)
{
    return lowered->program;
}

/* Binding. */

/** Rows of the product where the side is 0 times conj(phase), where it is 1 times phase. */
static void rotate_z(bf_z_t u[16], unsigned where, double angle)
{
    const double c = cos(angle / 2), s = sin(angle / 2);
    const unsigned bit = where == BF_ON_FIRST ? 2 : 1;
    for (unsigned row = 0; row < 4; row++) {
        const bf_z_t phase = bf_complex(c, row & bit ? s : -s);
        for (unsigned k = 0; k < 4; k++)
            u[4 * row + k] = bf_mul(phase, u[4 * row + k]);
    }
}

/** Rows 0 and 3 mix, and rows 1 and 2: x <- c x - i s y. */
static void rotate_xx(bf_z_t u[16], double angle)
{
    const double c = cos(angle / 2), s = sin(angle / 2);
    for (unsigned row = 0; row < 2; row++)
        for (unsigned k = 0; k < 4; k++) {
            const bf_z_t x = u[4 * row + k], y = u[4 * (3 - row) + k];
            u[4 * row + k] = bf_complex(c * creal(x) + s * cimag(y), c * cimag(x) - s * creal(y));
            u[4 * (3 - row) + k] = bf_complex(c * creal(y) + s * cimag(x), c * cimag(y) - s * creal(x));
        }
}

static void apply_step(const bf_template_t *lowered, const step_t *step, const double *p, bf_z_t u[16])
{
    bf_z_t gate[16];
    switch ((action_t)step->action) {
    case ROTATE_Z:
        rotate_z(u, step->where, p[0]);
        break;
    case ROTATE_XX:
        rotate_xx(u, p[0]);
        break;
    case MATRIX1:
    case MATRIX2:
        apply_matrix(step->where, lowered->constants[step->matrix], u);
        break;
    case EXCHANGE:
        bf_mat4_swap_after(u);
        break;
    case GATE1:
    case GATE2:
        bf_gate_matrix((bf_gate_kind_t)step->kind, p, gate);
        if (step->where == BF_ON_BOTH_FLIPPED)
            bf_mat4_flip(gate);
        apply_matrix(step->where, gate, u);
        break;
    }
}

static bf_status_t make_matrix(const bf_template_t *lowered, const target_t *target, const double *inputs, bf_z_t u[16])
{
    memcpy(u, target->start, sizeof target->start);
    const step_t *const end = lowered->steps + target->first_step + target->n_steps;
    for (const step_t *step = lowered->steps + target->first_step; step < end; step++) {
        double p[BF_GATE_PARAMS];
        for (int k = 0; k < BF_GATE_PARAMS; k++) {
            p[k] = step->free >> k & 1 ? bf_expression_value(&lowered->expressions[(size_t)step->p[k]], inputs) : step->p[k];
            if (!isfinite(p[k]))
                return BF_ERR_INPUT;
        }
        apply_step(lowered, step, p, u);
    }
    return BF_OK;
}

static bool is_real(const bf_z_t u[16])
{
    for (int i = 0; i < 16; i++)
        if (cimag(u[i]) != 0)
            return false;
    return true;
}

bf_status_t bf_template_bind(const bf_template_t *lowered, const double *inputs, bf_gate2_t *gates2, bf_gate1_t *gates1)
{
    const bf_program_t *program = lowered->program;
    const size_t fixed2 = program->n_gates2 - lowered->n_targets2, fixed1 = program->n_gates1 - lowered->n_targets1;
    if (fixed2 > 0)
        memcpy(gates2, program->gates2, fixed2 * sizeof *gates2);
    if (fixed1 > 0)
        memcpy(gates1, program->gates1, fixed1 * sizeof *gates1);
    for (size_t i = 0; i < lowered->n_targets2; i++) {
        bf_gate2_t *gate = &gates2[fixed2 + i];
        BF_TRY(make_matrix(lowered, &lowered->targets2[i], inputs, gate->u));
        bf_mat_clear_roundings(16, gate->u);
        bf_mat_make_real(16, gate->u);
        gate->schmidt_rank = lowered->targets2[i].rank;
        gate->real = is_real(gate->u);
        if (gate->schmidt_rank == 0)
            bf_gate2_classify(gate);
    }
    for (size_t i = 0; i < lowered->n_targets1; i++) {
        bf_z_t u[16]; /* a one-site matrix, on the first of two */
        bf_gate1_t *gate = &gates1[fixed1 + i];
        BF_TRY(make_matrix(lowered, &lowered->targets1[i], inputs, u));
        gate->u[0] = u[0];
        gate->u[1] = u[2];
        gate->u[2] = u[8];
        gate->u[3] = u[10];
        bf_mat_clear_roundings(4, gate->u);
        bf_mat_make_real(4, gate->u);
        bf_gate1_classify(gate);
    }
    return BF_OK;
}
