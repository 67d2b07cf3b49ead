/** @file walk.h
 *  @brief One walk through a program, as far as the shapes of tensors tell: bonds, costs of kernels, memory of the state. Inside
 * of bf_predict(). Not collective.
 */
#ifndef BF_WALK_H
#define BF_WALK_H

#include "runtime/plan/predict.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The walk, and where it stands. */
typedef struct bf_walk {
    const bf_program_t *program;   /**< not owned */
    const bf_predict_options_t *o; /**< not owned */
    bf_prediction_t *p;            /**< what is found goes there; not owned */
    bf_dim_t *chi;                 /**< n + 1 bond dimensions, chi[s] left of site s */
    bool *real;                    /**< of each site */
    size_t *site_bytes;            /**< of each site */
    size_t *rank_bytes;            /**< of each rank, now */
    double *bond_us;               /**< of each bond, all updates, microseconds */
    bf_tensor_t asked;             /**< pair whose workspace was asked for last, */
    bf_dim_t asked_rank;           /**< and what else it depends on: the bound of its rank, */
    bf_type_t asked_sites[2];      /**< the types of its sites */
    size_t rank_most;              /**< most of any rank so far, bytes */
    size_t all_bytes;              /**< of all ranks, now */
} bf_walk_t;

static inline size_t bf_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/** @return the type of a real or complex tensor at the precision of the run. */
static inline bf_type_t bf_walk_type(const bf_walk_t *w, bool real)
{
    const bool single = w->o->precision == BF_PRECISION_SINGLE;
    return real ? (single ? BF_TYPE_S : BF_TYPE_D) : (single ? BF_TYPE_C : BF_TYPE_Z);
}

/** @brief Memory for the walk and for what it finds. @return whether there was enough; bf_walk_close() either way */
bool bf_walk_open(bf_walk_t *w, const bf_program_t *program, const bf_predict_options_t *options, bf_prediction_t *prediction);

/** @brief From the first operation to the last: bonds and peaks, op_us and op_chi, flops, bytes; the walk stands at the end. */
void bf_walk(bf_walk_t *w);

/** @brief Free what the walk holds; the prediction keeps what it found. */
void bf_walk_close(bf_walk_t *w);

#ifdef __cplusplus
}
#endif
#endif
