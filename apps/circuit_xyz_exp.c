/* The main job: <X>, <Y>, <Z> and more on every qubit, of one circuit or of one circuit per row of a table. */
#include "apps/main.h"
#include "apps/xyz.h"

static bf_status_t parse(int argc, char **argv, void *options)
{
    return bf_xyz_parse(argc, argv, options);
}

static bf_status_t work(bf_session_t *session, void *options, double begin)
{
    bf_xyz_options_t *o = options;
    return o->params ? bf_xyz_rows(session, o, begin) : bf_xyz_circuit(session, o, begin);
}

int main(int argc, char **argv)
{
    bf_xyz_options_t options = {0};
    const bf_main_t frame = {.program = "circuit_xyz_exp",
                             .parser = &bf_xyz_parser,
                             .options = &options,
                             .words = &options.run.words,
                             .log = &options.run.log,
                             .parse = parse,
                             .work = work};
    const int code = bf_main(&frame, argc, argv);
    bf_run_options_clear(&options.run);
    return code;
}
