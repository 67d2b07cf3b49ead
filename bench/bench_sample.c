/* Shots per second: GHZ, the Fourier transform of a GHZ state, and random states by bond dimension, on all workers; beside
 * zgemm's rate at the shape of a step, in the same run. Arguments: shots (100000), random states' qubits (50) and largest bond
 * (64). */
#include "apps/cli.h"
#include "bench/bench.h"
#include "kernels/blas_core.h"
#include "kernels/sample.h"
#include "runtime/seconds.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPEATS 5

static uint64_t random_state = 1;

static void check(bf_status_t status)
{
    if (status == BF_OK)
        return;
    fprintf(stderr, "bench_sample: %s\n", bf_error_message());
    exit(5);
}

static double uniform(void)
{
    return bench_uniform(&random_state);
}

/* Rate of the product of a step on one core, in GF/s: best of REPEATS. */
static double zgemm_rate(int chi, int batch)
{
    bf_z_t *a = bench_block(2 * (size_t)chi * (size_t)chi, &random_state),
           *b = bench_block((size_t)chi * (size_t)batch, &random_state);
    bf_z_t *c = bench_block(2 * (size_t)chi * (size_t)batch, &random_state);
    const bf_z_t one = 1.0, zero = 0.0;
    double best = 0.0;
    for (int i = 0; i < REPEATS; i++) {
        const int rounds = 1 + (int)(2e7 / ((double)chi * chi * batch));
        const double begin = bf_seconds();
        for (int k = 0; k < rounds; k++)
            cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, 2 * chi, batch, chi, &one, a, 2 * chi, b, chi, &zero, c,
                        2 * chi);
        best = fmax(best, rounds * bf_k_sample_step_flops(BF_TYPE_Z, chi, chi, batch) / (bf_seconds() - begin) * 1e-9);
    }
    free(a);
    free(b);
    free(c);
    return best;
}

static void ghz(FILE *stream, int n)
{
    fprintf(stream, "h q[0];\n");
    for (int q = 0; q + 1 < n; q++)
        fprintf(stream, "cx q[%d],q[%d];\n", q, q + 1);
}

static void qft(FILE *stream, int n)
{
    ghz(stream, n);
    for (int target = n - 1; target >= 0; target--) {
        fprintf(stream, "h q[%d];\n", target);
        for (int control = target - 1; control >= 0; control--)
            fprintf(stream, "cu1(%.17g) q[%d],q[%d];\n", acos(-1.0) / pow(2.0, target - control), control, target);
    }
}

static void brickwork(FILE *stream, int n)
{
    for (int layer = 0; layer < 20; layer++) {
        for (int q = 0; q < n; q++)
            fprintf(stream, "u3(%.15g,%.15g,%.15g) q[%d];\n", acos(1.0 - 2.0 * uniform()), 6.283 * uniform(), 6.283 * uniform(),
                    q);
        for (int q = layer % 2; q + 1 < n; q += 2)
            fprintf(stream, "cx q[%d],q[%d];\n", q, q + 1);
    }
}

static bf_state_t *make_state(bf_session_t *session, void (*gates)(FILE *, int), int n, bf_dim_t max_dim)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    fprintf(stream, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n);
    gates(stream, n);
    fclose(stream);
    bf_circuit_t *circuit = NULL;
    bf_state_t *state = NULL;
    bf_state_options_t options = bf_state_options_default();
    options.rule.cut.max_dim = max_dim;
    options.always_tasks = true; /* StarPU's start is not what is measured */
    check(bf_circuit_parse("bench.qasm", text, size, 0, &circuit));
    check(bf_state_create(session, n, &options, &state));
    check(bf_state_apply(state, circuit));
    bf_circuit_destroy(circuit);
    free(text);
    return state;
}

/* Real flops of a shot that shares nothing. */
static double flops_of(bf_state_t *state, int n)
{
    bf_dim_t dims[n];
    check(bf_state_bond_dims(state, dims));
    double flops = 0.0;
    for (int s = 0; s < n; s++)
        flops += bf_k_sample_step_flops(BF_TYPE_Z, s > 0 ? dims[s - 1] : 1, s + 1 < n ? dims[s] : 1, 1);
    return flops;
}

static void measure(bf_session_t *session, const char *name, void (*gates)(FILE *, int), int n, bf_dim_t max_dim, size_t shots)
{
    bf_state_t *state = make_state(session, gates, n, max_dim);
    bf_sampler_t *sampler = NULL;
    const double begin = bf_seconds();
    check(bf_sampler_create(state, &sampler));
    const double created = bf_seconds() - begin;
    bf_site_t qubits[n];
    for (bf_site_t q = 0; q < n; q++)
        qubits[q] = q;
    uint8_t *rows = malloc(shots * (((size_t)n + 7) / 8));
    double best = 1e300;
    for (int i = 0; rows && i < REPEATS; i++) {
        const double from = bf_seconds();
        check(bf_sampler_draw(sampler, (uint64_t)i, 0, shots, qubits, (size_t)n, rows));
        best = fmin(best, bf_seconds() - from);
    }
    printf("%-22s %7d qubits  form %8.4f s  %zu shots %8.4f s: %10.3g shots/s  %7.2f GF/s if no shot shared a step\n", name, n,
           created, shots, best, (double)shots / best, flops_of(state, n) * (double)shots / best * 1e-9);
    free(rows);
    bf_sampler_destroy(sampler);
    bf_state_destroy(state);
}

int main(int argc, char **argv)
{
    bf_k_blas_core_choose(argv);
    const size_t shots = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    const int n = argc > 2 ? atoi(argv[2]) : 50, chi = argc > 3 ? atoi(argv[3]) : 64;
    bf_session_t *session = NULL;
    check(bf_session_create(&argc, &argv, &session));
    check(bf_session_start(session));
    printf("%s\nzgemm %d x %d x %d: %.1f GF/s a core\n", bf_session_describe(session), 2 * chi, 256, chi, zgemm_rate(chi, 256));
    random_state = 1;
    measure(session, "GHZ", ghz, 500, 0, shots);
    measure(session, "Fourier of GHZ", qft, 60, 0, shots);
    for (int bond = 1; bond <= chi; bond *= 2) {
        char name[32];
        snprintf(name, sizeof name, "random, bond %d", bond);
        measure(session, name, brickwork, n, bond, shots);
    }
    bf_session_destroy(session);
    return 0;
}
