/** @file oracle_circuit.h
 *  @brief A plain gate list for tests, which prints itself as OpenQASM 2 or as a .gates list.
 *
 *  The program under test parses the text; the dense oracle applies its own matrices to the list. Nothing is shared between the
 * two.
 */
#ifndef BF_ORACLE_CIRCUIT_H
#define BF_ORACLE_CIRCUIT_H

#include "oracle_random.h"

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#define ORACLE_MAX_QUBITS 5 /**< of one gate */
#define ORACLE_MAX_PARAMS 4

typedef double _Complex oracle_z_t;

/** A kind of gate. Exactly one of @c matrix and @c compose is set. */
typedef struct oracle_kind {
    const char *name;                               /**< as in OpenQASM 2's qelib1.inc */
    int params;                                     /**< parameters, radians */
    int controls;                                   /**< leading qubits that must all be 1 */
    int targets;                                    /**< qubits the matrix acts on: 1 or 2 */
    void (*matrix)(const double *p, oracle_z_t *u); /**< row-major; the first target is the more significant bit */
    const struct oracle_step *compose;              /**< or a fixed sequence of other gates, ended by a NULL name */
} oracle_kind_t;

/** One step of a composed gate: qubits are indices into the qubits of the gate. */
typedef struct oracle_step {
    const char *name;
    double p[2];
    int q[3];
} oracle_step_t;

/** One gate of a circuit. */
typedef struct oracle_gate {
    const oracle_kind_t *kind;
    double p[ORACLE_MAX_PARAMS];
    int q[ORACLE_MAX_QUBITS];
} oracle_gate_t;

/** A circuit on n qubits, initial state |0..0>. */
typedef struct oracle_circuit {
    int n;
    size_t count, capacity;
    oracle_gate_t *gates; /**< owned */
} oracle_circuit_t;

/** Literals for oracle_add(): oracle_add(&c, "crx", P(0.3), Q(4, 1)). */
#define P(...) ((const double[]){__VA_ARGS__})
#define Q(...) ((const int[]){__VA_ARGS__})

/** @return all kinds, ended by a NULL name. */
const oracle_kind_t *oracle_kinds(void);

/** @return the kind named @p name; aborts when there is none. */
const oracle_kind_t *oracle_kind(const char *name);

/** @return number of qubits of a gate of this kind. */
int oracle_kind_qubits(const oracle_kind_t *kind);

/** @brief An empty circuit on @p n qubits. */
oracle_circuit_t oracle_circuit_new(int n);

/** @brief Free the gates. */
void oracle_circuit_free(oracle_circuit_t *c);

/** @brief Append a gate. @param p its parameters or NULL; @param q its qubits. */
void oracle_add(oracle_circuit_t *c, const char *name, const double *p, const int *q);

/** @brief Append the inverses of all gates so far, last first. Aborts on a gate whose inverse has no name. */
void oracle_add_inverse(oracle_circuit_t *c);

/** @brief Append @p count gates of random kinds with random angles on random distinct qubits. */
void oracle_add_random(oracle_circuit_t *c, int count, oracle_rng_t *rng);

/** @brief Append @p layers half-layers of random two-qubit blocks (u3 on both, then crx, then cry back) on neighbours. */
void oracle_add_brickwork(oracle_circuit_t *c, int layers, oracle_rng_t *rng);

/** @return the circuit as OpenQASM 2, one gate a line, to be freed by the caller. */
char *oracle_circuit_qasm(const oracle_circuit_t *c);

/** @return the circuit as a .gates list (only h, rx, rz, rxx, rzz, swap, t, cz), to be freed by the caller. */
char *oracle_circuit_gates(const oracle_circuit_t *c);

#endif
