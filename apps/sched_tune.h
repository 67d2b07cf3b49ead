/** @file sched_tune.h
 *  @brief Inside of sched_tune: the settings that are tried, what came of them, and the steps of the program.
 */
#ifndef BF_SCHED_TUNE_H
#define BF_SCHED_TUNE_H

#include "apps/cli.h"
#include "apps/sched_tune_stats.h"
#include "apps/words.h"

#include <stdio.h>

/** As given on the command line. Pointers are argv's. */
typedef struct bf_tune_options {
    const char *schedulers; /**< comma lists; NULL: the default */
    const char *workers;
    const char *ranks;
    const char *windows;
    const char *grains;
    const char *launcher; /**< words before the number of ranks; NULL: mpirun */
    double budget_s;
    double limit_s;   /**< of one run; 0: from the first run */
    long long rounds; /**< 0: as many as it takes to tell */
    bool work_time;   /**< compare the time of evolving and measuring, not that of the whole command */
    const char *csv;
    const char *json;
    const char *plot;
    char **command; /**< NULL-terminated */
    bf_words_t words;
    bf_log_options_t log;
} bf_tune_options_t;

/** For argp_help(). */
extern const struct argp bf_tune_parser;

/** @brief Parse; prints nothing. @return BF_OK, BF_ERR_INPUT */
BF_MUST_USE bf_status_t bf_tune_parse(int argc, char **argv, bf_tune_options_t *options);

/** One way to run the command. */
typedef struct bf_setting {
    char scheduler[32];
    int workers;      /**< a rank */
    int ranks;        /**< 1: without launcher */
    long long window; /**< 0: the program's own */
    double grain_us;  /**< 0: the program's own */
} bf_setting_t;

/** What is going on with a setting. */
typedef enum bf_candidate_state {
    BF_CANDIDATE_ALIVE,
    BF_CANDIDATE_DROPPED, /**< too slow for the budget */
    BF_CANDIDATE_FAILED
} bf_candidate_state_t;

/** A setting and its runs. */
typedef struct bf_candidate {
    bf_setting_t setting;
    bf_candidate_state_t state;
    double *seconds; /**< one a round, NAN where it did not run */
    double *idle;    /**< share of the workers' time without a task, NAN where the program does not tell */
    size_t runs;
    char failure[320];
    bf_comparison_t against; /**< the reference; filled in by bf_tune_judge() */
} bf_candidate_t;

enum { BF_TUNE_ROUNDS_MAX = 200, BF_TUNE_SETTINGS_MAX = 500 };

/** Everything about one tuning. */
typedef struct bf_tune {
    const bf_tune_options_t *options;
    bf_candidate_t *candidates; /**< the first is the reference: the first value of every list */
    size_t n;
    size_t rounds;        /**< done or begun */
    size_t rounds_wanted; /**< that decide */
    double level;         /**< chance of a wrong claim allowed for one comparison */
    double begin;         /**< bf_seconds() */
    double limit_s;       /**< of one run */
    char folder[256];     /**< scratch: results, StarPU's home */
    char suffix[8];       /**< of the result file: .csv or .npy */
    bool have_result;     /**< the next three are of the first run that succeeded */
    uint64_t result_hash;
    char state_hash[20]; /**< "" when the program does not tell */
    bf_setting_t result_of;
    bool keep; /**< leave the folder: it is the evidence */
    bool interrupted;
} bf_tune_t;

/** @brief Make the settings from the lists. @return BF_OK, BF_ERR_INPUT, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_tune_settings(const bf_tune_options_t *options, bf_tune_t *tune);

/** @brief `lws, 2 workers, 1 rank` with window and grain where they are set. @return text */
const char *bf_setting_describe(const bf_setting_t *setting, char *text, size_t size);

/** @return whether the scheduler decides by calibrated models. */
bool bf_setting_calibrates(const bf_setting_t *setting);

/** One run. */
typedef struct bf_trial {
    bool done; /**< it ended well; otherwise failure says how not */
    double seconds;
    double idle;
    uint64_t result_hash;
    char state_hash[20];
    char failure[320];
} bf_trial_t;

/** @brief Run the command in one setting. @param calibrate  let StarPU measure instead of using what it has measured
 *  @return BF_OK also when the command failed; errors are of this program: no such command, no room */
BF_MUST_USE bf_status_t bf_trial_run(const bf_tune_t *tune, const bf_setting_t *setting, double limit_s, bool calibrate,
                                     bf_trial_t *trial);

/** @brief The command line of a setting, ready for a shell, on @p stream. */
void bf_trial_print(const bf_tune_t *tune, const bf_setting_t *setting, FILE *stream);

/** @brief Calibrate, run rounds, drop what is hopeless, until it is decided, the budget is spent or somebody interrupts.
 *  @return BF_OK; BF_ERR_INTERNAL when two runs gave different results */
BF_MUST_USE bf_status_t bf_tune_run(bf_tune_t *tune);

/** @brief Compare all with the reference. @return the best setting that is shown to be faster, or the reference; NULL when the
 *  reference never ran */
const bf_candidate_t *bf_tune_judge(bf_tune_t *tune);

/** @return pointers to the candidates, the fastest first, failures last; to be freed with free(). NULL without memory. */
const bf_candidate_t **bf_tune_sorted(const bf_tune_t *tune);

/** @brief The table and what follows from it. */
void bf_tune_print(const bf_tune_t *tune, const bf_candidate_t *best, FILE *stream);

/** @brief One line per setting. */
void bf_tune_write_csv(const bf_tune_t *tune, FILE *stream);

/** @brief Everything, every run included. @return BF_OK, BF_ERR_IO, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_tune_write_json(const bf_tune_t *tune, const bf_candidate_t *best, FILE *stream);

/** @return BF_OK, or BF_ERR_INPUT when gnuplot is not there. */
BF_MUST_USE bf_status_t bf_tune_plot_check(void);

/** @brief Draw every run of every setting. @return BF_OK, BF_ERR_IO */
BF_MUST_USE bf_status_t bf_tune_plot(const bf_tune_t *tune, const char *path);

#endif
