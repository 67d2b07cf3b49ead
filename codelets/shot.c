/* Task: several trajectories, each in the worker's memory. */
#include "codelets/shot.h"

#include "codelets/trace.h"

#include <stdlib.h>

struct shot_args {
    bf_shot_batch_t *batch;
    size_t first;
    size_t count;
};

static void bf_cl_shot_cpu(void *buffers[], void *cl_arg)
{
    BF_TRACE_TASK(buffers);
    const struct shot_args *args = cl_arg;
    bf_shot_batch_t *batch = args->batch;
    for (size_t i = args->first; i < args->first + args->count; i++) {
        batch->run(batch->job, i);
        atomic_fetch_sub_explicit(&batch->left, 1, memory_order_release);
    }
}

static struct starpu_codelet bf_cl_shot = {
    .cpu_funcs = {bf_cl_shot_cpu}, .cpu_funcs_name = {"bf_cl_shot_cpu"}, .nbuffers = 0, .name = "shot", .color = 0x20a0a0};

bf_status_t bf_insert_shots(bf_submit_t *submit, bf_shot_batch_t *batch, size_t first, size_t count)
{
    struct shot_args *args = malloc(sizeof *args);
    if (!args)
        return BF_ERR_NOMEM;
    *args = (struct shot_args){.batch = batch, .first = first, .count = count};
    submit->tasks++;
    const bf_trace_insertion_t insertion = bf_trace_insert_begin(false);
    const starpu_tag_t id = insertion.id;
    const int code = starpu_task_insert(&bf_cl_shot, STARPU_CL_ARGS, args, sizeof *args, STARPU_TAG_ONLY, id, 0);
    bf_trace_insert_end(&insertion);
    return code == 0 ? BF_OK : BF_ERR_STARPU;
}
