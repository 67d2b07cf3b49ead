/* The main job: <X>, <Y>, <Z> on every site of one circuit. Options, and one sequence of calls. */
#include "apps/cli.h"
#include "apps/summary.h"
#include "runtime/io/io.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const PROGRAM = "circuit_xyz_exp";

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
    {"observables", OPT_OBSERVABLES, "LIST", 0, "what to measure (xyz)", 0},
    {"sites", OPT_SITES, "N", 0, "number of qubits, at least what the circuit uses", 0},
    {"out", OPT_OUT, "FILE", 0, "result file: .csv, .npy, .h5 or .json (CSV on standard output)", 0},
    {"summary", OPT_SUMMARY, "FILE", 0, "write what happened as JSON", 0},
    {"ledger", OPT_LEDGER, "FILE", 0, "write one CSV line per two-site update: bond, chi, discarded weight, method", 0},
    {0, 0, 0, 0, "Running:", 3},
    {"progress", OPT_PROGRESS, "WHEN", 0, "auto, on or off (auto: when stderr is a terminal)", 0},
    {"quiet", OPT_QUIET, 0, 0, "nothing on stderr but errors", 0},
    {"seed", OPT_SEED, "N", 0, "seed of random choices; recorded (a deterministic circuit makes none)", 0},
    {"grain-us", OPT_GRAIN, "T", 0, "gates cheaper than this many microseconds share a task (200); never changes a result", 0},
    {"window", OPT_WINDOW, "N", 0, "unfinished tasks per worker at most (64); never changes a result", 0},
    {0, 0, 0, 0, "Not in this version:", 4},
    {"params", OPT_LATER, "FILE", 0, "one circuit per row of a table", 0},
    {"trace", OPT_LATER, "FILE", 0, "record a trace", 0},
    {"checkpoint", OPT_LATER, "DIR", 0, "save the run now and then", 0},
    {"resume", OPT_LATER, 0, 0, "continue from a checkpoint", 0},
    {0, 0, 0, 0, 0, 5},
    {"help", 'h', 0, 0, "this text", 0},
    {"usage", 'u', 0, 0, "a short reminder", 0},
    {"version", 'V', 0, 0, "the version", 0},
    {0}};

typedef struct options {
    const char *circuit;
    const char *out;
    const char *summary;
    const char *ledger;
    long long sites;
    long long seed;
    int operators; /* 0 pauli, 1 spin */
    int progress;
    bool quiet;
    bool help;
    bool usage;
    bool version;
    bf_format_t format;
    bf_state_options_t state;
} options_t;

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

static bf_status_t take_accuracy(options_t *o, int key, const char *arg)
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

static bf_status_t take_running(options_t *o, int key, const char *arg)
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

static bf_status_t take_result(options_t *o, int key, const char *arg)
{
    static const char *const operators[] = {"pauli", "spin", NULL};
    switch (key) {
    case OPT_OPERATORS:
        return bf_cli_choice("--operators", arg, operators, &o->operators);
    case OPT_OBSERVABLES:
        return strcmp(arg, "xyz") == 0
                   ? BF_OK
                   : bf_error_set(BF_ERR_INPUT, "--observables %.60s: not in this version; only xyz is measured", arg);
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

static error_t take(int key, char *arg, struct argp_state *state)
{
    options_t *o = state->input;
    bf_status_t status = BF_OK;
    if (key >= OPT_CUTOFF && key <= OPT_FACTOR)
        status = take_accuracy(o, key, arg);
    else if (key >= OPT_OPERATORS && key <= OPT_LEDGER)
        status = take_result(o, key, arg);
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

static const struct argp parser = {
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

static bf_status_t parse(int argc, char **argv, options_t *o)
{
    *o = (options_t){.state = bf_state_options_default()};
    BF_TRY(bf_cli_parse(&parser, argc, argv, o));
    if (o->help || o->usage || o->version)
        return BF_OK;
    if (!o->circuit)
        return bf_error_set(BF_ERR_INPUT, "no circuit: name a file; see --help");
    if (o->state.rule.cut.min_dim > o->state.rule.cut.max_dim)
        return bf_error_set(BF_ERR_INPUT, "--min-dim %lld is above --max-dim %lld", (long long)o->state.rule.cut.min_dim,
                            (long long)o->state.rule.cut.max_dim);
    return BF_OK;
}

/* The files a run writes, opened before the work so that a bad path does not cost a night. Only on rank 0. */
typedef struct outputs {
    bf_output_t *out;
    bf_output_t *summary;
    bf_output_t *ledger;
} outputs_t;

static bf_status_t open_outputs(const options_t *o, outputs_t *files)
{
    BF_TRY(bf_output_open(o->out, &files->out));
    if (o->summary)
        BF_TRY(bf_output_open(o->summary, &files->summary));
    if (o->ledger)
        BF_TRY(bf_output_open(o->ledger, &files->ledger));
    return BF_OK;
}

static void abandon_outputs(outputs_t *files)
{
    bf_output_abandon(files->out);
    bf_output_abandon(files->summary);
    bf_output_abandon(files->ledger);
}

static bf_status_t write_outputs(const options_t *o, outputs_t *files, const bf_summary_t *s, const double *xyz)
{
    BF_TRY(bf_write_xyz(files->out, o->format, s->qubits, xyz));
    if (files->summary)
        BF_TRY(bf_summary_write(bf_output_stream(files->summary), s));
    if (files->ledger)
        BF_TRY(bf_write_ledger(files->ledger, s->ledger, s->n_ledger));
    bf_output_t *const all[3] = {files->ledger, files->summary, files->out};
    *files = (outputs_t){0};
    bf_status_t status = BF_OK;
    for (int i = 0; i < 3; i++) {
        if (all[i] && status == BF_OK)
            status = bf_output_commit(all[i]);
        else
            bf_output_abandon(all[i]);
    }
    return status;
}

static void scale(double *xyz, bf_site_t n, double factor)
{
    for (bf_site_t i = 0; i < 3 * n; i++)
        xyz[i] *= factor;
}

/* Evolve, measure, ask for everything the summary tells. */
static bf_status_t compute(bf_session_t *session, options_t *o, const bf_circuit_t *circuit, bf_summary_t *s, double *xyz)
{
    bf_cli_progress_t progress = bf_cli_progress(o->progress, o->quiet);
    o->state.progress = progress.on ? bf_cli_show_progress : NULL;
    o->state.progress_arg = &progress;
    BF_TRY(bf_state_create(session, s->qubits, &o->state, &s->state));
    const bf_status_t status = bf_state_apply(s->state, circuit);
    bf_cli_end_progress(&progress);
    BF_TRY(status);
    BF_TRY(bf_state_expect_xyz(s->state, xyz));
    scale(xyz, s->qubits, o->operators == 1 ? 0.5 : 1.0);
    BF_TRY(bf_state_report(s->state, &s->report));
    BF_TRY(bf_state_ledger(s->state, &s->ledger, &s->n_ledger));
    BF_TRY(bf_state_bond_dims(s->state, s->bonds));
    return bf_state_hash(s->state, &s->hash);
}

static bf_status_t run(bf_session_t *session, options_t *o, bf_summary_t *s, outputs_t *files)
{
    const bool speaker = bf_session_rank(session) == 0;
    bf_circuit_t *circuit = NULL;
    double *xyz = NULL;
    bf_status_t status = bf_circuit_read(session, o->circuit, (bf_site_t)o->sites, &circuit);
    if (status == BF_OK)
        status = bf_session_agree(session, speaker ? open_outputs(o, files) : BF_OK);
    if (status == BF_OK)
        status = bf_session_start(session);
    if (status == BF_OK) {
        s->seconds_start = bf_cli_seconds() - s->begin;
        s->qubits = bf_circuit_qubits(circuit);
        s->gates = bf_circuit_gates(circuit);
        s->bonds = calloc((size_t)s->qubits, sizeof *s->bonds);
        xyz = calloc(3 * (size_t)s->qubits, sizeof *xyz);
        if (!s->bonds || !xyz)
            status = bf_error_set(BF_ERR_NOMEM, "out of memory");
        status = bf_session_agree(session, status);
    }
    if (status == BF_OK && speaker && !o->quiet)
        fprintf(stderr, "%s\n", bf_session_describe(session));
    if (status == BF_OK)
        status = compute(session, o, circuit, s, xyz);
    s->seconds_total = bf_cli_seconds() - s->begin;
    if (status == BF_OK) {
        if (speaker && !o->quiet)
            bf_summary_print(stderr, s);
        status = bf_session_agree(session, speaker ? write_outputs(o, files, s, xyz) : BF_OK);
    }
    bf_state_destroy(s->state);
    free(xyz);
    free(s->bonds);
    bf_circuit_destroy(circuit);
    return status;
}

int main(int argc, char **argv)
{
    bf_cli_choose_blas(argv);
    bf_session_t *session = NULL;
    options_t options;
    outputs_t files = {0};
    const double begin = bf_cli_seconds();
    bf_status_t status = bf_session_create(&argc, &argv, &session);
    if (status != BF_OK) {
        bf_cli_print_error(PROGRAM);
        return bf_cli_exit_code(status);
    }
    const bool speaker = bf_session_rank(session) == 0;
    status = parse(argc, argv, &options);
    if (status == BF_OK && (options.help || options.usage)) {
        if (speaker)
            argp_help(&parser, stdout, options.help ? ARGP_HELP_LONG | ARGP_HELP_USAGE | ARGP_HELP_DOC : ARGP_HELP_USAGE,
                      argv[0]);
    } else if (status == BF_OK && options.version) {
        if (speaker)
            printf("bondflow %s\n", BONDFLOW_VERSION);
    } else if (status == BF_OK) {
        bf_summary_t summary = {.session = session,
                                .program = PROGRAM,
                                .circuit = options.circuit,
                                .options = &options.state,
                                .seed = options.seed,
                                .operators = options.operators == 1 ? "spin" : "pauli",
                                .begin = begin};
        status = run(session, &options, &summary, &files);
    }
    abandon_outputs(&files);
    if (status != BF_OK && speaker)
        bf_cli_print_error(PROGRAM);
    bf_session_destroy(session);
    return bf_cli_exit_code(status);
}
