/* Wilcoxon's signed-rank test on paired rounds, exact also with ties, and the interval that belongs to it. */
#include "apps/sched_tune_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 512 }; /* further rounds are not looked at */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sort what is finite to the front; how much that is. */
static size_t sorted(const double *values, size_t n, double *into, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < n && count < room; i++)
        if (isfinite(values[i]))
            into[count++] = values[i];
    qsort(into, count, sizeof *into, ascending);
    return count;
}

static double middle(const double *ordered, size_t n)
{
    return n == 0 ? NAN : 0.5 * (ordered[(n - 1) / 2] + ordered[n / 2]);
}

double bf_stats_median(const double *values, size_t n)
{
    double ordered[ROUNDS_MAX];
    return middle(ordered, sorted(values, n, ordered, ROUNDS_MAX));
}

double bf_stats_deviation(const double *values, size_t n)
{
    double ordered[ROUNDS_MAX];
    const size_t count = sorted(values, n, ordered, ROUNDS_MAX);
    const double median = middle(ordered, count);
    for (size_t i = 0; i < count; i++)
        ordered[i] = fabs(ordered[i] - median);
    qsort(ordered, count, sizeof *ordered, ascending);
    return middle(ordered, count);
}

/* chance[s] = probability that the ranks with a positive sign sum up to s, all signs equally likely. @p ranks are doubled, so
 * that the mean ranks of ties are whole numbers. Sums are symmetric about half of @p total. */
static void sign_distribution(const size_t *ranks, size_t n, size_t total, double *chance)
{
    memset(chance, 0, (total + 1) * sizeof *chance);
    chance[0] = 1.0;
    size_t reached = 0;
    for (size_t i = 0; i < n; i++) {
        reached += ranks[i];
        for (size_t s = reached + 1; s-- > 0;)
            chance[s] = 0.5 * (chance[s] + (s >= ranks[i] ? chance[s - ranks[i]] : 0.0));
    }
}

static double tail(const double *chance, size_t upto)
{
    double sum = 0.0;
    for (size_t s = 0; s <= upto; s++)
        sum += chance[s];
    return sum;
}

typedef struct difference {
    double size;
    bool positive;
} difference_t;

static int by_size(const void *a, const void *b)
{
    const double x = ((const difference_t *)a)->size;
    const double y = ((const difference_t *)b)->size;
    return (x > y) - (x < y);
}

/* Two-sided p of n differences; those that are zero tell nothing and do not count. */
static double signed_rank_p(const double *differences, size_t n, double *chance)
{
    difference_t d[ROUNDS_MAX];
    size_t ranks[ROUNDS_MAX];
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (differences[i] != 0.0)
            d[m++] = (difference_t){fabs(differences[i]), differences[i] > 0.0};
    if (m == 0)
        return 1.0;
    qsort(d, m, sizeof *d, by_size);
    size_t total = 0;
    size_t positive = 0;
    for (size_t i = 0; i < m;) {
        size_t end = i + 1;
        while (end < m && d[end].size == d[i].size)
            end++;
        for (size_t k = i; k < end; k++) {
            ranks[k] = i + 1 + end; /* twice the mean of i+1 .. end */
            total += ranks[k];
            positive += d[k].positive ? ranks[k] : 0;
        }
        i = end;
    }
    sign_distribution(ranks, m, total, chance);
    const size_t lesser = positive < total - positive ? positive : total - positive;
    const double p = 2.0 * tail(chance, lesser);
    return p < 1.0 ? p : 1.0;
}

/* How many of the ordered pairwise means lie outside of the interval on either side; -1: there is no interval at this level. */
static long outside(size_t n, double level, double *chance)
{
    size_t ranks[ROUNDS_MAX];
    for (size_t i = 0; i < n; i++)
        ranks[i] = i + 1;
    sign_distribution(ranks, n, n * (n + 1) / 2, chance);
    long k = -1;
    double sum = 0.0;
    for (size_t s = 0; s <= n * (n + 1) / 2; s++) {
        sum += chance[s];
        if (2.0 * sum > level)
            break;
        k = (long)s;
    }
    return k;
}

static void estimate(const double *differences, size_t n, double level, double *scratch, bf_comparison_t *c)
{
    const size_t pairs = n * (n + 1) / 2;
    const long k = outside(n, level, scratch);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            scratch[count++] = 0.5 * (differences[i] + differences[j]);
    qsort(scratch, pairs, sizeof *scratch, ascending);
    c->ratio = exp(middle(scratch, pairs));
    if (k >= 0) {
        c->low = exp(scratch[k]);
        c->high = exp(scratch[pairs - 1 - (size_t)k]);
    }
}

bf_comparison_t bf_stats_compare(const double *first, const double *second, size_t n, double level)
{
    bf_comparison_t c = {.p = 1.0, .ratio = NAN, .low = 0.0, .high = INFINITY};
    double differences[ROUNDS_MAX];
    for (size_t i = 0; i < n && c.rounds < ROUNDS_MAX; i++)
        if (isfinite(first[i]) && isfinite(second[i]))
            differences[c.rounds++] = log(first[i] / second[i]);
    double *scratch = calloc(c.rounds * (c.rounds + 1) + 1, sizeof *scratch);
    if (scratch && c.rounds > 0) {
        c.p = signed_rank_p(differences, c.rounds, scratch);
        estimate(differences, c.rounds, level, scratch, &c);
    }
    free(scratch);
    return c;
}

bool bf_stats_differs(const bf_comparison_t *c)
{
    return c->low > 1.0 || c->high < 1.0;
}

size_t bf_stats_rounds(double level)
{
    size_t n = 1;
    for (double chance = 1.0; chance > level && n < ROUNDS_MAX; chance *= 0.5)
        n++;
    return n;
}
