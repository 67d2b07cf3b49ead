/** @file run_options.h
 *  @brief The options of every program that runs a circuit, with those of the log and of help: an argp child, so that they are
 * spelled and explained once.
 */
#ifndef BF_RUN_OPTIONS_H
#define BF_RUN_OPTIONS_H

#include "apps/cli.h"
#include "apps/words.h"

/** As given on the command line. Pointers are argv's. */
typedef struct bf_run_options {
    const char *circuit;
    const char *summary;
    const char *ledger;
    const char *trace; /**< folder, or NULL */
    long long sites;   /**< 0: as the circuit says */
    long long seed;
    const char **sets; /**< values of --set, in order; the array is owned: bf_run_options_clear() */
    size_t n_sets;
    bf_words_t words;
    bf_log_options_t log;
    bf_state_options_t state;
} bf_run_options_t;

/** The parser of these options and of the CIRCUIT argument. Its input is a bf_run_options_t: the program's own parser names it in
 *  child_inputs[] when it gets ARGP_KEY_INIT. */
extern const struct argp bf_run_parser;

/** What every program says at the end of its --help. */
#define BF_RUN_HELP                                                                                                              \
    "CIRCUIT is OpenQASM (an OPENQASM line) or a gate list *.gates; - reads standard input. Run it under mpirun to use "         \
    "several ranks. STARPU_SCHED chooses the scheduler, STARPU_NCPU the workers.\n"                                              \
    "Exit codes: 0 done; 2 usage or bad input; 3 not enough memory; 4 numerical failure; 5 a rank or file failed."

/** @return the options nobody has given. */
bf_run_options_t bf_run_options_default(void);

/** @brief Free what parsing allocated. */
void bf_run_options_clear(bf_run_options_t *options);

/** @brief What no single option can check. @return BF_OK, BF_ERR_INPUT */
BF_MUST_USE bf_status_t bf_run_check(const bf_run_options_t *options);

#endif
