/* 100-qubit feature maps against exact free-fermion values. */
#include "cunit_main.h"
#include "support.h"

#include <inttypes.h>

#define QUBITS 100

/* Run one feature map and compare all 300 values. */
static void check(const feature_map_t *map, double cutoff, double tolerance)
{
    double exact[3 * QUBITS];
    feature_map_exact(map, exact);
    oracle_circuit_t c = feature_map_circuit(map);
    const bf_state_options_t options = run_options(cutoff, 1024);
    run_t run = run_circuit(&c, &options);
    oracle_circuit_free(&c);
    CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
    const double worst = max_difference(run.xyz, exact, 3 * QUBITS);
    printf("\n    reps %d, cutoff %g: largest error %.2e (allowed %.0e), bond %" PRId64 ", sum of eps %.2e, %.2f s", map->reps,
           cutoff, worst, tolerance, run.report.max_bond, run.report.sum_eps,
           run.report.seconds_evolve + run.report.seconds_measure);
    CU_ASSERT(worst <= tolerance);
    CU_ASSERT(run.report.max_eps <= 1.05 * cutoff + 1e-15);
    run_free(&run);
}

static void test_8_layers(void)
{
    feature_map_t map = feature_map_reference(QUBITS, 8);
    check(&map, 1e-12, 5e-6);
    check(&map, 1e-16, 1e-8);
    feature_map_free(&map);
}

static void test_24_layers_1e12(void)
{
    feature_map_t map = feature_map_reference(QUBITS, 24);
    check(&map, 1e-12, 5e-6);
    feature_map_free(&map);
}

static void test_24_layers_1e16(void)
{
    feature_map_t map = feature_map_reference(QUBITS, 24);
    check(&map, 1e-16, 1e-8);
    feature_map_free(&map);
}

/* A row of random features: shallow, so that any row stays cheap. */
static void test_random_row(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n    seed %" PRIu64 " (repeat with BONDFLOW_TEST_SEED)", rng.state);
    feature_map_t map = feature_map_random(QUBITS, 5, &rng);
    check(&map, 1e-12, 5e-6);
    check(&map, 1e-16, 1e-8);
    feature_map_free(&map);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"100 qubits, 8 layers", test_8_layers},
        {"100 qubits, 24 layers, cutoff 1e-12", test_24_layers_1e12},
        {"100 qubits, 24 layers, cutoff 1e-16", test_24_layers_1e16},
        {"100 qubits, a random row of features", test_random_row},
        {NULL, NULL},
    };
    return bf_cunit_main("system_fermion", session_open, session_close, tests);
}
