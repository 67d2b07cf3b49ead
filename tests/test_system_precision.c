/* Element precision, and methods against each other, on circuits whose exact values are known. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static run_t run_with(const oracle_circuit_t *c, double cutoff, bf_dim_t max_dim, bf_precision_t precision, bf_method_t method)
{
    bf_state_options_t options = run_options(cutoff, max_dim);
    options.precision = precision;
    options.rule.method = method;
    run_t r = run_circuit(c, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    return r;
}

static size_t singles_in(const run_t *r)
{
    size_t count = 0;
    for (size_t u = 0; u < r->updates; u++)
        count += bf_type_is_single((bf_type_t)r->ledger[u].type);
    return count;
}

/* 100 qubits, 8 repetitions, exact values from free fermions. Each update in single precision perturbs the state by about
 * sqrt(4) * 6e-8; 792 of them, of which a light cone of 16 sees under 130, add up to less than 130 * 1.2e-7 * 2 = 3.2e-5. */
static void single_on_free_fermions(void)
{
    feature_map_t map = feature_map_reference(100, 8);
    oracle_circuit_t c = feature_map_circuit(&map);
    double *exact = malloc(300 * sizeof *exact);
    feature_map_exact(&map, exact);
    run_t r = run_with(&c, 1e-12, 0, BF_PRECISION_SINGLE, BF_METHOD_AUTO);
    const double error = max_difference(r.xyz, exact, 300);
    printf("\n  single: largest error %.2e, largest bond %lld\n", error, (long long)r.report.max_bond);
    CU_ASSERT(error <= 3.2e-5);
    CU_ASSERT(error > 1e-9); /* it was single precision indeed */
    CU_ASSERT_EQUAL(singles_in(&r), r.updates);
    CU_ASSERT_DOUBLE_EQUAL(r.report.norm, 1.0, 1e-4);
    run_free(&r);
    free(exact);
    oracle_circuit_free(&c);
    feature_map_free(&map);
}

/* Where nothing is lost, auto never leaves double: the same bits. */
static void auto_is_double_while_exact(void)
{
    feature_map_t map = feature_map_reference(60, 4);
    oracle_circuit_t c = feature_map_circuit(&map);
    run_t precise = run_with(&c, 1e-12, 0, BF_PRECISION_DOUBLE, BF_METHOD_AUTO);
    run_t chosen = run_with(&c, 1e-12, 0, BF_PRECISION_AUTO, BF_METHOD_AUTO);
    CU_ASSERT_EQUAL(singles_in(&chosen), 0);
    CU_ASSERT_EQUAL(chosen.hash, precise.hash);
    run_free(&precise);
    run_free(&chosen);
    oracle_circuit_free(&c);
    feature_map_free(&map);
}

static double infidelity(const oracle_z_t *exact, const run_t *r)
{
    const oracle_z_t overlap = oracle_dense_overlap(exact, r->psi, r->n);
    const double norm = creal(oracle_dense_overlap(r->psi, r->psi, r->n));
    return 1.0 - (creal(overlap) * creal(overlap) + cimag(overlap) * cimag(overlap)) / norm;
}

/* Where much is lost, auto goes over to single, and the true infidelity stays what it was to a part in a thousand. */
static void auto_hides_below_the_truncation(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n  seed %llu\n", (unsigned long long)rng.state);
    for (int i = 0; i < 4; i++) {
        oracle_circuit_t c = oracle_circuit_new(12);
        oracle_add_brickwork(&c, 16, &rng);
        oracle_z_t *exact = oracle_dense_run(&c);
        run_t precise = run_with(&c, 1e-12, 8, BF_PRECISION_DOUBLE, BF_METHOD_AUTO);
        run_t chosen = run_with(&c, 1e-12, 8, BF_PRECISION_AUTO, BF_METHOD_AUTO);
        const double a = infidelity(exact, &precise);
        const double b = infidelity(exact, &chosen);
        printf("  infidelity %.6e double, %.6e auto, sum of eps %.6e and %.6e (%zu of %zu updates in single)\n", a, b,
               precise.report.sum_eps, chosen.report.sum_eps, singles_in(&chosen), chosen.updates);
        CU_ASSERT(singles_in(&chosen) > 0);
        CU_ASSERT(fabs(a - b) <= 1e-3 * a);
        CU_ASSERT(fabs(chosen.report.sum_eps - precise.report.sum_eps) <= 1e-3 * precise.report.sum_eps);
        run_free(&precise);
        run_free(&chosen);
        free(exact);
        oracle_circuit_free(&c);
    }
}

static void check_against_gesdd(const feature_map_t *map, double cutoff)
{
    oracle_circuit_t c = feature_map_circuit(map);
    double *exact = malloc(3 * (size_t)map->n * sizeof *exact);
    feature_map_exact(map, exact);
    run_t gesdd = run_with(&c, cutoff, 0, BF_PRECISION_DOUBLE, BF_METHOD_GESDD);
    run_t chosen = run_with(&c, cutoff, 0, BF_PRECISION_DOUBLE, BF_METHOD_AUTO);
    const double a = max_difference(gesdd.xyz, exact, 3 * (size_t)map->n);
    const double b = max_difference(chosen.xyz, exact, 3 * (size_t)map->n);
    printf("\n  cutoff %.0e: largest error %.3e all-gesdd, %.3e auto", cutoff, a, b);
    CU_ASSERT(b <= 1.1 * a + 1e-12); /* the oracle itself is good to 1e-12 */
    CU_ASSERT(chosen.report.sum_eps <= 1.05 * gesdd.report.sum_eps + 1e-13);
    run_free(&gesdd);
    run_free(&chosen);
    free(exact);
    oracle_circuit_free(&c);
}

static void methods_lose_no_more_than_gesdd(void)
{
    feature_map_t map = feature_map_reference(100, 8);
    check_against_gesdd(&map, 1e-12);
    check_against_gesdd(&map, 1e-8);
    check_against_gesdd(&map, 1e-15);
    feature_map_free(&map);
}

int main(void)
{
    const bf_test_t tests[] = {{"single on free fermions", single_on_free_fermions},
                               {"auto is double while exact", auto_is_double_while_exact},
                               {"auto hides below the truncation", auto_hides_below_the_truncation},
                               {"methods lose no more than gesdd", methods_lose_no_more_than_gesdd},
                               {NULL, NULL}};
    return bf_cunit_main("system_precision", session_open, session_close, tests);
}
