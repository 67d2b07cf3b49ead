/** @file io.h
 *  @brief Files in and out: circuits read once and shared, results that are whole or not there.
 */
#ifndef BF_IO_H
#define BF_IO_H

#include "runtime/bondflow.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Read and parse a circuit file: rank 0 reads, all get the text. Collective.
 *  @param path   "-" for standard input (a .gates list needs a name that ends in .gates)
 *  @param sites  0 = as the file says
 *  @param[out] fingerprint  hash of the text; NULL if not wanted
 *  @param[out] source       the text itself, to be freed with free(); NULL if not wanted
 *  @return BF_OK; BF_ERR_INPUT with file:line:column in the message */
BF_MUST_USE bf_status_t bf_circuit_read(bf_session_t *session, const char *path, bf_site_t sites, bf_circuit_t **circuit,
                                        uint64_t *fingerprint, char **source);

/** A file that appears under its name only when it is complete: written beside, synced, renamed. Not collective. */
typedef struct bf_output bf_output_t;

/** @brief Open the temporary file beside @p path; NULL or "-" means standard output; pipes and devices are written directly.
 *  @return BF_OK, BF_ERR_IO with the reason */
BF_MUST_USE bf_status_t bf_output_open(const char *path, bf_output_t **output);

FILE *bf_output_stream(bf_output_t *output);              /**< to write to */
const char *bf_output_scratch(const bf_output_t *output); /**< name of the temporary file, for libraries that open it themselves;
                                                               NULL where there is none */

/** @brief Make it durable and give it its name; frees @p output. @return BF_OK, BF_ERR_IO (the old file is still there) */
BF_MUST_USE bf_status_t bf_output_commit(bf_output_t *output);

/** @brief Throw it away; NULL is fine. */
void bf_output_abandon(bf_output_t *output);

/** Formats of result files, by the end of the name. */
typedef enum bf_format { BF_FORMAT_CSV, BF_FORMAT_NPY, BF_FORMAT_HDF5, BF_FORMAT_JSON } bf_format_t;

/** @brief Format of @p path (.csv, .npy, .h5, .hdf5, .json; NULL and "-": CSV). @param option  for the message, as `--out`
 *  @return BF_OK, BF_ERR_INPUT */
BF_MUST_USE bf_status_t bf_format_of(const char *option, const char *path, bf_format_t *format);

/** @brief Write what was measured on one circuit: a line a site, in qubit order.
 *  @param qubits  n numbers of the sites, where not all qubits are written; NULL: 0 .. n - 1
 *  @param names   @p columns names
 *  @param values  n x columns doubles, site after site; NaN where a column has nothing for a site (empty in CSV, null in JSON)
 *  @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_write_sites(bf_output_t *output, bf_format_t format, bf_site_t n, size_t columns,
                                       const char *const *names, const double *values, const bf_site_t *qubits);

/** @brief Write the ledger as CSV: update,line,bond,chi_before,chi_after,eps,eps_max_dim,method,fallbacks,type. */
BF_MUST_USE bf_status_t bf_write_ledger(bf_output_t *output, const bf_ledger_entry_t *entries, size_t count);

#ifdef __cplusplus
}
#endif
#endif
