/** @file route_pull.h
 *  @brief What wires on a line feel of each other: partners that wait for each other attract.
 *
 *  A wire sees its operations in the first sets that are not done: the ready ones, and some that come soon. What it sees pulls
 *  on it with a potential of the distance, weighed by how soon it comes. Everything is in whole numbers and is corrected step by
 *  step when something moves, is ready or is done; sums of whole numbers do not remember the order of their terms.
 */
#ifndef BF_ROUTE_PULL_H
#define BF_ROUTE_PULL_H

#include "runtime/circuit/route_line.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Sets of a wire that are looked at. */
enum { BF_PULL_SETS = 3 };

/** What a wire feels. */
typedef struct bf_pull {
    int32_t left;  /**< change of its weighed potentials by a step to the left */
    int32_t right; /**< by a step to the right */
} bf_pull_t;

/** An operation as one of its wires sees it. */
typedef struct bf_tie {
    uint32_t item;
    bf_site_t partner; /**< the other wire */
    int16_t weight;    /**< with which the partner pulls on the wire; 0: the wire does not see it */
    int16_t back;      /**< with which the wire pulls on the partner */
    bool ready;        /**< the operation is ready */
} bf_tie_t;

/** All wires. */
typedef struct bf_pulls {
    const bf_dag_t *dag;     /**< borrowed */
    const bf_front_t *front; /**< borrowed; what is done */
    const int *weights;      /**< of a wire's sets, BF_PULL_SETS of them; borrowed */
    bf_site_t *site;         /**< of each wire; owned, like all below */
    int32_t *left;           /**< of each site: what its wire feels, as in bf_pull_t; apart, so that loops over sites are fast */
    int32_t *right;          /**< of each site: likewise */
    int32_t *far_left;       /**< of each site: ready operations of its wire and one on the left that is no neighbour */
    int32_t *far_right;      /**< of each site: and one on the right */
    uint32_t *meets;         /**< of each site: a ready operation of its wire and the one on its right, or BF_NO_ITEM */
    uint64_t *met;           /**< a bit for each site: there is one */
    bf_pull_t *tables;       /**< the room of the two tables that follow, each for distances from -n to n */
    bf_pull_t *table;        /**< what a partner at a distance is felt as */
    bf_pull_t *change;       /**< what that changes by when the wire steps to the right */
    bf_tie_t *ties;          /**< of all wires, one wire after the other: those that one of the two sees */
    size_t *begin;           /**< of each wire: its first tie */
    uint32_t *count;         /**< of each wire */
    uint32_t (*at)[2];       /**< of each operation and side: place among the wire's ties */
    bool *tied;              /**< of each operation: it is among the ties */
    uint32_t *nearest;       /**< of each wire: the set nearest in time with operations on two wires, or BF_NO_SET */
    uint32_t *edge;          /**< of each wire: first operation of that set that is out of sight unless ready */
    int32_t *waiting;        /**< of each wire: operations of that set in sight that are not ready */
} bf_pulls_t;

/** @brief Start at the beginning of a circuit; nothing is ready.
 *  @param[in]  potential  of distances 0 .. n; changes of a step stay below 2^13
 *  @param[out] pulls      to be freed with bf_pulls_close(), also on error
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_pulls_open(const bf_front_t *front, const int *weights, const int32_t *potential, bf_pulls_t *pulls);

/** Free the memory. */
void bf_pulls_close(bf_pulls_t *pulls);

/** The wires @p l on @p site and @p r right of it change places. */
void bf_pulls_swap(bf_pulls_t *pulls, bf_site_t l, bf_site_t r, bf_site_t site);

/** An operation on two wires has become ready. */
void bf_pulls_ready(bf_pulls_t *pulls, uint32_t item);

/** An operation is done; bf_front_done() has been told. */
void bf_pulls_done(bf_pulls_t *pulls, uint32_t item);

/** @return how far the nearest ready partner on one side of a wire is, not counting neighbours; INT32_MAX: there is none.
 *  @param right  the side */
bf_site_t bf_pulls_reach(const bf_pulls_t *pulls, bf_site_t w, bool right);

#ifdef __cplusplus
}
#endif
#endif
