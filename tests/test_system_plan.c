/* Predictions against runs: bonds never exceed their bounds, a probe has the bonds of a run, memory is an upper bound. */
#include "cunit_main.h"
#include "oracle_random.h"
#include "runtime/circuit/circuit.h"
#include "runtime/plan/advise.h"
#include "runtime/plan/predict.h"
#include "runtime/plan/probe.h"
#include "support.h"

#include <string.h>

static uint64_t seed;

static bf_program_t *lower(const char *text)
{
    bf_circuit_t *circuit = NULL;
    bf_program_t *program = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("random.qasm", text, strlen(text), 0, &circuit), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_lower(circuit, bf_circuit_qubits(circuit), NULL, &program), BF_OK);
    bf_circuit_destroy(circuit);
    return program;
}

/* Gates of every operator-Schmidt rank, on neighbours and on distant qubits, real and complex. */
static char *random_text(oracle_rng_t *rng)
{
    static const char *const two[] = {"cz", "cx", "swap", "iswap", "dcx"};
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    const int n = 2 + oracle_rng_below(rng, 11);
    const int gates = oracle_rng_below(rng, 150);
    const bool real = oracle_rng_below(rng, 4) == 0;
    fprintf(f, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n);
    for (int g = 0; g < gates; g++) {
        const int a = oracle_rng_below(rng, n);
        const int reach = oracle_rng_below(rng, 3) == 0 ? n - 1 : 1;
        const int b = (a + 1 + oracle_rng_below(rng, reach)) % n;
        const double angle = 6.0 * oracle_rng_uniform(rng);
        switch (oracle_rng_below(rng, real ? 3 : 4)) {
        case 0:
            fprintf(f, "ry(%.17g) q[%d];\n", angle, a);
            break;
        case 1:
            fprintf(f, "%s q[%d],q[%d];\n", two[oracle_rng_below(rng, real ? 3 : 5)], a, b);
            break;
        case 2:
            fprintf(f, "cry(%.17g) q[%d],q[%d];\n", angle, a, b);
            break;
        default:
            fprintf(f, "rxx(%.17g) q[%d],q[%d];\nrx(%.17g) q[%d];\n", angle, a, b, angle, b);
        }
    }
    fclose(f);
    return text;
}

static bf_predict_options_t predict_options(const bf_rates_t *rates, const bf_state_options_t *state)
{
    return (bf_predict_options_t){.rates = rates, .rule = state->rule, .precision = state->precision, .ranks = 1, .workers = 2};
}

/* Bytes of the site tensors behind operation after operation, from the ledger's bonds; complex throughout. */
static size_t most_bytes(const bf_program_t *program, const bf_dim_t *chi_after)
{
    bf_dim_t chi[32];
    for (int b = 0; b < 32; b++)
        chi[b] = 1;
    size_t most = 0;
    for (size_t i = 0; i < program->n_ops; i++) {
        if (program->ops[i].update >= 0)
            chi[program->ops[i].site + 1] = chi_after[i];
        size_t bytes = 0;
        for (bf_site_t s = 0; s < program->n; s++)
            bytes += (size_t)(chi[s] * 2 * chi[s + 1]) * sizeof(double); /* at least: real */
        most = bytes > most ? bytes : most;
    }
    return most;
}

static void bonds_stay_below_bounds(void)
{
    oracle_rng_t rng = {seed};
    const bf_rates_t rates = bf_rates_built_in();
    for (int round = 0; round < 120; round++) {
        char *text = random_text(&rng);
        const bf_dim_t max_dim = oracle_rng_below(&rng, 2) ? 1024 : 1 + oracle_rng_below(&rng, 12);
        bf_state_options_t options = run_options(oracle_rng_below(&rng, 2) ? 0.0 : 1e-12, max_dim);
        options.precision = (bf_precision_t)oracle_rng_below(&rng, 3);
        bf_program_t *program = lower(text);
        bf_predict_options_t o = predict_options(&rates, &options);
        bf_prediction_t bound;
        bf_prediction_t known;
        bf_probe_t probe;
        CU_ASSERT_EQUAL_FATAL(bf_predict(program, &o, &bound), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_probe_run(program, &options.rule, options.precision, &rates, 1e9, &probe), BF_OK);
        run_t run = run_text("random.qasm", text, 0, &options);
        CU_ASSERT_EQUAL_FATAL(run.status, BF_OK);
        CU_ASSERT_TRUE(probe.complete);
        CU_ASSERT_EQUAL(run.updates, program->n_updates);
        for (size_t i = 0; i < program->n_ops; i++) {
            const int32_t update = program->ops[i].update;
            if (update < 0)
                continue;
            CU_ASSERT_EQUAL(run.ledger[update].chi_after, probe.chi[i]);
            CU_ASSERT(run.ledger[update].chi_after <= bound.op_chi[i]);
            CU_ASSERT(bound.op_chi[i] <= max_dim);
        }
        o.known = probe.chi;
        o.n_known = probe.n_done;
        CU_ASSERT_EQUAL_FATAL(bf_predict(program, &o, &known), BF_OK);
        for (bf_site_t b = 0; b + 1 < program->n; b++) {
            CU_ASSERT_EQUAL(known.bonds[b], run.dims[b]);
            CU_ASSERT(known.peaks[b] <= bound.peaks[b]);
        }
        CU_ASSERT_EQUAL(known.largest_bond, run.report.max_bond);
        CU_ASSERT(known.kernel_seconds <= bound.kernel_seconds * (1 + 1e-12));
        CU_ASSERT(known.state_bytes <= bound.state_bytes);
        if (options.precision != BF_PRECISION_SINGLE)
            CU_ASSERT(known.state_bytes >= most_bytes(program, probe.chi));
        if (bound.largest_bond < max_dim) /* then MaxDim has cut nothing */
            for (size_t u = 0; u < run.updates; u++)
                CU_ASSERT_EQUAL(run.ledger[u].eps_max_dim, 0.0);
        bf_prediction_clear(&bound);
        bf_prediction_clear(&known);
        bf_probe_clear(&probe);
        bf_program_destroy(program);
        run_free(&run);
        free(text);
    }
}

static char *brickwork_text(int n, int layers)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    fprintf(f, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n);
    for (int layer = 0; layer < layers; layer++) {
        for (int q = 0; q < n; q++)
            fprintf(f, "u3(%.3f,%.3f,%.3f) q[%d];\n", 1.0 + 0.1 * q, 0.2 * layer, 0.3, q);
        for (int q = layer % 2; q + 1 < n; q += 2)
            fprintf(f, "cz q[%d],q[%d];\n", q, q + 1);
    }
    fclose(f);
    return text;
}

/* Known facts of a brickwork: layers, bonds, and what more workers, ranks and rows must do to a prediction. */
static void brickwork(void)
{
    char *text = brickwork_text(40, 12);
    bf_program_t *program = lower(text);
    const bf_rates_t rates = bf_rates_built_in();
    const bf_state_options_t state = run_options(1e-12, 1024);
    bf_predict_options_t o = predict_options(&rates, &state);
    double before = 1e9;
    for (int workers = 1; workers <= 64; workers *= 4) {
        bf_prediction_t p;
        o.workers = workers;
        CU_ASSERT_EQUAL_FATAL(bf_predict(program, &o, &p), BF_OK);
        CU_ASSERT_EQUAL(p.levels.n_layers, 12);
        CU_ASSERT_EQUAL(p.largest_bond, 64);
        CU_ASSERT_EQUAL(p.first_beyond, BF_NO_OP);
        CU_ASSERT_EQUAL(p.levels.critical_ops, 12);
        CU_ASSERT(p.evolve_seconds >= 1e-6 * p.levels.critical_us);
        CU_ASSERT((p.evolve_seconds - BF_PLAN_ALONE_SECONDS) * workers >= p.kernel_seconds - 2 * BF_PLAN_ALONE_SECONDS);
        CU_ASSERT(p.evolve_seconds <= before);
        CU_ASSERT(bf_useful_workers(&p) >= 2 && bf_useful_workers(&p) <= 20);
        before = p.evolve_seconds;
        bf_prediction_clear(&p);
    }
    o.workers = 2;
    o.rule.cut.max_dim = 10;
    bf_prediction_t p;
    CU_ASSERT_EQUAL_FATAL(bf_predict(program, &o, &p), BF_OK);
    CU_ASSERT_EQUAL(p.largest_bond, 10);
    /* Bonds double every second layer: 16 in the seventh, first on the left where the chain is long enough. */
    CU_ASSERT_NOT_EQUAL_FATAL(p.first_beyond, BF_NO_OP);
    CU_ASSERT_EQUAL(p.levels.layer_of[p.first_beyond], 6);
    bf_prediction_clear(&p);
    o.ranks = 4;
    o.rule.cut.max_dim = 1024;
    CU_ASSERT_EQUAL_FATAL(bf_predict(program, &o, &p), BF_OK);
    CU_ASSERT(p.state_bytes < p.whole_state_bytes / 2);
    CU_ASSERT(p.state_bytes > p.whole_state_bytes / 8);
    bf_prediction_clear(&p);
    bf_program_destroy(program);
    free(text);
}

/* A probe stops where it is told: nothing done without time, and bounds behind it hold. */
static void short_probes(void)
{
    char *text = brickwork_text(30, 40);
    bf_program_t *program = lower(text);
    const bf_rates_t rates = bf_rates_built_in();
    const bf_state_options_t state = run_options(1e-12, 4096);
    bf_predict_options_t o = predict_options(&rates, &state);
    bf_probe_t probe;
    CU_ASSERT_EQUAL_FATAL(bf_probe_run(program, &state.rule, state.precision, &rates, 0.0, &probe), BF_OK);
    CU_ASSERT_EQUAL(probe.n_done, 0);
    bf_probe_clear(&probe);
    CU_ASSERT_EQUAL_FATAL(bf_probe_run(program, &state.rule, state.precision, &rates, 0.02, &probe), BF_OK);
    CU_ASSERT(probe.n_done > 0 && !probe.complete);
    bf_prediction_t bound;
    bf_prediction_t probed;
    CU_ASSERT_EQUAL_FATAL(bf_predict(program, &o, &bound), BF_OK);
    o.known = probe.chi;
    o.n_known = probe.n_done;
    CU_ASSERT_EQUAL_FATAL(bf_predict(program, &o, &probed), BF_OK);
    for (size_t i = 0; i < program->n_ops; i++)
        CU_ASSERT(probed.op_chi[i] <= bound.op_chi[i]);
    bf_prediction_clear(&bound);
    bf_prediction_clear(&probed);
    bf_probe_clear(&probe);
    bf_program_destroy(program);
    free(text);
}

/* What cannot fit is told, with a MaxDim that does; the advice stays within the machine. */
static void advice(void)
{
    char *text = brickwork_text(60, 60);
    bf_program_t *program = lower(text);
    const bf_rates_t rates = bf_rates_built_in();
    const bf_state_options_t state = run_options(1e-12, 1 << 20);
    const bf_predict_options_t o = predict_options(&rates, &state);
    const bf_machine_t machine = {.cores = 10, .process_workers = 4, .memory_bytes = (size_t)1 << 30};
    bf_advice_t a;
    CU_ASSERT_EQUAL_FATAL(bf_advise(program, &o, &machine, 0, &a), BF_OK);
    CU_ASSERT_FALSE(a.fits);
    CU_ASSERT_FALSE(a.rows);
    CU_ASSERT(a.fitting_max_dim >= 16 && a.fitting_max_dim <= 4096);
    CU_ASSERT(a.ranks * a.workers >= 4 && a.ranks * a.workers <= 12 && a.workers <= 4);
    CU_ASSERT_EQUAL_FATAL(bf_advise(program, &o, &machine, 1000, &a), BF_OK);
    CU_ASSERT_TRUE(a.rows);
    bf_program_destroy(program);
    free(text);
}

int main(void)
{
    seed = oracle_rng_run_seed();
    printf("BONDFLOW_TEST_SEED=%llu\n", (unsigned long long)seed);
    const bf_test_t tests[] = {{"bonds stay below bounds, a probe has the bonds of a run", bonds_stay_below_bounds},
                               {"brickwork", brickwork},
                               {"short probes", short_probes},
                               {"advice", advice},
                               {NULL, NULL}};
    return bf_cunit_main("plan against runs", session_open, session_close, tests);
}
