/* One session per test program, and whole runs through the public API. */
#include "support.h"

#include "inside.h"
#include "oracle_fermion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bf_session_t *session;

static void *allocate(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);
    if (!p)
        abort();
    return p;
}

int session_open(void)
{
    if (bf_session_create(NULL, NULL, &session) != BF_OK || bf_session_start(session) != BF_OK) {
        fprintf(stderr, "no session: %s\n", bf_error_message());
        return 1;
    }
    printf("%s\n", bf_session_describe(session));
    return 0;
}

int session_close(void)
{
    bf_session_destroy(session);
    session = NULL;
    return 0;
}

bf_session_t *session_get(void)
{
    return session;
}

bf_state_options_t run_options(double cutoff, bf_dim_t max_dim)
{
    bf_state_options_t options = bf_state_options_default();
    options.rule.cut.cutoff = cutoff;
    options.rule.cut.max_dim = max_dim;
    options.always_tasks = true;
    return options;
}

static bf_status_t measure(bf_state_t *state, run_t *run)
{
    const bf_ledger_entry_t *ledger = NULL;
    run->xyz = allocate(3 * (size_t)run->n, sizeof *run->xyz);
    run->dims = allocate((size_t)run->n, sizeof *run->dims);
    BF_TRY(bf_state_expect_xyz(state, run->xyz));
    BF_TRY(bf_state_bond_dims(state, run->dims));
    BF_TRY(bf_state_hash(state, &run->hash));
    BF_TRY(bf_state_report(state, &run->report));
    BF_TRY(bf_state_ledger(state, &ledger, &run->updates));
    run->ledger = allocate(run->updates, sizeof *run->ledger);
    if (run->updates)
        memcpy(run->ledger, ledger, run->updates * sizeof *ledger);
    if (run->n <= 14)
        run->psi = inside_amplitudes(state);
    return BF_OK;
}

run_t run_text(const char *name, const char *text, bf_site_t sites, const bf_state_options_t *options)
{
    run_t run = {0};
    bf_circuit_t *circuit = NULL;
    bf_state_t *state = NULL;
    run.status = bf_circuit_parse(name, text, strlen(text), sites, &circuit);
    if (run.status == BF_OK) {
        run.n = bf_circuit_qubits(circuit);
        run.status = bf_state_create(session, run.n, options, &state);
    }
    if (run.status == BF_OK)
        run.status = bf_state_apply(state, circuit);
    if (run.status == BF_OK)
        run.status = measure(state, &run);
    if (run.status != BF_OK)
        fprintf(stderr, "run of %s failed: %s: %s\n", name, bf_status_string(run.status), bf_error_message());
    bf_state_destroy(state);
    bf_circuit_destroy(circuit);
    return run;
}

run_t run_circuit(const oracle_circuit_t *c, const bf_state_options_t *options)
{
    char *text = oracle_circuit_qasm(c);
    const run_t run = run_text("oracle.qasm", text, 0, options);
    free(text);
    return run;
}

void run_free(run_t *run)
{
    free(run->xyz);
    free(run->dims);
    free(run->ledger);
    free(run->psi);
    *run = (run_t){0};
}

double max_difference(const double *a, const double *b, size_t count)
{
    double worst = 0;
    for (size_t k = 0; k < count; ++k) {
        const double difference = fabs(a[k] - b[k]);
        if (!(difference <= worst))
            worst = isnan(difference) ? INFINITY : difference;
    }
    return worst;
}

bf_dim_t run_largest_bond(const run_t *run)
{
    bf_dim_t largest = 1;
    for (bf_site_t b = 0; b + 1 < run->n; ++b)
        largest = run->dims[b] > largest ? run->dims[b] : largest;
    return largest;
}

static feature_map_t feature_map_new(int n, int reps)
{
    return (feature_map_t){
        .n = n, .reps = reps, .a = allocate((size_t)n, sizeof(double)), .b = allocate((size_t)n, sizeof(double))};
}

feature_map_t feature_map_reference(int n, int reps)
{
    feature_map_t map = feature_map_new(n, reps);
    for (int i = 0; i < n; ++i) {
        map.a[i] = 0.3 + 0.7 * sin(i + 1);
        map.b[i] = 0.9 + 0.2 * cos(0.5 * i);
    }
    return map;
}

feature_map_t feature_map_random(int n, int reps, oracle_rng_t *rng)
{
    const double pi = acos(-1.0);
    feature_map_t map = feature_map_new(n, reps);
    double *x = allocate((size_t)n, sizeof *x);
    for (int i = 0; i < n; ++i)
        x[i] = oracle_rng_normal(rng);
    for (int i = 0; i < n; ++i)
        map.a[i] = pi * x[i] / 2;
    for (int i = 0; i + 1 < n; ++i)
        map.b[i] = pi * (1 - x[i]) * (1 - x[i + 1]) / 4;
    free(x);
    return map;
}

void feature_map_free(feature_map_t *map)
{
    free(map->a);
    free(map->b);
}

oracle_circuit_t feature_map_circuit(const feature_map_t *map)
{
    oracle_circuit_t c = oracle_circuit_new(map->n);
    for (int i = 0; i < map->n; ++i)
        oracle_add(&c, "h", NULL, Q(i));
    for (int rep = 0; rep < map->reps; ++rep) {
        for (int i = 0; i < map->n; ++i)
            oracle_add(&c, "rz", P(map->a[i]), Q(i));
        for (int parity = 0; parity < 2; ++parity)
            for (int i = parity; i + 1 < map->n; i += 2)
                oracle_add(&c, "rxx", P(map->b[i]), Q(i, i + 1));
    }
    return c;
}

void feature_map_exact(const feature_map_t *map, double *xyz)
{
    oracle_fermion_t *f = oracle_fermion_create(map->n);
    for (int rep = 0; rep < map->reps; ++rep) {
        for (int i = 0; i < map->n; ++i)
            oracle_fermion_rz(f, i, map->a[i]);
        for (int i = 0; i + 1 < map->n; ++i)
            oracle_fermion_rxx(f, i, map->b[i]);
    }
    oracle_fermion_xyz(f, xyz);
    oracle_fermion_destroy(f);
}
