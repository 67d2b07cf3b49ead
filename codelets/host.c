/* Limits of the machine, of cgroups and of setrlimit. */
#include "codelets/host.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool bf_host_read(const char *path, char *text, size_t size)
{
    const char *sysroot = getenv("BONDFLOW_SYSROOT");
    char full[BF_HOST_PATH];
    text[0] = '\0';
    if ((size_t)snprintf(full, sizeof full, "%s%s", sysroot ? sysroot : "", path) >= sizeof full)
        return false;
    FILE *file = fopen(full, "r");
    if (!file)
        return false;
    const size_t length = fread(text, 1, size - 1, file);
    const bool good = !ferror(file);
    text[good ? length : 0] = '\0';
    fclose(file);
    return good;
}

/* The number behind @p key ("MemAvailable:") in a file of such lines; behind "" the number the file begins with. */
static size_t number_behind(const char *path, const char *key, size_t otherwise)
{
    char text[8192];
    if (!bf_host_read(path, text, sizeof text))
        return otherwise;
    const char *line = text;
    while (line && strncmp(line, key, strlen(key)) != 0) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    if (!line)
        return otherwise;
    char *end;
    const char *digits = line + strlen(key);
    const unsigned long long value = strtoull(digits, &end, 10);
    return end == digits ? otherwise : (size_t)value; /* "max" is no number */
}

/* The group of this process: of version 2 for controller "", else of that controller of version 1. */
static bool own_group(const char *controller, char *group, size_t size)
{
    char text[8192];
    bf_host_read("/proc/self/cgroup", text, sizeof text);
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *names = strchr(line, ':');
        char *path = names ? strchr(names + 1, ':') : NULL;
        if (!path)
            continue;
        *path = '\0';
        char *more = NULL;
        bool here = names[1] == '\0' && *controller == '\0';
        for (char *name = strtok_r(names + 1, ",", &more); name && !here; name = strtok_r(NULL, ",", &more))
            here = strcmp(name, controller) == 0;
        if (here && (size_t)snprintf(group, size, "%s", path + 1) < size)
            return true;
    }
    return false;
}

/* Call @p look for the group's folder and for each one above it, the mount point last. In a container the group's own path may
 * lead nowhere below the mount point; then only that counts. */
static void each_group(const char *controller, void (*look)(const char *folder, void *arg), void *arg)
{
    char group[BF_HOST_PATH];
    char folder[BF_HOST_PATH + 64];
    if (!own_group(controller, group, sizeof group))
        return;
    for (;;) {
        if (strcmp(group, "/") == 0)
            group[0] = '\0';
        snprintf(folder, sizeof folder, "/sys/fs/cgroup%s%s%s", *controller ? "/" : "", controller, group);
        look(folder, arg);
        char *slash = strrchr(group, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

typedef struct memory_names {
    const char *limit, *used, *cache; /* files, and the line of memory.stat that can be taken back */
    bf_host_memory_t *memory;
} memory_names_t;

static void take_least(bf_host_memory_t *memory, const char *source, size_t limit, size_t used)
{
    const size_t left = limit > used ? limit - used : 0;
    if (left >= memory->available)
        return;
    *memory = (bf_host_memory_t){.total = memory->total, .available = left, .limit = limit, .source = source};
}

static void look_memory(const char *folder, void *arg)
{
    const memory_names_t *names = arg;
    char path[2 * BF_HOST_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, names->limit);
    const size_t limit = number_behind(path, "", SIZE_MAX);
    snprintf(path, sizeof path, "%s/%s", folder, names->used);
    const size_t used = number_behind(path, "", SIZE_MAX);
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    const size_t cache = number_behind(path, names->cache, 0);
    if (limit != SIZE_MAX && used != SIZE_MAX)
        take_least(names->memory, "cgroup", limit, used > cache ? used - cache : 0);
}

static void look_rlimit(bf_host_memory_t *memory)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    const size_t pages = number_behind("/proc/self/statm", "", 0);
    take_least(memory, "ulimit -v", (size_t)limit.rlim_cur, pages * (size_t)sysconf(_SC_PAGESIZE));
}

bf_host_memory_t bf_host_memory(void)
{
    bf_host_memory_t memory = {.available = SIZE_MAX, .limit = SIZE_MAX, .source = "machine"};
    const size_t kib = number_behind("/proc/meminfo", "MemTotal:", 0);
    const size_t free_kib = number_behind("/proc/meminfo", "MemAvailable:", SIZE_MAX / 1024);
    memory.total = kib * 1024;
    if (free_kib < SIZE_MAX / 1024) {
        memory.available = free_kib * 1024;
        memory.limit = memory.total;
    }
    each_group("", look_memory, &(memory_names_t){"memory.max", "memory.current", "inactive_file ", &memory});
    each_group("memory", look_memory,
               &(memory_names_t){"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ", &memory});
    look_rlimit(&memory);
    return memory;
}

static void take_quota(double quota, double period, double *least)
{
    if (quota > 0.0 && period > 0.0 && (*least <= 0.0 || quota / period < *least))
        *least = quota / period;
}

static void look_quota2(const char *folder, void *arg)
{
    char path[2 * BF_HOST_PATH];
    char text[128];
    double quota;
    double period;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (bf_host_read(path, text, sizeof text) && sscanf(text, "%lf %lf", &quota, &period) == 2) /* "max 100000": no limit */
        take_quota(quota, period, arg);
}

static void look_quota1(const char *folder, void *arg)
{
    char path[2 * BF_HOST_PATH];
    char text[128];
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    bf_host_read(path, text, sizeof text);
    const double quota = strtod(text, NULL); /* -1: no limit */
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    bf_host_read(path, text, sizeof text);
    take_quota(quota, strtod(text, NULL), arg);
}

double bf_host_cpu_quota(void)
{
    double least = 0.0;
    each_group("", look_quota2, &least);
    each_group("cpu", look_quota1, &least);
    return least;
}
