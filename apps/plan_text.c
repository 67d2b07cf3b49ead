/* The plan for people. */
#include "apps/plan.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Runs of equal bonds shown before the list is cut. */
#define BONDS_SHOWN 24

static const char *time_text(double seconds, char text[32])
{
    if (seconds < 1e-3)
        snprintf(text, 32, "%.3g us", 1e6 * seconds);
    else if (seconds < 0.1)
        snprintf(text, 32, "%.3g ms", 1e3 * seconds);
    else if (seconds < 600.0)
        snprintf(text, 32, "%.3g s", seconds);
    else if (seconds < 36000.0)
        snprintf(text, 32, "%.3g min", seconds / 60.0);
    else if (seconds < 2.0 * 86400.0)
        snprintf(text, 32, "%.3g h", seconds / 3600.0);
    else if (seconds < 1000.0 * 86400.0)
        snprintf(text, 32, "%.3g days", seconds / 86400.0);
    else
        snprintf(text, 32, "%.3g years", seconds / (365.25 * 86400.0));
    return text;
}

static const char *bytes_text(size_t bytes, char text[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    int unit = 0;
    for (; value >= 1024.0 && unit < 6; unit++)
        value /= 1024.0;
    snprintf(text, 32, "%.3g %s", value, units[unit]);
    return text;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* One-qubit and two-qubit gates as written and after each pass. */
static void print_passes(FILE *f, const bf_pass_report_t *passes)
{
    const char *before = "passes     ";
    for (size_t r = 0; r < passes->n; r++)
        if (passes->rows[r].on) {
            fprintf(f, "%s %s %zu + %zu", before, passes->rows[r].name, passes->rows[r].ops1, passes->rows[r].ops2);
            before = " ->";
        }
    fputs(passes->n ? " (gates on one qubit + on two)\n" : "", f);
}

static void print_circuit(FILE *f, const bf_plan_t *p)
{
    const size_t inputs = bf_circuit_inputs(p->circuit);
    fprintf(f, "circuit     %s: %d qubits, %zu gates", p->o->xyz.run.circuit, (int)p->program.n, bf_circuit_gates(p->circuit));
    if (inputs > 0)
        fprintf(f, ", %zu input%s: planned as a template with %s", inputs, plural(inputs),
                p->of_row ? "the inputs of the first row" : "generic inputs");
    fputc('\n', f);
    print_passes(f, &p->passes);
    fprintf(f, "operations  %zu two-site updates, %zu of them routing swaps; %zu one-site gates", p->program.n_updates,
            p->census.swaps, p->census.one_site);
    if (p->census.measured)
        fprintf(f, ", %zu measurements and resets (not in the times below)", p->census.measured);
    fprintf(f, "; %zu distinct matrices\n", p->program.n_gates2 + p->program.n_gates1);
    const char *before = "            operator-Schmidt rank";
    for (int rank = 1; rank <= 4; rank++)
        if (p->census.ranks[rank]) {
            fprintf(f, "%s %d: %zu", before, rank, p->census.ranks[rank]);
            before = ",";
        }
    fputs(p->program.n_updates ? "\n" : "", f);
}

/* Layers by their width, in bins of powers of two. */
static void print_histogram(FILE *f, const bf_levels_t *levels)
{
    size_t most = 0;
    size_t bins[32] = {0};
    for (size_t l = 0; l < levels->n_layers; l++) {
        int bin = 0;
        while (levels->width[l] >> (bin + 1))
            bin++;
        bins[bin]++;
        most = bins[bin] > most ? bins[bin] : most;
    }
    for (int bin = 0; bin < 32; bin++) {
        if (bins[bin] == 0)
            continue;
        char range[32];
        snprintf(range, sizeof range, bin ? "%" PRIu64 " to %" PRIu64 : "%" PRIu64, (uint64_t)1 << bin, ((uint64_t)2 << bin) - 1);
        fprintf(f, "            width %-14s %8zu layer%s ", range, bins[bin], bins[bin] == 1 ? " " : "s");
        const int length = (int)ceil(40.0 * (double)bins[bin] / (double)most);
        for (int i = 0; i < length; i++)
            fputc('#', f);
        fputc('\n', f);
    }
}

static void print_layers(FILE *f, const bf_plan_t *p)
{
    const bf_levels_t *levels = &p->bound.levels;
    if (levels->n_layers == 0)
        return;
    const uint32_t *sorted = levels->sorted_width;
    fprintf(f, "layers      %zu; width %u to %u, median %u operations at a time\n", levels->n_layers, sorted[0],
            sorted[levels->n_layers - 1], sorted[levels->n_layers / 2]);
    print_histogram(f, levels);
}

static void print_chain(FILE *f, const char *name, const bf_prediction_t *p)
{
    char a[32];
    char b[32];
    const int useful = bf_useful_workers(p);
    fprintf(f, "%s longest chain %zu operations, %s of %s: %d worker%s can be busy on average\n", name, p->levels.critical_ops,
            time_text(1e-6 * p->levels.critical_us, a), time_text(p->kernel_seconds, b), useful, plural((size_t)useful));
}

/* `1 2 4 8 16 32 x91 16 8` */
static void print_bonds(FILE *f, const bf_dim_t *bonds, bf_site_t count)
{
    int shown = 0;
    for (bf_site_t b = 0; b < count && shown < BONDS_SHOWN; shown++) {
        bf_site_t end = b;
        while (end < count && bonds[end] == bonds[b])
            end++;
        fprintf(f, " %" PRId64, bonds[b]);
        if (end - b > 1)
            fprintf(f, " x%d", (int)(end - b));
        b = end;
        if (shown + 1 == BONDS_SHOWN && b < count)
            fprintf(f, " ... (%d more; --json has all)", (int)(count - b));
    }
    fputc('\n', f);
}

static void print_where(FILE *f, const bf_plan_t *p, size_t op)
{
    fprintf(f, "operation %zu of %zu", op + 1, p->program.n_ops);
    if (p->program.ops[op].line > 0)
        fprintf(f, " (line %d)", (int)p->program.ops[op].line);
    else
        fputs(" (a routing swap)", f);
}

static void print_growth(FILE *f, const bf_plan_t *p)
{
    const bf_dim_t max_dim = p->o->xyz.run.state.rule.cut.max_dim;
    fprintf(f, "bonds       bound %" PRId64 ", bond by bond at its largest:", p->bound.largest_bond);
    print_bonds(f, p->bound.peaks, p->program.n - 1);
    if (p->bound.first_beyond == BF_NO_OP) {
        fprintf(f, "            no bond can exceed --max-dim %" PRId64 "\n", max_dim);
    } else {
        fprintf(f, "            a bond may exceed --max-dim %" PRId64 " from ", max_dim);
        print_where(f, p, p->bound.first_beyond);
        fprintf(f, " on, between sites %d and %d; whether it does depends on the state\n",
                (int)p->program.ops[p->bound.first_beyond].site, (int)p->program.ops[p->bound.first_beyond].site + 1);
    }
}

static void print_probe(FILE *f, const bf_plan_t *p)
{
    char a[32];
    const bf_probe_t *probe = &p->probe;
    fprintf(f, "probe       ");
    if (probe->complete)
        fprintf(f, "all operations done in %s on one core: largest bond %" PRId64 ", sum of eps %.2e\n",
                time_text(probe->seconds, a), probe->largest_bond, probe->sum_eps);
    else {
        fprintf(f, "after %s, before ", time_text(probe->seconds, a));
        print_where(f, p, probe->n_done);
        fprintf(f, ": largest bond %" PRId64 ", sum of eps %.2e; from there on bounds\n", probe->largest_bond, probe->sum_eps);
    }
    fprintf(f, "            bond by bond:");
    print_bonds(f, p->probed.peaks, p->program.n - 1);
    if (probe->first_cut != SIZE_MAX) {
        fprintf(f, "            --max-dim %" PRId64 " cuts at ", p->o->xyz.run.state.rule.cut.max_dim);
        print_where(f, p, probe->first_cut);
        fputc('\n', f);
    }
}

static void print_prediction(FILE *f, const bf_plan_t *p, const bf_prediction_t *prediction, const char *kind)
{
    char a[32];
    char b[32];
    char c[32];
    char d[32];
    print_chain(f, "           ", prediction);
    fprintf(f, "            %.3g Gflop, %s of kernels on one core", 1e-9 * prediction->flops,
            time_text(prediction->kernel_seconds, a));
    if (prediction->heavy_bond >= 0)
        fprintf(f, ", %.0f %% of it between sites %d and %d", 100.0 * prediction->heavy_seconds / prediction->kernel_seconds,
                (int)prediction->heavy_bond, (int)prediction->heavy_bond + 1);
    fputc('\n', f);
    if (p->rows > 0) {
        fprintf(f, "            %s%s a row, %s for %" PRId64 " rows on %d rank%s x %d worker%s\n", kind,
                time_text(prediction->row_seconds, a), time_text(bf_rows_seconds(prediction, p->rows, p->ranks, p->workers), b),
                p->rows, p->ranks, plural((size_t)p->ranks), p->workers, plural((size_t)p->workers));
        fprintf(f, "            memory %s a rank\n", bytes_text(bf_rows_bytes(prediction, p->workers), a));
        return;
    }
    fprintf(f, "            %s%s on %d rank%s x %d worker%s: start %s, evolve %s in %zu tasks, measure %s\n", kind,
            time_text(prediction->total_seconds, a), p->ranks, plural((size_t)p->ranks), p->workers, plural((size_t)p->workers),
            time_text(prediction->start_seconds, b), time_text(prediction->evolve_seconds, c), prediction->tasks,
            time_text(prediction->measure_seconds, d));
    fprintf(f, "            limited by %s\n", bf_limit_string(prediction->limit));
    fprintf(f, "            memory %s a rank: state %s, workspace %s a worker, measurement %s\n",
            bytes_text(prediction->rank_bytes, a), bytes_text(prediction->state_bytes, b),
            bytes_text(prediction->workspace_bytes, c), bytes_text(prediction->measure_bytes, d));
}

static const char *source_text(const bf_rates_t *rates)
{
    static const char *const texts[] = {[BF_RATES_BUILT_IN] = "built in, of another machine",
                                        [BF_RATES_CACHED] = "measured on this machine earlier",
                                        [BF_RATES_MEASURED] = "measured on this machine now"};
    return texts[rates->source];
}

static void print_advice(FILE *f, const bf_plan_t *p)
{
    char a[32];
    char b[32];
    const bf_advice_t *advice = &p->advice;
    fprintf(f, "advice      %s on %d rank%s x %d worker%s: %s; here are %d core%s and %s of free memory\n",
            advice->rows ? "a row on each worker," : "one circuit over the workers,", advice->ranks,
            plural((size_t)advice->ranks), advice->workers, plural((size_t)advice->workers), time_text(advice->seconds, a),
            p->machine.cores, plural((size_t)p->machine.cores), bytes_text(p->machine.memory_bytes, b));
    if (!advice->fits) {
        fprintf(f, "            WARNING: memory may reach %s, more than there is here", bytes_text(advice->machine_bytes, a));
        if (advice->fitting_max_dim > 0)
            fprintf(f, "; --max-dim %" PRId64 " fits whatever the bonds do", advice->fitting_max_dim);
        fputc('\n', f);
    }
    char line[4096];
    bf_plan_launch_line(p, line, sizeof line);
    fprintf(f, "launch      %s\n", line);
}

void bf_plan_print(FILE *f, const bf_plan_t *p)
{
    print_circuit(f, p);
    print_layers(f, p);
    if (p->o->observe)
        fprintf(f, "light cone  %zu of %zu operations can change an observable on qubit%s %s\n", p->n_cone, p->program.n_ops,
                strpbrk(p->o->observe, ",-") ? "s" : "", p->o->observe);
    print_growth(f, p);
    fprintf(f, "at most     with bonds at their bounds, kernel rates %s:\n", source_text(&p->rates));
    print_prediction(f, p, &p->bound, "at most ");
    if (bf_plan_probed(p)) {
        print_probe(f, p);
        fprintf(f, "%s\n",
                p->probe.complete ? "expected    with the bonds of the probe, which are those of a run:"
                                  : "at most     with the bonds of the probe, and bounds behind it:");
        print_prediction(f, p, &p->probed, p->probe.complete ? "about " : "at most ");
    } else if (p->bound.kernel_seconds > 0.01)
        fprintf(f, "            bonds usually stay far below their bounds: --probe 2 runs the first two seconds on one core\n");
    print_advice(f, p);
}

/* A word as the shell takes it. */
static size_t quote(const char *word, char *text, size_t size)
{
    const bool plain =
        *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,+%@") == strlen(word);
    if (plain)
        return (size_t)snprintf(text, size, " %s", word);
    size_t used = (size_t)snprintf(text, size, " '");
    for (; *word && used + 6 < size; word++)
        used += (size_t)snprintf(text + used, size - used, *word == '\'' ? "'\\''" : "%c", *word);
    return used + (size_t)snprintf(text + used, size - used, "'");
}

void bf_plan_launch_line(const bf_plan_t *p, char *line, size_t size)
{
    const bf_plan_cli_t *o = p->o;
    size_t used = 0;
    if (p->advice.ranks > 1)
        used = (size_t)snprintf(line, size, "mpirun -np %d ", p->advice.ranks);
    if (p->advice.workers < p->machine.cores / p->advice.ranks && p->advice.workers < p->machine.process_workers)
        used += (size_t)snprintf(line + used, size - used, "env STARPU_NCPU=%d ", p->advice.workers);
    used += (size_t)snprintf(line + used, size - used, "circuit_xyz_exp");
    for (int i = 1; i < o->argc && used + 8 < size; i++) {
        bool value = false;
        if (bf_plan_own_option(o->argv[i], &value))
            i += value;
        else
            used += quote(o->argv[i], line + used, size - used);
    }
    if (!o->xyz.out && used < size)
        snprintf(line + used, size - used, " --out %s", p->rows > 0 ? "features.npy" : "xyz.csv");
    if (p->rows > 0 && !o->xyz.params && (used = strlen(line)) < size)
        snprintf(line + used, size - used, " --params TABLE");
}
