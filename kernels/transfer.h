/** @file transfer.h
 *  @brief Environments: the overlap of a state with itself, from the left or from the right up to a bond.
 *
 *  An environment is a bf_tensor_t with d = 1, weight NONE, shape chi x chi, Hermitian positive semidefinite.
 *  L_0 and R_n are the 1 x 1 matrix 1. All environments are double precision (Z, or D for real states).
 *  Steps rely on environments being Hermitian: one triangle of the next is computed.
 */
#ifndef BF_TRANSFER_H
#define BF_TRANSFER_H

#include "kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Element type of the environments a site of type @p site passes on, given the incoming one. */
bf_type_t bf_k_transfer_type(bf_type_t site, bf_type_t environment);

/** @return real flops of one step: the mean of both directions. */
double bf_k_transfer_flops(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r);

/** @return bytes of workspace for one step (conversion of the site included when types differ). */
size_t bf_k_transfer_worksize(const bf_tensor_t *site, const bf_tensor_t *environment);

/** @return the part of bf_k_transfer_worksize() that does not depend on types: an upper bound, for any. */
size_t bf_k_transfer_sectors_bytes(const bf_tensor_t *site);

/** @brief One step to the right.
 *  @formulae half[l',s,r] = sum_l in[l',l] B[l,s,r];  out[r',r] = sum_{l',s} conj(B[l',s,r']) half[l',s,r]
 *  @param[out] half  chi_l x 2 x chi_r, type as @p out: kept for bf_k_expect()
 *  @param[out] out   chi_r x chi_r; NULL to skip (last site needs half only) */
void bf_k_transfer_left(const bf_tensor_t *in, const bf_tensor_t *site, bf_tensor_t *half, bf_tensor_t *out, void *work);

/** @brief The second half of a step to the right: out = B^H half, for a half that a Hermitian operator on the site has
 * acted on since.
 *  @param[in] half  type of @p out; @param[out] out  chi_r x chi_r; @param work  bf_k_transfer_worksize() bytes */
void bf_k_transfer_close(const bf_tensor_t *half, const bf_tensor_t *site, bf_tensor_t *out, void *work);

/** @brief One step to the left.
 *  @formulae half[l,s,r'] = sum_r B[l,s,r] in[r,r'];  out[l,l'] = sum_{s,r'} half[l,s,r'] conj(B[l',s,r'])
 *  @param[out] half  chi_l x 2 x chi_r;  @param[out] out  chi_l x chi_l; NULL to skip */
void bf_k_transfer_right(const bf_tensor_t *in, const bf_tensor_t *site, bf_tensor_t *half, bf_tensor_t *out, void *work);

/** @brief The second half of a step to the left: out = half B^H.
 *  @param[in] half  type of @p out; @param[out] out  chi_l x chi_l; @param work  bf_k_transfer_worksize() bytes */
void bf_k_transfer_close_right(const bf_tensor_t *half, const bf_tensor_t *site, bf_tensor_t *out, void *work);

#ifdef __cplusplus
}
#endif
#endif
