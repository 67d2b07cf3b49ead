/** @file types.h
 *  @brief Types shared by every layer: dimensions, element types, status codes.
 *
 *  `kernels/` knows neither StarPU nor MPI nor circuits; nothing here may include them.
 */
#ifndef BF_TYPES_H
#define BF_TYPES_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The caller must look at the result. */
#define BF_MUST_USE __attribute__((warn_unused_result))

/** Alignment in bytes of every tensor payload and workspace. */
#define BF_ALIGN 64

/** Physical dimension of a site: qubits only. */
#define BF_D 2

typedef int64_t bf_dim_t;       /**< bond and matrix dimensions */
typedef int32_t bf_site_t;      /**< site or bond index; bond b joins sites b and b+1 */
typedef double _Complex bf_z_t; /**< complex double */

/** Element type of a tensor. Bit 0: single precision; bit 1: real field. */
typedef enum bf_type {
    BF_TYPE_Z = 0, /**< complex double */
    BF_TYPE_C = 1, /**< complex single */
    BF_TYPE_D = 2, /**< real double */
    BF_TYPE_S = 3  /**< real single */
} bf_type_t;

/** @return bytes of one element. */
static inline size_t bf_type_size(bf_type_t t)
{
    static const size_t size[4] = {16, 8, 8, 4};
    return size[t];
}

/** @return whether the elements are real. */
static inline bool bf_type_is_real(bf_type_t t)
{
    return ((unsigned)t & 2U) != 0;
}

/** @return whether the elements are single precision. */
static inline bool bf_type_is_single(bf_type_t t)
{
    return ((unsigned)t & 1U) != 0;
}

/** 0: success; > 0: numerical note, the run continues; < 0: the call or the run is dead. */
typedef enum bf_status {
    BF_OK = 0,
    BF_ERR_ARG = -10,       /**< caller passed something invalid */
    BF_ERR_INPUT = -11,     /**< bad user input: file, option, table */
    BF_ERR_TOO_LARGE = -13, /**< a size exceeds what a library underneath can address */
    BF_ERR_NOMEM = -20,     /**< out of memory */
    BF_ERR_IO = -21,        /**< file could not be read or written */
    BF_ERR_TOPOLOGY = -22,  /**< no usable core */
    BF_ERR_SVD = -31,       /**< every factorisation of the portfolio failed */
    BF_ERR_NAN = -32,       /**< NaN or Inf met */
    BF_ERR_ZERO = -33,      /**< an all-zero tensor where a state was expected */
    BF_ERR_STARPU = -40,
    BF_ERR_MPI = -41,
    BF_ERR_PROTOCOL = -42, /**< a message or file is not what it should be */
    BF_ERR_INTERNAL = -99
} bf_status_t;

/** @return a short English phrase for @p status, never NULL. */
const char *bf_status_string(bf_status_t status);

/** @return @p bytes rounded up to a multiple of BF_ALIGN. */
static inline size_t bf_align_up(size_t bytes)
{
    return (bytes + (BF_ALIGN - 1)) & ~(size_t)(BF_ALIGN - 1);
}

#ifdef __cplusplus
}
#endif
#endif
