/* The dependency map as a picture: time to the right in layers, sites downwards, an operation as a box over its two sites, a line
 * from each operation to the next one on the same site. Graphviz places nothing: every position is given. */
#include "apps/plan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Operations drawn unless --view asks for more; and what Graphviz draws in seconds. */
#define DRAWN_BY_ITSELF 1500
#define DRAWN_AT_MOST   20000

/* Points. */
#define LAYER_STEP 62.0
#define SITE_STEP  26.0

#define NONE UINT32_MAX

/* Fill colours of small to large bonds: ColorBrewer's YlOrBr, and what is legible on them. */
static const char *const shades[9] = {"#ffffe5", "#fff7bc", "#fee391", "#fec44f", "#fe9929",
                                      "#ec7014", "#cc4c02", "#993404", "#662506"};
#define DARK_FROM 6

/* What is drawn. */
typedef struct view {
    uint32_t layer[2];
    bf_site_t site[2];
    bool cut; /* not everything */
} view_t;

typedef struct drawing {
    const bf_plan_t *plan;
    const bf_prediction_t *prediction;
    view_t view;
    FILE *f;
    uint32_t *last; /* of each site: operation drawn last, NONE */
} drawing_t;

static bool in_view(const bf_plan_t *p, const view_t *v, size_t i)
{
    const bf_op_t *op = &p->program.ops[i];
    const uint32_t layer = p->bound.levels.layer_of[i];
    return layer >= v->layer[0] && layer <= v->layer[1] && op->site >= v->site[0] && op->site + bf_op_width(op) - 1 <= v->site[1];
}

static size_t count_in_view(const bf_plan_t *p, const view_t *v)
{
    size_t count = 0;
    for (size_t i = 0; i < p->program.n_ops; i++)
        count += in_view(p, v, i);
    return count;
}

/* The beginning of the circuit around its heaviest bond, as much as can be looked at. */
static view_t cut_out(const bf_plan_t *p, view_t v)
{
    v.cut = true;
    while (count_in_view(p, &v) > DRAWN_BY_ITSELF) {
        const uint32_t layers = v.layer[1] - v.layer[0] + 1;
        const bf_site_t sites = v.site[1] - v.site[0] + 1;
        if (layers > 2 * (uint32_t)sites || sites <= 8) {
            v.layer[1] = v.layer[0] + layers / 2 - (layers > 1);
        } else {
            const bf_site_t heavy = p->bound.heavy_bond;
            const bf_site_t fewer = sites / 2;
            bf_site_t first = heavy - fewer / 2;
            first = first < v.site[0] ? v.site[0] : first;
            first = first + fewer - 1 > v.site[1] ? v.site[1] - fewer + 1 : first;
            v.site[0] = first;
            v.site[1] = first + fewer - 1;
        }
    }
    return v;
}

static bf_status_t choose_view(const bf_plan_t *p, view_t *v)
{
    const long long layers = (long long)p->bound.levels.n_layers;
    const long long n = p->program.n;
    *v = (view_t){.layer = {0, (uint32_t)(layers > 0 ? layers - 1 : 0)}, .site = {0, (bf_site_t)n - 1}};
    if (!p->o->viewed) {
        if (count_in_view(p, v) > DRAWN_BY_ITSELF) {
            *v = cut_out(p, *v);
            bf_log(BF_LOG_NOTE, "the picture shows layers %u to %u of %lld and sites %d to %d of %lld; --view chooses others",
                   v->layer[0], v->layer[1], layers, (int)v->site[0], (int)v->site[1], n);
        }
        return BF_OK;
    }
    const long long(*asked)[2] = p->o->view;
    if (asked[0][0] >= layers || asked[1][0] >= n)
        return bf_error_set(BF_ERR_INPUT, "--view: there are layers 0 to %lld and sites 0 to %lld", layers - 1, n - 1);
    v->layer[0] = (uint32_t)asked[0][0];
    v->layer[1] = (uint32_t)(asked[0][1] < layers ? asked[0][1] : layers - 1);
    if (asked[1][1] >= asked[1][0]) {
        v->site[0] = (bf_site_t)asked[1][0];
        v->site[1] = (bf_site_t)(asked[1][1] < n ? asked[1][1] : n - 1);
    }
    v->cut = v->layer[0] > 0 || v->layer[1] + 1 < layers || v->site[0] > 0 || v->site[1] + 1 < n;
    const size_t count = count_in_view(p, v);
    if (p->o->svg && count > DRAWN_AT_MOST)
        return bf_error_set(BF_ERR_INPUT,
                            "--view: %zu operations are too many to draw, %d at most; choose a smaller part, or --dot", count,
                            DRAWN_AT_MOST);
    return BF_OK;
}

/* Text inside HTML-like labels; what is not plain ASCII may not be UTF-8 either. */
static void put_text(FILE *f, const char *text)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(f, "&#%d;", c);
        else
            fputc(isprint(c) && c < 128 ? c : '?', f);
    }
}

static int shade_of(const drawing_t *d, size_t i)
{
    const double largest = log2((double)(d->prediction->largest_bond > 1 ? d->prediction->largest_bond : 2));
    const double chi = (double)(d->prediction->op_chi[i] > 1 ? d->prediction->op_chi[i] : 1);
    return (int)lround(8.0 * log2(chi) / largest);
}

static double x_of(const drawing_t *d, uint32_t layer)
{
    return LAYER_STEP * (double)(layer - d->view.layer[0] + 1);
}

static double y_of(const drawing_t *d, bf_site_t s)
{
    return -SITE_STEP * (double)(s - d->view.site[0]);
}

static bool faded(const drawing_t *d, size_t i)
{
    return d->plan->cone && !d->plan->cone[i];
}

static void put_two_sites(const drawing_t *d, uint32_t i)
{
    const bf_op_t *op = &d->plan->program.ops[i];
    const bool critical = d->prediction->levels.critical[i];
    const int shade = shade_of(d, i);
    const bool pale = faded(d, i);
    char name[32] = "swap";
    if (op->line > 0)
        snprintf(name, sizeof name, "line %d", (int)op->line);
    fprintf(d->f,
            "  n%u [shape=record, label=\"{<a> %lld|<b> %s}\", pos=\"%.0f,%.0f!\", width=0.62, height=%.3f, fillcolor=\"%s\", "
            "fontcolor=\"%s\", color=\"%s\", penwidth=%s, style=\"filled%s\", tooltip=\"operation %u, sites %d and %d\"];\n",
            i, (long long)d->prediction->op_chi[i], name, x_of(d, d->plan->bound.levels.layer_of[i]),
            0.5 * (y_of(d, op->site) + y_of(d, op->site + 1)), 1.75 * SITE_STEP / 72.0, pale ? "#ffffff" : shades[shade],
            pale                ? "#aaaaaa"
            : shade < DARK_FROM ? "#000000"
                                : "#ffffff",
            critical        ? "#d00000"
            : pale          ? "#cccccc"
            : d->plan->cone ? "#2050c0"
                            : "#404040",
            critical                 ? "3"
            : d->plan->cone && !pale ? "1.6"
                                     : "0.8",
            op->line > 0 && op->condition == 0 ? "" : ",dashed", i + 1, (int)op->site, (int)op->site + 1);
}

static void put_one_site(const drawing_t *d, uint32_t i)
{
    const bf_op_t *op = &d->plan->program.ops[i];
    const char *label = op->kind == BF_OP_MEASURE ? "M" : op->kind == BF_OP_RESET ? "0" : "";
    fprintf(
        d->f,
        "  n%u [shape=circle, label=\"%s\", pos=\"%.0f,%.0f!\", width=%s, fillcolor=\"%s\", color=\"%s\", style=\"filled%s\", "
        "tooltip=\"operation %u, site %d, line %d\"];\n",
        i, label, x_of(d, d->plan->bound.levels.layer_of[i]) + (*label ? 0.0 : 0.42 * LAYER_STEP), y_of(d, op->site),
        *label ? "0.24" : "0.1", faded(d, i) ? "#ffffff" : "#cfe3ff", d->prediction->levels.critical[i] ? "#d00000" : "#404040",
        op->condition == 0 ? "" : ",dashed", i + 1, (int)op->site, (int)op->line);
}

/* The compass point and port where site @p s meets operation @p i. */
static void put_end(const drawing_t *d, uint32_t i, bf_site_t s, const char *side)
{
    const bf_op_t *op = &d->plan->program.ops[i];
    if (bf_op_width(op) == 1)
        fprintf(d->f, "n%u", i);
    else
        fprintf(d->f, "n%u:%s:%s", i, s == op->site ? "a" : "b", side);
}

static void put_edge(const drawing_t *d, uint32_t from, uint32_t to, bf_site_t s, uint32_t last_critical)
{
    const bool critical = from == last_critical && d->prediction->levels.critical[to];
    const bool in_cone = d->plan->cone && d->plan->cone[from] && d->plan->cone[to];
    fputs("  ", d->f);
    put_end(d, from, s, "e");
    fputs(" -> ", d->f);
    put_end(d, to, s, "w");
    fprintf(d->f, " [color=\"%s\", penwidth=%s];\n",
            critical  ? "#d00000"
            : in_cone ? "#2050c0"
                      : "#a0a0a0",
            critical  ? "2.6"
            : in_cone ? "1.6"
                      : "0.8");
}

/* The lines from the site's name to its first operation, and from its last one to the qubit's name. */
static void put_wire(const drawing_t *d, uint32_t op, bf_site_t s, bf_site_t qubit)
{
    fputs("  ", d->f);
    if (op == NONE)
        fprintf(d->f, "s%d:e", (int)s);
    else
        put_end(d, op, s, qubit < 0 ? "w" : "e");
    if (qubit < 0)
        fprintf(d->f, " -> s%d:e", (int)s);
    else
        fprintf(d->f, " -> q%d:w", (int)qubit);
    fputs(" [color=\"#d8d8d8\", penwidth=0.8];\n", d->f);
}

static void put_operations(drawing_t *d)
{
    const bf_program_t *program = &d->plan->program;
    uint32_t last_critical = NONE;
    for (bf_site_t s = 0; s < program->n; s++)
        d->last[s] = NONE;
    for (uint32_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        const bool drawn = in_view(d->plan, &d->view, i);
        if (drawn && bf_op_width(op) == 2)
            put_two_sites(d, i);
        else if (drawn)
            put_one_site(d, i);
        for (bf_site_t s = op->site; s < op->site + bf_op_width(op); s++) {
            if (drawn && d->last[s] != NONE)
                put_edge(d, d->last[s], i, s, last_critical);
            else if (drawn)
                put_wire(d, i, s, -1);
            d->last[s] = drawn ? i : d->last[s];
        }
        if (d->prediction->levels.critical[i])
            last_critical = i;
    }
    for (bf_site_t q = 0; q < program->n; q++) {
        const bf_site_t s = program->site_of[q];
        if (s >= d->view.site[0] && s <= d->view.site[1])
            put_wire(d, d->last[s], s, q);
    }
}

/* For layouts other than ours: what may run at the same time. */
static void put_layers(const drawing_t *d)
{
    const bf_levels_t *levels = &d->plan->bound.levels;
    for (uint32_t layer = d->view.layer[0]; layer <= d->view.layer[1] && layer < levels->n_layers; layer++) {
        fprintf(d->f,
                "  l%u [shape=plaintext, fixedsize=false, label=\"%u\", fontsize=12, pos=\"%.0f,%.0f!\"];\n  {rank=same; l%u;",
                layer, layer, x_of(d, layer), y_of(d, d->view.site[0]) + 1.1 * SITE_STEP, layer);
        for (size_t i = 0; i < levels->n_ops; i++)
            if (levels->layer_of[i] == layer && in_view(d->plan, &d->view, i))
                fprintf(d->f, " n%zu;", i);
        fputs("}\n", d->f);
    }
}

/* Sites on the left, the qubits they hold at the end on the right. */
static void put_sites(const drawing_t *d)
{
    const bf_program_t *program = &d->plan->program;
    const double right = x_of(d, d->view.layer[1] + 1);
    for (bf_site_t q = 0; q < program->n; q++) {
        const bf_site_t s = program->site_of[q];
        if (s < d->view.site[0] || s > d->view.site[1])
            continue;
        const bool observed = d->plan->observed && d->plan->observed[s];
        fprintf(d->f, "  s%d [shape=plaintext, fixedsize=false, label=\"site %d\", fontsize=12, height=0.26, pos=\"0,%.0f!\"];\n",
                (int)s, (int)s, y_of(d, s));
        fprintf(d->f, "  q%d [shape=%s, fixedsize=false, label=\"qubit %d\", fontsize=12, height=0.26, pos=\"%.0f,%.0f!\"%s];\n",
                (int)q, observed ? "box" : "plaintext", (int)q, right, y_of(d, s),
                observed ? ", style=filled, fillcolor=\"#2050c0\", fontcolor=white" : "");
    }
}

static void put_title(const drawing_t *d)
{
    const bf_plan_t *p = d->plan;
    FILE *f = d->f;
    fputs("  label=<<table border=\"0\" cellspacing=\"2\"><tr><td align=\"left\"><font point-size=\"16\"><b>", f);
    put_text(f, p->o->xyz.run.circuit);
    fprintf(f, "</b></font>: %d qubits, %zu operations in %zu layers", (int)p->program.n, p->program.n_ops,
            p->bound.levels.n_layers);
    if (d->view.cut)
        fprintf(f, "; shown: layers %u to %u, sites %d to %d", d->view.layer[0], d->view.layer[1], (int)d->view.site[0],
                (int)d->view.site[1]);
    fprintf(
        f,
        "</td></tr><tr><td align=\"left\"><table border=\"0\" cellspacing=\"2\"><tr><td>%s of the bond after the operation:</td>",
        bf_plan_probed(p) && p->probe.complete ? "dimension" : "upper bound");
    for (int i = 0; i < 9; i++) {
        const double chi = pow((double)d->prediction->largest_bond, i / 8.0);
        if (i == 0 || round(chi) > round(pow((double)d->prediction->largest_bond, (i - 1) / 8.0)))
            fprintf(f, "<td bgcolor=\"%s\" width=\"44\"><font color=\"%s\">%.0f</font></td>", shades[i],
                    i < DARK_FROM ? "#000000" : "#ffffff", chi);
    }
    fputs(
        "</tr></table></td></tr><tr><td align=\"left\"><font color=\"#d00000\"><b>red</b></font>: the longest chain in predicted "
        "time; dashed: routing swaps and conditional operations",
        f);
    if (p->cone)
        fprintf(f, "; <font color=\"#2050c0\"><b>blue</b></font>: the light cone, %zu operations; pale: outside of it",
                p->n_cone);
    fputs("</td></tr></table>>;\n", f);
}

static bf_status_t put_all(const bf_plan_t *p, const view_t *view, FILE *f)
{
    drawing_t d = {
        .plan = p, .prediction = bf_plan_best(p), .view = *view, .f = f, .last = malloc((size_t)p->program.n * sizeof *d.last)};
    if (!d.last)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: a picture of %d sites", (int)p->program.n);
    fputs("// Dependency map by bondflow's circuit_plan. Draw it: dot -Kneato -n2 -Tsvg -O FILE\ndigraph plan {\n"
          "  graph [layout=neato, inputscale=72, splines=line, outputorder=edgesfirst, labelloc=t, labeljust=l, "
          "fontname=\"Helvetica\"];\n"
          "  node [fontname=\"Helvetica\", fontsize=9, fixedsize=true, margin=0];\n  edge [arrowhead=none];\n",
          f);
    put_title(&d);
    put_sites(&d);
    put_operations(&d);
    put_layers(&d);
    fputs("}\n", f);
    free(d.last);
    return ferror(f) ? bf_error_set(BF_ERR_IO, "the dependency map could not be written") : BF_OK;
}

static bf_status_t write_dot(const bf_plan_t *p, const view_t *view)
{
    bf_output_t *output = NULL;
    BF_TRY(bf_output_open(p->o->dot, &output));
    const bf_status_t status = put_all(p, view, bf_output_stream(output));
    if (status == BF_OK)
        return bf_output_commit(output);
    bf_output_abandon(output);
    return status;
}

/* dot from file descriptor @p in to @p out. */
static bf_status_t run_dot(int in, int out)
{
    char *const words[] = {(char[]){"dot"}, (char[]){"-Kneato"}, (char[]){"-n2"}, (char[]){"-Tsvg"}, NULL};
    extern char **environ;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int code = posix_spawnp(&child, "dot", &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    int result = 0;
    if (code == 0)
        while (waitpid(child, &result, 0) < 0 && errno == EINTR)
            ;
    if (code == ENOENT || (code == 0 && WIFEXITED(result) && WEXITSTATUS(result) == 127))
        return bf_error_set(BF_ERR_IO, "--svg: the program dot of Graphviz is not installed (on Debian: apt install graphviz); "
                                       "--dot FILE writes what it would draw");
    if (code != 0 || !WIFEXITED(result) || WEXITSTATUS(result) != 0)
        return bf_error_set(BF_ERR_IO, "--svg: Graphviz's dot failed (%s %d); --dot FILE writes what it should draw",
                            code ? "error" : "status", code ? code : result);
    return BF_OK;
}

static bf_status_t write_svg(const bf_plan_t *p, const view_t *view)
{
    FILE *scratch = tmpfile();
    if (!scratch)
        return bf_error_set(BF_ERR_IO, "--svg: no temporary file: %s", strerror(errno));
    bf_output_t *output = NULL;
    bf_status_t status = put_all(p, view, scratch);
    if (status == BF_OK && (fflush(scratch) != 0 || lseek(fileno(scratch), 0, SEEK_SET) != 0))
        status = bf_error_set(BF_ERR_IO, "--svg: the temporary file could not be written: %s", strerror(errno));
    if (status == BF_OK)
        status = bf_output_open(p->o->svg, &output);
    if (status == BF_OK)
        status = run_dot(fileno(scratch), fileno(bf_output_stream(output)));
    fclose(scratch);
    if (status == BF_OK)
        return bf_output_commit(output);
    bf_output_abandon(output);
    return status;
}

bf_status_t bf_plan_draw(const bf_plan_t *p)
{
    view_t view;
    BF_TRY(choose_view(p, &view));
    if (p->o->dot)
        BF_TRY(write_dot(p, &view));
    return p->o->svg ? write_svg(p, &view) : BF_OK;
}
