/** @file main.h
 *  @brief What main() does around the job of a program: kernels of BLAS, ranks, options, words, the log, one message, the exit
 * code.
 */
#ifndef BF_MAIN_H
#define BF_MAIN_H

#include "apps/cli.h"
#include "apps/words.h"

/** A program and its job. */
typedef struct bf_main {
    const char *program;         /**< as it calls itself, static storage */
    const struct argp *parser;   /**< for --help */
    void *options;               /**< of the program's own type: filled by parse(), handed to work() */
    const bf_words_t *words;     /**< inside options */
    const bf_log_options_t *log; /**< inside options */
    bool alone;                  /**< one process: MPI is not asked for, there is no session */

    /** Options from the command line; prints nothing. @return BF_OK, BF_ERR_INPUT */
    bf_status_t (*parse)(int argc, char **argv, void *options);

    /** The job. Collective. @param session  NULL when alone  @param begin  when the program started, bf_seconds() */
    bf_status_t (*work)(bf_session_t *session, void *options, double begin);
} bf_main_t;

/** @brief Do the job. Call first in main(): the process may replace itself (bf_k_blas_core_choose()).
 *  @return the exit code; what options hold is left to the caller */
int bf_main(const bf_main_t *m, int argc, char **argv);

#endif
