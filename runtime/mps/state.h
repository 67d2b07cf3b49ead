/** @file state.h
 *  @brief Inside of a state, for the files of runtime/mps.
 */
#ifndef BF_STATE_H
#define BF_STATE_H

#include "codelets/chain.h"
#include "codelets/tensor_data.h"
#include "runtime/plan/plan.h"
#include "runtime/seconds.h"
#include "runtime/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bf_state {
    bf_session_t *session;
    bf_state_options_t options;
    bf_site_t n;
    bool used;                   /**< a circuit has been applied: the qubits stay where they are */
    bf_chain_t chain;            /**< the sites, as long as the calling thread works alone; empty from bf_state_spread() on */
    starpu_data_handle_t *sites; /**< n site tensors, each at home on its owner; from bf_state_spread() on */
    starpu_data_handle_t *pairs; /**< n - 1 contracted pairs, home: owner of the left site; hold memory only inside a gate */
    bf_dim_t *chi;               /**< n + 1 bond dimensions, chi[b] left of site b; replicated, valid after bf_state_sync() */
    bf_site_t *site_of;          /**< n entries: the site that holds qubit q */
    starpu_data_handle_t *owned; /**< this rank's sites */
    size_t n_owned;
    bf_ledger_entry_t *ledger; /**< every update since the state was created */
    size_t n_ledger;
    size_t merged;   /**< entries of the ledger that are complete on every rank */
    uint8_t *values; /**< of the nodes of the logic of the circuit applied last; replicated */
    size_t n_values;
    uint32_t n_draws;     /**< measurements and resets of the circuits before it */
    uint32_t draws_ahead; /**< the same with its own */
    double seconds_start; /**< starting StarPU, when this state was the first to need it; in none of the other two */
    double seconds_evolve;
    double seconds_measure;
    double seconds_alone;   /**< of seconds_evolve, in the calling thread */
    int64_t busy_before_ns; /**< bf_trace_busy_ns() when this state was created */
    double norm;
    bf_dim_t bond_limit; /**< of a state inside of a task: beyond it the state is not worth a single thread; 0: none */
};

/** @return the rank that owns site @p s: contiguous, even blocks. */
static inline int bf_state_owner(const bf_state_t *state, bf_site_t s)
{
    return bf_plan_owner(state->n, state->session->size, s);
}

/** @return the grain to use, in microseconds. */
static inline double bf_state_grain_us(const bf_state_t *state)
{
    return state->options.grain_us > 0.0 ? state->options.grain_us : BF_PLAN_GRAIN_US;
}

/** @return whether the sites are StarPU's. */
static inline bool bf_state_is_spread(const bf_state_t *state)
{
    return state->chain.sites == NULL;
}

/** @brief Make the sites StarPU's, and start it if need be: before anything that uses the handles or inserts a task. Nothing when
 * it was done before. Not collective: a state of several ranks is spread from the beginning.
 *  @return BF_OK; BF_ERR_TOPOLOGY; BF_ERR_TOO_LARGE, without a message, for a state that may not leave its thread */
BF_MUST_USE bf_status_t bf_state_spread(bf_state_t *state);

/** @return whether the calling thread goes on alone for @p seconds more: the state is not spread, and that is too little to start
 * StarPU for. Decides where the work is done, never a number. */
bool bf_state_stays_alone(const bf_state_t *state, double seconds);

/** @brief Register a tensor at home on @p owner. Same order on every rank. */
void bf_state_register(bf_state_t *state, starpu_data_handle_t *handle, int owner);

/** @brief Quiesce, replicate the bond dimensions, agree on the status. Collective. */
BF_MUST_USE bf_status_t bf_state_sync(bf_state_t *state, bf_status_t mine);

/** @brief Apply a lowered program on the state's sites. Collective. */
BF_MUST_USE bf_status_t bf_state_run(bf_state_t *state, const bf_program_t *program);

/** @brief bf_state_features() of the state that @p tail would lead to, without applying it. @param tail  NULL: none. Collective.
 */
BF_MUST_USE bf_status_t bf_state_features_after(bf_state_t *state, const bf_tail_t *tail, const bf_feature_t *features,
                                                size_t n_features, double *values);

#ifdef __cplusplus
}
#endif
#endif
