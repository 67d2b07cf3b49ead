/** @file oracle_features.h
 *  @brief What features should be, from a state vector.
 */
#ifndef BF_ORACLE_FEATURES_H
#define BF_ORACLE_FEATURES_H

#include "codelets/feature.h"
#include "oracle_circuit.h"

/** @brief Features of a normalised state whose qubits are on the sites of the same number.
 *  @param n  qubits, at most 12
 *  @param[out] values  one feature after the other; NaN for bond dimensions, which are not a property of the state alone */
void oracle_features(const oracle_z_t *psi, int n, const bf_feature_t *features, size_t count, double *values);

#endif
