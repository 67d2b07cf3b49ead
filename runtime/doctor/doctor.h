/** @file doctor.h
 *  @brief Looks at machine, launch, StarPU, BLAS, MPI and, given a circuit, at whether they fit it. Every check says what it
 * found, and when something is wrong the one line that mends it.
 *
 *  The checks follow the layers of the design: L1 model, L2 decomposition, L3 memory, L4 tensor operations, L5 concurrency,
 *  L6 distributed compute, L7 orchestration. Every rank makes the same checks; of each check the worst rank's finding is kept.
 */
#ifndef BF_DOCTOR_H
#define BF_DOCTOR_H

#include "runtime/bondflow.h"

#include <jansson.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a check came to. */
typedef enum bf_verdict {
    BF_FINE,
    BF_WARN, /**< works, but slower or less safely than it could */
    BF_FAIL  /**< does not work, or wastes most of the machine */
} bf_verdict_t;

/** Result of one check. */
typedef struct bf_finding {
    int layer;            /**< 1 to 7 */
    const char *check;    /**< name of the check, static storage */
    bf_verdict_t verdict; /**< of the worst rank */
    double loss;          /**< how many times slower the work gets by it, as far as known: >= 1; orders the findings */
    int rank;             /**< whose finding it is */
    char said[512];       /**< what was found */
    char remedy[384];     /**< the line that mends it; "" when nothing has to be mended */
    json_t *values;       /**< the numbers behind it, an object; owned */
} bf_finding_t;

/** Room for the findings of one visit. */
#define BF_FINDINGS_MAX 48

/** All findings of one visit. */
typedef struct bf_checkup {
    int n;                                 /**< findings */
    bf_finding_t finding[BF_FINDINGS_MAX]; /**< in the order of layers */
    double seconds;                        /**< how long it took */
    int ranks;                             /**< that were looked at */
    char host[128];                        /**< of rank 0 */
    char machine[192];                     /**< a line about it */
} bf_checkup_t;

/** What to look at. */
typedef struct bf_doctor_options {
    const bf_circuit_t *circuit; /**< whether it fits, or NULL */
    const char *circuit_name;    /**< for remedies, NULL without a circuit */
    bf_dim_t max_dim;            /**< bond dimension the run will be limited to */
    bool quick;                  /**< leave out what has to be measured or tried: a second or two */
    bool blas_chosen;            /**< the program chose OpenBLAS's kernels for this processor itself (OPENBLAS_CORETYPE) */
} bf_doctor_options_t;

/** @brief Make all checks. Every measurement is bounded in time; nothing here ends the process. Collective.
 *  @param session  created, not started
 *  @param[out] checkup  complete on rank 0; to be freed with bf_checkup_clear() on every rank */
void bf_doctor_examine(bf_session_t *session, const bf_doctor_options_t *options, bf_checkup_t *checkup);

/** Free what it owns. */
void bf_checkup_clear(bf_checkup_t *checkup);

/** @return the finding to act on first: a failure before a warning, the greater loss before the lesser; NULL when all is fine. */
const bf_finding_t *bf_checkup_first(const bf_checkup_t *checkup);

/** @return the worst verdict. */
bf_verdict_t bf_checkup_verdict(const bf_checkup_t *checkup);

/** @brief Write for people: by layer, aligned, one line at the end. @param colour  with the terminal's colours */
void bf_checkup_print(const bf_checkup_t *checkup, FILE *stream, bool colour);

/** @brief Write for programs (docs/doctor.md names the fields). @return BF_OK, BF_ERR_NOMEM, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_checkup_write_json(const bf_checkup_t *checkup, FILE *stream);

/** @brief The other side of the trial start: start StarPU as the rank at @p place on this machine would, say on
 *  @p stream what came of it, one worker a line, and stop. A program that calls bf_doctor_examine() does this when it is started
 *  with the single argument BF_DOCTOR_TRIAL followed by the place, `rank/size/apart` of bf_place_t. @return BF_OK or why StarPU
 * did not start */
BF_MUST_USE bf_status_t bf_doctor_trial(const char *place, FILE *stream);

/** See bf_doctor_trial(). */
#define BF_DOCTOR_TRIAL "--trial="

#ifdef __cplusplus
}
#endif
#endif
