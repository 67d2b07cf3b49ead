/** @file xyz.h
 *  @brief The two jobs of circuit_xyz_exp. Collective.
 */
#ifndef BF_XYZ_H
#define BF_XYZ_H

#include "apps/xyz_options.h"

/** @brief One circuit. @param begin  when the program started, bf_seconds() */
BF_MUST_USE bf_status_t bf_xyz_circuit(bf_session_t *session, bf_xyz_options_t *options, double begin);

/** @brief One circuit for each row of a table. */
BF_MUST_USE bf_status_t bf_xyz_rows(bf_session_t *session, const bf_xyz_options_t *options, double begin);

#endif
