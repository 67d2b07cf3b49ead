/* Features of 200 random rows of 100 qubits against exact free-fermion values. */
#include "cunit_main.h"
#include "io_testing.h"
#include "oracle_fermion.h"
#include "rows_testing.h"

#include <inttypes.h>
#include <math.h>

#define QUBITS   100
#define ROWS     25 /* of each number of repetitions */
#define MAX_REPS 8

/* Cutoff 1e-12: the bound 2 sum sqrt(eps) is 1e-3, the error itself a few 1e-7. */
#define TOLERANCE 5e-6

static void exact(const double *x, int reps, double *xyz)
{
    const double pi = acos(-1.0);
    oracle_fermion_t *f = oracle_fermion_create(QUBITS);
    for (int rep = 0; rep < reps; rep++) {
        for (int i = 0; i < QUBITS; i++)
            oracle_fermion_rz(f, i, x[i]);
        for (int i = 0; i + 1 < QUBITS; i++)
            oracle_fermion_rxx(f, i, pi * (1 - x[i]) * (1 - x[i + 1]));
    }
    oracle_fermion_xyz(f, xyz);
    oracle_fermion_destroy(f);
}

static void check(const double *table, int reps)
{
    rows_table("table.npy", ROWS, QUBITS, table);
    rows_feature_map_template("map.qasm", QUBITS, reps, 1, 1.0);
    CU_ASSERT_EQUAL_FATAL(rows_run("--quiet --cutoff 1e-12 --params table.npy --out features.npy map.qasm"), 0);
    double *got = rows_result("features.npy", ROWS, 3 * QUBITS);
    double worst = 0.0;
    for (int row = 0; row < ROWS; row++) {
        double xyz[3 * QUBITS];
        exact(&table[row * QUBITS], reps, xyz);
        for (int k = 0; k < 3 * QUBITS; k++) {
            const double error = fabs(got[row * 3 * QUBITS + k] - xyz[k]);
            worst = error <= worst ? worst : error; /* NaN counts */
        }
    }
    printf("\n    reps %d: largest error of %d values %.2e (allowed %.0e)", reps, ROWS * 3 * QUBITS, worst, TOLERANCE);
    CU_ASSERT(worst <= TOLERANCE);
    free(got);
}

static void random_rows(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n    seed %" PRIu64 " (repeat with BONDFLOW_TEST_SEED)", rng.state);
    double *table = rows_doubles(ROWS * QUBITS);
    for (int reps = 1; reps <= MAX_REPS; reps++) {
        for (int k = 0; k < ROWS * QUBITS; k++)
            table[k] = oracle_rng_normal(&rng);
        check(table, reps);
    }
    free(table);
}

int main(void)
{
    const bf_test_t tests[] = {{"200 random rows of 100 qubits, 1 to 8 repetitions", random_rows}, {NULL, NULL}};
    return bf_cunit_main("rows_fermion", rows_open, io_close, tests);
}
