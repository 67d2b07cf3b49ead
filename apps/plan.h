/** @file plan.h
 *  @brief Everything circuit_plan finds out, and the forms in which it says it.
 */
#ifndef BF_APP_PLAN_H
#define BF_APP_PLAN_H

#include "apps/plan_options.h"
#include "runtime/circuit/template.h"
#include "runtime/plan/advise.h"
#include "runtime/plan/probe.h"

#include <stdio.h>

/** What the passes made of the circuit. */
typedef struct bf_census {
    size_t swaps;    /**< two-site operations that only route */
    size_t one_site; /**< gates on one site */
    size_t measured; /**< measurements and resets on the way */
    size_t ranks[5]; /**< two-site operations by operator-Schmidt rank */
} bf_census_t;

/** A plan. */
typedef struct bf_plan {
    const bf_plan_cli_t *o;
    bf_circuit_t *circuit;
    bf_program_t *lowered;    /**< of a circuit without inputs; owned */
    bf_template_t *templated; /**< of a circuit with inputs; owned */
    bf_gate2_t *gates2;       /**< of the template's program with typical inputs; owned */
    bf_gate1_t *gates1;       /**< owned */
    bf_program_t program;     /**< a view of what is planned */
    bf_feature_t *features;   /**< owned */
    size_t n_features;
    bf_site_t *qubits; /**< of --qubits; owned, or NULL: all */
    size_t n_qubits;
    int64_t rows;            /**< of the job, 0: one circuit */
    bool of_row;             /**< the inputs are those of the table's first row; else numbers without meaning */
    bf_pass_report_t passes; /**< the circuit after each pass; empty for a template */
    bf_census_t census;
    bf_rates_t rates;
    bf_machine_t machine;
    int ranks, workers;     /**< planned */
    bf_prediction_t bound;  /**< with bonds as large as they can become */
    bf_probe_t probe;       /**< n_done = 0 when there was none */
    bf_prediction_t probed; /**< with the bonds of the probe, and bounds behind it; only when there was one */
    bf_advice_t advice;
    bool *observed;         /**< sites of --observe; owned, or NULL */
    unsigned char *reached; /**< sites of its light cone; owned */
    unsigned char *cone;    /**< operations of its light cone; owned */
    size_t n_cone;
} bf_plan_t;

/** @return whether there is a probe to speak of. */
static inline bool bf_plan_probed(const bf_plan_t *plan)
{
    return plan->probe.n_done > 0;
}

/** @return the better of the two predictions. */
static inline const bf_prediction_t *bf_plan_best(const bf_plan_t *plan)
{
    return bf_plan_probed(plan) ? &plan->probed : &plan->bound;
}

/** @brief The plan as text. */
void bf_plan_print(FILE *f, const bf_plan_t *p);

/** @brief The plan as JSON, as docs/plan.md describes it. @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_plan_write_json(const bf_plan_t *p, const char *path);

/** @brief The command that runs what was planned. @param[out] line  @p size bytes */
void bf_plan_launch_line(const bf_plan_t *p, char *line, size_t size);

/** @brief Write the dependency map: --dot, --svg. @return BF_OK, BF_ERR_IO (Graphviz missing, too) */
BF_MUST_USE bf_status_t bf_plan_draw(const bf_plan_t *p);

#endif
