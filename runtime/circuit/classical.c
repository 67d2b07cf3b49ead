/* Bits as literals of an and-inverter graph; equal conjunctions are stored once. */
#include "runtime/circuit/classical.h"

#include "runtime/circuit/gate_library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory for the classical bits of a circuit");
}

/** Room for @p count items of @p size bytes. @return false when out of memory */
static bool make_room(void **array, size_t *room, size_t count, size_t size)
{
    if (count <= *room)
        return true;
    const size_t wanted = count < 16 ? 16 : 2 * count;
    void *moved = realloc(*array, wanted * size);
    if (!moved)
        return false;
    *array = moved;
    *room = wanted;
    return true;
}

/* Nodes. */

static bf_status_t add_node(bf_classical_t *classical, bf_logic_node_t node, uint32_t *number)
{
    bf_logic_t *logic = &classical->logic;
    const size_t at = logic->n_nodes ? logic->n_nodes : 1;
    void *nodes = logic->nodes;
    if (at >= BF_CIRCUIT_MAX_NODES)
        return bf_error_set(BF_ERR_TOO_LARGE, "more than %d measurements and conditions on their outcomes", BF_CIRCUIT_MAX_NODES);
    if (!make_room(&nodes, &classical->room_nodes, at + 1, sizeof node))
        return no_memory();
    logic->nodes = nodes;
    if (logic->n_nodes == 0)
        logic->nodes[0] = (bf_logic_node_t){0, 0};
    logic->nodes[at] = node;
    logic->n_nodes = at + 1;
    *number = (uint32_t)at;
    return BF_OK;
}

bf_status_t bf_classical_outcome(bf_classical_t *classical, uint32_t *literal)
{
    uint32_t number = 0;
    BF_TRY(add_node(classical, (bf_logic_node_t){BF_LOGIC_OUTCOME, classical->n_outcomes}, &number));
    classical->n_outcomes++;
    *literal = 2 * number;
    return BF_OK;
}

/** The slot of a conjunction in the table: where it is, or where it would go. */
static uint32_t *find_slot(const bf_classical_t *classical, bf_logic_node_t node)
{
    const uint64_t key = (uint64_t)node.a << 32 | node.b;
    size_t at = (size_t)((key * 0x9E3779B97F4A7C15U) >> 32) & (classical->room_known - 1);
    for (;; at = (at + 1) & (classical->room_known - 1)) {
        uint32_t *slot = &classical->known[at];
        const bf_logic_node_t *there = &classical->logic.nodes[*slot];
        if (*slot == 0 || (there->a == node.a && there->b == node.b))
            return slot;
    }
}

/** Keep the table at most half full. */
static bf_status_t grow_table(bf_classical_t *classical)
{
    if (2 * (classical->logic.n_nodes + 1) <= classical->room_known)
        return BF_OK;
    const size_t room = classical->room_known ? 2 * classical->room_known : 64;
    uint32_t *known = calloc(room, sizeof *known);
    if (!known)
        return no_memory();
    free(classical->known);
    classical->known = known;
    classical->room_known = room;
    for (size_t i = 1; i < classical->logic.n_nodes; i++)
        if (classical->logic.nodes[i].a != BF_LOGIC_OUTCOME)
            *find_slot(classical, classical->logic.nodes[i]) = (uint32_t)i;
    return BF_OK;
}

bf_status_t bf_classical_and(bf_classical_t *classical, uint32_t a, uint32_t b, uint32_t *literal)
{
    if (a > b)
        return bf_classical_and(classical, b, a, literal);
    if (a == BF_LOGIC_TRUE || a == b)
        *literal = b;
    else if (a == BF_LOGIC_FALSE || a == (b ^ 1))
        *literal = BF_LOGIC_FALSE;
    else {
        while (2 * (classical->logic.n_nodes + 1) > classical->room_known)
            BF_TRY(grow_table(classical));
        uint32_t *slot = find_slot(classical, (bf_logic_node_t){a, b});
        if (*slot == 0)
            BF_TRY(add_node(classical, (bf_logic_node_t){a, b}, slot));
        *literal = 2 * *slot;
    }
    return BF_OK;
}

bf_status_t bf_classical_or(bf_classical_t *classical, uint32_t a, uint32_t b, uint32_t *literal)
{
    BF_TRY(bf_classical_and(classical, a ^ 1, b ^ 1, literal));
    *literal ^= 1;
    return BF_OK;
}

bf_status_t bf_classical_choose(bf_classical_t *classical, uint32_t condition, uint32_t yes, uint32_t no, uint32_t *literal)
{
    uint32_t first = 0, second = 0;
    if (yes == no) {
        *literal = yes;
        return BF_OK;
    }
    BF_TRY(bf_classical_and(classical, condition, yes, &first));
    BF_TRY(bf_classical_and(classical, condition ^ 1, no, &second));
    return bf_classical_or(classical, first, second, literal);
}

bf_status_t bf_classical_xor(bf_classical_t *classical, uint32_t a, uint32_t b, uint32_t *literal)
{
    return bf_classical_choose(classical, a, b ^ 1, b, literal);
}

/* Registers. */

bf_status_t bf_classical_register(bf_classical_t *classical, bf_name_t name, size_t size, bool scalar)
{
    void *bits = classical->bits, *registers = classical->registers;
    if (size > BF_CIRCUIT_MAX_BITS - classical->n_bits)
        return BF_ERR_TOO_LARGE;
    if (!make_room(&bits, &classical->room_bits, classical->n_bits + size, sizeof *classical->bits))
        return no_memory();
    classical->bits = bits;
    if (!make_room(&registers, &classical->room_registers, classical->n_registers + 1, sizeof *classical->registers))
        return no_memory();
    classical->registers = registers;
    char *copy = strndup(name.text, name.length);
    if (!copy)
        return no_memory();
    classical->registers[classical->n_registers++] = (bf_bit_register_t){copy, classical->n_bits, size, scalar};
    for (size_t i = 0; i < size; i++)
        classical->bits[classical->n_bits++] = BF_LOGIC_FALSE;
    return BF_OK;
}

void bf_classical_forget(bf_classical_t *classical, size_t first)
{
    while (classical->n_registers > 0 && classical->registers[classical->n_registers - 1].first >= first)
        free(classical->registers[--classical->n_registers].name);
    classical->n_bits = first < classical->n_bits ? first : classical->n_bits;
}

/* Final measurements. */

/** Marks of a complete circuit. */
typedef struct marks {
    uint8_t *read;       /**< of each node: a condition or a negated bit depends on it */
    uint8_t *touched;    /**< of each qubit: by something behind the place where the search is */
    bf_site_t *measures; /**< of each node: 1 + the qubit whose final measurement it is, 0 when it is none */
    size_t n_final;
} marks_t;

static void mark_reads(const bf_circuit_t *circuit, marks_t *marks)
{
    const bf_classical_t *classical = &circuit->classical;
    for (size_t i = 1; i < classical->logic.n_nodes; i++)
        if (classical->logic.nodes[i].a != BF_LOGIC_OUTCOME) {
            marks->read[classical->logic.nodes[i].a >> 1] = 1;
            marks->read[classical->logic.nodes[i].b >> 1] = 1;
        }
    for (size_t i = 0; i < circuit->n_gates; i++)
        marks->read[circuit->gates[i].condition >> 1] = 1;
    for (size_t i = 0; i < classical->n_bits; i++)
        if (classical->bits[i] & 1)
            marks->read[classical->bits[i] >> 1] = 1;
}

/** From the last gate back: take out what is final. */
static void take_out(bf_circuit_t *circuit, marks_t *marks)
{
    size_t kept = circuit->n_gates;
    for (size_t i = circuit->n_gates; i-- > 0;) {
        const bf_gate_t gate = circuit->gates[i];
        const int width = bf_gate_info((bf_gate_kind_t)gate.kind)->n_qubits;
        if (gate.kind == BF_KIND_MEASURE && gate.condition == 0 && !marks->touched[gate.q[0]] && !marks->read[gate.q[1]]) {
            marks->measures[gate.q[1]] = gate.q[0] + 1;
            marks->n_final++;
        } else {
            circuit->gates[--kept] = gate;
        }
        for (int k = 0; k < width; k++)
            marks->touched[gate.q[k]] = 1;
    }
    circuit->n_gates -= kept;
    memmove(circuit->gates, circuit->gates + kept, circuit->n_gates * sizeof *circuit->gates);
}

/** What goes into a bit, in the order of bits; then what goes nowhere. */
static bf_status_t list_readouts(bf_classical_t *classical, marks_t *marks)
{
    classical->readouts = malloc((classical->n_bits + marks->n_final + 1) * sizeof *classical->readouts);
    if (!classical->readouts)
        return no_memory();
    for (size_t i = 0; i < classical->n_bits; i++) {
        const uint32_t node = classical->bits[i] >> 1;
        if (node == 0 || marks->measures[node] == 0)
            continue;
        classical->readouts[classical->n_readouts++] = (bf_readout_t){marks->measures[node] - 1, (int32_t)i};
        marks->read[node] = 1;
    }
    for (size_t node = 1; node < classical->logic.n_nodes; node++)
        if (marks->measures[node] > 0 && !marks->read[node])
            classical->readouts[classical->n_readouts++] = (bf_readout_t){marks->measures[node] - 1, -1};
    return BF_OK;
}

bf_status_t bf_classical_find_readouts(bf_circuit_t *circuit)
{
    bf_classical_t *classical = &circuit->classical;
    if (classical->n_outcomes == 0)
        return BF_OK;
    marks_t marks = {.read = calloc(classical->logic.n_nodes, 1),
                     .touched = calloc((size_t)circuit->n, 1),
                     .measures = calloc(classical->logic.n_nodes, sizeof *marks.measures)};
    bf_status_t status = BF_ERR_NOMEM;
    if (!marks.read || !marks.touched || !marks.measures) {
        status = no_memory();
    } else {
        mark_reads(circuit, &marks);
        take_out(circuit, &marks);
        status = list_readouts(classical, &marks);
    }
    free(marks.read);
    free(marks.touched);
    free(marks.measures);
    return status;
}

/* The whole. */

static void *copy_of(const void *from, size_t bytes)
{
    void *copy = malloc(bytes + 1);
    if (copy && bytes > 0)
        memcpy(copy, from, bytes);
    return copy;
}

bf_status_t bf_classical_copy(const bf_classical_t *from, bf_classical_t *to)
{
    *to = (bf_classical_t){.n_outcomes = from->n_outcomes,
                           .n_bits = from->n_bits,
                           .n_readouts = from->n_readouts,
                           .bits = copy_of(from->bits, from->n_bits * sizeof *from->bits),
                           .readouts = copy_of(from->readouts, from->n_readouts * sizeof *from->readouts),
                           .registers = calloc(from->n_registers + 1, sizeof *from->registers)};
    if (!to->bits || !to->readouts || !to->registers || bf_logic_copy(&from->logic, &to->logic) < 0)
        return no_memory();
    for (; to->n_registers < from->n_registers; to->n_registers++) {
        to->registers[to->n_registers] = from->registers[to->n_registers];
        to->registers[to->n_registers].name = strdup(from->registers[to->n_registers].name);
        if (!to->registers[to->n_registers].name)
            return no_memory();
    }
    return BF_OK;
}

void bf_classical_clear(bf_classical_t *classical)
{
    for (size_t i = 0; i < classical->n_registers; i++)
        free(classical->registers[i].name);
    free(classical->registers);
    free(classical->bits);
    free(classical->readouts);
    free(classical->known);
    bf_logic_clear(&classical->logic);
    *classical = (bf_classical_t){0};
}

/* What a circuit says about itself. */

size_t bf_circuit_bits(const bf_circuit_t *circuit)
{
    return circuit->classical.n_bits;
}

const bf_bit_register_t *bf_circuit_bit_registers(const bf_circuit_t *circuit, size_t *count)
{
    *count = circuit->classical.n_registers;
    return circuit->classical.registers;
}

void bf_circuit_bit_name(const bf_circuit_t *circuit, size_t bit, char name[BF_BIT_NAME])
{
    const bf_bit_register_t *reg = circuit->classical.registers;
    while (bit >= reg->first + reg->size)
        reg++;
    if (reg->scalar)
        snprintf(name, BF_BIT_NAME, "%.200s", reg->name);
    else
        snprintf(name, BF_BIT_NAME, "%.200s[%zu]", reg->name, bit - reg->first);
}

uint32_t bf_circuit_bit(const bf_circuit_t *circuit, size_t bit)
{
    return circuit->classical.bits[bit];
}

const bf_logic_t *bf_circuit_logic(const bf_circuit_t *circuit)
{
    return &circuit->classical.logic;
}

const bf_readout_t *bf_circuit_readouts(const bf_circuit_t *circuit, size_t *count)
{
    *count = circuit->classical.n_readouts;
    return circuit->classical.readouts;
}

bool bf_circuit_is_dynamic(const bf_circuit_t *circuit)
{
    for (size_t i = 0; i < circuit->n_gates && circuit->classical.n_outcomes > 0; i++)
        if (circuit->gates[i].kind >= BF_KIND_KINDS || circuit->gates[i].condition != 0)
            return true;
    return false;
}
