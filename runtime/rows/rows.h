/** @file rows.h
 *  @brief A job of many rows: one circuit template, a table of inputs, features out.
 */
#ifndef BF_ROWS_H
#define BF_ROWS_H

#include "runtime/bondflow.h"
#include "runtime/circuit/template.h"
#include "runtime/io/features.h"
#include "runtime/io/table.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BF_ROWS_HISTOGRAM = 24 };

/** How far a job is; of this rank, or summed over the ranks at the end. */
typedef struct bf_rows_progress {
    int64_t done;                              /**< rows finished by this run */
    int64_t resumed;                           /**< rows that an earlier run had finished */
    int64_t bad;                               /**< rows skipped for their inputs */
    int64_t heavy;                             /**< rows computed by site tasks */
    int64_t fallbacks;                         /**< factorisations refused by their check */
    int64_t bond_histogram[BF_ROWS_HISTOGRAM]; /**< rows whose largest bond is in (2^(i-1), 2^i] */
    double slowest_seconds;
    int64_t slowest_row;   /**< -1: none yet */
    double worst_eps;      /**< largest sum of discarded weights of a row */
    double sum_eps;        /**< over all rows */
    double worst_distance; /**< largest rigorous bound of a row */
    double busy_seconds;   /**< time inside rows, over all workers */
} bf_rows_progress_t;

/** What to run. Pointers are borrowed. */
typedef struct bf_rows_options {
    const bf_circuit_t *circuit;
    const char *table_name; /**< for messages */
    bf_table_t *table;      /**< open */
    const char *out;        /**< result file */
    bf_format_t format;
    const bf_feature_t *features;
    size_t n_features;
    bf_factor_rule_t rule;
    bf_precision_t precision;
    bf_pass_options_t passes;
    double scale; /**< 1, or 1/2 for spin operators */
    bf_bad_rows_t bad_rows;
    bool classical; /**< the input columns come first in every row of the result */
    bool resume;
    uint64_t circuit_hash;
    const char *identity;   /**< JSON: options that can change a number */
    const char *attributes; /**< JSON: everything worth keeping with the result */
    bf_dim_t bond_limit;    /**< rows beyond it are computed by site tasks; 0: default */
    void (*progress)(void *arg, const bf_rows_progress_t *mine, int64_t claimed,
                     int64_t rows); /**< rank 0 only, a few times a second */
    void *progress_arg;
} bf_rows_options_t;

/** @brief Which table column feeds which input of the circuit: by name when the table has names that fit, else in order.
 *  @param table_name  for messages
 *  @param[out] column_of  bf_circuit_inputs() columns
 *  @return BF_OK; BF_ERR_INPUT naming an input without a column */
BF_MUST_USE bf_status_t bf_rows_bind_columns(const bf_circuit_t *circuit, const char *table_name, const bf_table_t *table,
                                             int64_t *column_of);

/** @brief Run the job on a session started with bf_session_start_apart(). Collective.
 *
 *  Rows are claimed in chunks from a counter (one-sided MPI), smaller towards the end; each rank's workers compute them; finished
 *  chunks are durable. SIGTERM, SIGINT and SIGUSR1 end the job after the rows under way.
 *  @param[out] total       summed over all ranks, on every rank
 *  @param[out] interrupted true when rows are left: the job can be resumed
 *  @return BF_OK; BF_ERR_INPUT; BF_ERR_IO; a numerical error */
BF_MUST_USE bf_status_t bf_rows_run(bf_session_t *session, const bf_rows_options_t *options, bf_rows_progress_t *total,
                                    bool *interrupted);

#ifdef __cplusplus
}
#endif
#endif
