/* Statements of OpenQASM 2, and of the static part of OpenQASM 3, by recursive descent. */
#include "runtime/circuit/qasm_parser.h"

#include "runtime/circuit/front_end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *bf_qasm_grow(void *array, size_t used, size_t *room, size_t size)
{
    const size_t wanted = used < 8 ? 16 : 2 * used;
    void *moved = realloc(array, wanted * size);
    if (!moved) {
        bf_error_set(BF_ERR_NOMEM, "out of memory for %zu items of a circuit file", wanted);
        return NULL;
    }
    *room = wanted;
    return moved;
}

/* Tokens. */

bf_status_t bf_qasm_next(bf_qasm_t *parser)
{
    return bf_lexer_next(&parser->lexer, &parser->token);
}

bf_status_t bf_qasm_unexpected(const bf_qasm_t *parser, const char *expected)
{
    char quote[BF_QUOTE];
    return bf_source_error(parser->source, parser->token.place, "unexpected %s, expected %s",
                           bf_token_quote(&parser->token, quote), expected);
}

bf_status_t bf_qasm_expect(bf_qasm_t *parser, int kind, const char *expected)
{
    return parser->token.kind == kind ? bf_qasm_next(parser) : bf_qasm_unexpected(parser, expected);
}

bf_status_t bf_qasm_refuse(const bf_qasm_t *parser, const bf_token_t *token, const char *advice)
{
    char quote[BF_QUOTE];
    return bf_source_error(parser->source, token->place, "%s is not in this version of bondflow, %s",
                           bf_token_quote(token, quote), advice);
}

bool bf_qasm_text_follows(const bf_qasm_t *parser, const char *text)
{
    const size_t length = strlen(text), at = parser->lexer.at;
    return parser->source->length - at >= length && memcmp(parser->source->text + at, text, length) == 0;
}

bool bf_qasm_at_name(const bf_qasm_t *parser, const char *text)
{
    const bf_name_t *name = &parser->token.name;
    return parser->token.kind == BF_TOKEN_NAME && strlen(text) == name->length && memcmp(text, name->text, name->length) == 0;
}

/* Registers. */

static bf_status_t make_room_for_qubits(bf_qasm_t *parser, size_t n)
{
    if (n <= parser->room_qubits)
        return BF_OK;
    uint8_t *measured = realloc(parser->measured, n * sizeof *measured);
    if (measured)
        parser->measured = measured;
    uint32_t *stamp = realloc(parser->stamp, n * sizeof *stamp);
    if (stamp)
        parser->stamp = stamp;
    if (!measured || !stamp)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu qubits", n);
    memset(measured + parser->room_qubits, 0, (n - parser->room_qubits) * sizeof *measured);
    memset(stamp + parser->room_qubits, 0, (n - parser->room_qubits) * sizeof *stamp);
    parser->room_qubits = n;
    return BF_OK;
}

/** `[size]`; registers of no elements are nobody's intention. */
static bf_status_t read_size(bf_qasm_t *parser, bf_site_t *size)
{
    BF_TRY(bf_qasm_expect(parser, '[', "[ and the size of the register"));
    const bf_place_t place = parser->token.place;
    BF_TRY(bf_qasm_read_integer(parser, "register size", BF_CIRCUIT_MAX_QUBITS, size));
    if (*size == 0)
        return bf_source_error(parser->source, place, "a register of size 0, expected 1 to %d", BF_CIRCUIT_MAX_QUBITS);
    return bf_qasm_expect(parser, ']', "]");
}

static bf_status_t read_register_name(bf_qasm_t *parser, bf_qasm_register_t *reg)
{
    BF_TRY(bf_qasm_check_new(parser, "the name of the register"));
    reg->name = parser->token.name;
    reg->line = parser->token.place.line;
    return bf_qasm_next(parser);
}

static bf_status_t declare(bf_qasm_t *parser, bf_qasm_register_t *reg, bf_place_t place)
{
    if (reg->quantum) {
        const bf_site_t limit = parser->sites ? parser->sites : BF_CIRCUIT_MAX_QUBITS;
        reg->first = parser->circuit->n;
        if (reg->size > limit - reg->first)
            return bf_source_error(parser->source, place, "%lld qubits so far, expected at most %d%s",
                                   (long long)reg->first + reg->size, limit,
                                   parser->sites ? " (the number of sites was given)" : "");
        parser->circuit->n += reg->size;
        BF_TRY(make_room_for_qubits(parser, (size_t)parser->circuit->n));
    }
    BF_TRY(bf_names_set(&parser->registers, reg->name, (int32_t)parser->n_regs));
    BF_QASM_PUSH(parser, regs, *reg);
    return BF_OK;
}

/** `qreg name[size];` or `creg name[size];` */
static bf_status_t read_register2(bf_qasm_t *parser)
{
    const bf_place_t place = parser->token.place;
    bf_qasm_register_t reg = {.quantum = bf_qasm_at_name(parser, "qreg")};
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(read_register_name(parser, &reg));
    BF_TRY(read_size(parser, &reg.size));
    BF_TRY(bf_qasm_expect(parser, ';', "; after the declaration"));
    return declare(parser, &reg, place);
}

/* Measurement. */

static bf_site_t operand_size(const bf_qasm_operand_t *operand)
{
    return operand->index >= 0 ? 1 : operand->reg->size;
}

static bf_status_t record_measurement(bf_qasm_t *parser, const bf_qasm_operand_t *qubits, const bf_qasm_operand_t *bits)
{
    if (bits && operand_size(bits) != operand_size(qubits))
        return bf_source_error(parser->source, bits->place, "%d qubits measured into %d bits, expected equal sizes",
                               operand_size(qubits), operand_size(bits));
    for (bf_site_t i = 0; i < operand_size(qubits); i++)
        parser->measured[qubits->reg->first + (qubits->index >= 0 ? qubits->index : i)] = 1;
    return bf_qasm_expect(parser, ';', "; after the measurement");
}

/** `measure qubits -> bits;`, in OpenQASM 3 also `measure qubits;` */
static bf_status_t read_measure(bf_qasm_t *parser)
{
    bf_qasm_operand_t qubits, bits;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_operand(parser, true, &qubits));
    if (parser->version == 3 && parser->token.kind == ';')
        return record_measurement(parser, &qubits, NULL);
    BF_TRY(bf_qasm_expect(parser, BF_TOKEN_ARROW, "-> and the bits"));
    BF_TRY(bf_qasm_read_operand(parser, false, &bits));
    return record_measurement(parser, &qubits, &bits);
}

/** The rest of `bits = measure qubits;` from the sign of equality. */
static bf_status_t read_measured_value(bf_qasm_t *parser, const bf_qasm_operand_t *bits)
{
    bf_qasm_operand_t qubits;
    BF_TRY(bf_qasm_expect(parser, '=', "= measure"));
    if (!bf_qasm_at_name(parser, "measure"))
        return bf_qasm_refuse(parser, &parser->token, "expected measure: bits hold nothing but measurements");
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(bf_qasm_read_operand(parser, true, &qubits));
    return record_measurement(parser, &qubits, bits);
}

/** `qubit[size] name;` or `bit[size] name;`, the size optional, a bit perhaps with `= measure qubits` */
static bf_status_t read_register3(bf_qasm_t *parser)
{
    const bf_place_t place = parser->token.place;
    bf_qasm_register_t reg = {.quantum = bf_qasm_at_name(parser, "qubit"), .size = 1, .scalar = true};
    BF_TRY(bf_qasm_next(parser));
    if (parser->token.kind == '[') {
        reg.scalar = false;
        BF_TRY(read_size(parser, &reg.size));
    }
    BF_TRY(read_register_name(parser, &reg));
    BF_TRY(declare(parser, &reg, place));
    if (reg.quantum || parser->token.kind != '=')
        return bf_qasm_expect(parser, ';', "; after the declaration");
    const bf_qasm_operand_t bits = {&parser->regs[parser->n_regs - 1], -1, place};
    return read_measured_value(parser, &bits);
}

/* Other statements. */

/** `barrier operands;`: no meaning for a simulation, but its operands must exist. OpenQASM 3 allows none. */
static bf_status_t read_barrier(bf_qasm_t *parser)
{
    BF_TRY(bf_qasm_next(parser));
    while (parser->version == 2 || parser->token.kind != ';') {
        bf_qasm_operand_t operand;
        BF_TRY(bf_qasm_read_operand(parser, true, &operand));
        if (parser->token.kind != ',')
            break;
        BF_TRY(bf_qasm_next(parser));
    }
    return bf_qasm_expect(parser, ';', "; after the barrier");
}

/** `include "file";`: the standard libraries are built in, and no file is ever opened. */
static bf_status_t read_include(bf_qasm_t *parser)
{
    BF_TRY(bf_qasm_next(parser));
    const bf_token_t file = parser->token;
    char quote[BF_QUOTE];
    BF_TRY(bf_qasm_expect(parser, BF_TOKEN_STRING, "a file name in quotes"));
    const char *const known[] = {"qelib1.inc", "stdgates.inc"};
    bool found = false;
    for (size_t i = 0; i < 2; i++)
        found = found || (strlen(known[i]) == file.name.length && memcmp(known[i], file.name.text, file.name.length) == 0);
    if (!found)
        return bf_source_error(parser->source, file.place,
                               "cannot include %s, expected \"qelib1.inc\" or \"stdgates.inc\" (built in); "
                               "paste other definitions into this file",
                               bf_token_quote(&file, quote));
    return bf_qasm_expect(parser, ';', "; after the include");
}

static bf_status_t read_second_version(bf_qasm_t *parser)
{
    return bf_source_error(parser->source, parser->token.place,
                           "OPENQASM appears twice, expected it once, as the first statement");
}

static bf_status_t refuse_statement(bf_qasm_t *parser)
{
    return bf_qasm_refuse(parser, &parser->token, "expected gates, barriers and measurements at the end");
}

typedef bf_status_t statement_t(bf_qasm_t *parser);

/** Words that begin a statement; bit 0 of versions: OpenQASM 2, bit 1: OpenQASM 3. */
static const struct {
    const char *word;
    int versions;
    statement_t *read;
} statements[] = {{"OPENQASM", 3, read_second_version},
                  {"include", 3, read_include},
                  {"qreg", 3, read_register2},
                  {"creg", 3, read_register2},
                  {"qubit", 2, read_register3},
                  {"bit", 2, read_register3},
                  {"gate", 3, bf_qasm_read_definition},
                  {"opaque", 1, bf_qasm_read_definition},
                  {"barrier", 3, read_barrier},
                  {"measure", 3, read_measure},
                  {"if", 3, refuse_statement},
                  {"reset", 3, refuse_statement},
                  {"else", 2, refuse_statement},
                  {"for", 2, refuse_statement},
                  {"while", 2, refuse_statement},
                  {"switch", 2, refuse_statement},
                  {"def", 2, refuse_statement},
                  {"defcal", 2, refuse_statement},
                  {"defcalgrammar", 2, refuse_statement},
                  {"cal", 2, refuse_statement},
                  {"extern", 2, refuse_statement},
                  {"input", 2, bf_qasm_read_input},
                  {"output", 2, refuse_statement},
                  {"const", 2, bf_qasm_read_const},
                  {"let", 2, refuse_statement},
                  {"box", 2, refuse_statement},
                  {"delay", 2, refuse_statement},
                  {"ctrl", 2, refuse_statement},
                  {"negctrl", 2, refuse_statement},
                  {"inv", 2, refuse_statement},
                  {"pow", 2, refuse_statement},
                  {"int", 2, refuse_statement},
                  {"uint", 2, refuse_statement},
                  {"float", 2, refuse_statement},
                  {"angle", 2, refuse_statement},
                  {"bool", 2, refuse_statement},
                  {"complex", 2, refuse_statement},
                  {"array", 2, refuse_statement},
                  {"duration", 2, refuse_statement},
                  {"stretch", 2, refuse_statement},
                  {"return", 2, refuse_statement},
                  {"end", 2, refuse_statement},
                  {"break", 2, refuse_statement},
                  {"continue", 2, refuse_statement},
                  {"pragma", 2, refuse_statement},
                  {"nop", 2, refuse_statement}};
enum { STATEMENTS = sizeof statements / sizeof statements[0] };

static bf_status_t read_statement(bf_qasm_t *parser)
{
    const bf_token_t token = parser->token;
    if (token.kind == ';' && parser->version == 3)
        return bf_qasm_next(parser);
    if (parser->version == 3 && (token.kind == '$' || token.kind == '#' || token.kind == '@'))
        return refuse_statement(parser);
    if (token.kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, "a statement: a declaration, a gate, barrier or measure");
    const int32_t known = bf_names_find(&parser->gates, token.name);
    if (known >= BF_QASM_FIRST_KEYWORD && known < BF_QASM_FIRST_DEFINITION)
        return statements[known - BF_QASM_FIRST_KEYWORD].read(parser);
    if (known < 0 && parser->version == 3 && bf_names_find(&parser->registers, token.name) >= 0) {
        bf_qasm_operand_t bits;
        BF_TRY(bf_qasm_read_operand(parser, false, &bits));
        return read_measured_value(parser, &bits);
    }
    return bf_qasm_read_call(parser);
}

/** `OPENQASM 2.0;`, or 3 or 3.x. */
static bf_status_t read_version(bf_qasm_t *parser)
{
    const char *const expected = "OPENQASM 2.0; or OPENQASM 3.0; as the first statement";
    if (!bf_qasm_at_name(parser, "OPENQASM"))
        return bf_qasm_unexpected(parser, expected);
    BF_TRY(bf_qasm_next(parser));
    const bf_token_t number = parser->token;
    char quote[BF_QUOTE];
    if (number.kind != BF_TOKEN_INTEGER && number.kind != BF_TOKEN_REAL)
        return bf_qasm_unexpected(parser, "a version, 2.0 or 3.0");
    if (number.value != 2.0 && !(number.value >= 3.0 && number.value < 4.0))
        return bf_source_error(parser->source, number.place, "OpenQASM version %s is unknown, expected 2.0 or 3.0",
                               bf_token_quote(&number, quote));
    parser->version = (int)number.value;
    parser->integers = parser->version == 3;
    BF_TRY(bf_qasm_next(parser));
    return bf_qasm_expect(parser, ';', "; after the version");
}

static bf_status_t add_words(bf_qasm_t *parser)
{
    BF_TRY(bf_gate_names(&parser->gates, parser->version));
    for (int i = 0; i < STATEMENTS; i++)
        if ((statements[i].versions >> (parser->version - 2)) & 1)
            BF_TRY(bf_names_set(&parser->gates, bf_name(statements[i].word), BF_QASM_FIRST_KEYWORD + i));
    return BF_OK;
}

static bf_status_t read_file(bf_qasm_t *parser)
{
    BF_TRY(bf_circuit_create(0, &parser->circuit));
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(read_version(parser));
    BF_TRY(add_words(parser));
    while (parser->token.kind != BF_TOKEN_END)
        BF_TRY(read_statement(parser));
    if (parser->circuit->n == 0)
        return bf_source_error(parser->source, parser->token.place, "no qubits in this file, expected %s",
                               parser->version == 2 ? "qreg name[size];" : "qubit[size] name;");
    if (parser->sites)
        parser->circuit->n = parser->sites;
    return BF_OK;
}

bf_status_t bf_qasm_parse(const bf_source_t *source, bf_site_t sites, bf_circuit_t **circuit)
{
    bf_qasm_t parser = {.source = source, .lexer = bf_lexer_start(source), .sites = sites, .version = 2};
    const bf_status_t status = read_file(&parser);
    bf_names_t *const maps[] = {&parser.gates, &parser.registers, &parser.symbols, &parser.params, &parser.qubits};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        bf_names_clear(maps[i]);
    void *const arrays[] = {parser.regs,     parser.symbol_list, parser.definitions, parser.calls,    parser.ops,  parser.formals,
                            parser.operands, parser.actuals,     parser.values,      parser.measured, parser.stamp};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    if (status < 0) {
        bf_circuit_destroy(parser.circuit);
        return status;
    }
    *circuit = parser.circuit;
    return BF_OK;
}
