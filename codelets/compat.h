/** @file compat.h
 *  @brief The differences between StarPU 1.3 and 1.4 that we meet, in one place.
 */
#ifndef BF_COMPAT_H
#define BF_COMPAT_H

#include <starpu.h>

#if STARPU_MAJOR_VERSION == 1 && STARPU_MINOR_VERSION < 3
#error "bondflow needs StarPU 1.3 or later"
#endif

/* StarPU 1.4 changed the type of the home node in register_data_handle and added peek_data,
 * which is unpack_data without freeing the buffer. */
#if STARPU_MAJOR_VERSION > 1 || STARPU_MINOR_VERSION >= 4
typedef int bf_home_node_t;
#define BF_STARPU_HAS_PEEK 1
#else
typedef unsigned bf_home_node_t;
#define BF_STARPU_HAS_PEEK 0
#endif

#endif
