/** @file chain.h
 *  @brief A whole chain in one worker's memory: evolve a small circuit and measure it inside one task.
 */
#ifndef BF_CHAIN_H
#define BF_CHAIN_H

#include "codelets/feature.h"
#include "codelets/run.h"
#include "codelets/tensor_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The sites of one chain; memory is kept from one circuit to the next. Only from task bodies of one worker. */
typedef struct bf_chain {
    bf_site_t n;
    bf_tensor_data_t *sites; /**< n */
} bf_chain_t;

/** @brief Make room for @p n sites. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_chain_open(bf_chain_t *chain, bf_site_t n);

/** @brief Give the memory back. */
void bf_chain_close(bf_chain_t *chain);

/** @brief Evolve |0...0> by the program of @p run.
 *  @param bond_limit  stop as soon as a bond exceeds it; 0 = never
 *  @return BF_OK; BF_ERR_TOO_LARGE when stopped by the limit; a numerical error */
BF_MUST_USE bf_status_t bf_chain_evolve(bf_chain_t *chain, bf_run_t *run, bf_precision_t precision, bf_dim_t bond_limit);

/** @brief Measure, with true environments.
 *  @param site_of   site of each qubit
 *  @param features  @p n_features of them
 *  @param[out] values  one after the other, in qubit order (bond quantities in site order)
 *  @param[out] norm    <psi|psi>; every expectation value is divided by it
 *  @return BF_OK, BF_ERR_NAN */
BF_MUST_USE bf_status_t bf_chain_measure(const bf_chain_t *chain, const bf_site_t *site_of, const bf_feature_t *features,
                                         size_t n_features, double *values, double *norm);

#ifdef __cplusplus
}
#endif
#endif
