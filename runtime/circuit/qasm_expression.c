/* Expressions: compiled to postfix once, evaluated per call. OpenQASM 2 has + -, * /, signs, and ^ for powers (right to left);
 * OpenQASM 3 has C's operators and ** for powers. */
#include "runtime/circuit/qasm_parser.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/** Binary operators; a higher level binds tighter. Powers are not here: they bind tighter than signs. */
static const struct {
    int token;
    int level;
    int code;
    int versions; /**< bit 0: OpenQASM 2, bit 1: OpenQASM 3 */
} operators[] = {{BF_TOKEN_OR, 1, BF_EX_OR, 2},
                 {BF_TOKEN_AND, 2, BF_EX_AND, 2},
                 {'|', 3, BF_EX_BIT_OR, 2},
                 {'^', 4, BF_EX_BIT_XOR, 2},
                 {'&', 5, BF_EX_BIT_AND, 2},
                 {BF_TOKEN_EQUAL, 6, BF_EX_EQUAL, 2},
                 {BF_TOKEN_UNEQUAL, 6, BF_EX_UNEQUAL, 2},
                 {'<', 7, BF_EX_LESS, 2},
                 {'>', 7, BF_EX_GREATER, 2},
                 {BF_TOKEN_LESS_EQUAL, 7, BF_EX_LESS_EQUAL, 2},
                 {BF_TOKEN_GREATER_EQUAL, 7, BF_EX_GREATER_EQUAL, 2},
                 {BF_TOKEN_SHIFT_LEFT, 8, BF_EX_SHIFT_LEFT, 2},
                 {BF_TOKEN_SHIFT_RIGHT, 8, BF_EX_SHIFT_RIGHT, 2},
                 {'+', 9, BF_EX_ADD, 3},
                 {'-', 9, BF_EX_SUBTRACT, 3},
                 {'*', 10, BF_EX_MULTIPLY, 3},
                 {'/', 10, BF_EX_DIVIDE, 3},
                 {'%', 10, BF_EX_MODULO, 2}};
enum { OPERATORS = sizeof operators / sizeof operators[0], ABOVE_COMPARISONS = 8 };

static bf_status_t emit(bf_qasm_t *parser, int code, bf_place_t place, int32_t index, bf_value_t value)
{
    BF_QASM_PUSH(parser, ops, (bf_qasm_op_t){.code = code, .index = index, .place = place, .value = value});
    return BF_OK;
}

static bf_status_t emit_code(bf_qasm_t *parser, int code, bf_place_t place)
{
    return emit(parser, code, place, 0, bf_value_real(0));
}

static bf_status_t read_level(bf_qasm_t *parser, int level);

static bf_status_t read_whole(bf_qasm_t *parser)
{
    return read_level(parser, 1);
}

static bool in_version(const bf_qasm_t *parser, int versions)
{
    return (versions >> (parser->version - 2)) & 1;
}

/** A function name and its bracketed arguments; *found says whether it was one. */
static bf_status_t read_function(bf_qasm_t *parser, bool *found)
{
    static const struct {
        const char *name;
        int code;
    } of_two[] = {{"mod", BF_EX_MODULO}, {"pow", BF_EX_POWER}};
    const bf_place_t place = parser->token.place;
    int function = -1, code = -1;
    const bf_function_t *info;
    for (int i = 0; (info = bf_function(i)) != NULL; i++)
        if (in_version(parser, info->versions) && bf_qasm_at_name(parser, info->name))
            function = i;
    for (int i = 0; i < 2; i++)
        if (parser->version == 3 && bf_qasm_at_name(parser, of_two[i].name))
            code = of_two[i].code;
    *found = function >= 0 || code >= 0;
    if (!*found)
        return BF_OK;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_expect(parser, '(', "( after the function's name"));
    BF_TRY(read_whole(parser));
    if (code >= 0) {
        BF_TRY(bf_qasm_expect(parser, ',', ", and the second argument"));
        BF_TRY(read_whole(parser));
    }
    BF_TRY(bf_qasm_expect(parser, ')', ")"));
    return code >= 0 ? emit_code(parser, code, place) : emit(parser, BF_EX_FUNCTION, place, function, bf_value_real(0));
}

/** A constant of the language; *found says whether it was one. */
static bf_status_t read_constant(bf_qasm_t *parser, bool *found)
{
    static const struct {
        const char *name;
        double value;
        int type;
        int versions;
    } constants[] = {{"pi", M_PI, BF_VALUE_REAL, 3},
                     {"tau", 2 * M_PI, BF_VALUE_REAL, 2},
                     {"euler", M_E, BF_VALUE_REAL, 2},
                     {"true", 1, BF_VALUE_BOOLEAN, 2},
                     {"false", 0, BF_VALUE_BOOLEAN, 2}};
    *found = false;
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (!in_version(parser, constants[i].versions) || !bf_qasm_at_name(parser, constants[i].name))
            continue;
        *found = true;
        const bf_place_t place = parser->token.place;
        BF_TRY(bf_qasm_next(parser));
        return emit(parser, BF_EX_CONSTANT, place, 0, (bf_value_t){constants[i].value, -1, constants[i].type});
    }
    return BF_OK;
}

static bf_status_t unknown_name(const bf_qasm_t *parser)
{
    char quote[BF_QUOTE], other[BF_QUOTE];
    bf_token_quote(&parser->token, quote);
    const int32_t reg = parser->version == 3 ? bf_names_find(&parser->registers, parser->token.name) : -1;
    if (reg >= 0 && parser->regs[reg].quantum)
        return bf_source_error(parser->source, parser->token.place,
                               "%s holds qubits, expected constants, or bits they were measured into", quote);
    if (reg >= 0)
        return bf_source_error(parser->source, parser->token.place,
                               "%s is known only when the circuit runs, expected constants: "
                               "measured bits are for conditions and assignments of bits",
                               quote);
    const bf_name_t *nearest = bf_names_nearest(&parser->symbols, parser->token.name);
    if (nearest)
        return bf_source_error(parser->source, parser->token.place, "unknown name %s in an expression, did you mean %s?", quote,
                               bf_quote(other, nearest->text, nearest->length));
    return bf_source_error(
        parser->source, parser->token.place, "unknown name %s in an expression, expected a number, pi, %s", quote,
        parser->version == 2 ? "a gate parameter, or one of sin cos tan exp ln sqrt"
                             : "a constant, an input, or one of sin cos tan arcsin arccos arctan exp log sqrt floor ceiling");
}

/** `[index]` of an array of inputs; the index must be known now. */
static bf_status_t read_element(bf_qasm_t *parser, const bf_qasm_symbol_t *symbol, bf_value_t *value)
{
    char quote[BF_QUOTE];
    const bf_qasm_symbol_t array = *symbol;
    bf_quote(quote, array.name.text, array.name.length);
    if (parser->token.kind != '[') {
        char expected[BF_QUOTE + 32];
        snprintf(expected, sizeof expected, "[ and an index: %s is an array", quote);
        return bf_qasm_unexpected(parser, expected);
    }
    BF_TRY(bf_qasm_next(parser));
    const bf_place_t place = parser->token.place;
    int64_t index = 0;
    BF_TRY(bf_qasm_read_constant(parser, &index));
    BF_TRY(bf_qasm_expect(parser, ']', "]"));
    if (index < -array.size || index >= array.size)
        return bf_source_error(parser->source, place, "index %lld is out of range, array %s has elements 0 to %d",
                               (long long)index, quote, array.size - 1);
    const int64_t from_start = index < 0 ? index + array.size : index;
    return bf_value_input(&parser->circuit->expressions, array.first_input + (int32_t)from_start,
                          (bf_value_type_t)array.value.type, value);
}

static bf_status_t read_name(bf_qasm_t *parser)
{
    const bf_token_t token = parser->token;
    const int32_t param = bf_names_find(&parser->params, token.name);
    if (param >= 0) {
        BF_TRY(bf_qasm_next(parser));
        return emit(parser, BF_EX_PARAMETER, token.place, param, bf_value_real(0));
    }
    const int32_t known = bf_names_find(&parser->symbols, token.name);
    if (known >= 0) {
        const bf_qasm_symbol_t *symbol = &parser->symbol_list[known];
        bf_value_t value = symbol->value;
        BF_TRY(bf_qasm_next(parser));
        if (symbol->size > 0)
            BF_TRY(read_element(parser, symbol, &value));
        return emit(parser, BF_EX_CONSTANT, token.place, 0, value);
    }
    bool found = false;
    BF_TRY(read_constant(parser, &found));
    if (!found)
        BF_TRY(read_function(parser, &found));
    return found ? BF_OK : unknown_name(parser);
}

/** `$k` in a gate list: column k of the table. */
static bf_status_t read_column(bf_qasm_t *parser)
{
    const bf_place_t place = parser->token.place;
    bf_value_t value;
    bf_site_t column = 0;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_integer(parser, "column", BF_CIRCUIT_MAX_INPUTS - 1, &column));
    while (parser->circuit->n_inputs <= (size_t)column) {
        char name[16];
        snprintf(name, sizeof name, "$%zu", parser->circuit->n_inputs);
        BF_TRY(bf_circuit_add_input(parser->circuit, name));
    }
    BF_TRY(bf_value_input(&parser->circuit->expressions, column, BF_VALUE_REAL, &value));
    return emit(parser, BF_EX_CONSTANT, place, 0, value);
}

static bf_status_t read_atom(bf_qasm_t *parser)
{
    const bf_token_t token = parser->token;
    bf_value_t value = bf_value_real(token.value);
    switch (token.kind) {
    case BF_TOKEN_INTEGER:
        if (parser->integers && token.value < 9e15)
            value.type = BF_VALUE_INTEGER;
        BF_TRY(bf_qasm_next(parser));
        return emit(parser, BF_EX_CONSTANT, token.place, 0, value);
    case BF_TOKEN_REAL:
        BF_TRY(bf_qasm_next(parser));
        return emit(parser, BF_EX_CONSTANT, token.place, 0, value);
    case BF_TOKEN_NAME:
        return read_name(parser);
    case '$':
        return parser->columns ? read_column(parser) : bf_qasm_unexpected(parser, "an expression");
    case '(':
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_whole(parser));
        return bf_qasm_expect(parser, ')', ")");
    default:
        return bf_qasm_unexpected(parser, parser->version == 2 ? "an angle: a number, pi, a parameter, a function or ("
                                                               : "a number, a name, a function or (");
    }
}

/** signed := (+|-|!|~) signed | atom [power signed]. Everything that nests passes here, so only this counts. */
static bf_status_t read_signed(bf_qasm_t *parser)
{
    const bf_token_t token = parser->token;
    if (++parser->nesting > BF_QASM_MAX_NESTING)
        return bf_source_error(parser->source, token.place, "an expression nested more than %d deep", BF_QASM_MAX_NESTING);
    const bool logic = parser->version == 3 && (token.kind == '!' || token.kind == '~');
    if (token.kind == '-' || token.kind == '+' || logic) {
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_signed(parser));
        if (token.kind != '+')
            BF_TRY(emit_code(parser,
                             token.kind == '-'   ? BF_EX_NEGATE
                             : token.kind == '!' ? BF_EX_NOT
                                                 : BF_EX_BIT_NOT,
                             token.place));
    } else {
        BF_TRY(read_atom(parser));
        const bf_token_t power = parser->token;
        if (power.kind == (parser->version == 2 ? '^' : BF_TOKEN_POWER)) {
            BF_TRY(bf_qasm_next(parser));
            BF_TRY(read_signed(parser));
            BF_TRY(emit_code(parser, BF_EX_POWER, power.place));
        }
    }
    parser->nesting--;
    return BF_OK;
}

/** The operator at hand, if it binds at least as tightly as @p level; else -1. */
static int operator_at(const bf_qasm_t *parser, int level)
{
    const int token = parser->token.kind;
    if (token == BF_TOKEN_NAME || token == ')' || token == ',' || token == ';' || token == ']')
        return -1;
    for (int i = 0; i < OPERATORS; i++)
        if (operators[i].token == token && operators[i].level >= level && in_version(parser, operators[i].versions))
            return i;
    return -1;
}

/** Precedence climbing: operands joined by operators of at least this level, from left to right. */
static bf_status_t read_level(bf_qasm_t *parser, int level)
{
    BF_TRY(read_signed(parser));
    for (int i; (i = operator_at(parser, level)) >= 0;) {
        const bf_place_t place = parser->token.place;
        if (parser->token.kind == '+' && bf_qasm_text_follows(parser, "+"))
            break; /* ++ joins registers */
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_level(parser, operators[i].level + 1));
        BF_TRY(emit_code(parser, operators[i].code, place));
    }
    return BF_OK;
}

/** Read from operators of @p level on, and close the code. */
static bf_status_t read_code(bf_qasm_t *parser, int level)
{
    const bf_place_t start = parser->token.place;
    const int nesting = parser->nesting;
    BF_TRY(read_level(parser, level));
    parser->nesting = nesting;
    return emit_code(parser, BF_EX_END, start);
}

bf_status_t bf_qasm_read_expression(bf_qasm_t *parser)
{
    return read_code(parser, 1);
}

static bf_status_t refuse_value(const bf_qasm_t *parser, const bf_qasm_op_t *op, bf_status_t status, const char *why)
{
    return status == BF_ERR_INPUT ? bf_source_error(parser->source, op->place, "%s", why) : status;
}

/** Run the code at *op, advance *op past it. */
static bf_status_t evaluate(bf_qasm_t *parser, size_t *op, const bf_value_t *params, bf_value_t *value)
{
    bf_expressions_t *const set = &parser->circuit->expressions;
    bf_value_t stack[BF_QASM_STACK];
    size_t top = 0;
    for (const bf_qasm_op_t *at = parser->ops + *op;; at++) {
        const char *why = "";
        bf_status_t status = BF_OK;
        switch (at->code) {
        case BF_EX_CONSTANT:
            stack[top++] = at->value;
            if (at->value.expression < 0 && !isfinite(at->value.number))
                return bf_source_error(parser->source, at->place, "the value is not a finite number");
            break;
        case BF_EX_PARAMETER:
            if (!params)
                return bf_source_error(parser->source, at->place, "this depends on a parameter of the gate, expected constants");
            stack[top++] = params[at->index];
            break;
        case BF_EX_FUNCTION:
        case BF_EX_NEGATE:
        case BF_EX_NOT:
        case BF_EX_BIT_NOT:
            status = bf_value_unary(set, at->code, at->index, stack[top - 1], &stack[top - 1], &why);
            break;
        case BF_EX_END:
            *op = (size_t)(at - parser->ops) + 1;
            *value = stack[0];
            return BF_OK;
        default:
            top--;
            status = bf_value_binary(set, at->code, stack[top - 1], stack[top], &stack[top - 1], &why);
            break;
        }
        if (status < 0)
            return refuse_value(parser, at, status, why);
    }
}

bf_status_t bf_qasm_evaluate_angle(bf_qasm_t *parser, size_t *op, const bf_value_t *params, bf_value_t *value)
{
    BF_TRY(evaluate(parser, op, params, value));
    const bf_place_t place = parser->ops[*op - 1].place; /* BF_EX_END knows where the expression starts */
    if (value->type == BF_VALUE_TRUNCATED)
        return bf_source_error(parser->source, place,
                               "an angle from integers divided with a remainder that is lost, write 1.0/2 for the real quotient");
    if (value->type == BF_VALUE_BOOLEAN)
        return bf_source_error(parser->source, place, "an angle that is true or false, expected a number");
    value->type = BF_VALUE_REAL;
    return BF_OK;
}

static bf_status_t read_now(bf_qasm_t *parser, int level, bf_value_t *value)
{
    const size_t scratch = parser->n_ops;
    size_t op = scratch;
    BF_TRY(read_code(parser, level));
    BF_TRY(evaluate(parser, &op, NULL, value));
    parser->n_ops = scratch;
    return BF_OK;
}

bf_status_t bf_qasm_read_value(bf_qasm_t *parser, bf_value_t *value)
{
    return read_now(parser, 1, value);
}

bf_status_t bf_qasm_read_term(bf_qasm_t *parser, bf_value_t *value)
{
    return read_now(parser, ABOVE_COMPARISONS, value);
}

bf_status_t bf_qasm_read_constant(bf_qasm_t *parser, int64_t *constant)
{
    const bf_place_t place = parser->token.place;
    bf_value_t value;
    BF_TRY(bf_qasm_read_value(parser, &value));
    if (value.expression >= 0)
        return bf_source_error(parser->source, place, "this depends on an input, expected a constant integer");
    if (value.type != BF_VALUE_INTEGER && value.type != BF_VALUE_TRUNCATED)
        return bf_source_error(parser->source, place, "not an integer, expected one");
    *constant = (int64_t)value.number;
    return BF_OK;
}

bf_status_t bf_qasm_read_angle(const bf_source_t *source, const bf_lexer_t *lexer, bf_circuit_t *circuit, bf_value_t *angle)
{
    bf_qasm_t parser = {.source = source, .lexer = *lexer, .version = 3, .columns = true, .circuit = circuit};
    bf_status_t status = bf_qasm_next(&parser);
    if (status >= 0)
        status = bf_qasm_read_value(&parser, angle);
    if (status >= 0 && parser.token.kind != BF_TOKEN_END)
        status = bf_qasm_unexpected(&parser, "the end of the line after the angle");
    if (status >= 0 && angle->type == BF_VALUE_BOOLEAN)
        status = bf_source_error(source, bf_lexer_place(lexer), "an angle that is true or false, expected a number");
    free(parser.ops);
    return status;
}
