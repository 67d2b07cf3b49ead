/* Gates on three and more qubits as operators on a span of sites: against dense states, back again, cut off, in every precision.
 */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_QUBITS = 10 };

static const char *const native[] = {"ccx", "cswap", "c3x", "c3sqrtx", "c4x"};

static size_t spans_of(const oracle_circuit_t *c, unsigned passes)
{
    bf_circuit_t *circuit = NULL;
    bf_program_t *program = NULL;
    char *text = oracle_circuit_qasm(c);
    bf_pass_options_t options = bf_pass_options_default();
    options.passes = passes;
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("test.qasm", text, strlen(text), 0, &circuit), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_lower_with(circuit, c->n, NULL, &options, NULL, &program), BF_OK);
    const size_t spans = program->n_spans;
    bf_program_destroy(program);
    bf_circuit_destroy(circuit);
    free(text);
    return spans;
}

/* Gates on any qubits, or with @p near on neighbours, in any order, with random blocks in between. */
static oracle_circuit_t random_circuit(int n, int gates, bool near, oracle_rng_t *rng)
{
    oracle_circuit_t c = oracle_circuit_new(n);
    for (int i = 0; i < gates; i++) {
        const char *name = native[oracle_rng_below(rng, 5)];
        const int width = oracle_kind_qubits(oracle_kind(name));
        int q[MOST_QUBITS];
        const int taken = near && width < n ? width : n, first = near ? oracle_rng_below(rng, n - taken + 1) : 0;
        for (int k = 0; k < taken; k++) {
            const int other = oracle_rng_below(rng, k + 1);
            q[k] = q[other];
            q[other] = first + k;
        }
        if (gates % 3 > 0)
            oracle_add_brickwork(&c, i == 0 ? 2 : oracle_rng_below(rng, 2), rng);
        else /* real, but for a qubit now and then: types meet */
            for (int k = 0; k < n; k++)
                oracle_add(&c, oracle_rng_below(rng, 4 * n) ? "ry" : "rx", P(oracle_rng_uniform(rng)), Q(k));
        if (width <= n)
            oracle_add(&c, name, NULL, q);
    }
    return c;
}

static double infidelity(const oracle_z_t *exact, const run_t *run)
{
    const double overlap = cabs(oracle_dense_overlap(exact, run->psi, run->n));
    return 1 - overlap * overlap / creal(oracle_dense_overlap(run->psi, run->psi, run->n));
}

/* With the pass and without, as tasks and alone. */
static void test_dense(void)
{
    oracle_rng_t rng = {oracle_rng_run_seed()};
    size_t spans = 0;
    printf("seed %llu ", (unsigned long long)rng.state);
    for (int trial = 0; trial < 40; trial++) {
        oracle_circuit_t c = random_circuit(3 + trial % (MOST_QUBITS - 2), 1 + trial % 7, trial % 4 > 0, &rng);
        oracle_z_t *psi = oracle_dense_run(&c);
        double exact[3 * MOST_QUBITS];
        uint64_t hash[2];
        oracle_dense_xyz(psi, c.n, exact);
        spans += spans_of(&c, BF_PASS_ALL);
        CU_ASSERT_EQUAL(spans_of(&c, BF_PASS_ALL & ~(unsigned)BF_PASS_SPAN), 0);
        for (int way = 0; way < 3; way++) {
            bf_state_options_t options = run_options(0, 0);
            options.always_tasks = way == 0;
            options.passes.passes = way == 2 ? BF_PASS_ALL & ~(unsigned)BF_PASS_SPAN : BF_PASS_ALL;
            run_t run = run_circuit(&c, &options);
            CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
            CU_ASSERT(max_difference(run.xyz, exact, 3 * (size_t)c.n) <= 1e-10);
            CU_ASSERT(fabs(infidelity(psi, &run)) <= 1e-10);
            CU_ASSERT(fabs(run.report.norm - 1) <= 1e-10);
            for (size_t i = 0; i < run.updates; i++)
                CU_ASSERT(run.ledger[i].done);
            if (way < 2)
                hash[way] = run.hash;
            run_free(&run);
        }
        CU_ASSERT_EQUAL(hash[0], hash[1]);
        free(psi);
        oracle_circuit_free(&c);
    }
    CU_ASSERT(spans > 40);
}

static void test_inverse(void)
{
    oracle_rng_t rng = {41};
    for (int n = 3; n <= 40; n += n < 10 ? 1 : 15) {
        oracle_circuit_t c = oracle_circuit_new(n);
        oracle_add_brickwork(&c, 1, &rng);
        for (int i = 0; i + 4 < n; i += 3) {
            oracle_add(&c, "ccx", NULL, Q(i, i + 2, i + 1));
            oracle_add(&c, "cswap", NULL, Q(i + 4, i + 1, i + 3));
        }
        oracle_add_inverse(&c);
        const bf_state_options_t options = run_options(1e-20, 0);
        run_t run = run_circuit(&c, &options);
        CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
        CU_ASSERT(n < 5 || spans_of(&c, BF_PASS_ALL) > 0);
        CU_ASSERT_EQUAL(run_largest_bond(&run), 1);
        for (int q = 0; q < n; q++)
            CU_ASSERT(fabs(run.xyz[3 * q + 2] - 1) <= 1e-10);
        run_free(&run);
        oracle_circuit_free(&c);
    }
}

/* Of four qubits only the middle cut can have a bond of more than two, and only the last gate takes it there: what is lost is
 * lost in one place, and the ledger says how much. */
static void test_loss(void)
{
    oracle_rng_t rng = {51};
    int cut_off = 0;
    for (int trial = 0; trial < 40; trial++) {
        oracle_circuit_t c = oracle_circuit_new(4);
        oracle_add_brickwork(&c, 1, &rng); /* on 0 1 and on 2 3 */
        oracle_add(&c, "ccx", NULL, trial % 2 ? Q(0, 1, 2) : Q(3, 1, 2));
        oracle_add_brickwork(&c, 1, &rng);
        oracle_add(&c, trial % 2 ? "c3x" : "ccx", NULL, trial % 3 ? Q(0, 3, 2, 1) : Q(3, 0, 1, 2));
        oracle_z_t *psi = oracle_dense_run(&c);
        const bf_state_options_t options = run_options(0, 2);
        run_t run = run_circuit(&c, &options);
        CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
        size_t lossy = 0;
        double eps = 0;
        for (size_t i = 0; i < run.updates; i++) {
            CU_ASSERT(run.ledger[i].chi_after <= 2);
            lossy += run.ledger[i].eps > 1e-13;
            eps += run.ledger[i].eps;
        }
        if (lossy == 1) {
            cut_off++;
            CU_ASSERT(fabs(infidelity(psi, &run) - eps) <= 1e-12);
        }
        CU_ASSERT(fabs(run.report.sum_eps - eps) <= 1e-14);
        CU_ASSERT(sqrt(fmax(0, infidelity(psi, &run))) <= run.report.distance + 1e-7);
        run_free(&run);
        free(psi);
        oracle_circuit_free(&c);
    }
    printf("%d with one loss ", cut_off);
    CU_ASSERT(cut_off > 20);
}

/* Single precision: every update leaves some float roundings. */
static void test_single(void)
{
    oracle_rng_t rng = {61};
    for (int trial = 0; trial < 10; trial++) {
        oracle_circuit_t c = random_circuit(4 + trial % 5, 4, true, &rng);
        oracle_z_t *psi = oracle_dense_run(&c);
        bf_state_options_t options = run_options(0, 0);
        options.precision = BF_PRECISION_SINGLE;
        run_t run = run_circuit(&c, &options);
        CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
        CU_ASSERT(fabs(infidelity(psi, &run)) <= 1e-5);
        for (size_t i = 0; i < run.updates; i++)
            CU_ASSERT(bf_type_is_single((bf_type_t)run.ledger[i].type));
        run_free(&run);
        free(psi);
        oracle_circuit_free(&c);
    }
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"dense", test_dense}, {"inverse", test_inverse}, {"loss", test_loss}, {"single precision", test_single}, {NULL, NULL}};
    return bf_cunit_main("span", session_open, session_close, tests);
}
