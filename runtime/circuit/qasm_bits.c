/* Expressions over measured bits. Where no bit occurs the expressions of numbers are read (qasm_expression.c); a register means
 * the unsigned number it spells, its bit 0 the lowest. */
#include "runtime/circuit/qasm_bits.h"

#include <math.h>
#include <string.h>

/** Operators on bits; a higher level binds tighter. */
static const struct {
    int token;
    int level;
    int code;
} operators[] = {{BF_TOKEN_OR, 1, BF_EX_OR},
                 {BF_TOKEN_AND, 2, BF_EX_AND},
                 {'|', 3, BF_EX_BIT_OR},
                 {'^', 4, BF_EX_BIT_XOR},
                 {'&', 5, BF_EX_BIT_AND},
                 {BF_TOKEN_EQUAL, 6, BF_EX_EQUAL},
                 {BF_TOKEN_UNEQUAL, 6, BF_EX_UNEQUAL},
                 {'<', 7, BF_EX_LESS},
                 {'>', 7, BF_EX_GREATER},
                 {BF_TOKEN_LESS_EQUAL, 7, BF_EX_LESS_EQUAL},
                 {BF_TOKEN_GREATER_EQUAL, 7, BF_EX_GREATER_EQUAL}};
enum { OPERATORS = sizeof operators / sizeof operators[0] };

/* Looking ahead. */

static bool at_bits(const bf_qasm_t *parser)
{
    if (parser->token.kind == BF_TOKEN_STRING)
        return true;
    if (parser->token.kind != BF_TOKEN_NAME)
        return false;
    const int32_t reg = bf_names_find(&parser->registers, parser->token.name);
    return reg >= 0 && !parser->regs[reg].quantum;
}

/** Step on until the bracket number @p depth closes, or bits are met. */
static bf_status_t scan(bf_qasm_t *parser, int64_t depth, bool *found)
{
    while (!(*found = at_bits(parser)) && parser->token.kind != BF_TOKEN_END && parser->token.kind != ';') {
        depth += parser->token.kind == '(';
        depth -= parser->token.kind == ')';
        if (depth == 0)
            break;
        BF_TRY(bf_qasm_next(parser));
    }
    return BF_OK;
}

bf_status_t bf_qasm_mentions_bits(bf_qasm_t *parser, bool *mentions)
{
    const bf_lexer_t lexer = parser->lexer;
    const bf_token_t token = parser->token;
    BF_TRY(scan(parser, 1, mentions));
    parser->lexer = lexer;
    parser->token = token;
    return BF_OK;
}

/** Whether the operand in hand is made of bits: behind its signs, a bit or a bracket with a bit in it. */
static bf_status_t operand_of_bits(bf_qasm_t *parser, bool *bits)
{
    const bf_lexer_t lexer = parser->lexer;
    const bf_token_t token = parser->token;
    while (parser->token.kind == '!' || parser->token.kind == '~')
        BF_TRY(bf_qasm_next(parser));
    *bits = at_bits(parser);
    if (parser->token.kind == '(')
        BF_TRY(scan(parser, 0, bits));
    parser->lexer = lexer;
    parser->token = token;
    return BF_OK;
}

/* Values. */

static bf_status_t push(bf_qasm_t *parser, uint32_t literal)
{
    BF_QASM_PUSH(parser, literals, literal);
    return BF_OK;
}

/** Bit @p i, 0 past the end. */
static uint32_t bit_of(const bf_qasm_t *parser, const bf_qasm_bits_t *bits, size_t i)
{
    return i < bits->size ? parser->literals[bits->first + i] : BF_LOGIC_FALSE;
}

/** The digits of an integer of any length as bits. */
static bf_status_t push_digits(bf_qasm_t *parser, const bf_token_t *number, bf_qasm_bits_t *bits)
{
    char digits[256]; /* the lexer reads at most 200 characters */
    size_t length = 0;
    for (uint32_t i = number->base == 10 ? 0 : 2; i < number->name.length && length < sizeof digits; i++)
        if (number->name.text[i] != '_')
            digits[length++] = (char)bf_digit(number->name.text[i], number->base);
    *bits = (bf_qasm_bits_t){.place = number->place, .first = parser->n_literals};
    for (bool zero = false; !zero;) {
        int rest = 0;
        zero = true;
        for (size_t i = 0; i < length; i++) {
            const int digit = number->base * rest + digits[i];
            digits[i] = (char)(digit / 2);
            rest = digit % 2;
            zero = zero && digits[i] == 0;
        }
        BF_TRY(push(parser, rest ? BF_LOGIC_TRUE : BF_LOGIC_FALSE));
        bits->size++;
    }
    return BF_OK;
}

/** A constant as bits: one for true and false, as many as it takes for an integer. */
static bf_status_t make_bits(bf_qasm_t *parser, bf_qasm_bits_t *bits)
{
    if (!bits->constant)
        return BF_OK;
    const bf_value_t value = bits->value;
    if (value.expression >= 0)
        return bf_source_error(parser->source, bits->place, "this depends on an input, expected constants and measured bits");
    if (value.type == BF_VALUE_REAL)
        return bf_source_error(parser->source, bits->place, "a real number beside measured bits, expected an integer");
    if (value.number < 0)
        return bf_source_error(parser->source, bits->place,
                               "a negative number beside measured bits, expected one that bits can spell");
    *bits = (bf_qasm_bits_t){.place = bits->place, .first = parser->n_literals};
    for (uint64_t left = (uint64_t)value.number; left > 0 || bits->size == 0; left >>= 1, bits->size++)
        BF_TRY(push(parser, left & 1 ? BF_LOGIC_TRUE : BF_LOGIC_FALSE));
    return BF_OK;
}

/** Some bit is 1. */
static bf_status_t truth_of(bf_qasm_t *parser, bf_qasm_bits_t *bits, uint32_t *literal)
{
    BF_TRY(make_bits(parser, bits));
    *literal = BF_LOGIC_FALSE;
    for (size_t i = 0; i < bits->size; i++)
        BF_TRY(bf_classical_or(&parser->circuit->classical, *literal, bit_of(parser, bits, i), literal));
    return BF_OK;
}

bf_status_t bf_qasm_fit_bits(bf_qasm_t *parser, bf_qasm_bits_t *bits, size_t size)
{
    BF_TRY(make_bits(parser, bits));
    if (bits->exact ? bits->size != size : bits->size > size)
        return bf_source_error(parser->source, bits->place, "a value of %zu bits, expected %zu", bits->size, size);
    parser->n_literals = bits->first + bits->size;
    for (; bits->size < size; bits->size++)
        BF_TRY(push(parser, BF_LOGIC_FALSE));
    return BF_OK;
}

/* Operators. */

static bf_status_t compare(bf_qasm_t *parser, int code, const bf_qasm_bits_t *a, const bf_qasm_bits_t *b, uint32_t *result)
{
    bf_classical_t *classical = &parser->circuit->classical;
    const size_t size = a->size > b->size ? a->size : b->size;
    const bool reversed = code == BF_EX_GREATER || code == BF_EX_LESS_EQUAL; /* b < a, or its negation */
    uint32_t unequal = BF_LOGIC_FALSE, less = BF_LOGIC_FALSE;
    for (size_t i = 0; i < size; i++) {
        const uint32_t x = bit_of(parser, reversed ? b : a, i), y = bit_of(parser, reversed ? a : b, i);
        uint32_t differ = 0;
        BF_TRY(bf_classical_xor(classical, x, y, &differ));
        if (code == BF_EX_EQUAL || code == BF_EX_UNEQUAL)
            BF_TRY(bf_classical_or(classical, unequal, differ, &unequal));
        else
            BF_TRY(bf_classical_choose(classical, differ, y, less, &less));
    }
    if (code == BF_EX_EQUAL || code == BF_EX_UNEQUAL)
        *result = code == BF_EX_EQUAL ? unequal ^ 1 : unequal;
    else
        *result = code == BF_EX_LESS_EQUAL || code == BF_EX_GREATER_EQUAL ? less ^ 1 : less;
    return BF_OK;
}

static bf_status_t apply_bitwise(bf_qasm_t *parser, int code, const bf_qasm_bits_t *a, const bf_qasm_bits_t *b, size_t i,
                                 uint32_t *result)
{
    bf_classical_t *classical = &parser->circuit->classical;
    const uint32_t x = bit_of(parser, a, i), y = bit_of(parser, b, i);
    if (code == BF_EX_BIT_AND)
        return bf_classical_and(classical, x, y, result);
    return code == BF_EX_BIT_OR ? bf_classical_or(classical, x, y, result) : bf_classical_xor(classical, x, y, result);
}

/** The literals of @p bits become those from @p base on, and the last ones on the stack. */
static void settle(bf_qasm_t *parser, size_t base, bf_qasm_bits_t *bits)
{
    memmove(parser->literals + base, parser->literals + bits->first, bits->size * sizeof *parser->literals);
    bits->first = base;
    parser->n_literals = base + bits->size;
}

/** a becomes a op b, where some bit takes part. */
static bf_status_t combine(bf_qasm_t *parser, int code, bf_place_t place, bf_qasm_bits_t *a, bf_qasm_bits_t *b)
{
    bf_qasm_bits_t result = {.place = a->place, .size = 1};
    uint32_t x = 0, y = 0;
    BF_TRY(make_bits(parser, a));
    BF_TRY(make_bits(parser, b));
    const size_t size = a->size > b->size ? a->size : b->size;
    BF_TRY(bf_qasm_charge(parser, size, place));
    if (code == BF_EX_AND || code == BF_EX_OR) {
        BF_TRY(truth_of(parser, a, &x));
        BF_TRY(truth_of(parser, b, &y));
        BF_TRY(code == BF_EX_AND ? bf_classical_and(&parser->circuit->classical, x, y, &x)
                                 : bf_classical_or(&parser->circuit->classical, x, y, &x));
    } else {
        if (a->exact && b->exact && a->size != b->size)
            return bf_source_error(parser->source, place, "values of %zu and %zu bits, expected as many on both sides", a->size,
                                   b->size);
        if (code >= BF_EX_BIT_AND) {
            result.exact = a->exact || b->exact;
            result.size = size;
            const size_t first = parser->n_literals;
            for (size_t i = 0; i < size; i++) {
                BF_TRY(apply_bitwise(parser, code, a, b, i, &x));
                BF_TRY(push(parser, x));
            }
            result.first = first;
            *a = result;
            return BF_OK;
        }
        BF_TRY(compare(parser, code, a, b, &x));
    }
    result.first = parser->n_literals;
    *a = result;
    return push(parser, x);
}

/* Operands. */

/** `register`, some of it, or a single bit. */
static bf_status_t read_register(bf_qasm_t *parser, bf_qasm_bits_t *bits)
{
    bf_qasm_operand_t operand;
    const size_t indices = parser->n_indices;
    BF_TRY(bf_qasm_read_operand(parser, false, &operand));
    BF_TRY(bf_qasm_charge(parser, (uint64_t)operand.size, operand.place));
    *bits = (bf_qasm_bits_t){.place = operand.place, .first = parser->n_literals, .exact = true};
    for (bf_site_t i = 0; i < operand.size; i++, bits->size++) {
        const bf_site_t bit = operand.reg->first + bf_qasm_element(parser, &operand, i);
        BF_TRY(push(parser, parser->circuit->classical.bits[bit]));
    }
    parser->n_indices = indices;
    return BF_OK;
}

/** `"0110"`: the last digit is bit 0. */
static bf_status_t read_string(bf_qasm_t *parser, bf_qasm_bits_t *bits)
{
    const bf_token_t token = parser->token;
    char quote[BF_QUOTE];
    *bits = (bf_qasm_bits_t){.place = token.place, .first = parser->n_literals, .exact = true};
    for (uint32_t i = token.name.length; i-- > 0;) {
        const char digit = token.name.text[i];
        if (digit == '_')
            continue;
        if (digit != '0' && digit != '1')
            return bf_source_error(parser->source, token.place, "%s is not a string of bits, expected digits 0 and 1",
                                   bf_token_quote(&token, quote));
        BF_TRY(push(parser, digit == '1' ? BF_LOGIC_TRUE : BF_LOGIC_FALSE));
        bits->size++;
    }
    if (bits->size == 0)
        return bf_source_error(parser->source, token.place, "a string without bits");
    return bf_qasm_next(parser);
}

static bf_status_t read_level(bf_qasm_t *parser, int level, bf_qasm_bits_t *bits);

/** !x and ~x. */
static bf_status_t negate(bf_qasm_t *parser, int token, bf_qasm_bits_t *bits)
{
    uint32_t truth = 0;
    if (token == '~') {
        for (size_t i = 0; i < bits->size; i++)
            parser->literals[bits->first + i] ^= 1;
        return BF_OK;
    }
    BF_TRY(truth_of(parser, bits, &truth));
    parser->literals[bits->first] = truth ^ 1;
    bits->exact = false;
    bits->size = 1;
    parser->n_literals = bits->first + 1;
    return BF_OK;
}

static bf_status_t read_number(bf_qasm_t *parser, bf_qasm_bits_t *bits)
{
    const bf_token_t token = parser->token;
    if (token.kind == BF_TOKEN_INTEGER && token.value >= 9e15) {
        BF_TRY(push_digits(parser, &token, bits));
        return bf_qasm_next(parser);
    }
    *bits = (bf_qasm_bits_t){.place = token.place, .constant = true, .first = parser->n_literals};
    return bf_qasm_read_term(parser, &bits->value);
}

/** Everything that nests passes here, so only this counts. */
static bf_status_t read_operand(bf_qasm_t *parser, bf_qasm_bits_t *bits)
{
    const bf_token_t token = parser->token;
    bool of_bits = false;
    if (++parser->nesting > BF_QASM_MAX_NESTING)
        return bf_source_error(parser->source, token.place, "an expression nested more than %d deep", BF_QASM_MAX_NESTING);
    BF_TRY(operand_of_bits(parser, &of_bits));
    if (!of_bits) {
        BF_TRY(read_number(parser, bits));
    } else if (token.kind == '!' || token.kind == '~') {
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_operand(parser, bits));
        BF_TRY(make_bits(parser, bits));
        BF_TRY(negate(parser, token.kind, bits));
    } else if (token.kind == '(') {
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_level(parser, 1, bits));
        BF_TRY(bf_qasm_expect(parser, ')', ")"));
    } else {
        BF_TRY(token.kind == BF_TOKEN_STRING ? read_string(parser, bits) : read_register(parser, bits));
    }
    parser->nesting--;
    return BF_OK;
}

static int operator_at(const bf_qasm_t *parser, int level)
{
    for (int i = 0; i < OPERATORS; i++)
        if (operators[i].token == parser->token.kind && operators[i].level >= level)
            return i;
    return -1;
}

/** Precedence climbing, as for numbers. */
static bf_status_t read_level(bf_qasm_t *parser, int level, bf_qasm_bits_t *bits)
{
    const size_t base = parser->n_literals;
    BF_TRY(read_operand(parser, bits));
    for (int i; (i = operator_at(parser, level)) >= 0;) {
        const bf_place_t place = parser->token.place;
        bf_qasm_bits_t other;
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(read_level(parser, operators[i].level + 1, &other));
        if (bits->constant && other.constant) {
            const char *why = "";
            const bf_status_t status =
                bf_value_binary(&parser->circuit->expressions, operators[i].code, bits->value, other.value, &bits->value, &why);
            if (status == BF_ERR_INPUT)
                return bf_source_error(parser->source, place, "%s", why);
            BF_TRY(status);
        } else {
            BF_TRY(combine(parser, operators[i].code, place, bits, &other));
            settle(parser, base, bits);
        }
    }
    return BF_OK;
}

bf_status_t bf_qasm_read_bits(bf_qasm_t *parser, bf_qasm_bits_t *bits)
{
    const int nesting = parser->nesting;
    BF_TRY(read_level(parser, 1, bits));
    parser->nesting = nesting;
    const int token = parser->token.kind;
    if (!bits->constant && (token == '+' || token == '-' || token == '*' || token == '/' || token == '%' ||
                            token == BF_TOKEN_POWER || token == BF_TOKEN_SHIFT_LEFT || token == BF_TOKEN_SHIFT_RIGHT))
        return bf_qasm_refuse(parser, &parser->token, "expected ! ~ & | ^ && || == != < <= > >= between measured bits");
    return BF_OK;
}

bf_status_t bf_qasm_read_condition(bf_qasm_t *parser, uint32_t *literal)
{
    const size_t base = parser->n_literals;
    bf_qasm_bits_t bits;
    BF_TRY(bf_qasm_read_bits(parser, &bits));
    BF_TRY(truth_of(parser, &bits, literal));
    parser->n_literals = base;
    return BF_OK;
}

bf_status_t bf_qasm_read_register_equals(bf_qasm_t *parser, const bf_qasm_register_t *reg, uint32_t *literal)
{
    const size_t base = parser->n_literals;
    const bf_token_t number = parser->token;
    bf_qasm_bits_t all = {.first = base, .size = (size_t)reg->size}, wanted;
    if (number.kind != BF_TOKEN_INTEGER)
        return bf_qasm_unexpected(parser, "an integer to compare the register with");
    BF_TRY(bf_qasm_charge(parser, (uint64_t)reg->size, number.place));
    for (bf_site_t i = 0; i < reg->size; i++)
        BF_TRY(push(parser, parser->circuit->classical.bits[reg->first + i]));
    BF_TRY(push_digits(parser, &number, &wanted));
    BF_TRY(compare(parser, BF_EX_EQUAL, &all, &wanted, literal));
    parser->n_literals = base;
    return bf_qasm_next(parser);
}
