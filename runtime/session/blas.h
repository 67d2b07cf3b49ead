/** @file blas.h
 *  @brief Whether OpenBLAS runs the right kernels on this processor.
 */
#ifndef BF_SESSION_BLAS_H
#define BF_SESSION_BLAS_H

#ifdef __cplusplus
extern "C" {
#endif

/** @brief The kernels OpenBLAS should have chosen.
 *
 *  OpenBLAS chooses by the processor's model number when it is loaded. A model newer than the library gets the oldest kernels
 *  (Prescott, SSE3), whatever the processor can do: measured 4.5 times slower in zgemm with 0.3.21 on an Emerald Rapids Xeon.
 *  @return the value of OPENBLAS_CORETYPE that suits the processor, NULL when the choice is right or the user's.
 *          It must be in the environment before the program is loaded. Not collective. */
const char *bf_blas_better_kernels(void);

#ifdef __cplusplus
}
#endif
#endif
