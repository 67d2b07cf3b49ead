/** @file matrix.h
 *  @brief Small complex matrices, row-major, for the passes. Index 2s + t of a 4 x 4: s is the first wire of the pair.
 */
#ifndef BF_MATRIX_H
#define BF_MATRIX_H

#include "kernels/types.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Numbers of a gate that differ by less are equal: a gate is known to a few roundings only. */
#define BF_MATRIX_EPS 1e-14

/** re + i im, each part as it is. C11's CMPLX is missing from clang with glibc. */
static inline bf_z_t bf_complex(double re, double im)
{
    bf_z_t z;
    __real__ z = re;
    __imag__ z = im;
    return z;
}

/** a b without the NaN recovery of C's operator, which costs more than the product. */
static inline bf_z_t bf_mul(bf_z_t a, bf_z_t b)
{
    return bf_complex(creal(a) * creal(b) - cimag(a) * cimag(b), creal(a) * cimag(b) + cimag(a) * creal(b));
}

static inline double bf_abs2(bf_z_t a)
{
    return creal(a) * creal(a) + cimag(a) * cimag(a);
}

/** c = a b, n x n; c may not overlap. */
static inline void bf_mat_mul(int n, const bf_z_t *restrict a, const bf_z_t *restrict b, bf_z_t *restrict c)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            bf_z_t sum = 0;
            for (int k = 0; k < n; k++)
                sum += bf_mul(a[n * i + k], b[n * k + j]);
            c[n * i + j] = sum;
        }
}

/** u <- a u, 2 x 2. */
static inline void bf_mat2_apply(const bf_z_t a[4], bf_z_t u[4])
{
    bf_z_t product[4];
    bf_mat_mul(2, a, u, product);
    memcpy(u, product, sizeof product);
}

/** u <- a u, 4 x 4. */
static inline void bf_mat4_apply(const bf_z_t a[16], bf_z_t u[16])
{
    bf_z_t product[16];
    bf_mat_mul(4, a, u, product);
    memcpy(u, product, sizeof product);
}

/** u <- (a on wire @p which) u. */
static inline void bf_mat4_after(bf_z_t u[16], int which, const bf_z_t a[4])
{
    const int step = which == 0 ? 2 : 1; /* distance of the two rows that mix */
    const int other = 3 - step;
    for (int row = 0; row <= other; row += other)
        for (int k = 0; k < 4; k++) {
            const bf_z_t x = u[4 * row + k], y = u[4 * (row + step) + k];
            u[4 * row + k] = bf_mul(a[0], x) + bf_mul(a[1], y);
            u[4 * (row + step) + k] = bf_mul(a[2], x) + bf_mul(a[3], y);
        }
}

/** u <- u (a on wire @p which). */
static inline void bf_mat4_before(bf_z_t u[16], int which, const bf_z_t a[4])
{
    const int step = which == 0 ? 2 : 1;
    const int other = 3 - step;
    for (int column = 0; column <= other; column += other)
        for (int k = 0; k < 4; k++) {
            const bf_z_t x = u[4 * k + column], y = u[4 * k + column + step];
            u[4 * k + column] = bf_mul(x, a[0]) + bf_mul(y, a[2]);
            u[4 * k + column + step] = bf_mul(x, a[1]) + bf_mul(y, a[3]);
        }
}

/** u <- SWAP u: the wires exchanged after the gate. */
static inline void bf_mat4_swap_after(bf_z_t u[16])
{
    bf_z_t row[4];
    memcpy(row, u + 4, sizeof row);
    memcpy(u + 4, u + 8, sizeof row);
    memcpy(u + 8, row, sizeof row);
}

/** u <- SWAP u SWAP: the same gate with its wires named the other way round. */
static inline void bf_mat4_flip(bf_z_t u[16])
{
    bf_mat4_swap_after(u);
    for (int i = 0; i < 4; i++) {
        const bf_z_t x = u[4 * i + 1];
        u[4 * i + 1] = u[4 * i + 2];
        u[4 * i + 2] = x;
    }
}

/** @return whether the 2 x 2 unitary @p a is a phase times the identity. */
bool bf_mat2_is_identity(const bf_z_t a[4]);

/** @brief Write u as a (first wire) times b (second wire), both unitary, when it is such a product.
 *  @return whether it is; a and b are undefined otherwise */
bool bf_mat4_split(const bf_z_t u[16], bf_z_t a[4], bf_z_t b[4]);

/** @brief Entries as small as BF_MATRIX_EPS are roundings of products and become exact zeros: what a gate conserves shows in its
 *  zeros (kernels/sectors.h).
 *  @param entries  numbers in @p u: 4 or 16 */
void bf_mat_clear_roundings(int entries, bf_z_t *u);

/** @brief Take a phase off a unitary that is real but for it: no state shows it, and real tensors cost a quarter of complex ones.
 *  Imaginary parts as small as BF_MATRIX_EPS are roundings then, and become 0; any other matrix stays as it is.
 *  @param entries  numbers in @p u: 4 or 16 */
void bf_mat_make_real(int entries, bf_z_t *u);

#ifdef __cplusplus
}
#endif
#endif
