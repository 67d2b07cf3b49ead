/* Right singular vectors as eigenvectors of the Gram matrix G = theta^H theta, in double precision whatever the type of theta.
 *
 * Squaring costs half the digits: eigenvalues of G are good to about 1e-16 of the largest, which decides any Cutoff from 1e-13
 * up. Below that the tail is refined: T = theta V_tail has small columns only, so its own Gram matrix resolves weights relative
 * to the tail's largest value, 2^-27 of the head's. Each such level adds eight digits; what the head mixes into the tail is of
 * the order of (1e-16 / 2^-27)^2 2^-27, far below what the level resolves. */
#include <math.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/convert.h"
#include "kernels/eig.h"
#include "kernels/factor_method.h"
#include "kernels/weigh.h"

/* Discarded weight, relative to the total, that one Gram matrix decides without refinement. */
#define PLAIN_CUTOFF 1e-13
/* A level's head: eigenvalues above this part of its largest. */
#define HEAD   0x1p-27
#define LEVELS 4
/* Rounding noise of one level's eigenvalues, relative to its largest. */
#define NOISE 1e-15

static bf_dim_t min_dim(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

static bf_type_t widened(bf_type_t type)
{
    return bf_type_is_real(type) ? BF_TYPE_D : BF_TYPE_Z;
}

static bool may_refine(const bf_cutoff_t *cut)
{
    return cut->cutoff < PLAIN_CUTOFF;
}

/* A theta much wider than high: the m x m problem theta theta^H is cheaper, even with the extra step from left to right vectors.
 */
static bool from_the_left(const bf_split_t *split)
{
    return 4 * split->n > 5 * split->m && !may_refine(split->cut);
}

/* Memory of one factorisation, and where it stands between the two steps. */
typedef struct room {
    bf_eig_t eig;
    bf_dim_t ready;     /* vectors that refinement has left in vh: all, or 0 */
    bf_type_t type;     /* of the computation */
    bf_dim_t rows;      /* leading dimension of vh: rows that may be wanted */
    const void *theta;  /* m x n */
    void *vh;           /* rows x n: the answer's own memory, or double precision beside it */
    void *g;            /* order x order of the eigenproblem */
    void *image, *turn; /* for refinement: theta V_tail, later the turned tail; the tail's own vectors */
    double *squares;    /* n */
    void *rest;         /* for the eigenproblem */
} room_t;

/* Rows of vh that may be written: all for refinement, else at most what can be kept. */
static bf_dim_t rows_max(const bf_split_t *split)
{
    if (may_refine(split->cut))
        return split->n;
    const bf_dim_t k = min_dim(split->m, split->n);
    return split->cut->max_dim > 0 ? min_dim(k, split->cut->max_dim) : k;
}

static size_t lay_out(const bf_split_t *split, void *work, room_t *room)
{
    const bf_dim_t m = split->m, n = split->n, k = rows_max(split);
    const bf_type_t type = widened(split->type);
    const bool refine = may_refine(split->cut);
    bf_carve_t carve = {work, 0};
    *room = (room_t){.type = type, .rows = k, .theta = split->theta, .vh = split->vh};
    bf_carve(&carve, sizeof *room);
    const bf_dim_t order = from_the_left(split) ? m : n;
    room->squares = bf_carve_reals(&carve, order);
    room->g = bf_carve_block(&carve, type, order, order);
    if (type != split->type)
        room->theta = bf_carve_block(&carve, type, m, n);
    if (type != split->type || k > min_dim(m, n))
        room->vh = bf_carve_block(&carve, type, k, n);
    if (refine) {
        room->image = bf_carve_block(&carve, type, m > n ? m : n, n);
        room->turn = bf_carve_block(&carve, type, n, n);
    }
    if (from_the_left(split))
        room->turn = bf_carve_block(&carve, type, k, m);
    room->rest = bf_carve_rest(&carve);
    const size_t whole = bf_eig_worksize(type, order, k);
    /* The tail of a large problem may be small, and the small solver needs more room per order. */
    const size_t tail = refine && order > BF_EIG_SMALL_MAX ? bf_eig_worksize(type, BF_EIG_SMALL_MAX, BF_EIG_SMALL_MAX) : 0;
    return carve.used + (whole > tail ? whole : tail);
}

static size_t gram_worksize(const bf_split_t *split)
{
    room_t room;
    return lay_out(split, NULL, &room);
}

/* Eigenvalues of the order x order matrix in room->g into squares, not above what came before them. */
static int solve(room_t *room, bf_dim_t count, double *squares, double ceiling)
{
    bf_eig_t *eig = &room->eig;
    bf_eig_open(eig, room->type, count, room->g, room->rest);
    const int info = bf_eig_values(eig);
    for (bf_dim_t i = 0; i < count; i++)
        squares[i] = fmin(fmax(eig->lambda[i], 0.0), ceiling);
    return info;
}

/* Is the decision about what to drop beyond the reach of this level's rounding? first: where the level begins. */
static bool decided(const bf_split_t *split, const bf_truncation_t *trunc, const double *squares, bf_dim_t first, bf_dim_t tail,
                    int level)
{
    double total = 0.0;
    for (bf_dim_t i = split->n; i-- > 0;)
        total += squares[i];
    const double dropped = trunc->eps * total;
    return tail == split->n || level == LEVELS - 1 || dropped >= 100.0 * NOISE * squares[first] ||
           squares[first] <= NOISE * NOISE * total;
}

/* Where the tail of the level beginning at first begins. */
static bf_dim_t tail_of(const double *squares, bf_dim_t first, bf_dim_t n)
{
    bf_dim_t i = first;
    while (i < n && squares[i] > HEAD * squares[first])
        i++;
    return i;
}

/* Rows first .. n-1 of vh <- (the tail's own vectors) (those rows). */
static void turn_tail(room_t *room, bf_dim_t n, bf_dim_t first)
{
    const bf_dim_t count = n - first;
    const size_t element = bf_type_size(room->type);
    bf_eig_vectors(&room->eig, count, room->turn);
    char *rows = (char *)room->vh + (size_t)first * element;
    bf_gemm(room->type, BF_N, BF_N, count, n, count, 1.0, room->turn, count, rows, n, 0.0, room->image, count);
    for (bf_dim_t j = 0; j < n; j++)
        memcpy(rows + (size_t)(j * n) * element, (char *)room->image + (size_t)(j * count) * element, (size_t)count * element);
}

/* All vectors, level by level, until the decision is out of the rounding's reach; none when the first level decides. */
static bf_status_t refine(const bf_split_t *split, room_t *room)
{
    const bf_dim_t m = split->m, n = split->n;
    double *squares = room->squares;
    bf_dim_t first = 0, tail = tail_of(squares, 0, n);
    bf_cutoff_t cut = *split->cut;
    bf_truncation_t trunc;
    cut.cutoff *= split->share;
    if (bf_truncate(squares, n, &cut, &trunc) != BF_OK)
        return BF_ERR_SVD;
    for (int level = 0; !decided(split, &trunc, squares, first, tail, level); level++) {
        if (level == 0)
            bf_eig_vectors(&room->eig, n, room->vh);
        room->ready = n;
        const char *rows = (const char *)room->vh + (size_t)tail * bf_type_size(room->type);
        bf_gemm(room->type, BF_N, BF_H, m, n - tail, n, 1.0, room->theta, m, rows, n, 0.0, room->image, m);
        first = tail;
        bf_herk(room->type, BF_H, n - first, m, room->image, m, room->g, n - first);
        if (solve(room, n - first, squares + first, squares[first - 1]) != 0)
            return BF_ERR_SVD;
        turn_tail(room, n, first);
        tail = tail_of(squares, first, n);
        if (bf_truncate(squares, n, &cut, &trunc) != BF_OK)
            return BF_ERR_SVD;
    }
    return BF_OK;
}

/* The kept rows, without gaps and in the element type asked for. */
static void deliver(bf_split_t *split, const room_t *room, bf_dim_t k, bf_dim_t ld)
{
    const size_t from = (size_t)ld * bf_type_size(room->type), to = (size_t)k * bf_type_size(split->type);
    for (bf_dim_t j = 0; j < split->n && (room->vh != split->vh || ld != k); j++) {
        const char *column = (const char *)room->vh + (size_t)j * from;
        char *kept = (char *)split->vh + (size_t)j * to;
        if (room->type == split->type)
            memmove(kept, column, to);
        else
            bf_convert_block(room->type, column, split->type, kept, (size_t)k);
    }
    for (bf_dim_t i = 0; i < k; i++)
        split->sigma[i] = sqrt(room->squares[i]);
}

/* Right vectors from the left ones: rows of U^H theta are orthogonal up to rounding; scaled by 1/sigma they are nearly
 * orthonormal, and one Cholesky step makes them so. It breaks down, and the next method takes over, only when values were kept
 * that a Gram matrix cannot resolve. */
static bf_status_t left_vectors(const bf_split_t *split, room_t *room, bf_dim_t k)
{
    const bf_dim_t m = split->m, n = split->n;
    bf_eig_vectors(&room->eig, k, room->turn);
    bf_gemm(room->type, BF_N, BF_N, k, n, m, 1.0, room->turn, k, room->theta, m, 0.0, room->vh, k);
    double *inverse = split->sigma;
    for (bf_dim_t i = 0; i < k; i++)
        inverse[i] = 1.0 / sqrt(room->squares[i]);
    bf_weigh(room->type, k, n, inverse, 1.0, room->vh, room->vh);
    bf_herk(room->type, BF_N, k, n, room->vh, k, room->g, k);
    if (bf_potrf(room->type, k, room->g, k) != 0)
        return BF_ERR_SVD;
    bf_trsm(room->type, k, n, room->g, k, room->vh, k);
    return BF_OK;
}

static bf_status_t gram_values(bf_split_t *split, void *work)
{
    const bf_dim_t m = split->m, n = split->n;
    const bool left = from_the_left(split);
    const bf_dim_t order = left ? m : n;
    room_t *room = work;
    lay_out(split, work, room);
    if (room->type != split->type)
        bf_convert_block(split->type, split->theta, room->type, (void *)(uintptr_t)room->theta, (size_t)(m * n));
    bf_herk(room->type, left ? BF_N : BF_H, order, left ? n : m, room->theta, m, room->g, order);
    if (solve(room, order, room->squares, INFINITY) != 0)
        return BF_ERR_SVD;
    split->squares = room->squares;
    split->count = order;
    return may_refine(split->cut) ? refine(split, room) : BF_OK;
}

static bf_status_t gram_vectors(bf_split_t *split, bf_dim_t keep, void *work)
{
    room_t *room = work;
    if (from_the_left(split)) {
        const bf_status_t status = left_vectors(split, room, keep);
        if (status != BF_OK)
            return status;
    } else if (room->ready == 0) {
        bf_eig_vectors(&room->eig, keep, room->vh);
    }
    deliver(split, room, keep, room->ready > 0 ? room->ready : keep);
    return BF_OK;
}

const bf_method_ops_t bf_method_gram = {"gram", gram_worksize, gram_values, gram_vectors};
