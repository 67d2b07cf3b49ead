/** @file features_testing.h
 *  @brief What the tests of results of many rows share: a job, its numbers, the ways to write them and to read them back.
 *
 *  Functions that fail record it with CUnit.
 */
#ifndef BF_FEATURES_TESTING_H
#define BF_FEATURES_TESTING_H

#include "runtime/io/features.h"

#define FEATURES_ROWS    300
#define FEATURES_COLUMNS 5
#define FEATURES_RANGE   10 /**< rows that are written together */

/** How file names end, by bf_format_t. */
extern const char *const features_ends[];

/** @return a job of FEATURES_ROWS rows; of those with a status some are bad. */
bf_job_t features_job(bool with_status);

/** @return the path of a result in the test's directory, as io_path(). */
const char *features_path(const char *stem, bf_format_t format);

/** @return @p path with @p end behind it, valid for the next three calls. */
const char *features_beside(const char *path, const char *end);

/** @brief Write the numbers of some rows. */
bf_status_t features_write(bf_features_t *features, const bf_job_t *job, int64_t first, int64_t count);

/** @brief bf_features_attach() that has to succeed. */
bf_features_t *features_attach(const char *path, bf_format_t format, const bf_job_t *job);

/** @brief bf_features_create() that has to succeed. */
void features_create(const char *path, bf_format_t format, const bf_job_t *job, bool resume);

/** @brief bf_features_create() that has to fail with @p code and @p words, as io_error_says(). */
void features_refuse(const char *path, bf_format_t format, const bf_job_t *job, bool resume, bf_status_t code, const char *words);

/** @brief Write the rows that are not done, in an order that is not theirs. */
void features_write_rest(const char *path, bf_format_t format, const bf_job_t *job);

/** @brief bf_features_finish() that has to succeed and leave nothing beside the result. */
void features_finish(const char *path, bf_format_t format, const bf_job_t *job);

/** @brief All of a result at once, without interruption. */
void features_write_all(const char *path, bf_format_t format, const bf_job_t *job);

/** @return whether two files have the same bytes. */
bool features_same(const char *a, const char *b);

/** @brief Read a result with a reader of its format, not ours, and compare names, numbers, status and attributes. */
void features_check(const char *path, bf_format_t format, const bf_job_t *job);

#endif
