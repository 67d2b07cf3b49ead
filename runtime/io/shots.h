/** @file shots.h
 *  @brief Writing bit strings: counts, numbers that belong to bit strings, and shots one after the other. Not collective.
 */
#ifndef BF_IO_SHOTS_H
#define BF_IO_SHOTS_H

#include "runtime/io/io.h"
#include "runtime/observe/counts.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Write sorted counts: CSV `bits,count`, or JSON, an object of them.
 *  @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_write_counts(bf_output_t *output, bf_format_t format, const bf_counts_t *counts, size_t n_bits,
                                        bf_bit_order_t order);

/** @brief Write numbers that belong to bit strings: CSV `bits,NAMES...` with 17 digits, or JSON with one array a column.
 *  @param rows    @p count rows; @param values  count x columns
 *  @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_write_strings(bf_output_t *output, bf_format_t format, size_t count, const uint8_t *rows,
                                         size_t n_bits, bf_bit_order_t order, size_t columns, const char *const *names,
                                         const double *values);

/** Shots on their way into a file: CSV, a bit string a line below the header `bits`; .npy and .h5 (dataset `shots`), packed rows
 * of bytes, shots x (bits + 7) / 8, bit i of a row in bit i % 8 of byte i / 8: numpy.unpackbits(..., axis=1, count=bits,
 *  bitorder="little"). */
typedef struct bf_shots_writer bf_shots_writer_t;

/** @brief Write what comes before the shots. @param shots  how many there will be @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_shots_open(bf_output_t *output, bf_format_t format, uint64_t shots, size_t n_bits,
                                      bf_bit_order_t order, bf_shots_writer_t **writer);

/** @brief Write the next @p count of them. @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_shots_write(bf_shots_writer_t *writer, const uint8_t *rows, size_t count);

/** @brief Write what comes after them, and free; NULL is fine. The output stays open. @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_shots_close(bf_shots_writer_t *writer);

#ifdef __cplusplus
}
#endif
#endif
