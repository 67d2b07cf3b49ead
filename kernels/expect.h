/** @file expect.h
 *  @brief One-site density matrix and Pauli expectation values from the two half-contracted sites.
 */
#ifndef BF_EXPECT_H
#define BF_EXPECT_H

#include "kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Unnormalised one-site result: divide x, y, z by norm. */
typedef struct bf_xyz {
    double x;    /**< Tr(rho X) of the unnormalised rho */
    double y;    /**< Tr(rho Y) */
    double z;    /**< Tr(rho Z) */
    double norm; /**< Tr rho = <psi|psi>, the same on every site up to rounding */
} bf_xyz_t;

/** @brief rho[s,s'] = sum_{l,r} conj(left_half[l,s',r]) right_half[l,s,r]; x = 2 Re rho01, y = -2 Im rho01, z = rho00 - rho11.
 *  @param left_half   from bf_k_transfer_left()  (L B)
 *  @param right_half  from bf_k_transfer_right() (B R); types may differ in field (Z with D)
 *  @cost O(chi^2), summed in a fixed order in fp64; @thread reentrant */
void bf_k_expect(const bf_tensor_t *left_half, const bf_tensor_t *right_half, bf_xyz_t *out);

#ifdef __cplusplus
}
#endif
#endif
