/** @file vec_isa.h
 *  @brief The vectors of the instruction set a file is compiled for. Private to the *_isa.c files of kernels/.
 *
 *  As wide as a register and no wider: compilers split wider vectors into scalars rather than into registers.
 *  Columns everywhere are padded to eight doubles, a multiple of every width here.
 */
#ifndef BF_VEC_ISA_H
#define BF_VEC_ISA_H

#include <stdint.h>

#define BF_PASTE2(a, b) a##b
#define BF_PASTE(a, b)  BF_PASTE2(a, b)
#define BF_INLINE       static inline __attribute__((always_inline))

/* Doubles in a vector; exchange of the parts of interleaved complex numbers; the signs that turn the exchanged x into i x. */
#if defined(__AVX512F__)
#define BF_LANES 8
#define BF_LANE_INDEX                                                                                                            \
    {                                                                                                                            \
        0, 1, 2, 3, 4, 5, 6, 7                                                                                                   \
    }
#define BF_EXCHANGE(v)   __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#define BF_EXCHANGE_F(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#define BF_SIGNS         ((bf_vec_t){-1, 1, -1, 1, -1, 1, -1, 1})
#define BF_SIGNS_F       ((bf_vecf_t){-1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1})
#elif defined(__AVX__)
#define BF_LANES 4
#define BF_LANE_INDEX                                                                                                            \
    {                                                                                                                            \
        0, 1, 2, 3                                                                                                               \
    }
#define BF_EXCHANGE(v)   __builtin_shufflevector(v, v, 1, 0, 3, 2)
#define BF_EXCHANGE_F(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#define BF_SIGNS         ((bf_vec_t){-1, 1, -1, 1})
#define BF_SIGNS_F       ((bf_vecf_t){-1, 1, -1, 1, -1, 1, -1, 1})
#else
#define BF_LANES 2
#define BF_LANE_INDEX                                                                                                            \
    {                                                                                                                            \
        0, 1                                                                                                                     \
    }
#define BF_EXCHANGE(v)   __builtin_shufflevector(v, v, 1, 0)
#define BF_EXCHANGE_F(v) __builtin_shufflevector(v, v, 1, 0, 3, 2)
#define BF_SIGNS         ((bf_vec_t){-1, 1})
#define BF_SIGNS_F       ((bf_vecf_t){-1, 1, -1, 1})
#endif

/** Doubles and floats of one register, loaded from anywhere an element may lie. */
typedef double bf_vec_t __attribute__((vector_size(8 * BF_LANES), aligned(8), may_alias));
typedef float bf_vecf_t __attribute__((vector_size(8 * BF_LANES), aligned(4), may_alias));

/** Integers as wide as a register's doubles. */
typedef int64_t bf_mask_t __attribute__((vector_size(8 * BF_LANES), aligned(8), may_alias));

/* Half a register of doubles at p, each twice: the weights of complex numbers. */
#if BF_LANES == 2
#define BF_LOAD_TWICE(p) ((bf_vec_t){*(p), *(p)})
#else
typedef double bf_half_t __attribute__((vector_size(4 * BF_LANES), aligned(8), may_alias));
#if BF_LANES == 8
#define BF_LOAD_TWICE(p) __builtin_shufflevector(*(const bf_half_t *)(p), *(const bf_half_t *)(p), 0, 0, 1, 1, 2, 2, 3, 3)
#else
#define BF_LOAD_TWICE(p) __builtin_shufflevector(*(const bf_half_t *)(p), *(const bf_half_t *)(p), 0, 0, 1, 1)
#endif
#endif

/** @return the sum of the lanes, by halves. */
BF_INLINE double bf_vec_sum(const bf_vec_t *v)
{
    double x[BF_LANES];
    for (int i = 0; i < BF_LANES; i++)
        x[i] = (*v)[i];
    for (int half = BF_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            x[i] += x[i + half];
    return x[0];
}

#endif
