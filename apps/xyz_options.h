/** @file xyz_options.h
 *  @brief The options of circuit_xyz_exp.
 */
#ifndef BF_XYZ_OPTIONS_H
#define BF_XYZ_OPTIONS_H

#include "apps/run_options.h"
#include "runtime/io/io.h"
#include "runtime/io/table.h"

/** As given on the command line. Pointers are argv's. */
typedef struct bf_xyz_options {
    bf_run_options_t run; /**< what programs share */
    const char *observables;
    const char *qubits; /**< list, or NULL: all */
    const char *out;
    const char *params;
    bool classical;
    bool resume;
    bf_bad_rows_t bad_rows;
    bf_dim_t heavy_bond;    /**< rows beyond it are computed by site tasks */
    long long shot;         /**< the first trajectory */
    long long trajectories; /**< 0: one, without statistics */
    int operators;          /**< 0 pauli, 1 spin */
    bf_format_t format;
} bf_xyz_options_t;

/** For argp_help(). */
extern const struct argp bf_xyz_parser;

/** The same options without the text around them, for a program that takes all of them: its input is a bf_xyz_options_t. */
extern const struct argp bf_xyz_child;

/** @return the options nobody has given. */
bf_xyz_options_t bf_xyz_options_default(void);

/** @brief Parse; prints nothing. @return BF_OK, BF_ERR_INPUT */
BF_MUST_USE bf_status_t bf_xyz_parse(int argc, char **argv, bf_xyz_options_t *options);

#endif
