/** @file counts.h
 *  @brief How often each bit string occurred. Not collective.
 */
#ifndef BF_COUNTS_H
#define BF_COUNTS_H

#include "runtime/observe/bits.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Different rows and their counts (opaque). */
typedef struct bf_counts bf_counts_t;

/** @brief Nothing counted yet, rows of @p n_bits. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_counts_create(size_t n_bits, bf_counts_t **counts);

/** @brief Free; NULL is fine. */
void bf_counts_destroy(bf_counts_t *counts);

/** @brief Count @p n more rows. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_counts_add(bf_counts_t *counts, const uint8_t *rows, size_t n);

/** @brief Put them in order: most frequent first, equally frequent ones as numbers of which bit 0 is the last digit, or the
 * first.
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_counts_sort(bf_counts_t *counts, bf_bit_order_t order);

size_t bf_counts_size(const bf_counts_t *counts); /**< different rows */

/** @return row @p i of the order; @param[out] count  how often */
const uint8_t *bf_counts_get(const bf_counts_t *counts, size_t i, uint64_t *count);

#ifdef __cplusplus
}
#endif
#endif
