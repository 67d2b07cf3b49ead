/* Sampling against the amplitudes that the tensors have, and against states whose samples are known. */
#include "cunit_main.h"
#include "inside.h"
#include "oracle_dense.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 20260801

/* A state and its sampler. */
typedef struct drawn {
    bf_site_t n;
    bf_state_t *state;
    bf_sampler_t *sampler;
} drawn_t;

static drawn_t draw_from(const oracle_circuit_t *c, const bf_state_options_t *options)
{
    drawn_t d = {.n = (bf_site_t)c->n};
    char *text = oracle_circuit_qasm(c);
    bf_circuit_t *circuit = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("sample.qasm", text, strlen(text), 0, &circuit), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), d.n, options, &d.state), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_state_apply(d.state, circuit), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_sampler_create(d.state, &d.sampler), BF_OK);
    bf_circuit_destroy(circuit);
    free(text);
    return d;
}

static void finish(drawn_t *d)
{
    bf_sampler_destroy(d->sampler);
    bf_state_destroy(d->state);
}

/* Rows of all qubits, qubit q at bit q. */
static uint8_t *shots_of(const drawn_t *d, uint64_t seed, uint64_t first, size_t count)
{
    bf_site_t qubits[d->n];
    for (bf_site_t q = 0; q < d->n; q++)
        qubits[q] = q;
    uint8_t *rows = malloc(count * (((size_t)d->n + 7) / 8));
    CU_ASSERT_EQUAL_FATAL(bf_sampler_draw(d->sampler, seed, first, count, qubits, (size_t)d->n, rows), BF_OK);
    return rows;
}

static int bit_of(const uint8_t *row, int bit)
{
    return row[bit / 8] >> bit % 8 & 1;
}

/* |amplitude|^2 of every string over the norm, from the tensors themselves. */
static double *probabilities(const drawn_t *d, oracle_z_t *psi)
{
    const size_t size = (size_t)1 << d->n;
    double *p = malloc(size * sizeof *p), norm = 0.0;
    for (size_t x = 0; x < size; x++)
        norm += p[x] = creal(psi[x] * conj(psi[x]));
    for (size_t x = 0; x < size; x++) {
        p[x] /= norm;
        psi[x] /= sqrt(norm);
    }
    return p;
}

static oracle_circuit_t random_circuit(int n, int gates, uint64_t seed)
{
    oracle_rng_t rng = {seed};
    oracle_circuit_t c = oracle_circuit_new(n);
    if (n == 1) {
        oracle_add(&c, "u3", P(1.1, 0.3, -0.4), Q(0));
        return c;
    }
    oracle_add_random(&c, gates, &rng);
    oracle_add_brickwork(&c, 2, &rng);
    return c;
}

/* Largest chance of a larger chi^2 by accident: Wilson and Hilferty's normal approximation at 4.9 standard deviations, 5e-7. The
 * seeds are fixed: a test that passes once passes always. */
static double chi_square_limit(double freedom)
{
    const double step = 2.0 / (9.0 * freedom);
    return freedom * pow(1.0 - step + 4.9 * sqrt(step), 3.0);
}

/* Pearson's test of counted strings; strings that are expected less than 10 times count as one. */
static void check_frequencies(const double *p, const size_t *counts, size_t size, size_t shots)
{
    double chi_square = 0.0, rare = 0.0, rare_count = 0.0;
    int cells = 0;
    for (size_t x = 0; x < size; x++) {
        const double expected = p[x] * (double)shots;
        if (p[x] < 1e-28)
            CU_ASSERT_EQUAL(counts[x], 0);
        if (expected < 10.0) {
            rare += expected;
            rare_count += (double)counts[x];
            continue;
        }
        chi_square += ((double)counts[x] - expected) * ((double)counts[x] - expected) / expected;
        cells++;
    }
    if (rare >= 10.0) {
        chi_square += (rare_count - rare) * (rare_count - rare) / rare;
        cells++;
    } else if (cells > 0) /* too few to compare: but not many where hardly any are due */
        CU_ASSERT(rare_count <= rare + 12.0 * sqrt(rare) + 12.0);
    if (cells > 1 && !(chi_square <= chi_square_limit(cells - 1))) {
        printf("\n  chi^2 %.1f with %d cells, limit %.1f", chi_square, cells, chi_square_limit(cells - 1));
        CU_FAIL("the samples do not follow the state");
    }
}

/* In which order strings are asked for: neighbours share little, as much as they can, or everything. */
typedef enum asked { ASCENDING, SORTED, TWICE, ORDERS } asked_t;

static size_t string_asked(asked_t order, bf_site_t n, size_t i)
{
    if (order == ASCENDING)
        return i;
    size_t x = 0; /* qubit 0, the first site, is the slow bit */
    for (bf_site_t q = 0; q < n; q++)
        x |= ((order == TWICE ? i / 2 : i) >> (n - 1 - q) & 1) << q;
    return x;
}

static void check_amplitudes(const drawn_t *d, const oracle_z_t *psi, const double *p, asked_t order, double tolerance)
{
    const size_t size = (size_t)1 << d->n, row_bytes = ((size_t)d->n + 7) / 8;
    uint8_t *rows = malloc(size * row_bytes);
    bf_amplitude_t *amplitudes = malloc(size * sizeof *amplitudes);
    CU_ASSERT_FATAL(rows && amplitudes);
    for (size_t i = 0; i < size; i++)
        for (size_t b = 0; b < row_bytes; b++)
            rows[i * row_bytes + b] = (uint8_t)(string_asked(order, d->n, i) >> 8 * b);
    CU_ASSERT_EQUAL_FATAL(bf_sampler_amplitudes(d->sampler, rows, size, amplitudes), BF_OK);
    double worst = 0.0;
    for (size_t i = 0; i < size; i++) {
        const size_t x = string_asked(order, d->n, i);
        worst = fmax(worst, cabs(amplitudes[i].re + I * amplitudes[i].im - psi[x]));
        if (p[x] > tolerance)
            worst = fmax(worst, fabs(exp2(amplitudes[i].log2_probability) - p[x]));
    }
    if (!(worst <= tolerance)) {
        printf("\n  %d qubits, order %d: amplitudes differ by %g", (int)d->n, (int)order, worst);
        CU_FAIL("amplitudes are not those of the tensors");
    }
    free(amplitudes);
    free(rows);
}

/* Amplitudes, marginals and frequencies of one small state. */
static void check_state(const oracle_circuit_t *c, const bf_state_options_t *options, double tolerance)
{
    drawn_t d = draw_from(c, options);
    const size_t size = (size_t)1 << d.n, row_bytes = ((size_t)d.n + 7) / 8, shots = 50000;
    oracle_z_t *psi = inside_amplitudes(d.state);
    double *p = probabilities(&d, psi);
    for (asked_t order = ASCENDING; order < ORDERS; order++)
        check_amplitudes(&d, psi, p, order, tolerance);
    uint8_t *drawn = shots_of(&d, SEED, 0, shots);
    size_t *counts = calloc(size, sizeof *counts);
    for (size_t i = 0; i < shots; i++) {
        size_t x = 0;
        for (size_t b = 0; b < row_bytes; b++)
            x |= (size_t)drawn[i * row_bytes + b] << 8 * b;
        CU_ASSERT_FATAL(x < size);
        counts[x]++;
    }
    check_frequencies(p, counts, size, shots);
    free(counts);
    free(drawn);
    free(p);
    free(psi);
    finish(&d);
}

static void test_random_states(void)
{
    for (int n = 1; n <= 10; n++)
        for (int k = 0; k < 2; k++) {
            oracle_circuit_t c = random_circuit(n, 12 + 10 * k, (uint64_t)(SEED + 10 * n + k));
            const bf_state_options_t options = run_options(1e-14, 0);
            check_state(&c, &options, 1e-12);
            oracle_circuit_free(&c);
        }
}

/* What is sampled is the state that the tensors are, however much was thrown away; B is far from an isometry here. */
static void test_truncated_states(void)
{
    for (bf_dim_t max_dim = 1; max_dim <= 6; max_dim++) {
        oracle_circuit_t c = random_circuit(9, 60, (uint64_t)(SEED + max_dim));
        const bf_state_options_t options = run_options(1e-14, max_dim);
        check_state(&c, &options, 1e-12);
        oracle_circuit_free(&c);
    }
    oracle_circuit_t c = random_circuit(8, 60, SEED);
    const bf_state_options_t options = run_options(0.2, 0);
    check_state(&c, &options, 1e-12);
    oracle_circuit_free(&c);
}

static void test_single_precision(void)
{
    const bf_precision_t precisions[] = {BF_PRECISION_SINGLE, BF_PRECISION_AUTO};
    for (int i = 0; i < 2; i++)
        for (int n = 3; n <= 9; n += 3) {
            oracle_circuit_t c = random_circuit(n, 30, (uint64_t)(SEED + n));
            bf_state_options_t options = run_options(1e-7, 5);
            options.precision = precisions[i];
            check_state(&c, &options, 1e-5);
            oracle_circuit_free(&c);
        }
}

/* Real throughout, and real on the left only. */
static void test_real_states(void)
{
    oracle_circuit_t c = oracle_circuit_new(7);
    for (int q = 0; q < 7; q++)
        oracle_add(&c, "ry", P(0.4 + 0.3 * q), Q(q));
    for (int q = 0; q + 1 < 7; q++)
        oracle_add(&c, "cx", NULL, Q(q, q + 1));
    const bf_state_options_t options = run_options(1e-14, 0);
    check_state(&c, &options, 1e-12);
    oracle_add(&c, "s", NULL, Q(6));
    oracle_add(&c, "h", NULL, Q(6));
    oracle_add(&c, "crx", P(0.8), Q(6, 5));
    check_state(&c, &options, 1e-12);
    oracle_circuit_free(&c);
}

/* Blocks of 1, 2, 1, 1, 4 and 3 qubits, twelve in all: bonds of 1 between them, and entanglement inside. */
static oracle_circuit_t blocks_circuit(void)
{
    static const int begin[] = {0, 1, 3, 4, 5, 9, 12};
    oracle_rng_t rng = {SEED};
    oracle_circuit_t c = oracle_circuit_new(12);
    for (int layer = 0; layer < 4; layer++) {
        for (int q = 0; q < 12; q++)
            oracle_add(&c, "u3", P(0.4 + 0.2 * oracle_rng_below(&rng, 10), 0.3 * q, 0.1 * layer), Q(q));
        for (int b = 0; b < 6; b++)
            for (int q = begin[b]; q + 1 < begin[b + 1]; q++)
                oracle_add(&c, "cx", NULL, Q(q, q + 1));
    }
    return c;
}

static void test_blocks(void)
{
    oracle_circuit_t c = blocks_circuit();
    const bf_state_options_t options = run_options(1e-14, 0);
    check_state(&c, &options, 1e-12);
    oracle_circuit_free(&c);
}

/* Amplitudes against the dense simulation of the circuit: overlap 1, and one common phase. */
static void test_amplitudes_of_circuit(void)
{
    for (int n = 2; n <= 10; n += 4) {
        oracle_circuit_t c = random_circuit(n, 40, (uint64_t)(SEED + 7 * n));
        const bf_state_options_t options = run_options(0.0, 0);
        drawn_t d = draw_from(&c, &options);
        oracle_z_t *psi = oracle_dense_run(&c), overlap = 0.0;
        const size_t size = (size_t)1 << n;
        double total = 0.0;
        for (size_t x = 0; x < size; x++) {
            uint8_t row[2] = {(uint8_t)x, (uint8_t)(x >> 8)};
            bf_amplitude_t a;
            CU_ASSERT_EQUAL_FATAL(bf_sampler_amplitudes(d.sampler, row, 1, &a), BF_OK);
            overlap += conj(psi[x]) * (a.re + I * a.im);
            total += a.re * a.re + a.im * a.im;
        }
        CU_ASSERT_DOUBLE_EQUAL(total, 1.0, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(cabs(overlap), 1.0, 1e-12);
        free(psi);
        finish(&d);
        oracle_circuit_free(&c);
    }
}

static void check_marginal(const drawn_t *d, const double *p, const bf_site_t *qubits, size_t count)
{
    const size_t outcomes = (size_t)1 << count;
    double got[outcomes], want[outcomes];
    memset(want, 0, sizeof want);
    CU_ASSERT_EQUAL_FATAL(bf_sampler_marginal(d->sampler, qubits, count, got), BF_OK);
    for (size_t x = 0; x < (size_t)1 << d->n; x++) {
        size_t index = 0;
        for (size_t i = 0; i < count; i++)
            index |= (x >> qubits[i] & 1) << i;
        want[index] += p[x];
    }
    for (size_t i = 0; i < outcomes; i++)
        CU_ASSERT(got[i] >= 0.0 && fabs(got[i] - want[i]) <= 1e-12);
}

static void test_marginals(void)
{
    for (int n = 1; n <= 10; n++) {
        oracle_rng_t rng = {SEED + (uint64_t)n};
        oracle_circuit_t c = random_circuit(n, 50, (uint64_t)(SEED + n));
        const bf_state_options_t options = run_options(1e-14, n % 3 ? 0 : 4);
        drawn_t d = draw_from(&c, &options);
        oracle_z_t *psi = inside_amplitudes(d.state);
        double *p = probabilities(&d, psi);
        for (int k = 0; k < 12; k++) {
            bf_site_t qubits[10];
            for (int q = 0; q < n; q++)
                qubits[q] = q;
            for (int q = n - 1; q > 0; q--) { /* shuffled */
                const int other = oracle_rng_below(&rng, q + 1);
                const bf_site_t swap = qubits[q];
                qubits[q] = qubits[other];
                qubits[other] = swap;
            }
            check_marginal(&d, p, qubits, 1 + (size_t)oracle_rng_below(&rng, n));
        }
        free(p);
        free(psi);
        finish(&d);
        oracle_circuit_free(&c);
    }
}

/* A shot is the same whatever is drawn with it; of 12 qubits. */
static void check_shots_are_their_own(const oracle_circuit_t *c, bf_dim_t max_dim)
{
    const bf_state_options_t options = run_options(1e-12, max_dim);
    drawn_t d = draw_from(c, &options);
    const size_t shots = 20000, row_bytes = 2, cuts[] = {0, 1, 2, 5, 777, 4096, 10001, 20000};
    uint8_t *all = shots_of(&d, 99, 0, shots);
    for (size_t i = 0; i + 1 < sizeof cuts / sizeof *cuts; i++) {
        uint8_t *part = shots_of(&d, 99, cuts[i], cuts[i + 1] - cuts[i]);
        CU_ASSERT_EQUAL(memcmp(part, all + cuts[i] * row_bytes, (cuts[i + 1] - cuts[i]) * row_bytes), 0);
        free(part);
    }
    uint8_t *other = shots_of(&d, 100, 0, shots);
    CU_ASSERT_NOT_EQUAL(memcmp(other, all, shots * row_bytes), 0);
    free(other);
    /* Some qubits, in another order, twice, and bits of none: the outcomes of the same shots. */
    const bf_site_t qubits[] = {11, -1, 3, 3, 0, 7, -1, 5, 2};
    uint8_t *some = malloc(shots * 2);
    CU_ASSERT_EQUAL(bf_sampler_draw(d.sampler, 99, 0, shots, qubits, 9, some), BF_OK);
    size_t wrong = 0;
    for (size_t i = 0; i < shots; i++)
        for (int b = 0; b < 9; b++)
            wrong += bit_of(some + 2 * i, b) != (qubits[b] < 0 ? 0 : bit_of(all + 2 * i, (int)qubits[b]));
    CU_ASSERT_EQUAL(wrong, 0);
    const bf_site_t none[] = {-1, -1};
    memset(some, 0xff, shots);
    CU_ASSERT_EQUAL(bf_sampler_draw(d.sampler, 99, 0, shots, none, 2, some), BF_OK);
    for (size_t i = 0; i < shots; i++)
        wrong += some[i] != 0;
    CU_ASSERT_EQUAL(wrong, 0);
    free(some);
    free(all);
    finish(&d);
}

/* Bonds too wide for lanes, bonds that are not, and hardly any bonds. */
static void test_shots_are_their_own(void)
{
    oracle_circuit_t c = random_circuit(12, 40, SEED), blocks = blocks_circuit();
    check_shots_are_their_own(&c, 0);
    check_shots_are_their_own(&c, 8);
    check_shots_are_their_own(&blocks, 0);
    oracle_circuit_free(&c);
    oracle_circuit_free(&blocks);
}

/* A sampler is a copy: the state may go on. */
static void test_sampler_outlives_state(void)
{
    oracle_circuit_t c = random_circuit(6, 20, SEED);
    const bf_state_options_t options = run_options(1e-12, 0);
    drawn_t d = draw_from(&c, &options);
    uint8_t *before = shots_of(&d, 1, 0, 1000);
    bf_state_destroy(d.state);
    d.state = NULL;
    uint8_t *after = shots_of(&d, 1, 0, 1000);
    CU_ASSERT_EQUAL(memcmp(before, after, 1000), 0);
    free(before);
    free(after);
    finish(&d);
    oracle_circuit_free(&c);
}

static void test_ghz(void)
{
    enum { N = 300, SHOTS = 20000 };
    oracle_circuit_t c = oracle_circuit_new(N);
    oracle_add(&c, "h", NULL, Q(0));
    for (int q = 0; q + 1 < N; q++)
        oracle_add(&c, "cx", NULL, Q(q, q + 1));
    const bf_state_options_t options = run_options(1e-12, 0);
    drawn_t d = draw_from(&c, &options);
    uint8_t *rows = shots_of(&d, 3, 0, SHOTS);
    int ones = 0, mixed = 0;
    for (int i = 0; i < SHOTS; i++) {
        int sum = 0;
        for (int q = 0; q < N; q++)
            sum += bit_of(rows + i * ((N + 7) / 8), q);
        ones += sum == N;
        mixed += sum != N && sum != 0;
    }
    CU_ASSERT_EQUAL(mixed, 0);
    CU_ASSERT(fabs(ones - SHOTS / 2.0) <= 5.0 * sqrt(SHOTS / 4.0));
    free(rows);
    finish(&d);
    oracle_circuit_free(&c);
}

/* W: one excitation, anywhere with the same chance. */
static void test_w(void)
{
    enum { N = 50, SHOTS = 50000 };
    oracle_circuit_t c = oracle_circuit_new(N);
    oracle_add(&c, "x", NULL, Q(0));
    for (int q = 0; q + 1 < N; q++) {
        oracle_add(&c, "cry", P(2.0 * acos(sqrt(1.0 / (N - q)))), Q(q, q + 1));
        oracle_add(&c, "cx", NULL, Q(q + 1, q));
    }
    const bf_state_options_t options = run_options(1e-14, 0);
    drawn_t d = draw_from(&c, &options);
    uint8_t *rows = shots_of(&d, 4, 0, SHOTS);
    size_t counts[N] = {0}, wrong = 0;
    double p[N];
    for (int i = 0; i < SHOTS; i++) {
        int sum = 0, at = 0;
        for (int q = 0; q < N; q++)
            if (bit_of(rows + i * ((N + 7) / 8), q)) {
                sum++;
                at = q;
            }
        wrong += sum != 1;
        counts[at]++;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    for (int q = 0; q < N; q++)
        p[q] = 1.0 / N;
    check_frequencies(p, counts, N, SHOTS);
    free(rows);
    finish(&d);
    oracle_circuit_free(&c);
}

/* A cluster state read in X on even and in Z on odd qubits: every stabiliser Z X Z is a parity of three outcomes. */
static void test_cluster_parities(void)
{
    enum { N = 101, SHOTS = 5000, ROW = (N + 7) / 8 };
    oracle_circuit_t c = oracle_circuit_new(N);
    for (int q = 0; q < N; q++)
        oracle_add(&c, "h", NULL, Q(q));
    for (int q = 0; q + 1 < N; q++)
        oracle_add(&c, "cz", NULL, Q(q, q + 1));
    for (int q = 0; q < N; q += 2)
        oracle_add(&c, "h", NULL, Q(q));
    const bf_state_options_t options = run_options(1e-12, 0);
    drawn_t d = draw_from(&c, &options);
    uint8_t *rows = shots_of(&d, 5, 0, SHOTS);
    int odd = 0, ones[N] = {0};
    for (int i = 0; i < SHOTS; i++)
        for (int q = 0; q < N; q++) {
            const uint8_t *row = rows + i * ROW;
            ones[q] += bit_of(row, q);
            if (q % 2 == 0)
                odd += bit_of(row, q) ^ (q > 0 ? bit_of(row, q - 1) : 0) ^ (q + 1 < N ? bit_of(row, q + 1) : 0);
        }
    CU_ASSERT_EQUAL(odd, 0);
    for (int q = 0; q < N; q++)
        CU_ASSERT(fabs(ones[q] - SHOTS / 2.0) <= 5.0 * sqrt(SHOTS / 4.0));
    free(rows);
    finish(&d);
    oracle_circuit_free(&c);
}

/* Random Clifford gates and back: every shot is the string it began with. */
static void test_clifford_echo(void)
{
    enum { N = 100, SHOTS = 500, ROW = (N + 7) / 8 };
    oracle_rng_t rng = {SEED};
    oracle_circuit_t c = oracle_circuit_new(N);
    for (int q = 0; q < N; q++) {
        oracle_add(&c, "h", NULL, Q(q));
        if (oracle_rng_below(&rng, 2))
            oracle_add(&c, "s", NULL, Q(q));
    }
    for (int k = 0; k < 300; k++) {
        const int a = oracle_rng_below(&rng, N - 3);
        oracle_add(&c, oracle_rng_below(&rng, 2) ? "cx" : "cz", NULL, Q(a, a + 1 + oracle_rng_below(&rng, 3)));
        oracle_add(&c, oracle_rng_below(&rng, 2) ? "h" : "s", NULL, Q(a));
    }
    oracle_add_inverse(&c);
    int flipped[N];
    for (int q = 0; q < N; q++)
        if ((flipped[q] = oracle_rng_below(&rng, 2)) == 1)
            oracle_add(&c, "x", NULL, Q(q));
    const bf_state_options_t options = run_options(1e-12, 0);
    drawn_t d = draw_from(&c, &options);
    uint8_t *rows = shots_of(&d, 6, 0, SHOTS);
    int wrong = 0;
    for (int i = 0; i < SHOTS; i++)
        for (int q = 0; q < N; q++)
            wrong += bit_of(rows + i * ROW, q) != flipped[q];
    CU_ASSERT_EQUAL(wrong, 0);
    uint8_t row[ROW] = {0};
    bf_amplitude_t a;
    for (int q = 0; q < N; q++)
        row[q / 8] |= (uint8_t)(flipped[q] << q % 8);
    CU_ASSERT_EQUAL(bf_sampler_amplitudes(d.sampler, row, 1, &a), BF_OK);
    CU_ASSERT_DOUBLE_EQUAL(a.log2_probability, 0.0, 1e-9);
    free(rows);
    finish(&d);
    oracle_circuit_free(&c);
}

/* The Fourier transform of a basis state: every marginal is flat, every amplitude has the same size. */
static void test_qft_of_a_number(void)
{
    enum { N = 24 };
    oracle_circuit_t c = oracle_circuit_new(N);
    for (int q = 0; q < N; q += 3)
        oracle_add(&c, "x", NULL, Q(q));
    for (int target = N - 1; target >= 0; target--) {
        oracle_add(&c, "h", NULL, Q(target));
        for (int control = target - 1; control >= 0; control--)
            oracle_add(&c, "cu1", P(acos(-1.0) / pow(2.0, target - control)), Q(control, target));
    }
    const bf_state_options_t options = run_options(1e-20, 0);
    drawn_t d = draw_from(&c, &options);
    const bf_site_t qubits[] = {3, 20, 11, 0, 23, 8, 9, 10};
    double p[256];
    CU_ASSERT_EQUAL(bf_sampler_marginal(d.sampler, qubits, 8, p), BF_OK);
    for (int i = 0; i < 256; i++)
        CU_ASSERT_DOUBLE_EQUAL(p[i], 1.0 / 256.0, 1e-12);
    oracle_rng_t rng = {SEED};
    for (int i = 0; i < 20; i++) {
        const uint64_t x = oracle_rng_next(&rng);
        const uint8_t row[3] = {(uint8_t)x, (uint8_t)(x >> 8), (uint8_t)(x >> 16)};
        bf_amplitude_t a;
        CU_ASSERT_EQUAL(bf_sampler_amplitudes(d.sampler, row, 1, &a), BF_OK);
        CU_ASSERT_DOUBLE_EQUAL(a.log2_probability, -N, 1e-9);
    }
    finish(&d);
    oracle_circuit_free(&c);
}

/* Probabilities no double can hold still have a logarithm; shots of such states are as good as others. */
static void test_tiny_probabilities(void)
{
    enum { N = 3000, ROW = (N + 7) / 8 };
    oracle_circuit_t c = oracle_circuit_new(N);
    for (int q = 0; q < N; q++)
        oracle_add(&c, "h", NULL, Q(q));
    oracle_add(&c, "x", NULL, Q(7));
    oracle_add(&c, "cx", NULL, Q(0, 1));
    const bf_state_options_t options = run_options(1e-12, 0);
    drawn_t d = draw_from(&c, &options);
    uint8_t row[ROW] = {0};
    bf_amplitude_t a;
    CU_ASSERT_EQUAL(bf_sampler_amplitudes(d.sampler, row, 1, &a), BF_OK);
    CU_ASSERT_DOUBLE_EQUAL(a.log2_probability, -N, 1e-8);
    CU_ASSERT_EQUAL(a.re, 0.0);
    uint8_t *rows = shots_of(&d, 8, 0, 100);
    int ones = 0;
    for (int i = 0; i < 100 * ROW; i++)
        ones += __builtin_popcount(rows[i]);
    CU_ASSERT(fabs(ones - 50.0 * N) <= 5.0 * sqrt(25.0 * N));
    free(rows);
    finish(&d);
    oracle_circuit_free(&c);
}

static void test_what_is_refused(void)
{
    oracle_circuit_t c = random_circuit(4, 10, SEED);
    const bf_state_options_t options = run_options(1e-12, 0);
    drawn_t d = draw_from(&c, &options);
    uint8_t rows[8];
    double p[16];
    const bf_site_t outside[] = {0, 4}, below[] = {-2}, twice[] = {1, 2, 1}, none[] = {-1};
    CU_ASSERT_EQUAL(bf_sampler_draw(d.sampler, 0, 0, 4, outside, 2, rows), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_sampler_draw(d.sampler, 0, 0, 4, below, 1, rows), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_sampler_marginal(d.sampler, outside, 2, p), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_sampler_marginal(d.sampler, twice, 3, p), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_sampler_marginal(d.sampler, none, 1, p), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_sampler_marginal(d.sampler, twice, 0, p), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_sampler_marginal(d.sampler, twice, BF_MARGINAL_MAX + 1, p), BF_ERR_ARG);
    bf_sampler_destroy(d.sampler);
    inside_spoil(d.state, 2);
    CU_ASSERT_EQUAL(bf_sampler_create(d.state, &d.sampler), BF_ERR_NAN);
    CU_ASSERT_PTR_NULL(d.sampler);
    bf_sampler_destroy(NULL);
    finish(&d);
    oracle_circuit_free(&c);
}

int main(void)
{
    const bf_test_t tests[] = {{"random states: amplitudes and frequencies", test_random_states},
                               {"truncated states", test_truncated_states},
                               {"single and mixed precision", test_single_precision},
                               {"real states", test_real_states},
                               {"blocks that know nothing of each other", test_blocks},
                               {"amplitudes of a circuit", test_amplitudes_of_circuit},
                               {"marginals", test_marginals},
                               {"a shot depends on nothing but its number", test_shots_are_their_own},
                               {"a sampler outlives its state", test_sampler_outlives_state},
                               {"GHZ", test_ghz},
                               {"W", test_w},
                               {"parities of a cluster state", test_cluster_parities},
                               {"Clifford gates and back", test_clifford_echo},
                               {"Fourier transform of a number", test_qft_of_a_number},
                               {"tiny probabilities", test_tiny_probabilities},
                               {"what is refused", test_what_is_refused},
                               {NULL, NULL}};
    return bf_cunit_main("system_sample", session_open, session_close, tests);
}
