/* Task: measure a range of sites. The environment from behind is carried along, the one from ahead is contracted with the sites
 * already. */
#include "codelets/measure.h"

#include "codelets/sweep.h"
#include "codelets/trace.h"
#include "kernels/expect.h"

#include <stdlib.h>

struct measure_args {
    bf_direction_t direction;
    int n;
    bool last; /* no outgoing environment */
};

/* Measure one site, whose contraction with the environment ahead is there; *sweep goes over it. */
static void measure_site(bf_sweep_t *sweep, const bf_tensor_t *site, const bf_tensor_t *ahead, bool carry, bf_xyz_t *result)
{
    bf_tensor_t behind = bf_sweep_half(sweep, site);
    bf_tensor_attach(&behind, sweep->half);
    bf_sweep_step(sweep, site, &behind, carry);
    if (sweep->direction == BF_RIGHTWARD)
        bf_k_expect(&behind, ahead, result);
    else
        bf_k_expect(ahead, &behind, result);
}

static void bf_cl_measure_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct measure_args *args = cl_arg;
    const int n = args->n;
    bf_trace_flops(bf_sweep_flops(starpu_task_get_current(), n));
    bf_sweep_t sweep;
    const bf_status_t status = bf_sweep_begin(&sweep, args->direction, buffers, n, 2 * n + 1);
    if (status != BF_OK) {
        bf_tensor_poison(buffers[2 * n + 1], status);
        if (!args->last)
            bf_tensor_poison(buffers[2 * n + 2], status);
        return;
    }
    const bf_tensor_t shape = {.type = BF_TYPE_D, .weight = BF_WEIGHT_NONE, .chi_l = n, .d = 4, .chi_r = 1};
    bf_xyz_t *results = bf_tensor_reserve(buffers[2 * n + 1], &shape).b;
    for (int i = 1; i <= n; i++) {
        const bf_tensor_t site = bf_tensor_view(buffers[i]);
        const bf_tensor_t ahead = bf_tensor_view(buffers[n + i]);
        measure_site(&sweep, &site, &ahead, !(args->last && i == n), &results[i - 1]);
    }
    if (!args->last)
        bf_sweep_end(&sweep, buffers[2 * n + 2]);
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
