/* The options of circuit_xyz_exp. */
#include "apps/xyz_options.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPT_OPERATORS = 0x100,
    OPT_OBSERVABLES,
    OPT_QUBITS,
    OPT_OUT,
    OPT_SHOT,
    OPT_TRAJECTORIES,
    OPT_PARAMS,
    OPT_CLASSICAL,
    OPT_BAD_ROWS,
    OPT_RESUME,
    OPT_HEAVY
};

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "Results:", 1},
    {"operators", OPT_OPERATORS, "O", 0, "pauli, or spin for halves (pauli)", 0},
    {"observables", OPT_OBSERVABLES, "LIST", 0,
     "what to measure, all from one evolution: xyz, xx:K, yy:K, zz:K, xyzpair:K (distance K or a range 1-4), entropy, bonddim, "
     "logbond, "
     "purity (xyz)",
     0},
    {"qubits", OPT_QUBITS, "LIST", 0,
     "measure and write only these, like 0-9,20; gates that none of them sees are left out (all qubits)", 0},
    {"out", OPT_OUT, "FILE", 0, "result file: .csv, .npy, .h5 or .json (CSV on standard output)", 0},
    {0, 0, 0, 0, "Measured bits:", 2},
    {"shot", OPT_SHOT, "K", 0, "which trajectory of the seed (0)", 0},
    {"trajectories", OPT_TRAJECTORIES, "N", 0, "mean over N trajectories, from --shot on; the summary has the standard errors",
     0},
    {0, 0, 0, 0, "Many rows:", 3},
    {"params", OPT_PARAMS, "FILE", 0,
     "one circuit per row: .csv, .csv.gz, .npy or file.h5:/dataset; columns go to the circuit's inputs by name, else in order",
     0},
    {"classical", OPT_CLASSICAL, 0, 0, "put the input columns before the features", 0},
    {"bad-rows", OPT_BAD_ROWS, "POLICY", 0, "fail, or skip: NaN features and a status column (fail)", 0},
    {"resume", OPT_RESUME, 0, 0, "go on with an interrupted job of many rows", 0},
    {"heavy-bond", OPT_HEAVY, "M", 0, "rows with larger bonds are spread over all workers (64); never changes a result", 0},
    {0}};

static bf_status_t take_result(bf_xyz_options_t *o, int key, const char *arg)
{
    static const char *const operators[] = {"pauli", "spin", NULL};
    switch (key) {
    case OPT_OPERATORS:
        return bf_cli_choice("--operators", arg, operators, &o->operators);
    case OPT_OBSERVABLES:
        o->observables = arg;
        return BF_OK;
    case OPT_QUBITS:
        o->qubits = arg;
        return BF_OK;
    case OPT_OUT:
    default:
        o->out = arg;
        return bf_format_of("--out", arg, &o->format);
    }
}

static bf_status_t take_trajectories(bf_xyz_options_t *o, int key, const char *arg)
{
    if (key == OPT_TRAJECTORIES)
        return bf_cli_int("--trajectories", arg, 1, 1000000000, &o->trajectories);
    const bf_status_t status = bf_cli_int("--shot", arg, 0, INT64_MAX / 2, &o->shot);
    o->run.state.shot = (uint64_t)o->shot;
    return status;
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
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = &o->run;
    else if (key >= OPT_OPERATORS && key <= OPT_OUT)
        status = take_result(o, key, arg);
    else if (key == OPT_SHOT || key == OPT_TRAJECTORIES)
        status = take_trajectories(o, key, arg);
    else if (key >= OPT_PARAMS && key <= OPT_HEAVY)
        status = take_rows(o, key, arg);
    else
        return ARGP_ERR_UNKNOWN;
    return status == BF_OK ? 0 : EINVAL;
}

static const struct argp_child children[] = {{&bf_run_parser, 0, 0, 0}, {0}};

const struct argp bf_xyz_child = {option_list, take, 0, 0, children, 0, 0};
const struct argp bf_xyz_parser = {
    option_list, take, "CIRCUIT", "<X>, <Y>, <Z> on every qubit of a circuit, from a matrix product state.\v" BF_RUN_HELP,
    children,    0,    0};

bf_xyz_options_t bf_xyz_options_default(void)
{
    return (bf_xyz_options_t){.run = bf_run_options_default(), .observables = "xyz", .heavy_bond = 64};
}

bf_status_t bf_xyz_parse(int argc, char **argv, bf_xyz_options_t *o)
{
    *o = bf_xyz_options_default();
    BF_TRY(bf_cli_parse(&bf_xyz_parser, argc, argv, o));
    if (bf_words_wanted(&o->run.words))
        return BF_OK;
    BF_TRY(bf_run_check(&o->run));
    if (o->params && (o->run.n_sets > 0 || o->trajectories > 0))
        return bf_error_set(BF_ERR_INPUT, "%s: not with --params", o->trajectories > 0 ? "--trajectories" : "--set");
    if (o->run.ledger && o->trajectories > 1)
        return bf_error_set(BF_ERR_INPUT, "--ledger: not with --trajectories; choose one with --shot");
    if (!o->params && (o->classical || o->resume || o->bad_rows != BF_BAD_ROWS_FAIL))
        return bf_error_set(BF_ERR_INPUT, "%s: only with --params",
                            o->classical ? "--classical"
                            : o->resume  ? "--resume"
                                         : "--bad-rows");
    if (o->qubits && (o->params || strcmp(o->observables, "xyz") != 0))
        return bf_error_set(BF_ERR_INPUT, "--qubits: only for one circuit, without --params, and with --observables xyz");
    if (o->params && !o->out)
        return bf_error_set(BF_ERR_INPUT,
                            "--params: name a result file with --out; features of many rows do not go to standard output");
    return BF_OK;
}
