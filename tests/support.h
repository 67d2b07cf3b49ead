/** @file support.h
 *  @brief What the system tests share: one session per program, whole runs through the public API, the feature-map circuit.
 */
#ifndef BF_TEST_SUPPORT_H
#define BF_TEST_SUPPORT_H

#include "oracle_circuit.h"
#include "runtime/bondflow.h"

/** @brief Start the program's session: CUnit suite initialiser. @return 0 on success */
int session_open(void);

/** @brief Stop it: CUnit suite clean-up. @return 0 */
int session_close(void);

/** @return the session of session_open(). */
bf_session_t *session_get(void);

/** Everything the public API tells about one run. */
typedef struct run {
    bf_status_t status;        /**< BF_OK, or the first failure: then nothing below is set */
    bf_site_t n;               /**< qubits */
    double *xyz;               /**< 3n */
    bf_dim_t *dims;            /**< n-1 bonds */
    bf_report_t report;        /**< totals */
    bf_ledger_entry_t *ledger; /**< copy of the ledger */
    size_t updates;            /**< its length */
    uint64_t hash;             /**< of the final state */
    oracle_z_t *psi;           /**< amplitudes in qubit order, NULL for more than 14 qubits; not normalised */
} run_t;

/** @return the default options with a given cutoff and max_dim, and tasks even of small circuits. */
bf_state_options_t run_options(double cutoff, bf_dim_t max_dim);

/** @brief Parse, apply to |0..0>, measure. A failure is told on stderr. @param sites as bf_circuit_parse() */
run_t run_text(const char *name, const char *text, bf_site_t sites, const bf_state_options_t *options);

/** @brief The same for a gate list, through OpenQASM text. */
run_t run_circuit(const oracle_circuit_t *c, const bf_state_options_t *options);

/** @brief Free. */
void run_free(run_t *run);

/** @return largest |a[k] - b[k]|, or infinity when one is not a number. */
double max_difference(const double *a, const double *b, size_t count);

/** @return the largest of the final bonds of a run, 1 when there are none. */
bf_dim_t run_largest_bond(const run_t *run);

/** The feature-map circuit: H on all; reps x [Rz(a_i) on every qubit; RXX(b_i) on (i, i+1), even i first]. Radians. */
typedef struct feature_map {
    int n, reps;
    double *a; /**< n */
    double *b; /**< n-1 */
} feature_map_t;

/** @return angles a_i = 0.3 + 0.7 sin(i+1), b_i = 0.9 + 0.2 cos(i/2). */
feature_map_t feature_map_reference(int n, int reps);

/** @return angles of a random row x_i ~ N(0,1): a_i = pi x_i / 2, b_i = pi (1-x_i)(1-x_i+1) / 4. */
feature_map_t feature_map_random(int n, int reps, oracle_rng_t *rng);

/** @brief Free the angles. */
void feature_map_free(feature_map_t *map);

/** @return its gates. */
oracle_circuit_t feature_map_circuit(const feature_map_t *map);

/** @brief Exact expectation values by free fermions. @param[out] xyz 3n */
void feature_map_exact(const feature_map_t *map, double *xyz);

#endif
