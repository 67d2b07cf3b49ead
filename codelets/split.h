/** @file split.h
 *  @brief Task: the second half of a heavy two-site gate, truncated factorisation into two sites.
 */
#ifndef BF_CL_SPLIT_H
#define BF_CL_SPLIT_H

#include "codelets/run.h"
#include "codelets/submit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Insert the task.
 *  Buffers: 0 pair STARPU_RW (chi_l x 4 x chi_r, destroyed), 1 left site STARPU_W (chi_l x 2 x k), 2 right site STARPU_W (k x 2 x
 * chi_r). Errors: poisons 1 and 2 when the pair is poisoned or every factorisation fails. Performance model: regression on the
 * flops, from buffer 0, whose shape the task leaves alone.
 *  @param op  index of the operation in the program */
BF_MUST_USE bf_status_t bf_insert_split(bf_submit_t *submit, int node, bf_run_t *run, uint32_t op, starpu_data_handle_t pair,
                                        starpu_data_handle_t left, starpu_data_handle_t right, int priority);

#ifdef __cplusplus
}
#endif
#endif
