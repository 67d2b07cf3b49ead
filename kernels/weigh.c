/* Row weights and norms. Complex elements are pairs of reals: weighting and squaring act on each part alike. Double precision has
 * vector kernels (weigh_isa.c). */
#include "kernels/weigh.h"

#include <math.h>

#include "kernels/cpu.h"
#include "kernels/weigh_isa.h"

#define LANES 8

#define INLINE static inline __attribute__((always_inline))

/* Sums of one run of chi elements, LANES of them side by side, so that the compiler may vectorise without reordering anything it
 * was not told to; then Kahan over the runs: thousands of them would otherwise cost three digits. */
typedef struct total {
    double sum, lost;
} total_t;

INLINE void total_add(total_t *total, const double s[LANES])
{
    const double run = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    const double y = run - total->lost, t = total->sum + y;
    total->lost = isfinite(t) ? (t - total->sum) - y : 0.0;
    total->sum = t;
}

#define DEFINE_WEIGH(NAME, T, PARTS)                                                                                             \
    INLINE double NAME##_as(bf_dim_t chi, bf_dim_t runs, const double *w, double scale, const T *src, T *dst,                    \
                            const bool weighted, const bool store)                                                               \
    {                                                                                                                            \
        total_t total = {0.0, 0.0};                                                                                              \
        for (bf_dim_t run = 0; run < runs; run++, src += PARTS * chi, dst += store ? PARTS * chi : 0) {                          \
            double sum[LANES] = {0.0};                                                                                           \
            bf_dim_t i = 0;                                                                                                      \
            for (; i + LANES / PARTS <= chi; i += LANES / PARTS) {                                                               \
                for (int j = 0; j < LANES; j++) {                                                                                \
                    const double x = (double)src[PARTS * i + j] * (weighted ? w[i + j / PARTS] * scale : scale);                 \
                    sum[j] += x * x;                                                                                             \
                    if (store)                                                                                                   \
                        dst[PARTS * i + j] = (T)x;                                                                               \
                }                                                                                                                \
            }                                                                                                                    \
            for (; i < chi; i++) {                                                                                               \
                for (int j = 0; j < PARTS; j++) {                                                                                \
                    const double x = (double)src[PARTS * i + j] * (weighted ? w[i] * scale : scale);                             \
                    sum[j] += x * x;                                                                                             \
                    if (store)                                                                                                   \
                        dst[PARTS * i + j] = (T)x;                                                                               \
                }                                                                                                                \
            }                                                                                                                    \
            total_add(&total, sum);                                                                                              \
        }                                                                                                                        \
        return total.sum;                                                                                                        \
    }                                                                                                                            \
    static double NAME(bf_dim_t chi, bf_dim_t runs, const double *w, double scale, const T *src, T *dst)                         \
    {                                                                                                                            \
        if (!dst)                                                                                                                \
            return w ? NAME##_as(chi, runs, w, scale, src, dst, true, false)                                                     \
                     : NAME##_as(chi, runs, w, scale, src, dst, false, false);                                                   \
        return w ? NAME##_as(chi, runs, w, scale, src, dst, true, true) : NAME##_as(chi, runs, w, scale, src, dst, false, true); \
    }

DEFINE_WEIGH(weigh_c, float, 2)
DEFINE_WEIGH(weigh_s, float, 1)

static const bf_weigh_kernels_t *kernels(void)
{
    return BF_CPU_PICK(bf_weigh_kernels);
}

double bf_weigh(bf_type_t type, bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const void *src, void *dst)
{
    switch (type) {
    case BF_TYPE_Z:
        return kernels()->z(chi, blocks, w, scale, src, dst);
    case BF_TYPE_C:
        return weigh_c(chi, blocks, w, scale, src, dst);
    case BF_TYPE_D:
        return kernels()->d(chi, blocks, w, scale, src, dst);
    case BF_TYPE_S:
    default:
        return weigh_s(chi, blocks, w, scale, src, dst);
    }
}

double bf_largest(const double *x, bf_dim_t n)
{
    return kernels()->largest(x, n);
}

double bf_max_abs(bf_type_t type, size_t count, const void *src)
{
    const size_t parts = bf_type_is_real(type) ? count : 2 * count;
    double max = 0.0;
    for (size_t i = 0; i < parts; i++) {
        const double x = bf_type_is_single(type) ? (double)((const float *)src)[i] : ((const double *)src)[i];
        if (!isfinite(x))
            return INFINITY;
        max = fmax(max, fabs(x));
    }
    return max;
}
