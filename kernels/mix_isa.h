/** @file mix_isa.h
 *  @brief The 4 x 4 mixing of a contracted pair by its gate. Private to kernels/. Compiled once per instruction set.
 */
#ifndef BF_MIX_ISA_H
#define BF_MIX_ISA_H

#include "kernels/types.h"

/** (b00, b01, b10, b11)[l, r] <- u (b00, b01, b10, b11)[l, r] in place, for a block b[l, s, t, r] of chi_l x 2 x 2 x chi_r.
 *  @param u  16 entries, row-major: pairs (re, im) for the complex types, reals otherwise, of the precision of the type */
typedef void bf_mix_fn(void *b, bf_dim_t chi_l, bf_dim_t chi_r, const void *u);

/** One compilation of mix_isa.c, by element type. */
typedef struct bf_mix_kernels {
    bf_mix_fn *by_type[4];
} bf_mix_kernels_t;

extern const bf_mix_kernels_t bf_mix_kernels_base;
#ifdef BF_HAVE_X86
extern const bf_mix_kernels_t bf_mix_kernels_avx2;
extern const bf_mix_kernels_t bf_mix_kernels_avx512;
#endif

#endif
