/** @file blocks.h
 *  @brief Operations under construction: gates come in time order, and those that can share an operation do.
 *
 *  A block is an operation on one or two wires. Two-wire gates on the same pair with nothing else in between on either wire share
 * a block, with the one-wire gates between them. One-wire gates wait on their wire for the next block, or stand alone, as the
 *  owner wants it.
 */
#ifndef BF_BLOCKS_H
#define BF_BLOCKS_H

#include "runtime/circuit/fuse.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether two-wire blocks take in the one-wire gates beside them. */
typedef enum bf_blocks_mode {
    BF_BLOCKS_APART, /**< nothing shares a block */
    BF_BLOCKS_CORES, /**< one-wire gates between two-wire gates of a block are taken in, those before and after stand alone */
    BF_BLOCKS_WHOLE  /**< every one-wire gate goes into the next block on its wire, else into the last one before */
} bf_blocks_mode_t;

/** Blocks being built (opaque). */
typedef struct bf_blocks bf_blocks_t;

/** How bf_routed_op_t and bf_blocks_gate2() use a matrix. */
enum {
    BF_FORM_FLIPPED = 1,   /**< the matrix' first wire is the second one */
    BF_FORM_SWAP_AFTER = 2 /**< the two wires change places after it */
};

/** @brief Begin.
 *  @param[in]  source  matrices that bf_blocks_source2() refers to; may grow up to @p n_source; must outlive the blocks
 *  @param[out] fused   where the operations will be; its pools are used from now on
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_blocks_begin(bf_site_t n, bf_blocks_mode_t mode, const bf_pool_t *source, size_t n_source,
                                        bf_fused_t *fused, bf_blocks_t **blocks);

/** Free; NULL is fine. */
void bf_blocks_end(bf_blocks_t *blocks);

/** @brief A gate on one wire. @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE, like all below */
BF_MUST_USE bf_status_t bf_blocks_gate1(bf_blocks_t *blocks, bf_site_t w, const bf_z_t u[4], int32_t line);

/** @brief A gate on two wires. An operation that turns out to be a product dissolves into one-wire gates.
 *  @param[out] exchanged  the block turned out to be a product and a SWAP: it dissolved too, and from now on the wires carry each
 *                         other's qubits. NULL: such a block is not looked for */
BF_MUST_USE bf_status_t bf_blocks_gate2(bf_blocks_t *blocks, const bf_site_t w[2], const bf_z_t u[16], int32_t line,
                                        bool *exchanged);

/** @brief The same for matrix @p id of the source, which is known to entangle and, in @p form, is not looked at before it must.
 */
BF_MUST_USE bf_status_t bf_blocks_source2(bf_blocks_t *blocks, const bf_site_t w[2], uint32_t id, uint32_t form, int32_t line,
                                          bool *exchanged);

/** @brief Exchange what two wires carry, as a gate. */
BF_MUST_USE bf_status_t bf_blocks_swap(bf_blocks_t *blocks, const bf_site_t w[2]);

/** @brief Factors in time order; those on one wire are BF_ON_FIRST. Matrices are numbers in the pools of @p from.
 *  @param[in] w        w[1] BF_NO_WIRE: one wire
 *  @param[in] flipped  BF_ON_FIRST means w[1] */
BF_MUST_USE bf_status_t bf_blocks_factors(bf_blocks_t *blocks, const bf_site_t w[2], const bf_factor_t *factors, size_t n_factors,
                                          const bf_fused_t *from, bool flipped, int32_t line);

/** @brief A dynamic operation; op.matrix is ignored. What is on its wires so far is settled before it.
 *  @param[in] u  of a gate, its matrix */
BF_MUST_USE bf_status_t bf_blocks_dynamic(bf_blocks_t *blocks, bf_fused_op_t op, const bf_z_t *u);

/** @brief Nothing more comes: fill fused->ops. */
BF_MUST_USE bf_status_t bf_blocks_finish(bf_blocks_t *blocks);

#ifdef __cplusplus
}
#endif
#endif
