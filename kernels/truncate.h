/** @file truncate.h
 *  @brief The cutoff rule: ITensor's, word for word (notes on peers, section d; itensor/decomp.cc `truncate`).
 */
#ifndef BF_TRUNCATE_H
#define BF_TRUNCATE_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What may be dropped. Names and meaning are ITensor's. */
typedef struct bf_cutoff {
    double cutoff;    /**< discarded weight allowed per factorisation, relative to the total; >= 0 */
    bf_dim_t max_dim; /**< hard cap on the bond; 0 = none */
    bf_dim_t min_dim; /**< the cutoff never goes below this many; >= 1 */
} bf_cutoff_t;

/** Outcome of bf_truncate(). */
typedef struct bf_truncation {
    bf_dim_t keep;      /**< number of values kept, >= 1 */
    double eps;         /**< discarded / total */
    double eps_max_dim; /**< the part of eps forced out by max_dim */
} bf_truncation_t;

/** @brief Decide how many of the squared Schmidt values to keep.
 *
 *  Weight forced out by max_dim counts toward the cutoff; the comparison is non-strict; exact zeros always go
 *  (down to one value), even below min_dim and with cutoff 0; ties need no rule since the values are ordered.
 *  @param p  squared singular values, descending, >= 0, finite
 *  @param n  how many, >= 1
 *  @return BF_OK; BF_ERR_ZERO when all are zero; BF_ERR_NAN when one is not finite */
BF_MUST_USE bf_status_t bf_truncate(const double *p, bf_dim_t n, const bf_cutoff_t *rule, bf_truncation_t *out);

#ifdef __cplusplus
}
#endif
#endif
