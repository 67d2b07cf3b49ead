/* The options of sched_tune. */
#include "apps/sched_tune.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPT_SCHED = 0x100,
    OPT_WORKERS,
    OPT_RANKS,
    OPT_WINDOW,
    OPT_GRAIN,
    OPT_LAUNCHER,
    OPT_BUDGET,
    OPT_TIMEOUT,
    OPT_ROUNDS,
    OPT_TIME,
    OPT_CSV,
    OPT_JSON,
    OPT_PLOT
};

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "Settings to try, in all combinations; the first of each list is what the others are compared with:", 1},
    {"sched", OPT_SCHED, "LIST", 0, "schedulers, STARPU_SCHED (lws,prio,eager,dmda,dmdas)", 0},
    {"workers", OPT_WORKERS, "LIST", 0,
     "workers a rank, STARPU_NCPU; all: a rank's share of the cores (all, half of them, ..., 1)", 0},
    {"ranks", OPT_RANKS, "LIST", 0, "MPI ranks; 1 runs without launcher (1)", 0},
    {"window", OPT_WINDOW, "LIST", 0, "values for the command's --window", 0},
    {"grain-us", OPT_GRAIN, "LIST", 0, "values for the command's --grain-us", 0},
    {"launcher", OPT_LAUNCHER, "COMMAND", 0, "what starts several ranks, the number of ranks follows (mpirun ... -np)", 0},
    {0, 0, 0, 0, "How long:", 2},
    {"budget", OPT_BUDGET, "TIME", 0, "time for everything, as in 90s, 10m, 1h (5m); slow settings are dropped to keep it", 0},
    {"rounds", OPT_ROUNDS, "N", 0, "runs of each setting (as many as it takes to tell a difference, and two)", 0},
    {"timeout", OPT_TIMEOUT, "TIME", 0, "end a run after this time (20 times the first run, at least 20s)", 0},
    {"time", OPT_TIME, "WHICH", 0, "what to compare: total, of the whole command, or work, without its start (total)", 0},
    {0, 0, 0, 0, "Results, besides the table on standard output:", 3},
    {"csv", OPT_CSV, "FILE", 0, "one line a setting", 0},
    {"json", OPT_JSON, "FILE", 0, "everything, every run included", 0},
    {"plot", OPT_PLOT, "FILE.svg", 0, "a picture; needs gnuplot", 0},
    {0}};

/* 90, 90s, 1.5m, 2h: in seconds. */
static bf_status_t take_time(const char *option, const char *arg, double *seconds)
{
    char number[32];
    const size_t length = strlen(arg);
    const char unit = length > 0 ? arg[length - 1] : '\0';
    const double factor = unit == 'h' ? 3600.0 : unit == 'm' ? 60.0 : 1.0;
    const size_t digits = strchr("smh", unit) && unit ? length - 1 : length;
    if (digits == 0 || digits >= sizeof number)
        return bf_error_set(BF_ERR_INPUT, "%s %.40s: a time is needed, as in 90s, 10m or 1h", option, arg);
    memcpy(number, arg, digits);
    number[digits] = '\0';
    char *end;
    *seconds = strtod(number, &end) * factor;
    if (*end || !(*seconds > 0.0 && *seconds <= 1e7))
        return bf_error_set(BF_ERR_INPUT, "%s %.40s: a time is needed, as in 90s, 10m or 1h", option, arg);
    return BF_OK;
}

static bf_status_t take_running(bf_tune_options_t *o, int key, const char *arg)
{
    static const char *const times[] = {"total", "work", NULL};
    int which = 0;
    bf_status_t status = BF_OK;
    switch (key) {
    case OPT_LAUNCHER:
        o->launcher = arg;
        return BF_OK;
    case OPT_BUDGET:
        return take_time("--budget", arg, &o->budget_s);
    case OPT_TIMEOUT:
        return take_time("--timeout", arg, &o->limit_s);
    case OPT_ROUNDS:
        return bf_cli_int("--rounds", arg, 1, BF_TUNE_ROUNDS_MAX, &o->rounds);
    case OPT_TIME:
    default:
        status = bf_cli_choice("--time", arg, times, &which);
        o->work_time = which == 1;
        return status;
    }
}

static bf_status_t take_file(bf_tune_options_t *o, int key, const char *arg)
{
    const char *end = strrchr(arg, '.');
    switch (key) {
    case OPT_CSV:
        o->csv = arg;
        return BF_OK;
    case OPT_JSON:
        o->json = arg;
        return BF_OK;
    case OPT_PLOT:
    default:
        o->plot = arg;
        return end && strcmp(end, ".svg") == 0
                   ? BF_OK
                   : bf_error_set(BF_ERR_INPUT, "--plot %.60s: a name that ends in .svg is needed", arg);
    }
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    bf_tune_options_t *o = state->input;
    const char **lists[] = {&o->schedulers, &o->workers, &o->ranks, &o->windows, &o->grains};
    bf_status_t status = BF_OK;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = &o->log;
        state->child_inputs[1] = &o->words;
    } else if (key >= OPT_SCHED && key <= OPT_GRAIN)
        *lists[key - OPT_SCHED] = arg;
    else if (key >= OPT_LAUNCHER && key <= OPT_TIME)
        status = take_running(o, key, arg);
    else if (key >= OPT_CSV && key <= OPT_PLOT)
        status = take_file(o, key, arg);
    else if (key == ARGP_KEY_ARG) { /* the command, and all that follows */
        o->command = state->argv + state->next - 1;
        state->next = state->argc;
    } else
        return key == ARGP_KEY_ERROR ? bf_cli_reject(state) : ARGP_ERR_UNKNOWN;
    return status == BF_OK ? 0 : EINVAL;
}

static const struct argp_child children[] = {{&bf_log_parser, 0, 0, 0}, {&bf_words_parser, 0, 0, 0}, {0}};

const struct argp bf_tune_parser = {
    option_list,
    take,
    "-- COMMAND ARGUMENTS...",
    "Run a command of bondflow under several StarPU settings and say which is fastest, if any is.\v"
    "The command is run many times, in rounds of one run of each setting, with a result file of its own; its result has to be "
    "the "
    "same every time. A difference counts when it could not be noise (signed-rank test over the rounds, 5 % for all claims "
    "together).\n"
    "Exit codes: 0 done; 2 usage or bad input; 4 settings gave different results; 5 no run succeeded, or a file failed.",
    children,
    0,
    0};

/* What makes no sense when the command is run many times. */
static bf_status_t check_command(const bf_tune_options_t *o)
{
    static const char *const refused[] = {"--resume", "--checkpoint", "--trace"};
    if (!o->command)
        return bf_error_set(BF_ERR_INPUT, "no command: sched_tune [OPTIONS] -- circuit_xyz_exp OPTIONS CIRCUIT; see --help");
    for (char **word = o->command + 1; *word; word++) {
        if (strcmp(*word, "-") == 0)
            return bf_error_set(BF_ERR_INPUT,
                                "-: standard input can be read only once, and the command is run many times: name a file");
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
            if (strncmp(*word, refused[i], strlen(refused[i])) == 0)
                return bf_error_set(BF_ERR_INPUT, "%s: not in a command that is to be tuned", refused[i]);
    }
    return BF_OK;
}

bf_status_t bf_tune_parse(int argc, char **argv, bf_tune_options_t *o)
{
    *o = (bf_tune_options_t){.log = BF_LOG_DEFAULTS, .budget_s = 300.0};
    BF_TRY(bf_cli_parse(&bf_tune_parser, argc, argv, o));
    if (bf_words_wanted(&o->words))
        return BF_OK;
    return check_command(o);
}
