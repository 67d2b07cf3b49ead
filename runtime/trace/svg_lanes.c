/* The overview: one row a worker, the run cut into narrow columns of time; each cell is filled from below with what the worker
 * did, and with the cause of its idleness above. */
#include "runtime/trace/svg.h"

#include <string.h>

enum { COLUMNS = 560, WIDTH = 1000, LEFT = 86, MAX_LANES = 48, PARTS = BF_TIMELINE_KINDS + BF_IDLE_COUNT };

typedef struct lanes {
    const bf_analysis_t *a;
    int rows;        /* of the picture */
    bool by_rank;    /* too many workers: a row is a rank */
    float *share;    /* rows x COLUMNS x PARTS: part of a cell, of all its workers */
    float *critical; /* COLUMNS */
} lanes_t;

static int row_of(const lanes_t *l, int rank, int worker)
{
    if (!l->by_rank)
        return l->a->timeline->rank[rank].first_lane + worker;
    return l->a->timeline->ranks <= MAX_LANES ? rank : (int)((int64_t)rank * MAX_LANES / l->a->timeline->ranks);
}

/* Spread [from, to] over columns; @p stride floats apart. */
static void spread(const lanes_t *l, float *cells, size_t stride, int64_t from, int64_t to)
{
    const double scale = COLUMNS / (double)(l->a->end - l->a->begin);
    double at = scale * (double)(from - l->a->begin);
    const double end = scale * (double)(to - l->a->begin);
    while (at < end) {
        const int column = (int)at < COLUMNS - 1 ? (int)at : COLUMNS - 1;
        const double stop = column + 1 < end && column < COLUMNS - 1 ? column + 1 : end;
        cells[(size_t)column * stride] += (float)(stop - at);
        at = stop > at ? stop : end;
    }
}

static void add(const lanes_t *l, int row, int part, int64_t from, int64_t to)
{
    spread(l, &l->share[(size_t)row * COLUMNS * PARTS + (size_t)part], PARTS, from, to);
}

static void add_gap(void *arg, int rank, int worker, bf_idle_t why, int64_t from, int64_t to)
{
    const lanes_t *l = arg;
    add(l, row_of(l, rank, worker), BF_TIMELINE_KINDS + (int)why, from, to);
}

static void part_color(const lanes_t *l, int part, char text[8])
{
    if (part < BF_TIMELINE_KINDS)
        bf_svg_kind_color(l->a->timeline, part, text);
    else
        memcpy(text, bf_svg_idle_color((bf_idle_t)(part - BF_TIMELINE_KINDS)), 8);
}

/* A row, one path a colour: thousands of cells stay a small file. */
static void draw_row(FILE *out, const lanes_t *l, int row, double top, double height)
{
    const float *cells = &l->share[(size_t)row * COLUMNS * PARTS];
    const double width = (double)(WIDTH - LEFT) / COLUMNS;
    float level[COLUMNS] = {0};
    float total[COLUMNS] = {0};
    for (int c = 0; c < COLUMNS; c++)
        for (int part = 0; part < PARTS; part++)
            total[c] += cells[c * PARTS + part];
    for (int part = 0; part < PARTS; part++) {
        bool any = false;
        for (int c = 0; c < COLUMNS;) {
            const float share = total[c] > 0.0F ? cells[c * PARTS + part] / total[c] : 0.0F;
            if (share < 0.004F) {
                c++;
                continue;
            }
            int stop = c + 1;
            while (share > 0.996F && stop < COLUMNS && total[stop] > 0.0F && cells[stop * PARTS + part] / total[stop] > 0.996F)
                stop++;
            if (!any) {
                char color[8];
                part_color(l, part, color);
                fprintf(out, "<path fill=\"%s\" d=\"", color);
                any = true;
            }
            fprintf(out, "M%.1f %.1fh%.1fv%.1fh-%.1fz", LEFT + c * width, top + height * (1.0 - (double)level[c]),
                    (stop - c) * width + 0.1, -height * (double)share, (stop - c) * width + 0.1);
            for (; c < stop; c++)
                level[c] += share;
        }
        if (any)
            fputs("\"/>\n", out);
    }
}

static void draw_critical(FILE *out, const lanes_t *l, double top, double height)
{
    const double width = (double)(WIDTH - LEFT) / COLUMNS;
    fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"lab\" text-anchor=\"end\">critical path</text>\n<path class=\"crit\" d=\"",
            LEFT - 8, top + height - 2.0);
    for (int c = 0; c < COLUMNS; c++) {
        const double share = (double)l->critical[c] > 1.0 ? 1.0 : (double)l->critical[c];
        if (share > 0.004)
            fprintf(out, "M%.1f %.1fh%.1fv%.1fh-%.1fz", LEFT + c * width, top + height, width + 0.1, -height * share,
                    width + 0.1);
    }
    fputs("\"/>\n", out);
}

static void draw_axis(FILE *out, const lanes_t *l, double y)
{
    const double length = (double)(l->a->end - l->a->begin);
    double step = 1.0;
    while (step * 10.0 < length)
        step *= 10.0;
    step = step * 5.0 <= length / 1.5 ? step * 2.0 : (step * 2.0 <= length / 1.5 ? step : step / 2.0);
    for (int i = 0; i * step <= length; i++) {
        const double at = i * step;
        char text[32];
        const double x = LEFT + at / length * (WIDTH - LEFT);
        fprintf(
            out,
            "<path class=\"tick\" d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\" class=\"lab\" text-anchor=\"%s\">%s</text>\n",
            x, y, x, y + 17.0, at == 0.0 ? "start" : (x > WIDTH - 30 ? "end" : "middle"),
            at == 0.0 ? "0" : bf_report_time(at, text));
    }
}

static void draw(FILE *out, const lanes_t *l)
{
    const double height = l->rows <= 8 ? 30.0 : (l->rows <= 24 ? 18.0 : 11.0);
    const double gap = l->rows <= 24 ? 4.0 : 2.0;
    const double all = 16.0 + l->rows * (height + gap) + 24.0;
    fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Workers over time\">\n", WIDTH, all);
    draw_critical(out, l, 0.0, 11.0);
    int row = 0;
    for (int r = 0; r < l->a->timeline->ranks; r++)
        for (int w = 0; w < (l->by_rank ? 1 : l->a->timeline->rank[r].workers); w++) {
            if (row_of(l, r, w) != row)
                continue;
            const double top = 16.0 + row * (height + gap);
            fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"lab\" text-anchor=\"end\">", LEFT - 8, top + height / 2.0 + 4.0);
            if (l->by_rank)
                fprintf(out, "rank %d", r);
            else if (l->a->timeline->ranks > 1)
                fprintf(out, "%d · core %d", r, w);
            else
                fprintf(out, "worker %d", w);
            fputs("</text>\n", out);
            draw_row(out, l, row++, top, height);
        }
    draw_axis(out, l, 16.0 + l->rows * (height + gap));
    fputs("</svg>\n", out);
}

bf_status_t bf_svg_lanes(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    if (a->end <= a->begin)
        return BF_OK;
    lanes_t l = {.a = a, .by_rank = t->workers > MAX_LANES};
    l.rows = l.by_rank ? (t->ranks < MAX_LANES ? t->ranks : MAX_LANES) : t->workers;
    l.share = calloc((size_t)l.rows * COLUMNS * PARTS + 1, sizeof *l.share);
    l.critical = calloc(COLUMNS, sizeof *l.critical);
    bf_status_t status = l.share && l.critical ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: the overview");
    if (status == BF_OK)
        status = bf_analysis_gaps(a, add_gap, &l);
    for (size_t i = 0; status == BF_OK && i < t->n_tasks; i++) {
        const bf_task_t *task = &t->tasks[i];
        add(&l, row_of(&l, task->rank, task->worker), task->kind, task->begin, task->end);
        if (a->tasks[i].critical)
            spread(&l, l.critical, 1, task->begin, task->end);
    }
    if (status == BF_OK)
        draw(out, &l);
    free(l.share);
    free(l.critical);
    return status;
}
