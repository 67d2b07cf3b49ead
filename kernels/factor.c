/* bf_k_factor(): weight the pair, let the methods of a chain try in turn, accept the first result that passes the check. */
#include "kernels/factor.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/denormals.h"
#include "kernels/factor_parts.h"
#include "kernels/weigh.h"

/* Worst orthonormality error seen from a healthy method is 5e-15 (double, m = 2048); single scales with its unit roundoff. */
#define ORTHO_DOUBLE 1e-12
#define ORTHO_SINGLE 3e-5
/* 1 - ||theta V||^2 / ||theta||^2 cannot resolve less than this; below it the method's own estimate is reported. */
#define EPS_FLOOR_DOUBLE 2e-14
#define EPS_FLOOR_SINGLE 1e-5
/* Outside of this range of ||theta||^2 the methods get a theta scaled by a power of two, so that squares stay in range. */
#define NORM2_MIN 1e-3
#define NORM2_MAX 1e3

/* How much more than its own estimate a method may have lost. */
#define LOSS_SLACK 1.05

/* Orthonormality is checked on the full Gram matrix up to this many vectors, by a few probe vectors above. */
#define PROBE_MIN 64
#define PROBES    4

#define CHAIN_MAX 4

static const bf_method_ops_t *const methods[BF_METHOD_COUNT] = {
    [BF_METHOD_GRAM] = &bf_method_gram,
    [BF_METHOD_GESDD] = &bf_method_gesdd,
    [BF_METHOD_GESVD] = &bf_method_gesvd,
};

const char *bf_method_name(bf_method_t method)
{
    return methods[method] ? methods[method]->name : "auto";
}

bool bf_method_parse(const char *name, bf_method_t *method)
{
    for (int i = 0; i < BF_METHOD_COUNT; i++) {
        if (strcmp(name, bf_method_name((bf_method_t)i)) == 0) {
            *method = (bf_method_t)i;
            return true;
        }
    }
    return false;
}

static bf_dim_t min_dim(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

/* Methods to try, in order; returns how many. The last ones are always the two of LAPACK. */
static int chain(bf_method_t wanted, const bf_method_ops_t *list[CHAIN_MAX])
{
    int count = 0;
    if (wanted == BF_METHOD_AUTO || wanted == BF_METHOD_GRAM)
        list[count++] = &bf_method_gram;
    if (wanted != BF_METHOD_GESVD)
        list[count++] = &bf_method_gesdd;
    list[count++] = &bf_method_gesvd;
    return count;
}

bf_dim_t bf_k_factor_bound(const bf_tensor_t *c, bf_dim_t rank_bound, const bf_factor_rule_t *rule)
{
    bf_dim_t bound = min_dim(2 * c->chi_l, 2 * c->chi_r);
    if (rank_bound > 0)
        bound = min_dim(bound, rank_bound);
    if (rule->cut.max_dim > 0)
        bound = min_dim(bound, rule->cut.max_dim);
    return bound;
}

double bf_k_factor_flops(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r)
{
    const double unit = bf_type_is_real(type) ? 2.0 : 8.0;
    const double m = 2.0 * (double)chi_l, n = 2.0 * (double)chi_r, k = m < n ? m : n;
    /* Gram matrix 1/2, tridiagonalisation 2/3 at a third of the speed, vectors and left site 1/2 each, one unit being m n k. */
    return unit * (3.5 * m * n * k);
}

static size_t check_bytes(bf_type_t type, bf_dim_t k, bf_dim_t n)
{
    bf_carve_t carve = {NULL, 0};
    if (k <= PROBE_MIN) {
        bf_carve_block(&carve, type, k, k);
    } else {
        bf_carve_block(&carve, type, k, PROBES);
        bf_carve_block(&carve, type, n, PROBES);
        bf_carve_block(&carve, type, k, PROBES);
    }
    /* The smaller of two k may want more. */
    const size_t gram = bf_align_up((size_t)(PROBE_MIN * PROBE_MIN) * bf_type_size(type));
    return carve.used > gram ? carve.used : gram;
}

/* Lay out what a factorisation needs. @return bytes */
static size_t lay_out(const bf_tensor_t *c, const bf_cutoff_t *cut, bf_method_t method, bf_parts_t *parts, void *work)
{
    const bf_method_ops_t *list[CHAIN_MAX];
    const int count = chain(method, list);
    const bf_dim_t m = 2 * c->chi_l, n = 2 * c->chi_r;
    *parts = (bf_parts_t){.split = {.type = c->type, .m = m, .n = n, .cut = cut}};
    return bf_parts_lay_out(parts, list, count, check_bytes(c->type, cut->max_dim, n), work);
}

size_t bf_k_factor_worksize(const bf_tensor_t *c, bf_dim_t rank_bound, const bf_factor_rule_t *rule)
{
    bf_cutoff_t cut = rule->cut;
    bf_parts_t parts;
    cut.max_dim = bf_k_factor_bound(c, rank_bound, rule);
    return lay_out(c, &cut, rule->method, &parts, NULL);
}

/* The pair as the methods see it: theta = scale * diag(w) C, with C possibly rescaled in place by a power of two. */
typedef struct pair {
    bf_tensor_t *c;
    bf_weighted_t weighted;
    int exponent; /* true theta = 2^exponent theta */
    double norm2; /* ||theta||_F^2 */
} pair_t;

/* Squares over- or underflow far from 1: bring C and w each near 1 by exact powers of two. */
static bf_status_t rescale(pair_t *pair)
{
    bf_tensor_t *c = pair->c;
    const bf_dim_t blocks = c->d * c->chi_r;
    const double largest = bf_max_abs(c->type, (size_t)(c->chi_l * blocks), c->b);
    const double heaviest = pair->weighted.w ? bf_max_abs(BF_TYPE_D, (size_t)c->chi_l, pair->weighted.w) : 1.0;
    if (!isfinite(largest) || !isfinite(heaviest))
        return BF_ERR_NAN;
    if (!(largest > 0.0) || !(heaviest > 0.0))
        return BF_ERR_ZERO;
    bf_weigh(c->type, c->chi_l, blocks, NULL, ldexp(1.0, -ilogb(largest)), c->b, c->b);
    pair->weighted.scale = ldexp(1.0, -ilogb(heaviest));
    pair->exponent = ilogb(largest) + ilogb(heaviest);
    return BF_OK;
}

static bf_status_t open_pair(bf_tensor_t *c, pair_t *pair, bf_parts_t *parts, const bf_method_ops_t *method)
{
    *pair = (pair_t){.c = c, .weighted = {.c = c, .w = c->weight == BF_WEIGHT_DIAG ? c->w : NULL, .scale = 1.0}};
    bf_parts_find(parts, c);
    pair->norm2 = bf_parts_load(parts, &pair->weighted, method);
    if (pair->norm2 >= NORM2_MIN && pair->norm2 <= NORM2_MAX)
        return BF_OK;
    const bf_status_t status = rescale(pair);
    if (status != BF_OK)
        return status;
    pair->norm2 = bf_parts_load(parts, &pair->weighted, method);
    return pair->norm2 > 0.0 ? BF_OK : BF_ERR_ZERO;
}

static double real_at(bf_type_t type, const void *x, size_t i)
{
    return bf_type_is_single(type) ? (double)((const float *)x)[i] : ((const double *)x)[i];
}

/* The larger of the two, or a NaN: a NaN must stick. */
static double worse(double worst, double error)
{
    return error <= worst ? worst : error;
}

/* max |(V^H V - 1)_ij|, each part by itself. */
static double gram_error(bf_type_t type, bf_dim_t k, bf_dim_t n, const void *vh, void *gram)
{
    const size_t parts = bf_type_is_real(type) ? 1 : 2;
    double worst = 0.0;
    bf_herk(type, BF_N, k, n, vh, k, gram, k);
    if (!bf_type_is_single(type)) {
        for (bf_dim_t j = 0; j < k; j++) {
            double *column = (double *)gram + parts * (size_t)(j * k + j);
            *column -= 1.0;
            worst = worse(worst, bf_largest(column, (bf_dim_t)parts * (k - j)));
        }
        return worst;
    }
    for (bf_dim_t j = 0; j < k && isfinite(worst); j++) {
        const size_t diagonal = parts * (size_t)(j * k + j);
        worst = worse(worst, fabs(real_at(type, gram, diagonal) - 1.0));
        for (size_t i = diagonal + parts; i < parts * (size_t)((j + 1) * k); i++)
            worst = worse(worst, fabs(real_at(type, gram, i)));
    }
    return worst;
}

/* Probe vector entries: +1 or -1 by a fixed hash. */
static double probe_sign(bf_dim_t i, bf_dim_t probe)
{
    const uint64_t x = ((uint64_t)i * PROBES + (uint64_t)probe + 1) * 0x9e3779b97f4a7c15ULL;
    return ((x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ULL) >> 63 ? 1.0 : -1.0;
}

/* max |((V^H V - 1) z)_i| over a few vectors z of signs. One wrong entry shows with its full size, many wrong ones with the root
 * of their number: what the full Gram matrix would find, for O(k n) instead of O(k^2 n). */
static double probe_error(bf_type_t type, bf_dim_t k, bf_dim_t n, const void *vh, void *room)
{
    const size_t parts = bf_type_is_real(type) ? 1 : 2;
    bf_carve_t carve = {room, 0};
    void *z = bf_carve_block(&carve, type, k, PROBES), *x = bf_carve_block(&carve, type, n, PROBES);
    void *y = bf_carve_block(&carve, type, k, PROBES);
    for (size_t i = 0; i < parts * (size_t)(k * PROBES); i++) {
        const bf_dim_t element = (bf_dim_t)(i / parts);
        const double sign = i % parts == 0 ? probe_sign(element % k, element / k) : 0.0;
        if (bf_type_is_single(type))
            ((float *)z)[i] = (float)sign;
        else
            ((double *)z)[i] = sign;
    }
    bf_gemm(type, BF_H, BF_N, n, PROBES, k, 1.0, vh, k, z, k, 0.0, x, n);
    bf_gemm(type, BF_N, BF_N, k, PROBES, n, 1.0, vh, k, x, n, 0.0, y, k);
    double worst = 0.0;
    for (size_t i = 0; i < parts * (size_t)(k * PROBES); i++)
        worst = worse(worst, fabs(real_at(type, y, i) - real_at(type, z, i)));
    return worst;
}

/* The largest error of orthonormality in any part; between parts it is exactly 0. */
static double orthonormality_error(const bf_parts_t *parts)
{
    double worst = 0.0;
    for (bf_dim_t p = 0; p < parts->count; p++) {
        const bf_split_t *split = &parts->part[p].split;
        const bf_dim_t k = parts->part[p].keep;
        if (k > 0)
            worst = worse(worst, k <= PROBE_MIN ? gram_error(split->type, k, split->n, split->vh, parts->work)
                                                : probe_error(split->type, k, split->n, split->vh, parts->work));
    }
    return worst;
}

/* Check a method's answer and measure its loss: left <- C V, *kept <- ||theta V||^2, *eps <- the loss. */
static bool accept(const pair_t *pair, bf_parts_t *parts, void *left, double *kept, double *eps)
{
    const bf_tensor_t *c = pair->c;
    const bf_truncation_t *trunc = &parts->trunc;
    const bool single = bf_type_is_single(c->type);
    if (!(orthonormality_error(parts) <= (single ? ORTHO_SINGLE : ORTHO_DOUBLE)))
        return false;

    bf_parts_left(parts, c, left);
    *kept = bf_weigh(c->type, c->chi_l, BF_D * trunc->keep, pair->weighted.w, pair->weighted.scale, left, NULL);
    const double floor_eps = single ? EPS_FLOOR_SINGLE : EPS_FLOOR_DOUBLE;
    const double measured = 1.0 - *kept / pair->norm2;
    if (!(measured <= LOSS_SLACK * trunc->eps + floor_eps))
        return false;
    *eps = measured > floor_eps ? measured : fmin(trunc->eps, floor_eps);
    return true;
}

static void fill_outputs(const pair_t *pair, bf_parts_t *parts, void *left_block, double kept, bf_tensor_t *left,
                         bf_tensor_t *right)
{
    const bf_tensor_t *c = pair->c;
    const bf_split_t *split = &parts->split;
    const bf_dim_t k = parts->trunc.keep;
    const double norm = sqrt(kept);
    bf_parts_right(parts);
    bf_weigh(c->type, c->chi_l, BF_D * k, NULL, pair->weighted.scale / norm, left_block, left_block);
    for (bf_dim_t i = 0; i < k; i++)
        split->sigma[i] /= norm;
    *left = (bf_tensor_t){c->type, c->weight, c->chi_l, BF_D, k, c->w, left_block};
    *right = (bf_tensor_t){c->type, BF_WEIGHT_DIAG, k, BF_D, c->chi_r, split->sigma, split->vh};
}

static bf_method_t number_of(const bf_method_ops_t *method)
{
    bf_method_t number = BF_METHOD_GRAM;
    while (methods[number] != method)
        number = (bf_method_t)(number + 1);
    return number;
}

static bf_status_t factor(bf_tensor_t *c, bf_dim_t rank_bound, const bf_factor_rule_t *rule, bf_tensor_t *left,
                          bf_tensor_t *right, bf_factor_info_t *info, void *work)
{
    bf_cutoff_t cut = rule->cut;
    bf_parts_t parts;
    pair_t pair;
    cut.max_dim = bf_k_factor_bound(c, rank_bound, rule);
    lay_out(c, &cut, rule->method, &parts, work);
    const bf_method_ops_t *list[CHAIN_MAX];
    const int count = chain(rule->method, list);
    const bf_status_t status = open_pair(c, &pair, &parts, list[0]);
    if (status != BF_OK)
        return status;

    for (int i = 0; i < count; i++) {
        double kept = 0.0;
        if (i > 0)
            bf_parts_load(&parts, &pair.weighted, list[i]);
        if (bf_parts_solve(&parts) != BF_OK)
            continue;
        if (!accept(&pair, &parts, parts.split.theta, &kept, &info->eps))
            continue;
        fill_outputs(&pair, &parts, parts.split.theta, kept, left, right);
        /* Values beyond the rank bound are rounding, whoever cut them; only the user's cap forces weight out. */
        info->eps_max_dim = cut.max_dim == rule->cut.max_dim ? parts.trunc.eps_max_dim : 0.0;
        info->norm2 = ldexp(pair.norm2, 2 * pair.exponent);
        info->sectors = parts.count;
        info->method = number_of(list[i]);
        info->fallbacks = i;
        return BF_OK;
    }
    return BF_ERR_SVD;
}

bf_status_t bf_k_factor(bf_tensor_t *c, bf_dim_t rank_bound, const bf_factor_rule_t *rule, bf_tensor_t *left, bf_tensor_t *right,
                        bf_factor_info_t *info, void *work)
{
    assert(c->d == BF_D * BF_D);
    if (!bf_blas_fits(2 * c->chi_l) || !bf_blas_fits(2 * c->chi_r))
        return BF_ERR_TOO_LARGE;
    const unsigned mode = bf_denormals_off();
    const bf_status_t status = factor(c, rank_bound, rule, left, right, info, work);
    bf_denormals_restore(mode);
    return status;
}

void bf_k_copy(const bf_tensor_t *src, bf_tensor_t *dst)
{
    assert(src->type == dst->type && src->weight == dst->weight && src->chi_l == dst->chi_l && src->chi_r == dst->chi_r);
    if (src->weight != BF_WEIGHT_NONE)
        memcpy(dst->w, src->w, (size_t)src->chi_l * sizeof(double));
    memcpy(dst->b, src->b, bf_tensor_block_bytes(src));
}

/* Element (row, column) of a block as a double complex. */
static bf_z_t entry(const bf_tensor_t *t, bf_dim_t row, bf_dim_t column)
{
    const bf_dim_t i = row + t->chi_l * column;
    switch (t->type) {
    case BF_TYPE_Z:
        return ((const double _Complex *)t->b)[i];
    case BF_TYPE_C:
        return (bf_z_t)((const float _Complex *)t->b)[i];
    case BF_TYPE_D:
        return ((const double *)t->b)[i];
    case BF_TYPE_S:
    default:
        return (double)((const float *)t->b)[i];
    }
}

double bf_k_orthonormality(const bf_tensor_t *site)
{
    double worst = 0.0;
    for (bf_dim_t i = 0; i < site->chi_l; i++) {
        for (bf_dim_t j = 0; j <= i; j++) {
            bf_z_t dot = i == j ? -1.0 : 0.0;
            for (bf_dim_t x = 0; x < site->d * site->chi_r; x++)
                dot += conj(entry(site, i, x)) * entry(site, j, x);
            const double error = cabs(dot);
            worst = error <= worst ? worst : error;
        }
    }
    return worst;
}

bool bf_k_is_finite(const bf_tensor_t *t)
{
    const size_t count = (size_t)t->chi_l * (size_t)t->d * (size_t)t->chi_r;
    if (t->weight == BF_WEIGHT_DIAG && !isfinite(bf_max_abs(BF_TYPE_D, (size_t)t->chi_l, t->w)))
        return false;
    return isfinite(bf_max_abs(t->type, count, t->b));
}
