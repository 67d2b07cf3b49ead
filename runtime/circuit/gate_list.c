/* Gate lists: one `code,q0,q1,angle` a line. Numbers may be written as floats (numpy's savetxt does), but must be whole where
 * an index is meant. */
#include "runtime/circuit/front_end.h"
#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/qasm_parser.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { FIELDS = 4 };

/** What a code means. Angles of codes that have none are read, checked and ignored. */
typedef struct code {
    const char *name;
    bf_gate_kind_t kind;
    int n_qubits;
    bool has_angle;
} code_t;

static const code_t codes[] = {{"H", BF_KIND_H, 1, false},        {"Rx", BF_KIND_RX, 1, true},
                               {"Rz", BF_KIND_RZ, 1, true},       {"XXPhase", BF_KIND_RXX, 2, true},
                               {"ZZPhase", BF_KIND_RZZ, 2, true}, {"SWAP", BF_KIND_SWAP, 2, false},
                               {"T", BF_KIND_T, 1, false},        {"CZ", BF_KIND_CZ, 2, false}};
enum { CODES = sizeof codes / sizeof codes[0] };

static const char *const field_names[FIELDS] = {"code", "q0", "q1", "angle"};

/** The line being read. */
typedef struct list {
    const bf_source_t *source;
    bf_site_t sites;   /**< as asked for, 0 = free */
    bf_site_t n;       /**< 1 + largest index so far */
    int32_t line;      /**< current line */
    const char *start; /**< its first byte */
    const char *end;   /**< past its last byte; no newline, no comment */
} list_t;

static bf_place_t place_of(const list_t *list, const char *at)
{
    const ptrdiff_t column = at - list->start + 1;
    return (bf_place_t){list->line, column < INT32_MAX ? (int32_t)column : INT32_MAX};
}

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

/** Length of the word at @p at, for messages. */
static size_t word_length(const char *at, const char *end)
{
    const char *stop = at;
    while (stop < end && *stop != ',' && *stop != ' ' && *stop != '\t' && *stop != '\r')
        stop++;
    return (size_t)(stop - at);
}

/** An angle that is more than a number: an expression of OpenQASM 3, all of whose numbers are real. */
static bf_status_t read_angle(const list_t *list, const char *at, bf_circuit_t *circuit, bf_value_t *angle)
{
    const bf_source_t line = {list->source->name, list->source->text, (size_t)(list->end - list->source->text)};
    bf_lexer_t lexer = bf_lexer_start(&line);
    lexer.at = (size_t)(at - line.text);
    lexer.line_start = (size_t)(list->start - line.text);
    lexer.line = list->line;
    return bf_qasm_read_angle(&line, &lexer, circuit, angle);
}

/** One signed number; leaves *at behind it. */
static bf_status_t read_field(const list_t *list, int field, const char **at, double *value)
{
    char quote[BF_QUOTE];
    const char *word = *at;
    const bool negative = word < list->end && *word == '-';
    const char *digits = word + (negative || (word < list->end && *word == '+'));
    bool is_integer = false;
    const size_t length = bf_number_read(digits, (size_t)(list->end - digits), value, &is_integer);
    const size_t whole = word_length(word, list->end);
    if (whole == 0)
        return bf_source_error(list->source, place_of(list, word), "%s is missing, expected code,q0,q1,angle",
                               field_names[field]);
    if (length == 0 || length + (size_t)(digits - word) != whole || !isfinite(*value))
        return bf_source_error(list->source, place_of(list, word), "%s is %s, expected a finite number", field_names[field],
                               bf_quote(quote, word, whole));
    if (field != FIELDS - 1 && *value != floor(*value))
        return bf_source_error(list->source, place_of(list, word), "%s is %s, expected a whole number", field_names[field],
                               bf_quote(quote, word, whole));
    if (negative)
        *value = -*value;
    *at = word + whole;
    return BF_OK;
}

/** True when the rest of the line is not one number. */
static bool is_expression(const list_t *list, const char *at)
{
    double value = 0;
    bool is_integer = false;
    const char *digits = at + (at < list->end && (*at == '-' || *at == '+'));
    const size_t length = bf_number_read(digits, (size_t)(list->end - digits), &value, &is_integer);
    const char *rest = skip_spaces(digits + length, list->end);
    return at < list->end && (length == 0 || (rest < list->end && memchr("+-*/%(", *rest, 6)));
}

static bf_status_t read_fields(const list_t *list, const char *at, bf_circuit_t *circuit, double value[FIELDS],
                               const char *where[FIELDS], bf_value_t *angle)
{
    char quote[BF_QUOTE];
    for (int field = 0; field < FIELDS; field++) {
        if (field > 0) {
            if (at == list->end || *at != ',')
                return bf_source_error(list->source, place_of(list, at), "expected , and then %s (a line is code,q0,q1,angle)",
                                       field_names[field]);
            at = skip_spaces(at + 1, list->end);
        }
        where[field] = at;
        if (field == FIELDS - 1 && is_expression(list, at))
            return read_angle(list, at, circuit, angle);
        BF_TRY(read_field(list, field, &at, &value[field]));
        at = skip_spaces(at, list->end);
    }
    *angle = bf_value_real(value[FIELDS - 1]);
    if (at < list->end)
        return bf_source_error(list->source, place_of(list, at), "unexpected %s after the angle, expected the end of the line",
                               bf_quote(quote, at, (size_t)(list->end - at)));
    return BF_OK;
}

static bf_status_t check_qubit(const list_t *list, const char *name, const char *where, double value)
{
    const bf_site_t limit = list->sites ? list->sites : BF_CIRCUIT_MAX_QUBITS;
    if (value >= 0 && value < limit)
        return BF_OK;
    return bf_source_error(list->source, place_of(list, where), "%s = %.0f is out of range, expected 0 to %d%s", name, value,
                           limit - 1, list->sites ? " (the number of sites was given)" : "");
}

static bf_status_t read_gate(list_t *list, const char *at, bf_circuit_t *circuit)
{
    double value[FIELDS];
    const char *where[FIELDS], *why = NULL;
    bf_value_t angle;
    BF_TRY(read_fields(list, at, circuit, value, where, &angle));
    if (!(value[0] >= 0 && value[0] < CODES))
        return bf_source_error(list->source, place_of(list, where[0]),
                               "code %.0f is unknown, expected 0 H, 1 Rx, 2 Rz, 3 XXPhase, 4 ZZPhase, 5 SWAP, 6 T, 7 CZ",
                               value[0]);
    const code_t *code = &codes[(int)value[0]];
    BF_TRY(check_qubit(list, "q0", where[1], value[1]));
    if (code->n_qubits == 1 && value[2] != -1)
        return bf_source_error(list->source, place_of(list, where[2]), "%s acts on one qubit, expected q1 = -1", code->name);
    if (code->n_qubits == 2) {
        BF_TRY(check_qubit(list, "q1", where[2], value[2]));
        if (value[1] == value[2])
            return bf_source_error(list->source, place_of(list, where[2]),
                                   "%s on qubit %.0f twice, expected two different qubits", code->name, value[1]);
    }
    bf_gate_t gate = {.kind = (uint16_t)code->kind, .line = list->line, .q = {(bf_site_t)value[1]}};
    if (code->n_qubits == 2)
        gate.q[1] = (bf_site_t)value[2];
    if (code->has_angle) {
        const bf_status_t status =
            bf_value_binary(&circuit->expressions, BF_EX_MULTIPLY, bf_value_real(M_PI), angle, &angle, &why);
        if (status == BF_ERR_INPUT)
            return bf_source_error(list->source, place_of(list, where[3]), "the angle is too large, expected half-turns");
        BF_TRY(status);
        bf_gate_set(&gate, 0, angle);
    }
    for (int i = 0; i < code->n_qubits; i++)
        list->n = gate.q[i] >= list->n ? gate.q[i] + 1 : list->n;
    if (circuit->n_gates >= BF_CIRCUIT_MAX_GATES)
        return bf_source_error(list->source, place_of(list, at), "more than %d gates", BF_CIRCUIT_MAX_GATES);
    return bf_circuit_append(circuit, &gate);
}

static bf_status_t read_lines(list_t *list, bf_circuit_t *circuit)
{
    const char *end = list->source->text + list->source->length;
    for (const char *next = list->source->text; next < end; list->line += list->line < INT32_MAX) {
        list->start = next;
        const char *newline = memchr(next, '\n', (size_t)(end - next));
        const char *stop = newline ? newline : end;
        next = newline ? newline + 1 : end;
        const char *comment = memchr(list->start, '#', (size_t)(stop - list->start));
        list->end = comment ? comment : stop;
        const char *at = skip_spaces(list->start, list->end);
        if (at < list->end)
            BF_TRY(read_gate(list, at, circuit));
    }
    if (list->n == 0 && list->sites == 0)
        return bf_source_error(list->source, (bf_place_t){list->line, 1}, "no gates, expected lines of code,q0,q1,angle");
    return BF_OK;
}

bf_status_t bf_gate_list_parse(const bf_source_t *source, bf_site_t sites, bf_circuit_t **circuit)
{
    list_t list = {.source = source, .sites = sites, .line = 1};
    bf_circuit_t *parsed = NULL;
    BF_TRY(bf_circuit_create(0, &parsed));
    const bf_status_t status = read_lines(&list, parsed);
    if (status < 0) {
        bf_circuit_destroy(parsed);
        return status;
    }
    parsed->n = sites ? sites : list.n;
    *circuit = parsed;
    return BF_OK;
}
