/* Measured bits in the front end: which gates happen for which outcomes, checked for all of them; final measurements; notes. */
#include "runtime/circuit/gate_library.h"

#include "cunit_main.h"

#include <stdio.h>
#include <string.h>

enum { NODES_MAX = 4096 };

static bf_circuit_t *parse(const char *head, const char *body)
{
    char text[4096];
    bf_circuit_t *circuit = NULL;
    snprintf(text, sizeof text, "%s%s", head, body);
    bf_error_clear();
    if (bf_circuit_parse("t.qasm", text, strlen(text), 0, &circuit) < 0)
        printf("%s\nin: %s\n", bf_error_message(), body);
    CU_ASSERT_PTR_NOT_NULL_FATAL(circuit);
    return circuit;
}

/** All nodes for outcome number i being bit i of @p outcomes. */
static void evaluate(const bf_circuit_t *circuit, unsigned outcomes, uint8_t *values)
{
    const bf_logic_t *logic = &circuit->classical.logic;
    CU_ASSERT_FATAL(logic->n_nodes <= NODES_MAX);
    memset(values, 0, NODES_MAX);
    for (size_t i = 1; i < logic->n_nodes; i++)
        if (logic->nodes[i].a == BF_LOGIC_OUTCOME)
            values[i] = outcomes >> logic->nodes[i].b & 1;
    bf_logic_evaluate(logic, values);
}

/** A case: the text declares c; x happens when @c when says so, of the register c as measured. */
typedef struct rule {
    const char *text;
    bool (*when)(unsigned c);
} rule_t;

#define WHEN(name, expression)                                                                                                   \
    static bool name(unsigned c)                                                                                                 \
    {                                                                                                                            \
        return expression;                                                                                                       \
    }

WHEN(equals_5, c == 5)
WHEN(not_5, c != 5)
WHEN(less_3, c < 3)
WHEN(at_most_3, c <= 3)
WHEN(more_2, c > 2)
WHEN(at_least_6, c >= 6)
WHEN(first, c & 1)
WHEN(not_first, !(c & 1))
WHEN(first_and_last, (c & 1) && (c & 4))
WHEN(first_or_last, (c & 1) || (c & 4))
WHEN(parity, ((c ^ c >> 1 ^ c >> 2) & 1) != 0)
WHEN(any, c != 0)
WHEN(always, c < 8)
WHEN(never, c >= 8)
WHEN(nested, (c & 1) && !(c & 2) && (c & 4))
WHEN(middle, (c & 2) != 0)
WHEN(upper_equal_2, c >> 1 == 2)
WHEN(ends_differ, (c & 1) != (c >> 2 & 1))
WHEN(masked, (c & 6) == 4)
WHEN(flipped, (~c & 7) == 2)
WHEN(precedence, (c & 1) || ((c & 2) && !(c & 4)))

/** x q[3] is in the circuit; for every outcome of q[0..2] it happens as the rule says. Several x of which one happens count, too.
 */
static void check_rule(const char *head, const rule_t *rule)
{
    static uint8_t values[NODES_MAX];
    bf_circuit_t *circuit = parse(head, rule->text);
    for (unsigned c = 0; c < 8; c++) {
        int happened = 0;
        evaluate(circuit, c, values);
        for (size_t i = 0; i < circuit->n_gates; i++)
            if (circuit->gates[i].kind == BF_KIND_X)
                happened += bf_logic_value(values, circuit->gates[i].condition);
        CU_ASSERT_EQUAL(happened, rule->when(c));
        if (happened != rule->when(c))
            printf("c = %u: %d\nin: %s\n", c, happened, rule->text);
    }
    bf_circuit_destroy(circuit);
}

static void conditions(void)
{
    static const char head3[] = "OPENQASM 3;\nqubit[4] q; bit[3] c;\nc = measure q[0:2];\n";
    static const rule_t rules3[] = {
        {"if (c == 5) x q[3];", equals_5},
        {"if (5 == c) x q[3];", equals_5},
        {"if (c == \"101\") x q[3];", equals_5},
        {"if (c == 4 + 1) x q[3];", equals_5},
        {"if (2 * (1 + 1) + 1 == c) x q[3];", equals_5},
        {"const int five = 5; if (c == five) { x q[3]; }", equals_5},
        {"if (c == 0b101) x q[3];", equals_5},
        {"if (c == 0x0000_0000_0000_0000_0000_0005) x q[3];", equals_5},
        {"if (c != 5) x q[3];", not_5},
        {"if (!(c == 5)) x q[3];", not_5},
        {"if (c == 5) ; else x q[3];", not_5},
        {"if (c < 3) x q[3];", less_3},
        {"if (3 > c) x q[3];", less_3},
        {"if (c < \"011\") x q[3];", less_3},
        {"if (c <= 3) x q[3];", at_most_3},
        {"if (c > 2) x q[3];", more_2},
        {"if (c >= 6) x q[3];", at_least_6},
        {"if (c[0]) x q[3];", first},
        {"if (c[0] == 1) x q[3];", first},
        {"if (c[0] == true) x q[3];", first},
        {"if (true && c[-3]) x q[3];", first},
        {"if (!c[0]) x q[3];", not_first},
        {"if (c[0] != 1) x q[3];", not_first},
        {"if (c[0] == false) x q[3];", not_first},
        {"if (~c[0]) x q[3];", not_first},
        {"if (c[0] && c[2]) x q[3];", first_and_last},
        {"if (c[0]) if (c[2]) x q[3];", first_and_last},
        {"if (c[{0, 2}] == 3) x q[3];", first_and_last},
        {"if (c[0] || c[2]) x q[3];", first_or_last},
        {"if (c[0] | c[2]) x q[3];", first_or_last},
        {"if (c[0] ^ c[1] ^ c[2]) x q[3];", parity},
        {"if ((c[0] != c[1]) != c[2]) x q[3];", parity},
        {"bit p; p = c[0] ^ c[1]; p = p ^ c[2]; if (p) x q[3];", parity},
        {"if (c) x q[3];", any},
        {"if (c >= 0) x q[3];", always},
        {"if (c < 8) x q[3];", always},
        {"if (c == 8) x q[3];", never},
        {"if (c[0] && !c[0]) x q[3];", never},
        {"if (c == 123456789012345678901234567890) x q[3];", never},
        {"if (c[0]) { if (!c[1]) { if (c[2]) { x q[3]; } } }", nested},
        {"if (c[0]) { if (c[1]) { h q[3]; } else if (c[2]) x q[3]; else y q[3]; }", nested},
        {"if (c[1]) x q[3]; if (!c[1]) y q[3];", middle},
        {"for int i in [0:2] { if (i == 1) { if (c[i]) x q[3]; } }", middle},
        {"if (c[1:2] == 2) x q[3];", upper_equal_2},
        {"if (c[1:2] == \"10\") x q[3];", upper_equal_2},
        {"if (c[0] == c[2]) y q[3]; else x q[3];", ends_differ},
        {"if ((c & \"110\") == 4) x q[3];", masked},
        {"if ((c & 6) == 4) x q[3];", masked},
        {"if (~c == 2) x q[3];", flipped},
        {"if (c[0] || c[1] && !c[2]) x q[3];", precedence},
        {"bit[3] d = c; c = \"000\"; if (d == 5) x q[3];", equals_5},
        {"bit[3] d = \"101\"; if (c == d) x q[3];", equals_5},
        {"bit d = 0; if (c == 5) d = 1; if (d) x q[3];", equals_5},
        {"bit d = true; if (c == 5) { } else { d = false; } if (d) x q[3];", equals_5},
        {"if (c == 5) { c = 2; x q[3]; }", equals_5}, /* the condition was asked for before c changed */
        {"bit[4] d; d = c[0:2] == 5; if (d == 1) x q[3];", equals_5},
    };
    for (size_t i = 0; i < sizeof rules3 / sizeof rules3[0]; i++)
        check_rule(head3, &rules3[i]);
    static const char head2[] = "OPENQASM 2.0;\nqreg q[4]; creg c[3]; creg d[1];\nmeasure q[0] -> c[0]; measure q[1] -> c[1];\n"
                                "measure q[2] -> c[2];\n";
    static const rule_t rules2[] = {
        {"if (c == 5) x q[3];", equals_5},
        {"if(c==13) x q[3];", never},
        {"gate g a { y a; x a; } if (c==5) g q[3];", equals_5},
        {"if(c==99999999999999999999999999999999999) x q[3];", never},
    };
    for (size_t i = 0; i < sizeof rules2 / sizeof rules2[0]; i++)
        check_rule(head2, &rules2[i]);
}

/** Measurements under conditions, several into one bit: the last that happens counts. */
static void conditional_measurements(void)
{
    static uint8_t values[NODES_MAX];
    bf_circuit_t *circuit = parse("OPENQASM 3;\nqubit[4] q; bit c; bit[2] d = \"10\";\n",
                                  "c = measure q[0]; if (c) { d[0] = measure q[1]; x q[1]; } else { d = measure q[2:3]; }\n"
                                  "if (d == 1) z q[0]; c = 0; reset q[1];");
    for (unsigned o = 0; o < 16; o++) { /* outcomes in the order of the text */
        evaluate(circuit, o, values);
        const unsigned d = o & 1 ? 2 | (o >> 1 & 1) : o >> 2;
        for (size_t i = 0; i < circuit->n_gates; i++) {
            const bf_gate_t *gate = &circuit->gates[i];
            const bool happens = bf_logic_value(values, gate->condition);
            if (gate->kind == BF_KIND_Z)
                CU_ASSERT_EQUAL(happens, d == 1);
            if (gate->kind == BF_KIND_MEASURE && gate->q[0] == 1)
                CU_ASSERT_EQUAL(happens, o & 1);
            if (gate->kind == BF_KIND_MEASURE && gate->q[0] >= 2)
                CU_ASSERT_EQUAL(happens, !(o & 1));
            if (gate->kind == BF_KIND_RESET)
                CU_ASSERT_EQUAL(gate->condition, 0);
        }
        CU_ASSERT_EQUAL(bf_logic_value(values, circuit->classical.bits[0]), 0);
        CU_ASSERT_EQUAL(bf_logic_value(values, circuit->classical.bits[1]), d & 1);
        CU_ASSERT_EQUAL(bf_logic_value(values, circuit->classical.bits[2]), d >> 1);
    }
    size_t count = 0;
    bf_circuit_readouts(circuit, &count);
    CU_ASSERT_EQUAL(count, 0);
    bf_circuit_destroy(circuit);
}

/** Repeat until success: the logic must not grow with the number of ways to get there. */
static void repetition(void)
{
    bf_circuit_t *circuit = parse("OPENQASM 3;\nqubit[2] q; bit ok = 0;\n",
                                  "for int i in [1:500] { if (!ok) { reset q[0]; h q[0]; cx q[0], q[1]; ok = measure q[0]; } }");
    CU_ASSERT(circuit->classical.logic.n_nodes <= 1 + 500 * 8);
    CU_ASSERT_EQUAL(circuit->n_gates, 2000);
    bf_circuit_destroy(circuit);
}

typedef struct expected {
    const char *text;
    const char *readouts; /**< qubit:bit, in order */
    size_t gates;         /**< what is left */
    bool dynamic;
} expected_t;

static void final_measurements(void)
{
    static const expected_t cases[] = {
        {"h q; c = measure q[0:2];", "0:0 1:1 2:2", 4, false},
        {"h q; c = measure q[{2, 1, 0}]; barrier q;", "2:0 1:1 0:2", 4, false},
        {"measure q;", "0:-1 1:-1 2:-1 3:-1", 0, false},
        {"c[0] = measure q[0]; h q[0]; c[1] = measure q[1];", "1:1", 2, true},
        {"c[0] = measure q[0]; c[0] = measure q[0];", "0:0", 1, true},
        {"c[0] = measure q[0]; c[0] = measure q[1];", "1:0 0:-1", 0, false},
        {"c[0] = measure q[0]; c[1] = c[0];", "0:0 0:1", 0, false},
        {"c[0] = measure q[0]; c[1] = !c[0];", "", 1, true},
        {"c = measure q[0:2]; if (c[0]) x q[3];", "1:1 2:2", 2, true},
        {"c[0] = measure q[0]; reset q[0];", "", 2, true},
        {"if (c[1]) x q[0];", "", 0, false}, /* bits hold 0 at the start */
        {"for int i in [0:1] { bit b = measure q[i]; } c[2] = measure q[2];", "2:2 0:-1 1:-1", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char found[256] = "";
        size_t used = 0, count = 0;
        bf_circuit_t *circuit = parse("OPENQASM 3;\nqubit[4] q; bit[3] c;\n", cases[i].text);
        const bf_readout_t *readouts = bf_circuit_readouts(circuit, &count);
        for (size_t k = 0; k < count; k++)
            used += (size_t)snprintf(found + used, sizeof found - used, "%s%d:%d", k ? " " : "", (int)readouts[k].qubit,
                                     (int)readouts[k].bit);
        CU_ASSERT_STRING_EQUAL(found, cases[i].readouts);
        CU_ASSERT_EQUAL(circuit->n_gates, cases[i].gates);
        CU_ASSERT_EQUAL(bf_circuit_is_dynamic(circuit), cases[i].dynamic);
        if (strcmp(found, cases[i].readouts) != 0)
            printf("got: %s, expected: %s\nin: %s\n", found, cases[i].readouts, cases[i].text);
        bf_circuit_destroy(circuit);
    }
}

static void names_of_bits(void)
{
    char name[BF_BIT_NAME];
    bf_circuit_t *circuit = parse("OPENQASM 3;\nqubit q; bit[2] alpha; bit beta; creg gamma[3];\n", "if (beta) { bit hidden; }");
    static const char *const names[] = {"alpha[0]", "alpha[1]", "beta", "gamma[0]", "gamma[1]", "gamma[2]"};
    CU_ASSERT_EQUAL_FATAL(bf_circuit_bits(circuit), 6);
    for (size_t i = 0; i < 6; i++) {
        bf_circuit_bit_name(circuit, i, name);
        CU_ASSERT_STRING_EQUAL(name, names[i]);
    }
    size_t count = 0;
    const bf_bit_register_t *registers = bf_circuit_bit_registers(circuit, &count);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    CU_ASSERT_EQUAL(registers[2].first, 3);
    CU_ASSERT_EQUAL(registers[2].size, 3);
    bf_circuit_destroy(circuit);
}

static void notes(void)
{
    bf_circuit_t *circuit =
        parse("OPENQASM 3;\nqubit q;\n", "@first kind of \"note\nh q;\n@second\n#pragma x ; y\npragma z\nx q;\n@end");
    CU_ASSERT_EQUAL_FATAL(bf_circuit_notes(circuit), 2);
    CU_ASSERT_STRING_EQUAL(bf_circuit_note(circuit, 0), "t.qasm:3: annotations are ignored");
    CU_ASSERT_STRING_EQUAL(bf_circuit_note(circuit, 1), "t.qasm:6: pragmas are ignored");
    CU_ASSERT_EQUAL(bf_circuit_gates(circuit), 2);
    bf_circuit_destroy(circuit);
}

/** Binding keeps the classical side. */
static void binding(void)
{
    const double value = 0.5;
    bf_circuit_t *bound = NULL;
    bf_circuit_t *circuit = parse("OPENQASM 3;\ninput float a; qubit[2] q; bit[2] c;\n",
                                  "rx(a) q[0]; c[0] = measure q[0]; if (c[0]) rx(a) q[1]; c[1] = measure q[1];");
    CU_ASSERT_EQUAL_FATAL(bf_circuit_bind(circuit, &value, &bound), BF_OK);
    size_t count = 0;
    bf_circuit_readouts(bound, &count);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(bf_circuit_bits(bound), 2);
    CU_ASSERT_EQUAL(bound->gates[2].condition, circuit->gates[2].condition);
    CU_ASSERT_EQUAL(bound->classical.logic.n_nodes, circuit->classical.logic.n_nodes);
    bf_circuit_destroy(circuit);
    bf_circuit_destroy(bound);
}

int main(void)
{
    static const bf_test_t tests[] = {{"conditions", conditions},
                                      {"conditional measurements", conditional_measurements},
                                      {"repetition", repetition},
                                      {"final measurements", final_measurements},
                                      {"names of bits", names_of_bits},
                                      {"notes", notes},
                                      {"binding", binding},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit bits", NULL, NULL, tests);
}
