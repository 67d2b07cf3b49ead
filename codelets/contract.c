/* Task: contract two sites with a gate. */
#include "codelets/contract.h"

#include "codelets/trace.h"
#include "codelets/update.h"
#include "kernels/contract.h"

#include <stdlib.h>

struct contract_args {
    bf_run_t *run;
    uint32_t op;
};

static void bf_cl_contract_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct contract_args *args = cl_arg;
    const bf_tensor_data_t *left = buffers[0];
    const bf_tensor_data_t *right = buffers[1];
    const int32_t status = left->status != BF_OK ? left->status : right->status;
    if (status != BF_OK)
        bf_tensor_poison(buffers[2], (bf_status_t)status);
    else {
        const bf_op_t *op = &args->run->program->ops[args->op];
        const int64_t begin = bf_trace_stamp();
        bf_update_contract(args->run, op, left, right, buffers[2]);
        bf_trace_half_gate(begin, op->site, op->line, left->chi_r, left->type);
        bf_trace_flops(bf_k_contract_flops(left->type, left->chi_l, left->chi_r, right->chi_r));
    }
}

static double contract_flops(struct starpu_task *task)
{
    const bf_tensor_data_t *left = starpu_data_get_interface_on_node(STARPU_TASK_GET_HANDLE(task, 0), STARPU_MAIN_RAM);
    const bf_tensor_data_t *right = starpu_data_get_interface_on_node(STARPU_TASK_GET_HANDLE(task, 1), STARPU_MAIN_RAM);
    return bf_k_contract_flops(left->type, left->chi_l, left->chi_r, right->chi_r);
}

static size_t contract_size_base(struct starpu_task *task, unsigned nimpl)
{
    (void)nimpl;
    return (size_t)contract_flops(task);
}

static uint32_t contract_footprint(struct starpu_task *task)
{
    return bf_flops_bucket(contract_flops(task));
}

static struct starpu_perfmodel contract_model = {.type = STARPU_NL_REGRESSION_BASED,
                                                 .symbol = "bf_contract",
                                                 .size_base = contract_size_base,
                                                 .footprint = contract_footprint};

static struct starpu_codelet bf_cl_contract = {.cpu_funcs = {bf_cl_contract_cpu},
                                               .cpu_funcs_name = {"bf_cl_contract_cpu"},
                                               .nbuffers = 3,
                                               .modes = {STARPU_R, STARPU_R, STARPU_W},
                                               .model = &contract_model,
                                               .name = "contract",
                                               .color = 0x30a050};

bf_status_t bf_insert_contract(bf_submit_t *submit, int node, bf_run_t *run, uint32_t op, starpu_data_handle_t left,
                               starpu_data_handle_t right, starpu_data_handle_t pair, int priority)
{
    struct starpu_data_descr descr[3] = {
        {.handle = left, .mode = STARPU_R}, {.handle = right, .mode = STARPU_R}, {.handle = pair, .mode = STARPU_W}};
    struct contract_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = malloc(sizeof *args);
        if (!args)
            return BF_ERR_NOMEM;
        *args = (struct contract_args){.run = run, .op = op};
    }
    return bf_submit_task(submit, &bf_cl_contract, node, descr, 3, args, sizeof *args, priority);
}
