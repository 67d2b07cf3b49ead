/** @file sample_chain.h
 *  @brief A whole chain in sampling form in one process's memory: shots, amplitudes and marginals of it. Read by many workers at
 *  once; the drawing functions are called from task bodies and use the worker's arena.
 */
#ifndef BF_SAMPLE_CHAIN_H
#define BF_SAMPLE_CHAIN_H

#include "codelets/chain.h"
#include "kernels/sample.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The chain of kernels/sample.h. */
typedef struct bf_sample_chain {
    bf_site_t n;
    bf_type_t type;    /**< of the forms: single when every site is, real when every site is */
    bf_dim_t *k;       /**< n + 1 bond dimensions of the forms, k[s] left of site s; owned */
    const void **form; /**< n matrices 2 k[s+1] x k[s]; pointers owned */
    void *block;       /**< what they point into; owned */
    bf_dim_t widest;   /**< largest k */
    double norm;       /**< <psi|psi> of the state it was made from; the chain itself has norm 1 */
    bf_z_t phase;      /**< of modulus 1: the factor that makes amplitudes those of the state */
} bf_sample_chain_t;

/** @brief Bring a chain of sites into sampling form: n QR factorisations, one after the other.
 *  @return BF_OK; BF_ERR_NOMEM, BF_ERR_NAN, BF_ERR_ZERO: then there is nothing to close */
BF_MUST_USE bf_status_t bf_sample_chain_open(const bf_chain_t *chain, bf_sample_chain_t *out);

/** @brief Give the memory back. A chain of zeros is fine. */
void bf_sample_chain_close(bf_sample_chain_t *chain);

/** Which bits of a row the outcome of a site goes to: those of bit[first[s]] ... bit[first[s + 1] - 1]. */
typedef struct bf_sample_map {
    const uint32_t *first; /**< n + 1 */
    const uint32_t *bit;   /**< bit i of a row is bit i % 8 of byte i / 8 */
    bf_site_t end;         /**< sites from here on have no bits */
    size_t row_bytes;
} bf_sample_map_t;

/** How many vectors a step of the chain takes at once, unless a job says otherwise: wide enough for matrix products. */
#define BF_SAMPLE_BATCH 256

/** Largest number of shots of one job. */
#define BF_SAMPLE_JOB_SHOTS 65536

/** Consecutive shots. */
typedef struct bf_sample_shots {
    const bf_sample_chain_t *chain;
    const bf_sample_map_t *map;
    uint64_t seed;
    uint64_t first; /**< number of the first shot */
    uint32_t count; /**< of shots, at most BF_SAMPLE_JOB_SHOTS */
    int batch;      /**< vectors a step; 0: BF_SAMPLE_BATCH */
    uint8_t *rows;  /**< out: count x map->row_bytes */
} bf_sample_shots_t;

/** @brief Draw shots. Shots that have had the same outcomes share one vector; the tree of outcomes is walked depth first, with a
 *  bounded number of vectors abreast.
 *  @return BF_OK; BF_ERR_NAN */
BF_MUST_USE bf_status_t bf_sample_draw(const bf_sample_shots_t *shots);

/** Amplitudes of bit strings. */
typedef struct bf_sample_strings {
    const bf_sample_chain_t *chain;
    const bf_sample_map_t *map; /**< one bit of each site at least; the first one counts */
    const uint8_t *rows;        /**< count x map->row_bytes */
    size_t count;
    bf_amplitude_t *amplitudes; /**< out: count */
} bf_sample_strings_t;

/** @brief Amplitudes, string by string in batches. @return BF_OK; BF_ERR_NAN */
BF_MUST_USE bf_status_t bf_sample_amplitudes(const bf_sample_strings_t *strings);

/** Joint probabilities of the outcomes of some sites, a part of them. */
typedef struct bf_sample_marginal {
    const bf_sample_chain_t *chain;
    const bf_sample_map_t *map; /**< the sites that have bits are those asked for, one bit each */
    int fixed;                  /**< outcomes of the leftmost so many of these sites are given... */
    uint64_t prefix;            /**< ...by the bits of this number, leftmost site first, at the bits of the map */
    double *p;                  /**< out: of 2^bits numbers those that agree with the prefix; the others are not touched */
} bf_sample_marginal_t;

/** @brief The probabilities, from matrices X with X X^H the environment of what has been summed over: never negative.
 *  @return BF_OK; BF_ERR_NAN */
BF_MUST_USE bf_status_t bf_sample_marginal(const bf_sample_marginal_t *marginal);

#ifdef __cplusplus
}
#endif
#endif
