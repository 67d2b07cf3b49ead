/* Task: a run of operations on a few neighbouring sites. Small bonds make gates of microseconds; a task costs five to ten. */
#include "codelets/block.h"

#include "codelets/trace.h"
#include "codelets/update.h"
#include "kernels/contract.h"

#include <stdlib.h>
#include <string.h>

struct block_args {
    bf_run_t *run;
    double flops;
    size_t n_items;
    bf_block_item_t items[];
};

static void trace_gate(const bf_run_t *run, const bf_op_t *op, const bf_tensor_data_t *left, const bf_tensor_data_t *right,
                       int64_t begin)
{
    if (begin == 0 || op->update < 0 || left->status != BF_OK)
        return;
    const bf_ledger_entry_t *entry = &run->ledger[op->update];
    bf_trace_gate(begin, entry);
    bf_trace_flops(bf_k_contract_flops(entry->type, left->chi_l, entry->chi_before, right->chi_r) +
                   bf_k_factor_flops(entry->type, left->chi_l, right->chi_r));
}

void bf_block_step(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right)
{
    const int32_t status = left->status != BF_OK ? left->status : right->status;
    if (status == BF_OK) {
        const int64_t begin = bf_trace_stamp();
        bf_update_apply(run, op, left, right, "block");
        trace_gate(run, op, left, right, begin);
    } else {
        bf_tensor_poison(left, (bf_status_t)status);
        bf_tensor_poison(right, (bf_status_t)status);
    }
}

static void bf_cl_block_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct block_args *args = cl_arg;
    for (size_t i = 0; i < args->n_items; i++) {
        const bf_op_t *op = &args->run->program->ops[args->items[i].op];
        bf_tensor_data_t *left = buffers[args->items[i].buffer];
        bf_block_step(args->run, op, left, bf_op_width(op) == 1 ? left : buffers[args->items[i].buffer + 1]);
    }
}

static size_t block_size_base(struct starpu_task *task, unsigned nimpl)
{
    (void)nimpl;
    return (size_t)((const struct block_args *)task->cl_arg)->flops;
}

static uint32_t block_footprint(struct starpu_task *task)
{
    return bf_flops_bucket(((const struct block_args *)task->cl_arg)->flops);
}

static struct starpu_perfmodel block_model = {
    .type = STARPU_NL_REGRESSION_BASED, .symbol = "bf_block", .size_base = block_size_base, .footprint = block_footprint};

static struct starpu_codelet bf_cl_block = {.cpu_funcs = {bf_cl_block_cpu},
                                            .cpu_funcs_name = {"bf_cl_block_cpu"},
                                            .nbuffers = STARPU_VARIABLE_NBUFFERS,
                                            .model = &block_model,
                                            .name = "block",
                                            .color = 0x3070b0};

bf_status_t bf_insert_block(bf_submit_t *submit, int node, bf_run_t *run, starpu_data_handle_t *sites, int n_sites,
                            const bf_block_item_t *items, size_t n_items, double flops, int priority)
{
    struct starpu_data_descr descr[n_sites];
    for (int i = 0; i < n_sites; i++)
        descr[i] = (struct starpu_data_descr){.handle = sites[i], .mode = STARPU_RW};
    struct block_args *args = NULL;
    const size_t bytes = sizeof *args + n_items * sizeof *items;
    if (bf_submit_mine(submit, node)) {
        args = malloc(bytes);
        if (!args)
            return BF_ERR_NOMEM;
        args->run = run;
        args->flops = flops;
        args->n_items = n_items;
        memcpy(args->items, items, n_items * sizeof *items);
    }
    return bf_submit_task(submit, &bf_cl_block, node, descr, n_sites, args, bytes, priority);
}
