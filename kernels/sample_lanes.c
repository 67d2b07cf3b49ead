/* Shots in lanes: the choice of the instruction set, and what a lane needs once in 2^32 draws. */
#include "kernels/sample_lanes.h"

#include "kernels/cpu.h"
#include "kernels/random.h"
#include "kernels/sample_isa.h"

#include <assert.h>

static const bf_lanes_kernels_t *kernels(void)
{
    return BF_CPU_PICK(bf_lanes_kernels);
}

static void check_lanes(bf_dim_t m, bf_dim_t stride)
{
    assert(m > 0 && m <= stride && m % BF_LANES_PAD == 0 && stride % BF_LANES_PAD == 0);
    (void)m, (void)stride;
}

static void check_site(const bf_lanes_site_t *site)
{
    assert(site->k_l >= 1 && site->k_l <= BF_LANES_BOND && site->k_r >= 1 && site->k_r <= BF_LANES_BOND);
    (void)site;
}

void bf_k_lanes_words(uint64_t seed, uint64_t first, uint32_t block, bf_dim_t m, bf_dim_t stride, double *words)
{
    check_lanes(m, stride);
    kernels()->words(seed, first, block, m, stride, words);
}

bool bf_k_lanes_step(const bf_lanes_site_t *site, bf_dim_t m, bf_dim_t stride, const double *v, double *both, double *chance)
{
    check_lanes(m, stride);
    check_site(site);
    return kernels()->step(site, m, stride, v, both, chance);
}

bool bf_k_lanes_draw(const bf_lanes_draws_t *draws, bf_dim_t i, double chance)
{
    if (chance >= 0x1p32)
        return false;
    bf_random_block_t upper = {{0}};
    upper.word[draws->site & 3] = (uint32_t)draws->words[i];
    const bf_bias_t bias = {.limit = (uint64_t)(chance * 0x1p32)};
    return bf_random_outcome(&upper, draws->seed, BF_RANDOM_SAMPLE, draws->first + (uint64_t)i, draws->site, &bias);
}

bool bf_k_lanes_walk(const bf_lanes_site_t *site, const bf_lanes_draws_t *draws, bf_dim_t m, bf_dim_t stride, double *v,
                     uint64_t *bits, uint64_t bit)
{
    check_lanes(m, stride);
    check_site(site);
    return kernels()->walk(site, draws, m, stride, v, bits, bit);
}

void bf_k_lanes_same(double chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint64_t *bits, uint64_t bit)
{
    check_lanes(m, m);
    kernels()->same(chance, draws, m, bits, bit);
}

void bf_k_lanes_part(const double *chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint32_t *entries)
{
    check_lanes(m, m);
    kernels()->part(chance, draws, m, entries);
}
