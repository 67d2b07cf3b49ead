/** @file table_source.h
 *  @brief Inside runtime/io: what the formats of tables share. table.c dispatches, one file per format reads.
 */
#ifndef BF_TABLE_SOURCE_H
#define BF_TABLE_SOURCE_H

#include "runtime/io/table.h"

#include <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of a format; arguments as bf_table_read(), checked; @c bad is NULL unless bad rows are skipped. */
typedef struct bf_table_format {
    bf_status_t (*read)(bf_table_t *table, int64_t first, int64_t count, double *values, uint8_t *bad);
    void (*close)(void *source); /**< frees bf_table.source */
} bf_table_format_t;

/** An open table. */
struct bf_table {
    char *path;                      /**< the file, without the name of a dataset */
    char *dataset;                   /**< HDF5 only, else NULL */
    int file;                        /**< open for reading: for identity and for raw reads, its offset is never used */
    struct stat seen;                /**< of @c file when it was opened */
    int64_t rows;                    /**< data rows */
    int64_t columns;                 /**< numbers per row */
    char **names;                    /**< @c columns names, or NULL */
    uint64_t fingerprint;            /**< bf_table_fingerprint() */
    const bf_table_format_t *format; /**< set by bf_table_open_*() */
    void *source;                    /**< the format's own */
};

/** Open one format: set rows, columns, format, source, and names where there are any. */
BF_MUST_USE bf_status_t bf_table_open_csv(bf_table_t *table);
BF_MUST_USE bf_status_t bf_table_open_npy(bf_table_t *table);  /**< likewise */
BF_MUST_USE bf_status_t bf_table_open_hdf5(bf_table_t *table); /**< likewise */

/** @return BF_OK, or BF_ERR_IO when the file is not as long and as old as when it was opened. */
BF_MUST_USE bf_status_t bf_table_unchanged(const bf_table_t *table);

/** @brief Make room for names: @c columns pointers, all NULL. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_table_make_names(bf_table_t *table);

/** @brief A row is bad. When bad rows are skipped: fill it with NaN and flag it; else an error that names row and column.
 *  @param row     from 0
 *  @param column  from 0; -1 when it is about the row
 *  @param values  the row
 *  @param bad     its flag; NULL when bad rows are an error
 *  @param format  what is wrong, printf style
 *  @return BF_OK, BF_ERR_INPUT; BF_ERR_IO when the file changed, so that the cell need not be what it was */
BF_MUST_USE bf_status_t bf_table_bad_row(const bf_table_t *table, int64_t row, int64_t column, double *values, uint8_t *bad,
                                         const char *format, ...) __attribute__((format(printf, 6, 7)));

/** @brief Look for NaN and Inf among rows just read from a binary format; clears or sets their flags unless @p bad is NULL. */
BF_MUST_USE bf_status_t bf_table_check_finite(const bf_table_t *table, int64_t first, int64_t count, double *values,
                                              uint8_t *bad);

#ifdef __cplusplus
}
#endif
#endif
