/* L5, concurrency: does StarPU start, and where do its workers really sit? Tried in a process of its own, which may abort or hang
 * without harm. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "runtime/doctor/checks.h"
#include "runtime/seconds.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Seconds the trial may take: StarPU measures the memory bus when it meets a machine first. */
#define PATIENCE_S 20.0

/* Set by launchers: the trial must start alone. */
static bool is_launchers(const char *entry)
{
    static const char *const prefixes[] = {"OMPI_", "PMI_", "PMIX_", "MPI_LOCALNRANKS", "PRTE_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(entry, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

static char **environment_alone(void)
{
    size_t n = 0;
    while (environ[n])
        n++;
    char **alone = calloc(n + 1, sizeof *alone);
    size_t kept = 0;
    for (size_t i = 0; alone && i < n; i++)
        if (!is_launchers(environ[i]))
            alone[kept++] = environ[i];
    return alone;
}

/* Read what the child says until it closes its end or patience runs out. @return false when it did */
static bool listen_to(int descriptor, char *text, size_t size)
{
    const double end = bf_seconds() + PATIENCE_S;
    size_t length = 0;
    for (;;) {
        const double left = end - bf_seconds();
        struct pollfd ready = {.fd = descriptor, .events = POLLIN};
        if (left <= 0.0 || (poll(&ready, 1, (int)(1e3 * left) + 1) == 0))
            return false;
        char piece[4096];
        const ssize_t got = read(descriptor, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        for (ssize_t i = 0; i < got && length + 1 < size; i++)
            text[length++] = piece[i];
        text[length] = '\0';
    }
}

/* What came of a trial. */
typedef struct trial {
    bool started;       /**< the child could be started at all */
    bool in_time;       /**< it ended by itself */
    int wait_status;    /**< of waitpid() */
    double seconds;     /**< it took */
    char said[1 << 16]; /**< on stdout and stderr */
} trial_t;

static void try_start(const bf_patient_t *patient, trial_t *trial)
{
    char place[64];
    snprintf(place, sizeof place, BF_DOCTOR_TRIAL "%d/%d/%d", patient->place.rank, patient->place.size, patient->place.apart);
    char program[] = "/proc/self/exe";
    char *const arguments[] = {program, place, NULL};
    char **alone = environment_alone();
    int ends[2];
    if (!alone || pipe(ends) != 0) {
        free(alone);
        return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    pid_t child = 0;
    const double begin = bf_seconds();
    trial->started = posix_spawn(&child, program, &actions, NULL, arguments, alone) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (trial->started) {
        trial->in_time = listen_to(ends[0], trial->said, sizeof trial->said);
        if (!trial->in_time)
            kill(child, SIGKILL);
        while (waitpid(child, &trial->wait_status, 0) < 0 && errno == EINTR) {
        }
        trial->seconds = bf_seconds() - begin;
    }
    close(ends[0]);
    free(alone);
}

/* The last line the child said that is not one of its report: a library's last words. */
static void last_words(char *text, char *line, size_t size)
{
    line[0] = '\0';
    char *rest = NULL;
    for (char *next = strtok_r(text, "\n", &rest); next; next = strtok_r(NULL, "\n", &rest))
        if (*next && strncmp(next, "worker ", 7) != 0)
            snprintf(line, size, "%.200s", next);
}

/* Workers the child reports, and those of them that must share a core with another: bound to the same core, or to its hardware
 * threads. */
static void count_workers(const bf_patient_t *patient, const char *text, int *workers, int *sharing)
{
    *workers = *sharing = 0;
    hwloc_bitmap_t cpus = hwloc_bitmap_alloc();
    hwloc_bitmap_t taken = hwloc_bitmap_alloc();
    for (const char *line = strstr(text, "worker "); line; line = strstr(line + 1, "worker ")) {
        char list[1024];
        if (sscanf(line, "worker %*d on %1000[0-9,-]", list) != 1)
            continue;
        (*workers)++;
        hwloc_bitmap_list_sscanf(cpus, list);
        hwloc_obj_t core = hwloc_get_next_obj_covering_cpuset_by_type(patient->topology, cpus, HWLOC_OBJ_CORE, NULL);
        if (!core || !hwloc_bitmap_isincluded(cpus, core->cpuset))
            continue; /* free to move among several cores */
        *sharing += hwloc_bitmap_intersects(taken, core->cpuset) ? 1 : 0;
        hwloc_bitmap_or(taken, taken, core->cpuset);
    }
    hwloc_bitmap_free(cpus);
    hwloc_bitmap_free(taken);
}

void bf_check_start(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 5, "start");
    if (patient->placed != BF_OK || !patient->scheduler_known || !patient->topology) {
        bf_find_say(finding, "not tried, because of the failures above");
        return;
    }
    trial_t *trial = calloc(1, sizeof *trial);
    if (trial)
        try_start(patient, trial);
    if (!trial || !trial->started) {
        bf_find_say(finding, "not tried: no further process can be started here");
        free(trial);
        return;
    }
    int workers = 0;
    int sharing = 0;
    count_workers(patient, trial->said, &workers, &sharing);
    bf_find_real(finding, "seconds", trial->seconds);
    bf_find_integer(finding, "workers", workers);
    bf_find_integer(finding, "sharing_a_core", sharing);
    const bool good = trial->in_time && WIFEXITED(trial->wait_status) && WEXITSTATUS(trial->wait_status) == 0 && workers > 0;
    char words[256];
    last_words(trial->said, words, sizeof words);
    if (!trial->in_time) {
        bf_find_say(finding, "StarPU did not start within %.0f s", PATIENCE_S);
        bf_find_wrong(finding, BF_FAIL, 1.0,
                      "export STARPU_HOME=/tmp/$USER   (a folder that is not on a network), and unset other "
                      "STARPU_ variables");
    } else if (!good) {
        bf_find_say(finding, "StarPU does not start: %s", words[0] ? words : "it ended without a word");
        bf_find_wrong(finding, BF_FAIL, 1.0, "unset ${!STARPU_*}   (in bash), then set one after the other again");
    } else {
        bf_find_say(finding, "StarPU starts in %.2f s with %d worker%s", trial->seconds, workers, workers == 1 ? "" : "s");
        if (sharing > 0) {
            bf_find_add(finding, "%d of them share a core with another", sharing);
            bf_find_wrong(finding, BF_FAIL, 2.0, "unset STARPU_WORKERS_CPUID STARPU_WORKERS_COREID");
        }
    }
    free(trial);
}

/* Of the thread that asks: "0-3,8". */
static void own_cpus(char *list, size_t size)
{
    cpu_set_t set;
    size_t length = 0;
    list[0] = '\0';
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET((size_t)cpu, &set) && length + 8 < size)
            length += (size_t)snprintf(list + length, size - length, "%s%d", length ? "," : "", cpu);
}

static void tell_place(void *stream)
{
    char list[CPU_SETSIZE * 5];
    own_cpus(list, sizeof list);
    flockfile(stream);
    fprintf(stream, "worker %d on %s\n", starpu_worker_get_id(), list);
    funlockfile(stream);
}

bf_status_t bf_doctor_trial(const char *place, FILE *stream)
{
    bf_place_t here = {0};
    int apart = 0;
    if (sscanf(place, "%d/%d/%d", &here.rank, &here.size, &apart) != 3 || here.rank < 0 || here.rank >= here.size)
        return bf_error_set(BF_ERR_ARG, "trial of place '%s': rank/size/apart is needed", place);
    here.apart = apart != 0;
    bf_session_t *session = NULL;
    BF_TRY(bf_session_create(NULL, NULL, &session));
    bf_status_t status = bf_session_start(session);
    if (status == BF_OK)
        status = bf_placement_find(&here, false, &session->placement); /* as if the neighbours were here */
    if (status == BF_OK)
        status = bf_session_engage(session);
    if (status == BF_OK)
        starpu_execute_on_each_worker(tell_place, stream, STARPU_CPU);
    fflush(stream);
    bf_session_destroy(session);
    return status;
}
