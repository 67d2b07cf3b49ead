/** @file transfer.h
 *  @brief Task: carry an environment over a range of sites, leaving each half-contracted for the sweep that measures.
 */
#ifndef BF_CL_TRANSFER_H
#define BF_CL_TRANSFER_H

#include "codelets/submit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which way a sweep goes. */
typedef enum bf_direction { BF_RIGHTWARD = 0, BF_LEFTWARD = 1 } bf_direction_t;

/** @brief Insert the task.
 *  Buffers: 0 incoming environment STARPU_R (chi x 1 x chi); 1..n sites STARPU_R in sweep order; n+1..2n the same sites
 * half-contracted with the environment behind them STARPU_W (chi_l x 2 x chi_r); 2n+1 outgoing environment STARPU_W. Errors:
 * poisons the outputs. Performance model: regression on the flops of the sites. */
BF_MUST_USE bf_status_t bf_insert_transfer(bf_submit_t *submit, int node, bf_direction_t direction, starpu_data_handle_t in,
                                           const starpu_data_handle_t *sites, const starpu_data_handle_t *halves,
                                           starpu_data_handle_t out, int n, int priority);

#ifdef __cplusplus
}
#endif
#endif
