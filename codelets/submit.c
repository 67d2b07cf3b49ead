/* Task insertion. Every task names its executing node: StarPU-MPI's default choice compares sizes that differ between ranks. */
#include "codelets/submit.h"

#include "codelets/trace.h"

#include <math.h>
#include <starpu_mpi.h>

static bool concerns_me(const bf_submit_t *submit, int node, const struct starpu_data_descr *buffers, int n_buffers)
{
    if (submit->rank == node)
        return true;
    for (int i = 0; i < n_buffers; i++)
        if (starpu_mpi_data_get_rank(buffers[i].handle) == submit->rank)
            return true;
    return false;
}

bf_status_t bf_submit_task(bf_submit_t *submit, struct starpu_codelet *codelet, int node, struct starpu_data_descr *buffers,
                           int n_buffers, void *args, size_t args_bytes, int priority)
{
    if (submit->mpi && !concerns_me(submit, node, buffers, n_buffers))
        return BF_OK;
    const bool mine = submit->rank == node;
    if (mine)
        submit->tasks++;
    int code = 0;
    const bf_trace_insertion_t insertion = bf_trace_insert_begin(!mine);
    const starpu_tag_t id = insertion.id;
    if (!submit->mpi)
        code = starpu_task_insert(codelet, STARPU_DATA_MODE_ARRAY, buffers, n_buffers, STARPU_CL_ARGS, args, args_bytes,
                                  STARPU_PRIORITY, priority, STARPU_TAG_ONLY, id, 0);
    else if (mine)
        code =
            starpu_mpi_task_insert(submit->comm, codelet, STARPU_DATA_MODE_ARRAY, buffers, n_buffers, STARPU_CL_ARGS, args,
                                   args_bytes, STARPU_PRIORITY, priority, STARPU_TAG_ONLY, id, STARPU_EXECUTE_ON_NODE, node, 0);
    else
        code = starpu_mpi_task_insert(submit->comm, codelet, STARPU_DATA_MODE_ARRAY, buffers, n_buffers, STARPU_PRIORITY,
                                      priority, STARPU_EXECUTE_ON_NODE, node, 0);
    bf_trace_insert_end(&insertion);
    return code == 0 ? BF_OK : BF_ERR_STARPU;
}

uint32_t bf_flops_bucket(double flops)
{
    return (uint32_t)lrint(4.0 * log2(flops < 1.0 ? 1.0 : flops));
}
