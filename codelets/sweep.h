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

/** @return shape of the environment behind @p site. */
bf_tensor_t bf_sweep_environment(bf_direction_t direction, const bf_tensor_t *site, const bf_tensor_t *in);

/** @return shape of the half-contracted site. */
bf_tensor_t bf_sweep_half(const bf_tensor_t *site, const bf_tensor_t *in);

/** @return bytes of workspace that a step over @p site may take with any environment: site and environment converted to complex.
 */
size_t bf_sweep_work_bytes(const bf_tensor_t *site);

/** @return bytes of the larger environment beside @p site, in complex doubles. */
size_t bf_sweep_environment_bytes(const bf_tensor_t *site);

/** @return bytes of half-contracted @p site, in complex doubles. */
size_t bf_sweep_half_bytes(const bf_tensor_t *site);

/** @brief bf_k_transfer_left() or bf_k_transfer_right(). */
void bf_sweep_step(bf_direction_t direction, const bf_tensor_t *in, const bf_tensor_t *site, bf_tensor_t *half, bf_tensor_t *out,
                   void *work);

/** @return flops of carrying an environment over @p n sites, the handles 1..n of @p task. */
double bf_sweep_flops(struct starpu_task *task, int n);

#ifdef __cplusplus
}
#endif
#endif
