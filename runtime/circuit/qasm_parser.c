/* Statements of OpenQASM 2 and 3, by recursive descent. */
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
    return parser->token.kind == BF_TOKEN_NAME && *text == *name->text && strlen(text) == name->length &&
           memcmp(text, name->text, name->length) == 0;
}

bf_status_t bf_qasm_charge(bf_qasm_t *parser, uint64_t cost, bf_place_t place)
{
    parser->cost += cost;
    if (parser->cost > BF_CIRCUIT_MAX_GATES)
        return bf_source_error(parser->source, place, "the circuit has more than %d gates when its definitions%s are expanded",
                               BF_CIRCUIT_MAX_GATES, parser->version == 3 ? " and loops" : "");
    return BF_OK;
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
    return bf_qasm_refuse(parser, &parser->token, "expected gates, barriers, measurements, resets and branches");
}

/** Annotations and pragmas reach to the end of their line and change nothing that is computed here; the circuit says so once. */
static bf_status_t skip_line(bf_qasm_t *parser)
{
    const bool annotation = parser->token.kind == '@';
    const unsigned bit = annotation ? 1U : 2U;
    const bf_source_t *source = parser->source;
    const char *const rest = source->text + parser->lexer.at;
    const char *const end = memchr(rest, '\n', source->length - parser->lexer.at);
    const size_t length = end ? (size_t)(end - rest) : source->length - parser->lexer.at;
    if (!(parser->noted & bit)) {
        char name[BF_QUOTE], note[4 * BF_QUOTE];
        bf_quote(name, source->name, strlen(source->name));
        snprintf(note, sizeof note, "%.*s:%d: %ss are ignored", (int)strlen(name) - 2, name + 1, (int)parser->token.place.line,
                 annotation ? "annotation" : "pragma");
        BF_TRY(bf_circuit_add_note(parser->circuit, note));
        parser->noted |= bit;
    }
    parser->lexer.at += length;
    return bf_qasm_next(parser);
}

typedef bf_status_t statement_t(bf_qasm_t *parser);

/** Words that begin a statement; bit 0 of versions: OpenQASM 2, bit 1: OpenQASM 3. */
static const struct {
    const char *word;
    int versions;
    statement_t *read;
    bool global; /**< not inside loops and branches */
} statements[] = {{"OPENQASM", 3, read_second_version, true}, {"include", 3, read_include, true},
                  {"qreg", 3, bf_qasm_read_register2, true},  {"creg", 3, bf_qasm_read_register2, true},
                  {"qubit", 2, bf_qasm_read_register3, true}, {"bit", 2, bf_qasm_read_register3, false},
                  {"gate", 3, bf_qasm_read_definition, true}, {"opaque", 1, bf_qasm_read_definition, true},
                  {"barrier", 3, read_barrier, false},        {"measure", 3, bf_qasm_read_measure, false},
                  {"if", 1, bf_qasm_read_if2, false},         {"if", 2, bf_qasm_read_if, false},
                  {"reset", 3, bf_qasm_read_reset, false},    {"else", 2, refuse_statement, false},
                  {"for", 2, bf_qasm_read_for, false},        {"while", 2, refuse_statement, false},
                  {"switch", 2, refuse_statement, false},     {"def", 2, refuse_statement, false},
                  {"defcal", 2, refuse_statement, false},     {"defcalgrammar", 2, refuse_statement, false},
                  {"cal", 2, refuse_statement, false},        {"extern", 2, refuse_statement, false},
                  {"input", 2, bf_qasm_read_input, true},     {"output", 2, refuse_statement, false},
                  {"const", 2, bf_qasm_read_const, false},    {"let", 2, bf_qasm_read_alias, false},
                  {"box", 2, refuse_statement, false},        {"delay", 2, refuse_statement, false},
                  {"ctrl", 2, bf_qasm_read_call, false},      {"negctrl", 2, bf_qasm_read_call, false},
                  {"inv", 2, bf_qasm_read_call, false},       {"pow", 2, bf_qasm_read_call, false},
                  {"int", 2, refuse_statement, false},        {"uint", 2, refuse_statement, false},
                  {"float", 2, refuse_statement, false},      {"angle", 2, refuse_statement, false},
                  {"bool", 2, refuse_statement, false},       {"complex", 2, refuse_statement, false},
                  {"array", 2, refuse_statement, false},      {"duration", 2, refuse_statement, false},
                  {"stretch", 2, refuse_statement, false},    {"return", 2, refuse_statement, false},
                  {"end", 2, refuse_statement, false},        {"break", 2, refuse_statement, false},
                  {"continue", 2, refuse_statement, false},   {"pragma", 2, skip_line, false},
                  {"nop", 2, refuse_statement, false}};
enum { STATEMENTS = sizeof statements / sizeof statements[0] };

/** Whether the name in hand is a register that is given a value. Where a gate has the same name, what follows tells. */
static bf_status_t at_assignment(bf_qasm_t *parser, int32_t gate, bool *assigned)
{
    *assigned = parser->version == 3 && bf_names_find(&parser->registers, parser->token.name) >= 0;
    if (!*assigned || gate < 0)
        return BF_OK;
    const bf_lexer_t lexer = parser->lexer;
    const bf_token_t token = parser->token;
    BF_TRY(bf_qasm_next(parser));
    *assigned = parser->token.kind == '=' || parser->token.kind == '[';
    parser->lexer = lexer;
    parser->token = token;
    return BF_OK;
}

bf_status_t bf_qasm_read_statement(bf_qasm_t *parser)
{
    const bf_token_t token = parser->token;
    if (token.kind == ';' && parser->version == 3)
        return bf_qasm_next(parser);
    if (parser->version == 3 && (token.kind == '@' || (token.kind == '#' && bf_qasm_text_follows(parser, "pragma"))))
        return skip_line(parser);
    if (parser->version == 3 && (token.kind == '$' || token.kind == '#'))
        return refuse_statement(parser);
    if (token.kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, "a statement: a declaration, a gate, barrier or measure");
    const int32_t known = bf_names_find(&parser->gates, token.name);
    if (known >= BF_QASM_FIRST_KEYWORD && known < BF_QASM_FIRST_DEFINITION) {
        char quote[BF_QUOTE];
        if (parser->blocks > 0 && statements[known - BF_QASM_FIRST_KEYWORD].global)
            return bf_source_error(parser->source, token.place, "%s inside a loop or a branch, expected it outside",
                                   bf_token_quote(&token, quote));
        return statements[known - BF_QASM_FIRST_KEYWORD].read(parser);
    }
    bool assigned = false;
    BF_TRY(at_assignment(parser, known, &assigned));
    if (assigned) {
        bf_qasm_operand_t bits;
        parser->n_indices = 0;
        BF_TRY(bf_qasm_read_operand(parser, false, &bits));
        return bf_qasm_read_assignment(parser, &bits);
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
        BF_TRY(bf_qasm_read_statement(parser));
    if (parser->circuit->n == 0)
        return bf_source_error(parser->source, parser->token.place, "no qubits in this file, expected %s",
                               parser->version == 2 ? "qreg name[size];" : "qubit[size] name;");
    if (parser->sites)
        parser->circuit->n = parser->sites;
    return bf_classical_find_readouts(parser->circuit);
}

bf_status_t bf_qasm_parse(const bf_source_t *source, bf_site_t sites, bf_circuit_t **circuit)
{
    bf_qasm_t parser = {.source = source, .lexer = bf_lexer_start(source), .sites = sites, .version = 2};
    const bf_status_t status = read_file(&parser);
    bf_names_t *const maps[] = {&parser.gates, &parser.registers, &parser.symbols, &parser.params, &parser.qubits};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        bf_names_clear(maps[i]);
    void *const arrays[] = {parser.regs,    parser.symbol_list, parser.definitions, parser.calls,
                            parser.ops,     parser.formals,     parser.operands,    parser.actuals,
                            parser.values,  parser.literals,    parser.stamp,       parser.indices,
                            parser.aliased, parser.choices,     parser.polarities,  parser.controls};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    if (status < 0) {
        bf_circuit_destroy(parser.circuit);
        return status;
    }
    *circuit = parser.circuit;
    return BF_OK;
}
