/** @file ledger.h
 *  @brief The truncation ledger: one entry for every two-site update, written by the task that applies it.
 */
#ifndef BF_LEDGER_H
#define BF_LEDGER_H

#include "kernels/factor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One line of the ledger. */
typedef struct bf_ledger_entry {
    double eps;         /**< discarded weight over total, recomputed in fp64 */
    double eps_max_dim; /**< part forced out by max_dim */
    int32_t bond;       /**< between sites bond and bond+1 */
    int32_t line;       /**< line in the circuit file, 0 for a routing swap */
    int32_t chi_before; /**< of this bond */
    int32_t chi_after;  /**< of this bond */
    int32_t sectors;    /**< parts that the pair fell into by its exact zeros; 1: none */
    uint8_t method;     /**< bf_method_t whose result was used */
    uint8_t fallbacks;  /**< methods refused before it */
    uint8_t type;       /**< bf_type_t of the factorisation */
    uint8_t done;       /**< 1 once applied */
} bf_ledger_entry_t;

#ifdef __cplusplus
}
#endif
#endif
