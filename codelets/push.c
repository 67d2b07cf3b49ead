/* Task: the centre of the chain walks over a range of sites. */
#include "codelets/push.h"

#include "codelets/arena.h"
#include "codelets/memory.h"
#include "codelets/tensor_data.h"
#include "codelets/trace.h"
#include "kernels/gate.h"
#include "kernels/orthogonalise.h"
#include "kernels/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the weighted pass drops: Schmidt values that are rounding, relative to the norm 1, squared. */
#define NOISE_DOUBLE 1e-28
#define NOISE_SINGLE 1e-12

struct push_args {
    const bf_push_draws_t *draws;
    bf_push_mode_t mode;
    bool has_in, last;
    int n;
    bf_site_t first_site;
    size_t n_events;
    bf_push_event_t events[];
};

/** Memory of a task beside the worker's arena, which each step takes for itself: a carry coming, one going, and the centre. */
typedef struct room {
    bf_tensor_t carry[2];
    bf_tensor_t centre;
    char *memory;
} room_t;

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/** Bonds only shrink on the way, so the shapes that come in bound everything. */
static room_t make_room(void *buffers[], const struct push_args *args)
{
    size_t carry = 0, centre = 0;
    for (int i = 0; i < args->n; i++) {
        const bf_tensor_t site = bf_tensor_view(buffers[args->has_in + i]);
        const bf_tensor_t most = {BF_TYPE_Z, BF_WEIGHT_DIAG, site.chi_l, BF_D, site.chi_r, NULL, NULL};
        const size_t chi = (size_t)(site.chi_l > site.chi_r ? site.chi_l : site.chi_r);
        carry = max_size(carry, bf_align_up(chi * chi * bf_type_size(BF_TYPE_Z)));
        centre = max_size(centre, bf_align_up(bf_tensor_bytes(&most)));
    }
    room_t room = {.memory = aligned_alloc(BF_ALIGN, 2 * carry + centre)};
    if (!room.memory)
        bf_fatal(3, "not enough memory: %zu bytes for moving the centre of the chain; use a smaller --max-dim",
                 2 * carry + centre);
    room.carry[0].b = room.memory;
    room.carry[1].b = room.memory + carry;
    room.centre.b = room.memory + 2 * carry;
    return room;
}

static int32_t first_status(void *buffers[], int n)
{
    for (int i = 0; i < n; i++)
        if (((const bf_tensor_data_t *)buffers[i])->status != BF_OK)
            return ((const bf_tensor_data_t *)buffers[i])->status;
    return BF_OK;
}

/** The site in double precision and without its weight, or with the carry absorbed, as the new centre. */
static void take_site(const struct push_args *args, room_t *room, const bf_tensor_t *site, bool absorb)
{
    void *memory = room->centre.b;
    if (absorb) {
        void *work = bf_arena(bf_k_absorb_worksize(&room->carry[0], site));
        if (args->mode == BF_PUSH_RIGHT)
            bf_k_absorb_left(&room->carry[0], site, &room->centre, work);
        else
            bf_k_absorb_right(&room->carry[0], site, &room->centre, work);
    } else {
        bf_tensor_t bare = *site;
        bare.weight = BF_WEIGHT_NONE;
        bare.w = NULL;
        room->centre = bare;
        room->centre.type = bf_type_is_real(site->type) ? BF_TYPE_D : BF_TYPE_Z;
        room->centre.b = memory;
        bf_k_convert(&bare, &room->centre);
    }
}

static bf_status_t perform(const struct push_args *args, const bf_push_event_t *event, bf_tensor_t *centre)
{
    double p[2];
    bf_bias_t bias;
    bf_k_outcome_weights(centre, p);
    if (!bf_bias_set(p[0], p[1], &bias))
        return isfinite(p[0]) && isfinite(p[1]) ? BF_ERR_ZERO : BF_ERR_NAN;
    const int outcome = bf_random_draw(args->draws->seed, BF_RANDOM_MEASURE, args->draws->shot, event->draw, &bias);
    bf_k_project(centre, outcome, event->kind == BF_OP_RESET ? 0 : outcome, 1.0 / sqrt(p[outcome]));
    *event->outcome = (uint8_t)(1 + outcome);
    return BF_OK;
}

/** The last site of a weighted pass, where the chain's left bond is 1: its weight is 1, and its norm. */
static bf_status_t finish(bf_tensor_t *centre)
{
    double p[2];
    bf_k_outcome_weights(centre, p);
    const double norm2 = p[0] + p[1];
    if (!isfinite(norm2) || !(norm2 > 0.0))
        return isfinite(norm2) ? BF_ERR_ZERO : BF_ERR_NAN;
    bf_gate1_t scale = {.u = {1.0 / sqrt(norm2), 0, 0, 1.0 / sqrt(norm2)}, .real = true};
    bf_k_gate1(centre, &scale);
    return BF_OK;
}

/** Leave the site behind, or keep it as the centre. */
static bf_status_t leave_site(const struct push_args *args, room_t *room, double loss, bool stays)
{
    bf_tensor_t *const coming = &room->carry[0], *const going = &room->carry[1];
    const bool single = bf_run_single(args->draws->run, loss);
    const bf_cutoff_t noise = {.cutoff = single ? NOISE_SINGLE : NOISE_DOUBLE, .max_dim = 0, .min_dim = 1};
    bf_status_t status = BF_OK;
    if (stays)
        return args->mode == BF_PUSH_WEIGHTED ? finish(&room->centre) : BF_OK;
    void *work = bf_arena(bf_k_push_worksize(&room->centre));
    if (args->mode == BF_PUSH_RIGHT)
        bf_k_push_right(&room->centre, going, work);
    else if (args->mode == BF_PUSH_LEFT)
        bf_k_push_left(&room->centre, going, work);
    else
        status = bf_k_push_left_svd(&room->centre, &noise, going, work);
    const bf_tensor_t swap = *coming;
    *coming = *going;
    *going = swap;
    return status;
}

/** Into the handle; behind a weighted pass in the precision that the run wants, and with a weight. */
static void store_site(const struct push_args *args, const bf_tensor_t *centre, double loss, bf_tensor_data_t *site)
{
    bf_tensor_t shape = *centre;
    if (args->mode == BF_PUSH_WEIGHTED) {
        shape.weight = BF_WEIGHT_DIAG;
        if (bf_run_single(args->draws->run, loss))
            shape.type = bf_type_is_real(centre->type) ? BF_TYPE_S : BF_TYPE_C;
    }
    bf_tensor_t view = bf_tensor_reserve(site, &shape);
    bf_tensor_t from = *centre;
    from.weight = BF_WEIGHT_NONE;
    bf_tensor_t to = view;
    to.weight = BF_WEIGHT_NONE;
    bf_k_convert(&from, &to);
    for (bf_dim_t i = 0; view.weight == BF_WEIGHT_DIAG && i < view.chi_l; i++)
        ((double *)view.w)[i] = centre->weight == BF_WEIGHT_DIAG ? ((const double *)centre->w)[i] : 1.0;
    site->loss = loss;
}

static bf_status_t walk(void *buffers[], const struct push_args *args, double *loss, room_t *room, int *at)
{
    void *const memory = room->centre.b;
    const bf_push_event_t *event = args->events, *const end = event + args->n_events;
    for (int i = 0; i < args->n; i++) {
        *at = i;
        bf_tensor_data_t *site = buffers[args->has_in + i];
        const bf_tensor_t view = bf_tensor_view(site);
        *loss = fmax(*loss, site->loss);
        room->centre.b = memory;
        take_site(args, room, &view, args->has_in || i > 0);
        bf_status_t status = BF_OK;
        for (; event < end && event->site == i && status == BF_OK; event++)
            status = perform(args, event, &room->centre);
        if (status == BF_OK)
            status = leave_site(args, room, *loss, args->last && i == args->n - 1);
        if (status != BF_OK)
            return status;
        store_site(args, &room->centre, *loss, site);
    }
    return BF_OK;
}

static void poison_all(void *buffers[], const struct push_args *args, bf_status_t status)
{
    for (int i = 0; i < args->n + !args->last; i++)
        bf_tensor_poison(buffers[args->has_in + i], status);
}

/** About four multiplications of a site with its bond: absorbing, factorising, forming the isometry; more by SVD. */
static double site_flops(const bf_tensor_data_t *site, bf_push_mode_t mode)
{
    const double l = (double)site->chi_l, r = (double)site->chi_r;
    return 64.0 * l * r * fmin(l, r) * (mode == BF_PUSH_WEIGHTED ? 4.0 : 1.0);
}

static void run_push(void *buffers[], const struct push_args *args)
{
    const int32_t before = first_status(buffers, args->has_in + args->n);
    if (before != BF_OK) {
        poison_all(buffers, args, (bf_status_t)before);
        return;
    }
    int at = 0;
    double loss = 0.0;
    room_t room = make_room(buffers, args);
    if (args->has_in) {
        const bf_tensor_data_t *in = buffers[0];
        void *memory = room.carry[0].b;
        room.carry[0] = bf_tensor_view(in);
        memcpy(memory, room.carry[0].b, bf_tensor_block_bytes(&room.carry[0]));
        room.carry[0].b = memory;
        loss = in->loss;
    }
    const bf_status_t status = walk(buffers, args, &loss, &room, &at);
    if (status != BF_OK) {
        const bf_site_t site = args->mode == BF_PUSH_RIGHT ? args->first_site + at : args->first_site - at;
        bf_run_fail(args->draws->run, &(bf_failure_t){.status = status,
                                                      .codelet = "push",
                                                      .update = -1,
                                                      .site = site,
                                                      .chi_l = room.centre.chi_l,
                                                      .chi_r = room.centre.chi_r});
        poison_all(buffers, args, status);
    } else if (!args->last) {
        bf_tensor_data_t *out = buffers[args->has_in + args->n];
        const bf_tensor_t view = bf_tensor_reserve(out, &room.carry[0]);
        memcpy(view.b, room.carry[0].b, bf_tensor_block_bytes(&room.carry[0]));
        out->loss = loss;
    }
    free(room.memory);
}

static void bf_cl_push_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct push_args *args = cl_arg;
    double flops = 0.0;
    for (int i = 0; i < args->n; i++)
        flops += site_flops(buffers[args->has_in + i], args->mode);
    bf_trace_flops(flops);
    run_push(buffers, args);
}

static double push_flops(struct starpu_task *task)
{
    const struct push_args *args = task->cl_arg;
    double flops = 0.0;
    for (int i = 0; i < args->n; i++)
        flops += site_flops(starpu_data_get_interface_on_node(STARPU_TASK_GET_HANDLE(task, args->has_in + i), STARPU_MAIN_RAM),
                            args->mode);
    return flops;
}

static size_t push_size_base(struct starpu_task *task, unsigned nimpl)
{
    (void)nimpl;
    return (size_t)push_flops(task);
}

static uint32_t push_footprint(struct starpu_task *task)
{
    return bf_flops_bucket(push_flops(task));
}

static struct starpu_perfmodel push_model = {
    .type = STARPU_NL_REGRESSION_BASED, .symbol = "bf_push", .size_base = push_size_base, .footprint = push_footprint};

static struct starpu_codelet bf_cl_push = {.cpu_funcs = {bf_cl_push_cpu},
                                           .cpu_funcs_name = {"bf_cl_push_cpu"},
                                           .nbuffers = STARPU_VARIABLE_NBUFFERS,
                                           .model = &push_model,
                                           .name = "push",
                                           .color = 0x309070};

static size_t args_bytes(const bf_push_t *push)
{
    return sizeof(struct push_args) + push->n_events * sizeof *push->events;
}

static struct push_args *make_args(const bf_push_draws_t *draws, const bf_push_t *push)
{
    struct push_args *args = malloc(args_bytes(push));
    if (!args)
        return NULL;
    *args = (struct push_args){.draws = draws,
                               .mode = push->mode,
                               .has_in = push->in != NULL,
                               .last = push->last,
                               .n = push->n,
                               .first_site = push->first_site,
                               .n_events = push->n_events};
    if (push->n_events > 0)
        memcpy(args->events, push->events, push->n_events * sizeof *push->events);
    return args;
}

bf_status_t bf_insert_push(bf_submit_t *submit, int node, const bf_push_draws_t *draws, const bf_push_t *push, int priority)
{
    struct starpu_data_descr descr[push->n + 2];
    int count = 0;
    if (push->in)
        descr[count++] = (struct starpu_data_descr){.handle = push->in, .mode = STARPU_R};
    for (int i = 0; i < push->n; i++)
        descr[count++] = (struct starpu_data_descr){.handle = push->sites[i], .mode = STARPU_RW};
    if (push->out)
        descr[count++] = (struct starpu_data_descr){.handle = push->out, .mode = STARPU_W};
    struct push_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = make_args(draws, push);
        if (!args)
            return BF_ERR_NOMEM;
    }
    return bf_submit_task(submit, &bf_cl_push, node, descr, count, args, args_bytes(push), priority);
}

bf_status_t bf_push_here(const bf_push_draws_t *draws, const bf_push_t *push, bf_tensor_data_t *first)
{
    void *buffers[push->n];
    struct push_args *args = make_args(draws, push);
    if (!args)
        return BF_ERR_NOMEM;
    for (int i = 0; i < push->n; i++)
        buffers[i] = push->mode == BF_PUSH_RIGHT ? first + i : first - i;
    run_push(buffers, args);
    free(args);
    return BF_OK;
}
