/* Task: factorise a contracted pair into its two sites. */
#include "codelets/split.h"

#include "codelets/trace.h"
#include "codelets/update.h"

#include <stdlib.h>

struct split_args {
    bf_run_t *run;
    uint32_t op;
};

static void bf_cl_split_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct split_args *args = cl_arg;
    bf_tensor_data_t *pair = buffers[0];
    if (pair->status != BF_OK) {
        bf_tensor_poison(buffers[1], (bf_status_t)pair->status);
        bf_tensor_poison(buffers[2], (bf_status_t)pair->status);
    } else {
        const bf_op_t *op = &args->run->program->ops[args->op];
        const int64_t begin = bf_trace_stamp();
        bf_update_split(args->run, op, pair, buffers[1], buffers[2], "split");
        bf_trace_gate(begin, &args->run->ledger[op->update]);
        bf_trace_flops(bf_k_factor_flops(pair->type, pair->chi_l, pair->chi_r));
    }
}

static double split_flops(struct starpu_task *task)
{
    const bf_tensor_data_t *pair = starpu_data_get_interface_on_node(STARPU_TASK_GET_HANDLE(task, 0), STARPU_MAIN_RAM);
    return bf_k_factor_flops(pair->type, pair->chi_l, pair->chi_r);
}

static size_t split_size_base(struct starpu_task *task, unsigned nimpl)
{
    (void)nimpl;
    return (size_t)split_flops(task);
}

static uint32_t split_footprint(struct starpu_task *task)
{
    return bf_flops_bucket(split_flops(task));
}

static struct starpu_perfmodel split_model = {
    .type = STARPU_NL_REGRESSION_BASED, .symbol = "bf_split", .size_base = split_size_base, .footprint = split_footprint};

static struct starpu_codelet bf_cl_split = {.cpu_funcs = {bf_cl_split_cpu},
                                            .cpu_funcs_name = {"bf_cl_split_cpu"},
                                            .nbuffers = 3,
                                            .modes = {STARPU_RW, STARPU_W, STARPU_W},
                                            .model = &split_model,
                                            .name = "split",
                                            .color = 0xb04030};

bf_status_t bf_insert_split(bf_submit_t *submit, int node, bf_run_t *run, uint32_t op, starpu_data_handle_t pair,
                            starpu_data_handle_t left, starpu_data_handle_t right, int priority)
{
    struct starpu_data_descr descr[3] = {
        {.handle = pair, .mode = STARPU_RW}, {.handle = left, .mode = STARPU_W}, {.handle = right, .mode = STARPU_W}};
    struct split_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = malloc(sizeof *args);
        if (!args)
            return BF_ERR_NOMEM;
        *args = (struct split_args){.run = run, .op = op};
    }
    return bf_submit_task(submit, &bf_cl_split, node, descr, 3, args, sizeof *args, priority);
}
