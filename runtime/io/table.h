/** @file table.h
 *  @brief Parameter tables: one row of numbers per circuit, read in ranges, never as a whole. Not collective.
 */
#ifndef BF_TABLE_H
#define BF_TABLE_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An open table (opaque): CSV (header, quotes, CRLF, gzip), NumPy .npy 1.0-3.0 (little-endian float32/float64,
 *  C or Fortran order), HDF5 (`file.h5:/dataset`, float or integer). One thread at a time per table. */
typedef struct bf_table bf_table_t;

/** What to do with a row that has a bad cell (empty, text, NaN, Inf, too short, too long). */
typedef enum bf_bad_rows { BF_BAD_ROWS_FAIL = 0, BF_BAD_ROWS_SKIP } bf_bad_rows_t;

/** @brief Open a table and learn its shape. Reads a CSV once to find its rows (8 bytes of index per 1024 rows).
 *  @return BF_OK; BF_ERR_INPUT with file (and row, column) in the message; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_table_open(const char *path, bf_table_t **table);

/** @brief Close; NULL is fine. */
void bf_table_close(bf_table_t *table);

int64_t bf_table_rows(const bf_table_t *table);    /**< data rows, without the header */
int64_t bf_table_columns(const bf_table_t *table); /**< numbers per row */

/** @return name of a column, from the CSV header or the HDF5 attribute `columns`; NULL when the table has no names. */
const char *bf_table_column_name(const bf_table_t *table, int64_t column);

/** @return a hash of shape and contents-identifying facts (size, modification time, first and last bytes): a changed table
 *          changes it. */
uint64_t bf_table_fingerprint(const bf_table_t *table);

/** @brief Read rows [@p first, @p first + @p count).
 *  @param[out] values  count x columns, row after row
 *  @param[out] bad     count flags: 1 where the row is bad (its values are NaN); only with BF_BAD_ROWS_SKIP, else untouched
 *  @return BF_OK; BF_ERR_INPUT naming row (from 1, as an editor counts data rows) and column; BF_ERR_IO when the file changed
 *          or shrank */
BF_MUST_USE bf_status_t bf_table_read(bf_table_t *table, int64_t first, int64_t count, bf_bad_rows_t policy, double *values,
                                      uint8_t *bad);

#ifdef __cplusplus
}
#endif
#endif
