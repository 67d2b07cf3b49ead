/** @file xyz_results.h
 *  @brief Inside of circuit_xyz_exp, one circuit: what is measured, of one state or of many trajectories.
 */
#ifndef BF_XYZ_RESULTS_H
#define BF_XYZ_RESULTS_H

#include "apps/summary.h"
#include "apps/xyz_options.h"

/** What is measured, and what came out. Everything is owned. */
typedef struct bf_xyz_results {
    bf_feature_t *features; /**< what */
    size_t n_features;      /**< of them */
    size_t count;           /**< numbers */
    double *values;         /**< feature after feature; means when there are several trajectories */
    double *errors;         /**< standard errors of the means; NULL for one trajectory */
    uint8_t *bits;          /**< of one trajectory */
    bf_site_t *qubits;      /**< those that were asked for; NULL: all */
    size_t n_qubits;        /**< of them */
} bf_xyz_results_t;

/** @brief Measure a state of @p n qubits. @param[out] values  results->count numbers. Collective. */
BF_MUST_USE bf_status_t bf_xyz_measure(bf_state_t *state, const bf_xyz_options_t *options, bf_site_t n,
                                       const bf_xyz_results_t *results, double *values);

/** @brief Run all trajectories: means and standard errors go to @p results, reports and the last state to @p summary. Collective.
 */
BF_MUST_USE bf_status_t bf_xyz_trajectories(bf_session_t *session, const bf_xyz_options_t *options, const bf_circuit_t *circuit,
                                            bf_summary_t *summary, bf_xyz_results_t *results, bf_cli_progress_t *progress);

#endif
