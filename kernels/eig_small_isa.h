/** @file eig_small_isa.h
 *  @brief The three kernels of eig_small that are compiled once per instruction set. Private to kernels/.
 */
#ifndef BF_EIG_SMALL_ISA_H
#define BF_EIG_SMALL_ISA_H

#include "kernels/eig_small.h"

/** One compilation of eig_small_isa.c. */
typedef struct bf_eig_kernels {
    bf_dim_t lanes;                              /**< vectors that back() takes at most; at most BF_EIG_SMALL_LANES */
    void (*tridiagonalise)(bf_eig_small_t *eig); /**< a -> Householder vectors, lambda = diagonal, e = off-diagonal, tau */
    int (*ql)(bf_eig_small_t *eig);              /**< lambda, e -> eigenvalues in no order; rotations recorded */
    /** Vectors order[first..first+k), k <= lanes, as rows of vh. */
    void (*back)(const bf_eig_small_t *eig, bf_dim_t first, bf_dim_t k, double *vh, bf_dim_t ld);
} bf_eig_kernels_t;

extern const bf_eig_kernels_t bf_eig_kernels_base;
#ifdef BF_HAVE_X86
extern const bf_eig_kernels_t bf_eig_kernels_avx2;
extern const bf_eig_kernels_t bf_eig_kernels_avx512;
#endif

#endif
