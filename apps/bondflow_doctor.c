/* What is wrong with this machine, launch or environment, and the line that mends it. */
#include "apps/cli.h"
#include "apps/words.h"
#include "kernels/blas_core.h"
#include "runtime/doctor/doctor.h"
#include "runtime/io/io.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No visit takes this long; whatever hangs, MPI for example, then ends. */
#define PATIENCE_S 90

/* Left for the process that main() starts anew with the kernels that suit the processor. */
static const char *const CHOSEN = "BONDFLOW_BLAS_CHOSEN";

typedef struct doctor_options {
    bool json;
    bf_words_t words;
    bf_doctor_options_t visit;
} doctor_options_t;

enum { OPT_JSON = 0x100, OPT_QUICK, OPT_MAX_DIM };

static const struct argp_option option_list[] = {
    {"json", OPT_JSON, 0, 0, "write the findings as JSON, for programs", 0},
    {"quick", OPT_QUICK, 0, 0, "leave out what is measured or tried", 0},
    {"max-dim", OPT_MAX_DIM, "M", 0, "largest bond dimension the run with CIRCUIT will be allowed (1024)", 0},
    {0}};

static error_t take(int key, char *arg, struct argp_state *state)
{
    doctor_options_t *o = state->input;
    bf_status_t status = BF_OK;
    long long integer = 0;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->words;
        break;
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_QUICK:
        o->visit.quick = true;
        break;
    case OPT_MAX_DIM:
        status = bf_cli_int("--max-dim", arg, 1, 1 << 20, &integer);
        o->visit.max_dim = integer;
        break;
    case ARGP_KEY_ARG:
        if (o->visit.circuit_name)
            status = bf_error_set(BF_ERR_INPUT, "%.60s: one circuit; %.60s was named already", arg, o->visit.circuit_name);
        o->visit.circuit_name = arg;
        break;
    case ARGP_KEY_ERROR:
        return bf_cli_reject(state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == BF_OK ? 0 : EINVAL;
}

static const struct argp_child children[] = {{&bf_words_parser, 0, 0, 0}, {0}};

static const struct argp parser = {
    option_list,
    take,
    "[CIRCUIT]",
    "Looks at machine, launch, StarPU, BLAS and MPI, layer by layer: what is fine, what is wrong, and the line that mends it.\v"
    "Start it as the run would be started: under the same mpirun, srun, taskset, in the same container. With CIRCUIT it also "
    "says "
    "whether the launch fits that circuit. The report goes to standard output.\n"
    "Exit codes: 0 nothing failed; 1 a check failed; 2 usage, or a bad circuit; 5 the report could not be written.",
    children,
    0,
    0};

static void give_up(int signal)
{
    (void)signal;
    static const char words[] = "bondflow_doctor: error: gave up: a check hangs; try --quick, and without mpirun\n";
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(1);
    _exit(1);
}

/* mpirun gives its ranks a terminal of its own, whatever its output goes to. */
static bool on_terminal(const bf_session_t *session)
{
    return bf_session_size(session) == 1 && !getenv("OMPI_COMM_WORLD_SIZE") && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

static bf_status_t report(const bf_checkup_t *checkup, bool json, bool colours)
{
    if (json)
        BF_TRY(bf_checkup_write_json(checkup, stdout));
    else
        bf_checkup_print(checkup, stdout, colours);
    return fflush(stdout) == 0 && !ferror(stdout) ? BF_OK : bf_error_set(BF_ERR_IO, "standard output: cannot be written");
}

/* @return exit code */
static int visit(bf_session_t *session, const doctor_options_t *o)
{
    static bf_checkup_t checkup;
    bf_doctor_examine(session, &o->visit, &checkup);
    int code = bf_checkup_verdict(&checkup) == BF_FAIL ? 1 : 0;
    if (bf_session_rank(session) == 0) {
        if (report(&checkup, o->json, on_terminal(session)) != BF_OK) {
            bf_cli_print_error();
            code = BF_EXIT_FAILURE;
        }
    } else {
        code = 0; /* one rank speaks, also with its exit code */
    }
    bf_checkup_clear(&checkup);
    return code;
}

static bf_status_t read_circuit(bf_session_t *session, doctor_options_t *o, bf_circuit_t **circuit)
{
    if (!o->visit.circuit_name)
        return BF_OK;
    BF_TRY(bf_circuit_read(session, o->visit.circuit_name, 0, circuit, NULL, NULL));
    o->visit.circuit = *circuit;
    return BF_OK;
}

static int trial(const char *place)
{
    if (bf_doctor_trial(place, stdout) == BF_OK)
        return 0;
    fprintf(stderr, "%s\n", bf_error_message());
    return 1;
}

int main(int argc, char **argv)
{
    if (!getenv("OPENBLAS_CORETYPE") && bf_k_blas_core_hint())
        setenv(CHOSEN, "1", 1);
    bf_k_blas_core_choose(argv);
    if (argc == 2 && strncmp(argv[1], BF_DOCTOR_TRIAL, strlen(BF_DOCTOR_TRIAL)) == 0)
        return trial(argv[1] + strlen(BF_DOCTOR_TRIAL));
    signal(SIGALRM, give_up);
    alarm(PATIENCE_S);

    doctor_options_t options = {.visit = {.max_dim = 1024, .blas_chosen = getenv(CHOSEN) != NULL}};
    bf_session_t *session = NULL;
    bf_circuit_t *circuit = NULL;
    bf_status_t status = bf_session_create(&argc, &argv, &session);
    if (status != BF_OK) {
        bf_cli_print_error();
        return bf_cli_exit_code(status);
    }
    const bool speaker = bf_session_rank(session) == 0;
    int code = 0;
    status = bf_cli_parse(&parser, argc, argv, &options);
    if (status == BF_OK && bf_words_wanted(&options.words)) {
        if (speaker)
            bf_words_say(&options.words, &parser, argv[0]);
    } else {
        if (status == BF_OK)
            status = read_circuit(session, &options, &circuit);
        if (status == BF_OK)
            code = visit(session, &options);
    }
    if (status != BF_OK && speaker)
        bf_cli_print_error();
    bf_circuit_destroy(circuit);
    bf_session_destroy(session);
    return status == BF_OK ? code : bf_cli_exit_code(status);
}
