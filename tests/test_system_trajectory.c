/* Circuits with measured bits: the same trajectories as a state vector draws, exact outcomes of stabiliser states of 100 qubits,
 * frequencies, truncated states. */
#include "cunit_main.h"
#include "inside.h"
#include "kernels/random.h"
#include "oracle_trajectory.h"
#include "support.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* One trajectory of a text, and what it left. */
typedef struct shot {
    bf_status_t status;
    bf_site_t n;
    size_t n_bits;
    double *xyz;
    uint8_t *bits;
    oracle_z_t *psi; /* up to 14 qubits */
    size_t updates;
    bf_dim_t max_bond;
} shot_t;

static shot_t run_shot(const char *text, const bf_state_options_t *options)
{
    shot_t shot = {0};
    bf_circuit_t *circuit = NULL;
    bf_state_t *state = NULL;
    bf_report_t report;
    bf_error_clear();
    shot.status = bf_circuit_parse("t.qasm", text, strlen(text), 0, &circuit);
    if (shot.status == BF_OK) {
        shot.n = bf_circuit_qubits(circuit);
        shot.n_bits = bf_circuit_bits(circuit);
        shot.xyz = calloc(3 * (size_t)shot.n, sizeof *shot.xyz);
        shot.bits = calloc(shot.n_bits + 1, 1);
        shot.status = bf_state_create(session_get(), shot.n, options, &state);
    }
    if (shot.status == BF_OK)
        shot.status = bf_state_apply(state, circuit);
    if (shot.status == BF_OK)
        shot.status = bf_state_bits(state, circuit, shot.bits);
    if (shot.status == BF_OK)
        shot.status = bf_state_expect_xyz(state, shot.xyz);
    if (shot.status == BF_OK)
        shot.status = bf_state_report(state, &report);
    if (shot.status == BF_OK) {
        shot.updates = report.updates;
        shot.max_bond = report.max_bond;
        if (shot.n <= 14)
            shot.psi = inside_amplitudes(state);
    } else {
        fprintf(stderr, "%s\nin: %s\n", bf_error_message(), text);
    }
    CU_ASSERT_EQUAL(shot.status, BF_OK);
    bf_state_destroy(state);
    bf_circuit_destroy(circuit);
    return shot;
}

static void free_shot(shot_t *shot)
{
    free(shot->xyz);
    free(shot->bits);
    free(shot->psi);
    *shot = (shot_t){0};
}

static bf_state_options_t shot_options(double cutoff, uint64_t seed, uint64_t number)
{
    bf_state_options_t options = run_options(cutoff, 0);
    options.seed = seed;
    options.shot = number;
    return options;
}

/* One trajectory against the state vector: bits the same, values and state within rounding. At cutoff 0 nothing is lost but
 * rounding; a projection on an outcome of probability p divides what rounding left by sqrt(p), and p is hardly ever below 1e-6.
 */
static void check_trajectory(const oracle_dynamic_t *d, uint64_t seed, uint64_t number)
{
    int bits[ORACLE_MAX_BITS];
    double exact[3 * ORACLE_DENSE_MAX];
    char *text = oracle_dynamic_qasm(d);
    oracle_z_t *psi = oracle_dense_zero(d->n);
    oracle_dynamic_run(d, psi, seed, number, 0, bits);
    oracle_dense_xyz(psi, d->n, exact);
    const bf_state_options_t options = shot_options(0, seed, number);
    shot_t shot = run_shot(text, &options);
    const double allowed = 1e-10;
    bool good = shot.status == BF_OK;
    for (int i = 0; i < d->bits && good; ++i)
        good = shot.bits[i] == bits[i];
    CU_ASSERT(good);
    if (good) {
        const double worst = max_difference(shot.xyz, exact, 3 * (size_t)d->n);
        const double overlap = cabs(oracle_dense_overlap(psi, shot.psi, d->n));
        CU_ASSERT(worst <= allowed);
        CU_ASSERT(fabs(overlap - 1) <= allowed);
        good = worst <= allowed && fabs(overlap - 1) <= allowed;
        if (!good)
            fprintf(stderr, "values differ by %g, overlap %.15g\n", worst, overlap);
    }
    if (!good)
        fprintf(stderr, "seed %" PRIu64 ", shot %" PRIu64 ": not the trajectory of\n%s\n", seed, number, text);
    free_shot(&shot);
    free(psi);
    free(text);
}

static void random_circuits(void)
{
    const uint64_t seed = oracle_rng_run_seed();
    oracle_rng_t rng = {seed};
    printf("BONDFLOW_TEST_SEED=%" PRIu64 "\n", seed);
    for (int trial = 0; trial < 120; ++trial) {
        const int version = trial % 4 == 0 ? 2 : 3, n = 1 + oracle_rng_below(&rng, 9), bits = 1 + oracle_rng_below(&rng, 4);
        oracle_dynamic_t d = oracle_dynamic_random(version, n, bits, 10 + oracle_rng_below(&rng, 50), &rng);
        for (uint64_t number = 0; number < 2; ++number)
            check_trajectory(&d, oracle_rng_next(&rng), number);
        oracle_dynamic_free(&d);
    }
}

/* A reset that hangs on a bit nobody measures never happens, but has left its node in the logic: no trajectory, whatever kinds of
 * operations the other gates become. */
static void nothing_is_measured(void)
{
    oracle_dynamic_t d = oracle_dynamic_new(3, 4, 1);
    for (int q = 0; q < 4; q++)
        oracle_dynamic_gate(&d, "u3", P(0.7 + q, 0.5, 0.2 * q), Q(q));
    oracle_dynamic_when(oracle_dynamic_reset(&d, 2), ORACLE_BIT, 0, 0, 0);
    oracle_dynamic_gate(&d, "c3sqrtx", NULL, Q(0, 3, 1, 2));
    for (uint64_t number = 0; number < 2; ++number)
        check_trajectory(&d, 1, number);
    oracle_dynamic_free(&d);
}

/* The state of qubit 0 arrives at qubit 4, whatever is measured. */
static void teleportation(void)
{
    oracle_dynamic_t d = oracle_dynamic_new(3, 5, 2);
    oracle_dynamic_gate(&d, "u3", P(0.3, 0.5, 0.7), Q(0));
    oracle_dynamic_gate(&d, "h", NULL, Q(2));
    oracle_dynamic_gate(&d, "cx", NULL, Q(2, 4));
    oracle_dynamic_gate(&d, "cx", NULL, Q(0, 2));
    oracle_dynamic_gate(&d, "h", NULL, Q(0));
    oracle_dynamic_measure(&d, 0, 0);
    oracle_dynamic_measure(&d, 2, 1);
    oracle_dynamic_when(oracle_dynamic_gate(&d, "x", NULL, Q(4)), ORACLE_BIT, 1, 0, 0);
    oracle_dynamic_when(oracle_dynamic_gate(&d, "z", NULL, Q(4)), ORACLE_BIT, 0, 0, 0);
    char *text = oracle_dynamic_qasm(&d);
    const double exact[3] = {sin(0.3) * cos(0.5), sin(0.3) * sin(0.5), cos(0.3)};
    unsigned seen = 0;
    for (uint64_t number = 0; number < 32; ++number) {
        const bf_state_options_t options = shot_options(1e-16, 7, number);
        shot_t shot = run_shot(text, &options);
        CU_ASSERT(max_difference(shot.xyz + 12, exact, 3) <= 1e-13);
        CU_ASSERT(fabs(shot.xyz[2] - (1 - 2 * shot.bits[0])) <= 1e-13);
        seen |= 1U << (shot.bits[0] + 2 * shot.bits[1]);
        free_shot(&shot);
        check_trajectory(&d, 7, number);
    }
    CU_ASSERT_EQUAL(seen, 15);
    free(text);
    oracle_dynamic_free(&d);
}

/* A repetition code of 5 data qubits: whichever one is flipped, the syndrome finds it, twice over. */
static void repetition_code(void)
{
    for (int error = 0; error < 5; ++error) {
        char text[2048];
        snprintf(text, sizeof text,
                 "OPENQASM 3;\nqubit[9] q; bit[4] s;\nry(0.7) q[0];\nfor int i in [0:2:6] { cx q[i], q[i + 2]; }\n"
                 "for int round in [1:2] {\n  x q[%d];\n"
                 "  for int i in [1:2:7] { reset q[i]; cx q[i - 1], q[i]; cx q[i + 1], q[i]; }\n"
                 "  s = measure q[{1, 3, 5, 7}];\n"
                 "  if (s == \"0001\") x q[0];\n  if (s == \"0011\") x q[2];\n  if (s == \"0110\") x q[4];\n"
                 "  if (s == \"1100\") x q[6];\n  if (s == \"1000\") x q[8];\n}\n"
                 "for int i in [6:-2:0] { cx q[i], q[i + 2]; }\n",
                 2 * error);
        static const unsigned syndromes[5] = {1, 3, 6, 12, 8};
        const bf_state_options_t options = shot_options(1e-16, 3, (uint64_t)error);
        shot_t shot = run_shot(text, &options);
        unsigned syndrome = 0;
        for (int i = 0; i < 4; ++i)
            syndrome |= (unsigned)shot.bits[i] << i;
        CU_ASSERT_EQUAL(syndrome, syndromes[error]);
        CU_ASSERT(fabs(shot.xyz[0] - sin(0.7)) <= 1e-12 && fabs(shot.xyz[2] - cos(0.7)) <= 1e-12);
        for (int q = 2; q < 9; q += 2)
            CU_ASSERT(fabs(shot.xyz[3 * q + 2] - 1) <= 1e-12);
        free_shot(&shot);
    }
}

/* 100 qubits: a GHZ state made by measuring parities and correcting; then measured in the middle, which fixes all others. */
static void ghz_by_measurement(void)
{
    static const char text[] = "OPENQASM 3;\nqubit[199] q; bit[99] p; bit first; bit last; bit[1] x;\n"
                               "for int i in [0:2:198] h q[i];\n"
                               "for int i in [1:2:197] { cx q[i - 1], q[i]; cx q[i + 1], q[i]; }\n"
                               "for int i in [0:98] p[i] = measure q[2 * i + 1];\n"
                               "for int i in [0:98] { x[0] = x[0] ^ p[i]; if (x[0]) x q[2 * i + 2]; }\n"
                               "first = measure q[100];\nlast = measure q[198];\nif (first) x q[0];\nif (last) x q[2];\n";
    int ones = 0, parities = 0;
    for (uint64_t number = 0; number < 16; ++number) {
        const bf_state_options_t options = shot_options(1e-12, 11, number);
        shot_t shot = run_shot(text, &options);
        CU_ASSERT_EQUAL(shot.bits[99], shot.bits[100]);
        ones += shot.bits[99];
        for (int i = 0; i < 99; ++i)
            parities += shot.bits[i];
        for (int q = 0; q < 199; q += 2) {
            const double z = shot.xyz[3 * q + 2];
            CU_ASSERT(fabs(z - (q < 4 ? 1 : 1 - 2 * shot.bits[99])) <= 1e-12);
        }
        CU_ASSERT(shot.max_bond <= 2);
        free_shot(&shot);
    }
    CU_ASSERT(ones > 0 && ones < 16);
    CU_ASSERT(parities > 16 * 99 / 2 - 240 && parities < 16 * 99 / 2 + 240); /* 12 sigma of 1584 fair coins */
}

/* A linear cluster state of 100 qubits measured in X, all but the last: what is left is an eigenstate, whose sign the outcomes
 * tell: X of the odd ones commutes through. The stabiliser Z_i-1 X_i Z_i+1 of the even sites gives the product of their outcomes.
 */
static void cluster_state(void)
{
    static const char text[] = "OPENQASM 3;\nqubit[100] q; bit[99] m;\nh q;\nfor int i in [0:98] cz q[i], q[i + 1];\n"
                               "for int i in [0:98] { h q[i]; m[i] = measure q[i]; h q[i]; }\nid q;\nh q[0:98];\n";
    for (uint64_t number = 0; number < 8; ++number) {
        const bf_state_options_t options = shot_options(1e-12, 5, number);
        shot_t shot = run_shot(text, &options);
        /* K_0 K_2 ... K_98 = X_0 X_2 ... X_98 Z_99. */
        int parity = 0;
        for (int i = 0; i < 99; i += 2)
            parity ^= shot.bits[i];
        CU_ASSERT(fabs(shot.xyz[3 * 99 + 2] - (1 - 2 * parity)) <= 1e-12);
        for (int i = 0; i < 99; ++i)
            CU_ASSERT(fabs(shot.xyz[3 * i + 2] - (1 - 2 * shot.bits[i])) <= 1e-12);
        free_shot(&shot);
    }
}

/* Frequencies: outcome 1 of a qubit turned by an angle. |k - N p| <= t with probability 1 - 2 exp(-2 t^2/N) (Hoeffding): for
 * N = 1500 and t = 150 all but 2e-13. */
static void frequencies(void)
{
    static const char text[] =
        "OPENQASM 3;\nqubit[2] q; bit[2] c;\nry(1.1) q[0];\ncx q[0], q[1];\nry(0.4) q[1];\nc = measure q;\nh q;\n";
    enum { SHOTS = 1500 };
    int counts[4] = {0};
    for (uint64_t number = 0; number < SHOTS; ++number) {
        const bf_state_options_t options = shot_options(1e-16, 21, number);
        shot_t shot = run_shot(text, &options);
        counts[shot.bits[0] + 2 * shot.bits[1]]++;
        free_shot(&shot);
    }
    const double p0 = pow(cos(0.55), 2), stay = pow(cos(0.2), 2);
    const double exact[4] = {p0 * stay, (1 - p0) * (1 - stay), p0 * (1 - stay), (1 - p0) * stay};
    for (int k = 0; k < 4; ++k)
        CU_ASSERT(fabs(counts[k] - SHOTS * exact[k]) <= 150);
}

/* After a truncation that cuts deep B-form is not canonical any more: outcomes follow the state that the tensors represent.
 * Applies a second circuit on the state, whose draws go on counting. */
static void truncated_states(void)
{
    enum { N = 10 };
    oracle_rng_t rng = {77};
    for (uint64_t number = 0; number < 60; ++number) {
        oracle_circuit_t first = oracle_circuit_new(N);
        oracle_add_brickwork(&first, 8, &rng);
        oracle_dynamic_t second = oracle_dynamic_new(3, N, 8);
        oracle_dynamic_measure(&second, 5, 0);
        oracle_dynamic_measure(&second, 2, 1);
        oracle_dynamic_measure(&second, 7, 2);
        oracle_dynamic_reset(&second, 4);
        for (int q = 0; q < N; ++q)
            oracle_dynamic_gate(&second, "h", NULL, &q);
        oracle_dynamic_measure(&second, 9, 3);
        oracle_dynamic_measure(&second, 0, 4);
        for (int q = 0; q < N; ++q)
            oracle_dynamic_gate(&second, "t", NULL, &q);
        bf_state_options_t options = run_options(0, 4);
        options.seed = 5;
        options.shot = number;
        char *texts[2] = {oracle_circuit_qasm(&first), oracle_dynamic_qasm(&second)};
        bf_circuit_t *circuits[2] = {NULL, NULL};
        bf_state_t *state = NULL;
        uint8_t bits[8];
        int wanted[8];
        double xyz[3 * N], exact[3 * N];
        for (int i = 0; i < 2; ++i)
            CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("t.qasm", texts[i], strlen(texts[i]), 0, &circuits[i]), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), N, &options, &state), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_state_apply(state, circuits[0]), BF_OK);
        oracle_z_t *psi = inside_amplitudes(state);
        const double norm = sqrt(creal(oracle_dense_overlap(psi, psi, N)));
        for (size_t i = 0; i < (size_t)1 << N; ++i)
            psi[i] /= norm;
        oracle_dynamic_run(&second, psi, 5, number, 0, wanted);
        oracle_dense_xyz(psi, N, exact);
        CU_ASSERT_EQUAL_FATAL(bf_state_apply(state, circuits[1]), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_state_bits(state, circuits[1], bits), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_state_expect_xyz(state, xyz), BF_OK);
        for (int i = 0; i < 8; ++i)
            CU_ASSERT_EQUAL(bits[i], wanted[i]);
        CU_ASSERT(max_difference(xyz, exact, 3 * N) <= 1e-10);
        bf_state_destroy(state);
        for (int i = 0; i < 2; ++i) {
            bf_circuit_destroy(circuits[i]);
            free(texts[i]);
        }
        free(psi);
        oracle_circuit_free(&first);
        oracle_dynamic_free(&second);
    }
}

/* In single precision: outcomes whose probability is far from the draw are the same; values agree to single's rounding. */
static void single_precision(void)
{
    oracle_rng_t rng = {9};
    oracle_dynamic_t d = oracle_dynamic_random(3, 7, 3, 40, &rng);
    char *text = oracle_dynamic_qasm(&d);
    for (uint64_t number = 0; number < 8; ++number) {
        bf_state_options_t options = shot_options(1e-10, 2, number);
        shot_t full = run_shot(text, &options);
        options.precision = BF_PRECISION_SINGLE;
        shot_t single = run_shot(text, &options);
        CU_ASSERT_EQUAL(memcmp(full.bits, single.bits, full.n_bits), 0);
        CU_ASSERT(max_difference(full.xyz, single.xyz, 21) <= 1e-3);
        CU_ASSERT(max_difference(full.xyz, single.xyz, 21) > 0);
        free_shot(&full);
        free_shot(&single);
    }
    free(text);
    oracle_dynamic_free(&d);
}

static void final_measurements_stay(void)
{
    static const char text[] = "OPENQASM 3;\nqubit[2] q; bit[3] c = \"100\";\nh q[0];\ncx q[0], q[1];\nc[0:1] = measure q;\n";
    const bf_state_options_t options = shot_options(1e-16, 1, 0);
    shot_t shot = run_shot(text, &options);
    CU_ASSERT(shot.bits[0] == BF_BIT_UNKNOWN && shot.bits[1] == BF_BIT_UNKNOWN && shot.bits[2] == 1);
    CU_ASSERT(fabs(shot.xyz[2]) <= 1e-15);
    free_shot(&shot);
}

/* A damaged tensor is an error, on a site that is measured or not. */
static void damage(void)
{
    static const char text[] = "OPENQASM 3;\nqubit[6] q; bit c;\nh q;\nfor int i in [0:4] cz q[i], q[i + 1];\n";
    static const char more[] = "OPENQASM 3;\nqubit[6] q; bit c;\nc = measure q[2];\nif (c) x q[0];\n";
    for (bf_site_t site = 0; site < 6; ++site) {
        bf_circuit_t *first = NULL, *second = NULL;
        bf_state_t *state = NULL;
        const bf_state_options_t options = shot_options(1e-16, 1, 0);
        CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("t.qasm", text, strlen(text), 0, &first), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("t.qasm", more, strlen(more), 0, &second), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), 6, &options, &state), BF_OK);
        CU_ASSERT_EQUAL(bf_state_apply(state, first), BF_OK);
        inside_spoil(state, site);
        bf_error_clear();
        CU_ASSERT_EQUAL(bf_state_apply(state, second), BF_ERR_NAN);
        CU_ASSERT_PTR_NOT_NULL(strstr(bf_error_message(), "measurement or reset"));
        bf_state_destroy(state);
        bf_circuit_destroy(first);
        bf_circuit_destroy(second);
        bf_error_clear();
    }
}

int main(void)
{
    static const bf_test_t tests[] = {{"random circuits", random_circuits},
                                      {"nothing is measured", nothing_is_measured},
                                      {"teleportation", teleportation},
                                      {"repetition code", repetition_code},
                                      {"GHZ by measurement", ghz_by_measurement},
                                      {"cluster state", cluster_state},
                                      {"frequencies", frequencies},
                                      {"truncated states", truncated_states},
                                      {"single precision", single_precision},
                                      {"final measurements stay", final_measurements_stay},
                                      {"damage", damage},
                                      {NULL, NULL}};
    return bf_cunit_main("trajectories", session_open, session_close, tests);
}
