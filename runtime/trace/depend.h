/** @file depend.h
 *  @brief Who waited for whom: the dependencies behind a timeline, and the longest chain of them.
 */
#ifndef BF_TRACE_DEPEND_H
#define BF_TRACE_DEPEND_H

#include "runtime/trace/analyse.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Fill the findings of all tasks, and the critical path of @p a. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_depend(const bf_timeline_t *t, bf_analysis_t *a);

#ifdef __cplusplus
}
#endif
#endif
