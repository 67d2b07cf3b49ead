/** @file run_trace.h
 *  @brief --trace of every program that runs a circuit. All collective; nothing happens without the option.
 */
#ifndef BF_RUN_TRACE_H
#define BF_RUN_TRACE_H

#include "apps/run_options.h"
#include "runtime/trace/trace.h"

/** @brief Make the folder, before StarPU starts. @param[out] trace  NULL without --trace */
BF_MUST_USE bf_status_t bf_run_trace_open(bf_session_t *session, const bf_run_options_t *o, bf_trace_t **trace);

/** @brief Begin to record, once StarPU is up. */
BF_MUST_USE bf_status_t bf_run_trace_begin(bf_trace_t *trace, const char *program, const bf_run_options_t *o, bf_site_t sites);

/** @brief End the recording once nothing runs, and say where it is. @param status  how the run went */
void bf_run_trace_end(bf_trace_t *trace, const bf_run_options_t *o, bf_status_t status);

#endif
