/** @file run_circuit.h
 *  @brief What programs do with a circuit that has been read: show its notes, give its inputs the values of --set.
 */
#ifndef BF_RUN_CIRCUIT_H
#define BF_RUN_CIRCUIT_H

#include "apps/run_options.h"

/** @brief Say what the front end passed over. */
void bf_run_show_notes(const bf_circuit_t *circuit);

/** @brief Bind the inputs of *circuit to the values of --set: `name=value`, `name[2]=value`, `name=value,value,...` for a whole
 *  array. A circuit without inputs stays as it is when nothing is set.
 *  @param[in,out] circuit  replaced by the bound one
 *  @return BF_OK; BF_ERR_INPUT for a --set that fits no input, an input set twice, an input without a value */
BF_MUST_USE bf_status_t bf_run_bind(const bf_run_options_t *options, bf_circuit_t **circuit);

#endif
