/* Short measurements. */
#include "runtime/doctor/measure.h"

#include "codelets/host.h"
#include "runtime/seconds.h"

#include <cblas.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Slices of one measurement, and how long they may take together. */
#define SLICES 64

/* Reading: the sum of a buffer much larger than the caches, by four independent chains so that additions do not limit it. */
static uint64_t sum_words(const uint64_t *words, size_t n)
{
    uint64_t a = 0;
    uint64_t b = 0;
    uint64_t c = 0;
    uint64_t d = 0;
    for (size_t i = 0; i + 4 <= n; i += 4) {
        a += words[i];
        b += words[i + 1];
        c += words[i + 2];
        d += words[i + 3];
    }
    return a + b + c + d;
}

static double read_rate(const void *buffer, size_t bytes)
{
    double best = 0.0;
    volatile uint64_t keep = 0;
    const double end = bf_seconds() + 0.15;
    for (int pass = 0; pass < 4 && (pass == 0 || bf_seconds() < end); pass++) {
        const double begin = bf_seconds();
        keep += sum_words(buffer, bytes / sizeof(uint64_t));
        const double rate = (double)bytes / (bf_seconds() - begin);
        best = rate > best ? rate : best;
    }
    return best;
}

/* Large enough that caches hold little of it, small enough to be touched in no time. */
static size_t buffer_bytes(int sharers)
{
    const size_t wanted = (size_t)256 << 20;
    const size_t share = bf_host_memory().available / 8 / (size_t)(sharers > 0 ? sharers : 1);
    return share < wanted ? share : wanted;
}

static bool lies_here(hwloc_topology_t topology, const void *buffer, size_t bytes)
{
    hwloc_bitmap_t where = hwloc_bitmap_alloc();
    hwloc_bitmap_t cpus = hwloc_bitmap_alloc();
    hwloc_bitmap_t here = hwloc_bitmap_alloc();
    bool good = true;
    if (hwloc_get_area_memlocation(topology, buffer, bytes, where, HWLOC_MEMBIND_BYNODESET) == 0 &&
        hwloc_get_last_cpu_location(topology, cpus, HWLOC_CPUBIND_THREAD) == 0) {
        hwloc_cpuset_to_nodeset(topology, cpus, here);
        good = hwloc_bitmap_iszero(where) || hwloc_bitmap_intersects(where, here);
    }
    hwloc_bitmap_free(where);
    hwloc_bitmap_free(cpus);
    hwloc_bitmap_free(here);
    return good;
}

static double remote_rate(hwloc_topology_t topology, size_t bytes)
{
    double slowest = 0.0;
    for (hwloc_obj_t node = NULL; (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node));) {
        void *buffer = hwloc_alloc_membind(topology, bytes, node->nodeset, HWLOC_MEMBIND_BIND,
                                           HWLOC_MEMBIND_BYNODESET | HWLOC_MEMBIND_STRICT);
        if (!buffer)
            continue;
        memset(buffer, 1, bytes);
        const double rate = read_rate(buffer, bytes);
        slowest = slowest <= 0.0 || rate < slowest ? rate : slowest;
        hwloc_free(topology, buffer, bytes);
    }
    return slowest;
}

bf_bandwidth_t bf_measure_bandwidth(hwloc_topology_t topology, int sharers)
{
    bf_bandwidth_t result = {.is_local = true};
    const size_t bytes = buffer_bytes(sharers) & ~(size_t)4095;
    void *buffer = bytes >= ((size_t)1 << 20) ? aligned_alloc(4096, bytes) : NULL;
    if (!buffer)
        return result;
    memset(buffer, 1, bytes);
    result.local = read_rate(buffer, bytes);
    const bool real = topology && hwloc_topology_is_thissystem(topology);
    if (real)
        result.is_local = lies_here(topology, buffer, bytes);
    free(buffer);
    /* A quarter for each node, of which there may be 16. */
    if (real && hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE) > 1)
        result.remote = remote_rate(topology, bytes / 4);
    return result;
}

/* Zero-memory products: the same small matrices again and again stay in the nearest caches. */
enum { ORDER = 192 };

double bf_measure_zgemm(double *threads)
{
    double best = 0.0;
    const size_t n = (size_t)ORDER * ORDER;
    double *a = calloc(6 * n, sizeof *a); /* three complex matrices */
    *threads = 0.0;
    if (!a)
        return 0.0;
    for (size_t i = 0; i < 4 * n; i++)
        a[i] = 1.0 / (1.0 + (double)(i % 97));
    const double one[2] = {1.0, 0.0};
    const double zero[2] = {0.0, 0.0};
    const double begin = bf_seconds();
    const double begin_cpu = bf_seconds_process();
    for (int slice = 0; slice < SLICES && (slice < 2 || bf_seconds() < begin + 0.1); slice++) {
        const double start = bf_seconds();
        cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, ORDER, ORDER, ORDER, one, a, ORDER, a + 2 * n, ORDER, zero,
                    a + 4 * n, ORDER);
        const double rate = 8.0 * ORDER * (double)n / (bf_seconds() - start);
        best = rate > best ? rate : best;
    }
    *threads = (bf_seconds_process() - begin_cpu) / (bf_seconds() - begin);
    free(a);
    return best;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A chain of additions of a value the compiler cannot know: each waits for the one before, one cycle on every processor we run
 * on. */
static uint64_t add_chain(uint64_t x, uint64_t step, long steps)
{
    for (long i = 0; i < steps; i++) {
#define ADD                                                                                                                      \
    x += step;                                                                                                                   \
    __asm__ volatile("" : "+r"(x));
        ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD
#undef ADD
    }
    return x;
}

bf_clock_t bf_measure_clock(void)
{
    enum { STEPS = 500000, ADDS = 16 }; /* some milliseconds */
    double hz[SLICES];
    int count = 0;
    volatile uint64_t step = 3;
    const double begin = bf_seconds();
    const double begin_cpu = bf_seconds_thread();
    while (count < SLICES && (count < 3 || bf_seconds() < begin + 0.3)) {
        const double start = bf_seconds_thread(); /* without the time that others had the core */
        step = add_chain(step, step, STEPS) | 1U;
        hz[count++] = (double)STEPS * ADDS / (bf_seconds_thread() - start);
    }
    bf_clock_t result = {.share = (bf_seconds_thread() - begin_cpu) / (bf_seconds() - begin)};
    qsort(hz, (size_t)count, sizeof *hz, compare_doubles);
    result.best_hz = hz[count - 1];
    result.median_hz = hz[count / 2];
    return result;
}
