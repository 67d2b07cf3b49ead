/** @file oracle_trajectory.h
 *  @brief Circuits with measured bits for tests: a list of statements that prints itself as OpenQASM and runs on a state vector.
 *
 *  Outcomes come from the program's own generator (kernels/random.h) with the probabilities of the state vector, everything
 *  else is independent of the program under test.
 */
#ifndef BF_ORACLE_TRAJECTORY_H
#define BF_ORACLE_TRAJECTORY_H

#include "oracle_dense.h"

#include <stdint.h>

enum { ORACLE_MAX_BITS = 16, ORACLE_MAX_TESTS = 2 };

/** What a statement does. */
typedef enum oracle_act { ORACLE_GATE, ORACLE_MEASURE, ORACLE_RESET } oracle_act_t;

/** Conditions on the register c of all bits. */
typedef enum oracle_question {
    ORACLE_EQUALS, /**< c == value: the only one of OpenQASM 2 */
    ORACLE_DIFFERS,
    ORACLE_BELOW,
    ORACLE_AT_LEAST,
    ORACLE_BIT,     /**< c[a] */
    ORACLE_NOT_BIT, /**< !c[a] */
    ORACLE_PARITY,  /**< c[a] ^ c[b] */
    ORACLE_BOTH,    /**< c[a] && !c[b] */
    ORACLE_EITHER,  /**< c[a] == 1 || c[b] == true */
    ORACLE_QUESTIONS
} oracle_question_t;

/** One `if`; or its `else`. */
typedef struct oracle_test {
    oracle_question_t question;
    int a, b;
    unsigned value;
    bool otherwise; /**< the statement is in the else branch */
} oracle_test_t;

/** A statement inside up to ORACLE_MAX_TESTS ifs. */
typedef struct oracle_statement {
    oracle_act_t act;
    oracle_gate_t gate; /**< of a gate */
    int qubit, bit;     /**< of a measurement (bit -1: none) or reset */
    int n_tests;
    oracle_test_t tests[ORACLE_MAX_TESTS];
} oracle_statement_t;

/** A circuit on n qubits and a register c of bits. */
typedef struct oracle_dynamic {
    int n, bits;
    int version; /**< of OpenQASM: 2 allows one test, c == value */
    size_t count, capacity;
    oracle_statement_t *list; /**< owned */
} oracle_dynamic_t;

/** @brief Empty. */
oracle_dynamic_t oracle_dynamic_new(int version, int n, int bits);

/** @brief Free. */
void oracle_dynamic_free(oracle_dynamic_t *d);

/** @brief Append; return it for adding tests. Valid until the next one. */
oracle_statement_t *oracle_dynamic_gate(oracle_dynamic_t *d, const char *name, const double *p, const int *q);
oracle_statement_t *oracle_dynamic_measure(oracle_dynamic_t *d, int qubit, int bit);
oracle_statement_t *oracle_dynamic_reset(oracle_dynamic_t *d, int qubit);

/** @brief Put a statement under one more condition. */
void oracle_dynamic_when(oracle_statement_t *s, oracle_question_t question, int a, int b, unsigned value);

/** @brief @p count random statements, all gates of the library among them, and then an h on every qubit: no measurement is final.
 */
oracle_dynamic_t oracle_dynamic_random(int version, int n, int bits, int count, oracle_rng_t *rng);

/** @return its text, to be freed by the caller. */
char *oracle_dynamic_qasm(const oracle_dynamic_t *d);

/** @brief Run on @p psi, normalised. @param first_draw  number of the first measurement or reset
 *  @param[out] bits  d->bits values
 *  @return number of measurements and resets, those that did not happen included */
uint32_t oracle_dynamic_run(const oracle_dynamic_t *d, oracle_z_t *psi, uint64_t seed, uint64_t shot, uint32_t first_draw,
                            int *bits);

#endif
