/* A job of many rows. Each rank claims chunks, computes their rows on its workers, and writes them; two chunks are under way at a
 * time, so that the workers never wait for the file. */
#include "runtime/rows/rows.h"

#include "codelets/row.h"
#include "codelets/trace.h"
#include "runtime/mps/state.h"
#include "runtime/observe/observe.h"
#include "runtime/rows/batch.h"
#include "runtime/rows/claim.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_PERIOD_S 0.2

/* Between two looks at the chunks under way. The waiting thread shares a core with a worker. */
#define WAIT_US 2000

/* A chunk is worth this long to one rank: what a killed job loses, and what one write and sync are spread over. */
#define CHUNK_SECONDS          0.5
#define FIRST_CHUNK_PER_WORKER 4
#define MAX_CHUNK_BYTES        ((int64_t)32 << 20)

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

static const int stop_signals[3] = {SIGTERM, SIGINT, SIGUSR1};
enum { CAUGHT = 4 };

/* And a limit on the size of files is to be an error of the write, not the end of the process. */
static void catch_signals(struct sigaction *before)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    stop_requested = 0;
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < 3; i++)
        sigaction(stop_signals[i], &action, &before[i]);
    sigaction(SIGXFSZ, &ignore, &before[3]);
}

static void restore_signals(const struct sigaction *before)
{
    for (int i = 0; i < 3; i++)
        sigaction(stop_signals[i], &before[i], NULL);
    sigaction(SIGXFSZ, &before[3], NULL);
}

enum { NAME_BYTES = 64 };

/* An input column keeps its name, unless a feature has the same. */
static void name_input(const bf_table_t *table, int64_t c, char *name, char *const *features, int64_t n_features)
{
    const char *given = bf_table_column_name(table, c);
    if (given)
        snprintf(name, NAME_BYTES, "%s", given);
    else
        snprintf(name, NAME_BYTES, "in%lld", (long long)c);
    for (int64_t i = 0; i < n_features; i++)
        if (strcmp(features[i], name) == 0) {
            snprintf(name, NAME_BYTES, "in_%s", given ? given : "");
            return;
        }
}

/* Feature columns, preceded by the input columns when they are wanted too. */
static bf_status_t name_columns(const bf_rows_options_t *o, const bf_table_t *table, bf_site_t n, bf_job_t *job, char ***names)
{
    const int64_t classical = o->classical ? bf_table_columns(table) : 0;
    const size_t features = bf_observables_columns(o->features, o->n_features, n);
    job->columns = classical + (int64_t)features;
    *names = calloc((size_t)job->columns + 1, sizeof **names);
    char *text = malloc((size_t)job->columns * NAME_BYTES + 1);
    if (!*names || !text) {
        free(text);
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %lld columns", (long long)job->columns);
    }
    for (int64_t c = 0; c < job->columns; c++)
        (*names)[c] = text + NAME_BYTES * c;
    (*names)[job->columns] = text; /* what to free */
    int64_t at = classical;
    for (size_t f = 0; f < o->n_features; f++)
        for (size_t k = 0; k < bf_feature_columns(&o->features[f], n); k++)
            bf_observables_name(&o->features[f], k, (*names)[at++], NAME_BYTES);
    for (int64_t c = 0; c < classical; c++)
        name_input(table, c, (*names)[c], *names + classical, job->columns - classical);
    job->column_names = (const char *const *)*names;
    return BF_OK;
}

static void free_names(const bf_job_t *job, char **names)
{
    if (names)
        free(names[job->columns]);
    free(names);
}

bf_status_t bf_rows_bind_columns(const bf_circuit_t *circuit, const char *table_name, const bf_table_t *table, int64_t *column_of)
{
    const size_t inputs = bf_circuit_inputs(circuit);
    const int64_t columns = bf_table_columns(table);
    const bool named = columns > 0 && bf_table_column_name(table, 0) != NULL;
    for (size_t i = 0; i < inputs; i++) {
        const char *name = bf_circuit_input_name(circuit, i);
        column_of[i] = -1;
        for (int64_t c = 0; named && c < columns && column_of[i] < 0; c++)
            if (strcmp(bf_table_column_name(table, c), name) == 0)
                column_of[i] = c;
        if (column_of[i] < 0 && name[0] == '$')
            column_of[i] = strtoll(name + 1, NULL, 10);
    }
    size_t found = 0;
    for (size_t i = 0; i < inputs; i++)
        found += column_of[i] >= 0;
    if (found == 0 && inputs > 0) /* no name fits: the order counts */
        for (size_t i = 0; i < inputs; i++)
            column_of[i] = (int64_t)i;
    for (size_t i = 0; i < inputs; i++)
        if (column_of[i] < 0 || column_of[i] >= columns)
            return bf_error_set(BF_ERR_INPUT,
                                "%s: no column for the circuit's input %s: the table has %lld columns, the circuit %zu inputs",
                                table_name, bf_circuit_input_name(circuit, i), (long long)columns, inputs);
    return BF_OK;
}

static int bond_bin(int32_t bond)
{
    int bin = 0;
    while (bin < BF_ROWS_HISTOGRAM - 1 && ((int32_t)1 << bin) < bond)
        bin++;
    return bin;
}

static void count_row(bf_rows_progress_t *p, int64_t row, const bf_row_report_t *report)
{
    p->done++;
    p->bad += report->state == BF_ROW_BAD;
    p->busy_seconds += report->seconds;
    if (report->seconds > p->slowest_seconds) {
        p->slowest_seconds = report->seconds;
        p->slowest_row = row;
    }
    if (report->state == BF_ROW_BAD)
        return;
    p->fallbacks += report->fallbacks;
    p->sum_eps += report->sum_eps;
    p->worst_eps = fmax(p->worst_eps, report->sum_eps);
    p->worst_distance = fmax(p->worst_distance, report->distance);
    p->bond_histogram[bond_bin(report->max_bond)]++;
}

typedef struct work {
    bf_session_t *session;
    const bf_rows_options_t *o;
    bf_job_t job;
    bf_row_job_t row_job;
    bf_template_t *lowered;
    bf_program_t program; /* the template's, operations in an order of our own */
    size_t tail;          /* first operation of its tail */
    bf_table_t *table;
    bf_features_t *features;
    bf_claim_t claim;
    int64_t *column_of;
    bf_rows_progress_t mine;
    double begin;
    double printed;
    double row_seconds; /* typical, of one row on one worker; 0 until known */
} work_t;

static void show(work_t *w, bool always)
{
    if (!w->o->progress || w->session->rank != 0)
        return;
    const double now = bf_seconds();
    if (!always && now - w->printed < PROGRESS_PERIOD_S)
        return;
    w->printed = now;
    int64_t claimed = w->claim.windowed ? *w->claim.counter : w->claim.alone;
    claimed = claimed < w->job.rows ? claimed : w->job.rows;
    w->o->progress(w->o->progress_arg, &w->mine, claimed, w->job.rows);
}

static int64_t chunk_rows(const work_t *w)
{
    const int64_t workers = bf_session_workers(w->session);
    const int64_t bytes = 8 * (w->job.columns + bf_table_columns(w->table) + (int64_t)bf_circuit_inputs(w->o->circuit) + 1);
    int64_t rows = FIRST_CHUNK_PER_WORKER * workers;
    if (w->row_seconds > 0.0) {
        const double fit = CHUNK_SECONDS * (double)workers / w->row_seconds;
        rows = fit > 1e9 ? (int64_t)1e9 : (int64_t)fit;
    }
    const int64_t most = MAX_CHUNK_BYTES / bytes > 1 ? MAX_CHUNK_BYTES / bytes : 1;
    rows = rows < most ? rows : most;
    return rows > workers ? rows : workers;
}

/* Claim, read and submit the next chunk. @return false when there is none. */
static bf_status_t next_batch(work_t *w, bf_batch_t *batch, bool *more)
{
    int64_t first;
    int64_t count;
    *more = false;
    const int64_t begin = bf_trace_stamp();
    while (!stop_requested && bf_claim_next(&w->claim, chunk_rows(w), &first, &count)) {
        BF_TRY(bf_batch_read(batch, w->table, w->features, w->column_of, bf_circuit_inputs(w->o->circuit), &w->row_job, first,
                             count, w->o->bad_rows));
        w->mine.resumed += count - (int64_t)batch->n;
        if (batch->n == 0)
            continue;
        *more = true;
        bf_trace_phase(BF_PHASE_READ, begin);
        return bf_batch_submit(batch, &w->session->submit, w->row_seconds, bf_session_workers(w->session));
    }
    return BF_OK;
}

static void wait_for(work_t *w, bf_batch_t *batch)
{
    const int64_t begin = bf_trace_stamp();
    while (!bf_batch_ready(batch)) {
        if (w->claim.windowed) { /* one-sided operations of the others need our MPI to make progress */
            int flag;
            MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, w->session->comm, &flag, MPI_STATUS_IGNORE);
        }
        show(w, false);
        usleep(WAIT_US);
    }
    bf_trace_phase(BF_PHASE_WAIT, begin);
}

/* A row whose bonds outgrew the limit: its gates become tasks, so that one row keeps all workers busy. */
static bf_status_t heavy_row(work_t *w, bf_batch_t *batch, size_t i)
{
    const double begin = bf_seconds();
    bf_session_t alone = bf_session_alone(w->session);
    bf_program_t program = *w->row_job.program;
    program.gates2 = aligned_alloc(BF_ALIGN, bf_align_up((program.n_gates2 + 1) * sizeof *program.gates2));
    program.gates1 = malloc((program.n_gates1 + 1) * sizeof *program.gates1);
    bf_program_t body = program; /* without the tail */
    body.n_ops = w->row_job.tail;
    const bf_tail_t tail = {.program = &program, .first = w->row_job.tail};
    bf_state_options_t options = bf_state_options_default();
    options.rule = w->row_job.rule;
    options.precision = w->row_job.precision;
    bf_state_t *state = NULL;
    bf_report_t report;
    double *values = bf_batch_features(batch, i);
    bf_status_t status = program.gates2 && program.gates1 ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (status == BF_OK)
        status = bf_template_bind(w->lowered, bf_batch_inputs(batch, i), program.gates2, program.gates1);
    if (status == BF_OK)
        status = bf_state_create(&alone, program.n, &options, &state);
    if (status == BF_OK)
        status = bf_state_run(state, &body);
    if (status == BF_OK)
        status = bf_state_features_after(state, w->row_job.tail < program.n_ops ? &tail : NULL, w->o->features, w->o->n_features,
                                         values);
    if (status == BF_OK)
        status = bf_state_report(state, &report);
    if (status == BF_OK) {
        bf_feature_scale(w->o->features, w->o->n_features, program.n, w->row_job.scale, values);
        batch->reports[i] = (bf_row_report_t){.sum_eps = report.sum_eps,
                                              .distance = report.distance,
                                              .seconds = bf_seconds() - begin,
                                              .max_bond = (int32_t)report.max_bond,
                                              .state = BF_ROW_DONE,
                                              .fallbacks = (int32_t)report.fallbacks};
    }
    bf_state_destroy(state);
    free(program.gates2);
    free(program.gates1);
    return status;
}

static bf_status_t finish_batch(work_t *w, bf_batch_t *batch)
{
    wait_for(w, batch);
    double seconds = 0.0;
    for (size_t i = 0; i < batch->n; i++) {
        bf_row_report_t *report = &batch->reports[i];
        if (report->state == BF_ROW_HEAVY) {
            w->mine.heavy++;
            BF_TRY(heavy_row(w, batch, i));
        }
        if (report->state == BF_ROW_FAILED)
            return bf_error_set((bf_status_t)report->status, "row %lld: %s", (long long)batch->rows[i] + 1,
                                bf_status_string((bf_status_t)report->status));
        if (report->state == BF_ROW_BAD && w->o->bad_rows == BF_BAD_ROWS_FAIL)
            return bf_error_set(BF_ERR_INPUT, "row %lld: an angle of the circuit is not finite", (long long)batch->rows[i] + 1);
        seconds += report->seconds;
        count_row(&w->mine, batch->rows[i], report);
    }
    w->row_seconds = seconds / (double)batch->n;
    const int64_t begin = bf_trace_stamp();
    const bf_status_t status = bf_batch_write(batch, w->features, w->job.columns);
    bf_trace_phase(BF_PHASE_WRITE, begin);
    return status;
}

static bf_status_t work_through(work_t *w)
{
    bf_batch_t batches[2] = {{0}, {0}};
    bool under_way[2] = {false, false};
    bf_status_t status = BF_OK;
    for (int turn = 0; status == BF_OK; turn ^= 1) {
        if (!under_way[turn])
            status = next_batch(w, &batches[turn], &under_way[turn]);
        if (status == BF_OK && under_way[turn ^ 1]) {
            status = finish_batch(w, &batches[turn ^ 1]);
            under_way[turn ^ 1] = false;
        } else if (!under_way[turn])
            break;
        show(w, false);
    }
    if (status != BF_OK || stop_requested) /* a signal to one rank is meant for the job */
        bf_claim_stop(&w->claim);
    for (int i = 0; i < 2; i++) {
        if (under_way[i])
            wait_for(w, &batches[i]);
        bf_batch_release(&batches[i]);
    }
    return status;
}

static void sum_progress(bf_session_t *session, const bf_rows_progress_t *mine, bf_rows_progress_t *total)
{
    *total = *mine;
    if (session->size == 1)
        return;
    int64_t counts[5 + BF_ROWS_HISTOGRAM] = {mine->done, mine->resumed, mine->bad, mine->heavy, mine->fallbacks};
    memcpy(&counts[5], mine->bond_histogram, sizeof mine->bond_histogram);
    MPI_Allreduce(MPI_IN_PLACE, counts, 5 + BF_ROWS_HISTOGRAM, MPI_INT64_T, MPI_SUM, session->comm);
    total->done = counts[0];
    total->resumed = counts[1];
    total->bad = counts[2];
    total->heavy = counts[3];
    total->fallbacks = counts[4];
    memcpy(total->bond_histogram, &counts[5], sizeof total->bond_histogram);
    double sums[2] = {mine->sum_eps, mine->busy_seconds};
    MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, session->comm);
    total->sum_eps = sums[0];
    total->busy_seconds = sums[1];
    double worst[2] = {mine->worst_eps, mine->worst_distance};
    MPI_Allreduce(MPI_IN_PLACE, worst, 2, MPI_DOUBLE, MPI_MAX, session->comm);
    total->worst_eps = worst[0];
    total->worst_distance = worst[1];
    struct {
        double seconds;
        int rank;
    } slow = {mine->slowest_seconds, session->rank};
    MPI_Allreduce(MPI_IN_PLACE, &slow, 1, MPI_DOUBLE_INT, MPI_MAXLOC, session->comm);
    MPI_Bcast(&total->slowest_row, 1, MPI_INT64_T, slow.rank, session->comm);
    total->slowest_seconds = slow.seconds;
}

/* The template's program with its tail behind, when the features allow one. */
static bf_status_t split_program(work_t *w)
{
    w->program = *bf_template_program(w->lowered);
    const size_t n_ops = w->program.n_ops;
    bf_op_t *ops = malloc((n_ops + 1) * sizeof *ops);
    unsigned char *scratch = malloc((size_t)w->program.n);
    if (ops && scratch) {
        memcpy(ops, w->program.ops, n_ops * sizeof *ops);
        w->tail = bf_tail_suits(w->o->features, w->o->n_features) ? bf_tail_split(ops, n_ops, w->program.n, scratch) : n_ops;
    }
    free(scratch);
    w->program.ops = ops;
    return ops && scratch ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory");
}

/* bf_template_bind() as a row job wants it. */
static bf_status_t bind_row(const void *lowered, const double *inputs, bf_gate2_t *gates2, bf_gate1_t *gates1)
{
    return bf_template_bind(lowered, inputs, gates2, gates1);
}

static bf_status_t open_work(work_t *w, char ***names)
{
    const bf_rows_options_t *o = w->o;
    const size_t inputs = bf_circuit_inputs(o->circuit);
    const bf_site_t n = bf_circuit_qubits(o->circuit);
    w->column_of = calloc(inputs + 1, sizeof *w->column_of);
    if (!w->column_of)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    BF_TRY(bf_rows_bind_columns(o->circuit, o->table_name, w->table, w->column_of));
    BF_TRY(bf_template_create_with(o->circuit, &o->passes, &w->lowered));
    w->job = (bf_job_t){.rows = bf_table_rows(w->table),
                        .table = bf_table_fingerprint(w->table),
                        .circuit = o->circuit_hash,
                        .options = o->identity,
                        .attributes = o->attributes,
                        .with_status = o->bad_rows == BF_BAD_ROWS_SKIP};
    BF_TRY(name_columns(o, w->table, n, &w->job, names));
    BF_TRY(split_program(w));
    w->row_job =
        (bf_row_job_t){.program = &w->program,
                       .tail = w->tail,
                       .binder = w->lowered,
                       .bind = bind_row,
                       .rule = o->rule,
                       .precision = o->precision,
                       .bond_limit = bf_session_workers(w->session) > 1 ? o->bond_limit : 0, /* one worker shares with none */
                       .features = o->features,
                       .n_features = o->n_features,
                       .columns = bf_observables_columns(o->features, o->n_features, n),
                       .scale = o->scale};
    return BF_OK;
}

static void close_work(work_t *w, char **names)
{
    bf_features_close(w->features);
    free(w->lowered ? w->program.ops : NULL);
    bf_template_destroy(w->lowered);
    free(w->column_of);
    free_names(&w->job, names);
}

/* Everything between the opened work and the finished file. */
static bf_status_t run_opened(work_t *w, bool *interrupted)
{
    const bf_rows_options_t *o = w->o;
    bf_session_t *session = w->session;
    BF_TRY(bf_session_agree(session, session->rank == 0 ? bf_features_create(o->out, o->format, &w->job, o->resume) : BF_OK));
    BF_TRY(bf_session_agree(session, bf_features_attach(o->out, o->format, &w->job, &w->features)));
    BF_TRY(bf_session_agree(session, bf_claim_open(session, w->job.rows, &w->claim)));
    bf_status_t status = work_through(w);
    status = bf_session_agree(session, status);
    show(w, true);
    bf_claim_close(&w->claim);
    bf_features_close(w->features);
    w->features = NULL;
    int stopped = stop_requested ? 1 : 0;
    if (session->size > 1)
        MPI_Allreduce(MPI_IN_PLACE, &stopped, 1, MPI_INT, MPI_MAX, session->comm);
    BF_TRY(status);
    bf_rows_progress_t total;
    sum_progress(session, &w->mine, &total);
    *interrupted = stopped && total.done + total.resumed < w->job.rows;
    if (*interrupted)
        return BF_OK;
    return bf_session_agree(session, session->rank == 0 ? bf_features_finish(o->out, o->format, &w->job) : BF_OK);
}

bf_status_t bf_rows_run(bf_session_t *session, const bf_rows_options_t *options, bf_rows_progress_t *total, bool *interrupted)
{
    work_t w = {.session = session, .o = options, .table = options->table, .mine = {.slowest_row = -1}, .begin = bf_seconds()};
    char **names = NULL;
    struct sigaction before[CAUGHT];
    *interrupted = false;
    catch_signals(before);
    bf_status_t status = bf_session_agree(session, open_work(&w, &names));
    if (status == BF_OK)
        status = run_opened(&w, interrupted);
    sum_progress(session, &w.mine, total);
    close_work(&w, names);
    restore_signals(before);
    return status;
}
