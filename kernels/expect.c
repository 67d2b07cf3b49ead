/* One-site density matrix from two half-contracted sites, in fp64, summed column by column. */
#include "kernels/expect.h"

#include <assert.h>

static bf_z_t element(const bf_tensor_t *t, size_t i)
{
    return bf_type_is_real(t->type) ? ((const double *)t->b)[i] : ((const bf_z_t *)t->b)[i];
}

/* sum_l conj(a[l]) b[l] over one column of chi elements. */
static bf_z_t column_dot(const bf_tensor_t *a, size_t ia, const bf_tensor_t *b, size_t ib, size_t chi)
{
    bf_z_t sum = 0.0;
    for (size_t l = 0; l < chi; l++)
        sum += conj(element(a, ia + l)) * element(b, ib + l);
    return sum;
}

void bf_k_expect(const bf_tensor_t *left_half, const bf_tensor_t *right_half, bf_xyz_t *out)
{
    assert(!bf_type_is_single(left_half->type) && !bf_type_is_single(right_half->type));
    const size_t chi = (size_t)left_half->chi_l;
    bf_z_t rho00 = 0.0, rho01 = 0.0, rho11 = 0.0;
    for (size_t r = 0; r < (size_t)left_half->chi_r; r++) {
        const size_t s0 = 2 * chi * r, s1 = s0 + chi;
        rho00 += column_dot(left_half, s0, right_half, s0, chi);
        rho01 += column_dot(left_half, s1, right_half, s0, chi);
        rho11 += column_dot(left_half, s1, right_half, s1, chi);
    }
    out->x = 2.0 * creal(rho01);
    out->y = -2.0 * cimag(rho01);
    out->z = creal(rho00) - creal(rho11);
    out->norm = creal(rho00) + creal(rho11);
}
