/* What the gates tell. Tasks that share a site have run one after the other, so walking through them in the order of time passes
 * each site's gates in the circuit's order. */
#include "runtime/trace/bonds.h"

#include "runtime/plan/rates.h"

#include <math.h>
#include <string.h>

typedef struct walk {
    const bf_timeline_t *t;
    bf_analysis_t *a;
    int n;           /* sites */
    int32_t *depth;  /* of each site: gates passed */
    int64_t *chi;    /* n + 1 bonds */
    double *half_us; /* of each site: a contraction whose other half is to come */
    bool *half_critical;
    int32_t *layer; /* of each gate */
    float *ratio;   /* of each whole gate */
    size_t n_ratios;
    int layers;
    bf_rates_t rates; /* of this machine's kernels */
} walk_t;

static void note_heavy(bf_analysis_t *a, const bf_heavy_gate_t *gate)
{
    int at = a->n_heavy;
    while (at > 0 && a->heavy[at - 1].ns < gate->ns)
        at--;
    if (at == BF_HEAVY_GATES)
        return;
    const int last = a->n_heavy < BF_HEAVY_GATES ? a->n_heavy++ : BF_HEAVY_GATES - 1;
    memmove(&a->heavy[at + 1], &a->heavy[at], (size_t)(last - at) * sizeof a->heavy[0]);
    a->heavy[at] = *gate;
}

static void pass(walk_t *w, size_t task, uint32_t index)
{
    const bf_trace_gate_t *gate = &w->t->gates[index];
    const int s = gate->site;
    w->layer[index] = -1;
    if (s < 0 || s + 1 >= w->n)
        return;
    const bool critical = w->a->tasks[task].critical;
    if (gate->half) {
        w->half_us[s] = (double)gate->duration_us;
        w->half_critical[s] = critical;
        return;
    }
    const double us = (double)gate->duration_us + w->half_us[s];
    const double predicted =
        bf_rates_update_us(&w->rates, (bf_type_t)(gate->type & 3U), w->chi[s], gate->chi_before, w->chi[s + 2], gate->chi_after);
    w->a->predicted_us += predicted;
    w->a->measured_us += us;
    w->ratio[w->n_ratios++] = (float)(us / predicted);
    w->a->ratio_bins[bf_bin(20.0 + 4.0 * log2(us / predicted))]++;
    if (critical || w->half_critical[s])
        note_heavy(w->a, &(bf_heavy_gate_t){.line = gate->line,
                                            .site = s,
                                            .chi_before = gate->chi_before,
                                            .chi_after = gate->chi_after,
                                            .begin = w->t->tasks[task].begin + (int64_t)(1e3F * gate->begin_us),
                                            .ns = (int64_t)(1e3 * us)});
    w->half_us[s] = 0.0;
    w->half_critical[s] = false;
    w->chi[s + 1] = gate->chi_after;
    const int32_t layer = w->depth[s] > w->depth[s + 1] ? w->depth[s] : w->depth[s + 1];
    w->depth[s] = w->depth[s + 1] = layer + 1;
    w->layer[index] = layer;
    w->layers = layer + 1 > w->layers ? layer + 1 : w->layers;
}

static bf_status_t draw_heat(const walk_t *w)
{
    bf_heat_t *heat = &w->a->heat;
    heat->bonds = w->n - 1;
    heat->layers = w->layers;
    heat->columns = heat->bonds < BF_HEAT_CELLS ? heat->bonds : BF_HEAT_CELLS;
    heat->rows = heat->layers < BF_HEAT_CELLS ? heat->layers : BF_HEAT_CELLS;
    if (heat->columns < 1 || heat->rows < 1)
        return BF_OK;
    heat->cell = calloc((size_t)heat->columns * (size_t)heat->rows, sizeof *heat->cell);
    if (!heat->cell)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < w->t->n_gates; i++) {
        if (w->layer[i] < 0)
            continue;
        const int64_t row = (int64_t)w->layer[i] * heat->rows / heat->layers;
        const int64_t column = (int64_t)w->t->gates[i].site * heat->columns / heat->bonds;
        uint32_t *cell = &heat->cell[row * heat->columns + column];
        *cell = w->t->gates[i].chi_after > *cell ? w->t->gates[i].chi_after : *cell;
        heat->max = *cell > heat->max ? *cell : heat->max;
    }
    return BF_OK;
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a;
    const float y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static bf_status_t walk(walk_t *w)
{
    for (size_t i = 0; i < w->t->n_gates; i++)
        w->layer[i] = -1;
    for (int b = 0; b <= w->n; b++)
        w->chi[b] = 1;
    for (size_t i = 0; i < w->t->n_tasks; i++)
        for (uint32_t g = 0; g < w->t->tasks[i].n_gates; g++)
            pass(w, i, w->t->tasks[i].first_gate + g);
    if (w->n_ratios > 0) {
        qsort(w->ratio, w->n_ratios, sizeof *w->ratio, by_size);
        for (int i = 0; i < 3; i++)
            w->a->ratio[i] = (double)w->ratio[(w->n_ratios - 1) * (size_t)(1 + 4 * i) / 10];
    }
    return draw_heat(w);
}

bf_status_t bf_bonds(const bf_timeline_t *t, bf_analysis_t *a)
{
    const size_t n = (size_t)t->sites + 1;
    walk_t w = {.t = t,
                .a = a,
                .n = t->sites,
                .depth = calloc(n, sizeof *w.depth),
                .chi = calloc(n, sizeof *w.chi),
                .half_us = calloc(n, sizeof *w.half_us),
                .half_critical = calloc(n, sizeof *w.half_critical),
                .layer = malloc((t->n_gates + 1) * sizeof *w.layer),
                .ratio = malloc((t->n_gates + 1) * sizeof *w.ratio)};
    const bool room = w.depth && w.chi && w.half_us && w.half_critical && w.layer && w.ratio;
    bf_status_t status =
        room ? bf_rates_get(BF_RATES_FIND, &w.rates) : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu gates", t->n_gates);
    if (status == BF_OK)
        status = walk(&w);
    free(w.depth);
    free(w.chi);
    free(w.half_us);
    free(w.half_critical);
    free(w.layer);
    free(w.ratio);
    return status;
}
