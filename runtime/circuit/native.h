/** @file native.h
 *  @brief Gates on three and more qubits that need not be taken apart, and routing around them.
 */
#ifndef BF_NATIVE_H
#define BF_NATIVE_H

#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/route.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @return whether a gate is a short sum of products on three and more qubits, always done. */
bool bf_is_native(const bf_gate_t *gate);

/** @brief The gate as a sum of products, factors in the order of its qubits. @param[in] kind  of a gate with bf_is_native() */
void bf_native_sum(bf_gate_kind_t kind, bf_sum_t *sum);

/** @return whether a circuit is static and has such gates. */
bool bf_has_native(const bf_circuit_t *circuit);

/** @brief Route what is between native gates as bf_route() does; these stay where their qubits are then.
 *  @param[in]  commute  as in bf_dag_build()
 *  @param[out] routed   operations of kind BF_FUSED_NATIVE have the first site of their span, and routed->sites has
 *                       those of their qubits; n_updates and n_pushes count what spans take; cost is not set; to be freed with
 * bf_routed_clear(), also on error
 *  @return as bf_route() */
BF_MUST_USE bf_status_t bf_route_native(const bf_fused_t *fused, bool commute, const bf_route_options_t *options,
                                        bf_routed_t *routed);

#ifdef __cplusplus
}
#endif
#endif
