/** @file front_end.h
 *  @brief The languages behind bf_circuit_parse().
 */
#ifndef BF_FRONT_END_H
#define BF_FRONT_END_H

#include "runtime/circuit/ir.h"
#include "runtime/circuit/source.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Parse OpenQASM 2, or the static part of OpenQASM 3.
 *  @param sites  as in bf_circuit_parse()
 *  @return as bf_circuit_parse(); on error *circuit is untouched */
BF_MUST_USE bf_status_t bf_qasm_parse(const bf_source_t *source, bf_site_t sites, bf_circuit_t **circuit);

/** @brief Parse a gate list, one `code,q0,q1,angle` a line. Arguments and errors as bf_qasm_parse(). */
BF_MUST_USE bf_status_t bf_gate_list_parse(const bf_source_t *source, bf_site_t sites, bf_circuit_t **circuit);

#ifdef __cplusplus
}
#endif
#endif
