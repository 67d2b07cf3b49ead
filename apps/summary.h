/** @file summary.h
 *  @brief The closing summary of a run, for people and as JSON.
 */
#ifndef BF_SUMMARY_H
#define BF_SUMMARY_H

#include "runtime/bondflow.h"

#include <stdio.h>

/** What was drawn from a state. */
typedef struct bf_sampling {
    uint64_t shots;
    size_t bits;          /**< of a shot */
    size_t distinct;      /**< different bit strings, 0 when they were not counted */
    double seconds_shots; /**< drawing, counting, writing */
} bf_sampling_t;

/** What the measurements of a circuit led to. */
typedef struct bf_outcomes {
    const bf_circuit_t *circuit;
    const uint8_t *bits;      /**< of the one trajectory, as bf_state_bits(); NULL where there are several */
    uint64_t first_shot;      /**< number of the first trajectory */
    uint64_t trajectories;    /**< how many */
    size_t columns;           /**< of the results */
    const char *const *names; /**< of the columns */
    const double *errors;     /**< qubits x columns standard errors of the means; NULL for one trajectory */
    bf_site_t qubits;
} bf_outcomes_t;

/** Everything a run tells about itself. Pointers are borrowed. */
typedef struct bf_summary {
    bf_session_t *session;
    bf_state_t *state;
    const char *program;
    const char *circuit;                  /**< file name */
    const char *operators;                /**< pauli or spin; NULL where nothing of the kind was measured */
    const bf_sampling_t *sampling;        /**< NULL where nothing was drawn */
    const bf_outcomes_t *outcomes;        /**< NULL where nothing was measured on the way */
    const struct bf_hindsight *hindsight; /**< prediction and run side by side; NULL where there is none */
    const bf_state_options_t *options;    /**< as used */
    long long seed;
    bf_site_t qubits;
    size_t gates;    /**< as written */
    bf_dim_t *bonds; /**< qubits - 1 final bond dimensions */
    bf_report_t report;
    const bf_ledger_entry_t *ledger;
    size_t n_ledger;
    uint64_t hash;
    double begin;         /**< when the program started, seconds of the monotonic clock */
    double seconds_start; /**< until StarPU was up and the circuit read */
    double seconds_total;
} bf_summary_t;

/** @brief Say it in a few lines for people. */
void bf_summary_log(const bf_summary_t *s);

/** @brief Write JSON. @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_summary_write(FILE *stream, const bf_summary_t *s);

#endif
