/* Predictions: a walk through the program for bonds, costs and memory (walk.h), then a replay of the planner's tasks. */
#include "runtime/plan/predict.h"

#include "codelets/chain.h"
#include "runtime/plan/schedule.h"
#include "runtime/plan/walk.h"

#include <math.h>
#include <stdlib.h>

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

/* What a chain in one worker's memory costs for each update besides kernels. */
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

static double step_us(const bf_walk_t *w, bf_site_t s)
{
    return bf_rates_step_us(w->o->rates, bf_walk_type(w, w->real[s]), w->chi[s], w->chi[s + 1]);
}

/* In one piece: by the calling thread, or as a survey. */
static double survey_seconds(const bf_walk_t *w)
{
    double us = 0.0;
    for (bf_site_t s = 0; s < w->program->n; s++)
        us += (BF_RATES_MEASURED_STEPS + pair_steps(w->o)) * step_us(w, s);
    return 1e-6 * us;
}

/* Two sweeps that meet in the middle. */
static double sweeps_seconds(const bf_walk_t *w)
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
static double row_seconds(const bf_walk_t *w)
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
static size_t measure_bytes(const bf_walk_t *w)
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
        most = bf_larger(most, now);
        largest = bf_larger(largest, half + edge * edge * element);
    }
    return most + elsewhere + 2 * largest;
}

/* The replay of the planner's tasks. */
typedef struct replay {
    const bf_walk_t *w;
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
        bytes = bf_larger(bytes, BF_D * (size_t)r->chi[sites[i]] * (size_t)r->chi[sites[i] + 1] * sizeof(bf_z_t));
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

static bf_status_t predict_time(const bf_walk_t *w, replay_t *r)
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

bf_status_t bf_predict(const bf_program_t *program, const bf_predict_options_t *options, bf_prediction_t *prediction)
{
    *prediction =
        (bf_prediction_t){.n = program->n, .n_ops = program->n_ops, .workers = options->workers, .first_beyond = BF_NO_OP};
    bf_walk_t w;
    replay_t r = {.w = &w, .chi = malloc(((size_t)program->n + 1) * sizeof *r.chi)};
    bf_status_t status = BF_ERR_NOMEM;
    if (bf_walk_open(&w, program, options, prediction) && r.chi) {
        bf_walk(&w);
        prediction->measure_bytes = measure_bytes(&w);
        prediction->rank_bytes = (options->ranks > 1 ? BASE_MPI_BYTES : BASE_BYTES) + prediction->state_bytes +
                                 (size_t)options->workers * prediction->workspace_bytes + prediction->measure_bytes;
        status = bf_levels_make(program, prediction->op_us, &prediction->levels);
        if (status == BF_OK)
            status = predict_time(&w, &r);
    } else
        bf_error_set(BF_ERR_NOMEM, "out of memory: predicting %zu operations", program->n_ops);
    bf_walk_close(&w);
    free(r.chi);
    bf_schedule_close(&r.schedule);
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
