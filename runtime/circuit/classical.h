/** @file classical.h
 *  @brief The classical side of a circuit: registers of bits, what each bit holds, conditions, final measurements.
 *
 *  A bit holds a literal of the logic (kernels/logic.h): a constant, an outcome, or a function of outcomes. An assignment gives
 *  the bit another literal; nothing is ever overwritten, so a condition keeps the meaning it had where it was written.
 */
#ifndef BF_CLASSICAL_H
#define BF_CLASSICAL_H

#include "kernels/logic.h"
#include "runtime/circuit/circuit.h"
#include "runtime/circuit/names.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest number of classical bits. */
#ifndef BF_CIRCUIT_MAX_BITS
#define BF_CIRCUIT_MAX_BITS 1000000
#endif

/** Largest number of nodes of the logic: measurements, and what is computed with them. */
#ifndef BF_CIRCUIT_MAX_NODES
#define BF_CIRCUIT_MAX_NODES 20000000
#endif

/** Zero-initialised is empty. */
typedef struct bf_classical {
    bf_logic_t logic;
    size_t room_nodes;
    uint32_t *known; /**< open addressing: nodes by their two literals, 0 free; owned */
    size_t room_known;
    uint32_t n_outcomes; /**< measurements and resets so far */
    size_t n_bits, room_bits;
    uint32_t *bits; /**< the literal that each bit holds; owned */
    size_t n_registers, room_registers;
    bf_bit_register_t *registers; /**< owned, and their names */
    size_t n_readouts;
    bf_readout_t *readouts; /**< owned */
} bf_classical_t;

/** @brief Add a register of @p size bits holding 0. @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE (nothing is recorded) */
BF_MUST_USE bf_status_t bf_classical_register(bf_classical_t *classical, bf_name_t name, size_t size, bool scalar);

/** @brief Forget the registers from the one whose first bit is @p first on (the end of a scope). */
void bf_classical_forget(bf_classical_t *classical, size_t first);

/** @brief The literal of a new outcome. @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_classical_outcome(bf_classical_t *classical, uint32_t *literal);

/** @brief a and b; simplified where it is free. @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_classical_and(bf_classical_t *classical, uint32_t a, uint32_t b, uint32_t *literal);

/** @brief a or b. */
BF_MUST_USE bf_status_t bf_classical_or(bf_classical_t *classical, uint32_t a, uint32_t b, uint32_t *literal);

/** @brief Exactly one of a and b. */
BF_MUST_USE bf_status_t bf_classical_xor(bf_classical_t *classical, uint32_t a, uint32_t b, uint32_t *literal);

/** @brief Where @p condition holds @p yes, else @p no. */
BF_MUST_USE bf_status_t bf_classical_choose(bf_classical_t *classical, uint32_t condition, uint32_t yes, uint32_t no,
                                            uint32_t *literal);

/** @brief Take the final measurements out of the gates of a complete circuit: those that always happen, with nothing behind them
 *  on their qubit and no condition reading their outcome. They become its readouts. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_classical_find_readouts(bf_circuit_t *circuit);

/** @brief Copy what a complete circuit needs. @return BF_OK, BF_ERR_NOMEM (then *to is to be cleared, too) */
BF_MUST_USE bf_status_t bf_classical_copy(const bf_classical_t *from, bf_classical_t *to);

/** @brief Free the memory. */
void bf_classical_clear(bf_classical_t *classical);

#ifdef __cplusplus
}
#endif
#endif
