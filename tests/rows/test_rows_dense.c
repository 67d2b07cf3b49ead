/* Every feature of every row against state vectors: feature maps of range 1 to 4, random templates. */
#include "cunit_main.h"
#include "io_testing.h"
#include "oracle_dense.h"
#include "oracle_features.h"
#include "rows_testing.h"
#include "runtime/observe/observe.h"

#include <inttypes.h>
#include <math.h>

/* Cutoff 1e-16 over a few hundred updates: the bound 2 sum sqrt(eps) is below 1e-5, the error itself about 1e-8. */
#define TOLERANCE 1e-7

#define ROWS 4

/* The features of row @p row of @p got against those of @p circuit. @return the largest difference */
static double compare(const oracle_circuit_t *circuit, const char *list, const double *got)
{
    bf_feature_t *features = NULL;
    size_t count = 0;
    CU_ASSERT_EQUAL_FATAL(bf_observables_parse(list, circuit->n, &features, &count), BF_OK);
    const size_t columns = bf_observables_columns(features, count, circuit->n);
    double *want = rows_doubles(columns);
    oracle_z_t *psi = oracle_dense_run(circuit);
    oracle_features(psi, circuit->n, features, count, want);
    double worst = 0.0;
    for (size_t c = 0; c < columns; c++) {
        const double error = fabs(got[c] - want[c]);
        worst = error <= worst ? worst : error;
    }
    CU_ASSERT(worst <= TOLERANCE);
    free(psi);
    free(want);
    free(features);
    return worst;
}

static int64_t columns_of(const char *list, int n)
{
    bf_feature_t *features = NULL;
    size_t count = 0;
    CU_ASSERT_EQUAL_FATAL(bf_observables_parse(list, n, &features, &count), BF_OK);
    const size_t columns = bf_observables_columns(features, count, n);
    free(features);
    return (int64_t)columns;
}

static double *run(const char *circuit, const char *list, int n)
{
    const int code = rows_run("--quiet --cutoff 1e-16 --params table.npy --observables %s --out features.npy %s", list, circuit);
    CU_ASSERT_EQUAL_FATAL(code, 0);
    return rows_result("features.npy", ROWS, columns_of(list, n));
}

/* Range 1 leaves every qubit on its own site, so that entropies belong to known cuts. */
static void feature_map(int n, int reps, int d, oracle_rng_t *rng)
{
    const double gamma = 0.5 + oracle_rng_uniform(rng);
    char list[96];
    snprintf(list, sizeof list, "xyz,xx:1-%d,yy:1-%d,zz:1-%d,purity%s", n - 1, n - 1, n - 1, d == 1 ? ",entropy" : "");
    double *x = rows_doubles((size_t)(ROWS * n));
    for (int k = 0; k < ROWS * n; k++)
        x[k] = oracle_rng_normal(rng);
    rows_table("table.npy", ROWS, n, x);
    rows_feature_map_template("map.qasm", n, reps, d, gamma);
    double *got = run("map.qasm", list, n);
    double worst = 0.0;
    for (int row = 0; row < ROWS; row++) {
        oracle_circuit_t c = rows_feature_map(&x[row * n], n, reps, d, gamma);
        worst = fmax(worst, compare(&c, list, &got[row * columns_of(list, n)]));
        oracle_circuit_free(&c);
    }
    printf("\n    n %d, d %d, reps %d, gamma %.3f: largest error %.2e", n, d, reps, gamma, worst);
    free(got);
    free(x);
}

static void feature_maps(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n    seed %" PRIu64 " (repeat with BONDFLOW_TEST_SEED)", rng.state);
    for (int d = 1; d <= 4; d++)
        for (int reps = 1; reps <= 3; reps++)
            feature_map(d + 1 + oracle_rng_below(&rng, 12 - d), reps, d, &rng);
    for (int d = 1; d <= 4; d++)
        feature_map(12, 2, d, &rng);
}

/* Gates of every kind on random qubits, each with angles of its own from the row; qubits wander. */
static void random_templates(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    printf("\n    seed %" PRIu64 " (repeat with BONDFLOW_TEST_SEED)", rng.state);
    for (int i = 0; i < 8; i++) {
        const int n = 5 + oracle_rng_below(&rng, 5);
        char list[96];
        snprintf(list, sizeof list, "purity,xyzpair:1-%d,xyz", n - 1);
        oracle_circuit_t c = oracle_circuit_new(n);
        oracle_add_random(&c, 30, &rng);
        oracle_add(&c, "rz", P(1.0), Q(0)); /* at least one input */
        const int inputs = rows_parameter_template("random.qasm", &c);
        double *x = rows_doubles((size_t)(ROWS * inputs));
        for (int k = 0; k < ROWS * inputs; k++)
            x[k] = 7 * oracle_rng_uniform(&rng) - 3.5;
        rows_table("table.npy", ROWS, inputs, x);
        double *got = run("random.qasm", list, n);
        double worst = 0.0;
        for (int row = 0; row < ROWS; row++) {
            const double *value = &x[row * inputs];
            for (size_t g = 0; g < c.count; g++)
                for (int k = 0; k < c.gates[g].kind->params; k++)
                    c.gates[g].p[k] = *value++;
            worst = fmax(worst, compare(&c, list, &got[row * columns_of(list, n)]));
        }
        printf("\n    n %d, %d inputs: largest error %.2e", n, inputs, worst);
        free(got);
        free(x);
        oracle_circuit_free(&c);
    }
}

int main(void)
{
    const bf_test_t tests[] = {
        {"feature maps of range 1 to 4", feature_maps}, {"random templates", random_templates}, {NULL, NULL}};
    return bf_cunit_main("rows_dense", rows_open, io_close, tests);
}
