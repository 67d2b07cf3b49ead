/** @file merge.h
 *  @brief Last fusion: what follows each other on the same two sites becomes one operation, with the swaps of routing and the
 * one-qubit gates around it.
 */
#ifndef BF_MERGE_H
#define BF_MERGE_H

#include "runtime/circuit/route.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Merge. One-qubit gates go into the next two-site operation on their site, else into the last one.
 *  @param[in]  merge   false: every operation and every swap stays by itself
 *  @param[out] merged  its wires are sites; to be freed with bf_fused_clear(), also on error
 *  @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_merge(const bf_fused_t *fused, const bf_routed_t *routed, bool merge, bf_fused_t *merged);

#ifdef __cplusplus
}
#endif
#endif
