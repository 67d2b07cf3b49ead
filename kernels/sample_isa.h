/** @file sample_isa.h
 *  @brief The kernels of sample_lanes.h that are compiled once per instruction set. Private to kernels/.
 */
#ifndef BF_SAMPLE_ISA_H
#define BF_SAMPLE_ISA_H

#include "kernels/sample_lanes.h"

/** One compilation of sample_isa.c: the same bits from each. */
typedef struct bf_lanes_kernels {
    /** As bf_k_lanes_words(). */
    void (*words)(uint64_t seed, uint64_t first, uint32_t block, bf_dim_t m, bf_dim_t stride, double *words);
    /** As bf_k_lanes_step(). */
    bool (*step)(const bf_lanes_site_t *site, bf_dim_t m, bf_dim_t stride, const double *v, double *both, double *chance);
    /** As bf_k_lanes_walk(). */
    bool (*walk)(const bf_lanes_site_t *site, const bf_lanes_draws_t *draws, bf_dim_t m, bf_dim_t stride, double *v,
                 uint64_t *bits, uint64_t bit);
    /** As bf_k_lanes_same(). */
    void (*same)(double chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint64_t *bits, uint64_t bit);
    /** As bf_k_lanes_part(). */
    void (*part)(const double *chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint32_t *entries);
} bf_lanes_kernels_t;

extern const bf_lanes_kernels_t bf_lanes_kernels_base;
#ifdef BF_HAVE_X86
extern const bf_lanes_kernels_t bf_lanes_kernels_avx2;
extern const bf_lanes_kernels_t bf_lanes_kernels_avx512;
#endif

#endif
