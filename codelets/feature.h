/** @file feature.h
 *  @brief What can be measured on a chain, as a list of features.
 */
#ifndef BF_FEATURE_H
#define BF_FEATURE_H

#include "kernels/types.h"

/** Kinds of features. */
typedef enum bf_feature_kind {
    BF_FEATURE_XYZ = 0, /**< <X>, <Y>, <Z> of every qubit: 3 n numbers, x0 y0 z0 x1 ... */
    BF_FEATURE_XX,      /**< <X_q X_{q+k}>: n - k numbers */
    BF_FEATURE_YY,      /**< the same with Y */
    BF_FEATURE_ZZ,      /**< the same with Z */
    BF_FEATURE_ENTROPY, /**< von Neumann entropy in bits across each bond of the chain of sites: n - 1 numbers */
    BF_FEATURE_BONDDIM, /**< bond dimensions: n - 1 numbers */
    BF_FEATURE_LOGBOND, /**< their binary logarithms: n - 1 numbers */
    BF_FEATURE_PURITY   /**< Tr rho^2 of every qubit: n numbers */
} bf_feature_kind_t;

/** One requested feature. */
typedef struct bf_feature {
    bf_feature_kind_t kind; /**< what */
    int distance;           /**< k of XX, YY, ZZ, 1 <= k < n; 0 otherwise */
} bf_feature_t;

/** @return how many numbers @p feature is on @p n qubits. */
size_t bf_feature_columns(const bf_feature_t *feature, bf_site_t n);

/** @brief Turn Pauli operators into others of the same kind: @p scale for each operator in an expectation value (1/2: spins).
 *  The sign of a zero, which depends on the order of a sum and means nothing, is dropped: results say 0, never -0. */
void bf_feature_scale(const bf_feature_t *features, size_t count, bf_site_t n, double scale, double *values);

#endif
