/* Fuzz target: any text is parsed as OpenQASM and as a gate list; what is accepted is lowered, with its inputs bound, and must be
 * a sane program. The first byte chooses the language and the number of sites. Built with libFuzzer (option BF_FUZZ), or with
 * replay.c as an ordinary test that runs every file of the corpus. */
#include "fuzz_circuit.h"
#include "runtime/circuit/ir.h"
#include "runtime/circuit/template.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/** Stops at the first thing that should not be: libFuzzer keeps the input, the replaying test fails. */
static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_program(const bf_program_t *program)
{
    size_t updates = 0;
    for (size_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        const bool two = op->update >= 0;
        require(op->site >= 0 && op->site + two < program->n);
        require(op->kind != BF_OP_GATE || op->matrix < (two ? program->n_gates2 : program->n_gates1));
        if (op->kind == BF_OP_PUSH) {
            require(!two && op->matrix < program->n_spans);
            const bf_span_t *span = &program->spans[op->matrix];
            require(span->site >= 0 && span->site + span->length <= program->n && span->sum < program->n_sums);
            require(op->site >= span->site && op->site + 1 < span->site + span->length);
            continue;
        }
        require(op->kind == BF_OP_GATE || op->kind == BF_OP_TRUNCATE ||
                (!two && op->bit > 0 && (size_t)op->bit < program->logic.n_nodes));
        require(op->condition == 0 || op->condition >> 1 < program->logic.n_nodes);
        require(!two || op->update == (int32_t)updates++);
    }
    require(updates == program->n_updates);
    for (size_t i = 0; i < program->n_gates2; i++) {
        double norm2 = 0; /* of a 4 x 4 unitary: 4 */
        for (int k = 0; k < 16; k++)
            norm2 += creal(program->gates2[i].u[k] * conj(program->gates2[i].u[k]));
        require(fabs(norm2 - 4) < 1e-9);
    }
}

/** Conditions depend on what is before them; every readout has its qubit and bit. */
static void check_bits(const bf_circuit_t *circuit)
{
    const bf_logic_t *logic = &circuit->classical.logic;
    for (size_t i = 1; i < logic->n_nodes; i++)
        require(logic->nodes[i].a == BF_LOGIC_OUTCOME || (logic->nodes[i].a >> 1 < i && logic->nodes[i].b >> 1 < i));
    for (size_t i = 0; i < circuit->n_gates; i++)
        require(circuit->gates[i].condition == 0 || circuit->gates[i].condition >> 1 < logic->n_nodes);
    size_t count = 0;
    const bf_readout_t *readouts = bf_circuit_readouts(circuit, &count);
    for (size_t i = 0; i < count; i++) {
        require(readouts[i].qubit >= 0 && readouts[i].qubit < bf_circuit_qubits(circuit));
        require(readouts[i].bit >= -1 && readouts[i].bit < (int32_t)bf_circuit_bits(circuit));
    }
    for (size_t i = 0; i < bf_circuit_bits(circuit); i++) {
        char name[BF_BIT_NAME];
        bf_circuit_bit_name(circuit, i, name);
        require(name[0] != '\0');
    }
}

static void check_refusal(const char *name)
{
    const char *message = bf_error_message();
    require(strncmp(message, name, strlen(name)) == 0 && message[strlen(name)] == ':');
    for (; *message; message++)
        require(*message >= ' ' && *message <= '~');
}

/** The same numbers in both ways of binding: both refuse them, or both make a sane program. */
static void check_template(const bf_circuit_t *circuit)
{
    const size_t n_inputs = bf_circuit_inputs(circuit);
    bf_template_t *lowered = NULL;
    bf_circuit_t *fixed = NULL;
    double *values = malloc((n_inputs + 1) * sizeof *values);
    require(values != NULL);
    for (size_t i = 0; i < n_inputs; i++)
        values[i] = 1 - 0.25 * (double)(i % 8);
    if (bf_circuit_is_dynamic(circuit)) {
        require(bf_template_create(circuit, &lowered) == BF_ERR_INPUT && !lowered);
        free(values);
        return;
    }
    require(bf_template_create(circuit, &lowered) == BF_OK);
    bf_program_t program = *bf_template_program(lowered);
    bf_gate2_t *gates2 = malloc((program.n_gates2 + 1) * sizeof *gates2);
    bf_gate1_t *gates1 = malloc((program.n_gates1 + 1) * sizeof *gates1);
    require(gates2 && gates1);
    const bf_status_t status = bf_template_bind(lowered, values, gates2, gates1);
    if (status == BF_OK) {
        program.gates2 = gates2;
        program.gates1 = gates1;
        check_program(&program);
    }
    require(status == BF_OK || status == BF_ERR_INPUT);
    const bf_status_t other = bf_circuit_bind(circuit, values, &fixed);
    require(other == BF_OK || other == BF_ERR_INPUT);
    require(status == BF_OK || other == BF_ERR_INPUT); /* gates that vanish when they are fused may hide what bind refuses */
    bf_circuit_destroy(fixed);
    bf_template_destroy(lowered);
    free(gates2);
    free(gates1);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *name = data[0] & 1 ? "f.qasm" : "f.gates";
    const bf_site_t sites = data[0] & 2 ? 3 : 0;
    bf_circuit_t *circuit = NULL;
    bf_program_t *program = NULL;
    bf_error_clear();
    const bf_status_t status = bf_circuit_parse(name, (const char *)data + 1, size - 1, sites, &circuit);
    require((status == BF_OK) == (circuit != NULL));
    if (!circuit) {
        require(status == BF_ERR_INPUT);
        check_refusal(name);
        return 0;
    }
    const bf_site_t n = bf_circuit_qubits(circuit);
    require(n >= 1 && (!sites || n == sites));
    if (bf_circuit_inputs(circuit) > 0) {
        require(bf_circuit_lower(circuit, n, NULL, &program) == BF_ERR_INPUT && !program);
    } else {
        require(bf_circuit_lower(circuit, n, NULL, &program) == BF_OK);
        check_program(program);
        bf_program_destroy(program);
    }
    check_template(circuit);
    check_bits(circuit);
    bf_circuit_destroy(circuit);
    return 0;
}
