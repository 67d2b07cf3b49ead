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

/** The operations at the end of a program that nothing follows on either of their sites: they need not be factorised when only
 *  single qubits are measured, since both halves of a pair can be read off the contracted pair. */
typedef struct bf_tail {
    const bf_program_t *program;
    size_t first; /**< operations [first, program->n_ops) are the tail: disjoint pairs */
} bf_tail_t;

/** @return whether @p features can be measured with a tail: <X>, <Y>, <Z> and purities only. */
bool bf_tail_suits(const bf_feature_t *features, size_t n_features);

/** @brief Move the operations that can be a tail behind the others, the order of the rest unchanged.
 *  @param[in,out] ops  n_ops operations on @p n sites; @param scratch  n bytes
 *  @return index of the first operation of the tail */
size_t bf_tail_split(bf_op_t *ops, size_t n_ops, bf_site_t n, unsigned char *scratch);

/** @brief Evolve |0...0> by the operations of @p run's program before @p n_ops.
 *  @param bond_limit  stop as soon as a bond exceeds it; 0 = never
 *  @return BF_OK; BF_ERR_TOO_LARGE when stopped by the limit; a numerical error */
BF_MUST_USE bf_status_t bf_chain_evolve(bf_chain_t *chain, bf_run_t *run, size_t n_ops, bf_precision_t precision,
                                        bf_dim_t bond_limit);

/** @brief Measure, with true environments. With a tail, @p features must suit it.
 *  @param tail      operations still to be applied, as part of the measurement; NULL: none
 *  @param site_of   site of each qubit (after the tail)
 *  @param features  @p n_features of them
 *  @param[out] values  one after the other, in qubit order (bond quantities in site order)
 *  @param[out] norm    <psi|psi>; every expectation value is divided by it
 *  @return BF_OK, BF_ERR_NAN */
BF_MUST_USE bf_status_t bf_chain_measure(const bf_chain_t *chain, const bf_tail_t *tail, const bf_site_t *site_of,
                                         const bf_feature_t *features, size_t n_features, double *values, double *norm);

#ifdef __cplusplus
}
#endif
#endif
