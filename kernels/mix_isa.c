/* Mixing of a contracted pair by its gate. Compiled once per instruction set; BF_ISA names this one.
 *
 * Complex numbers stay interleaved: u x = Re(u) x + Im(u) (i x), and i x is x with its parts exchanged and one sign turned, made
 * once for four products. */
#include "kernels/mix_isa.h"
#include "kernels/vec_isa.h"

/* Four runs of chi_l elements of type T, the four basis states of (s, t), for every r. VEC holds LANES reals. Where a run does
 * not fill its last register, that register begins earlier, with what was there before anything was overwritten. */
#define DEFINE_MIX_COMPLEX(NAME, T, VEC, LANES, EXCHANGE, SIGNS)                                                                 \
    BF_INLINE void NAME##_registers(T *const b[4], bf_dim_t i, const VEC x[4], const T *u)                                       \
    {                                                                                                                            \
        const VEC signs = SIGNS;                                                                                                 \
        VEC y[4];                                                                                                                \
        for (int k = 0; k < 4; k++)                                                                                              \
            y[k] = signs * EXCHANGE(x[k]);                                                                                       \
        for (int k = 0; k < 4; k++) {                                                                                            \
            const T *row = u + 8 * k;                                                                                            \
            *(VEC *)(b[k] + i) = ((x[0] * row[0] + y[0] * row[1]) + (x[1] * row[2] + y[1] * row[3])) +                           \
                                 ((x[2] * row[4] + y[2] * row[5]) + (x[3] * row[6] + y[3] * row[7]));                            \
        }                                                                                                                        \
    }                                                                                                                            \
    static void NAME(void *block, bf_dim_t chi_l, bf_dim_t chi_r, const void *gate)                                              \
    {                                                                                                                            \
        const T *u = gate;                                                                                                       \
        const bf_dim_t reals = 2 * chi_l, last = reals - LANES;                                                                  \
        for (bf_dim_t r = 0; r < chi_r; r++) {                                                                                   \
            T *b[4];                                                                                                             \
            VEC x[4], end[4];                                                                                                    \
            for (int k = 0; k < 4; k++) {                                                                                        \
                b[k] = (T *)block + 2 * chi_l * (4 * r + (k >> 1) + 2 * (k & 1));                                                \
                if (last >= 0)                                                                                                   \
                    end[k] = *(const VEC *)(b[k] + last);                                                                        \
            }                                                                                                                    \
            bf_dim_t i = 0;                                                                                                      \
            for (; i + LANES <= reals; i += LANES) {                                                                             \
                for (int k = 0; k < 4; k++)                                                                                      \
                    x[k] = *(const VEC *)(b[k] + i);                                                                             \
                NAME##_registers(b, i, x, u);                                                                                    \
            }                                                                                                                    \
            if (last >= 0) {                                                                                                     \
                if (i < reals)                                                                                                   \
                    NAME##_registers(b, last, end, u);                                                                           \
                continue;                                                                                                        \
            }                                                                                                                    \
            for (; i < reals; i += 2) {                                                                                          \
                T part[8];                                                                                                       \
                for (int k = 0; k < 8; k++)                                                                                      \
                    part[k] = b[k >> 1][i + (k & 1)];                                                                            \
                for (int k = 0; k < 4; k++) {                                                                                    \
                    T re = 0, im = 0;                                                                                            \
                    for (int c = 0; c < 4; c++) {                                                                                \
                        re += u[8 * k + 2 * c] * part[2 * c] - u[8 * k + 2 * c + 1] * part[2 * c + 1];                           \
                        im += u[8 * k + 2 * c] * part[2 * c + 1] + u[8 * k + 2 * c + 1] * part[2 * c];                           \
                    }                                                                                                            \
                    b[k][i] = re;                                                                                                \
                    b[k][i + 1] = im;                                                                                            \
                }                                                                                                                \
            }                                                                                                                    \
        }                                                                                                                        \
    }

#define DEFINE_MIX_REAL(NAME, T)                                                                                                 \
    static void NAME(void *block, bf_dim_t chi_l, bf_dim_t chi_r, const void *gate)                                              \
    {                                                                                                                            \
        const T *u = gate;                                                                                                       \
        for (bf_dim_t r = 0; r < chi_r; r++) {                                                                                   \
            T *restrict b00 = (T *)block + 4 * chi_l * r;                                                                        \
            T *restrict b10 = b00 + chi_l;                                                                                       \
            T *restrict b01 = b10 + chi_l;                                                                                       \
            T *restrict b11 = b01 + chi_l;                                                                                       \
            for (bf_dim_t l = 0; l < chi_l; l++) {                                                                               \
                const T x0 = b00[l], x1 = b01[l], x2 = b10[l], x3 = b11[l];                                                      \
                b00[l] = u[0] * x0 + u[1] * x1 + u[2] * x2 + u[3] * x3;                                                          \
                b01[l] = u[4] * x0 + u[5] * x1 + u[6] * x2 + u[7] * x3;                                                          \
                b10[l] = u[8] * x0 + u[9] * x1 + u[10] * x2 + u[11] * x3;                                                        \
                b11[l] = u[12] * x0 + u[13] * x1 + u[14] * x2 + u[15] * x3;                                                      \
            }                                                                                                                    \
        }                                                                                                                        \
    }

DEFINE_MIX_COMPLEX(mix_z, double, bf_vec_t, BF_LANES, BF_EXCHANGE, BF_SIGNS)
DEFINE_MIX_COMPLEX(mix_c, float, bf_vecf_t, (2 * BF_LANES), BF_EXCHANGE_F, BF_SIGNS_F)
DEFINE_MIX_REAL(mix_d, double)
DEFINE_MIX_REAL(mix_s, float)

const bf_mix_kernels_t BF_PASTE(bf_mix_kernels_,
                                BF_ISA) = {{[BF_TYPE_Z] = mix_z, [BF_TYPE_C] = mix_c, [BF_TYPE_D] = mix_d, [BF_TYPE_S] = mix_s}};
