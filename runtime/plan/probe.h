/** @file probe.h
 *  @brief Run the beginning of a program on the calling thread, to learn how its bonds really grow. Not collective; no StarPU.
 */
#ifndef BF_PROBE_H
#define BF_PROBE_H

#include "codelets/precision.h"
#include "codelets/program.h"
#include "kernels/factor.h"
#include "runtime/error.h"
#include "runtime/plan/rates.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What was learnt. The bonds are those that a run with the same options has: the same kernels on the same bytes. */
typedef struct bf_probe {
    size_t n_done;         /**< operations performed */
    bool complete;         /**< all of them */
    bf_dim_t *chi;         /**< n_ops: bond after each performed two-site operation, 0 for one site; owned */
    bf_dim_t largest_bond; /**< of the performed operations */
    double seconds;        /**< processor time */
    double sum_eps;        /**< discarded weight */
    size_t first_cut;      /**< first operation where max_dim forced weight out, SIZE_MAX when none */
} bf_probe_t;

/** @brief Run until the end, or as long as @p seconds last: an operation that is predicted to take longer than what is left of
 * them is not begun, nor one that is measured, reset or conditional.
 *  @param[out] probe  to be freed with bf_probe_clear(), also on error
 *  @return BF_OK; BF_ERR_NOMEM; a numerical error of a kernel */
BF_MUST_USE bf_status_t bf_probe_run(const bf_program_t *program, const bf_factor_rule_t *rule, bf_precision_t precision,
                                     const bf_rates_t *rates, double seconds, bf_probe_t *probe);

/** Free the memory. */
void bf_probe_clear(bf_probe_t *probe);

#ifdef __cplusplus
}
#endif
#endif
