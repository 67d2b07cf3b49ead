/* The page: figures with a few words beside each, for readers who have never seen a task scheduler. Self-contained, light and
 * dark. */
#include "runtime/trace/svg.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2330;--soft:#5b6575;--line:#dde2ea;--accent:#2a6fb5;"
    "--busy:#3070b0;--good:#2e9e6b;--warn:#c8553d}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#12161d;--card:#1b212b;--ink:#e6eaf1;--soft:#9aa5b6;--line:#2e3746;"
    "--accent:#6fb1f0;--busy:#4a8fd4;--good:#4cc38a;--warn:#ef8264}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,sans-serif}\n"
    "main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:0 0 "
    "6px}\n"
    ".sub{color:var(--soft);margin:0 0 18px;overflow-wrap:anywhere}\n"
    "section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 22px;margin:16px 0}\n"
    "section>p{color:var(--soft);margin:0 0 14px;max-width:78ch}p b,li b{color:var(--ink)}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:12px;margin:16px 0}\n"
    ".tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}\n"
    ".tile b{display:block;font-size:24px;line-height:1.3}.tile span{color:var(--soft);font-size:14px}\n"
    ".say{border-left:5px solid var(--accent);font-size:17px}.bad{border-left:5px solid var(--warn)}\n"
    ".say p,.bad p{margin:0;color:var(--ink)}\n"
    "svg{display:block;width:100%;height:auto;overflow:visible}\n"
    ".lab{font:12.5px system-ui,sans-serif;fill:var(--soft)}.val{font:600 14px system-ui,sans-serif;fill:var(--ink)}\n"
    ".in{font:600 12.5px system-ui,sans-serif;fill:#fff;paint-order:stroke;stroke:#0008;stroke-width:2px}\n"
    ".tick{stroke:var(--soft);fill:none}.crit{fill:var(--warn)}.b1{fill:var(--busy)}.b2{fill:var(--good)}.b3{fill:var(--line)}\n"
    ".mark{stroke:var(--warn);stroke-width:2;stroke-dasharray:5 4}.marktext{font:12.5px system-ui,sans-serif;fill:var(--warn)}\n"
    ".cell{fill:var(--accent);fill-opacity:calc(.05 + .75*var(--o))}\n"
    "ul.key{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:0;margin:12px 0 "
    "0;color:var(--soft);font-size:14px}\n"
    "ul.key i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:7px;vertical-align:-1px}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:15px;margin-top:8px}\n"
    "th{color:var(--soft);font-weight:500;text-align:right;border-bottom:1px solid var(--line);padding:5px 10px}\n"
    "td{text-align:right;padding:5px 10px;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}\n"
    "th.l,td.l{text-align:left}td i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px;"
    "vertical-align:-1px}\n"
    "footer{color:var(--soft);font-size:14px}\n";

static double percent(double part, double whole)
{
    return whole > 0.0 ? 100.0 * part / whole : 0.0;
}

static double workers_ns(const bf_analysis_t *a)
{
    return (double)(a->end - a->begin) * (double)a->timeline->workers;
}

static void tile(FILE *out, const char *value, const char *name)
{
    fprintf(out, "<div class=\"tile\"><b>%s</b><span>%s</span></div>\n", value, name);
}

static void write_head(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\">\n<title>Trace of ",
          out);
    bf_svg_text(out, t->circuit);
    fprintf(out, "</title>\n<style>\n%s</style></head>\n<body><main>\n<h1>What the run spent its time on</h1>\n<p class=\"sub\">",
            style);
    bf_svg_text(out, t->program);
    fputs(" &nbsp;·&nbsp; ", out);
    bf_svg_text(out, t->circuit);
    fprintf(out, " &nbsp;·&nbsp; %d sites &nbsp;·&nbsp; %d rank%s, %d worker%s</p>\n", t->sites, t->ranks,
            t->ranks == 1 ? "" : "s", t->workers, t->workers == 1 ? "" : "s");
}

static void write_tiles(FILE *out, const bf_analysis_t *a)
{
    char text[64];
    char unit[32];
    fputs("<div class=\"tiles\">\n", out);
    tile(out, bf_report_time((double)(a->end - a->begin), unit), "from the first task to the last");
    snprintf(text, sizeof text, "%.0f %%", percent((double)a->busy, workers_ns(a)));
    tile(out, text, "of the workers' time busy");
    snprintf(text, sizeof text, "%.2f", bf_analysis_speedup(a));
    tile(out, text, "speed-up over one worker");
    snprintf(text, sizeof text, "%.2f", bf_analysis_possible(a));
    tile(out, text, "speed-up possible");
    tile(out, bf_report_time((double)a->critical, unit), "critical path");
    snprintf(text, sizeof text, "%zu", a->timeline->n_tasks);
    tile(out, text, "tasks");
    if (a->heat.max > 0) {
        snprintf(text, sizeof text, "%u", a->heat.max);
        tile(out, text, "largest bond");
    }
    fputs("</div>\n", out);
}

static void write_advice(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    char advice[512];
    bf_report_advice(a, advice, sizeof advice);
    fputs("<section class=\"say\"><p>", out);
    bf_svg_text(out, advice);
    fputs("</p></section>\n", out);
    if (!t->complete)
        fprintf(
            out,
            "<section class=\"bad\"><p>The run ended before its time; this is what it had done until then. %zu inserted tasks "
            "had not run.</p></section>\n",
            t->not_run);
    if (t->dropped > 0)
        fprintf(out,
                "<section class=\"bad\"><p>%" PRIu64 " records are missing, because the disk was full: all numbers are too "
                "small.</p></section>\n",
                t->dropped);
}

static void key_entry(FILE *out, const char *color, const char *text)
{
    fprintf(out, "<li><i style=\"background:%s\"></i>%s</li>\n", color, text);
}

static void write_key(FILE *out, const bf_analysis_t *a)
{
    char color[8];
    fputs("<ul class=\"key\">\n", out);
    for (int k = 0; k < a->timeline->n_kinds; k++)
        if (a->kinds[k].tasks > 0)
            key_entry(out, bf_svg_kind_color(a->timeline, k, color), a->timeline->kinds[k].name);
    for (int k = 0; k < BF_IDLE_COUNT; k++)
        if (a->idle[k] > 0)
            key_entry(out, bf_svg_idle_color((bf_idle_t)k), bf_idle_meaning((bf_idle_t)k));
    fputs("</ul>\n", out);
}

static bf_status_t write_lanes(FILE *out, const bf_analysis_t *a)
{
    fputs("<section><h2>Workers over time</h2>\n<p>Each row is a worker, that is a core; time runs to the right. A cell is "
          "filled from "
          "below with the tasks it worked on, and above them with the reason why it had nothing to do. The red strip on top "
          "shows when a "
          "task of the critical path was running: where it has gaps, the longest chain itself was waiting.</p>\n",
          out);
    BF_TRY(bf_svg_lanes(out, a));
    write_key(out, a);
    fputs("</section>\n", out);
    return BF_OK;
}

static void write_kinds(FILE *out, const bf_analysis_t *a)
{
    fputs("<div class=\"wide\"><table><tr><th class=\"l\">kind of task</th><th>tasks</th><th>time</th><th>of the "
          "work</th><th>mean</th><th>GFlop/s a core</th></tr>\n",
          out);
    for (int k = 0; k < a->timeline->n_kinds; k++) {
        const bf_kind_sum_t *sum = &a->kinds[k];
        char color[8];
        char time[32];
        char mean[32];
        char rate[32] = "–";
        if (sum->tasks == 0)
            continue;
        if (sum->flops > 0.0)
            snprintf(rate, sizeof rate, "%.1f", sum->flops / (double)sum->ns);
        fprintf(out,
                "<tr><td class=\"l\"><i style=\"background:%s\"></i>%s</td><td>%zu</td><td>%s</td><td>%.1f "
                "%%</td><td>%s</td><td>%s</td></tr>\n",
                bf_svg_kind_color(a->timeline, k, color), a->timeline->kinds[k].name, sum->tasks,
                bf_report_time((double)sum->ns, time), percent((double)sum->ns, (double)a->work),
                bf_report_time((double)sum->ns / (double)sum->tasks, mean), rate);
    }
    fputs("</table></div>\n", out);
}

static void write_idle(FILE *out, const bf_analysis_t *a)
{
    fputs("<div class=\"wide\"><table><tr><th class=\"l\">a worker was idle because</th><th>time</th><th>of the workers' "
          "time</th></tr>\n",
          out);
    for (int k = 0; k < BF_IDLE_COUNT; k++) {
        char time[32];
        fprintf(out, "<tr><td class=\"l\"><i style=\"background:%s\"></i>%s</td><td>%s</td><td>%.1f %%</td></tr>\n",
                bf_svg_idle_color((bf_idle_t)k), bf_idle_meaning((bf_idle_t)k), bf_report_time((double)a->idle[k], time),
                percent((double)a->idle[k], workers_ns(a)));
    }
    fputs("</table></div>\n", out);
}

static void write_shares(FILE *out, const bf_analysis_t *a)
{
    fputs("<section><h2>Where the time went</h2>\n<p>All of the workers' time, from the first task to the last. A <b>block</b> "
          "applies "
          "several gates to a few neighbouring sites; <b>contract</b> and <b>split</b> are the two halves of one heavy gate; "
          "<b>transfer</b> and <b>measure</b> carry the environments along the chain and measure; a <b>row</b> is whole circuits "
          "of a "
          "table.</p>\n",
          out);
    bf_svg_shares(out, a);
    write_kinds(out, a);
    write_idle(out, a);
    fputs("</section>\n", out);
}

static void write_path(FILE *out, const bf_analysis_t *a)
{
    char total[32];
    char wire[32];
    char work[32];
    fputs("<section><h2>How fast it could have been</h2>\n<p>Gates that share a site must follow one another. The longest such "
          "chain, the "
          "<b>critical path</b>, is the time that no number of workers can go below. The possible speed-up is the work divided "
          "by the "
          "longer of critical path and work per worker.</p>\n",
          out);
    bf_svg_speedup(out, a);
    fprintf(out, "<p style=\"margin-top:14px\">Critical path: <b>%s</b>, %zu tasks", bf_report_time((double)a->critical, total),
            a->critical_tasks);
    if (a->critical_wire > 0)
        fprintf(out, ", <b>%s</b> of it messages between ranks, as long as they took in this run",
                bf_report_time((double)a->critical_wire, wire));
    fprintf(out, ". Work: <b>%s</b>, all tasks added up.</p>\n", bf_report_time((double)a->work, work));
    if (a->n_heavy > 0) {
        fputs("<p>Its heaviest gates are the ones worth making cheaper. The line is that of the circuit file; a swap brings "
              "distant "
              "qubits together.</p>\n<div class=\"wide\"><table><tr><th class=\"l\">line</th><th>sites</th><th>bond "
              "before</th><th>bond "
              "after</th><th>time</th><th>of the critical path</th></tr>\n",
              out);
        for (int i = 0; i < a->n_heavy; i++) {
            const bf_heavy_gate_t *gate = &a->heavy[i];
            char line[16] = "swap";
            char time[32];
            if (gate->line > 0)
                snprintf(line, sizeof line, "%d", gate->line);
            fprintf(out, "<tr><td class=\"l\">%s</td><td>%d, %d</td><td>%u</td><td>%u</td><td>%s</td><td>%.1f %%</td></tr>\n",
                    line, gate->site, gate->site + 1, gate->chi_before, gate->chi_after, bf_report_time((double)gate->ns, time),
                    percent((double)gate->ns, (double)a->critical));
        }
        fputs("</table></div>\n", out);
    }
    fputs("</section>\n", out);
}

static void write_bonds(FILE *out, const bf_analysis_t *a)
{
    if (a->heat.max == 0)
        return;
    fputs("<section><h2>How the bonds grew</h2>\n<p>The cost of a gate grows with the third power of the bonds beside it. Each "
          "cell is the "
          "bond dimension that a gate left between two neighbouring sites; layers of the circuit from top to bottom. Where the "
          "map is "
          "empty no gate acted. An unevenly coloured map means unevenly shared work.</p>\n",
          out);
    bf_svg_heat(out, a);
    fputs("</section>\n", out);
}

static void task_label(int i, char text[32])
{
    bf_report_time(125.0 * exp2(0.5 * i), text);
}

static void write_overhead(FILE *out, const bf_analysis_t *a)
{
    const double tasks = a->timeline->n_tasks > 0 ? (double)a->timeline->n_tasks : 1.0;
    const double cost = (double)(a->submit_ns + a->idle[BF_IDLE_SCHEDULING]) / tasks;
    char mean[32];
    char submit[32];
    char begin[32];
    fprintf(out,
            "<section><h2>Cost of the runtime, task by task</h2>\n<p>A task takes <b>%s</b> on average. Inserting it costs the "
            "main thread "
            "<b>%s</b>; between being ready and being begun, a worker that has nothing else to do waits <b>%s</b>. Tasks should "
            "be at least "
            "twenty times longer than what they cost: <b>--grain-us</b> sets how many cheap gates share one. The histogram "
            "counts tasks by "
            "their length.</p>\n",
            bf_report_time((double)a->work / tasks, mean), bf_report_time((double)a->submit_ns / tasks, submit),
            bf_report_time((double)a->idle[BF_IDLE_SCHEDULING] / tasks, begin));
    bf_svg_histogram(out, a->task_bins, task_label, "length of a task", 2.0 * log2(8e-3 * 20.0 * (cost > 1.0 ? cost : 1.0)),
                     "20 x the cost of a task");
    fputs("</section>\n", out);
}

static void write_messages(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    char bytes[32];
    char time[32];
    if (t->n_messages == 0)
        return;
    fprintf(out,
            "<section><h2>Messages between ranks</h2>\n<p>%zu tensors travelled, <b>%s</b> in all, <b>%s</b> each on average "
            "from being "
            "packed to being unpacked, which includes waiting for the other side to be ready. Sites are shared out in contiguous "
            "blocks, so "
            "only neighbours should talk.%s</p>\n",
            t->n_messages, bf_report_bytes((double)a->bytes, bytes),
            bf_report_time((double)a->transfer_ns / (double)t->n_messages, time),
            t->unmatched > 0 ? " Some messages were under way when the recording ended." : "");
    bf_svg_matrix(out, a);
    fputs("</section>\n", out);
}

static void ratio_label(int i, char text[32])
{
    snprintf(text, 32, "%.3g", exp2(0.25 * (i - 20)));
}

static void write_prediction(FILE *out, const bf_analysis_t *a)
{
    char measured[32];
    char predicted[32];
    if (a->predicted_us <= 0.0)
        return;
    fprintf(out,
            "<section><h2>Measured against expected</h2>\n<p>From its shape and the speed of this machine's kernels, which "
            "circuit_plan measures "
            "once, the time of a gate can be told in advance. Expected were <b>%s</b> for all gates, they took <b>%s</b>; half "
            "of them took "
            "less than <b>%.2f</b> times the expected time, four out of five between <b>%.2f</b> and <b>%.2f</b>. Gates far to "
            "the right "
            "were disturbed, or needed another method.</p>\n",
            bf_report_time(1e3 * a->predicted_us, predicted), bf_report_time(1e3 * a->measured_us, measured), a->ratio[1],
            a->ratio[0], a->ratio[2]);
    bf_svg_histogram(out, a->ratio_bins, ratio_label, "measured over expected time of a gate", 20.0, "as expected");
    fputs("</section>\n", out);
}

static void write_foot(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    fputs("<section><h2>The run</h2>\n<p>", out);
    bf_svg_text(out, t->runtime);
    fputs("<br>options: ", out);
    bf_svg_text(out, t->options);
    fputs("</p>\n", out);
    if (t->ranks > 1) {
        fputs("<div class=\"wide\"><table><tr><th class=\"l\">rank</th><th "
              "class=\"l\">machine</th><th>workers</th><th>tasks</th><th>busy</th><th>clock known to</th></tr>\n",
              out);
        for (int r = 0; r < t->ranks; r++) {
            const bf_rank_info_t *info = &t->rank[r];
            char clock[32];
            fprintf(out, "<tr><td class=\"l\">%d</td><td class=\"l\">", r);
            bf_svg_text(out, info->host);
            fprintf(out, "</td><td>%d</td><td>%zu</td><td>%.1f %%</td><td>± %s</td></tr>\n", info->workers, a->ranks[r].tasks,
                    percent((double)a->ranks[r].busy, (double)(a->end - a->begin) * (double)info->workers),
                    bf_report_time((double)info->uncertainty_ns, clock));
        }
        fputs("</table></div>\n", out);
    }
    fputs("</section>\n<footer>bondflow ", out);
    bf_svg_text(out, t->version);
    fputs(" &nbsp;·&nbsp; trace_report --html. Every task by itself: trace_report --paje, then "
          "ViTE.</footer>\n</main></body></html>\n",
          out);
}

bf_status_t bf_report_html(FILE *out, const bf_analysis_t *a)
{
    write_head(out, a);
    write_tiles(out, a);
    write_advice(out, a);
    if (a->timeline->n_tasks > 0) {
        BF_TRY(write_lanes(out, a));
        write_shares(out, a);
        write_path(out, a);
        write_bonds(out, a);
        write_overhead(out, a);
        write_messages(out, a);
        write_prediction(out, a);
    }
    write_foot(out, a);
    return BF_OK;
}
