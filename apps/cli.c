/* What the command-line programs share. */
#include "apps/cli.h"

#include "runtime/seconds.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int bf_cli_exit_code(bf_status_t status)
{
    switch (status) {
    case BF_OK:
        return BF_EXIT_OK;
    case BF_ERR_ARG:
    case BF_ERR_INPUT:
        return BF_EXIT_INPUT;
    case BF_ERR_NOMEM:
    case BF_ERR_TOO_LARGE:
        return BF_EXIT_MEMORY;
    case BF_ERR_SVD:
    case BF_ERR_NAN:
    case BF_ERR_ZERO:
        return BF_EXIT_NUMERICS;
    default:
        return BF_EXIT_FAILURE;
    }
}

void bf_cli_print_error(void)
{
    bf_log(BF_LOG_ERROR, "%s", bf_error_message());
}

bf_status_t bf_cli_double(const char *option, const char *text, double low, double high, double *value)
{
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    if (end == text || *end || !isfinite(*value) || *value < low || *value > high)
        return bf_error_set(BF_ERR_INPUT, "%s %.40s: a number from %g to %g is needed", option, text, low, high);
    return BF_OK;
}

bf_status_t bf_cli_int(const char *option, const char *text, long long low, long long high, long long *value)
{
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    if (end == text || *end || errno || *value < low || *value > high)
        return bf_error_set(BF_ERR_INPUT, "%s %.40s: a whole number from %lld to %lld is needed", option, text, low, high);
    return BF_OK;
}

bf_status_t bf_cli_choice(const char *option, const char *text, const char *const *choices, int *index)
{
    char known[256] = "";
    for (*index = 0; choices[*index]; (*index)++) {
        if (strcmp(choices[*index], text) == 0)
            return BF_OK;
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", choices[*index]);
    }
    return bf_error_set(BF_ERR_INPUT, "%s %.40s: one of %s is needed", option, text, known);
}

bf_status_t bf_cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    const error_t code = argp_parse(argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT, NULL, input);
    if (bf_error_code() != BF_OK)
        return bf_error_code();
    return code == 0 ? BF_OK : bf_error_set(BF_ERR_INPUT, "the options could not be read: %s; see --help", strerror(code));
}

error_t bf_cli_reject(const struct argp_state *state)
{
    const int at = state->next - 1;
    bf_error_set(BF_ERR_INPUT, "%.60s: unknown option, or its value is missing; see --help",
                 at > 0 && at < state->argc ? state->argv[at] : "");
    return EINVAL;
}

bf_cli_progress_t bf_cli_progress(const bf_log_options_t *log)
{
    const bool terminal = isatty(STDERR_FILENO) != 0;
    const bool wanted = log->progress == 1 || (log->progress == 0 && terminal && log->level >= BF_LOG_INFO);
    const bool heard = wanted && !log->quiet;
    return (bf_cli_progress_t){.on = heard || (log->file && log->progress != 2),
                               .live = heard && terminal,
                               .plain = heard && !terminal,
                               .begin = bf_seconds(),
                               .printed = -1e9};
}

/* In a log, a line a minute; on a terminal as often as called. */
#define LOG_PERIOD_S 60.0

static void format_seconds(double seconds, char *text, size_t size)
{
    const long s = (long)(seconds + 0.5);
    if (s < 3600)
        snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
    else
        snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
}

void bf_cli_show_line(bf_cli_progress_t *progress, const char *text, double left_seconds, bool finished)
{
    if (!progress->on)
        return;
    char line[640];
    char eta[32] = "?";
    if (left_seconds >= 0.0)
        format_seconds(left_seconds, eta, sizeof eta);
    snprintf(line, sizeof line, "%s  ETA %s", text, eta);
    if (progress->live)
        bf_log_live(line);
    const double now = bf_seconds();
    if (!finished && now - progress->printed < LOG_PERIOD_S)
        return;
    progress->printed = now;
    bf_log_milestone(line, progress->plain);
}

void bf_cli_show_progress(void *arg, size_t done, size_t total, bf_dim_t max_bond, double sum_eps)
{
    bf_cli_progress_t *progress = arg;
    if (total == 0)
        return;
    char text[160];
    snprintf(text, sizeof text, "gates %zu/%zu (%.0f %%)  largest bond %lld  sum of eps %.2e", done, total,
             100.0 * (double)done / (double)total, (long long)max_bond, sum_eps);
    const double elapsed = bf_seconds() - progress->begin;
    bf_cli_show_line(progress, text, done > 0 ? elapsed * (double)(total - done) / (double)done : -1.0, done >= total);
}

void bf_cli_end_progress(const bf_cli_progress_t *progress)
{
    if (progress->live)
        bf_log_live(NULL);
}
