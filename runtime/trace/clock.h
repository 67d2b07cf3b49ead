/** @file clock.h
 *  @brief Comparing the clocks of ranks.
 */
#ifndef BF_TRACE_CLOCK_H
#define BF_TRACE_CLOCK_H

#include "runtime/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Note in every rank's trace what its clock shows against rank 0's. Collective. */
void bf_clock_compare(bf_session_t *session);

/** What a clock showed, and what rank 0's showed at that moment, in ns. */
typedef struct bf_clock_point {
    int64_t local;
    int64_t reference;
} bf_clock_point_t;

/** reference = origin.reference + (1 + drift) (local - origin.local). */
typedef struct bf_clock_line {
    bf_clock_point_t origin;
    double drift; /**< seconds a second by which rank 0's clock runs ahead of this one */
} bf_clock_line_t;

/** @brief The line through the first and the last of @p count points; without points the two clocks are one, with points close
 *  together there is no drift. */
bf_clock_line_t bf_clock_fit(const bf_clock_point_t *points, size_t count);

/** @return the time on rank 0's clock, in ns. */
int64_t bf_clock_correct(const bf_clock_line_t *line, int64_t local);

#ifdef __cplusplus
}
#endif
#endif
