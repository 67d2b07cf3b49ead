/** @file advise.h
 *  @brief Which launch suits a program on this machine: rows or sites, how many ranks and workers. Not collective, starts
 * nothing.
 */
#ifndef BF_ADVISE_H
#define BF_ADVISE_H

#include "runtime/plan/predict.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a machine offers. */
typedef struct bf_machine {
    int cores;           /**< that this process may use */
    int process_workers; /**< most that StarPU starts in one process */
    size_t memory_bytes; /**< free now, within the limits of this process */
} bf_machine_t;

/** @brief This machine. @return BF_OK, BF_ERR_TOPOLOGY */
BF_MUST_USE bf_status_t bf_machine_find(bf_machine_t *machine);

/** A launch. */
typedef struct bf_advice {
    bool rows;                /**< a whole row on each worker; else one circuit over all workers */
    int ranks;                /**< on this machine */
    int workers;              /**< of each rank */
    double seconds;           /**< predicted, of the job */
    double work_seconds;      /**< of these, without start-up */
    size_t machine_bytes;     /**< predicted peak of all ranks together */
    bool fits;                /**< that is less than the machine has */
    bf_dim_t fitting_max_dim; /**< when it does not fit: the largest power of two that does, 0 when none does */
} bf_advice_t;

/** @brief Choose.
 *  @param options  ranks and workers are not looked at
 *  @param n_rows   rows of the job, 0: one circuit
 *  @return BF_OK; BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_advise(const bf_program_t *program, const bf_predict_options_t *options, const bf_machine_t *machine,
                                  int64_t n_rows, bf_advice_t *advice);

/** @return workers that can be busy at a time, on average over the longest chain: more of them gain nothing. */
int bf_useful_workers(const bf_prediction_t *p);

/** @return predicted seconds of @p n_rows rows on so many workers. */
double bf_rows_seconds(const bf_prediction_t *p, int64_t n_rows, int ranks, int workers);

/** @return predicted peak bytes of one rank that computes whole rows. */
size_t bf_rows_bytes(const bf_prediction_t *p, int workers);

#ifdef __cplusplus
}
#endif
#endif
