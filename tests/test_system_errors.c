/* The error numbers: what a truncated run reports against what it truly lost. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "support.h"

#include <inttypes.h>
#include <math.h>

/* Transverse-field Ising Trotter steps from a product state: weak gates, so that the loss is small and spread over many gates. */
static oracle_circuit_t trotter(int n, int steps)
{
    oracle_circuit_t c = oracle_circuit_new(n);
    for (int q = 0; q < n; ++q)
        oracle_add(&c, "ry", P(0.4 + 0.1 * q), Q(q));
    for (int step = 0; step < steps; ++step) {
        for (int q = 0; q < n; ++q)
            oracle_add(&c, "rx", P(0.35), Q(q));
        for (int parity = 0; parity < 2; ++parity)
            for (int q = parity; q + 1 < n; q += 2)
                oracle_add(&c, "rzz", P(0.3 + 0.05 * cos(q)), Q(q, q + 1));
    }
    return c;
}

/* 1 - |<exact|psi>|^2 of the normalised state. */
static double infidelity(const oracle_z_t *exact, const run_t *r)
{
    const double norm = creal(oracle_dense_overlap(r->psi, r->psi, r->n));
    const double overlap = cabs(oracle_dense_overlap(exact, r->psi, r->n));
    return 1 - overlap * overlap / norm;
}

/* || exact - psi || of the state as stored, its free global phase chosen best. */
static double true_distance(const oracle_z_t *exact, const run_t *r)
{
    const double norm = creal(oracle_dense_overlap(r->psi, r->psi, r->n));
    return sqrt(fmax(0, 1 + norm - 2 * cabs(oracle_dense_overlap(exact, r->psi, r->n))));
}

/* The report must be the totals of its ledger, and the ledger must tell a consistent story of every bond. */
static void check_ledger(const run_t *r, const bf_state_options_t *options)
{
    double sum = 0, fidelity = 1, distance = 0, largest = 0;
    size_t fallbacks = 0, methods[BF_METHOD_COUNT] = {0};
    bf_dim_t max_bond = 1;
    int32_t *chi = calloc((size_t)r->n, sizeof *chi);
    for (bf_site_t b = 0; b < r->n; ++b)
        chi[b] = 1;
    for (size_t k = 0; k < r->updates; ++k) {
        const bf_ledger_entry_t *e = &r->ledger[k];
        CU_ASSERT_EQUAL_FATAL(e->done, 1);
        CU_ASSERT_FATAL(e->bond >= 0 && e->bond + 1 < r->n);
        CU_ASSERT_FATAL(e->method > BF_METHOD_AUTO && e->method < BF_METHOD_COUNT);
        CU_ASSERT(e->eps >= 0 && e->eps <= 1 && e->eps_max_dim >= 0 && e->eps_max_dim <= e->eps + 1e-14);
        CU_ASSERT_EQUAL(e->chi_before, chi[e->bond]);
        CU_ASSERT(e->chi_after >= 1);
        CU_ASSERT(options->rule.cut.max_dim == 0 || e->chi_after <= options->rule.cut.max_dim);
        chi[e->bond] = e->chi_after;
        sum += e->eps;
        fidelity *= 1 - e->eps;
        distance += sqrt(e->eps);
        largest = e->eps > largest ? e->eps : largest;
        max_bond = e->chi_after > max_bond ? e->chi_after : max_bond;
        fallbacks += e->fallbacks;
        ++methods[e->method];
    }
    for (bf_site_t b = 0; b + 1 < r->n; ++b)
        CU_ASSERT_EQUAL(chi[b], r->dims[b]);
    free(chi);
    CU_ASSERT_EQUAL(r->report.updates, r->updates);
    CU_ASSERT_DOUBLE_EQUAL(r->report.sum_eps, sum, 1e-14 * (1 + sum));
    CU_ASSERT_DOUBLE_EQUAL(r->report.fidelity, fidelity, 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(r->report.distance, distance, 1e-13 * (1 + distance));
    CU_ASSERT_EQUAL(r->report.max_eps, largest);
    CU_ASSERT_EQUAL(r->report.max_bond, max_bond);
    CU_ASSERT_EQUAL(r->report.fallbacks, fallbacks);
    for (int m = 0; m < BF_METHOD_COUNT; ++m)
        CU_ASSERT_EQUAL(r->report.methods[m], methods[m]);
}

/* All bonds at their cap, one gate more (the test of YAQS 531): the state is the best one of that bond, the loss is the discarded
 * weight, and all three error numbers follow from it. The middle bond has rank 32 before the last gate and 64 after it. */
static void test_one_gate_at_full_bonds(void)
{
    const int n = 12, cap = 32;
    oracle_rng_t rng = {17};
    oracle_circuit_t halves = oracle_circuit_new(6), c = oracle_circuit_new(n);
    for (int k = 0; k < 6; ++k) {
        for (int side = 0; side < 2; ++side) {
            oracle_circuit_free(&halves);
            oracle_add_brickwork(&halves, 6, &rng);
            for (size_t g = 0; g < halves.count; ++g)
                oracle_add(&c, halves.gates[g].kind->name, halves.gates[g].p,
                           Q(halves.gates[g].q[0] + 6 * side, halves.gates[g].q[1] + 6 * side));
        }
        oracle_add(&c, "rzz", P(1.3 + 0.1 * k), Q(5, 6));
    }
    double exact[36], s[64];
    oracle_z_t *full = oracle_dense_run(&c), *best = oracle_dense_run(&c);
    oracle_dense_schmidt(full, n, 6, s);
    CU_ASSERT(s[cap - 1] - s[cap] > 1e-3 * s[cap]); /* no tie at the cut, so the best state is unique */
    const double lost = oracle_dense_truncate(best, n, 6, cap);
    const double overlap = cabs(oracle_dense_overlap(full, best, n));
    oracle_dense_xyz(best, n, exact);
    CU_ASSERT_DOUBLE_EQUAL(1 - overlap * overlap, lost, 1e-13);
    CU_ASSERT(lost > 1e-4);

    const bf_state_options_t options = run_options(0, cap);
    run_t r = run_circuit(&c, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    check_ledger(&r, &options);
    const bf_ledger_entry_t *last = NULL;
    for (size_t k = 0; k < r.updates; ++k)
        if (r.ledger[k].bond == 5)
            last = &r.ledger[k];
    CU_ASSERT_FATAL(last != NULL);
    CU_ASSERT_DOUBLE_EQUAL(last->eps, lost, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(last->eps_max_dim, lost, 1e-12);
    CU_ASSERT_EQUAL(last->chi_before, cap);
    CU_ASSERT_EQUAL(last->chi_after, cap);
    CU_ASSERT_DOUBLE_EQUAL(r.report.sum_eps, lost, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(r.report.fidelity, 1 - lost, 1e-12);
    CU_ASSERT(r.report.distance >= sqrt(lost) - 1e-12);
    CU_ASSERT(max_difference(r.xyz, exact, 36) <= 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(infidelity(full, &r), lost, 1e-12);
    CU_ASSERT(infidelity(best, &r) <= 1e-12);
    run_free(&r);
    free(best);
    free(full);
    oracle_circuit_free(&c);
    oracle_circuit_free(&halves);
}

/* A run truncated many times: the state is at most the distance bound away from the exact one, expectation values at most twice
 * that, and the estimates of the infidelity have the right size (errors of successive gates may add up coherently). */
static void test_distance_bound(void)
{
    for (int n = 12; n <= 14; ++n) {
        oracle_circuit_t c = trotter(n, 12);
        double exact[42];
        oracle_z_t *psi = oracle_dense_run(&c);
        oracle_dense_xyz(psi, n, exact);
        const bf_state_options_t options = run_options(1e-12, 6);
        run_t r = run_circuit(&c, &options);
        CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
        check_ledger(&r, &options);
        const double worst = max_difference(r.xyz, exact, 3 * (size_t)n), lost = infidelity(psi, &r),
                     moved = true_distance(psi, &r);
        printf("\n    %d qubits: infidelity %.3e, sum of eps %.3e, 1 - prod %.3e; distance %.2e, bound %.2e; values off by %.2e",
               n, lost, r.report.sum_eps, 1 - r.report.fidelity, moved, r.report.distance, worst);
        CU_ASSERT(moved <= r.report.distance);
        CU_ASSERT(worst <= 2 * r.report.distance);
        CU_ASSERT(lost > 1e-7);
        CU_ASSERT(lost <= 20 * r.report.sum_eps && r.report.sum_eps <= 20 * lost);
        CU_ASSERT_EQUAL(r.report.max_bond, 6);
        /* 1 - prod(1 - eps) lies between max(eps) and sum(eps). */
        CU_ASSERT(1 - r.report.fidelity <= r.report.sum_eps * (1 + 1e-12) + 1e-15);
        CU_ASSERT(1 - r.report.fidelity >= r.report.max_eps * (1 - 1e-9) - 1e-15);
        CU_ASSERT(fabs(r.report.norm - creal(oracle_dense_overlap(r.psi, r.psi, n))) <= 1e-12);
        run_free(&r);
        free(psi);
        oracle_circuit_free(&c);
    }
}

/* Cutoff is a bound per factorisation (a method that is not an SVD may lose 5% more than its estimate), and a smaller cutoff
 * loses less and keeps more. */
static void test_cutoff_is_kept(void)
{
    static const double cutoffs[] = {1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14};
    oracle_circuit_t c = trotter(12, 10);
    double exact[36], previous = INFINITY;
    bf_dim_t bond = 0;
    oracle_z_t *psi = oracle_dense_run(&c);
    oracle_dense_xyz(psi, 12, exact);
    for (size_t k = 0; k < sizeof cutoffs / sizeof *cutoffs; ++k) {
        const bf_state_options_t options = run_options(cutoffs[k], 0);
        run_t r = run_circuit(&c, &options);
        CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
        check_ledger(&r, &options);
        for (size_t u = 0; u < r.updates; ++u) {
            CU_ASSERT(r.ledger[u].eps <= cutoffs[k] * 1.05 + 1e-15);
            CU_ASSERT_EQUAL(r.ledger[u].eps_max_dim, 0); /* nobody set a cap */
        }
        CU_ASSERT(r.report.sum_eps < previous);
        CU_ASSERT(r.report.max_bond >= bond);
        CU_ASSERT(max_difference(r.xyz, exact, 36) <= 2 * r.report.distance);
        CU_ASSERT(true_distance(psi, &r) <= r.report.distance);
        previous = r.report.sum_eps;
        bond = r.report.max_bond;
        run_free(&r);
    }
    free(psi);
    oracle_circuit_free(&c);
}

/* MinDim wins over Cutoff, MaxDim over both; exact zeros go even below MinDim. */
static void test_min_and_max_dim(void)
{
    oracle_circuit_t c = trotter(12, 6);
    bf_state_options_t options = run_options(0.9, 0);
    options.rule.cut.min_dim = 3;
    run_t r = run_circuit(&c, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    check_ledger(&r, &options);
    for (int b = 2; b < 9; ++b)
        CU_ASSERT_EQUAL(r.dims[b], 3);
    run_free(&r);
    options = run_options(0, 2);
    r = run_circuit(&c, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    check_ledger(&r, &options);
    CU_ASSERT_EQUAL(r.report.max_bond, 2);
    CU_ASSERT(fabs(r.report.norm - 1) <= 2 * r.report.distance);
    run_free(&r);
    oracle_circuit_free(&c);
    oracle_add(&c, "x", NULL, Q(0));
    oracle_add(&c, "cx", NULL, Q(0, 1));
    options = run_options(0, 0);
    options.rule.cut.min_dim = 2;
    r = run_circuit(&c, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    CU_ASSERT_EQUAL(r.dims[0], 1);
    run_free(&r);
    oracle_circuit_free(&c);
}

/* Entries carry the line of their gate in the user's file, 0 for swaps that only route. */
static void test_lines(void)
{
    const char *text = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[5];\nh q[0];\n\ncx q[0],q[1];\ncx q[0],\n   q[4];\n";
    const bf_state_options_t options = run_options(1e-12, 0);
    run_t r = run_text("lines.qasm", text, 0, &options);
    CU_ASSERT_EQUAL_FATAL(r.status, BF_OK);
    size_t first = 0, second = 0;
    for (size_t k = 0; k < r.updates; ++k) {
        const int32_t line = r.ledger[k].line;
        CU_ASSERT(line == 6 || line == 7 || line == 0);
        first += line == 6;
        second += line == 7;
    }
    CU_ASSERT_EQUAL(first, 1);
    CU_ASSERT_EQUAL(second, 1);
    CU_ASSERT(r.updates >= 3);
    check_ledger(&r, &options);
    run_free(&r);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"one gate at full bonds", test_one_gate_at_full_bonds},
        {"distance bound", test_distance_bound},
        {"cutoff is kept", test_cutoff_is_kept},
        {"MinDim and MaxDim", test_min_and_max_dim},
        {"ledger lines", test_lines},
        {NULL, NULL},
    };
    return bf_cunit_main("system_errors", session_open, session_close, tests);
}
