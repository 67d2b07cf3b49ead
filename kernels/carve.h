/** @file carve.h
 *  @brief Cutting aligned pieces off a workspace, or only measuring them. Private to kernels/.
 */
#ifndef BF_CARVE_H
#define BF_CARVE_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A workspace being cut. With base NULL every piece is NULL and only @c used grows: the size function of a layout is the layout.
 */
typedef struct bf_carve {
    char *base;  /**< BF_ALIGN-aligned, or NULL */
    size_t used; /**< bytes cut so far, a multiple of BF_ALIGN */
} bf_carve_t;

static inline void *bf_carve(bf_carve_t *c, size_t bytes)
{
    void *piece = c->base ? c->base + c->used : NULL;
    c->used += bf_align_up(bytes);
    return piece;
}

static inline double *bf_carve_reals(bf_carve_t *c, bf_dim_t n)
{
    return (double *)bf_carve(c, (size_t)n * sizeof(double));
}

static inline void *bf_carve_block(bf_carve_t *c, bf_type_t type, bf_dim_t rows, bf_dim_t columns)
{
    return bf_carve(c, (size_t)(rows * columns) * bf_type_size(type));
}

/** @return what is left of the workspace. */
static inline void *bf_carve_rest(const bf_carve_t *c)
{
    return c->base ? c->base + c->used : NULL;
}

#ifdef __cplusplus
}
#endif
#endif
