/* One circuit: evolve, measure, write. */
#include "apps/hindsight.h"
#include "apps/run_circuit.h"
#include "apps/run_trace.h"
#include "apps/xyz.h"
#include "runtime/observe/bits.h"
#include "runtime/observe/observe.h"
#include "runtime/seconds.h"

#include <math.h>
#include <stdlib.h>

/* Trajectories are run and shared so many at a time, fewer when there is much to keep of each. */
#define ROUND_SHOTS ((size_t)1024)
#define ROUND_BYTES ((size_t)64 << 20)

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
    size_t count;      /* numbers */
    double *values;    /* feature after feature; means when there are several trajectories */
    double *errors;    /* standard errors of the means; NULL for one trajectory */
    uint8_t *bits;     /* of one trajectory */
    bf_site_t *qubits; /* those that were asked for; NULL: all */
    size_t n_qubits;
} results_t;

static bf_status_t write_results(const bf_xyz_options_t *o, bf_output_t *out, bf_site_t n, const results_t *results)
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
static bf_status_t measure(bf_state_t *state, const bf_xyz_options_t *o, bf_site_t n, const results_t *results, double *values)
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
                            results_t *results)
{
    BF_TRY(bf_state_create(session, s->qubits, &o->run.state, &s->state));
    BF_TRY(bf_state_apply(s->state, circuit));
    return measure(s->state, o, s->qubits, results, results->values);
}

/* Numbers of another trajectory into what is told: times and tasks add up, the errors are those of the worst. */
static void add_report(const bf_report_t *next, bf_report_t *all)
{
    const bf_report_t before = *all;
    if (!(next->distance < before.distance))
        *all = *next;
    all->tasks = next->tasks;
    all->updates = before.updates + next->updates;
    all->max_bond = before.max_bond > next->max_bond ? before.max_bond : next->max_bond;
    all->divided = before.divided + next->divided;
    all->max_sectors = before.max_sectors > next->max_sectors ? before.max_sectors : next->max_sectors;
    all->seconds_start = before.seconds_start + next->seconds_start;
    all->seconds_evolve = before.seconds_evolve + next->seconds_evolve;
    all->seconds_measure = before.seconds_measure + next->seconds_measure;
    all->seconds_busy = before.seconds_busy + next->seconds_busy;
}

/* Several trajectories. */
typedef struct many {
    const bf_xyz_options_t *o;
    bf_site_t n;
    const results_t *results;
    bf_cli_progress_t *progress;
    long long done; /* before the round under way */
} many_t;

/* What is kept of one until its turn comes: its report, and the values behind it. */
typedef struct trajectory {
    bf_report_t report;
    double values[];
} trajectory_t;

static bf_status_t read_trajectory(void *arg, bf_state_t *state, uint64_t shot, void *result)
{
    const many_t *m = arg;
    trajectory_t *t = result;
    (void)shot;
    BF_TRY(measure(state, m->o, m->n, m->results, t->values));
    return bf_state_report(state, &t->report);
}

static void show_trajectories(void *arg, size_t done)
{
    const many_t *m = arg;
    const long long all = m->done + (long long)done, total = m->o->trajectories;
    char text[96];
    const double seconds = bf_seconds() - m->progress->begin;
    if (!m->progress->on)
        return;
    snprintf(text, sizeof text, "trajectory %lld/%lld", all, total);
    bf_cli_show_line(m->progress, text, all > 0 ? seconds * (double)(total - all) / (double)all : -1.0, all >= total);
}

/* Means and standard errors, by Welford's recurrence in the order of the shots. */
static void add_trajectory(const trajectory_t *t, long long number, results_t *results, bf_report_t *report)
{
    double *const mean = results->values, *const square = results->errors;
    add_report(&t->report, report);
    for (size_t i = 0; i < results->count; i++) {
        const double away = t->values[i] - mean[i];
        mean[i] += away / (double)number;
        square[i] += away * (t->values[i] - mean[i]);
    }
}

/* Side by side they take less time than each for itself: the time that has passed is told, divided as theirs was. */
static void tell_passed_time(bf_report_t *report, const bf_report_t *before, double seconds)
{
    const double evolve = report->seconds_evolve - before->seconds_evolve;
    const double all = evolve + report->seconds_measure - before->seconds_measure;
    const double share = all > 0.0 ? evolve / all : 1.0;
    report->seconds_evolve = before->seconds_evolve + share * seconds;
    report->seconds_measure = before->seconds_measure + (1.0 - share) * seconds;
}

/* All but the last, round by round. */
static bf_status_t run_rounds(many_t *m, bf_shots_t *shots, results_t *results, bf_summary_t *s, trajectory_t *room, size_t round,
                              size_t bytes)
{
    const long long before_last = m->o->trajectories - 1;
    while (m->done < before_last) {
        const long long left = before_last - m->done;
        const size_t count = left < (long long)round ? (size_t)left : round;
        const bf_report_t before = s->report;
        const double begin = bf_seconds();
        BF_TRY(bf_shots_many(shots, (uint64_t)(m->o->shot + m->done), count, read_trajectory, show_trajectories, m, room, bytes));
        for (size_t i = 0; i < count; i++)
            add_trajectory((const trajectory_t *)((const char *)room + i * bytes), m->done + (long long)i + 1, results,
                           &s->report);
        tell_passed_time(&s->report, &before, bf_seconds() - begin);
        m->done += (long long)count;
    }
    return BF_OK;
}

/* The last one leaves the state that the summary tells about. */
static bf_status_t run_last(many_t *m, bf_shots_t *shots, results_t *results, bf_summary_t *s, trajectory_t *room)
{
    const uint64_t shot = (uint64_t)(m->o->shot + m->o->trajectories - 1);
    BF_TRY(bf_shots_one(shots, shot, read_trajectory, m, room, &s->state));
    add_trajectory(room, m->o->trajectories, results, &s->report);
    show_trajectories(m, 1);
    return BF_OK;
}

static bf_status_t run_many(bf_session_t *session, const bf_xyz_options_t *o, const bf_circuit_t *circuit, bf_summary_t *s,
                            results_t *results, bf_cli_progress_t *progress)
{
    const size_t bytes = sizeof(trajectory_t) + results->count * sizeof(double), most = ROUND_BYTES / bytes + 1;
    size_t round = most < ROUND_SHOTS ? most : ROUND_SHOTS;
    round = o->trajectories < (long long)round ? (size_t)o->trajectories : round;
    many_t m = {.o = o, .n = s->qubits, .results = results, .progress = progress};
    bf_shots_t *shots = NULL;
    trajectory_t *room = calloc(round, bytes);
    bf_status_t status = room ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu trajectories", round);
    status = bf_session_agree(session, status);
    if (status == BF_OK)
        status = bf_shots_create(session, circuit, &o->run.state, &shots);
    if (status == BF_OK)
        status = run_rounds(&m, shots, results, s, room, round, bytes);
    if (status == BF_OK)
        status = run_last(&m, shots, results, s, room);
    bf_shots_destroy(shots);
    free(room);
    const double n = (double)o->trajectories;
    for (size_t i = 0; i < results->count; i++) /* one shot says nothing about the spread */
        results->errors[i] = n > 1 ? sqrt(results->errors[i] / (n - 1) / n) : NAN;
    return status;
}

/* Evolve, measure, ask for everything the summary tells. */
static bf_status_t compute(bf_session_t *session, bf_xyz_options_t *o, const bf_circuit_t *circuit, bf_summary_t *s,
                           results_t *results)
{
    bf_cli_progress_t progress = bf_cli_progress(&o->run.log);
    o->run.state.progress = progress.on ? bf_cli_show_progress : NULL;
    o->run.state.progress_arg = &progress;
    const bf_status_t status =
        o->trajectories > 0 ? run_many(session, o, circuit, s, results, &progress) : run_once(session, o, circuit, s, results);
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

static bf_status_t tell_outcomes(const bf_xyz_options_t *o, const bf_circuit_t *circuit, const results_t *results,
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

static bf_status_t allocate_results(const bf_circuit_t *circuit, const bf_xyz_options_t *o, results_t *results)
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
static bf_status_t prepare(bf_session_t *session, bf_xyz_options_t *o, bf_summary_t *s, outputs_t *files, results_t *results,
                           bf_circuit_t **circuit, bf_trace_t **trace)
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
                            const results_t *results)
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
    results_t results = {0};
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
