/** @file program.h
 *  @brief A lowered circuit: what the codelets execute, gate by gate, on sites instead of qubits.
 */
#ifndef BF_PROGRAM_H
#define BF_PROGRAM_H

#include "kernels/gate.h"
#include "kernels/logic.h"
#include "kernels/span.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What an operation does; bf_op_t::kind holds one. */
typedef enum bf_op_kind {
    BF_OP_GATE,    /**< a matrix on one or two sites */
    BF_OP_MEASURE, /**< one site, projectively, into a classical bit */
    BF_OP_RESET,   /**< one site back to |0> */
    BF_OP_PUSH,    /**< one step of an operator on a span of sites, on (site, site + 1); see bf_span_t */
    BF_OP_TRUNCATE /**< a two-site operation that only truncates the bond between them: the identity */
} bf_op_kind_t;

/** One operation. Two-site operations act on (site, site + 1). */
typedef struct bf_op {
    bf_site_t site;     /**< the left site */
    uint32_t matrix;    /**< of a gate: index into gates2 (two sites) or gates1 (one site); of a push: into spans */
    int32_t line;       /**< line of the last contributing gate in the user's file, 0 if none (a routing swap) */
    int32_t update;     /**< running index among the two-site operations (key of the ledger), -1 for one site and for a push; a
                           truncation has one */
    uint32_t kind;      /**< bf_op_kind_t */
    uint32_t condition; /**< 0: always; else it happens when this literal of the logic holds */
    int32_t bit;        /**< of a measurement or reset: the node of the logic that its outcome is */
} bf_op_t;

/** An operator on sites site .. site + length - 1, as operations on neighbours: a push on every pair from the right end to the
 * left applies it exactly and leaves all but the first site right-orthonormal; then a truncation on every pair from the left end
 * to the right, which renews the weights. Between the first push and the last truncation the sites are no state in B-form;
 * operations on other sites may come in between, those on the span's own sites may not. */
typedef struct bf_span {
    bf_site_t site;                /**< the leftmost */
    bf_site_t length;              /**< >= 2 */
    uint32_t sum;                  /**< in bf_program_t::sums */
    bf_site_t sites[BF_SUM_SITES]; /**< those of the sum's factors; every term is 1 on the others */
} bf_span_t;

/** A lowered circuit: one-qubit gates fused away where possible, every two-qubit gate on neighbouring sites. */
typedef struct bf_program {
    bf_site_t n;        /**< sites */
    size_t n_ops;       /**< operations, in an order that respects every dependency */
    bf_op_t *ops;       /**< owned */
    size_t n_updates;   /**< how many of them act on two sites */
    size_t n_gates2;    /**< distinct two-site matrices */
    bf_gate2_t *gates2; /**< owned; classified */
    size_t n_gates1;    /**< distinct one-site matrices */
    bf_gate1_t *gates1; /**< owned; classified */
    size_t n_spans;     /**< how many operators on spans there are */
    bf_span_t *spans;   /**< owned */
    size_t n_sums;      /**< how many of them are distinct */
    bf_sum_t *sums;     /**< distinct operators of spans; owned */
    bf_logic_t logic;   /**< outcomes, and conditions on them */
    bf_site_t *site_of; /**< n entries: the site that holds qubit q at the end; owned */
} bf_program_t;

/** @return the number of sites that @p op acts on. */
static inline int bf_op_width(const bf_op_t *op)
{
    return op->update >= 0 || op->kind == BF_OP_PUSH ? 2 : 1;
}

/** @return whether @p op is a measurement or a reset: what projects, and is drawn, instead of a gate or a part of one. */
static inline bool bf_op_projects(const bf_op_t *op)
{
    return op->kind == BF_OP_MEASURE || op->kind == BF_OP_RESET;
}

#ifdef __cplusplus
}
#endif
#endif
