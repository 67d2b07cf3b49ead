/** @file slots.h
 *  @brief Room for the 4 x 4 matrices that are being worked on.
 */
#ifndef BF_SLOTS_H
#define BF_SLOTS_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Zero-initialised is empty. */
typedef struct bf_slots {
    bf_z_t (*matrices)[16]; /**< owned; moves when it grows */
    uint32_t *unused;       /**< slots that hold nothing; owned */
    size_t n_unused;        /**< of them */
    size_t room;            /**< slots */
} bf_slots_t;

/** @return the matrix in @p slot; valid until the next bf_slots_take(). */
static inline bf_z_t *bf_slots_at(const bf_slots_t *slots, uint32_t slot)
{
    return slots->matrices[slot];
}

/** @brief A slot with a copy of @p matrix, which must not be in one. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_slots_take(bf_slots_t *slots, const bf_z_t matrix[16], uint32_t *slot);

/** The slot holds nothing from now on. */
static inline void bf_slots_give_back(bf_slots_t *slots, uint32_t slot)
{
    slots->unused[slots->n_unused++] = slot;
}

/** Free the memory. */
void bf_slots_clear(bf_slots_t *slots);

#ifdef __cplusplus
}
#endif
#endif
