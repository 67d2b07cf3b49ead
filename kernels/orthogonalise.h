/** @file orthogonalise.h
 *  @brief Moving the centre of a chain: exact orthonormalisation of one site after the other, and measurement where the centre
 * is.
 *
 *  The centre is the one site whose tensor is not an isometry: to its left tensors are left-orthonormal (as 2 chi_l x chi_r), to
 * its right they are right-orthonormal (as chi_l x 2 chi_r). Then its Frobenius norm is that of the state, and its slices give
 * the probabilities of the site's two outcomes. A push turns the centre into an isometry and a matrix, the carry, that the next
 *  site absorbs and becomes the centre. Nothing here needs the tensors to be orthonormal beforehand: a sweep makes them so.
 */
#ifndef BF_ORTHOGONALISE_H
#define BF_ORTHOGONALISE_H

#include "kernels/tensor.h"
#include "kernels/truncate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief The site behind a push to the right takes the carry in.
 *  @formulae out[a,s,r] = sum_l carry[a,l] B[l,s,r]
 *  @param[in]  carry  a x chi_l, d = 1
 *  @param[out] out    shape, and type bf_k_transfer_type() (double precision), are set here; memory from the caller, for
 *                     a*2*chi_r complex doubles
 *  @param      work   bf_k_absorb_worksize() bytes */
void bf_k_absorb_left(const bf_tensor_t *carry, const bf_tensor_t *site, bf_tensor_t *out, void *work);

/** @brief The site behind a push to the left takes the carry in.
 *  @formulae out[l,s,a] = sum_r B[l,s,r] carry[r,a];  @param[in] carry  chi_r x a */
void bf_k_absorb_right(const bf_tensor_t *carry, const bf_tensor_t *site, bf_tensor_t *out, void *work);

/** @return bytes of workspace of both: the two tensors as complex doubles. */
size_t bf_k_absorb_worksize(const bf_tensor_t *carry, const bf_tensor_t *site);

/** @return the bond behind a push: min(2 chi_l, chi_r) to the right, min(chi_l, 2 chi_r) to the left. */
bf_dim_t bf_k_push_right_dim(const bf_tensor_t *centre);
bf_dim_t bf_k_push_left_dim(const bf_tensor_t *centre);

/** @brief QR: centre = isometry times carry.
 *  @param[in,out] centre  any type; becomes the left-orthonormal site, chi_r the new bond k
 *  @param[out]    carry   k x (old chi_r), d = 1; shape and type are set here, memory from the caller
 *  @param         work    bf_k_push_worksize() bytes
 *  @cost 2 x 2 m n k multiply-adds for m = 2 chi_l, n = chi_r */
void bf_k_push_right(bf_tensor_t *centre, bf_tensor_t *carry, void *work);

/** @brief LQ: centre = carry times isometry. The right-orthonormal site's chi_l is the new bond k; carry (old chi_l) x k. */
void bf_k_push_left(bf_tensor_t *centre, bf_tensor_t *carry, void *work);

/** @brief SVD: centre = U S V^H; the site becomes V^H with the weight S on its left, the carry U S. Both are divided by the norm
 *  of what is kept, so that the weights are Schmidt values of a state of norm 1 when all else is orthonormal.
 *  @param[in]  cut    what may be dropped
 *  @param[in,out] centre  becomes the right-orthonormal site with BF_WEIGHT_DIAG; its memory has to have room for the weights
 *                     in front of the block (bf_tensor_bytes() with a weight); left as it was on error
 *  @param[out] carry  (old chi_l) x k
 *  @return BF_OK, BF_ERR_NAN, BF_ERR_ZERO, BF_ERR_SVD */
BF_MUST_USE bf_status_t bf_k_push_left_svd(bf_tensor_t *centre, const bf_cutoff_t *cut, bf_tensor_t *carry, void *work);

/** @return bytes of workspace of any push of a centre of this shape and type. */
size_t bf_k_push_worksize(const bf_tensor_t *centre);

/** @brief The two outcomes' weights, ||centre[:,s,:]||^2 in double precision. @param[out] p  2 of them */
void bf_k_outcome_weights(const bf_tensor_t *centre, double p[2]);

/** @brief Keep outcome @p outcome only, as the state @p into (0 or 1) of the site, times @p scale. */
void bf_k_project(bf_tensor_t *centre, int outcome, int into, double scale);

#ifdef __cplusplus
}
#endif
#endif
