/* The cutoff rule. Sums run from the smallest value up, so that small discarded weights keep their digits. */
#include "kernels/truncate.h"

#include <math.h>

bf_status_t bf_truncate(const double *p, bf_dim_t n, const bf_cutoff_t *rule, bf_truncation_t *out)
{
    double total = 0.0;
    for (bf_dim_t i = n; i-- > 0;)
        total += p[i];
    if (!isfinite(total))
        return BF_ERR_NAN;
    if (!(total > 0.0))
        return BF_ERR_ZERO;

    bf_dim_t keep = n;
    while (keep > 1 && p[keep - 1] <= 0.0)
        keep--;

    double dropped = 0.0;
    if (rule->max_dim > 0) {
        while (keep > rule->max_dim)
            dropped += p[--keep];
    }
    out->eps_max_dim = dropped / total;

    const bf_dim_t floor_dim = rule->min_dim > 1 ? rule->min_dim : 1;
    const double budget = rule->cutoff * total;
    while (keep > floor_dim && dropped + p[keep - 1] <= budget)
        dropped += p[--keep];

    out->keep = keep;
    out->eps = dropped / total;
    return BF_OK;
}
