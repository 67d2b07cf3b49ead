/* y = A x from the lower triangle. Compiled once per instruction set; BF_ISA names this one.
 *
 * Four columns at a time. Below their 4 x 4 diagonal block each vector of a column serves twice: added to y times a scalar of x,
 * and multiplied into a dot product with x for the mirrored row. Complex numbers stay interleaved: products with the real and the
 * imaginary part of a scalar are accumulated apart and combined once per row, so no shuffle is spent on the matrix. */
#include <string.h>

#include "kernels/hemv_isa.h"
#include "kernels/vec_isa.h"

#define COLUMNS BF_HEMV_COLUMNS

typedef bf_vec_t vec;

BF_INLINE void diagonal_z(bf_dim_t j, bf_dim_t width, const double *a, bf_dim_t lda, const double *x, double *y)
{
    for (bf_dim_t c = j; c < j + width; c++) {
        y[2 * c] += a[2 * (c + c * lda)] * x[2 * c];
        y[2 * c + 1] += a[2 * (c + c * lda)] * x[2 * c + 1];
        for (bf_dim_t i = c + 1; i < j + width; i++) {
            const double re = a[2 * (i + c * lda)], im = a[2 * (i + c * lda) + 1];
            y[2 * i] += re * x[2 * c] - im * x[2 * c + 1];
            y[2 * i + 1] += re * x[2 * c + 1] + im * x[2 * c];
            y[2 * c] += re * x[2 * i] + im * x[2 * i + 1];
            y[2 * c + 1] += re * x[2 * i + 1] - im * x[2 * i];
        }
    }
}

/* Columns j .. j+columns-1 and their mirrored rows. */
BF_INLINE void block_z(bf_dim_t n, bf_dim_t j, const int columns, const double *a, bf_dim_t lda, const double *x, double *y)
{
    const vec sign = BF_SIGNS;
    const double *col[COLUMNS];
    vec direct[COLUMNS], crossed[COLUMNS], re_of[COLUMNS], im_of[COLUMNS]; /* the last two: of x, in every lane */
    diagonal_z(j, columns, a, lda, x, y);
    for (int c = 0; c < columns; c++) {
        col[c] = a + 2 * (j + c) * lda;
        direct[c] = crossed[c] = (vec){0.0};
        re_of[c] = (vec){0.0} + x[2 * (j + c)];
        im_of[c] = (vec){0.0} + x[2 * (j + c) + 1];
    }
    bf_dim_t i = j + columns;
    for (; i + BF_LANES / 2 <= n; i += BF_LANES / 2) {
        const vec xi = *(const vec *)(x + 2 * i), xs = BF_EXCHANGE(xi);
        vec by_re = {0.0}, by_im = {0.0};
        for (int c = 0; c < columns; c++) {
            const vec e = *(const vec *)(col[c] + 2 * i);
            by_re += e * re_of[c];
            by_im += e * im_of[c];
            direct[c] += e * xi;
            crossed[c] += e * xs;
        }
        *(vec *)(y + 2 * i) += by_re + sign * BF_EXCHANGE(by_im);
    }
    for (int c = 0; c < columns; c++) {
        const vec turned = -sign * crossed[c];
        double re = bf_vec_sum(&direct[c]), im = bf_vec_sum(&turned);
        const double *xc = x + 2 * (j + c);
        for (bf_dim_t r = i; r < n; r++) {
            const double *e = col[c] + 2 * r;
            y[2 * r] += e[0] * xc[0] - e[1] * xc[1];
            y[2 * r + 1] += e[0] * xc[1] + e[1] * xc[0];
            re += e[0] * x[2 * r] + e[1] * x[2 * r + 1];
            im += e[0] * x[2 * r + 1] - e[1] * x[2 * r];
        }
        y[2 * (j + c)] += re;
        y[2 * (j + c) + 1] += im;
    }
}

BF_INLINE void block_d(bf_dim_t n, bf_dim_t j, const int columns, const double *a, bf_dim_t lda, const double *x, double *y)
{
    const double *col[COLUMNS];
    vec dot[COLUMNS], x_of[COLUMNS];
    for (bf_dim_t c = j; c < j + columns; c++) {
        y[c] += a[c + c * lda] * x[c];
        for (bf_dim_t i = c + 1; i < j + columns; i++) {
            y[i] += a[i + c * lda] * x[c];
            y[c] += a[i + c * lda] * x[i];
        }
    }
    for (int c = 0; c < columns; c++) {
        col[c] = a + (j + c) * lda;
        dot[c] = (vec){0.0};
        x_of[c] = (vec){0.0} + x[j + c];
    }
    bf_dim_t i = j + columns;
    for (; i + BF_LANES <= n; i += BF_LANES) {
        const vec xi = *(const vec *)(x + i);
        vec sum = {0.0};
        for (int c = 0; c < columns; c++) {
            const vec e = *(const vec *)(col[c] + i);
            sum += e * x_of[c];
            dot[c] += e * xi;
        }
        *(vec *)(y + i) += sum;
    }
    for (int c = 0; c < columns; c++) {
        double sum = bf_vec_sum(&dot[c]);
        for (bf_dim_t r = i; r < n; r++) {
            y[r] += col[c][r] * x[j + c];
            sum += col[c][r] * x[r];
        }
        y[j + c] += sum;
    }
}

#define CASE(BLOCK, COUNT)                                                                                                       \
    case COUNT:                                                                                                                  \
        BLOCK(n, j, COUNT, a, lda, x, y);                                                                                        \
        break;
#define DEFINE_HEMV(NAME, BLOCK, PARTS)                                                                                          \
    static void NAME(bf_dim_t n, bf_dim_t first, const double *a, bf_dim_t lda, const double *x, double *y)                      \
    {                                                                                                                            \
        memset(y, 0, (size_t)(PARTS * n) * sizeof(double));                                                                      \
        bf_dim_t width = first < n ? first : n;                                                                                  \
        for (bf_dim_t j = 0; j < n; j += width, width = n - j < COLUMNS ? n - j : COLUMNS) {                                     \
            switch (width) {                                                                                                     \
                CASE(BLOCK, 1)                                                                                                   \
                CASE(BLOCK, 2)                                                                                                   \
                CASE(BLOCK, 3)                                                                                                   \
                CASE(BLOCK, 4)                                                                                                   \
            }                                                                                                                    \
        }                                                                                                                        \
    }

DEFINE_HEMV(hemv_z, block_z, 2)
DEFINE_HEMV(hemv_d, block_d, 1)

const bf_hemv_kernels_t BF_PASTE(bf_hemv_kernels_, BF_ISA) = {hemv_z, hemv_d};
