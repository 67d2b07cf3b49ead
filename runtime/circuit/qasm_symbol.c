/* Constants and inputs of OpenQASM 3. */
#include "runtime/circuit/qasm_parser.h"

#include <stdio.h>
#include <string.h>

bf_status_t bf_qasm_check_new(const bf_qasm_t *parser, const char *what)
{
    const bf_token_t *name = &parser->token;
    char quote[BF_QUOTE];
    if (name->kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, what);
    bf_token_quote(name, quote);
    const int32_t reg = bf_names_find(&parser->registers, name->name);
    if (reg >= 0)
        return bf_source_error(parser->source, name->place, "register %s is already declared on line %d", quote,
                               parser->regs[reg].line);
    const int32_t symbol = bf_names_find(&parser->symbols, name->name);
    if (symbol >= 0)
        return bf_source_error(parser->source, name->place, "%s is already declared on line %d", quote,
                               parser->symbol_list[symbol].line);
    const int32_t gate = bf_names_find(&parser->gates, name->name);
    if (gate >= BF_QASM_FIRST_KEYWORD)
        return bf_source_error(parser->source, name->place, "%s is already a %s", quote,
                               gate >= BF_QASM_FIRST_DEFINITION ? "gate" : "word of the language");
    return BF_OK;
}

/** `[expression]`, a width or a size from 1 to @p limit. */
static bf_status_t read_size(bf_qasm_t *parser, int64_t limit, int64_t *size)
{
    BF_TRY(bf_qasm_expect(parser, '[', "["));
    const bf_place_t place = parser->token.place;
    BF_TRY(bf_qasm_read_constant(parser, size));
    if (*size < 1 || *size > limit)
        return bf_source_error(parser->source, place, "size %lld is out of range, expected 1 to %lld", (long long)*size,
                               (long long)limit);
    return bf_qasm_expect(parser, ']', "]");
}

bf_status_t bf_qasm_read_type(bf_qasm_t *parser, bf_value_type_t *type)
{
    static const struct {
        const char *name;
        bf_value_type_t type;
        bool width;
    } types[] = {{"float", BF_VALUE_REAL, true},
                 {"angle", BF_VALUE_REAL, true},
                 {"int", BF_VALUE_INTEGER, true},
                 {"uint", BF_VALUE_INTEGER, true},
                 {"bool", BF_VALUE_BOOLEAN, false}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!bf_qasm_at_name(parser, types[i].name))
            continue;
        int64_t width = 0;
        *type = types[i].type;
        BF_TRY(bf_qasm_next(parser));
        return types[i].width && parser->token.kind == '[' ? read_size(parser, 4096, &width) : BF_OK;
    }
    return bf_qasm_unexpected(parser, "a type: float, angle, int, uint, bool or array");
}

bf_status_t bf_qasm_declare(bf_qasm_t *parser, const bf_qasm_symbol_t *symbol)
{
    BF_TRY(bf_names_set(&parser->symbols, symbol->name, (int32_t)parser->n_symbol_list));
    BF_QASM_PUSH(parser, symbol_list, *symbol);
    return BF_OK;
}

bf_status_t bf_qasm_convert(const bf_qasm_t *parser, bf_place_t place, bf_value_type_t type, bf_value_t *value)
{
    if (value->expression >= 0)
        return bf_source_error(parser->source, place, "this depends on an input, expected a constant");
    if (type == BF_VALUE_REAL && value->type == BF_VALUE_TRUNCATED)
        return bf_source_error(parser->source, place,
                               "integers divided with a remainder that is lost, write 1.0/2 for the real quotient");
    if (type == BF_VALUE_INTEGER && value->type == BF_VALUE_REAL)
        return bf_source_error(parser->source, place,
                               "a real number for an integer, expected a whole one without fraction or exponent");
    if ((type == BF_VALUE_BOOLEAN) != (value->type == BF_VALUE_BOOLEAN))
        return bf_source_error(parser->source, place,
                               type == BF_VALUE_BOOLEAN ? "a number for a bool, expected true or false"
                                                        : "true or false for a number");
    value->type = (int32_t)type;
    return BF_OK;
}

bf_status_t bf_qasm_read_const(bf_qasm_t *parser)
{
    bf_value_type_t type = BF_VALUE_REAL;
    bf_qasm_symbol_t symbol = {.size = 0};
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_type(parser, &type));
    BF_TRY(bf_qasm_check_new(parser, "the name of the constant"));
    symbol.name = parser->token.name;
    symbol.line = parser->token.place.line;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_expect(parser, '=', "= and the value of the constant"));
    const bf_place_t place = parser->token.place;
    BF_TRY(bf_qasm_read_value(parser, &symbol.value));
    BF_TRY(bf_qasm_convert(parser, place, type, &symbol.value));
    BF_TRY(bf_qasm_expect(parser, ';', "; after the constant"));
    return bf_qasm_declare(parser, &symbol);
}

/** `array[type, size]` */
static bf_status_t read_array_type(bf_qasm_t *parser, bf_value_type_t *type, int64_t *size)
{
    const int64_t limit = BF_CIRCUIT_MAX_INPUTS;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_expect(parser, '[', "[ and the type of the elements"));
    BF_TRY(bf_qasm_read_type(parser, type));
    BF_TRY(bf_qasm_expect(parser, ',', ", and the size of the array"));
    const bf_place_t place = parser->token.place;
    BF_TRY(bf_qasm_read_constant(parser, size));
    if (*size < 1 || *size > limit)
        return bf_source_error(parser->source, place, "an array of %lld inputs, expected 1 to %lld", (long long)*size,
                               (long long)limit);
    if (parser->token.kind == ',')
        return bf_source_error(parser->source, parser->token.place, "an array of several dimensions, expected one");
    return bf_qasm_expect(parser, ']', "]");
}

/** Register the names `x`, or `x[0]`, `x[1]`, ... */
static bf_status_t add_inputs(bf_qasm_t *parser, const bf_qasm_symbol_t *symbol, bf_place_t place)
{
    char text[BF_QUOTE + 16];
    const bf_name_t *name = &symbol->name;
    const int32_t count = symbol->size ? symbol->size : 1;
    if (name->length >= BF_QUOTE)
        return bf_source_error(parser->source, place, "the name of an input has more than %d characters", BF_QUOTE - 1);
    if (parser->circuit->n_inputs + (size_t)count > BF_CIRCUIT_MAX_INPUTS)
        return bf_source_error(parser->source, place, "more than %d inputs", BF_CIRCUIT_MAX_INPUTS);
    for (int32_t i = 0; i < count; i++) {
        const int used = snprintf(text, sizeof text, "%.*s", (int)name->length, name->text);
        if (symbol->size)
            snprintf(text + used, sizeof text - (size_t)used, "[%d]", i);
        BF_TRY(bf_circuit_add_input(parser->circuit, text));
    }
    return BF_OK;
}

bf_status_t bf_qasm_read_input(bf_qasm_t *parser)
{
    bf_value_type_t type = BF_VALUE_REAL;
    int64_t size = 0;
    BF_TRY(bf_qasm_next(parser));
    if (bf_qasm_at_name(parser, "array"))
        BF_TRY(read_array_type(parser, &type, &size));
    else
        BF_TRY(bf_qasm_read_type(parser, &type));
    const bf_place_t place = parser->token.place;
    if (type == BF_VALUE_BOOLEAN)
        return bf_source_error(parser->source, place, "an input of type bool, expected float, angle, int or uint");
    BF_TRY(bf_qasm_check_new(parser, "the name of the input"));
    bf_qasm_symbol_t symbol = {.name = parser->token.name,
                               .line = place.line,
                               .value = {.expression = -1, .type = (int32_t)type},
                               .first_input = (int32_t)parser->circuit->n_inputs,
                               .size = (int32_t)size};
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_expect(parser, ';', "; after the input"));
    BF_TRY(add_inputs(parser, &symbol, place));
    if (size == 0)
        BF_TRY(bf_value_input(&parser->circuit->expressions, symbol.first_input, type, &symbol.value));
    return bf_qasm_declare(parser, &symbol);
}
