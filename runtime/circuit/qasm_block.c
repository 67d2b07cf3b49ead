/* Loops over constants, branches over constants and measured bits. A body is read again for every repetition: what it says can
 * depend on the loop variable everywhere, in indices, sizes and ranges. A body that is not run is stepped over bracket by
 * bracket. */
#include "runtime/circuit/qasm_bits.h"

#include <math.h>

/** The text charged as one call: repeating a long body that does nothing costs time, too. */
enum { BYTES_PER_CALL = 16 };

/** Where a body starts. */
typedef struct mark {
    bf_lexer_t lexer;
    bf_token_t token;
} mark_t;

static mark_t mark(const bf_qasm_t *parser)
{
    return (mark_t){parser->lexer, parser->token};
}

static void go_back(bf_qasm_t *parser, const mark_t *to)
{
    parser->lexer = to->lexer;
    parser->token = to->token;
}

/* Scopes: what a body declares is forgotten at its end. */

static bf_status_t forget(bf_qasm_t *parser, size_t n_symbols, size_t n_regs)
{
    while (parser->n_symbol_list > n_symbols)
        BF_TRY(bf_names_set(&parser->symbols, parser->symbol_list[--parser->n_symbol_list].name, -1));
    while (parser->n_regs > n_regs) {
        const bf_qasm_register_t *reg = &parser->regs[--parser->n_regs];
        if (reg->alias)
            parser->n_aliased = (size_t)reg->first;
        else if (!reg->quantum)
            bf_classical_forget(&parser->circuit->classical, (size_t)reg->first);
        BF_TRY(bf_names_set(&parser->registers, reg->name, -1));
    }
    return BF_OK;
}

static bf_status_t open_block(bf_qasm_t *parser)
{
    if (++parser->blocks > BF_QASM_MAX_NESTING)
        return bf_source_error(parser->source, parser->token.place, "loops and branches nested more than %d deep",
                               BF_QASM_MAX_NESTING);
    return BF_OK;
}

/** `{ statements }`, or one statement. */
static bf_status_t run_body(bf_qasm_t *parser)
{
    const size_t n_symbols = parser->n_symbol_list, n_regs = parser->n_regs;
    if (parser->token.kind != '{') {
        BF_TRY(bf_qasm_read_statement(parser));
    } else {
        BF_TRY(bf_qasm_next(parser));
        while (parser->token.kind != '}') {
            if (parser->token.kind == BF_TOKEN_END)
                return bf_qasm_unexpected(parser, "a statement or }");
            BF_TRY(bf_qasm_read_statement(parser));
        }
        BF_TRY(bf_qasm_next(parser));
    }
    return forget(parser, n_symbols, n_regs);
}

/** Step over brackets with what is in them; the token in hand opens one. */
static bf_status_t skip_brackets(bf_qasm_t *parser)
{
    const bf_place_t start = parser->token.place;
    int64_t depth = 0;
    do {
        const int kind = parser->token.kind;
        if (kind == BF_TOKEN_END)
            return bf_source_error(parser->source, start, "the bracket that opens here is never closed");
        depth += kind == '(' || kind == '[' || kind == '{';
        depth -= kind == ')' || kind == ']' || kind == '}';
        BF_TRY(bf_qasm_next(parser));
    } while (depth > 0);
    return BF_OK;
}

/** Step over up to a semicolon, or a block that stands instead of one. */
static bf_status_t skip_simple(bf_qasm_t *parser)
{
    while (parser->token.kind != ';') {
        const int kind = parser->token.kind;
        if (kind == BF_TOKEN_END || kind == '}')
            return bf_qasm_unexpected(parser, "a statement");
        if (kind == '(' || kind == '[' || kind == '{')
            BF_TRY(skip_brackets(parser));
        else
            BF_TRY(bf_qasm_next(parser));
        if (kind == '{')
            return BF_OK;
    }
    return bf_qasm_next(parser);
}

/** Step over `{ statements }`, or one statement. */
static bf_status_t skip_body(bf_qasm_t *parser)
{
    BF_TRY(open_block(parser));
    if (parser->token.kind == '{') {
        BF_TRY(skip_brackets(parser));
    } else if (bf_qasm_at_name(parser, "if")) {
        BF_TRY(bf_qasm_next(parser));
        if (parser->token.kind != '(')
            return bf_qasm_unexpected(parser, "( and a condition");
        BF_TRY(skip_brackets(parser));
        BF_TRY(skip_body(parser));
        if (bf_qasm_at_name(parser, "else")) {
            BF_TRY(bf_qasm_next(parser));
            BF_TRY(skip_body(parser));
        }
    } else if (bf_qasm_at_name(parser, "for")) {
        while (!bf_qasm_at_name(parser, "in") && parser->token.kind != BF_TOKEN_END)
            BF_TRY(bf_qasm_next(parser));
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(skip_brackets(parser));
        BF_TRY(skip_body(parser));
    } else {
        BF_TRY(skip_simple(parser));
    }
    parser->blocks--;
    return BF_OK;
}

/* Branches. */

/** Run a body that happens when @p condition holds too. One under a condition on bits that can never hold is run all the same:
 *  its measurements have their numbers. */
static bf_status_t run_under(bf_qasm_t *parser, uint32_t condition)
{
    const uint32_t outer = parser->condition;
    BF_TRY(bf_classical_and(&parser->circuit->classical, outer, condition, &parser->condition));
    BF_TRY(run_body(parser));
    parser->condition = outer;
    return BF_OK;
}

/** The literal of the condition in hand; of a constant one, a constant. @param[out] measured  whether bits occur in it */
static bf_status_t read_choice(bf_qasm_t *parser, bool *measured, uint32_t *condition)
{
    const bf_place_t place = parser->token.place;
    BF_TRY(bf_qasm_mentions_bits(parser, measured));
    if (*measured)
        return bf_qasm_read_condition(parser, condition);
    bf_value_t value;
    BF_TRY(bf_qasm_read_value(parser, &value));
    if (value.expression >= 0)
        return bf_source_error(parser->source, place, "the condition depends on an input, expected constants");
    *condition = value.number != 0 ? BF_LOGIC_TRUE : BF_LOGIC_FALSE;
    return BF_OK;
}

bf_status_t bf_qasm_read_if(bf_qasm_t *parser)
{
    uint32_t condition = 0;
    bool measured = false;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_expect(parser, '(', "( and a condition"));
    BF_TRY(read_choice(parser, &measured, &condition));
    BF_TRY(bf_qasm_expect(parser, ')', ")"));
    BF_TRY(open_block(parser));
    BF_TRY(measured || condition == BF_LOGIC_TRUE ? run_under(parser, condition) : skip_body(parser));
    if (bf_qasm_at_name(parser, "else")) {
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(measured || condition == BF_LOGIC_FALSE ? run_under(parser, condition ^ 1) : skip_body(parser));
    }
    parser->blocks--;
    return BF_OK;
}

bf_status_t bf_qasm_read_if2(bf_qasm_t *parser)
{
    uint32_t condition = 0;
    bf_qasm_operand_t bits;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_expect(parser, '(', "( and a register"));
    BF_TRY(bf_qasm_read_operand(parser, false, &bits));
    if (bits.single)
        return bf_source_error(parser->source, bits.place, "one bit in a condition, expected a whole register");
    BF_TRY(bf_qasm_expect(parser, BF_TOKEN_EQUAL, "== and an integer"));
    BF_TRY(bf_qasm_read_register_equals(parser, bits.reg, &condition));
    BF_TRY(bf_qasm_expect(parser, ')', ")"));
    const int32_t word = parser->token.kind == BF_TOKEN_NAME ? bf_names_find(&parser->gates, parser->token.name) : -1;
    if (word >= BF_QASM_FIRST_KEYWORD && word < BF_QASM_FIRST_DEFINITION && !bf_qasm_at_name(parser, "measure") &&
        !bf_qasm_at_name(parser, "reset"))
        return bf_qasm_unexpected(parser, "a gate, measure or reset behind the condition");
    return run_under(parser, condition);
}

/* Loops. */

/** What a loop runs through: a range, or values on the stack of choices. */
typedef struct run {
    int64_t first, step;
    size_t first_choice;
    uint64_t count;
    bool listed;
} run_t;

/** `{value, ...}` */
static bf_status_t read_choices(bf_qasm_t *parser, bf_value_type_t type, run_t *run)
{
    run->listed = true;
    run->first_choice = parser->n_choices;
    do {
        bf_value_t value;
        BF_TRY(bf_qasm_next(parser));
        const bf_place_t place = parser->token.place;
        BF_TRY(bf_qasm_read_value(parser, &value));
        BF_TRY(bf_qasm_convert(parser, place, type, &value));
        BF_QASM_PUSH(parser, choices, value);
    } while (parser->token.kind == ',');
    run->count = parser->n_choices - run->first_choice;
    return bf_qasm_expect(parser, '}', ", or }");
}

/** `[first:last]` or `[first:step:last]`, both ends included. */
static bf_status_t read_range(bf_qasm_t *parser, bf_value_type_t type, run_t *run)
{
    int64_t last = 0;
    const bf_place_t place = parser->token.place;
    if (type != BF_VALUE_INTEGER)
        return bf_source_error(parser->source, place, "a range of numbers that are not integers, expected int or uint");
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_constant(parser, &run->first));
    BF_TRY(bf_qasm_expect(parser, ':', ": and the end of the range"));
    BF_TRY(bf_qasm_read_constant(parser, &last));
    run->step = 1;
    if (parser->token.kind == ':') {
        run->step = last;
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(bf_qasm_read_constant(parser, &last));
    }
    if (run->step == 0)
        return bf_source_error(parser->source, place, "a range with a step of 0");
    const int64_t length = run->step > 0 ? last - run->first : run->first - last; /* all below 2^53 */
    run->count = length < 0 ? 0 : (uint64_t)(length / (run->step > 0 ? run->step : -run->step)) + 1;
    return bf_qasm_expect(parser, ']', "]");
}

static bf_status_t repeat_body(bf_qasm_t *parser, const bf_qasm_symbol_t *variable, const run_t *run, bf_place_t place)
{
    const mark_t body = mark(parser);
    const size_t n_symbols = parser->n_symbol_list, n_regs = parser->n_regs;
    if (run->count == 0)
        return skip_body(parser);
    for (uint64_t i = 0; i < run->count; i++) {
        bf_qasm_symbol_t symbol = *variable;
        const double number = (double)(run->first + (int64_t)i * run->step);
        symbol.value = run->listed ? parser->choices[run->first_choice + i]
                                   : (bf_value_t){.number = number, .expression = -1, .type = BF_VALUE_INTEGER};
        go_back(parser, &body);
        BF_TRY(bf_qasm_declare(parser, &symbol));
        BF_TRY(run_body(parser));
        BF_TRY(forget(parser, n_symbols, n_regs));
        BF_TRY(bf_qasm_charge(parser, 1 + (parser->lexer.at - body.lexer.at) / BYTES_PER_CALL, place));
    }
    return BF_OK;
}

bf_status_t bf_qasm_read_for(bf_qasm_t *parser)
{
    const bf_place_t place = parser->token.place;
    bf_value_type_t type = BF_VALUE_INTEGER;
    run_t run = {.count = 0};
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_type(parser, &type));
    BF_TRY(bf_qasm_check_new(parser, "the name of the loop variable"));
    const bf_qasm_symbol_t variable = {.name = parser->token.name, .line = parser->token.place.line};
    BF_TRY(bf_qasm_next(parser));
    if (!bf_qasm_at_name(parser, "in"))
        return bf_qasm_unexpected(parser, "in and the values of the loop variable");
    BF_TRY(bf_qasm_next(parser));
    if (parser->token.kind == '{')
        BF_TRY(read_choices(parser, type, &run));
    else if (parser->token.kind == '[')
        BF_TRY(read_range(parser, type, &run));
    else
        return bf_qasm_unexpected(parser, "[first:last], [first:step:last] or {value, ...}");
    BF_TRY(open_block(parser));
    BF_TRY(repeat_body(parser, &variable, &run, place));
    parser->blocks--;
    if (run.listed)
        parser->n_choices = run.first_choice;
    return BF_OK;
}
