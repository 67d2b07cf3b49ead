/** @file random.h
 *  @brief Random outcomes that depend on nothing but seed, shot and draw: the same on any worker, rank and batch.
 *
 *  Philox4x32-10 of Random123 (Salmon, Moraes, Dror, Shaw, SC11) in counter mode. Four consecutive draws of a shot share a block.
 */
#ifndef BF_RANDOM_H
#define BF_RANDOM_H

#include <Random123/philox.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is drawn; each has numbers of its own. */
typedef enum bf_random_use {
    BF_RANDOM_SAMPLE = 0, /**< final measurement of site `draw` */
    BF_RANDOM_MEASURE = 1 /**< the measurement or reset in mid-circuit number `draw` */
} bf_random_use_t;

/** How likely outcome 0 is: when a uniform 64-bit number is below @c limit, or always. */
typedef struct bf_bias {
    uint64_t limit;
    bool always; /**< the chance of outcome 1 is below what a double can tell from none */
} bf_bias_t;

/** @brief Outcome 0 with weight @p p0, 1 with weight @p p1; an outcome of weight 0 never happens.
 *  @return false when the weights are no such thing: negative, not finite, or both 0 */
static inline bool bf_bias_set(double p0, double p1, bf_bias_t *bias)
{
    const double sum = p0 + p1;
    *bias = (bf_bias_t){0};
    if (!(p0 >= 0.0 && p1 >= 0.0 && sum > 0.0 && sum <= 1e300))
        return false;
    const double t = p0 / sum;
    bias->always = t >= 1.0;
    if (!bias->always)
        bias->limit = (uint64_t)(t * 0x1p64);
    return true;
}

/** @return whether the outcome needs no random number. */
static inline bool bf_bias_certain(const bf_bias_t *bias)
{
    return bias->always || bias->limit == 0;
}

/** Four consecutive draws' words of one shot; only the upper halves of 64 bits, which decide nearly always. */
typedef struct bf_random_block {
    uint32_t word[4];
} bf_random_block_t;

/** @return the words of draws 4 @p block ... 4 @p block + 3 of @p shot. @param lower  the lower halves instead */
static inline bf_random_block_t bf_random_words(uint64_t seed, bf_random_use_t use, uint64_t shot, uint32_t block, bool lower)
{
    const philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    const philox4x32_ctr_t counter = {{(uint32_t)shot, (uint32_t)(shot >> 32), block, ((uint32_t)use << 1) | (lower ? 1U : 0U)}};
    const philox4x32_ctr_t words = philox4x32(counter, key);
    return (bf_random_block_t){{words.v[0], words.v[1], words.v[2], words.v[3]}};
}

/** @return the outcome, given the block of the draw: exact to 64 bits, the lower 32 of them made only when they matter. */
static inline bool bf_random_outcome(const bf_random_block_t *words, uint64_t seed, bf_random_use_t use, uint64_t shot,
                                     uint32_t draw, const bf_bias_t *bias)
{
    const uint32_t upper = words->word[draw & 3], limit = (uint32_t)(bias->limit >> 32);
    if (upper != limit)
        return upper > limit;
    const bf_random_block_t lower = bf_random_words(seed, use, shot, draw >> 2, true);
    return lower.word[draw & 3] >= (uint32_t)bias->limit;
}

/** @return the outcome of draw number @p draw of shot @p shot. */
static inline bool bf_random_draw(uint64_t seed, bf_random_use_t use, uint64_t shot, uint32_t draw, const bf_bias_t *bias)
{
    if (bf_bias_certain(bias))
        return !bias->always;
    const bf_random_block_t words = bf_random_words(seed, use, shot, draw >> 2, false);
    return bf_random_outcome(&words, seed, use, shot, draw, bias);
}

#ifdef __cplusplus
}
#endif
#endif
