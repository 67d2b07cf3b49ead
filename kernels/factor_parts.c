/* Parts of a factorisation. Where there is only one, every function is the one call that it would have been without parts. */
#include "kernels/factor_parts.h"

#include <math.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/weigh.h"

/* Rows of the left site computed at a time. */
#define PANEL 128
/* Squared norm of a part, relative to 1, below which its entries are scaled up: fourth powers must not underflow. */
#define FAINT 1e-60

static bf_dim_t min_dim(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A part of a single row or a single column has one value, its norm. */

static size_t line_worksize(const bf_split_t *split)
{
    (void)split;
    return BF_ALIGN;
}

static bf_status_t line_values(bf_split_t *split, void *work)
{
    double *square = work;
    *square = bf_weigh(split->type, split->m, split->n, NULL, 1.0, split->theta, NULL);
    split->squares = square;
    split->count = 1;
    return BF_OK;
}

static bf_status_t line_vectors(bf_split_t *split, bf_dim_t keep, void *work)
{
    (void)keep;
    (void)work;
    const double norm = sqrt(split->squares[0]);
    split->sigma[0] = norm;
    if (split->n > 1)
        bf_weigh(split->type, 1, split->n, NULL, 1.0 / norm, split->theta, split->vh);
    else if (bf_type_is_single(split->type))
        memcpy(split->vh, (const float[]){1.0F, 0.0F}, bf_type_size(split->type));
    else
        memcpy(split->vh, (const double[]){1.0, 0.0}, bf_type_size(split->type));
    return BF_OK;
}

static const bf_method_ops_t line_method = {"line", line_worksize, line_values, line_vectors};

/* Memory. */

/* Rows of a panel and their part of the left site; then all vectors while they are spread out. */
static size_t moves_bytes(const bf_split_t *split, bf_dim_t keep)
{
    const size_t element = bf_type_size(split->type);
    const size_t panel = (size_t)(min_dim(PANEL, split->m) * (split->n + keep)) * element + 2 * BF_ALIGN;
    return max_size(panel, (size_t)(keep * split->n) * element);
}

/* Many small problems ask for little more than a large one of their joint order: for the lengths that their columns are padded
 * to, and where the large one is beyond the order up to which the small solver is used. */
static size_t slack_bytes(const bf_split_t *split)
{
    return (size_t)min_dim(split->m, split->n) * 1024;
}

size_t bf_parts_lay_out(bf_parts_t *parts, const bf_method_ops_t *const *methods, int n_methods, size_t least, void *work)
{
    bf_split_t *split = &parts->split;
    const bf_dim_t m = split->m, n = split->n, k = min_dim(m, n);
    const bf_dim_t keep = split->cut->max_dim > 0 ? min_dim(k, split->cut->max_dim) : k;
    bf_carve_t carve = {work, 0};
    split->sigma = bf_carve_reals(&carve, k);
    split->vh = bf_carve_block(&carve, split->type, k, n);
    split->theta = bf_carve_block(&carve, split->type, m, n);
    parts->part = bf_carve(&carve, (size_t)k * sizeof *parts->part);
    parts->owner = bf_carve(&carve, (size_t)k * sizeof *parts->owner);
    parts->squares = bf_carve_reals(&carve, k);
    parts->sigma = bf_carve_reals(&carve, k);
    parts->weight = bf_carve_reals(&carve, m);
    parts->sectors.row = bf_carve(&carve, bf_sectors_bytes(m, n));
    parts->work = bf_carve_rest(&carve);
    size_t bytes = max_size(least, max_size(moves_bytes(split, keep), bf_sectors_worksize(m, n)));
    for (int i = 0; i < n_methods; i++)
        bytes = max_size(bytes, methods[i]->worksize(split));
    parts->work_bytes = bytes + slack_bytes(split);
    return carve.used + parts->work_bytes;
}

/* Parts. */

static void open_whole(bf_parts_t *parts, const bf_method_ops_t *method)
{
    parts->count = 1;
    parts->part[0] = (bf_part_t){.split = parts->split, .method = method, .work = parts->work};
    parts->part[0].split.share = 1.0;
}

/* Every sector a part, its workspace behind that of the one before. @return whether there is room */
static bool open_sectors(bf_parts_t *parts, const bf_method_ops_t *method)
{
    const bf_sectors_t *sectors = &parts->sectors;
    const size_t element = bf_type_size(parts->split.type);
    char *theta = parts->split.theta, *vh = parts->split.vh;
    double *sigma = parts->sigma;
    bf_carve_t carve = {parts->work, 0};
    for (bf_dim_t s = 0; s < sectors->count; s++) {
        bf_part_t *part = &parts->part[s];
        const bf_dim_t m = sectors->row_first[s + 1] - sectors->row_first[s];
        const bf_dim_t n = sectors->column_first[s + 1] - sectors->column_first[s], k = min_dim(m, n);
        *part = (bf_part_t){.split = parts->split,
                            .method = k > 1 ? method : &line_method,
                            .row = sectors->row + sectors->row_first[s],
                            .column = sectors->column + sectors->column_first[s]};
        part->split.m = m;
        part->split.n = n;
        part->split.theta = theta;
        part->split.vh = vh;
        part->split.sigma = sigma;
        const size_t bytes = part->method->worksize(&part->split);
        if (carve.used + bf_align_up(bytes) > parts->work_bytes)
            return false;
        part->work = bf_carve(&carve, bytes);
        theta += (size_t)(m * n) * element;
        vh += (size_t)(k * n) * element;
        sigma += k;
    }
    parts->count = sectors->count;
    return true;
}

void bf_parts_find(bf_parts_t *parts, const bf_tensor_t *c)
{
    bf_sectors_find(c->type, parts->split.m, parts->split.n, c->b, NULL, &parts->sectors, parts->sectors.row, parts->work);
}

/* Gather a part, weigh its rows, and bring what is faint near 1 by an exact power of two. */
static void load_part(bf_parts_t *parts, bf_part_t *part, const bf_weighted_t *pair)
{
    const bf_split_t *split = &part->split;
    double *weight = pair->w ? parts->weight : NULL;
    for (bf_dim_t i = 0; weight && i < split->m; i++)
        weight[i] = pair->w[part->row[i] % pair->c->chi_l];
    bf_gather(split->type, split->m, part->row, split->n, part->column, pair->c->b, parts->split.m, split->theta);
    part->norm2 = bf_weigh(split->type, split->m, split->n, weight, pair->scale, split->theta, split->theta);
    part->exponent = 0;
    if (part->norm2 < FAINT) {
        const double largest = bf_max_abs(split->type, (size_t)(split->m * split->n), split->theta);
        if (!(largest > 0.0)) {
            part->method = &line_method; /* nothing to factorise: its one value is 0 */
            return;
        }
        part->exponent = ilogb(largest);
        bf_weigh(split->type, split->m, split->n, NULL, ldexp(1.0, -part->exponent), split->theta, split->theta);
    }
}

double bf_parts_load(bf_parts_t *parts, const bf_weighted_t *pair, const bf_method_ops_t *method)
{
    const bf_tensor_t *c = pair->c;
    if (parts->sectors.whole || parts->sectors.count == 0 || !open_sectors(parts, method)) {
        open_whole(parts, method);
        return bf_weigh(c->type, c->chi_l, c->d * c->chi_r, pair->w, pair->scale, c->b, parts->split.theta);
    }
    double norm2 = 0.0;
    for (bf_dim_t p = 0; p < parts->count; p++) {
        load_part(parts, &parts->part[p], pair);
        norm2 += parts->part[p].norm2;
    }
    return norm2;
}

/* What a part alone may drop at least when the whole may drop what its rule says: an even share of it. It decides how far the
 * values of the part have to be resolved. */
static void share_cutoff(bf_parts_t *parts)
{
    double total = 0.0;
    for (bf_dim_t p = 0; p < parts->count; p++)
        total += parts->part[p].norm2;
    for (bf_dim_t p = 0; p < parts->count; p++) {
        bf_part_t *part = &parts->part[p];
        part->split.share = part->norm2 > 0.0 ? total / part->norm2 / (double)parts->count : 1.0;
    }
}

/* The next value of a part, or -1 when all are taken. Those beyond min(m, n) are rounding. */
static double next_square(const bf_part_t *part)
{
    const bf_split_t *split = &part->split;
    if (part->keep == min_dim(split->count, min_dim(split->m, split->n)))
        return -1.0;
    const double square = split->squares[part->keep];
    return part->exponent == 0 ? square : ldexp(square, 2 * part->exponent);
}

/* All values in descending order, those of equal size in the order of their parts. @return how many */
static bf_dim_t merge_values(bf_parts_t *parts)
{
    bf_dim_t total = 0;
    for (bf_dim_t p = 0; p < parts->count; p++) {
        parts->part[p].keep = 0; /* values taken so far */
        parts->part[p].next = next_square(&parts->part[p]);
    }
    for (;; total++) {
        bf_part_t *owner = &parts->part[0];
        for (bf_part_t *part = owner + 1; part < parts->part + parts->count; part++)
            if (part->next > owner->next)
                owner = part;
        if (owner->next < 0.0)
            return total;
        parts->owner[total] = (int32_t)(owner - parts->part);
        parts->squares[total] = owner->next;
        owner->keep++;
        owner->next = next_square(owner);
    }
}

/* What the decision leaves each part. */
static void share_kept(bf_parts_t *parts)
{
    for (bf_dim_t p = 0; p < parts->count; p++)
        parts->part[p].keep = 0;
    for (bf_dim_t i = 0; i < parts->trunc.keep; i++)
        parts->part[parts->owner[i]].keep++;
}

/* Values of the whole among those of the parts. */
static void take_sigma(bf_parts_t *parts)
{
    for (bf_dim_t p = 0; p < parts->count; p++)
        parts->part[p].keep = 0;
    for (bf_dim_t i = 0; i < parts->trunc.keep; i++) {
        bf_part_t *part = &parts->part[parts->owner[i]];
        const double sigma = part->split.sigma[part->keep++];
        parts->split.sigma[i] = part->exponent == 0 ? sigma : ldexp(sigma, part->exponent);
    }
}

static bf_status_t solve_sectors(bf_parts_t *parts)
{
    share_cutoff(parts);
    for (bf_dim_t p = 0; p < parts->count; p++) {
        bf_part_t *part = &parts->part[p];
        if (part->method->values(&part->split, part->work) != BF_OK)
            return BF_ERR_SVD;
    }
    if (bf_truncate(parts->squares, merge_values(parts), parts->split.cut, &parts->trunc) != BF_OK)
        return BF_ERR_SVD;
    share_kept(parts);
    for (bf_dim_t p = 0; p < parts->count; p++) {
        bf_part_t *part = &parts->part[p];
        if (part->keep > 0 && part->method->vectors(&part->split, part->keep, part->work) != BF_OK)
            return BF_ERR_SVD;
    }
    take_sigma(parts);
    return BF_OK;
}

bf_status_t bf_parts_solve(bf_parts_t *parts)
{
    bf_part_t *part = &parts->part[0];
    bf_split_t *split = &part->split;
    if (part->row)
        return solve_sectors(parts);
    if (part->method->values(split, part->work) != BF_OK)
        return BF_ERR_SVD;
    if (bf_truncate(split->squares, split->count, split->cut, &parts->trunc) != BF_OK)
        return BF_ERR_SVD;
    part->keep = parts->trunc.keep;
    return part->method->vectors(split, part->keep, part->work);
}

/* Which values are a part's, as indices in @p place. */
static void places_of(const bf_parts_t *parts, int32_t p, int32_t *place)
{
    for (bf_dim_t i = 0; i < parts->trunc.keep; i++)
        if (parts->owner[i] == p)
            *place++ = (int32_t)i;
}

/* The part's columns of left, a panel of rows at a time. */
static void left_of_part(bf_parts_t *parts, const bf_part_t *part, const int32_t *place, const bf_tensor_t *c, void *left)
{
    const bf_split_t *split = &part->split;
    const bf_dim_t m = parts->split.m;
    bf_carve_t carve = {parts->work, 0};
    void *block = bf_carve_block(&carve, split->type, min_dim(PANEL, split->m), split->n);
    void *product = bf_carve_rest(&carve);
    for (bf_dim_t i = 0; i < split->m; i += PANEL) {
        const bf_dim_t rows = min_dim(PANEL, split->m - i);
        bf_gather(split->type, rows, part->row + i, split->n, part->column, c->b, m, block);
        bf_gemm(split->type, BF_N, BF_H, rows, part->keep, split->n, 1.0, block, rows, split->vh, part->keep, 0.0, product, rows);
        bf_scatter(split->type, rows, part->row + i, part->keep, place, product, left, m);
    }
}

void bf_parts_left(bf_parts_t *parts, const bf_tensor_t *c, void *left)
{
    const bf_dim_t m = parts->split.m, n = parts->split.n, k = parts->trunc.keep;
    if (!parts->part[0].row) {
        bf_gemm(c->type, BF_N, BF_H, m, k, n, 1.0, c->b, m, parts->split.vh, k, 0.0, left, m);
        return;
    }
    int32_t *place = (int32_t *)(void *)parts->squares; /* decided upon */
    memset(left, 0, (size_t)(m * k) * bf_type_size(c->type));
    for (bf_dim_t p = 0; p < parts->count; p++) {
        if (parts->part[p].keep == 0)
            continue;
        places_of(parts, (int32_t)p, place);
        left_of_part(parts, &parts->part[p], place, c, left);
    }
}

void bf_parts_right(bf_parts_t *parts)
{
    const bf_split_t *split = &parts->split;
    const size_t element = bf_type_size(split->type);
    int32_t *place = (int32_t *)(void *)parts->squares;
    char *packed = parts->work;
    if (!parts->part[0].row)
        return;
    for (bf_dim_t p = 0; p < parts->count; p++) {
        const bf_part_t *part = &parts->part[p];
        memcpy(packed, part->split.vh, (size_t)(part->keep * part->split.n) * element);
        packed += (size_t)(part->keep * part->split.n) * element;
    }
    packed = parts->work;
    memset(split->vh, 0, (size_t)(parts->trunc.keep * split->n) * element);
    for (bf_dim_t p = 0; p < parts->count; p++) {
        const bf_part_t *part = &parts->part[p];
        places_of(parts, (int32_t)p, place);
        bf_scatter(split->type, part->keep, place, part->split.n, part->column, packed, split->vh, parts->trunc.keep);
        packed += (size_t)(part->keep * part->split.n) * element;
    }
}
