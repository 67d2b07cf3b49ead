/* The options of circuit_xyz_exp. */
#include "apps/xyz_options.h"

#include <stdio.h>
#include <string.h>

enum {
    OPT_CUTOFF = 0x100,
    OPT_MAX_DIM,
    OPT_MIN_DIM,
    OPT_PRECISION,
    OPT_FACTOR,
    OPT_OPERATORS,
    OPT_OBSERVABLES,
    OPT_SITES,
    OPT_OUT,
    OPT_SUMMARY,
    OPT_LEDGER,
    OPT_PARAMS,
    OPT_CLASSICAL,
    OPT_BAD_ROWS,
    OPT_RESUME,
    OPT_HEAVY,
    OPT_PROGRESS,
    OPT_QUIET,
    OPT_SEED,
    OPT_GRAIN,
    OPT_WINDOW,
    OPT_LATER
};

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "Accuracy:", 1},
    {"cutoff", OPT_CUTOFF, "W", 0, "discarded weight allowed per factorisation, relative to the total (1e-12)", 0},
    {"max-dim", OPT_MAX_DIM, "M", 0, "largest bond dimension (1024)", 0},
    {"min-dim", OPT_MIN_DIM, "M", 0, "bond dimension the cutoff does not go below (1)", 0},
    {"precision", OPT_PRECISION, "P", 0, "double, single or auto (double)", 0},
    {"factor", OPT_FACTOR, "METHOD", 0, "factorisation: auto or a method's name (auto)", 0},
    {0, 0, 0, 0, "Results:", 2},
    {"operators", OPT_OPERATORS, "O", 0, "pauli, or spin for halves (pauli)", 0},
    {"observables", OPT_OBSERVABLES, "LIST", 0,
     "what to measure, all from one evolution: xyz, xx:K, yy:K, zz:K, xyzpair:K (distance K or a range 1-4), entropy, bonddim, "
     "logbond, "
     "purity (xyz)",
     0},
    {"sites", OPT_SITES, "N", 0, "number of qubits, at least what the circuit uses", 0},
    {"out", OPT_OUT, "FILE", 0, "result file: .csv, .npy, .h5 or .json (CSV on standard output)", 0},
    {"summary", OPT_SUMMARY, "FILE", 0, "write what happened as JSON", 0},
    {"ledger", OPT_LEDGER, "FILE", 0, "write one CSV line per two-site update: bond, chi, discarded weight, method", 0},
    {0, 0, 0, 0, "Many rows:", 6},
    {"params", OPT_PARAMS, "FILE", 0,
     "one circuit per row: .csv, .csv.gz, .npy or file.h5:/dataset; columns go to the circuit's inputs by name, else in order",
     0},
    {"classical", OPT_CLASSICAL, 0, 0, "put the input columns before the features", 0},
    {"bad-rows", OPT_BAD_ROWS, "POLICY", 0, "fail, or skip: NaN features and a status column (fail)", 0},
    {"resume", OPT_RESUME, 0, 0, "go on with an interrupted job of many rows", 0},
    {"heavy-bond", OPT_HEAVY, "M", 0, "rows with larger bonds are spread over all workers (64); never changes a result", 0},
    {0, 0, 0, 0, "Running:", 7},
    {"progress", OPT_PROGRESS, "WHEN", 0, "auto, on or off (auto: when stderr is a terminal)", 0},
    {"quiet", OPT_QUIET, 0, 0, "nothing on stderr but errors", 0},
    {"seed", OPT_SEED, "N", 0, "seed of random choices; recorded (a deterministic circuit makes none)", 0},
    {"grain-us", OPT_GRAIN, "T", 0, "gates cheaper than this many microseconds share a task (200); never changes a result", 0},
    {"window", OPT_WINDOW, "N", 0, "unfinished tasks per worker at most (64); never changes a result", 0},
    {0, 0, 0, 0, "Not in this version:", 8},
    {"trace", OPT_LATER, "FILE", 0, "record a trace", 0},
    {"checkpoint", OPT_LATER, "DIR", 0, "save the run now and then", 0},
    {0, 0, 0, 0, 0, 9},
    {"help", 'h', 0, 0, "this text", 0},
    {"usage", 'u', 0, 0, "a short reminder", 0},
    {"version", 'V', 0, 0, "the version", 0},
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

static bf_status_t take_accuracy(bf_xyz_options_t *o, int key, const char *arg)
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

static bf_status_t take_running(bf_xyz_options_t *o, int key, const char *arg)
{
    static const char *const whens[] = {"auto", "on", "off", NULL};
    long long integer = 0;
    bf_status_t status = BF_OK;
    switch (key) {
    case OPT_PROGRESS:
        return bf_cli_choice("--progress", arg, whens, &o->progress);
    case OPT_SEED:
        return bf_cli_int("--seed", arg, 0, INT64_MAX, &o->seed);
    case OPT_GRAIN:
        return bf_cli_double("--grain-us", arg, 1e-3, 1e12, &o->state.grain_us);
    case OPT_WINDOW:
    default:
        status = bf_cli_int("--window", arg, 1, 1 << 20, &integer);
        o->state.window = (int)integer;
        return status;
    }
}

static bf_status_t take_result(bf_xyz_options_t *o, int key, const char *arg)
{
    static const char *const operators[] = {"pauli", "spin", NULL};
    switch (key) {
    case OPT_OPERATORS:
        return bf_cli_choice("--operators", arg, operators, &o->operators);
    case OPT_OBSERVABLES:
        o->observables = arg;
        return BF_OK;
    case OPT_SITES:
        return bf_cli_int("--sites", arg, 1, 1 << 20, &o->sites);
    case OPT_OUT:
        o->out = arg;
        return bf_format_of(arg, &o->format);
    case OPT_SUMMARY:
        o->summary = arg;
        return BF_OK;
    case OPT_LEDGER:
    default:
        o->ledger = arg;
        return BF_OK;
    }
}

static bf_status_t take_rows(bf_xyz_options_t *o, int key, const char *arg)
{
    static const char *const policies[] = {"fail", "skip", NULL};
    long long integer = 0;
    int index = 0;
    bf_status_t status = BF_OK;
    switch (key) {
    case OPT_PARAMS:
        o->params = arg;
        return BF_OK;
    case OPT_CLASSICAL:
        o->classical = true;
        return BF_OK;
    case OPT_BAD_ROWS:
        status = bf_cli_choice("--bad-rows", arg, policies, &index);
        o->bad_rows = (bf_bad_rows_t)index;
        return status;
    case OPT_HEAVY:
        status = bf_cli_int("--heavy-bond", arg, 1, 1 << 20, &integer);
        o->heavy_bond = integer;
        return status;
    case OPT_RESUME:
    default:
        o->resume = true;
        return BF_OK;
    }
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    bf_xyz_options_t *o = state->input;
    bf_status_t status = BF_OK;
    if (key >= OPT_CUTOFF && key <= OPT_FACTOR)
        status = take_accuracy(o, key, arg);
    else if (key >= OPT_OPERATORS && key <= OPT_LEDGER)
        status = take_result(o, key, arg);
    else if (key >= OPT_PARAMS && key <= OPT_HEAVY)
        status = take_rows(o, key, arg);
    else if (key == OPT_QUIET)
        o->quiet = true;
    else if (key >= OPT_PROGRESS && key <= OPT_WINDOW)
        status = take_running(o, key, arg);
    else if (key == OPT_LATER)
        status = bf_error_set(BF_ERR_INPUT, "%s: not in this version", option_name(state));
    else if (key == 'h')
        o->help = true;
    else if (key == 'u')
        o->usage = true;
    else if (key == 'V')
        o->version = true;
    else if (key == ARGP_KEY_ARG) {
        if (o->circuit)
            status = bf_error_set(BF_ERR_INPUT, "%.60s: one circuit a run; %.60s was named already", arg, o->circuit);
        o->circuit = arg;
    } else
        return key == ARGP_KEY_ERROR ? bf_cli_reject(state) : ARGP_ERR_UNKNOWN;
    return status == BF_OK ? 0 : EINVAL;
}

const struct argp bf_xyz_parser = {
    option_list,
    take,
    "CIRCUIT",
    "<X>, <Y>, <Z> on every qubit of a circuit, from a matrix product state.\v"
    "CIRCUIT is OpenQASM (an OPENQASM line) or a gate list *.gates; - reads standard input. Run it under mpirun to use "
    "several ranks. STARPU_SCHED chooses the scheduler, STARPU_NCPU the workers.\n"
    "Exit codes: 0 done; 2 usage or bad input; 3 not enough memory; 4 numerical failure; 5 a rank or file failed.",
    0,
    0,
    0};

bf_status_t bf_xyz_parse(int argc, char **argv, bf_xyz_options_t *o)
{
    *o = (bf_xyz_options_t){.state = bf_state_options_default(), .observables = "xyz", .heavy_bond = 64};
    BF_TRY(bf_cli_parse(&bf_xyz_parser, argc, argv, o));
    if (o->help || o->usage || o->version)
        return BF_OK;
    if (!o->circuit)
        return bf_error_set(BF_ERR_INPUT, "no circuit: name a file; see --help");
    if (o->state.rule.cut.min_dim > o->state.rule.cut.max_dim)
        return bf_error_set(BF_ERR_INPUT, "--min-dim %lld is above --max-dim %lld", (long long)o->state.rule.cut.min_dim,
                            (long long)o->state.rule.cut.max_dim);
    if (!o->params && (o->classical || o->resume || o->bad_rows != BF_BAD_ROWS_FAIL))
        return bf_error_set(BF_ERR_INPUT, "%s: only with --params",
                            o->classical ? "--classical"
                            : o->resume  ? "--resume"
                                         : "--bad-rows");
    if (o->params && !o->out)
        return bf_error_set(BF_ERR_INPUT,
                            "--params: name a result file with --out; features of many rows do not go to standard output");
    return BF_OK;
}
