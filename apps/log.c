/* Levels, one speaking rank, a file with the time of every line. */
#define _GNU_SOURCE /* environ, program_invocation_short_name */
#include "apps/log.h"

#include "apps/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warning", "note", "info", "debug", NULL};

static struct {
    pthread_mutex_t lock;
    const char *program;
    const char *path;
    int file; /* descriptor, or -1 */
    bf_log_level_t terminal_level;
    bf_log_level_t file_level;
    int rank;
    bool live; /* the last line of the terminal is one that is rewritten */
} the = {.lock = PTHREAD_MUTEX_INITIALIZER, .file = -1, .terminal_level = BF_LOG_INFO, .file_level = BF_LOG_INFO};

enum { OPT_PROGRESS = 0x100, OPT_QUIET, OPT_LEVEL, OPT_FILE };

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "Messages:", 25},
    {"progress", OPT_PROGRESS, "WHEN", 0, "auto, on or off (auto: when stderr is a terminal)", 0},
    {"quiet", OPT_QUIET, 0, 0, "nothing on stderr but errors", 0},
    {"log-level", OPT_LEVEL, "LEVEL", 0, "how much to say: error, warning, note, info or debug (info)", 0},
    {"log-file", OPT_FILE, "FILE", 0, "add what is said to FILE, each line with its time; --quiet does not silence it", 0},
    {0}};

static error_t take(int key, char *arg, struct argp_state *state)
{
    static const char *const whens[] = {"auto", "on", "off", NULL};
    bf_log_options_t *o = state->input;
    bf_status_t status = BF_OK;
    int level = 0;
    switch (key) {
    case ARGP_KEY_INIT:
        o->argc = state->argc;
        o->argv = state->argv;
        return 0;
    case OPT_PROGRESS:
        status = bf_cli_choice("--progress", arg, whens, &o->progress);
        break;
    case OPT_QUIET:
        o->quiet = true;
        break;
    case OPT_LEVEL:
        status = bf_cli_choice("--log-level", arg, level_names, &level);
        o->level = (bf_log_level_t)level;
        break;
    case OPT_FILE:
        o->file = arg;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == BF_OK ? 0 : EINVAL;
}

const struct argp bf_log_parser = {option_list, take, 0, 0, 0, 0, 0};

/* Longest line; a message of the library has 4096 characters at most. */
enum { LINE_CHARS = 8192 };

static int write_all(int descriptor, const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(descriptor, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        text += written;
        size -= (size_t)written;
    }
    return 0;
}

/* One line in one write, so that those of several processes do not mix. */
static int write_text(int descriptor, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int write_text(int descriptor, const char *format, ...)
{
    char line[LINE_CHARS];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (length > (int)sizeof line - 1) { /* cut, but still a line */
        length = (int)sizeof line - 1;
        line[length - 1] = '\n';
    }
    return write_all(descriptor, line, (size_t)length);
}

static const char *program(void)
{
    return the.program ? the.program : program_invocation_short_name;
}

static void line_to_terminal(bf_log_level_t level, const char *rank, const char *text, int length)
{
    const char *erase = the.live ? "\r\033[K" : "";
    the.live = false;
    fflush(stderr);
    if (level == BF_LOG_INFO)
        write_text(STDERR_FILENO, "%s%.*s\n", erase, length, text);
    else
        write_text(STDERR_FILENO, "%s%s: %s%s: %.*s\n", erase, program(), rank, level_names[level], length, text);
}

static void open_file(void)
{
    if (the.file < 0 && the.path)
        the.file = open(the.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void line_to_file(bf_log_level_t level, const char *rank, const char *text, int length)
{
    struct timespec now;
    struct tm utc;
    char when[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
    if (write_text(the.file, "%s.%03ldZ %s: %s%s: %.*s\n", when, now.tv_nsec / 1000000, program(), rank, level_names[level],
                   length, text) == 0)
        return;
    /* A full disk must not end the work, and is not worth more than one line. */
    write_text(STDERR_FILENO, "%s: warning: --log-file %s: %s; it ends here\n", program(), the.path, strerror(errno));
    close(the.file);
    the.file = -1;
    the.path = NULL;
}

/* Say every line of the text where it is to be heard. */
static void say(bf_log_level_t level, const char *text, bool on_terminal, bool in_file)
{
    char rank[32] = "";
    if (the.rank > 0)
        snprintf(rank, sizeof rank, "rank %d: ", the.rank);
    pthread_mutex_lock(&the.lock);
    if (in_file)
        open_file();
    while (*text) {
        const int length = (int)strcspn(text, "\n");
        if (on_terminal)
            line_to_terminal(level, rank, text, length);
        if (in_file && the.file >= 0)
            line_to_file(level, rank, text, length);
        text += length + (text[length] == '\n');
    }
    pthread_mutex_unlock(&the.lock);
}

void bf_log(bf_log_level_t level, const char *format, ...)
{
    const bool on_terminal = level <= the.terminal_level;
    const bool in_file = level <= the.file_level;
    if ((!on_terminal && !in_file) || (the.rank > 0 && level != BF_LOG_ERROR))
        return;
    char text[LINE_CHARS];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say(level, text, on_terminal, in_file);
}

/* What has to be known to repeat a run: the command, and the variables that StarPU and BLAS look at. */
static void say_surroundings(const bf_log_options_t *o)
{
    static const char *const prefixes[] = {"STARPU_", "OPENBLAS_", "OMP_"};
    char command[LINE_CHARS] = "";
    size_t used = 0;
    for (int i = 0; i < o->argc && used < sizeof command; i++)
        used += (size_t)snprintf(command + used, sizeof command - used, "%s%s", i ? " " : "", o->argv[i]);
    bf_log(BF_LOG_DEBUG, "bondflow %s: %s", BONDFLOW_VERSION, command);
    for (char **variable = environ; *variable; variable++)
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
            if (strncmp(*variable, prefixes[i], strlen(prefixes[i])) == 0)
                bf_log(BF_LOG_DEBUG, "environment: %s", *variable);
}

bf_status_t bf_log_open(const char *name, const bf_log_options_t *o, bf_session_t *session)
{
    the.program = name;
    the.path = o->file;
    the.terminal_level = o->quiet ? BF_LOG_ERROR : o->level;
    the.file_level = o->file ? o->level : BF_LOG_ERROR;
    the.rank = session ? bf_session_rank(session) : 0;
    /* The other ranks open it when they have something to say. */
    bf_status_t status = BF_OK;
    if (the.rank == 0)
        open_file();
    if (the.rank == 0 && the.path && the.file < 0)
        status = bf_error_set(BF_ERR_IO, "--log-file %s: %s", the.path, strerror(errno));
    if (session)
        status = bf_session_agree(session, status);
    if (status == BF_OK)
        say_surroundings(o);
    else
        the.path = NULL;
    return status;
}

void bf_log_close(void)
{
    if (the.file >= 0)
        close(the.file);
    the.file = -1;
    the.path = NULL;
    the.rank = 0;
    the.terminal_level = the.file_level = BF_LOG_INFO;
}

void bf_log_session(const bf_session_t *session)
{
    bf_log(BF_LOG_INFO, "%s", bf_session_describe(session));
    bf_log(BF_LOG_WARNING, "%s", bf_session_warnings(session));
}

void bf_log_live(const char *text)
{
    pthread_mutex_lock(&the.lock);
    if (text)
        write_text(STDERR_FILENO, "\r\033[K%s", text);
    else if (the.live)
        write_text(STDERR_FILENO, "\n");
    the.live = text != NULL;
    pthread_mutex_unlock(&the.lock);
}

void bf_log_milestone(const char *text, bool everywhere)
{
    say(BF_LOG_INFO, text, everywhere, true);
}
