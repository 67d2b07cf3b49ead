/** @file sched_tune_stats.h
 *  @brief When one setting is faster than another, and when that is noise.
 *
 *  Settings are timed in rounds: every round runs each of them once, so what slows the machine down for a while meets all of
 * them. Two settings are compared by their logarithmic ratios, round by round, with Wilcoxon's signed-rank test (F. Wilcoxon,
 * Biometrics Bulletin 1 (1945) 80): it supposes nothing about the noise but that it would strike both alike, and is exact for any
 * number of rounds. How much faster is Hodges' and Lehmann's estimate, the median of all pairwise means of the log ratios, with
 * the interval that belongs to the test (Ann. Math. Statist. 34 (1963) 598; Hollander, Wolfe, Chicken, Nonparametric Statistical
 *  Methods, section 3.3). Of m comparisons each is allowed alpha / m (Bonferroni), so that alpha bounds the chance of any wrong
 *  claim; it holds as well for settings that were dropped on the way, as they could only have been claimed less often.
 */
#ifndef BF_SCHED_TUNE_STATS_H
#define BF_SCHED_TUNE_STATS_H

#include <stdbool.h>
#include <stddef.h>

/** How the times of two settings compare. */
typedef struct bf_comparison {
    size_t rounds; /**< in which both were timed */
    double p;      /**< chance of such a difference, or a larger one, when there is none; two-sided */
    double ratio;  /**< how many times faster the second is; NAN without rounds */
    double low;    /**< confidence interval of the ratio, at 1 - level */
    double high;   /**< 0 and INFINITY when there are too few rounds to tell */
} bf_comparison_t;

/** @return the median; NAN of nothing. Values that are not finite are left out. */
double bf_stats_median(const double *values, size_t n);

/** @return the median distance from the median; NAN of nothing. */
double bf_stats_deviation(const double *values, size_t n);

/** @brief Compare two settings round by round; a round that is not finite for both does not count.
 *  @param first, second  n seconds, > 0
 *  @param level          chance of a wrong claim allowed for this comparison */
bf_comparison_t bf_stats_compare(const double *first, const double *second, size_t n, double level);

/** @return whether the comparison shows a difference: its interval does not contain 1. */
bool bf_stats_differs(const bf_comparison_t *comparison);

/** @return how many rounds it takes before any difference, however large, can be shown: 2 / 2^n <= level. */
size_t bf_stats_rounds(double level);

#endif
