/* Shots, counts, amplitudes and marginals of one circuit. */
#include "apps/main.h"
#include "apps/sample.h"

static bf_status_t parse(int argc, char **argv, void *options)
{
    return bf_sample_parse(argc, argv, options);
}

static bf_status_t work(bf_session_t *session, void *options, double begin)
{
    return bf_sample_circuit(session, options, begin);
}

int main(int argc, char **argv)
{
    bf_sample_options_t options = {0};
    const bf_main_t frame = {.program = "circuit_sample",
                             .parser = &bf_sample_parser,
                             .options = &options,
                             .words = &options.run.words,
                             .log = &options.run.log,
                             .parse = parse,
                             .work = work};
    const int code = bf_main(&frame, argc, argv);
    bf_run_options_clear(&options.run);
    return code;
}
