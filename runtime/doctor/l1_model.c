/* L1, the mathematical model: what the circuit asks for. */
#include "runtime/doctor/checks.h"

/* Two-site operations that no gate of the file asked for: swaps that bring distant qubits together. */
static size_t count_swaps(const bf_program_t *program)
{
    size_t swaps = 0;
    for (size_t i = 0; i < program->n_ops; i++)
        swaps += program->ops[i].update >= 0 && program->ops[i].line == 0 ? 1 : 0;
    return swaps;
}

void bf_check_model(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 1, "circuit");
    const bf_circuit_t *circuit = patient->options.circuit;
    const size_t inputs = bf_circuit_inputs(circuit);
    bf_find_integer(finding, "qubits", bf_circuit_qubits(circuit));
    bf_find_integer(finding, "gates", (long long)bf_circuit_gates(circuit));
    bf_find_integer(finding, "inputs", (long long)inputs);
    if (!patient->program) {
        bf_find_say(finding, "the circuit cannot be lowered: %s", bf_error_message());
        bf_find_wrong(finding, BF_FAIL, 1.0, "circuit_xyz_exp %s   (says where)", patient->options.circuit_name);
        bf_error_clear();
        return;
    }
    const size_t updates = patient->program->n_updates;
    const size_t swaps = count_swaps(patient->program);
    bf_find_integer(finding, "updates", (long long)updates);
    bf_find_integer(finding, "swaps", (long long)swaps);
    bf_find_say(finding, "%d qubits, %zu gates -> %zu two-site updates", (int)bf_circuit_qubits(circuit),
                bf_circuit_gates(circuit), updates);
    if (inputs > 0)
        bf_find_add(finding, "%zu inputs, one circuit per row of a table", inputs);
    if (swaps > 0)
        bf_find_add(finding, "%zu of them swaps that bring distant qubits together", swaps);
    if (2 * swaps > updates)
        bf_find_wrong(finding, BF_WARN, (double)updates / (double)(updates - swaps),
                      "number the qubits of the circuit so that gates join neighbours");
}
