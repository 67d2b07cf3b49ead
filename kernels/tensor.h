/** @file tensor.h
 *  @brief Plain views of the tensors that kernels work on. Views never own memory.
 */
#ifndef BF_TENSOR_H
#define BF_TENSOR_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How the weight of the bond left of a site is stored (DESIGN, Numerics). */
typedef enum bf_weight {
    BF_WEIGHT_NONE = 0, /**< no weight: an intermediate or an environment */
    BF_WEIGHT_DIAG = 1  /**< chi_l doubles: Schmidt values, descending */
} bf_weight_t;

/** A site tensor B[chi_l, 2, chi_r] with the weight of the bond on its left, or any matrix-like block
 *  (contracted pair: chi_l, 4, chi_r; environment: chi, 1, chi).
 *
 *  Storage: column-major, B[l + chi_l*(s + d*r)]; hence the same bytes are the (chi_l) x (d chi_r)
 *  and the (chi_l d) x (chi_r) matrix. In B-form the rows of the former are orthonormal. */
typedef struct bf_tensor {
    bf_type_t type;     /**< element type of @c b */
    bf_weight_t weight; /**< storage of @c w */
    bf_dim_t chi_l;     /**< left bond dimension, >= 1 */
    bf_dim_t d;         /**< middle dimension: 2 site, 4 pair, 1 environment */
    bf_dim_t chi_r;     /**< right bond dimension, >= 1 */
    void *w;            /**< weight of the left bond, BF_ALIGN-aligned, NULL for BF_WEIGHT_NONE */
    void *b;            /**< chi_l*d*chi_r elements, BF_ALIGN-aligned */
} bf_tensor_t;

/** @return bytes of the weight of @p t, rounded up to BF_ALIGN. */
static inline size_t bf_tensor_weight_bytes(const bf_tensor_t *t)
{
    switch (t->weight) {
    case BF_WEIGHT_DIAG:
        return bf_align_up((size_t)t->chi_l * sizeof(double));
    case BF_WEIGHT_NONE:
    default:
        return 0;
    }
}

/** @return bytes of the block @c b of @p t (not rounded). */
static inline size_t bf_tensor_block_bytes(const bf_tensor_t *t)
{
    return (size_t)t->chi_l * (size_t)t->d * (size_t)t->chi_r * bf_type_size(t->type);
}

/** @return bytes of a contiguous payload: weight first, then block. */
static inline size_t bf_tensor_bytes(const bf_tensor_t *t)
{
    return bf_tensor_weight_bytes(t) + bf_tensor_block_bytes(t);
}

/** Point @c w and @c b into a contiguous, BF_ALIGN-aligned payload of bf_tensor_bytes(). */
static inline void bf_tensor_attach(bf_tensor_t *t, void *payload)
{
    const size_t offset = bf_tensor_weight_bytes(t);
    t->w = offset ? payload : NULL;
    t->b = (char *)payload + offset;
}

#ifdef __cplusplus
}
#endif
#endif
