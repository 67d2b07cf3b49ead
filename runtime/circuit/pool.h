/** @file pool.h
 *  @brief A set of matrices: equal ones are stored once and known by a number.
 */
#ifndef BF_POOL_H
#define BF_POOL_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Zero-initialise, set @c entries, use. */
typedef struct bf_pool {
    size_t entries;  /**< numbers in a matrix: 4 or 16 */
    bf_z_t *items;   /**< owned; matrix i begins at items + entries*i; moves when the pool grows */
    size_t count;    /**< matrices */
    size_t room;     /**< allocated */
    uint32_t *slots; /**< owned; hash table of 1 + matrix number, 0 free */
    size_t n_slots;  /**< a power of two, or 0 */
} bf_pool_t;

/** @return matrix @p id; valid until the next bf_pool_intern(). */
static inline const bf_z_t *bf_pool_at(const bf_pool_t *pool, uint32_t id)
{
    return pool->items + pool->entries * id;
}

/** @brief The number of the matrix equal to @p u, bit for bit but for the sign of zeros; added when it is new.
 *  @param[in,out] u  zeros lose their sign; must not point into the pool
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_pool_intern(bf_pool_t *pool, bf_z_t *u, uint32_t *id);

/** Free the memory. */
void bf_pool_clear(bf_pool_t *pool);

#ifdef __cplusplus
}
#endif
#endif
