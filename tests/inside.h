/** @file inside.h
 *  @brief Looks and reaches into a state, below the public API: amplitudes for small states, damage for tests of failure.
 */
#ifndef BF_TEST_INSIDE_H
#define BF_TEST_INSIDE_H

#include "oracle_circuit.h"
#include "runtime/bondflow.h"

/** @brief All 2^n amplitudes of a small state in qubit order (qubit q is bit q), as stored: not normalised. One process only.
 *  @return to be freed by the caller */
oracle_z_t *inside_amplitudes(bf_state_t *state);

/** @brief Overwrite one element of the tensor of @p site with NaN, on the rank that owns it. Every rank may call. */
void inside_spoil(bf_state_t *state, bf_site_t site);

#endif
