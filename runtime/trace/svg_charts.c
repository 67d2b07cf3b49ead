/* Bars, maps and histograms of the report. */
#include "runtime/trace/svg.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 1000 };

const char *bf_svg_idle_color(bf_idle_t idle)
{
    static const char *const colors[BF_IDLE_COUNT] = {
        [BF_IDLE_CRITICAL] = "#d1495b",   [BF_IDLE_NO_TASK] = "#edae49", [BF_IDLE_MESSAGE] = "#b15ecb",
        [BF_IDLE_SUBMISSION] = "#8d99ae", [BF_IDLE_SYNC] = "#5c677d",    [BF_IDLE_SCHEDULING] = "#f28482",
        [BF_IDLE_END] = "#c9ced6"};
    return colors[idle];
}

const char *bf_svg_kind_color(const bf_timeline_t *t, int kind, char text[8])
{
    snprintf(text, 8, "#%06x", t->kinds[kind].color & 0xffffffU);
    return text;
}

void bf_svg_text(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
}

/* A piece of a bar; @return where the next begins. */
static double piece(FILE *out, double x, double y, double width, double height, const char *color, const char *what,
                    double percent)
{
    if (width >= 0.2)
        fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>%s: %.1f %%</title></rect>\n",
                x, y, width, height, color, what, percent);
    if (width >= 46.0)
        fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"in\" text-anchor=\"middle\">%.0f %%</text>\n", x + width / 2.0,
                y + height / 2.0 + 4.5, percent);
    return x + width;
}

static void share_bar(FILE *out, const bf_analysis_t *a, int rank, double y, double height)
{
    enum { LEFT = 86 };
    const bf_timeline_t *t = a->timeline;
    const int workers = rank < 0 ? t->workers : t->rank[rank].workers;
    const double total = (double)(a->end - a->begin) * (double)workers;
    const double scale = total > 0.0 ? (WIDTH - LEFT) / total : 0.0;
    double x = LEFT;
    if (rank < 0)
        fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"lab\" text-anchor=\"end\">all</text>\n", LEFT - 8,
                y + height / 2.0 + 4.0);
    else
        fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"lab\" text-anchor=\"end\">rank %d</text>\n", LEFT - 8,
                y + height / 2.0 + 4.0, rank);
    if (rank < 0)
        for (int k = 0; k < t->n_kinds; k++) {
            char color[8];
            const double ns = (double)a->kinds[k].ns;
            x = piece(out, x, y, scale * ns, height, bf_svg_kind_color(t, k, color), t->kinds[k].name, 100.0 * ns / total);
        }
    else
        x = piece(out, x, y, scale * (double)a->ranks[rank].busy, height, "var(--busy)", "busy",
                  100.0 * (double)a->ranks[rank].busy / total);
    for (int k = 0; k < BF_IDLE_COUNT; k++) {
        const double ns = (double)(rank < 0 ? a->idle[k] : a->ranks[rank].idle[k]);
        x = piece(out, x, y, scale * ns, height, bf_svg_idle_color((bf_idle_t)k), bf_idle_meaning((bf_idle_t)k),
                  100.0 * ns / total);
    }
}

void bf_svg_shares(FILE *out, const bf_analysis_t *a)
{
    enum { MOST = 64 };
    const int ranks = a->timeline->ranks > 1 ? (a->timeline->ranks < MOST ? a->timeline->ranks : MOST) : 0;
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Shares of time\">\n", WIDTH, 40 + ranks * 22);
    share_bar(out, a, -1, 0.0, 34.0);
    for (int r = 0; r < ranks; r++)
        share_bar(out, a, r, 40.0 + 22.0 * r, 18.0);
    fputs("</svg>\n", out);
}

void bf_svg_speedup(FILE *out, const bf_analysis_t *a)
{
    enum { LEFT = 250 };
    const double values[3] = {bf_analysis_speedup(a), bf_analysis_possible(a), (double)a->timeline->workers};
    static const char *const names[3] = {"achieved", "possible with these tasks", "workers"};
    static const char *const classes[3] = {"b1", "b2", "b3"};
    const double most = values[2] > values[1] ? values[2] : values[1];
    fprintf(out, "<svg viewBox=\"0 0 %d 84\" role=\"img\" aria-label=\"Speed-up\">\n", WIDTH);
    for (int i = 0; i < 3; i++) {
        const double width = most > 0.0 ? values[i] / most * (WIDTH - LEFT - 70) : 0.0;
        fprintf(out,
                "<text x=\"%d\" y=\"%d\" class=\"lab\" text-anchor=\"end\">%s</text><rect class=\"%s\" x=\"%d\" y=\"%d\" "
                "width=\"%.1f\" "
                "height=\"20\" rx=\"3\"/><text x=\"%.1f\" y=\"%d\" class=\"val\">%.*f</text>\n",
                LEFT - 10, 28 * i + 15, names[i], classes[i], LEFT, 28 * i, width, LEFT + width + 8.0, 28 * i + 15, i < 2 ? 2 : 0,
                values[i]);
    }
    fputs("</svg>\n", out);
}

/* Dark blue to yellow, 0..1. */
static void heat_color(double at, char text[8])
{
    static const double stops[6][3] = {{38, 40, 90},   {49, 92, 150},  {42, 150, 150},
                                       {94, 190, 106}, {220, 200, 60}, {240, 90, 50}};
    const double x = at * 5.0;
    const int i = x >= 5.0 ? 4 : (int)x;
    int rgb[3];
    for (int k = 0; k < 3; k++)
        rgb[k] = (int)(stops[i][k] + (x - i) * (stops[i + 1][k] - stops[i][k]));
    snprintf(text, 8, "#%02x%02x%02x", (unsigned)rgb[0] & 255U, (unsigned)rgb[1] & 255U, (unsigned)rgb[2] & 255U);
}

static void heat_legend(FILE *out, double top, double deepest)
{
    fprintf(out, "<text x=\"60\" y=\"%.0f\" class=\"lab\">bond dimension</text>\n", top + 11.0);
    for (int i = 0; i <= (int)deepest; i++) {
        char color[8];
        heat_color(deepest > 0.0 ? i / deepest : 0.0, color);
        fprintf(out,
                "<rect x=\"%d\" y=\"%.0f\" width=\"44\" height=\"14\" fill=\"%s\"/><text x=\"%d\" y=\"%.0f\" class=\"lab\" "
                "text-anchor=\"middle\">%.0f</text>\n",
                180 + 46 * i, top, color, 202 + 46 * i, top + 27.0, exp2(i));
    }
}

void bf_svg_heat(FILE *out, const bf_analysis_t *a)
{
    enum { LEFT = 60, COLORS = 64 };
    const bf_heat_t *heat = &a->heat;
    if (heat->max == 0 || !heat->cell)
        return;
    const double deepest = ceil(log2((double)heat->max));
    const double width = (double)(WIDTH - LEFT) / heat->columns;
    double height = 460.0 / heat->rows;
    height = height > 16.0 ? 16.0 : height;
    const double bottom = height * heat->rows;
    fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Bond dimensions\">\n", WIDTH, bottom + 78.0);
    for (int shade = 0; shade <= COLORS; shade++) {
        bool any = false;
        for (int row = 0; row < heat->rows; row++)
            for (int column = 0; column < heat->columns; column++) {
                const uint32_t bond = heat->cell[row * heat->columns + column];
                if (bond == 0 || (int)(COLORS * (deepest > 0.0 ? log2((double)bond) / deepest : 0.0)) != shade)
                    continue;
                if (!any) {
                    char color[8];
                    heat_color((double)shade / COLORS, color);
                    fprintf(out, "<path fill=\"%s\" d=\"", color);
                    any = true;
                }
                fprintf(out, "M%.2f %.2fh%.2fv%.2fh-%.2fz", LEFT + column * width, row * height, width + 0.15, height + 0.15,
                        width + 0.15);
            }
        if (any)
            fputs("\"/>\n", out);
    }
    fprintf(out,
            "<text x=\"%d\" y=\"12\" class=\"lab\" text-anchor=\"end\">layer 1</text><text x=\"%d\" y=\"%.0f\" class=\"lab\" "
            "text-anchor=\"end\">%d</text>\n",
            LEFT - 8, LEFT - 8, bottom, heat->layers);
    fprintf(out,
            "<text x=\"%d\" y=\"%.0f\" class=\"lab\">between sites 0 and 1</text><text x=\"%d\" y=\"%.0f\" class=\"lab\" "
            "text-anchor=\"end\">%d and %d</text>\n",
            LEFT, bottom + 17.0, WIDTH, bottom + 17.0, heat->bonds - 1, heat->bonds);
    heat_legend(out, bottom + 36.0, deepest);
    fputs("</svg>\n", out);
}

void bf_svg_matrix(FILE *out, const bf_analysis_t *a)
{
    enum { MOST = 64 };
    const int ranks = a->timeline->ranks;
    const int shown = ranks < MOST ? ranks : MOST;
    const double cell = 420.0 / shown > 64.0 ? 64.0 : 420.0 / shown;
    uint64_t most = 1;
    for (int i = 0; i < ranks * ranks; i++)
        most = a->matrix_bytes[i] > most ? a->matrix_bytes[i] : most;
    fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Messages\">\n", WIDTH, cell * shown + 44.0);
    fprintf(out, "<text x=\"90\" y=\"14\" class=\"lab\">to rank</text><text x=\"8\" y=\"%.0f\" class=\"lab\">from rank</text>\n",
            40.0 + cell / 2.0);
    for (int from = 0; from < shown; from++) {
        if (cell >= 14.0)
            fprintf(
                out,
                "<text x=\"82\" y=\"%.1f\" class=\"lab\" text-anchor=\"end\">%d</text><text x=\"%.1f\" y=\"32\" class=\"lab\" "
                "text-anchor=\"middle\">%d</text>\n",
                38.0 + (from + 0.5) * cell + 4.0, from, 90.0 + (from + 0.5) * cell, from);
        for (int to = 0; to < shown; to++) {
            const uint64_t bytes = a->matrix_bytes[from * ranks + to];
            char text[32];
            fprintf(out,
                    "<rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" style=\"--o:%.3f\"><title>%d to "
                    "%d: %s, %llu "
                    "messages</title></rect>\n",
                    90.0 + to * cell, 38.0 + from * cell, cell - 1.0, cell - 1.0, sqrt((double)bytes / (double)most), from, to,
                    bf_report_bytes((double)bytes, text), (unsigned long long)a->matrix_count[from * ranks + to]);
            if (cell >= 50.0 && bytes > 0)
                fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"val\" text-anchor=\"middle\">%s</text>\n",
                        90.0 + (to + 0.5) * cell - 0.5, 38.0 + (from + 0.5) * cell + 4.0, text);
        }
    }
    fputs("</svg>\n", out);
}

void bf_svg_histogram(FILE *out, const size_t bins[BF_BINS], void (*label)(int i, char text[32]), const char *axis, double mark,
                      const char *mark_text)
{
    int first = 0;
    int last = BF_BINS - 1;
    size_t most = 1;
    while (first < last && bins[first] == 0)
        first++;
    while (last > first && bins[last] == 0)
        last--;
    first = first > 0 ? first - 1 : 0;
    last = last < BF_BINS - 1 ? last + 1 : last;
    if (mark >= 0.0) { /* the mark is to be seen */
        first = mark < first ? (int)mark : first;
        last = mark > last ? (int)mark : last;
    }
    for (int i = first; i <= last; i++)
        most = bins[i] > most ? bins[i] : most;
    const double width = (double)(WIDTH - 20) / (last - first + 1);
    fprintf(out, "<svg viewBox=\"0 0 %d 190\" role=\"img\" aria-label=\"Histogram\">\n", WIDTH);
    for (int i = first; i <= last; i++) {
        char text[32];
        const double height = 120.0 * (double)bins[i] / (double)most;
        const double x = 10.0 + (i - first) * width;
        label(i, text);
        fprintf(out,
                "<rect class=\"b1\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>from %s: %zu</title></rect>\n",
                x + 1.0, 140.0 - height, width - 2.0, height, text, bins[i]);
        if (bins[i] > 0 && width >= 30.0)
            fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"lab\" text-anchor=\"middle\">%zu</text>\n", x + width / 2.0,
                    136.0 - height, bins[i]);
        if (i % 4 == 0)
            fprintf(out,
                    "<path class=\"tick\" d=\"M%.1f 140v5\"/><text x=\"%.1f\" y=\"158\" class=\"lab\" "
                    "text-anchor=\"middle\">%s</text>\n",
                    x, x, text);
    }
    if (mark >= 0.0)
        fprintf(
            out,
            "<path class=\"mark\" d=\"M%.1f 8v132\"/><text x=\"%.1f\" y=\"16\" class=\"marktext\" text-anchor=\"%s\">%s</text>\n",
            10.0 + (mark - first) * width, 10.0 + (mark - first) * width + ((mark - first) * width > 600.0 ? -6.0 : 6.0),
            (mark - first) * width > 600.0 ? "end" : "start", mark_text);
    fprintf(out, "<text x=\"%d\" y=\"182\" class=\"lab\" text-anchor=\"middle\">%s</text>\n</svg>\n", WIDTH / 2, axis);
}
