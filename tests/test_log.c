/* Who hears what of the log: every level at every threshold, on every rank, from several threads. */
#include "cunit_main.h"

#include "apps/log.h"
#include "runtime/session/session.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/bondflow-log.XXXXXX";
static char file_name[64];
static char stderr_name[64];

static int make_folder(void)
{
    if (!mkdtemp(folder))
        return 1;
    snprintf(file_name, sizeof file_name, "%s/run.log", folder);
    snprintf(stderr_name, sizeof stderr_name, "%s/stderr", folder);
    return 0;
}

static int remove_folder(void)
{
    unlink(file_name);
    unlink(stderr_name);
    return rmdir(folder);
}

static int real_stderr;

static void capture(void)
{
    unlink(file_name);
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    const int to = open(stderr_name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(to, STDERR_FILENO);
    close(to);
}

static void release(void)
{
    fflush(stderr);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
}

/* The text of a file, "" when there is none; static storage, one a name. */
static const char *text_of(const char *name)
{
    static char text[2][1 << 20];
    char *into = text[name == file_name];
    FILE *stream = fopen(name, "r");
    const size_t length = stream ? fread(into, 1, sizeof text[0] - 1, stream) : 0;
    into[length] = '\0';
    if (stream)
        fclose(stream);
    return into;
}

static size_t count(const char *text, const char *word)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
        found++;
    return found;
}

static const bf_log_level_t levels[] = {BF_LOG_ERROR, BF_LOG_WARNING, BF_LOG_NOTE, BF_LOG_INFO, BF_LOG_DEBUG};
enum { LEVELS = sizeof levels / sizeof *levels };

static void say_all(const bf_log_options_t *options, int rank)
{
    bf_session_t session = {.rank = rank, .size = 1}; /* agrees with itself */
    capture();
    CU_ASSERT_EQUAL(bf_log_open("tester", options, &session), BF_OK);
    for (int i = 0; i < LEVELS; i++)
        bf_log(levels[i], "spoken at %d", i);
    bf_log_close();
    release();
}

static void test_levels(void)
{
    for (int threshold = 0; threshold < LEVELS; threshold++)
        for (int quiet = 0; quiet < 2; quiet++)
            for (int rank = 0; rank < 2; rank++) {
                const bf_log_options_t options = {.level = levels[threshold], .quiet = quiet == 1, .file = file_name};
                say_all(&options, rank);
                for (int i = 0; i < LEVELS; i++) {
                    char line[32];
                    snprintf(line, sizeof line, "spoken at %d\n", i);
                    const bool spoken = i <= threshold && (rank == 0 || i == 0);
                    CU_ASSERT_EQUAL(count(text_of(stderr_name), line), spoken && (!quiet || i == 0));
                    CU_ASSERT_EQUAL(count(text_of(file_name), line), spoken);
                }
                CU_ASSERT_EQUAL(count(text_of(stderr_name), "rank 1: error: "), rank);
                CU_ASSERT_EQUAL(count(text_of(file_name), "rank 1: error: "), rank);
            }
}

static void test_forms(void)
{
    say_all(&(bf_log_options_t){.level = BF_LOG_NOTE}, 0);
    CU_ASSERT_STRING_EQUAL(text_of(stderr_name),
                           "tester: error: spoken at 0\ntester: warning: spoken at 1\ntester: note: spoken at 2\n");
    CU_ASSERT_STRING_EQUAL(text_of(file_name), "");

    capture();
    bf_log_options_t options = BF_LOG_DEFAULTS;
    CU_ASSERT_EQUAL(bf_log_open("tester", &options, NULL), BF_OK);
    bf_log(BF_LOG_WARNING, "%s", "first\nsecond\n");
    bf_log(BF_LOG_WARNING, "%s", "");
    bf_log(BF_LOG_INFO, "as it stands");
    bf_log_live("half done");
    bf_log(BF_LOG_INFO, "pushes it down");
    bf_log_live("done");
    bf_log_live(NULL);
    bf_log_live(NULL);
    bf_log_close();
    release();
    CU_ASSERT_STRING_EQUAL(text_of(stderr_name), "tester: warning: first\ntester: warning: second\nas it stands\n"
                                                 "\r\033[Khalf done\r\033[Kpushes it down\n\r\033[Kdone\n");
}

/* A line of any length stays one line. */
static void test_long_lines(void)
{
    static char text[20000];
    memset(text, 'x', sizeof text - 1);
    capture();
    bf_log_options_t options = BF_LOG_DEFAULTS;
    options.file = file_name;
    CU_ASSERT_EQUAL(bf_log_open("tester", &options, NULL), BF_OK);
    bf_log(BF_LOG_ERROR, "%s", text);
    bf_log(BF_LOG_ERROR, "next");
    bf_log_close();
    release();
    CU_ASSERT_EQUAL(count(text_of(stderr_name), "\n"), 2);
    CU_ASSERT_EQUAL(count(text_of(file_name), "\n"), 2);
    CU_ASSERT(strlen(text_of(stderr_name)) > 8000);
}

static void test_failures(void)
{
    char absent[80];
    snprintf(absent, sizeof absent, "%s/absent/run.log", folder);
    bf_log_options_t options = BF_LOG_DEFAULTS;
    options.file = absent;
    CU_ASSERT_EQUAL(bf_log_open("tester", &options, NULL), BF_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(bf_error_message(), absent));
    bf_error_clear();
    capture();
    bf_log(BF_LOG_ERROR, "still heard");
    release();
    CU_ASSERT_STRING_EQUAL(text_of(stderr_name), "tester: error: still heard\n");
}

enum { THREADS = 4, LINES = 500 };

static void *chatter(void *arg)
{
    for (int i = 0; i < LINES; i++)
        bf_log(BF_LOG_WARNING, "thread %d line %03d of a certain length", *(int *)arg, i);
    return NULL;
}

static void test_threads(void)
{
    capture();
    bf_log_options_t options = BF_LOG_DEFAULTS;
    options.file = file_name;
    CU_ASSERT_EQUAL(bf_log_open("tester", &options, NULL), BF_OK);
    pthread_t threads[THREADS];
    int names[THREADS];
    for (int t = 0; t < THREADS; t++) {
        names[t] = t;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[t], NULL, chatter, &names[t]), 0);
    }
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    bf_log_close();
    release();
    CU_ASSERT_EQUAL(count(text_of(stderr_name), "\n"), THREADS * LINES);
    CU_ASSERT_EQUAL(count(text_of(stderr_name), " of a certain length\ntester: warning: thread "), THREADS * LINES - 1);
    CU_ASSERT_EQUAL(count(text_of(file_name), " of a certain length\n20"), THREADS * LINES - 1);
}

int main(void)
{
    static const bf_test_t tests[] = {{"levels", test_levels},     {"forms", test_forms},     {"long lines", test_long_lines},
                                      {"failures", test_failures}, {"threads", test_threads}, {NULL, NULL}};
    return bf_cunit_main("log", make_folder, remove_folder, tests);
}
