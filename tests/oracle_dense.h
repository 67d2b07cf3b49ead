/** @file oracle_dense.h
 *  @brief State-vector simulation of small circuits, independent of the program under test.
 *
 *  A state of n qubits is 2^n amplitudes; qubit q is bit q of the index. n <= ORACLE_DENSE_MAX.
 */
#ifndef BF_ORACLE_DENSE_H
#define BF_ORACLE_DENSE_H

#include "oracle_circuit.h"

#define ORACLE_DENSE_MAX 20

/** @return |0..0> on @p n qubits, to be freed by the caller. */
oracle_z_t *oracle_dense_zero(int n);

/** @brief Apply one gate. */
void oracle_dense_apply(oracle_z_t *psi, int n, const oracle_gate_t *gate);

/** @return the final state of @p c from |0..0>, to be freed by the caller. */
oracle_z_t *oracle_dense_run(const oracle_circuit_t *c);

/** @brief <X>, <Y>, <Z> of every qubit, divided by <psi|psi>. @param[out] xyz 3n doubles x0 y0 z0 x1 ... */
void oracle_dense_xyz(const oracle_z_t *psi, int n, double *xyz);

/** @return <a|b>. */
oracle_z_t oracle_dense_overlap(const oracle_z_t *a, const oracle_z_t *b, int n);

/** @brief Schmidt values between qubits 0..left-1 and the rest, descending. @param[out] s min(2^left, 2^(n-left)) doubles */
void oracle_dense_schmidt(const oracle_z_t *psi, int n, int left, double *s);

/** @brief Keep the largest @p keep Schmidt components between qubits 0..left-1 and the rest; normalise.
 *  @return the discarded weight over the total: the infidelity of the result with the input */
double oracle_dense_truncate(oracle_z_t *psi, int n, int left, int keep);

#endif
