/** @file row.h
 *  @brief Task: several rows of a table, each a circuit evolved and measured as a whole in the worker's memory.
 */
#ifndef BF_ROW_H
#define BF_ROW_H

#include "codelets/chain.h"
#include "codelets/submit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What became of a row. */
typedef enum bf_row_state {
    BF_ROW_DONE = 0,
    BF_ROW_BAD = 1,   /**< its inputs are unusable: features are NaN */
    BF_ROW_HEAVY = 2, /**< a bond exceeded the limit: left to site tasks */
    BF_ROW_FAILED = 3 /**< numerical failure: features are NaN */
} bf_row_state_t;

/** How one row went. */
typedef struct bf_row_report {
    double sum_eps;  /**< discarded weight, summed in gate order */
    double distance; /**< sum of sqrt(eps) */
    double seconds;
    int32_t max_bond;
    int32_t status;    /**< bf_status_t of a failure */
    int32_t state;     /**< bf_row_state_t */
    int32_t fallbacks; /**< factorisations refused by their check */
} bf_row_report_t;

/** What all rows of a job share. */
typedef struct bf_row_job {
    const bf_program_t *program; /**< structure; matrices come from @c bind */
    size_t tail;                 /**< operations from here on are a bf_tail_t; n_ops when there is none */
    const void *binder;          /**< first argument of @c bind */
    bf_status_t (*bind)(const void *binder, const double *inputs, bf_gate2_t *gates2, bf_gate1_t *gates1); /**< thread safe */
    bf_factor_rule_t rule;
    bf_precision_t precision;
    bf_dim_t bond_limit; /**< rows whose bonds exceed it are BF_ROW_HEAVY; 0 = none */
    const bf_feature_t *features;
    size_t n_features;
    size_t columns; /**< of all features */
    double scale;   /**< for bf_feature_scale() */
} bf_row_job_t;

/** Rows that are being computed: the task writes values, reports and counts down. */
typedef struct bf_row_batch {
    const bf_row_job_t *job;
    size_t n_inputs;
    const double *inputs;     /**< rows x n_inputs */
    double *values;           /**< rows x job->columns */
    bf_row_report_t *reports; /**< one per row; those of state BF_ROW_BAD on entry are not computed */
    atomic_size_t left;       /**< rows not finished */
} bf_row_batch_t;

/** @brief Insert a task for rows [@p first, @p first + @p count) of @p batch on this rank. No StarPU data is involved.
 *  Errors: in the row's report; its values are NaN. Performance model: none, rows cost what their data make them cost. */
BF_MUST_USE bf_status_t bf_insert_rows(bf_submit_t *submit, bf_row_batch_t *batch, size_t first, size_t count);

#ifdef __cplusplus
}
#endif
#endif
