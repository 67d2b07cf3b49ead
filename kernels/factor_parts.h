/** @file factor_parts.h
 *  @brief A factorisation as one problem for every sector of the pair, decided upon together. Private to kernels/.
 *
 *  Sectors share neither rows nor columns, so the singular vectors of one are those of the whole, with exact zeros elsewhere. A
 * pair that does not fall apart is one part, its arrays in place. So is one whose sectors ask for more memory than there is.
 */
#ifndef BF_FACTOR_PARTS_H
#define BF_FACTOR_PARTS_H

#include "kernels/factor_method.h"
#include "kernels/sectors.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One part of a pair. */
typedef struct bf_part {
    bf_split_t split;              /**< its problem; theta and vh lie behind each other in those of the whole */
    const bf_method_ops_t *method; /**< who solves it */
    void *work;                    /**< of the method */
    const int32_t *row, *column;   /**< of the pair, or NULL: all */
    double norm2;                  /**< squared norm of its theta, before what @c exponent says */
    int exponent;                  /**< its theta has been divided by this power of two */
    bf_dim_t keep;                 /**< values kept; while values are merged, taken */
    double next;                   /**< while values are merged: the next, squared */
} bf_part_t;

/** A pair and its parts. */
typedef struct bf_parts {
    bf_split_t split;      /**< the whole: theta, vh and sigma as the caller sees them */
    bf_truncation_t trunc; /**< the decision */
    bf_sectors_t sectors;  /**< of the pair */
    bf_dim_t count;        /**< parts */
    bf_part_t *part;       /**< the parts */
    int32_t *owner;        /**< of each value of the whole, descending: its part */
    double *squares;       /**< these values, squared */
    double *sigma;         /**< of the parts, one after the other */
    double *weight;        /**< of the rows of a part */
    void *work;            /**< room for methods and for moving blocks */
    size_t work_bytes;     /**< its size */
} bf_parts_t;

/** theta = scale * diag(w) c: the pair as the methods see it. */
typedef struct bf_weighted {
    const bf_tensor_t *c; /**< the pair */
    const double *w;      /**< weights of the left bond, or NULL for ones */
    double scale;         /**< a power of two */
} bf_weighted_t;

/** @brief Lay out the parts of a pair of the shape, type and rule in parts->split, sigma, vh and theta included.
 *  @param methods  the methods that may be asked, @p n_methods of them
 *  @param least    bytes that parts->work must have
 *  @param work     BF_ALIGN-aligned, or NULL to measure only
 *  @return bytes */
size_t bf_parts_lay_out(bf_parts_t *parts, const bf_method_ops_t *const *methods, int n_methods, size_t least, void *work);

/** @brief Find the sectors of a pair that has been laid out. */
void bf_parts_find(bf_parts_t *parts, const bf_tensor_t *c);

/** @brief Build theta, in parts for @p method. @return ||theta||_F^2, NaN or infinite if an element is */
double bf_parts_load(bf_parts_t *parts, const bf_weighted_t *pair, const bf_method_ops_t *method);

/** @brief Values of all parts, one decision, and the vectors it keeps. @return BF_OK, or BF_ERR_SVD */
BF_MUST_USE bf_status_t bf_parts_solve(bf_parts_t *parts);

/** @brief left <- C V, 2 chi_l x keep; @p left may be the memory of theta. */
void bf_parts_left(bf_parts_t *parts, const bf_tensor_t *c, void *left);

/** @brief V^H of the whole, in parts->split.vh: what the parts hold, with zeros in between. */
void bf_parts_right(bf_parts_t *parts);

#ifdef __cplusplus
}
#endif
#endif
