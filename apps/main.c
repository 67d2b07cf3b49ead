/* The frame of every main(). */
#include "apps/main.h"

#include "kernels/blas_core.h"
#include "runtime/seconds.h"

static bf_status_t do_job(const bf_main_t *m, int argc, char **argv, bf_session_t *session, bool speaker, double begin)
{
    BF_TRY(m->parse(argc, argv, m->options));
    if (bf_words_wanted(m->words)) {
        if (speaker)
            bf_words_say(m->words, m->parser, argv[0]);
        return BF_OK;
    }
    BF_TRY(bf_log_open(m->program, m->log, session));
    return m->work(session, m->options, begin);
}

int bf_main(const bf_main_t *m, int argc, char **argv)
{
    bf_k_blas_core_choose(argv);
    const double begin = bf_seconds();
    bf_session_t *session = NULL;
    bf_status_t status = m->alone ? BF_OK : bf_session_create(&argc, &argv, &session);
    const bool speaker = !session || bf_session_rank(session) == 0;
    if (status == BF_OK)
        status = do_job(m, argc, argv, session, speaker, begin);
    if (status != BF_OK && speaker)
        bf_cli_print_error();
    bf_session_destroy(session);
    bf_log_close();
    return bf_cli_exit_code(status);
}
