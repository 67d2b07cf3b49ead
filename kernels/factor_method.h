/** @file factor_method.h
 *  @brief What bf_k_factor() and the factorisation methods say to each other. Private to kernels/.
 *
 *  A method answers in two steps: the values of all problems are known before anybody decides how many vectors of which are
 * wanted.
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
    const bf_cutoff_t *cut; /**< the rule that truncates: how far values have to be resolved, how many vectors may be wanted */
    double share;           /**< what these values alone may drop, relative to their own total, in units of cut's Cutoff */
    void *vh;               /**< room for min(m, n) x n, the method's from the first step on; out of the second: keep x n,
                                 column-major without gaps, orthonormal rows */
    double *sigma;          /**< out of the second step: the kept singular values, descending; room for min(m, n) */
    const double *squares;  /**< out of the first step, in the workspace: squared singular values, descending */
    bf_dim_t count;         /**< out of the first step: how many; those beyond min(m, n) are rounding */
} bf_split_t;

/** One method. The workspace is beyond theta, vh and sigma and lives through both steps; its size may depend on type, m, n and
 * cut only. */
typedef struct bf_method_ops {
    const char *name;                                                     /**< as in `--factor` */
    size_t (*worksize)(const bf_split_t *split);                          /**< bytes */
    bf_status_t (*values)(bf_split_t *split, void *work);                 /**< first step */
    bf_status_t (*vectors)(bf_split_t *split, bf_dim_t keep, void *work); /**< second step, 1 <= keep <= what cut allows */
} bf_method_ops_t;

extern const bf_method_ops_t bf_method_gram;
extern const bf_method_ops_t bf_method_gesdd;
extern const bf_method_ops_t bf_method_gesvd;

#ifdef __cplusplus
}
#endif
#endif
