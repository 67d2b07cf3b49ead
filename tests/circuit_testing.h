/** @file circuit_testing.h
 *  @brief What the tests of runtime/circuit share: texts being written, random gates, and circuits and programs on dense vectors.
 */
#ifndef BF_CIRCUIT_TESTING_H
#define BF_CIRCUIT_TESTING_H

#include "circuit_reference.h"
#include "oracle_random.h"
#include "runtime/circuit/ir.h"

enum { TESTING_MAX_QUBITS = 10 };

/** A text being written; starts with length 0. */
typedef struct testing_text {
    char data[1 << 16];
    size_t length;
} testing_text_t;

/** @brief Parse what is right; prints the message and stops the test when it is refused. @return to be destroyed */
bf_circuit_t *testing_parse(const char *name, const char *text);

/** Append. */
void testing_say(testing_text_t *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Writes an angle. */
typedef void testing_angle_t(oracle_rng_t *rng, testing_text_t *text);

/** @brief Write the call of a random gate of the library on register q of n qubits. @param angle  NULL: numbers, Clifford ones
 * often */
void testing_write_gate(oracle_rng_t *rng, testing_text_t *text, int n, bool long_range, testing_angle_t *angle);

/** A random state of n qubits; qubit q is bit q of the index. */
void testing_random_state(oracle_rng_t *rng, int n, reference_z_t *psi);

/** to[index with bit q moved to bit site_of[q]] = from[index], or back. */
void testing_move_bits(int n, const bf_site_t *site_of, bool back, const reference_z_t *from, reference_z_t *to);

/** Apply a program to a state in site space, a circuit without inputs to one in qubit space. Conditions hold or do not by their
 *  number and by how many dynamic operations came before, so a changed order shows; something not unitary stands for measurements
 *  and resets. */
void testing_run_program(const bf_program_t *program, reference_z_t *psi);
void testing_run_circuit(const bf_circuit_t *circuit, int n, reference_z_t *psi);

/** @return largest difference of two states up to a phase, relative to the norm of @p a. */
double testing_distance(int n, const reference_z_t *a, const reference_z_t *b);

/** @brief Run @p circuit both ways on a random state of n qubits that sit on the given sites. @return their distance */
double testing_error(oracle_rng_t *rng, const bf_circuit_t *circuit, int n, const bf_site_t *site_of,
                     const bf_program_t *program);

#endif
