/* Measurements, resets, and assignments of bits. */
#include "runtime/circuit/qasm_bits.h"

/** A measurement or a reset of one qubit, under the conditions around it. @param[out] outcome  its literal */
static bf_status_t append(bf_qasm_t *parser, bf_gate_kind_t kind, bf_place_t place, bf_site_t q, uint32_t *outcome)
{
    if (parser->circuit->classical.logic.n_nodes >= BF_CIRCUIT_MAX_NODES)
        return bf_source_error(parser->source, place, "more than %d measurements and conditions on their outcomes",
                               BF_CIRCUIT_MAX_NODES);
    BF_TRY(bf_classical_outcome(&parser->circuit->classical, outcome));
    if (parser->condition == BF_LOGIC_FALSE)
        return BF_OK;
    const bf_gate_t gate = {
        .kind = (uint16_t)kind, .line = place.line, .q = {q, (bf_site_t)(*outcome >> 1)}, .condition = parser->condition};
    return bf_circuit_append(parser->circuit, &gate);
}

/** Give bit number @p i of an operand another literal, where the conditions around the statement hold. */
static bf_status_t assign(bf_qasm_t *parser, const bf_qasm_operand_t *bits, bf_site_t i, uint32_t literal)
{
    const bf_site_t bit = bits->reg->first + bf_qasm_element(parser, bits, i);
    bf_classical_t *classical = &parser->circuit->classical;
    return bf_classical_choose(classical, parser->condition, literal, classical->bits[bit], &classical->bits[bit]);
}

static bf_status_t measure(bf_qasm_t *parser, const bf_qasm_operand_t *qubits, const bf_qasm_operand_t *bits)
{
    if (bits && bits->size != qubits->size)
        return bf_source_error(parser->source, bits->place, "%d qubits measured into %d bits, expected equal sizes", qubits->size,
                               bits->size);
    BF_TRY(bf_qasm_charge(parser, (uint64_t)qubits->size, qubits->place));
    for (bf_site_t i = 0; i < qubits->size; i++) {
        uint32_t outcome = 0;
        const bf_site_t q = bf_qasm_qubit(parser, qubits->reg, bf_qasm_element(parser, qubits, i));
        BF_TRY(append(parser, BF_KIND_MEASURE, qubits->place, q, &outcome));
        if (bits)
            BF_TRY(assign(parser, bits, i, outcome));
    }
    return bf_qasm_expect(parser, ';', "; after the measurement");
}

bf_status_t bf_qasm_read_measure(bf_qasm_t *parser)
{
    bf_qasm_operand_t qubits, bits;
    parser->n_indices = 0;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_operand(parser, true, &qubits));
    if (parser->version == 3 && parser->token.kind == ';')
        return measure(parser, &qubits, NULL);
    BF_TRY(bf_qasm_expect(parser, BF_TOKEN_ARROW, "-> and the bits"));
    BF_TRY(bf_qasm_read_operand(parser, false, &bits));
    return measure(parser, &qubits, &bits);
}

bf_status_t bf_qasm_read_assignment(bf_qasm_t *parser, const bf_qasm_operand_t *bits)
{
    BF_TRY(bf_qasm_expect(parser, '=', "= measure, or = and bits"));
    if (bf_qasm_at_name(parser, "measure")) {
        bf_qasm_operand_t qubits;
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(bf_qasm_read_operand(parser, true, &qubits));
        return measure(parser, &qubits, bits);
    }
    bf_qasm_bits_t value;
    const size_t base = parser->n_literals;
    BF_TRY(bf_qasm_read_bits(parser, &value));
    BF_TRY(bf_qasm_fit_bits(parser, &value, (size_t)bits->size));
    BF_TRY(bf_qasm_charge(parser, (uint64_t)bits->size, bits->place));
    for (bf_site_t i = 0; i < bits->size; i++)
        BF_TRY(assign(parser, bits, i, parser->literals[value.first + (size_t)i]));
    parser->n_literals = base;
    return bf_qasm_expect(parser, ';', "; after the assignment");
}

bf_status_t bf_qasm_read_reset(bf_qasm_t *parser)
{
    bf_qasm_operand_t qubits;
    parser->n_indices = 0;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_operand(parser, true, &qubits));
    BF_TRY(bf_qasm_charge(parser, (uint64_t)qubits.size, qubits.place));
    for (bf_site_t i = 0; i < qubits.size; i++) {
        uint32_t outcome = 0;
        const bf_site_t q = bf_qasm_qubit(parser, qubits.reg, bf_qasm_element(parser, &qubits, i));
        BF_TRY(append(parser, BF_KIND_RESET, qubits.place, q, &outcome));
    }
    return bf_qasm_expect(parser, ';', "; after the reset");
}
