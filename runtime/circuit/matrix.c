/* Recognising matrices that need no two-site update, or no complex numbers. */
#include "runtime/circuit/matrix.h"

#include <math.h>

bool bf_mat2_is_identity(const bf_z_t a[4])
{
    const double tolerance = BF_MATRIX_EPS * BF_MATRIX_EPS;
    return bf_abs2(a[1]) <= tolerance && bf_abs2(a[2]) <= tolerance && bf_abs2(a[0] - a[3]) <= tolerance;
}

/** Element (s,s';t,t') of the realigned matrix: a product a x b is the rank-one matrix a[s,s'] b[t,t'] there. */
static bf_z_t realigned(const bf_z_t u[16], int ss, int tt)
{
    const int s = ss >> 1, s_in = ss & 1, t = tt >> 1, t_in = tt & 1;
    return u[4 * (2 * s + t) + 2 * s_in + t_in];
}

bool bf_mat4_split(const bf_z_t u[16], bf_z_t a[4], bf_z_t b[4])
{
    int row = 0, column = 0;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            if (bf_abs2(realigned(u, i, j)) > bf_abs2(realigned(u, row, column))) {
                row = i;
                column = j;
            }
    const bf_z_t pivot = realigned(u, row, column);
    const double tolerance = BF_MATRIX_EPS * BF_MATRIX_EPS * bf_abs2(pivot);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            const bf_z_t crossed = bf_mul(realigned(u, i, column), realigned(u, row, j));
            if (bf_abs2(bf_mul(realigned(u, i, j), pivot) - crossed) > tolerance)
                return false;
        }
    double norm2 = 0;
    for (int j = 0; j < 4; j++) {
        b[j] = realigned(u, row, j);
        norm2 += bf_abs2(b[j]);
    }
    const double scale = sqrt(2 / norm2); /* a 2 x 2 unitary has norm^2 2 */
    for (int k = 0; k < 4; k++) {
        b[k] *= scale;
        a[k] = realigned(u, k, column) / (pivot * scale);
    }
    return true;
}

static double cleared(double x)
{
    return fabs(x) <= BF_MATRIX_EPS ? 0.0 : x;
}

void bf_mat_clear_roundings(int entries, bf_z_t *u)
{
    for (int i = 0; i < entries; i++)
        u[i] = bf_complex(cleared(creal(u[i])), cleared(cimag(u[i])));
}

void bf_mat_make_real(int entries, bf_z_t *u)
{
    int largest = 0;
    bool real = true;
    for (int i = 0; i < entries; i++) {
        real = real && cimag(u[i]) == 0;
        if (bf_abs2(u[i]) > bf_abs2(u[largest]))
            largest = i;
    }
    if (real)
        return;
    const double size = sqrt(bf_abs2(u[largest]));
    const bf_z_t phase = bf_complex(creal(u[largest]) / size, -cimag(u[largest]) / size);
    for (int i = 0; i < entries; i++)
        if (fabs(cimag(bf_mul(phase, u[i]))) > BF_MATRIX_EPS)
            return;
    for (int i = 0; i < entries; i++)
        u[i] = creal(bf_mul(phase, u[i]));
}
