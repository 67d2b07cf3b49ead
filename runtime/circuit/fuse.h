/** @file fuse.h
 *  @brief First pass: library gates become two-wire operations, as few as fusion allows.
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

/** An operation on two wires; the matrix' first wire is wire[0]. */
typedef struct bf_fused_op {
    bf_site_t wire[2];
    int32_t line;    /**< of the last gate in it */
    uint32_t matrix; /**< in bf_fused_t::matrices */
} bf_fused_op_t;

/** What is left on a wire that no two-wire operation touches. */
typedef struct bf_fused_single {
    bf_site_t wire;
    int32_t line; /**< of the last gate in it */
    bf_z_t u[4];
} bf_fused_single_t;

/** The circuit after fusion. */
typedef struct bf_fused {
    bf_site_t n;
    size_t n_ops;
    bf_fused_op_t *ops; /**< owned; in the user's order */
    size_t n_singles;
    bf_fused_single_t *singles; /**< owned; in wire order */
    bf_pool_t matrices;         /**< 4 x 4, possibly some that no operation uses */
    bf_site_t *wire_of;         /**< n entries: the wire that holds qubit q at the end; owned */
} bf_fused_t;

/** @brief Fuse.
 *
 *  One-qubit gates go into the next two-qubit gate on their wire, else into the last one. Two-qubit gates on the same pair with
 * nothing in between on either wire become one. An operation that is a product, or a product and a SWAP, dissolves into one-qubit
 * gates (and its neighbours meet); one that is the identity vanishes.
 *  @param[in]  n        wires, at least the circuit's qubits
 *  @param[in]  site_of  n entries: the wire that holds qubit q at the start, a permutation; NULL: wire q
 *  @param[out] fused    to be freed with bf_fused_clear(), also on error
 *  @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_fuse(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, bf_fused_t *fused);

/** Free the memory. */
void bf_fused_clear(bf_fused_t *fused);

#ifdef __cplusplus
}
#endif
#endif
