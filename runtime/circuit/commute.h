/** @file commute.h
 *  @brief What may change places: the dependencies between the operations of a circuit that remain when those that commute do not
 *  wait for each other.
 *
 *  The axis of an operation on one of its wires is the direction n with [U, n sigma on that wire] = 0, when there is one: Z for
 * rz, rzz and the control of cx, X for rxx and the target of cx. In the basis of eigenvectors of n sigma such operations are
 *  block-diagonal on the wire. Operations that follow each other on a wire with the same axis form a set; two of them that share
 *  two wires are in one set on both, or ordered by the other wire. All operations of a set commute as far as this wire is
 *  concerned: each only waits for the whole set before.
 */
#ifndef BF_COMMUTE_H
#define BF_COMMUTE_H

#include "runtime/circuit/fuse.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BF_NO_SET  UINT32_MAX
#define BF_NO_ITEM UINT32_MAX

/** Operations of one wire that follow each other and commute there. */
typedef struct bf_set {
    uint32_t first; /**< an operation; bf_dag_t::next leads on */
    uint32_t count; /**< operations */
    uint32_t pairs; /**< of them, on two wires */
    uint32_t next;  /**< the set after it on the same wire, or BF_NO_SET */
} bf_set_t;

/** Dependencies. An operation waits for the set before its own on each of its wires; a dynamic one also for the dynamic one
 * before it. */
typedef struct bf_dag {
    const bf_fused_t *fused; /**< borrowed */
    bf_set_t *sets;          /**< owned */
    size_t n_sets;
    uint32_t *first;     /**< n entries: the first set of a wire, or BF_NO_SET; owned */
    uint32_t (*set)[2];  /**< of an operation and side; owned */
    uint32_t (*next)[2]; /**< of an operation and side: the next member of its set there, or BF_NO_ITEM; owned */
    uint32_t *dynamic;   /**< the dynamic operations in their order; owned */
    size_t n_dynamic;
} bf_dag_t;

/** @brief Find the dependencies. @param commute  false: the order on every wire stays. @param[out] dag  to be freed with
 *  bf_dag_clear(), also on error. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_dag_build(const bf_fused_t *fused, bool commute, bf_dag_t *dag);

/** Free the memory. */
void bf_dag_clear(bf_dag_t *dag);

/** A walk through the operations in an order that respects the dependencies. */
typedef struct bf_front {
    const bf_dag_t *dag; /**< borrowed */
    uint32_t *current;   /**< of each wire: the set that is being done, or BF_NO_SET; owned */
    uint32_t *left;      /**< of each set: operations not done; owned */
    uint8_t *missing;    /**< of each operation: what it still waits for; BF_FRONT_DONE: done; owned */
    uint32_t *ready;     /**< operations that became ready and were not fetched yet; owned */
    size_t n_ready;
    size_t n_dynamic; /**< dynamic operations done */
} bf_front_t;

/** As bf_front_t::missing. */
#define BF_FRONT_DONE UINT8_MAX

/** @brief Start: what waits for nothing is in @c ready. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_front_open(const bf_dag_t *dag, bf_front_t *front);

/** @brief Operation @p item, which was ready, is done; what becomes ready is appended to @c ready. */
void bf_front_done(bf_front_t *front, uint32_t item);

/** Free the memory. */
void bf_front_close(bf_front_t *front);

#ifdef __cplusplus
}
#endif
#endif
