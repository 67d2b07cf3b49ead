/** @file contract.h
 *  @brief Contract two neighbouring sites with a two-qubit gate.
 */
#ifndef BF_CONTRACT_H
#define BF_CONTRACT_H

#include "kernels/gate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Shape and type of the contracted pair C.
 *
 *  Sets type (double unless both inputs are single; real only if both sites and the gate are real; @p single forces
 *  single precision), chi_l = left->chi_l, d = 4, chi_r = right->chi_r, and the weight kind of @p left. Pointers untouched.
 *  C is stored as the (2 chi_l) x (2 chi_r) matrix C[l + chi_l*s, t + 2*r], which is b[l + chi_l*(s + 2*(t + 2*r))]. */
void bf_k_contract_shape(const bf_tensor_t *left, const bf_tensor_t *right, const bf_gate2_t *gate, bool single, bf_tensor_t *c);

/** @return real floating-point operations of bf_k_contract() (8 per complex multiply-add, 2 per real). */
double bf_k_contract_flops(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r);

/** @return bytes of workspace of bf_k_contract() (0 when the inputs already have the type of C). */
size_t bf_k_contract_worksize(const bf_tensor_t *left, const bf_tensor_t *right, const bf_tensor_t *c);

/** @brief C[l,s,t,r] = sum_{s',t',m} u[st,s't'] left[l,s',m] right[m,t',r]; the weight of @p left is copied into C.
 *  @formulae Hastings, arXiv:0903.3253, eq. for C before weighting
 *  @param[in]  left, right  sites with left->chi_r == right->chi_l
 *  @param[out] c            as bf_k_contract_shape() says, memory from the caller
 *  @param      work         bf_k_contract_worksize() bytes, BF_ALIGN-aligned
 *  @cost bf_k_contract_flops(); @thread reentrant; the bits depend on the inputs only */
void bf_k_contract(const bf_tensor_t *left, const bf_tensor_t *right, const bf_gate2_t *gate, bf_tensor_t *c, void *work);

#ifdef __cplusplus
}
#endif
#endif
