/** @file sample_lanes.h
 *  @brief Many shots abreast where bonds are small: every lane of a register carries the vector of one shot.
 *
 *  Component c of the vectors of all lanes lies at v + c stride: part p (0 real, 1 imaginary) of element l is component
 *  parts l + p, where parts is 1 for a real chain and 2 for a complex one. Strides, and numbers of lanes, are multiples of
 *  BF_LANES_PAD; the caller fills what it does not need with anything that a shot may be.
 *
 *  A vector is scaled by powers of two only, and every lane is computed by itself in one order without fused operations: its bits
 *  depend neither on what is in the other lanes nor on the processor, and stepping then choosing gives those of walking.
 */
#ifndef BF_SAMPLE_LANES_H
#define BF_SAMPLE_LANES_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Largest bond: beyond it matrix products are faster. */
#define BF_LANES_BOND 16

/** Lanes come by so many: a register of any instruction set holds that many doubles, or a whole part of them. */
#define BF_LANES_PAD 8

/** A site in sampling form (kernels/sample.h), in double precision. */
typedef struct bf_lanes_site {
    const double *form; /**< 2 k_r x k_l, pairs (re, im) when complex */
    bf_dim_t k_l;       /**< at most BF_LANES_BOND */
    bf_dim_t k_r;       /**< the same */
    bool real;          /**< of a real chain */
} bf_lanes_site_t;

/** The random numbers of consecutive shots at one site. */
typedef struct bf_lanes_draws {
    const double *words; /**< of lane i: the upper 32 of 64 bits, as bf_k_lanes_words() makes them */
    uint64_t seed;       /**< of the run */
    uint64_t first;      /**< shot of lane 0 */
    uint32_t site;       /**< number of the draw */
} bf_lanes_draws_t;

/** @brief The upper halves of draws 4 @p block ... 4 @p block + 3 (BF_RANDOM_SAMPLE) of shots @p first and on.
 *  @param[out] words  m x 4: draw d of shot first + i at words[i + stride d] */
void bf_k_lanes_words(uint64_t seed, uint64_t first, uint32_t block, bf_dim_t m, bf_dim_t stride, double *words);

/** @brief Carry @p m vectors over a site, for both outcomes.
 *  @param[in]  v       k_l elements
 *  @param[out] both    2 k_r elements: those that go on with outcome 0, then those with outcome 1
 *  @param[out] chance  2^32 times the probability of outcome 0
 *  @return false when some weights are none: both 0, or not finite */
BF_MUST_USE bool bf_k_lanes_step(const bf_lanes_site_t *site, bf_dim_t m, bf_dim_t stride, const double *v, double *both,
                                 double *chance);

/** @return whether the outcome needs no random number. */
static inline bool bf_lanes_certain(double chance)
{
    return chance >= 0x1p32 || chance < 0x1p-32;
}

/** @return whether outcome 1 is drawn in lane @p i, exact to 64 bits. */
bool bf_k_lanes_draw(const bf_lanes_draws_t *draws, bf_dim_t i, double chance);

/** @brief Carry the vectors of @p m shots over a site and draw: v becomes the vector of the outcome.
 *  @param[in,out] v     k_l elements, then k_r
 *  @param[in,out] bits  of every shot: @p bit is set where the outcome is 1
 *  @return as bf_k_lanes_step() */
BF_MUST_USE bool bf_k_lanes_walk(const bf_lanes_site_t *site, const bf_lanes_draws_t *draws, bf_dim_t m, bf_dim_t stride,
                                 double *v, uint64_t *bits, uint64_t bit);

/** @brief Draw @p m shots that have the same chance: a site between bonds of dimension 1. */
void bf_k_lanes_same(double chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint64_t *bits, uint64_t bit);

/** @brief Draw @p m shots that share vectors.
 *  @param[in]     chance   of every vector, as bf_k_lanes_step() gives it
 *  @param[in,out] entries  of every shot: the number e of its vector; then 2 e + outcome */
void bf_k_lanes_part(const double *chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint32_t *entries);

#ifdef __cplusplus
}
#endif
#endif
