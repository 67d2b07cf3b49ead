/** @file block.h
 *  @brief Task: a run of operations on a few neighbouring sites, in order. With one operation: a gate as one task.
 */
#ifndef BF_BLOCK_H
#define BF_BLOCK_H

#include "codelets/run.h"
#include "codelets/submit.h"
#include "codelets/tensor_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One operation of a block. */
typedef struct bf_block_item {
    uint32_t op;     /**< index into the program's operations */
    uint32_t buffer; /**< which of the block's sites is the left one; the right one follows it */
} bf_block_item_t;

/** @brief Apply one operation, as the task does it. @param right  @p left itself for an operation on one site */
void bf_block_step(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right);

/** @brief Insert the task. Collective over the ranks of @p submit in the sense of bf_submit_task().
 *
 *  Buffers: the sites touched, ascending, all STARPU_RW (chi_l x 2 x chi_r with their left weight); an operation on (j, j+1)
 *  needs both. Errors: poisons every site of the operation that failed; later operations on poisoned sites are skipped.
 *  Performance model: regression on @p flops, which the planner predicts from the shapes it knows.
 *  @param items  copied */
BF_MUST_USE bf_status_t bf_insert_block(bf_submit_t *submit, int node, bf_run_t *run, starpu_data_handle_t *sites, int n_sites,
                                        const bf_block_item_t *items, size_t n_items, double flops, int priority);

#ifdef __cplusplus
}
#endif
#endif
