/** @file features.h
 *  @brief The result of a job of many rows: written by row index from several processes, durable range by range, resumable.
 *
 *  .npy and .h5 files have their header (metadata) first and their rows in place; a range is written, synced, and only then
 *  marked as done. While the job lasts they are `FILE.partial`, and what is marked is in `FILE.progress`; an earlier FILE stays
 * as it is until bf_features_finish() replaces it and removes the other two. CSV and JSON are made of `FILE.partial` at the end.
 * A killed process loses the ranges it had not marked, nothing else; the file is never half of a row.
 *
 *  HDF5: datasets `features` (rows x columns, attribute `columns`) and, with a status, `status`; attributes at the root.
 *  .npy: the status, when wanted, is the last column. CSV: header `row,NAMES...[,status]`, rows counted from 0, empty cells where
 *  there is no number. JSON: `{"columns": [...], "data": [[...], ...]}`, null where there is no number.
 */
#ifndef BF_FEATURES_H
#define BF_FEATURES_H

#include "runtime/io/io.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An open result (opaque). Each rank has its own for the same file; one thread at a time. */
typedef struct bf_features bf_features_t;

/** What identifies a job: resuming refuses when one of these differs, and says which. */
typedef struct bf_job {
    int64_t rows;
    int64_t columns;
    const char *const *column_names; /**< @c columns names */
    uint64_t table;                  /**< bf_table_fingerprint() */
    uint64_t circuit;                /**< hash of the circuit's text */
    const char *options;             /**< JSON text of every option that can change a number */
    const char *attributes;          /**< JSON text: versions, template, seed, ...: stored in the HDF5 file's attributes */
    bool with_status;                /**< a status column follows the features: 0 good, 1 bad row (features NaN) */
} bf_job_t;

/** @brief Create the files, or with @p resume open those of an interrupted run. Rank 0 only, before the others attach.
 *
 *  The space of all rows is reserved here, so that a full disk is met at the start.
 *  @return BF_OK; BF_ERR_INPUT when there is nothing to resume, the job differs (which part), without @p resume an interrupted
 * run has rows done (so that forgetting the option does not lose them), or @p path is not a file; BF_ERR_IO; BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_features_create(const char *path, bf_format_t format, const bf_job_t *job, bool resume);

/** @brief Open what rank 0 created. Every rank. */
BF_MUST_USE bf_status_t bf_features_attach(const char *path, bf_format_t format, const bf_job_t *job, bf_features_t **features);

/** @return whether row @p row is done (as of attaching, and by this process). */
bool bf_features_done(const bf_features_t *features, int64_t row);

/** @brief Write rows [@p first, @p first + @p count), sync, mark them. Different processes may write different rows at the same
 *  time.
 *  @param values  count x columns
 *  @param status  count bytes, only with job.with_status
 *  @return BF_OK, BF_ERR_IO (disk full, ...): nothing of the range is marked */
BF_MUST_USE bf_status_t bf_features_write(bf_features_t *features, int64_t first, int64_t count, const double *values,
                                          const uint8_t *status);

/** @brief Close without finishing: the job can be resumed. NULL is fine. */
void bf_features_close(bf_features_t *features);

/** @brief All rows are done and all ranks have closed: make the final file, remove the progress file. Rank 0 only.
 *  @return BF_OK, BF_ERR_IO, BF_ERR_INTERNAL when a row is missing */
BF_MUST_USE bf_status_t bf_features_finish(const char *path, bf_format_t format, const bf_job_t *job);

#ifdef __cplusplus
}
#endif
#endif
