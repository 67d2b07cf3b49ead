/* Shots in lanes: against naive sums and the random numbers of kernels/random.h; every instruction set bit for bit. */
#include "kernels/random.h"
#include "kernels/sample.h"
#include "kernels/sample_isa.h"
#include "kernels_testing.h"

#include <stdio.h>
#include <string.h>

#define LANES  40 /* of a stride of STRIDE */
#define STRIDE 48

/* The instruction sets that this processor has, the plain one first. */
static int kernels_here(const bf_lanes_kernels_t *list[3])
{
    int n = 0;
    list[n++] = &bf_lanes_kernels_base;
#ifdef BF_HAVE_X86
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        list[n++] = &bf_lanes_kernels_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        list[n++] = &bf_lanes_kernels_avx512;
#endif
    return n;
}

/* A site, vectors before it and random numbers: all that a kernel reads. */
typedef struct scene {
    bf_lanes_site_t site;
    int parts;
    double form[2 * 2 * BF_LANES_BOND * BF_LANES_BOND];
    double v[2 * BF_LANES_BOND * STRIDE];
    double words[4 * STRIDE];
    bf_lanes_draws_t draws;
} scene_t;

static void set_scene(scene_t *c, bf_dim_t k_l, bf_dim_t k_r, bool real, uint64_t first, uint32_t site)
{
    c->parts = real ? 1 : 2;
    c->site = (bf_lanes_site_t){.form = c->form, .k_l = k_l, .k_r = k_r, .real = real};
    for (bf_dim_t i = 0; i < c->parts * 2 * k_r * k_l; i++)
        c->form[i] = test_normal();
    for (bf_dim_t i = 0; i < c->parts * k_l * STRIDE; i++)
        c->v[i] = test_normal();
    const uint64_t seed = (uint64_t)(1e9 * fabs(test_normal()));
    bf_lanes_kernels_base.words(seed, first, site >> 2, LANES, STRIDE, c->words);
    c->draws = (bf_lanes_draws_t){.words = c->words + (site & 3) * STRIDE, .seed = seed, .first = first, .site = site};
}

static bf_z_t element(const scene_t *c, const double *x, bf_dim_t k, bf_dim_t lane)
{
    return x[c->parts * k * STRIDE + lane] + (c->parts == 2 ? I * x[(2 * k + 1) * STRIDE + lane] : 0.0);
}

static bf_z_t coefficient(const scene_t *c, bf_dim_t row, bf_dim_t l)
{
    const double *f = c->form + c->parts * (row + 2 * c->site.k_r * l);
    return f[0] + (c->parts == 2 ? I * f[1] : 0.0);
}

static const uint64_t seeds[] = {0, 1, UINT64_C(0x123456789abcdef0), UINT64_MAX};
static const uint64_t firsts[] = {0, 7, UINT32_MAX - 13, UINT64_C(1) << 40, UINT64_MAX - 20};
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The numbers are those of bf_random_words(), also where a shot's number passes 2^32 and 2^64. */
static void test_words(void)
{
    const bf_lanes_kernels_t *list[3];
    const int n = kernels_here(list);
    double words[4 * STRIDE];
    size_t wrong = 0;
    for (size_t s = 0; s < COUNT(seeds); s++)
        for (size_t f = 0; f < COUNT(firsts); f++)
            for (uint32_t block = 0; block < 200; block = 3 * block + 1)
                for (int k = 0; k < n; k++) {
                    list[k]->words(seeds[s], firsts[f], block, LANES, STRIDE, words);
                    for (int i = 0; i < LANES; i++) {
                        const bf_random_block_t want =
                            bf_random_words(seeds[s], BF_RANDOM_SAMPLE, firsts[f] + (uint64_t)i, block, false);
                        for (int d = 0; d < 4; d++)
                            wrong += words[d * STRIDE + i] != (double)want.word[d];
                    }
                }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* One lane of a step: both halves up to a power of two that brings their length to [1/2, 2), and the chance. */
static bool step_is_right(const scene_t *c, const double *both, double chance, bf_dim_t lane)
{
    const bf_dim_t k_l = c->site.k_l, k_r = c->site.k_r;
    const double unit = 4.0 * (double)(k_l + 2 * k_r + 2) * 0x1p-52;
    double squares[2] = {0.0, 0.0};
    bool right = true;
    for (int s = 0; s < 2; s++) {
        bf_z_t want[BF_LANES_BOND];
        double size[BF_LANES_BOND], kept = 0.0;
        for (bf_dim_t r = 0; r < k_r; r++) {
            want[r] = size[r] = 0.0;
            for (bf_dim_t l = 0; l < k_l; l++) {
                const bf_z_t term = coefficient(c, r + k_r * s, l) * element(c, c->v, l, lane);
                want[r] += term;
                size[r] += cabs(term);
            }
            squares[s] += creal(want[r] * conj(want[r]));
            const bf_z_t got = element(c, both + s * c->parts * k_r * STRIDE, r, lane);
            kept += creal(got * conj(got));
        }
        int e;
        const double fraction = frexp(sqrt(kept / squares[s]), &e); /* nearly a power of two, from either side */
        const double scale = ldexp(1.0, fraction > 0.75 ? e : e - 1);
        right = right && kept >= 0.5 * (1.0 - unit) && kept < 2.0 * (1.0 + unit);
        for (bf_dim_t r = 0; r < k_r; r++) {
            const bf_z_t got = element(c, both + s * c->parts * k_r * STRIDE, r, lane);
            right = right && cabs(got - scale * want[r]) <= scale * unit * size[r];
        }
    }
    /* The squares are of sums of terms that may cancel; of Gaussian numbers they seldom do, and 1e-9 tells right from wrong. */
    return right && fabs(chance * 0x1p-32 - squares[0] / (squares[0] + squares[1])) <= 1e-9;
}

static void test_step(void)
{
    scene_t *c = test_alloc(sizeof *c);
    double *both = test_alloc(4 * BF_LANES_BOND * STRIDE * sizeof *both), chance[STRIDE];
    size_t wrong = 0;
    for (bf_dim_t k_l = 1; k_l <= BF_LANES_BOND; k_l++)
        for (bf_dim_t k_r = 1; k_r <= BF_LANES_BOND; k_r++)
            for (int real = 0; real < 2; real++) {
                set_scene(c, k_l, k_r, real, 5, 2);
                CU_ASSERT_TRUE(bf_k_lanes_step(&c->site, LANES, STRIDE, c->v, both, chance));
                for (bf_dim_t i = 0; i < LANES; i++)
                    wrong += !step_is_right(c, both, chance[i], i);
            }
    CU_ASSERT_EQUAL(wrong, 0);
    free(both);
    free(c);
}

/* Walking is stepping, drawing by bf_random_outcome() and choosing, bit for bit; other bits of the shots stay. */
static void test_walk_is_step_and_draw(void)
{
    scene_t *c = test_alloc(sizeof *c);
    double *both = test_alloc(4 * BF_LANES_BOND * STRIDE * sizeof *both), chance[STRIDE];
    size_t wrong = 0;
    for (bf_dim_t k_l = 1; k_l <= BF_LANES_BOND; k_l++)
        for (bf_dim_t k_r = 1; k_r <= BF_LANES_BOND; k_r++)
            for (int real = 0; real < 2; real++) {
                uint64_t bits[STRIDE];
                const uint64_t bit = UINT64_C(1) << (k_l + 3 * k_r) % 64, before = UINT64_C(0xf00f) << 16 & ~bit;
                for (int i = 0; i < STRIDE; i++)
                    bits[i] = before;
                set_scene(c, k_l, k_r, real, UINT32_MAX - 10, (uint32_t)(7 * k_l + k_r));
                CU_ASSERT_TRUE(bf_k_lanes_step(&c->site, LANES, STRIDE, c->v, both, chance));
                CU_ASSERT_TRUE(bf_k_lanes_walk(&c->site, &c->draws, LANES, STRIDE, c->v, bits, bit));
                for (int i = 0; i < LANES; i++) {
                    const uint64_t shot = c->draws.first + (uint64_t)i;
                    const bf_bias_t bias = {.limit = (uint64_t)(chance[i] * 0x1p32)};
                    const bool one = bf_random_draw(c->draws.seed, BF_RANDOM_SAMPLE, shot, c->draws.site, &bias);
                    wrong += bits[i] != (before | (one ? bit : 0));
                    for (bf_dim_t x = 0; x < c->parts * k_r; x++)
                        wrong += memcmp(&c->v[x * STRIDE + i], &both[(one * c->parts * k_r + x) * STRIDE + i], 8) != 0;
                }
                for (int i = LANES; i < STRIDE; i++)
                    wrong += bits[i] != before;
            }
    CU_ASSERT_EQUAL(wrong, 0);
    free(both);
    free(c);
}

/* Shots that share vectors: each is drawn by the chance of its own. */
static void test_part(void)
{
    double words[4 * STRIDE], chance[9];
    uint32_t before[STRIDE], entries[STRIDE];
    size_t wrong = 0;
    for (int round = 0; round < 200; round++) {
        const uint32_t site = (uint32_t)round % 7;
        for (int e = 0; e < 9; e++)
            chance[e] = test_uniform() * 0x1p32;
        for (int i = 0; i < STRIDE; i++)
            entries[i] = before[i] = (uint32_t)(test_uniform() * 9.0);
        bf_k_lanes_words(19, 1000, site >> 2, LANES, STRIDE, words);
        const bf_lanes_draws_t draws = {.words = words + (site & 3) * STRIDE, .seed = 19, .first = 1000, .site = site};
        bf_k_lanes_part(chance, &draws, LANES, entries);
        for (int i = 0; i < STRIDE; i++) {
            const bf_bias_t bias = {.limit = (uint64_t)(chance[before[i]] * 0x1p32)};
            const bool one = bf_random_draw(19, BF_RANDOM_SAMPLE, 1000 + (uint64_t)i, site, &bias);
            wrong += entries[i] != (i < LANES ? 2 * before[i] + one : before[i]);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* All that a kernel writes, as one sets it. */
typedef struct written {
    double words[4 * STRIDE], both[4 * BF_LANES_BOND * STRIDE], chance[STRIDE], v[2 * BF_LANES_BOND * STRIDE];
    uint64_t walked[STRIDE], same[STRIDE];
    uint32_t entries[STRIDE];
    bool good[2];
} written_t;

static void run_kernels(const bf_lanes_kernels_t *k, const scene_t *c, written_t *w)
{
    memset(w, 0, sizeof *w);
    memcpy(w->v, c->v, sizeof w->v);
    k->words(c->draws.seed, c->draws.first, c->draws.site >> 2, LANES, STRIDE, w->words);
    w->good[0] = k->step(&c->site, LANES, STRIDE, c->v, w->both, w->chance);
    w->good[1] = k->walk(&c->site, &c->draws, LANES, STRIDE, w->v, w->walked, 4);
    for (uint32_t i = 0; i < LANES; i++)
        w->entries[i] = 7 * i % LANES;
    k->part(w->chance, &c->draws, LANES, w->entries);
    k->same(w->chance[3], &c->draws, LANES, w->same, UINT64_C(1) << 63);
}

/* Lengths over the whole range of doubles, and vectors of which one half is 0, belong to it. */
static void stretch(scene_t *c)
{
    for (bf_dim_t x = 0; x < c->parts * c->site.k_l; x++)
        for (int i = 0; i < LANES; i++)
            c->v[x * STRIDE + i] = ldexp(c->v[x * STRIDE + i], i % 4 == 1 ? 20 * i - 500 : 0);
    if (c->site.k_l % 3 == 0)
        for (bf_dim_t l = 0; l < c->site.k_l; l++)
            for (bf_dim_t x = 0; x < c->parts * c->site.k_r; x++)
                c->form[c->parts * 2 * c->site.k_r * l + x] = 0.0;
}

static void test_every_instruction_set(void)
{
    const bf_lanes_kernels_t *list[3];
    const int n = kernels_here(list);
    printf("(%d instruction sets) ", n);
    scene_t *c = test_alloc(sizeof *c);
    written_t *plain = test_alloc(sizeof *plain), *other = test_alloc(sizeof *other);
    for (bf_dim_t k_l = 1; k_l <= BF_LANES_BOND; k_l++)
        for (bf_dim_t k_r = 1; k_r <= BF_LANES_BOND; k_r++)
            for (int real = 0; real < 2; real++) {
                set_scene(c, k_l, k_r, real, firsts[(k_l + k_r) % 5], (uint32_t)(5 * k_r + k_l));
                stretch(c);
                run_kernels(list[0], c, plain);
                for (int k = 1; k < n; k++) {
                    run_kernels(list[k], c, other);
                    CU_ASSERT_EQUAL(memcmp(other, plain, sizeof *other), 0);
                }
            }
    free(plain);
    free(other);
    free(c);
}

/* Where the upper half of a number is the chance's, the lower half decides: a chance just below it, just above, and in between.
 */
static void test_ties(void)
{
    const bf_lanes_kernels_t *list[3];
    const int n = kernels_here(list);
    double words[4 * STRIDE];
    size_t wrong = 0;
    for (uint64_t seed = 0; seed < 20; seed++)
        for (uint32_t site = 0; site < 6; site++)
            for (int i = 0; i < LANES; i++) {
                bf_k_lanes_words(seed, 3, site >> 2, LANES, STRIDE, words);
                const bf_lanes_draws_t draws = {.words = words + (site & 3) * STRIDE, .seed = seed, .first = 3, .site = site};
                const uint32_t lower = bf_random_words(seed, BF_RANDOM_SAMPLE, 3 + (uint64_t)i, site >> 2, true).word[site & 3];
                const double step = 2048.0, floor_of = floor(lower / step) * step; /* 32 + 21 bits: a double holds them */
                for (int d = 0; d < 2; d++) { /* the number is not below the first, and below the second */
                    const double chance = draws.words[i] + (floor_of + d * step) * 0x1p-32;
                    for (int k = 0; k < n; k++) {
                        uint64_t bits[STRIDE] = {0};
                        uint32_t entries[STRIDE] = {0};
                        list[k]->same(chance, &draws, LANES, bits, 1);
                        list[k]->part(&chance, &draws, LANES, entries);
                        wrong += bits[i] != (d == 0) || entries[i] != (d == 0);
                        for (int other = 0; other < LANES; other++) /* those that have no tie */
                            wrong += other != i && bits[other] != (draws.words[other] > chance);
                    }
                }
            }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* The same in a walk: a chance of 1/3, and numbers that begin as it does. */
static void test_ties_of_vectors(void)
{
    const double form[2] = {0.5, 0.70710678118654757}, third = 0.25 / (0.25 + form[1] * form[1]) * 0x1p32;
    const bf_lanes_site_t site = {.form = form, .k_l = 1, .k_r = 1, .real = true};
    double words[STRIDE], v[STRIDE];
    int ones = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        uint64_t bits[STRIDE] = {0};
        for (int i = 0; i < STRIDE; i++) {
            words[i] = floor(third);
            v[i] = 1.0;
        }
        const bf_lanes_draws_t draws = {.words = words, .seed = seed, .first = 11, .site = 9};
        CU_ASSERT_TRUE(bf_k_lanes_walk(&site, &draws, LANES, STRIDE, v, bits, 1));
        for (int i = 0; i < LANES; i++) {
            const uint32_t lower = bf_random_words(seed, BF_RANDOM_SAMPLE, 11 + (uint64_t)i, 2, true).word[1];
            CU_ASSERT_EQUAL(bits[i], lower >= (uint32_t)((third - floor(third)) * 0x1p32));
            ones += bits[i] == 1;
        }
    }
    CU_ASSERT(ones > 0 && ones < 10 * LANES);
}

/* What has no chance never happens, whatever the number; what has no weight, or none that is a number, is told. */
static void test_extremes(void)
{
    double words[STRIDE], form[4] = {0.0, 1.0, 1.0, 0.0}, v[2 * STRIDE], both[4 * STRIDE], chance[STRIDE];
    for (int i = 0; i < STRIDE; i++) {
        words[i] = i % 2 ? 0.0 : (double)UINT32_MAX;
        v[i] = 0.7;
        v[STRIDE + i] = -0.3;
    }
    const bf_lanes_draws_t draws = {.words = words};
    for (int zero = 0; zero < 2; zero++) { /* outcome 1 always, outcome 0 always */
        const bf_lanes_site_t site = {.form = form + 2 * zero, .k_l = 1, .k_r = 1, .real = true};
        uint64_t bits[STRIDE] = {0};
        double x[STRIDE];
        memcpy(x, v, sizeof x);
        CU_ASSERT_TRUE(bf_k_lanes_step(&site, LANES, STRIDE, v, both, chance));
        CU_ASSERT_TRUE(bf_lanes_certain(chance[0]));
        CU_ASSERT_TRUE(bf_k_lanes_walk(&site, &draws, LANES, STRIDE, x, bits, 2));
        for (int i = 0; i < LANES; i++)
            CU_ASSERT_EQUAL(bits[i], zero ? 0 : 2);
    }
    const bf_lanes_site_t site = {.form = form, .k_l = 2, .k_r = 1, .real = true};
    const double bad[] = {0.0, NAN, INFINITY, 1e200};
    const bf_lanes_kernels_t *list[3];
    const int n = kernels_here(list);
    for (size_t b = 0; b < COUNT(bad); b++)
        for (int lane = 0; lane < LANES; lane++)
            for (int k = 0; k < n; k++) {
                double x[2 * STRIDE];
                uint64_t bits[STRIDE] = {0};
                memcpy(x, v, sizeof x);
                x[lane] = x[STRIDE + lane] = bad[b];
                CU_ASSERT_FALSE(list[k]->step(&site, LANES, STRIDE, x, both, chance));
                CU_ASSERT_FALSE(list[k]->walk(&site, &draws, LANES, STRIDE, x, bits, 1));
            }
}

int main(void)
{
    const CU_TestInfo tests[] = {{"random numbers of many shots", test_words},
                                 {"a step", test_step},
                                 {"a walk is a step and a draw", test_walk_is_step_and_draw},
                                 {"shots that share vectors", test_part},
                                 {"every instruction set, bit for bit", test_every_instruction_set},
                                 {"the lower half decides a tie", test_ties},
                                 {"ties of vectors", test_ties_of_vectors},
                                 {"no chance, and no weights", test_extremes},
                                 CU_TEST_INFO_NULL};
    return test_main("kernels_lanes", tests);
}
