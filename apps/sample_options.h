/** @file sample_options.h
 *  @brief The options of circuit_sample.
 */
#ifndef BF_SAMPLE_OPTIONS_H
#define BF_SAMPLE_OPTIONS_H

#include "apps/run_options.h"
#include "runtime/io/shots.h"

/** One kind of result. */
typedef struct bf_sample_result {
    bool wanted;
    const char *path; /**< NULL: standard output */
    bf_format_t format;
} bf_sample_result_t;

/** As given on the command line. Pointers are argv's. */
typedef struct bf_sample_options {
    bf_run_options_t run; /**< what programs share */
    long long shots;
    bf_sample_result_t counts;
    bf_sample_result_t memory;
    bf_sample_result_t amplitudes;
    bf_sample_result_t marginals;
    const char *strings; /**< of the amplitudes */
    const char *marginal_qubits;
    const char *qubits; /**< to read; NULL: as the circuit measures, else all */
    bf_bit_order_t order;
} bf_sample_options_t;

/** For argp_help(). */
extern const struct argp bf_sample_parser;

/** @brief Parse; prints nothing. @return BF_OK, BF_ERR_INPUT */
BF_MUST_USE bf_status_t bf_sample_parse(int argc, char **argv, bf_sample_options_t *options);

#endif
