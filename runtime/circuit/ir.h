/** @file ir.h
 *  @brief The circuit as parsed: a flat list of library gates on numbered qubits.
 */
#ifndef BF_IR_H
#define BF_IR_H

#include "runtime/circuit/circuit.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BF_GATE_QUBITS 5
#define BF_GATE_PARAMS 4

/** Largest number of qubits a file may ask for. */
#ifndef BF_CIRCUIT_MAX_QUBITS
#define BF_CIRCUIT_MAX_QUBITS 100000
#endif

/** Largest number of gates after expansion of definitions and registers (6.4 GB of bf_gate_t). */
#ifndef BF_CIRCUIT_MAX_GATES
#define BF_CIRCUIT_MAX_GATES 100000000
#endif

/** One gate. The meaning of @c kind is in gate_library.h. */
typedef struct bf_gate {
    uint16_t kind;               /**< bf_gate_kind_t */
    int32_t line;                /**< line of the call in the user's file, from 1 */
    bf_site_t q[BF_GATE_QUBITS]; /**< distinct, 0 <= q < n; as many as the kind has */
    double p[BF_GATE_PARAMS];    /**< finite, radians; as many as the kind has */
} bf_gate_t;

_Static_assert(sizeof(bf_gate_t) <= 64, "a gate fits a cache line");

struct bf_circuit {
    bf_site_t n;      /**< qubits */
    size_t n_gates;   /**< used */
    size_t capacity;  /**< allocated */
    bf_gate_t *gates; /**< owned */
};

/** @brief An empty circuit on @p n qubits. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_create(bf_site_t n, bf_circuit_t **circuit);

/** @brief Append; amortised constant time. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_append(bf_circuit_t *circuit, const bf_gate_t *gate);

#ifdef __cplusplus
}
#endif
#endif
