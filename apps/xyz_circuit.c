/* One circuit: evolve, measure, write. */
#include "apps/hindsight.h"
#include "apps/run_circuit.h"
#include "apps/run_trace.h"
#include "apps/xyz.h"
#include "apps/xyz_results.h"
#include "runtime/observe/bits.h"
#include "runtime/observe/observe.h"
#include "runtime/seconds.h"

#include <stdlib.h>

/* The files a run writes, opened before the work so that a bad path does not cost a night. Only on rank 0. */
typedef struct outputs {
    bf_output_t *out;
    bf_output_t *summary;
    bf_output_t *ledger;
} outputs_t;

static bf_status_t open_outputs(const bf_xyz_options_t *o, outputs_t *files)
{
    BF_TRY(bf_output_open(o->out, &files->out));
    if (o->run.summary)
        BF_TRY(bf_output_open(o->run.summary, &files->summary));
    if (o->run.ledger)
        BF_TRY(bf_output_open(o->run.ledger, &files->ledger));
    return BF_OK;
}

static void abandon_outputs(outputs_t *files)
{
    bf_output_abandon(files->out);
    bf_output_abandon(files->summary);
    bf_output_abandon(files->ledger);
}

static bf_status_t write_results(const bf_xyz_options_t *o, bf_output_t *out, bf_site_t n, const bf_xyz_results_t *results)
{
    size_t columns = 0;
    char **names = NULL;
    double *table = NULL;
    BF_TRY(bf_observables_table(results->features, results->n_features, n, results->values, &columns, &names, &table));
    double *chosen = malloc((results->n_qubits * columns + 1) * sizeof *chosen);
    if (!chosen) {
        free(names);
        free(table);
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < results->n_qubits; i++) /* lines of other qubits go: their numbers are those of a pruned circuit */
        for (size_t c = 0; c < columns; c++)
            chosen[i * columns + c] = table[(size_t)results->qubits[i] * columns + c];
    const bf_status_t status = bf_write_sites(out, o->format, results->qubits ? (bf_site_t)results->n_qubits : n, columns,
                                              (const char *const *)names, results->qubits ? chosen : table, results->qubits);
    free(chosen);
    free(names);
    free(table);
    return status;
}

static bf_status_t write_outputs(const bf_xyz_options_t *o, outputs_t *files, const bf_summary_t *s,
                                 const bf_xyz_results_t *results)
{
    BF_TRY(write_results(o, files->out, s->qubits, results));
    if (files->summary)
        BF_TRY(bf_summary_write(bf_output_stream(files->summary), s));
    if (files->ledger)
        BF_TRY(bf_write_ledger(files->ledger, s->ledger, s->n_ledger));
    bf_output_t *const all[3] = {files->ledger, files->summary, files->out};
    *files = (outputs_t){0};
    bf_status_t status = BF_OK;
    for (int i = 0; i < 3; i++) {
        if (all[i] && status == BF_OK)
            status = bf_output_commit(all[i]);
        else
            bf_output_abandon(all[i]);
    }
    return status;
}

/* The sweep that is spread over workers and ranks serves <X>, <Y>, <Z>; anything else needs a survey of the whole chain. */
bf_status_t bf_xyz_measure(bf_state_t *state, const bf_xyz_options_t *o, bf_site_t n, const bf_xyz_results_t *results,
                           double *values)
{
    if (results->n_features == 1 && results->features[0].kind == BF_FEATURE_XYZ)
        BF_TRY(bf_state_expect_xyz(state, values));
    else
        BF_TRY(bf_state_features(state, results->features, results->n_features, values));
    bf_feature_scale(results->features, results->n_features, n, o->operators == 1 ? 0.5 : 1.0, values);
    return BF_OK;
}

/* Without trajectories, or a single one: evolve, measure. */
static bf_status_t run_once(bf_session_t *session, const bf_xyz_options_t *o, const bf_circuit_t *circuit, bf_summary_t *s,
                            bf_xyz_results_t *results)
{
    BF_TRY(bf_state_create(session, s->qubits, &o->run.state, &s->state));
    BF_TRY(bf_state_apply(s->state, circuit));
    return bf_xyz_measure(s->state, o, s->qubits, results, results->values);
}

/* Evolve, measure, ask for everything the summary tells. */
static bf_status_t compute(bf_session_t *session, bf_xyz_options_t *o, const bf_circuit_t *circuit, bf_summary_t *s,
                           bf_xyz_results_t *results)
{
    bf_cli_progress_t progress = bf_cli_progress(&o->run.log);
    o->run.state.progress = progress.on ? bf_cli_show_progress : NULL;
    o->run.state.progress_arg = &progress;
    const bf_status_t status = o->trajectories > 0 ? bf_xyz_trajectories(session, o, circuit, s, results, &progress)
                                                   : run_once(session, o, circuit, s, results);
    bf_cli_end_progress(&progress);
    BF_TRY(status);
    if (o->trajectories == 0) {
        BF_TRY(bf_state_report(s->state, &s->report));
        BF_TRY(bf_state_bits(s->state, circuit, results->bits));
    }
    BF_TRY(bf_state_ledger(s->state, &s->ledger, &s->n_ledger));
    BF_TRY(bf_state_bond_dims(s->state, s->bonds));
    return bf_state_hash(s->state, &s->hash);
}

/* The outcomes part of the summary, and what it borrows. */
typedef struct told {
    bf_outcomes_t outcomes;
    char **names;
    double *errors;
} told_t;

static bf_status_t tell_outcomes(const bf_xyz_options_t *o, const bf_circuit_t *circuit, const bf_xyz_results_t *results,
                                 bf_summary_t *s, told_t *told)
{
    if (!bf_circuit_is_dynamic(circuit) && o->trajectories == 0)
        return BF_OK;
    told->outcomes = (bf_outcomes_t){.circuit = circuit,
                                     .bits = o->trajectories == 0 ? results->bits : NULL,
                                     .first_shot = (uint64_t)o->shot,
                                     .trajectories = o->trajectories ? (uint64_t)o->trajectories : 1,
                                     .qubits = s->qubits};
    s->outcomes = &told->outcomes;
    if (o->trajectories == 0)
        return BF_OK;
    BF_TRY(bf_observables_table(results->features, results->n_features, s->qubits, results->errors, &told->outcomes.columns,
                                &told->names, &told->errors));
    told->outcomes.names = (const char *const *)told->names;
    told->outcomes.errors = told->errors;
    return BF_OK;
}

static bf_status_t allocate_results(const bf_circuit_t *circuit, const bf_xyz_options_t *o, bf_xyz_results_t *results)
{
    results->count = bf_observables_columns(results->features, results->n_features, bf_circuit_qubits(circuit));
    results->values = calloc(results->count + 1, sizeof *results->values);
    results->bits = calloc(bf_circuit_bits(circuit) + 1, 1);
    results->errors = o->trajectories > 0 ? calloc(results->count + 1, sizeof *results->errors) : NULL;
    if (!results->values || !results->bits || (o->trajectories > 0 && !results->errors))
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    return BF_OK;
}

/* Read the circuit, and everything whose failure should not cost the work. */
static bf_status_t prepare(bf_session_t *session, bf_xyz_options_t *o, bf_summary_t *s, outputs_t *files,
                           bf_xyz_results_t *results, bf_circuit_t **circuit, bf_trace_t **trace)
{
    BF_TRY(bf_circuit_read(session, o->run.circuit, (bf_site_t)o->run.sites, circuit, NULL, NULL));
    bf_run_show_notes(*circuit);
    BF_TRY(bf_run_bind(&o->run, circuit));
    if (o->trajectories > 1 && !bf_circuit_is_dynamic(*circuit))
        bf_log(BF_LOG_WARNING, "nothing is measured on the way: all trajectories of this circuit are the same");
    s->qubits = bf_circuit_qubits(*circuit);
    s->gates = bf_circuit_gates(*circuit);
    BF_TRY(bf_observables_parse(o->observables, s->qubits, &results->features, &results->n_features));
    if (o->qubits)
        BF_TRY(bf_qubits_parse("--qubits", o->qubits, s->qubits, &results->qubits, &results->n_qubits));
    o->run.state.passes.qubits = results->qubits;
    o->run.state.passes.n_qubits = results->n_qubits;
    s->bonds = calloc((size_t)s->qubits, sizeof *s->bonds);
    bf_status_t status = s->bonds ? allocate_results(*circuit, o, results) : bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (status == BF_OK && bf_session_rank(session) == 0)
        status = open_outputs(o, files);
    BF_TRY(bf_session_agree(session, status));
    BF_TRY(bf_run_trace_open(session, &o->run, trace));
    BF_TRY(bf_session_start(session));
    BF_TRY(bf_run_trace_begin(*trace, s->program, &o->run, s->qubits));
    s->seconds_start = bf_seconds() - s->begin;
    return BF_OK;
}

/* On the speaking rank, when all is done. */
static bf_status_t conclude(const bf_xyz_options_t *o, const bf_circuit_t *circuit, outputs_t *files, bf_summary_t *s,
                            const bf_xyz_results_t *results)
{
    bf_hindsight_t hindsight = {0};
    if (files->summary && !bf_circuit_is_dynamic(circuit)) { /* a trajectory leaves out what did not happen */
        const bf_status_t made = bf_hindsight_make(circuit, s, results->features, results->n_features, &hindsight);
        s->hindsight = made == BF_OK ? &hindsight : NULL;
        if (made != BF_OK) { /* the results are worth more than the comparison */
            bf_log(BF_LOG_WARNING, "no prediction beside the run: %s", bf_error_message());
            bf_error_clear();
        }
    }
    const bf_status_t status = write_outputs(o, files, s, results);
    s->hindsight = NULL;
    bf_hindsight_clear(&hindsight);
    return status;
}

bf_status_t bf_xyz_circuit(bf_session_t *session, bf_xyz_options_t *o, double begin)
{
    const bool speaker = bf_session_rank(session) == 0;
    bf_summary_t s = {.session = session,
                      .program = "circuit_xyz_exp",
                      .circuit = o->run.circuit,
                      .options = &o->run.state,
                      .seed = o->run.seed,
                      .operators = o->operators == 1 ? "spin" : "pauli",
                      .begin = begin};
    outputs_t files = {0};
    bf_xyz_results_t results = {0};
    bf_circuit_t *circuit = NULL;
    bf_trace_t *trace = NULL;
    bf_status_t status = prepare(session, o, &s, &files, &results, &circuit, &trace);
    if (status == BF_OK) {
        bf_log_session(session);
        bf_log(BF_LOG_DEBUG, "the circuit was read and StarPU is up after %.3f s", s.seconds_start);
        status = compute(session, o, circuit, &s, &results);
    }
    told_t told = {.names = NULL};
    if (status == BF_OK)
        status = tell_outcomes(o, circuit, &results, &s, &told);
    s.seconds_total = bf_seconds() - begin;
    if (status == BF_OK) {
        bf_summary_log(&s);
        status = bf_session_agree(session, speaker ? conclude(o, circuit, &files, &s, &results) : BF_OK);
    }
    abandon_outputs(&files);
    bf_state_destroy(s.state);
    bf_run_trace_end(trace, &o->run, status);
    free(results.features);
    free(results.values);
    free(results.errors);
    free(results.bits);
    free(told.names);
    free(told.errors);
    free(results.qubits);
    free(s.bonds);
    bf_circuit_destroy(circuit);
    return status;
}
