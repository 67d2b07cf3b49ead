/** @file fuse.h
 *  @brief First fusion: library gates become operations on wires.
 *
 *  A wire is the life line of a state: wire w starts on site w. An explicit SWAP exchanges the wires of two qubits and costs
 * nothing.
 */
#ifndef BF_FUSE_H
#define BF_FUSE_H

#include "runtime/circuit/ir.h"
#include "runtime/circuit/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a factor acts. */
enum { BF_ON_FIRST, BF_ON_SECOND, BF_ON_BOTH, BF_ON_BOTH_FLIPPED };

/** As bf_factor_t::kind: a matrix, and not a gate of the library. */
#define BF_FACTOR_MATRIX UINT16_MAX

/** One factor of an operation that depends on inputs: a gate with free parameters, or a matrix. What is unused is 0. */
typedef struct bf_factor {
    uint16_t kind;            /**< bf_gate_kind_t or BF_FACTOR_MATRIX */
    uint16_t free;            /**< as in bf_gate_t */
    uint16_t where;           /**< BF_ON_... */
    uint16_t unused;          /**< 0: factors are compared as bytes */
    double p[BF_GATE_PARAMS]; /**< as in bf_gate_t */
    uint64_t matrix;          /**< of a matrix: in bf_fused_t::matrices on both wires, in matrices1 on one */
} bf_factor_t;

/** An operation that depends on inputs: the product of its factors, which are in time order. Equal recipes are stored once. */
typedef struct bf_recipe {
    bf_factor_t *factors; /**< owned */
    size_t n_factors;
} bf_recipe_t;

/** As bf_fused_op_t::wire[1]: the operation is on one wire. */
#define BF_NO_WIRE (-1)

/** As bf_fused_op_t::kind, beside those of bf_op_kind_t. */
enum {
    BF_FUSED_NATIVE = 100, /**< the gate natives[matrix]; it stands on the first of its wires */
    BF_FUSED_FENCE,        /**< on the others, right before it: nothing on the wire passes */
    BF_FUSED_SPLIT         /**< a gate that nothing becomes part of: the truncation behind a span's pushes */
};

/** A gate that is not taken apart. */
typedef struct bf_native {
    uint32_t sum; /**< in bf_fused_t::sums */
    int32_t line;
    bf_site_t wires[BF_SUM_SITES]; /**< as many as the sum has sites */
} bf_native_t;

/** An operation on one or two wires; a matrix' first wire is wire[0]. */
typedef struct bf_fused_op {
    bf_site_t wire[2];
    int32_t line;       /**< of the last gate in it */
    uint32_t matrix;    /**< of a gate: in bf_fused_t::matrices (two wires) or matrices1 (one); past their count, a recipe */
    uint32_t kind;      /**< bf_op_kind_t */
    uint32_t condition; /**< as in bf_gate_t */
    int32_t bit;        /**< as in bf_op_t */
} bf_fused_op_t;

/** @return whether the operation reads or writes classical bits, or projects: it is one gate of the user's, and keeps its place
 *  among all others of this sort and among everything on its wires. */
static inline bool bf_fused_is_dynamic(const bf_fused_op_t *op)
{
    return op->kind != BF_OP_GATE || op->condition != 0;
}

/** The circuit after fusion. */
typedef struct bf_fused {
    bf_site_t n;
    size_t n_ops;
    bf_fused_op_t *ops;  /**< owned; in the user's order */
    bf_pool_t matrices;  /**< 4 x 4, possibly some that no operation uses */
    bf_pool_t matrices1; /**< 2 x 2, of operations and factors of recipes */
    size_t n_recipes;
    bf_recipe_t *recipes; /**< owned */
    size_t n_sums;
    bf_sum_t *sums; /**< operators of natives, or of spans; owned */
    size_t n_natives;
    bf_native_t *natives; /**< owned */
    size_t n_spans;
    bf_span_t *spans;   /**< after the last fusion; owned */
    bf_site_t *wire_of; /**< n entries: the wire that holds qubit q at the end; NULL after the last fusion; owned */
} bf_fused_t;

/** @brief First fusion.
 *
 *  Two-qubit gates on the same pair with nothing else in between on either wire become one operation, with the one-qubit gates
 *  between them. One-qubit gates beside them stand alone (several in a row as one): they may commute with what the two-qubit ones
 *  do not. An operation that is a product, or a product and a SWAP, dissolves into one-qubit gates (and its neighbours meet); one
 *  that is the identity vanishes.
 *
 *  A gate under a condition, a measurement or a reset is an operation of its own (a gate on many qubits, several). A SWAP under a
 *  condition is a gate like others.
 *
 *  A gate with free parameters is taken as a generic one: it fuses like the others, but what holds it never dissolves or
 * vanishes.
 *  @param[in]  fuse     false: every gate is an operation of its own
 *  @param[in]  native   gates that bf_native_sum() knows are not taken apart
 *  @param[in]  n        wires, at least the circuit's qubits
 *  @param[in]  site_of  n entries: the wire that holds qubit q at the start, a permutation; NULL: wire q
 *  @param[out] fused    to be freed with bf_fused_clear(), also on error
 *  @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_fuse(const bf_circuit_t *circuit, bool fuse, bool native, bf_site_t n, const bf_site_t *site_of,
                                bf_fused_t *fused);

/** Free the memory. */
void bf_fused_clear(bf_fused_t *fused);

#ifdef __cplusplus
}
#endif
#endif
