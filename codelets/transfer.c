/* Task: carry an environment over a range of sites, keeping the sites half-contracted. */
#include "codelets/transfer.h"

#include "codelets/sweep.h"
#include "codelets/trace.h"

#include <stdlib.h>

struct transfer_args {
    bf_direction_t direction;
    int n;
};

static void bf_cl_transfer_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct transfer_args *args = cl_arg;
    const int n = args->n;
    bf_trace_flops(bf_sweep_flops(starpu_task_get_current(), n));
    bf_sweep_t sweep;
    const bf_status_t status = bf_sweep_begin(&sweep, args->direction, buffers, n, n + 1);
    if (status != BF_OK) {
        for (int i = n + 1; i <= 2 * n + 1; i++)
            bf_tensor_poison(buffers[i], status);
        return;
    }
    for (int i = 1; i <= n; i++) {
        const bf_tensor_t site = bf_tensor_view(buffers[i]);
        const bf_tensor_t shape = bf_sweep_half(&sweep, &site);
        bf_tensor_t half = bf_tensor_reserve(buffers[n + i], &shape);
        bf_sweep_step(&sweep, &site, &half, true);
    }
    bf_sweep_end(&sweep, buffers[2 * n + 1]);
}

static size_t transfer_size_base(struct starpu_task *task, unsigned nimpl)
{
    (void)nimpl;
    return (size_t)bf_sweep_flops(task, ((const struct transfer_args *)task->cl_arg)->n);
}

static uint32_t transfer_footprint(struct starpu_task *task)
{
    return bf_flops_bucket(bf_sweep_flops(task, ((const struct transfer_args *)task->cl_arg)->n));
}

static struct starpu_perfmodel transfer_model = {.type = STARPU_NL_REGRESSION_BASED,
                                                 .symbol = "bf_transfer",
                                                 .size_base = transfer_size_base,
                                                 .footprint = transfer_footprint};

static struct starpu_codelet bf_cl_transfer = {.cpu_funcs = {bf_cl_transfer_cpu},
                                               .cpu_funcs_name = {"bf_cl_transfer_cpu"},
                                               .nbuffers = STARPU_VARIABLE_NBUFFERS,
                                               .model = &transfer_model,
                                               .name = "transfer",
                                               .color = 0x8060b0};

bf_status_t bf_insert_transfer(bf_submit_t *submit, int node, bf_direction_t direction, starpu_data_handle_t in,
                               const starpu_data_handle_t *sites, const starpu_data_handle_t *halves, starpu_data_handle_t out,
                               int n, int priority)
{
    struct starpu_data_descr descr[2 * n + 2];
    descr[0] = (struct starpu_data_descr){.handle = in, .mode = STARPU_R};
    for (int i = 0; i < n; i++) {
        descr[1 + i] = (struct starpu_data_descr){.handle = sites[i], .mode = STARPU_R};
        descr[1 + n + i] = (struct starpu_data_descr){.handle = halves[i], .mode = STARPU_W};
    }
    descr[2 * n + 1] = (struct starpu_data_descr){.handle = out, .mode = STARPU_W};
    struct transfer_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = malloc(sizeof *args);
        if (!args)
            return BF_ERR_NOMEM;
        *args = (struct transfer_args){.direction = direction, .n = n};
    }
    return bf_submit_task(submit, &bf_cl_transfer, node, descr, 2 * n + 2, args, sizeof *args, priority);
}
