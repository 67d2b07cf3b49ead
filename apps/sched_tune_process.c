/* One command at a time, bounded in time, with all its descendants. */
#define _GNU_SOURCE /* environ, gettid */
#include "apps/sched_tune_process.h"

#include "apps/cli.h"
#include "runtime/seconds.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long a command that was asked to end, and orphans that were killed, may take to be gone. mpirun needs its time to end its
 * ranks. */
#define GRACE_S 5.0

static bool interrupted;

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

void bf_process_guard(void)
{
    sigset_t set = ending_signals();
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool bf_process_interrupted(void)
{
    const sigset_t set = ending_signals();
    const struct timespec now = {0};
    if (!interrupted && sigtimedwait(&set, NULL, &now) > 0)
        interrupted = true;
    return interrupted;
}

/* Until a child ends, somebody wants us to end, or the time is over. */
static void wait_for_signal(double seconds)
{
    sigset_t set = ending_signals();
    sigaddset(&set, SIGCHLD);
    const struct timespec span = {.tv_sec = (time_t)seconds, .tv_nsec = (long)(1e9 * (seconds - (double)(time_t)seconds))};
    const int got = sigtimedwait(&set, NULL, &span);
    if (got > 0 && got != SIGCHLD)
        interrupted = true;
}

/* Wait for this child until a time or, if wanted, an interruption. */
static bool ended(pid_t pid, double until, bool heed, int *status)
{
    for (;;) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        const double left = until - bf_seconds();
        if (left <= 0.0 || (heed && interrupted))
            return false;
        wait_for_signal(left < 3600.0 ? left : 3600.0);
    }
}

/* A child of ours, whoever started it; 0 when there is none. */
static pid_t any_child(void)
{
    char name[64];
    int pid = 0;
    snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
    FILE *stream = fopen(name, "r");
    if (stream && fscanf(stream, "%d", &pid) != 1)
        pid = 0;
    if (stream)
        fclose(stream);
    return (pid_t)pid;
}

/* What the command has left behind is ours now. */
static void kill_orphans(void)
{
    const double until = bf_seconds() + GRACE_S;
    while (bf_seconds() < until) {
        const pid_t pid = any_child();
        if (pid == 0 && waitpid(-1, NULL, WNOHANG) <= 0)
            return;
        if (pid > 0) {
            kill(pid, SIGKILL);
            int status;
            (void)ended(pid, bf_seconds() + 0.1, false, &status);
        }
    }
}

static bool replaced(const char *variable, char *const *by)
{
    const size_t length = strcspn(variable, "=");
    for (; *by; by++)
        if (strcspn(*by, "=") == length && strncmp(*by, variable, length) == 0)
            return true;
    return false;
}

/* Our environment with some variables replaced; the strings stay where they are. */
static char **merged_environment(char *const *with)
{
    size_t count = 1;
    for (char **v = environ; *v; v++)
        count++;
    for (char *const *v = with; *v; v++)
        count++;
    char **all = calloc(count, sizeof *all);
    if (!all)
        return NULL;
    size_t used = 0;
    for (char **v = environ; *v; v++)
        if (!replaced(*v, with))
            all[used++] = *v;
    for (char *const *v = with; *v; v++)
        if (strchr(*v, '='))
            all[used++] = *v;
    return all;
}

/* Start it in a process group of its own and with no signal blocked. */
static int spawn(const bf_process_t *p, char **environment, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, p->out, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, p->err, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    const int code = posix_spawnp(pid, p->argv[0], &files, &attributes, p->argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

bf_status_t bf_process_run(const bf_process_t *p, bf_process_result_t *result)
{
    *result = (bf_process_result_t){.end = BF_PROCESS_INTERRUPTED};
    if (bf_process_interrupted())
        return BF_OK;
    char **environment = merged_environment(p->environment);
    if (!environment)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    pid_t pid = 0;
    const double begin = bf_seconds();
    const int code = spawn(p, environment, &pid);
    free(environment);
    if (code != 0)
        return bf_error_set(BF_ERR_INPUT, "%s cannot be started: %s", p->argv[0], strerror(code));

    int status = 0;
    bool over = ended(pid, begin + p->limit_s, true, &status);
    result->seconds = bf_seconds() - begin;
    if (over) {
        result->end = WIFEXITED(status) ? BF_PROCESS_EXITED : BF_PROCESS_KILLED;
        result->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    } else {
        result->end = interrupted ? BF_PROCESS_INTERRUPTED : BF_PROCESS_TIMED_OUT;
        kill(-pid, SIGTERM);
        over = ended(pid, bf_seconds() + GRACE_S, false, &status);
    }
    kill(-pid, SIGKILL); /* the rest of the group, if any is left */
    if (!over)
        waitpid(pid, &status, 0);
    kill_orphans();
    return BF_OK;
}
