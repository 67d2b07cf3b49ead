/* Shared by the tests of runtime/circuit. */
#include "circuit_testing.h"

#include "runtime/circuit/gate_library.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bf_circuit_t *testing_parse(const char *name, const char *text)
{
    bf_circuit_t *circuit = NULL;
    bf_error_clear();
    if (bf_circuit_parse(name, text, strlen(text), 0, &circuit) < 0)
        printf("%s\n%s\n", bf_error_message(), text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(circuit);
    return circuit;
}

void testing_say(testing_text_t *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text->length += (size_t)vsnprintf(text->data + text->length, sizeof text->data - text->length, format, args);
    va_end(args);
}

static void write_angle(oracle_rng_t *rng, testing_text_t *text)
{
    testing_say(text, "%.17g", oracle_rng_below(rng, 4) ? 8 * oracle_rng_uniform(rng) - 4 : M_PI_2 * oracle_rng_below(rng, 9));
}

/** Different qubits, neighbours unless @p long_range. */
static void choose_qubits(oracle_rng_t *rng, int n, int count, bool long_range, int q[BF_GATE_QUBITS])
{
    const int first = oracle_rng_below(rng, n - count + 1), reversed = oracle_rng_below(rng, 2);
    for (int i = 0; i < count; i++) {
        q[i] = long_range ? oracle_rng_below(rng, n) : first + (reversed ? count - 1 - i : i);
        for (int k = 0; k < i; k++)
            if (q[k] == q[i]) { /* taken: draw again */
                i--;
                break;
            }
    }
}

void testing_write_gate(oracle_rng_t *rng, testing_text_t *text, int n, bool long_range, testing_angle_t *angle)
{
    const bf_gate_info_t *info;
    int q[BF_GATE_QUBITS];
    do
        info = bf_gate_info((bf_gate_kind_t)oracle_rng_below(rng, BF_KIND_KINDS));
    while (info->n_qubits < 1 || info->n_qubits > n || (info->n_qubits != 2 && oracle_rng_below(rng, 3) == 0));
    choose_qubits(rng, n, info->n_qubits, long_range, q);
    testing_say(text, "%s", info->name);
    for (int i = 0; i < info->n_params; i++) {
        testing_say(text, "%s", i ? "," : "(");
        (angle ? angle : write_angle)(rng, text);
        testing_say(text, "%s", i + 1 == info->n_params ? ")" : "");
    }
    for (int i = 0; i < info->n_qubits; i++)
        testing_say(text, "%s q[%d]", i ? "," : "", q[i]);
    testing_say(text, ";\n");
}

/* Dense vectors. */

void testing_random_state(oracle_rng_t *rng, int n, reference_z_t *psi)
{
    double norm2 = 0;
    for (int i = 0; i < 1 << n; i++) {
        psi[i] = oracle_rng_normal(rng) + I * oracle_rng_normal(rng);
        norm2 += creal(psi[i] * conj(psi[i]));
    }
    for (int i = 0; i < 1 << n; i++)
        psi[i] /= sqrt(norm2);
}

void testing_move_bits(int n, const bf_site_t *site_of, bool back, const reference_z_t *from, reference_z_t *to)
{
    for (int index = 0; index < 1 << n; index++) {
        int moved = 0;
        for (int q = 0; q < n; q++)
            moved |= (index >> q & 1) << site_of[q];
        if (back)
            to[index] = from[moved];
        else
            to[moved] = from[index];
    }
}

/** Dynamic operations so far. */
typedef struct turns {
    unsigned count;
    int32_t line; /**< of the last one: the parts of a gate on many qubits share a turn */
} turns_t;

/** Whether a gate under @p condition happens when its turn comes. */
static bool happens(turns_t *turns, uint32_t condition, bool projects, int32_t line)
{
    if (condition == 0 && !projects)
        return true;
    turns->count += line != turns->line;
    turns->line = line;
    return condition == 0 || ((condition * 2654435761U + turns->count * 40503U) >> 7 & 1);
}

/** In place of a measurement or reset of @p bit: any operator that is no multiple of a unitary and differs from the others. */
static void project(reference_z_t *psi, int n, bool resets, int bit, int q)
{
    const reference_z_t u[4] = {1, resets ? 0.3 : 0, resets ? 0.1 * I : 0, 0.6 + 0.3 * sin(bit)};
    reference_apply(psi, n, 1, &q, u);
}

/** The whole operator of a span, sum of products, when its last push comes. */
static void apply_span(const bf_program_t *program, const bf_op_t *op, reference_z_t *psi)
{
    static reference_z_t sum[1 << TESTING_MAX_QUBITS], term[1 << TESTING_MAX_QUBITS];
    const bf_span_t *span = &program->spans[op->matrix];
    const bf_sum_t *parts = &program->sums[span->sum];
    if (op->site != span->site)
        return;
    memset(sum, 0, sizeof sum);
    for (int t = 0; t < parts->n_terms; t++) {
        memcpy(term, psi, sizeof *psi << program->n);
        for (int i = 0; i < parts->n_sites; i++)
            reference_apply(term, program->n, 1, &span->sites[i], parts->factors[t][i].u);
        for (int k = 0; k < 1 << program->n; k++)
            sum[k] += term[k];
    }
    memcpy(psi, sum, sizeof *psi << program->n);
}

void testing_run_program(const bf_program_t *program, reference_z_t *psi)
{
    turns_t turns = {0};
    for (size_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        const int sites[2] = {op->site, op->site + 1};
        if (op->kind == BF_OP_PUSH)
            apply_span(program, op, psi);
        if (op->kind == BF_OP_PUSH || op->kind == BF_OP_TRUNCATE)
            continue;
        if (!happens(&turns, op->condition, op->kind != BF_OP_GATE, op->line))
            continue;
        if (op->kind != BF_OP_GATE)
            project(psi, program->n, op->kind == BF_OP_RESET, op->bit, op->site);
        else if (op->update >= 0)
            reference_apply(psi, program->n, 2, sites, program->gates2[op->matrix].u);
        else
            reference_apply(psi, program->n, 1, sites, program->gates1[op->matrix].u);
    }
}

void testing_run_circuit(const bf_circuit_t *circuit, int n, reference_z_t *psi)
{
    turns_t turns = {0};
    for (size_t i = 0; i < circuit->n_gates; i++) {
        reference_z_t u[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM];
        const bf_gate_t *gate = &circuit->gates[i];
        const bool projects = gate->kind >= BF_KIND_KINDS;
        if (!happens(&turns, gate->condition, projects, gate->line))
            continue;
        if (projects) {
            project(psi, n, gate->kind == BF_KIND_RESET, gate->q[1], gate->q[0]);
            continue;
        }
        const int k = reference_matrix(bf_gate_info((bf_gate_kind_t)gate->kind)->name, gate->p, u);
        reference_apply(psi, n, k, gate->q, u);
    }
}

static double norm(int n, const reference_z_t *psi)
{
    double norm2 = 0;
    for (int i = 0; i < 1 << n; i++)
        norm2 += creal(psi[i] * conj(psi[i]));
    return sqrt(norm2);
}

double testing_distance(int n, const reference_z_t *a, const reference_z_t *b)
{
    reference_z_t overlap = 0;
    double largest = 0;
    for (int i = 0; i < 1 << n; i++)
        overlap += conj(a[i]) * b[i];
    for (int i = 0; i < 1 << n; i++)
        largest = fmax(largest, cabs(a[i] * overlap / cabs(overlap) - b[i]));
    return largest / norm(n, a);
}

double testing_error(oracle_rng_t *rng, const bf_circuit_t *circuit, int n, const bf_site_t *site_of, const bf_program_t *program)
{
    static reference_z_t psi[1 << TESTING_MAX_QUBITS], sites[1 << TESTING_MAX_QUBITS], result[1 << TESTING_MAX_QUBITS];
    testing_random_state(rng, n, psi);
    testing_move_bits(n, site_of, false, psi, sites);
    testing_run_circuit(circuit, n, psi);
    testing_run_program(program, sites);
    testing_move_bits(n, program->site_of, true, sites, result);
    return testing_distance(n, psi, result);
}
