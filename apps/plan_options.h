/** @file plan_options.h
 *  @brief The options of circuit_plan: all of circuit_xyz_exp, so that its command lines can be planned as they are, and its own.
 */
#ifndef BF_PLAN_OPTIONS_H
#define BF_PLAN_OPTIONS_H

#include "apps/xyz_options.h"

/** As given on the command line. Pointers are argv's. */
typedef struct bf_plan_cli {
    bf_xyz_options_t xyz;
    int ranks;           /**< -np, 0: not given */
    int workers;         /**< --workers, 0: not given */
    long long rows;      /**< --rows, 0: not given */
    double probe;        /**< --probe, seconds */
    const char *json;    /**< --json, "-" is standard output */
    const char *dot;     /**< --dot */
    const char *svg;     /**< --svg */
    const char *observe; /**< --observe: qubits, text */
    bool calibrate;
    bool viewed;          /**< --view was given */
    long long view[2][2]; /**< layers, sites: first and last */
    int argc;             /**< the command line, for the launch line */
    char **argv;
} bf_plan_cli_t;

/** For argp_help(). */
extern const struct argp bf_plan_parser;

/** @brief Parse; prints nothing. `-np` is accepted as mpirun spells it. @return BF_OK, BF_ERR_INPUT */
BF_MUST_USE bf_status_t bf_plan_parse(int argc, char **argv, bf_plan_cli_t *options);

/** @return whether a word of the command line is an option of circuit_plan alone; @p value: its value is the next word. */
bool bf_plan_own_option(const char *word, bool *value);

#endif
