/** @file sample.h
 *  @brief The job of circuit_sample. Collective.
 */
#ifndef BF_APP_SAMPLE_H
#define BF_APP_SAMPLE_H

#include "apps/sample_options.h"

/** @brief Evolve, sample, write. @param begin  when the program started, bf_seconds() */
BF_MUST_USE bf_status_t bf_sample_circuit(bf_session_t *session, bf_sample_options_t *options, double begin);

#endif
