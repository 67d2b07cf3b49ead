/** @file bondflow.h
 *  @brief The public C API of bondflow: sessions, states, circuits, expectation values.
 *
 *  Sequence: bf_session_create - bf_state_create - bf_state_apply - bf_state_expect_xyz - destroy in reverse order.
 *  Collective functions are called by every rank of the session, in the same order, with the same arguments, and return the
 *  same status on every rank. A message for the last error is in bf_error_message().
 */
#ifndef BONDFLOW_H
#define BONDFLOW_H

#include "codelets/feature.h"
#include "codelets/ledger.h"
#include "codelets/precision.h"
#include "kernels/expect.h"
#include "kernels/factor.h"
#include "kernels/sample.h"
#include "runtime/circuit/circuit.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of this library; CMakeLists.txt takes it from here. */
#define BONDFLOW_VERSION "0.1.0"

/** One StarPU (and, under a launcher, MPI) context of a process. At most one at a time. */
typedef struct bf_session bf_session_t;

/** A matrix product state spread over the workers and ranks of a session. */
typedef struct bf_state bf_state_t;

/** @brief Join the launcher's ranks, if there is one. StarPU is not started yet. Collective.
 *
 *  Without a launcher (mpirun, srun) MPI is not touched.
 *  @param argc, argv  passed to MPI_Init_thread(); may be NULL */
BF_MUST_USE bf_status_t bf_session_create(int *argc, char ***argv, bf_session_t **session);

/** @brief Choose the cores of this rank's workers, one BLAS thread each, and start StarPU: with several ranks now, alone as soon
 * as a state is worth it. Collective.
 *  @return BF_OK; BF_ERR_INPUT for an unknown STARPU_SCHED; BF_ERR_TOPOLOGY when no worker could be started */
BF_MUST_USE bf_status_t bf_session_start(bf_session_t *session);

/** @brief Stop everything; every state must have been destroyed. Collective. NULL is fine. */
void bf_session_destroy(bf_session_t *session);

int bf_session_rank(const bf_session_t *session);    /**< this process, 0 when alone */
int bf_session_size(const bf_session_t *session);    /**< processes, 1 when alone */
int bf_session_workers(const bf_session_t *session); /**< StarPU workers of this process, 0 before start */

/** @return one line about StarPU's version and limits, the workers, the binding, BLAS; owned by the session. */
const char *bf_session_describe(const bf_session_t *session);

/** @return what costs speed in this build of StarPU, this launch or this BLAS, and what mends it, one line each; "" when nothing
 *  does. Owned by the session. */
const char *bf_session_warnings(const bf_session_t *session);

/** @brief Agree on a status: the most severe of all ranks, with its message. Collective. */
bf_status_t bf_session_agree(bf_session_t *session, bf_status_t mine);

/** How a state is truncated and stored. */
typedef struct bf_state_options {
    bf_factor_rule_t rule;    /**< cutoff, max_dim, min_dim, method */
    bf_precision_t precision; /**< DOUBLE unless chosen otherwise */
    bf_pass_options_t passes; /**< what lowering may do to circuits; its qubits must outlive the state */
    double grain_us;          /**< gates cheaper than this share a task; <= 0: default. Never changes a bit of the result */
    uint64_t seed;     /**< of the outcomes of measurements and resets: with the shot and their number in the state's life it
                            decides them, on any ranks and workers */
    uint64_t shot;     /**< which trajectory of this seed */
    bool always_tasks; /**< make tasks even of a small circuit; otherwise, on one rank, the calling thread works alone for as
                            long as starting StarPU would take. Never changes a bit of the result */
    int window;        /**< submitted, unfinished tasks per worker at most; <= 0: default */
    void (*progress)(void *arg, size_t done, size_t total, bf_dim_t max_bond, double sum_eps); /**< called on rank 0 by
                                   the submitting thread a few times a second; may be NULL */
    void *progress_arg;                                                                        /**< passed to progress */
} bf_state_options_t;

/** @return the defaults: cutoff 1e-12, max_dim 1024, min_dim 1, auto, double. */
bf_state_options_t bf_state_options_default(void);

/** @brief Create |0...0> on @p n qubits. Collective. */
BF_MUST_USE bf_status_t bf_state_create(bf_session_t *session, bf_site_t n, const bf_state_options_t *options,
                                        bf_state_t **state);

/** @brief Free; NULL is fine. Collective. */
void bf_state_destroy(bf_state_t *state);

/** @brief Apply a circuit on the state's qubits; returns when it has been applied. Collective.
 *
 *  Measurements on the way and resets are drawn one after the other in the order of the file, as the options' seed and shot say:
 *  one trajectory. Final measurements (bf_circuit_readouts()) are not performed.
 *  @return BF_OK; BF_ERR_ARG when the circuit needs more qubits than the state has; a numerical error */
BF_MUST_USE bf_status_t bf_state_apply(bf_state_t *state, const bf_circuit_t *circuit);

/** As a value of bf_state_bits(): the outcome of a final measurement, which was not performed. */
enum { BF_BIT_UNKNOWN = 2 };

/** @brief The classical bits that the last bf_state_apply() of @p circuit has left. Not collective; the same on every rank.
 *  @param[out] bits  bf_circuit_bits() values: 0, 1, or BF_BIT_UNKNOWN
 *  @return BF_OK; BF_ERR_ARG when @p circuit is not the one applied last */
BF_MUST_USE bf_status_t bf_state_bits(const bf_state_t *state, const bf_circuit_t *circuit, uint8_t *bits);

/** @brief <X>, <Y>, <Z> of every qubit, in qubit order, divided by the true norm. Collective; every rank gets the result.
 *  @param[out] xyz  3 n doubles: x0 y0 z0 x1 ... */
BF_MUST_USE bf_status_t bf_state_expect_xyz(bf_state_t *state, double *xyz);

/** @brief Measure any features, in qubit order (bond quantities in site order). Collective; every rank gets the result.
 *
 *  One task on one rank sees the whole chain: for expectation values of many qubits of a heavy state prefer
 * bf_state_expect_xyz().
 *  @param features  @p n_features of them; distances from 1 to n - 1
 *  @param[out] values  bf_feature_columns() numbers for each, one after the other */
BF_MUST_USE bf_status_t bf_state_features(bf_state_t *state, const bf_feature_t *features, size_t n_features, double *values);

/** Draws bit strings from a state as it was when the sampler was made. A copy of it on every rank, in sampling form: the state
 *  may be changed or destroyed meanwhile. */
typedef struct bf_sampler bf_sampler_t;

/** @brief Prepare a state for sampling: n QR factorisations, one after the other, on every rank. Collective.
 *  @return BF_OK, a numerical error; too little memory for a copy of the state ends the program */
BF_MUST_USE bf_status_t bf_sampler_create(bf_state_t *state, bf_sampler_t **sampler);

/** @brief Free; NULL is fine. Before the session ends. */
void bf_sampler_destroy(bf_sampler_t *sampler);

/** @brief Draw shots from the distribution |<x|psi>|^2 / <psi|psi>. Collective; every rank gets all of them.
 *
 *  A shot's outcomes depend on the state, the seed and its number: not on workers, ranks, or which other shots are drawn with it
 * (but for a rounding error in the conditional probabilities, which decides a draw about once in 10^15).
 *  @param seed    anything
 *  @param first   number of the first shot
 *  @param count   how many, consecutive
 *  @param qubits  @p n_bits entries: bit i is the outcome of qubit qubits[i], or 0 when that is -1; a qubit may occur twice
 *  @param[out] rows  @p count rows of (n_bits + 7) / 8 bytes; bit i of a row is bit i % 8 of its byte i / 8
 *  @return BF_OK; BF_ERR_ARG when there is no such qubit; BF_ERR_NAN; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_sampler_draw(bf_sampler_t *sampler, uint64_t seed, uint64_t first, size_t count,
                                        const bf_site_t *qubits, size_t n_bits, uint8_t *rows);

/** @brief Amplitudes of given bit strings in the normalised state. Collective; every rank gets all of them.
 *
 *  Consecutive rows that agree in the leftmost qubits share the work for these: sort them, qubit 0 being the most significant.
 * Which rows stand together may change an amplitude by rounding errors, workers and ranks do not.
 *  @param rows  @p count rows of (n + 7) / 8 bytes, n the state's qubits; bit q of a row is qubit q
 *  @return BF_OK; BF_ERR_NAN; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_sampler_amplitudes(bf_sampler_t *sampler, const uint8_t *rows, size_t count,
                                              bf_amplitude_t *amplitudes);

/** Largest number of qubits of a marginal: 2^24 probabilities. */
#define BF_MARGINAL_MAX 24

/** @brief Joint probabilities of the outcomes of some qubits. Collective; every rank gets all of them.
 *  @param qubits  @p count different ones, 1 to BF_MARGINAL_MAX
 *  @param[out] p  2^count numbers: bit i of the index is the outcome of qubits[i]
 *  @return BF_OK; BF_ERR_ARG; BF_ERR_NAN; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_sampler_marginal(bf_sampler_t *sampler, const bf_site_t *qubits, size_t count, double *p);

/** One circuit that measures on the way, made ready to be run many times. */
typedef struct bf_shots bf_shots_t;

/** @brief Lower the circuit, once for all its trajectories. Collective.
 *  @param options  neither shot nor progress are looked at; with always_tasks one trajectory after the other is run by all
 * workers
 *  @return BF_OK, BF_ERR_NOMEM, errors of lowering */
BF_MUST_USE bf_status_t bf_shots_create(bf_session_t *session, const bf_circuit_t *circuit, const bf_state_options_t *options,
                                        bf_shots_t **shots);

/** @brief Free; NULL is fine. */
void bf_shots_destroy(bf_shots_t *shots);

/** @brief Takes from the final state of a trajectory what is wanted. Called by several threads at a time, each with a state of
 * its own, or by all ranks with the same: it uses @p arg for reading only.
 *  @param[out] result  the shot's own, zeros so far; on all ranks the same bytes */
typedef bf_status_t bf_shot_read_t(void *arg, bf_state_t *state, uint64_t shot, void *result);

/** @brief Run trajectory @p shot on all workers and ranks, and read it. Collective.
 *  @param[out] result  as @p read wants it
 *  @param[out] state   the final state, to be destroyed by the caller, also after a failure
 *  @return BF_OK; a failure of the trajectory or of @p read, the shot's number in the message */
BF_MUST_USE bf_status_t bf_shots_one(bf_shots_t *shots, uint64_t shot, bf_shot_read_t *read, void *arg, void *result,
                                     bf_state_t **state);

/** @brief Told on rank 0 by the calling thread how many shots are done; of other ranks' about as many as of its own. */
typedef void bf_shot_progress_t(void *arg, size_t done);

/** @brief Run @p count trajectories from number @p first and read each. Collective; every rank gets all results.
 *
 *  Small ones run side by side, on all workers of all ranks; large ones one after the other, each on all workers. The result of a
 * shot has the same bytes either way, and whatever other shots are asked for.
 *  @param progress  may be NULL
 *  @param arg       passed to @p read and @p progress
 *  @param[out] results  @p count times @p bytes
 *  @return BF_OK; the failure of the first shot that failed, its number in the message; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_shots_many(bf_shots_t *shots, uint64_t first, size_t count, bf_shot_read_t *read,
                                      bf_shot_progress_t *progress, void *arg, void *results, size_t bytes);

/** @brief Current bond dimensions, bond b between sites b and b+1. Collective. @param[out] dims n-1 entries */
BF_MUST_USE bf_status_t bf_state_bond_dims(bf_state_t *state, bf_dim_t *dims);

/** @brief A 64-bit hash over shapes and bytes of every site tensor, in site order. Collective; same on every rank. */
BF_MUST_USE bf_status_t bf_state_hash(bf_state_t *state, uint64_t *hash);

/** What a run reports. Times in seconds, of this process's wall clock. */
typedef struct bf_report {
    size_t updates;                  /**< two-site updates applied */
    size_t tasks;                    /**< StarPU tasks submitted by this rank */
    bf_dim_t max_bond;               /**< largest bond ever reached */
    size_t divided;                  /**< updates whose pair fell apart by its exact zeros: something is conserved */
    bf_dim_t max_sectors;            /**< the most parts that one fell into; 1: none */
    double sum_eps;                  /**< sum of discarded weights: an estimate of 1-F */
    double fidelity;                 /**< prod(1 - eps): estimate of the fidelity */
    double distance;                 /**< sum sqrt(eps): rigorous bound of || psi_exact - psi || (up to rounding) */
    double max_eps;                  /**< largest single one */
    size_t fallbacks;                /**< methods refused by the check */
    size_t methods[BF_METHOD_COUNT]; /**< how often each method's result was used */
    double seconds_start;            /**< starting StarPU, when this state was the first to need it */
    double seconds_evolve;           /**< inside bf_state_apply, without that */
    double seconds_measure;          /**< inside bf_state_expect_xyz */
    double seconds_busy;             /**< of all workers of all ranks in tasks, and of the calling thread while it worked alone */
    double norm;                     /**< <psi|psi> found by the last measurement, before dividing by it */
} bf_report_t;

/** @brief Totals over the life of the state; error numbers summed in gate order. Collective; same on every rank but for times. */
BF_MUST_USE bf_status_t bf_state_report(bf_state_t *state, bf_report_t *report);

/** @brief The ledger, in gate order, of all updates so far. Collective; owned by the state, complete on rank 0 only. */
BF_MUST_USE bf_status_t bf_state_ledger(bf_state_t *state, const bf_ledger_entry_t **entries, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
