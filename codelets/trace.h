/** @file trace.h
 *  @brief The trace stamp: what task bodies, messages and the submitting thread note about themselves when a run is traced.
 *
 *  A codelet is traced by one line at the top of its body:
 *
 *      BF_TRACE_TASK(buffers);
 *
 *  It notes name, begin, end, tensors with their versions, and closes at every return. When nothing is traced it only adds the
 *  task's time to bf_trace_busy_ns(), and the other calls cost one test. A thread writes into memory of its own, without locks;
 * where that memory comes from is runtime/trace's business.
 */
#ifndef BF_TRACE_H
#define BF_TRACE_H

#include "codelets/ledger.h"
#include "codelets/trace_record.h"
#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where records go. Called by the thread concerned, seldom. */
typedef struct bf_trace_sink {
    /** @param full  the thread's last chunk, NULL at first; not used any more
     *  @return an empty chunk with magic, worker, thread and sequence set; NULL when there is no room: the thread then drops */
    bf_trace_chunk_t *(*next)(void *arg, bf_trace_chunk_t *full, int32_t worker, uint32_t thread, uint32_t sequence);
    void (*flush)(void *arg, uint32_t thread); /**< write what its chunk holds and is not written yet */
    void (*drop)(void *arg, unsigned records); /**< count what is lost */
    void *arg;
} bf_trace_sink_t;

extern bool bf_trace_on; /**< whether a trace is being recorded; set by bf_trace_start() and bf_trace_stop() only */

/** @brief Begin recording; the calling thread is the main thread. Only while no task runs. @param sink  borrowed */
void bf_trace_start(const bf_trace_sink_t *sink);

/** @brief End recording. Only while no task runs. */
void bf_trace_stop(void);

/** @return now, in nanoseconds of CLOCK_MONOTONIC_RAW. */
int64_t bf_trace_now(void);

/** @return now, or 0 when nothing is traced. */
static inline int64_t bf_trace_stamp(void)
{
    return bf_trace_on ? bf_trace_now() : 0;
}

/** @return nanoseconds that the workers of this process have spent in task bodies so far, traced or not. */
int64_t bf_trace_busy_ns(void);

/** A task that is running. */
typedef struct bf_trace_running {
    void **buffers;
    int64_t begin_ns;
} bf_trace_running_t;

/** @brief Used by BF_TRACE_TASK(). */
bf_trace_running_t bf_trace_task_begin(void **buffers);

/** @brief Used by BF_TRACE_TASK(). */
void bf_trace_task_end(const bf_trace_running_t *running);

/** Trace the task whose body this is, to its end. */
#define BF_TRACE_TASK(buffers)                                                                                                   \
    __attribute__((cleanup(bf_trace_task_end))) const bf_trace_running_t bf_trace_running = bf_trace_task_begin(buffers)

/** @brief Note that the running task has done @p flops real operations (they add up). */
void bf_trace_flops(double flops);

/** @brief Note how many rows of a table the running task computes. */
void bf_trace_rows(size_t rows);

/** @brief Note a two-site gate that the running task has applied since @p begin (bf_trace_stamp()). Nothing when that is 0. */
void bf_trace_gate(int64_t begin, const bf_ledger_entry_t *entry);

/** @brief Note the first half of a gate, the contraction. */
void bf_trace_half_gate(int64_t begin, int32_t site, int32_t line, bf_dim_t chi, bf_type_t type);

/** An insertion under way. */
typedef struct bf_trace_insertion {
    uint32_t id; /**< for STARPU_TAG_ONLY: how the body learns which insertion it belongs to */
    bool foreign;
    int64_t begin_ns;
} bf_trace_insertion_t;

/** @brief Before inserting a task. Main thread only. @param foreign  the task runs on another rank */
bf_trace_insertion_t bf_trace_insert_begin(bool foreign);

/** @brief After inserting it. */
void bf_trace_insert_end(const bf_trace_insertion_t *insertion);

/** @brief Note a phase of the main thread that began at @p begin (bf_trace_stamp()) and ends now. Nothing when that is 0. */
void bf_trace_phase(bf_trace_phase_t phase, int64_t begin);

/** @brief Note one end of a message. @param kind  BF_TRACE_SEND or BF_TRACE_RECEIVE */
void bf_trace_message(bf_trace_kind_t kind, uint32_t tensor, uint32_t version, size_t bytes, int64_t begin);

/** @brief Note which site a tensor is. */
void bf_trace_handle(uint32_t tensor, bf_site_t site);

/** @brief Note a comparison of clocks. */
void bf_trace_clock(int64_t local_ns, int64_t reference_ns, int64_t uncertainty_ns);

/** @brief Note that tensors take @p bytes more (less, when negative). */
void bf_trace_memory(int64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
