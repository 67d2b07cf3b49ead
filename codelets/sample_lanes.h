/** @file sample_lanes.h
 *  @brief Shots of a chain whose bonds are small: a shot in every lane.
 */
#ifndef BF_CL_SAMPLE_LANES_H
#define BF_CL_SAMPLE_LANES_H

#include "codelets/sample_chain.h"
#include "kernels/sample_lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @return whether bf_sample_draw_lanes() takes a chain of bonds up to @p widest. */
static inline bool bf_sample_lanes_take(bf_dim_t widest)
{
    return widest <= BF_LANES_BOND;
}

/** @brief As bf_sample_draw(), for a chain in double precision that bf_sample_lanes_take(). */
BF_MUST_USE bf_status_t bf_sample_draw_lanes(const bf_sample_shots_t *shots);

#ifdef __cplusplus
}
#endif
#endif
