/* Running out of memory, with a message. */
#include "codelets/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Asking costs about 30 us; a smaller request cannot be the one that breaks the machine. */
#define LOOK_FROM_BYTES ((size_t)32 << 20)

static size_t meminfo_available(void)
{
    size_t kib = SIZE_MAX / 1024;
    FILE *file = fopen("/proc/meminfo", "r");
    char line[128];
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %zu kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024;
}

static size_t number_in(const char *path)
{
    size_t value = SIZE_MAX;
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%zu", &value) != 1)
            value = SIZE_MAX; /* "max" */
        fclose(file);
    }
    return value;
}

/* What is left of the cgroup's limit (version 2, as containers and Slurm set it). */
static size_t cgroup_available(void)
{
    const size_t limit = number_in("/sys/fs/cgroup/memory.max");
    const size_t used = number_in("/sys/fs/cgroup/memory.current");
    if (limit == SIZE_MAX || used == SIZE_MAX)
        return SIZE_MAX;
    return limit > used ? limit - used : 0;
}

static size_t rlimit_available(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%zu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    const size_t used = pages * (size_t)sysconf(_SC_PAGESIZE);
    return limit.rlim_cur > used ? (size_t)limit.rlim_cur - used : 0;
}

/* Free memory of the machine, limits of its cgroup and of setrlimit. */
static size_t memory_available(void)
{
    const size_t candidates[3] = {meminfo_available(), cgroup_available(), rlimit_available()};
    size_t least = candidates[0];
    for (int i = 1; i < 3; i++)
        least = candidates[i] < least ? candidates[i] : least;
    return least;
}

void bf_memory_check(size_t bytes, const char *what)
{
    if (bytes < LOOK_FROM_BYTES)
        return;
    const size_t available = memory_available();
    if (bytes > available)
        bf_fatal(
            3, "not enough memory: %s takes %zu MiB, %zu MiB are free; use a smaller --max-dim, fewer workers, or more machines",
            what, bytes >> 20, available >> 20);
}

_Noreturn void bf_fatal(int exit_code, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "bondflow: error: %s\n", line);
    fflush(stderr);
    _exit(exit_code);
}
