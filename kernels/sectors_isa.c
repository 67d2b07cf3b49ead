/* Every entry of a matrix goes through here once when its sectors are looked for. Compiled once per instruction set; BF_ISA names
 * this one. */
#include "kernels/sectors_isa.h"
#include "kernels/vec_isa.h"

/** Integers as wide as a register's floats. */
typedef int32_t maskf_t __attribute__((vector_size(8 * BF_LANES)));
typedef int64_t mask_t __attribute__((vector_size(8 * BF_LANES)));

/* Two registers at a time: the loads take longer than the comparisons. */
#define DEFINE_STRANGER(NAME, T, VEC, MASK, LANES)                                                                               \
    static bool NAME(const T *x, const T *tag, T own, bf_dim_t count)                                                            \
    {                                                                                                                            \
        const VEC zero = {0}, mine = zero + own;                                                                                 \
        MASK one = {0}, two = {0};                                                                                               \
        bf_dim_t i = 0;                                                                                                          \
        for (; i + 2 * (LANES) <= count; i += 2 * (LANES)) {                                                                     \
            const VEC *a = (const VEC *)(x + i), *t = (const VEC *)(tag + i);                                                    \
            one |= (MASK)(a[0] != zero) & (MASK)(t[0] != mine);                                                                  \
            two |= (MASK)(a[1] != zero) & (MASK)(t[1] != mine);                                                                  \
        }                                                                                                                        \
        one |= two;                                                                                                              \
        bool found = false;                                                                                                      \
        for (int lane = 0; lane < (LANES); lane++)                                                                               \
            found = found || one[lane] != 0;                                                                                     \
        for (; i < count; i++)                                                                                                   \
            found = found || (x[i] != 0 && tag[i] != own);                                                                       \
        return found;                                                                                                            \
    }

DEFINE_STRANGER(stranger_d, double, bf_vec_t, mask_t, BF_LANES)
DEFINE_STRANGER(stranger_s, float, bf_vecf_t, maskf_t, (2 * BF_LANES))

const bf_sectors_kernels_t BF_PASTE(bf_sectors_kernels_, BF_ISA) = {stranger_d, stranger_s};
