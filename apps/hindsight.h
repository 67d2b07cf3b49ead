/** @file hindsight.h
 *  @brief After a run: what a plan would have said, beside what came out.
 */
#ifndef BF_HINDSIGHT_H
#define BF_HINDSIGHT_H

#include "runtime/plan/predict.h"

#include "apps/summary.h"

#include <jansson.h>

/** What is compared. */
typedef struct bf_hindsight {
    bf_rates_source_t rates; /**< cached or built-in: nothing is measured here */
    bf_prediction_t bound;   /**< with bonds as large as they could have become */
    bf_prediction_t known;   /**< with the bonds of the ledger */
    size_t peak_bytes;       /**< of this process, as the system counts it */
} bf_hindsight_t;

/** @brief Predict the run that @p s tells of. Not collective: on the rank that writes the summary, when all is done.
 *  @param[out] made  to be freed with bf_hindsight_clear(), also on error
 *  @return BF_OK; BF_ERR_NOMEM; what bf_circuit_lower() returns */
BF_MUST_USE bf_status_t bf_hindsight_make(const bf_circuit_t *circuit, const bf_summary_t *s, const bf_feature_t *features,
                                          size_t n_features, bf_hindsight_t *made);

/** Free the memory. */
void bf_hindsight_clear(bf_hindsight_t *made);

/** @return the member `prediction` of the summary; docs/plan.md describes it. */
json_t *bf_hindsight_json(const bf_hindsight_t *made, const bf_summary_t *s);

#endif
