/** @file route.h
 *  @brief Routing: operations on any two wires become operations on neighbouring sites, in an order that respects what does not
 *  commute.
 */
#ifndef BF_ROUTE_H
#define BF_ROUTE_H

#include "runtime/circuit/commute.h"

#ifdef __cplusplus
extern "C" {
#endif

/** As bf_routed_op_t::op: a routing swap. */
#define BF_ROUTED_SWAP UINT32_MAX

/** An operation on sites (site, site + 1), or on one site. */
typedef struct bf_routed_op {
    bf_site_t site;
    uint32_t op;     /**< in bf_fused_t::ops, or BF_ROUTED_SWAP */
    uint32_t update; /**< operations with the same number follow each other on the same two sites and may be one; unused for one
                        site */
    bool flipped;    /**< the operation's first wire is on the right site */
} bf_routed_op_t;

/** The circuit after routing. */
typedef struct bf_routed {
    size_t n_ops;
    size_t room;
    bf_routed_op_t *ops;              /**< owned */
    bf_site_t (*sites)[BF_SUM_SITES]; /**< of each native gate, where its qubits are when it comes; owned */
    size_t n_updates;                 /**< two-site updates when all that may be one is */
    size_t n_pushes;                  /**< of native gates */
    bool far;                         /**< the qubits of some native gate are not close to each other */
    bf_site_t *site_of_wire;          /**< where each wire is at the end; owned */
    double cost;                      /**< what these updates cost, from a guess how bonds grow; comparable within one circuit */
} bf_routed_t;

/** How to route. */
typedef struct bf_route_options {
    bool merge;      /**< operations that may be one will be: a swap after an operation on the same sites costs nothing */
    bool look_ahead; /**< false: every gate's swaps are undone after it */
} bf_route_options_t;

/** @brief Route.
 *
 *  When all partners are neighbours there is nothing to route, and operations come in layers of as many as possible. Else swaps
 * that are never undone bring partners together. Several ways of choosing them are tried (on a long circuit, on its beginning),
 * the cheapest is kept.
 *  @param[out] routed  to be freed with bf_routed_clear(), also on error
 *  @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE (more than 2^31 - 1 operations) */
BF_MUST_USE bf_status_t bf_route(const bf_dag_t *dag, const bf_route_options_t *options, bf_routed_t *routed);

/** Free the memory. */
void bf_routed_clear(bf_routed_t *routed);

#ifdef __cplusplus
}
#endif
#endif
