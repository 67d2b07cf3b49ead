/* The closing summary of a run. */
#include "apps/summary.h"

#include "apps/hindsight.h"

#include "apps/log.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *precision_name(bf_precision_t precision)
{
    static const char *const names[] = {"double", "single", "auto"};
    return names[precision];
}

static void list_methods(const bf_report_t *report, char *text, size_t size)
{
    text[0] = '\0';
    for (int m = 0; m < BF_METHOD_COUNT; m++)
        if (report->methods[m]) {
            const size_t used = strlen(text);
            snprintf(text + used, size - used, "%s%s %zu", used ? ", " : "", bf_method_name((bf_method_t)m), report->methods[m]);
        }
}

static void log_sampling(const bf_sampling_t *d)
{
    char distinct[64] = "";
    if (d->distinct > 0)
        snprintf(distinct, sizeof distinct, ", %zu different", d->distinct);
    bf_log(BF_LOG_INFO, "%" PRIu64 " shots of %zu bits%s, in %.3f s: %.3g shots/s", d->shots, d->bits, distinct, d->seconds_shots,
           (double)d->shots / d->seconds_shots);
}

/* The register as a string, its bit 0 last; - for what was not measured. */
static char *register_text(const bf_outcomes_t *o, const bf_bit_register_t *reg)
{
    char *text = malloc(reg->size + 1);
    for (size_t i = 0; i < reg->size && text; i++)
        text[reg->size - 1 - i] = "01-"[o->bits[reg->first + i]];
    if (text)
        text[reg->size] = '\0';
    return text;
}

static void log_outcomes(const bf_outcomes_t *o)
{
    enum { SHOWN = 64 };
    char line[1024] = "";
    size_t used = 0, count = 0;
    const bf_bit_register_t *registers = bf_circuit_bit_registers(o->circuit, &count);
    if (!o->bits) {
        bf_log(BF_LOG_INFO, "means over %" PRIu64 " trajectories, shots %" PRIu64 " to %" PRIu64, o->trajectories, o->first_shot,
               o->first_shot + o->trajectories - 1);
        return;
    }
    for (size_t r = 0; r < count && used + 200 < sizeof line; r++) {
        char *text = register_text(o, &registers[r]);
        const bool whole = registers[r].size <= SHOWN;
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%.60s = %s%s", r ? ", " : "", registers[r].name,
                                 whole ? "" : "...", text ? text + (whole ? 0 : registers[r].size - SHOWN) : "?");
        free(text);
    }
    bf_log(BF_LOG_INFO, "shot %" PRIu64 ": %s", o->first_shot, count ? line : "no bits");
}

void bf_summary_log(const bf_summary_t *s)
{
    const bf_report_t *r = &s->report;
    char methods[256];
    list_methods(r, methods, sizeof methods);
    char sectors[100] = "";
    if (r->divided > 0)
        snprintf(sectors, sizeof sectors, "; %zu updates by sectors, up to %lld", r->divided, (long long)r->max_sectors);
    bf_log(BF_LOG_INFO, "%d qubits, %zu gates -> %zu two-site updates; largest bond %lld%s", (int)s->qubits, s->gates, r->updates,
           (long long)r->max_bond, sectors);
    bf_log(BF_LOG_INFO,
           "error: sum of eps %.3e (estimate of 1-F), prod(1-eps) %.12g (estimate of F), sum sqrt(eps) %.3e (bound of ||psi "
           "error||)",
           r->sum_eps, r->fidelity, r->distance);
    bf_log(BF_LOG_INFO,
           "time: start %.3f s, evolve %.3f s, measure %.3f s, total %.3f s; %zu tasks on this rank; factorisations: %s%s",
           s->seconds_start + r->seconds_start, r->seconds_evolve, r->seconds_measure, s->seconds_total, r->tasks,
           methods[0] ? methods : "none", r->fallbacks ? " (with fallbacks)" : "");
    if (s->sampling && s->sampling->shots > 0)
        log_sampling(s->sampling);
    if (s->outcomes)
        log_outcomes(s->outcomes);
    bf_log(BF_LOG_INFO, "state %016" PRIx64, s->hash);
}

static json_t *options_json(const bf_summary_t *s)
{
    const bf_cutoff_t *cut = &s->options->rule.cut;
    return json_pack("{s:f, s:I, s:I, s:s, s:s, s:s*, s:I}", "cutoff", cut->cutoff, "max_dim", (json_int_t)cut->max_dim,
                     "min_dim", (json_int_t)cut->min_dim, "precision", precision_name(s->options->precision), "factor",
                     bf_method_name(s->options->rule.method), "operators", s->operators, "seed", (json_int_t)s->seed);
}

static json_t *error_json(const bf_report_t *r)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "sum_eps", r->sum_eps, "fidelity_estimate", r->fidelity, "distance_bound",
                     r->distance, "max_eps", r->max_eps, "norm", r->norm);
}

static json_t *methods_json(const bf_report_t *r)
{
    json_t *methods = json_object();
    for (int m = 0; m < BF_METHOD_COUNT; m++)
        if (r->methods[m])
            json_object_set_new(methods, bf_method_name((bf_method_t)m), json_integer((json_int_t)r->methods[m]));
    json_object_set_new(methods, "fallbacks", json_integer((json_int_t)r->fallbacks));
    return methods;
}

static json_t *bonds_json(const bf_summary_t *s)
{
    json_t *bonds = json_array();
    for (bf_site_t b = 0; b + 1 < s->qubits; b++)
        json_array_append_new(bonds, json_integer((json_int_t)s->bonds[b]));
    return bonds;
}

/* How much of their time the workers had a task; unknown when the calling thread did everything alone. */
static json_t *workers_json(const bf_summary_t *s)
{
    const bf_report_t *r = &s->report;
    const double all =
        (r->seconds_evolve + r->seconds_measure) * bf_session_workers(s->session) * (double)bf_session_size(s->session);
    const bool tasks = r->tasks > 0 && all > 0.0;
    return json_pack("{s:f, s:o}", "busy_seconds", r->seconds_busy, "idle_share",
                     tasks ? json_real(1.0 - r->seconds_busy / all) : json_null());
}

static json_t *sampling_json(const bf_sampling_t *d)
{
    return json_pack("{s:I, s:I, s:I, s:f}", "shots", (json_int_t)d->shots, "bits", (json_int_t)d->bits, "distinct",
                     (json_int_t)d->distinct, "seconds", d->seconds_shots);
}

static json_t *bits_json(const bf_outcomes_t *o)
{
    size_t count = 0;
    json_t *bits = json_object();
    const bf_bit_register_t *registers = bf_circuit_bit_registers(o->circuit, &count);
    for (size_t r = 0; r < count; r++) {
        char *text = register_text(o, &registers[r]);
        json_object_set_new(bits, registers[r].name, json_string(text ? text : ""));
        free(text);
    }
    return bits;
}

static json_t *errors_json(const bf_outcomes_t *o)
{
    json_t *errors = json_object();
    for (size_t c = 0; c < o->columns; c++) {
        json_t *column = json_array();
        for (bf_site_t q = 0; q < o->qubits; q++) {
            const double error = o->errors[(size_t)q * o->columns + c];
            json_array_append_new(column, isfinite(error) ? json_real(error) : json_null());
        }
        json_object_set_new(errors, o->names[c], column);
    }
    return errors;
}

static json_t *outcomes_json(const bf_outcomes_t *o)
{
    return json_pack("{s:I, s:I, s:o*, s:o*}", "first_shot", (json_int_t)o->first_shot, "count", (json_int_t)o->trajectories,
                     "bits", o->bits ? bits_json(o) : NULL, "standard_error", o->errors ? errors_json(o) : NULL);
}

bf_status_t bf_summary_write(FILE *stream, const bf_summary_t *s)
{
    const bf_report_t *r = &s->report;
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, s->hash);
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:{s:i, s:I, s:I, s:I}, s:o, s:o, s:I, s:{s:I, s:I}, s:o, s:{s:f, s:f, s:f, s:f}, "
        "s:o, "
        "s:s}",
        "program", s->program, "version", BONDFLOW_VERSION, "circuit", s->circuit, "runtime", bf_session_describe(s->session),
        "ranks", bf_session_size(s->session), "workers_per_rank", bf_session_workers(s->session), "options", options_json(s),
        "plan", "qubits", (int)s->qubits, "gates", (json_int_t)s->gates, "updates", (json_int_t)r->updates, "tasks_rank0",
        (json_int_t)r->tasks, "error", error_json(r), "methods", methods_json(r), "largest_bond", (json_int_t)r->max_bond,
        "sectors", "updates", (json_int_t)r->divided, "largest", (json_int_t)r->max_sectors, "bond_dimensions", bonds_json(s),
        "seconds", "start", s->seconds_start + r->seconds_start, "evolve", r->seconds_evolve, "measure", r->seconds_measure,
        "total", s->seconds_total, "workers", workers_json(s), "state_hash", hash);
    if (root && s->sampling)
        json_object_set_new(root, "sampling", sampling_json(s->sampling));
    if (root && s->hindsight)
        json_object_set_new(root, "prediction", bf_hindsight_json(s->hindsight, s));
    if (root && s->outcomes)
        json_object_set_new(root, "trajectories", outcomes_json(s->outcomes));
    if (!root)
        return bf_error_set(BF_ERR_NOMEM, "the summary could not be built");
    const int code = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    fputc('\n', stream);
    json_decref(root);
    return code == 0 ? BF_OK : bf_error_set(BF_ERR_IO, "the summary could not be written");
}
