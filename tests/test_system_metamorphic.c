/* What must hold of any circuit, whatever its state is: undone, renamed, transformed. */
#include "cunit_main.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static bf_state_t *open_state(int n, double cutoff)
{
    bf_state_t *state = NULL;
    const bf_state_options_t options = run_options(cutoff, 1024);
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), n, &options, &state), BF_OK);
    return state;
}

/** The gates from @p first on, as a circuit of their own: lowering sees nothing of the others. */
static void apply(bf_state_t *state, const oracle_circuit_t *c, size_t first)
{
    const oracle_circuit_t part = {.n = c->n, .count = c->count - first, .gates = c->gates + first};
    bf_circuit_t *circuit = NULL;
    char *text = oracle_circuit_qasm(&part);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("part.qasm", text, strlen(text), 0, &circuit), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_state_apply(state, circuit), BF_OK);
    bf_circuit_destroy(circuit);
    free(text);
}

static bf_dim_t largest_bond(bf_state_t *state, int n)
{
    bf_dim_t *dims = calloc((size_t)n, sizeof *dims), largest = 1;
    CU_ASSERT_EQUAL_FATAL(bf_state_bond_dims(state, dims), BF_OK);
    for (int b = 0; b + 1 < n; b++)
        largest = dims[b] > largest ? dims[b] : largest;
    free(dims);
    return largest;
}

/** A random rotation of every qubit, then gates of all kinds whose inverse has a name, each on qubits fewer than @p reach apart.
 */
static void add_near(oracle_circuit_t *c, int count, int reach, oracle_rng_t *rng)
{
    static const char *const no_inverse[] = {"rccx", "rc3x", "c3sqrtx", "csx"};
    oracle_circuit_t few = oracle_circuit_new(reach < c->n ? reach : c->n);
    for (int q = 0; q < c->n; q++)
        oracle_add(c, "u3", P(pi * oracle_rng_uniform(rng), pi * oracle_rng_uniform(rng), pi * oracle_rng_uniform(rng)), Q(q));
    oracle_add_random(&few, count, rng);
    for (size_t g = 0; g < few.count; g++) {
        const oracle_gate_t *gate = &few.gates[g];
        bool inverted = true;
        for (size_t k = 0; k < sizeof no_inverse / sizeof *no_inverse; k++)
            inverted = inverted && strcmp(gate->kind->name, no_inverse[k]) != 0;
        if (!inverted)
            continue;
        const int from = oracle_rng_below(rng, c->n - few.n + 1);
        int q[ORACLE_MAX_QUBITS] = {0};
        for (int k = 0; k < oracle_kind_qubits(gate->kind); k++)
            q[k] = gate->q[k] + from;
        oracle_add(c, gate->kind->name, gate->p, q);
    }
    oracle_circuit_free(&few);
}

/* U, then U backwards as a second circuit, so that nothing cancels before it is performed. The error is at most the distance
 * bound D: values are off by 2 D at most, and what is left across a bond weighs D^2 at most, which the cutoff takes away when it
 * is above. */
static void test_undone(void)
{
    static const double cutoff = 1e-12;
    static const int sizes[] = {2, 3, 7, 16, 33, 60};
    int alone = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        oracle_rng_t rng = {seed};
        const int n = sizes[seed % 6];
        oracle_circuit_t c = oracle_circuit_new(n);
        add_near(&c, 3 * n, 5, &rng);
        bf_state_t *state = open_state(n, cutoff);
        apply(state, &c, 0);
        const bf_dim_t most = largest_bond(state, n);
        const size_t half = c.count;
        oracle_add_inverse(&c);
        apply(state, &c, half);
        bf_report_t report;
        double *xyz = calloc(3 * (size_t)n, sizeof *xyz), worst = 0;
        CU_ASSERT_EQUAL_FATAL(bf_state_report(state, &report), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_state_expect_xyz(state, xyz), BF_OK);
        for (int q = 0; q < n; q++)
            worst = fmax(worst, max_difference(xyz + 3 * q, (const double[]){0, 0, 1}, 3));
        printf("seed %d, %d qubits: bond %lld and back to %lld, off by %.1e, bound %.1e\n", (int)seed, n, (long long)most,
               (long long)largest_bond(state, n), worst, report.distance);
        CU_ASSERT(worst <= 2 * report.distance + 1e-12);
        CU_ASSERT(n < 7 || most >= 4);
        if (report.distance * report.distance <= cutoff) {
            CU_ASSERT_EQUAL(largest_bond(state, n), 1);
            alone += most >= 4;
        }
        free(xyz);
        bf_state_destroy(state);
        oracle_circuit_free(&c);
    }
    CU_ASSERT(alone >= 4);
}

/* Qubits renamed: the same values under other names, although gates, swaps and bonds are others. */
static void test_renamed(void)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        oracle_rng_t rng = {100 + seed};
        const int n = 8 + 2 * (int)seed;
        int name[20];
        oracle_circuit_t c = oracle_circuit_new(n), renamed = oracle_circuit_new(n);
        add_near(&c, 3 * n, n, &rng);
        for (int q = 0; q < n; q++) {
            const int other = oracle_rng_below(&rng, q + 1);
            name[q] = name[other];
            name[other] = q;
        }
        for (size_t g = 0; g < c.count; g++) {
            int q[ORACLE_MAX_QUBITS] = {0};
            for (int k = 0; k < oracle_kind_qubits(c.gates[g].kind); k++)
                q[k] = name[c.gates[g].q[k]];
            oracle_add(&renamed, c.gates[g].kind->name, c.gates[g].p, q);
        }
        const bf_state_options_t options = run_options(1e-14, 1024);
        run_t a = run_circuit(&c, &options), b = run_circuit(&renamed, &options);
        CU_ASSERT_EQUAL_FATAL(a.status, BF_OK);
        CU_ASSERT_EQUAL_FATAL(b.status, BF_OK);
        double worst = 0;
        for (int q = 0; q < n; q++)
            worst = fmax(worst, max_difference(a.xyz + 3 * q, b.xyz + 3 * name[q], 3));
        printf("seed %d, %d qubits: bonds %lld and %lld, apart by %.1e, bound %.1e\n", 100 + (int)seed, n,
               (long long)run_largest_bond(&a), (long long)run_largest_bond(&b), worst,
               2 * (a.report.distance + b.report.distance));
        CU_ASSERT(worst <= 2 * (a.report.distance + b.report.distance) + 1e-12);
        CU_ASSERT(run_largest_bond(&a) >= 4);
        run_free(&a);
        run_free(&b);
        oracle_circuit_free(&c);
        oracle_circuit_free(&renamed);
    }
}

static void add_qft(oracle_circuit_t *c, bool swaps)
{
    for (int q = c->n - 1; q >= 0; q--) {
        oracle_add(c, "h", NULL, Q(q));
        for (int k = q - 1; k >= 0; k--)
            oracle_add(c, "cp", P(ldexp(pi, k - q)), Q(k, q));
    }
    for (int q = 0; swaps && q < c->n / 2; q++)
        oracle_add(c, "swap", NULL, Q(q, c->n - 1 - q));
}

/* The Fourier transform entangles little: on the way no bond needs more than 64, of |0..0> nor of an entangled input. */
static void test_fourier(void)
{
    const int n = 100;
    for (int variant = 0; variant < 4; variant++) {
        oracle_rng_t rng = {7};
        oracle_circuit_t c = oracle_circuit_new(n);
        for (int q = 0; variant >= 2 && q < n; q++) {
            oracle_add(&c, "ry", P(pi * oracle_rng_uniform(&rng)), Q(q));
            if (q > 0)
                oracle_add(&c, "cx", NULL, Q(q - 1, q));
        }
        bf_state_t *state = open_state(n, 1e-12);
        if (variant >= 2)
            apply(state, &c, 0);
        const bf_dim_t before = largest_bond(state, n);
        const size_t first = c.count;
        add_qft(&c, variant % 2);
        apply(state, &c, first);
        const bf_ledger_entry_t *ledger = NULL;
        size_t count = 0;
        bf_dim_t most = 1;
        CU_ASSERT_EQUAL_FATAL(bf_state_ledger(state, &ledger, &count), BF_OK);
        for (size_t i = 0; i < count; i++)
            most = ledger[i].chi_after > most ? ledger[i].chi_after : most;
        printf("variant %d: bonds of %lld before, at most %lld on the way, %zu updates\n", variant, (long long)before,
               (long long)most, count);
        CU_ASSERT(variant < 2 || before >= 2);
        CU_ASSERT(most <= 64);
        bf_state_destroy(state);
        oracle_circuit_free(&c);
    }
}

int main(void)
{
    static const bf_test_t tests[] = {{"a circuit undone", test_undone},
                                      {"qubits renamed", test_renamed},
                                      {"the Fourier transform of 100 qubits", test_fourier},
                                      {NULL, NULL}};
    return bf_cunit_main("system_metamorphic", session_open, session_close, tests);
}
