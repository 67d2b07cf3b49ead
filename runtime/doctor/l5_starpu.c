/* L5, concurrency: StarPU itself, its limits, its scheduler, its folder. */
#define _GNU_SOURCE /* dladdr */
#include "runtime/doctor/checks.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder of the StarPU that was loaded, NULL unknown. */
static bool starpu_folder(char *folder)
{
    Dl_info info;
    if (dladdr((void *)(uintptr_t)starpu_get_version, &info) == 0 || !info.dli_fname || !realpath(info.dli_fname, folder))
        return false;
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

void bf_check_starpu(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "starpu");
    int major;
    int minor;
    int release;
    starpu_get_version(&major, &minor, &release);
#ifdef STARPU_USE_FXT
    const char *fxt = "with FxT";
#else
    const char *fxt = "no FxT traces";
#endif
    char folder[PATH_MAX] = "";
    char built[PATH_MAX] = "";
    const bool found = starpu_folder(folder) && realpath(BF_STARPU_LIBDIR, built);
    bf_find_integer(finding, "max_cpus", STARPU_MAXCPUS);
    bf_find_integer(finding, "max_numa_nodes", STARPU_MAXNUMANODES);
    bf_find_integer(finding, "max_buffers", STARPU_NMAXBUFS);
    bf_find_text(finding, "fxt", strcmp(fxt, "with FxT") == 0 ? "yes" : "no");
    bf_find_text(finding, "folder", folder);
    bf_find_say(finding, "%d.%d.%d in %s; at most %d workers a process, %d NUMA nodes; %s", major, minor, release, folder,
                STARPU_MAXCPUS, STARPU_MAXNUMANODES, fxt);
    if (major != STARPU_MAJOR_VERSION || minor != STARPU_MINOR_VERSION || (found && strcmp(folder, built) != 0)) {
        bf_find_add(finding, "but bondflow was built with the one in %s, whose structures may be laid out differently",
                    BF_STARPU_LIBDIR);
        bf_find_wrong(finding, BF_FAIL, 1.0,
                      "unset LD_LIBRARY_PATH LD_PRELOAD, or build anew with that StarPU: scripts/build "
                      "-DBF_STARPU_PREFIX=...");
    }
}

void bf_check_scheduler(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "scheduler");
    const char *asked = bf_set_in_environment("STARPU_SCHED");
    patient->scheduler_known = bf_session_check_scheduler("STARPU_SCHED=", getenv("STARPU_SCHED")) == BF_OK;
    bf_find_text(finding, "asked", asked);
    if (!patient->scheduler_known) {
        bf_find_say(finding, "%s", bf_error_message());
        bf_find_wrong(finding, BF_FAIL, 1.0, "unset STARPU_SCHED   (lws), or choose one of these");
        bf_error_clear();
        return;
    }
    bf_find_say(finding, "%s%s", asked ? asked : "lws", asked ? ", from STARPU_SCHED" : ", the default");
}

/* Where StarPU keeps its models: its own order of variables. */
static const char *starpu_home(const char **by)
{
    static const char *const names[] = {"XDG_CACHE_HOME", "STARPU_HOME", "HOME", "TMPDIR", "TEMP", "TMP"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value) {
            *by = names[i];
            return value;
        }
    }
    *by = "nothing";
    return "/tmp";
}

/* Whether a file can be made in @p folder, or, where it does not exist yet, in the nearest one above it that does. */
static bool can_write(const char *folder)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", folder);
    struct stat info;
    while (stat(path, &info) != 0 && errno == ENOENT) {
        char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            break;
        *slash = '\0';
    }
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return false;
    char file[PATH_MAX + 32];
    snprintf(file, sizeof file, "%s/.bondflow-doctor-XXXXXX", path); /* access() would let root pass on a read-only file system */
    const int descriptor = mkstemp(file);
    if (descriptor < 0)
        return false;
    close(descriptor);
    unlink(file);
    return true;
}

/* Models of our codelets, and how many of them are older than the StarPU that would use them. */
typedef struct models {
    int count;
    int stale;
} models_t;

static void count_models(const char *folder, time_t newest_library, models_t *models)
{
    DIR *directory = opendir(folder);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[PATH_MAX];
        struct stat info;
        snprintf(path, sizeof path, "%.3000s/%.255s", folder, entry->d_name);
        if (stat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            count_models(path, newest_library, models);
        else if (strncmp(entry->d_name, "bf_", 3) == 0) {
            models->count++;
            models->stale += info.st_mtime < newest_library ? 1 : 0;
        }
    }
    closedir(directory);
}

static time_t modified(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mtime : 0;
}

void bf_check_home(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "models");
    const char *by = NULL;
    const char *home = starpu_home(&by);
    const char *scheduler = bf_set_in_environment("STARPU_SCHED");
    const bool uses_models = scheduler && (strncmp(scheduler, "dm", 2) == 0 || strstr(scheduler, "heft"));
    char folder[PATH_MAX];
    char codelets[PATH_MAX + 32];
    snprintf(folder, sizeof folder, "%.4000s/.starpu/sampling", home);
    snprintf(codelets, sizeof codelets, "%s/codelets", folder);
    Dl_info info;
    time_t library = modified("/proc/self/exe");
    if (dladdr((void *)(uintptr_t)starpu_get_version, &info) != 0 && modified(info.dli_fname) > library)
        library = modified(info.dli_fname);
    models_t models = {0};
    count_models(codelets, library, &models);
    bf_find_text(finding, "folder", folder);
    bf_find_text(finding, "set_by", by);
    bf_find_integer(finding, "models", models.count);
    bf_find_integer(finding, "stale", models.stale);
    bf_find_say(finding, "%.300s (%s), %d models of bondflow's tasks", folder, by, models.count);
    if (!can_write(folder)) {
        bf_find_add(finding, "it cannot be written");
        bf_find_wrong(finding, BF_FAIL, 1.0, "export STARPU_HOME=/tmp/$USER%s",
                      strcmp(by, "XDG_CACHE_HOME") == 0 ? "; unset XDG_CACHE_HOME" : "");
    } else if (strcmp(by, "HOME") != 0 && strcmp(by, "STARPU_HOME") != 0 && strcmp(by, "XDG_CACHE_HOME") != 0) {
        bf_find_add(finding, "neither HOME nor STARPU_HOME is set");
        bf_find_wrong(finding, BF_WARN, 1.0, "export STARPU_HOME=/tmp/$USER");
    } else if (uses_models && models.count == 0) {
        bf_find_add(finding, "%s decides by them", scheduler);
        bf_find_wrong(finding, BF_WARN, 1.3, "STARPU_CALIBRATE=1 on a first run");
    } else if (uses_models && models.stale > 0) {
        bf_find_add(finding, "%d older than the program, and %s decides by them", models.stale, scheduler);
        bf_find_wrong(finding, BF_WARN, 1.2, "STARPU_CALIBRATE=2 on one run   (forgets the old ones)");
    }
}
