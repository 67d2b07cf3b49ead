/* Correlators, entropies and purities of a state vector. */
#include "oracle_features.h"

#include "oracle_dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double dense_pair(const oracle_z_t *psi, int n, const char *pauli, int a, int b)
{
    oracle_z_t *copy = malloc(sizeof *copy << n);
    memcpy(copy, psi, sizeof *copy << n);
    const oracle_gate_t gates[2] = {{.kind = oracle_kind(pauli), .q = {a}}, {.kind = oracle_kind(pauli), .q = {b}}};
    oracle_dense_apply(copy, n, &gates[0]);
    oracle_dense_apply(copy, n, &gates[1]);
    const double value = creal(oracle_dense_overlap(psi, copy, n));
    free(copy);
    return value;
}

static double dense_entropy(const oracle_z_t *psi, int n, int left)
{
    double s[1 << 6];
    oracle_dense_schmidt(psi, n, left, s);
    const int count = 1 << (left < n - left ? left : n - left);
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        if (s[i] > 1e-12)
            sum -= s[i] * s[i] * log2(s[i] * s[i]);
    return sum;
}

void oracle_features(const oracle_z_t *psi, int n, const bf_feature_t *features, size_t count, double *values)
{
    static const char *const names[] = {"x", "y", "z"};
    double xyz[3 * 12];
    oracle_dense_xyz(psi, n, xyz);
    for (size_t i = 0; i < count; i++) {
        const bf_feature_t *f = &features[i];
        const size_t columns = bf_feature_columns(f, n);
        for (size_t c = 0; c < columns; c++) {
            const int q = (int)c;
            switch (f->kind) {
            case BF_FEATURE_XYZ:
                values[c] = xyz[c];
                break;
            case BF_FEATURE_PURITY:
                values[c] =
                    0.5 * (1.0 + xyz[3 * q] * xyz[3 * q] + xyz[3 * q + 1] * xyz[3 * q + 1] + xyz[3 * q + 2] * xyz[3 * q + 2]);
                break;
            case BF_FEATURE_ENTROPY:
                values[c] = dense_entropy(psi, n, q + 1);
                break;
            case BF_FEATURE_BONDDIM:
            case BF_FEATURE_LOGBOND:
                values[c] = NAN;
                break;
            default:
                values[c] = dense_pair(psi, n, names[f->kind - BF_FEATURE_XX], q, q + f->distance);
            }
        }
        values += columns;
    }
}
