/** @file pool.h
 *  @brief A set of matrices: equal ones are stored once and known by a number.
 */
#ifndef BF_POOL_H
#define BF_POOL_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A slot of the hash table. */
typedef struct bf_pool_slot {
    uint32_t taken; /**< 1 + number of the item, 0 free */
    uint32_t hash;  /**< of its matrix: most comparisons end here, and growing needs no matrix */
} bf_pool_slot_t;

/** Zero-initialise, set @c entries and @c stride, use. */
typedef struct bf_pool {
    size_t entries;        /**< numbers in a matrix: 4 or 16 */
    size_t stride;         /**< bytes of an item: a structure that begins with the matrix, the rest 0 */
    void *items;           /**< owned; moves when the pool grows */
    size_t count;          /**< items */
    size_t room;           /**< allocated */
    bf_pool_slot_t *slots; /**< owned */
    size_t n_slots;        /**< a power of two, or 0 */
} bf_pool_t;

/** @return item @p id; valid until the next bf_pool_intern(). */
static inline bf_z_t *bf_pool_at(const bf_pool_t *pool, size_t id)
{
    return (bf_z_t *)(void *)((char *)pool->items + pool->stride * id);
}

/** @brief The number of the matrix equal to @p u, bit for bit but for the sign of zeros; added when it is new.
 *  @param[in,out] u  zeros lose their sign; must not point into the pool
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_pool_intern(bf_pool_t *pool, bf_z_t *u, uint32_t *id);

/** @brief Give the items to the caller, to be freed; the pool is empty afterwards. @return NULL when there are none */
void *bf_pool_release(bf_pool_t *pool, size_t *count);

/** Free the memory. */
void bf_pool_clear(bf_pool_t *pool);

#ifdef __cplusplus
}
#endif
#endif
