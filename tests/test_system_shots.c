/* Trajectories side by side: each has the bytes of the same trajectory run by itself, whatever it is run with; failures. */
#include "cunit_main.h"
#include "oracle_trajectory.h"
#include "support.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_QUBITS = 20 };

/* All that a trajectory leaves, as bytes to be compared. */
typedef struct left {
    uint64_t hash;
    double xyz[3 * MAX_QUBITS];
    uint8_t bits[ORACLE_MAX_BITS];
    uint8_t row[8]; /* all qubits, read out at the end */
    double eps;
    int64_t max_bond;
    uint64_t shot;
} left_t;

typedef struct reader {
    const bf_circuit_t *circuit;
    uint64_t seed;
    uint64_t fails[2]; /* these shots fail; UINT64_MAX: none */
    size_t told;       /* by progress, last */
} reader_t;

static bf_status_t read_out(const reader_t *r, bf_state_t *state, uint64_t shot, left_t *left)
{
    bf_site_t qubits[MAX_QUBITS];
    bf_sampler_t *sampler = NULL;
    for (bf_site_t q = 0; q < MAX_QUBITS; ++q)
        qubits[q] = q;
    bf_status_t status = bf_sampler_create(state, &sampler);
    if (status == BF_OK)
        status = bf_sampler_draw(sampler, r->seed, shot, 1, qubits, (size_t)bf_circuit_qubits(r->circuit), left->row);
    bf_sampler_destroy(sampler);
    return status;
}

static bf_status_t read_all(void *arg, bf_state_t *state, uint64_t shot, void *result)
{
    const reader_t *r = arg;
    left_t *left = result;
    bf_report_t report;
    left->shot = shot;
    for (int i = 0; i < 2; ++i)
        if (shot == r->fails[i])
            return bf_error_set(BF_ERR_NAN, "a failure made on purpose");
    BF_TRY(bf_state_hash(state, &left->hash));
    BF_TRY(bf_state_expect_xyz(state, left->xyz));
    BF_TRY(bf_state_bits(state, r->circuit, left->bits));
    BF_TRY(bf_state_report(state, &report));
    left->eps = report.sum_eps;
    left->max_bond = report.max_bond;
    return read_out(r, state, shot, left);
}

static void told(void *arg, size_t done)
{
    reader_t *r = arg;
    r->told = done;
}

static bf_circuit_t *parse(oracle_dynamic_t *d)
{
    char *text = oracle_dynamic_qasm(d);
    bf_circuit_t *circuit = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("t.qasm", text, strlen(text), 0, &circuit), BF_OK);
    oracle_dynamic_free(d);
    free(text);
    return circuit;
}

static bf_state_options_t options_of(bool always_tasks, uint64_t seed)
{
    bf_state_options_t options = run_options(1e-14, 0);
    options.always_tasks = always_tasks;
    options.seed = seed;
    return options;
}

/* By itself: a state, its circuit, lowered for it. */
static left_t single(const bf_circuit_t *circuit, uint64_t seed, uint64_t shot)
{
    reader_t reader = {.circuit = circuit, .seed = seed, .fails = {UINT64_MAX, UINT64_MAX}};
    bf_state_options_t options = options_of(true, seed);
    bf_state_t *state = NULL;
    left_t left;
    memset(&left, 0, sizeof left);
    options.shot = shot;
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), bf_circuit_qubits(circuit), &options, &state), BF_OK);
    CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
    CU_ASSERT_EQUAL(read_all(&reader, state, shot, &left), BF_OK);
    bf_state_destroy(state);
    return left;
}

/* Of the trajectories: the largest bond each has reached. */
typedef struct bonds {
    int64_t least, most;
} bonds_t;

/* @p count shots in rounds of @p round, each against itself. */
static bonds_t check(const bf_circuit_t *circuit, uint64_t seed, uint64_t first, size_t count, size_t round, bool always_tasks)
{
    const bf_state_options_t options = options_of(always_tasks, seed);
    reader_t reader = {.circuit = circuit, .seed = seed, .fails = {UINT64_MAX, UINT64_MAX}};
    left_t *left = calloc(count, sizeof *left);
    bf_shots_t *shots = NULL;
    bonds_t bonds = {.least = INT64_MAX};
    CU_ASSERT_EQUAL_FATAL(bf_shots_create(session_get(), circuit, &options, &shots), BF_OK);
    for (size_t at = 0; at < count; at += round) {
        const size_t n = count - at < round ? count - at : round;
        memset(left + at, 0xA5, n * sizeof *left);
        CU_ASSERT_EQUAL(bf_shots_many(shots, first + at, n, read_all, told, &reader, left + at, sizeof *left), BF_OK);
        CU_ASSERT(reader.told <= n);
    }
    bf_shots_destroy(shots);
    for (size_t i = 0; i < count; ++i) {
        const left_t alone = single(circuit, seed, first + i);
        CU_ASSERT_EQUAL(memcmp(&alone, &left[i], sizeof alone), 0);
        if (memcmp(&alone, &left[i], sizeof alone) != 0)
            fprintf(stderr, "seed %" PRIu64 ", shot %" PRIu64 ", bond %" PRId64 ": %016" PRIx64 " instead of %016" PRIx64 "\n",
                    seed, first + i, alone.max_bond, left[i].hash, alone.hash);
        bonds.least = alone.max_bond < bonds.least ? alone.max_bond : bonds.least;
        bonds.most = alone.max_bond > bonds.most ? alone.max_bond : bonds.most;
    }
    free(left);
    return bonds;
}

static void random_circuits(void)
{
    const uint64_t seed = oracle_rng_run_seed();
    oracle_rng_t rng = {seed};
    printf("BONDFLOW_TEST_SEED=%" PRIu64 "\n", seed);
    for (int trial = 0; trial < 12; ++trial) {
        oracle_dynamic_t d = oracle_dynamic_random(3, 1 + oracle_rng_below(&rng, 9), 1 + oracle_rng_below(&rng, 4), 60, &rng);
        bf_circuit_t *circuit = parse(&d);
        check(circuit, oracle_rng_next(&rng), 1000000 + (uint64_t)trial, 24, 1 + (size_t)oracle_rng_below(&rng, 24),
              trial % 4 == 0);
        bf_circuit_destroy(circuit);
    }
}

/* A coin decides whether the bonds grow beyond what one worker takes upon itself: some of a round are light, some are not. */
static bf_circuit_t *coin_and_layers(int layers, bool always, oracle_rng_t *rng)
{
    enum { N = 14 };
    oracle_dynamic_t d = oracle_dynamic_new(3, N, 2);
    oracle_circuit_t brick = oracle_circuit_new(N);
    oracle_add_brickwork(&brick, layers, rng);
    oracle_dynamic_gate(&d, "h", NULL, Q(0));
    oracle_dynamic_measure(&d, 0, 0);
    for (size_t g = 0; g < brick.count; ++g) {
        oracle_statement_t *s = oracle_dynamic_gate(&d, brick.gates[g].kind->name, brick.gates[g].p, brick.gates[g].q);
        if (!always)
            oracle_dynamic_when(s, ORACLE_BIT, 0, 0, 0);
    }
    oracle_dynamic_measure(&d, N / 2, 1);
    oracle_dynamic_gate(&d, "h", NULL, Q(N / 2));
    oracle_circuit_free(&brick);
    return parse(&d);
}

static void heavy_ones(void)
{
    oracle_rng_t rng = {11};
    bf_circuit_t *some = coin_and_layers(13, false, &rng), *all = coin_and_layers(13, true, &rng);
    const bonds_t mixed = check(some, 7, 0, 8, 8, false), heavy = check(all, 5, 0, 3, 2, false);
    CU_ASSERT_EQUAL(mixed.least, 1);
    CU_ASSERT(mixed.most > 64);
    CU_ASSERT(heavy.least > 64);
    bf_circuit_destroy(some);
    bf_circuit_destroy(all);
}

/* Of those that fail the first is named, and everything goes on afterwards. */
static void failures(void)
{
    oracle_rng_t rng = {3};
    oracle_dynamic_t d = oracle_dynamic_random(3, 5, 2, 40, &rng);
    bf_circuit_t *circuit = parse(&d);
    for (int way = 0; way < 2; ++way) {
        const bf_state_options_t options = options_of(way == 1, 9);
        reader_t reader = {.circuit = circuit, .seed = 9, .fails = {75, 57}};
        left_t left[60];
        bf_shots_t *shots = NULL;
        bf_state_t *state = NULL;
        bf_error_clear();
        CU_ASSERT_EQUAL_FATAL(bf_shots_create(session_get(), circuit, &options, &shots), BF_OK);
        CU_ASSERT_EQUAL(bf_shots_many(shots, 40, 60, read_all, NULL, &reader, left, sizeof *left), BF_ERR_NAN);
        CU_ASSERT_STRING_EQUAL(bf_error_message(), "shot 57: a failure made on purpose");
        bf_error_clear();
        CU_ASSERT_EQUAL(bf_shots_one(shots, 75, read_all, &reader, left, &state), BF_ERR_NAN);
        CU_ASSERT_STRING_EQUAL(bf_error_message(), "shot 75: a failure made on purpose");
        bf_state_destroy(state);
        bf_error_clear();
        CU_ASSERT_EQUAL(bf_shots_many(shots, 58, 17, read_all, NULL, &reader, left, sizeof *left), BF_OK);
        CU_ASSERT_EQUAL(left[16].shot, 74);
        bf_shots_destroy(shots);
    }
    bf_circuit_destroy(circuit);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"random circuits", random_circuits}, {"heavy ones", heavy_ones}, {"failures", failures}, {NULL, NULL}};
    return bf_cunit_main("shots", session_open, session_close, tests);
}
