/* The plan for programs. docs/plan.md describes every member. */
#include "apps/plan.h"

#include <jansson.h>
#include <string.h>

static json_t *number(size_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *bonds_json(const bf_dim_t *bonds, bf_site_t count)
{
    json_t *list = json_array();
    for (bf_site_t b = 0; b < count; b++)
        json_array_append_new(list, json_integer(bonds[b]));
    return list;
}

/* An operation, from 1, with its line and sites; null for none. */
static json_t *operation_json(const bf_plan_t *p, size_t op)
{
    if (op == SIZE_MAX || op >= p->program.n_ops)
        return json_null();
    const bf_op_t *o = &p->program.ops[op];
    return json_pack("{s:I, s:i, s:i}", "operation", (json_int_t)op + 1, "line", (int)o->line, "site", (int)o->site);
}

static json_t *prediction_json(const bf_plan_t *p, const bf_prediction_t *q)
{
    static const char *const limits[BF_LIMIT_COUNT] = {
        [BF_LIMIT_WORK] = "work",        [BF_LIMIT_WIDTH] = "width",     [BF_LIMIT_BOND] = "bond",  [BF_LIMIT_TASKS] = "tasks",
        [BF_LIMIT_MESSAGE] = "messages", [BF_LIMIT_MEASURE] = "measure", [BF_LIMIT_START] = "start"};
    const bf_site_t n = p->program.n;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:f, s:f, s:{s:o, s:f}, s:i, s:{s:i, s:f}, s:o, s:{s:f, s:f, s:f, s:f, s:f, s:o}, s:s,"
        " s:{s:o, s:o, s:o, s:o, s:o}}",
        "largest_bond", json_integer(q->largest_bond), "bonds_largest", bonds_json(q->peaks, n - 1), "bonds_final",
        bonds_json(q->bonds, n - 1), "beyond_max_dim", operation_json(p, q->first_beyond), "tasks", number(q->tasks), "flops",
        q->flops, "kernel_seconds", q->kernel_seconds, "longest_chain", "operations", number(q->levels.critical_ops), "seconds",
        1e-6 * q->levels.critical_us, "useful_workers", bf_useful_workers(q), "heaviest_bond", "site", (int)q->heavy_bond,
        "seconds", q->heavy_seconds, "largest_tensor_bytes", number(q->largest_bytes), "seconds", "start", q->start_seconds,
        "evolve", q->evolve_seconds, "measure", q->measure_seconds, "total", q->total_seconds, "row", q->row_seconds, "job",
        p->rows > 0 ? json_real(bf_rows_seconds(q, p->rows, p->ranks, p->workers)) : json_null(), "limit", limits[q->limit],
        "memory_bytes", "rank", number(p->rows > 0 ? bf_rows_bytes(q, p->workers) : q->rank_bytes), "state",
        number(q->state_bytes), "whole_state", number(q->whole_state_bytes), "workspace", number(q->workspace_bytes), "measure",
        number(q->measure_bytes));
}

static json_t *layers_json(const bf_plan_t *p)
{
    const bf_levels_t *levels = &p->bound.levels;
    const size_t n = levels->n_layers;
    json_t *widths = json_array();
    for (size_t l = 0; l < n; l++)
        json_array_append_new(widths, json_integer(levels->width[l]));
    return json_pack("{s:o, s:i, s:i, s:i, s:o}", "count", number(n), "narrowest", n ? (int)levels->sorted_width[0] : 0, "median",
                     n ? (int)levels->sorted_width[n / 2] : 0, "widest", n ? (int)levels->sorted_width[n - 1] : 0, "widths",
                     widths);
}

static json_t *circuit_json(const bf_plan_t *p)
{
    json_t *name = json_string(p->o->xyz.run.circuit); /* NULL when it is not UTF-8 */
    return json_pack("{s:o, s:i, s:o, s:o}", "file", name ? name : json_null(), "qubits", (int)p->program.n, "gates",
                     number(bf_circuit_gates(p->circuit)), "inputs", number(bf_circuit_inputs(p->circuit)));
}

static json_t *passes_json(const bf_plan_t *p)
{
    json_t *rows = json_array();
    for (size_t r = 0; r < p->passes.n; r++)
        json_array_append_new(rows, json_pack("{s:s, s:b, s:o, s:o}", "name", p->passes.rows[r].name, "on",
                                              (int)p->passes.rows[r].on, "one_qubit", number(p->passes.rows[r].ops1), "two_qubit",
                                              number(p->passes.rows[r].ops2)));
    return rows;
}

static json_t *operations_json(const bf_plan_t *p)
{
    const bf_census_t *c = &p->census;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}}", "two_site", number(p->program.n_updates), "routing_swaps",
                     number(c->swaps), "one_site", number(c->one_site), "measured", number(c->measured), "matrices",
                     number(p->program.n_gates2 + p->program.n_gates1), "schmidt_ranks", "1", number(c->ranks[1]), "2",
                     number(c->ranks[2]), "4", number(c->ranks[4]));
}

static json_t *launch_json(const bf_plan_t *p)
{
    const bf_cutoff_t *cut = &p->o->xyz.run.state.rule.cut;
    return json_pack("{s:i, s:i, s:I, s:I, s:f}", "ranks", p->ranks, "workers", p->workers, "rows", (json_int_t)p->rows,
                     "max_dim", (json_int_t)cut->max_dim, "cutoff", cut->cutoff);
}

static json_t *probe_json(const bf_plan_t *p)
{
    const bf_probe_t *probe = &p->probe;
    if (!bf_plan_probed(p))
        return json_null();
    return json_pack("{s:o, s:b, s:f, s:I, s:f, s:o, s:o}", "operations", number(probe->n_done), "complete", (int)probe->complete,
                     "seconds", probe->seconds, "largest_bond", (json_int_t)probe->largest_bond, "sum_eps", probe->sum_eps,
                     "first_cut", operation_json(p, probe->first_cut), "prediction", prediction_json(p, &p->probed));
}

static json_t *advice_json(const bf_plan_t *p)
{
    const bf_advice_t *a = &p->advice;
    char line[4096];
    bf_plan_launch_line(p, line, sizeof line);
    json_t *command = json_string(line);
    return json_pack("{s:s, s:i, s:i, s:f, s:o, s:b, s:I, s:o}", "split", a->rows ? "rows" : "sites", "ranks", a->ranks,
                     "workers", a->workers, "seconds", a->seconds, "memory_bytes", number(a->machine_bytes), "fits", (int)a->fits,
                     "fitting_max_dim", (json_int_t)a->fitting_max_dim, "command", command ? command : json_null());
}

static json_t *machine_json(const bf_plan_t *p)
{
    static const char *const sources[] = {
        [BF_RATES_BUILT_IN] = "built-in", [BF_RATES_CACHED] = "cached", [BF_RATES_MEASURED] = "measured"};
    json_t *name = json_string(p->rates.machine);
    return json_pack("{s:i, s:i, s:o, s:o, s:s}", "cores", p->machine.cores, "workers_per_process", p->machine.process_workers,
                     "memory_bytes", number(p->machine.memory_bytes), "rates_of", name ? name : json_null(), "rates",
                     sources[p->rates.source]);
}

static json_t *cone_json(const bf_plan_t *p)
{
    if (!p->o->observe)
        return json_null();
    size_t sites = 0;
    for (bf_site_t s = 0; s < p->program.n; s++)
        sites += p->reached[s];
    return json_pack("{s:s, s:o, s:o}", "qubits", p->o->observe, "operations", number(p->n_cone), "sites", number(sites));
}

bf_status_t bf_plan_write_json(const bf_plan_t *p, const char *path)
{
    json_t *root =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "program", "circuit_plan", "version",
                  BONDFLOW_VERSION, "circuit", circuit_json(p), "passes", passes_json(p), "operations", operations_json(p),
                  "layers", layers_json(p), "light_cone", cone_json(p), "launch", launch_json(p), "machine", machine_json(p),
                  "bound", prediction_json(p, &p->bound), "probe", probe_json(p), "advice", advice_json(p));
    if (!root)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: the plan as JSON");
    bf_output_t *output = NULL;
    bf_status_t status = bf_output_open(path, &output);
    if (status == BF_OK) {
        FILE *stream = bf_output_stream(output);
        const bool written = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0 && fputc('\n', stream) != EOF;
        status = written ? bf_output_commit(output) : bf_error_set(BF_ERR_IO, "%s: the plan could not be written", path);
        if (!written)
            bf_output_abandon(output);
    }
    json_decref(root);
    return status;
}
