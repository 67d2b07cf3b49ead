/** @file gate_modify.h
 *  @brief Library gates under OpenQASM 3's modifiers: controlled by more qubits, inverted, raised to a power.
 */
#ifndef BF_GATE_MODIFY_H
#define BF_GATE_MODIFY_H

#include "runtime/circuit/gate_library.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest number of controls of one gate. */
enum { BF_MAX_CONTROLS = 128 };

/** @return whether bf_gate_modify() takes any exponent for gates of this kind, not 1 and -1 only. */
bool bf_gate_has_powers(bf_gate_kind_t kind);

/** @brief Append gate^exponent, acting where all controls are 1, as gates of the library.
 *
 *  Global phases are kept: under a control they matter. k controls cost O(k^2) gates (Barenco et al., quant-ph/9503016,
 *  lemmas 7.2, 7.4, 7.5).
 *  @param[in]  gate      angles may depend on inputs
 *  @param[in]  exponent  1, -1, or where bf_gate_has_powers() any number (principal branch)
 *  @param[in]  controls  different qubits, none of the gate's; at most BF_MAX_CONTROLS; NULL for none
 *  @param[out] why       what is wrong when the result is BF_ERR_INPUT (nothing is recorded)
 *  @return BF_OK, BF_ERR_INPUT, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_gate_modify(bf_circuit_t *circuit, const bf_gate_t *gate, double exponent, const bf_site_t *controls,
                                       int n_controls, const char **why);

#ifdef __cplusplus
}
#endif
#endif
