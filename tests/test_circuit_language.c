/* OpenQASM 3 as a language: loops, branches, constants, slices, aliases mean the gates one would write by hand; and the refusals.
 */
#include "cunit_main.h"
#include "runtime/circuit/ir.h"

#include <string.h>

#define HEAD3 "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"

static bf_circuit_t *parse(const char *text)
{
    bf_circuit_t *circuit = NULL;
    bf_error_clear();
    if (bf_circuit_parse("t.qasm", text, strlen(text), 0, &circuit) < 0)
        printf("%s\n", bf_error_message());
    CU_ASSERT_PTR_NOT_NULL_FATAL(circuit);
    return circuit;
}

static bool same_gate(const bf_gate_t *a, const bf_gate_t *b)
{
    return a->kind == b->kind && memcmp(a->q, b->q, sizeof a->q) == 0 && memcmp(a->p, b->p, sizeof a->p) == 0;
}

/** Both texts say the same gates, lines aside. */
static void check_same(const char *text, const char *by_hand)
{
    bf_circuit_t *circuit = parse(text), *expected = parse(by_hand);
    CU_ASSERT_EQUAL(circuit->n, expected->n);
    CU_ASSERT_EQUAL(circuit->n_gates, expected->n_gates);
    for (size_t i = 0; i < circuit->n_gates && i < expected->n_gates; i++)
        if (!same_gate(&circuit->gates[i], &expected->gates[i])) {
            printf("gate %zu of %s\n", i, text);
            CU_FAIL("a different gate");
            break;
        }
    bf_circuit_destroy(circuit);
    bf_circuit_destroy(expected);
}

typedef struct pair {
    const char *text;
    const char *other;
} pair_t;

static void check_all(const pair_t *list, size_t count)
{
    char a[4096], b[4096];
    for (size_t i = 0; i < count; i++) {
        snprintf(a, sizeof a, HEAD3 "%s", list[i].text);
        snprintf(b, sizeof b, HEAD3 "%s", list[i].other);
        check_same(a, b);
    }
}

static void refuse_all(const pair_t *list, size_t count)
{
    char text[4096];
    for (size_t i = 0; i < count; i++) {
        bf_circuit_t *circuit = NULL;
        snprintf(text, sizeof text, HEAD3 "%s", list[i].text);
        bf_error_clear();
        CU_ASSERT_EQUAL(bf_circuit_parse("t.qasm", text, strlen(text), 0, &circuit), BF_ERR_INPUT);
        CU_ASSERT_PTR_NULL(circuit);
        CU_ASSERT_STRING_EQUAL(bf_error_message(), list[i].other);
        if (strcmp(bf_error_message(), list[i].other) != 0)
            printf("got:      %s\nexpected: %s\n", bf_error_message(), list[i].other);
        bf_circuit_destroy(circuit);
        bf_error_clear();
    }
}

#define CHECK_ALL(list)  check_all(list, sizeof(list) / sizeof(list)[0])
#define REFUSE_ALL(list) refuse_all(list, sizeof(list) / sizeof(list)[0])

static void loops(void)
{
    static const pair_t list[] = {
        {"qubit[4] q; for int i in [0:2] { h q[i]; cx q[i], q[i + 1]; }",
         "qubit[4] q; h q[0]; cx q[0],q[1]; h q[1]; cx q[1],q[2]; h q[2]; cx q[2],q[3];"},
        {"qubit[9] q; for uint[8] i in [8:-3:0] x q[i];", "qubit[9] q; x q[8]; x q[5]; x q[2];"},
        {"qubit[9] q; for int i in [3:2] { x q[i]; } for int i in [0:4:7] y q[i];", "qubit[9] q; y q[0]; y q[4];"},
        {"qubit[9] q; for int i in {7, 1, 2 * 2} x q[i]; for float a in {0.5, 1} rx(a) q[0];",
         "qubit[9] q; x q[7]; x q[1]; x q[4]; rx(0.5) q[0]; rx(1) q[0];"},
        {"qubit[4] q; for int i in [0:3] for int j in [i + 1:3] cp(pi / 2 ** (j - i)) q[i], q[j];",
         "qubit[4] q; cp(pi/2) q[0],q[1]; cp(pi/4) q[0],q[2]; cp(pi/8) q[0],q[3]; cp(pi/2) q[1],q[2]; cp(pi/4) q[1],q[3]; "
         "cp(pi/2) q[2],q[3];"},
        {"qubit[4] q; for int i in [0:1] { const int j = 2 * i; let pair = q[j:j + 1]; h pair; }",
         "qubit[4] q; h q[0]; h q[1]; h q[2]; h q[3];"},
        {"qubit q; for int i in [1:0] for int j in {1, 2} { x q; } for int i in [1:0] if (i == 1) x q; else { y q; } z q;",
         "qubit q; z q;"},
    };
    CHECK_ALL(list);
}

static void branches(void)
{
    static const pair_t list[] = {
        {"const int n = 3; qubit q; if (n > 2) x q; else y q; if (n == 2) { x q; } else { z q; h q; }",
         "qubit q; x q; z q; h q;"},
        {"const bool on = true; qubit q; if (on && !false) x q; if (!on || 1 > 2) y q;", "qubit q; x q;"},
        {"qubit q; if (false) if (true) x q; else y q; h q;", "qubit q; h q;"},
        {"qubit q; if (true) if (false) x q; else y q; h q;", "qubit q; y q; h q;"},
        {"qubit q; for int i in [0:3] if (i % 2 == 1) { rx(i) q; } else if (i == 2) { ry(i) q; } else { rz(i) q; }",
         "qubit q; rz(0) q; rx(1) q; ry(2) q; rx(3) q;"},
    };
    CHECK_ALL(list);
}

static void constants(void)
{
    static const pair_t list[] = {
        {"const int n = 7; const int half = n / 2; const float r = n / 2.0; qubit[n] q; rx(r) q[half];",
         "qubit[7] q; rx(3.5) q[3];"},
        {"const uint[32] a = (1 << 4 | 3) & ~1 ^ 0; qubit q; rx(a) q; rx(-7 % 4) q; rx(9 >> 1) q; rx(mod(7, 4)) q;",
         "qubit q; rx(18) q; rx(-3) q; rx(4) q; rx(3) q;"},
        {"const angle a = 3 * pi / 4; const float b = pow(2, 0.5) - sqrt(2) + ceiling(0.2) + floor(1.9); qubit q; u(a, b, -a) q;",
         "qubit q; u(3*pi/4, 2, -3*pi/4) q;"},
        {"const float big = 2 ** 60; qubit q; rx(1.0 * big) q;", "qubit q; rx(1152921504606846976.0) q;"},
        {"const int m = 1; gate g(t) a { rx(t * m) a; } qubit q; g(2) q;", "qubit q; rx(2) q;"},
        {"qubit q; rx(0xfF) q; rx(0b1_01) q; rx(0o17) q; rx(1_000) q;", "qubit q; rx(255) q; rx(5) q; rx(15) q; rx(1000) q;"},
    };
    CHECK_ALL(list);
}

static void slices_and_aliases(void)
{
    static const pair_t list[] = {
        {"qubit[6] q; h q[1:3]; x q[0:2:-1]; y q[4:]; z q[:1]; s q[-1]; t q[5:-2:0]; h q[{4, 0}];",
         "qubit[6] q; h q[1]; h q[2]; h q[3]; x q[0]; x q[2]; x q[4]; y q[4]; y q[5]; z q[0]; z q[1]; s q[5]; t q[5]; t q[3]; "
         "t q[1]; h q[4]; h q[0];"},
        {"qubit[4] q; cx q[0:1], q[2:3]; cx q[0], q[{3, 1}];",
         "qubit[4] q; cx q[0],q[2]; cx q[1],q[3]; cx q[0],q[3]; cx q[0],q[1];"},
        {"qubit[3] a; qubit[2] b; let all = b ++ a[2:-1:0]; h all; let one = all[1]; x one; let part = all[1:2]; z part[1];",
         "qubit[5] q; h q[3]; h q[4]; h q[2]; h q[1]; h q[0]; x q[4]; z q[2];"},
        {"qubit[4] q; bit[4] c; h q; c[0:1] = measure q[2:3]; measure q[{0, 1}] -> c[2:3];", "qubit[4] q; h q;"},
    };
    CHECK_ALL(list);
}

/** Qubits of a machine are declared by their use. */
static void physical_qubits(void)
{
    static const pair_t list[] = {
        {"h $0; cx $0, $2; barrier $1, $0; ctrl @ x $2, $1; let a = $1 ++ $0; h a; rz(0.5) $3;",
         "qubit[4] q; h q[0]; cx q[0], q[2]; cx q[2], q[1]; h q[1]; h q[0]; rz(0.5) q[3];"},
        {"bit[2] c; x $1; c[0] = measure $0; c[1] = measure $7;", "qubit[8] q; x q[1];"},
        {"for int i in [0:1] { x $5; }", "qubit[6] q; x q[5]; x q[5];"},
    };
    static const pair_t wrong[] = {
        {"h $;", "t.qasm:3:3: '$' without a number, expected a qubit of the machine like $0"},
        {"h $ 0;", "t.qasm:3:3: '$' without a number, expected a qubit of the machine like $0"},
        {"h $100000;", "t.qasm:3:4: qubit '100000' is too large, expected at most 99999"},
        {"qubit q;\nh $0;", "t.qasm:4:3: '$' qubits beside declared ones, expected one kind of them"},
        {"h $0;\nqubit q;", "t.qasm:4:1: qubits are declared after '$' ones were used, expected one kind of them"},
        {"cx $0, $0;", "t.qasm:3:8: qubit '$[0]' is used twice in one call, expected different qubits"},
        {"h $0[0];", "t.qasm:3:5: unexpected '[', expected ; at the end of the call"},
        {"gate g a { h $0; }", "t.qasm:3:14: unexpected '$', expected a qubit of this gate"},
    };
    CHECK_ALL(list);
    REFUSE_ALL(wrong);
}

static void refusals(void)
{
    static const pair_t list[] = {
        {"qubit[4] q;\nfor int i in [0:4] { h q[i]; }",
         "t.qasm:4:26: index '4' is out of range, register 'q' has elements 0 to 3"},
        {"qubit q;\nfor i in [0:4] h q;", "t.qasm:4:5: unexpected 'i', expected a type: float, angle, int, uint, bool or array"},
        {"qubit q;\nfor int i in q h q;",
         "t.qasm:4:14: unexpected 'q', expected [first:last], [first:step:last] or {value, ...}"},
        {"qubit q;\nfor int i in [0:0:4] h q;", "t.qasm:4:14: a range with a step of 0"},
        {"qubit q;\nfor int i in {0.5} h q;",
         "t.qasm:4:15: a real number for an integer, expected a whole one without fraction or exponent"},
        {"qubit q;\nfor int i in [0:1] { h q;", "t.qasm:4:26: unexpected end of the file, expected a statement or }"},
        {"qubit q;\nfor int i in [1:0] { h q;", "t.qasm:4:20: the bracket that opens here is never closed"},
        {"for int i in [0:1] { qubit q; }", "t.qasm:3:22: 'qubit' inside a loop or a branch, expected it outside"},
        {"qubit q;\nfor int i in [0:1] { } h q[i];",
         "t.qasm:4:28: unknown name 'i' in an expression, expected a number, pi, a constant, an input, or one of sin cos tan "
         "arcsin arccos arctan exp log sqrt floor ceiling"},
        {"qubit[100000] q;\nfor int i in [1:1000000000] measure q;",
         "t.qasm:4:37: more than 20000000 measurements and conditions on their outcomes"},
        {"qubit q; bit c;\nc = measure q;\nrx(c) q;",
         "t.qasm:5:4: 'c' is known only when the circuit runs, expected constants: measured bits are for conditions and "
         "assignments of bits"},
        {"input float x; qubit q;\nif (x > 1) x q;", "t.qasm:4:7: this depends on an input, expected constants"},
        {"qubit[4] q;\nh q[{1, 1}];", "t.qasm:4:9: index 1 appears twice, expected different ones"},
        {"qubit[4] q;\nlet a = q[0:2] ++ q[2];", "t.qasm:4:19: a qubit appears twice in an alias, expected different ones"},
        {"qubit[4] q;\nh q[3:1];", "t.qasm:4:7: an empty range of qubits"},
        {"qubit[4] q;\nh q[0:0:1];", "t.qasm:4:7: a range with a step of 0"},
        {"qubit[4] q;\ncx q[0:1], q[2:2];", "t.qasm:4:12: registers of 2 and 1 qubits in one call, expected equal sizes"},
        {"qubit[2.5] q;", "t.qasm:3:7: not an integer, expected one"},
        {"qubit q;\nrx(true + 1) q;", "t.qasm:4:9: true or false where a number was expected"},
        {"qubit q;\nrx(1.5 & 1) q;", "t.qasm:4:8: not an integer, expected one: this operator works on bits"},
        {"qubit q;\nwhile (true) { }",
         "t.qasm:4:1: 'while' is not in this version of bondflow, expected gates, barriers, measurements, resets and branches"},
        {"qubit q;\ndef f(int n) -> int { return n; }",
         "t.qasm:4:1: 'def' is not in this version of bondflow, expected gates, barriers, measurements, resets and branches"},
        {"qubit q;\ndefcal x q { }",
         "t.qasm:4:1: 'defcal' is not in this version of bondflow, expected gates, barriers, measurements, resets and branches"},
        {"extern f(int) -> int;",
         "t.qasm:3:1: 'extern' is not in this version of bondflow, expected gates, barriers, measurements, resets and branches"},
    };
    REFUSE_ALL(list);
}

/** Nesting without end is refused before the stack is. */
static void nesting(void)
{
    enum { DEEP = 100000 };
    static char text[16 * DEEP];
    static const struct {
        const char *piece, *message;
    } list[] = {{"if(true)", "t.qasm:3:1609: loops and branches nested more than 200 deep"},
                {"if(false)", "t.qasm:3:1801: loops and branches nested more than 200 deep"}};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        size_t length = (size_t)sprintf(text, HEAD3);
        for (int k = 0; k < DEEP; k++)
            length += (size_t)sprintf(text + length, "%s", list[i].piece);
        bf_circuit_t *circuit = NULL;
        bf_error_clear();
        CU_ASSERT_EQUAL(bf_circuit_parse("t.qasm", text, length, 0, &circuit), BF_ERR_INPUT);
        if (strcmp(bf_error_message(), list[i].message) != 0)
            printf("got:      %s\nexpected: %s\n", bf_error_message(), list[i].message);
        CU_ASSERT_STRING_EQUAL(bf_error_message(), list[i].message);
    }
    bf_error_clear();
}

int main(void)
{
    static const bf_test_t tests[] = {{"loops", loops},
                                      {"branches", branches},
                                      {"constants", constants},
                                      {"slices and aliases", slices_and_aliases},
                                      {"physical qubits", physical_qubits},
                                      {"refusals", refusals},
                                      {"nesting", nesting},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit language", NULL, NULL, tests);
}
