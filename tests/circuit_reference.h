/** @file circuit_reference.h
 *  @brief Matrices of every library gate from their defining formulas (Pauli strings, exponentials, controls), for tests.
 *
 *  Shares nothing with runtime/circuit. Matrices are row-major on 2^k states, the first qubit of the gate most significant.
 */
#ifndef BF_CIRCUIT_REFERENCE_H
#define BF_CIRCUIT_REFERENCE_H

#include <complex.h>
#include <stdbool.h>

#define REFERENCE_MAX_DIM 32 /**< five qubits */

typedef double _Complex reference_z_t;

/** @brief Matrix of the gate @p name. @param[out] u  dim x dim. @return number of qubits; -1 when the name is unknown */
int reference_matrix(const char *name, const double *p, reference_z_t *u);

/** @brief psi <- u psi. State of n qubits, qubit q is bit q of the index; u acts on k of them, q[0] its most significant. */
void reference_apply(reference_z_t *psi, int n, int k, const int *q, const reference_z_t *u);

#endif
