/* 100 qubits, XX rotations of range 2, against the light-cone window of every site as a state vector: exact. */
#include "cunit_main.h"
#include "io_testing.h"
#include "oracle_dense.h"
#include "rows_testing.h"

#include <inttypes.h>
#include <math.h>

#define QUBITS 100
#define RANGE  2
#define ROWS   6

/* <X>, <Y>, <Z> of @p site depend on the sites at most reps * RANGE away: a layer of commuting XX rotations widens the cone by
 * RANGE, and what lies outside it cancels. */
static void window(const double *x, int site, int reps, double *xyz)
{
    const int reach = reps * RANGE;
    const int first = site > reach ? site - reach : 0;
    const int last = site + reach < QUBITS ? site + reach : QUBITS - 1;
    const int n = last - first + 1;
    double all[3 * ORACLE_DENSE_MAX];
    oracle_circuit_t c = rows_feature_map(x + first, n, reps, RANGE, 1.0);
    oracle_z_t *psi = oracle_dense_run(&c);
    oracle_dense_xyz(psi, n, all);
    for (int k = 0; k < 3; k++)
        xyz[k] = all[3 * (site - first) + k];
    free(psi);
    oracle_circuit_free(&c);
}

static void check(const double *table, int reps, double cutoff, double tolerance)
{
    rows_table("table.npy", ROWS, QUBITS, table);
    rows_feature_map_template("map.qasm", QUBITS, reps, RANGE, 1.0);
    CU_ASSERT_EQUAL_FATAL(rows_run("--quiet --cutoff %g --params table.npy --out features.npy map.qasm", cutoff), 0);
    double *got = rows_result("features.npy", ROWS, 3 * QUBITS);
    double worst = 0.0;
    for (int row = 0; row < ROWS; row++)
        for (int site = 0; site < QUBITS; site++) {
            double xyz[3];
            window(&table[row * QUBITS], site, reps, xyz);
            for (int k = 0; k < 3; k++) {
                const double error = fabs(got[(row * QUBITS + site) * 3 + k] - xyz[k]);
                worst = error <= worst ? worst : error;
            }
        }
    printf("\n    reps %d, cutoff %g: largest error of %d values %.2e (allowed %.0e)", reps, cutoff, ROWS * 3 * QUBITS, worst,
           tolerance);
    CU_ASSERT(worst <= tolerance);
    free(got);
}

static void windows(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n    seed %" PRIu64 " (repeat with BONDFLOW_TEST_SEED)", rng.state);
    double *table = rows_doubles(ROWS * QUBITS);
    for (int reps = 1; reps <= 2; reps++) {
        for (int k = 0; k < ROWS * QUBITS; k++)
            table[k] = oracle_rng_normal(&rng);
        check(table, reps, 1e-12, 5e-6);
        check(table, reps, 1e-16, 1e-7);
    }
    free(table);
}

int main(void)
{
    const bf_test_t tests[] = {{"light-cone windows of 100 qubits, range 2", windows}, {NULL, NULL}};
    return bf_cunit_main("rows_windows", rows_open, io_close, tests);
}
