/* One circuit: evolve, measure, write. */
#include "apps/hindsight.h"
#include "apps/run_trace.h"
#include "apps/xyz.h"
#include "runtime/observe/observe.h"

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

/* What is measured, and what came out. */
typedef struct results {
    bf_feature_t *features;
    size_t n_features;
    double *values; /* feature after feature */
} results_t;

static bf_status_t write_results(const bf_xyz_options_t *o, bf_output_t *out, bf_site_t n, const results_t *results)
{
    size_t columns = 0;
    char **names = NULL;
    double *table = NULL;
    BF_TRY(bf_observables_table(results->features, results->n_features, n, results->values, &columns, &names, &table));
    const bf_status_t status = bf_write_sites(out, o->format, n, columns, (const char *const *)names, table);
    free(names);
    free(table);
    return status;
}

static bf_status_t write_outputs(const bf_xyz_options_t *o, outputs_t *files, const bf_summary_t *s, const results_t *results)
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
static bf_status_t measure(bf_state_t *state, const bf_xyz_options_t *o, bf_site_t n, results_t *results)
{
    if (results->n_features == 1 && results->features[0].kind == BF_FEATURE_XYZ)
        BF_TRY(bf_state_expect_xyz(state, results->values));
    else
        BF_TRY(bf_state_features(state, results->features, results->n_features, results->values));
    bf_feature_scale(results->features, results->n_features, n, o->operators == 1 ? 0.5 : 1.0, results->values);
    return BF_OK;
}

/* Evolve, measure, ask for everything the summary tells. */
static bf_status_t compute(bf_session_t *session, bf_xyz_options_t *o, const bf_circuit_t *circuit, bf_summary_t *s,
                           results_t *results)
{
    bf_cli_progress_t progress = bf_cli_progress(&o->run.log);
    o->run.state.progress = progress.on ? bf_cli_show_progress : NULL;
    o->run.state.progress_arg = &progress;
    BF_TRY(bf_state_create(session, s->qubits, &o->run.state, &s->state));
    const bf_status_t status = bf_state_apply(s->state, circuit);
    bf_cli_end_progress(&progress);
    BF_TRY(status);
    BF_TRY(measure(s->state, o, s->qubits, results));
    BF_TRY(bf_state_report(s->state, &s->report));
    BF_TRY(bf_state_ledger(s->state, &s->ledger, &s->n_ledger));
    BF_TRY(bf_state_bond_dims(s->state, s->bonds));
    return bf_state_hash(s->state, &s->hash);
}

/* Read the circuit, and everything whose failure should not cost the work. */
static bf_status_t prepare(bf_session_t *session, const bf_xyz_options_t *o, bf_summary_t *s, outputs_t *files,
                           results_t *results, bf_circuit_t **circuit, bf_trace_t **trace)
{
    BF_TRY(bf_circuit_read(session, o->run.circuit, (bf_site_t)o->run.sites, circuit, NULL, NULL));
    BF_TRY(bf_circuit_check_bound(*circuit));
    s->qubits = bf_circuit_qubits(*circuit);
    s->gates = bf_circuit_gates(*circuit);
    BF_TRY(bf_observables_parse(o->observables, s->qubits, &results->features, &results->n_features));
    const size_t columns = bf_observables_columns(results->features, results->n_features, s->qubits);
    s->bonds = calloc((size_t)s->qubits, sizeof *s->bonds);
    results->values = calloc(columns + 1, sizeof *results->values);
    bf_status_t status = s->bonds && results->values ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (status == BF_OK && bf_session_rank(session) == 0)
        status = open_outputs(o, files);
    BF_TRY(bf_session_agree(session, status));
    BF_TRY(bf_run_trace_open(session, &o->run, trace));
    BF_TRY(bf_session_start(session));
    BF_TRY(bf_run_trace_begin(*trace, s->program, &o->run, s->qubits));
    s->seconds_start = bf_cli_seconds() - s->begin;
    return BF_OK;
}

/* On the speaking rank, when all is done. */
static bf_status_t conclude(const bf_xyz_options_t *o, const bf_circuit_t *circuit, outputs_t *files, bf_summary_t *s,
                            const results_t *results)
{
    bf_hindsight_t hindsight = {0};
    if (files->summary) {
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
    results_t results = {0};
    bf_circuit_t *circuit = NULL;
    bf_trace_t *trace = NULL;
    bf_status_t status = prepare(session, o, &s, &files, &results, &circuit, &trace);
    if (status == BF_OK) {
        bf_log_session(session);
        bf_log(BF_LOG_DEBUG, "the circuit was read and StarPU is up after %.3f s", s.seconds_start);
        status = compute(session, o, circuit, &s, &results);
    }
    s.seconds_total = bf_cli_seconds() - begin;
    if (status == BF_OK) {
        bf_summary_log(&s);
        status = bf_session_agree(session, speaker ? conclude(o, circuit, &files, &s, &results) : BF_OK);
    }
    abandon_outputs(&files);
    bf_state_destroy(s.state);
    bf_run_trace_end(trace, &o->run, status);
    free(results.features);
    free(results.values);
    free(s.bonds);
    bf_circuit_destroy(circuit);
    return status;
}
