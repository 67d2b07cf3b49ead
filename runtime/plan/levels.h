/** @file levels.h
 *  @brief The dependency map of a program: layers, how many operations each has, the longest chain, light cones.
 *
 *  Operations that share a site depend on each other in the program's order, and nothing else does. A layer is what could run at
 *  the same time if every two-site operation took equally long; a one-site gate is free and belongs to the layer before it.
 */
#ifndef BF_LEVELS_H
#define BF_LEVELS_H

#include "codelets/program.h"
#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The map of a program. */
typedef struct bf_levels {
    size_t n_ops;
    size_t n_layers;
    uint32_t *layer_of;      /**< n_ops: layer, from 0; owned */
    uint32_t *width;         /**< n_layers: operations in it, one-site gates not counted; owned */
    uint32_t *sorted_width;  /**< the same, ascending; owned */
    unsigned char *critical; /**< n_ops: 1 on the longest chain; owned */
    size_t critical_ops;     /**< operations on it */
    double critical_us;      /**< its time */
} bf_levels_t;

/** @brief Make the map.
 *  @param us  n_ops: time of each operation, for the longest chain
 *  @param[out] levels  to be freed with bf_levels_clear(), also on error
 *  @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_levels_make(const bf_program_t *program, const double *us, bf_levels_t *levels);

/** Free the memory. */
void bf_levels_clear(bf_levels_t *levels);

/** @brief Operations that an observable on the given sites at the end of the program can depend on.
 *  @param[in,out] reached  n flags: the sites of the observable; afterwards every site that the cone has reached
 *  @param[out] cone        n_ops flags
 *  @return how many operations are in the cone */
size_t bf_light_cone(const bf_program_t *program, unsigned char *reached, unsigned char *cone);

#ifdef __cplusplus
}
#endif
#endif
