/* An event simulation: tasks become ready, workers become free. */
#include "runtime/plan/schedule.h"

#include "runtime/error.h"

#include <stdlib.h>
#include <string.h>

struct bf_schedule_node {
    double us;
    double message_us;
    double ready_us;     /* no earlier than this */
    uint32_t waits_for;  /* tasks before it that have not run */
    uint32_t first_edge; /* 1 + index; to the tasks that wait for this one */
    int32_t rank;
};

struct bf_schedule_edge {
    uint32_t to;
    uint32_t next; /* 1 + index */
};

/* Something that happens at a time: a task becomes ready, or ends. Ties go by the order of submission. */
typedef struct event {
    double at_us;
    uint32_t task;
    bool ends;
} event_t;

/* A binary heap of them. */
typedef struct queue {
    event_t *events;
    size_t n;
} queue_t;

static bool before(const event_t *a, const event_t *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->ends != b->ends)
        return a->ends;
    return a->task < b->task;
}

static void push(queue_t *q, event_t event)
{
    size_t i = q->n++;
    for (; i > 0 && before(&event, &q->events[(i - 1) / 2]); i = (i - 1) / 2)
        q->events[i] = q->events[(i - 1) / 2];
    q->events[i] = event;
}

static event_t pop(queue_t *q)
{
    const event_t first = q->events[0];
    const event_t last = q->events[--q->n];
    size_t i = 0;
    for (size_t child = 1; child < q->n; child = 2 * i + 1) {
        if (child + 1 < q->n && before(&q->events[child + 1], &q->events[child]))
            child++;
        if (!before(&q->events[child], &last))
            break;
        q->events[i] = q->events[child];
        i = child;
    }
    q->events[i] = last;
    return first;
}

bf_status_t bf_schedule_open(bf_schedule_t *s, bf_site_t n, const bf_schedule_machine_t *machine)
{
    *s = (bf_schedule_t){.machine = *machine, .n = n, .writer = calloc((size_t)n, sizeof *s->writer)};
    return s->writer ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: a schedule of %d sites", (int)n);
}

void bf_schedule_close(bf_schedule_t *s)
{
    free(s->writer);
    free(s->nodes);
    free(s->edges);
    *s = (bf_schedule_t){0};
}

/* Room for one more element. */
static bool grow(void **items, size_t *room, size_t used, size_t size)
{
    if (used < *room)
        return true;
    const size_t wanted = *room ? 2 * *room : 256;
    void *moved = realloc(*items, wanted * size);
    if (!moved)
        return false;
    *items = moved;
    *room = wanted;
    return true;
}

static bf_status_t add_edge(bf_schedule_t *s, uint32_t from, uint32_t to)
{
    if (!grow((void **)&s->edges, &s->room_edges, s->n_edges, sizeof *s->edges))
        return bf_error_set(BF_ERR_NOMEM, "out of memory: a schedule of %zu tasks", s->n_tasks);
    s->edges[s->n_edges++] = (bf_schedule_edge_t){.to = to, .next = s->nodes[from].first_edge};
    s->nodes[from].first_edge = (uint32_t)s->n_edges;
    s->nodes[to].waits_for++;
    return BF_OK;
}

bf_status_t bf_schedule_add(bf_schedule_t *s, int rank, const bf_site_t *sites, int n_sites, double us, double message_us)
{
    if (!grow((void **)&s->nodes, &s->room_nodes, s->n_nodes, sizeof *s->nodes))
        return bf_error_set(BF_ERR_NOMEM, "out of memory: a schedule of %zu tasks", s->n_tasks);
    const uint32_t task = (uint32_t)s->n_nodes++;
    s->n_tasks++;
    s->nodes[task] = (bf_schedule_node_t){.us = us + s->machine.task_us,
                                          .message_us = s->machine.message_us + message_us,
                                          .ready_us = s->end_us + s->machine.submit_us * (double)(task + 1),
                                          .rank = rank};
    for (int i = 0; i < n_sites; i++) {
        uint32_t *writer = &s->writer[sites[i]];
        const uint32_t last = *writer;
        *writer = task + 1;
        if (last > 0) /* twice from the same task does no harm */
            BF_TRY(add_edge(s, last - 1, task));
    }
    return BF_OK;
}

/* The state of a simulation. */
typedef struct simulation {
    bf_schedule_t *schedule;
    queue_t happening; /* what is going to happen */
    queue_t *waiting;  /* of each rank: ready tasks, the one that has been ready for longest first */
    int *idle;         /* of each rank: workers */
} simulation_t;

static void dispatch(simulation_t *sim, int rank, double now_us)
{
    queue_t *waiting = &sim->waiting[rank];
    while (sim->idle[rank] > 0 && waiting->n > 0) {
        const event_t ready = pop(waiting);
        const double us = sim->schedule->nodes[ready.task].us;
        sim->idle[rank]--;
        sim->schedule->busy_us += us;
        push(&sim->happening, (event_t){.at_us = now_us + us, .task = ready.task, .ends = true});
    }
}

static void end_task(simulation_t *sim, uint32_t task, double now_us)
{
    bf_schedule_t *s = sim->schedule;
    const int rank = s->nodes[task].rank;
    for (uint32_t e = s->nodes[task].first_edge; e > 0; e = s->edges[e - 1].next) {
        bf_schedule_node_t *next = &s->nodes[s->edges[e - 1].to];
        const double delay = next->rank == rank ? 0.0 : next->message_us;
        const double arrives = now_us + delay;
        if (arrives > next->ready_us) {
            next->ready_us = arrives;
            s->waiting_us += delay;
        }
        if (--next->waits_for == 0)
            push(&sim->happening, (event_t){.at_us = next->ready_us, .task = s->edges[e - 1].to});
    }
    sim->idle[rank]++;
    if (now_us > s->end_us)
        s->end_us = now_us;
}

static void simulate(simulation_t *sim)
{
    bf_schedule_t *s = sim->schedule;
    for (uint32_t task = 0; task < s->n_nodes; task++)
        if (s->nodes[task].waits_for == 0)
            push(&sim->happening, (event_t){.at_us = s->nodes[task].ready_us, .task = task});
    while (sim->happening.n > 0) {
        const event_t event = pop(&sim->happening);
        const int rank = s->nodes[event.task].rank;
        if (event.ends)
            end_task(sim, event.task, event.at_us);
        else
            push(&sim->waiting[rank], event);
        dispatch(sim, rank, event.at_us);
    }
}

/* Memory: one queue for everything that happens, and one for each rank as long as the tasks it has. */
static bool open_simulation(simulation_t *sim)
{
    const bf_schedule_t *s = sim->schedule;
    const size_t ranks = (size_t)s->machine.ranks;
    size_t *tasks = calloc(ranks, sizeof *tasks);
    sim->happening.events = malloc((s->n_nodes + 1) * sizeof(event_t));
    sim->waiting = calloc(ranks, sizeof *sim->waiting);
    sim->idle = malloc(ranks * sizeof *sim->idle);
    bool good = tasks && sim->happening.events && sim->waiting && sim->idle;
    for (size_t i = 0; good && i < s->n_nodes; i++)
        tasks[s->nodes[i].rank]++;
    for (size_t r = 0; good && r < ranks; r++) {
        sim->idle[r] = s->machine.workers;
        sim->waiting[r].events = malloc((tasks[r] + 1) * sizeof(event_t));
        good = sim->waiting[r].events != NULL;
    }
    free(tasks);
    return good;
}

static void close_simulation(simulation_t *sim)
{
    for (int r = 0; sim->waiting && r < sim->schedule->machine.ranks; r++)
        free(sim->waiting[r].events);
    free(sim->waiting);
    free(sim->happening.events);
    free(sim->idle);
}

bf_status_t bf_schedule_run(bf_schedule_t *s)
{
    simulation_t sim = {.schedule = s};
    bf_status_t status = BF_OK;
    if (open_simulation(&sim))
        simulate(&sim);
    else
        status = bf_error_set(BF_ERR_NOMEM, "out of memory: a schedule of %zu tasks", s->n_tasks);
    close_simulation(&sim);
    s->n_nodes = 0;
    s->n_edges = 0;
    memset(s->writer, 0, (size_t)s->n * sizeof *s->writer);
    return status;
}
