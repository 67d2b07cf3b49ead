/** @file sample_results.h
 *  @brief What circuit_sample writes: files opened before the work, filled during it, given their names at the end.
 */
#ifndef BF_SAMPLE_RESULTS_H
#define BF_SAMPLE_RESULTS_H

#include "apps/sample_options.h"
#include "apps/summary.h"

/** The bits that are read. */
typedef struct bf_sample_bits {
    size_t count;
    bf_site_t *qubits; /**< of each bit; -1: nothing is ever measured into it. Owned */
} bf_sample_bits_t;

/** Open files and counts; only rank 0's are used. */
typedef struct bf_sample_results {
    const bf_sample_options_t *options;
    size_t n_bits;
    bf_output_t *counts_file, *memory_file, *amplitudes_file, *marginals_file, *summary_file, *ledger_file;
    bf_counts_t *counts;
    bf_shots_writer_t *memory;
} bf_sample_results_t;

/** @brief Open every file that is asked for. @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM; close in any case */
BF_MUST_USE bf_status_t bf_sample_results_open(const bf_sample_options_t *options, size_t n_bits, bf_sample_results_t *results);

/** @brief Take the next shots. */
BF_MUST_USE bf_status_t bf_sample_results_add(bf_sample_results_t *results, const uint8_t *rows, size_t count);

/** @brief Write amplitudes of @p count bit strings of @p n qubits. */
BF_MUST_USE bf_status_t bf_sample_results_amplitudes(bf_sample_results_t *results, bf_site_t n, const uint8_t *rows, size_t count,
                                                     const bf_amplitude_t *amplitudes);

/** @brief Write the 2^count probabilities of a marginal. */
BF_MUST_USE bf_status_t bf_sample_results_marginal(bf_sample_results_t *results, size_t count, const double *p);

/** @brief Write what is left, and give all files their names. */
BF_MUST_USE bf_status_t bf_sample_results_commit(bf_sample_results_t *results, const bf_summary_t *summary);

/** @brief Throw away what has no name yet, and free. */
void bf_sample_results_close(bf_sample_results_t *results);

#endif
