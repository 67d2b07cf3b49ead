/** @file shot.h
 *  @brief Task: several trajectories, each run as a whole in the worker's memory.
 */
#ifndef BF_SHOT_H
#define BF_SHOT_H

#include "codelets/submit.h"
#include "kernels/types.h"

#include <stdatomic.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Trajectories that are being computed: the task runs them and counts down. */
typedef struct bf_shot_batch {
    void (*run)(void *job, size_t i); /**< trajectory @p i, from begin to end, in the calling thread; thread safe */
    void *job;                        /**< first argument of @c run */
    atomic_size_t left;               /**< trajectories not finished */
} bf_shot_batch_t;

/** @brief Insert a task for trajectories [@p first, @p first + @p count) of @p batch on this rank. No StarPU data is involved.
 *  Errors: @c run keeps them. Performance model: none, trajectories cost what their outcomes make them cost.
 *  @param batch  must live until the task has run
 *  @return BF_OK, BF_ERR_NOMEM, BF_ERR_STARPU */
BF_MUST_USE bf_status_t bf_insert_shots(bf_submit_t *submit, bf_shot_batch_t *batch, size_t first, size_t count);

#ifdef __cplusplus
}
#endif
#endif
