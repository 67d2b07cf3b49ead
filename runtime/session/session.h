/** @file session.h
 *  @brief Inside of a session, for the other folders of runtime/: ranks, communicators, StarPU's start and stop.
 */
#ifndef BF_SESSION_H
#define BF_SESSION_H

#include "codelets/submit.h"
#include "runtime/bondflow.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where this rank is among the ranks of its machine. */
typedef struct bf_place {
    int rank;   /**< among them, from 0 */
    int size;   /**< how many there are */
    bool apart; /**< they may use different cores: the launcher shared the machine out; else they share it here */
} bf_place_t;

/** What the launcher and the operating system gave this rank. */
typedef struct bf_placement {
    int local_size;                           /**< ranks on this machine */
    int workers;                              /**< StarPU workers to start */
    int cores;                                /**< cores this rank may use */
    double quota;                             /**< cores' worth of time of its cgroup, where that is less; else 0 */
    bool bind;                                /**< workers are bound, to worker_core[] */
    unsigned worker_core[STARPU_NMAXWORKERS]; /**< hwloc logical index of the core of each worker */
    char note[512];                           /**< what the StarPU build or the launch costs, "" when nothing does */
} bf_placement_t;

struct bf_session {
    int rank;           /**< this process */
    int size;           /**< all processes */
    bool launched;      /**< MPI was initialised by us: a launcher started several processes, or one */
    bool ready;         /**< bf_session_start() was here: cores chosen, BLAS set */
    bool started;       /**< StarPU runs: from bf_session_engage() on */
    bool inside;        /**< a view of bf_session_inside(): nothing leaves the calling thread */
    MPI_Comm comm;      /**< our own collectives; StarPU-MPI has another one */
    bf_submit_t submit; /**< where tasks go */
    int64_t next_tag;   /**< StarPU-MPI tags are handed out in sequence, the same on every rank */
    bf_placement_t placement;
    char description[512];
    char warnings[1024];
};

/** @brief Find the neighbours. Collective. @return BF_OK, BF_ERR_TOPOLOGY when this rank may use no core */
BF_MUST_USE bf_status_t bf_place_find(const bf_session_t *session, bf_place_t *place);

/** @brief Share out the cores of this machine among its ranks. Not collective.
 *  @param mpi  StarPU-MPI will run: with three cores or more its thread gets one
 *  @return BF_OK; BF_ERR_TOPOLOGY without cores; BF_ERR_INPUT for an impossible STARPU_NCPU */
BF_MUST_USE bf_status_t bf_placement_find(const bf_place_t *place, bool mpi, bf_placement_t *placement);

/** @brief Refuse a scheduler that this StarPU does not have: it would only warn, and run another. Not collective.
 *  @param from    what the message begins with, "STARPU_SCHED="
 *  @param wanted  NULL and "" are fine
 *  @return BF_OK, BF_ERR_INPUT with the names it knows */
BF_MUST_USE bf_status_t bf_session_check_scheduler(const char *from, const char *wanted);

/** @brief Like bf_session_start(), but every rank runs a StarPU of its own: for independent rows. No polling thread, every core a
 *  worker; the ranks share nothing but the session's own communicator. Collective. */
BF_MUST_USE bf_status_t bf_session_start_apart(bf_session_t *session);

/** @brief Start StarPU's workers if they do not run yet. With several ranks bf_session_start() does it, alone the first state
 * that is worth it: StarPU takes longer to start and stop than a small circuit to run. Not collective.
 *  @return BF_OK; BF_ERR_TOPOLOGY when no worker could be started */
BF_MUST_USE bf_status_t bf_session_engage(bf_session_t *session);

/** @return a view of a session started apart in which this rank is alone: for states of its own. Never destroy it. */
bf_session_t bf_session_alone(const bf_session_t *session);

/** @return a view in which the calling thread is alone, itself a task or not: for states that live and die in it without StarPU.
 * Never destroy it. */
bf_session_t bf_session_inside(const bf_session_t *session);

/** @brief Wait until every task has run and every owned handle is at home, on all ranks. Collective.
 *
 *  StarPU 1.3: starpu_mpi_wait_for_all() and starpu_mpi_barrier() deadlock on rendezvous messages; acquiring what we own waits
 * for the receives, and the reduction on our own communicator is the barrier.
 *  @param owned  handles of this rank, all written at least once */
void bf_session_quiesce(bf_session_t *session, const starpu_data_handle_t *owned, size_t n_owned);

/** @brief Bitwise-or @p bytes over all ranks: each byte is non-zero on one rank at most, so this gathers. Collective. */
void bf_session_merge(bf_session_t *session, void *data, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
