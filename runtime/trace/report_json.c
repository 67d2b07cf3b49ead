/* The analysis for programs. */
#include "runtime/trace/report.h"

#include <jansson.h>

#define SECONDS(ns) (1e-9 * (double)(ns))

static double per_task(const bf_analysis_t *a, int64_t ns)
{
    return a->timeline->n_tasks > 0 ? 1e-3 * (double)ns / (double)a->timeline->n_tasks : 0.0;
}

static json_t *idle_json(const bf_analysis_t *a)
{
    json_t *idle = json_pack("{s:f}", "share", bf_analysis_idle_share(a));
    for (int k = 0; k < BF_IDLE_COUNT; k++)
        json_object_set_new(idle, bf_idle_name((bf_idle_t)k), json_real(SECONDS(a->idle[k])));
    return idle;
}

static json_t *kinds_json(const bf_analysis_t *a)
{
    json_t *kinds = json_array();
    for (int k = 0; k < a->timeline->n_kinds; k++) {
        const bf_kind_sum_t *sum = &a->kinds[k];
        json_array_append_new(kinds, json_pack("{s:s, s:I, s:f, s:f}", "name", a->timeline->kinds[k].name, "tasks",
                                               (json_int_t)sum->tasks, "seconds", SECONDS(sum->ns), "gflops",
                                               sum->ns > 0 ? sum->flops / (double)sum->ns : 0.0));
    }
    return kinds;
}

static json_t *ranks_json(const bf_analysis_t *a)
{
    json_t *ranks = json_array();
    for (int r = 0; r < a->timeline->ranks; r++) {
        const bf_rank_info_t *info = &a->timeline->rank[r];
        const double total = (double)(a->end - a->begin) * (double)info->workers;
        json_array_append_new(
            ranks, json_pack("{s:i, s:s, s:i, s:I, s:f, s:f, s:f, s:f, s:b}", "rank", r, "host", info->host, "workers",
                             info->workers, "tasks", (json_int_t)a->ranks[r].tasks, "busy_seconds", SECONDS(a->ranks[r].busy),
                             "idle_share", total > 0.0 ? 1.0 - (double)a->ranks[r].busy / total : 0.0, "clock_uncertainty_us",
                             1e-3 * (double)info->uncertainty_ns, "clock_drift", info->drift, "complete", (int)info->complete));
    }
    return ranks;
}

static json_t *heavy_json(const bf_analysis_t *a)
{
    json_t *heavy = json_array();
    for (int i = 0; i < a->n_heavy; i++) {
        const bf_heavy_gate_t *gate = &a->heavy[i];
        json_array_append_new(heavy, json_pack("{s:i, s:[i,i], s:I, s:I, s:f}", "line", gate->line, "sites", gate->site,
                                               gate->site + 1, "bond_before", (json_int_t)gate->chi_before, "bond_after",
                                               (json_int_t)gate->chi_after, "ms", 1e-6 * (double)gate->ns));
    }
    return heavy;
}

static json_t *matrix_json(const bf_analysis_t *a)
{
    const int ranks = a->timeline->ranks;
    json_t *rows = json_array();
    for (int from = 0; from < ranks; from++) {
        json_t *row = json_array();
        for (int to = 0; to < ranks; to++)
            json_array_append_new(row, json_integer((json_int_t)a->matrix_bytes[from * ranks + to]));
        json_array_append_new(rows, row);
    }
    return rows;
}

bf_status_t bf_report_json(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:o*, s:i, s:i, s:f, s:f, s:f, s:I, s:{s:f, s:f}, s:I, s:I, s:o, s:{s:f, s:f, s:f}}",
                  "program", t->program, "circuit", t->circuit, "runtime", t->runtime, "bondflow", t->version, "options",
                  json_loads(t->options, 0, NULL), "ranks", t->ranks, "workers", t->workers, "seconds",
                  SECONDS(a->end - a->begin), "work_seconds", SECONDS(a->work), "critical_path_seconds", SECONDS(a->critical),
                  "critical_path_tasks", (json_int_t)a->critical_tasks, "speedup", "achieved", bf_analysis_speedup(a), "possible",
                  bf_analysis_possible(a), "tasks", (json_int_t)t->n_tasks, "gates", (json_int_t)t->n_gates, "idle", idle_json(a),
                  "overhead", "submit_us_per_task", per_task(a, a->submit_ns), "schedule_us_per_task",
                  per_task(a, a->idle[BF_IDLE_SCHEDULING]), "mean_task_us", per_task(a, a->work));
    if (!root)
        return bf_error_set(BF_ERR_NOMEM, "out of memory, or a name that is not UTF-8");
    json_object_set_new(root, "kinds", kinds_json(a));
    json_object_set_new(root, "by_rank", ranks_json(a));
    json_object_set_new(root, "critical_gates", heavy_json(a));
    json_object_set_new(root, "messages",
                        json_pack("{s:I, s:I, s:f, s:I, s:o}", "count", (json_int_t)t->n_messages, "bytes", (json_int_t)a->bytes,
                                  "seconds", SECONDS(a->transfer_ns), "unmatched", (json_int_t)t->unmatched, "matrix_bytes",
                                  matrix_json(a)));
    json_object_set_new(root, "prediction",
                        json_pack("{s:f, s:f, s:[f,f,f]}", "predicted_seconds", 1e-6 * a->predicted_us, "measured_seconds",
                                  1e-6 * a->measured_us, "ratio_deciles_1_5_9", a->ratio[0], a->ratio[1], a->ratio[2]));
    json_object_set_new(root, "largest_bond", json_integer((json_int_t)a->heat.max));
    json_object_set_new(root, "layers", json_integer(a->heat.layers));
    json_object_set_new(root, "complete", json_boolean(t->complete));
    json_object_set_new(root, "dropped", json_integer((json_int_t)t->dropped));
    json_object_set_new(root, "tasks_not_run", json_integer((json_int_t)t->not_run));
    const int code = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    fputc('\n', out);
    json_decref(root);
    return code == 0 ? BF_OK : bf_error_set(BF_ERR_IO, "the analysis could not be written");
}
