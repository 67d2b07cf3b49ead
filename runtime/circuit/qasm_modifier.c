/* Modifiers before the name of a gate: ctrl, negctrl, inv, pow. */
#include "runtime/circuit/gate_modify.h"
#include "runtime/circuit/qasm_parser.h"

#include <math.h>

/** `ctrl @` or `ctrl(n) @`, from behind the word. */
static bf_status_t read_controls(bf_qasm_t *parser, uint8_t polarity, bf_qasm_modifiers_t *modifiers)
{
    int64_t count = 1;
    if (parser->token.kind == '(') {
        BF_TRY(bf_qasm_next(parser));
        const bf_place_t place = parser->token.place;
        BF_TRY(bf_qasm_read_constant(parser, &count));
        if (count < 1 || count > BF_MAX_CONTROLS)
            return bf_source_error(parser->source, place, "%lld controls, expected 1 to %d", (long long)count, BF_MAX_CONTROLS);
        BF_TRY(bf_qasm_expect(parser, ')', ")"));
    }
    if (modifiers->n_controls + count > BF_MAX_CONTROLS)
        return bf_source_error(parser->source, parser->token.place, "more than %d controls of one gate", BF_MAX_CONTROLS);
    modifiers->n_controls += (int32_t)count;
    for (int64_t i = 0; i < count; i++)
        BF_QASM_PUSH(parser, polarities, polarity);
    return BF_OK;
}

/** `pow(k) @`, from behind the word. */
static bf_status_t read_power(bf_qasm_t *parser, bf_qasm_modifiers_t *modifiers)
{
    bf_value_t power;
    BF_TRY(bf_qasm_expect(parser, '(', "( and the power"));
    const bf_place_t place = parser->token.place;
    BF_TRY(bf_qasm_read_value(parser, &power));
    if (power.expression >= 0)
        return bf_source_error(parser->source, place, "this depends on an input, expected a constant power");
    BF_TRY(bf_qasm_convert(parser, place, BF_VALUE_REAL, &power));
    const bool roots = power.number != rint(power.number) || modifiers->exponent != rint(modifiers->exponent);
    if (roots && fabs(modifiers->exponent) != 1)
        return bf_source_error(parser->source, place, "a power that is no integer beside another power, expected one of them");
    modifiers->exponent *= power.number;
    if (fabs(modifiers->exponent) > BF_CIRCUIT_MAX_GATES)
        return bf_source_error(parser->source, place, "a power of more than %d", BF_CIRCUIT_MAX_GATES);
    return bf_qasm_expect(parser, ')', ")");
}

bf_status_t bf_qasm_read_modifiers(bf_qasm_t *parser, bf_qasm_modifiers_t *modifiers)
{
    *modifiers = (bf_qasm_modifiers_t){.exponent = 1, .first_polarity = parser->n_polarities};
    while (parser->version == 3 && parser->token.kind == BF_TOKEN_NAME) {
        const bool control = bf_qasm_at_name(parser, "ctrl"), negative = bf_qasm_at_name(parser, "negctrl");
        const bool inverse = bf_qasm_at_name(parser, "inv"), power = bf_qasm_at_name(parser, "pow");
        if (!control && !negative && !inverse && !power)
            return BF_OK;
        BF_TRY(bf_qasm_next(parser));
        if (inverse)
            modifiers->exponent = -modifiers->exponent;
        else if (power)
            BF_TRY(read_power(parser, modifiers));
        else
            BF_TRY(read_controls(parser, control, modifiers));
        BF_TRY(bf_qasm_expect(parser, '@', "@ after the modifier"));
    }
    return BF_OK;
}
