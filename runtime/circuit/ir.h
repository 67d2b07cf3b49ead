/** @file ir.h
 *  @brief The circuit as parsed: a flat list of library gates on numbered qubits, and the inputs their angles depend on.
 */
#ifndef BF_IR_H
#define BF_IR_H

#include "runtime/circuit/circuit.h"
#include "runtime/circuit/classical.h"
#include "runtime/circuit/expression.h"

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

/** Largest number of inputs, arrays element by element. */
#ifndef BF_CIRCUIT_MAX_INPUTS
#define BF_CIRCUIT_MAX_INPUTS 1000000
#endif

/** One gate. The meaning of @c kind is in gate_library.h. */
typedef struct bf_gate {
    uint16_t kind;               /**< bf_gate_kind_t */
    uint16_t free;               /**< bit k: p[k] is no angle but the number of an expression */
    int32_t line;                /**< line of the call in the user's file, from 1 */
    bf_site_t q[BF_GATE_QUBITS]; /**< distinct, 0 <= q < n; as many as the kind has. Of a measurement or reset q[1] is its
                                    outcome: a node of the circuit's logic */
    uint32_t condition;          /**< 0: always; else it happens when this literal of the circuit's logic holds */
    double p[BF_GATE_PARAMS];    /**< finite, radians; as many as the kind has */
} bf_gate_t;

_Static_assert(sizeof(bf_gate_t) <= 64, "a gate fits a cache line");

struct bf_circuit {
    bf_site_t n;      /**< qubits */
    size_t n_gates;   /**< used */
    size_t capacity;  /**< allocated */
    bf_gate_t *gates; /**< owned */

    bf_expressions_t expressions; /**< what the angles of gates depend on */
    size_t n_inputs, room_inputs;
    char **inputs; /**< their names; owned */

    bf_classical_t classical; /**< bits, conditions, final measurements */
    size_t n_notes, room_notes;
    char **notes; /**< what the front end passed over; owned */
};

/** @brief An empty circuit on @p n qubits. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_create(bf_site_t n, bf_circuit_t **circuit);

/** @brief Append; amortised constant time. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_append(bf_circuit_t *circuit, const bf_gate_t *gate);

/** @brief Add an input; the name is copied. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_add_input(bf_circuit_t *circuit, const char *name);

/** @brief Add a note; the text is copied. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_circuit_add_note(bf_circuit_t *circuit, const char *note);

/** @brief Make parameter @p k of @p gate what @p value says. */
static inline void bf_gate_set(bf_gate_t *gate, int k, bf_value_t value)
{
    gate->p[k] = value.expression >= 0 ? (double)value.expression : value.number;
    gate->free = (uint16_t)(value.expression >= 0 ? gate->free | 1U << k : gate->free & ~(1U << k));
}

/** @return parameter @p k of @p gate. */
static inline bf_value_t bf_gate_param(const bf_gate_t *gate, int k)
{
    if (gate->free >> k & 1)
        return (bf_value_t){.expression = (int32_t)gate->p[k]};
    return bf_value_real(gate->p[k]);
}

#ifdef __cplusplus
}
#endif
#endif
