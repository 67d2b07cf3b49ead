/** @file bench.h
 *  @brief What the benchmarks share: random numbers that are the same on every machine, memory, medians.
 */
#ifndef BF_BENCH_H
#define BF_BENCH_H

#include "kernels/types.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** @return uniform in [0, 1). splitmix64: Steele, Lea, Flood, OOPSLA 2014 */
static inline double bench_uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/** @return standard normal. */
static inline double bench_normal(uint64_t *state)
{
    const double radius = sqrt(-2.0 * log(1.0 - bench_uniform(state)));
    return radius * cos(2.0 * 3.14159265358979323846 * bench_uniform(state));
}

/** @return @p bytes for a kernel, to be freed with free(). Ends the program when there are none. */
static inline void *bench_allocate(size_t bytes)
{
    void *memory = aligned_alloc(BF_ALIGN, bf_align_up(bytes ? bytes : 1));
    if (!memory) {
        fprintf(stderr, "out of memory: %zu bytes are needed\n", bytes);
        exit(3);
    }
    return memory;
}

/** @return @p count complex numbers with parts in [-1/2, 1/2), as bench_allocate(). */
static inline bf_z_t *bench_block(size_t count, uint64_t *state)
{
    bf_z_t *block = bench_allocate(count * sizeof *block);
    for (size_t i = 0; i < count; i++) {
        const double re = bench_uniform(state) - 0.5, im = bench_uniform(state) - 0.5;
        block[i] = re + im * I;
    }
    return block;
}

static inline int bench_ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** @brief Sort @p n > 0 numbers. @return the one in the middle */
static inline double bench_median(double *numbers, size_t n)
{
    qsort(numbers, n, sizeof *numbers, bench_ascending);
    return numbers[n / 2];
}

#endif
