/** @file route.h
 *  @brief Second pass: operations on any two wires become operations on neighbouring sites.
 */
#ifndef BF_ROUTE_H
#define BF_ROUTE_H

#include "runtime/circuit/fuse.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a routed operation uses its matrix. */
enum {
    BF_FORM_FLIPPED = 1,   /**< the matrix' first wire is on the right site */
    BF_FORM_SWAP_AFTER = 2 /**< the two wires change places after it */
};

/** As bf_routed_op_t::op: a routing swap. */
#define BF_ROUTED_SWAP UINT32_MAX

/** An operation on sites (site, site + 1), or on one site. */
typedef struct bf_routed_op {
    bf_site_t site;
    uint32_t op;   /**< in bf_fused_t::ops, or BF_ROUTED_SWAP */
    uint32_t form; /**< BF_FORM_... */
} bf_routed_op_t;

/** The circuit after routing. */
typedef struct bf_routed {
    size_t n_ops;
    size_t room;
    bf_routed_op_t *ops;     /**< owned; in an order that respects every dependency */
    bf_site_t *site_of_wire; /**< where each wire is at the end; owned */
} bf_routed_t;

/** @brief Route by adjacent swaps that are never undone.
 *
 *  The wires of a distant pair walk to a meeting point chosen by how many updates the swaps cost now and how far the wires
 * concerned are then from their next partners. A swap of two sites whose last operation is the same one costs nothing: it becomes
 * part of it. A gate may take its swap at once when its wires' next partners are nearer that way. Several ways of looking ahead
 * are tried; the one with the fewest updates is kept.
 *  @param[out] routed  to be freed with bf_routed_clear(), also on error
 *  @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE (more than 2^31 - 1 operations) */
BF_MUST_USE bf_status_t bf_route(const bf_fused_t *fused, bf_routed_t *routed);

/** Free the memory. */
void bf_routed_clear(bf_routed_t *routed);

#ifdef __cplusplus
}
#endif
#endif
