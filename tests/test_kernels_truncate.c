/* The cutoff rule on the spectra that break other programs. */
#include "kernels/truncate.h"
#include "kernels_testing.h"

static const bf_cutoff_t exact = {.cutoff = 0.0, .max_dim = 0, .min_dim = 1};

static bf_truncation_t run(const double *p, bf_dim_t n, bf_cutoff_t rule)
{
    bf_truncation_t out = {-1, -1.0, -1.0};
    CU_ASSERT_EQUAL(bf_truncate(p, n, &rule, &out), BF_OK);
    return out;
}

static void all_zero_is_an_error(void)
{
    const double p[3] = {0.0, 0.0, 0.0};
    bf_truncation_t out;
    CU_ASSERT_EQUAL(bf_truncate(p, 3, &exact, &out), BF_ERR_ZERO);
    CU_ASSERT_EQUAL(bf_truncate(p, 1, &exact, &out), BF_ERR_ZERO);
}

static void nan_and_inf_are_errors(void)
{
    const double p[3] = {1.0, NAN, 0.0}, q[2] = {INFINITY, 1.0};
    bf_truncation_t out;
    CU_ASSERT_EQUAL(bf_truncate(p, 3, &exact, &out), BF_ERR_NAN);
    CU_ASSERT_EQUAL(bf_truncate(q, 2, &exact, &out), BF_ERR_NAN);
}

/* ITensor #290: Cutoff = 0 kept exact zeros. */
static void exact_zeros_go_with_cutoff_zero(void)
{
    const double p[4] = {0.75, 0.25, 0.0, 0.0};
    const bf_truncation_t t = run(p, 4, exact);
    CU_ASSERT_EQUAL(t.keep, 2);
    CU_ASSERT_EQUAL(t.eps, 0.0);
    CU_ASSERT_EQUAL(run(p, 4, (bf_cutoff_t){0.0, 0, 4}).keep, 2);
}

/* Qiskit Aer #2450: nothing was truncated when the whole tail fits under the threshold. */
static void whole_tail_under_the_threshold(void)
{
    const double p[4] = {0.97, 0.01, 0.01, 0.01};
    const bf_truncation_t t = run(p, 4, (bf_cutoff_t){0.5, 0, 1});
    CU_ASSERT_EQUAL(t.keep, 1);
    CU_ASSERT_DOUBLE_EQUAL(t.eps, 0.03, 1e-15);
    const double flat[4] = {0.25, 0.25, 0.25, 0.25};
    CU_ASSERT_EQUAL(run(flat, 4, (bf_cutoff_t){0.5, 0, 1}).keep, 2);
    CU_ASSERT_EQUAL(run(flat, 4, (bf_cutoff_t){0.5, 0, 3}).keep, 3);
}

/* Qiskit Aer #2290: a large threshold left no column at all. */
static void one_value_always_stays(void)
{
    const double p[2] = {0.5, 0.5};
    const bf_truncation_t t = run(p, 2, (bf_cutoff_t){10.0, 0, 1});
    CU_ASSERT_EQUAL(t.keep, 1);
    CU_ASSERT_EQUAL(t.eps, 0.5);
    const double one[1] = {1e-300};
    CU_ASSERT_EQUAL(run(one, 1, (bf_cutoff_t){1.0, 1, 1}).keep, 1);
}

static void max_dim_counts_toward_the_cutoff(void)
{
    const double p[5] = {0.5, 0.3, 0.1, 0.06, 0.04};
    const bf_truncation_t t = run(p, 5, (bf_cutoff_t){0.15, 4, 1});
    /* 0.04 forced; 0.04 + 0.06 fits into 0.15; 0.2 does not. */
    CU_ASSERT_EQUAL(t.keep, 3);
    CU_ASSERT_DOUBLE_EQUAL(t.eps_max_dim, 0.04, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(t.eps, 0.10, 1e-15);
    const bf_truncation_t forced = run(p, 5, (bf_cutoff_t){0.0, 2, 1});
    CU_ASSERT_EQUAL(forced.keep, 2);
    CU_ASSERT_DOUBLE_EQUAL(forced.eps, 0.2, 1e-15);
    CU_ASSERT_EQUAL(forced.eps, forced.eps_max_dim);
}

static void comparison_is_not_strict(void)
{
    const double p[3] = {0.5, 0.25, 0.25};
    CU_ASSERT_EQUAL(run(p, 3, (bf_cutoff_t){0.25, 0, 1}).keep, 2);
    CU_ASSERT_EQUAL(run(p, 3, (bf_cutoff_t){0.2499, 0, 1}).keep, 3);
}

static void cutoff_is_relative_to_the_total(void)
{
    const double p[3] = {5e-9, 3e-9, 2e-9};
    const bf_truncation_t t = run(p, 3, (bf_cutoff_t){0.2, 0, 1});
    CU_ASSERT_EQUAL(t.keep, 2);
    CU_ASSERT_DOUBLE_EQUAL(t.eps, 0.2, 1e-15);
}

static void flat_spectrum_halves(void)
{
    double p[1024];
    for (int i = 0; i < 1024; i++)
        p[i] = 1.0 / 1024.0;
    const bf_truncation_t t = run(p, 1024, (bf_cutoff_t){1e-12, 512, 1});
    CU_ASSERT_EQUAL(t.keep, 512);
    CU_ASSERT_EQUAL(t.eps, 0.5);
}

/* The definition, word for word, on random spectra. */
static void agrees_with_the_definition(void)
{
    for (int trial = 0; trial < 200; trial++) {
        double p[40], total = 0.0;
        const bf_dim_t n = test_dim(40);
        double x = 1.0;
        for (bf_dim_t i = 0; i < n; i++, x *= test_uniform())
            p[i] = x;
        for (bf_dim_t i = n; i-- > 0;)
            total += p[i];
        const bf_cutoff_t rule = {pow(10.0, -8.0 * test_uniform()), trial % 3 ? test_dim(20) : 0, test_dim(4)};
        bf_dim_t keep = n;
        double dropped = 0.0;
        for (; rule.max_dim && keep > rule.max_dim; keep--)
            dropped += p[keep - 1];
        for (; keep > rule.min_dim && dropped + p[keep - 1] <= rule.cutoff * total; keep--)
            dropped += p[keep - 1];
        const bf_truncation_t t = run(p, n, rule);
        CU_ASSERT_EQUAL(t.keep, keep);
        CU_ASSERT_DOUBLE_EQUAL(t.eps, dropped / total, 1e-15);
    }
}

int main(void)
{
    const CU_TestInfo tests[] = {
        {"all zero", all_zero_is_an_error},
        {"NaN and Inf", nan_and_inf_are_errors},
        {"exact zeros with Cutoff 0", exact_zeros_go_with_cutoff_zero},
        {"whole tail under the threshold", whole_tail_under_the_threshold},
        {"one value always stays", one_value_always_stays},
        {"MaxDim counts toward Cutoff", max_dim_counts_toward_the_cutoff},
        {"comparison is not strict", comparison_is_not_strict},
        {"cutoff is relative", cutoff_is_relative_to_the_total},
        {"flat spectrum", flat_spectrum_halves},
        {"the definition, word for word", agrees_with_the_definition},
        CU_TEST_INFO_NULL,
    };
    return test_main("kernels/truncate", tests);
}
