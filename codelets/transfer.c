/* Task: carry an environment over a range of sites. */
#include "codelets/transfer.h"

#include "codelets/arena.h"
#include "codelets/sweep.h"
#include "codelets/trace.h"
#include "kernels/transfer.h"

#include <stdlib.h>

struct transfer_args {
    bf_direction_t direction;
    int n;
};

static void carry(bf_direction_t direction, const bf_tensor_data_t *in, const bf_tensor_data_t *site, bf_tensor_data_t *out)
{
    const int32_t status = in->status != BF_OK ? in->status : site->status;
    if (status != BF_OK) {
        bf_tensor_poison(out, (bf_status_t)status);
        return;
    }
    const bf_tensor_t environment = bf_tensor_view(in);
    const bf_tensor_t tensor = bf_tensor_view(site);
    bf_tensor_t half = bf_sweep_half(&tensor, &environment);
    const size_t half_bytes = bf_align_up(bf_tensor_bytes(&half));
    char *arena = bf_arena(half_bytes + bf_k_transfer_worksize(&tensor, &environment));
    bf_tensor_attach(&half, arena);
    bf_tensor_t behind = bf_sweep_environment(direction, &tensor, &environment);
    behind = bf_tensor_reserve(out, &behind);
    bf_sweep_step(direction, &environment, &tensor, &half, &behind, arena + half_bytes);
}

static void bf_cl_transfer_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct transfer_args *args = cl_arg;
    bf_trace_flops(bf_sweep_flops(starpu_task_get_current(), args->n));
    const bf_tensor_data_t *in = buffers[0];
    for (int i = 1; i <= args->n; i++) {
        carry(args->direction, in, buffers[i], buffers[args->n + i]);
        in = buffers[args->n + i];
    }
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
                               const starpu_data_handle_t *sites, const starpu_data_handle_t *out, int n, int priority)
{
    struct starpu_data_descr descr[2 * n + 1];
    descr[0] = (struct starpu_data_descr){.handle = in, .mode = STARPU_R};
    for (int i = 0; i < n; i++) {
        descr[1 + i] = (struct starpu_data_descr){.handle = sites[i], .mode = STARPU_R};
        descr[1 + n + i] = (struct starpu_data_descr){.handle = out[i], .mode = STARPU_W};
    }
    struct transfer_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = malloc(sizeof *args);
        if (!args)
            return BF_ERR_NOMEM;
        *args = (struct transfer_args){.direction = direction, .n = n};
    }
    return bf_submit_task(submit, &bf_cl_transfer, node, descr, 2 * n + 1, args, sizeof *args, priority);
}
