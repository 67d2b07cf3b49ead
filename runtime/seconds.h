/** @file seconds.h
 *  @brief Clocks that only go forward, in seconds. Not collective, thread safe.
 */
#ifndef BF_SECONDS_H
#define BF_SECONDS_H

#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @return seconds of @p clock. */
static inline double bf_seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/** @return seconds that have passed since some moment before the program. Costs no system call. */
static inline double bf_seconds(void)
{
    return bf_seconds_of(CLOCK_MONOTONIC);
}

/** @return processor time of the calling thread: what others do on its core does not count. Costs a system call. */
static inline double bf_seconds_thread(void)
{
    return bf_seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

/** @return processor time of all threads of the process. */
static inline double bf_seconds_process(void)
{
    return bf_seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

#ifdef __cplusplus
}
#endif
#endif
