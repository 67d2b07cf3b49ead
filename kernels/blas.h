/** @file blas.h
 *  @brief BLAS and LAPACK by element type: the only place where bf_dim_t becomes a library integer. Private to kernels/.
 *
 *  Conventions: column-major; `H` means conjugate transpose (transpose for real types); scalars are real doubles.
 *  Callers keep every dimension within bf_blas_fits(); workspace sizes are queried from the library itself.
 *  LAPACK functions return LAPACK's info: 0 success, > 0 no convergence.
 */
#ifndef BF_BLAS_H
#define BF_BLAS_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Operand form. */
typedef enum bf_op_form { BF_N, BF_H } bf_op_form_t;

/** Which half of a matrix is used. */
typedef enum bf_triangle { BF_LOWER, BF_UPPER } bf_triangle_t;

/** @return true when @p dim, and the LAPACK workspaces of matrices of that order, are addressable by lapack_int. */
bool bf_blas_fits(bf_dim_t dim);

/** @brief c <- alpha op(a) op(b) + beta c;  c is m x n, the inner dimension is k. */
void bf_gemm(bf_type_t type, bf_op_form_t op_a, bf_op_form_t op_b, bf_dim_t m, bf_dim_t n, bf_dim_t k, double alpha,
             const void *a, bf_dim_t lda, const void *b, bf_dim_t ldb, double beta, void *c, bf_dim_t ldc);

/** @brief Lower triangle of c <- op(a) op(a)^H, c is n x n, inner dimension k (op BF_N: a is n x k; BF_H: a is k x n). */
void bf_herk(bf_type_t type, bf_op_form_t op, bf_dim_t n, bf_dim_t k, const void *a, bf_dim_t lda, void *c, bf_dim_t ldc);

/** @brief c <- op(a) op(b), n x n, where that product is Hermitian: one triangle is computed and mirrored, unless c is so small
 * that the whole takes less. BF_TYPE_Z or BF_TYPE_D only.
 *  @param k  inner dimension; @param[out] c  overlaps nothing */
void bf_gemm_hermitian(bf_type_t type, bf_op_form_t op_a, bf_op_form_t op_b, bf_dim_t n, bf_dim_t k, const void *a, bf_dim_t lda,
                       const void *b, bf_dim_t ldb, void *c, bf_dim_t ldc);

/** @brief SVD by divide and conquer, a = u diag(s) vh with min(m, n) vectors; a is destroyed.
 *  @param s     min(m, n) values of the real type that belongs to @p type
 *  @param work  bf_gesdd_worksize() bytes */
int bf_gesdd(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *s, void *u, void *vh, void *work);
size_t bf_gesdd_worksize(bf_type_t type, bf_dim_t m, bf_dim_t n);

/** @brief SVD by QR iteration, right vectors only: the first min(m, n) rows of a become vh (leading dimension m). */
int bf_gesvd(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *s, void *work);
size_t bf_gesvd_worksize(bf_type_t type, bf_dim_t m, bf_dim_t n);

/** @brief QR factorisation: the upper triangle of a becomes R, below it and in tau (min(m, n) elements) is Q.
 *  @param work  bf_qr_worksize() bytes */
int bf_geqrf(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *tau, void *work);

/** @brief The first @p n <= m columns of the Q of bf_geqrf(), in place. @param work  bf_qr_worksize() bytes */
int bf_ungqr(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, const void *tau, void *work);
size_t bf_qr_worksize(bf_type_t type, bf_dim_t n);

/** @brief y <- alpha op(a) x + beta y;  a is m x n. This and the following: BF_TYPE_Z or BF_TYPE_D only. */
void bf_gemv(bf_type_t type, bf_op_form_t op, bf_dim_t m, bf_dim_t n, double alpha, const void *a, bf_dim_t lda, const void *x,
             double beta, void *y);

/** @brief Lower triangle of c <- c - v w^H - w v^H;  v and w are n x k with leading dimension @p ldp. */
void bf_her2k(bf_type_t type, bf_dim_t n, bf_dim_t k, const void *v, const void *w, bf_dim_t ldp, void *c, bf_dim_t ldc);

/** @brief Cholesky factor L of the Hermitian n x n matrix whose lower triangle is in a. @return 0, or > 0 if not positive. */
int bf_potrf(bf_type_t type, bf_dim_t n, void *a, bf_dim_t lda);

/** @brief b <- t^-1 b with the lower triangle of the m x m matrix t; b is m x n. */
void bf_trsm(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *t, bf_dim_t ldt, void *b, bf_dim_t ldb);

/** @brief LQ factorisation: the lower triangle of a becomes L, above it and in tau (min(m, n) elements) is Q. All types.
 *  @param work  bf_qr_worksize() of m */
int bf_gelqf(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *tau, void *work);

/** @brief The first @p k <= n rows of the Q of bf_gelqf(), in place. @param lda  leading dimension of a, >= k */
int bf_unglq(bf_type_t type, bf_dim_t k, bf_dim_t n, void *a, bf_dim_t lda, const void *tau, void *work);

/** @brief Eigenvalues (into d, ascending) and all vectors (columns of z, n x n) of a tridiagonal matrix; d, e destroyed. */
int bf_stedc(bf_dim_t n, double *d, double *e, double *z, void *work);
size_t bf_stedc_worksize(bf_dim_t n);

#ifdef __cplusplus
}
#endif
#endif
