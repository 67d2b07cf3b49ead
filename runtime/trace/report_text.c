/* The analysis for a terminal. */
#include "runtime/trace/report.h"

#include <inttypes.h>

static double share(int64_t part, double whole)
{
    return whole > 0.0 ? 100.0 * (double)part / whole : 0.0;
}

static void print_head(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    char time[32];
    char other[32];
    char third[32];
    fprintf(out, "%s %s: %d rank%s, %d worker%s, %s from the first task's submission to the last one's end\n", t->program,
            t->circuit, t->ranks, t->ranks == 1 ? "" : "s", t->workers, t->workers == 1 ? "" : "s",
            bf_report_time((double)(a->end - a->begin), time));
    if (!t->complete)
        fprintf(out, "The run ended early: this is what it had done until then.\n");
    if (t->dropped > 0)
        fprintf(out, "%" PRIu64 " records are missing, the disk was full: numbers below are too small.\n", t->dropped);
    fprintf(out, "%zu tasks, %s of work; critical path %s (%zu tasks", t->n_tasks, bf_report_time((double)a->work, time),
            bf_report_time((double)a->critical, other), a->critical_tasks);
    if (a->critical_wire > 0)
        fprintf(out, ", %s of it messages", bf_report_time((double)a->critical_wire, third));
    fprintf(out, ")\nspeed-up %.2f, possible with these tasks and workers %.2f\n", bf_analysis_speedup(a),
            bf_analysis_possible(a));
}

static void print_kinds(FILE *out, const bf_analysis_t *a)
{
    fprintf(out, "\nWork by kind of task\n%-16s %10s %12s %7s %10s %9s\n", "kind", "tasks", "time", "share", "mean", "GFlop/s");
    for (int k = 0; k < a->timeline->n_kinds; k++) {
        const bf_kind_sum_t *sum = &a->kinds[k];
        char time[32];
        char mean[32];
        char rate[32] = "-";
        if (sum->tasks == 0)
            continue;
        if (sum->flops > 0.0 && sum->ns > 0)
            snprintf(rate, sizeof rate, "%.2f", sum->flops / (double)sum->ns);
        fprintf(out, "%-16s %10zu %12s %6.1f%% %10s %9s\n", a->timeline->kinds[k].name, sum->tasks,
                bf_report_time((double)sum->ns, time), share(sum->ns, (double)a->work),
                bf_report_time((double)sum->ns / (double)sum->tasks, mean), rate);
    }
}

static void print_idle(FILE *out, const bf_analysis_t *a)
{
    const double total = (double)(a->end - a->begin) * (double)a->timeline->workers;
    char time[32];
    fprintf(out, "\nTime of the workers\n%-82s %12s %7s\n", "", "time", "share");
    fprintf(out, "%-82s %12s %6.1f%%\n", "busy", bf_report_time((double)a->busy, time), share(a->busy, total));
    for (int k = 0; k < BF_IDLE_COUNT; k++)
        if (a->idle[k] > 0)
            fprintf(out, "idle: %-76s %12s %6.1f%%\n", bf_idle_meaning((bf_idle_t)k), bf_report_time((double)a->idle[k], time),
                    share(a->idle[k], total));
    for (int r = 0; a->timeline->ranks > 1 && r < a->timeline->ranks; r++) {
        const bf_rank_info_t *info = &a->timeline->rank[r];
        fprintf(out, "rank %-4d %-40.40s %6zu tasks, busy %12s %6.1f%%\n", r, info->host, a->ranks[r].tasks,
                bf_report_time((double)a->ranks[r].busy, time),
                share(a->ranks[r].busy, (double)(a->end - a->begin) * (double)info->workers));
    }
}

static void print_heavy(FILE *out, const bf_analysis_t *a)
{
    if (a->n_heavy == 0)
        return;
    fprintf(out, "\nHeaviest gates of the critical path\n%8s %14s %14s %12s\n", "line", "sites", "bond", "time");
    for (int i = 0; i < a->n_heavy; i++) {
        const bf_heavy_gate_t *gate = &a->heavy[i];
        char line[16] = "swap";
        char sites[32];
        char bond[32];
        char time[32];
        if (gate->line > 0)
            snprintf(line, sizeof line, "%d", gate->line);
        snprintf(sites, sizeof sites, "%d, %d", gate->site, gate->site + 1);
        snprintf(bond, sizeof bond, "%u -> %u", gate->chi_before, gate->chi_after);
        fprintf(out, "%8s %14s %14s %12s\n", line, sites, bond, bf_report_time((double)gate->ns, time));
    }
}

static void print_rest(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    const double tasks = t->n_tasks > 0 ? (double)t->n_tasks : 1.0;
    char time[32];
    char other[32];
    char bytes[32];
    fprintf(out, "\nper task: %s of work, %s to submit it, %s of a worker's time until a ready task began\n",
            bf_report_time((double)a->work / tasks, bytes), bf_report_time((double)a->submit_ns / tasks, time),
            bf_report_time((double)a->idle[BF_IDLE_SCHEDULING] / tasks, other));
    if (t->n_messages > 0)
        fprintf(out, "messages: %zu, %s, %s each on average\n", t->n_messages, bf_report_bytes((double)a->bytes, bytes),
                bf_report_time((double)a->transfer_ns / (double)t->n_messages, time));
    if (a->heat.max > 0)
        fprintf(out, "bonds: up to %u, %d layers of gates\n", a->heat.max, a->heat.layers);
    if (a->predicted_us > 0.0)
        fprintf(out,
                "gates: %s, expected %s from the rates of the kernels; measured / expected: median %.2f, 80 %% of the gates %.2f "
                "to %.2f\n",
                bf_report_time(1e3 * a->measured_us, time), bf_report_time(1e3 * a->predicted_us, other), a->ratio[1],
                a->ratio[0], a->ratio[2]);
    char advice[512];
    bf_report_advice(a, advice, sizeof advice);
    fprintf(out, "\n%s\n", advice);
}

void bf_report_text(FILE *out, const bf_analysis_t *a)
{
    print_head(out, a);
    print_kinds(out, a);
    print_idle(out, a);
    print_heavy(out, a);
    print_rest(out, a);
}
