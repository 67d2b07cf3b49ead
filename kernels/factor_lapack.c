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

/* What both keep between the steps, at the front of the workspace. */
typedef struct room {
    double *s, *squares; /* the values, for single precision as LAPACK writes them; their squares */
    void *u, *rest;
} room_t;

static size_t lay_out(const bf_split_t *split, bool left, void *work, room_t *room)
{
    const bf_dim_t k = min_dim(split->m, split->n);
    bf_carve_t carve = {work, 0};
    *room = (room_t){.s = bf_carve_reals(&carve, k), .squares = bf_carve_reals(&carve, k)};
    if (left)
        room->u = bf_carve_block(&carve, split->type, split->m, k);
    room->rest = bf_carve_rest(&carve);
    return carve.used;
}

static double value_of(bf_type_t type, const double *s, bf_dim_t i)
{
    return bf_type_is_single(type) ? (double)((const float *)(const void *)s)[i] : s[i];
}

static void show_values(bf_split_t *split, const room_t *room)
{
    split->count = min_dim(split->m, split->n);
    split->squares = room->squares;
    for (bf_dim_t i = 0; i < split->count; i++)
        room->squares[i] = value_of(split->type, room->s, i) * value_of(split->type, room->s, i);
}

/* The first rows of what is stored with leading dimension ld at src, and the first values. */
static void keep_rows(bf_split_t *split, const room_t *room, const void *src, bf_dim_t ld, bf_dim_t keep)
{
    const size_t row = (size_t)keep * bf_type_size(split->type), step = (size_t)ld * bf_type_size(split->type);
    for (bf_dim_t j = 0; j < split->n; j++)
        memmove((char *)split->vh + (size_t)j * row, (const char *)src + (size_t)j * step, row);
    for (bf_dim_t i = 0; i < keep; i++)
        split->sigma[i] = value_of(split->type, room->s, i);
}

static size_t gesdd_worksize(const bf_split_t *split)
{
    room_t room;
    return lay_out(split, true, NULL, &room) + bf_gesdd_worksize(split->type, split->m, split->n);
}

static bf_status_t gesdd_values(bf_split_t *split, void *work)
{
    room_t room;
    lay_out(split, true, work, &room);
    if (bf_gesdd(split->type, split->m, split->n, split->theta, room.s, room.u, split->vh, room.rest) != 0)
        return BF_ERR_SVD;
    show_values(split, &room);
    return BF_OK;
}

static bf_status_t gesdd_vectors(bf_split_t *split, bf_dim_t keep, void *work)
{
    room_t room;
    lay_out(split, true, work, &room);
    keep_rows(split, &room, split->vh, split->count, keep);
    return BF_OK;
}

const bf_method_ops_t bf_method_gesdd = {"gesdd", gesdd_worksize, gesdd_values, gesdd_vectors};

static size_t gesvd_worksize(const bf_split_t *split)
{
    room_t room;
    return lay_out(split, false, NULL, &room) + bf_gesvd_worksize(split->type, split->m, split->n);
}

static bf_status_t gesvd_values(bf_split_t *split, void *work)
{
    room_t room;
    lay_out(split, false, work, &room);
    if (bf_gesvd(split->type, split->m, split->n, split->theta, room.s, room.rest) != 0)
        return BF_ERR_SVD;
    show_values(split, &room);
    return BF_OK;
}

static bf_status_t gesvd_vectors(bf_split_t *split, bf_dim_t keep, void *work)
{
    room_t room;
    lay_out(split, false, work, &room);
    keep_rows(split, &room, split->theta, split->m, keep);
    return BF_OK;
}

const bf_method_ops_t bf_method_gesvd = {"gesvd", gesvd_worksize, gesvd_values, gesvd_vectors};
