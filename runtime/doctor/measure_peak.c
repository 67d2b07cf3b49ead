/* What the vector units of a core reach: fused multiply-adds in independent chains, without memory. The yardstick for BLAS. */
#include "runtime/doctor/measure.h"
#include "runtime/seconds.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Enough chains to hide the latency of two units, few enough for the registers. */
#define CHAINS 10

/* Steps of all chains at once; a loop per instruction set, the same text. NAME, TARGET, vector type, set, fused multiply-add. */
#define FMA_LOOP(name, target, vector, set, fma)                                                                                 \
    target static double name(long steps)                                                                                        \
    {                                                                                                                            \
        vector chain[CHAINS];                                                                                                    \
        const vector factor = set(0.999999999);                                                                                  \
        const vector summand = set(1e-9);                                                                                        \
        for (int c = 0; c < CHAINS; c++)                                                                                         \
            chain[c] = set(1.0 + c);                                                                                             \
        for (long i = 0; i < steps; i++)                                                                                         \
            _Pragma("GCC unroll 10") for (int c = 0; c < CHAINS; c++) chain[c] = fma(chain[c], factor, summand);                 \
        double sum = 0.0;                                                                                                        \
        for (int c = 0; c < CHAINS; c++)                                                                                         \
            sum += ((const double *)&chain[c])[0];                                                                               \
        return sum;                                                                                                              \
    }

typedef double (*fma_loop_t)(long steps);

#if defined(__x86_64__)
FMA_LOOP(loop_avx512, __attribute__((target("avx512f"))), __m512d, _mm512_set1_pd, _mm512_fmadd_pd)
FMA_LOOP(loop_avx2, __attribute__((target("avx2,fma"))), __m256d, _mm256_set1_pd, _mm256_fmadd_pd)
#define SSE2_MULTIPLY_ADD(a, b, c) _mm_add_pd(_mm_mul_pd(a, b), c)
FMA_LOOP(loop_base, , __m128d, _mm_set1_pd, SSE2_MULTIPLY_ADD)

static fma_loop_t choose(int *width)
{
    if (__builtin_cpu_supports("avx512f")) {
        *width = 8;
        return loop_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        *width = 4;
        return loop_avx2;
    }
    *width = 2;
    return loop_base;
}
#elif defined(__aarch64__)
#define NEON_MULTIPLY_ADD(a, b, c) vfmaq_f64(c, a, b)
FMA_LOOP(loop_neon, , float64x2_t, vdupq_n_f64, NEON_MULTIPLY_ADD)

static fma_loop_t choose(int *width)
{
    *width = 2;
    return loop_neon;
}
#else
static fma_loop_t choose(int *width)
{
    *width = 0;
    return NULL;
}
#endif

double bf_measure_peak(void)
{
    enum { STEPS = 100000, SLICES = 64 };
    int width = 0;
    const fma_loop_t loop = choose(&width);
    if (!loop)
        return 0.0;
    volatile double keep = 0.0;
    double best = 0.0;
    double total = 0.0;
    for (int slice = 0; slice < SLICES && (slice < 3 || total < 0.05); slice++) {
        const double begin = bf_seconds();
        keep += loop(STEPS);
        const double seconds = bf_seconds() - begin;
        const double rate = 2.0 * width * CHAINS * STEPS / seconds;
        best = rate > best ? rate : best;
        total += seconds;
    }
    return best;
}
