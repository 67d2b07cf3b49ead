/** @file qasm_bits.h
 *  @brief Expressions over measured bits, for the files of the OpenQASM parser that read conditions and assignments.
 */
#ifndef BF_QASM_BITS_H
#define BF_QASM_BITS_H

#include "runtime/circuit/qasm_parser.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A value of an expression: a constant, or bits on the stack bf_qasm_t::literals, the lowest first. */
typedef struct bf_qasm_bits {
    bf_place_t place; /**< where it starts */
    bool constant;    /**< @c value is known, and there are no bits */
    bool exact;       /**< bits of a register or a bit string: their number matters, and is not that of an integer */
    bf_value_t value;
    size_t first; /**< in bf_qasm_t::literals */
    size_t size;
} bf_qasm_bits_t;

/** @brief Look ahead: whether a measured bit occurs before the bracket that is open now closes. Nothing is used up. */
BF_MUST_USE bf_status_t bf_qasm_mentions_bits(bf_qasm_t *parser, bool *mentions);

/** @brief Read an expression over bits and constants: ! ~ & | ^ && || == != < <= > >=. The caller takes its literals off. */
BF_MUST_USE bf_status_t bf_qasm_read_bits(bf_qasm_t *parser, bf_qasm_bits_t *bits);

/** @brief As read_bits(), for one truth value. @param[out] literal  of the circuit's logic */
BF_MUST_USE bf_status_t bf_qasm_read_condition(bf_qasm_t *parser, uint32_t *literal);

/** @brief Give @p bits exactly @p size bits, or say that they do not fit: an integer that is small enough, or as many bits. */
BF_MUST_USE bf_status_t bf_qasm_fit_bits(bf_qasm_t *parser, bf_qasm_bits_t *bits, size_t size);

/** @brief The literal of "register == integer", the integer as written: of OpenQASM 2. The integer is the token in hand. */
BF_MUST_USE bf_status_t bf_qasm_read_register_equals(bf_qasm_t *parser, const bf_qasm_register_t *reg, uint32_t *literal);

#ifdef __cplusplus
}
#endif
#endif
