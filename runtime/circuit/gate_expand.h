/** @file gate_expand.h
 *  @brief Gates on three and more qubits as exact sequences of gates on one and two, in time order.
 */
#ifndef BF_GATE_EXPAND_H
#define BF_GATE_EXPAND_H

#include "runtime/circuit/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Writes at most BF_EXPAND_MAX gates to @p out and returns how many. */
typedef int bf_gate_expand_t(const bf_gate_t *gate, bf_gate_t *out);

bf_gate_expand_t bf_expand_controlled_x;  /**< X on the last qubit when all others are 1 */
bf_gate_expand_t bf_expand_controlled_z;  /**< Z on the last qubit when all others are 1 */
bf_gate_expand_t bf_expand_controlled_sx; /**< sqrt X on the last qubit when all others are 1 */
bf_gate_expand_t bf_expand_cswap;         /**< swap of the last two qubits when the first is 1 */
bf_gate_expand_t bf_expand_rccx;          /**< Qiskit's simplified Toffoli (Margolus), with its relative phases */
bf_gate_expand_t bf_expand_rc3x;          /**< Qiskit's simplified three-control X, with its relative phases */

#ifdef __cplusplus
}
#endif
#endif
