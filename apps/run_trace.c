/* --trace of every program that runs a circuit. */
#include "apps/run_trace.h"

#include "apps/log.h"

#include <jansson.h>
#include <stdlib.h>

bf_status_t bf_run_trace_open(bf_session_t *session, const bf_run_options_t *o, bf_trace_t **trace)
{
    *trace = NULL;
    return o->trace ? bf_trace_open(session, o->trace, trace) : BF_OK;
}

static char *options_json(const bf_run_options_t *o)
{
    static const char *const precisions[] = {"double", "single", "auto"};
    const bf_cutoff_t *cut = &o->state.rule.cut;
    json_t *root = json_pack("{s:f, s:I, s:I, s:s, s:s, s:f, s:i, s:I}", "cutoff", cut->cutoff, "max_dim",
                             (json_int_t)cut->max_dim, "min_dim", (json_int_t)cut->min_dim, "precision",
                             precisions[o->state.precision], "factor", bf_method_name(o->state.rule.method), "grain_us",
                             o->state.grain_us, "window", o->state.window, "seed", (json_int_t)o->seed);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

bf_status_t bf_run_trace_begin(bf_trace_t *trace, const char *program, const bf_run_options_t *o, bf_site_t sites)
{
    if (!trace)
        return BF_OK;
    char *options = options_json(o);
    const bf_trace_about_t about = {
        .program = program, .circuit = o->circuit, .options = options ? options : "{}", .sites = sites};
    const bf_status_t status = bf_trace_begin(trace, &about);
    free(options);
    return status;
}

void bf_run_trace_end(bf_trace_t *trace, const bf_run_options_t *o, bf_status_t status)
{
    if (!trace)
        return;
    const size_t lost = bf_trace_close(trace, status != BF_OK);
    if (lost > 0)
        bf_log(BF_LOG_WARNING, "the trace lacks %zu records: there was no room on the disk for them", lost);
    if (status == BF_OK)
        bf_log(BF_LOG_INFO, "trace: %s; see trace_report %s", o->trace, o->trace);
}
