/** @file gemm_isa.h
 *  @brief Products of small matrices, without the packing and bookkeeping of a library call. Private to kernels/.
 *
 *  At the orders of small bonds a call of OpenBLAS spends more time on its buffers than on arithmetic. Here the left operand is
 *  read in place where its rows fill whole registers and copied panel by panel where they do not, or where it is transposed.
 *  Compiled once per instruction set. Every element is one sum in the order of the inner index, wherever it lies in the matrix.
 */
#ifndef BF_GEMM_ISA_H
#define BF_GEMM_ISA_H

#include "kernels/types.h"

/** Largest inner dimension. */
#define BF_GEMM_SMALL_K 256

/** c <- op(a) op(b), column-major; c is m x n and overlaps nothing. */
typedef struct bf_product {
    bool a_h, b_h; /**< op is the conjugate transpose (the transpose when real) */
    bool lower;    /**< only the lower triangle is wanted; parts of the upper one may be written */
    bf_dim_t m, n; /**< shape of c */
    bf_dim_t k;    /**< inner dimension, at most BF_GEMM_SMALL_K */
    const double *a, *b;
    double *c;
    bf_dim_t lda, ldb, ldc; /**< in elements */
} bf_product_t;

typedef void bf_gemm_small_fn(const bf_product_t *product);

/** One compilation of gemm_isa.c. */
typedef struct bf_gemm_kernels {
    bf_dim_t max;        /**< rows and columns up to which OpenBLAS is slower on a processor of this kind */
    bf_gemm_small_fn *z; /**< complex: pairs (re, im) */
    bf_gemm_small_fn *d; /**< real */
} bf_gemm_kernels_t;

extern const bf_gemm_kernels_t bf_gemm_kernels_base;
#ifdef BF_HAVE_X86
extern const bf_gemm_kernels_t bf_gemm_kernels_avx2;
extern const bf_gemm_kernels_t bf_gemm_kernels_avx512;
#endif

#endif
