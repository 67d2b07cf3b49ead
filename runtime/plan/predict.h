/** @file predict.h
 *  @brief What a program will need before it is run: bonds, memory, time, and what limits it. Not collective, starts nothing.
 *
 *  A prediction is made for bonds as large as they can become (bf_plan_bound()), or, as far as bonds are known from a probe or
 *  from the ledger of a run, for those. The first is an upper bound of memory and work; true bonds usually stay far below.
 */
#ifndef BF_PREDICT_H
#define BF_PREDICT_H

#include "codelets/feature.h"
#include "codelets/precision.h"
#include "kernels/factor.h"
#include "runtime/plan/levels.h"
#include "runtime/plan/plan.h"
#include "runtime/plan/rates.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a prediction depends on besides the program. */
typedef struct bf_predict_options {
    const bf_rates_t *rates;
    bf_factor_rule_t rule; /**< cutoff, max_dim, method of the run */
    bf_precision_t precision;
    double grain_us; /**< as bf_plan_options_t, 0 = the default of a state */
    int ranks;
    int workers;       /**< of each rank */
    bool always_tasks; /**< as bf_state_options_t */
    /** bonds after the first @c n_known operations (between the two sites; anything for one site); beyond them bounds count */
    const bf_dim_t *known;
    size_t n_known;
    const bf_feature_t *features; /**< what is measured at the end; NULL: <X>, <Y>, <Z> */
    size_t n_features;
} bf_predict_options_t;

/** What keeps a run from being faster. */
typedef enum bf_limit {
    BF_LIMIT_WORK,    /**< kernels on all cores: more cores help */
    BF_LIMIT_WIDTH,   /**< too few operations at a time for so many workers */
    BF_LIMIT_BOND,    /**< the operations on one bond, one after the other */
    BF_LIMIT_TASKS,   /**< the cost of tasks themselves */
    BF_LIMIT_MESSAGE, /**< messages between ranks */
    BF_LIMIT_MEASURE, /**< the measurement at the end */
    BF_LIMIT_START,   /**< starting MPI and StarPU */
    BF_LIMIT_COUNT
} bf_limit_t;

/** @return a short English phrase. */
const char *bf_limit_string(bf_limit_t limit);

#define BF_NO_OP SIZE_MAX

/** One program, one launch. Times in seconds. */
typedef struct bf_prediction {
    bf_site_t n;
    size_t n_ops;
    double flops;          /**< of all updates, real floating-point operations */
    double kernel_seconds; /**< of all updates one after the other on one core */
    bf_levels_t levels;    /**< the dependency map; its longest chain in these times; owned */
    bf_site_t heavy_bond;  /**< the bond with most of the work, -1 when there is no update */
    double heavy_seconds;  /**< its share of kernel_seconds */
    size_t tasks;          /**< as the planner groups them */
    double start_seconds;  /**< until the first task, about */
    double evolve_seconds; /**< list schedule of the planner's tasks on ranks x workers */
    double measure_seconds;
    double total_seconds;
    double row_seconds; /**< of the program as one row of many, whole in one worker's memory */
    bf_limit_t limit;
    bf_dim_t largest_bond;
    bf_dim_t *bonds;          /**< n - 1: at the end; owned */
    bf_dim_t *peaks;          /**< n - 1: the largest on the way; owned */
    size_t first_beyond;      /**< first operation that may want more than max_dim, BF_NO_OP when none */
    int workers;              /**< of a rank, as asked */
    size_t state_bytes;       /**< most that one rank holds in site tensors */
    size_t whole_state_bytes; /**< all site tensors, at their peak */
    size_t measure_bytes;     /**< most that the measurement takes on one rank beside the state */
    size_t workspace_bytes;   /**< most that one worker needs */
    size_t rank_bytes;        /**< peak of one rank, with the measurement and what a process has anyway */
    size_t largest_bytes;     /**< largest site tensor: a message between ranks */
    double *op_us;            /**< n_ops: predicted kernel time of each operation; owned */
    bf_dim_t *op_chi;         /**< n_ops: bond after each two-site operation, 0 for one site; owned */
} bf_prediction_t;

/** @brief Predict. Time O(n_ops log n_ops), memory O(n_ops + n).
 *  @param[out] prediction  to be freed with bf_prediction_clear(), also on error
 *  @return BF_OK; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_predict(const bf_program_t *program, const bf_predict_options_t *options, bf_prediction_t *prediction);

/** Free the memory. */
void bf_prediction_clear(bf_prediction_t *p);

#ifdef __cplusplus
}
#endif
#endif
