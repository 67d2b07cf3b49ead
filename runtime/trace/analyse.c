/* Sums over a timeline, and the idle time of each worker with its cause. */
#include "runtime/trace/analyse.h"

#include "runtime/trace/bonds.h"
#include "runtime/trace/depend.h"

#include <math.h>

static const struct {
    const char *name;
    const char *meaning;
} idle_names[BF_IDLE_COUNT] = {
    [BF_IDLE_CRITICAL] = {"critical_gate", "waiting for a gate on the critical path"},
    [BF_IDLE_NO_TASK] = {"no_ready_task", "no ready task: the next one waits for another that still runs"},
    [BF_IDLE_MESSAGE] = {"message", "waiting for a message from another rank"},
    [BF_IDLE_SUBMISSION] = {"submission", "the next task is not submitted yet"},
    [BF_IDLE_SYNC] = {"synchronisation", "the main thread waits for all tasks or for the other ranks"},
    [BF_IDLE_SCHEDULING] = {"scheduling", "the next task is ready: cost of the runtime, or another program has the core"},
    [BF_IDLE_END] = {"end", "no task left for this worker, others still work"},
};

const char *bf_idle_name(bf_idle_t idle)
{
    return idle_names[idle].name;
}

const char *bf_idle_meaning(bf_idle_t idle)
{
    return idle_names[idle].meaning;
}

int bf_bin(double at)
{
    return at < 0.0 ? 0 : (at >= BF_BINS ? BF_BINS - 1 : (int)at);
}

/* The waits of each rank's main thread, one after the other. */
typedef struct waits {
    bf_phase_t *phase;
    size_t count;
} waits_t;

static bf_status_t collect_waits(const bf_timeline_t *t, waits_t *waits)
{
    for (size_t i = 0; i < t->n_phases; i++)
        waits[t->phases[i].rank].count++;
    for (int r = 0; r < t->ranks; r++) {
        waits[r].phase = malloc((waits[r].count + 1) * sizeof *waits[r].phase);
        waits[r].count = 0;
        if (!waits[r].phase)
            return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu phases", t->n_phases);
    }
    for (size_t i = 0; i < t->n_phases; i++) {
        const bf_phase_t *p = &t->phases[i];
        if (p->phase == BF_PHASE_WAIT || p->phase == BF_PHASE_SYNC)
            waits[p->rank].phase[waits[p->rank].count++] = *p;
    }
    return BF_OK;
}

typedef struct gaps {
    const bf_timeline_t *t;
    const bf_analysis_t *a;
    bf_idle_visit_t *visit;
    void *arg;
} gaps_t;

static void tell(const gaps_t *g, int rank, int worker, bf_idle_t why, int64_t from, int64_t to)
{
    if (to > from)
        g->visit(g->arg, rank, worker, why, from, to);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Not submitted yet in [from, to]: cut at the waits of the main thread. */
static void tell_unsubmitted(const gaps_t *g, const waits_t *waits, int rank, int worker, int64_t from, int64_t to)
{
    size_t low = 0;
    size_t high = waits->count;
    while (low < high) { /* the first wait that ends after from */
        const size_t middle = low + (high - low) / 2;
        if (waits->phase[middle].end <= from)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < waits->count && waits->phase[low].begin < to; low++) {
        const int64_t begin = waits->phase[low].begin > from ? waits->phase[low].begin : from;
        const int64_t end = waits->phase[low].end < to ? waits->phase[low].end : to;
        tell(g, rank, worker, BF_IDLE_SUBMISSION, from, begin);
        tell(g, rank, worker, BF_IDLE_SYNC, begin, end);
        from = end > from ? end : from;
    }
    tell(g, rank, worker, BF_IDLE_SUBMISSION, from, to);
}

/* What was going on in [from, to], for which the worker's next task waited? Back from one task to the one that it waited for. */
static void tell_gap(const gaps_t *g, const waits_t *waits, uint32_t next, int64_t from)
{
    const int rank = g->t->tasks[next].rank;
    const int worker = g->t->tasks[next].worker;
    int64_t to = g->t->tasks[next].begin;
    for (uint32_t at = next; to > from;) {
        const bf_task_t *task = &g->t->tasks[at];
        const bf_finding_t *found = &g->a->tasks[at];
        const bf_idle_t kind = found->critical ? BF_IDLE_CRITICAL : BF_IDLE_NO_TASK;
        /* It was ready, but had not begun: here that is the runtime's doing, elsewhere another rank's workers are busy. */
        const int64_t ready = later(found->ready, from);
        tell(g, rank, worker, task->rank == rank ? BF_IDLE_SCHEDULING : kind, ready, to);
        to = sooner(ready, to);
        if (found->why != BF_CAUSE_TASK) {
            tell_unsubmitted(g, &waits[task->rank], rank, worker, from, to);
            return;
        }
        const bf_task_t *awaited = &g->t->tasks[found->cause];
        const bf_idle_t waiting = g->a->tasks[found->cause].critical ? BF_IDLE_CRITICAL : BF_IDLE_NO_TASK;
        if (found->message != BF_NO_INDEX) {
            const int64_t sent = later(awaited->end, from);
            tell(g, rank, worker, BF_IDLE_MESSAGE, sent, to);
            to = sooner(sent, to);
        }
        const int64_t began = later(awaited->begin, from);
        tell(g, rank, worker, waiting, began, to);
        to = sooner(began, to);
        at = found->cause;
    }
}

bf_status_t bf_analysis_gaps(const bf_analysis_t *a, bf_idle_visit_t *visit, void *arg)
{
    const bf_timeline_t *t = a->timeline;
    const gaps_t g = {.t = t, .a = a, .visit = visit, .arg = arg};
    int64_t *free_from = malloc(((size_t)t->workers + 1) * sizeof *free_from);
    waits_t *waits = calloc((size_t)t->ranks, sizeof *waits);
    bf_status_t status = free_from && waits ? collect_waits(t, waits) : bf_error_set(BF_ERR_NOMEM, "out of memory");
    for (int lane = 0; status == BF_OK && lane < t->workers; lane++)
        free_from[lane] = a->begin;
    for (size_t i = 0; status == BF_OK && i < t->n_tasks; i++) {
        const bf_task_t *task = &t->tasks[i];
        int64_t *from = &free_from[t->rank[task->rank].first_lane + task->worker];
        if (task->begin > *from)
            tell_gap(&g, waits, (uint32_t)i, *from);
        *from = task->end > *from ? task->end : *from;
    }
    for (int r = 0; status == BF_OK && r < t->ranks; r++)
        for (int w = 0; w < t->rank[r].workers; w++)
            tell(&g, r, w, BF_IDLE_END, free_from[t->rank[r].first_lane + w], a->end);
    for (int r = 0; waits && r < t->ranks; r++)
        free(waits[r].phase);
    free(waits);
    free(free_from);
    return status;
}

static void add_gap(void *arg, int rank, int worker, bf_idle_t why, int64_t from, int64_t to)
{
    (void)worker;
    bf_analysis_t *a = arg;
    a->idle[why] += to - from;
    a->ranks[rank].idle[why] += to - from;
}

static void sum_tasks(const bf_timeline_t *t, bf_analysis_t *a)
{
    a->begin = INT64_MAX;
    for (size_t i = 0; i < t->n_tasks; i++) {
        const bf_task_t *task = &t->tasks[i];
        const int64_t ns = task->end - task->begin;
        const int64_t first = task->submit_begin >= 0 && task->submit_begin < task->begin ? task->submit_begin : task->begin;
        a->begin = first < a->begin ? first : a->begin;
        a->end = task->end > a->end ? task->end : a->end;
        a->work += ns;
        a->kinds[task->kind].tasks++;
        a->kinds[task->kind].ns += ns;
        a->kinds[task->kind].flops += (double)task->flops;
        a->ranks[task->rank].busy += ns;
        a->ranks[task->rank].tasks++;
        a->task_bins[bf_bin(2.0 * log2(8e-3 * (double)(ns > 0 ? ns : 1)))]++;
    }
    a->begin = t->n_tasks > 0 ? a->begin : 0;
    a->busy = a->work;
    for (size_t i = 0; i < t->n_phases; i++)
        a->ranks[t->phases[i].rank].main_phase[t->phases[i].phase] += t->phases[i].end - t->phases[i].begin;
    for (int r = 0; r < t->ranks; r++)
        a->submit_ns += t->rank[r].submit_ns;
}

static void sum_messages(const bf_timeline_t *t, bf_analysis_t *a)
{
    for (size_t i = 0; i < t->n_messages; i++) {
        const bf_message_t *m = &t->messages[i];
        if (m->send_begin < 0 || m->receive_end < 0)
            continue;
        const size_t cell = (size_t)m->from * (size_t)t->ranks + m->to;
        a->matrix_bytes[cell] += m->bytes;
        a->matrix_count[cell]++;
        a->bytes += m->bytes;
        a->transfer_ns += m->receive_end > m->send_begin ? m->receive_end - m->send_begin : 0;
    }
}

bf_status_t bf_analyse(const bf_timeline_t *t, bf_analysis_t *a)
{
    const size_t ranks = (size_t)t->ranks;
    *a = (bf_analysis_t){.timeline = t,
                         .tasks = malloc((t->n_tasks + 1) * sizeof *a->tasks),
                         .ranks = calloc(ranks, sizeof *a->ranks),
                         .matrix_bytes = calloc(ranks * ranks, sizeof *a->matrix_bytes),
                         .matrix_count = calloc(ranks * ranks, sizeof *a->matrix_count)};
    bf_status_t status = a->tasks && a->ranks && a->matrix_bytes && a->matrix_count
                             ? BF_OK
                             : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu tasks", t->n_tasks);
    if (status == BF_OK) {
        sum_tasks(t, a);
        sum_messages(t, a);
        status = bf_depend(t, a);
    }
    if (status == BF_OK)
        status = bf_analysis_gaps(a, add_gap, a);
    if (status == BF_OK)
        status = bf_bonds(t, a);
    if (status != BF_OK)
        bf_analysis_free(a);
    return status;
}

void bf_analysis_free(bf_analysis_t *a)
{
    free(a->tasks);
    free(a->ranks);
    free(a->matrix_bytes);
    free(a->matrix_count);
    free(a->heat.cell);
    *a = (bf_analysis_t){0};
}

double bf_analysis_speedup(const bf_analysis_t *a)
{
    return a->end > a->begin ? (double)a->work / (double)(a->end - a->begin) : 0.0;
}

double bf_analysis_possible(const bf_analysis_t *a)
{
    const double workers = a->timeline->workers > 0 ? (double)a->timeline->workers : 1.0;
    const double shared = (double)a->work / workers;
    const double bound = (double)a->critical > shared ? (double)a->critical : shared;
    return bound > 0.0 ? (double)a->work / bound : 0.0;
}

double bf_analysis_idle_share(const bf_analysis_t *a)
{
    const double total = (double)(a->end - a->begin) * (double)a->timeline->workers;
    double idle = 0.0;
    for (int k = 0; k < BF_IDLE_COUNT; k++)
        idle += (double)a->idle[k];
    return total > 0.0 ? idle / total : 0.0;
}
