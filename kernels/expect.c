/* One-site density matrix from two half-contracted sites, in fp64, summed run by run of chi_l elements. */
#include "kernels/expect.h"

#include <assert.h>

#define LANES 8

/* Sums of the 2 x 2 density matrix: diagonal (real parts only) and rho01. */
typedef struct rho {
    double z00, z11, re01, im01;
} rho_t;

/* sum_i a_i b_i: for interleaved complex numbers the real part of sum conj(a) b. */
static double dot(const double *a, const double *b, size_t reals)
{
    double s[LANES] = {0.0};
    size_t i = 0;
    for (; i + LANES <= reals; i += LANES)
        for (size_t j = 0; j < LANES; j++)
            s[j] += a[i + j] * b[i + j];
    for (size_t j = 0; i < reals; i++, j++)
        s[j] += a[i] * b[i];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* Imaginary part of sum conj(a) b over interleaved complex numbers. */
static double cross(const double *a, const double *b, size_t reals)
{
    double s[LANES] = {0.0};
    size_t i = 0;
    for (; i + LANES <= reals; i += LANES)
        for (size_t j = 0; j < LANES; j += 2)
            s[j] += a[i + j] * b[i + j + 1] - a[i + j + 1] * b[i + j];
    for (size_t j = 0; i < reals; i += 2, j += 2)
        s[j] += a[i] * b[i + 1] - a[i + 1] * b[i];
    return (s[0] + s[2]) + (s[4] + s[6]);
}

/* Both halves of one field. */
static void add_same(const bf_tensor_t *left, const bf_tensor_t *right, size_t r, rho_t *rho)
{
    const bool real = bf_type_is_real(left->type);
    const size_t reals = (real ? 1 : 2) * (size_t)left->chi_l;
    const double *a0 = (const double *)left->b + 2 * reals * r, *a1 = a0 + reals;
    const double *b0 = (const double *)right->b + 2 * reals * r, *b1 = b0 + reals;
    rho->z00 += dot(a0, b0, reals);
    rho->z11 += dot(a1, b1, reals);
    rho->re01 += dot(a1, b0, reals);
    rho->im01 += real ? 0.0 : cross(a1, b0, reals);
}

static bf_z_t element(const bf_tensor_t *t, size_t i)
{
    return bf_type_is_real(t->type) ? ((const double *)t->b)[i] : ((const bf_z_t *)t->b)[i];
}

/* One half real, the other complex: where the real and the complex part of a state meet. */
static void add_mixed(const bf_tensor_t *left, const bf_tensor_t *right, size_t r, rho_t *rho)
{
    const size_t chi = (size_t)left->chi_l, s0 = 2 * chi * r, s1 = s0 + chi;
    bf_z_t rho01 = 0.0;
    for (size_t l = 0; l < chi; l++) {
        rho->z00 += creal(conj(element(left, s0 + l)) * element(right, s0 + l));
        rho->z11 += creal(conj(element(left, s1 + l)) * element(right, s1 + l));
        rho01 += conj(element(left, s1 + l)) * element(right, s0 + l);
    }
    rho->re01 += creal(rho01);
    rho->im01 += cimag(rho01);
}

void bf_k_expect(const bf_tensor_t *left_half, const bf_tensor_t *right_half, bf_xyz_t *out)
{
    assert(!bf_type_is_single(left_half->type) && !bf_type_is_single(right_half->type));
    rho_t rho = {0.0, 0.0, 0.0, 0.0};
    for (size_t r = 0; r < (size_t)left_half->chi_r; r++) {
        if (left_half->type == right_half->type)
            add_same(left_half, right_half, r, &rho);
        else
            add_mixed(left_half, right_half, r, &rho);
    }
    out->x = 2.0 * rho.re01;
    out->y = -2.0 * rho.im01;
    out->z = rho.z00 - rho.z11;
    out->norm = rho.z00 + rho.z11;
}
