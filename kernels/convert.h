/** @file convert.h
 *  @brief The block of a tensor in another element type, converted only when needed. Private to kernels/.
 */
#ifndef BF_CONVERT_H
#define BF_CONVERT_H

#include "kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief @p n elements of one type as another; what a real type cannot hold is dropped. */
void bf_convert_block(bf_type_t from, const void *src, bf_type_t to, void *dst, size_t n);

/** @return bytes bf_block_as() takes from the workspace: 0 when @p t has @p type already. */
size_t bf_block_as_bytes(const bf_tensor_t *t, bf_type_t type);

/** @return the block of @p t as @p type: itself, or a converted copy at *work, which then advances past it. */
const void *bf_block_as(const bf_tensor_t *t, bf_type_t type, char **work);

#ifdef __cplusplus
}
#endif
#endif
