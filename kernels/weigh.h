/** @file weigh.h
 *  @brief Row weights and Frobenius norms of blocks, in fp64 with a fixed order of summation. Private to kernels/.
 */
#ifndef BF_WEIGH_H
#define BF_WEIGH_H

#include "kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief dst <- scale * diag(w) src, and return ||dst||_F^2.
 *
 *  src is chi x blocks: element i of each run of chi has weight w[i]. A NaN or Inf anywhere makes the sum NaN or Inf. The
 *  relative rounding error of the sum stays near 1e-16 at any size.
 *  @param dst  may be @p src, or NULL to sum only
 *  @param w    chi doubles, or NULL for ones */
double bf_weigh(bf_type_t type, bf_dim_t chi, bf_dim_t blocks, const double *w, double scale, const void *src, void *dst);

/** @return the largest magnitude of @p n doubles, n >= 1, or a NaN when there is one. */
double bf_largest(const double *x, bf_dim_t n);

/** @return the largest magnitude of a real or imaginary part; infinite if one is not finite. */
double bf_max_abs(bf_type_t type, size_t count, const void *src);

#ifdef __cplusplus
}
#endif
#endif
