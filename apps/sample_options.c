/* The options of circuit_sample. */
#include "apps/sample_options.h"

#include <string.h>

enum {
    OPT_SHOTS = 0x100,
    OPT_COUNTS,
    OPT_MEMORY,
    OPT_AMPLITUDES,
    OPT_AMPLITUDES_OUT,
    OPT_MARGINALS,
    OPT_MARGINALS_OUT,
    OPT_QUBITS,
    OPT_BIT_ORDER
};

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "Results, each to a file or one of them to standard output:", 1},
    {"shots", OPT_SHOTS, "N", 0, "how many shots (1024)", 0},
    {"counts", OPT_COUNTS, "FILE", OPTION_ARG_OPTIONAL,
     "how often each bit string occurred, most frequent first: .csv or .json; what is done when nothing else is asked for", 0},
    {"memory", OPT_MEMORY, "FILE", OPTION_ARG_OPTIONAL,
     "the bit string of every shot, in the order of shots: .csv, or packed bits as .npy or .h5", 0},
    {"amplitudes", OPT_AMPLITUDES, "STRINGS", 0,
     "amplitude and probability of bit strings of all qubits: 010,111, or a file with one a line", 0},
    {"amplitudes-out", OPT_AMPLITUDES_OUT, "FILE", 0, "where they go: .csv or .json", 0},
    {"marginals", OPT_MARGINALS, "QUBITS", 0, "exact joint probabilities of the outcomes of at most 24 qubits: 0,3,5-7", 0},
    {"marginals-out", OPT_MARGINALS_OUT, "FILE", 0, "where they go: .csv or .json", 0},
    {0, 0, 0, 0, "Bits:", 2},
    {"qubits", OPT_QUBITS, "LIST", 0,
     "read these qubits, 0,3,5-7; the first one is bit 0 (the circuit's final measurements, else every qubit)", 0},
    {"bit-0", OPT_BIT_ORDER, "SIDE", 0, "right, as in Qiskit, or left: where bit strings begin (right)", 0},
    {0}};

static bf_status_t take_result(const char *option, bf_sample_result_t *result, const char *path)
{
    result->path = path;
    return bf_format_of(option, path, &result->format);
}

static bf_status_t take_known(bf_sample_options_t *o, int key, const char *arg)
{
    static const char *const sides[] = {"right", "left", NULL};
    int index = 0;
    bf_status_t status = BF_OK;
    switch (key) {
    case OPT_SHOTS:
        return bf_cli_int("--shots", arg, 1, 1000000000000, &o->shots);
    case OPT_COUNTS:
        o->counts.wanted = true;
        return take_result("--counts", &o->counts, arg);
    case OPT_MEMORY:
        o->memory.wanted = true;
        return take_result("--memory", &o->memory, arg);
    case OPT_AMPLITUDES:
        o->amplitudes.wanted = true;
        o->strings = arg;
        return BF_OK;
    case OPT_AMPLITUDES_OUT:
        return take_result("--amplitudes-out", &o->amplitudes, arg);
    case OPT_MARGINALS:
        o->marginals.wanted = true;
        o->marginal_qubits = arg;
        return BF_OK;
    case OPT_MARGINALS_OUT:
        return take_result("--marginals-out", &o->marginals, arg);
    case OPT_QUBITS:
        o->qubits = arg;
        return BF_OK;
    case OPT_BIT_ORDER:
    default:
        status = bf_cli_choice("--bit-0", arg, sides, &index);
        o->order = (bf_bit_order_t)index;
        return status;
    }
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    bf_sample_options_t *o = state->input;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = &o->run;
        return 0;
    }
    if (key < OPT_SHOTS || key > OPT_BIT_ORDER)
        return ARGP_ERR_UNKNOWN;
    return take_known(o, key, arg) == BF_OK ? 0 : EINVAL;
}

static const struct argp_child children[] = {{&bf_run_parser, 0, 0, 0}, {0}};

const struct argp bf_sample_parser = {
    option_list,
    take,
    "CIRCUIT",
    "Shots, counts, amplitudes and marginals of a circuit, from a matrix product state.\v"
    "Shot k depends on the circuit, --seed and k alone: not on workers, ranks or the number of shots.\n" BF_RUN_HELP,
    children,
    0,
    0};

static bf_status_t check_format(const char *option, const bf_sample_result_t *result, bool packed)
{
    const bool fits =
        packed ? result->format != BF_FORMAT_JSON : result->format == BF_FORMAT_CSV || result->format == BF_FORMAT_JSON;
    if (fits)
        return BF_OK;
    return bf_error_set(BF_ERR_INPUT, "%s %.200s: the name should end in %s", option, result->path,
                        packed ? ".csv, .npy or .h5" : ".csv or .json");
}

static bf_status_t check_results(const bf_sample_options_t *o)
{
    const struct {
        const char *option, *out;
        const bf_sample_result_t *result;
    } all[] = {{"--counts", "--counts=FILE", &o->counts},
               {"--memory", "--memory=FILE", &o->memory},
               {"--amplitudes", "--amplitudes-out", &o->amplitudes},
               {"--marginals", "--marginals-out", &o->marginals}};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const bf_sample_result_t *result = all[i].result;
        if (!result->wanted && result->path)
            return bf_error_set(BF_ERR_INPUT, "%s: only with %s", all[i].out, all[i].option);
        BF_TRY(check_format(all[i].option, result, result == &o->memory));
        if (!result->wanted || (result->path && strcmp(result->path, "-") != 0))
            continue;
        if (first)
            return bf_error_set(BF_ERR_INPUT, "%s and %s both go to standard output: name a file with %s", first, all[i].option,
                                all[i].out);
        first = all[i].option;
    }
    return BF_OK;
}

bf_status_t bf_sample_parse(int argc, char **argv, bf_sample_options_t *o)
{
    *o = (bf_sample_options_t){.run = bf_run_options_default(), .shots = 1024};
    BF_TRY(bf_cli_parse(&bf_sample_parser, argc, argv, o));
    if (bf_words_wanted(&o->run.words))
        return BF_OK;
    BF_TRY(bf_run_check(&o->run));
    if (!o->memory.wanted && !o->amplitudes.wanted && !o->marginals.wanted)
        o->counts.wanted = true;
    return check_results(o);
}
