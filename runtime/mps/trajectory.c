/* One trajectory: gates, then a batch of measurements and resets, then gates again. A batch is drawn in the order of the file. */
#include "runtime/mps/trajectory.h"

#include "codelets/push.h"
#include "codelets/trace.h"
#include "runtime/plan/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A step of a pass costs about as much as four steps of an environment. */
#define STEP_TRANSFERS 4.0

/* So many operations may be put off behind a batch while more measurements are looked for, in units of the chain's length. */
#define LOOK_AHEAD 16

/* Consecutive sites of one owner, walked through by one task. */
typedef struct range {
    bf_site_t begin, end;
    int owner;
    starpu_data_handle_t carry; /* what leaves the range on a pass, whichever way */
} range_t;

/* The sites between two bonds of dimension 1: nothing outside has a part in their measurement. */
typedef struct component {
    bf_site_t begin, end;
    size_t first_range, n_ranges;
    size_t first_event, n_events; /* of those that are here, in order */
    size_t next_event;            /* the first that no pass has taken yet */
} component_t;

typedef struct batch {
    bf_state_t *state;
    bf_push_draws_t draws;
    const bf_op_t *ops;
    size_t n;                /* measurements and resets */
    uint8_t *outcome;        /* of each, 1 + outcome on the rank that drew it */
    bf_push_event_t *events; /* component by component; site is one of the chain until a task takes it */
    range_t *ranges;
    size_t n_ranges;
    component_t *components;
    size_t n_components;
} batch_t;

/* Components and ranges. */

static void cut_ranges(batch_t *b, component_t *c)
{
    const bf_state_t *state = b->state;
    const bool alone = !bf_state_is_spread(state);
    const double grain_us = alone ? HUGE_VAL : bf_state_grain_us(state);
    double us = 0.0;
    c->first_range = b->n_ranges;
    for (bf_site_t s = c->begin; s < c->end; s++) {
        const int owner = bf_state_owner(state, s);
        if (s == c->begin || us >= grain_us || owner != b->ranges[b->n_ranges - 1].owner) {
            b->ranges[b->n_ranges++] = (range_t){.begin = s, .owner = owner};
            us = 0.0;
        }
        b->ranges[b->n_ranges - 1].end = s + 1;
        us += STEP_TRANSFERS * bf_plan_transfer_us(state->chi[s], state->chi[s + 1]);
    }
    c->n_ranges = b->n_ranges - c->first_range;
    for (size_t r = 0; r < c->n_ranges && c->n_ranges > 1; r++)
        bf_state_register(b->state, &b->ranges[c->first_range + r].carry, b->ranges[c->first_range + r].owner);
}

/* Sort the operations by component, in order within each. */
static void cut_components(batch_t *b, const bf_logic_t *logic, bf_site_t *component_of)
{
    const bf_state_t *state = b->state;
    memset(component_of, 0, (size_t)state->n * sizeof *component_of);
    size_t n_events = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (component_of[b->ops[i].site])
            continue;
        component_t *c = &b->components[b->n_components++];
        *c = (component_t){.begin = b->ops[i].site, .end = b->ops[i].site + 1, .first_event = n_events};
        while (state->chi[c->begin] > 1)
            c->begin--;
        while (state->chi[c->end] > 1)
            c->end++;
        for (bf_site_t s = c->begin; s < c->end; s++)
            component_of[s] = 1;
        for (size_t k = i; k < b->n; k++) {
            const bf_op_t *op = &b->ops[k];
            if (op->site >= c->begin && op->site < c->end)
                b->events[n_events++] = (bf_push_event_t){.site = op->site,
                                                          .kind = op->kind,
                                                          .draw = state->n_draws + logic->nodes[op->bit].b,
                                                          .line = op->line,
                                                          .outcome = &b->outcome[k]};
        }
        c->n_events = n_events - c->first_event;
        c->next_event = c->first_event;
        cut_ranges(b, c);
    }
}

/* Passes. */

static bool has_event(const component_t *c)
{
    return c->next_event < c->first_event + c->n_events;
}

/* One task of a pass: from site @p from as far as the range and the pass go. @return the site behind it in walking order. */
static bf_status_t submit_task(batch_t *b, component_t *c, bf_push_mode_t mode, const range_t *range, bf_site_t from,
                               bf_site_t to, bool measures, bool arrived, starpu_data_handle_t in, bf_site_t *next)
{
    bf_state_t *state = b->state;
    const bool spread = bf_state_is_spread(state);
    const bf_site_t step = mode == BF_PUSH_RIGHT ? 1 : -1;
    const bf_site_t edge = step > 0 ? range->end - 1 : range->begin;
    const bf_site_t end = (edge - to) * step > 0 ? to : edge;
    const int n = (end - from) * step + 1;
    starpu_data_handle_t sites[n];
    bf_push_event_t *const events = &b->events[c->next_event];
    bf_push_t push = {.mode = mode,
                      .last = end == to,
                      .n = n,
                      .sites = sites,
                      .first_site = from,
                      .in = in,
                      .out = end == to ? NULL : range->carry,
                      .events = events};
    for (int i = 0; i < n; i++) {
        const bf_site_t s = from + i * step;
        sites[i] = spread ? state->sites[s] : NULL;
        for (; measures && (arrived || i > 0) && has_event(c) && b->events[c->next_event].site == s; push.n_events++)
            b->events[c->next_event++].site = i;
    }
    *next = end + step;
    if (!spread)
        return bf_push_here(&b->draws, &push, &state->chain.sites[from]);
    if (bf_insert_push(&state->session->submit, range->owner, &b->draws, &push, 0) != BF_OK)
        return bf_error_set(BF_ERR_STARPU, "StarPU refused a task (measurement on sites %d to %d)", (int)from, (int)end);
    return BF_OK;
}

static size_t range_at(const batch_t *b, const component_t *c, bf_site_t s)
{
    size_t r = c->first_range;
    while (b->ranges[r].end <= s)
        r++;
    return r;
}

/* A walk of the centre; what is to be measured next is measured where the centre arrives. */
static bf_status_t submit_pass(batch_t *b, component_t *c, bf_push_mode_t mode, bf_site_t from, bf_site_t to, bool measures)
{
    size_t r = range_at(b, c, from);
    bf_site_t s = from, next = from;
    starpu_data_handle_t in = NULL;
    for (;; r += mode == BF_PUSH_RIGHT ? 1 : (size_t)-1) {
        BF_TRY(submit_task(b, c, mode, &b->ranges[r], s, to, measures, s != from, in, &next));
        if (next == to + (mode == BF_PUSH_RIGHT ? 1 : -1))
            return BF_OK;
        in = b->ranges[r].carry;
        s = next;
    }
}

/* How far the centre walks one way before the next measurement lies behind it. */
static bf_site_t turning_point(const batch_t *b, const component_t *c, bf_site_t step)
{
    size_t i = c->next_event;
    while (i + 1 < c->first_event + c->n_events && (b->events[i + 1].site - b->events[i].site) * step >= 0)
        i++;
    return b->events[i].site;
}

/* Make all sites right-orthonormal, walk the centre from measurement to measurement, then to the right end, and leave B-form with
 * its weights behind on the way back. */
static bf_status_t submit_component(batch_t *b, component_t *c)
{
    const bf_site_t first = c->begin, last = c->end - 1;
    bf_site_t at = first;
    BF_TRY(submit_pass(b, c, BF_PUSH_LEFT, last, first, false));
    /* What is to be measured at the first site itself: a pass of this one site. */
    if (b->events[c->next_event].site == first)
        BF_TRY(submit_task(b, c, BF_PUSH_LEFT, &b->ranges[c->first_range], first, first, true, true, NULL, &(bf_site_t){0}));
    while (has_event(c)) {
        const bf_site_t step = b->events[c->next_event].site > at ? 1 : -1;
        const bf_site_t to = turning_point(b, c, step);
        BF_TRY(submit_pass(b, c, step > 0 ? BF_PUSH_RIGHT : BF_PUSH_LEFT, at, to, true));
        at = to;
    }
    if (at < last)
        BF_TRY(submit_pass(b, c, BF_PUSH_RIGHT, at, last, false));
    return submit_pass(b, c, BF_PUSH_WEIGHTED, last, first, false);
}

/* Batches. */

static bf_status_t describe_failure(const bf_run_t *run)
{
    const bf_failure_t *failure = &run->failure;
    if (failure->status == BF_OK)
        return BF_OK;
    return bf_error_set(failure->status, "%s in a measurement or reset, at site %d of the chain (%lld x 2 x %lld)",
                        bf_status_string(failure->status), (int)failure->site, (long long)failure->chi_l,
                        (long long)failure->chi_r);
}

/* Submit, wait, share the outcomes. */
static bf_status_t run_batch(batch_t *b, bf_run_t *run)
{
    bf_state_t *state = b->state;
    bf_status_t status = BF_OK;
    for (size_t i = 0; i < b->n_components && status == BF_OK; i++)
        status = submit_component(b, &b->components[i]);
    if (bf_state_is_spread(state)) {
        const int64_t begin = bf_trace_stamp();
        starpu_task_wait_for_all();
        bf_trace_phase(BF_PHASE_WAIT, begin);
    }
    if (status == BF_OK)
        status = describe_failure(run);
    status = bf_session_agree(state->session, status);
    status = bf_state_sync(state, status);
    for (size_t r = 0; r < b->n_ranges; r++)
        if (b->ranges[r].carry)
            starpu_data_unregister(b->ranges[r].carry);
    if (status == BF_OK) {
        bf_session_merge(state->session, b->outcome, b->n);
        for (size_t i = 0; i < b->n; i++)
            state->values[b->ops[i].bit] = b->outcome[i] == 2;
    }
    return status;
}

static bf_status_t measure(bf_state_t *state, bf_run_t *run, const bf_logic_t *logic, const bf_op_t *ops, size_t n,
                           double run_begin)
{
    const size_t sites = (size_t)state->n;
    batch_t b = {.state = state,
                 .draws = {.run = run, .seed = state->options.seed, .shot = state->options.shot},
                 .ops = ops,
                 .n = n,
                 .outcome = calloc(n, 1),
                 .events = malloc(n * sizeof *b.events),
                 .ranges = malloc(sites * sizeof *b.ranges),
                 .components = malloc(n * sizeof *b.components)};
    bf_site_t *component_of = malloc(sites * sizeof *component_of);
    bf_status_t status = b.outcome && b.events && b.ranges && b.components && component_of
                             ? BF_OK
                             : bf_error_set(BF_ERR_NOMEM, "out of memory: measuring %zu qubits", n);
    if (status == BF_OK && !bf_state_stays_alone(state, bf_seconds() - run_begin))
        status = bf_state_spread(state);
    status = bf_session_agree(state->session, status);
    if (status == BF_OK) {
        cut_components(&b, logic, component_of);
        status = run_batch(&b, run);
    }
    free(b.outcome);
    free(b.events);
    free(b.ranges);
    free(b.components);
    free(component_of);
    return status;
}

/* The program. */

/* What is left of it: gates before the next batch, the batch. */
typedef struct trajectory {
    bf_state_t *state;
    const bf_program_t *program;
    bf_op_t *todo; /* all operations; those before @c at are done */
    size_t at;
    bf_op_t *chosen; /* for the next step */
    size_t n_chosen;
    unsigned char *blocked; /* sites of operations that are put off */
} trajectory_t;

static bool holds(const trajectory_t *t, const bf_op_t *op)
{
    return bf_logic_value(t->state->values, op->condition);
}

/* The gates up to the next measurement, without those whose condition fails. */
static void choose_gates(trajectory_t *t)
{
    t->n_chosen = 0;
    for (; t->at < t->program->n_ops && !bf_op_projects(&t->todo[t->at]); t->at++) {
        if (!holds(t, &t->todo[t->at]))
            continue;
        t->chosen[t->n_chosen] = t->todo[t->at];
        t->chosen[t->n_chosen++].condition = 0;
    }
}

/* Whether a measurement may join the batch: nothing that is put off is before it on its site, and its condition is known without
 * the batch. Nodes depend on nodes before them only. */
static bool may_join(const trajectory_t *t, const bf_op_t *op)
{
    return !t->blocked[op->site] && (t->n_chosen == 0 || op->condition >> 1 < (uint32_t)t->chosen[0].bit);
}

/* The next measurements and resets; gates between them on other sites are put off. Ends with the first one that has to wait, so
 * that all are drawn in the order of the file. */
static void choose_batch(trajectory_t *t)
{
    const size_t n = (size_t)t->program->n, limit = LOOK_AHEAD * n;
    size_t end = t->at, put_off = 0, n_blocked = 0;
    t->n_chosen = 0;
    memset(t->blocked, 0, n);
    for (; end < t->program->n_ops && put_off < limit && n_blocked < n; end++) {
        const bf_op_t *op = &t->todo[end];
        if (!bf_op_projects(op)) {
            for (bf_site_t s = op->site; s < op->site + bf_op_width(op); s++) {
                n_blocked += !t->blocked[s];
                t->blocked[s] = 1;
            }
            put_off++;
        } else if (!may_join(t, op)) {
            break;
        } else if (holds(t, op)) {
            t->chosen[t->n_chosen++] = *op;
        }
    }
    /* Those put off, in their order, to just before the end. */
    size_t to = end;
    for (size_t i = end; i-- > t->at;)
        if (!bf_op_projects(&t->todo[i]))
            t->todo[--to] = t->todo[i];
    t->at = to;
}

static bf_status_t run_steps(trajectory_t *t, bf_run_t *run, bf_run_gates_t *gates, void *arg)
{
    const double begin = bf_seconds();
    bf_program_t part = *t->program;
    const bf_logic_t *logic = &t->program->logic;
    part.ops = t->chosen;
    while (t->at < t->program->n_ops) {
        choose_gates(t);
        part.n_ops = t->n_chosen;
        if (t->n_chosen > 0)
            BF_TRY(gates(arg, &part));
        choose_batch(t);
        if (t->n_chosen > 0)
            BF_TRY(measure(t->state, run, logic, t->chosen, t->n_chosen, begin));
        bf_logic_evaluate(logic, t->state->values);
    }
    return BF_OK;
}

bool bf_trajectory_needed(const bf_program_t *program)
{
    for (size_t i = 0; i < program->n_ops && program->logic.n_nodes > 0; i++) {
        const bf_op_t *op = &program->ops[i]; /* spans are no reason: bits that nothing measures may have nodes, too */
        if (bf_op_projects(op) || op->condition != 0)
            return true;
    }
    return false;
}

bf_status_t bf_trajectory_run(bf_state_t *state, bf_run_t *run, const bf_program_t *program, bf_run_gates_t *gates, void *arg)
{
    trajectory_t t = {.state = state,
                      .program = program,
                      .todo = malloc((program->n_ops + 1) * sizeof *t.todo),
                      .chosen = malloc((program->n_ops + 1) * sizeof *t.chosen),
                      .blocked = malloc((size_t)program->n)};
    bf_status_t status = t.todo && t.chosen && t.blocked
                             ? BF_OK
                             : bf_error_set(BF_ERR_NOMEM, "out of memory: a program of %zu operations", program->n_ops);
    status = bf_session_agree(state->session, status);
    if (status == BF_OK) {
        memcpy(t.todo, program->ops, program->n_ops * sizeof *t.todo);
        bf_logic_evaluate(&program->logic, state->values);
        status = run_steps(&t, run, gates, arg);
    }
    free(t.todo);
    free(t.chosen);
    free(t.blocked);
    return status;
}

bf_status_t bf_state_bits(const bf_state_t *state, const bf_circuit_t *circuit, uint8_t *bits)
{
    const bf_logic_t *logic = bf_circuit_logic(circuit);
    const size_t n_bits = bf_circuit_bits(circuit);
    if (state->n_values != logic->n_nodes + 1)
        return bf_error_set(BF_ERR_ARG, "the bits of a circuit that is not the one applied last");
    for (size_t i = 0; i < n_bits; i++)
        bits[i] = bf_logic_value(state->values, bf_circuit_bit(circuit, i));
    size_t n_readouts = 0;
    const bf_readout_t *readouts = bf_circuit_readouts(circuit, &n_readouts);
    for (size_t i = 0; i < n_readouts; i++)
        if (readouts[i].bit >= 0)
            bits[readouts[i].bit] = BF_BIT_UNKNOWN;
    return BF_OK;
}
