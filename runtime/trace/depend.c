/* Dependencies from the versions of tensors: who reads version v depends on who wrote it, who writes version v + 1 also on those
 * who read v on the same rank. */
#include "runtime/trace/depend.h"

#include <string.h>

/* A task depends on another, through a message when it is on another rank. */
typedef struct edge {
    uint32_t from, to;
    uint32_t message; /* BF_NO_INDEX: none */
} edge_t;

/* One use of a tensor, with whose it is. */
typedef struct visit {
    uint32_t task;
    uint32_t version; /* found */
    uint8_t mode;
} visit_t;

typedef struct graph {
    const bf_timeline_t *t;
    bf_analysis_t *a;
    visit_t *visits;
    size_t *bucket;    /* of each tensor: its first visit; one more at the end */
    uint32_t *arrived; /* messages sorted by tensor, version, receiver, time */
    edge_t *edges;
    size_t n_edges, room;
} graph_t;

static int rank_of(const graph_t *g, uint32_t task)
{
    return g->t->tasks[task].rank;
}

/* ---- messages ---- */

typedef struct wanted {
    uint32_t tensor, version;
    int to;
} wanted_t;

static const bf_timeline_t *sorting; /* qsort has no argument; one thread analyses */

static int compare_message(const bf_message_t *m, const wanted_t *wanted)
{
    if (m->tensor != wanted->tensor)
        return m->tensor < wanted->tensor ? -1 : 1;
    if (m->version != wanted->version)
        return m->version < wanted->version ? -1 : 1;
    return m->to != wanted->to ? (m->to < wanted->to ? -1 : 1) : 0;
}

static int by_key(const void *a, const void *b)
{
    const bf_message_t *x = &sorting->messages[*(const uint32_t *)a];
    const bf_message_t *y = &sorting->messages[*(const uint32_t *)b];
    const int order = compare_message(x, &(wanted_t){y->tensor, y->version, y->to});
    return order ? order : (x->receive_end < y->receive_end ? -1 : x->receive_end > y->receive_end);
}

/* The message by which @p version came to @p task's rank: the last one before it began, else the first. */
static uint32_t message_to(const graph_t *g, uint32_t tensor, uint32_t version, uint32_t task)
{
    const bf_timeline_t *t = g->t;
    const wanted_t key = {tensor, version, rank_of(g, task)};
    size_t low = 0;
    size_t high = t->n_messages;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_message(&t->messages[g->arrived[middle]], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t found = BF_NO_INDEX;
    for (; low < t->n_messages && compare_message(&t->messages[g->arrived[low]], &key) == 0; low++)
        if (t->messages[g->arrived[low]].receive_end >= 0 &&
            (found == BF_NO_INDEX || t->messages[g->arrived[low]].receive_end <= t->tasks[task].begin))
            found = g->arrived[low];
    return found;
}

/* ---- edges ---- */

static bf_status_t add_edge(graph_t *g, uint32_t from, uint32_t to, uint32_t message)
{
    if (from == to)
        return BF_OK;
    if (g->n_edges == g->room) {
        const size_t larger = g->room ? g->room + g->room / 2 : 4096;
        edge_t *edges = realloc(g->edges, larger * sizeof *edges);
        if (!edges)
            return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu dependencies", larger);
        g->edges = edges;
        g->room = larger;
    }
    g->edges[g->n_edges++] = (edge_t){from, to, message};
    return BF_OK;
}

static size_t bucket_of(const graph_t *g, uint32_t tensor, int rank)
{
    return g->t->shared ? tensor : (size_t)rank * g->t->n_tensors + tensor;
}

/* Visits of each tensor together, in the order of time. */
static bf_status_t fill_buckets(graph_t *g)
{
    const bf_timeline_t *t = g->t;
    const size_t buckets = t->n_tensors * (size_t)(t->shared ? 1 : t->ranks);
    g->bucket = calloc(buckets + 2, sizeof *g->bucket);
    g->visits = malloc((t->n_uses + 1) * sizeof *g->visits);
    g->arrived = malloc((t->n_messages + 1) * sizeof *g->arrived);
    if (!g->bucket || !g->visits || !g->arrived)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu uses of tensors", t->n_uses);
    for (size_t i = 0; i < t->n_tasks; i++)
        for (uint32_t u = 0; u < t->tasks[i].n_uses; u++)
            g->bucket[bucket_of(g, t->uses[t->tasks[i].first_use + u].tensor, t->tasks[i].rank) + 2]++;
    for (size_t b = 2; b < buckets + 2; b++)
        g->bucket[b] += g->bucket[b - 1];
    for (size_t i = 0; i < t->n_tasks; i++)
        for (uint32_t u = 0; u < t->tasks[i].n_uses; u++) {
            const bf_trace_use_t *use = &t->uses[t->tasks[i].first_use + u];
            g->visits[g->bucket[bucket_of(g, use->tensor, t->tasks[i].rank) + 1]++] =
                (visit_t){.task = (uint32_t)i, .version = use->version, .mode = (uint8_t)use->mode};
        }
    for (size_t i = 0; i < t->n_messages; i++)
        g->arrived[i] = (uint32_t)i;
    sorting = t;
    qsort(g->arrived, t->n_messages, sizeof *g->arrived, by_key);
    return BF_OK;
}

static int by_version(const void *a, const void *b)
{
    const visit_t *x = a;
    const visit_t *y = b;
    if (x->version != y->version)
        return x->version < y->version ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

/* The last of the writers in [first, end) that had begun before @p task; the only one there should be. */
static uint32_t writer_before(const visit_t *visits, size_t first, size_t end, uint32_t task)
{
    uint32_t writer = BF_NO_INDEX;
    for (size_t i = first; i < end; i++)
        if ((visits[i].mode & BF_TRACE_WRITES) && (writer == BF_NO_INDEX || visits[i].task < task))
            writer = visits[i].task;
    return writer;
}

/* Edges of the uses [first, end) that found one version; [before, first) found the one before, and wrote this one. */
static bf_status_t connect_version(graph_t *g, uint32_t tensor, size_t before, size_t first, size_t end)
{
    const visit_t *v = g->visits;
    for (size_t i = first; i < end; i++) {
        const uint32_t writer = writer_before(v, before, first, v[i].task);
        if (writer != BF_NO_INDEX) {
            const bool local = rank_of(g, writer) == rank_of(g, v[i].task);
            BF_TRY(add_edge(g, writer, v[i].task, local ? BF_NO_INDEX : message_to(g, tensor, v[i].version, v[i].task)));
        }
        if (!(v[i].mode & BF_TRACE_WRITES))
            continue;
        for (size_t k = first; k < end; k++)
            if (v[k].mode == BF_TRACE_READS && v[k].task < v[i].task && rank_of(g, v[k].task) == rank_of(g, v[i].task))
                BF_TRY(add_edge(g, v[k].task, v[i].task, BF_NO_INDEX));
    }
    return BF_OK;
}

static bf_status_t connect_tensor(graph_t *g, uint32_t tensor, size_t first, size_t end)
{
    visit_t *v = g->visits;
    qsort(v + first, end - first, sizeof *v, by_version);
    size_t before = first;
    for (size_t i = first; i < end;) {
        size_t stop = i + 1;
        while (stop < end && v[stop].version == v[i].version)
            stop++;
        if (i > before && v[before].version + 1 != v[i].version)
            before = i; /* nobody here wrote this version */
        BF_TRY(connect_version(g, tensor, before, i, stop));
        before = i;
        i = stop;
    }
    return BF_OK;
}

/* ---- what follows from them ---- */

/* Moment at which the dependency is met. */
static int64_t arrival(const bf_timeline_t *t, const edge_t *e)
{
    return e->message != BF_NO_INDEX ? t->messages[e->message].receive_end : t->tasks[e->from].end;
}

/* Time that the way from one task to the other takes at least. */
static int64_t wire(const bf_timeline_t *t, const edge_t *e)
{
    if (e->message == BF_NO_INDEX || t->messages[e->message].send_begin < 0)
        return 0;
    const bf_message_t *m = &t->messages[e->message];
    return m->receive_end > m->send_begin ? m->receive_end - m->send_begin : 0;
}

static void find_causes(const graph_t *g)
{
    const bf_timeline_t *t = g->t;
    bf_finding_t *found = g->a->tasks;
    for (size_t i = 0; i < t->n_tasks; i++)
        found[i] = (bf_finding_t){.ready = t->tasks[i].submit_begin > 0 ? t->tasks[i].submit_begin : 0,
                                  .why = t->tasks[i].submit_begin >= 0 ? BF_CAUSE_SUBMISSION : BF_CAUSE_NOTHING,
                                  .cause = BF_NO_INDEX,
                                  .message = BF_NO_INDEX,
                                  .longest = BF_NO_INDEX};
    for (size_t i = 0; i < g->n_edges; i++) {
        const edge_t *e = &g->edges[i];
        bf_finding_t *f = &found[e->to];
        const int64_t when = arrival(t, e);
        if (when <= f->ready)
            continue;
        f->ready = when;
        f->why = BF_CAUSE_TASK;
        f->cause = e->from;
        f->message = e->message;
    }
}

/* Edges by their beginning: next[i]..next[i+1] leave task i; the order of the array changes. */
static bf_status_t sort_edges(graph_t *g, size_t **next)
{
    const size_t n = g->t->n_tasks;
    *next = calloc(n + 2, sizeof **next);
    edge_t *sorted = malloc((g->n_edges + 1) * sizeof *sorted);
    if (!*next || !sorted) {
        free(sorted);
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu dependencies", g->n_edges);
    }
    for (size_t i = 0; i < g->n_edges; i++)
        (*next)[g->edges[i].from + 2]++;
    for (size_t i = 2; i < n + 2; i++)
        (*next)[i] += (*next)[i - 1];
    for (size_t i = 0; i < g->n_edges; i++)
        sorted[(*next)[g->edges[i].from + 1]++] = g->edges[i];
    free(g->edges);
    g->edges = sorted;
    return BF_OK;
}

/* Longest chains, tasks in an order in which dependencies come first: clocks of ranks may be off by a little. */
static bf_status_t longest_chains(graph_t *g)
{
    const bf_timeline_t *t = g->t;
    bf_finding_t *found = g->a->tasks;
    const size_t n = t->n_tasks;
    size_t *next = NULL;
    BF_TRY(sort_edges(g, &next));
    uint32_t *missing = calloc(n + 1, sizeof *missing);
    uint32_t *queue = malloc((n + 1) * sizeof *queue);
    bf_status_t status = missing && queue ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu tasks", n);
    size_t head = 0;
    size_t tail = 0;
    for (size_t i = 0; status == BF_OK && i < g->n_edges; i++)
        missing[g->edges[i].to]++;
    for (size_t i = 0; status == BF_OK && i < n; i++) {
        found[i].finish = t->tasks[i].end - t->tasks[i].begin;
        if (missing[i] == 0)
            queue[tail++] = (uint32_t)i;
    }
    while (status == BF_OK && head < tail) {
        const uint32_t from = queue[head++];
        for (size_t k = next[from]; k < next[from + 1]; k++) {
            const edge_t *e = &g->edges[k];
            const int64_t finish = found[from].finish + wire(t, e) + t->tasks[e->to].end - t->tasks[e->to].begin;
            if (finish > found[e->to].finish) {
                found[e->to].finish = finish;
                found[e->to].longest = from;
                found[e->to].from_afar = e->message != BF_NO_INDEX;
            }
            if (--missing[e->to] == 0)
                queue[tail++] = e->to;
        }
    }
    free(next);
    free(missing);
    free(queue);
    return status;
}

static void mark_critical(const graph_t *g)
{
    bf_analysis_t *a = g->a;
    a->last = BF_NO_INDEX;
    for (size_t i = 0; i < g->t->n_tasks; i++)
        if (a->last == BF_NO_INDEX || a->tasks[i].finish > a->tasks[a->last].finish)
            a->last = (uint32_t)i;
    if (a->last == BF_NO_INDEX)
        return;
    a->critical = a->critical_wire = a->tasks[a->last].finish;
    for (uint32_t i = a->last; i != BF_NO_INDEX; i = a->tasks[i].longest) {
        a->tasks[i].critical = true;
        a->critical_tasks++;
        a->critical_wire -= g->t->tasks[i].end - g->t->tasks[i].begin;
    }
}

bf_status_t bf_depend(const bf_timeline_t *t, bf_analysis_t *a)
{
    graph_t g = {.t = t, .a = a};
    bf_status_t status = fill_buckets(&g);
    const size_t buckets = t->n_tensors * (size_t)(t->shared ? 1 : t->ranks);
    for (size_t b = 0; status == BF_OK && b < buckets; b++)
        status = connect_tensor(&g, (uint32_t)(b % t->n_tensors), g.bucket[b], g.bucket[b + 1]);
    if (status == BF_OK) {
        find_causes(&g);
        status = longest_chains(&g);
    }
    if (status == BF_OK)
        mark_critical(&g);
    free(g.bucket);
    free(g.visits);
    free(g.arrived);
    free(g.edges);
    return status;
}
