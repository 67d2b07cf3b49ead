/** @file denormals.h
 *  @brief Treat denormal numbers as zero while a kernel runs. Private to kernels/.
 *
 *  Eigenvectors of strongly graded spectra have components down to 1e-308 and beyond; every product with a denormal costs the
 *  processor more than a hundred cycles, and none of them matters.
 */
#ifndef BF_DENORMALS_H
#define BF_DENORMALS_H

#ifdef __cplusplus
extern "C" {
#endif

/** @return the mode to hand to bf_denormals_restore(). Acts on the calling thread only. */
static inline unsigned bf_denormals_off(void)
{
#ifdef __SSE2__
    const unsigned mode = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(mode | 0x8040U);
    return mode;
#else
    return 0;
#endif
}

static inline void bf_denormals_restore(unsigned mode)
{
#ifdef __SSE2__
    __builtin_ia32_ldmxcsr(mode);
#else
    (void)mode;
#endif
}

#ifdef __cplusplus
}
#endif
#endif
