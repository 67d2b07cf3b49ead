/** @file bits.h
 *  @brief Bit strings and lists of qubits, as people write them. Not collective.
 *
 *  A row holds packed bits: bit i is bit i % 8 of byte i / 8; what is left of the last byte is 0.
 */
#ifndef BF_BITS_H
#define BF_BITS_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where bit 0 stands in a bit string. */
typedef enum bf_bit_order {
    BF_BIT_0_RIGHT, /**< as in a number, and as Qiskit prints */
    BF_BIT_0_LEFT   /**< as the bits are counted */
} bf_bit_order_t;

/** @return bytes of a row of @p n_bits. */
static inline size_t bf_bits_bytes(size_t n_bits)
{
    return (n_bits + 7) / 8;
}

/** @brief Write a bit string. @param[out] text  n_bits + 1 characters, 0-terminated */
void bf_bits_print(const uint8_t *row, size_t n_bits, bf_bit_order_t order, char *text);

/** @brief Read bit strings: `01,11`, or, when @p text names a file, one a line; empty lines and what follows a comma there do not
 *  count, so that counts written before can be read.
 *  @param option  for messages, as `--amplitudes`
 *  @param[out] rows  *count rows, to be freed with free()
 *  @return BF_OK; BF_ERR_INPUT naming the line or number and position; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_bits_read(const char *option, const char *text, size_t n_bits, bf_bit_order_t order, uint8_t **rows,
                                     size_t *count);

/** @brief Read a list of qubits, `0,3,5-7`.
 *  @param n  they are below it
 *  @param[out] qubits  in the order of the list, each once; to be freed with free()
 *  @return BF_OK; BF_ERR_INPUT naming the item; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_qubits_parse(const char *option, const char *text, bf_site_t n, bf_site_t **qubits, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
