/* What came out: the table, what follows from it, and both as CSV and JSON. */
#include "apps/sched_tune.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Median, smallest, largest and spread of a candidate's runs. */
typedef struct figures {
    double median;
    double least;
    double most;
    double deviation;
    double idle;
} figures_t;

static figures_t figures(const bf_tune_t *t, const bf_candidate_t *c)
{
    figures_t f = {.median = bf_stats_median(c->seconds, t->rounds),
                   .least = INFINITY,
                   .most = -INFINITY,
                   .deviation = bf_stats_deviation(c->seconds, t->rounds),
                   .idle = bf_stats_median(c->idle, t->rounds)};
    for (size_t r = 0; r < t->rounds; r++)
        if (isfinite(c->seconds[r])) {
            f.least = fmin(f.least, c->seconds[r]);
            f.most = fmax(f.most, c->seconds[r]);
        }
    return f;
}

static double median(const bf_tune_t *t, const bf_candidate_t *c)
{
    return bf_stats_median(c->seconds, t->rounds);
}

static bool faster(const bf_candidate_t *c)
{
    return c->state == BF_CANDIDATE_ALIVE && bf_stats_differs(&c->against) && c->against.ratio > 1.0;
}

const bf_candidate_t *bf_tune_judge(bf_tune_t *tune)
{
    const bf_candidate_t *best = &tune->candidates[0];
    for (size_t i = 0; i < tune->n; i++) {
        bf_candidate_t *c = &tune->candidates[i];
        c->against = bf_stats_compare(tune->candidates[0].seconds, c->seconds, tune->rounds, tune->level);
        if (i > 0 && faster(c) && (best == &tune->candidates[0] || median(tune, c) < median(tune, best)))
            best = c;
    }
    return tune->candidates[0].runs > 0 && tune->candidates[0].state == BF_CANDIDATE_ALIVE ? best : NULL;
}

/* How a setting compares, in words. */
static void verdict(const bf_tune_t *t, const bf_candidate_t *c, char *text, size_t size)
{
    const bf_comparison_t *a = &c->against;
    const double ratio = a->ratio >= 1.0 ? a->ratio : 1.0 / a->ratio;
    const char *which = a->ratio >= 1.0 ? "faster" : "slower";
    if (c->state == BF_CANDIDATE_FAILED)
        snprintf(text, size, "%s", c->failure);
    else if (c == &t->candidates[0])
        snprintf(text, size, "reference");
    else if (a->rounds == 0)
        snprintf(text, size, "not run");
    else if (bf_stats_differs(a))
        snprintf(text, size, "%.3g times %s (%.3g to %.3g)", ratio, which, a->ratio >= 1.0 ? a->low : 1.0 / a->high,
                 a->ratio >= 1.0 ? a->high : 1.0 / a->low);
    else if (c->state == BF_CANDIDATE_DROPPED)
        snprintf(text, size, "dropped; %.3g times %s in %zu round%s", ratio, which, a->rounds, a->rounds == 1 ? "" : "s");
    else if (!(a->low > 0.0))
        snprintf(text, size, "too few rounds to tell; %.3g times %s so far", ratio, which);
    else
        snprintf(text, size, "no difference (%.3g to %.3g)", a->low, a->high);
}

/* The fastest first, failures last. */
static const bf_tune_t *sorting;

static int by_median(const void *a, const void *b)
{
    const bf_candidate_t *x = *(const bf_candidate_t *const *)a;
    const bf_candidate_t *y = *(const bf_candidate_t *const *)b;
    const double dx = x->state == BF_CANDIDATE_FAILED || x->runs == 0 ? INFINITY : median(sorting, x);
    const double dy = y->state == BF_CANDIDATE_FAILED || y->runs == 0 ? INFINITY : median(sorting, y);
    return dx != dy ? (dx > dy) - (dx < dy) : (x > y) - (x < y);
}

const bf_candidate_t **bf_tune_sorted(const bf_tune_t *tune)
{
    const bf_candidate_t **order = calloc(tune->n, sizeof(void *));
    for (size_t i = 0; order && i < tune->n; i++)
        order[i] = &tune->candidates[i];
    sorting = tune;
    if (order)
        qsort(order, tune->n, sizeof(void *), by_median);
    return order;
}

static void print_row(const bf_tune_t *t, const bf_candidate_t *c, FILE *stream)
{
    const bf_setting_t *s = &c->setting;
    const figures_t f = figures(t, c);
    char words[400];
    char window[24] = "-";
    char grain[24] = "-";
    char idle[16] = "-";
    verdict(t, c, words, sizeof words);
    if (s->window)
        snprintf(window, sizeof window, "%lld", s->window);
    if (s->grain_us > 0.0)
        snprintf(grain, sizeof grain, "%g", s->grain_us);
    if (isfinite(f.idle))
        snprintf(idle, sizeof idle, "%.1f %%", 100.0 * f.idle);
    fprintf(stream, "%-10s %7d %5d %7s %9s %5zu", s->scheduler, s->workers, s->ranks, window, grain, c->runs);
    if (c->runs > 0)
        fprintf(stream, " %10.4f %10.4f %10.4f %9.4f", f.median, f.least, f.most, f.deviation);
    else
        fprintf(stream, " %10s %10s %10s %9s", "-", "-", "-", "-");
    fprintf(stream, " %7s  %s\n", idle, words);
}

/* Others that are as fast as the best, as far as the rounds can tell. */
static void print_peers(const bf_tune_t *t, const bf_candidate_t *best, FILE *stream)
{
    for (size_t i = 1; i < t->n; i++) {
        const bf_candidate_t *c = &t->candidates[i];
        if (c == best || !faster(c))
            continue;
        const bf_comparison_t against = bf_stats_compare(best->seconds, c->seconds, t->rounds, t->level);
        char name[128];
        if (!bf_stats_differs(&against))
            fprintf(stream, "No difference from it: %s\n", bf_setting_describe(&c->setting, name, sizeof name));
    }
}

static void print_conclusion(const bf_tune_t *t, const bf_candidate_t *best, FILE *stream)
{
    const bf_candidate_t *reference = &t->candidates[0];
    char name[128];
    if (!best) {
        fprintf(stream, "No recommendation: the reference (%s) did not run: %s\n",
                bf_setting_describe(&reference->setting, name, sizeof name),
                reference->failure[0] ? reference->failure : "interrupted");
        return;
    }
    if (best != reference) {
        fprintf(stream, "Recommended, %.3g times faster than the reference (%.3g to %.3g, %zu rounds):\n", best->against.ratio,
                best->against.low, best->against.high, best->against.rounds);
    } else if (t->n == 1) {
        fprintf(stream, "One setting, nothing to compare:\n");
    } else if (reference->runs < bf_stats_rounds(t->level)) {
        fprintf(stream, "Too few rounds to tell: %zu done, %zu are the least for %zu comparisons. Until then:\n", reference->runs,
                bf_stats_rounds(t->level), t->n - 1);
    } else {
        fprintf(stream, "No difference: nothing was faster than the reference by more than noise. Keep it:\n");
    }
    fputs("  ", stream);
    bf_trial_print(t, &best->setting, stream);
    fputc('\n', stream);
    print_peers(t, best, stream);
    if (bf_setting_calibrates(&best->setting) && best != reference)
        fprintf(stream, "%s decides by measured task lengths: run it twice with STARPU_CALIBRATE=1 first.\n",
                best->setting.scheduler);
}

void bf_tune_print(const bf_tune_t *tune, const bf_candidate_t *best, FILE *stream)
{
    const bf_candidate_t **order = bf_tune_sorted(tune);
    fprintf(stream, "%-10s %7s %5s %7s %9s %5s %10s %10s %10s %9s %7s  %s\n", "scheduler", "workers", "ranks", "window",
            "grain us", "runs", "median s", "min s", "max s", "mad s", "idle", "against the reference");
    for (size_t i = 0; order && i < tune->n; i++)
        print_row(tune, order[i], stream);
    free(order);
    if (tune->have_result)
        fprintf(stream, "Results: the same in all runs, byte for byte (%016" PRIx64 "%s%s)\n", tune->result_hash,
                tune->state_hash[0] ? ", state " : "", tune->state_hash);
    print_conclusion(tune, best, stream);
}

static const char *state_name(const bf_candidate_t *c)
{
    static const char *const names[] = {"alive", "dropped", "failed"};
    return names[c->state];
}

void bf_tune_write_csv(const bf_tune_t *tune, FILE *stream)
{
    fprintf(stream,
            "scheduler,workers,ranks,window,grain_us,state,runs,median_s,min_s,max_s,mad_s,idle,times_faster,low,high,p\n");
    for (size_t i = 0; i < tune->n; i++) {
        const bf_candidate_t *c = &tune->candidates[i];
        const figures_t f = figures(tune, c);
        fprintf(stream, "%s,%d,%d,%lld,%g,%s,%zu", c->setting.scheduler, c->setting.workers, c->setting.ranks, c->setting.window,
                c->setting.grain_us, state_name(c), c->runs);
        const double values[] = {f.median,         f.least,        f.most,          f.deviation, f.idle,
                                 c->against.ratio, c->against.low, c->against.high, c->against.p};
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            if (isfinite(values[k]))
                fprintf(stream, ",%.6g", values[k]);
            else
                fputc(',', stream);
        fputc('\n', stream);
    }
}

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *reals(const double *values, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, real_or_null(values[i]));
    return array;
}

static json_t *candidate_json(const bf_tune_t *t, const bf_candidate_t *c)
{
    const bf_setting_t *s = &c->setting;
    const figures_t f = figures(t, c);
    char words[400];
    verdict(t, c, words, sizeof words);
    return json_pack("{s:s, s:i, s:i, s:I, s:f, s:s, s:s, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:f}, s:o}", "scheduler", s->scheduler,
                     "workers", s->workers, "ranks", s->ranks, "window", (json_int_t)s->window, "grain_us", s->grain_us, "state",
                     state_name(c), "verdict", words, "median_s", real_or_null(f.median), "mad_s", real_or_null(f.deviation),
                     "idle", real_or_null(f.idle), "against_reference", "times_faster", real_or_null(c->against.ratio), "low",
                     real_or_null(c->against.low), "high", real_or_null(c->against.high), "p", c->against.p, "seconds",
                     reals(c->seconds, t->rounds));
}

bf_status_t bf_tune_write_json(const bf_tune_t *tune, const bf_candidate_t *best, FILE *stream)
{
    char hash[20];
    char *line = NULL;
    size_t length = 0;
    snprintf(hash, sizeof hash, "%016" PRIx64, tune->result_hash);
    FILE *memory = best ? open_memstream(&line, &length) : NULL;
    if (memory) {
        bf_trial_print(tune, &best->setting, memory);
        fclose(memory);
    }
    json_t *settings = json_array();
    for (size_t i = 0; i < tune->n; i++)
        json_array_append_new(settings, candidate_json(tune, &tune->candidates[i]));
    json_t *command = json_array();
    for (char **word = tune->options->command; *word; word++)
        json_array_append_new(command, json_string(*word));
    json_t *root =
        json_pack("{s:s, s:s, s:o, s:s, s:b, s:i, s:f, s:s, s:s, s:o, s:s*}", "program", "sched_tune", "version",
                  BONDFLOW_VERSION, "command", command, "time", tune->options->work_time ? "work" : "total", "interrupted",
                  (int)tune->interrupted, "rounds", (int)tune->rounds, "level", tune->level, "result_hash",
                  tune->have_result ? hash : "", "state_hash", tune->state_hash, "settings", settings, "recommended", line);
    const bool written = root && json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0;
    fputc('\n', stream);
    json_decref(root);
    free(line);
    return written ? BF_OK : bf_error_set(BF_ERR_IO, "the JSON table could not be written");
}
