/** @file host.h
 *  @brief What the operating system grants this process: memory, and processor time. Read from /proc and /sys, cgroups of version
 * 1 and 2, from the process's own group up to the root: the smallest limit counts.
 *
 *  BONDFLOW_SYSROOT in the environment names a directory that stands for / when these files are read: for tests.
 */
#ifndef BF_HOST_H
#define BF_HOST_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest path read here. */
#define BF_HOST_PATH 1024

/** @brief Read the beginning of a file of /proc or /sys.
 *  @param[out] text  at most @p size - 1 bytes and a 0; "" when it cannot be read
 *  @return whether it could be read */
bool bf_host_read(const char *path, char *text, size_t size);

/** Memory in bytes, and what limits it. */
typedef struct bf_host_memory {
    size_t total;       /**< of the machine; 0 unknown */
    size_t available;   /**< what can still be allocated: the least of the machine, its cgroups, and setrlimit */
    size_t limit;       /**< the limit that `available` comes from, SIZE_MAX unknown */
    const char *source; /**< what sets it: "machine", "cgroup" or "ulimit -v"; static storage */
} bf_host_memory_t;

/** @return memory now. Costs some 30 microseconds. */
bf_host_memory_t bf_host_memory(void);

/** @return processors' worth of time that the cgroups of this process allow, 0 when they set no limit. */
double bf_host_cpu_quota(void);

#ifdef __cplusplus
}
#endif
#endif
