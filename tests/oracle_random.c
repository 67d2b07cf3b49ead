/* Seeded random numbers for tests. */
#include "oracle_random.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

uint64_t oracle_rng_next(oracle_rng_t *rng)
{
    uint64_t z = (rng->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

double oracle_rng_uniform(oracle_rng_t *rng)
{
    return (double)(oracle_rng_next(rng) >> 11) * 0x1p-53;
}

int oracle_rng_below(oracle_rng_t *rng, int bound)
{
    return (int)(oracle_rng_uniform(rng) * bound);
}

double oracle_rng_normal(oracle_rng_t *rng)
{
    const double radius = sqrt(-2.0 * log(1.0 - oracle_rng_uniform(rng)));
    return radius * cos(2.0 * acos(-1.0) * oracle_rng_uniform(rng));
}

uint64_t oracle_rng_run_seed(void)
{
    const char *given = getenv("BONDFLOW_TEST_SEED");
    if (given && *given)
        return strtoull(given, NULL, 0);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000007) + (uint64_t)now.tv_nsec;
}
