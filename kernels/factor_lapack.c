/* The two LAPACK singular value decompositions as factorisation methods. */
#include <math.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/factor_method.h"

static bf_dim_t min_dim(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

/* Singular values of the element's own precision into doubles; in place when they are doubles already. */
static void widen(bf_type_t type, const void *s, double *sigma, bf_dim_t n)
{
    for (bf_dim_t i = 0; i < n; i++)
        sigma[i] = bf_type_is_single(type) ? (double)((const float *)s)[i] : ((const double *)s)[i];
}

/* Keep the first rows of vh, stored with leading dimension ld at src, and the first values. */
static bf_status_t keep_rows(bf_split_t *split, const void *src, bf_dim_t ld, double *squares)
{
    const bf_dim_t count = min_dim(split->m, split->n);
    for (bf_dim_t i = 0; i < count; i++)
        squares[i] = split->sigma[i] * split->sigma[i];
    const bf_status_t status = bf_truncate(squares, count, split->cut, &split->trunc);
    if (status != BF_OK)
        return BF_ERR_SVD;
    const size_t row = (size_t)split->trunc.keep * bf_type_size(split->type);
    const size_t step = (size_t)ld * bf_type_size(split->type);
    for (bf_dim_t j = 0; j < split->n; j++)
        memmove((char *)split->vh + (size_t)j * row, (const char *)src + (size_t)j * step, row);
    return BF_OK;
}

static size_t gesdd_worksize(const bf_split_t *split)
{
    const bf_type_t type = split->type;
    const bf_dim_t m = split->m, n = split->n, k = min_dim(m, n);
    return 2 * bf_align_up((size_t)k * sizeof(double)) + bf_align_up((size_t)(m * k) * bf_type_size(type)) +
           bf_gesdd_worksize(type, m, n);
}

static bf_status_t gesdd_run(bf_split_t *split, void *work)
{
    const bf_dim_t m = split->m, n = split->n, k = min_dim(m, n);
    bf_carve_t carve = {work, 0};
    double *s = bf_carve_reals(&carve, k), *squares = bf_carve_reals(&carve, k);
    void *u = bf_carve_block(&carve, split->type, m, k);
    if (bf_gesdd(split->type, m, n, split->theta, s, u, split->vh, bf_carve_rest(&carve)) != 0)
        return BF_ERR_SVD;
    widen(split->type, s, split->sigma, k);
    return keep_rows(split, split->vh, k, squares);
}

const bf_method_ops_t bf_method_gesdd = {"gesdd", gesdd_worksize, gesdd_run};

static size_t gesvd_worksize(const bf_split_t *split)
{
    const bf_type_t type = split->type;
    const bf_dim_t m = split->m, n = split->n;
    return 2 * bf_align_up((size_t)min_dim(m, n) * sizeof(double)) + bf_gesvd_worksize(type, m, n);
}

static bf_status_t gesvd_run(bf_split_t *split, void *work)
{
    const bf_dim_t k = min_dim(split->m, split->n);
    bf_carve_t carve = {work, 0};
    double *s = bf_carve_reals(&carve, k), *squares = bf_carve_reals(&carve, k);
    if (bf_gesvd(split->type, split->m, split->n, split->theta, s, bf_carve_rest(&carve)) != 0)
        return BF_ERR_SVD;
    widen(split->type, s, split->sigma, k);
    return keep_rows(split, split->theta, split->m, squares);
}

const bf_method_ops_t bf_method_gesvd = {"gesvd", gesvd_worksize, gesvd_run};
