/** @file span.h
 *  @brief Sums of products: an operator on any sites of a chain, applied as a matrix product operator that is diagonal in its
 * bond.
 *
 *  U = sum_t prod_s u[t][s]. A controlled gate with any number of controls is 1 + n n .. n (V - 1), two terms. From the right end
 * of its span to the left, every site becomes right-orthonormal once more (LQ) and hands a carry to the site on its left:
 *
 *      right end:  stack its terms, LQ  ->  isometry, carry
 *      between:    apply the terms, absorb the carry, stay stacked;  LQ  ->  isometry, carry
 *      left end:   apply the terms, absorb the carry and sum
 *
 *  Stacked means that the left bond carries the number of the term beside its own index, B[t n_l + l, s, r].
 */
#ifndef BF_SPAN_H
#define BF_SPAN_H

#include "kernels/gate.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BF_SUM_TERMS = 4, /**< most terms */
    BF_SUM_SITES = 5  /**< most sites with a factor of their own */
};

/** A sum of products on some sites, in any order. */
typedef struct bf_sum {
    int n_terms;
    int n_sites;
    bf_gate1_t factors[BF_SUM_TERMS][BF_SUM_SITES]; /**< classified */
} bf_sum_t;

/** @return whether every factor is real. */
bool bf_sum_is_real(const bf_sum_t *sum);

/** @brief out[t chi_l + l, s, r] = sum_s' u_t[s,s'] site[l,s',r].
 *  @param[in]  factors  n_terms of them, of this site
 *  @param[out] out      type set by the caller, able to hold the result; shape is set here; memory for n_terms chi_l * 2 * chi_r
 *  @param      work     bf_k_terms_worksize() bytes */
void bf_k_terms_stack(const bf_tensor_t *site, const bf_gate1_t *factors, int n_terms, bf_tensor_t *out, void *work);

/** @brief The same with the carry of the site on the right taken in, term by term.
 *  @formulae out[t chi_l + l, s, a] = sum_r,s' u_t[s,s'] site[l,s',r] carry[t chi_r + r, a]
 *  @param[in]  carry  (n_terms chi_r) x a, d = 1, of the type of @p out
 *  @param[in]  close  the left end: sum over t, out[l, s, a] */
void bf_k_terms_absorb(const bf_tensor_t *site, const bf_gate1_t *factors, int n_terms, const bf_tensor_t *carry, bool close,
                       bf_tensor_t *out, void *work);

/** @return bytes of workspace of both for a result of @p type. */
size_t bf_k_terms_worksize(const bf_tensor_t *site, bf_type_t type);

#ifdef __cplusplus
}
#endif
#endif
