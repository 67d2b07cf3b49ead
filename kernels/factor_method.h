/** @file factor_method.h
 *  @brief What bf_k_factor() and the factorisation methods say to each other. Private to kernels/.
 */
#ifndef BF_FACTOR_METHOD_H
#define BF_FACTOR_METHOD_H

#include "kernels/factor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The problem handed to a method, and its answer. */
typedef struct bf_split {
    bf_type_t type;         /**< element type of theta and vh */
    bf_dim_t m, n;          /**< theta is m x n, column-major without gaps, Frobenius norm about 1 */
    void *theta;            /**< in: the weighted pair; destroyed */
    const bf_cutoff_t *cut; /**< the rule to truncate by */
    void *vh;               /**< out: k x n, column-major without gaps, orthonormal rows; room for min(m, n) x n */
    double *sigma;          /**< out: the k kept singular values, descending; room for min(m, n) */
    bf_truncation_t trunc;  /**< out: the method's own estimate of what was dropped, and k */
} bf_split_t;

/** One method. The workspace is beyond theta, vh and sigma; its size may depend on type, m, n and cut only. */
typedef struct bf_method_ops {
    const char *name;
    size_t (*worksize)(const bf_split_t *split);
    bf_status_t (*run)(bf_split_t *split, void *work);
} bf_method_ops_t;

extern const bf_method_ops_t bf_method_gram;
extern const bf_method_ops_t bf_method_gesdd;
extern const bf_method_ops_t bf_method_gesvd;

#ifdef __cplusplus
}
#endif
#endif
