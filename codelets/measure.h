/** @file measure.h
 *  @brief Task: <X>, <Y>, <Z> and the norm on a range of sites, while an environment is carried over them.
 */
#ifndef BF_CL_MEASURE_H
#define BF_CL_MEASURE_H

#include "codelets/transfer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Insert the task.
 *  Buffers: 0 incoming environment STARPU_R; 1..n sites STARPU_R in sweep order; n+1..2n STARPU_R what bf_insert_transfer() has
 * made of these sites with the environments ahead of them; 2n+1 results STARPU_W (n x 4 x 1 doubles: x, y, z, norm of each site,
 * in sweep order, column-major 4 per site); 2n+2 outgoing environment STARPU_W, absent when @p out is NULL. Errors: poisons the
 * outputs. Performance model: regression on the flops of the sites. */
BF_MUST_USE bf_status_t bf_insert_measure(bf_submit_t *submit, int node, bf_direction_t direction, starpu_data_handle_t in,
                                          const starpu_data_handle_t *sites, const starpu_data_handle_t *ahead,
                                          starpu_data_handle_t results, starpu_data_handle_t out, int n, int priority);

#ifdef __cplusplus
}
#endif
#endif
