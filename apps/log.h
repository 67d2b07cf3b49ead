/** @file log.h
 *  @brief What programs say while they work, said in one way: levels, one speaking rank, a file with the time of every line.
 *
 *  | level   | for                                                                            | on stderr             |
 *  |---------|--------------------------------------------------------------------------------|-----------------------|
 *  | error   | the reason why there is no result, or not all of it                            | `program: error: ...` |
 *  | warning | what makes a run wrong or slow: few workers, no binding                        | `program: warning: ...` |
 *  | note    | what was done with the input and might not be expected: pragmas that are ignored | `program: note: ...`  |
 *  | info    | what runs where, the closing summary                                           | as it stands          |
 *  | debug   | what else helps to find out: command line, environment, phases                 | `program: debug: ...` |
 *
 *  Rank 0 speaks for all; of the other ranks only errors are heard, and name their rank. Results never go here. Thread safe.
 */
#ifndef BF_LOG_H
#define BF_LOG_H

#include "runtime/bondflow.h"

#include <argp.h>

/** How much a line matters; what is above the level asked for is not said. */
typedef enum bf_log_level { BF_LOG_ERROR, BF_LOG_WARNING, BF_LOG_NOTE, BF_LOG_INFO, BF_LOG_DEBUG } bf_log_level_t;

/** As given on the command line; filled in by bf_log_parser. Pointers are argv's. */
typedef struct bf_log_options {
    bf_log_level_t level; /**< --log-level */
    const char *file;     /**< --log-file, or NULL */
    bool quiet;           /**< --quiet: nothing but errors on stderr; the file keeps its level */
    int progress;         /**< --progress: 0 auto, 1 on, 2 off */
    int argc;             /**< the command line, for the head of the file */
    char **argv;          /**< argc words */
} bf_log_options_t;

/** What holds when no option is given. */
#define BF_LOG_DEFAULTS                                                                                                          \
    (bf_log_options_t)                                                                                                           \
    {                                                                                                                            \
        .level = BF_LOG_INFO                                                                                                     \
    }

/** The parser of these options, for argp::children. Its input is a bf_log_options_t:
 *  `case ARGP_KEY_INIT: state->child_inputs[0] = &o->log; return 0;` */
extern const struct argp bf_log_parser;

/** @brief Log as the options say from now on. Before this call, and after bf_log_close(), all but debug goes to stderr.
 * Collective.
 *  @param program  as it calls itself, static storage
 *  @param session  whose ranks these are, or NULL for a program of one process
 *  @return BF_OK; BF_ERR_IO, on all ranks, when the file cannot be opened */
BF_MUST_USE bf_status_t bf_log_open(const char *program, const bf_log_options_t *options, bf_session_t *session);

/** @brief Close the file. */
void bf_log_close(void);

/** @brief Say something; each line of it becomes a line of the log. */
void bf_log(bf_log_level_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @brief Say what runs where, and what is wrong with it. Call once StarPU is up. */
void bf_log_session(const bf_session_t *session);

/** @brief Rewrite the last line of the terminal with @p text, which other lines then push down; NULL finishes it. */
void bf_log_live(const char *text);

/** @brief Keep a line of progress in the file, and on stderr too when @p everywhere; whatever the level. */
void bf_log_milestone(const char *text, bool everywhere);

#endif
