/* The main job: <X>, <Y>, <Z> and more on every qubit, of one circuit or of one circuit per row of a table. */
#include "apps/xyz.h"
#include "runtime/seconds.h"

static const char *const PROGRAM = "circuit_xyz_exp";

int main(int argc, char **argv)
{
    bf_cli_choose_blas(argv);
    bf_session_t *session = NULL;
    bf_xyz_options_t options;
    const double begin = bf_seconds();
    bf_status_t status = bf_session_create(&argc, &argv, &session);
    if (status != BF_OK) {
        bf_cli_print_error();
        return bf_cli_exit_code(status);
    }
    const bool speaker = bf_session_rank(session) == 0;
    status = bf_xyz_parse(argc, argv, &options);
    if (status == BF_OK && bf_run_only_words(&options.run)) {
        if (speaker)
            bf_run_say_words(&bf_xyz_parser, &options.run, argv[0]);
    } else if (status == BF_OK) {
        status = bf_log_open(PROGRAM, &options.run.log, session);
        if (status == BF_OK)
            status = options.params ? bf_xyz_rows(session, &options, begin) : bf_xyz_circuit(session, &options, begin);
    }
    if (status != BF_OK && speaker)
        bf_cli_print_error();
    bf_run_options_clear(&options.run);
    bf_session_destroy(session);
    bf_log_close();
    return bf_cli_exit_code(status);
}
