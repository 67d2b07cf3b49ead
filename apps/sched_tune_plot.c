/* Every run as a point, by gnuplot. */
#include "apps/sched_tune.h"
#include "apps/sched_tune_process.h"
#include "runtime/io/io.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bf_status_t bf_tune_plot_check(void)
{
    char path[4096];
    const char *list = getenv("PATH");
    snprintf(path, sizeof path, "%s", list ? list : "");
    char *rest = path;
    for (char *folder; (folder = strsep(&rest, ":"));) {
        char name[4200];
        snprintf(name, sizeof name, "%s/gnuplot", folder);
        if (access(name, X_OK) == 0)
            return BF_OK;
    }
    return bf_error_set(BF_ERR_INPUT, "--plot: gnuplot is not in PATH; install gnuplot-nox (scripts/setup --dev), or use --csv");
}

/* Data blocks: one of all runs, one of medians; a row of the picture for each setting that ran, the fastest on top. */
static int write_script(const bf_tune_t *t, const bf_candidate_t **order, const char *picture, FILE *script)
{
    int rows = 0;
    fprintf(script, "$runs << END\n");
    for (size_t i = 0; i < t->n; i++)
        if (order[i]->runs > 0) {
            rows++;
            for (size_t r = 0; r < t->rounds; r++)
                if (isfinite(order[i]->seconds[r]))
                    fprintf(script, "%.9g %d\n", order[i]->seconds[r], rows);
        }
    fprintf(script, "END\n$medians << END\n");
    rows = 0;
    for (size_t i = 0; i < t->n; i++)
        if (order[i]->runs > 0) {
            char name[128];
            rows++;
            bf_setting_describe(&order[i]->setting, name, sizeof name);
            fprintf(script, "%.9g %d %d \"%s%s\"\n", bf_stats_median(order[i]->seconds, t->rounds), rows,
                    order[i] == &t->candidates[0]          ? 2
                    : bf_stats_differs(&order[i]->against) ? 1
                                                           : 0,
                    name, order[i]->state == BF_CANDIDATE_DROPPED ? " (dropped)" : "");
        }
    fprintf(script,
            "END\n"
            "set terminal svg size 860,%d font 'sans,12' background '#ffffff'\n"
            "set output '%s'\n"
            "set xlabel '%s'\n"
            "set yrange [%d.5:0.5]\n"
            "set xrange [0:*]\n"
            "set grid xtics lc '#dddddd'\n"
            "set key below\n"
            "set tics nomirror out\n"
            "set border 3\n"
            "set arrow 1 from %.9g, graph 0 to %.9g, graph 1 nohead lc '#888888' dt 2\n"
            "colour(kind) = kind == 2 ? 0x888888 : kind == 1 ? 0x0060ad : 0xdd8452\n"
            "plot $medians using 1:2:(colour($3)):ytic(4) with points pt 5 ps 0.9 lc rgb variable notitle, \\\n"
            "  $runs using 1:2 with points pt 7 ps 0.4 lc '#444444' title 'runs', \\\n"
            "  keyentry with points pt 5 ps 0.9 lc '#888888' title 'reference', \\\n"
            "  keyentry with points pt 5 ps 0.9 lc '#0060ad' title 'differs from it', \\\n"
            "  keyentry with points pt 5 ps 0.9 lc '#dd8452' title 'no difference shown'\n",
            110 + 24 * rows, picture, t->options->work_time ? "seconds to evolve and measure" : "seconds of the whole command",
            rows, bf_stats_median(t->candidates[0].seconds, t->rounds), bf_stats_median(t->candidates[0].seconds, t->rounds));
    return rows;
}

/* A finished file takes its place as a whole. */
static bf_status_t copy(const char *from, const char *to)
{
    bf_output_t *output = NULL;
    FILE *stream = fopen(from, "r");
    if (!stream)
        return bf_error_set(BF_ERR_IO, "--plot: gnuplot drew nothing");
    bf_status_t status = bf_output_open(to, &output);
    if (status == BF_OK) {
        char block[4096];
        for (size_t length; (length = fread(block, 1, sizeof block, stream)) > 0;)
            fwrite(block, 1, length, bf_output_stream(output));
        status = bf_output_commit(output);
    }
    fclose(stream);
    return status;
}

static bf_status_t draw(const bf_tune_t *t, const char *script, const char *picture, const char *path)
{
    char out[300];
    char err[300];
    snprintf(out, sizeof out, "%s/stdout", t->folder);
    snprintf(err, sizeof err, "%s/stderr", t->folder);
    char name[300];
    snprintf(name, sizeof name, "%s", script);
    char program[] = "gnuplot";
    char *argv[] = {program, name, NULL};
    char *environment[] = {NULL};
    bf_process_result_t result;
    BF_TRY(bf_process_run(&(bf_process_t){argv, environment, out, err, 60.0}, &result));
    if (result.end != BF_PROCESS_EXITED || result.code != 0)
        return bf_error_set(BF_ERR_IO, "--plot: gnuplot failed (%d); it is tried by: gnuplot %s", result.code, script);
    return copy(picture, path);
}

bf_status_t bf_tune_plot(const bf_tune_t *t, const char *path)
{
    char script[300];
    char picture[300];
    snprintf(script, sizeof script, "%s/plot.gp", t->folder);
    snprintf(picture, sizeof picture, "%s/plot.svg", t->folder);
    const bf_candidate_t **order = bf_tune_sorted(t);
    FILE *stream = order ? fopen(script, "w") : NULL;
    if (!stream) {
        free(order);
        return bf_error_set(BF_ERR_IO, "%s: %s", script, strerror(errno));
    }
    const int rows = write_script(t, order, picture, stream);
    free(order);
    if (fclose(stream) != 0)
        return bf_error_set(BF_ERR_IO, "%s: %s", script, strerror(errno));
    return rows > 0 ? draw(t, script, picture, path) : bf_error_set(BF_ERR_IO, "--plot: no run to draw");
}
