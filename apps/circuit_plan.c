/* A dry run: what a run would need, before anything is run. Neither MPI nor StarPU is started. */
#include "apps/main.h"
#include "apps/plan.h"
#include "apps/run_circuit.h"
#include "runtime/observe/bits.h"
#include "runtime/observe/observe.h"
#include "runtime/rows/rows.h"
#include "runtime/session/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bf_status_t read_circuit(bf_plan_t *p)
{
    const bf_run_options_t *run = &p->o->xyz.run;
    char *text = NULL;
    size_t length = 0;
    BF_TRY(bf_circuit_load(run->circuit, &text, &length));
    const bf_status_t status = bf_circuit_parse(run->circuit, text, length, (bf_site_t)run->sites, &p->circuit);
    free(text);
    BF_TRY(status);
    bf_run_show_notes(p->circuit);
    if (run->n_sets > 0)
        BF_TRY(bf_run_bind(run, &p->circuit));
    if (p->o->xyz.qubits)
        BF_TRY(bf_qubits_parse("--qubits", p->o->xyz.qubits, bf_circuit_qubits(p->circuit), &p->qubits, &p->n_qubits));
    return bf_observables_parse(p->o->xyz.observables, bf_circuit_qubits(p->circuit), &p->features, &p->n_features);
}

/* The inputs of the first row that has good ones. */
static bf_status_t first_row(bf_plan_t *p, bf_table_t *table, double *inputs)
{
    const size_t n_inputs = bf_circuit_inputs(p->circuit);
    int64_t *column_of = malloc((n_inputs + 1) * sizeof *column_of);
    double *cells = malloc(((size_t)bf_table_columns(table) + 1) * sizeof *cells);
    bf_status_t status = column_of && cells ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (status == BF_OK)
        status = bf_rows_bind_columns(p->circuit, p->o->xyz.params, table, column_of);
    p->rows = bf_table_rows(table);
    uint8_t bad = 1;
    for (int64_t row = 0; status == BF_OK && bad && row < p->rows; row++) {
        bad = 0;
        status = bf_table_read(table, row, 1, p->o->xyz.bad_rows, cells, &bad);
    }
    for (size_t i = 0; status == BF_OK && !bad && i < n_inputs; i++)
        inputs[i] = cells[column_of[i]];
    p->of_row = !bad;
    free(column_of);
    free(cells);
    return status;
}

/* Numbers without meaning: ranks of gates are then those of almost all inputs. */
static void generic_inputs(double *inputs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        inputs[i] = 0.3 + fmod(0.6180339887498949 * (double)(i + 1), 1.0);
}

static bf_pass_options_t pass_options(const bf_plan_t *p)
{
    bf_pass_options_t passes = p->o->xyz.run.state.passes;
    passes.qubits = p->qubits;
    passes.n_qubits = p->n_qubits;
    return passes;
}

static bf_status_t bind_template(bf_plan_t *p, double *inputs)
{
    const bf_pass_options_t passes = pass_options(p);
    BF_TRY(bf_template_create_with(p->circuit, &passes, &p->templated));
    const bf_program_t *structure = bf_template_program(p->templated);
    p->program = *structure;
    p->gates2 = calloc(structure->n_gates2 + 1, sizeof *p->gates2);
    p->gates1 = calloc(structure->n_gates1 + 1, sizeof *p->gates1);
    if (!p->gates2 || !p->gates1)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu matrices", structure->n_gates2);
    generic_inputs(inputs, bf_circuit_inputs(p->circuit));
    if (p->o->xyz.params) {
        bf_table_t *table = NULL;
        BF_TRY(bf_table_open(p->o->xyz.params, &table));
        const bf_status_t status = first_row(p, table, inputs);
        bf_table_close(table);
        BF_TRY(status);
    }
    /* Where these inputs do not evaluate (a division by zero), the structure's matrices stand for the worst case. */
    if (bf_template_bind(p->templated, inputs, p->gates2, p->gates1) == BF_OK) {
        p->program.gates2 = p->gates2;
        p->program.gates1 = p->gates1;
    }
    return BF_OK;
}

static bf_status_t lower(bf_plan_t *p)
{
    const bf_pass_options_t passes = pass_options(p);
    const size_t n_inputs = bf_circuit_inputs(p->circuit);
    p->rows = p->o->rows;
    if (n_inputs == 0 && p->o->xyz.params)
        bf_log(BF_LOG_WARNING, "the circuit has no inputs: every row of %s gives the same circuit", p->o->xyz.params);
    if (n_inputs == 0 && !p->o->xyz.params) {
        BF_TRY(bf_circuit_lower_with(p->circuit, bf_circuit_qubits(p->circuit), NULL, &passes, &p->passes, &p->lowered));
        p->program = *p->lowered;
        return BF_OK;
    }
    double *inputs = calloc(n_inputs + 1, sizeof *inputs);
    const bf_status_t status =
        inputs ? bind_template(p, inputs) : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu inputs", n_inputs);
    free(inputs);
    return status;
}

static void take_census(bf_plan_t *p)
{
    for (size_t i = 0; i < p->program.n_ops; i++) {
        const bf_op_t *op = &p->program.ops[i];
        p->census.swaps += op->update >= 0 && op->line == 0;
        p->census.measured += bf_op_projects(op);
        p->census.one_site += op->update < 0 && op->kind == BF_OP_GATE;
        if (op->update >= 0)
            p->census.ranks[p->program.gates2[op->matrix].schmidt_rank]++;
    }
}

/* The light cone of --observe begins at the sites that hold its qubits at the end. */
static bf_status_t find_cone(bf_plan_t *p)
{
    p->observed = calloc((size_t)p->program.n, sizeof *p->observed);
    p->reached = calloc((size_t)p->program.n, sizeof *p->reached);
    p->cone = calloc(p->program.n_ops + 1, sizeof *p->cone);
    if (!p->observed || !p->reached || !p->cone)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    bf_site_t *qubits = NULL;
    size_t count = 0;
    BF_TRY(bf_qubits_parse("--observe", p->o->observe, p->program.n, &qubits, &count));
    for (size_t i = 0; i < count; i++) {
        const bf_site_t site = p->program.site_of[qubits[i]];
        p->reached[site] = 1;
        p->observed[site] = true;
    }
    free(qubits);
    p->n_cone = bf_light_cone(&p->program, p->reached, p->cone);
    return BF_OK;
}

/* Ranks and workers as asked for, else as bf_session_start() would choose them here. */
static bf_status_t choose_launch(bf_plan_t *p)
{
    BF_TRY(bf_machine_find(&p->machine));
    p->ranks = p->o->ranks ? p->o->ranks : 1;
    p->workers = p->o->workers;
    if (p->workers == 0) {
        bf_placement_t placement;
        BF_TRY(bf_placement_find(&(bf_place_t){.size = p->ranks}, p->ranks > 1 && p->rows == 0, &placement));
        p->workers = placement.workers;
    }
    if (p->ranks > p->program.n && p->rows == 0) {
        bf_log(BF_LOG_WARNING, "%d ranks for %d sites: %d are planned, the others would have nothing", p->ranks,
               (int)p->program.n, (int)p->program.n);
        p->ranks = p->program.n;
    }
    return BF_OK;
}

static bf_status_t predict(bf_plan_t *p)
{
    const bf_state_options_t *state = &p->o->xyz.run.state;
    BF_TRY(bf_rates_get(p->o->calibrate ? BF_RATES_RENEW : BF_RATES_ENSURE, &p->rates));
    if (p->rates.note[0])
        bf_log(BF_LOG_WARNING, "the measured rates were %s", p->rates.note);
    bf_predict_options_t options = {.rates = &p->rates,
                                    .rule = state->rule,
                                    .precision = state->precision,
                                    .grain_us = state->grain_us,
                                    .ranks = p->ranks,
                                    .workers = p->workers,
                                    .always_tasks = state->always_tasks,
                                    .features = p->features,
                                    .n_features = p->n_features};
    BF_TRY(bf_predict(&p->program, &options, &p->bound));
    if (p->o->probe > 0.0) {
        BF_TRY(bf_probe_run(&p->program, &state->rule, state->precision, &p->rates, p->o->probe, &p->probe));
        options.known = p->probe.chi;
        options.n_known = p->probe.n_done;
        BF_TRY(bf_predict(&p->program, &options, &p->probed));
    }
    return bf_advise(&p->program, &options, &p->machine, p->rows, &p->advice);
}

static bf_status_t plan(bf_plan_t *p)
{
    BF_TRY(read_circuit(p));
    BF_TRY(lower(p));
    take_census(p);
    if (p->o->observe)
        BF_TRY(find_cone(p));
    BF_TRY(choose_launch(p));
    BF_TRY(predict(p));
    if (!p->o->json || strcmp(p->o->json, "-") != 0)
        bf_plan_print(stdout, p);
    if (fflush(stdout) != 0 || ferror(stdout))
        return bf_error_set(BF_ERR_IO, "standard output: cannot be written");
    if (p->o->json)
        BF_TRY(bf_plan_write_json(p, p->o->json));
    return p->o->dot || p->o->svg ? bf_plan_draw(p) : BF_OK;
}

static void release(bf_plan_t *p)
{
    bf_prediction_clear(&p->bound);
    bf_prediction_clear(&p->probed);
    bf_probe_clear(&p->probe);
    bf_program_destroy(p->lowered);
    bf_template_destroy(p->templated);
    bf_circuit_destroy(p->circuit);
    free(p->gates2);
    free(p->gates1);
    free(p->features);
    free(p->qubits);
    free(p->observed);
    free(p->reached);
    free(p->cone);
}

static bf_status_t parse(int argc, char **argv, void *options)
{
    return bf_plan_parse(argc, argv, options);
}

static bf_status_t work(bf_session_t *session, void *options, double begin)
{
    bf_plan_t p = {.o = options};
    (void)session;
    (void)begin;
    const bf_status_t status = plan(&p);
    release(&p);
    return status;
}

int main(int argc, char **argv)
{
    bf_plan_cli_t options = {0};
    const bf_main_t frame = {.program = "circuit_plan",
                             .parser = &bf_plan_parser,
                             .options = &options,
                             .words = &options.xyz.run.words,
                             .log = &options.xyz.run.log,
                             .alone = true,
                             .parse = parse,
                             .work = work};
    const int code = bf_main(&frame, argc, argv);
    bf_run_options_clear(&options.xyz.run);
    return code;
}
