/* Results of many rows: the same bytes after processes were killed; full disks, and directories that do not let us. */
#define _GNU_SOURCE /* unshare */
#include "cunit_main.h"
#include "features_testing.h"
#include "io_testing.h"
#include "runtime/io/table.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- killed processes ---- */

enum { PROCESSES = 3 };

/* One of the processes: every PROCESSES-th range that is not done. It dies before it has written more than @p limit of them: on a
 * fast machine the parent's signal would come too late. */
static void work(const char *path, bf_format_t format, const bf_job_t *job, int process, int64_t limit)
{
    bf_features_t *features = NULL;
    if (bf_features_attach(path, format, job, &features) != BF_OK)
        _exit(1);
    for (int64_t first = process * FEATURES_RANGE; first < job->rows; first += PROCESSES * FEATURES_RANGE) {
        if (bf_features_done(features, first))
            continue;
        if (limit-- == 0)
            raise(SIGKILL);
        if (features_write(features, job, first, FEATURES_RANGE) != BF_OK)
            _exit(1);
    }
    bf_features_close(features);
    _exit(0);
}

/* Run all processes; kill those of the mask after a while. @return how many ended by themselves and well */
static int run_processes(const char *path, bf_format_t format, const bf_job_t *job, unsigned victims, long delay_us)
{
    pid_t pids[PROCESSES];
    fflush(NULL);
    for (int p = 0; p < PROCESSES; p++) {
        pids[p] = fork();
        if (pids[p] == 0)
            work(path, format, job, p, victims >> p & 1U ? delay_us / 10000 : INT64_MAX);
    }
    const struct timespec delay = {.tv_nsec = delay_us * 1000};
    if (victims)
        nanosleep(&delay, NULL);
    int good = 0;
    for (int p = 0; p < PROCESSES; p++)
        if (victims >> p & 1U)
            kill(pids[p], SIGKILL);
    for (int p = 0; p < PROCESSES; p++) {
        int status = 0;
        waitpid(pids[p], &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    return good;
}

static void killed_processes(void)
{
    uint64_t draw = 1000;
    int unfinished = 0;
    for (int round = 0; round < 8; round++) {
        const bf_format_t format = round % 2 ? BF_FORMAT_HDF5 : BF_FORMAT_NPY;
        bf_job_t job = features_job(round / 2 % 2);
        job.rows = 2 * FEATURES_ROWS;
        const char *whole = features_path("killed-whole", format);
        features_write_all(whole, format, &job);
        const char *path = features_path("killed", format);
        features_create(path, format, &job, false);
        bool complete = false;
        for (int attempt = 0; !complete && attempt < 5; attempt++) {
            const unsigned victims = attempt % 3 == 2 ? 7U : 1U << attempt % 3;
            const long delay = (long)(15000.0 * (1.0 + io_number(draw++)));
            complete = run_processes(path, format, &job, attempt < 3 ? victims : 0, delay) == PROCESSES;
            features_create(path, format, &job, true);
            bf_features_t *features = features_attach(path, format, &job);
            for (int64_t r = 0; r < job.rows; r++)
                unfinished += attempt == 0 && !bf_features_done(features, r);
            bf_features_close(features);
        }
        CU_ASSERT_TRUE(complete);
        features_write_rest(path, format, &job);
        features_finish(path, format, &job);
        CU_ASSERT(features_same(path, whole));
        features_check(path, format, &job);
    }
    CU_ASSERT(unfinished > 0); /* some were killed in the middle */
}

/* A whole job in one process: new or resumed, to the end. */
static void whole_job(const char *path, bf_format_t format, const bf_job_t *job)
{
    bf_features_t *features = NULL;
    if (bf_features_create(path, format, job, io_exists(features_beside(path, ".progress"))) != BF_OK ||
        bf_features_attach(path, format, job, &features) != BF_OK)
        _exit(1);
    for (int64_t first = 0; first < job->rows; first += FEATURES_RANGE)
        if (!bf_features_done(features, first) && features_write(features, job, first, FEATURES_RANGE) != BF_OK)
            _exit(1);
    bf_features_close(features);
    _exit(bf_features_finish(path, format, job) == BF_OK ? 0 : 1);
}

/* Killed anywhere, also while creating and finishing: at every moment the file is the earlier result or the whole new one. */
static void killed_anywhere(void)
{
    uint64_t draw = 5000;
    int kills = 0;
    for (int round = 0; round < 8; round++) {
        const bf_format_t format = (bf_format_t)(round % 4);
        const bf_job_t job = features_job(round / 4);
        const char *whole = features_path("anywhere-whole", format);
        features_write_all(whole, format, &job);
        const char *path = features_path("anywhere", format);
        FILE *old = fopen(path, "w");
        fputs("precious", old);
        fclose(old);
        bool complete = false;
        for (int attempt = 0; !complete && attempt < 30; attempt++) {
            fflush(NULL);
            const pid_t pid = fork();
            if (pid == 0)
                whole_job(path, format, &job);
            const struct timespec delay = {.tv_nsec = (long)(1e6 * (attempt + 1) * (1.0 + io_number(draw++)))};
            nanosleep(&delay, NULL);
            if (attempt < 20)
                kill(pid, SIGKILL);
            int status = 0;
            waitpid(pid, &status, 0);
            kills += WIFSIGNALED(status);
            CU_ASSERT(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
            char *text = io_slurp(path, NULL);
            const bool still = text && strcmp(text, "precious") == 0;
            free(text);
            CU_ASSERT(still || features_same(path, whole));
            complete = !still && !io_exists(features_beside(path, ".progress"));
        }
        CU_ASSERT_TRUE(complete);
        CU_ASSERT(features_same(path, whole));
    }
    CU_ASSERT(kills > 0);
}

/* ---- disks and directories that do not let us ---- */

#define CHILD_CHECK(condition)                                                                                                   \
    do {                                                                                                                         \
        if (!(condition)) {                                                                                                      \
            printf("\n  %s:%d: %s: %s\n", __FILE__, __LINE__, #condition, bf_error_message());                                   \
            return 1;                                                                                                            \
        }                                                                                                                        \
    } while (0)

/* Run in a process of its own, which may lose its rights. @return what it returned */
static int in_child(int (*run)(const char *directory), const char *directory)
{
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        bf_error_clear();
        const int code = run(directory);
        fflush(NULL);
        _exit(code);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

/* The job does not fit: said at the start, nothing left over, the earlier result untouched. */
static int does_not_fit(const char *directory, bf_format_t format, int64_t rows, const char *reason)
{
    char path[600];
    snprintf(path, sizeof path, "%s/large.%s", directory, features_ends[format]);
    FILE *old = fopen(path, "w");
    CHILD_CHECK(old && fputs("precious", old) >= 0 && fclose(old) == 0);
    bf_job_t job = features_job(true);
    job.rows = rows;
    bf_error_clear();
    CHILD_CHECK(bf_features_create(path, format, &job, false) == BF_ERR_IO);
    CHILD_CHECK(io_error_says(reason));
    CHILD_CHECK(!io_exists(features_beside(path, ".partial")) && !io_exists(features_beside(path, ".progress")) &&
                !io_exists(features_beside(path, ".progress.new")));
    char *text = io_slurp(path, NULL);
    CHILD_CHECK(text && strcmp(text, "precious") == 0);
    free(text);
    return 0;
}

/* The numbers fit, their text does not: the rows are kept, and finishing works once there is room. */
static int text_does_not_fit(const char *directory, void (*make_room)(void))
{
    char path[600];
    snprintf(path, sizeof path, "%s/text.csv", directory);
    bf_job_t job = features_job(false);
    job.rows = 10 * FEATURES_ROWS; /* 120 kB of numbers, 300 kB of text */
    bf_error_clear();
    CHILD_CHECK(bf_features_create(path, BF_FORMAT_CSV, &job, false) == BF_OK);
    bf_features_t *features = NULL;
    CHILD_CHECK(bf_features_attach(path, BF_FORMAT_CSV, &job, &features) == BF_OK);
    CHILD_CHECK(features_write(features, &job, 0, job.rows) == BF_OK);
    bf_features_close(features);
    CHILD_CHECK(bf_features_finish(path, BF_FORMAT_CSV, &job) == BF_ERR_IO);
    CHILD_CHECK(io_error_says("text.csv: writing failed"));
    CHILD_CHECK(!io_exists(path) && io_exists(features_beside(path, ".partial")) &&
                io_exists(features_beside(path, ".progress")));
    make_room();
    bf_error_clear();
    CHILD_CHECK(bf_features_create(path, BF_FORMAT_CSV, &job, true) == BF_OK);
    CHILD_CHECK(bf_features_finish(path, BF_FORMAT_CSV, &job) == BF_OK);
    CHILD_CHECK(!io_exists(features_beside(path, ".partial")) && !io_exists(features_beside(path, ".progress")));
    bf_table_t *table = NULL;
    CHILD_CHECK(bf_table_open(path, &table) == BF_OK && bf_table_rows(table) == job.rows);
    bf_table_close(table);
    return 0;
}

static void raise_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int file_size_limit(const char *directory)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 200000;
    CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (int f = 0; f < 4; f++)
        CHILD_CHECK(
            does_not_fit(directory, (bf_format_t)f, 100 * FEATURES_ROWS, "File too large|.partial: cannot reserve the 1") == 0);
    return text_does_not_fit(directory, raise_limit);
}

static void remove_filler(void)
{
    unlink("filler");
}

#define NOT_PERMITTED 77

/* A file system of 1 MiB that only this process sees. */
static int full_disk(const char *directory)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("none", directory, "tmpfs", 0, "size=1m") != 0)
        return NOT_PERMITTED;
    for (int f = 0; f < 4; f++)
        CHILD_CHECK(does_not_fit(directory, (bf_format_t)f, 100 * FEATURES_ROWS,
                                 "No space left on device|.partial: cannot reserve the 1") == 0);
    char *block = calloc(1, 700000);
    CHILD_CHECK(block && chdir(directory) == 0);
    FILE *filler = fopen("filler", "w");
    CHILD_CHECK(filler && fwrite(block, 1, 700000, filler) == 700000 && fclose(filler) == 0);
    free(block);
    return text_does_not_fit(directory, remove_filler);
}

static void full_disks(void)
{
    mkdir(io_path("limited"), 0700);
    CU_ASSERT_EQUAL(in_child(file_size_limit, io_path("limited")), 0);
    mkdir(io_path("small"), 0700);
    const int code = in_child(full_disk, io_path("small"));
    if (code == NOT_PERMITTED)
        printf("(no right to mount a small file system; the limit of file sizes stands for it) ");
    CU_ASSERT(code == 0 || code == NOT_PERMITTED);
}

static int unwritable(const char *directory)
{
    if (geteuid() == 0)
        CHILD_CHECK(setgid(65534) == 0 && setuid(65534) == 0);
    const bf_job_t job = features_job(false);
    for (int f = 0; f < 4; f++) {
        char path[600];
        snprintf(path, sizeof path, "%s/result.%s", directory, features_ends[f]);
        bf_error_clear();
        CHILD_CHECK(bf_features_create(path, (bf_format_t)f, &job, false) == BF_ERR_IO);
        CHILD_CHECK(io_error_says(".partial: cannot be written: Permission denied"));
    }
    return 0;
}

static void bad_targets(void)
{
    const bf_job_t job = features_job(false);
    chmod(io_path("."), 0755);
    mkdir(io_path("closed"), 0555);
    CU_ASSERT_EQUAL(in_child(unwritable, io_path("closed")), 0);
    features_refuse(io_path("nowhere/x.npy"), BF_FORMAT_NPY, &job, false, BF_ERR_IO,
                    "nowhere/x.npy.partial: cannot be written: No such file");
    features_refuse(io_path("nowhere/x.h5"), BF_FORMAT_HDF5, &job, false, BF_ERR_IO,
                    "nowhere/x.h5.partial: cannot be written: No such file");
    features_refuse(io_path("."), BF_FORMAT_NPY, &job, false, BF_ERR_INPUT, "not a regular file");
    features_refuse("/dev/null", BF_FORMAT_CSV, &job, false, BF_ERR_INPUT, "not a regular file");
    features_refuse("-", BF_FORMAT_CSV, &job, false, BF_ERR_INPUT, "--out FILE");
    features_refuse(NULL, BF_FORMAT_CSV, &job, false, BF_ERR_INPUT, "--out FILE");
    bf_job_t huge = job;
    huge.rows = INT64_MAX / 16;
    for (int f = 0; f < 4; f++)
        features_refuse(features_path("huge", (bf_format_t)f), (bf_format_t)f, &huge, false, BF_ERR_TOO_LARGE,
                        "larger than any file");
}

int main(void)
{
    const bf_test_t tests[] = {{"killed processes", killed_processes},
                               {"killed anywhere", killed_anywhere},
                               {"full disks", full_disks},
                               {"bad targets", bad_targets},
                               {NULL, NULL}};
    return bf_cunit_main("features_faults", io_open, io_close, tests);
}
