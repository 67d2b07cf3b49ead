/* Angles: compiled to postfix once, evaluated per call. Precedence from loose to tight: + -, * /, sign, power (right to left). */
#include "runtime/circuit/qasm_parser.h"

#include <math.h>
#include <string.h>

enum { OP_CONSTANT, OP_PARAMETER, OP_FUNCTION, OP_NEGATE, OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_POWER, OP_END };

typedef struct function {
    const char *name;
    double (*apply)(double);
    int versions; /**< bit 0: OpenQASM 2, bit 1: OpenQASM 3 */
} function_t;

static const function_t functions[] = {{"sin", sin, 3},     {"cos", cos, 3},     {"tan", tan, 3},     {"exp", exp, 3},
                                       {"sqrt", sqrt, 3},   {"ln", log, 1},      {"log", log, 2},     {"arcsin", asin, 2},
                                       {"arccos", acos, 2}, {"arctan", atan, 2}, {"floor", floor, 2}, {"ceiling", ceil, 2}};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static bf_status_t emit(bf_qasm_t *parser, int code, bf_place_t place, int32_t index, double value)
{
    BF_QASM_PUSH(parser, ops, (bf_qasm_op_t){.code = (uint8_t)code, .index = index, .place = place, .value = value});
    return BF_OK;
}

static bf_status_t read_sum(bf_qasm_t *parser);

static bool in_version(const bf_qasm_t *parser, int versions)
{
    return (versions >> (parser->version - 2)) & 1;
}

/** A function name and its bracketed argument; *found says whether it was one. */
static bf_status_t read_function(bf_qasm_t *parser, bool *found)
{
    *found = false;
    for (int i = 0; i < FUNCTIONS; i++) {
        if (!in_version(parser, functions[i].versions) || !bf_qasm_at_name(parser, functions[i].name))
            continue;
        *found = true;
        const bf_place_t place = parser->token.place;
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(bf_qasm_expect(parser, '(', "( after the function's name"));
        BF_TRY(read_sum(parser));
        BF_TRY(bf_qasm_expect(parser, ')', ")"));
        return emit(parser, OP_FUNCTION, place, i, 0);
    }
    return BF_OK;
}

static bf_status_t read_name(bf_qasm_t *parser)
{
    static const struct {
        const char *name;
        double value;
        int versions;
    } constants[] = {{"pi", M_PI, 3}, {"tau", 2 * M_PI, 2}, {"euler", M_E, 2}};
    const bf_token_t token = parser->token;
    const int32_t param = bf_names_find(&parser->params, token.name);
    if (param >= 0) {
        BF_TRY(bf_qasm_next(parser));
        return emit(parser, OP_PARAMETER, token.place, param, 0);
    }
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (in_version(parser, constants[i].versions) && bf_qasm_at_name(parser, constants[i].name)) {
            BF_TRY(bf_qasm_next(parser));
            return emit(parser, OP_CONSTANT, token.place, 0, constants[i].value);
        }
    }
    bool found = false;
    BF_TRY(read_function(parser, &found));
    if (found)
        return BF_OK;
    char quote[BF_QUOTE];
    return bf_source_error(parser->source, token.place, "unknown name %s in an angle, expected a number, pi, %s",
                           bf_token_quote(&token, quote),
                           parser->version == 2 ? "a gate parameter, or one of sin cos tan exp ln sqrt"
                                                : "a gate parameter, or one of sin cos tan arcsin arccos arctan exp log sqrt");
}

static bf_status_t read_atom(bf_qasm_t *parser)
{
    const bf_token_t token = parser->token;
    switch (token.kind) {
    case BF_TOKEN_INTEGER:
    case BF_TOKEN_REAL:
        BF_TRY(bf_qasm_next(parser));
        return emit(parser, OP_CONSTANT, token.place, 0, token.value);
    case BF_TOKEN_NAME:
        return read_name(parser);
    case '(':
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_sum(parser));
        return bf_qasm_expect(parser, ')', ")");
    default:
        return bf_qasm_unexpected(parser, "an angle: a number, pi, a parameter, a function or (");
    }
}

/** signed := (+|-) signed | atom [power signed]. The only place that recurses, so the only one that counts. */
static bf_status_t read_signed(bf_qasm_t *parser)
{
    const bf_token_t token = parser->token;
    if (++parser->nesting > BF_QASM_MAX_NESTING)
        return bf_source_error(parser->source, token.place, "an angle nested more than %d deep", BF_QASM_MAX_NESTING);
    if (token.kind == '-' || token.kind == '+') {
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_signed(parser));
        if (token.kind == '-')
            BF_TRY(emit(parser, OP_NEGATE, token.place, 0, 0));
    } else {
        BF_TRY(read_atom(parser));
        const bf_token_t power = parser->token;
        if (power.kind == (parser->version == 2 ? '^' : BF_TOKEN_POWER)) {
            BF_TRY(bf_qasm_next(parser));
            BF_TRY(read_signed(parser));
            BF_TRY(emit(parser, OP_POWER, power.place, 0, 0));
        }
    }
    parser->nesting--;
    return BF_OK;
}

static bf_status_t read_product(bf_qasm_t *parser)
{
    BF_TRY(read_signed(parser));
    while (parser->token.kind == '*' || parser->token.kind == '/') {
        const bf_token_t token = parser->token;
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_signed(parser));
        BF_TRY(emit(parser, token.kind == '*' ? OP_MULTIPLY : OP_DIVIDE, token.place, 0, 0));
    }
    return BF_OK;
}

static bf_status_t read_sum(bf_qasm_t *parser)
{
    BF_TRY(read_product(parser));
    while (parser->token.kind == '+' || parser->token.kind == '-') {
        const bf_token_t token = parser->token;
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_product(parser));
        BF_TRY(emit(parser, token.kind == '+' ? OP_ADD : OP_SUBTRACT, token.place, 0, 0));
    }
    return BF_OK;
}

bf_status_t bf_qasm_read_expression(bf_qasm_t *parser)
{
    const bf_place_t start = parser->token.place;
    parser->nesting = 0;
    BF_TRY(read_sum(parser));
    return emit(parser, OP_END, start, 0, 0);
}

static double apply_binary(int code, double a, double b)
{
    switch (code) {
    case OP_ADD:
        return a + b;
    case OP_SUBTRACT:
        return a - b;
    case OP_MULTIPLY:
        return a * b;
    case OP_DIVIDE:
        return a / b;
    default:
        return pow(a, b);
    }
}

static bf_status_t not_finite(const bf_qasm_t *parser, const bf_qasm_op_t *op, double last)
{
    if (op->code == OP_DIVIDE && last == 0)
        return bf_source_error(parser->source, op->place, "division by zero in an angle");
    return bf_source_error(parser->source, op->place, "the angle is not a finite number");
}

bf_status_t bf_qasm_evaluate(bf_qasm_t *parser, size_t *op, const double *params, double *value)
{
    double *const stack = parser->stack;
    size_t top = 0;
    for (const bf_qasm_op_t *at = parser->ops + *op;; at++) {
        double last = 0;
        switch (at->code) {
        case OP_CONSTANT:
            stack[top++] = at->value;
            break;
        case OP_PARAMETER:
            stack[top++] = params[at->index];
            break;
        case OP_FUNCTION:
            stack[top - 1] = functions[at->index].apply(stack[top - 1]);
            break;
        case OP_NEGATE:
            stack[top - 1] = -stack[top - 1];
            break;
        case OP_END:
            *op = (size_t)(at - parser->ops) + 1;
            *value = stack[0];
            return BF_OK;
        default:
            last = stack[--top];
            stack[top - 1] = apply_binary(at->code, stack[top - 1], last);
            break;
        }
        if (!isfinite(stack[top - 1]))
            return not_finite(parser, at, last);
    }
}
