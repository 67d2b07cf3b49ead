/** @file factor.h
 *  @brief The truncated factorisation of a contracted pair: one entry point, several methods, a checked result.
 */
#ifndef BF_FACTOR_H
#define BF_FACTOR_H

#include "kernels/tensor.h"
#include "kernels/truncate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Factorisation methods. AUTO chooses by shape, cutoff, max_dim and the data in double precision, never by timing. */
typedef enum bf_method {
    BF_METHOD_AUTO = 0,
    BF_METHOD_GRAM,  /**< eigenvectors of theta^H theta, refined on the tail where the cutoff asks for it */
    BF_METHOD_GESDD, /**< LAPACK divide and conquer SVD; falls back to GESVD */
    BF_METHOD_GESVD, /**< LAPACK QR-iteration SVD */
    BF_METHOD_COUNT
} bf_method_t;

/** @return the spelling used by `--factor`, the ledger and the summary. */
const char *bf_method_name(bf_method_t method);

/** @brief Parse a spelling. @return true and *method on success. */
bool bf_method_parse(const char *name, bf_method_t *method);

/** What the caller wants of one factorisation. */
typedef struct bf_factor_rule {
    bf_cutoff_t cut;    /**< what may be dropped */
    bf_method_t method; /**< AUTO or a forced one (a forced one still falls back when its result fails the check) */
} bf_factor_rule_t;

/** What happened. */
typedef struct bf_factor_info {
    double eps;         /**< discarded weight over total, recomputed in fp64 from ||theta V|| */
    double eps_max_dim; /**< the part forced out by max_dim (estimate of the method) */
    double norm2;       /**< ||theta||_F^2 before truncation: 1 for a normalised exact state */
    bf_dim_t sectors;   /**< parts that theta fell into by its exact zeros, each factorised by itself: 1 when it did not */
    bf_method_t method; /**< the one whose result passed */
    int fallbacks;      /**< methods that were tried and refused before it */
} bf_factor_info_t;

/** @brief Shape-only upper bound of the new bond: min(2 chi_l, 2 chi_r, rank_bound, max_dim). */
bf_dim_t bf_k_factor_bound(const bf_tensor_t *c, bf_dim_t rank_bound, const bf_factor_rule_t *rule);

/** @return estimated real flops, for performance models: a function of the shape only. */
double bf_k_factor_flops(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r);

/** @return bytes of workspace of bf_k_factor(); includes room for its results. */
size_t bf_k_factor_worksize(const bf_tensor_t *c, bf_dim_t rank_bound, const bf_factor_rule_t *rule);

/** @brief Split C into two sites in B-form (Hastings' update; never divides by a weight).
 *
 *  theta = W C with W the weight of the left bond; V (2 chi_r x k) with orthonormal columns spans the dominant right space;
 *  right.b = V^H (k x 2 chi_r), left.b = C V / ||theta V|| (2 chi_l x k), right.w = new weight, left.w = old weight.
 *  Exact for any V; the loss is measured afterwards (info->eps).
 *
 *  @param[in,out] c           pair from bf_k_contract(), destroyed
 *  @param[in]     rank_bound  upper bound on the rank of C known from the gate (schmidt_rank * chi_m), or 0
 *  @param[out]    left, right shapes, types, weight kinds and pointers INTO @p work: the caller copies them out
 *                             (bf_k_copy()) before the workspace is used again. left->w aliases c->w.
 *  @param[out]    info        what happened
 *  @param         work        bf_k_factor_worksize() bytes, BF_ALIGN-aligned
 *  @return BF_OK, BF_ERR_NAN, BF_ERR_ZERO, BF_ERR_SVD, BF_ERR_TOO_LARGE; outputs undefined unless BF_OK
 *  @thread reentrant; the bits depend on the inputs only */
BF_MUST_USE bf_status_t bf_k_factor(bf_tensor_t *c, bf_dim_t rank_bound, const bf_factor_rule_t *rule, bf_tensor_t *left,
                                    bf_tensor_t *right, bf_factor_info_t *info, void *work);

/** @brief Copy weight and block of @p src into @p dst, whose pointers the caller has attached. Shapes and types equal. */
void bf_k_copy(const bf_tensor_t *src, bf_tensor_t *dst);

/** @return max_{ij} |(V^H V - I)_{ij}| of the rows of a k x n row-orthonormal block (right.b as k x 2 chi_r), fp64. */
double bf_k_orthonormality(const bf_tensor_t *site);

/** @return true when every element of block and weight is finite. */
bool bf_k_is_finite(const bf_tensor_t *t);

#ifdef __cplusplus
}
#endif
#endif
