/* From the last gate to the first: a gate is seen when one of its qubits is, and then all of them are. */
#include "runtime/circuit/cone.h"

#include "runtime/circuit/gate_library.h"

#include <stdlib.h>
#include <string.h>

/** Whether the gate is in the cone; its qubits join it then. */
static bool join(const bf_gate_t *gate, bool *seen)
{
    const int n_qubits = bf_gate_info((bf_gate_kind_t)gate->kind)->n_qubits;
    bool in = gate->condition != 0 || gate->kind >= BF_KIND_KINDS;
    for (int i = 0; i < n_qubits; i++)
        in = in || seen[gate->q[i]];
    for (int i = 0; i < n_qubits && in; i++)
        seen[gate->q[i]] = true;
    return in;
}

bf_status_t bf_cone_prune(const bf_circuit_t *circuit, const bf_site_t *qubits, size_t n_qubits, bf_circuit_t *pruned)
{
    *pruned = *circuit;
    pruned->gates = malloc((circuit->n_gates + 1) * sizeof *pruned->gates);
    bool *seen = calloc((size_t)circuit->n + 1, sizeof *seen);
    bf_status_t status = pruned->gates && seen ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory for a light cone");
    for (size_t i = 0; i < n_qubits && status >= 0; i++) {
        if (qubits[i] < 0 || qubits[i] >= circuit->n)
            status = bf_error_set(BF_ERR_ARG, "qubit %d: the circuit has qubits 0 to %d", qubits[i], circuit->n - 1);
        else
            seen[qubits[i]] = true;
    }
    if (status >= 0) {
        size_t first = circuit->n_gates; /* kept gates gather at the end */
        for (size_t i = circuit->n_gates; i-- > 0;)
            if (join(&circuit->gates[i], seen))
                pruned->gates[--first] = circuit->gates[i];
        pruned->n_gates = circuit->n_gates - first;
        memmove(pruned->gates, pruned->gates + first, pruned->n_gates * sizeof *pruned->gates);
    }
    free(seen);
    return status;
}
