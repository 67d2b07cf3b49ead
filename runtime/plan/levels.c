/* One walk forward for layers and finishing times, one back along the longest chain. */
#include "runtime/plan/levels.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* What each site has seen so far. */
typedef struct site {
    uint32_t layers; /* the next operation on it is in this layer at least */
    uint32_t last;   /* operation, NONE when there is none */
} site_t;

static bool takes_a_layer(const bf_op_t *op)
{
    return bf_op_width(op) == 2 || op->kind != BF_OP_GATE;
}

static void place(bf_levels_t *levels, const bf_program_t *program, const double *us, site_t *sites, double *end_us,
                  uint32_t *previous)
{
    for (uint32_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        site_t *left = &sites[op->site];
        site_t *right = left + bf_op_width(op) - 1;
        const uint32_t layers = left->layers > right->layers ? left->layers : right->layers;
        const bool counts = takes_a_layer(op);
        levels->layer_of[i] = counts || layers == 0 ? layers : layers - 1;
        const double left_us = left->last == NONE ? 0.0 : end_us[left->last];
        const double right_us = right->last == NONE ? 0.0 : end_us[right->last];
        previous[i] = left_us >= right_us ? left->last : right->last;
        end_us[i] = (left_us >= right_us ? left_us : right_us) + us[i];
        left->layers = right->layers = layers + (counts ? 1 : 0);
        left->last = right->last = i;
        if (levels->n_layers <= levels->layer_of[i])
            levels->n_layers = levels->layer_of[i] + 1;
    }
}

static void mark_critical(bf_levels_t *levels, const double *end_us, const uint32_t *previous)
{
    uint32_t last = NONE;
    for (uint32_t i = 0; i < levels->n_ops; i++)
        if (last == NONE || end_us[i] > end_us[last])
            last = i;
    levels->critical_us = last == NONE ? 0.0 : end_us[last];
    for (uint32_t i = last; i != NONE; i = previous[i]) {
        levels->critical[i] = 1;
        levels->critical_ops++;
    }
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bf_status_t count_widths(bf_levels_t *levels, const bf_program_t *program)
{
    levels->width = calloc(levels->n_layers + 1, sizeof *levels->width);
    levels->sorted_width = malloc((levels->n_layers + 1) * sizeof *levels->sorted_width);
    if (!levels->width || !levels->sorted_width)
        return BF_ERR_NOMEM;
    for (size_t i = 0; i < program->n_ops; i++)
        levels->width[levels->layer_of[i]] += takes_a_layer(&program->ops[i]);
    memcpy(levels->sorted_width, levels->width, levels->n_layers * sizeof *levels->width);
    qsort(levels->sorted_width, levels->n_layers, sizeof *levels->sorted_width, ascending);
    return BF_OK;
}

bf_status_t bf_levels_make(const bf_program_t *program, const double *us, bf_levels_t *levels)
{
    const size_t n_ops = program->n_ops;
    *levels = (bf_levels_t){.n_ops = n_ops,
                            .layer_of = malloc((n_ops + 1) * sizeof *levels->layer_of),
                            .critical = calloc(n_ops + 1, sizeof *levels->critical)};
    site_t *sites = malloc((size_t)program->n * sizeof *sites);
    double *end_us = malloc((n_ops + 1) * sizeof *end_us);
    uint32_t *previous = malloc((n_ops + 1) * sizeof *previous);
    bf_status_t status = BF_ERR_NOMEM;
    if (levels->layer_of && levels->critical && sites && end_us && previous) {
        for (bf_site_t s = 0; s < program->n; s++)
            sites[s] = (site_t){.last = NONE};
        place(levels, program, us, sites, end_us, previous);
        mark_critical(levels, end_us, previous);
        status = count_widths(levels, program);
    }
    free(sites);
    free(end_us);
    free(previous);
    return status == BF_OK ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: the map of %zu operations", n_ops);
}

void bf_levels_clear(bf_levels_t *levels)
{
    free(levels->layer_of);
    free(levels->width);
    free(levels->sorted_width);
    free(levels->critical);
    *levels = (bf_levels_t){0};
}

size_t bf_light_cone(const bf_program_t *program, unsigned char *reached, unsigned char *cone)
{
    size_t count = 0;
    for (size_t i = program->n_ops; i-- > 0;) {
        const bf_op_t *op = &program->ops[i];
        const bf_site_t last = op->site + bf_op_width(op) - 1;
        cone[i] = reached[op->site] || reached[last];
        if (cone[i]) {
            reached[op->site] = reached[last] = 1;
            count++;
        }
    }
    return count;
}
