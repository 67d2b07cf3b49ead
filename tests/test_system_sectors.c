/* Circuits that conserve something, against the state vector: the zeros must be found, and nothing may depend on them. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "support.h"

#include <inttypes.h>
#include <math.h>

static uint64_t seed;

/** exp(-i (a XX + b YY + c ZZ)) from gates of OpenQASM 2: no factor but the last conserves the magnetisation, the whole does if a
 * = b. */
static void add_exchange(oracle_circuit_t *c, int q, double a, double b, double z)
{
    oracle_add(c, "rxx", P(2 * a), Q(q, q + 1));
    for (int i = 0; i < 2; ++i)
        oracle_add(c, "sdg", NULL, Q(q + i));
    oracle_add(c, "rxx", P(2 * b), Q(q, q + 1));
    for (int i = 0; i < 2; ++i)
        oracle_add(c, "s", NULL, Q(q + i));
    oracle_add(c, "rzz", P(2 * z), Q(q, q + 1));
}

static void add_neel(oracle_circuit_t *c)
{
    for (int q = 1; q < c->n; q += 2)
        oracle_add(c, "x", NULL, Q(q));
}

/** Steps of an exchange on all neighbours and a random field; equal: a = b. */
static oracle_circuit_t exchange_chain(int n, int steps, bool equal, oracle_rng_t *rng)
{
    oracle_circuit_t c = oracle_circuit_new(n);
    add_neel(&c);
    for (int s = 0; s < steps; ++s) {
        for (int parity = 0; parity < 2; ++parity)
            for (int q = parity; q + 1 < n; q += 2) {
                const double a = oracle_rng_uniform(rng);
                add_exchange(&c, q, a, equal ? a : a + 0.3, oracle_rng_normal(rng));
            }
        for (int q = 0; q < n; ++q)
            oracle_add(&c, "rz", P(oracle_rng_normal(rng)), Q(q));
    }
    return c;
}

/** Givens rotations and controlled phases on random neighbours and now and then on distant qubits: particles are conserved. */
static oracle_circuit_t particle_circuit(int n, int gates, oracle_rng_t *rng)
{
    oracle_circuit_t c = oracle_circuit_new(n);
    add_neel(&c);
    for (int k = 0; k < gates; ++k) {
        const int q = oracle_rng_below(rng, n), distance = oracle_rng_below(rng, 5) == 0 ? 3 : 1;
        const int p = q + distance < n ? q + distance : q - distance;
        oracle_add(&c, "cx", NULL, Q(q, p));
        oracle_add(&c, "cry", P(oracle_rng_normal(rng)), Q(p, q));
        oracle_add(&c, "cx", NULL, Q(q, p));
        oracle_add(&c, "cu1", P(oracle_rng_normal(rng)), Q(q, p));
        oracle_add(&c, "rz", P(oracle_rng_normal(rng)), Q(q));
    }
    return c;
}

static oracle_circuit_t ghz(int n)
{
    oracle_circuit_t c = oracle_circuit_new(n);
    oracle_add(&c, "h", NULL, Q(0));
    for (int q = 0; q + 1 < n; ++q)
        oracle_add(&c, "cx", NULL, Q(q, q + 1));
    return c;
}

/** Run and compare amplitudes and expectation values with the state vector: as far apart as the run says, and roundings. */
static run_t check(const oracle_circuit_t *c, const bf_state_options_t *options)
{
    const double rounding = 1e-11;
    run_t r = run_circuit(c, options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    oracle_z_t *psi = oracle_dense_run(c);
    double *xyz = malloc(3 * (size_t)c->n * sizeof *xyz);
    oracle_dense_xyz(psi, c->n, xyz);
    CU_ASSERT(max_difference(r.xyz, xyz, 3 * (size_t)c->n) <= 2 * r.report.distance + rounding);
    const oracle_z_t overlap = oracle_dense_overlap(psi, r.psi, c->n), own = oracle_dense_overlap(r.psi, r.psi, c->n);
    CU_ASSERT(fabs(1.0 - (creal(overlap) * creal(overlap) + cimag(overlap) * cimag(overlap)) / creal(own)) <=
              r.report.distance * r.report.distance + rounding);
    CU_ASSERT_EQUAL(r.report.fallbacks, 0);
    free(psi);
    free(xyz);
    return r;
}

/** <X> and <Y> of a state of definite magnetisation or parity. */
static bool no_transverse(const run_t *r)
{
    for (int q = 0; q < r->n; ++q)
        if (r->xyz[3 * q] != 0 || r->xyz[3 * q + 1] != 0)
            return false;
    return true;
}

/** Every update must have found sectors, but for products, and one of them @p most. */
static void check_divided(const run_t *r, bf_dim_t most)
{
    size_t divided = 0;
    CU_ASSERT(r->report.max_sectors >= most);
    for (size_t k = 0; k < r->updates; ++k) {
        CU_ASSERT(r->ledger[k].sectors > 1 || r->ledger[k].chi_after == 1);
        divided += r->ledger[k].sectors > 1;
    }
    CU_ASSERT_EQUAL(r->report.divided, divided);
}

static const bf_method_t methods[] = {BF_METHOD_AUTO, BF_METHOD_GESDD, BF_METHOD_GESVD};

static void test_heisenberg(void)
{
    oracle_rng_t rng = {seed};
    for (int n = 4; n <= 12; n += 4)
        for (size_t m = 0; m < sizeof methods / sizeof *methods; ++m) {
            oracle_circuit_t c = exchange_chain(n, 4, true, &rng);
            bf_state_options_t options = run_options(1e-15, 0);
            options.rule.method = methods[m];
            run_t r = check(&c, &options);
            check_divided(&r, n / 2); /* magnetisations of half the qubits, as far as the circuit reaches */
            CU_ASSERT(no_transverse(&r));
            run_free(&r);
            oracle_circuit_free(&c);
        }
}

/** XYZ conserves only the parity: two sectors, never more. */
static void test_parity(void)
{
    oracle_rng_t rng = {seed};
    oracle_circuit_t c = exchange_chain(10, 4, false, &rng);
    const bf_state_options_t options = run_options(1e-15, 0);
    run_t r = check(&c, &options);
    CU_ASSERT_EQUAL(r.report.divided, r.updates);
    for (size_t k = r.updates / 2; k < r.updates; ++k)
        CU_ASSERT_EQUAL(r.ledger[k].sectors, 2);
    CU_ASSERT(no_transverse(&r));
    run_free(&r);
    oracle_circuit_free(&c);
}

static void test_particles(void)
{
    oracle_rng_t rng = {seed};
    for (int trial = 0; trial < 4; ++trial) {
        oracle_circuit_t c = particle_circuit(10, 120, &rng);
        const bf_state_options_t options = run_options(trial % 2 ? 1e-12 : 1e-16, 0);
        run_t r = check(&c, &options);
        check_divided(&r, 4);
        CU_ASSERT(no_transverse(&r));
        run_free(&r);
        oracle_circuit_free(&c);
    }
}

static void test_ghz(void)
{
    oracle_circuit_t c = ghz(12);
    const bf_state_options_t options = run_options(1e-12, 0);
    run_t r = check(&c, &options);
    CU_ASSERT_EQUAL(run_largest_bond(&r), 2);
    CU_ASSERT_EQUAL(r.report.max_sectors, 2);
    for (int q = 0; q < 12; ++q)
        CU_ASSERT(fabs(r.xyz[3 * q + 2]) <= 1e-14);
    run_free(&r);
    oracle_circuit_free(&c);
}

/** Cut by MaxDim inside of multiplets and far into the spectrum: conserved all the same, and what is lost is what is told. */
static void test_truncated(void)
{
    oracle_rng_t rng = {seed};
    for (bf_dim_t max_dim = 3; max_dim <= 24; max_dim += 7) {
        oracle_circuit_t c = exchange_chain(12, 5, true, &rng);
        const bf_state_options_t options = run_options(0, max_dim);
        run_t r = run_circuit(&c, &options);
        CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
        oracle_z_t *psi = oracle_dense_run(&c);
        const oracle_z_t overlap = oracle_dense_overlap(psi, r.psi, c.n), own = oracle_dense_overlap(r.psi, r.psi, c.n);
        const double fidelity = (creal(overlap) * creal(overlap) + cimag(overlap) * cimag(overlap)) / creal(own);
        CU_ASSERT(2 - 2 * sqrt(fidelity) <= r.report.distance * r.report.distance * (1 + 1e-6) + 1e-12);
        double z = 0;
        for (int q = 0; q < c.n; ++q)
            z += r.xyz[3 * q + 2];
        CU_ASSERT(fabs(z) <= 1e-12); /* exactly half filled */
        CU_ASSERT(no_transverse(&r));
        CU_ASSERT(r.report.divided > 0);
        free(psi);
        run_free(&r);
        oracle_circuit_free(&c);
    }
}

/** Nothing conserved: no update is taken apart. */
static void test_nothing(void)
{
    oracle_rng_t rng = {seed};
    oracle_circuit_t c = oracle_circuit_new(10);
    for (int q = 0; q < 10; ++q)
        oracle_add(&c, "u3", P(0.3 + q, 0.2, 0.1), Q(q));
    oracle_add_brickwork(&c, 8, &rng);
    const bf_state_options_t options = run_options(1e-12, 0);
    run_t r = check(&c, &options);
    CU_ASSERT_EQUAL(r.report.divided, 0);
    CU_ASSERT_EQUAL(r.report.max_sectors, 1);
    run_free(&r);
    oracle_circuit_free(&c);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"Heisenberg", test_heisenberg},
        {"parity", test_parity},
        {"particles", test_particles},
        {"GHZ", test_ghz},
        {"truncated", test_truncated},
        {"nothing conserved", test_nothing},
        {NULL, NULL},
    };
    seed = oracle_rng_run_seed();
    printf("BONDFLOW_TEST_SEED=%" PRIu64 "\n", seed);
    return bf_cunit_main("system_sectors", session_open, session_close, tests);
}
