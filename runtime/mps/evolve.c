/* Applying a circuit: plan, submit, measure the bonds when the plan needs to know them, go on. */
#include "codelets/block.h"
#include "codelets/contract.h"
#include "codelets/run.h"
#include "codelets/split.h"
#include "codelets/trace.h"
#include "runtime/mps/trajectory.h"
#include "runtime/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Submitted, unfinished tasks per worker: enough to look ahead over several layers, few enough that pairs do not pile up. */
#define DEFAULT_WINDOW 64

#define PROGRESS_PERIOD_S 0.2

typedef struct evolution {
    bf_state_t *state;
    bf_run_t *run;
    size_t placed;      /* two-site updates submitted, on all ranks */
    size_t placed_here; /* of these, on this rank */
    double last_progress;
} evolution_t;

static int window_tasks(const bf_state_t *state)
{
    const int per_worker = state->options.window > 0 ? state->options.window : DEFAULT_WINDOW;
    return per_worker * bf_session_workers(state->session);
}

static void report_progress(evolution_t *e, bool always)
{
    const bf_state_options_t *options = &e->state->options;
    if (!options->progress || e->state->session->rank != 0)
        return;
    const double now = bf_seconds();
    if (!always && now - e->last_progress < PROGRESS_PERIOD_S)
        return;
    e->last_progress = now;
    /* The other ranks' share is taken to be as far as ours. */
    const size_t done = e->placed_here ? atomic_load(&e->run->done) * e->placed / e->placed_here : 0;
    options->progress(options->progress_arg, done, e->run->program->n_updates, (bf_dim_t)atomic_load(&e->run->max_bond),
                      bf_run_loss(e->run));
}

/* Keep the number of unfinished tasks bounded; the submitting thread reports while it waits. */
static void throttle(evolution_t *e)
{
    const int window = window_tasks(e->state);
    if (starpu_task_nsubmitted() <= window)
        return;
    const int64_t begin = bf_trace_stamp();
    if (e->state->options.progress && e->state->session->rank == 0)
        while (starpu_task_nsubmitted() > window / 2) {
            report_progress(e, false);
            usleep(2000);
        }
    else
        starpu_task_wait_for_n_submitted((unsigned)(window / 2));
    bf_trace_phase(BF_PHASE_THROTTLE, begin);
}

static void drain(evolution_t *e)
{
    if (e->state->options.progress && e->state->session->rank == 0)
        for (useconds_t pause = 50; starpu_task_nsubmitted() > 0; pause = pause < 20000 ? 2 * pause : pause) {
            report_progress(e, false);
            usleep(pause);
        }
}

static void count_placed(evolution_t *e, int node, size_t updates)
{
    e->placed += updates;
    if (bf_submit_mine(&e->state->session->submit, node))
        e->placed_here += updates;
}

static bf_status_t submit_block(void *arg, const bf_site_t *sites, int n_sites, const bf_block_item_t *items, size_t n_items,
                                double flops)
{
    evolution_t *e = arg;
    bf_state_t *state = e->state;
    starpu_data_handle_t handles[n_sites];
    for (int i = 0; i < n_sites; i++)
        handles[i] = state->sites[sites[i]];
    const int node = bf_state_owner(state, sites[n_sites / 2]);
    size_t updates = 0;
    for (size_t i = 0; i < n_items; i++)
        updates += e->run->program->ops[items[i].op].update >= 0;
    count_placed(e, node, updates);
    throttle(e);
    if (bf_insert_block(&state->session->submit, node, e->run, handles, n_sites, items, n_items, flops, 0) != BF_OK)
        return bf_error_set(BF_ERR_STARPU, "StarPU refused a task (block of %zu gates from site %d)", n_items, (int)sites[0]);
    return BF_OK;
}

static bf_status_t submit_gate(void *arg, uint32_t op, double us)
{
    evolution_t *e = arg;
    bf_state_t *state = e->state;
    bf_submit_t *submit = &state->session->submit;
    const bf_op_t *what = &e->run->program->ops[op];
    const bf_site_t s = what->site;
    const int node = bf_state_owner(state, s);
    const bool crossing = node != bf_state_owner(state, s + 1); /* others wait for these: send them off early */
    if (us < BF_PLAN_SPLIT_FROM_US || what->kind != BF_OP_GATE) {
        const bf_site_t sites[2] = {s, s + 1};
        const bf_block_item_t item = {.op = op, .buffer = 0};
        return submit_block(e, sites, 2, &item, 1, bf_plan_update_flops(state->chi[s], state->chi[s + 1], state->chi[s + 2]));
    }
    count_placed(e, node, 1);
    throttle(e);
    starpu_data_handle_t left = state->sites[s];
    starpu_data_handle_t right = state->sites[s + 1];
    starpu_data_handle_t pair = state->pairs[s];
    bf_status_t status = bf_insert_contract(submit, node, e->run, op, left, right, pair, crossing ? 1 : 0);
    if (status == BF_OK)
        status = bf_insert_split(submit, node, e->run, op, pair, left, right, crossing ? 3 : 2);
    if (status != BF_OK)
        return bf_error_set(BF_ERR_STARPU, "StarPU refused a task (gate on sites %d and %d)", (int)s, (int)s + 1);
    if (bf_submit_mine(submit, node))
        starpu_data_invalidate_submit(pair); /* gives the memory back as soon as the split has read it */
    return BF_OK;
}

static bf_status_t describe_failure(const bf_run_t *run)
{
    const bf_failure_t *failure = &run->failure;
    if (failure->status == BF_OK)
        return BF_OK;
    int line = 0;
    for (size_t i = 0; i < run->program->n_ops; i++)
        if (run->program->ops[i].update == failure->update)
            line = run->program->ops[i].line;
    return bf_error_set(failure->status,
                        "%s in %s of update %d (line %d of the circuit) on sites %d and %d, pair of %lld x 4 x %lld",
                        bf_status_string(failure->status), failure->codelet, (int)failure->update, line, (int)failure->site,
                        (int)failure->site + 1, (long long)failure->chi_l, (long long)failure->chi_r);
}

/* Apply operations in this thread. @return the first that is left to tasks */
static size_t apply_alone(evolution_t *e)
{
    bf_state_t *state = e->state;
    const bf_program_t *program = e->run->program;
    const double begin = bf_seconds();
    for (size_t i = 0; i < program->n_ops; i++) {
        if (!bf_state_stays_alone(state, bf_seconds() - begin))
            return i;
        const bf_op_t *op = &program->ops[i];
        bf_tensor_data_t *left = &state->chain.sites[op->site];
        bf_tensor_data_t *right = bf_op_width(op) == 1 ? left : left + 1;
        bf_block_step(e->run, op, left, right);
        if (left->status != BF_OK || (state->bond_limit > 0 && left->chi_r > state->bond_limit))
            return i;
        count_placed(e, state->session->rank, op->update >= 0);
        report_progress(e, false);
    }
    return program->n_ops;
}

/* As much as the calling thread does alone, and the step from there to tasks. */
static bf_status_t begin_alone(evolution_t *e, size_t *next)
{
    bf_state_t *state = e->state;
    const double begin = bf_seconds();
    *next = apply_alone(e);
    state->seconds_alone += bf_seconds() - begin;
    bf_status_t status = describe_failure(e->run);
    if (status == BF_OK && *next < e->run->program->n_ops)
        status = bf_state_spread(state);
    return bf_state_sync(state, status);
}

static bf_status_t run_program(evolution_t *e)
{
    bf_state_t *state = e->state;
    const bf_program_t *program = e->run->program;
    size_t first = 0;
    if (!bf_state_is_spread(state))
        BF_TRY(begin_alone(e, &first));
    const bf_plan_options_t options = {.max_dim = state->options.rule.cut.max_dim,
                                       .grain_us = bf_state_grain_us(state),
                                       .workers = bf_session_workers(state->session) * state->session->size,
                                       .ranks = state->session->size};
    const bf_plan_sink_t sink = {.block = submit_block, .gate = submit_gate, .arg = e};
    while (first < program->n_ops) {
        bf_status_t status = bf_plan_next(program, state->chi, first, &options, &sink, &first);
        const int64_t begin = bf_trace_stamp();
        drain(e);
        starpu_task_wait_for_all(); /* only then is it known whether one failed */
        bf_trace_phase(BF_PHASE_WAIT, begin);
        if (status == BF_OK)
            status = describe_failure(e->run);
        status = bf_session_agree(state->session, status); /* the rank that saw it speaks, not one that got a poisoned tensor */
        BF_TRY(bf_state_sync(state, status));
    }
    return BF_OK;
}

/* A part of the program, as bf_trajectory_run() wants it. */
static bf_status_t run_gates(void *arg, const bf_program_t *gates)
{
    evolution_t *e = arg;
    e->run->program = gates;
    return run_program(e);
}

static bf_status_t check_messages(const bf_state_t *state, const bf_program_t *program)
{
    if (state->session->size == 1)
        return BF_OK;
    size_t largest = 0;
    size_t total = 0;
    bf_plan_memory(program, state->chi, state->options.rule.cut.max_dim, &largest, &total);
    if (largest + BF_ALIGN * 4 > BF_TENSOR_MAX_MESSAGE)
        return bf_error_set(
            BF_ERR_TOO_LARGE,
            "bonds may grow until one site tensor has %zu bytes, and a message between ranks holds %zu at most; use a smaller "
            "--max-dim or one rank",
            largest, BF_TENSOR_MAX_MESSAGE);
    return BF_OK;
}

static bf_status_t extend_ledger(bf_state_t *state, size_t updates)
{
    bf_ledger_entry_t *ledger = realloc(state->ledger, (state->n_ledger + updates + 1) * sizeof *ledger);
    if (!ledger)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: a ledger of %zu updates", state->n_ledger + updates);
    memset(ledger + state->n_ledger, 0, updates * sizeof *ledger);
    state->ledger = ledger;
    return BF_OK;
}

/* Outcomes start at 0; the numbers of the draws go on where the last circuit has left them. */
static bf_status_t renew_values(bf_state_t *state, const bf_logic_t *logic)
{
    uint8_t *values = calloc(logic->n_nodes + 1, 1);
    if (!values)
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu measurements and conditions", logic->n_nodes);
    free(state->values);
    state->values = values;
    state->n_values = logic->n_nodes + 1;
    state->n_draws = state->draws_ahead;
    for (size_t i = 1; i < logic->n_nodes; i++)
        state->draws_ahead += logic->nodes[i].a == BF_LOGIC_OUTCOME;
    return BF_OK;
}

bf_status_t bf_state_run(bf_state_t *state, const bf_program_t *program)
{
    const double begin = bf_seconds();
    const int64_t stamp = bf_trace_stamp();
    state->used = true;
    const double started = state->seconds_start;
    bf_status_t status = check_messages(state, program);
    if (status == BF_OK)
        status = extend_ledger(state, program->n_updates);
    if (status == BF_OK)
        status = renew_values(state, &program->logic);
    status = bf_session_agree(state->session, status);
    if (status == BF_OK) {
        bf_run_t run = {.program = program,
                        .rule = state->options.rule,
                        .precision = state->options.precision,
                        .ledger = state->ledger + state->n_ledger,
                        .failure_lock = ATOMIC_FLAG_INIT};
        evolution_t e = {.state = state, .run = &run, .last_progress = begin};
        status = bf_trajectory_needed(program) ? bf_trajectory_run(state, &run, program, run_gates, &e) : run_program(&e);
        run.program = program;
        report_progress(&e, true);
        state->n_ledger += program->n_updates;
        memcpy(state->site_of, program->site_of, (size_t)state->n * sizeof *state->site_of);
    }
    bf_trace_phase(BF_PHASE_EVOLVE, stamp);
    state->seconds_evolve += bf_seconds() - begin - (state->seconds_start - started);
    return status;
}

bf_status_t bf_state_apply(bf_state_t *state, const bf_circuit_t *circuit)
{
    if (bf_circuit_qubits(circuit) > state->n)
        return bf_error_set(BF_ERR_ARG, "the circuit has %d qubits, the state %d", (int)bf_circuit_qubits(circuit),
                            (int)state->n);
    const double begin = bf_seconds();
    bf_program_t *program = NULL;
    BF_TRY(bf_circuit_lower_with(circuit, state->n, state->used ? state->site_of : NULL, &state->options.passes, NULL, &program));
    state->seconds_evolve += bf_seconds() - begin;
    const bf_status_t status = bf_state_run(state, program);
    bf_program_destroy(program);
    return status;
}
