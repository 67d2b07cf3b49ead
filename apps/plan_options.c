/* The options of circuit_plan. */
#include "apps/plan_options.h"

#include <stdio.h>
#include <string.h>

enum { OPT_RANKS = 0x300, OPT_WORKERS, OPT_ROWS, OPT_PROBE, OPT_CALIBRATE, OPT_JSON, OPT_DOT, OPT_SVG, OPT_OBSERVE, OPT_VIEW };

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "The launch to plan:", 1},
    {"np", OPT_RANKS, "P", 0, "ranks; -np P as for mpirun (1)", 0},
    {"workers", OPT_WORKERS, "W", 0, "workers of each rank (what this machine has)", 0},
    {"rows", OPT_ROWS, "N", 0, "rows of the job, when there is no --params table yet", 0},
    {0, 0, 0, 0, "Knowing more:", 2},
    {"probe", OPT_PROBE, "SECONDS", 0,
     "run the beginning of the circuit on one core for so long at most, and plan with the bonds it really has (0: run nothing)",
     0},
    {"calibrate", OPT_CALIBRATE, 0, 0, "measure the kernels of this machine again (kept in ~/.cache/bondflow/rates.json)", 0},
    {0, 0, 0, 0, "The plan in other forms:", 3},
    {"json", OPT_JSON, "FILE", 0, "everything as JSON; - writes it to standard output instead of the text", 0},
    {"dot", OPT_DOT, "FILE", 0, "the dependency map for Graphviz", 0},
    {"svg", OPT_SVG, "FILE", 0, "the dependency map drawn (needs Graphviz)", 0},
    {"observe", OPT_OBSERVE, "QUBITS", 0, "mark the light cone of an observable on these qubits (3 or 0,5,7-9)", 0},
    {"view", OPT_VIEW, "L0-L1[,S0-S1]", 0, "draw these layers and sites only", 0},
    {0}};

static bf_status_t take_view(bf_plan_cli_t *o, const char *arg)
{
    long long v[4] = {0, 0, 0, -1};
    int end = 0;
    const int found = sscanf(arg, "%lld-%lld%n,%lld-%lld%n", &v[0], &v[1], &end, &v[2], &v[3], &end);
    const bool sites = found == 4;
    if ((found != 2 && !sites) || arg[end] || v[0] < 0 || v[1] < v[0] || (sites && (v[2] < 0 || v[3] < v[2])))
        return bf_error_set(BF_ERR_INPUT, "--view %.40s: layers FIRST-LAST, or FIRST-LAST,FIRST-LAST with sites, is needed", arg);
    o->viewed = true;
    memcpy(o->view, v, sizeof v);
    return BF_OK;
}

static bf_status_t take_number(bf_plan_cli_t *o, int key, const char *arg)
{
    long long integer = 0;
    bf_status_t status = BF_OK;
    switch (key) {
    case OPT_RANKS:
        status = bf_cli_int("-np", arg, 1, 1 << 20, &integer);
        o->ranks = (int)integer;
        return status;
    case OPT_WORKERS:
        status = bf_cli_int("--workers", arg, 1, 1 << 20, &integer);
        o->workers = (int)integer;
        return status;
    case OPT_ROWS:
        return bf_cli_int("--rows", arg, 1, INT64_MAX, &o->rows);
    case OPT_PROBE:
    default:
        return bf_cli_double("--probe", arg, 0.0, 1e9, &o->probe);
    }
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    bf_plan_cli_t *o = state->input;
    bf_status_t status = BF_OK;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->xyz;
        break;
    case OPT_RANKS:
    case OPT_WORKERS:
    case OPT_ROWS:
    case OPT_PROBE:
        status = take_number(o, key, arg);
        break;
    case OPT_CALIBRATE:
        o->calibrate = true;
        break;
    case OPT_JSON:
        o->json = arg;
        break;
    case OPT_DOT:
        o->dot = arg;
        break;
    case OPT_SVG:
        o->svg = arg;
        break;
    case OPT_OBSERVE:
        o->observe = arg;
        break;
    case OPT_VIEW:
        status = take_view(o, arg);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == BF_OK ? 0 : EINVAL;
}

static const struct argp_child children[] = {
    {&bf_xyz_child, 0, "Options of circuit_xyz_exp, taken into account where they matter to the plan:", 4}, {0}};

const struct argp bf_plan_parser = {
    option_list,
    take,
    "CIRCUIT",
    "What a run of circuit_xyz_exp would need, before anything is run: operations and their dependencies, bounds of the bonds, "
    "memory, time, what limits it, and the launch that suits this machine.\v"
    "CIRCUIT is OpenQASM (an OPENQASM line) or a gate list *.gates; - reads standard input. A circuit with free inputs is "
    "planned as "
    "a template. Nothing is refused for its size.\n"
    "BONDFLOW_RATES names the file with the speed of this machine's kernels.\n"
    "Exit codes: 0 done; 2 usage or bad input; 3 not enough memory to plan; 5 a file could not be written, or Graphviz is "
    "missing.",
    children,
    0,
    0};

bool bf_plan_own_option(const char *word, bool *value)
{
    *value = false;
    if (strcmp(word, "-np") == 0)
        word = "--np";
    if (strncmp(word, "--", 2) != 0)
        return false;
    const size_t length = strcspn(word + 2, "=");
    for (const struct argp_option *option = option_list; option->name || option->doc; option++)
        if (option->name && strlen(option->name) == length && strncmp(option->name, word + 2, length) == 0) {
            *value = option->arg && word[2 + length] != '=';
            return true;
        }
    return false;
}

bf_status_t bf_plan_parse(int argc, char **argv, bf_plan_cli_t *o)
{
    static char np[] = "--np";
    *o = (bf_plan_cli_t){.xyz = bf_xyz_options_default(), .argc = argc, .argv = argv};
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "-np") == 0)
            argv[i] = np;
    BF_TRY(bf_cli_parse(&bf_plan_parser, argc, argv, o));
    if (bf_words_wanted(&o->xyz.run.words))
        return BF_OK;
    BF_TRY(bf_run_check(&o->xyz.run));
    if (o->rows && o->xyz.params)
        return bf_error_set(BF_ERR_INPUT, "--rows: not with --params, whose table says how many rows there are");
    return BF_OK;
}
