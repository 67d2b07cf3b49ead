/** @file push.h
 *  @brief Task: move the centre of the chain over a range of sites, measuring or resetting sites on the way.
 *
 *  A pass is a walk of the centre (kernels/orthogonalise.h) from one site to another, cut into tasks of consecutive sites. The
 *  first site of a pass holds the centre already (or, in a first pass, is where it is made); every other site absorbs the
 *  carry of the one before; every site but the last of the pass is left behind as an isometry.
 */
#ifndef BF_PUSH_H
#define BF_PUSH_H

#include "codelets/run.h"
#include "codelets/submit.h"
#include "codelets/tensor_data.h"
#include "codelets/transfer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How sites are left behind. */
typedef enum bf_push_mode {
    BF_PUSH_RIGHT,   /**< left-orthonormal (QR); the centre walks to the right */
    BF_PUSH_LEFT,    /**< right-orthonormal (LQ); the centre walks to the left */
    BF_PUSH_WEIGHTED /**< to the left as B-form with the weights of all bonds (SVD), the last site of the pass included */
} bf_push_mode_t;

/** A measurement or reset when the centre is at a site. */
typedef struct bf_push_event {
    int32_t site;     /**< which of the task's sites, in walking order */
    uint32_t kind;    /**< BF_OP_MEASURE or BF_OP_RESET */
    uint32_t draw;    /**< its number in the life of the state: key of the random number */
    int32_t line;     /**< in the user's file */
    uint8_t *outcome; /**< gets 1 + the outcome; lives until the task has run */
} bf_push_event_t;

/** What all tasks of a batch share. */
typedef struct bf_push_draws {
    bf_run_t *run; /**< precision, failure */
    uint64_t seed;
    uint64_t shot;
} bf_push_draws_t;

/** One task. */
typedef struct bf_push {
    bf_push_mode_t mode;
    bool last; /**< its last site is the last of the pass */
    int n;     /**< sites, in walking order, all of one owner */
    const starpu_data_handle_t *sites;
    bf_site_t first_site;     /**< number of the first of them, for messages */
    starpu_data_handle_t in;  /**< carry of the site before; NULL for the first task of a pass */
    starpu_data_handle_t out; /**< carry for the site behind; NULL when @c last */
    const bf_push_event_t *events;
    size_t n_events; /**< ascending in site */
} bf_push_t;

/** @brief Insert the task. Collective over the ranks of @p submit in the sense of bf_submit_task().
 *
 *  Buffers: the carry before (STARPU_R), the sites (STARPU_RW), the carry behind (STARPU_W; chi x chi at the bond there, double
 *  precision). Between the passes of a batch sites are double precision and without weights. Errors: poisons all outputs.
 *  @param draws  must live until the task has run
 *  @return BF_OK, BF_ERR_NOMEM, BF_ERR_STARPU */
BF_MUST_USE bf_status_t bf_insert_push(bf_submit_t *submit, int node, const bf_push_draws_t *draws, const bf_push_t *push,
                                       int priority);

/** @brief Do the same at once, in the calling thread, on sites that StarPU does not know: a whole pass, without carries.
 *  @param first  the first site in walking order, the others beside it
 *  @return BF_OK, BF_ERR_NOMEM; a numerical failure is recorded in the run, and the sites are poisoned */
BF_MUST_USE bf_status_t bf_push_here(const bf_push_draws_t *draws, const bf_push_t *push, bf_tensor_data_t *first);

#ifdef __cplusplus
}
#endif
#endif
