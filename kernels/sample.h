/** @file sample.h
 *  @brief Drawing bit strings from a matrix product state: the form of a site that makes it cheap, and one step along the chain.
 *
 *  Sampling form: site j as the matrix T_j, (2 k_r) x k_l, row r + k_r s for outcome s, with orthonormal columns. The amplitude
 * of a bit string is T_{n-1}^{s} ... T_0^{s} up to one factor for the whole state; because everything right of a site is an
 *  isometry, the probability of a prefix is the square of the vector that its half matrices make of the 1 at the left end: no
 *  environment is needed (Ferris and Vidal, PRB 85, 165146 (2012)). k_l <= chi_l.
 */
#ifndef BF_SAMPLE_H
#define BF_SAMPLE_H

#include "kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** <x|psi> / sqrt(<psi|psi>). */
typedef struct bf_amplitude {
    double re, im;           /**< may underflow to 0 */
    double log2_probability; /**< binary logarithm of its square: finite whenever the amplitude is not 0 */
} bf_amplitude_t;

/** @return the left dimension k_l of the form of a site of left bond @p chi_l before a form of left dimension @p k_r. */
bf_dim_t bf_k_sample_form_dim(bf_dim_t chi_l, bf_dim_t k_r);

/** @return bytes of workspace of bf_k_sample_form(). */
size_t bf_k_sample_form_worksize(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r, bf_dim_t k_r);

/** @brief Bring a site into sampling form, from right to left: QR factorisation of the site with what the site on its right left
 *  over; no weight and no environment is divided by.
 *  @formulae N[r + k_r s, l] = sum_r' carry[r, r'] B[l, s, r'];  N = T out
 *  @param[in]  site   chi_l x 2 x chi_r; its weight is not read
 *  @param[in]  carry  k_r x chi_r of @p type: what the site on the right left over; the 1 x 1 matrix 1 at the right end
 *  @param[in]  type   BF_TYPE_Z, or BF_TYPE_D when every site of the chain is real: what is computed with
 *  @param[in]  stored type of the form: @p type or the single of the same field
 *  @param[out] form   2 k_r x k_l of type @p stored
 *  @param[out] out    k_l x chi_l of @p type: carry of the site on the left
 *  @return BF_OK; BF_ERR_NAN when something is not finite */
BF_MUST_USE bf_status_t bf_k_sample_form(const bf_tensor_t *site, const void *carry, bf_dim_t k_r, bf_type_t type,
                                         bf_type_t stored, void *form, void *out, void *work);

/** @return real flops of one step of @p m vectors. */
double bf_k_sample_step_flops(bf_type_t type, bf_dim_t k_l, bf_dim_t k_r, bf_dim_t m);

/** @brief Carry @p m vectors over a site, for both outcomes at once: both = T v.
 *  @param[in]  v     k_l x m
 *  @param[out] both  2 k_r x m: outcome 0 above outcome 1
 *  @param[out] p     2 m: squared norms of the halves, p[2i + s] of outcome s of vector i */
void bf_k_sample_step(bf_type_t type, bf_dim_t k_l, bf_dim_t k_r, bf_dim_t m, const void *form, const void *v, void *both,
                      double *p);

/** @brief out <- scale both[outcome, i]: the vector that goes on from vector @p i.
 *  @param[out] out  k_r elements */
void bf_k_sample_keep(bf_type_t type, bf_dim_t k_r, const void *both, bf_dim_t i, int outcome, double scale, void *out);

/** @return bytes of workspace of bf_k_sample_compress(). */
size_t bf_k_sample_compress_worksize(bf_type_t type, bf_dim_t k, bf_dim_t columns);

/** @brief The same x x^H with k columns instead of more: out = R^H of the QR factorisation of x^H.
 *  @param[in]  x    k x columns, columns >= k
 *  @param[out] out  k x k, lower triangular
 *  @return BF_OK; BF_ERR_NAN */
BF_MUST_USE bf_status_t bf_k_sample_compress(bf_type_t type, bf_dim_t k, bf_dim_t columns, const void *x, void *out, void *work);

/** @brief The 1 x 1 matrix 1: what a walk along the chain starts with. */
void bf_k_sample_one(bf_type_t type, void *x);

#ifdef __cplusplus
}
#endif
#endif
