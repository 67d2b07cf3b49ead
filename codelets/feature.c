/* Sizes and units of features. */
#include "codelets/feature.h"

size_t bf_feature_columns(const bf_feature_t *feature, bf_site_t n)
{
    switch (feature->kind) {
    case BF_FEATURE_XYZ:
        return 3 * (size_t)n;
    case BF_FEATURE_PURITY:
        return (size_t)n;
    case BF_FEATURE_XX:
    case BF_FEATURE_YY:
    case BF_FEATURE_ZZ:
        return (size_t)(n - feature->distance);
    default:
        return (size_t)n - 1;
    }
}

void bf_feature_scale(const bf_feature_t *features, size_t count, bf_site_t n, double scale, double *values)
{
    for (size_t i = 0; i < count; i++) {
        const bf_feature_kind_t kind = features[i].kind;
        const size_t columns = bf_feature_columns(&features[i], n);
        const double factor = kind == BF_FEATURE_XYZ ? scale : (kind <= BF_FEATURE_ZZ ? scale * scale : 1.0);
        for (size_t k = 0; k < columns; k++)
            values[k] = values[k] * factor + 0.0; /* a zero without a sign */
        values += columns;
    }
}
