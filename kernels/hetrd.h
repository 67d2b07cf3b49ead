/** @file hetrd.h
 *  @brief Blocked Householder tridiagonalisation (LAPACK's zhetrd with a faster matrix-vector product). Private to kernels/.
 */
#ifndef BF_HETRD_H
#define BF_HETRD_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Tridiagonalise the Hermitian n x n matrix whose lower triangle is in @p a (leading dimension n).
 *
 *  On return d and e (n doubles each, e[n-1] = 0) hold the tridiagonal matrix, a and tau the reflectors as LAPACK's zhetrd 'L'
 *  leaves them, for bf_hetrd_apply().
 *  @param type  BF_TYPE_Z or BF_TYPE_D
 *  @param work  bf_hetrd_worksize() bytes */
void bf_hetrd(bf_type_t type, bf_dim_t n, void *a, double *d, double *e, void *tau, void *work);
size_t bf_hetrd_worksize(bf_type_t type, bf_dim_t n);

/** @brief v (n x k) <- Q v, Q the unitary matrix of bf_hetrd() that left @p a and @p tau. */
void bf_hetrd_apply(bf_type_t type, bf_dim_t n, bf_dim_t k, const void *a, const void *tau, void *v, void *work);
size_t bf_hetrd_apply_worksize(bf_type_t type, bf_dim_t n, bf_dim_t k);

#ifdef __cplusplus
}
#endif
#endif
