/* Sums over a timeline, and the idle time of each worker with its cause. */
#include "runtime/trace/analyse.h"

#include "runtime/trace/bonds.h"
#include "runtime/trace/depend.h"

static const struct {
    const char *name;
    const char *meaning;
} idle_names[BF_IDLE_COUNT] = {
    [BF_IDLE_CRITICAL] = {"critical_gate", "waiting for a gate on the critical path"},
    [BF_IDLE_NO_TASK] = {"no_ready_task", "no ready task: the next one waits for another that still runs"},
    [BF_IDLE_MESSAGE] = {"message", "waiting for a message from another rank"},
    [BF_IDLE_SUBMISSION] = {"submission", "the next task is not submitted yet"},
    [BF_IDLE_SYNC] = {"synchronisation", "the main thread waits for all tasks or for the other ranks"},
    [BF_IDLE_SCHEDULING] = {"scheduling", "the next task is ready: cost of the runtime"},
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

/* Part of [from, to] in which the main thread waits. */
static int64_t waited(const waits_t *w, int64_t from, int64_t to)
{
    size_t low = 0;
    size_t high = w->count;
    while (low < high) { /* the first wait that ends after from */
        const size_t middle = low + (high - low) / 2;
        if (w->phase[middle].end <= from)
            low = middle + 1;
        else
            high = middle;
    }
    int64_t sum = 0;
    for (; low < w->count && w->phase[low].begin < to; low++) {
        const int64_t begin = w->phase[low].begin > from ? w->phase[low].begin : from;
        const int64_t end = w->phase[low].end < to ? w->phase[low].end : to;
        sum += end > begin ? end - begin : 0;
    }
    return sum;
}

/* A worker has nothing to do in [from, begin of the task]. */
static void blame(const bf_timeline_t *t, bf_analysis_t *a, const waits_t *waits, uint32_t task, int64_t from)
{
    const bf_task_t *next = &t->tasks[task];
    const bf_finding_t *found = &a->tasks[task];
    int64_t *idle = a->ranks[next->rank].idle;
    int64_t ready = found->ready > from ? found->ready : from;
    ready = ready < next->begin ? ready : next->begin;
    idle[BF_IDLE_SCHEDULING] += next->begin - ready;
    const int64_t before = ready - from;
    if (found->why == BF_CAUSE_MESSAGE)
        idle[BF_IDLE_MESSAGE] += before;
    else if (found->why == BF_CAUSE_TASK)
        idle[a->tasks[found->cause].critical ? BF_IDLE_CRITICAL : BF_IDLE_NO_TASK] += before;
    else {
        const int64_t sync = waited(&waits[next->rank], from, ready);
        idle[BF_IDLE_SYNC] += sync;
        idle[BF_IDLE_SUBMISSION] += before - sync;
    }
}

static bf_status_t find_idle(const bf_timeline_t *t, bf_analysis_t *a)
{
    int64_t *free_from = malloc(((size_t)t->workers + 1) * sizeof *free_from);
    waits_t *waits = calloc((size_t)t->ranks, sizeof *waits);
    bf_status_t status = free_from && waits ? collect_waits(t, waits) : bf_error_set(BF_ERR_NOMEM, "out of memory");
    for (int lane = 0; status == BF_OK && lane < t->workers; lane++)
        free_from[lane] = a->begin;
    for (size_t i = 0; status == BF_OK && i < t->n_tasks; i++) {
        const bf_task_t *task = &t->tasks[i];
        int64_t *from = &free_from[t->rank[task->rank].first_lane + task->worker];
        if (task->begin > *from)
            blame(t, a, waits, (uint32_t)i, *from);
        *from = task->end > *from ? task->end : *from;
    }
    for (int r = 0; status == BF_OK && r < t->ranks; r++)
        for (int w = 0; w < t->rank[r].workers; w++)
            a->ranks[r].idle[BF_IDLE_END] += a->end - free_from[t->rank[r].first_lane + w];
    for (int r = 0; status == BF_OK && r < t->ranks; r++)
        for (int k = 0; k < BF_IDLE_COUNT; k++)
            a->idle[k] += a->ranks[r].idle[k];
    for (int r = 0; waits && r < t->ranks; r++)
        free(waits[r].phase);
    free(waits);
    free(free_from);
    return status;
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
        status = find_idle(t, a);
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
