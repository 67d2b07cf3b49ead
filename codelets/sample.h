/** @file sample.h
 *  @brief Tasks: bring a whole chain into sampling form on one rank; draw shots, amplitudes and marginals from it there.
 */
#ifndef BF_CL_SAMPLE_H
#define BF_CL_SAMPLE_H

#include "codelets/sample_chain.h"
#include "codelets/submit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A chain being made; lives until the task has run. Only the executing rank's is used. */
typedef struct bf_sample_making {
    bf_sample_chain_t *chain; /**< out: to be closed when status is BF_OK */
    bf_status_t status;       /**< out */
} bf_sample_making_t;

/** @brief Insert the task that makes the chain.
 *  Buffers: the n sites STARPU_R; over MPI all of them travel to @p node. Errors: in the status. Performance model: none. */
BF_MUST_USE bf_status_t bf_insert_sample_chain(bf_submit_t *submit, int node, const starpu_data_handle_t *sites, int n,
                                               bf_sample_making_t *making);

/** What is asked of a chain. */
typedef enum bf_sample_kind { BF_SAMPLE_SHOTS, BF_SAMPLE_STRINGS, BF_SAMPLE_MARGINAL } bf_sample_kind_t;

/** One piece of work on a chain that is on this rank; lives until its task has run. */
typedef struct bf_sample_job {
    bf_sample_kind_t kind;
    union {
        bf_sample_shots_t shots;
        bf_sample_strings_t strings;
        bf_sample_marginal_t marginal;
    } of;
    bf_status_t status; /**< out */
} bf_sample_job_t;

/** @brief Do the work in the calling thread. */
void bf_sample_run(bf_sample_job_t *job);

/** @brief Insert the work as a task of this rank. No buffers: the chain is read by all, each writes what is its own. Errors: in
 * the job. Performance model: none. */
BF_MUST_USE bf_status_t bf_insert_sample(bf_submit_t *submit, bf_sample_job_t *job);

#ifdef __cplusplus
}
#endif
#endif
