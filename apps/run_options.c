/* The options of every program that runs a circuit. */
#include "apps/run_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_CUTOFF = 0x100,
    OPT_MAX_DIM,
    OPT_MIN_DIM,
    OPT_PRECISION,
    OPT_FACTOR,
    OPT_PASSES,
    OPT_ORDER,
    OPT_SITES,
    OPT_SET,
    OPT_SUMMARY,
    OPT_LEDGER,
    OPT_TRACE,
    OPT_SEED,
    OPT_TASKS,
    OPT_GRAIN,
    OPT_WINDOW,
    OPT_LATER
};

/* Groups from 10 on: a program's own options come before, or between with numbers in the gaps. */
static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "Accuracy:", 10},
    {"cutoff", OPT_CUTOFF, "W", 0, "discarded weight allowed per factorisation, relative to the total (1e-12)", 0},
    {"max-dim", OPT_MAX_DIM, "M", 0, "largest bond dimension (1024)", 0},
    {"min-dim", OPT_MIN_DIM, "M", 0, "bond dimension the cutoff does not go below (1)", 0},
    {"precision", OPT_PRECISION, "P", 0, "double, single or auto (double)", 0},
    {"factor", OPT_FACTOR, "METHOD", 0, "factorisation: auto or a method's name (auto)", 0},
    {0, 0, 0, 0, "Circuit:", 15},
    {"passes", OPT_PASSES, "LIST", 0,
     "what may be done to the circuit: all, none, names of fuse, commute, look-ahead, cone, span, or no-NAME for all but that "
     "(all)",
     0},
    {"order", OPT_ORDER, "HOW", 0,
     "where qubits start on the line: given, spectral, rcm, or auto, the cheapest of these; results stay in the order of qubits "
     "(given)",
     0},
    {0, 0, 0, 0, "Running:", 20},
    {"sites", OPT_SITES, "N", 0, "number of qubits, at least what the circuit uses", 0},
    {"set", OPT_SET, "NAME=VALUE", 0,
     "give an input of the circuit its value; NAME[K]=VALUE an element, NAME=V0,V1,... all elements of an array; may be repeated",
     0},
    {"summary", OPT_SUMMARY, "FILE", 0, "write what happened as JSON", 0},
    {"ledger", OPT_LEDGER, "FILE", 0, "write one CSV line per two-site update: bond, chi, discarded weight, method", 0},
    {"trace", OPT_TRACE, "FOLDER", 0, "record every task, gate and message, for trace_report; never changes a result", 0},
    {"seed", OPT_SEED, "N", 0, "seed of outcomes of measurements and of samples; recorded (0)", 0},
    {"tasks", OPT_TASKS, "WHEN", 0,
     "auto, or always: StarPU tasks even of a circuit that is done before StarPU has started (auto); never changes a result", 0},
    {"grain-us", OPT_GRAIN, "T", 0, "gates cheaper than this many microseconds share a task (200); never changes a result", 0},
    {"window", OPT_WINDOW, "N", 0, "unfinished tasks per worker at most (64); never changes a result", 0},
    {0, 0, 0, 0, "Not in this version:", 30},
    {"checkpoint", OPT_LATER, "DIR", 0, "save the run now and then", 0},
    {0}};

/* Name of the long option behind a key, for messages. */
static const char *option_name(const struct argp_state *state)
{
    static char name[64];
    const char *argument = state->argv[state->next - 1];
    for (int i = state->next - 1; i > 0 && strncmp(argument, "--", 2) != 0; i--)
        argument = state->argv[i - 1];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
    return name;
}

static bf_status_t take_accuracy(bf_run_options_t *o, int key, const char *arg)
{
    static const char *const precisions[] = {"double", "single", "auto", NULL};
    bf_cutoff_t *cut = &o->state.rule.cut;
    long long integer = 0;
    int index = 0;
    bf_status_t status = BF_OK;
    switch (key) {
    case OPT_CUTOFF:
        return bf_cli_double("--cutoff", arg, 0.0, 0.999, &cut->cutoff);
    case OPT_MAX_DIM:
        status = bf_cli_int("--max-dim", arg, 1, 1 << 20, &integer);
        cut->max_dim = integer;
        return status;
    case OPT_MIN_DIM:
        status = bf_cli_int("--min-dim", arg, 1, 1 << 20, &integer);
        cut->min_dim = integer;
        return status;
    case OPT_PRECISION:
        status = bf_cli_choice("--precision", arg, precisions, &index);
        o->state.precision = (bf_precision_t)index;
        return status;
    case OPT_FACTOR:
    default:
        if (!bf_method_parse(arg, &o->state.rule.method)) {
            char known[256] = "";
            for (int m = 0; m < BF_METHOD_COUNT; m++)
                snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", m ? ", " : "",
                         bf_method_name((bf_method_t)m));
            return bf_error_set(BF_ERR_INPUT, "--factor %.40s: one of %s is needed", arg, known);
        }
        return BF_OK;
    }
}

/* Words and commas. A list that begins with no-NAME takes away from all, any other adds to none. */
static bf_status_t take_passes(const char *list, unsigned *passes)
{
    static const struct {
        const char *name;
        unsigned bit;
    } known[] = {{"fuse", BF_PASS_FUSE},
                 {"commute", BF_PASS_COMMUTE},
                 {"look-ahead", BF_PASS_LOOK_AHEAD},
                 {"cone", BF_PASS_CONE},
                 {"span", BF_PASS_SPAN},
                 {"all", BF_PASS_ALL},
                 {"none", 0}};
    enum { KNOWN = sizeof known / sizeof known[0] };
    *passes = strncmp(list, "no-", 3) == 0 ? BF_PASS_ALL : 0;
    for (const char *word = list;; word++) {
        const size_t length = strcspn(word, ",");
        const bool off = length > 3 && strncmp(word, "no-", 3) == 0;
        const char *name = off ? word + 3 : word;
        const size_t name_length = off ? length - 3 : length;
        int i = 0;
        while (i < KNOWN && (strlen(known[i].name) != name_length || strncmp(known[i].name, name, name_length) != 0))
            i++;
        if (i == KNOWN)
            return bf_error_set(
                BF_ERR_INPUT,
                "--passes %.60s: '%.*s' is none of all, none, fuse, commute, look-ahead, cone, span, or no- and one of these",
                list, (int)(length < 40 ? length : 40), word);
        *passes = off ? *passes & ~known[i].bit : *passes | known[i].bit;
        word += length;
        if (!*word)
            return BF_OK;
    }
}

static bf_status_t take_order(const char *arg, bf_order_t *order)
{
    static const char *const orders[] = {"given", "spectral", "rcm", "auto", NULL};
    int index = 0;
    const bf_status_t status = bf_cli_choice("--order", arg, orders, &index);
    *order = (bf_order_t)index;
    return status;
}

static bf_status_t take_running(bf_run_options_t *o, int key, const char *arg)
{
    static const char *const tasks[] = {"auto", "always", NULL};
    long long integer = 0;
    int index = 0;
    bf_status_t status = BF_OK;
    switch (key) {
    case OPT_SEED:
        status = bf_cli_int("--seed", arg, 0, INT64_MAX, &o->seed);
        o->state.seed = (uint64_t)o->seed;
        return status;
    case OPT_TASKS:
        status = bf_cli_choice("--tasks", arg, tasks, &index);
        o->state.always_tasks = index == 1;
        return status;
    case OPT_GRAIN:
        return bf_cli_double("--grain-us", arg, 1e-3, 1e12, &o->state.grain_us);
    case OPT_WINDOW:
    default:
        status = bf_cli_int("--window", arg, 1, 1 << 20, &integer);
        o->state.window = (int)integer;
        return status;
    }
}

static bf_status_t take_set(bf_run_options_t *o, const char *arg)
{
    const char **sets = realloc(o->sets, (o->n_sets + 1) * sizeof *sets);
    if (!sets)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    o->sets = sets;
    o->sets[o->n_sets++] = arg;
    return BF_OK;
}

static bf_status_t take_circuit(bf_run_options_t *o, const char *arg)
{
    if (o->circuit)
        return bf_error_set(BF_ERR_INPUT, "%.60s: one circuit a run; %.60s was named already", arg, o->circuit);
    o->circuit = arg;
    return BF_OK;
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    bf_run_options_t *o = state->input;
    bf_status_t status = BF_OK;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = &o->log;
        state->child_inputs[1] = &o->words;
    } else if (key >= OPT_CUTOFF && key <= OPT_FACTOR)
        status = take_accuracy(o, key, arg);
    else if (key == OPT_PASSES)
        status = take_passes(arg, &o->state.passes.passes);
    else if (key == OPT_ORDER)
        status = take_order(arg, &o->state.passes.order);
    else if (key == OPT_SITES)
        status = bf_cli_int("--sites", arg, 1, 1 << 20, &o->sites);
    else if (key == OPT_SET)
        status = take_set(o, arg);
    else if (key == OPT_SUMMARY)
        o->summary = arg;
    else if (key == OPT_LEDGER)
        o->ledger = arg;
    else if (key == OPT_TRACE) {
        o->trace = arg;
        o->state.always_tasks = true; /* what is to be seen in a trace */
        status = *arg ? BF_OK : bf_error_set(BF_ERR_INPUT, "--trace: the name of a folder is needed");
    } else if (key >= OPT_SEED && key <= OPT_WINDOW)
        status = take_running(o, key, arg);
    else if (key == OPT_LATER)
        status = bf_error_set(BF_ERR_INPUT, "%s: not in this version", option_name(state));
    else if (key == ARGP_KEY_ARG)
        status = take_circuit(o, arg);
    else
        return key == ARGP_KEY_ERROR ? bf_cli_reject(state) : ARGP_ERR_UNKNOWN;
    return status == BF_OK ? 0 : EINVAL;
}

static const struct argp_child children[] = {{&bf_log_parser, 0, 0, 0}, {&bf_words_parser, 0, 0, 0}, {0}};

const struct argp bf_run_parser = {option_list, take, 0, 0, children, 0, 0};

bf_run_options_t bf_run_options_default(void)
{
    return (bf_run_options_t){.log = BF_LOG_DEFAULTS, .state = bf_state_options_default()};
}

void bf_run_options_clear(bf_run_options_t *options)
{
    free(options->sets);
    options->sets = NULL;
    options->n_sets = 0;
}

bf_status_t bf_run_check(const bf_run_options_t *o)
{
    const bf_cutoff_t *cut = &o->state.rule.cut;
    if (!o->circuit)
        return bf_error_set(BF_ERR_INPUT, "no circuit: name a file; see --help");
    if (cut->min_dim > cut->max_dim)
        return bf_error_set(BF_ERR_INPUT, "--min-dim %lld is above --max-dim %lld", (long long)cut->min_dim,
                            (long long)cut->max_dim);
    return BF_OK;
}
