/** @file cone.h
 *  @brief The light cone of some qubits: the gates that what is measured on them depends on.
 */
#ifndef BF_CONE_H
#define BF_CONE_H

#include "runtime/circuit/ir.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Leave out the gates that no observable on the given qubits sees: those after which none of their qubits meets one of
 *  these, directly or through others. Measurements, resets and gates under conditions stay, and all that they depend on.
 *  @param[in]  qubits  @p n_qubits numbers of qubits of the circuit
 *  @param[out] pruned  shares all with @p circuit but its gates, which are to be freed with free()
 *  @return BF_OK, BF_ERR_ARG (no such qubit), BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_cone_prune(const bf_circuit_t *circuit, const bf_site_t *qubits, size_t n_qubits,
                                      bf_circuit_t *pruned);

#ifdef __cplusplus
}
#endif
#endif
