/** @file rows_testing.h
 *  @brief What the tests of circuit_xyz_exp with --params share: tables, templates, runs of the program, results read back.
 *
 *  Everything happens in the program's own directory (io_testing.h). A failure ends the test program with a message.
 */
#ifndef BF_ROWS_TESTING_H
#define BF_ROWS_TESTING_H

#include "oracle_circuit.h"

#include <stdint.h>

/** @brief Make the directory and go there: CUnit suite initialiser. @return 0 on success */
int rows_open(void);

/** @return zeroed memory, freed by the caller. */
double *rows_doubles(size_t count);

/** @brief Write @p rows x @p columns numbers as .npy. */
void rows_table(const char *name, int64_t rows, int64_t columns, const double *values);

/** @return the numbers of a .npy file that must have this shape, freed by the caller. */
double *rows_result(const char *name, int64_t rows, int64_t columns);

/** @brief Run circuit_xyz_exp with these arguments, separated by blanks. @return its exit code; stderr is ours */
int rows_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** @brief Write the feature map of examples/feature_map_rows.qasm as an OpenQASM 3 template with `input array[float[64], n] x`.
 */
void rows_feature_map_template(const char *name, int n, int reps, int d, double gamma);

/** @return the gates of the same for the row @p x, as an oracle reads them: Rz(gamma x_i), RXX(pi gamma^2 (1-x_i)(1-x_j)). */
oracle_circuit_t rows_feature_map(const double *x, int n, int reps, int d, double gamma);

/** @brief Write a circuit as an OpenQASM 3 template in which every parameter is an input, p[0], p[1], ... in the order of the
 * gates.
 *  @return number of inputs */
int rows_parameter_template(const char *name, const oracle_circuit_t *circuit);

#endif
