/* y = A x from the lower triangle. Compiled once per instruction set; BF_ISA names this one.
 *
 * Four columns at a time. Below their 4 x 4 diagonal block each vector of a column serves twice: added to y times a scalar of x,
 * and multiplied into a dot product with x for the mirrored row. Complex numbers stay interleaved: products with the real and the
 * imaginary part of a scalar are accumulated apart and combined once per row, so no shuffle is spent on the matrix. */
#include <string.h>

#include "kernels/hemv_isa.h"
#include "kernels/vec_isa.h"

#define COLUMNS 4

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

static void hemv_z(bf_dim_t n, const double *a, bf_dim_t lda, const double *x, double *y)
{
    const vec sign = BF_SIGNS;
    memset(y, 0, (size_t)(2 * n) * sizeof(double));
    for (bf_dim_t j = 0; j < n; j += COLUMNS) {
        const bf_dim_t width = n - j < COLUMNS ? n - j : COLUMNS;
        diagonal_z(j, width, a, lda, x, y);
        if (width < COLUMNS)
            break;
        const double *col[COLUMNS];
        vec direct[COLUMNS], crossed[COLUMNS];
        for (int c = 0; c < COLUMNS; c++) {
            col[c] = a + 2 * (j + c) * lda;
            direct[c] = crossed[c] = (vec){0.0};
        }
        bf_dim_t i = j + COLUMNS;
        for (; i + BF_LANES / 2 <= n; i += BF_LANES / 2) {
            const vec xi = *(const vec *)(x + 2 * i), xs = BF_EXCHANGE(xi);
            vec by_re = {0.0}, by_im = {0.0};
            for (int c = 0; c < COLUMNS; c++) {
                const vec e = *(const vec *)(col[c] + 2 * i);
                by_re += e * x[2 * (j + c)];
                by_im += e * x[2 * (j + c) + 1];
                direct[c] += e * xi;
                crossed[c] += e * xs;
            }
            *(vec *)(y + 2 * i) += by_re + sign * BF_EXCHANGE(by_im);
        }
        for (int c = 0; c < COLUMNS; c++) {
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
}

static void hemv_d(bf_dim_t n, const double *a, bf_dim_t lda, const double *x, double *y)
{
    memset(y, 0, (size_t)n * sizeof(double));
    for (bf_dim_t j = 0; j < n; j += COLUMNS) {
        const bf_dim_t width = n - j < COLUMNS ? n - j : COLUMNS;
        for (bf_dim_t c = j; c < j + width; c++) {
            y[c] += a[c + c * lda] * x[c];
            for (bf_dim_t i = c + 1; i < j + width; i++) {
                y[i] += a[i + c * lda] * x[c];
                y[c] += a[i + c * lda] * x[i];
            }
        }
        if (width < COLUMNS)
            break;
        const double *col[COLUMNS];
        vec dot[COLUMNS];
        for (int c = 0; c < COLUMNS; c++) {
            col[c] = a + (j + c) * lda;
            dot[c] = (vec){0.0};
        }
        bf_dim_t i = j + COLUMNS;
        for (; i + BF_LANES <= n; i += BF_LANES) {
            const vec xi = *(const vec *)(x + i);
            vec sum = {0.0};
            for (int c = 0; c < COLUMNS; c++) {
                const vec e = *(const vec *)(col[c] + i);
                sum += e * x[j + c];
                dot[c] += e * xi;
            }
            *(vec *)(y + i) += sum;
        }
        for (int c = 0; c < COLUMNS; c++) {
            double sum = bf_vec_sum(&dot[c]);
            for (bf_dim_t r = i; r < n; r++) {
                y[r] += col[c][r] * x[j + c];
                sum += col[c][r] * x[r];
            }
            y[j + c] += sum;
        }
    }
}

const bf_hemv_kernels_t BF_PASTE(bf_hemv_kernels_, BF_ISA) = {hemv_z, hemv_d};
