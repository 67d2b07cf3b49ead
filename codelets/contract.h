/** @file contract.h
 *  @brief Task: the first half of a heavy two-site gate, contraction with the gate.
 */
#ifndef BF_CL_CONTRACT_H
#define BF_CL_CONTRACT_H

#include "codelets/run.h"
#include "codelets/submit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Insert the task.
 *  Buffers: 0 left site STARPU_R (chi_l x 2 x chi_m), 1 right site STARPU_R (chi_m x 2 x chi_r), 2 pair STARPU_W (chi_l x 4 x
 * chi_r). Errors: poisons 2 when an input is poisoned. Performance model: regression on the flops, from buffers 0 and 1.
 *  @param op  index of the operation in the program */
BF_MUST_USE bf_status_t bf_insert_contract(bf_submit_t *submit, int node, bf_run_t *run, uint32_t op, starpu_data_handle_t left,
                                           starpu_data_handle_t right, starpu_data_handle_t pair, int priority);

#ifdef __cplusplus
}
#endif
#endif
