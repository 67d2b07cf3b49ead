/** @file survey.h
 *  @brief Task: measure any features on a whole chain of site tensors, in one piece.
 */
#ifndef BF_SURVEY_H
#define BF_SURVEY_H

#include "codelets/chain.h"
#include "codelets/submit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a survey is asked and answers; lives until the task has run. Only the executing rank's is used. */
typedef struct bf_survey {
    const bf_tail_t *tail;    /**< NULL: none */
    const bf_site_t *site_of; /**< n */
    const bf_feature_t *features;
    size_t n_features;
    double *values; /**< as many as the features have columns */
    double norm;
    bf_status_t status;
} bf_survey_t;

/** @brief What the task does, on a chain of the calling thread. */
void bf_survey_chain(const bf_chain_t *chain, bf_survey_t *survey);

/** @brief Insert the task.
 *  Buffers: the n sites STARPU_R; over MPI all of them travel to @p node. Errors: in the survey. Performance model: none. */
BF_MUST_USE bf_status_t bf_insert_survey(bf_submit_t *submit, int node, const starpu_data_handle_t *sites, int n,
                                         bf_survey_t *survey);

#ifdef __cplusplus
}
#endif
#endif
