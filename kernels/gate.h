/** @file gate.h
 *  @brief One- and two-qubit gate matrices as kernels want them, and the one-qubit kernel.
 */
#ifndef BF_GATE_H
#define BF_GATE_H

#include "kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Two-site gate on sites (j, j+1): C[s,t] = sum_{s',t'} u[(2s+t)*4 + (2s'+t')] theta[s',t'], s on site j.
 *  Row-major 4 x 4, first qubit of the pair is the more significant bit. */
typedef struct bf_gate2 {
    bf_z_t u[16];     /**< the matrix */
    int schmidt_rank; /**< operator-Schmidt rank over the two sites: 1, 2 or 4 (bounds the growth of the bond) */
    bool real;        /**< every entry has an imaginary part of exactly 0 */
} bf_gate2_t;

/** One-site gate: B'[s] = sum_{s'} u[2s + s'] B[s']. Row-major 2 x 2. */
typedef struct bf_gate1 {
    bf_z_t u[4]; /**< the matrix */
    bool real;   /**< every entry has an imaginary part of exactly 0 */
} bf_gate1_t;

/** Fill in @c schmidt_rank (numerical rank of the realigned matrix, relative threshold 1e-14, 3 counts as 4)
 *  and @c real from @c u. */
void bf_gate2_classify(bf_gate2_t *gate);

/** Fill in @c real from @c u. */
void bf_gate1_classify(bf_gate1_t *gate);

/** @brief B <- u B in place. Keeps the rows orthonormal for a unitary u.
 *  @param[in,out] site  d = 2; its type must be able to hold the result:
 *                       bf_k_gate1_type(site->type, gate) == site->type (else convert first).
 *  @cost 2*8*4*chi_l*chi_r flops; @thread reentrant */
void bf_k_gate1(bf_tensor_t *site, const bf_gate1_t *gate);

/** @return the element type of u B: complex as soon as either is complex. */
bf_type_t bf_k_gate1_type(bf_type_t site, const bf_gate1_t *gate);

/** @brief Copy @p src converted to @p type into @p dst (same shape and weight kind, d arbitrary).
 *  Converting complex to real is a caller's bug unless every imaginary part is 0.
 *  @param[out] dst  shape, type and pointers set by the caller. */
void bf_k_convert(const bf_tensor_t *src, bf_tensor_t *dst);

#ifdef __cplusplus
}
#endif
#endif
