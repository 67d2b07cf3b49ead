/* One circuit per row of a table. */
#include "apps/run_circuit.h"
#include "apps/run_trace.h"
#include "apps/xyz.h"
#include "runtime/observe/observe.h"
#include "runtime/rows/rows.h"
#include "runtime/seconds.h"
#include "runtime/session/session.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every option that can change a number, as JSON: a job is resumed only with the same ones. */
static char *identity_json(const bf_xyz_options_t *o)
{
    static const char *const precisions[] = {"double", "single", "auto"};
    const bf_cutoff_t *cut = &o->run.state.rule.cut;
    json_t *root = json_pack("{s:f, s:I, s:I, s:s, s:s, s:s, s:s, s:b, s:s, s:I, s:I, s:I}", "cutoff", cut->cutoff, "max_dim",
                             (json_int_t)cut->max_dim, "min_dim", (json_int_t)cut->min_dim, "precision",
                             precisions[o->run.state.precision], "factor", bf_method_name(o->run.state.rule.method), "operators",
                             o->operators == 1 ? "spin" : "pauli", "observables", o->observables, "classical", (int)o->classical,
                             "bad_rows", o->bad_rows == BF_BAD_ROWS_SKIP ? "skip" : "fail", "seed", (json_int_t)o->run.seed,
                             "passes", (json_int_t)o->run.state.passes.passes, "order", (json_int_t)o->run.state.passes.order);
    char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(root);
    return text;
}

/* The same and what else is worth knowing years later. */
static char *attributes_json(const bf_session_t *session, const bf_xyz_options_t *o, const char *identity, uint64_t circuit_hash,
                             const char *source)
{
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, circuit_hash);
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "bondflow", BONDFLOW_VERSION, "circuit", o->run.circuit, "circuit_hash", hash,
                  "table", o->params, "options", json_loads(identity, 0, NULL), "runtime", bf_session_describe(session));
    if (root) /* refused, and left out, when the file is not UTF-8: the hash is there anyway */
        json_object_set_new(root, "template", json_string(source));
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

typedef struct progress {
    bf_cli_progress_t line;
    double begin;
    int ranks;
} progress_t;

/* `<=16: 119  <=32: 281` */
static void describe_bonds(const bf_rows_progress_t *progress, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < BF_ROWS_HISTOGRAM && used < size; i++)
        if (progress->bond_histogram[i])
            used += (size_t)snprintf(text + used, size - used, "%s<=%d: %" PRId64, used ? "  " : "", 1 << i,
                                     progress->bond_histogram[i]);
}

static void show(void *arg, const bf_rows_progress_t *mine, int64_t claimed, int64_t rows)
{
    progress_t *p = arg;
    const double seconds = bf_seconds() - p->begin;
    /* Other ranks are taken to be where this one is: claimed rows less what is under way. */
    const int64_t fresh = mine->done * p->ranks < claimed ? mine->done * p->ranks : claimed;
    const double rate = seconds > 0.0 ? (double)fresh / seconds : 0.0;
    char bonds[256];
    describe_bonds(mine, bonds, sizeof bonds);
    char text[512];
    snprintf(text, sizeof text, "rows %" PRId64 "/%" PRId64 " claimed  %.1f rows/s  slowest row %" PRId64 " (%.3g s)  bonds %s",
             claimed, rows, rate, mine->slowest_row >= 0 ? mine->slowest_row + 1 : 0, mine->slowest_seconds, bonds);
    const double left = rate > 0.0 ? (double)(rows - claimed) / rate : -1.0;
    bf_cli_show_line(&p->line, text, left, claimed >= rows);
}

/* Append to a text of a fixed size. */
static void add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(char *text, size_t size, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

static void log_summary(const bf_rows_progress_t *total, double seconds, int workers)
{
    char line[512] = "";
    add(line, sizeof line, "%" PRId64 " rows in %.2f s: %.1f rows/s, %.3f ms a row and worker", total->done, seconds,
        (double)total->done / seconds, total->done ? 1e3 * total->busy_seconds / (double)total->done : 0.0);
    if (total->heavy == 0) /* a heavy row overlaps others in time */
        add(line, sizeof line, ", workers busy %.1f %%", 100.0 * total->busy_seconds / (seconds * workers));
    if (total->resumed)
        add(line, sizeof line, "; %" PRId64 " done before", total->resumed);
    if (total->bad)
        add(line, sizeof line, "; %" PRId64 " bad rows skipped", total->bad);
    if (total->heavy)
        add(line, sizeof line, "; %" PRId64 " heavy rows by site tasks", total->heavy);
    bf_log(BF_LOG_INFO, "%s", line);
    bf_log(BF_LOG_INFO,
           "error: largest sum of eps of a row %.3e (estimate of 1-F), largest sum sqrt(eps) %.3e (bound of ||psi error||); "
           "slowest row %" PRId64 " (%.3g s)%s",
           total->worst_eps, total->worst_distance, total->slowest_row + 1, total->slowest_seconds,
           total->fallbacks ? "; factorisations fell back" : "");
    describe_bonds(total, line, sizeof line);
    bf_log(BF_LOG_INFO, "largest bond of a row:  %s", line);
}

static bf_status_t write_summary(const bf_xyz_options_t *o, const bf_session_t *session, const char *attributes,
                                 const bf_rows_progress_t *total, double seconds)
{
    bf_output_t *output = NULL;
    BF_TRY(bf_output_open(o->run.summary, &output));
    json_t *histogram = json_object();
    for (int i = 0; i < BF_ROWS_HISTOGRAM; i++)
        if (total->bond_histogram[i]) {
            char name[16];
            snprintf(name, sizeof name, "<=%d", 1 << i);
            json_object_set_new(histogram, name, json_integer(total->bond_histogram[i]));
        }
    json_t *root =
        json_pack("{s:o, s:i, s:i, s:{s:I, s:I, s:I, s:I, s:I, s:f}, s:{s:f, s:f, s:f, s:I}, s:o, s:{s:f, s:f}}", "job",
                  json_loads(attributes, 0, NULL), "ranks", bf_session_size(session), "workers_per_rank",
                  bf_session_workers(session), "rows", "done", (json_int_t)total->done, "resumed", (json_int_t)total->resumed,
                  "bad", (json_int_t)total->bad, "heavy", (json_int_t)total->heavy, "slowest", (json_int_t)total->slowest_row + 1,
                  "slowest_seconds", total->slowest_seconds, "error", "worst_sum_eps", total->worst_eps, "worst_distance_bound",
                  total->worst_distance, "sum_eps", total->sum_eps, "fallbacks", (json_int_t)total->fallbacks, "largest_bonds",
                  histogram, "seconds", "total", seconds, "busy", total->busy_seconds);
    FILE *stream = bf_output_stream(output);
    const bool written = root && json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) == 0;
    fputc('\n', stream);
    json_decref(root);
    if (written)
        return bf_output_commit(output);
    bf_output_abandon(output);
    return bf_error_set(BF_ERR_IO, "%s: the summary could not be written", o->run.summary);
}

static bf_status_t run(bf_session_t *session, const bf_xyz_options_t *o, bf_rows_options_t *job, double begin)
{
    const bool speaker = bf_session_rank(session) == 0;
    progress_t progress = {.line = bf_cli_progress(&o->run.log), .begin = bf_seconds(), .ranks = bf_session_size(session)};
    job->progress = progress.line.on ? show : NULL;
    job->progress_arg = &progress;
    bf_rows_progress_t total;
    bool interrupted = false;
    const bf_status_t status = bf_rows_run(session, job, &total, &interrupted);
    bf_cli_end_progress(&progress.line);
    BF_TRY(status);
    const double seconds = bf_seconds() - begin;
    log_summary(&total, bf_seconds() - progress.begin, bf_session_workers(session) * bf_session_size(session));
    if (interrupted && speaker)
        bf_log(BF_LOG_ERROR, "interrupted after %" PRId64 " rows; resume with the same command and --resume",
               total.done + total.resumed);
    if (o->run.summary)
        BF_TRY(bf_session_agree(session, speaker ? write_summary(o, session, job->attributes, &total, seconds) : BF_OK));
    return BF_OK;
}

bf_status_t bf_xyz_rows(bf_session_t *session, const bf_xyz_options_t *o, double begin)
{
    bf_circuit_t *circuit = NULL;
    bf_feature_t *features = NULL;
    bf_table_t *table = NULL;
    size_t n_features = 0;
    uint64_t hash = 0;
    char *source = NULL;
    char *identity = NULL;
    char *attributes = NULL;
    bf_trace_t *trace = NULL;
    bf_status_t status =
        o->run.ledger ? bf_error_set(BF_ERR_INPUT, "--ledger: not with --params; there is one ledger a circuit") : BF_OK;
    if (status == BF_OK)
        status = bf_circuit_read(session, o->run.circuit, (bf_site_t)o->run.sites, &circuit, &hash, &source);
    if (status == BF_OK) {
        bf_run_show_notes(circuit);
        if (bf_circuit_is_dynamic(circuit))
            status =
                bf_error_set(BF_ERR_INPUT,
                             "%s measures or resets qubits on the way: rows of a table (--params) need a circuit that does not; "
                             "give its inputs values with --set",
                             o->run.circuit);
    }
    if (status == BF_OK) {
        status = bf_observables_parse(o->observables, bf_circuit_qubits(circuit), &features, &n_features);
    }
    if (status == BF_OK)
        status = bf_session_agree(session, bf_table_open(o->params, &table));
    if (status == BF_OK)
        status = bf_run_trace_open(session, &o->run, &trace);
    if (status == BF_OK)
        status = bf_session_start_apart(session);
    if (status == BF_OK)
        status = bf_run_trace_begin(trace, "circuit_xyz_exp", &o->run, bf_circuit_qubits(circuit));
    if (status == BF_OK) {
        bf_log_session(session);
        identity = identity_json(o);
        attributes = identity ? attributes_json(session, o, identity, hash, source) : NULL;
        status = bf_session_agree(session, attributes ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory"));
    }
    if (status == BF_OK) {
        bf_rows_options_t job = {.circuit = circuit,
                                 .table_name = o->params,
                                 .table = table,
                                 .out = o->out,
                                 .format = o->format,
                                 .features = features,
                                 .n_features = n_features,
                                 .rule = o->run.state.rule,
                                 .precision = o->run.state.precision,
                                 .passes = o->run.state.passes,
                                 .scale = o->operators == 1 ? 0.5 : 1.0,
                                 .bad_rows = o->bad_rows,
                                 .classical = o->classical,
                                 .resume = o->resume,
                                 .circuit_hash = hash,
                                 .identity = identity,
                                 .attributes = attributes,
                                 .bond_limit = o->heavy_bond};
        status = run(session, o, &job, begin);
    }
    bf_run_trace_end(trace, &o->run, status);
    free(source);
    free(identity);
    free(attributes);
    free(features);
    bf_table_close(table);
    bf_circuit_destroy(circuit);
    return status;
}
