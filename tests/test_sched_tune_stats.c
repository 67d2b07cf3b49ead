/* When sched_tune says "faster": exact values, against enumeration, and how often it is wrong on made-up measurements. */
#include "cunit_main.h"

#include "apps/sched_tune_stats.h"
#include "oracle_random.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 12, MANY = 3000 };

/* The same measurements on every run: the bounds below would be missed now and then by others. */
static oracle_rng_t rng = {20261122};

/* p by trying all signs: how many make a rank sum as far from its mean. Mean ranks where sizes are equal. */
static double enumerated_p(const double *d, int n)
{
    double rank[ROUNDS];
    double total = 0.0;
    double seen = 0.0;
    for (int i = 0; i < n; i++) {
        rank[i] = 0.5;
        for (int k = 0; k < n; k++)
            rank[i] += fabs(d[k]) < fabs(d[i]) ? 1.0 : fabs(d[k]) == fabs(d[i]) ? 0.5 : 0.0;
        total += rank[i];
        seen += d[i] > 0.0 ? rank[i] : 0.0;
    }
    int extreme = 0;
    for (int signs = 0; signs < 1 << n; signs++) {
        double sum = 0.0;
        for (int i = 0; i < n; i++)
            sum += signs >> i & 1 ? rank[i] : 0.0;
        extreme += fabs(sum - 0.5 * total) >= fabs(seen - 0.5 * total);
    }
    return (double)extreme / (double)(1 << n);
}

static void test_p(void)
{
    for (int repeat = 0; repeat < 300; repeat++) {
        const int n = 1 + repeat % ROUNDS;
        double first[ROUNDS];
        double second[ROUNDS];
        double d[ROUNDS];
        const bool ties = repeat % 2 == 1;
        for (int i = 0; i < n; i++) {
            second[i] = 1.0;
            first[i] = ties ? (oracle_rng_uniform(&rng) < 0.5 ? 2.0 : 0.5) * (oracle_rng_uniform(&rng) < 0.5 ? 1.0 : 4.0)
                            : exp(oracle_rng_normal(&rng));
            d[i] = log(first[i] / second[i]);
        }
        const bf_comparison_t c = bf_stats_compare(first, second, (size_t)n, 0.05);
        CU_ASSERT_EQUAL(c.rounds, (size_t)n);
        CU_ASSERT_DOUBLE_EQUAL(c.p, fmin(enumerated_p(d, n), 1.0), 1e-12);
        if (!ties) /* the interval says what the test says */
            CU_ASSERT_EQUAL(bf_stats_differs(&c), c.p <= 0.05);
    }
}

/* Values worked out by hand. */
static void test_known(void)
{
    const double ones[6] = {1, 1, 1, 1, 1, 1};
    const double twice[6] = {2, 2.2, 1.9, 2.1, 2.05, 1.95};
    bf_comparison_t c = bf_stats_compare(twice, ones, 6, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(c.p, 2.0 / 64.0, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(c.low, 1.9, 1e-12); /* of 21 means none lies outside: 2 P(W <= 0) = 1/32, 2 P(W <= 1) = 1/16 */
    CU_ASSERT_DOUBLE_EQUAL(c.high, 2.2, 1e-12);
    CU_ASSERT(c.ratio > 1.95 && c.ratio < 2.1);
    CU_ASSERT(bf_stats_differs(&c));
    c = bf_stats_compare(twice, ones, 5, 0.05);
    CU_ASSERT(!bf_stats_differs(&c));
    CU_ASSERT_EQUAL(c.low, 0.0);
    CU_ASSERT(isinf(c.high));
    c = bf_stats_compare(ones, twice, 6, 0.05);
    CU_ASSERT(bf_stats_differs(&c));
    CU_ASSERT(c.high < 1.0);

    CU_ASSERT_EQUAL(bf_stats_rounds(1.0), 1);
    CU_ASSERT_EQUAL(bf_stats_rounds(0.05), 6);
    CU_ASSERT_EQUAL(bf_stats_rounds(0.03125), 6);
    CU_ASSERT_EQUAL(bf_stats_rounds(0.05 / 9.0), 9);

    const double holes[6] = {3.0, NAN, 1.0, 2.0, NAN, 10.0};
    CU_ASSERT_DOUBLE_EQUAL(bf_stats_median(holes, 6), 2.5, 0.0);
    CU_ASSERT_DOUBLE_EQUAL(bf_stats_deviation(holes, 6), 1.0, 0.0);
    CU_ASSERT(isnan(bf_stats_median(holes, 0)));
    CU_ASSERT_EQUAL(bf_stats_compare(holes, twice, 6, 0.05).rounds, 4);
    c = bf_stats_compare(holes, twice, 0, 0.05);
    CU_ASSERT(c.rounds == 0 && c.p == 1.0 && isnan(c.ratio) && !bf_stats_differs(&c));
    c = bf_stats_compare(ones, ones, 6, 0.05);
    CU_ASSERT(c.p == 1.0 && c.ratio == 1.0 && !bf_stats_differs(&c));
}

/* A time on a shared machine: slow phases meet all settings of a round, now and then one run takes twice as long. */
static double measured(double seconds, double phase)
{
    return seconds * phase * exp(0.03 * oracle_rng_normal(&rng)) *
           (oracle_rng_uniform(&rng) < 0.1 ? 1.0 + oracle_rng_uniform(&rng) : 1.0);
}

/* How many of MANY tunings of @p m settings against a reference claim a difference of some setting; setting 1 takes @p factor. */
static int claims(int m, size_t rounds, double factor, int *of_the_first)
{
    int wrong = 0;
    *of_the_first = 0;
    for (int trial = 0; trial < MANY; trial++) {
        double seconds[10][ROUNDS];
        for (size_t r = 0; r < rounds; r++) {
            const double phase = 1.0 + 0.5 * oracle_rng_uniform(&rng);
            for (int i = 0; i <= m; i++)
                seconds[i][r] = measured(i == 1 ? factor : 1.0, phase);
        }
        bool any = false;
        for (int i = 1; i <= m; i++) {
            const bf_comparison_t c = bf_stats_compare(seconds[0], seconds[i], rounds, 0.05 / m);
            any = any || bf_stats_differs(&c);
            if (i == 1)
                *of_the_first += bf_stats_differs(&c);
        }
        wrong += any;
    }
    return wrong;
}

/* Nothing differs: a claim in at most 5 % of the tunings. The bound is that of the test; 3.5 standard deviations for the sample.
 */
static void test_no_difference(void)
{
    const int allowed = (int)(0.05 * MANY + 3.5 * sqrt(0.05 * 0.95 * MANY));
    int first;
    const struct {
        int m;
        size_t rounds;
    } cases[] = {{1, 6}, {1, 8}, {1, 12}, {4, 10}, {9, 9}, {9, 11}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int wrong = claims(cases[i].m, cases[i].rounds, 1.0, &first);
        printf("%d comparisons, %zu rounds: %d of %d tunings claim what is not there, %d allowed\n", cases[i].m, cases[i].rounds,
               wrong, MANY, allowed);
        CU_ASSERT(wrong <= allowed);
    }
}

/* A setting that is 1.5 times faster or slower is found nearly always, through phases and outliers; an exact test that needs all
 * rounds but two of them to agree finds less than that only when noise is as large. */
static void test_difference(void)
{
    const double factors[] = {1.0 / 1.5, 1.5};
    for (size_t i = 0; i < 2; i++) {
        int found;
        (void)claims(9, 11, factors[i], &found);
        printf("a factor of %.3f among 9 settings, 11 rounds: found in %d of %d tunings\n", factors[i], found, MANY);
        CU_ASSERT(found >= MANY * 95 / 100);
    }
}

int main(void)
{
    static const bf_test_t tests[] = {{"p", test_p},
                                      {"known values", test_known},
                                      {"no difference", test_no_difference},
                                      {"difference", test_difference},
                                      {NULL, NULL}};
    return bf_cunit_main("sched_tune_stats", NULL, NULL, tests);
}
