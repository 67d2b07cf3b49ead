/** @file run.h
 *  @brief What all tasks of one circuit application share: the program, the rule, the ledger, the counters.
 *
 *  Tasks get a pointer to it in their arguments: every rank inserts its own tasks, so the address is its own.
 */
#ifndef BF_RUN_H
#define BF_RUN_H

#include "codelets/ledger.h"
#include "codelets/precision.h"
#include "codelets/program.h"

#include <stdatomic.h>

#ifdef __cplusplus
extern "C" {
#endif

/** First failure of a run; the one of the smallest update wins, so that the message does not depend on timing. */
typedef struct bf_failure {
    bf_status_t status;
    const char *codelet; /**< name of the codelet that failed */
    int32_t update;      /**< which two-site update, -1 in a measurement */
    bf_site_t site;      /**< left site */
    bf_dim_t chi_l, chi_r;
} bf_failure_t;

/** Shared by the tasks of one application of a circuit on one rank. */
typedef struct bf_run {
    const bf_program_t *program;
    bf_factor_rule_t rule;
    bf_precision_t precision;
    bf_ledger_entry_t *ledger; /**< program->n_updates entries; a task writes only those of its own updates */
    atomic_size_t done;        /**< updates applied by this rank */
    atomic_llong max_bond;     /**< largest bond seen by this rank */
    atomic_ullong loss_bits;   /**< the double sum of eps of this rank, for progress only */
    atomic_flag failure_lock;
    bf_failure_t failure;
} bf_run_t;

/** @brief Count one applied update (progress and ledger). Thread safe. */
void bf_run_count(bf_run_t *run, const bf_op_t *op, const bf_ledger_entry_t *entry);

/** @return the sum of eps so far on this rank; the order of summation depends on timing, so for display only. */
double bf_run_loss(const bf_run_t *run);

/** @brief Record a failure. Thread safe. */
void bf_run_fail(bf_run_t *run, const bf_failure_t *failure);

/** @return whether an update whose sites have lost @p loss so far works in single precision. */
bool bf_run_single(const bf_run_t *run, double loss);

#ifdef __cplusplus
}
#endif
#endif
