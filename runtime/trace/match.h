/** @file match.h
 *  @brief Joining what was recorded apart: a task and its insertion, the two ends of a message.
 */
#ifndef BF_TRACE_MATCH_H
#define BF_TRACE_MATCH_H

#include "runtime/trace/timeline.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The insertions of one rank, by their number. */
typedef struct bf_submits {
    int64_t (*times)[2]; /**< begin and end, begin -1 where there is none */
    uint8_t *seen;       /**< whether its task has been seen */
    uint32_t last;       /**< highest number */
} bf_submits_t;

/** @brief Make room for numbers 1..@p last. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_submits_open(bf_submits_t *s, uint32_t last);

/** @brief Take an insertion, and count it. @param foreign  it has no task here, and no number */
void bf_submits_add(bf_submits_t *s, bf_rank_info_t *rank, uint32_t id, bool foreign, int64_t begin, int64_t end);

/** @brief Give the tasks from @p first on their insertions; count what has no counterpart. */
void bf_submits_join(bf_submits_t *s, bf_timeline_t *t, size_t first);

/** @brief Free. */
void bf_submits_close(bf_submits_t *s);

/** One end of a message. */
typedef struct bf_half {
    int64_t begin, end;
    uint32_t tensor, version, bytes;
    uint16_t rank;
} bf_half_t;

/** All ends of all messages. */
typedef struct bf_halves {
    bf_half_t *sends, *receives;
    size_t n_sends, n_receives;
} bf_halves_t;

bool bf_halves_open(bf_halves_t *h, size_t sends, size_t receives); /**< @return whether there is memory for so many */
void bf_halves_close(bf_halves_t *h);                               /**< Free. */

/** @brief Take an end. */
void bf_halves_add(bf_halves_t *h, const bf_trace_message_t *record, int rank, int64_t begin, int64_t end);

/** @brief Make messages of them: those of one tensor and version meet in the order of time.
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_halves_match(bf_halves_t *h, bf_timeline_t *t);

#ifdef __cplusplus
}
#endif
#endif
