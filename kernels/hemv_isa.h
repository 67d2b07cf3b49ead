/** @file hemv_isa.h
 *  @brief Hermitian matrix times vector, the memory-bound half of tridiagonalisation. Private to kernels/.
 *
 *  OpenBLAS reaches a third of what the caches deliver here; reading every element once and using it for both triangles is all
 *  there is to gain. Compiled once per instruction set.
 */
#ifndef BF_HEMV_ISA_H
#define BF_HEMV_ISA_H

#include "kernels/types.h"

/** Columns taken together. */
#define BF_HEMV_COLUMNS 4

/** y <- A x for the lower triangle of the n x n matrix a. x and y must not overlap. The first block has @p first columns, 1 to
 *  BF_HEMV_COLUMNS: where the rows after those begin on a cache line, they do so in all blocks. */
typedef void bf_hemv_fn(bf_dim_t n, bf_dim_t first, const double *a, bf_dim_t lda, const double *x, double *y);

/** One compilation of hemv_isa.c. */
typedef struct bf_hemv_kernels {
    bf_hemv_fn *z; /**< complex: pairs (re, im) */
    bf_hemv_fn *d; /**< real */
} bf_hemv_kernels_t;

extern const bf_hemv_kernels_t bf_hemv_kernels_base;
#ifdef BF_HAVE_X86
extern const bf_hemv_kernels_t bf_hemv_kernels_avx2;
extern const bf_hemv_kernels_t bf_hemv_kernels_avx512;
#endif

#endif
