/* QR, LQ and SVD of a site, packed as the shapes of a chain want them. */
#include "kernels/orthogonalise.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/convert.h"
#include "kernels/denormals.h"
#include "kernels/transfer.h"
#include "kernels/weigh.h"

static bf_dim_t min_dim(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

static void set_shape(bf_tensor_t *t, bf_type_t type, bf_dim_t chi_l, bf_dim_t d, bf_dim_t chi_r)
{
    *t = (bf_tensor_t){.type = type, .weight = BF_WEIGHT_NONE, .chi_l = chi_l, .d = d, .chi_r = chi_r, .b = t->b};
}

/* Absorbing. */

size_t bf_k_absorb_worksize(const bf_tensor_t *carry, const bf_tensor_t *site)
{
    const bf_type_t type = bf_k_transfer_type(site->type, carry->type);
    return bf_block_as_bytes(site, type) + bf_block_as_bytes(carry, type);
}

void bf_k_absorb_left(const bf_tensor_t *carry, const bf_tensor_t *site, bf_tensor_t *out, void *work)
{
    assert(carry->chi_r == site->chi_l);
    const bf_type_t type = bf_k_transfer_type(site->type, carry->type);
    const bf_dim_t a = carry->chi_l, l = site->chi_l, n = site->d * site->chi_r;
    char *next = work;
    const void *m = bf_block_as(carry, type, &next);
    const void *b = bf_block_as(site, type, &next);
    set_shape(out, type, a, site->d, site->chi_r);
    bf_gemm(type, BF_N, BF_N, a, n, l, 1.0, m, a, b, l, 0.0, out->b, a);
}

void bf_k_absorb_right(const bf_tensor_t *carry, const bf_tensor_t *site, bf_tensor_t *out, void *work)
{
    assert(carry->chi_l == site->chi_r);
    const bf_type_t type = bf_k_transfer_type(site->type, carry->type);
    const bf_dim_t a = carry->chi_r, r = site->chi_r, m = site->chi_l * site->d;
    char *next = work;
    const void *c = bf_block_as(carry, type, &next);
    const void *b = bf_block_as(site, type, &next);
    set_shape(out, type, site->chi_l, site->d, a);
    bf_gemm(type, BF_N, BF_N, m, a, r, 1.0, b, m, c, r, 0.0, out->b, m);
}

/* Pushing. */

bf_dim_t bf_k_push_right_dim(const bf_tensor_t *centre)
{
    return min_dim(centre->d * centre->chi_l, centre->chi_r);
}

bf_dim_t bf_k_push_left_dim(const bf_tensor_t *centre)
{
    return min_dim(centre->chi_l, centre->d * centre->chi_r);
}

/** What the SVD needs; with base NULL only measured. */
typedef struct svd_room {
    double *sigma, *squares;
    void *copy, *u, *vh, *rest;
} svd_room_t;

static svd_room_t svd_room(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_carve_t *carve)
{
    const bf_dim_t k = min_dim(m, n);
    svd_room_t room = {.sigma = bf_carve_reals(carve, k), .squares = bf_carve_reals(carve, k)};
    room.copy = bf_carve_block(carve, type, m, n);
    room.vh = bf_carve_block(carve, type, k, n);
    room.u = bf_carve_block(carve, type, m, k);
    room.rest = bf_carve_rest(carve);
    return room;
}

size_t bf_k_push_worksize(const bf_tensor_t *centre)
{
    const bf_type_t type = centre->type;
    const bf_dim_t l = centre->chi_l, r = centre->chi_r, d = centre->d;
    const bf_dim_t most = d * (l > r ? l : r);
    const size_t gesdd = bf_gesdd_worksize(type, l, d * r), gesvd = bf_gesvd_worksize(type, l, d * r);
    bf_carve_t svd = {NULL, 0}, qr = {NULL, 0};
    svd_room(type, l, d * r, &svd);
    bf_carve_block(&qr, type, most, 1);
    bf_carve_block(&qr, type, l * d, r);
    qr.used += bf_qr_worksize(type, most);
    const size_t svd_bytes = svd.used + (gesdd > gesvd ? gesdd : gesvd);
    return svd_bytes > qr.used ? svd_bytes : qr.used;
}

/** The triangle of an m x n matrix at @p a (leading dimension m) as a packed matrix with zeros in the other triangle. */
static void take_triangle(bf_type_t type, bf_triangle_t triangle, bf_dim_t rows, bf_dim_t columns, const void *a, bf_dim_t lda,
                          void *out)
{
    const size_t element = bf_type_size(type);
    memset(out, 0, (size_t)(rows * columns) * element);
    for (bf_dim_t j = 0; j < columns; j++) {
        const bf_dim_t first = triangle == BF_LOWER ? j : 0;
        const bf_dim_t last = triangle == BF_LOWER ? rows : min_dim(j + 1, rows);
        if (first < last)
            memcpy((char *)out + (size_t)(j * rows + first) * element, (const char *)a + (size_t)(j * lda + first) * element,
                   (size_t)(last - first) * element);
    }
}

void bf_k_push_right(bf_tensor_t *centre, bf_tensor_t *carry, void *work)
{
    const unsigned mode = bf_denormals_off();
    const bf_type_t type = centre->type;
    const bf_dim_t m = centre->d * centre->chi_l, n = centre->chi_r, k = min_dim(m, n);
    bf_carve_t carve = {work, 0};
    void *tau = bf_carve_block(&carve, type, k, 1);
    void *rest = bf_carve_rest(&carve);
    const int first = bf_geqrf(type, m, n, centre->b, tau, rest);
    set_shape(carry, type, k, 1, n);
    take_triangle(type, BF_UPPER, k, n, centre->b, m, carry->b);
    const int second = bf_ungqr(type, m, k, centre->b, tau, rest);
    assert(first == 0 && second == 0); /* only wrong arguments can fail */
    (void)first;
    (void)second;
    centre->chi_r = k;
    bf_denormals_restore(mode);
}

void bf_k_push_left(bf_tensor_t *centre, bf_tensor_t *carry, void *work)
{
    const unsigned mode = bf_denormals_off();
    const bf_type_t type = centre->type;
    const bf_dim_t m = centre->chi_l, n = centre->d * centre->chi_r, k = min_dim(m, n);
    bf_carve_t carve = {work, 0};
    void *tau = bf_carve_block(&carve, type, k, 1);
    void *rest = bf_carve_rest(&carve);
    const int first = bf_gelqf(type, m, n, centre->b, tau, rest);
    set_shape(carry, type, m, 1, k);
    take_triangle(type, BF_LOWER, m, k, centre->b, m, carry->b);
    const int second = bf_unglq(type, k, n, centre->b, m, tau, rest);
    assert(first == 0 && second == 0);
    (void)first;
    (void)second;
    const size_t column = (size_t)k * bf_type_size(type), step = (size_t)m * bf_type_size(type);
    for (bf_dim_t j = 1; j < n && k < m; j++) /* the first k rows, packed */
        memmove((char *)centre->b + (size_t)j * column, (const char *)centre->b + (size_t)j * step, column);
    centre->chi_l = k;
    bf_denormals_restore(mode);
}

static double value_of(bf_type_t type, const void *s, bf_dim_t i)
{
    return bf_type_is_single(type) ? (double)((const float *)s)[i] : ((const double *)s)[i];
}

/** V^H, all of it, packed, and the singular values. */
static bf_status_t decompose(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *a, const svd_room_t *room)
{
    const bf_dim_t k = min_dim(m, n);
    const size_t bytes = (size_t)(m * n) * bf_type_size(type);
    void *s = room->squares;
    memcpy(room->copy, a, bytes);
    if (bf_gesdd(type, m, n, room->copy, s, room->u, room->vh, room->rest) != 0) {
        memcpy(room->copy, a, bytes);
        if (bf_gesvd(type, m, n, room->copy, s, room->rest) != 0)
            return BF_ERR_SVD;
        const size_t column = (size_t)k * bf_type_size(type), step = (size_t)m * bf_type_size(type);
        for (bf_dim_t j = 0; j < n; j++)
            memcpy((char *)room->vh + (size_t)j * column, (const char *)room->copy + (size_t)j * step, column);
    }
    for (bf_dim_t i = 0; i < k; i++)
        room->sigma[i] = value_of(type, s, i);
    return BF_OK;
}

bf_status_t bf_k_push_left_svd(bf_tensor_t *centre, const bf_cutoff_t *cut, bf_tensor_t *carry, void *work)
{
    const bf_type_t type = centre->type;
    const bf_dim_t m = centre->chi_l, n = centre->d * centre->chi_r, most = min_dim(m, n);
    bf_carve_t carve = {work, 0};
    const svd_room_t room = svd_room(type, m, n, &carve);
    bf_truncation_t truncation;
    if (!isfinite(bf_weigh(type, m, n, NULL, 1.0, centre->b, NULL)))
        return BF_ERR_NAN;
    const unsigned mode = bf_denormals_off();
    bf_status_t status = decompose(type, m, n, centre->b, &room);
    for (bf_dim_t i = 0; i < most && status == BF_OK; i++)
        room.squares[i] = room.sigma[i] * room.sigma[i];
    if (status == BF_OK)
        status = bf_truncate(room.squares, most, cut, &truncation);
    if (status != BF_OK) {
        bf_denormals_restore(mode);
        return status;
    }
    const bf_dim_t k = truncation.keep;
    const size_t element = bf_type_size(type);
    double norm2 = 0.0;
    for (bf_dim_t i = k; i-- > 0;)
        norm2 += room.squares[i];
    set_shape(carry, type, m, 1, k);
    /* U S = C V is exact for the V at hand, whatever method it came from. */
    bf_gemm(type, BF_N, BF_H, m, k, n, 1.0, centre->b, m, room.vh, most, 0.0, carry->b, m);
    bf_weigh(type, m, k, NULL, 1.0 / sqrt(norm2), carry->b, carry->b);
    char *payload = centre->w ? centre->w : centre->b;
    *centre = (bf_tensor_t){type, BF_WEIGHT_DIAG, k, centre->d, centre->chi_r, NULL, NULL};
    bf_tensor_attach(centre, payload);
    for (bf_dim_t i = 0; i < k; i++)
        ((double *)centre->w)[i] = room.sigma[i] / sqrt(norm2);
    for (bf_dim_t j = 0; j < n; j++)
        memcpy((char *)centre->b + (size_t)(j * k) * element, (const char *)room.vh + (size_t)(j * most) * element,
               (size_t)k * element);
    bf_denormals_restore(mode);
    return BF_OK;
}

/* Measuring. */

void bf_k_outcome_weights(const bf_tensor_t *centre, double p[2])
{
    const size_t run = (size_t)centre->chi_l * bf_type_size(centre->type);
    p[0] = p[1] = 0.0;
    for (bf_dim_t i = 0; i < BF_D * centre->chi_r; i++)
        p[i % BF_D] += bf_weigh(centre->type, centre->chi_l, 1, NULL, 1.0, (const char *)centre->b + (size_t)i * run, NULL);
}

void bf_k_project(bf_tensor_t *centre, int outcome, int into, double scale)
{
    const size_t run = (size_t)centre->chi_l * bf_type_size(centre->type);
    for (bf_dim_t r = 0; r < centre->chi_r; r++) {
        char *slices = (char *)centre->b + (size_t)(BF_D * r) * run;
        bf_weigh(centre->type, centre->chi_l, 1, NULL, scale, slices + (size_t)outcome * run, slices + (size_t)into * run);
        memset(slices + (size_t)(1 - into) * run, 0, run);
    }
}
