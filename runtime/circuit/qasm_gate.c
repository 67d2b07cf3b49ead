/* Gate definitions, and calls expanded into library gates. */
#include "runtime/circuit/qasm_parser.h"

#include <stdio.h>
#include <string.h>

static bf_status_t unknown_gate(const bf_qasm_t *parser, const bf_token_t *name)
{
    char quote[BF_QUOTE], other[BF_QUOTE];
    bf_token_quote(name, quote);
    const bf_name_t *nearest = bf_names_nearest(&parser->gates, name->name);
    if (nearest)
        return bf_source_error(parser->source, name->place, "unknown gate %s, did you mean %s?", quote,
                               bf_quote(other, nearest->text, nearest->length));
    return bf_source_error(parser->source, name->place, "unknown gate %s, expected one of qelib1.inc or a gate defined above",
                           quote);
}

/** Look the name in hand up and step past it. */
static bf_status_t read_callee(bf_qasm_t *parser, int32_t *callee)
{
    const bf_token_t name = parser->token;
    if (name.kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, "a gate");
    *callee = bf_names_find(&parser->gates, name.name);
    if (*callee < 0)
        return unknown_gate(parser, &name);
    if (*callee >= BF_QASM_FIRST_KEYWORD && *callee < BF_QASM_FIRST_DEFINITION)
        return bf_qasm_unexpected(parser, "a gate");
    const bf_qasm_definition_t *definition = bf_qasm_definition_of(parser, *callee);
    if (definition && definition->opaque) {
        char quote[BF_QUOTE];
        return bf_source_error(parser->source, name.place, "gate %s is opaque (line %d): it has no definition to simulate",
                               bf_token_quote(&name, quote), definition->line);
    }
    return bf_qasm_next(parser);
}

static bf_status_t check_count(const bf_qasm_t *parser, const bf_token_t *name, int32_t expected, size_t got, const char *what)
{
    if ((size_t)expected == got)
        return BF_OK;
    char quote[BF_QUOTE];
    return bf_source_error(parser->source, name->place, "gate %s takes %d %s%s, got %zu", bf_token_quote(name, quote), expected,
                           what, expected == 1 ? "" : "s", got);
}

/** `(angle, ...)`, compiled; nothing at all for a gate without parameters. */
static bf_status_t read_angles(bf_qasm_t *parser, const bf_token_t *name, int32_t expected)
{
    size_t got = 0;
    if (parser->token.kind == '(') {
        BF_TRY(bf_qasm_next(parser));
        while (parser->token.kind != ')' || got > 0) {
            BF_TRY(bf_qasm_read_expression(parser));
            got++;
            if (parser->token.kind != ',')
                break;
            BF_TRY(bf_qasm_next(parser));
        }
        BF_TRY(bf_qasm_expect(parser, ')', ", or )"));
    }
    return check_count(parser, name, expected, got, "parameter");
}

/* Definitions. */

/** Names separated by commas, each new, numbered in order. */
static bf_status_t read_formals(bf_qasm_t *parser, bf_names_t *names, const char *what, int32_t *count)
{
    for (*count = 0;; ++*count) {
        const bf_token_t name = parser->token;
        char quote[BF_QUOTE];
        if (name.kind != BF_TOKEN_NAME)
            return bf_qasm_unexpected(parser, what);
        if (bf_names_find(names, name.name) >= 0)
            return bf_source_error(parser->source, name.place, "%s appears twice, expected different names",
                                   bf_token_quote(&name, quote));
        if (*count >= BF_QASM_MAX_ARGUMENTS)
            return bf_source_error(parser->source, name.place, "more than %d arguments", BF_QASM_MAX_ARGUMENTS);
        BF_TRY(bf_names_set(names, name.name, *count));
        BF_TRY(bf_qasm_next(parser));
        if (parser->token.kind != ',') {
            ++*count;
            return BF_OK;
        }
        BF_TRY(bf_qasm_next(parser));
    }
}

static bf_status_t read_header(bf_qasm_t *parser, bf_qasm_definition_t *definition)
{
    const bf_token_t name = parser->token;
    char quote[BF_QUOTE];
    if (name.kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, "the name of the gate");
    const int32_t known = bf_names_find(&parser->gates, name.name);
    if (known >= BF_QASM_FIRST_DEFINITION)
        return bf_source_error(parser->source, name.place, "gate %s is already defined on line %d", bf_token_quote(&name, quote),
                               bf_qasm_definition_of(parser, known)->line);
    if (known >= BF_QASM_FIRST_KEYWORD || bf_qasm_at_name(parser, "U") || bf_qasm_at_name(parser, "CX"))
        return bf_source_error(parser->source, name.place, "%s is a word of the language, expected another name for a gate",
                               bf_token_quote(&name, quote));
    BF_TRY(bf_qasm_check_new(parser, "the name of the gate"));
    definition->name = name.name;
    definition->line = name.place.line;
    BF_TRY(bf_qasm_next(parser));
    if (parser->token.kind == '(') {
        BF_TRY(bf_qasm_next(parser));
        if (parser->token.kind != ')')
            BF_TRY(read_formals(parser, &parser->params, "the name of a parameter", &definition->n_params));
        BF_TRY(bf_qasm_expect(parser, ')', ", or )"));
    }
    return read_formals(parser, &parser->qubits, "the name of a qubit", &definition->n_qubits);
}

/** One qubit inside a body: its position among the qubits of the definition. */
static bf_status_t read_formal_qubit(bf_qasm_t *parser, size_t first)
{
    const bf_token_t name = parser->token;
    char quote[BF_QUOTE];
    if (name.kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, "a qubit of this gate");
    const int32_t formal = bf_names_find(&parser->qubits, name.name);
    if (formal < 0)
        return bf_source_error(parser->source, name.place, "unknown qubit %s, expected one of the qubits of this gate",
                               bf_token_quote(&name, quote));
    for (size_t i = first; i < parser->n_formals; i++)
        if (parser->formals[i] == formal)
            return bf_source_error(parser->source, name.place, "qubit %s is used twice in one call",
                                   bf_token_quote(&name, quote));
    BF_QASM_PUSH(parser, formals, formal);
    return bf_qasm_next(parser);
}

/** The qubits of a call inside a body, up to the semicolon; checked against @p expected while reading, so that a long list
 *  of wrong ones costs nothing. */
static bf_status_t read_formal_qubits(bf_qasm_t *parser, const bf_token_t *callee, int32_t expected)
{
    const size_t first = parser->n_formals;
    while (expected > 0 && (parser->token.kind != ';' || parser->n_formals > first)) {
        BF_TRY(read_formal_qubit(parser, first));
        if (parser->token.kind != ',')
            break;
        if (parser->n_formals - first == (size_t)expected)
            return check_count(parser, callee, expected, (size_t)expected + 1, "qubit");
        BF_TRY(bf_qasm_next(parser));
    }
    BF_TRY(check_count(parser, callee, expected, parser->n_formals - first, "qubit"));
    return bf_qasm_expect(parser, ';', "; at the end of the call");
}

static bf_status_t skip_body_barrier(bf_qasm_t *parser)
{
    const size_t first = parser->n_formals;
    BF_TRY(bf_qasm_next(parser));
    for (;;) {
        BF_TRY(read_formal_qubit(parser, first));
        parser->n_formals = first;
        if (parser->token.kind != ',')
            return bf_qasm_expect(parser, ';', "; after the barrier");
        BF_TRY(bf_qasm_next(parser));
    }
}

static bf_status_t read_body_call(bf_qasm_t *parser, bf_qasm_definition_t *definition)
{
    bf_token_t name = parser->token;
    bf_qasm_call_t call = {.place = name.place, .first_formal = parser->n_formals};
    if (name.kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, "a gate or }");
    BF_TRY(bf_qasm_read_modifiers(parser, &call.modifiers));
    name = parser->token;
    call.first_op = parser->n_ops;
    BF_TRY(read_callee(parser, &call.callee));
    BF_TRY(read_angles(parser, &name, bf_qasm_params_of(parser, call.callee)));
    BF_TRY(read_formal_qubits(parser, &name, call.modifiers.n_controls + bf_qasm_qubits_of(parser, call.callee)));
    const bf_qasm_definition_t *callee = bf_qasm_definition_of(parser, call.callee);
    if (callee && callee->depth + 1 > definition->depth)
        definition->depth = callee->depth + 1;
    if (definition->depth > BF_QASM_MAX_NESTING)
        return bf_source_error(parser->source, name.place, "gate definitions nested more than %d deep", BF_QASM_MAX_NESTING);
    definition->cost += bf_qasm_cost_of(parser, call.callee, &call.modifiers);
    if (definition->cost > BF_CIRCUIT_MAX_GATES)
        definition->cost = (uint64_t)BF_CIRCUIT_MAX_GATES + 1;
    BF_QASM_PUSH(parser, calls, call);
    return BF_OK;
}

static bf_status_t read_body(bf_qasm_t *parser, bf_qasm_definition_t *definition)
{
    definition->first_call = parser->n_calls;
    BF_TRY(bf_qasm_expect(parser, '{', "{ and the body of the gate"));
    while (parser->token.kind != '}') {
        if (bf_qasm_at_name(parser, "barrier"))
            BF_TRY(skip_body_barrier(parser));
        else
            BF_TRY(read_body_call(parser, definition));
    }
    definition->n_calls = parser->n_calls - definition->first_call;
    return bf_qasm_next(parser);
}

bf_status_t bf_qasm_read_definition(bf_qasm_t *parser)
{
    bf_qasm_definition_t definition = {.opaque = bf_qasm_at_name(parser, "opaque"), .cost = 1, .depth = 1};
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(read_header(parser, &definition));
    if (definition.opaque)
        BF_TRY(bf_qasm_expect(parser, ';', "; after the opaque declaration"));
    else
        BF_TRY(read_body(parser, &definition));
    bf_names_clear(&parser->params);
    bf_names_clear(&parser->qubits);
    BF_QASM_PUSH(parser, definitions, definition);
    return bf_names_set(&parser->gates, definition.name, BF_QASM_FIRST_DEFINITION + (int32_t)(parser->n_definitions - 1));
}

/* Calls. */

static bf_status_t read_operands(bf_qasm_t *parser)
{
    parser->n_operands = 0;
    parser->n_indices = 0;
    if (parser->token.kind == ';')
        return BF_OK;
    for (;;) {
        bf_qasm_operand_t operand;
        BF_TRY(bf_qasm_read_operand(parser, true, &operand));
        BF_QASM_PUSH(parser, operands, operand);
        if (parser->token.kind != ',')
            return BF_OK;
        BF_TRY(bf_qasm_next(parser));
    }
}

/** The number of times a call is repeated over registers: their common size, 1 when every operand is one qubit. */
static bf_status_t broadcast_size(const bf_qasm_t *parser, bf_site_t *size)
{
    const bf_qasm_operand_t *first = NULL;
    *size = 1;
    for (size_t i = 0; i < parser->n_operands; i++) {
        const bf_qasm_operand_t *operand = &parser->operands[i];
        if (operand->single)
            continue;
        if (first && operand->size != *size)
            return bf_source_error(parser->source, operand->place,
                                   "registers of %d and %d qubits in one call, expected equal sizes", *size, operand->size);
        first = operand;
        *size = operand->size;
    }
    return BF_OK;
}

/** Room for 'register[index]'. */
enum { QUOTED_QUBIT = BF_QUOTE + 16 };

static const char *quote_qubit(char buffer[QUOTED_QUBIT], const bf_qasm_register_t *reg, bf_site_t index)
{
    bf_quote(buffer, reg->name.text, reg->name.length);
    snprintf(buffer + strlen(buffer) - 1, 16, "[%d]'", index);
    return buffer;
}

/** Put the qubits of repetition @p i on the stack; they must be different. */
static bf_status_t push_actuals(bf_qasm_t *parser, bf_site_t i)
{
    char quote[QUOTED_QUBIT];
    parser->call++;
    for (size_t k = 0; k < parser->n_operands; k++) {
        const bf_qasm_operand_t *operand = &parser->operands[k];
        const bf_site_t index = bf_qasm_element(parser, operand, operand->single ? 0 : i);
        const bf_site_t q = bf_qasm_qubit(parser, operand->reg, index);
        if (parser->stamp[q] == parser->call)
            return bf_source_error(parser->source, operand->place,
                                   "qubit %s is used twice in one call, expected different qubits",
                                   quote_qubit(quote, operand->reg, index));
        parser->stamp[q] = parser->call;
        BF_QASM_PUSH(parser, actuals, q);
    }
    return BF_OK;
}

static bf_status_t apply_broadcast(bf_qasm_t *parser, const bf_qasm_call_t *call)
{
    bf_site_t size = 1;
    BF_TRY(broadcast_size(parser, &size));
    BF_TRY(bf_qasm_charge(parser, (uint64_t)size * bf_qasm_cost_of(parser, call->callee, &call->modifiers), call->place));
    const size_t before = parser->circuit->n_gates;
    for (bf_site_t i = 0; i < size; i++) {
        parser->n_actuals = 0;
        BF_TRY(push_actuals(parser, i));
        BF_TRY(bf_qasm_apply(parser, call));
    }
    if (parser->condition == BF_LOGIC_FALSE)
        parser->circuit->n_gates = before;
    for (size_t i = before; i < parser->circuit->n_gates && parser->condition; i++)
        parser->circuit->gates[i].condition = parser->condition;
    return BF_OK;
}

bf_status_t bf_qasm_read_call(bf_qasm_t *parser)
{
    const size_t scratch = parser->n_ops, polarities = parser->n_polarities;
    bf_qasm_call_t call = {.place = parser->token.place};
    BF_TRY(bf_qasm_read_modifiers(parser, &call.modifiers));
    const bf_token_t name = parser->token;
    BF_TRY(read_callee(parser, &call.callee));
    BF_TRY(read_angles(parser, &name, bf_qasm_params_of(parser, call.callee)));
    BF_TRY(read_operands(parser));
    const int32_t n_qubits = call.modifiers.n_controls + bf_qasm_qubits_of(parser, call.callee);
    BF_TRY(check_count(parser, &name, n_qubits, parser->n_operands, "qubit"));
    BF_TRY(bf_qasm_expect(parser, ';', "; at the end of the call"));
    parser->n_values = 0;
    size_t op = scratch;
    for (int32_t k = 0; k < bf_qasm_params_of(parser, call.callee); k++) {
        bf_value_t value;
        BF_TRY(bf_qasm_evaluate_angle(parser, &op, NULL, &value));
        BF_QASM_PUSH(parser, values, value);
    }
    parser->n_ops = scratch;
    BF_TRY(apply_broadcast(parser, &call));
    parser->n_polarities = polarities;
    return BF_OK;
}
