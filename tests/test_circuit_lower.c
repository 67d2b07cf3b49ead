/* The lowering passes: the program, run on a dense vector in site space, does what the circuit does in qubit space; and it is
 * lean. */
#include "circuit_testing.h"
#include "cunit_main.h"
#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/matrix.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MAX_QUBITS = TESTING_MAX_QUBITS, RANDOM_CIRCUITS = 50 };

static oracle_rng_t rng;

static int seed_generator(void)
{
    rng.state = oracle_rng_run_seed();
    printf("seed %llu\n", (unsigned long long)rng.state);
    return 0;
}

static bf_program_t *lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of)
{
    bf_program_t *program = NULL;
    CU_ASSERT_EQUAL(bf_circuit_lower(circuit, n, site_of, &program), BF_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(program);
    return program;
}

static bf_program_t *lower_text(const char *body)
{
    static testing_text_t text;
    text.length = 0;
    testing_say(&text, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n%s", body);
    bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
    bf_program_t *program = lower(circuit, bf_circuit_qubits(circuit), NULL);
    bf_circuit_destroy(circuit);
    return program;
}

/* What every program must satisfy. */

static void check_structure(const bf_program_t *program)
{
    size_t *last = calloc((size_t)program->n, sizeof *last); /* per site: 1 + the last operation, 0 none */
    bool *taken = calloc((size_t)program->n, sizeof *taken);
    bool *pushed = calloc((size_t)program->n, sizeof *pushed); /* a push on (site, site + 1) waits for its truncation */
    CU_ASSERT_FATAL(last && taken && pushed);
    size_t updates = 0;
    for (size_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        const bool two = op->update >= 0;
        if (op->kind == BF_OP_PUSH) {
            const bf_span_t *span = &program->spans[op->matrix];
            CU_ASSERT(op->matrix < program->n_spans && span->sum < program->n_sums && span->site >= 0 && op->site >= span->site &&
                      op->site + 1 < span->site + span->length && span->site + span->length <= program->n);
            pushed[op->site] = true;
            continue;
        }
        const bool valid =
            op->site >= 0 && op->site + two < program->n && op->matrix < (two ? program->n_gates2 : program->n_gates1);
        CU_ASSERT(valid);
        if (!two || !valid)
            continue;
        CU_ASSERT_EQUAL(op->update, (int32_t)updates++);
        if (pushed[op->site]) { /* the truncation behind a push: an identity that nothing has become part of */
            CU_ASSERT_EQUAL(program->gates2[op->matrix].schmidt_rank, 1);
            pushed[op->site] = false;
            last[op->site] = last[op->site + 1] = 0;
            continue;
        }
        CU_ASSERT(program->gates2[op->matrix].schmidt_rank > 1);                /* no product, no identity */
        CU_ASSERT(last[op->site] == 0 || last[op->site] != last[op->site + 1]); /* nothing left to fuse */
        last[op->site] = last[op->site + 1] = i + 1;
    }
    CU_ASSERT_EQUAL(updates, program->n_updates);
    for (bf_site_t q = 0; q < program->n; q++) {
        CU_ASSERT_FATAL(program->site_of[q] >= 0 && program->site_of[q] < program->n);
        CU_ASSERT_FALSE(taken[program->site_of[q]]);
        taken[program->site_of[q]] = true;
    }
    free(last);
    free(taken);
    free(pushed);
}

/** Beside spans, one-site operations only on sites without any two-site operation, one each. */
static void check_singles(const bf_program_t *program)
{
    bool used[MAX_QUBITS] = {false}, spanned[MAX_QUBITS] = {false};
    for (size_t i = 0; i < program->n_spans; i++) /* nothing becomes part of a span */
        for (bf_site_t s = 0; s < program->spans[i].length; s++)
            spanned[program->spans[i].site + s] = true;
    for (size_t i = 0; i < program->n_ops; i++)
        if (program->ops[i].update >= 0)
            used[program->ops[i].site] = used[program->ops[i].site + 1] = true;
    for (size_t i = 0; i < program->n_ops; i++)
        if (program->ops[i].update < 0 && !spanned[program->ops[i].site]) {
            CU_ASSERT_FALSE(used[program->ops[i].site]);
            used[program->ops[i].site] = true;
        }
}

static void random_circuits(void)
{
    static testing_text_t text;
    for (int trial = 0; trial < RANDOM_CIRCUITS; trial++) {
        const int n = 1 + oracle_rng_below(&rng, MAX_QUBITS), gates = 1 + oracle_rng_below(&rng, 80);
        text.length = 0;
        testing_say(&text, "OPENQASM 2.0; qreg q[%d];\n", n);
        for (int i = 0; i < gates; i++)
            testing_write_gate(&rng, &text, n, trial % 3 != 0, NULL);
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        CU_ASSERT_EQUAL(bf_circuit_gates(circuit), (size_t)gates);
        bf_site_t site_of[MAX_QUBITS];
        for (int q = 0; q < n; q++) { /* a random permutation */
            const int other = oracle_rng_below(&rng, q + 1);
            site_of[q] = site_of[other];
            site_of[other] = q;
        }
        bf_program_t *program = lower(circuit, n, site_of);
        const double error = testing_error(&rng, circuit, n, site_of, program);
        if (error > 1e-12)
            printf("trial %d: off by %g\n%s\n", trial, error, text.data);
        CU_ASSERT(error <= 1e-12);
        check_structure(program);
        check_singles(program);
        bf_program_destroy(program);
        bf_circuit_destroy(circuit);
    }
}

/** Gates under conditions, measurements and resets stay operations of their own, in their order, whatever fuses around them. */
static void dynamic_operations_keep_their_place(void)
{
    static testing_text_t text;
    for (int trial = 0; trial < RANDOM_CIRCUITS; trial++) {
        const int n = 2 + oracle_rng_below(&rng, MAX_QUBITS - 1), gates = 1 + oracle_rng_below(&rng, 60);
        text.length = 0;
        testing_say(&text, "OPENQASM 2.0; qreg q[%d];\n", n);
        for (int i = 0; i < gates; i++)
            testing_write_gate(&rng, &text, n, trial % 3 != 0, NULL);
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        for (size_t i = 0; i < circuit->n_gates; i++) {
            bf_gate_t *gate = &circuit->gates[i];
            gate->condition = oracle_rng_below(&rng, 4) == 0 ? 1U + (uint32_t)oracle_rng_below(&rng, 5) : 0U;
            if (bf_gate_info((bf_gate_kind_t)gate->kind)->n_qubits == 1 && oracle_rng_below(&rng, 4) == 0) {
                gate->kind = oracle_rng_below(&rng, 2) ? BF_KIND_MEASURE : BF_KIND_RESET;
                gate->q[1] = oracle_rng_below(&rng, 10);
            }
        }
        bf_site_t site_of[MAX_QUBITS];
        for (int q = 0; q < n; q++)
            site_of[q] = n - 1 - q;
        bf_program_t *program = lower(circuit, n, site_of);
        const double error = testing_error(&rng, circuit, n, site_of, program);
        if (error > 1e-12)
            printf("trial %d: off by %g\n%s\n", trial, error, text.data);
        CU_ASSERT(error <= 1e-12);
        bf_program_destroy(program);
        bf_circuit_destroy(circuit);
    }
}

/** A second circuit on the sites where the first one left the qubits, and spare sites at the end. */
static void programs_follow_each_other(void)
{
    static const bf_site_t identity[] = {0, 1, 2, 3, 4, 5};
    bf_circuit_t *circuit = testing_parse(
        "test.qasm", "OPENQASM 2.0; qreg q[5]; cx q[0],q[4]; swap q[1],q[2]; h q[1]; cu1(0.3) q[1],q[4]; ccx q[4],q[0],q[2];");
    bf_program_t *first = lower(circuit, 6, identity), *second = lower(circuit, 6, first->site_of);
    static reference_z_t psi[64], sites[64], result[64];
    testing_random_state(&rng, 6, psi);
    memcpy(sites, psi, sizeof psi);
    for (int i = 0; i < 2; i++) {
        testing_run_circuit(circuit, 6, psi);
        testing_run_program(i == 0 ? first : second, sites);
    }
    testing_move_bits(6, second->site_of, true, sites, result);
    CU_ASSERT(testing_distance(6, psi, result) < 1e-13);
    bf_program_t *none = NULL;
    CU_ASSERT_EQUAL(bf_circuit_lower(circuit, 4, NULL, &none), BF_ERR_ARG);
    CU_ASSERT_PTR_NULL(none);
    bf_error_clear();
    bf_program_destroy(first);
    bf_program_destroy(second);
    bf_circuit_destroy(circuit);
}

static void check_counts(const char *body, size_t updates, size_t ops, size_t matrices)
{
    bf_program_t *program = lower_text(body);
    CU_ASSERT_EQUAL(program->n_updates, updates);
    CU_ASSERT_EQUAL(program->n_ops, ops);
    CU_ASSERT_EQUAL(program->n_gates2, matrices);
    if (program->n_updates != updates || program->n_ops != ops || program->n_gates2 != matrices)
        printf("%s\n  %zu updates, %zu operations, %zu matrices\n", body, program->n_updates, program->n_ops, program->n_gates2);
    check_structure(program);
    bf_program_destroy(program);
}

static void gates_fuse(void)
{
    check_counts("qreg q[2]; cx q[0],q[1]; rz(0.3) q[1]; cx q[0],q[1];", 1, 1, 1);
    check_counts("qreg q[2]; h q; t q; cz q[1],q[0]; h q[0]; sx q[1]; cx q[0],q[1]; s q;", 1, 1, 1);
    check_counts("qreg q[3]; cx q[0],q[1]; h q[2]; x q[0]; cx q[1],q[2]; y q[0]; cz q[0],q[1];", 2, 2, 2); /* the cz goes first */
    check_counts("qreg q[3]; cx q[0],q[1]; h q[2]; x q[0]; cx q[1],q[2]; y q[0]; ch q[0],q[1];", 3, 3, 3);
    check_counts("qreg q[3]; h q; t q; h q[0];", 0, 3, 0); /* one operation each */
    check_counts("qreg q[3]; h q[0]; cx q[1],q[2]; t q[0];", 1, 2, 1);
    check_counts("qreg q[4]; cx q[0],q[1]; cx q[1],q[2]; cx q[2],q[3]; cx q[0],q[1];", 4, 4, 1);
    check_counts("qreg q[4]; cx q[0],q[1]; cx q[2],q[3]; cx q[0],q[1]; cx q[2],q[3];", 0, 0, 0);
}

static void identities_vanish(void)
{
    check_counts("qreg q[2]; h q; h q;", 0, 0, 0);
    check_counts("qreg q[2]; rz(0.3) q[0]; rz(-0.3) q[0]; id q[1]; u3(0,0.4,-0.4) q[1];", 0, 0, 0);
    check_counts("qreg q[2]; cx q[0],q[1]; cx q[0],q[1];", 0, 0, 0);
    check_counts("qreg q[3]; cx q[0],q[1]; cx q[1],q[2]; cx q[1],q[2]; cx q[0],q[1];", 0, 0, 0); /* inside out */
    check_counts("qreg q[3]; cx q[0],q[1]; cx q[1],q[2]; cx q[1],q[2]; cx q[0],q[1]; h q[0];", 0, 1, 0);
    check_counts("qreg q[2]; rzz(0) q[0],q[1]; rxx(2*pi) q[0],q[1]; crz(4*pi) q[0],q[1];", 0, 0, 0);
}

static void products_and_swaps_dissolve(void)
{
    check_counts("qreg q[2]; rzz(pi) q[0],q[1];", 0, 2, 0); /* -i Z x Z */
    check_counts("qreg q[4]; rxx(pi) q[0],q[3]; cx q[0],q[1];", 1, 2, 1);
    check_counts("qreg q[4]; swap q[0],q[3]; swap q[1],q[2];", 0, 0, 0);
    check_counts("qreg q[4]; cx q[0],q[3]; cx q[3],q[0]; cx q[0],q[3];", 0, 0, 0); /* a swap in disguise */
    bf_program_t *program = lower_text("qreg q[4]; swap q[0],q[3]; swap q[1],q[3];");
    const bf_site_t expected[4] = {3, 0, 2, 1};
    for (int q = 0; q < 4; q++)
        CU_ASSERT_EQUAL(program->site_of[q], expected[q]);
    bf_program_destroy(program);
}

static void distant_gates_walk(void)
{
    check_counts("qreg q[10]; cx q[0],q[9];", 9, 9, 2); /* 8 swaps and the gate */
    check_counts("qreg q[10]; cx q[9],q[0]; rz(0.1) q[0]; cx q[9],q[0];", 9, 9, 2);
    check_counts("qreg q[3]; cz q[0],q[1]; cz q[0],q[2];", 2, 2, 2); /* the swap is part of the first gate */
    bf_program_t *program = lower_text("qreg q[10];\ncx q[0],q[9];");
    for (size_t i = 0; i < program->n_ops; i++)
        CU_ASSERT_EQUAL(program->ops[i].line, i + 1 == program->n_ops ? 4 : 0);
    bf_program_destroy(program);
}

static void neighbours_keep_order_and_lines(void)
{
    static testing_text_t text;
    enum { N = 50, LAYERS = 4 };
    text.length = 0;
    testing_say(&text, "qreg q[%d];\n", N);
    for (int layer = 0; layer < LAYERS; layer++)
        for (int j = layer % 2; j + 1 < N; j += 2)
            testing_say(&text, "iswap q[%d],q[%d];\n", j, j + 1);
    bf_program_t *program = lower_text(text.data);
    CU_ASSERT_EQUAL(program->n_ops, LAYERS * (N - 1) / 2 + 0U);
    CU_ASSERT_EQUAL(program->n_gates2, 1);
    for (size_t i = 0; i < program->n_ops; i++)
        CU_ASSERT_EQUAL(program->ops[i].line, (int32_t)i + 4);
    for (bf_site_t q = 0; q < N; q++)
        CU_ASSERT_EQUAL(program->site_of[q], q);
    bf_program_destroy(program);
}

/** Without final swaps every pair of the transform meets once, and no swap needs an update of its own. */
static void fourier_transform_needs_no_extra_swaps(void)
{
    static testing_text_t text;
    enum { N = 40 };
    text.length = 0;
    testing_say(&text, "qreg q[%d];\n", N);
    for (int j = 0; j < N; j++) {
        testing_say(&text, "h q[%d];\n", j);
        for (int k = j + 1; k < N; k++)
            testing_say(&text, "cu1(pi/2^%d) q[%d],q[%d];\n", k - j, k, j);
    }
    bf_program_t *program = lower_text(text.data);
    CU_ASSERT_EQUAL(program->n_updates, N * (N - 1) / 2);
    check_structure(program);
    bf_program_destroy(program);
}

/** Long-range patterns never cost more updates than swapping there and back would, and most cost far less. */
static void patterns_beat_swapping_back(void)
{
    static testing_text_t text;
    enum { N = 60, LAYERS = 5, PATTERNS = 4 };
    static const double share[PATTERNS] = {1.0, 0.8, 0.05, 0.5}; /* of the naive number of updates */
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
        size_t naive = 0;
        text.length = 0;
        testing_say(&text, "qreg q[%d];\n", N);
        for (int layer = 0; layer < LAYERS; layer++)
            for (int i = 0; i < 2 * N; i++) {
                const int a = pattern == 2 ? 0 : i % N;
                int b = a;
                if (pattern == 0 && i < N) /* a ring */
                    b = (i + 1) % N;
                if (pattern == 1) /* next and third neighbours */
                    b = a + (i < N ? 1 : 3);
                if (pattern == 2 && i < N) /* a star */
                    b = i;
                if (pattern == 3) /* random pairs */
                    b = oracle_rng_below(&rng, N);
                if (a == b || b >= N)
                    continue;
                testing_say(&text, "rxx(0.%d%d) q[%d],q[%d];\n", layer + 1, i + 1, a, b);
                naive += 2 * (size_t)abs(a - b) - 1;
            }
        bf_program_t *program = lower_text(text.data);
        if ((double)program->n_updates > share[pattern] * (double)naive)
            printf("pattern %d: %zu updates, %zu by swapping back\n", pattern, program->n_updates, naive);
        CU_ASSERT((double)program->n_updates <= share[pattern] * (double)naive);
        check_structure(program);
        bf_program_destroy(program);
    }
}

/* Phases that make a gate complex, and that no state shows. */

/** Whether all matrices are real; @p fused: with all passes only, else with none of them, too. */
static void check_real(const char *body, bool fused, bool real)
{
    static testing_text_t text;
    text.length = 0;
    testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; %s", body);
    bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
    static const bf_site_t identity[] = {0, 1, 2};
    for (int passes = fused; passes < 2; passes++) {
        bf_pass_options_t options = bf_pass_options_default();
        options.passes = passes ? BF_PASS_ALL : 0;
        bf_program_t *program = NULL;
        CU_ASSERT_EQUAL_FATAL(bf_circuit_lower_with(circuit, 3, identity, &options, NULL, &program), BF_OK);
        bool all = true;
        for (size_t i = 0; i < program->n_gates2; i++)
            all = all && program->gates2[i].real;
        for (size_t i = 0; i < program->n_gates1; i++)
            all = all && program->gates1[i].real;
        CU_ASSERT_EQUAL(all, real);
        if (all != real)
            printf("%s passes %u: %s\n", body, options.passes, all ? "real" : "complex");
        CU_ASSERT(testing_error(&rng, circuit, 3, identity, program) <= 1e-13);
        bf_program_destroy(program);
    }
    bf_circuit_destroy(circuit);
}

static void real_gates_are_real(void)
{
    static const char *const real[] = {"y q[0];",
                                       "rz(pi) q[0];",
                                       "rz(-3*pi) q[1];",
                                       "u1(pi) q[2];",
                                       "rx(pi) q[0];",
                                       "ry(0.7) q[0];",
                                       "u3(0.7,0,0) q[0];",
                                       "u3(0.7,pi,pi) q[1];",
                                       "u3(1.9,pi,0) q[1];",
                                       "u2(0,pi) q[0];",
                                       "u2(-pi,2*pi) q[0];",
                                       "rzz(pi) q[0],q[1];",
                                       "rxx(pi) q[0],q[1];",
                                       "cry(0.3) q[0],q[2];",
                                       "cu3(0.4,0,0) q[2],q[1];",
                                       "cu1(pi) q[0],q[1];"};
    static const char *const real_fused[] = {
        /* the last ones as transpilers write ry and cx */
        "cy q[0],q[1]; cy q[1],q[0]; cy q[1],q[0]; cy q[0],q[1]; h q;",
        "sdg q[0]; s q[0];",
        "s q[0]; s q[0];",
        "t q[1]; cx q[1],q[0]; tdg q[1];",
        "rz(0.3) q[0]; rz(-0.3) q[0]; h q[0];",
        "rz(pi/2-0.7) q[0]; sx q[0]; rz(pi) q[0]; sx q[0]; rz(pi/2+0.7) q[0]; h q[0];",
        "sx q[0]; rz(0.7+pi) q[0]; sx q[0]; rz(3*pi) q[0]; cx q[0],q[1]; sx q[1]; rz(pi-1.3) q[1]; sx q[1]; rz(pi) q[1];",
        "rx(0.3) q[0]; rx(-0.3) q[0]; sx q[1]; cx q[0],q[1]; sxdg q[1];"};
    static const char *const not_real[] = {"s q[0];",
                                           "t q[0];",
                                           "rz(0.1) q[0];",
                                           "rx(0.3) q[0];",
                                           "sx q[0];",
                                           "u3(0.7,0,0.2) q[0];",
                                           "cu1(0.3) q[0],q[1];",
                                           "cy q[0],q[1];",
                                           "rzz(0.3) q[0],q[1];",
                                           "crz(pi) q[0],q[1];",
                                           "rz(pi+1e-12) q[0];",
                                           "rz(1e-12) q[0];"};
    for (size_t i = 0; i < sizeof real / sizeof *real; i++)
        check_real(real[i], false, true);
    for (size_t i = 0; i < sizeof real_fused / sizeof *real_fused; i++)
        check_real(real_fused[i], true, true);
    for (size_t i = 0; i < sizeof not_real / sizeof *not_real; i++)
        check_real(not_real[i], false, false);
}

/** A real orthogonal matrix times any phase; one number off by ten times what rounding explains. */
static void phases_come_off(void)
{
    for (int trial = 0; trial < 1000; trial++) {
        const double a = 7 * oracle_rng_uniform(&rng), turn = 7 * oracle_rng_uniform(&rng);
        const double real[4] = {cos(a), -sin(a), sin(a), cos(a)};
        const bf_z_t phase = bf_complex(cos(turn), sin(turn));
        bf_z_t u[4], before[4];
        double same = 0, opposite = 0;
        for (int i = 0; i < 4; i++)
            u[i] = before[i] = phase * real[i];
        bf_mat_make_real(4, u);
        for (int i = 0; i < 4; i++) {
            CU_ASSERT(cimag(u[i]) == 0);
            same = fmax(same, fabs(creal(u[i]) - real[i]));
            opposite = fmax(opposite, fabs(creal(u[i]) + real[i]));
        }
        CU_ASSERT(fmin(same, opposite) <= 8 * DBL_EPSILON); /* a phase of 2 roundings, two products of 2 each, theirs */
        before[1] += 10 * BF_MATRIX_EPS * I * phase;
        before[2] -= 10 * BF_MATRIX_EPS * I * phase;
        memcpy(u, before, sizeof u);
        bf_mat_make_real(4, u);
        if (fabs(cos(a)) > fabs(sin(a))) /* else the phase is taken from a number that is off */
            CU_ASSERT(memcmp(u, before, sizeof u) == 0);
    }
}

/** Whole entries only; what is nine times the limit stays as it is. */
static void roundings_are_cleared(void)
{
    for (int trial = 0; trial < 200; trial++) {
        const double a = 7 * oracle_rng_uniform(&rng), turn = 7 * oracle_rng_uniform(&rng);
        const bf_z_t small = 0.9 * BF_MATRIX_EPS * bf_complex(cos(turn), sin(turn));
        bf_z_t u[4] = {cos(a), small, 10 * small, bf_complex(0.5 * BF_MATRIX_EPS, sin(a) + 2)}, before[4];
        memcpy(before, u, sizeof u);
        bf_mat_clear_roundings(4, u);
        CU_ASSERT(u[1] == 0);
        CU_ASSERT(u[0] == before[0] && u[2] == before[2] && u[3] == before[3]);
    }
}

int main(void)
{
    static const bf_test_t tests[] = {{"random circuits", random_circuits},
                                      {"dynamic operations keep their place", dynamic_operations_keep_their_place},
                                      {"programs follow each other", programs_follow_each_other},
                                      {"gates fuse", gates_fuse},
                                      {"identities vanish", identities_vanish},
                                      {"products and swaps dissolve", products_and_swaps_dissolve},
                                      {"distant gates walk", distant_gates_walk},
                                      {"neighbours keep order and lines", neighbours_keep_order_and_lines},
                                      {"Fourier transform needs no extra swaps", fourier_transform_needs_no_extra_swaps},
                                      {"patterns beat swapping back", patterns_beat_swapping_back},
                                      {"real gates are real", real_gates_are_real},
                                      {"phases come off", phases_come_off},
                                      {"roundings are cleared", roundings_are_cleared},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit lower", seed_generator, NULL, tests);
}
