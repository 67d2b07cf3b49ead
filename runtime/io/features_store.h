/** @file features_store.h
 *  @brief Inside runtime/io: the files of a job of many rows. features.c puts them together, one file per concern does the rest.
 *
 *  FILE.partial    the numbers, in the final format for .npy and HDF5, as .npy for CSV and JSON
 *  FILE.progress   a text header that says which job this is, then a byte per row: 0, or 1 when the row is durable in
 * FILE.partial FILE            an earlier result stays untouched until bf_features_finish() replaces it
 */
#ifndef BF_FEATURES_STORE_H
#define BF_FEATURES_STORE_H

#include "runtime/io/features.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where the numbers are in FILE.partial: every process writes them there without asking a library. */
typedef struct bf_features_layout {
    int64_t values;    /**< offset of row 0 */
    int64_t stride;    /**< bytes from row to row: 8 columns, 8 more with a status column among the numbers (.npy) */
    int64_t status;    /**< offset of the status bytes, one per row (HDF5); -1 when they are in the rows or not wanted */
    int64_t bytes;     /**< size of the file */
    uint64_t identity; /**< inode: recognises FILE.partial after it was renamed */
} bf_features_layout_t;

/** An open progress file. */
typedef struct bf_progress {
    int file;                    /**< open for reading and writing; -1 when closed */
    char *path;                  /**< its name */
    int64_t marks;               /**< offset of the byte of row 0 */
    int64_t rows;                /**< bytes from there on */
    bf_features_layout_t layout; /**< of FILE.partial */
} bf_progress_t;

/** @return @p path with @p end behind it, freed by the caller; NULL when out of memory (recorded). */
char *bf_features_name(const char *path, const char *end);

/** @brief Write a new FILE.partial as .npy: header, and space for all rows. @return BF_OK, BF_ERR_IO, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_features_create_npy(const char *partial, const bf_job_t *job, bf_features_layout_t *layout);

/** @brief Likewise as HDF5: datasets `features` and `status`, attributes. */
BF_MUST_USE bf_status_t bf_features_create_hdf5(const char *partial, const bf_job_t *job, bf_features_layout_t *layout);

/** @brief Give the file its space, make it durable, fill in bytes and identity. @param end  offset that the file reaches at least
 */
BF_MUST_USE bf_status_t bf_features_reserve(int file, const char *partial, int64_t end, bf_features_layout_t *layout);

/** @brief Make CSV or JSON of a complete .npy layout. @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_features_write_text(const char *path, bf_format_t format, const bf_job_t *job, int data,
                                               const bf_features_layout_t *layout);

/** @brief Create FILE.progress with nothing marked; whole or not there. @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_progress_create(const char *path, bf_format_t format, const bf_job_t *job,
                                           const bf_features_layout_t *layout);

/** @brief Open FILE.progress and compare its job with ours.
 *  @return BF_OK; BF_ERR_INPUT when it is not there, damaged, or of another job (what differs); BF_ERR_IO */
BF_MUST_USE bf_status_t bf_progress_open(const char *path, bf_format_t format, const bf_job_t *job, bf_progress_t *progress);

/** @brief Refuse to start anew over an interrupted run that has rows done. @return BF_OK, BF_ERR_INPUT, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_progress_refuse_lost(const char *path);

/** @brief Read the bytes of rows [first, first + count). @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_progress_read(const bf_progress_t *progress, int64_t first, size_t count, uint8_t *marks);

/** @brief Mark rows [first, first + count). @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_progress_mark(const bf_progress_t *progress, int64_t first, int64_t count);

/** @brief Find the first row that is not marked. @param[out] row  -1 when all are. @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_progress_missing(const bf_progress_t *progress, int64_t *row);

/** @brief Close; a closed one is fine. */
void bf_progress_close(bf_progress_t *progress);

#ifdef __cplusplus
}
#endif
#endif
