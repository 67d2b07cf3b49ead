/** @file cli.h
 *  @brief What the command-line programs share: strict numbers, exit codes, one way to say an error, the progress line.
 */
#ifndef BF_CLI_H
#define BF_CLI_H

#include "apps/log.h"

/** Exit codes (DESIGN, section 6). */
enum { BF_EXIT_OK = 0, BF_EXIT_INPUT = 2, BF_EXIT_MEMORY = 3, BF_EXIT_NUMERICS = 4, BF_EXIT_FAILURE = 5 };

/** @return the exit code for a status. */
int bf_cli_exit_code(bf_status_t status);

/** @brief Say the recorded error, which all ranks share: call on the speaking rank. */
void bf_cli_print_error(void);

/** @brief Parse a whole argument as a finite number in [@p low, @p high]; an error in the slot names @p option. */
BF_MUST_USE bf_status_t bf_cli_double(const char *option, const char *text, double low, double high, double *value);

/** @brief The same for integers. */
BF_MUST_USE bf_status_t bf_cli_int(const char *option, const char *text, long long low, long long high, long long *value);

/** @brief Which of @p choices (NULL-terminated) @p text is. */
BF_MUST_USE bf_status_t bf_cli_choice(const char *option, const char *text, const char *const *choices, int *index);

/** @brief argp_parse() that neither prints nor exits: every rank parses, one speaks.
 *  --help, --usage and --version are those of bf_words_parser; the program's parser calls bf_cli_reject() for ARGP_KEY_ERROR.
 *  @return BF_OK, or BF_ERR_INPUT with the message in the slot */
BF_MUST_USE bf_status_t bf_cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/** @brief Record that the option just read is unknown or lacks its value, unless an error is recorded already. */
error_t bf_cli_reject(const struct argp_state *state);

/** State of the progress line. */
typedef struct bf_cli_progress {
    bool on;        /**< somebody looks at it */
    bool live;      /**< rewrite one line of a terminal */
    bool plain;     /**< a line now and then on stderr, which is no terminal */
    double begin;   /**< seconds */
    double printed; /**< when a line that stays was last written */
} bf_cli_progress_t;

/** @brief Decide by the options and whether stderr is a terminal. A log file gets a line a minute. */
bf_cli_progress_t bf_cli_progress(const bf_log_options_t *log);

/** @brief For bf_state_options_t::progress. */
void bf_cli_show_progress(void *arg, size_t done, size_t total, bf_dim_t max_bond, double sum_eps);

/** @brief Show @p text and the time left (< 0: unknown), if it is time to. */
void bf_cli_show_line(bf_cli_progress_t *progress, const char *text, double left_seconds, bool finished);

/** @brief Finish the terminal line. */
void bf_cli_end_progress(const bf_cli_progress_t *progress);

#endif
