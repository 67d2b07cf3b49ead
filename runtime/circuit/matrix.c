/* Recognising matrices that need no two-site update, or no complex numbers. */
#include "runtime/circuit/matrix.h"

#include <math.h>

bool bf_mat2_is_identity(const bf_z_t a[4])
{
    const double tolerance = BF_MATRIX_EPS * BF_MATRIX_EPS;
    return bf_abs2(a[1]) <= tolerance && bf_abs2(a[2]) <= tolerance && bf_abs2(a[0] - a[3]) <= tolerance;
}

/** r[s,s'][t,t'] = u[s t, s' t']: a product a x b becomes the rank-one matrix a[s,s'] b[t,t']. */
static void realign(const bf_z_t u[16], bf_z_t r[4][4])
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            r[i][j] = u[4 * (2 * (i >> 1) + (j >> 1)) + 2 * (i & 1) + (j & 1)];
}

bool bf_mat4_split(const bf_z_t u[16], bf_z_t a[4], bf_z_t b[4])
{
    bf_z_t r[4][4];
    int row = 0, column = 0;
    double largest = -1;
    /* One minor of it, which most gates that entangle fail: what passes below has none above some 4 BF_MATRIX_EPS. */
    const bf_z_t minor = bf_mul(u[0], u[15]) - bf_mul(u[5], u[10]);
    if (bf_abs2(minor) > 100 * BF_MATRIX_EPS * BF_MATRIX_EPS)
        return false;
    realign(u, r);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            if (bf_abs2(r[i][j]) > largest) {
                largest = bf_abs2(r[i][j]);
                row = i;
                column = j;
            }
    const bf_z_t pivot = r[row][column];
    const double tolerance = BF_MATRIX_EPS * BF_MATRIX_EPS * largest;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            const bf_z_t crossed = bf_mul(r[i][column], r[row][j]);
            if (bf_abs2(bf_mul(r[i][j], pivot) - crossed) > tolerance)
                return false;
        }
    double norm2 = 0;
    for (int j = 0; j < 4; j++) {
        b[j] = r[row][j];
        norm2 += bf_abs2(b[j]);
    }
    const double scale = sqrt(2 / norm2); /* a 2 x 2 unitary has norm^2 2 */
    for (int k = 0; k < 4; k++) {
        b[k] *= scale;
        a[k] = r[k][column] / (pivot * scale);
    }
    return true;
}

void bf_mat_clear_roundings(int entries, bf_z_t *u)
{
    for (int i = 0; i < entries; i++)
        if (bf_abs2(u[i]) <= BF_MATRIX_EPS * BF_MATRIX_EPS)
            u[i] = 0;
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
