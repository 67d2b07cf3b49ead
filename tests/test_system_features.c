/* Every feature against the state vector: correlators at every distance, entropies, bonds, purities. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "oracle_features.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/observe/observe.h"

/* Cutoff 1e-16 over a few hundred updates: the bound 2 sum sqrt(eps) is below 1e-5, the error itself about 1e-8. */
#define TOLERANCE 1e-7

static void compare(const oracle_circuit_t *circuit, const char *list)
{
    const int n = circuit->n;
    char *text = oracle_circuit_qasm(circuit);
    bf_circuit_t *parsed = NULL;
    bf_state_t *state = NULL;
    bf_feature_t *features = NULL;
    size_t count = 0;
    const bf_state_options_t options = run_options(1e-16, 0);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("features.qasm", text, strlen(text), 0, &parsed), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_observables_parse(list, n, &features, &count), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), n, &options, &state), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_state_apply(state, parsed), BF_OK);
    const size_t columns = bf_observables_columns(features, count, n);
    double *got = calloc(columns + 1, sizeof *got);
    double *want = calloc(columns + 1, sizeof *want);
    bf_dim_t dims[16];
    CU_ASSERT_EQUAL_FATAL(bf_state_features(state, features, count, got), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_state_bond_dims(state, dims), BF_OK);
    oracle_z_t *psi = oracle_dense_run(circuit);
    oracle_features(psi, n, features, count, want);
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < bf_feature_columns(&features[i], n); c++, at++) {
            if (features[i].kind == BF_FEATURE_BONDDIM)
                want[at] = (double)dims[c];
            if (features[i].kind == BF_FEATURE_LOGBOND)
                want[at] = log2((double)dims[c]);
            if (!(fabs(got[at] - want[at]) <= TOLERANCE)) {
                char name[64];
                bf_observables_name(&features[i], c, name, sizeof name);
                printf("\n  %s: got %.12g, expected %.12g", name, got[at], want[at]);
                CU_FAIL("a feature differs");
            }
        }
    CU_ASSERT_EQUAL(at, columns);
    bf_state_destroy(state);
    bf_circuit_destroy(parsed);
    free(features);
    free(got);
    free(want);
    free(psi);
    free(text);
}

/* Random gates on random qubits: long range, so qubits move. Entropies are a property of the order of sites: not here. */
static void pairs_of_wandering_qubits(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n  seed %llu\n", (unsigned long long)rng.state);
    for (int i = 0; i < 12; i++) {
        const int n = 2 + oracle_rng_below(&rng, 8);
        oracle_circuit_t c = oracle_circuit_new(n);
        if (n >= 5)
            oracle_add_random(&c, 40, &rng);
        else
            oracle_add_brickwork(&c, 6, &rng);
        char list[64];
        snprintf(list, sizeof list, "xyz,xyzpair:1-%d,purity", n - 1);
        compare(&c, list);
        oracle_circuit_free(&c);
    }
}

static void entropies_and_bonds(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n  seed %llu\n", (unsigned long long)rng.state);
    for (int i = 0; i < 6; i++) {
        const int n = 2 + oracle_rng_below(&rng, 9);
        oracle_circuit_t c = oracle_circuit_new(n);
        oracle_add_brickwork(&c, 1 + oracle_rng_below(&rng, 8), &rng);
        compare(&c, "entropy,bonddim,xyz,logbond,zz:1");
        oracle_circuit_free(&c);
    }
}

/* Real states carry real environments; Y makes them complex half way. */
static void real_states(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n  seed %llu\n", (unsigned long long)rng.state);
    oracle_circuit_t c = oracle_circuit_new(8);
    for (int layer = 0; layer < 4; layer++) {
        for (int q = 0; q < 8; q++)
            oracle_add(&c, "ry", P(6.28 * oracle_rng_uniform(&rng)), Q(q));
        for (int q = layer % 2; q + 1 < 8; q += 2)
            oracle_add(&c, "cz", NULL, Q(q, q + 1));
    }
    compare(&c, "xyz,xyzpair:1-7,entropy,purity");
    oracle_add(&c, "rx", P(0.7), Q(5)); /* complex on one side only */
    oracle_add(&c, "cx", NULL, Q(5, 6));
    compare(&c, "xyz,xyzpair:1-7,entropy,purity");
    oracle_circuit_free(&c);
}

static void bad_lists(void)
{
    static const char *const lists[] = {"",       "xy",     "zz",   "zz:",   "zz:0",      "zz:-1", "zz:6",
                                        "zz:2-1", "zz:1-9", "zz:a", "xyz:1", "xyz,,zz:1", "xyz,",  "zz:1x"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        bf_feature_t *features = NULL;
        size_t count = 0;
        bf_error_clear();
        CU_ASSERT_EQUAL(bf_observables_parse(lists[i], 6, &features, &count), BF_ERR_INPUT);
        CU_ASSERT_PTR_NULL(features);
        CU_ASSERT(strlen(bf_error_message()) > 0);
    }
    bf_error_clear();
}

int main(void)
{
    const bf_test_t tests[] = {{"pairs of wandering qubits", pairs_of_wandering_qubits},
                               {"entropies and bonds", entropies_and_bonds},
                               {"real states", real_states},
                               {"bad lists", bad_lists},
                               {NULL, NULL}};
    return bf_cunit_main("system_features", session_open, session_close, tests);
}
