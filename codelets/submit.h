/** @file submit.h
 *  @brief Inserting tasks, alone or over MPI, with one call.
 */
#ifndef BF_SUBMIT_H
#define BF_SUBMIT_H

#include "codelets/compat.h"
#include "kernels/types.h"

#include <mpi.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where tasks go. */
typedef struct bf_submit {
    bool mpi;      /**< StarPU-MPI runs */
    MPI_Comm comm; /**< StarPU-MPI's communicator; unused when alone */
    int rank;      /**< this process, 0 when alone */
    size_t tasks;  /**< tasks submitted for execution on this rank so far */
} bf_submit_t;

/** @return whether the calling rank executes tasks placed on @p node, and so needs to make their arguments. */
static inline bool bf_submit_mine(const bf_submit_t *submit, int node)
{
    return submit->rank == node;
}

/** @brief Insert one task. Every rank calls for the same tasks in the same order; ranks that neither execute it nor own
 *  one of its handles return at once (the communication cache is off, so nothing else concerns them).
 *  @param node      executing rank, from replicated ownership
 *  @param args      malloc'd by the executing rank, NULL on the others; ownership passes to StarPU
 *  @return BF_OK, BF_ERR_STARPU */
BF_MUST_USE bf_status_t bf_submit_task(bf_submit_t *submit, struct starpu_codelet *codelet, int node,
                                       struct starpu_data_descr *buffers, int n_buffers, void *args, size_t args_bytes,
                                       int priority);

/** @return a bucket for performance models: rounded 4 log2(flops). */
uint32_t bf_flops_bucket(double flops);

#ifdef __cplusplus
}
#endif
#endif
