/** @file blas_core.h
 *  @brief Did OpenBLAS recognise this processor?
 *
 *  An OpenBLAS older than the processor falls back to its oldest kernels: on an Emerald Rapids core 0.3.21 says "Prescott" and
 *  runs zgemm at 17 GF/s, cgemm at 3 GF/s, where its SkylakeX kernels reach 85 and 44. The choice is made when the library is
 *  loaded, so the remedy is the environment variable OPENBLAS_CORETYPE, set before the program starts, or a second choice.
 */
#ifndef BF_BLAS_CORE_H
#define BF_BLAS_CORE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @return the kernel set OpenBLAS runs now, e.g. "SkylakeX"; owned by OpenBLAS. */
const char *bf_k_blas_core(void);

/** @return the value OPENBLAS_CORETYPE should have for this processor, or NULL when OpenBLAS chose well by itself. */
const char *bf_k_blas_core_hint(void);

/** @brief Have OpenBLAS take the kernels that suit the processor, when it does not know the processor and OPENBLAS_CORETYPE is
 * not set.
 *
 *  An OpenBLAS that cannot choose twice takes the choice from its environment while it is being loaded; then the process replaces
 *  itself, once, before it has done anything else. Call first in main(). Returns when that is done, or there is nothing to do. */
void bf_k_blas_core_choose(char **argv);

#ifdef __cplusplus
}
#endif
#endif
