/** @file sectors_isa.h
 *  @brief The search for entries outside of their sector. Private to kernels/. Compiled once per instruction set.
 */
#ifndef BF_SECTORS_ISA_H
#define BF_SECTORS_ISA_H

#include "kernels/types.h"

/** One compilation of sectors_isa.c. */
typedef struct bf_sectors_kernels {
    bool (*d)(const double *x, const double *tag, double own, bf_dim_t count); /**< is an x not zero whose tag is another? */
    bool (*s)(const float *x, const float *tag, float own, bf_dim_t count);    /**< the same */
} bf_sectors_kernels_t;

extern const bf_sectors_kernels_t bf_sectors_kernels_base;
#ifdef BF_HAVE_X86
extern const bf_sectors_kernels_t bf_sectors_kernels_avx2;
extern const bf_sectors_kernels_t bf_sectors_kernels_avx512;
#endif

#endif
