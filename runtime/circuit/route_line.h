/** @file route_line.h
 *  @brief Wires on a line of sites, and operations as they are placed there; what all ways of routing share.
 */
#ifndef BF_ROUTE_LINE_H
#define BF_ROUTE_LINE_H

#include "runtime/circuit/route.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What became of a way of routing. */
typedef struct bf_outcome {
    bool gave_up;      /**< it will not be the cheapest, and stopped */
    bool next_is_same; /**< the next way would take the same steps: it only decides otherwise what did not come up */
} bf_outcome_t;

/** The line. Wires start on the sites of their numbers. */
typedef struct bf_line {
    const bf_fused_t *fused; /**< borrowed */
    bf_routed_t *routed;     /**< borrowed; what has been placed */
    bool merge;              /**< as in bf_route_options_t */
    size_t par;              /**< updates another way has taken, 0: none; much worse ones may give up */
    bf_outcome_t outcome;    /**< of this way */
    bf_site_t *site;         /**< of each wire: routed->site_of_wire */
    bf_site_t *wire_at;      /**< of each site; owned */
    uint32_t *last_at;       /**< of each site: number of its last update, or BF_NO_ITEM; owned */
    int32_t *depth;          /**< of each site: updates one after the other so far; owned */
} bf_line_t;

/** @brief Start with an empty @p routed. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_line_open(const bf_fused_t *fused, bool merge, bf_routed_t *routed, bf_line_t *line);

/** Free the memory; what was placed stays. */
void bf_line_close(bf_line_t *line);

/** @return whether another operation on (site, site + 1) would share the update of the last one there. */
static inline bool bf_line_is_free(const bf_line_t *line, bf_site_t site)
{
    return line->merge && line->last_at[site] != BF_NO_ITEM && line->last_at[site] == line->last_at[site + 1];
}

/** @brief Place operation @p item, whose wires are neighbours. @return BF_OK, BF_ERR_NOMEM, BF_ERR_TOO_LARGE */
BF_MUST_USE bf_status_t bf_line_place(bf_line_t *line, uint32_t item);

/** @brief Place a swap of (site, site + 1). @return as bf_line_place() */
BF_MUST_USE bf_status_t bf_line_swap(bf_line_t *line, bf_site_t site);

/** @return whether this way has taken more updates than another one and will not be the cheaper one. */
static inline bool bf_line_is_lost(const bf_line_t *line)
{
    return line->par > 0 && line->routed->n_updates > line->par + line->par / 8 + 1;
}

/** @brief Set routed->cost: a guess from bounds on the bonds. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_route_cost(const bf_fused_t *fused, bf_routed_t *routed);

/* The ways of routing. */

/** @brief In layers of as many as possible; all partners must be neighbours. */
BF_MUST_USE bf_status_t bf_route_sweep(const bf_dag_t *dag, bf_line_t *line);

/** @brief In the user's order, each pair's swaps undone after it. */
BF_MUST_USE bf_status_t bf_route_back(bf_line_t *line);

enum { BF_ROUTE_WALKS = 3, BF_ROUTE_FIELDS = 6 };

/** @brief In the user's order, each pair meeting where the next partners of all that move are near.
 *  @param way  0 .. WALKS-1, the ones most often cheapest first */
BF_MUST_USE bf_status_t bf_route_walk(bf_line_t *line, int way);

/** @brief In any order that @p dag allows, always by the swap that brings all waiting partners nearest to each other.
 *  @param way  0 .. FIELDS-1, the ones most often cheapest first */
BF_MUST_USE bf_status_t bf_route_field(const bf_dag_t *dag, bf_line_t *line, int way);

#ifdef __cplusplus
}
#endif
#endif
