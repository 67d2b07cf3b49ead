/** @file cpu.h
 *  @brief Which of the compiled instruction sets this processor runs. Private to kernels/.
 */
#ifndef BF_CPU_H
#define BF_CPU_H

#ifdef __cplusplus
extern "C" {
#endif

/** Instruction sets the vector kernels are compiled for. */
typedef enum bf_isa { BF_ISA_BASE, BF_ISA_AVX2, BF_ISA_AVX512 } bf_isa_t;

static inline bf_isa_t bf_cpu_isa(void)
{
#if defined(BF_ISA_FORCED)
    return BF_ISA_FORCED; /* a build of its own, to test the kernels of lesser processors */
#elif defined(BF_HAVE_X86)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return BF_ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return BF_ISA_AVX2;
    return BF_ISA_BASE;
#else
    return BF_ISA_BASE;
#endif
}

/** @return of the tables @p stem_base, @p stem_avx2 and @p stem_avx512 the address of the one this processor runs best. */
#ifdef BF_HAVE_X86
#define BF_CPU_PICK(stem)                                                                                                        \
    (bf_cpu_isa() == BF_ISA_AVX512 ? &stem##_avx512 : bf_cpu_isa() == BF_ISA_AVX2 ? &stem##_avx2 : &stem##_base)
#else
#define BF_CPU_PICK(stem) (&stem##_base)
#endif

#ifdef __cplusplus
}
#endif
#endif
