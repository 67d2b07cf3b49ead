/* Registers, their slices and aliases. */
#include "runtime/circuit/qasm_parser.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bf_status_t make_room_for_qubits(bf_qasm_t *parser, size_t n)
{
    if (n <= parser->room_qubits)
        return BF_OK;
    uint32_t *stamp = realloc(parser->stamp, n * sizeof *stamp);
    if (!stamp)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu qubits", n);
    parser->stamp = stamp;
    memset(stamp + parser->room_qubits, 0, (n - parser->room_qubits) * sizeof *stamp);
    parser->room_qubits = n;
    return BF_OK;
}

/** `[size]`; registers of no elements are nobody's intention. */
static bf_status_t read_size(bf_qasm_t *parser, bf_site_t *size)
{
    BF_TRY(bf_qasm_expect(parser, '[', "[ and the size of the register"));
    const bf_place_t place = parser->token.place;
    if (parser->version == 2) {
        BF_TRY(bf_qasm_read_integer(parser, "register size", BF_CIRCUIT_MAX_QUBITS, size));
    } else {
        int64_t constant = 0;
        BF_TRY(bf_qasm_read_constant(parser, &constant));
        *size = constant >= 0 && constant <= BF_CIRCUIT_MAX_QUBITS ? (bf_site_t)constant : 0;
    }
    if (*size == 0)
        return bf_source_error(parser->source, place, "a register of %s, expected 1 to %d",
                               parser->version == 2 ? "size 0" : "no such size", BF_CIRCUIT_MAX_QUBITS);
    return bf_qasm_expect(parser, ']', "]");
}

static bf_status_t read_register_name(bf_qasm_t *parser, bf_qasm_register_t *reg)
{
    BF_TRY(bf_qasm_check_new(parser, "the name of the register"));
    reg->name = parser->token.name;
    reg->line = parser->token.place.line;
    return bf_qasm_next(parser);
}

static bf_status_t declare_name(bf_qasm_t *parser, const bf_qasm_register_t *reg)
{
    BF_TRY(bf_names_set(&parser->registers, reg->name, (int32_t)parser->n_regs));
    BF_QASM_PUSH(parser, regs, *reg);
    return BF_OK;
}

static bf_status_t add_qubits(bf_qasm_t *parser, bf_site_t count, bf_place_t place)
{
    const bf_site_t limit = parser->sites ? parser->sites : BF_CIRCUIT_MAX_QUBITS;
    const bf_site_t so_far = parser->circuit->n;
    if (count > limit - so_far)
        return bf_source_error(parser->source, place, "%lld qubits so far, expected at most %d%s", (long long)so_far + count,
                               limit, parser->sites ? " (the number of sites was given)" : "");
    parser->circuit->n += count;
    return make_room_for_qubits(parser, (size_t)parser->circuit->n);
}

static bf_status_t declare(bf_qasm_t *parser, bf_qasm_register_t *reg, bf_place_t place)
{
    if (reg->quantum) {
        if (parser->physical.size > 0)
            return bf_source_error(parser->source, place,
                                   "qubits are declared after '$' ones were used, expected one kind of them");
        reg->first = parser->circuit->n;
        BF_TRY(add_qubits(parser, reg->size, place));
    } else {
        reg->first = (bf_site_t)parser->circuit->classical.n_bits;
        if (reg->size > BF_CIRCUIT_MAX_BITS - reg->first)
            return bf_source_error(parser->source, place, "%lld bits so far, expected at most %d",
                                   (long long)reg->first + reg->size, BF_CIRCUIT_MAX_BITS);
        BF_TRY(bf_classical_register(&parser->circuit->classical, reg->name, (size_t)reg->size, reg->scalar));
    }
    return declare_name(parser, reg);
}

bf_status_t bf_qasm_read_register2(bf_qasm_t *parser)
{
    const bf_place_t place = parser->token.place;
    bf_qasm_register_t reg = {.quantum = bf_qasm_at_name(parser, "qreg")};
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(read_register_name(parser, &reg));
    BF_TRY(read_size(parser, &reg.size));
    BF_TRY(bf_qasm_expect(parser, ';', "; after the declaration"));
    return declare(parser, &reg, place);
}

bf_status_t bf_qasm_read_register3(bf_qasm_t *parser)
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
    const bf_qasm_operand_t bits = {.reg = &parser->regs[parser->n_regs - 1], .place = place, .size = reg.size, .step = 1};
    parser->n_indices = 0;
    return bf_qasm_read_assignment(parser, &bits);
}

bf_status_t bf_qasm_read_integer(bf_qasm_t *parser, const char *what, bf_site_t limit, bf_site_t *value)
{
    const bf_token_t token = parser->token;
    char quote[BF_QUOTE];
    if (token.kind != BF_TOKEN_INTEGER) {
        char expected[80];
        snprintf(expected, sizeof expected, "%s, an integer", what);
        return bf_qasm_unexpected(parser, expected);
    }
    if (token.value > limit)
        return bf_source_error(parser->source, token.place, "%s %s is too large, expected at most %d", what,
                               bf_token_quote(&token, quote), limit);
    *value = (bf_site_t)token.value;
    return bf_qasm_next(parser);
}

static bf_status_t unknown_register(const bf_qasm_t *parser, bool quantum)
{
    char quote[BF_QUOTE], other[BF_QUOTE];
    bf_token_quote(&parser->token, quote);
    if (parser->n_regs == 0)
        return bf_source_error(parser->source, parser->token.place,
                               "unknown register %s, none is declared yet: expected %s before it", quote,
                               parser->version == 2 ? quantum ? "qreg name[size];" : "creg name[size];"
                               : quantum            ? "qubit[size] name;"
                                                    : "bit[size] name;");
    const bf_name_t *nearest = bf_names_nearest(&parser->registers, parser->token.name);
    if (nearest)
        return bf_source_error(parser->source, parser->token.place, "unknown register %s, did you mean %s?", quote,
                               bf_quote(other, nearest->text, nearest->length));
    return bf_source_error(parser->source, parser->token.place, "unknown register %s, expected a %s register declared above",
                           quote, quantum ? "qubit" : "bit");
}

bf_site_t bf_qasm_element(const bf_qasm_t *parser, const bf_qasm_operand_t *operand, bf_site_t i)
{
    return operand->listed ? parser->indices[operand->first + i] : operand->first + i * operand->step;
}

bf_site_t bf_qasm_qubit(const bf_qasm_t *parser, const bf_qasm_register_t *reg, bf_site_t index)
{
    return reg->alias ? parser->aliased[(size_t)reg->first + (size_t)index] : reg->first + index;
}

/** A constant index into the register; OpenQASM 3 counts negative ones from its end. */
static bf_status_t read_position(bf_qasm_t *parser, const bf_qasm_register_t *reg, bf_site_t *position)
{
    const bf_token_t token = parser->token;
    const int64_t lowest = parser->version == 2 ? 0 : -(int64_t)reg->size;
    char quote[BF_QUOTE];
    int64_t index = -1;
    if (parser->version == 2) {
        if (token.kind != BF_TOKEN_INTEGER)
            return bf_qasm_unexpected(parser, "an index, an integer");
        index = (int64_t)fmin(token.value, 1e15);
        BF_TRY(bf_qasm_next(parser));
    } else {
        BF_TRY(bf_qasm_read_constant(parser, &index));
    }
    if (index < lowest || index >= reg->size)
        return bf_source_error(parser->source, token.place, "index '%lld' is out of range, register %s has elements 0 to %d",
                               (long long)index, bf_quote(quote, reg->name.text, reg->name.length), reg->size - 1);
    *position = (bf_site_t)(index < 0 ? index + reg->size : index);
    return BF_OK;
}

/** `{index, ...}`, different ones. */
static bf_status_t read_set(bf_qasm_t *parser, bf_qasm_operand_t *operand)
{
    operand->listed = true;
    operand->first = (bf_site_t)parser->n_indices;
    parser->call++;
    do {
        bf_site_t position = 0;
        BF_TRY(bf_qasm_next(parser));
        const bf_place_t place = parser->token.place;
        BF_TRY(read_position(parser, operand->reg, &position));
        if (operand->reg->quantum) {
            uint32_t *stamp = &parser->stamp[bf_qasm_qubit(parser, operand->reg, position)];
            if (*stamp == parser->call)
                return bf_source_error(parser->source, place, "index %d appears twice, expected different ones", position);
            *stamp = parser->call;
        }
        BF_TRY(bf_qasm_charge(parser, 1, place));
        BF_QASM_PUSH(parser, indices, position);
    } while (parser->token.kind == ',');
    operand->size = (bf_site_t)parser->n_indices - operand->first;
    return bf_qasm_expect(parser, '}', ", or }");
}

/** The rest of a range behind its first position: `:last` or `:step:last`, both ends included. */
static bf_status_t read_range(bf_qasm_t *parser, bf_site_t first, bool has_first, bf_qasm_operand_t *operand)
{
    const bf_site_t size = operand->reg->size;
    bf_site_t last = size - 1;
    int64_t step = 1;
    BF_TRY(bf_qasm_next(parser));
    const bf_place_t place = parser->token.place;
    if (parser->token.kind != ']') {
        const bf_lexer_t lexer = parser->lexer;
        const bf_token_t token = parser->token;
        BF_TRY(bf_qasm_read_constant(parser, &step));
        if (parser->token.kind == ':') {
            BF_TRY(bf_qasm_next(parser));
        } else { /* it was the last position: read it again as such */
            parser->lexer = lexer;
            parser->token = token;
            step = 1;
        }
        if (step == 0)
            return bf_source_error(parser->source, place, "a range with a step of 0");
        step = step > size ? size : step < -size ? -size : step; /* a longer one leads nowhere else */
        last = step > 0 ? size - 1 : 0;
        if (parser->token.kind != ']')
            BF_TRY(read_position(parser, operand->reg, &last));
    }
    operand->first = has_first || step > 0 ? first : size - 1;
    operand->step = (bf_site_t)step;
    operand->size = (last - operand->first) / operand->step + 1;
    if (step > 0 ? last < operand->first : last > operand->first)
        return bf_source_error(parser->source, place, "an empty range of qubits");
    return BF_OK;
}

/** What stands between [ and ]. */
static bf_status_t read_index(bf_qasm_t *parser, bf_qasm_operand_t *operand)
{
    bf_site_t first = 0;
    if (parser->version == 3 && parser->token.kind == '{') {
        BF_TRY(read_set(parser, operand));
    } else {
        const bool has_first = parser->version == 2 || parser->token.kind != ':';
        if (has_first)
            BF_TRY(read_position(parser, operand->reg, &first));
        operand->first = first;
        operand->single = true;
        operand->size = 1;
        if (parser->version == 3 && parser->token.kind == ':') {
            operand->single = false;
            BF_TRY(read_range(parser, first, has_first, operand));
        }
    }
    return bf_qasm_expect(parser, ']', "]");
}

/** `$index`: nobody declares these qubits, the first use of a larger one does. */
static bf_status_t read_physical(bf_qasm_t *parser, bf_qasm_operand_t *operand)
{
    bf_qasm_register_t *reg = &parser->physical;
    const bf_token_t dollar = parser->token;
    bf_site_t index = 0;
    BF_TRY(bf_qasm_next(parser));
    if (parser->token.kind != BF_TOKEN_INTEGER || parser->token.name.text != dollar.name.text + 1)
        return bf_source_error(parser->source, dollar.place, "'$' without a number, expected a qubit of the machine like $0");
    BF_TRY(bf_qasm_read_integer(parser, "qubit", BF_CIRCUIT_MAX_QUBITS - 1, &index));
    if (reg->size == 0 && parser->circuit->n > 0)
        return bf_source_error(parser->source, dollar.place, "'$' qubits beside declared ones, expected one kind of them");
    if (index >= reg->size) {
        BF_TRY(add_qubits(parser, index + 1 - reg->size, dollar.place));
        *reg = (bf_qasm_register_t){.name = bf_name("$"), .size = index + 1, .quantum = true};
    }
    *operand = (bf_qasm_operand_t){.reg = reg, .place = dollar.place, .first = index, .size = 1, .step = 1, .single = true};
    return BF_OK;
}

bf_status_t bf_qasm_read_operand(bf_qasm_t *parser, bool quantum, bf_qasm_operand_t *operand)
{
    const bf_token_t name = parser->token;
    char quote[BF_QUOTE];
    if (quantum && parser->version == 3 && name.kind == '$')
        return read_physical(parser, operand);
    if (name.kind != BF_TOKEN_NAME)
        return bf_qasm_unexpected(parser, quantum ? "a qubit or a qubit register" : "a bit or a bit register");
    const int32_t index = bf_names_find(&parser->registers, name.name);
    if (index < 0)
        return unknown_register(parser, quantum);
    const bf_qasm_register_t *reg = &parser->regs[index];
    *operand = (bf_qasm_operand_t){.reg = reg, .place = name.place, .single = reg->scalar, .size = reg->size, .step = 1};
    if (reg->quantum != quantum)
        return bf_source_error(parser->source, name.place, "%s holds %s, expected %s", bf_token_quote(&name, quote),
                               quantum ? "bits" : "qubits", quantum ? "a qubit register" : "a bit register");
    BF_TRY(bf_qasm_next(parser));
    if (parser->token.kind != '[')
        return BF_OK;
    BF_TRY(bf_qasm_next(parser));
    return read_index(parser, operand);
}

/** Append the qubits of an operand to those of the alias being read; @p parser->call marks the ones it has already. */
static bf_status_t add_to_alias(bf_qasm_t *parser, const bf_qasm_operand_t *operand, uint32_t mark)
{
    BF_TRY(bf_qasm_charge(parser, (uint64_t)operand->size, operand->place));
    for (bf_site_t i = 0; i < operand->size; i++) {
        const bf_site_t q = bf_qasm_qubit(parser, operand->reg, bf_qasm_element(parser, operand, i));
        if (parser->stamp[q] == mark)
            return bf_source_error(parser->source, operand->place, "a qubit appears twice in an alias, expected different ones");
        parser->stamp[q] = mark;
        BF_QASM_PUSH(parser, aliased, q);
    }
    return BF_OK;
}

bf_status_t bf_qasm_read_alias(bf_qasm_t *parser)
{
    bf_qasm_register_t reg = {.quantum = true, .alias = true, .scalar = true, .first = (bf_site_t)parser->n_aliased};
    const bf_place_t place = parser->token.place;
    BF_TRY(bf_qasm_next(parser));
    BF_TRY(read_register_name(parser, &reg));
    BF_TRY(bf_qasm_expect(parser, '=', "= and the qubits the name stands for"));
    parser->n_operands = 0;
    parser->n_indices = 0;
    for (;;) {
        bf_qasm_operand_t operand;
        BF_TRY(bf_qasm_read_operand(parser, true, &operand));
        BF_QASM_PUSH(parser, operands, operand);
        if (parser->token.kind != '+')
            break;
        BF_TRY(bf_qasm_next(parser));
        BF_TRY(bf_qasm_expect(parser, '+', "++ and more qubits"));
    }
    parser->call++;
    for (size_t i = 0; i < parser->n_operands; i++) {
        BF_TRY(add_to_alias(parser, &parser->operands[i], parser->call));
        reg.scalar = parser->n_operands == 1 && parser->operands[i].single;
    }
    if (parser->n_aliased > INT32_MAX)
        return bf_source_error(parser->source, place, "aliases of more than %d qubits altogether", INT32_MAX);
    reg.size = (bf_site_t)parser->n_aliased - reg.first;
    BF_TRY(bf_qasm_expect(parser, ';', "; after the alias"));
    return declare_name(parser, &reg);
}
