/* Shots in lanes. Compiled once per instruction set, without fused multiply-add: each must draw the same shots. */
#include "kernels/sample_isa.h"

#include "kernels/random.h"
#include "kernels/vec_isa.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

_Static_assert(BF_LANES_PAD % BF_LANES == 0, "lanes come by whole registers");

/** Numbers of 64 bits, a register of them. */
typedef uint64_t bf_words_t __attribute__((vector_size(8 * BF_LANES), aligned(8), may_alias));

/* The product of the lower halves of 64 bits, and whether any lane of a mask is set. */
#if defined(__AVX512F__)
#define MULTIPLY(a, b) ((bf_words_t)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#define ANY(mask)      (_mm512_movepi64_mask((__m512i)(mask)) != 0)
#elif defined(__AVX2__)
#define MULTIPLY(a, b) ((bf_words_t)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#define ANY(mask)      (_mm256_movemask_pd((__m256d)(mask)) != 0)
#elif defined(__SSE2__)
#define MULTIPLY(a, b) ((bf_words_t)_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#define ANY(mask)      (_mm_movemask_pd((__m128d)(mask)) != 0)
#else
#define MULTIPLY(a, b) (((a)&UINT32_MAX) * ((b)&UINT32_MAX))
#define ANY(mask)      any_lane(&(mask))
BF_INLINE bool any_lane(const bf_mask_t *mask)
{
    int64_t any = 0;
    for (int i = 0; i < BF_LANES; i++)
        any |= (*mask)[i];
    return any != 0;
}
#endif

/* Philox4x32-10, the words of a counter in the lower halves of four registers; what is above them is dropped at the end. */
BF_INLINE void philox(bf_words_t c[4], uint64_t seed)
{
    const bf_words_t m0 = (bf_words_t){0} + 0xD2511F53U, m1 = (bf_words_t){0} + 0xCD9E8D57U;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9U, k1 += 0xBB67AE85U) {
        const bf_words_t x = MULTIPLY(c[0], m0), y = MULTIPLY(c[2], m1);
        c[0] = (y >> 32) ^ c[1] ^ (uint64_t)k0;
        c[1] = y;
        c[2] = (x >> 32) ^ c[3] ^ (uint64_t)k1;
        c[3] = x;
    }
}

static void words(uint64_t seed, uint64_t first, uint32_t block, bf_dim_t m, bf_dim_t stride, double *out)
{
    const bf_words_t lane = BF_LANE_INDEX;
    const uint64_t magic = UINT64_C(0x4330000000000000); /* 2^52: an integer below 2^32 in its last bits is added exactly */
    for (bf_dim_t i = 0; i < m; i += BF_LANES) {
        const bf_words_t shot = lane + (first + (uint64_t)i);
        bf_words_t c[4] = {shot, shot >> 32, (bf_words_t){0} + block, (bf_words_t){0} + ((uint64_t)BF_RANDOM_SAMPLE << 1)};
        philox(c, seed);
        for (int d = 0; d < 4; d++)
            *(bf_vec_t *)(out + d * stride + i) = (bf_vec_t)((c[d] & UINT32_MAX) | magic) - 0x1p52;
    }
}

/* A site with its dimensions as the compiler may know them. */
#define SHAPE  const bf_dim_t k_l, const bf_dim_t k_r, const int parts
#define PASSED k_l, k_r, parts

/* Both halves of one register of lanes, and their squares. */
typedef struct halves {
    bf_vec_t x[2][2 * BF_LANES_BOND];
    bf_vec_t p[2];
} halves_t;

BF_INLINE void carry(const double *form, const double *v, bf_dim_t stride, SHAPE, halves_t *h)
{
    for (int s = 0; s < BF_D; s++) {
        bf_vec_t p = {0.0};
        for (bf_dim_t r = 0; r < k_r; r++) {
            bf_vec_t re = {0.0}, im = {0.0};
            for (bf_dim_t l = 0; l < k_l; l++) {
                const double *f = form + parts * (r + k_r * s + BF_D * k_r * l);
                const bf_vec_t a = *(const bf_vec_t *)(v + parts * l * stride);
                if (parts == 2) {
                    const bf_vec_t b = *(const bf_vec_t *)(v + (2 * l + 1) * stride);
                    re += f[0] * a - f[1] * b;
                    im += f[0] * b + f[1] * a;
                } else
                    re += f[0] * a;
            }
            h->x[s][parts * r] = re;
            if (parts == 2)
                h->x[s][2 * r + 1] = im;
            p += parts == 2 ? re * re + im * im : re * re;
        }
        h->p[s] = p;
    }
}

/* 2^32 times the probability of outcome 0. */
BF_INLINE bf_vec_t chance_of(const halves_t *h, bf_mask_t *good)
{
    const bf_vec_t sum = h->p[0] + h->p[1];
    *good &= (bf_mask_t)(sum > 0.0) & (bf_mask_t)(sum <= 1e300);
    return h->p[0] / sum * 0x1p32;
}

/* The power of two that brings a vector of square p to a length around 1. */
BF_INLINE bf_vec_t scale_of(bf_vec_t p)
{
    return (bf_vec_t)((1023 + 511 - ((bf_words_t)p >> 53)) << 52);
}

BF_INLINE bf_vec_t choose(bf_mask_t one, bf_vec_t x0, bf_vec_t x1)
{
    return (bf_vec_t)(((bf_mask_t)x1 & one) | ((bf_mask_t)x0 & ~one));
}

/* Upper halves that agree leave the outcome to the lower ones. */
static __attribute__((noinline)) void settle(const bf_lanes_draws_t *draws, bf_dim_t i, const bf_vec_t *chance, bf_mask_t *one)
{
    for (int k = 0; k < BF_LANES; k++)
        (*one)[k] = bf_k_lanes_draw(draws, i + k, (*chance)[k]) ? -1 : 0;
}

BF_INLINE bf_mask_t draw(const bf_lanes_draws_t *draws, bf_dim_t i, bf_vec_t chance)
{
    const bf_vec_t word = *(const bf_vec_t *)(draws->words + i);
    bf_mask_t one = (bf_mask_t)(word > chance);
    const bf_mask_t tie = ~one & (bf_mask_t)(word + 1.0 > chance);
    if (__builtin_expect(ANY(tie), 0))
        settle(draws, i, &chance, &one);
    return one;
}

BF_INLINE bool step_as(const double *form, SHAPE, bf_dim_t m, bf_dim_t stride, const double *v, double *both, double *chance)
{
    bf_mask_t good = ~(bf_mask_t){0};
    for (bf_dim_t i = 0; i < m; i += BF_LANES) {
        halves_t h;
        carry(form, v + i, stride, PASSED, &h);
        *(bf_vec_t *)(chance + i) = chance_of(&h, &good);
        for (int s = 0; s < BF_D; s++) {
            const bf_vec_t scale = scale_of(h.p[s]);
            for (bf_dim_t c = 0; c < parts * k_r; c++)
                *(bf_vec_t *)(both + (s * parts * k_r + c) * stride + i) = h.x[s][c] * scale;
        }
    }
    const bf_mask_t bad = ~good;
    return !ANY(bad);
}

BF_INLINE bool walk_as(const double *form, SHAPE, const bf_lanes_draws_t *draws, bf_dim_t m, bf_dim_t stride, double *v,
                       uint64_t *bits, uint64_t bit)
{
    bf_mask_t good = ~(bf_mask_t){0};
    for (bf_dim_t i = 0; i < m; i += BF_LANES) {
        halves_t h;
        carry(form, v + i, stride, PASSED, &h);
        const bf_mask_t one = draw(draws, i, chance_of(&h, &good));
        const bf_vec_t scale = scale_of(choose(one, h.p[0], h.p[1]));
        for (bf_dim_t c = 0; c < parts * k_r; c++)
            *(bf_vec_t *)(v + c * stride + i) = choose(one, h.x[0][c], h.x[1][c]) * scale;
        *(bf_words_t *)(bits + i) |= (bf_words_t)one & bit;
    }
    const bf_mask_t bad = ~good;
    return !ANY(bad);
}

/* Bonds of 1 and 2 stay in registers when the compiler knows them. */
#define DISPATCH(DO, ...)                                                                                                        \
    do {                                                                                                                         \
        const bf_dim_t k_l = site->k_l, k_r = site->k_r;                                                                         \
        if (k_l == 2 && k_r == 2)                                                                                                \
            return site->real ? DO(site->form, 2, 2, 1, __VA_ARGS__) : DO(site->form, 2, 2, 2, __VA_ARGS__);                     \
        if (k_l == 1 && k_r == 2)                                                                                                \
            return site->real ? DO(site->form, 1, 2, 1, __VA_ARGS__) : DO(site->form, 1, 2, 2, __VA_ARGS__);                     \
        if (k_l == 2 && k_r == 1)                                                                                                \
            return site->real ? DO(site->form, 2, 1, 1, __VA_ARGS__) : DO(site->form, 2, 1, 2, __VA_ARGS__);                     \
        return site->real ? DO(site->form, k_l, k_r, 1, __VA_ARGS__) : DO(site->form, k_l, k_r, 2, __VA_ARGS__);                 \
    } while (0)

static bool step(const bf_lanes_site_t *site, bf_dim_t m, bf_dim_t stride, const double *v, double *both, double *chance)
{
    DISPATCH(step_as, m, stride, v, both, chance);
}

static bool walk(const bf_lanes_site_t *site, const bf_lanes_draws_t *draws, bf_dim_t m, bf_dim_t stride, double *v,
                 uint64_t *bits, uint64_t bit)
{
    DISPATCH(walk_as, draws, m, stride, v, bits, bit);
}

static void same(double chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint64_t *bits, uint64_t bit)
{
    for (bf_dim_t i = 0; i < m; i += BF_LANES)
        *(bf_words_t *)(bits + i) |= (bf_words_t)draw(draws, i, (bf_vec_t){0.0} + chance) & bit;
}

/* Numbers of 32 bits, as many as a register has lanes. */
typedef uint32_t entries_t __attribute__((vector_size(4 * BF_LANES), aligned(4), may_alias));

static void part(const double *chance, const bf_lanes_draws_t *draws, bf_dim_t m, uint32_t *entries)
{
    for (bf_dim_t i = 0; i < m; i += BF_LANES) {
        bf_vec_t chances;
        for (int k = 0; k < BF_LANES; k++)
            chances[k] = chance[entries[i + k]];
        const bf_mask_t one = draw(draws, i, chances);
        entries_t *const entry = (entries_t *)(entries + i);
        *entry = 2 * *entry - __builtin_convertvector(one, entries_t);
    }
}

const bf_lanes_kernels_t BF_PASTE(bf_lanes_kernels_, BF_ISA) = {words, step, walk, same, part};
