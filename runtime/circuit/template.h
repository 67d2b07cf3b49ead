/** @file template.h
 *  @brief A circuit with free inputs, lowered once; a row of numbers only re-evaluates its matrices. Nothing here is collective.
 */
#ifndef BF_TEMPLATE_H
#define BF_TEMPLATE_H

#include "runtime/circuit/circuit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A lowered circuit whose matrices depend on inputs (opaque, immutable: any number of threads may bind at the same time). */
typedef struct bf_template bf_template_t;

/** @brief Lower a circuit with free inputs on its own qubits. The structure (which operations, on which sites, in which order)
 * does not depend on the inputs' values. @return as bf_circuit_lower_with() */
BF_MUST_USE bf_status_t bf_template_create_with(const bf_circuit_t *circuit, const bf_pass_options_t *options,
                                                bf_template_t **lowered);

/** @brief The same with all passes. */
BF_MUST_USE bf_status_t bf_template_create(const bf_circuit_t *circuit, bf_template_t **lowered);

/** @brief Free; NULL is fine. */
void bf_template_destroy(bf_template_t *lowered);

/** @return the structure: operations, sites, permutation, numbers of matrices. Its matrices are those of the fixed gates, and
 *  unspecified (but classified as the worst case) where inputs enter. Owned by the template. */
const bf_program_t *bf_template_program(const bf_template_t *lowered);

/** @brief Evaluate the matrices for one row. Allocates nothing. Thread safe.
 *  @param[in]  inputs  bf_circuit_inputs() finite numbers
 *  @param[out] gates2, gates1  as many as the program has; all of them are written, classified
 *  @return BF_OK; BF_ERR_INPUT when an angle is not finite (division by zero, overflow); nothing is recorded in the error slot */
BF_MUST_USE bf_status_t bf_template_bind(const bf_template_t *lowered, const double *inputs, bf_gate2_t *gates2,
                                         bf_gate1_t *gates1);

#ifdef __cplusplus
}
#endif
#endif
