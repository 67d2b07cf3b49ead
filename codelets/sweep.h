/** @file sweep.h
 *  @brief What the tasks that carry environments along the chain share.
 */
#ifndef BF_SWEEP_H
#define BF_SWEEP_H

#include "codelets/tensor_data.h"
#include "codelets/transfer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An environment on its way over the sites of a task, in the worker's arena. */
typedef struct bf_sweep {
    bf_direction_t direction; /**< where it goes */
    bf_tensor_t carried;      /**< the environment behind the next site */
    void *half;               /**< room for any of the sites, half-contracted, in complex doubles */
    void *work;               /**< workspace of a step over any of them */
} bf_sweep_t;

/** @brief Begin at the environment buffers[0], to cross the sites buffers[1] .. buffers[n].
 *  @return BF_OK, or the status of the first poisoned tensor of buffers[0] .. buffers[inputs - 1]; nothing is set up then */
BF_MUST_USE bf_status_t bf_sweep_begin(bf_sweep_t *sweep, bf_direction_t direction, void *buffers[], int n, int inputs);

/** @return shape of half-contracted @p site, without memory. */
bf_tensor_t bf_sweep_half(const bf_sweep_t *sweep, const bf_tensor_t *site);

/** @brief Cross @p site.
 *  @param[out] half  with memory for the shape bf_sweep_half()
 *  @param carry      whether the environment behind the site is wanted: it is carried from then on */
void bf_sweep_step(bf_sweep_t *sweep, const bf_tensor_t *site, bf_tensor_t *half, bool carry);

/** @brief Store the environment that is carried. */
void bf_sweep_end(const bf_sweep_t *sweep, bf_tensor_data_t *out);

/** @return bytes of the larger environment beside @p site, in complex doubles. */
size_t bf_sweep_environment_bytes(const bf_tensor_t *site);

/** @return bytes of half-contracted @p site, in complex doubles. */
size_t bf_sweep_half_bytes(const bf_tensor_t *site);

/** @return bytes of workspace that a step over @p site may take with any environment: site and environment converted to complex,
 *  and the products' own. */
size_t bf_sweep_work_bytes(const bf_tensor_t *site);

/** @return flops of carrying an environment over @p n sites, the handles 1..n of @p task. */
double bf_sweep_flops(struct starpu_task *task, int n);

#ifdef __cplusplus
}
#endif
#endif
