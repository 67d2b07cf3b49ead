/** @file logic.h
 *  @brief What a circuit computes with measured bits: outcomes, and conditions made of them.
 *
 *  An and-inverter graph. Node 0 is the constant true; every other node is the outcome of one measurement or reset, or the
 *  conjunction of two literals. A literal is 2 node + 1 when negated, 2 node when not: 0 is true, 1 is false, and the negation of
 *  literal c is c ^ 1. Outcomes are written once, so a condition has one value in the whole run, whenever it is asked for.
 */
#ifndef BF_LOGIC_H
#define BF_LOGIC_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The two constant literals. */
enum { BF_LOGIC_TRUE = 0, BF_LOGIC_FALSE = 1 };

/** As bf_logic_node_t::a: the node is an outcome, b says which. */
#define BF_LOGIC_OUTCOME UINT32_MAX

/** A node; literals only of nodes before it. */
typedef struct bf_logic_node {
    uint32_t a; /**< a literal, or BF_LOGIC_OUTCOME */
    uint32_t b; /**< the other literal; of an outcome: the number of its measurement or reset in the circuit, from 0 */
} bf_logic_node_t;

/** The nodes of a circuit. Zero-initialised: only the constant is known, and it needs no node. */
typedef struct bf_logic {
    size_t n_nodes;         /**< node 0 included; 0 when nothing is measured */
    bf_logic_node_t *nodes; /**< owned; that of the constant is not used */
} bf_logic_t;

/** @return the value of @p literal. @param values  one byte for each node, 0 or 1; may be NULL for a constant */
static inline bool bf_logic_value(const uint8_t *values, uint32_t literal)
{
    return (literal < 2 || values[literal >> 1]) != (literal & 1);
}

/** @brief Compute all conjunctions from the outcomes, which are in @p values. */
void bf_logic_evaluate(const bf_logic_t *logic, uint8_t *values);

/** @brief Copy. @param[out] to  to be freed with bf_logic_clear() @return BF_OK, BF_ERR_NOMEM (nothing is recorded) */
BF_MUST_USE bf_status_t bf_logic_copy(const bf_logic_t *from, bf_logic_t *to);

/** @brief Free the memory; only the constant is known afterwards. */
void bf_logic_clear(bf_logic_t *logic);

#ifdef __cplusplus
}
#endif
#endif
