/** @file batch.h
 *  @brief A chunk of rows on its way from the table through the workers to the file.
 */
#ifndef BF_BATCH_H
#define BF_BATCH_H

#include "codelets/row.h"
#include "runtime/circuit/template.h"
#include "runtime/io/features.h"
#include "runtime/io/table.h"

/** Rows of one chunk. Zero-initialise; memory is kept from chunk to chunk. */
typedef struct bf_batch {
    size_t n;                 /**< rows to compute: those of the claimed range that are not done yet */
    size_t room;              /**< rows the memory is for */
    int64_t *rows;            /**< their numbers, ascending */
    double *cells;            /**< n x table columns */
    double *inputs;           /**< n x circuit inputs */
    double *values;           /**< n x feature columns */
    double *lines;            /**< n x result columns: cells (with --classical) and values */
    bf_row_report_t *reports; /**< n */
    uint8_t *flags;           /**< n: bad cells while reading, status while writing */
    size_t n_inputs;
    size_t n_cells;
    size_t n_values;
    bf_row_batch_t task; /**< what the tasks see */
} bf_batch_t;

/** @brief Read the rows of [first, first + count) that are not done. */
BF_MUST_USE bf_status_t bf_batch_read(bf_batch_t *batch, bf_table_t *table, const bf_features_t *features,
                                      const int64_t *column_of, size_t n_inputs, const bf_row_job_t *job, int64_t first,
                                      int64_t count, bf_bad_rows_t policy);

/** @brief Submit the rows as tasks. @param row_seconds  typical time of a row, 0 when unknown */
BF_MUST_USE bf_status_t bf_batch_submit(bf_batch_t *batch, bf_submit_t *submit, double row_seconds, int workers);

bool bf_batch_ready(const bf_batch_t *batch);                     /**< whether every row is finished */
double *bf_batch_features(bf_batch_t *batch, size_t i);           /**< where the features of row i go */
const double *bf_batch_inputs(const bf_batch_t *batch, size_t i); /**< inputs of row i */

/** @brief Write all rows, consecutive ones together. */
BF_MUST_USE bf_status_t bf_batch_write(bf_batch_t *batch, bf_features_t *features, int64_t columns);

/** @brief Free the memory. */
void bf_batch_release(bf_batch_t *batch);

#endif
