/* The flat gate list. */
#include "runtime/circuit/ir.h"

#include <stdlib.h>

bf_status_t bf_circuit_create(bf_site_t n, bf_circuit_t **circuit)
{
    *circuit = calloc(1, sizeof **circuit);
    if (!*circuit)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for a circuit");
    (*circuit)->n = n;
    return BF_OK;
}

void bf_circuit_destroy(bf_circuit_t *circuit)
{
    if (!circuit)
        return;
    free(circuit->gates);
    free(circuit);
}

bf_status_t bf_circuit_append(bf_circuit_t *circuit, const bf_gate_t *gate)
{
    if (circuit->n_gates == circuit->capacity) {
        const size_t capacity = circuit->capacity ? 2 * circuit->capacity : 64;
        bf_gate_t *gates = realloc(circuit->gates, capacity * sizeof *gates);
        if (!gates)
            return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu gates", capacity);
        circuit->gates = gates;
        circuit->capacity = capacity;
    }
    circuit->gates[circuit->n_gates++] = *gate;
    return BF_OK;
}

bf_site_t bf_circuit_qubits(const bf_circuit_t *circuit)
{
    return circuit->n;
}

size_t bf_circuit_gates(const bf_circuit_t *circuit)
{
    return circuit->n_gates;
}
