/** @file analyse.h
 *  @brief What a timeline means: where the time went, why workers were idle, what could not have been faster.
 *
 *  Dependencies are those that were recorded: a task depends on the one that wrote what it reads, or that still read what it
 *  overwrites, and on messages in between. Times are ns.
 */
#ifndef BF_TRACE_ANALYSE_H
#define BF_TRACE_ANALYSE_H

#include "runtime/trace/timeline.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Why a worker has nothing to do. */
typedef enum bf_idle {
    BF_IDLE_CRITICAL = 0, /**< its next task waits for one of the critical path, which runs or waits for its own worker */
    BF_IDLE_NO_TASK,      /**< its next task waits for one that is not critical: too little to do at the same time */
    BF_IDLE_MESSAGE,      /**< its next task waits for a tensor that is on its way between ranks */
    BF_IDLE_SUBMISSION,   /**< what it waits for has not been submitted yet */
    BF_IDLE_SYNC,         /**< not submitted yet, because the main thread waits for all tasks or for the other ranks */
    BF_IDLE_SCHEDULING,   /**< a task that this rank could run is ready: the runtime takes its time */
    BF_IDLE_END,          /**< it has no further task, others still work */
    BF_IDLE_COUNT         /**< how many */
} bf_idle_t;

const char *bf_idle_name(bf_idle_t idle);    /**< @return the name in JSON. */
const char *bf_idle_meaning(bf_idle_t idle); /**< @return a few words for people. */

/** What holds a task back last. */
typedef enum bf_cause { BF_CAUSE_NOTHING, BF_CAUSE_SUBMISSION, BF_CAUSE_TASK } bf_cause_t;

/** What is found out about a task. */
typedef struct bf_finding {
    int64_t ready;    /**< when everything it needs was there */
    int64_t finish;   /**< length of the longest chain of dependent tasks and messages that ends with it */
    uint32_t cause;   /**< the task whose result arrived last, BF_NO_INDEX when that was the insertion */
    uint32_t message; /**< that brought it, BF_NO_INDEX: none */
    uint32_t longest; /**< the task before it in that chain, BF_NO_INDEX at its beginning */
    uint8_t why;      /**< bf_cause_t */
    bool critical;    /**< on the critical path */
    bool from_afar;   /**< @c longest is on another rank */
} bf_finding_t;

/** Totals of one codelet. */
typedef struct bf_kind_sum {
    size_t tasks;
    int64_t ns;
    double flops;
} bf_kind_sum_t;

/** Totals of one rank. */
typedef struct bf_rank_sum {
    int64_t busy;
    int64_t idle[BF_IDLE_COUNT];
    size_t tasks;
    int64_t main_phase[BF_PHASE_COUNT]; /**< time of the main thread in each phase, inner ones included in outer ones */
} bf_rank_sum_t;

/** A gate of the critical path. */
typedef struct bf_heavy_gate {
    int32_t line;
    int32_t site;
    uint32_t chi_before;
    uint32_t chi_after;
    int64_t begin;
    int64_t ns; /**< both halves, where it had two */
} bf_heavy_gate_t;

enum { BF_HEAVY_GATES = 10, BF_HEAT_CELLS = 240, BF_BINS = 40 };

/** Largest bond in a cell of sites x layers. */
typedef struct bf_heat {
    int bonds, layers; /**< of the circuit */
    int columns, rows; /**< of the picture: at most BF_HEAT_CELLS each */
    uint32_t *cell;    /**< rows x columns, 0: no gate there */
    uint32_t max;      /**< of all */
} bf_heat_t;

/** Everything. */
typedef struct bf_analysis {
    const bf_timeline_t *timeline;
    bf_finding_t *tasks;   /**< of each task */
    int64_t begin, end;    /**< from the first insertion to the end of the last task */
    int64_t work;          /**< sum of all tasks */
    int64_t critical;      /**< length of the critical path, messages included */
    int64_t critical_wire; /**< of this, messages */
    size_t critical_tasks;
    uint32_t last; /**< its last task */
    int64_t busy;  /**< time in tasks */
    int64_t idle[BF_IDLE_COUNT];
    bf_kind_sum_t kinds[BF_TIMELINE_KINDS];
    bf_rank_sum_t *ranks;
    bf_heavy_gate_t heavy[BF_HEAVY_GATES];
    int n_heavy;
    bf_heat_t heat;
    uint64_t *matrix_bytes; /**< ranks x ranks, from x to */
    uint64_t *matrix_count;
    uint64_t bytes;             /**< of all messages */
    int64_t transfer_ns;        /**< from packing to unpacking, summed */
    int64_t submit_ns;          /**< of the main threads inside insertions */
    double predicted_us;        /**< what the rates of this machine's kernels say of all gates */
    double measured_us;         /**< what they took */
    size_t ratio_bins[BF_BINS]; /**< gates by measured over predicted: bin i from 2^((i - 20) / 4) on */
    size_t task_bins[BF_BINS];  /**< tasks by length: bin i from 2^(i / 2) us / 8 on */
    double ratio[3];            /**< measured over predicted: lower decile, median, upper decile, over gates; 0 without gates */
} bf_analysis_t;

/** @return @p at cut to 0..BF_BINS - 1. */
int bf_bin(double at);

/** @brief Analyse. @param t  borrowed until bf_analysis_free() @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_analyse(const bf_timeline_t *t, bf_analysis_t *a);

/** @brief Free what it holds. */
void bf_analysis_free(bf_analysis_t *a);

/** One stretch of time in which a worker has nothing to do. */
typedef void bf_idle_visit_t(void *arg, int rank, int worker, bf_idle_t why, int64_t from, int64_t to);

/** @brief Visit them all, in any order. What a worker waits for is followed back from its next task: through messages to tasks of
 * other ranks, through those to what they wait for, until something is found that was going on at the time. @return BF_OK,
 * BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_analysis_gaps(const bf_analysis_t *a, bf_idle_visit_t *visit, void *arg);

/** @return how much faster than one worker the run was. */
double bf_analysis_speedup(const bf_analysis_t *a);

/** @return how much faster it could have been with these tasks and workers: work / max(critical path, work / workers). */
double bf_analysis_possible(const bf_analysis_t *a);

/** @return the share of the workers' time that was idle, 0..1. */
double bf_analysis_idle_share(const bf_analysis_t *a);

#ifdef __cplusplus
}
#endif
#endif
