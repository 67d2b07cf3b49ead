/* Task: several rows, each in the worker's memory. */
#include "codelets/row.h"

#include "codelets/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct row_args {
    bf_row_batch_t *batch;
    size_t first;
    size_t count;
};

/* What a task needs besides the chain. */
typedef struct desk {
    bf_chain_t chain;
    bf_program_t program; /* the job's, with matrices of its own */
    bf_ledger_entry_t *ledger;
} desk_t;

static bf_status_t open_desk(desk_t *desk, const bf_row_job_t *job)
{
    const bf_program_t *program = job->program;
    *desk = (desk_t){.program = *program};
    desk->program.gates2 = aligned_alloc(BF_ALIGN, bf_align_up((program->n_gates2 + 1) * sizeof *program->gates2));
    desk->program.gates1 = malloc((program->n_gates1 + 1) * sizeof *program->gates1);
    desk->ledger = malloc((program->n_updates + 1) * sizeof *desk->ledger);
    const bf_status_t status = bf_chain_open(&desk->chain, program->n);
    return desk->program.gates2 && desk->program.gates1 && desk->ledger ? status : BF_ERR_NOMEM;
}

static void close_desk(desk_t *desk)
{
    free(desk->program.gates2);
    free(desk->program.gates1);
    free(desk->ledger);
    bf_chain_close(&desk->chain);
}

static void sum_ledger(const desk_t *desk, size_t n_ops, bf_row_report_t *report)
{
    for (size_t i = 0; i < n_ops; i++) {
        const bf_op_t *op = &desk->program.ops[i];
        if (op->update < 0)
            continue;
        const bf_ledger_entry_t *entry = &desk->ledger[op->update];
        report->sum_eps += entry->eps;
        report->distance += sqrt(entry->eps);
        report->fallbacks += entry->fallbacks;
        report->max_bond = entry->chi_after > report->max_bond ? entry->chi_after : report->max_bond;
    }
}

static bf_status_t compute(desk_t *desk, const bf_row_job_t *job, const double *inputs, double *values, bf_row_report_t *report)
{
    bf_status_t status = job->bind(job->binder, inputs, desk->program.gates2, desk->program.gates1);
    if (status != BF_OK)
        return status;
    bf_run_t run = {.program = &desk->program,
                    .rule = job->rule,
                    .precision = job->precision,
                    .ledger = desk->ledger,
                    .failure_lock = ATOMIC_FLAG_INIT};
    status = bf_chain_evolve(&desk->chain, &run, job->tail, job->precision, job->bond_limit);
    if (status != BF_OK)
        return status;
    sum_ledger(desk, job->tail, report);
    const bf_tail_t tail = {.program = &desk->program, .first = job->tail};
    double norm = 0.0;
    status = bf_chain_measure(&desk->chain, job->tail < desk->program.n_ops ? &tail : NULL, desk->program.site_of, job->features,
                              job->n_features, values, &norm);
    if (status == BF_OK)
        bf_feature_scale(job->features, job->n_features, desk->program.n, job->scale, values);
    return status;
}

static bf_row_state_t state_of(bf_status_t status)
{
    switch (status) {
    case BF_OK:
        return BF_ROW_DONE;
    case BF_ERR_TOO_LARGE:
        return BF_ROW_HEAVY;
    case BF_ERR_INPUT:
        return BF_ROW_BAD;
    default:
        return BF_ROW_FAILED;
    }
}

static void bf_cl_row_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct row_args *args = cl_arg;
    bf_trace_rows(args->count);
    bf_row_batch_t *batch = args->batch;
    const bf_row_job_t *job = batch->job;
    desk_t desk;
    const bf_status_t opened = open_desk(&desk, job);
    for (size_t row = args->first; row < args->first + args->count; row++) {
        bf_row_report_t *report = &batch->reports[row];
        double *values = &batch->values[row * job->columns];
        bf_status_t status = opened;
        const double begin = starpu_timing_now();
        if (report->state == BF_ROW_BAD)
            status = BF_ERR_INPUT;
        else if (opened == BF_OK)
            status = compute(&desk, job, &batch->inputs[row * batch->n_inputs], values, report);
        report->seconds = 1e-6 * (starpu_timing_now() - begin);
        report->status = (int32_t)status;
        report->state = (int32_t)state_of(status);
        for (size_t k = 0; status != BF_OK && k < job->columns; k++)
            values[k] = NAN;
    }
    close_desk(&desk);
    atomic_fetch_sub_explicit(&batch->left, args->count, memory_order_release);
}

static struct starpu_codelet bf_cl_row = {
    .cpu_funcs = {bf_cl_row_cpu}, .cpu_funcs_name = {"bf_cl_row_cpu"}, .nbuffers = 0, .name = "row", .color = 0x20a0a0};

bf_status_t bf_insert_rows(bf_submit_t *submit, bf_row_batch_t *batch, size_t first, size_t count)
{
    struct row_args *args = malloc(sizeof *args);
    if (!args)
        return BF_ERR_NOMEM;
    *args = (struct row_args){.batch = batch, .first = first, .count = count};
    submit->tasks++;
    const bf_trace_insertion_t insertion = bf_trace_insert_begin(false);
    const starpu_tag_t id = insertion.id;
    const int code = starpu_task_insert(&bf_cl_row, STARPU_CL_ARGS, args, sizeof *args, STARPU_TAG_ONLY, id, 0);
    bf_trace_insert_end(&insertion);
    return code == 0 ? BF_OK : BF_ERR_STARPU;
}
