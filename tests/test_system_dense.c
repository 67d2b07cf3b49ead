/* Whole runs of up to 12 qubits against the state-vector oracle. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "support.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A factorisation at Cutoff c moves the state by at most sqrt(c), hence an expectation value by at most 2 sqrt(c); each update
 * adds rounding of a few hundred units in the last place. */
static double tolerance(double cutoff, size_t updates)
{
    return (double)updates * 2 * sqrt(cutoff) + 1e-13 * (double)(updates + 10);
}

/* Run at one cutoff and compare all 3n values and the state; say what differed. */
static void check(const oracle_circuit_t *c, const oracle_z_t *psi, const double *exact, double cutoff, const char *what)
{
    const bf_state_options_t options = run_options(cutoff, 0);
    run_t run = run_circuit(c, &options);
    if (run.status != BF_OK) {
        fprintf(stderr, "%s: no result\n", what);
        CU_FAIL("run failed");
        return;
    }
    const double worst = max_difference(run.xyz, exact, 3 * (size_t)c->n), allowed = tolerance(cutoff, run.updates);
    CU_ASSERT_EQUAL(run.n, c->n);
    CU_ASSERT(worst <= allowed);
    CU_ASSERT(fabs(run.report.norm - 1) <= allowed);
    /* All correlations at once: the overlap with the exact state. */
    CU_ASSERT(fabs(cabs(oracle_dense_overlap(psi, run.psi, c->n)) - 1) <= allowed);
    if (worst > allowed)
        fprintf(stderr, "%s: differs by %.3g, allowed %.3g at cutoff %g\n", what, worst, allowed, cutoff);
    run_free(&run);
}

static void check_both(const oracle_circuit_t *c, const char *what)
{
    double exact[3 * ORACLE_DENSE_MAX];
    oracle_z_t *psi = oracle_dense_run(c);
    oracle_dense_xyz(psi, c->n, exact);
    check(c, psi, exact, 1e-16, what);
    check(c, psi, exact, 0, what);
    free(psi);
}

/* Every gate name, on neighbours, reversed, and far apart, on an entangled state that no gate leaves alone. */
static void test_every_gate(void)
{
    static const int order[3][ORACLE_MAX_QUBITS] = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {6, 0, 3, 5, 1}};
    for (const oracle_kind_t *kind = oracle_kinds(); kind->name; ++kind)
        for (int k = 0; k < 3; ++k) {
            oracle_rng_t rng = {(uint64_t)k + 11};
            oracle_circuit_t c = oracle_circuit_new(7);
            oracle_add_brickwork(&c, 3, &rng);
            oracle_add(&c, kind->name, P(0.7, -1.2, 2.1, 0.5), order[k]);
            oracle_add_brickwork(&c, 2, &rng);
            check_both(&c, kind->name);
            oracle_circuit_free(&c);
        }
}

/* The gate comes last: nothing after it can hide a missing or misplaced one-qubit gate. */
static void test_last_gate(void)
{
    for (const oracle_kind_t *kind = oracle_kinds(); kind->name; ++kind) {
        oracle_rng_t rng = {21};
        oracle_circuit_t c = oracle_circuit_new(5);
        oracle_add_brickwork(&c, 3, &rng);
        oracle_add(&c, kind->name, P(-2.3, 0.4, 1.9, -0.8), Q(4, 1, 3, 0, 2));
        check_both(&c, kind->name);
        oracle_circuit_free(&c);
    }
}

static void test_long_range(void)
{
    oracle_rng_t rng = {31};
    oracle_circuit_t c = oracle_circuit_new(10);
    oracle_add_brickwork(&c, 2, &rng);
    for (int span = 9; span > 0; --span)
        for (int a = 0; a + span < 10; a += 3) {
            oracle_add(&c, "cu3", P(0.3 * span, 0.5 + a, -0.4), Q(a, a + span));
            oracle_add(&c, "crx", P(1.1), Q(a + span, a));
        }
    check_both(&c, "long range");
    oracle_circuit_free(&c);
}

/* The same circuit with every qubit q called n-1-q gives the same values in reversed order. */
static void test_reversed_order(void)
{
    oracle_rng_t rng = {41};
    oracle_circuit_t c = oracle_circuit_new(8), mirror = oracle_circuit_new(8);
    oracle_add_random(&c, 60, &rng);
    for (size_t g = 0; g < c.count; ++g) {
        int q[ORACLE_MAX_QUBITS];
        for (int k = 0; k < ORACLE_MAX_QUBITS; ++k)
            q[k] = 7 - c.gates[g].q[k];
        oracle_add(&mirror, c.gates[g].kind->name, c.gates[g].p, q);
    }
    check_both(&c, "straight");
    check_both(&mirror, "mirrored");
    const bf_state_options_t options = run_options(0, 0);
    run_t a = run_circuit(&c, &options), b = run_circuit(&mirror, &options);
    CU_ASSERT_EQUAL_FATAL(a.status, BF_OK);
    CU_ASSERT_EQUAL_FATAL(b.status, BF_OK);
    for (int q = 0; q < 8; ++q)
        CU_ASSERT(max_difference(a.xyz + 3 * q, b.xyz + 3 * (7 - q), 3) <= tolerance(0, a.updates + b.updates));
    run_free(&b);
    run_free(&a);
    oracle_circuit_free(&mirror);
    oracle_circuit_free(&c);
}

static void test_random_circuits(void)
{
    oracle_rng_t seeds = {oracle_rng_run_seed()};
    printf("\n    run seed %" PRIu64 " (repeat with BONDFLOW_TEST_SEED)\n", seeds.state);
    for (int k = 0; k < 20; ++k) {
        char what[80];
        oracle_rng_t rng = {oracle_rng_next(&seeds)};
        const uint64_t seed = rng.state;
        oracle_circuit_t c = oracle_circuit_new(2 + oracle_rng_below(&rng, 11));
        oracle_add_random(&c, 5 + oracle_rng_below(&rng, 60), &rng);
        snprintf(what, sizeof what, "circuit %d, seed %" PRIu64 ", %d qubits, %zu gates", k, seed, c.n, c.count);
        printf("    %s\n", what);
        check_both(&c, what);
        oracle_circuit_free(&c);
    }
}

/* The .gates language against the oracle, and against the same circuit in OpenQASM. */
static void test_gate_list(void)
{
    static const char *const names[] = {"h", "rx", "rz", "rxx", "rzz", "swap", "t", "cz"};
    oracle_rng_t rng = {51};
    oracle_circuit_t c = oracle_circuit_new(9);
    for (int q = 0; q < 9; ++q)
        oracle_add(&c, "h", NULL, Q(q));
    for (int k = 0; k < 150; ++k) {
        const int a = oracle_rng_below(&rng, 9), b = (a + 1 + oracle_rng_below(&rng, 8)) % 9;
        oracle_add(&c, names[oracle_rng_below(&rng, 8)], P(4 * oracle_rng_uniform(&rng) - 2), Q(a, b));
    }
    check_both(&c, "gate list as OpenQASM");
    double exact[27];
    oracle_z_t *psi = oracle_dense_run(&c);
    oracle_dense_xyz(psi, 9, exact);
    char *text = oracle_circuit_gates(&c);
    const bf_state_options_t options = run_options(0, 0);
    run_t run = run_text("list.gates", text, 9, &options);
    CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
    CU_ASSERT(max_difference(run.xyz, exact, 27) <= tolerance(0, run.updates));
    run_free(&run);
    free(text);
    free(psi);
    oracle_circuit_free(&c);
}

/* No gate, one qubit, unused qubits, more sites than the file names. */
static void test_small(void)
{
    oracle_circuit_t c = oracle_circuit_new(4);
    check_both(&c, "no gate");
    oracle_add(&c, "ry", P(0.3), Q(2));
    check_both(&c, "one gate");
    oracle_circuit_free(&c);
    c = oracle_circuit_new(1);
    check_both(&c, "one qubit, no gate");
    oracle_add(&c, "u3", P(0.3, 0.4, 0.5), Q(0));
    oracle_add(&c, "t", NULL, Q(0));
    oracle_add(&c, "u3", P(1.3, -0.4, 0.5), Q(0));
    check_both(&c, "one qubit");
    oracle_circuit_free(&c);
    c = oracle_circuit_new(2);
    oracle_add(&c, "u3", P(0.3, 0.4, 0.5), Q(1));
    oracle_add(&c, "swap", NULL, Q(0, 1));
    check_both(&c, "a swap alone");
    oracle_circuit_free(&c);
    const bf_state_options_t options = run_options(0, 0);
    run_t run = run_text("few.gates", "1,1,-1,0.5\n", 4, &options);
    CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
    CU_ASSERT_EQUAL(run.n, 4);
    const double expected[12] = {0, 0, 1, 0, -1, 0, 0, 0, 1, 0, 0, 1};
    CU_ASSERT(max_difference(run.xyz, expected, 12) <= 1e-14);
    run_free(&run);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"every gate name, three placements", test_every_gate},
        {"every gate name, as the last gate", test_last_gate},
        {"long-range gates", test_long_range},
        {"reversed qubit order", test_reversed_order},
        {"20 random circuits", test_random_circuits},
        {"gate lists", test_gate_list},
        {"smallest circuits", test_small},
        {NULL, NULL},
    };
    return bf_cunit_main("system_dense", session_open, session_close, tests);
}
