/* Row weights, norms and largest errors. Compiled once per instruction set; BF_ISA names this one.
 *
 * Where a run does not fill its last register, that register begins earlier and what was counted already is masked: the runs of
 * small bonds are hardly longer than a register, and a loop over single elements would take most of the time. */
#include <math.h>

#include "kernels/vec_isa.h"
#include "kernels/weigh_isa.h"

#define SUM_RUN 16 /* registers added plainly before the compensated sum takes them */

/* Kahan's sum, lane by lane: thousands of runs would otherwise cost three digits. */
typedef struct total {
    bf_vec_t sum, lost;
} total_t;

BF_INLINE void total_add(total_t *total, bf_vec_t run)
{
    const bf_vec_t y = run - total->lost, t = total->sum + y;
    total->lost = (t - total->sum) - y;
    total->sum = t;
}

/* The weights of the elements in one register from element i on. */
BF_INLINE bf_vec_t weights(const double *w, bf_dim_t i, const int parts)
{
    if (parts == 2)
        return (bf_vec_t)BF_LOAD_TWICE(w + i);
    return *(const bf_vec_t *)(w + i);
}

/* chi elements shorter than a register, blocks times. */
BF_INLINE double weigh_short(bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const double *src, double *dst,
                             const int parts)
{
    double sum = 0.0, lost = 0.0;
    for (bf_dim_t run = 0; run < blocks; run++) {
        double squares = 0.0;
        for (bf_dim_t i = 0; i < parts * chi; i++) {
            const double x = src[parts * chi * run + i] * (w ? w[i / parts] * scale : scale);
            squares += x * x;
            if (dst)
                dst[parts * chi * run + i] = x;
        }
        const double y = squares - lost, t = sum + y;
        lost = (t - sum) - y;
        sum = t;
    }
    return sum;
}

/* reals: length of a run in doubles, at least a register. */
BF_INLINE double weigh_runs(bf_dim_t reals, bf_dim_t blocks, const double *w, double scale, const double *src, double *dst,
                            const int parts, const bool weighted, const bool store)
{
    static const double masks[2 * BF_LANES] = {
        [BF_LANES] = 1,
        1,
#if BF_LANES > 2
        1,
        1,
#endif
#if BF_LANES > 4
        1,
        1,
        1,
        1
#endif
    };
    const bf_dim_t tail = reals % BF_LANES, whole = reals - tail, last = reals - BF_LANES;
    const bf_vec_t mask = *(const bf_vec_t *)(masks + tail);
    bf_vec_t factor = (bf_vec_t){0.0} + scale;
    total_t total = {{0.0}, {0.0}};
    for (bf_dim_t run = 0; run < blocks; run++, src += reals, dst += store ? reals : 0) {
        const bf_vec_t end = *(const bf_vec_t *)(src + last); /* before dst, which may be src, overwrites it */
        bf_vec_t squares = {0.0};
        for (bf_dim_t i = 0; i < whole; i += BF_LANES) {
            if (weighted)
                factor = weights(w, i / parts, parts) * scale;
            const bf_vec_t x = *(const bf_vec_t *)(src + i) * factor;
            squares += x * x;
            if (store)
                *(bf_vec_t *)(dst + i) = x;
            if (i / BF_LANES % SUM_RUN == SUM_RUN - 1) {
                total_add(&total, squares);
                squares = (bf_vec_t){0.0};
            }
        }
        if (tail > 0) {
            if (weighted)
                factor = weights(w, last / parts, parts) * scale;
            const bf_vec_t x = end * factor;
            squares += x * x * mask;
            if (store)
                *(bf_vec_t *)(dst + last) = x;
        }
        total_add(&total, squares);
    }
    return bf_vec_sum(&total.sum);
}

BF_INLINE double weigh(bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const double *src, double *dst,
                       const int parts)
{
    if (!w) { /* the whole block is one run */
        chi *= blocks;
        blocks = 1;
    }
    if (parts * chi < BF_LANES)
        return weigh_short(chi, blocks, w, scale, src, dst, parts);
    if (!dst)
        return w ? weigh_runs(parts * chi, blocks, w, scale, src, dst, parts, true, false)
                 : weigh_runs(parts * chi, blocks, w, scale, src, dst, parts, false, false);
    return w ? weigh_runs(parts * chi, blocks, w, scale, src, dst, parts, true, true)
             : weigh_runs(parts * chi, blocks, w, scale, src, dst, parts, false, true);
}

static double weigh_z(bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const double *src, double *dst)
{
    return weigh(chi, blocks, w, scale, src, dst, 2);
}

static double weigh_d(bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const double *src, double *dst)
{
    return weigh(chi, blocks, w, scale, src, dst, 1);
}

/* The larger magnitude in each lane; what is not smaller or equal wins, so that a NaN sticks. */
BF_INLINE bf_vec_t larger(bf_vec_t most, bf_vec_t x)
{
    const bf_vec_t size = (bf_vec_t)((bf_mask_t)x & INT64_MAX);
    const bf_mask_t smaller = (bf_mask_t)(size <= most);
    return (bf_vec_t)(((bf_mask_t)most & smaller) | ((bf_mask_t)size & ~smaller));
}

static double largest(const double *x, bf_dim_t n)
{
    double most = 0.0;
    if (n < BF_LANES) {
        for (bf_dim_t i = 0; i < n; i++)
            most = fabs(x[i]) <= most ? most : fabs(x[i]);
        return most;
    }
    bf_vec_t lanes = {0.0};
    for (bf_dim_t i = 0; i + BF_LANES <= n; i += BF_LANES)
        lanes = larger(lanes, *(const bf_vec_t *)(x + i));
    lanes = larger(lanes, *(const bf_vec_t *)(x + n - BF_LANES));
    for (int i = 0; i < BF_LANES; i++)
        most = lanes[i] <= most ? most : lanes[i];
    return most;
}

const bf_weigh_kernels_t BF_PASTE(bf_weigh_kernels_, BF_ISA) = {weigh_z, weigh_d, largest};
