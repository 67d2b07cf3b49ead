/* Is OpenBLAS's choice of kernels the fallback for processors it does not know? */
#include "runtime/session/blas.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#if defined __x86_64__
static const char *kernels_of_processor(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
    return NULL;
}
#else
static const char *kernels_of_processor(void)
{
    return NULL;
}
#endif

const char *bf_blas_better_kernels(void)
{
    if (getenv("OPENBLAS_CORETYPE") || strcmp(openblas_get_corename(), "Prescott") != 0)
        return NULL;
    return kernels_of_processor();
}
