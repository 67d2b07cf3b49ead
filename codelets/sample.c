/* Tasks: a chain in sampling form, and what is drawn from it. */
#include "codelets/sample.h"

#include "codelets/trace.h"

#include <stdlib.h>

struct chain_args {
    bf_sample_making_t *making;
    int n;
};

static void bf_cl_sample_chain_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct chain_args *args = cl_arg;
    bf_sample_making_t *making = args->making;
    bf_tensor_data_t *sites = malloc((size_t)args->n * sizeof *sites);
    making->status = sites ? BF_OK : BF_ERR_NOMEM;
    for (int s = 0; sites && s < args->n; s++) {
        sites[s] = *(const bf_tensor_data_t *)buffers[s];
        if (making->status == BF_OK)
            making->status = (bf_status_t)sites[s].status;
    }
    const bf_chain_t chain = {.n = args->n, .sites = sites};
    if (making->status == BF_OK)
        making->status = bf_sample_chain_open(&chain, making->chain);
    free(sites);
}

static struct starpu_codelet bf_cl_sample_chain = {.cpu_funcs = {bf_cl_sample_chain_cpu},
                                                   .cpu_funcs_name = {"bf_cl_sample_chain_cpu"},
                                                   .nbuffers = STARPU_VARIABLE_NBUFFERS,
                                                   .name = "sample_chain",
                                                   .color = 0xc09020};

bf_status_t bf_insert_sample_chain(bf_submit_t *submit, int node, const starpu_data_handle_t *sites, int n,
                                   bf_sample_making_t *making)
{
    struct starpu_data_descr descr[n];
    for (int s = 0; s < n; s++)
        descr[s] = (struct starpu_data_descr){.handle = sites[s], .mode = STARPU_R};
    struct chain_args *args = NULL;
    if (bf_submit_mine(submit, node)) {
        args = malloc(sizeof *args);
        if (!args)
            return BF_ERR_NOMEM;
        *args = (struct chain_args){.making = making, .n = n};
    }
    return bf_submit_task(submit, &bf_cl_sample_chain, node, descr, n, args, sizeof *args, 0);
}

void bf_sample_run(bf_sample_job_t *job)
{
    switch (job->kind) {
    case BF_SAMPLE_STRINGS:
        job->status = bf_sample_amplitudes(&job->of.strings);
        break;
    case BF_SAMPLE_MARGINAL:
        job->status = bf_sample_marginal(&job->of.marginal);
        break;
    case BF_SAMPLE_SHOTS:
    default:
        job->status = bf_sample_draw(&job->of.shots);
        break;
    }
}

struct sample_args {
    bf_sample_job_t *job;
};

static void bf_cl_sample_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    bf_sample_run(((const struct sample_args *)cl_arg)->job);
}

static struct starpu_codelet bf_cl_sample = {
    .cpu_funcs = {bf_cl_sample_cpu}, .cpu_funcs_name = {"bf_cl_sample_cpu"}, .nbuffers = 0, .name = "sample", .color = 0xe0b040};

bf_status_t bf_insert_sample(bf_submit_t *submit, bf_sample_job_t *job)
{
    struct sample_args *args = malloc(sizeof *args);
    if (!args)
        return BF_ERR_NOMEM;
    *args = (struct sample_args){.job = job};
    return bf_submit_task(submit, &bf_cl_sample, submit->rank, NULL, 0, args, sizeof *args, 0);
}
