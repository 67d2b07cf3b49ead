/* A Paje trace for ViTE. Containers, state types and values have the aliases and colours of StarPU's own traces
 * (src/debug/traces/starpu_paje.c), so that people and scripts that know those find their way; gates are events with the numbers
 * a tensor network is about. Times are milliseconds, and never decrease. */
#include "runtime/trace/report.h"

#include "kernels/factor.h"

#include <inttypes.h>
#include <string.h>

/* What happens at one moment; at the same moment in this order. */
enum {
    EV_END,
    EV_IDLE,
    EV_RECEIVED,
    EV_SUBMIT,
    EV_READY,
    EV_SEND,
    EV_SENT,
    EV_RECEIVE,
    EV_LINK_END,
    EV_MAIN_END,
    EV_MAIN,
    EV_BEGIN,
    EV_GATE
};

typedef struct event {
    int64_t time;
    uint32_t index; /* of a task, gate, message or phase */
    uint16_t lane;  /* of a worker; the rank for what the main thread does */
    uint8_t what;
    uint8_t state; /* of EV_IDLE */
} event_t;

enum { STATE_IDLE, STATE_FETCHING, STATE_SCHEDULING };

typedef struct paje {
    FILE *out;
    const bf_timeline_t *t;
    const bf_analysis_t *a;
    event_t *events;
    size_t n_events;
    int64_t *ready, *submitted; /* of each rank */
    int *lane_rank;
} paje_t;

static const char definitions[] =
    "%EventDef PajeDefineContainerType 1\n% Alias string\n% Type string\n% Name string\n%EndEventDef\n"
    "%EventDef PajeDefineStateType 3\n% Alias string\n% Type string\n% Name string\n%EndEventDef\n"
    "%EventDef PajeDefineVariableType 4\n% Alias string\n% Type string\n% Name string\n% Color color\n%EndEventDef\n"
    "%EventDef PajeDefineLinkType 5\n% Alias string\n% Type string\n% StartContainerType string\n% EndContainerType string\n"
    "% Name string\n%EndEventDef\n"
    "%EventDef PajeDefineEntityValue 6\n% Alias string\n% Type string\n% Name string\n% Color color\n%EndEventDef\n"
    "%EventDef PajeCreateContainer 7\n% Time date\n% Alias string\n% Type string\n% Container string\n% Name "
    "string\n%EndEventDef\n"
    "%EventDef PajeDestroyContainer 8\n% Time date\n% Type string\n% Name string\n%EndEventDef\n"
    "%EventDef PajeSetState 10\n% Time date\n% Type string\n% Container string\n% Value string\n%EndEventDef\n"
    "%EventDef PajePushState 11\n% Time date\n% Type string\n% Container string\n% Value string\n%EndEventDef\n"
    "%EventDef PajePopState 12\n% Time date\n% Type string\n% Container string\n%EndEventDef\n"
    "%EventDef PajeSetVariable 13\n% Time date\n% Type string\n% Container string\n% Value double\n%EndEventDef\n"
    "%EventDef PajeStartLink 18\n% Time date\n% Type string\n% Container string\n% Value string\n% StartContainer string\n"
    "% Key string\n%EndEventDef\n"
    "%EventDef PajeEndLink 19\n% Time date\n% Type string\n% Container string\n% Value string\n% EndContainer string\n"
    "% Key string\n%EndEventDef\n"
    "%EventDef PajeSetState 20\n% Time date\n% Type string\n% Container string\n% Value string\n% Gates int\n% Bond int\n"
    "% JobId int\n% SubmitOrder int\n% GFlop double\n% Critical int\n%EndEventDef\n"
    "%EventDef PajeSetState 21\n% Time date\n% Type string\n% Container string\n% Value string\n% Line int\n% Site int\n"
    "% BondBefore int\n% BondAfter int\n% Eps double\n% Method string\n%EndEventDef\n";

static const char types[] = "1 MPIP 0 \"MPI Program\"\n"
                            "1 P MPIP \"Program\"\n"
                            "1 Mn P \"Memory Node\"\n"
                            "1 T Mn \"Thread\"\n"
                            "1 W T \"Worker\"\n"
                            "1 UserT P \"User Thread\"\n"
                            "1 MPICt P \"MPI Communication Thread\"\n"
                            "1 Sc P \"Scheduler State\"\n"
                            "1 G W \"Gates\"\n"
                            "3 GS G \"Gate\"\n"
                            "3 WS W \"Worker State\"\n"
                            "3 US UserT \"User Thread State\"\n"
                            "3 CtS MPICt \"Communication Thread State\"\n"
                            "4 use Mn \"Used (MB)\" \"0.0 0.0 0.0\"\n"
                            "4 gf W \"GFlop/s\" \"0.0 0.0 0.0\"\n"
                            "4 bond W \"Bond dimension\" \"0.8 0.2 0.1\"\n"
                            "4 nready Sc \"Number of Ready Tasks\" \"0.0 0.0 0.0\"\n"
                            "4 nsubmitted Sc \"Number of Submitted Uncompleted Tasks\" \"0.0 0.0 0.0\"\n"
                            "5 MPIL MPIP MPICt MPICt \"MPI communication\"\n"
                            "6 I WS Idle \".9 .1 .0\"\n"
                            "6 Fi WS FetchingInput \"1.0 .1 1.0\"\n"
                            "6 Sc WS Scheduling \".7 .36 .0\"\n"
                            "6 SdS CtS SendSubmitted \"0.0 .4 .9\"\n"
                            "6 RvC CtS ReceiveCompleted \"0.0 .7 .4\"\n"
                            "6 Sl CtS Sleeping \".9 .1 .0\"\n";

static const char *const phase_names[BF_PHASE_COUNT] = {"Evolve",      "Measure",  "Throttle", "WaitForTasks",
                                                        "Synchronise", "ReadRows", "WriteRows"};
static const char *const phase_colors[BF_PHASE_COUNT] = {".2 .45 .7", ".75 .6 .1", ".6 .6 .6", ".9 .4 .1",
                                                         ".8 .1 .3",  ".3 .6 .8",  ".5 .4 .8"};

/* A gate's colour says how large its bond is. */
enum { BOND_CLASSES = 6 };
static const struct {
    uint32_t most;
    const char *name, *color;
} bond_classes[BOND_CLASSES] = {{4, "bond up to 4", ".80 .90 .97"},       {16, "bond up to 16", ".55 .77 .90"},
                                {64, "bond up to 64", ".25 .58 .80"},     {256, "bond up to 256", ".98 .75 .35"},
                                {1024, "bond up to 1024", ".93 .45 .20"}, {UINT32_MAX, "bond beyond 1024", ".70 .10 .15"}};

static double ms(int64_t ns)
{
    return 1e-6 * (double)ns;
}

static void define_values(const paje_t *p)
{
    for (int k = 0; k < p->t->n_kinds; k++) {
        const uint32_t c = p->t->kinds[k].color;
        fprintf(p->out, "6 k%d WS \"%s\" \"%.2f %.2f %.2f\"\n", k, p->t->kinds[k].name, (double)(c >> 16 & 255) / 255.0,
                (double)(c >> 8 & 255) / 255.0, (double)(c & 255) / 255.0);
    }
    fprintf(p->out, "6 gn GS None \".50 .50 .59\"\n6 gh GS Contraction \".6 .6 .6\"\n6 gs GS Swap \".55 .35 .75\"\n");
    for (int c = 0; c < BOND_CLASSES; c++)
        fprintf(p->out, "6 g%d GS \"%s\" \"%s\"\n", c, bond_classes[c].name, bond_classes[c].color);
    for (int k = 0; k < BF_PHASE_COUNT; k++)
        fprintf(p->out, "6 u%d US %s \"%s\"\n", k, phase_names[k], phase_colors[k]);
}

static void create_containers(paje_t *p)
{
    FILE *out = p->out;
    fprintf(out, "7 0.000000 MPIroot MPIP 0 root\n");
    for (int r = 0; r < p->t->ranks; r++) {
        fprintf(out, "7 0.000000 %d_p P MPIroot \"rank %d on %s\"\n", r, r, p->t->rank[r].host);
        fprintf(out, "7 0.000000 %d_sched Sc %d_p \"%d scheduler\"\n", r, r, r);
        fprintf(out, "7 0.000000 %d_ut UserT %d_p \"%d main thread\"\n", r, r, r);
        fprintf(out, "7 0.000000 %d_mn0 Mn %d_p \"%d RAM\"\n", r, r, r);
        for (int w = 0; w < p->t->rank[r].workers; w++) {
            p->lane_rank[p->t->rank[r].first_lane + w] = r;
            fprintf(out, "7 0.000000 %d_t%d T %d_mn0 \"%d thread %d\"\n", r, w, r, r, w);
            fprintf(out, "7 0.000000 %d_w%d W %d_t%d \"%d CPU %d\"\n10 0.000000 WS %d_w%d I\n", r, w, r, w, r, w, r, w);
            fprintf(out, "7 0.000000 %d_g%d G %d_w%d \"%d gates %d\"\n10 0.000000 GS %d_g%d gn\n", r, w, r, w, r, w, r, w);
        }
        if (p->t->ranks > 1)
            fprintf(out, "7 0.000000 %d_mpict MPICt %d_p \"%d MPI\"\n10 0.000000 CtS %d_mpict Sl\n", r, r, r, r);
        fprintf(out, "13 0.000000 nready %d_sched 0\n13 0.000000 nsubmitted %d_sched 0\n", r, r);
    }
}

static void destroy_containers(const paje_t *p)
{
    const double end = ms(p->t->end);
    for (int r = 0; r < p->t->ranks; r++) {
        for (int w = 0; w < p->t->rank[r].workers; w++)
            fprintf(p->out, "8 %.6f G %d_g%d\n8 %.6f W %d_w%d\n8 %.6f T %d_t%d\n", end, r, w, end, r, w, end, r, w);
        if (p->t->ranks > 1)
            fprintf(p->out, "8 %.6f MPICt %d_mpict\n", end, r);
        fprintf(p->out, "8 %.6f Sc %d_sched\n8 %.6f UserT %d_ut\n8 %.6f Mn %d_mn0\n8 %.6f P %d_p\n", end, r, end, r, end, r, end,
                r);
    }
    fprintf(p->out, "8 %.6f MPIP MPIroot\n", end);
}

static void put(paje_t *p, int64_t time, int what, size_t index, int lane, int state)
{
    p->events[p->n_events++] = (event_t){.time = time > 0 ? time : 0,
                                         .index = (uint32_t)index,
                                         .lane = (uint16_t)lane,
                                         .what = (uint8_t)what,
                                         .state = (uint8_t)state};
}

/* A worker has nothing to do from @p from until the task begins. */
static void put_gap(paje_t *p, size_t task, int lane, int64_t from)
{
    const bf_finding_t *found = &p->a->tasks[task];
    const int64_t begin = p->t->tasks[task].begin;
    if (begin <= from)
        return;
    int64_t ready = found->ready > from ? found->ready : from;
    ready = ready < begin ? ready : begin;
    if (ready > from)
        put(p, from, EV_IDLE, task, lane, found->message != BF_NO_INDEX ? STATE_FETCHING : STATE_IDLE);
    if (begin > ready)
        put(p, ready, EV_IDLE, task, lane, STATE_SCHEDULING);
}

static bf_status_t collect_tasks(paje_t *p)
{
    const bf_timeline_t *t = p->t;
    int64_t *from = calloc((size_t)t->workers + 1, sizeof *from);
    if (!from)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < t->n_tasks; i++) {
        const bf_task_t *task = &t->tasks[i];
        const int lane = t->rank[task->rank].first_lane + task->worker;
        int64_t ready = p->a->tasks[i].ready;
        ready = ready < task->begin ? ready : task->begin;
        put_gap(p, i, lane, from[lane]);
        if (task->submit_begin >= 0)
            put(p, task->submit_begin < task->begin ? task->submit_begin : task->begin, EV_SUBMIT, i, lane, 0);
        put(p, ready, EV_READY, i, lane, 0);
        put(p, task->begin, EV_BEGIN, i, lane, 0);
        put(p, task->end, EV_END, i, lane, 0);
        from[lane] = task->end;
        for (uint32_t g = 0; g < task->n_gates; g++) {
            const bf_trace_gate_t *gate = &t->gates[task->first_gate + g];
            const int64_t begin = task->begin + (int64_t)(1e3 * (double)gate->begin_us);
            put(p, begin < task->end ? begin : task->end - 1, EV_GATE, task->first_gate + g, lane, 0);
        }
    }
    free(from);
    return BF_OK;
}

static void collect_rest(paje_t *p)
{
    const bf_timeline_t *t = p->t;
    for (size_t i = 0; i < t->n_messages; i++) {
        const bf_message_t *m = &t->messages[i];
        if (m->send_begin >= 0) {
            put(p, m->send_begin, EV_SEND, i, m->from, 0);
            put(p, m->send_end, EV_SENT, i, m->from, 0);
        }
        if (m->receive_end >= 0) {
            put(p, m->receive_begin, EV_RECEIVE, i, m->to, 0);
            put(p, m->receive_end, EV_RECEIVED, i, m->to, 0);
        }
        if (m->send_begin >= 0 && m->receive_end >= 0) /* clocks may be off by less than a message takes, or more */
            put(p, m->receive_end > m->send_begin ? m->receive_end : m->send_begin, EV_LINK_END, i, m->to, 0);
    }
    for (size_t i = 0; i < t->n_phases; i++) {
        put(p, t->phases[i].begin, EV_MAIN, i, t->phases[i].rank, 0);
        put(p, t->phases[i].end, EV_MAIN_END, i, t->phases[i].rank, 0);
    }
}

static int by_time(const void *a, const void *b)
{
    const event_t *x = a;
    const event_t *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    /* Inner phases end before outer ones, which are earlier in the list. */
    if (x->what == EV_MAIN_END)
        return x->index > y->index ? -1 : x->index < y->index;
    return x->index < y->index ? -1 : x->index > y->index;
}

static uint32_t largest_bond(const paje_t *p, const bf_task_t *task)
{
    uint32_t bond = 0;
    for (uint32_t g = 0; g < task->n_gates; g++) {
        const bf_trace_gate_t *gate = &p->t->gates[task->first_gate + g];
        bond = gate->chi_after > bond ? gate->chi_after : bond;
    }
    return bond;
}

static void write_begin(paje_t *p, const event_t *e, int r, int w)
{
    const bf_task_t *task = &p->t->tasks[e->index];
    const uint32_t bond = largest_bond(p, task);
    const double ns = (double)(task->end - task->begin);
    fprintf(p->out, "20 %.6f WS %d_w%d k%d %u %u %u %u %.6g %d\n", ms(e->time), r, w, task->kind, task->n_gates, bond, task->id,
            task->id, 1e-9 * (double)task->flops, p->a->tasks[e->index].critical);
    fprintf(p->out, "13 %.6f nready %d_sched %" PRId64 "\n", ms(e->time), r, --p->ready[r]);
    if (task->flops > 0.0F && ns > 0.0)
        fprintf(p->out, "13 %.6f gf %d_w%d %.4g\n", ms(e->time), r, w, (double)task->flops / ns);
    if (bond > 0)
        fprintf(p->out, "13 %.6f bond %d_w%d %u\n", ms(e->time), r, w, bond);
}

static void write_end(paje_t *p, const event_t *e, int r, int w)
{
    const bf_task_t *task = &p->t->tasks[e->index];
    fprintf(p->out, "10 %.6f WS %d_w%d I\n", ms(e->time), r, w);
    if (task->n_gates > 0)
        fprintf(p->out, "10 %.6f GS %d_g%d gn\n", ms(e->time), r, w);
    if (task->flops > 0.0F)
        fprintf(p->out, "13 %.6f gf %d_w%d 0\n", ms(e->time), r, w);
    if (task->submit_begin >= 0)
        fprintf(p->out, "13 %.6f nsubmitted %d_sched %" PRId64 "\n", ms(e->time), r, --p->submitted[r]);
    fprintf(p->out, "13 %.6f use %d_mn0 %.3f\n", ms(e->time), r, (double)task->memory_kib * 1024e-6);
}

static void write_gate(const paje_t *p, const event_t *e, int r, int w)
{
    const bf_trace_gate_t *gate = &p->t->gates[e->index];
    char value[8];
    int c = 0;
    while (gate->chi_after > bond_classes[c].most)
        c++;
    if (gate->half || gate->line == 0)
        snprintf(value, sizeof value, "%s", gate->half ? "gh" : "gs");
    else
        snprintf(value, sizeof value, "g%d", c);
    fprintf(p->out, "21 %.6f GS %d_g%d %s %d %d %u %u %.3g %s\n", ms(e->time), r, w, value, gate->line, gate->site,
            gate->chi_before, gate->chi_after, (double)gate->eps,
            gate->half ? "none" : bf_method_name((bf_method_t)(gate->method % BF_METHOD_COUNT)));
}

static void write_message(const paje_t *p, const event_t *e)
{
    const bf_message_t *m = &p->t->messages[e->index];
    switch (e->what) {
    case EV_SEND:
        fprintf(p->out, "10 %.6f CtS %d_mpict SdS\n", ms(e->time), m->from);
        if (m->receive_end >= 0)
            fprintf(p->out, "18 %.6f MPIL MPIroot %u %d_mpict mpicom_%u\n", ms(e->time), m->bytes, m->from, e->index);
        break;
    case EV_SENT:
        fprintf(p->out, "10 %.6f CtS %d_mpict Sl\n", ms(e->time), m->from);
        break;
    case EV_RECEIVE:
        fprintf(p->out, "10 %.6f CtS %d_mpict RvC\n", ms(e->time), m->to);
        break;
    case EV_RECEIVED:
        fprintf(p->out, "10 %.6f CtS %d_mpict Sl\n", ms(e->time), m->to);
        break;
    default:
        fprintf(p->out, "19 %.6f MPIL MPIroot %u %d_mpict mpicom_%u\n", ms(e->time), m->bytes, m->to, e->index);
        break;
    }
}

static void write_event(paje_t *p, const event_t *e)
{
    static const char *const states[] = {"I", "Fi", "Sc"};
    const bool worker = e->what <= EV_IDLE || (e->what >= EV_SUBMIT && e->what <= EV_READY) || e->what >= EV_BEGIN;
    const int r = worker ? p->lane_rank[e->lane] : e->lane;
    const int w = worker ? e->lane - p->t->rank[r].first_lane : 0;
    switch (e->what) {
    case EV_BEGIN:
        write_begin(p, e, r, w);
        break;
    case EV_END:
        write_end(p, e, r, w);
        break;
    case EV_IDLE:
        fprintf(p->out, "10 %.6f WS %d_w%d %s\n", ms(e->time), r, w, states[e->state]);
        break;
    case EV_SUBMIT:
        fprintf(p->out, "13 %.6f nsubmitted %d_sched %" PRId64 "\n", ms(e->time), r, ++p->submitted[r]);
        break;
    case EV_READY:
        fprintf(p->out, "13 %.6f nready %d_sched %" PRId64 "\n", ms(e->time), r, ++p->ready[r]);
        break;
    case EV_GATE:
        write_gate(p, e, r, w);
        break;
    case EV_MAIN:
        fprintf(p->out, "11 %.6f US %d_ut u%d\n", ms(e->time), r, p->t->phases[e->index].phase);
        break;
    case EV_MAIN_END:
        fprintf(p->out, "12 %.6f US %d_ut\n", ms(e->time), r);
        break;
    default:
        write_message(p, e);
        break;
    }
}

bf_status_t bf_report_paje(FILE *out, const bf_analysis_t *a)
{
    const bf_timeline_t *t = a->timeline;
    const size_t room = 6 * t->n_tasks + t->n_gates + 5 * t->n_messages + 2 * t->n_phases + 1;
    paje_t p = {.out = out,
                .t = t,
                .a = a,
                .events = malloc(room * sizeof *p.events),
                .ready = calloc((size_t)t->ranks, sizeof *p.ready),
                .submitted = calloc((size_t)t->ranks, sizeof *p.submitted),
                .lane_rank = calloc((size_t)t->workers + 1, sizeof *p.lane_rank)};
    bf_status_t status = p.events && p.ready && p.submitted && p.lane_rank
                             ? collect_tasks(&p)
                             : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu events", room);
    if (status == BF_OK) {
        collect_rest(&p);
        qsort(p.events, p.n_events, sizeof *p.events, by_time);
        fputs(definitions, out);
        fputs(types, out);
        define_values(&p);
        create_containers(&p);
        for (size_t i = 0; i < p.n_events; i++)
            write_event(&p, &p.events[i]);
        destroy_containers(&p);
    }
    free(p.events);
    free(p.ready);
    free(p.submitted);
    free(p.lane_rank);
    return status;
}
