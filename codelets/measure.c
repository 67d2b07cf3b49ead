/* Task: measure a range of sites. The environment from behind is carried along, the one from ahead is there already. */
#include "codelets/measure.h"

#include "codelets/arena.h"
#include "codelets/sweep.h"
#include "codelets/trace.h"
#include "kernels/expect.h"
#include "kernels/transfer.h"

#include <stdlib.h>
#include <string.h>

struct measure_args {
    bf_direction_t direction;
    int n;
    bool last; /* no outgoing environment */
};

/* Measure one site; *carried, in memory of ours, becomes the environment behind it unless this is the end of the chain. */
static void measure_site(bf_direction_t direction, bf_tensor_t *carried, const bf_tensor_t *site, const bf_tensor_t *ahead,
                         bool carry, char *memory, bf_xyz_t *result)
{
    bf_tensor_t half_behind = bf_sweep_half(site, carried);
    bf_tensor_t half_ahead = bf_sweep_half(site, ahead);
    const size_t behind_bytes = bf_align_up(bf_tensor_bytes(&half_behind));
    const size_t ahead_bytes = bf_align_up(bf_tensor_bytes(&half_ahead));
    bf_tensor_attach(&half_behind, memory);
    bf_tensor_attach(&half_ahead, memory + behind_bytes);
    char *work = memory + behind_bytes + ahead_bytes;

    bf_tensor_t next = bf_sweep_environment(direction, site, carried);
    bf_sweep_step(direction == BF_RIGHTWARD ? BF_LEFTWARD : BF_RIGHTWARD, ahead, site, &half_ahead, NULL, work);
    /* The half-contracted site holds what is needed of the incoming environment, so the outgoing one may overwrite it. */
    next.b = carried->b;
    bf_sweep_step(direction, carried, site, &half_behind, carry ? &next : NULL, work);
    if (direction == BF_RIGHTWARD)
        bf_k_expect(&half_behind, &half_ahead, result);
    else
        bf_k_expect(&half_ahead, &half_behind, result);
    if (carry)
        *carried = next;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Bytes for the carried environment, and for the temporaries of the hungriest site. */
static void memory_needs(void *buffers[], int n, size_t *carried_bytes, size_t *site_bytes)
{
    *carried_bytes = 0;
    *site_bytes = 0;
    for (int i = 1; i <= n; i++) {
        const bf_tensor_t site = bf_tensor_view(buffers[i]);
        *carried_bytes = max_size(*carried_bytes, bf_sweep_environment_bytes(&site));
        *site_bytes = max_size(*site_bytes, 2 * bf_sweep_half_bytes(&site) + bf_sweep_work_bytes(&site));
    }
}

static int32_t first_status(void *buffers[], int n)
{
    for (int i = 0; i < n; i++) {
        const bf_tensor_data_t *data = buffers[i];
        if (data->status != BF_OK)
            return data->status;
    }
    return BF_OK;
}

static void bf_cl_measure_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct measure_args *args = cl_arg;
    const int n = args->n;
    bf_trace_flops(2.0 * bf_sweep_flops(starpu_task_get_current(), n)); /* both environments meet each site */
    const int32_t status = first_status(buffers, 2 * n + 1);
    if (status != BF_OK) {
        bf_tensor_poison(buffers[2 * n + 1], (bf_status_t)status);
        if (!args->last)
            bf_tensor_poison(buffers[2 * n + 2], (bf_status_t)status);
        return;
    }
    size_t carried_bytes;
    size_t site_bytes;
    memory_needs(buffers, n, &carried_bytes, &site_bytes);
    char *memory = bf_arena(carried_bytes + site_bytes);
    const bf_tensor_t in = bf_tensor_view(buffers[0]);
    bf_tensor_t carried = in;
    bf_tensor_attach(&carried, memory);
    memcpy(carried.b, in.b, bf_tensor_block_bytes(&in));

    const bf_tensor_t shape = {.type = BF_TYPE_D, .weight = BF_WEIGHT_NONE, .chi_l = n, .d = 4, .chi_r = 1};
    bf_xyz_t *results = bf_tensor_reserve(buffers[2 * n + 1], &shape).b;
    for (int i = 1; i <= n; i++) {
        const bf_tensor_t site = bf_tensor_view(buffers[i]);
        const bf_tensor_t ahead = bf_tensor_view(buffers[n + i]);
        measure_site(args->direction, &carried, &site, &ahead, !(args->last && i == n), memory + carried_bytes, &results[i - 1]);
    }
    if (!args->last) {
        const bf_tensor_t out = bf_tensor_reserve(buffers[2 * n + 2], &carried);
        memcpy(out.b, carried.b, bf_tensor_block_bytes(&carried));
    }
}

static size_t measure_size_base(struct starpu_task *task, unsigned nimpl)
{
    (void)nimpl;
    return (size_t)bf_sweep_flops(task, ((const struct measure_args *)task->cl_arg)->n);
}

static uint32_t measure_footprint(struct starpu_task *task)
{
    return bf_flops_bucket(bf_sweep_flops(task, ((const struct measure_args *)task->cl_arg)->n));
}

static struct starpu_perfmodel measure_model = {
    .type = STARPU_NL_REGRESSION_BASED, .symbol = "bf_measure", .size_base = measure_size_base, .footprint = measure_footprint};

static struct starpu_codelet bf_cl_measure = {.cpu_funcs = {bf_cl_measure_cpu},
                                              .cpu_funcs_name = {"bf_cl_measure_cpu"},
                                              .nbuffers = STARPU_VARIABLE_NBUFFERS,
                                              .model = &measure_model,
                                              .name = "measure",
                                              .color = 0xc0a020};

bf_status_t bf_insert_measure(bf_submit_t *submit, int node, bf_direction_t direction, starpu_data_handle_t in,
                              const starpu_data_handle_t *sites, const starpu_data_handle_t *ahead, starpu_data_handle_t results,
                              starpu_data_handle_t out, int n, int priority)
{
    struct starpu_data_descr descr[2 * n + 3];
    int count = 0;
    descr[count++] = (struct starpu_data_descr){.handle = in, .mode = STARPU_R};
    for (int i = 0; i < n; i++)
        descr[count++] = (struct starpu_data_descr){.handle = sites[i], .mode = STARPU_R};
    for (int i = 0; i < n; i++)
        descr[count++] = (struct starpu_data_descr){.handle = ahead[i], .mode = STARPU_R};
    descr[count++] = (struct starpu_data_descr){.handle = results, .mode = STARPU_W};
    if (out)
        descr[count++] = (struct starpu_data_descr){.handle = out, .mode = STARPU_W};
    struct measure_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = malloc(sizeof *args);
        if (!args)
            return BF_ERR_NOMEM;
        *args = (struct measure_args){.direction = direction, .n = n, .last = out == NULL};
    }
    return bf_submit_task(submit, &bf_cl_measure, node, descr, count, args, sizeof *args, priority);
}
