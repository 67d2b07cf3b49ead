/* Grouping operations into tasks. */
#include "runtime/plan/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* At most this many operations are planned at a time: bounds the memory of the planner. */
#define MAX_CHUNK 65536

/* Blocks per worker and pass that are worth having for balance. */
#define BLOCKS_PER_WORKER 3

typedef struct planner {
    const bf_program_t *program;
    const bf_plan_options_t *options;
    const bf_plan_sink_t *sink;
    size_t first;
    size_t n;          /* operations in this chunk */
    double *us;        /* predicted cost of each, < 0 when it stands alone */
    double *flops;     /* predicted */
    uint32_t *waiting; /* operations still to be placed, in order */
    size_t n_waiting;
    uint32_t *next_in_block; /* operations of an open block are linked in order */
    int *segment_of;         /* of each site, in this pass */
    int n_segments;
    uint32_t *head; /* first and last operation of each segment's open block, NONE when empty */
    uint32_t *tail;
    unsigned char *blocked; /* site waits for an operation that was put off to the next pass */
    unsigned char *touched; /* site belongs to the open block of its segment */
    bf_site_t *sites;       /* scratch: sites of a block */
    int *index_of;          /* scratch: position of a site in it */
    bf_block_item_t *items; /* scratch */
} planner_t;

#define NONE UINT32_MAX

/* Choose how far to plan, and predict what each operation costs. Bonds grow at most by their bound; between what they are now
 * and the bound the truth is unknown, so the geometric mean decides, and the longer the chunk the less it is worth. */
static void predict(planner_t *p, const bf_dim_t *chi, size_t available)
{
    const bf_program_t *program = p->program;
    const double grain = p->options->grain_us;
    const bf_site_t n = program->n;
    bf_dim_t bound[n + 1];
    memcpy(bound, chi, sizeof bound);
    size_t count = 0;
    for (; count < available; count++) {
        const bf_op_t *op = &program->ops[p->first + count];
        if (bf_op_width(op) == 1) {
            p->us[count] = 0.1;
            p->flops[count] = 1.0;
            continue;
        }
        const bf_dim_t *now = &chi[op->site];
        const bf_dim_t *most = &bound[op->site];
        const double least_us = bf_plan_update_us(now[0], now[1], now[2]);
        const double most_us = bf_plan_update_us(most[0], most[1], most[2]);
        const bool known = most_us < grain || least_us >= grain / 8.0;
        if (!known && count >= (size_t)n)
            break;
        const double us = sqrt(least_us * most_us);
        p->us[count] = us >= grain || (known && most_us >= grain) ? -us : us;
        p->flops[count] = sqrt(bf_plan_update_flops(now[0], now[1], now[2]) * bf_plan_update_flops(most[0], most[1], most[2]));
        bound[op->site + 1] = bf_plan_bound(program, op, bound, p->options->max_dim);
    }
    p->n = count;
}

/* Segments so narrow that there is one for each worker and more, so wide that a block is worth a task: a block of a chain of
 * width w holds about w^2/4 updates. */
static int segments_wanted(const planner_t *p)
{
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->us[i] >= 0.0) {
            sum += p->us[i];
            count++;
        }
    if (count == 0)
        return 1;
    const double mean_us = sum / (double)count;
    const double width = 2.0 * sqrt(p->options->grain_us / mean_us);
    const int fit = (int)((double)p->program->n / width);
    const int most = BLOCKS_PER_WORKER * p->options->workers;
    /* A multiple of the ranks puts their borders on cuts. */
    const int ranks = p->options->ranks;
    int segments = (fit < most ? fit : most) / ranks * ranks;
    segments = segments > ranks ? segments : ranks;
    segments = segments < p->program->n / 2 ? segments : p->program->n / 2;
    return segments > 1 ? segments : 1;
}

/* Cut the chain evenly; in odd passes the cuts move to the middle of the segments. Every segment has two sites at least, so that
 * every gate finds its place in one of two passes. */
static void cut(planner_t *p, int segments, bool shifted)
{
    const bf_site_t n = p->program->n;
    for (int k = 0; k < segments; k++) {
        const bf_site_t begin = (bf_site_t)((int64_t)k * n / segments);
        const bf_site_t end = (bf_site_t)((int64_t)(k + 1) * n / segments);
        const bf_site_t middle = begin + (end - begin) / 2;
        for (bf_site_t s = begin; s < end; s++)
            p->segment_of[s] = shifted && s >= middle ? k + 1 : k;
    }
    p->n_segments = segments + (shifted ? 1 : 0);
}

static bf_status_t flush(planner_t *p, int segment)
{
    if (p->head[segment] == NONE)
        return BF_OK;
    const bf_op_t *ops = p->program->ops;
    bf_site_t low = p->program->n;
    bf_site_t high = -1;
    for (uint32_t i = p->head[segment]; i != NONE; i = p->next_in_block[i - p->first]) {
        const bf_site_t last = ops[i].site + bf_op_width(&ops[i]) - 1;
        low = ops[i].site < low ? ops[i].site : low;
        high = last > high ? last : high;
    }
    int n_sites = 0;
    for (bf_site_t s = low; s <= high; s++)
        if (p->touched[s]) {
            p->index_of[s] = n_sites;
            p->sites[n_sites++] = s;
            p->touched[s] = 0;
        }
    size_t n_items = 0;
    double flops = 0.0;
    for (uint32_t i = p->head[segment]; i != NONE; i = p->next_in_block[i - p->first]) {
        p->items[n_items++] = (bf_block_item_t){.op = i, .buffer = (uint32_t)p->index_of[ops[i].site]};
        flops += p->flops[i - p->first];
    }
    p->head[segment] = NONE;
    p->tail[segment] = NONE;
    return p->sink->block(p->sink->arg, p->sites, n_sites, p->items, n_items, flops);
}

static void append(planner_t *p, int segment, uint32_t i)
{
    const bf_op_t *op = &p->program->ops[i];
    p->next_in_block[i - p->first] = NONE;
    if (p->head[segment] == NONE)
        p->head[segment] = i;
    else
        p->next_in_block[p->tail[segment] - p->first] = i;
    p->tail[segment] = i;
    for (int k = 0; k < bf_op_width(op); k++)
        p->touched[op->site + k] = 1;
}

/* Place one operation in this pass. @return false when it has to wait for the next one. */
static bool place(planner_t *p, uint32_t i, bf_status_t *status)
{
    const bf_op_t *op = &p->program->ops[i];
    const bf_site_t left = op->site;
    const bf_site_t right = left + bf_op_width(op) - 1;
    const double us = p->us[i - p->first];
    if (p->blocked[left] || p->blocked[right])
        return false;
    if (us < 0.0) {
        if (p->touched[left])
            *status = flush(p, p->segment_of[left]);
        if (*status == BF_OK && p->touched[right])
            *status = flush(p, p->segment_of[right]);
        if (*status == BF_OK)
            *status = p->sink->gate(p->sink->arg, i, -us);
        return true;
    }
    if (p->segment_of[left] != p->segment_of[right])
        return false;
    append(p, p->segment_of[left], i);
    return true;
}

static bf_status_t pass(planner_t *p)
{
    memset(p->blocked, 0, (size_t)p->program->n);
    memset(p->touched, 0, (size_t)p->program->n);
    for (int segment = 0; segment < p->n_segments; segment++)
        p->head[segment] = p->tail[segment] = NONE;
    size_t kept = 0;
    bf_status_t status = BF_OK;
    for (size_t w = 0; w < p->n_waiting && status == BF_OK; w++) {
        const uint32_t i = p->waiting[w];
        if (place(p, i, &status))
            continue;
        const bf_op_t *op = &p->program->ops[i];
        p->blocked[op->site] = 1;
        p->blocked[op->site + bf_op_width(op) - 1] = 1;
        p->waiting[kept++] = i;
    }
    p->n_waiting = kept;
    for (int segment = 0; segment < p->n_segments && status == BF_OK; segment++)
        status = flush(p, segment);
    return status;
}

static bf_status_t group(planner_t *p)
{
    for (size_t i = 0; i < p->n; i++)
        p->waiting[i] = (uint32_t)(p->first + i);
    p->n_waiting = p->n;
    const int segments = segments_wanted(p);
    bf_status_t status = BF_OK;
    for (bool shifted = false; p->n_waiting > 0 && status == BF_OK; shifted = !shifted) {
        cut(p, segments, shifted);
        status = pass(p);
    }
    return status;
}

static bool allocate(planner_t *p, size_t chunk)
{
    const size_t n = (size_t)p->program->n;
    p->us = malloc(chunk * sizeof *p->us);
    p->flops = malloc(chunk * sizeof *p->flops);
    p->waiting = malloc(chunk * sizeof *p->waiting);
    p->next_in_block = malloc(chunk * sizeof *p->next_in_block);
    p->items = malloc(chunk * sizeof *p->items);
    p->segment_of = malloc(n * sizeof *p->segment_of);
    p->head = malloc((n + 1) * sizeof *p->head);
    p->tail = malloc((n + 1) * sizeof *p->tail);
    p->blocked = malloc(n);
    p->touched = malloc(n);
    p->sites = malloc(n * sizeof *p->sites);
    p->index_of = malloc(n * sizeof *p->index_of);
    return p->us && p->flops && p->waiting && p->next_in_block && p->items && p->segment_of && p->head && p->tail && p->blocked &&
           p->touched && p->sites && p->index_of;
}

static void release(planner_t *p)
{
    free(p->us);
    free(p->flops);
    free(p->waiting);
    free(p->next_in_block);
    free(p->items);
    free(p->segment_of);
    free(p->head);
    free(p->tail);
    free(p->blocked);
    free(p->touched);
    free(p->sites);
    free(p->index_of);
}

bf_status_t bf_plan_next(const bf_program_t *program, const bf_dim_t *chi, size_t first, const bf_plan_options_t *options,
                         const bf_plan_sink_t *sink, size_t *next)
{
    planner_t p = {.program = program, .options = options, .sink = sink, .first = first};
    const size_t left = program->n_ops - first;
    const size_t chunk = left < MAX_CHUNK ? left : MAX_CHUNK;
    bf_status_t status = BF_ERR_NOMEM;
    if (allocate(&p, chunk)) {
        predict(&p, chi, chunk);
        status = group(&p);
        *next = first + p.n;
    }
    release(&p);
    return status;
}
