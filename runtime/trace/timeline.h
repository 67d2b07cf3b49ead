/** @file timeline.h
 *  @brief A recorded run in memory: what all ranks did, on one clock.
 *
 *  Times are nanoseconds since the first record of the run, on rank 0's clock. Everything is sorted by time. Not collective:
 *  one process reads the files of all ranks.
 */
#ifndef BF_TIMELINE_H
#define BF_TIMELINE_H

#include "codelets/trace_record.h"
#include "runtime/error.h"

#include <stdbool.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BF_NO_INDEX UINT32_MAX /**< "none" among indices */

enum { BF_TIMELINE_KINDS = 64 };

/** A codelet. */
typedef struct bf_kind {
    char name[24];
    uint32_t color; /**< 0xRRGGBB */
} bf_kind_t;

/** A task that has run. */
typedef struct bf_task {
    int64_t begin;        /**< ns */
    int64_t end;          /**< ns */
    int64_t submit_begin; /**< ns; -1 when its insertion is not in the trace */
    int64_t submit_end;   /**< ns */
    uint32_t id;          /**< number of its insertion on its rank */
    uint32_t first_gate;  /**< its gates, in order */
    uint32_t n_gates;
    uint32_t first_use; /**< its tensors */
    uint32_t n_uses;
    uint16_t rank;
    uint16_t worker; /**< of the rank */
    uint16_t rows;
    uint8_t kind; /**< index of a bf_kind_t */
    float flops;
    uint32_t memory_kib;
} bf_task_t;

/** A message. */
typedef struct bf_message {
    int64_t send_begin;    /**< ns, of packing; -1 when no sender was recorded */
    int64_t send_end;      /**< ns */
    int64_t receive_begin; /**< ns, of unpacking; -1 when no receiver was recorded */
    int64_t receive_end;   /**< ns */
    uint32_t tensor;
    uint32_t version;
    uint32_t bytes;
    uint16_t from;
    uint16_t to;
} bf_message_t;

/** What a main thread did. */
typedef struct bf_phase {
    int64_t begin;
    int64_t end;
    uint16_t rank;
    uint8_t phase; /**< bf_trace_phase_t */
} bf_phase_t;

/** A rank. */
typedef struct bf_rank_info {
    char host[64];
    int workers;
    int first_lane;         /**< number of its first worker among all workers */
    bool complete;          /**< the run closed the file */
    uint64_t dropped;       /**< records it found no room for */
    uint64_t submitted;     /**< tasks inserted for this rank */
    uint64_t foreign;       /**< insertions that only post messages */
    int64_t submit_ns;      /**< time inside insertions, foreign ones included */
    int64_t uncertainty_ns; /**< of its clock against rank 0's */
    double drift;           /**< see bf_clock_line_t */
} bf_rank_info_t;

/** A run. */
typedef struct bf_timeline {
    char *program;
    char *circuit;
    char *runtime; /**< the session's description */
    char *options; /**< JSON */
    char *version; /**< of the bondflow that recorded */
    int sites;
    int ranks;
    int workers; /**< of all ranks */
    bool shared; /**< tensors travel between ranks */
    bool complete;
    uint64_t dropped;
    bf_rank_info_t *rank; /**< ranks */
    bf_kind_t kinds[BF_TIMELINE_KINDS];
    int n_kinds;
    size_t n_tasks, n_gates, n_uses, n_messages, n_phases;
    bf_task_t *tasks;       /**< by begin */
    bf_trace_gate_t *gates; /**< of each task in order */
    bf_trace_use_t *uses;
    bf_message_t *messages; /**< by the time of sending */
    bf_phase_t *phases;     /**< by begin */
    int32_t *site_of;       /**< n_tensors: site of a tensor's number (of a rank when not shared: the last one's), -1 unknown */
    size_t n_tensors;
    size_t repeated;  /**< tasks whose insertion has run before: should be 0 */
    size_t not_run;   /**< insertions without a task: 0 unless the run was cut short */
    size_t unmatched; /**< messages that lack one end: 0 unless the run was cut short */
    int64_t end;      /**< last moment of anything */
} bf_timeline_t;

/** @brief Read a trace folder.
 *  @return BF_OK; BF_ERR_INPUT when it is no trace, of another version, damaged, or mixed from several runs; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_timeline_read(const char *folder, bf_timeline_t *t);

/** @brief Free what it holds. */
void bf_timeline_free(bf_timeline_t *t);

#ifdef __cplusplus
}
#endif
#endif
