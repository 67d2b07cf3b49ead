/* States with closed-form answers at any size. Only gauge-invariant quantities are compared. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "support.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* Run with the default cutoff; a failed run fails the test. */
static run_t run(const oracle_circuit_t *c, bf_dim_t max_dim)
{
    const bf_state_options_t options = run_options(1e-12, max_dim);
    run_t r = run_circuit(c, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    return r;
}

/* All values of qubits first..last are (x, y, z). */
static void check_values(const run_t *r, int first, int last, double x, double y, double z, double tolerance)
{
    double worst = 0;
    for (int q = first; q <= last; ++q) {
        const double d = max_difference(r->xyz + 3 * q, (const double[]){x, y, z}, 3);
        worst = d > worst ? d : worst;
    }
    CU_ASSERT(worst <= tolerance);
    if (worst > tolerance)
        fprintf(stderr, "    qubits %d..%d differ from (%g, %g, %g) by %.3g, allowed %.3g\n", first, last, x, y, z, worst,
                tolerance);
}

static void check_bonds(const run_t *r, bf_dim_t expected)
{
    for (bf_site_t b = 0; b + 1 < r->n; ++b)
        CU_ASSERT_EQUAL(r->dims[b], expected);
}

/* GHZ by a chain, at sizes that once broke other programs (Aer issue 1920), and by long-range gates from the first qubit. */
static void test_ghz(void)
{
    static const int sizes[] = {2, 100, 504, 505};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; ++k) {
        oracle_circuit_t c = oracle_circuit_new(sizes[k]);
        oracle_add(&c, "h", NULL, Q(0));
        for (int q = 0; q + 1 < c.n; ++q)
            oracle_add(&c, "cx", NULL, Q(q, q + 1));
        run_t r = run(&c, 1024);
        check_values(&r, 0, c.n - 1, 0, 0, 0, 1e-12);
        check_bonds(&r, 2);
        CU_ASSERT(r.report.sum_eps <= 1e-13 * c.n);
        run_free(&r);
        oracle_circuit_free(&c);
    }
    oracle_circuit_t star = oracle_circuit_new(60);
    oracle_add(&star, "h", NULL, Q(0));
    for (int q = star.n - 1; q > 0; --q)
        oracle_add(&star, "cx", NULL, Q(0, q));
    run_t r = run(&star, 1024);
    check_values(&r, 0, star.n - 1, 0, 0, 0, 1e-12);
    check_bonds(&r, 2);
    run_free(&r);
    oracle_circuit_free(&star);
}

/* W state: a cascade that leaves the excitation on qubit i with probability 1/(n-i). */
static void test_w(void)
{
    oracle_circuit_t c = oracle_circuit_new(100);
    oracle_add(&c, "x", NULL, Q(0));
    for (int q = 0; q + 1 < c.n; ++q) {
        oracle_add(&c, "cry", P(2 * acos(sqrt(1.0 / (c.n - q)))), Q(q, q + 1));
        oracle_add(&c, "cx", NULL, Q(q + 1, q));
    }
    run_t r = run(&c, 1024);
    check_values(&r, 0, c.n - 1, 0, 0, 1 - 2.0 / c.n, 1e-12);
    check_bonds(&r, 2);
    run_free(&r);
    oracle_circuit_free(&c);
}

static void test_cluster(void)
{
    oracle_circuit_t c = oracle_circuit_new(100);
    for (int q = 0; q < c.n; ++q)
        oracle_add(&c, "h", NULL, Q(q));
    for (int q = 0; q + 1 < c.n; ++q)
        oracle_add(&c, "cz", NULL, Q(q, q + 1));
    run_t r = run(&c, 1024);
    check_values(&r, 0, c.n - 1, 0, 0, 0, 1e-12);
    check_bonds(&r, 2);
    run_free(&r);
    /* Undoing the odd bonds leaves pairs: the stabilisers Z X Z become single X on the outer qubits and bonds of 1 between pairs.
     */
    for (int q = 1; q + 1 < c.n; q += 2)
        oracle_add(&c, "cz", NULL, Q(q, q + 1));
    r = run(&c, 1024);
    for (int b = 0; b + 1 < c.n; ++b)
        CU_ASSERT_EQUAL(r.dims[b], b % 2 ? 1 : 2);
    check_values(&r, 0, c.n - 1, 0, 0, 0, 1e-12);
    run_free(&r);
    oracle_circuit_free(&c);
}

/* Bernstein-Vazirani: the hidden string in one query; every bond back to 1. */
static void test_bernstein_vazirani(void)
{
    const int n = 100;
    oracle_rng_t rng = {7};
    oracle_circuit_t c = oracle_circuit_new(n + 1);
    int secret[100];
    oracle_add(&c, "x", NULL, Q(n));
    for (int q = 0; q <= n; ++q)
        oracle_add(&c, "h", NULL, Q(q));
    for (int q = 0; q < n; ++q) {
        secret[q] = oracle_rng_below(&rng, 2);
        if (secret[q])
            oracle_add(&c, "cx", NULL, Q(q, n));
    }
    for (int q = 0; q < n; ++q)
        oracle_add(&c, "h", NULL, Q(q));
    run_t r = run(&c, 1024);
    for (int q = 0; q < n; ++q)
        check_values(&r, q, q, 0, 0, secret[q] ? -1 : 1, 1e-11);
    check_values(&r, n, n, -1, 0, 0, 1e-11);
    check_bonds(&r, 1);
    run_free(&r);
    oracle_circuit_free(&c);
}

/* Self-dual kicked Ising chain from |+..+>, with a longitudinal field that makes it chaotic: dual unitary, so the half chain
 * carries exactly t bits with a flat spectrum after t steps. Bertini, Kos, Prosen, PRX 9, 021033 (2019). */
static oracle_circuit_t kicked_ising(int n, int steps)
{
    oracle_circuit_t c = oracle_circuit_new(n);
    for (int q = 0; q < n; ++q)
        oracle_add(&c, "h", NULL, Q(q));
    for (int step = 0; step < steps; ++step) {
        for (int parity = 0; parity < 2; ++parity)
            for (int q = parity; q + 1 < n; q += 2)
                oracle_add(&c, "rzz", P(pi / 2), Q(q, q + 1));
        for (int q = 0; q < n; ++q) {
            oracle_add(&c, "rz", P(1.1 + 0.3 * sin(q)), Q(q));
            oracle_add(&c, "rx", P(pi / 2), Q(q));
        }
    }
    return c;
}

/* The claim itself, on state vectors. */
static void test_kicked_ising_oracle(void)
{
    oracle_circuit_t c = kicked_ising(12, 6);
    oracle_z_t *psi = oracle_dense_run(&c);
    double s[64];
    oracle_dense_schmidt(psi, 12, 6, s);
    for (int k = 0; k < 64; ++k)
        CU_ASSERT_DOUBLE_EQUAL(s[k], 0.125, 1e-13);
    free(psi);
    oracle_circuit_free(&c);
}

/* 100 qubits, 6 steps: 64 equal values on every bond of the bulk, where all one-qubit values vanish. */
static void test_kicked_ising_bulk(void)
{
    const int steps = 6;
    oracle_circuit_t c = kicked_ising(100, steps);
    run_t r = run(&c, 1024);
    check_values(&r, 2 * steps, c.n - 1 - 2 * steps, 0, 0, 0, 1e-11);
    for (int b = 2 * steps; b < c.n - 2 * steps; ++b)
        CU_ASSERT_EQUAL(r.dims[b], 64);
    CU_ASSERT(r.report.sum_eps <= 1e-11);
    run_free(&r);
    oracle_circuit_free(&c);
}

/* The gate that fills the middle bond has 2^t equal values; half of them must go: eps = 1/2 exactly, and nothing else is lost. */
static void check_half_cut(int steps)
{
    const int n = 2 * steps;
    const bf_dim_t full = (bf_dim_t)1 << steps;
    oracle_circuit_t c = kicked_ising(n, steps);
    run_t r = run(&c, full / 2);
    size_t cuts = 0;
    for (size_t k = 0; k < r.updates; ++k) {
        if (r.ledger[k].eps <= 1e-11)
            continue;
        ++cuts;
        CU_ASSERT_DOUBLE_EQUAL(r.ledger[k].eps, 0.5, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(r.ledger[k].eps_max_dim, 0.5, 1e-12);
        CU_ASSERT_EQUAL(r.ledger[k].bond, steps - 1);
        CU_ASSERT(r.ledger[k].chi_before <= full / 2); /* less when the update holds gates of two steps */
        CU_ASSERT_EQUAL(r.ledger[k].chi_after, full / 2);
    }
    CU_ASSERT_EQUAL(cuts, 1);
    CU_ASSERT_EQUAL(r.report.max_bond, full / 2);
    CU_ASSERT_DOUBLE_EQUAL(r.report.max_eps, 0.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(r.report.fidelity, 0.5, 1e-10);
    printf("\n    %d equal values cut to half: eps - 1/2 = %.1e, evolution %.1f s", 2 * (int)(full / 2), r.report.max_eps - 0.5,
           r.report.seconds_evolve);
    run_free(&r);
    oracle_circuit_free(&c);
}

static void test_flat_spectrum(void)
{
    for (int steps = 2; steps <= 6; ++steps)
        check_half_cut(steps);
    check_half_cut(10);
}

/* Rainbow of Bell pairs around the centre: by one long-range gate each, and by carrying every half outwards with swaps written as
 * three cx. Where the pairs end up inside is the program's choice: as few as 2 states a bond if it only renames qubits, as many
 * as 2^(n/2) if it moves them. */
static void test_rainbow(void)
{
    const int half = 8, n = 2 * half;
    for (int carried = 0; carried < 2; ++carried) {
        oracle_circuit_t c = oracle_circuit_new(n);
        for (int pair = 0; pair < half; ++pair) {
            const int left = carried ? half - 1 : pair;
            oracle_add(&c, "h", NULL, Q(left));
            oracle_add(&c, "cx", NULL, Q(left, n - 1 - left));
            for (int q = half - 1; carried && q > pair; --q)
                for (int side = 0; side < 2; ++side) {
                    const int a = side ? n - 1 - q : q, b = side ? n - q : q - 1;
                    oracle_add(&c, "ry", P(0.3 + 0.1 * q), Q(a));
                    oracle_add(&c, "cx", NULL, Q(a, b));
                    oracle_add(&c, "cx", NULL, Q(b, a));
                    oracle_add(&c, "cx", NULL, Q(a, b));
                }
        }
        run_t r = run(&c, 1024);
        check_values(&r, 0, n - 1, 0, 0, 0, 1e-12);
        CU_ASSERT(run_largest_bond(&r) >= 2 && run_largest_bond(&r) <= 1 << half);
        CU_ASSERT(r.report.sum_eps <= 1e-12);
        run_free(&r);
        /* Undone, every qubit is alone again. */
        oracle_add_inverse(&c);
        r = run(&c, 1024);
        check_values(&r, 0, n - 1, 0, 0, 1, 1e-12);
        check_bonds(&r, 1);
        run_free(&r);
        oracle_circuit_free(&c);
    }
}

/* QFT of |x>: qubit q ends with phase 2 pi x / 2^(q+1); with the closing swaps in reversed order. Product states: bonds of 1. */
static void test_qft(void)
{
    const int n = 32;
    const uint64_t x = UINT64_C(0x9b3c61d7);
    for (int swaps = 0; swaps < 2; ++swaps) {
        oracle_circuit_t c = oracle_circuit_new(n);
        for (int q = 0; q < n; ++q)
            if (x >> q & 1)
                oracle_add(&c, "x", NULL, Q(q));
        for (int q = n - 1; q >= 0; --q) {
            oracle_add(&c, "h", NULL, Q(q));
            for (int k = q - 1; k >= 0; --k)
                oracle_add(&c, "cp", P(pi / (double)(UINT64_C(1) << (q - k))), Q(k, q));
        }
        for (int q = 0; swaps && q < n / 2; ++q)
            oracle_add(&c, "swap", NULL, Q(q, n - 1 - q));
        run_t r = run(&c, 1024);
        for (int q = 0; q < n; ++q) {
            const int bits = (swaps ? n - 1 - q : q) + 1;
            const double angle = 2 * pi * (double)(x % (UINT64_C(1) << bits)) / (double)(UINT64_C(1) << bits);
            check_values(&r, q, q, cos(angle), sin(angle), 0, 1e-11);
        }
        check_bonds(&r, 1);
        run_free(&r);
        oracle_circuit_free(&c);
    }
}

/* U, then U backwards: |0..0> again, and no bond left behind. */
static void test_inverse(void)
{
    oracle_rng_t rng = {5};
    oracle_circuit_t c = oracle_circuit_new(30);
    oracle_add_brickwork(&c, 5, &rng);
    oracle_add(&c, "cx", NULL, Q(3, 17));
    oracle_add(&c, "cp", P(0.4), Q(25, 2));
    oracle_add(&c, "ccx", NULL, Q(9, 7, 8));
    run_t r = run(&c, 1024);
    CU_ASSERT(run_largest_bond(&r) > 8);
    run_free(&r);
    oracle_add_inverse(&c);
    r = run(&c, 1024);
    /* Infidelity is at most the square of the distance bound, and 1 - <Z> at most twice the infidelity. */
    check_values(&r, 0, c.n - 1, 0, 0, 1, 2 * r.report.distance + 1e-12);
    for (int q = 0; q < c.n; ++q)
        CU_ASSERT(1 - r.xyz[3 * q + 2] <= 2 * r.report.distance * r.report.distance + 1e-12);
    check_bonds(&r, 1);
    run_free(&r);
    oracle_circuit_free(&c);
}

/* The gates of a 100-qubit circuit that can influence qubit `site`, on qubits renumbered from `*first`. */
static oracle_circuit_t light_cone(const oracle_circuit_t *c, int site, int *first)
{
    bool inside[100] = {false};
    bool *used = calloc(c->count, sizeof *used);
    int low = site, high = site;
    inside[site] = true;
    for (size_t g = c->count; g-- > 0;) {
        const oracle_gate_t *gate = &c->gates[g];
        const int qubits = oracle_kind_qubits(gate->kind);
        for (int k = 0; k < qubits; ++k)
            used[g] = used[g] || inside[gate->q[k]];
        for (int k = 0; used[g] && k < qubits; ++k) {
            inside[gate->q[k]] = true;
            low = gate->q[k] < low ? gate->q[k] : low;
            high = gate->q[k] > high ? gate->q[k] : high;
        }
    }
    oracle_circuit_t window = oracle_circuit_new(high - low + 1);
    for (size_t g = 0; g < c->count; ++g)
        if (used[g])
            oracle_add(&window, c->gates[g].kind->name, c->gates[g].p, Q(c->gates[g].q[0] - low, c->gates[g].q[1] - low));
    free(used);
    *first = low;
    return window;
}

/* Generic gates at 100 qubits, exact by state vectors of each qubit's past light cone (2 x depth qubits at most). */
static void test_light_cones(void)
{
    static const int sites[] = {0, 1, 13, 34, 49, 50, 77, 98, 99};
    oracle_rng_t rng = {6};
    oracle_circuit_t c = oracle_circuit_new(100);
    oracle_add_brickwork(&c, 7, &rng);
    const bf_state_options_t options = run_options(1e-16, 0);
    run_t r = run_circuit(&c, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    for (size_t k = 0; k < sizeof sites / sizeof *sites; ++k) {
        int first;
        double exact[3 * ORACLE_DENSE_MAX];
        oracle_circuit_t window = light_cone(&c, sites[k], &first);
        oracle_z_t *psi = oracle_dense_run(&window);
        oracle_dense_xyz(psi, window.n, exact);
        CU_ASSERT(max_difference(r.xyz + 3 * sites[k], exact + 3 * (sites[k] - first), 3) <= 1e-9);
        free(psi);
        oracle_circuit_free(&window);
    }
    run_free(&r);
    oracle_circuit_free(&c);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"GHZ", test_ghz},
        {"W", test_w},
        {"linear cluster", test_cluster},
        {"Bernstein-Vazirani", test_bernstein_vazirani},
        {"self-dual kicked Ising: the claim on state vectors", test_kicked_ising_oracle},
        {"self-dual kicked Ising: 100 qubits", test_kicked_ising_bulk},
        {"flat spectra cut to half", test_flat_spectrum},
        {"rainbow of Bell pairs", test_rainbow},
        {"quantum Fourier transform", test_qft},
        {"circuit and inverse", test_inverse},
        {"light-cone windows", test_light_cones},
        {NULL, NULL},
    };
    return bf_cunit_main("system_families", session_open, session_close, tests);
}
