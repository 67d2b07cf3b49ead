/** @file lower.h
 *  @brief All passes, for circuits with and without free inputs.
 */
#ifndef BF_LOWER_H
#define BF_LOWER_H

#include "runtime/circuit/merge.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The program, and how to make those of its matrices that depend on inputs: they are the last ones of gates2 and of gates1. */
typedef struct bf_lowered {
    bf_program_t *program; /**< its bound matrices are identities, not classified; owned */
    bf_fused_t fused;      /**< after the last fusion; holds the recipes; owned */
    size_t n_bound2;
    uint32_t *bound2; /**< recipes of gates2[n_gates2 - n_bound2] and those after it; owned */
    size_t n_bound1;
    uint32_t *bound1; /**< recipes of gates1[n_gates1 - n_bound1] and those after it; owned */
} bf_lowered_t;

/** @brief All passes. Arguments as bf_circuit_lower_with().
 *  @param[out] lowered  to be freed with bf_lowered_clear(), also on error
 *  @return BF_OK, BF_ERR_ARG, BF_ERR_NOMEM, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of,
                                 const bf_pass_options_t *options, bf_pass_report_t *report, bf_lowered_t *lowered);

/** Free the memory. */
void bf_lowered_clear(bf_lowered_t *lowered);

#ifdef __cplusplus
}
#endif
#endif
