/* hash_states: runs a circuit of large bonds and one of 100 qubits and small bonds at several grains, prints one line for each:
 * name, grain, hash of every tensor, hash of the expectation values; then those of trajectories side by side. Rank 0 prints. Two
 * runs agree when their outputs are the same bytes. */
#include "oracle_trajectory.h"
#include "runtime/bondflow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a over the bytes of the values. */
static uint64_t digest(const double *values, size_t count)
{
    const unsigned char *bytes = (const unsigned char *)values;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t k = 0; k < count * sizeof *values; ++k)
        hash = (hash ^ bytes[k]) * UINT64_C(0x100000001b3);
    return hash;
}

static bf_status_t run(bf_session_t *session, const char *name, const bf_circuit_t *circuit, bf_dim_t max_dim, double grain_us)
{
    const bf_site_t n = bf_circuit_qubits(circuit);
    bf_state_options_t options = bf_state_options_default();
    bf_state_t *state = NULL;
    bf_report_t report;
    uint64_t hash = 0;
    double *xyz = calloc(4 * (size_t)n, sizeof *xyz);
    uint8_t *bits = (uint8_t *)(xyz + 3 * n); /* at most as many as 8 n */
    options.rule.cut.max_dim = max_dim;
    options.grain_us = grain_us;
    options.seed = 17;
    bf_status_t status = xyz ? bf_state_create(session, n, &options, &state) : BF_ERR_NOMEM;
    if (status == BF_OK)
        status = bf_state_apply(state, circuit);
    if (status == BF_OK)
        status = bf_state_expect_xyz(state, xyz);
    if (status == BF_OK)
        status = bf_state_bits(state, circuit, bits);
    if (status == BF_OK)
        status = bf_state_hash(state, &hash);
    if (status == BF_OK)
        status = bf_state_report(state, &report);
    if (status == BF_OK && bf_session_rank(session) == 0)
        printf("%s grain %g: state %016" PRIx64 " values %016" PRIx64 " bond %" PRId64 " eps %a\n", name, grain_us, hash,
               digest(xyz, 4 * (size_t)n), report.max_bond, report.sum_eps);
    bf_state_destroy(state);
    free(xyz);
    return status;
}

static bf_circuit_t *parse_text(char *text)
{
    bf_circuit_t *circuit = NULL;
    if (bf_circuit_parse("hash_states.qasm", text, strlen(text), 0, &circuit) != BF_OK)
        fprintf(stderr, "%s\n", bf_error_message());
    free(text);
    return circuit;
}

static bf_circuit_t *parse(oracle_circuit_t *c)
{
    bf_circuit_t *circuit = parse_text(oracle_circuit_qasm(c));
    oracle_circuit_free(c);
    return circuit;
}

/* Measurements across the borders between ranks, in runs both ways, and gates that depend on them. */
static bf_circuit_t *measured(oracle_rng_t *rng)
{
    enum { N = 12 };
    oracle_dynamic_t d = oracle_dynamic_new(3, N, 4);
    for (int round = 0; round < 2; ++round) {
        oracle_circuit_t layers = oracle_circuit_new(N);
        oracle_add_brickwork(&layers, 8, rng);
        for (size_t g = 0; g < layers.count; ++g)
            oracle_dynamic_gate(&d, layers.gates[g].kind->name, layers.gates[g].p, layers.gates[g].q);
        oracle_circuit_free(&layers);
        for (int k = 0; k < 3; ++k)
            oracle_dynamic_measure(&d, (7 * k + 3 + round) % N, k);
        oracle_dynamic_reset(&d, 5);
        for (int q = 0; q + 1 < N; ++q)
            oracle_dynamic_when(oracle_dynamic_gate(&d, "cx", NULL, Q(q, q + 1)), ORACLE_BIT, q % 3, 0, 0);
    }
    bf_circuit_t *circuit = parse_text(oracle_dynamic_qasm(&d));
    oracle_dynamic_free(&d);
    return circuit;
}

/* Of a trajectory: its state and what is measured of it. */
static bf_status_t read_shot(void *arg, bf_state_t *state, uint64_t shot, void *result)
{
    uint64_t *left = result;
    double xyz[3 * 16];
    (void)arg;
    BF_TRY(bf_state_hash(state, &left[0]));
    BF_TRY(bf_state_expect_xyz(state, xyz));
    left[1] = digest(xyz, 3 * 12) + shot;
    return BF_OK;
}

/* Trajectories side by side. */
static bf_status_t run_shots(bf_session_t *session, const char *name, const bf_circuit_t *circuit)
{
    enum { SHOTS = 11 };
    bf_state_options_t options = bf_state_options_default();
    bf_shots_t *shots = NULL;
    uint64_t left[2 * SHOTS];
    options.rule.cut.max_dim = 24;
    options.seed = 17;
    bf_status_t status = bf_shots_create(session, circuit, &options, &shots);
    if (status == BF_OK)
        status = bf_shots_many(shots, 5, SHOTS, read_shot, NULL, NULL, left, 2 * sizeof *left);
    for (int i = 0; status == BF_OK && bf_session_rank(session) == 0 && i < SHOTS; ++i)
        printf("%s%016" PRIx64 " %016" PRIx64 "%s", i == 0 ? name : " ", left[2 * i], left[2 * i + 1], i + 1 < SHOTS ? "" : "\n");
    bf_shots_destroy(shots);
    return status;
}

int main(int argc, char **argv)
{
    static const double grains[] = {0, 1e-3, 1e9};
    bf_session_t *session = NULL;
    bf_status_t status = bf_session_create(&argc, &argv, &session);
    if (status == BF_OK)
        status = bf_session_start(session);
    oracle_rng_t rng = {64};
    oracle_circuit_t wide = oracle_circuit_new(100), deep = oracle_circuit_new(16);
    oracle_add_brickwork(&deep, 13, &rng);
    oracle_add_brickwork(&wide, 4, &rng);
    oracle_add(&wide, "cx", NULL, Q(20, 80));
    bf_circuit_t *heavy = parse(&deep), *light = parse(&wide), *dynamic = measured(&rng);
    if (status == BF_OK && (!heavy || !light || !dynamic))
        status = BF_ERR_INPUT;
    for (size_t g = 0; status == BF_OK && g < sizeof grains / sizeof *grains; ++g)
        status = run(session, "light", light, 1024, grains[g]);
    for (size_t g = 0; status == BF_OK && g < 2; ++g)
        status = run(session, "heavy", heavy, 70, grains[g]);
    for (size_t g = 0; status == BF_OK && g < 2; ++g)
        status = run(session, "measured", dynamic, 24, grains[g]);
    if (status == BF_OK)
        status = run_shots(session, "shots: ", dynamic);
    if (status != BF_OK)
        fprintf(stderr, "rank %d: %s: %s\n", session ? bf_session_rank(session) : -1, bf_status_string(status),
                bf_error_message());
    bf_circuit_destroy(light);
    bf_circuit_destroy(heavy);
    bf_circuit_destroy(dynamic);
    bf_session_destroy(session);
    return status == BF_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
