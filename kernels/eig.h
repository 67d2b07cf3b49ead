/** @file eig.h
 *  @brief Hermitian eigenproblem of any order in two steps: all values, then only the vectors that are wanted. Private to
 * kernels/.
 *
 *  Double precision. Up to BF_EIG_SMALL_MAX: eig_small.h. Above: hetrd.h, divide and conquer (dstedc) on the
 *  tridiagonal matrix, back-transformation of the wanted vectors.
 */
#ifndef BF_EIG_H
#define BF_EIG_H

#include "kernels/eig_small.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An eigenproblem in progress; everything lies in the caller's memory. */
typedef struct bf_eig {
    bf_type_t type;         /**< BF_TYPE_Z or BF_TYPE_D */
    bf_dim_t n;             /**< order */
    double *lambda;         /**< n eigenvalues, descending, after bf_eig_values() */
    void *g;                /**< the matrix, later its Householder vectors */
    double *e;              /**< n off-diagonals of the tridiagonal matrix */
    double *z;              /**< n x n: its vectors */
    void *tau;              /**< n scalars of the reflectors */
    void *work;             /**< the rest of the workspace */
    bf_eig_small_t small_n; /**< used instead when n <= BF_EIG_SMALL_MAX */
} bf_eig_t;

/** @return bytes of workspace for at most @p k vectors. */
size_t bf_eig_worksize(bf_type_t type, bf_dim_t n, bf_dim_t k);

/** @brief Begin with the lower triangle of @p g (n x n without gaps), which is destroyed and must live as long as @p eig. */
void bf_eig_open(bf_eig_t *eig, bf_type_t type, bf_dim_t n, void *g, void *work);

/** @brief All eigenvalues. @return 0, or > 0 when one did not converge. */
int bf_eig_values(bf_eig_t *eig);

/** @brief Conjugate transposes of the first @p k vectors, as rows of vh (k x n without gaps). */
void bf_eig_vectors(bf_eig_t *eig, bf_dim_t k, void *vh);

#ifdef __cplusplus
}
#endif
#endif
