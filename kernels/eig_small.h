/** @file eig_small.h
 *  @brief Hermitian eigenproblem of small order without library calls: vectorised tridiagonalisation, implicit QL, and
 *  back-transformation of the wanted vectors only. Private to kernels/.
 *
 *  LAPACK spends most of its time at these sizes on call overhead and short BLAS-2 loops. Here real and imaginary parts lie in
 *  separate, padded columns, a column is updated and multiplied in one pass, and QL's latency hides the rotation of vectors.
 *  Compiled once per instruction set (baseline, AVX2, AVX-512); the processor decides at run time which one is used.
 *  Eigenvalues are accurate to a few units roundoff of the largest.
 */
#ifndef BF_EIG_SMALL_H
#define BF_EIG_SMALL_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest order that fits; above it blocked algorithms win. */
#define BF_EIG_SMALL_MAX 256

/** Eigenvectors computed side by side, at most. */
#define BF_EIG_SMALL_LANES 32

/** Room for recorded sweeps and rotations. QL needs about 1.6 n sweeps and 0.8 n^2 rotations. */
#define BF_EIG_SMALL_SWEEPS(n)    (4 * (n) + 8)
#define BF_EIG_SMALL_ROTATIONS(n) (2 * (n) * (n) + 8)

/** A Hermitian eigenproblem in progress. All pointers lie in the workspace. */
typedef struct bf_eig_small {
    bool real;           /**< no imaginary parts anywhere */
    bf_dim_t n;          /**< order */
    bf_dim_t ld;         /**< n rounded up to a multiple of 8: length of every column */
    double *a_re, *a_im; /**< n columns: the matrix, then the Householder vectors; a_im is unused when real */
    double *tau;         /**< n pairs (re, im) */
    double *lambda;      /**< n eigenvalues, descending after bf_eig_small_values() */
    double *e;           /**< n off-diagonals */
    double *strip;       /**< room of the kernels: n rows of 2 BF_EIG_SMALL_LANES */
    double *rotations;   /**< recorded rotations: pairs (cosine, sine) */
    int32_t *sweep;      /**< recorded QL sweeps: pairs (first row, last row) */
    bf_dim_t rotations_used, sweeps;
    int32_t *order; /**< place of lambda[i] before sorting */
} bf_eig_small_t;

/** @return bytes of workspace of an eigenproblem of order @p n. */
size_t bf_eig_small_worksize(bf_dim_t n, bool real);

/** @brief Lay @p eig out in @p work and load the lower triangle of a matrix of type BF_TYPE_Z or BF_TYPE_D. */
void bf_eig_small_open(bf_eig_small_t *eig, bf_dim_t n, bool real, const void *g, bf_dim_t ldg, void *work);

/** @brief Eigenvalues into eig->lambda, descending. @return 0, or the index + 1 of one that did not converge. */
int bf_eig_small_values(bf_eig_small_t *eig);

/** @brief Conjugate transposes of the vectors first .. first+k-1.
 *  @param[out] vh  row a is the vector of lambda[first + a], element type BF_TYPE_Z or BF_TYPE_D, k x n with leading dimension ld
 */
void bf_eig_small_vectors(const bf_eig_small_t *eig, bf_dim_t first, bf_dim_t k, void *vh, bf_dim_t ld);

#ifdef __cplusplus
}
#endif
#endif
