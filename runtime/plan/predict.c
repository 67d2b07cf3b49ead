/* Predictions: one walk through the program for bonds, costs and memory, then a replay of the planner's tasks. */
#include "runtime/plan/predict.h"

#include "codelets/chain.h"
#include "kernels/contract.h"
#include "kernels/factor.h"
#include "runtime/plan/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this a bond bound only says "far too much"; sizes in bytes do not overflow below it. */
#define BOND_CEILING ((bf_dim_t)1 << 20)

/* What a process holds before the first tensor, with StarPU and OpenBLAS; and with MPI. */
#define BASE_BYTES     ((size_t)20 << 20)
#define BASE_MPI_BYTES ((size_t)32 << 20)

/* Seconds until the circuit is read, alone and under mpirun; to start StarPU and stop it. */
#define START_ALONE  0.005
#define START_MPI    0.40
#define START_STARPU 0.012

/* Costs of StarPU and StarPU-MPI, on two cores of a Xeon. */
#define TASK_US            6.0
#define SUBMIT_US          4.0
#define MESSAGE_US         80.0
#define MESSAGE_BYTES_A_US 2000.0

/* A one-site gate, and what a chain in one worker's memory costs for each update besides kernels. */
#define SINGLE_US 0.1
#define ROW_OP_US 0.3

const char *bf_limit_string(bf_limit_t limit)
{
    static const char *const phrases[BF_LIMIT_COUNT] = {
        [BF_LIMIT_WORK] = "the kernels' work: more cores help",
        [BF_LIMIT_WIDTH] = "width: too few operations at a time for so many workers",
        [BF_LIMIT_BOND] = "one heavy bond: its operations follow each other",
        [BF_LIMIT_TASKS] = "task overhead: many cheap tasks",
        [BF_LIMIT_MESSAGE] = "messages between ranks",
        [BF_LIMIT_MEASURE] = "the measurement: two sweeps, at most two workers",
        [BF_LIMIT_START] = "start-up of the program",
    };
    return phrases[limit];
}

/* The walk through the program. */
typedef struct walk {
    const bf_program_t *program;
    const bf_predict_options_t *o;
    bf_prediction_t *p;
    bf_dim_t *chi;      /* n + 1 */
    bool *real;         /* of each site */
    size_t *site_bytes; /* of each site */
    size_t *rank_bytes; /* of each rank, now */
    double *bond_us;    /* of each bond, all updates */
    bf_tensor_t asked;  /* pair whose workspace was asked for last, and what else it depends on */
    bf_dim_t asked_rank;
    bf_type_t asked_sites[2];
    size_t rank_most; /* most of any rank so far */
    size_t all_bytes; /* of all ranks, now */
} walk_t;

static bf_type_t type_of(const walk_t *w, bool real)
{
    const bool single = w->o->precision == BF_PRECISION_SINGLE;
    return real ? (single ? BF_TYPE_S : BF_TYPE_D) : (single ? BF_TYPE_C : BF_TYPE_Z);
}

static bf_tensor_t site_shape(const walk_t *w, bf_site_t s)
{
    return (bf_tensor_t){
        .type = type_of(w, w->real[s]), .weight = BF_WEIGHT_DIAG, .chi_l = w->chi[s], .d = BF_D, .chi_r = w->chi[s + 1]};
}

static void book_site(walk_t *w, bf_site_t s)
{
    const bf_tensor_t site = site_shape(w, s);
    const size_t bytes = bf_align_up(bf_tensor_bytes(&site));
    size_t *rank = &w->rank_bytes[bf_plan_owner(w->program->n, w->o->ranks, s)];
    *rank += bytes - w->site_bytes[s];
    w->all_bytes += bytes - w->site_bytes[s];
    w->p->whole_state_bytes = w->all_bytes > w->p->whole_state_bytes ? w->all_bytes : w->p->whole_state_bytes;
    w->site_bytes[s] = bytes;
    w->p->largest_bytes = bytes > w->p->largest_bytes ? bytes : w->p->largest_bytes;
    w->rank_most = *rank > w->rank_most ? *rank : w->rank_most;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Workspace as codelets/update.c asks for it. Asking takes time: not for a pair that is smaller in everything than one that was
 * asked for. */
static void book_workspace(walk_t *w, const bf_gate2_t *gate, bf_site_t s)
{
    const bf_tensor_t left = site_shape(w, s);
    const bf_tensor_t right = site_shape(w, s + 1);
    bf_tensor_t pair;
    bf_k_contract_shape(&left, &right, gate, w->o->precision == BF_PRECISION_SINGLE, &pair);
    const bf_dim_t rank_bound = (bf_dim_t)gate->schmidt_rank * left.chi_r;
    if (pair.chi_l <= w->asked.chi_l && pair.chi_r <= w->asked.chi_r && rank_bound <= w->asked_rank &&
        pair.type == w->asked.type && left.type == w->asked_sites[0] && right.type == w->asked_sites[1])
        return;
    w->asked = pair;
    w->asked_rank = rank_bound;
    w->asked_sites[0] = left.type;
    w->asked_sites[1] = right.type;
    const size_t pair_bytes = bf_align_up(bf_tensor_bytes(&pair));
    const size_t work =
        larger(bf_k_contract_worksize(&left, &right, &pair), bf_k_factor_worksize(&pair, rank_bound, &w->o->rule));
    w->p->workspace_bytes = larger(w->p->workspace_bytes, pair_bytes + work);
}

/* The bond after operation @p i: what is known, or what it can be at most. */
static bf_dim_t bond_after(walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    const bf_dim_t max_dim = w->o->rule.cut.max_dim;
    const bf_dim_t wanted = bf_plan_bound(w->program, op, w->chi, 0);
    const bf_dim_t most = max_dim > 0 && max_dim < BOND_CEILING ? max_dim : BOND_CEILING;
    const bool known = i < w->o->n_known;
    if (!known && wanted > most && w->p->first_beyond == BF_NO_OP)
        w->p->first_beyond = i;
    const bf_dim_t after = known ? w->o->known[i] : wanted;
    return after < 1 ? 1 : after < most ? after : most;
}

static void step_two_sites(walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    const bf_gate2_t *gate = &w->program->gates2[op->matrix];
    const bf_site_t s = op->site;
    const bf_dim_t *chi = &w->chi[s];
    const bool real = w->real[s] && w->real[s + 1] && gate->real;
    const bf_type_t type = type_of(w, real);
    book_workspace(w, gate, s);
    const bf_dim_t after = bond_after(w, i);
    const bf_dim_t right = op->kind == BF_OP_TRUNCATE ? (chi[1] + 1) / 2 : chi[2]; /* the left site alone is factorised */
    const double us = bf_rates_update_us(w->o->rates, type, chi[0], chi[1], right, after);
    w->p->flops += bf_k_contract_flops(type, chi[0], chi[1], right) + bf_k_factor_flops(type, chi[0], right);
    w->p->op_us[i] = us;
    w->p->op_chi[i] = after;
    w->bond_us[s] += us;
    w->chi[s + 1] = after;
    w->real[s] = w->real[s + 1] = real;
    w->p->peaks[s] = after > w->p->peaks[s] ? after : w->p->peaks[s];
    book_site(w, s);
    book_site(w, s + 1);
}

/* A push is priced as an update of the same shapes, of which it takes about a third. */
static void step_push(walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    const bf_span_t *span = &w->program->spans[op->matrix];
    const bf_site_t s = op->site;
    const bf_dim_t *chi = &w->chi[s];
    const bool real = w->real[s] && w->real[s + 1] && bf_sum_is_real(&w->program->sums[span->sum]);
    const bf_dim_t pushed = bf_plan_bound(w->program, op, w->chi, 0), after = pushed < BOND_CEILING ? pushed : BOND_CEILING;
    const double us = bf_rates_update_us(w->o->rates, type_of(w, real), chi[0], chi[1], chi[2], after) / 3;
    w->p->flops += bf_k_factor_flops(type_of(w, real), chi[0], chi[2]) / 3;
    w->p->op_us[i] = us;
    w->p->op_chi[i] = after;
    w->bond_us[s] += us;
    w->chi[s + 1] = after;
    w->real[s] = w->real[s + 1] = real;
    book_site(w, s);
    book_site(w, s + 1);
}

static void step_one_site(walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    w->p->op_us[i] = SINGLE_US + (double)(w->chi[op->site] * w->chi[op->site + 1]) * 1e-3;
    w->p->op_chi[i] = 0;
    if (op->kind == BF_OP_GATE && !w->program->gates1[op->matrix].real) {
        w->real[op->site] = false;
        book_site(w, op->site);
    }
}

static void summarise(walk_t *w)
{
    bf_prediction_t *p = w->p;
    p->heavy_bond = -1;
    p->largest_bond = 1;
    for (bf_site_t b = 0; b + 1 < p->n; b++) {
        p->bonds[b] = w->chi[b + 1];
        p->largest_bond = p->peaks[b] > p->largest_bond ? p->peaks[b] : p->largest_bond;
        p->kernel_seconds += 1e-6 * w->bond_us[b];
        if (w->bond_us[b] > 1e6 * p->heavy_seconds) {
            p->heavy_seconds = 1e-6 * w->bond_us[b];
            p->heavy_bond = b;
        }
    }
    p->state_bytes = w->rank_most;
}

static void walk(walk_t *w)
{
    for (bf_site_t s = 0; s < w->program->n; s++) {
        w->chi[s] = w->chi[s + 1] = 1;
        w->real[s] = true;
    }
    for (bf_site_t s = 0; s < w->program->n; s++)
        book_site(w, s);
    for (bf_site_t b = 0; b + 1 < w->program->n; b++)
        w->p->peaks[b] = 1;
    for (size_t i = 0; i < w->program->n_ops; i++) {
        if (w->program->ops[i].update >= 0)
            step_two_sites(w, i);
        else if (w->program->ops[i].kind == BF_OP_PUSH)
            step_push(w, i);
        else
            step_one_site(w, i);
    }
    summarise(w);
}

/* The measurement. Every site is kept half-contracted until the other sweep comes through. */

static bool all_expectations(const bf_predict_options_t *o)
{
    return !o->features || (o->n_features == 1 && o->features[0].kind == BF_FEATURE_XYZ);
}

/* Steps of the environments that carry an operator, for each site: as far as the farthest partner of each kind. */
static double pair_steps(const bf_predict_options_t *o)
{
    double steps = 0.0;
    for (bf_feature_kind_t kind = BF_FEATURE_XX; o->features && kind <= BF_FEATURE_ZZ; kind++) {
        int farthest = 0;
        for (size_t i = 0; i < o->n_features; i++)
            if (o->features[i].kind == kind && o->features[i].distance > farthest)
                farthest = o->features[i].distance;
        steps += farthest;
    }
    return steps;
}

static double step_us(const walk_t *w, bf_site_t s)
{
    return bf_rates_step_us(w->o->rates, type_of(w, w->real[s]), w->chi[s], w->chi[s + 1]);
}

/* In one piece: by the calling thread, or as a survey. */
static double survey_seconds(const walk_t *w)
{
    double us = 0.0;
    for (bf_site_t s = 0; s < w->program->n; s++)
        us += (BF_RATES_MEASURED_STEPS + pair_steps(w->o)) * step_us(w, s);
    return 1e-6 * us;
}

/* Two sweeps that meet in the middle. */
static double sweeps_seconds(const walk_t *w)
{
    const bf_site_t n = w->program->n;
    double half[2] = {0.0};
    for (bf_site_t s = 0; s < n; s++)
        half[s >= n / 2] += step_us(w, s);
    const bool together = w->o->ranks * w->o->workers > 1;
    const double longer = together ? fmax(half[0], half[1]) : half[0] + half[1];
    const double messages = w->o->ranks > 1 ? 2.0 * w->o->ranks * MESSAGE_US : 0.0;
    return 1e-6 * (BF_RATES_MEASURED_STEPS * longer + messages);
}

/* An operation of the tail (bf_tail_t) is contracted and not factorised. */
#define TAIL_SHARE 0.25

/* As rows are computed: no tasks, and the tail left to the measurement. */
static double row_seconds(const walk_t *w)
{
    const bf_program_t *program = w->program;
    const bool tail = !w->o->features || bf_tail_suits(w->o->features, w->o->n_features);
    double us = 0.0;
    bool *touched = w->real; /* not needed any more */
    for (bf_site_t s = 0; s < program->n; s++) {
        us += (BF_RATES_MEASURED_STEPS + pair_steps(w->o)) * step_us(w, s);
        touched[s] = false;
    }
    for (size_t i = program->n_ops; i-- > 0;) {
        const bf_op_t *op = &program->ops[i];
        const bf_site_t last = op->site + bf_op_width(op) - 1;
        const bool behind = tail && op->update >= 0 && op->kind == BF_OP_GATE && !touched[op->site] && !touched[last];
        touched[op->site] = touched[last] = true;
        us += ROW_OP_US + (behind ? TAIL_SHARE : 1.0) * w->p->op_us[i];
    }
    return 1e-6 * us;
}

/* Bytes that the measurement takes on the rank with most of them, beside the state. */
static size_t measure_bytes(const walk_t *w)
{
    const bf_site_t n = w->program->n;
    const bool sweeps = all_expectations(w->o);
    size_t largest = 0;
    size_t most = 0;
    size_t now = 0;
    size_t elsewhere = 0;
    int rank = -1;
    for (bf_site_t s = 0; s < n; s++) {
        const size_t element = w->real[s] ? sizeof(double) : sizeof(bf_z_t);
        const size_t half = BF_D * (size_t)w->chi[s] * (size_t)w->chi[s + 1] * element;
        const size_t edge = (size_t)(w->chi[s] > w->chi[s + 1] ? w->chi[s] : w->chi[s + 1]);
        const int owner = sweeps ? bf_plan_owner(n, w->o->ranks, s) : 0;
        now = owner == rank ? now + half : half;
        rank = owner;
        elsewhere += !sweeps && bf_plan_owner(n, w->o->ranks, s) != 0 ? w->site_bytes[s] : 0;
        most = larger(most, now);
        largest = larger(largest, half + edge * edge * element);
    }
    return most + elsewhere + 2 * largest;
}

/* The replay of the planner's tasks. */
typedef struct replay {
    const walk_t *w;
    bf_schedule_t schedule;
    bf_dim_t *chi; /* n + 1, before the operations that are being planned */
    size_t tasks;
    double alone_us; /* in the calling thread, before tasks */
} replay_t;

static double message_us(const replay_t *r, const bf_site_t *sites, int n_sites)
{
    if (r->w->o->ranks == 1)
        return 0.0;
    size_t bytes = 0;
    for (int i = 0; i < n_sites; i++)
        bytes = larger(bytes, BF_D * (size_t)r->chi[sites[i]] * (size_t)r->chi[sites[i] + 1] * sizeof(bf_z_t));
    return (double)bytes / MESSAGE_BYTES_A_US;
}

static bf_status_t take_block(void *arg, const bf_site_t *sites, int n_sites, const bf_block_item_t *items, size_t n_items,
                              double flops)
{
    (void)flops;
    replay_t *r = arg;
    double us = 0.0;
    for (size_t i = 0; i < n_items; i++)
        us += r->w->p->op_us[items[i].op];
    r->tasks++;
    const int rank = bf_plan_owner(r->w->program->n, r->w->o->ranks, sites[n_sites / 2]);
    return bf_schedule_add(&r->schedule, rank, sites, n_sites, us, message_us(r, sites, n_sites));
}

static bf_status_t take_gate(void *arg, uint32_t op, double planned_us)
{
    replay_t *r = arg;
    const bool two_tasks = planned_us >= BF_PLAN_SPLIT_FROM_US && r->w->program->ops[op].kind == BF_OP_GATE;
    const bf_site_t sites[2] = {r->w->program->ops[op].site, r->w->program->ops[op].site + 1};
    r->tasks += two_tasks ? 2 : 1;
    const int rank = bf_plan_owner(r->w->program->n, r->w->o->ranks, sites[0]);
    return bf_schedule_add(&r->schedule, rank, sites, 2, r->w->p->op_us[op] + (two_tasks ? TASK_US : 0.0),
                           message_us(r, sites, 2));
}

/* What the calling thread does before tasks are worth while. @return the first operation that is left to tasks */
static size_t replay_alone(replay_t *r)
{
    const bf_predict_options_t *o = r->w->o;
    const size_t n_ops = r->w->program->n_ops;
    size_t i = 0;
    for (; o->ranks == 1 && !o->always_tasks && i < n_ops && r->alone_us < 1e6 * BF_PLAN_ALONE_SECONDS; i++)
        r->alone_us += r->w->p->op_us[i] + ROW_OP_US;
    return i;
}

/* The bonds after operations [from, to) of the program, in its order. */
static void follow_bonds(replay_t *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (bf_op_width(&r->w->program->ops[i]) == 2)
            r->chi[r->w->program->ops[i].site + 1] = r->w->p->op_chi[i];
}

static bf_status_t replay_tasks(replay_t *r)
{
    const bf_program_t *program = r->w->program;
    const bf_predict_options_t *o = r->w->o;
    const bf_plan_options_t options = {.max_dim = o->rule.cut.max_dim,
                                       .grain_us = o->grain_us > 0.0 ? o->grain_us : BF_PLAN_GRAIN_US,
                                       .workers = o->workers * o->ranks,
                                       .ranks = o->ranks};
    const bf_plan_sink_t sink = {.block = take_block, .gate = take_gate, .arg = r};
    for (bf_site_t b = 0; b <= program->n; b++)
        r->chi[b] = 1;
    size_t first = replay_alone(r);
    follow_bonds(r, 0, first);
    while (first < program->n_ops) {
        const size_t before = first;
        BF_TRY(bf_plan_next(program, r->chi, first, &options, &sink, &first));
        BF_TRY(bf_schedule_run(&r->schedule));
        follow_bonds(r, before, first);
    }
    return BF_OK;
}

static bf_limit_t what_limits(const bf_prediction_t *p, const bf_predict_options_t *o, const bf_schedule_t *schedule)
{
    const double workers = (double)o->ranks * o->workers;
    const double critical = 1e-6 * p->levels.critical_us;
    if (p->start_seconds >= 0.5 * p->total_seconds || p->tasks == 0) /* too short to start workers for */
        return BF_LIMIT_START;
    if (p->measure_seconds >= 0.5 * p->total_seconds)
        return BF_LIMIT_MEASURE;
    if (p->kernel_seconds >= 0.7 * workers * p->evolve_seconds)
        return BF_LIMIT_WORK;
    if ((double)p->tasks * 1e-6 * fmax(TASK_US / workers, SUBMIT_US) >= 0.3 * p->evolve_seconds)
        return BF_LIMIT_TASKS;
    if (critical >= 0.5 * p->evolve_seconds && p->heavy_seconds >= 0.6 * critical)
        return BF_LIMIT_BOND;
    if (critical < 0.5 * p->evolve_seconds && 1e-6 * schedule->waiting_us >= 0.3 * p->evolve_seconds)
        return BF_LIMIT_MESSAGE;
    return BF_LIMIT_WIDTH;
}

static bf_status_t predict_time(const walk_t *w, replay_t *r)
{
    bf_prediction_t *p = w->p;
    const bf_schedule_machine_t machine = {.ranks = w->o->ranks,
                                           .workers = w->o->workers,
                                           .task_us = TASK_US,
                                           .submit_us = SUBMIT_US,
                                           .message_us = w->o->ranks > 1 ? MESSAGE_US : 0.0};
    BF_TRY(bf_schedule_open(&r->schedule, w->program->n, &machine));
    BF_TRY(replay_tasks(r));
    p->tasks = r->tasks;
    p->evolve_seconds = 1e-6 * (r->alone_us + r->schedule.end_us);
    const bool alone =
        w->o->ranks == 1 && !w->o->always_tasks && p->tasks == 0 && p->evolve_seconds + survey_seconds(w) < BF_PLAN_ALONE_SECONDS;
    p->measure_seconds = alone || !all_expectations(w->o) ? survey_seconds(w) : sweeps_seconds(w);
    p->start_seconds = (w->o->ranks > 1 ? START_MPI : START_ALONE) + (alone ? 0.0 : START_STARPU);
    p->total_seconds = p->start_seconds + p->evolve_seconds + p->measure_seconds;
    p->row_seconds = row_seconds(w);
    p->limit = what_limits(p, w->o, &r->schedule);
    return BF_OK;
}

static bool allocate(walk_t *w, replay_t *r)
{
    const size_t n = (size_t)w->program->n;
    bf_prediction_t *p = w->p;
    p->bonds = calloc(n, sizeof *p->bonds);
    p->peaks = calloc(n, sizeof *p->peaks);
    p->op_us = malloc((w->program->n_ops + 1) * sizeof *p->op_us);
    p->op_chi = malloc((w->program->n_ops + 1) * sizeof *p->op_chi);
    w->chi = malloc((n + 1) * sizeof *w->chi);
    w->real = malloc(n * sizeof *w->real);
    w->site_bytes = calloc(n, sizeof *w->site_bytes);
    w->rank_bytes = calloc((size_t)w->o->ranks, sizeof *w->rank_bytes);
    w->bond_us = calloc(n, sizeof *w->bond_us);
    r->chi = malloc((n + 1) * sizeof *r->chi);
    return p->bonds && p->peaks && p->op_us && p->op_chi && w->chi && w->real && w->site_bytes && w->rank_bytes && w->bond_us &&
           r->chi;
}

static void release(walk_t *w, replay_t *r)
{
    free(w->chi);
    free(w->real);
    free(w->site_bytes);
    free(w->rank_bytes);
    free(w->bond_us);
    free(r->chi);
    bf_schedule_close(&r->schedule);
}

bf_status_t bf_predict(const bf_program_t *program, const bf_predict_options_t *options, bf_prediction_t *prediction)
{
    *prediction =
        (bf_prediction_t){.n = program->n, .n_ops = program->n_ops, .workers = options->workers, .first_beyond = BF_NO_OP};
    walk_t w = {.program = program, .o = options, .p = prediction};
    replay_t r = {.w = &w};
    bf_status_t status = BF_ERR_NOMEM;
    if (allocate(&w, &r)) {
        walk(&w);
        prediction->measure_bytes = measure_bytes(&w);
        prediction->rank_bytes = (options->ranks > 1 ? BASE_MPI_BYTES : BASE_BYTES) + prediction->state_bytes +
                                 (size_t)options->workers * prediction->workspace_bytes + prediction->measure_bytes;
        status = bf_levels_make(program, prediction->op_us, &prediction->levels);
        if (status == BF_OK)
            status = predict_time(&w, &r);
    } else
        bf_error_set(BF_ERR_NOMEM, "out of memory: predicting %zu operations", program->n_ops);
    release(&w, &r);
    return status;
}

void bf_prediction_clear(bf_prediction_t *p)
{
    free(p->bonds);
    free(p->peaks);
    free(p->op_us);
    free(p->op_chi);
    bf_levels_clear(&p->levels);
    *p = (bf_prediction_t){0};
}
