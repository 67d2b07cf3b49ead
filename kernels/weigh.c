/* Row weights and norms. Complex elements are pairs of reals: weighting and squaring act on each part alike. */
#include "kernels/weigh.h"

#include <math.h>

#define LANES 8

/* One block: LANES running sums, so that the compiler may vectorise without reordering anything it was not told to. */
#define DEFINE_WEIGH(NAME, T, PARTS)                                                                                             \
    static double NAME(bf_dim_t chi, const double *w, double scale, const T *src, T *dst)                                        \
    {                                                                                                                            \
        double sum[LANES] = {0.0};                                                                                               \
        bf_dim_t i = 0;                                                                                                          \
        for (; i + LANES / PARTS <= chi; i += LANES / PARTS) {                                                                   \
            for (int j = 0; j < LANES; j++) {                                                                                    \
                const double x = (double)src[PARTS * i + j] * (w ? w[i + j / PARTS] * scale : scale);                            \
                sum[j] += x * x;                                                                                                 \
                if (dst)                                                                                                         \
                    dst[PARTS * i + j] = (T)x;                                                                                   \
            }                                                                                                                    \
        }                                                                                                                        \
        for (; i < chi; i++) {                                                                                                   \
            for (int j = 0; j < PARTS; j++) {                                                                                    \
                const double x = (double)src[PARTS * i + j] * (w ? w[i] * scale : scale);                                        \
                sum[j] += x * x;                                                                                                 \
                if (dst)                                                                                                         \
                    dst[PARTS * i + j] = (T)x;                                                                                   \
            }                                                                                                                    \
        }                                                                                                                        \
        return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));                                \
    }

DEFINE_WEIGH(weigh_z, double, 2)
DEFINE_WEIGH(weigh_c, float, 2)
DEFINE_WEIGH(weigh_d, double, 1)
DEFINE_WEIGH(weigh_s, float, 1)

static double weigh_block(bf_type_t type, bf_dim_t chi, const double *w, double scale, const void *src, void *dst)
{
    switch (type) {
    case BF_TYPE_Z:
        return weigh_z(chi, w, scale, src, dst);
    case BF_TYPE_C:
        return weigh_c(chi, w, scale, src, dst);
    case BF_TYPE_D:
        return weigh_d(chi, w, scale, src, dst);
    case BF_TYPE_S:
    default:
        return weigh_s(chi, w, scale, src, dst);
    }
}

double bf_weigh(bf_type_t type, bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const void *src, void *dst)
{
    const size_t step = (size_t)chi * bf_type_size(type);
    double sum = 0.0, lost = 0.0;
    for (bf_dim_t i = 0; i < blocks; i++) {
        const char *from = (const char *)src + (size_t)i * step;
        char *to = dst ? (char *)dst + (size_t)i * step : NULL;
        /* Kahan: thousands of columns would otherwise cost three digits. */
        const double y = weigh_block(type, chi, w, scale, from, to) - lost;
        const double t = sum + y;
        lost = isfinite(t) ? (t - sum) - y : 0.0;
        sum = t;
    }
    return sum;
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
