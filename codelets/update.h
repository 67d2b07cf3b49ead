/** @file update.h
 *  @brief The body that all two-site tasks share: contract, factorise, store, keep the books.
 */
#ifndef BF_UPDATE_H
#define BF_UPDATE_H

#include "codelets/run.h"
#include "codelets/tensor_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Apply @p op (one or two sites) in place. @p right is unused for one-site operations.
 *  The inputs must be healthy. On failure the outputs are poisoned and the failure is recorded.
 *  @param codelet  name for the failure record */
void bf_update_apply(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right, const char *codelet);

/** @brief The first half of a two-site operation: contract into @p pair. */
void bf_update_contract(bf_run_t *run, const bf_op_t *op, const bf_tensor_data_t *left, const bf_tensor_data_t *right,
                        bf_tensor_data_t *pair);

/** @brief The second half: factorise @p pair (destroyed) into the two sites. */
void bf_update_split(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *pair, bf_tensor_data_t *left, bf_tensor_data_t *right,
                     const char *codelet);

#ifdef __cplusplus
}
#endif
#endif
