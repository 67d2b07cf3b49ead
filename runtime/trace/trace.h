/** @file trace.h
 *  @brief Recording a trace: one folder a run, one file a rank, a head in JSON.
 *
 *  RUN/run.json     what ran: versions, options, ranks, machine, number of sites
 *  RUN/rankN.trace  what rank N did: codelets/trace_record.h
 *
 *  Order of calls: bf_trace_open() before StarPU starts, bf_trace_begin() after, bf_trace_close() once the work is done.
 */
#ifndef BF_RUNTIME_TRACE_H
#define BF_RUNTIME_TRACE_H

#include "runtime/bondflow.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A trace that is being written. */
typedef struct bf_trace bf_trace_t;

/** @brief Create @p folder, or empty it if it holds a trace, and this rank's file in it. Where StarPU can trace by itself (FxT)
 * it is asked to, into the same folder. Collective.
 *  @return BF_OK; BF_ERR_INPUT when @p folder is something else; BF_ERR_IO */
BF_MUST_USE bf_status_t bf_trace_open(bf_session_t *session, const char *folder, bf_trace_t **trace);

/** What is worth knowing about a run when its trace is read. Pointers are borrowed. */
typedef struct bf_trace_about {
    const char *program; /**< name */
    const char *circuit; /**< file */
    const char *options; /**< JSON object */
    bf_site_t sites;     /**< of the chain */
} bf_trace_about_t;

/** @brief Start StarPU if need be, compare the clocks and begin to record. After bf_session_start(). Collective. NULL is fine.
 * @param about  from rank 0 */
BF_MUST_USE bf_status_t bf_trace_begin(bf_trace_t *trace, const bf_trace_about_t *about);

/** @brief Compare the clocks again, end the recording, and free. No task runs. Collective. NULL is fine.
 *  @param failed  the run has failed: the files say so, and stay readable
 *  @return records that the ranks have lost for want of room on the disk; trace_report says so too */
size_t bf_trace_close(bf_trace_t *trace, bool failed);

#ifdef __cplusplus
}
#endif
#endif
