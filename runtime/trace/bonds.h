/** @file bonds.h
 *  @brief What the gates of a timeline tell: how bonds grew, which gates were heavy, how good the planner's predictions were.
 */
#ifndef BF_TRACE_BONDS_H
#define BF_TRACE_BONDS_H

#include "runtime/trace/analyse.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Fill heat map, predictions and the heaviest gates of the critical path. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_bonds(const bf_timeline_t *t, bf_analysis_t *a);

#ifdef __cplusplus
}
#endif
#endif
