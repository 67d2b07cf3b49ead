/** @file weigh_isa.h
 *  @brief Row weights, norms and largest errors in double precision. Private to kernels/. Compiled once per instruction set.
 */
#ifndef BF_WEIGH_ISA_H
#define BF_WEIGH_ISA_H

#include "kernels/types.h"

/** As bf_weigh(), for one element type. */
typedef double bf_weigh_fn(bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const double *src, double *dst);

/** One compilation of weigh_isa.c. */
typedef struct bf_weigh_kernels {
    bf_weigh_fn *z; /**< complex: pairs (re, im) */
    bf_weigh_fn *d; /**< real */
    /** @return the largest magnitude of @p n doubles, n >= 1, or a NaN when there is one. */
    double (*largest)(const double *x, bf_dim_t n);
} bf_weigh_kernels_t;

extern const bf_weigh_kernels_t bf_weigh_kernels_base;
#ifdef BF_HAVE_X86
extern const bf_weigh_kernels_t bf_weigh_kernels_avx2;
extern const bf_weigh_kernels_t bf_weigh_kernels_avx512;
#endif

#endif
