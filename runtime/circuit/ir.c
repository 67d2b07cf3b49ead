/* The flat gate list, and what becomes of it when its inputs are known. */
#include "runtime/circuit/ir.h"

#include "runtime/circuit/gate_library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    bf_expressions_clear(&circuit->expressions);
    for (size_t i = 0; i < circuit->n_inputs; i++)
        free(circuit->inputs[i]);
    free(circuit->inputs);
    for (size_t i = 0; i < circuit->n_notes; i++)
        free(circuit->notes[i]);
    free(circuit->notes);
    bf_classical_clear(&circuit->classical);
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

size_t bf_circuit_inputs(const bf_circuit_t *circuit)
{
    return circuit->n_inputs;
}

const char *bf_circuit_input_name(const bf_circuit_t *circuit, size_t i)
{
    return circuit->inputs[i];
}

size_t bf_circuit_notes(const bf_circuit_t *circuit)
{
    return circuit->n_notes;
}

const char *bf_circuit_note(const bf_circuit_t *circuit, size_t i)
{
    return circuit->notes[i];
}

/** Append a copy of @p text to a growing list. */
static bf_status_t add_text(char ***list, size_t *count, size_t *room, const char *text)
{
    if (*count == *room) {
        const size_t wanted = *room ? 2 * *room : 16;
        char **moved = realloc(*list, wanted * sizeof *moved);
        if (!moved)
            return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu names of a circuit", wanted);
        *list = moved;
        *room = wanted;
    }
    char *copy = strdup(text);
    if (!copy)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for a name of a circuit");
    (*list)[(*count)++] = copy;
    return BF_OK;
}

bf_status_t bf_circuit_add_input(bf_circuit_t *circuit, const char *name)
{
    return add_text(&circuit->inputs, &circuit->n_inputs, &circuit->room_inputs, name);
}

bf_status_t bf_circuit_add_note(bf_circuit_t *circuit, const char *note)
{
    return add_text(&circuit->notes, &circuit->n_notes, &circuit->room_notes, note);
}

static bf_status_t bind_gates(const bf_circuit_t *circuit, const double *values, bf_circuit_t *bound)
{
    for (size_t i = 0; i < circuit->n_gates; i++) {
        bf_gate_t gate = circuit->gates[i];
        for (int k = 0; gate.free >> k; k++) {
            if (!(gate.free >> k & 1))
                continue;
            gate.p[k] = bf_expression_value(&circuit->expressions.items[(size_t)gate.p[k]], values);
            if (!isfinite(gate.p[k]))
                return bf_error_set(BF_ERR_INPUT, "line %d: an angle of %s is not a finite number with these inputs", gate.line,
                                    bf_gate_info((bf_gate_kind_t)gate.kind)->name);
        }
        gate.free = 0;
        BF_TRY(bf_circuit_append(bound, &gate));
    }
    return BF_OK;
}

bf_status_t bf_circuit_bind(const bf_circuit_t *circuit, const double *values, bf_circuit_t **bound)
{
    bf_circuit_t *copy = NULL;
    *bound = NULL;
    BF_TRY(bf_circuit_create(circuit->n, &copy));
    bf_status_t status = bind_gates(circuit, values, copy);
    if (status >= 0)
        status = bf_classical_copy(&circuit->classical, &copy->classical);
    if (status < 0) {
        bf_circuit_destroy(copy);
        return status;
    }
    *bound = copy;
    return BF_OK;
}
