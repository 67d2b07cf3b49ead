/** @file oracle_random.h
 *  @brief A small seeded random generator for tests (splitmix64: Steele, Lea, Flood, OOPSLA 2014).
 */
#ifndef BF_ORACLE_RANDOM_H
#define BF_ORACLE_RANDOM_H

#include <stdint.h>

/** Generator state: any value is a good seed. */
typedef struct oracle_rng {
    uint64_t state;
} oracle_rng_t;

/** @return 64 random bits. */
uint64_t oracle_rng_next(oracle_rng_t *rng);

/** @return uniform in [0, 1). */
double oracle_rng_uniform(oracle_rng_t *rng);

/** @return uniform in 0 .. bound-1, bound >= 1. */
int oracle_rng_below(oracle_rng_t *rng, int bound);

/** @return standard normal (Box-Muller). */
double oracle_rng_normal(oracle_rng_t *rng);

/** @return the seed of this run: the number in BONDFLOW_TEST_SEED, else a fresh one from the clock. Always printed by the caller.
 */
uint64_t oracle_rng_run_seed(void);

#endif
