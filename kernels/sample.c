/* Sampling form and steps. All sums run in one order, wherever a vector stands among others. */
#include "kernels/sample.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/convert.h"

bf_dim_t bf_k_sample_form_dim(bf_dim_t chi_l, bf_dim_t k_r)
{
    return chi_l < BF_D * k_r ? chi_l : BF_D * k_r;
}

/* Pieces of the workspace: the site transposed, the matrix that is factorised, the reflectors' scalars, LAPACK's. */
typedef struct pieces {
    void *converted;
    void *transposed;
    void *matrix;
    void *tau;
    void *work;
} pieces_t;

static size_t cut(void *base, bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r, bf_dim_t k_r, pieces_t *pieces)
{
    bf_carve_t c = {.base = base};
    pieces->converted = bf_carve_block(&c, type, chi_l, BF_D * chi_r);
    pieces->transposed = bf_carve_block(&c, type, chi_r, BF_D * chi_l);
    pieces->matrix = bf_carve_block(&c, type, BF_D * k_r, chi_l);
    pieces->tau = bf_carve_block(&c, type, chi_l, 1);
    pieces->work = bf_carve(&c, bf_qr_worksize(type, chi_l));
    return c.used;
}

size_t bf_k_sample_form_worksize(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r, bf_dim_t k_r)
{
    pieces_t pieces;
    return cut(NULL, type, chi_l, chi_r, k_r, &pieces);
}

/* out[r + chi_r (l + chi_l s)] = b[l + chi_l (s + 2 r)], in tiles that a cache holds. */
#define TILE 16

static void transpose(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r, const void *b, void *out)
{
    const bool real = bf_type_is_real(type);
    for (bf_dim_t s = 0; s < BF_D; s++)
        for (bf_dim_t r0 = 0; r0 < chi_r; r0 += TILE)
            for (bf_dim_t l0 = 0; l0 < chi_l; l0 += TILE)
                for (bf_dim_t l = l0; l < chi_l && l < l0 + TILE; l++)
                    for (bf_dim_t r = r0; r < chi_r && r < r0 + TILE; r++) {
                        const bf_dim_t from = l + chi_l * (s + BF_D * r), to = r + chi_r * (l + chi_l * s);
                        if (real)
                            ((double *)out)[to] = ((const double *)b)[from];
                        else
                            ((bf_z_t *)out)[to] = ((const bf_z_t *)b)[from];
                    }
}

static bool all_finite(bf_type_t type, const void *a, size_t count)
{
    const double *x = a;
    const size_t reals = count * (bf_type_is_real(type) ? 1 : 2);
    for (size_t i = 0; i < reals; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* The upper triangle of the factorised matrix, zeros below. */
static void take_triangle(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_dim_t k, const void *a, void *out)
{
    const size_t size = bf_type_size(type);
    for (bf_dim_t j = 0; j < n; j++) {
        const bf_dim_t used = j + 1 < k ? j + 1 : k;
        char *column = (char *)out + (size_t)(j * k) * size;
        memcpy(column, (const char *)a + (size_t)(j * m) * size, (size_t)used * size);
        memset(column + (size_t)used * size, 0, (size_t)(k - used) * size);
    }
}

bf_status_t bf_k_sample_form(const bf_tensor_t *site, const void *carry, bf_dim_t k_r, bf_type_t type, bf_type_t stored,
                             void *form, void *out, void *work)
{
    assert(type == BF_TYPE_Z || type == BF_TYPE_D);
    const bf_dim_t chi_l = site->chi_l, chi_r = site->chi_r, m = BF_D * k_r;
    const bf_dim_t k_l = bf_k_sample_form_dim(chi_l, k_r);
    pieces_t p;
    cut(work, type, chi_l, chi_r, k_r, &p);
    char *room = p.converted;
    transpose(type, chi_l, chi_r, bf_block_as(site, type, &room), p.transposed);
    for (bf_dim_t s = 0; s < BF_D; s++)
        bf_gemm(type, BF_N, BF_N, k_r, chi_l, chi_r, 1.0, carry, k_r,
                (char *)p.transposed + (size_t)(s * chi_r * chi_l) * bf_type_size(type), chi_r, 0.0,
                (char *)p.matrix + (size_t)(s * k_r) * bf_type_size(type), m);
    if (!all_finite(type, p.matrix, (size_t)(m * chi_l)))
        return BF_ERR_NAN;
    if (bf_geqrf(type, m, chi_l, p.matrix, p.tau, p.work) != 0)
        return BF_ERR_NAN;
    take_triangle(type, m, chi_l, k_l, p.matrix, out);
    if (bf_ungqr(type, m, k_l, p.matrix, p.tau, p.work) != 0)
        return BF_ERR_NAN;
    bf_convert_block(type, p.matrix, stored, form, (size_t)(m * k_l));
    return BF_OK;
}

double bf_k_sample_step_flops(bf_type_t type, bf_dim_t k_l, bf_dim_t k_r, bf_dim_t m)
{
    return (bf_type_is_real(type) ? 4.0 : 16.0) * (double)k_l * (double)k_r * (double)m;
}

/* Sum of squares in eight strands, added in a fixed order: fast without leave to reorder. */
#define STRANDS 8
#define DEFINE_SQUARE(name, real_t)                                                                                              \
    static double name(const real_t *x, bf_dim_t n)                                                                              \
    {                                                                                                                            \
        double strand[STRANDS] = {0};                                                                                            \
        bf_dim_t i = 0;                                                                                                          \
        for (; i + STRANDS <= n; i += STRANDS)                                                                                   \
            for (int k = 0; k < STRANDS; k++)                                                                                    \
                strand[k] += (double)x[i + k] * (double)x[i + k];                                                                \
        for (int k = 0; i < n; i++, k++)                                                                                         \
            strand[k] += (double)x[i] * (double)x[i];                                                                            \
        return ((strand[0] + strand[4]) + (strand[2] + strand[6])) + ((strand[1] + strand[5]) + (strand[3] + strand[7]));        \
    }
DEFINE_SQUARE(square_d, double)
DEFINE_SQUARE(square_s, float)

void bf_k_sample_step(bf_type_t type, bf_dim_t k_l, bf_dim_t k_r, bf_dim_t m, const void *form, const void *v, void *both,
                      double *p)
{
    bf_gemm(type, BF_N, BF_N, BF_D * k_r, m, k_l, 1.0, form, BF_D * k_r, v, k_l, 0.0, both, BF_D * k_r);
    const bf_dim_t reals = bf_type_is_real(type) ? k_r : 2 * k_r;
    for (bf_dim_t i = 0; i < BF_D * m; i++)
        p[i] = bf_type_is_single(type) ? square_s((const float *)both + i * reals, reals)
                                       : square_d((const double *)both + i * reals, reals);
}

void bf_k_sample_keep(bf_type_t type, bf_dim_t k_r, const void *both, bf_dim_t i, int outcome, double scale, void *out)
{
    const bf_dim_t reals = bf_type_is_real(type) ? k_r : 2 * k_r;
    const bf_dim_t from = (BF_D * i + outcome) * reals;
    if (bf_type_is_single(type)) {
        const float *x = (const float *)both + from, f = (float)scale;
        for (bf_dim_t r = 0; r < reals; r++)
            ((float *)out)[r] = f * x[r];
    } else {
        const double *x = (const double *)both + from;
        for (bf_dim_t r = 0; r < reals; r++)
            ((double *)out)[r] = scale * x[r];
    }
}

size_t bf_k_sample_compress_worksize(bf_type_t type, bf_dim_t k, bf_dim_t columns)
{
    const size_t size = bf_type_size(type);
    return bf_align_up((size_t)(columns * k) * size) + bf_align_up((size_t)k * size) + bf_qr_worksize(type, k);
}

/* out (columns x rows) = a^H. */
static void adjoint(bf_type_t type, bf_dim_t rows, bf_dim_t columns, const void *a, bf_dim_t lda, void *out)
{
    for (bf_dim_t j = 0; j < columns; j++)
        for (bf_dim_t i = 0; i < rows; i++) {
            const bf_dim_t from = i + lda * j, to = j + columns * i;
            switch (type) {
            case BF_TYPE_Z:
                ((bf_z_t *)out)[to] = conj(((const bf_z_t *)a)[from]);
                break;
            case BF_TYPE_C:
                ((float _Complex *)out)[to] = conjf(((const float _Complex *)a)[from]);
                break;
            case BF_TYPE_D:
                ((double *)out)[to] = ((const double *)a)[from];
                break;
            case BF_TYPE_S:
            default:
                ((float *)out)[to] = ((const float *)a)[from];
                break;
            }
        }
}

bf_status_t bf_k_sample_compress(bf_type_t type, bf_dim_t k, bf_dim_t columns, const void *x, void *out, void *work)
{
    assert(columns >= k);
    const size_t size = bf_type_size(type);
    char *const a = work;
    char *const tau = a + bf_align_up((size_t)(columns * k) * size);
    adjoint(type, k, columns, x, k, a);
    if (bf_geqrf(type, columns, k, a, tau, tau + bf_align_up((size_t)k * size)) != 0)
        return BF_ERR_NAN;
    for (bf_dim_t j = 0; j < k; j++) /* zeros below the triangle, then its adjoint */
        memset(a + (size_t)(j * columns + j + 1) * size, 0, (size_t)(k - j - 1) * size);
    adjoint(type, k, k, a, columns, out);
    return BF_OK;
}

void bf_k_sample_one(bf_type_t type, void *x)
{
    const double one = 1.0;
    bf_convert_block(BF_TYPE_D, &one, type, x, 1);
}
