/* Whole layers through the runtime, beside what their kernels cost alone and zgemm's rate in the same run. */
#include "apps/cli.h"
#include "bench/bench.h"
#include "kernels/blas_core.h"
#include "kernels/contract.h"
#include "runtime/mps/state.h"
#include "runtime/seconds.h"

#include <cblas.h>
#include <math.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 1;

static void check(bf_status_t status)
{
    if (status == BF_OK)
        return;
    fprintf(stderr, "bench_layers: %s\n", bf_error_message());
    exit(5);
}

static double uniform(void)
{
    return bench_uniform(&random_state);
}

/* Rate of an m x m x m zgemm on one core, in GF/s. */
static double zgemm_rate(int m)
{
    const size_t count = (size_t)m * (size_t)m;
    bf_z_t *a = bench_block(count, &random_state);
    bf_z_t *b = bench_block(count, &random_state);
    bf_z_t *c = bench_block(count, &random_state);
    const bf_z_t one = 1.0;
    const bf_z_t zero = 0.0;
    double rates[9];
    for (int i = 0; i < 9; i++) {
        const double begin = bf_seconds();
        cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, m, m, &one, a, m, b, m, &zero, c, m);
        rates[i] = 8.0 * (double)count * m / (bf_seconds() - begin) * 1e-9;
    }
    free(a);
    free(b);
    free(c);
    return bench_median(rates, 9);
}

/* OpenQASM text of a brickwork of random u3 and cz. */
static char *brickwork(int n, int layers)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    fprintf(stream, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n);
    for (int layer = 0; layer < layers; layer++) {
        for (int q = 0; q < n; q++)
            fprintf(stream, "u3(%.15g,%.15g,%.15g) q[%d];\n", acos(1.0 - 2.0 * uniform()), 6.283 * uniform(), 6.283 * uniform(),
                    q);
        for (int q = layer % 2; q + 1 < n; q += 2)
            fprintf(stream, "cz q[%d],q[%d];\n", q, q + 1);
    }
    fclose(stream);
    return text;
}

/* A ladder of cx, climbed again and again: two bit strings, so bonds of 2 at most, and no two gates that cancel or share an
 * update. */
static char *ladder(int n, int gates)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    fprintf(stream, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\nh q[0];\n", n);
    for (int i = 0; i < gates; i++) {
        const int q = i % (n - 1);
        fprintf(stream, "cx q[%d],q[%d];\n", q, q + 1);
    }
    fclose(stream);
    return text;
}

/* Median time of the kernels of one update of two sites of the state, alone on this thread, with a cz. */
static double kernels_alone(const bf_tensor_t *left, const bf_tensor_t *right, const bf_factor_rule_t *rule)
{
    bf_gate2_t gate = {.u = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1}};
    bf_gate2_classify(&gate);
    const bf_dim_t rank_bound = gate.schmidt_rank * left->chi_r;
    bf_tensor_t c;
    bf_k_contract_shape(left, right, &gate, false, &c);
    void *payload = bench_allocate(bf_tensor_bytes(&c));
    const size_t a = bf_k_contract_worksize(left, right, &c);
    const size_t b = bf_k_factor_worksize(&c, rank_bound, rule);
    void *work = bench_allocate(a > b ? a : b);
    double times[7];
    for (int i = 0; i < 7; i++) {
        bf_tensor_t new_left;
        bf_tensor_t new_right;
        bf_factor_info_t info;
        const double begin = bf_seconds();
        bf_k_contract_shape(left, right, &gate, false, &c);
        bf_tensor_attach(&c, payload);
        bf_k_contract(left, right, &gate, &c, work);
        check(bf_k_factor(&c, rank_bound, rule, &new_left, &new_right, &info, work));
        times[i] = bf_seconds() - begin;
    }
    free(payload);
    free(work);
    return bench_median(times, 7);
}

/* What the two-site updates of the ledger would cost one after the other, kernels only, on the tensors that are there now. */
static double sum_of_kernels(const bf_state_t *state, const bf_ledger_entry_t *ledger, size_t first, size_t count)
{
    double sum = 0.0;
    double known[state->n];
    memset(known, 0, sizeof known);
    for (size_t i = first; i < count; i++) {
        const int b = ledger[i].bond;
        if (known[b] == 0.0) {
            starpu_data_acquire(state->sites[b], STARPU_R);
            starpu_data_acquire(state->sites[b + 1], STARPU_R);
            const bf_tensor_t left = bf_tensor_view(starpu_data_get_interface_on_node(state->sites[b], STARPU_MAIN_RAM));
            const bf_tensor_t right = bf_tensor_view(starpu_data_get_interface_on_node(state->sites[b + 1], STARPU_MAIN_RAM));
            starpu_pause(); /* idle workers poll, and would take this thread's core */
            known[b] = kernels_alone(&left, &right, &state->options.rule);
            starpu_resume();
            starpu_data_release(state->sites[b]);
            starpu_data_release(state->sites[b + 1]);
        }
        sum += known[b];
    }
    return sum;
}

static bf_circuit_t *parse(const char *text)
{
    bf_circuit_t *circuit = NULL;
    check(bf_circuit_parse("bench.qasm", text, strlen(text), 0, &circuit));
    return circuit;
}

static void reset_profile(void)
{
    struct starpu_profiling_worker_info info;
    for (unsigned w = 0; w < starpu_worker_get_count(); w++)
        starpu_profiling_worker_get_info((int)w, &info);
}

/* Smallest share of the time a worker spent in task bodies since reset_profile(). */
static double busy_share(double wall)
{
    double least = 1.0;
    struct starpu_profiling_worker_info info;
    for (unsigned w = 0; w < starpu_worker_get_count(); w++) {
        starpu_profiling_worker_get_info((int)w, &info);
        const double share = 1e-6 * starpu_timing_timespec_to_us(&info.executing_time) / wall;
        least = share < least ? share : least;
    }
    return least;
}

static void bench_brickwork(bf_session_t *session, int n, bf_dim_t max_dim, int layers)
{
    bf_state_options_t options = bf_state_options_default();
    options.rule.cut.max_dim = max_dim;
    random_state = 1;
    char *first_text = brickwork(n, layers);
    char *more_text = brickwork(n, 6);
    bf_circuit_t *first = parse(first_text);
    bf_circuit_t *more = parse(more_text);
    bf_state_t *state = NULL;
    check(bf_state_create(session, n, &options, &state));
    starpu_profiling_status_set(STARPU_PROFILING_ENABLE);
    reset_profile();
    double begin = bf_seconds();
    check(bf_state_apply(state, first));
    const double evolve = bf_seconds() - begin;
    const double busy = busy_share(evolve);
    const bf_ledger_entry_t *ledger;
    size_t before;
    size_t after;
    check(bf_state_ledger(state, &ledger, &before));
    begin = bf_seconds();
    check(bf_state_apply(state, more));
    const double saturated = bf_seconds() - begin;
    check(bf_state_ledger(state, &ledger, &after));
    const double alone = sum_of_kernels(state, ledger, before, after);
    const int workers = bf_session_workers(session);
    double *xyz = malloc(3 * (size_t)n * sizeof *xyz);
    begin = bf_seconds();
    check(bf_state_expect_xyz(state, xyz));
    const double measure = bf_seconds() - begin;
    printf("brickwork n=%d depth=%d MaxDim=%lld: evolve %.3f s, measure %.3f s, least busy worker %.1f %% of the evolution\n", n,
           layers, (long long)max_dim, evolve, measure, 100.0 * busy);
    printf("  6 saturated layers: %.3f s on %d workers = %.3f of their kernels alone (%.3f s on one core)\n", saturated, workers,
           saturated * workers / alone, alone);
    free(xyz);
    bf_state_destroy(state);
    bf_circuit_destroy(first);
    bf_circuit_destroy(more);
    free(first_text);
    free(more_text);
}

static void bench_overhead(bf_session_t *session, int n, int gates)
{
    char *text = ladder(n, gates);
    double times[5];
    bf_report_t report = {0};
    for (int i = 0; i < 5; i++) {
        const bf_state_options_t options = bf_state_options_default();
        bf_state_t *state = NULL;
        const double begin = bf_seconds();
        bf_circuit_t *circuit = parse(text);
        check(bf_state_create(session, n, &options, &state));
        check(bf_state_apply(state, circuit));
        times[i] = bf_seconds() - begin;
        check(bf_state_report(state, &report));
        bf_state_destroy(state);
        bf_circuit_destroy(circuit);
    }
    printf("cx ladder n=%d, %d gates at bond 2, %zu updates: %.2f us a gate, from text to state\n", n, gates, report.updates,
           1e6 * bench_median(times, 5) / gates);
    free(text);
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key != 'q')
        return ARGP_ERR_UNKNOWN;
    *(bool *)state->input = true;
    return 0;
}

int main(int argc, char **argv)
{
    bf_k_blas_core_choose(argv);
    const struct argp_option options[] = {{"quick", 'q', 0, 0, "a small bond only", 0}, {0}};
    const struct argp argp = {options, take, 0, "Whole layers through the runtime.", 0, 0, 0};
    bool quick = false;
    argp_parse(&argp, argc, argv, 0, 0, &quick);
    openblas_set_num_threads(1);
    const double rates[3] = {zgemm_rate(128), zgemm_rate(256), zgemm_rate(512)}; /* before idle workers poll */
    bf_session_t *session = NULL;
    check(bf_session_create(&argc, &argv, &session));
    check(bf_session_start(session));
    printf("%s\n", bf_session_describe(session));
    printf("zgemm on one core: %.1f GF/s at 128, %.1f at 256, %.1f at 512\n", rates[0], rates[1], rates[2]);
    bench_overhead(session, 100, 10000);
    bench_brickwork(session, 30, quick ? 32 : 128, 20);
    bf_session_destroy(session);
    return 0;
}
