/* Sampling form and steps against naive sums; random outcomes against known answers. */
#include "kernels/random.h"
#include "kernels/sample.h"
#include "kernels_testing.h"

#include <string.h>

static bf_type_t wide(bf_type_t type)
{
    return bf_type_is_real(type) ? BF_TYPE_D : BF_TYPE_Z;
}

static void *random_block(bf_type_t type, bf_dim_t count)
{
    void *block = test_alloc((size_t)count * bf_type_size(type));
    for (bf_dim_t i = 0; i < count; i++) {
        const double re = test_normal();
        test_set(type, block, i, re + I * test_normal());
    }
    return block;
}

/* Columns orthonormal, and T out = N, each to a bound of the factorisation's rounding errors. */
static void check_form(bf_type_t site_type, bf_type_t stored, bf_dim_t l, bf_dim_t r, bf_dim_t k_r)
{
    const bf_type_t type = wide(stored);
    bf_tensor_t site = test_random(site_type, BF_WEIGHT_DIAG, l, 2, r);
    const bf_dim_t k_l = bf_k_sample_form_dim(l, k_r), m = 2 * k_r;
    void *carry = random_block(type, k_r * r);
    void *form = test_alloc((size_t)(m * k_l) * bf_type_size(stored)), *out = test_alloc((size_t)(k_l * l) * bf_type_size(type));
    void *work = test_alloc(bf_k_sample_form_worksize(type, l, r, k_r));
    CU_ASSERT_EQUAL(bf_k_sample_form(&site, carry, k_r, type, stored, form, out, work), BF_OK);
    const double unit = 8.0 * (double)(m + l) * fmax(test_unit(stored), test_unit(BF_TYPE_Z));
    double not_orthonormal = 0.0, residual = 0.0, size = 0.0;
    for (bf_dim_t i = 0; i < k_l; i++)
        for (bf_dim_t j = 0; j < k_l; j++) {
            bf_z_t sum = i == j ? -1.0 : 0.0;
            for (bf_dim_t x = 0; x < m; x++)
                sum += conj(test_get(stored, form, x + m * i)) * test_get(stored, form, x + m * j);
            not_orthonormal = fmax(not_orthonormal, cabs(sum));
        }
    for (bf_dim_t s = 0; s < 2; s++)
        for (bf_dim_t x = 0; x < k_r; x++)
            for (bf_dim_t i = 0; i < l; i++) {
                bf_z_t want = 0.0, got = 0.0;
                for (bf_dim_t y = 0; y < r; y++)
                    want += test_get(type, carry, x + k_r * y) * test_get(site_type, site.b, i + l * (s + 2 * y));
                for (bf_dim_t y = 0; y < k_l; y++)
                    got += test_get(stored, form, x + k_r * s + m * y) * test_get(type, out, y + k_l * i);
                size += creal(want * conj(want));
                residual = fmax(residual, cabs(got - want));
            }
    CU_ASSERT(not_orthonormal <= unit);
    CU_ASSERT(residual <= unit * sqrt(size));
    free(carry);
    free(form);
    free(out);
    free(work);
    test_free(&site);
}

static void test_form(void)
{
    const bf_dim_t shapes[][3] = {{1, 1, 1}, {1, 2, 2}, {2, 1, 1}, {2, 2, 2}, {5, 3, 2}, {4, 7, 5}, {33, 17, 16}, {40, 64, 40}};
    const bf_type_t pairs[][2] = {{BF_TYPE_Z, BF_TYPE_Z}, {BF_TYPE_D, BF_TYPE_Z}, {BF_TYPE_C, BF_TYPE_Z},
                                  {BF_TYPE_S, BF_TYPE_Z}, {BF_TYPE_C, BF_TYPE_C}, {BF_TYPE_S, BF_TYPE_C},
                                  {BF_TYPE_D, BF_TYPE_D}, {BF_TYPE_S, BF_TYPE_D}, {BF_TYPE_S, BF_TYPE_S}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
            check_form(pairs[k][0], pairs[k][1], shapes[i][0], shapes[i][1], shapes[i][2]);
}

static void test_form_of_nan(void)
{
    bf_tensor_t site = test_random(BF_TYPE_Z, BF_WEIGHT_NONE, 3, 2, 3);
    ((bf_z_t *)site.b)[7] = NAN;
    bf_z_t carry[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, form[18], out[9];
    void *work = test_alloc(bf_k_sample_form_worksize(BF_TYPE_Z, 3, 3, 3));
    CU_ASSERT_EQUAL(bf_k_sample_form(&site, carry, 3, BF_TYPE_Z, BF_TYPE_Z, form, out, work), BF_ERR_NAN);
    free(work);
    test_free(&site);
}

static void check_step(bf_type_t type, bf_dim_t k_l, bf_dim_t k_r, bf_dim_t m)
{
    void *form = random_block(type, 2 * k_r * k_l), *v = random_block(type, k_l * m);
    void *both = test_alloc((size_t)(2 * k_r * m) * bf_type_size(type)), *kept = test_alloc((size_t)k_r * bf_type_size(type));
    double *p = test_alloc((size_t)(2 * m) * sizeof *p);
    bf_k_sample_step(type, k_l, k_r, m, form, v, both, p);
    const double unit = 8.0 * (double)(k_l + k_r) * test_unit(type);
    double worst = 0.0, worst_p = 0.0, worst_kept = 0.0;
    for (bf_dim_t i = 0; i < m; i++)
        for (int s = 0; s < 2; s++) {
            double want_p = 0.0, size = 0.0;
            for (bf_dim_t x = 0; x < k_r; x++) {
                bf_z_t sum = 0.0;
                for (bf_dim_t y = 0; y < k_l; y++) {
                    const bf_z_t term = test_get(type, form, x + k_r * s + 2 * k_r * y) * test_get(type, v, y + k_l * i);
                    sum += term;
                    size += cabs(term);
                }
                const bf_z_t got = test_get(type, both, x + k_r * s + 2 * k_r * i);
                worst = fmax(worst, cabs(got - sum) / (unit * (size + 1e-300)));
                want_p += creal(got * conj(got));
            }
            worst_p = fmax(worst_p, fabs(p[2 * i + s] - want_p) / ((double)(2 * k_r + 2) * 0x1p-52 * want_p + 1e-300));
            bf_k_sample_keep(type, k_r, both, i, s, 0.25, kept);
            for (bf_dim_t x = 0; x < k_r; x++) /* a power of two: exact */
                worst_kept =
                    fmax(worst_kept, cabs(test_get(type, kept, x) - 0.25 * test_get(type, both, x + k_r * s + 2 * k_r * i)));
        }
    CU_ASSERT(worst <= 1.0);
    CU_ASSERT(worst_p <= 1.0);
    CU_ASSERT_EQUAL(worst_kept, 0.0);
    free(form);
    free(v);
    free(both);
    free(kept);
    free(p);
}

static void test_step(void)
{
    const bf_dim_t shapes[][3] = {{1, 1, 1}, {1, 2, 3}, {2, 1, 5}, {3, 5, 1}, {8, 8, 17}, {20, 31, 40}};
    for (int type = 0; type < 4; type++)
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            check_step((bf_type_t)type, shapes[i][0], shapes[i][1], shapes[i][2]);
}

static void test_compress(void)
{
    const bf_dim_t shapes[][2] = {{1, 1}, {1, 4}, {2, 2}, {3, 6}, {7, 9}, {16, 32}};
    for (int t = 0; t < 4; t++)
        for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++) {
            const bf_type_t type = (bf_type_t)t;
            const bf_dim_t k = shapes[n][0], columns = shapes[n][1];
            void *x = random_block(type, k * columns), *out = test_alloc((size_t)(k * k) * bf_type_size(type));
            void *work = test_alloc(bf_k_sample_compress_worksize(type, k, columns));
            CU_ASSERT_EQUAL(bf_k_sample_compress(type, k, columns, x, out, work), BF_OK);
            double worst = 0.0, size = 0.0;
            for (bf_dim_t i = 0; i < k; i++)
                for (bf_dim_t j = 0; j < k; j++) {
                    bf_z_t want = 0.0, got = 0.0;
                    for (bf_dim_t c = 0; c < columns; c++)
                        want += test_get(type, x, i + k * c) * conj(test_get(type, x, j + k * c));
                    for (bf_dim_t c = 0; c < k; c++)
                        got += test_get(type, out, i + k * c) * conj(test_get(type, out, j + k * c));
                    worst = fmax(worst, cabs(got - want));
                    size += i == j ? creal(want) : 0.0;
                }
            CU_ASSERT(worst <= 8.0 * (double)(k + columns) * test_unit(type) * size);
            free(x);
            free(out);
            free(work);
        }
}

/* Salmon et al. give the answer for counter 0 and key 0 (kat_vectors of Random123). */
static void test_philox(void)
{
    const bf_random_block_t zero = bf_random_words(0, BF_RANDOM_SAMPLE, 0, 0, false);
    CU_ASSERT_EQUAL(zero.word[0], 0x6627e8d5U);
    CU_ASSERT_EQUAL(zero.word[1], 0xe169c58dU);
    CU_ASSERT_EQUAL(zero.word[2], 0xbc57ac4cU);
    CU_ASSERT_EQUAL(zero.word[3], 0x9b00dbd8U);
}

static void test_bias(void)
{
    bf_bias_t bias;
    CU_ASSERT(bf_bias_set(1.0, 0.0, &bias) && bf_bias_certain(&bias) && bias.always);
    CU_ASSERT(bf_bias_set(0.0, 1e-300, &bias) && bf_bias_certain(&bias) && !bias.always);
    CU_ASSERT(bf_bias_set(1.0, 1e-40, &bias) && bf_bias_certain(&bias) && bias.always);
    CU_ASSERT(bf_bias_set(1e-40, 1.0, &bias) && bf_bias_certain(&bias) && !bias.always);
    CU_ASSERT(bf_bias_set(0.75, 2.25, &bias) && !bf_bias_certain(&bias) && bias.limit == UINT64_C(1) << 62);
    CU_ASSERT(bf_bias_set(1.0 - 0x1p-53, 0x1p-53, &bias) && !bf_bias_certain(&bias));
    const double bad[][2] = {{0.0, 0.0}, {NAN, 1.0}, {1.0, NAN}, {-1e-300, 1.0}, {INFINITY, 1.0}, {1.0, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_FALSE(bf_bias_set(bad[i][0], bad[i][1], &bias));
}

/* The lower half decides when the upper halves agree: a limit one above, at and below the number drawn. */
static void test_outcome_to_the_last_bit(void)
{
    for (uint64_t shot = 0; shot < 64; shot++) {
        const bf_random_block_t upper = bf_random_words(5, BF_RANDOM_MEASURE, shot, 2, false);
        const bf_random_block_t lower = bf_random_words(5, BF_RANDOM_MEASURE, shot, 2, true);
        const uint64_t u = (uint64_t)upper.word[1] << 32 | lower.word[1];
        for (int d = -1; d <= 1; d++) {
            const bf_bias_t bias = {.limit = u + (uint64_t)(int64_t)d};
            CU_ASSERT_EQUAL(bf_random_draw(5, BF_RANDOM_MEASURE, shot, 9, &bias), u >= bias.limit);
        }
    }
}

/* Frequencies of a fixed seed, within 5 standard deviations: of draws along shots, along draws, and along seeds. */
static void test_frequencies(void)
{
    const double chances[] = {0.5, 0.1, 0.999, 1e-3};
    const int n = 200000;
    for (size_t c = 0; c < sizeof chances / sizeof *chances; c++) {
        bf_bias_t bias;
        CU_ASSERT_FATAL(bf_bias_set(chances[c], 1.0 - chances[c], &bias));
        double zeros[3] = {0.0};
        for (int i = 0; i < n; i++) {
            zeros[0] += !bf_random_draw(7, BF_RANDOM_SAMPLE, (uint64_t)i, 3, &bias);
            zeros[1] += !bf_random_draw(7, BF_RANDOM_SAMPLE, 3, (uint32_t)i, &bias);
            zeros[2] += !bf_random_draw((uint64_t)i, BF_RANDOM_MEASURE, 3, 3, &bias);
        }
        for (int k = 0; k < 3; k++)
            CU_ASSERT(fabs(zeros[k] - n * chances[c]) <= 5.0 * sqrt(n * chances[c] * (1.0 - chances[c])));
    }
}

int main(void)
{
    const CU_TestInfo tests[] = {{"sampling form of a site", test_form},
                                 {"a site with a NaN has no form", test_form_of_nan},
                                 {"steps and what is kept of them", test_step},
                                 {"fewer columns, the same matrix", test_compress},
                                 {"Philox's known answer", test_philox},
                                 {"weights to chances", test_bias},
                                 {"outcomes to the last bit", test_outcome_to_the_last_bit},
                                 {"frequencies", test_frequencies},
                                 CU_TEST_INFO_NULL};
    return test_main("kernels_sample", tests);
}
