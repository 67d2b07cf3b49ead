/** @file trajectory.h
 *  @brief Programs that measure, reset, or have conditions: one trajectory. Private to runtime/mps.
 *
 *  What has been measured decides what happens next, on all ranks alike: at a measurement all ranks wait, share the outcomes (and
 *  the bond dimensions), and go on from the same numbers, as they do where the planner has to know the bonds. So no task ever
 * looks at a condition, and a gate that does not happen costs nothing.
 */
#ifndef BF_TRAJECTORY_H
#define BF_TRAJECTORY_H

#include "runtime/mps/state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Runs the gates of a program, none of them conditional, and returns when they have run and the bonds are known. */
typedef bf_status_t bf_run_gates_t(void *arg, const bf_program_t *gates);

/** @return whether @p program needs bf_trajectory_run(). */
bool bf_trajectory_needed(const bf_program_t *program);

/** @brief Run @p program: its gates by @p gates, its measurements and resets here. Fills in state->values. Collective.
 *  @param run  shared by the tasks
 *  @return BF_OK; a numerical error; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_trajectory_run(bf_state_t *state, bf_run_t *run, const bf_program_t *program, bf_run_gates_t *gates,
                                          void *arg);

#ifdef __cplusplus
}
#endif
#endif
