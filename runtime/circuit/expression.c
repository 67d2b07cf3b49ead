/* Typed arithmetic on known numbers, and code for the others. Integers live in doubles, exact below 2^53; past that they are
 * reals. */
#include "runtime/circuit/expression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double integer_limit = 9007199254740992.0; /* 2^53 */

static double whole_or_nan(double x)
{
    return x == rint(x) ? x : (double)NAN;
}

/* The first one has no name: integer inputs pass through it. */
static const bf_function_t functions[] = {{"", whole_or_nan, 0}, {"sin", sin, 3},     {"cos", cos, 3},     {"tan", tan, 3},
                                          {"exp", exp, 3},       {"sqrt", sqrt, 3},   {"ln", log, 1},      {"log", log, 2},
                                          {"arcsin", asin, 2},   {"arccos", acos, 2}, {"arctan", atan, 2}, {"floor", floor, 2},
                                          {"ceiling", ceil, 2}};
enum { FUNCTIONS = sizeof functions / sizeof functions[0], WHOLE_OR_NAN = 0 };

const bf_function_t *bf_function(int index)
{
    return index < FUNCTIONS ? &functions[index] : NULL;
}

/* The set. */

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory for the expressions of a circuit");
}

static bf_name_t key_of(const bf_ex_op_t *ops, int32_t n_ops)
{
    return bf_name_of_bytes(ops, (size_t)n_ops * sizeof *ops);
}

static bf_status_t intern(bf_expressions_t *set, const bf_ex_op_t *ops, int32_t n_ops, int32_t depth, int32_t *number)
{
    *number = bf_names_find(&set->numbers, key_of(ops, n_ops));
    if (*number >= 0)
        return BF_OK;
    if (set->count == set->room) {
        const size_t room = set->room ? 2 * set->room : 16;
        bf_expression_t *items = realloc(set->items, room * sizeof *items);
        if (!items)
            return no_memory();
        set->items = items;
        set->room = room;
    }
    bf_ex_op_t *copy = malloc((size_t)n_ops * sizeof *copy);
    if (!copy)
        return no_memory();
    memcpy(copy, ops, (size_t)n_ops * sizeof *copy);
    *number = (int32_t)set->count;
    set->items[set->count++] = (bf_expression_t){copy, n_ops, depth};
    return bf_names_set(&set->numbers, key_of(copy, n_ops), *number);
}

void bf_expressions_clear(bf_expressions_t *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->items[i].ops);
    free(set->items);
    bf_names_clear(&set->numbers);
    *set = (bf_expressions_t){0};
}

/* Arithmetic on numbers. */

static double apply_binary(int code, double a, double b)
{
    switch (code) {
    case BF_EX_ADD:
        return a + b;
    case BF_EX_SUBTRACT:
        return a - b;
    case BF_EX_MULTIPLY:
        return a * b;
    case BF_EX_DIVIDE:
        return a / b;
    case BF_EX_POWER:
        return pow(a, b);
    case BF_EX_MODULO:
        return fmod(a, b);
    case BF_EX_EQUAL:
        return a == b;
    case BF_EX_UNEQUAL:
        return a != b;
    case BF_EX_LESS:
        return a < b;
    case BF_EX_LESS_EQUAL:
        return a <= b;
    case BF_EX_GREATER:
        return a > b;
    case BF_EX_GREATER_EQUAL:
        return a >= b;
    case BF_EX_AND:
        return a != 0 && b != 0;
    default:
        return a != 0 || b != 0;
    }
}

static double apply_bits(int code, int64_t a, int64_t b)
{
    switch (code) {
    case BF_EX_BIT_AND:
        return (double)(a & b);
    case BF_EX_BIT_OR:
        return (double)(a | b);
    case BF_EX_BIT_XOR:
        return (double)(a ^ b);
    case BF_EX_SHIFT_LEFT:
        return b >= 0 ? ldexp((double)a, b < 2000 ? (int)b : 2000) : (double)NAN;
    default:
        return b >= 0 ? floor(ldexp((double)a, b < 2000 ? -(int)b : -2000)) : (double)NAN;
    }
}

double bf_expression_value(const bf_expression_t *expression, const double *inputs)
{
    double stack[BF_EXPRESSION_MAX_DEPTH];
    int n = 0;
    for (const bf_ex_op_t *op = expression->ops; op < expression->ops + expression->n_ops; op++) {
        switch (op->code) {
        case BF_EX_CONSTANT:
            stack[n++] = op->value;
            break;
        case BF_EX_INPUT:
            stack[n++] = inputs[op->index];
            break;
        case BF_EX_FUNCTION:
            stack[n - 1] = functions[op->index].apply(stack[n - 1]);
            break;
        case BF_EX_NEGATE:
            stack[n - 1] = -stack[n - 1];
            break;
        case BF_EX_ADD:
            n--;
            stack[n - 1] += stack[n];
            break;
        case BF_EX_SUBTRACT:
            n--;
            stack[n - 1] -= stack[n];
            break;
        case BF_EX_MULTIPLY:
            n--;
            stack[n - 1] *= stack[n];
            break;
        default:
            n--;
            stack[n - 1] = apply_binary(op->code, stack[n - 1], stack[n]);
            break;
        }
        if (!isfinite(stack[n - 1]))
            return (double)NAN;
    }
    return stack[0];
}

/* Code. */

typedef struct code {
    bf_ex_op_t ops[BF_EXPRESSION_MAX_OPS];
    int32_t n_ops;
} code_t;

static bool append(code_t *code, const bf_expressions_t *set, const bf_value_t *a, int32_t *depth)
{
    const bf_ex_op_t constant = {BF_EX_CONSTANT, 0, a->number};
    bf_expression_t part = {(bf_ex_op_t *)&constant, 1, 1};
    if (a->expression >= 0)
        part = set->items[a->expression];
    if (part.n_ops > BF_EXPRESSION_MAX_OPS - 1 - code->n_ops)
        return false;
    memcpy(code->ops + code->n_ops, part.ops, (size_t)part.n_ops * sizeof part.ops[0]);
    code->n_ops += part.n_ops;
    *depth = part.depth;
    return true;
}

/** The operation as code: a and b (NULL for a function or a sign) and then @p op. */
static bf_status_t emit(bf_expressions_t *set, const bf_value_t *a, const bf_value_t *b, bf_ex_op_t op, bf_value_t *value,
                        const char **why)
{
    code_t code;
    int32_t depth = 0, depth_b = 0;
    code.n_ops = 0;
    const bool fits = append(&code, set, a, &depth) && (!b || append(&code, set, b, &depth_b));
    if (b && depth_b + 1 > depth)
        depth = depth_b + 1;
    if (!fits || depth > BF_EXPRESSION_MAX_DEPTH) {
        *why = "the expression is too long when its definitions are expanded, expected at most 4096 operations nested 256 deep";
        return BF_ERR_INPUT;
    }
    code.ops[code.n_ops++] = op;
    *value = (bf_value_t){.type = BF_VALUE_REAL};
    return intern(set, code.ops, code.n_ops, depth, &value->expression);
}

bf_status_t bf_value_input(bf_expressions_t *set, int32_t index, bf_value_type_t type, bf_value_t *value)
{
    const bf_ex_op_t ops[2] = {{BF_EX_INPUT, index, 0}, {BF_EX_FUNCTION, WHOLE_OR_NAN, 0}};
    *value = (bf_value_t){.type = (int32_t)type};
    return intern(set, ops, type == BF_VALUE_INTEGER ? 2 : 1, 1, &value->expression);
}

static bool is_integer(const bf_value_t *a)
{
    return a->type == BF_VALUE_INTEGER || a->type == BF_VALUE_TRUNCATED;
}

static bool is_logic(int code)
{
    return code == BF_EX_AND || code == BF_EX_OR || code == BF_EX_NOT;
}

static bool is_bitwise(int code)
{
    return code >= BF_EX_BIT_AND && code <= BF_EX_SHIFT_RIGHT;
}

static bool is_comparison(int code)
{
    return code >= BF_EX_EQUAL && code <= BF_EX_GREATER_EQUAL;
}

static const char *check_operand(int code, const bf_value_t *a)
{
    if (a->expression >= 0 && code > BF_EX_MODULO)
        return "this depends on an input, expected constants";
    if (a->type == BF_VALUE_BOOLEAN && !is_logic(code) && !is_comparison(code))
        return "true or false where a number was expected";
    if (is_bitwise(code) && !is_integer(a))
        return "not an integer, expected one: this operator works on bits";
    return NULL;
}

static const char lost_remainder[] = "integers divided with a remainder that is lost, write 1.0/2 for the real quotient";

/** What the result is; the number is in place. */
static bf_status_t settle(bf_value_type_t type, bf_value_t *value, const char **why)
{
    value->expression = -1;
    value->type = (int32_t)type;
    if (!isfinite(value->number)) {
        *why = "the value is not a finite number";
        return BF_ERR_INPUT;
    }
    if ((type == BF_VALUE_INTEGER || type == BF_VALUE_TRUNCATED) && fabs(value->number) > integer_limit)
        value->type = BF_VALUE_REAL;
    return BF_OK;
}

bf_status_t bf_value_unary(bf_expressions_t *set, int code, int function, bf_value_t a, bf_value_t *value, const char **why)
{
    *why = check_operand(code, &a);
    if (!*why && code == BF_EX_FUNCTION && a.type == BF_VALUE_TRUNCATED)
        *why = lost_remainder;
    if (*why)
        return BF_ERR_INPUT;
    if (a.expression >= 0) {
        const bf_value_type_t type = code == BF_EX_NEGATE ? (bf_value_type_t)a.type : BF_VALUE_REAL;
        const bf_status_t status = emit(set, &a, NULL, (bf_ex_op_t){code, function, 0}, value, why);
        value->type = (int32_t)type;
        return status;
    }
    switch (code) {
    case BF_EX_FUNCTION:
        value->number = functions[function].apply(a.number);
        return settle(BF_VALUE_REAL, value, why);
    case BF_EX_NEGATE:
        value->number = -a.number;
        return settle((bf_value_type_t)a.type, value, why);
    case BF_EX_NOT:
        value->number = a.number == 0;
        return settle(BF_VALUE_BOOLEAN, value, why);
    default:
        value->number = -a.number - 1; /* ~a in two's complement */
        return settle(BF_VALUE_INTEGER, value, why);
    }
}

/** Integers stay integers; the quotient is cut toward 0. */
static bf_status_t integer_binary(int code, const bf_value_t *a, const bf_value_t *b, bf_value_t *value, const char **why)
{
    bf_value_type_t type = a->type == BF_VALUE_TRUNCATED || b->type == BF_VALUE_TRUNCATED ? BF_VALUE_TRUNCATED : BF_VALUE_INTEGER;
    const double exact = apply_binary(code, a->number, b->number);
    value->number = exact;
    if (code == BF_EX_DIVIDE && isfinite(exact)) {
        value->number = trunc(exact);
        if (fmod(a->number, b->number) != 0)
            type = BF_VALUE_TRUNCATED;
    } else if (code == BF_EX_POWER && exact != rint(exact)) {
        type = BF_VALUE_REAL;
    }
    return settle(type, value, why);
}

bf_status_t bf_value_binary(bf_expressions_t *set, int code, bf_value_t a, bf_value_t b, bf_value_t *value, const char **why)
{
    const bool integers = is_integer(&a) && is_integer(&b);
    *why = check_operand(code, &a);
    if (!*why)
        *why = check_operand(code, &b);
    if (!*why && code <= BF_EX_MODULO && !integers && (a.type == BF_VALUE_TRUNCATED || b.type == BF_VALUE_TRUNCATED))
        *why = lost_remainder;
    if (!*why && code == BF_EX_DIVIDE && b.expression < 0 && b.number == 0)
        *why = "division by zero";
    const bool depends = a.expression >= 0 || b.expression >= 0;
    if (!*why && depends && code == BF_EX_DIVIDE && integers)
        *why = "an integer input divided by an integer, write x/2.0 for the real quotient";
    if (*why)
        return BF_ERR_INPUT;
    if (depends) {
        const bf_status_t status = emit(set, &a, &b, (bf_ex_op_t){code, 0, 0}, value, why);
        value->type = integers && code != BF_EX_POWER ? BF_VALUE_INTEGER : BF_VALUE_REAL;
        return status;
    }
    if (is_bitwise(code)) {
        value->number = apply_bits(code, (int64_t)a.number, (int64_t)b.number);
        return settle(BF_VALUE_INTEGER, value, why);
    }
    if (code <= BF_EX_MODULO && integers)
        return integer_binary(code, &a, &b, value, why);
    value->number = apply_binary(code, a.number, b.number);
    return settle(is_logic(code) || is_comparison(code) ? BF_VALUE_BOOLEAN : BF_VALUE_REAL, value, why);
}
