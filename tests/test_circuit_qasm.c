/* The front ends: what is accepted and what it means, and every refusal with its place and its words. */
#include "cunit_main.h"
#include "oracle_random.h"
#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/ir.h"
#include "runtime/circuit/source.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define HEAD2 "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n"
#define HEAD3 "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"

static bf_circuit_t *parse_bytes(const char *name, const char *text, size_t length, bf_site_t sites)
{
    bf_circuit_t *circuit = NULL;
    bf_error_clear();
    char *exact = malloc(length + 1); /* so that reading past the end is seen by valgrind and sanitizers */
    memcpy(exact, text, length);
    char *moved = realloc(exact, length ? length : 1);
    const bf_status_t status = bf_circuit_parse(name, moved, length, sites, &circuit);
    CU_ASSERT((status == BF_OK) == (circuit != NULL));
    free(moved);
    return circuit;
}

/** Parse something correct. */
static bf_circuit_t *accept(const char *name, const char *text)
{
    bf_circuit_t *circuit = parse_bytes(name, text, strlen(text), 0);
    if (!circuit)
        printf("%s\n", bf_error_message());
    CU_ASSERT_PTR_NOT_NULL_FATAL(circuit);
    CU_ASSERT_EQUAL(bf_error_code(), BF_OK);
    return circuit;
}

static void refuse_bytes(const char *name, const char *text, size_t length, bf_site_t sites, const char *message)
{
    bf_circuit_t *circuit = parse_bytes(name, text, length, sites);
    CU_ASSERT_PTR_NULL(circuit);
    CU_ASSERT_EQUAL(bf_error_code(), BF_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), message);
    if (strcmp(bf_error_message(), message) != 0)
        printf("got:      %s\nexpected: %s\n", bf_error_message(), message);
    bf_circuit_destroy(circuit);
    bf_error_clear();
}

typedef struct refusal {
    const char *text;
    const char *message;
} refusal_t;

static void refuse_all(const char *name, const refusal_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refuse_bytes(name, list[i].text, strlen(list[i].text), 0, list[i].message);
}

#define REFUSE_ALL(name, list) refuse_all(name, list, sizeof(list) / sizeof(list)[0])

/** The gate number @p i is @p gate_name on qubits q0, q1 (-1: none) with first angle p0. */
static void check_gate(const bf_circuit_t *circuit, size_t i, const char *gate_name, int q0, int q1, double p0, int line)
{
    CU_ASSERT_FATAL(i < circuit->n_gates);
    const bf_gate_t *gate = &circuit->gates[i];
    const bf_gate_info_t *info = bf_gate_info((bf_gate_kind_t)gate->kind);
    CU_ASSERT_STRING_EQUAL(info->name, gate_name);
    CU_ASSERT_EQUAL(gate->q[0], q0);
    if (q1 >= 0)
        CU_ASSERT_EQUAL(gate->q[1], q1);
    if (info->n_params > 0)
        CU_ASSERT_DOUBLE_EQUAL(gate->p[0], p0, 4e-16 * fmax(1, fabs(p0)));
    CU_ASSERT_EQUAL(gate->line, line);
}

static void registers_and_broadcasting(void)
{
    bf_circuit_t *c = accept("a.qasm", HEAD2 "qreg a[2]; // two\nqreg b[2];\n/* bits\n */ creg c[2];\n"
                                             "h a;\ncx a,b;\ncx a[1],b;\ncx b,a[0];\nbarrier a,b[0];\nmeasure a->c;");
    CU_ASSERT_EQUAL(bf_circuit_qubits(c), 4);
    CU_ASSERT_EQUAL(bf_circuit_gates(c), 8);
    const int expected[8][3] = {{0, -1, 7}, {1, -1, 7}, {0, 2, 8}, {1, 3, 8}, {1, 2, 9}, {1, 3, 9}, {2, 0, 10}, {3, 0, 10}};
    for (size_t i = 0; i < 8; i++)
        check_gate(c, i, i < 2 ? "h" : "cx", expected[i][0], expected[i][1], 0, expected[i][2]);
    bf_circuit_destroy(c);
}

static void angles(void)
{
    static const struct {
        const char *text;
        double value;
    } list[] = {{"0", 0},
                {"pi", M_PI},
                {"-pi/2", -M_PI_2},
                {"2*pi - 3", 2 * M_PI - 3},
                {"1-2-3", -4},
                {"12/2/3", 2},
                {"2^3^2", 512},
                {"-2^2", -4},
                {"2^-1", 0.5},
                {"2*-3", -6},
                {"+.5e1", 5},
                {"1.", 1},
                {"1e-3*(2+3)", 5e-3},
                {"sin(pi/6)+cos(0)+tan(0)", 1.5},
                {"exp(ln(2.5))", 2.5},
                {"sqrt(2)*sqrt(2)", 2},
                {"0.1234567890123456789", 0.1234567890123456789},
                {"3.141592653589793238462643383279502884197", M_PI},
                {"123456789012345678901234567890", 123456789012345678901234567890.0},
                {"5e-324", 5e-324},
                {"1.7976931348623157e308", 1.7976931348623157e308},
                {"((((1))))", 1}};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, HEAD2 "qreg q[1]; rx(%s) q[0];", list[i].text);
        bf_circuit_t *c = accept("a.qasm", text);
        check_gate(c, 0, "rx", 0, -1, list[i].value, 3);
        bf_circuit_destroy(c);
    }
}

static void definitions(void)
{
    bf_circuit_t *c = accept("a.qasm", HEAD2 "gate pair(a,b) x,y { rz(a/b) y; cx y,x; barrier x,y; }\n"
                                             "gate twice(t) p,q,r\n{\n  pair(t,2) q,p;\n  pair(-t,sin(pi/2)) r,q;\n}\n"
                                             "gate nothing() q { }\n"
                                             "qreg q[4];\ntwice(3) q[0],q[1],q[3];\nnothing() q;\nnothing q[0];\n"
                                             "gate h a { x a; }\nh q[2]; U(0.1,0.2,0.3) q[0]; CX q[0],q[1];");
    CU_ASSERT_EQUAL(bf_circuit_gates(c), 7);
    check_gate(c, 0, "rz", 0, -1, 1.5, 11);
    check_gate(c, 1, "cx", 0, 1, 0, 11);
    check_gate(c, 2, "rz", 1, -1, -3, 11);
    check_gate(c, 3, "cx", 1, 3, 0, 11);
    check_gate(c, 4, "x", 2, -1, 0, 15); /* the file's own h, not the library's */
    check_gate(c, 5, "U", 0, -1, 0.1, 15);
    check_gate(c, 6, "CX", 0, 1, 0, 15);
    CU_ASSERT_EQUAL(c->gates[5].p[2], 0.3);
    bf_circuit_destroy(c);
}

static void openqasm3(void)
{
    bf_circuit_t *c = accept("b.qasm", HEAD3 "qubit[2] q; qubit extra; bit[2] c; bit one;\n"
                                             "gate g(t) a, b { p(t) a; gphase(t/2); cx a, b; }\n"
                                             "g(2*\xCF\x80/tau) q[0], extra;;\nrz(2**3) q;\nbarrier;\nbarrier q, extra;\n"
                                             "gphase(0.5);\nc = measure q;\none = measure extra;\n");
    CU_ASSERT_EQUAL(bf_circuit_qubits(c), 3);
    CU_ASSERT_EQUAL(bf_circuit_gates(c), 4);
    check_gate(c, 0, "p", 0, -1, 1, 5);
    check_gate(c, 1, "cx", 0, 2, 0, 5);
    check_gate(c, 2, "rz", 0, -1, 8, 6);
    check_gate(c, 3, "rz", 1, -1, 8, 6);
    bf_circuit_destroy(c);
    c = accept("b.qasm", "OPENQASM 3;\nqubit[2] q;\nh q[0];\nbit[2] c = measure q;");
    CU_ASSERT_EQUAL(bf_circuit_gates(c), 1);
    bf_circuit_destroy(c);
    static const refusal_t list[] = {
        {HEAD3 "qubit[2] q;\nreset r;", "b.qasm:4:7: unknown register 'r', expected a qubit register declared above"},
        {HEAD3 "#dim x",
         "b.qasm:3:1: '#' is not in this version of bondflow, expected gates, barriers, measurements, resets and branches"},
        {HEAD3 "qubit[4] q; h q[-5];", "b.qasm:3:17: index '-5' is out of range, register 'q' has elements 0 to 3"},
        {HEAD3 "qubit[2] q; bit[2] c; c = 4;", "b.qasm:3:27: a value of 3 bits, expected 2"},
        {HEAD3 "qubit[2] q; bit[2] c; c = \"011\";", "b.qasm:3:27: a value of 3 bits, expected 2"},
        {HEAD3 "qubit[2] q; bit[2] c; c = \"02\";", "b.qasm:3:27: '02' is not a string of bits, expected digits 0 and 1"},
        {HEAD3 "qubit[2] q; bit[2] c; c = -1;", "b.qasm:3:27: a negative number beside measured bits, expected one that bits can "
                                                "spell"},
        {HEAD3 "qubit[2] q; bit[2] c; bit[3] d; if (c == d) x q;",
         "b.qasm:3:39: values of 2 and 3 bits, expected as many on both sides"},
        {HEAD3 "qubit[2] q; bit[2] c; if (c + 1 == 2) x q;",
         "b.qasm:3:29: '+' is not in this version of bondflow, expected ! ~ & | ^ && || == != < <= > >= between measured bits"},
        {HEAD3 "qubit[2] q; bit[2] c; if (c == 1.5) x q;",
         "b.qasm:3:32: a real number beside measured bits, expected an integer"},
        {HEAD3 "input float a; qubit[2] q; bit[2] c; if (c == a) x q;",
         "b.qasm:3:47: this depends on an input, expected constants and measured bits"},
        {HEAD3 "qubit[2] q; bit[2] c; if (q[0] == 1) x q;",
         "b.qasm:3:27: 'q' holds qubits, expected constants, or bits they were measured into"},
        {HEAD3 "qubit[2] q; bit[2] c = measure q; if (c == 1) qubit r;",
         "b.qasm:3:47: 'qubit' inside a loop or a branch, expected it outside"},
        {HEAD3 "qubit[2] q; bit[3] c; c = measure q;", "b.qasm:3:23: 2 qubits measured into 3 bits, expected equal sizes"},
        {HEAD2 "qubit[2] q;", "b.qasm:3:1: unknown gate 'qubit', expected one of qelib1.inc or a gate defined above"},
    };
    REFUSE_ALL("b.qasm", list);
}

static void grammar_errors(void)
{
    static const refusal_t list[] = {
        {"OPENQASM 2.0", "a.qasm:1:13: unexpected end of the file, expected ; after the version"},
        {"qreg q[2];", "a.qasm:1:1: unexpected 'qreg', expected OPENQASM 2.0; or OPENQASM 3.0; as the first statement"},
        {"// nothing\n\n",
         "a.qasm:3:1: unexpected end of the file, expected OPENQASM 2.0; or OPENQASM 3.0; as the first statement"},
        {"OPENQASM 4.1;", "a.qasm:1:10: OpenQASM version '4.1' is unknown, expected 2.0 or 3.0"},
        {"OPENQASM two;", "a.qasm:1:10: unexpected 'two', expected a version, 2.0 or 3.0"},
        {HEAD2 "OPENQASM 2.0;", "a.qasm:3:1: OPENQASM appears twice, expected it once, as the first statement"},
        {HEAD2, "a.qasm:3:1: no qubits in this file, expected qreg name[size];"},
        {"OPENQASM 2.0;\ninclude \"mylib.inc\";",
         "a.qasm:2:9: cannot include 'mylib.inc', expected \"qelib1.inc\" or \"stdgates.inc\" (built "
         "in); paste other definitions into this file"},
        {"OPENQASM 2.0;\ninclude \"qelib1.inc", "a.qasm:2:9: the string that starts here is not closed on its line, expected \""},
        {HEAD2 "qreg q[2];\n/* h q;", "a.qasm:4:1: the comment that starts here never ends, expected */"},
        {HEAD2 "qreg q[2];\nh q[0]\nh q[1];", "a.qasm:5:1: unexpected 'h', expected ; at the end of the call"},
        {HEAD2 "qreg q[2];\nrx(pi q[0];", "a.qasm:4:7: unexpected 'q', expected , or )"},
        {HEAD2 "qreg q[2];\nrx((pi) q[0];", "a.qasm:4:9: unexpected 'q', expected , or )"},
        {HEAD2 "qreg q[2];\nrx(pi)) q[0];", "a.qasm:4:7: unexpected ')', expected a qubit or a qubit register"},
        {HEAD2 "qreg q[2;", "a.qasm:3:9: unexpected ';', expected ]"},
        {HEAD2 "qreg q[2];\nh q[0", "a.qasm:4:6: unexpected end of the file, expected ]"},
        {HEAD2 "qreg q[2];\nh q[0],;", "a.qasm:4:8: unexpected ';', expected a qubit or a qubit register"},
        {HEAD2 "qreg q[2];\nrx(1,) q[0];",
         "a.qasm:4:6: unexpected ')', expected an angle: a number, pi, a parameter, a function or ("},
        {HEAD2 "gate g a { h a;", "a.qasm:3:16: unexpected end of the file, expected a gate or }"},
        {HEAD2 "qreg q[2]; }", "a.qasm:3:12: unexpected '}', expected a statement: a declaration, a gate, barrier or measure"},
        {HEAD2 "qreg q[2]; h q[0]; \x01\x02", "a.qasm:3:20: unexpected byte 0x01: is this a text file?"},
        {HEAD2 "qreg q[2]; h `;", "a.qasm:3:14: unexpected character '`'"},
        {HEAD2 "qreg 2q[2];", "a.qasm:3:6: '2q' is not a number, expected digits, a fraction, an exponent"},
        {HEAD2 "qreg q[2]; rx(0x) q[0];", "a.qasm:3:15: '0x' is not a number, expected digits of base 16"},
        {HEAD2 "qreg q[2]; rx(0b12) q[0];", "a.qasm:3:15: '0b12' is not a number, expected digits of base 2"},
        {HEAD2 "qreg q[2]; rx(1__0) q[0];", "a.qasm:3:15: '1__' is not a number, expected digits of base 10"},
        {HEAD2 "qreg q[2]; rx(1.2.3) q[0];", "a.qasm:3:15: '1.2.' is not a number, expected digits, a fraction, an exponent"},
        {HEAD2 "qreg q[2]; creg c[2]; measure q > c;", "a.qasm:3:33: unexpected '>', expected -> and the bits"},
        {HEAD2 "if(c==1) x q[0];", "a.qasm:3:4: unknown register 'c', none is declared yet: expected creg name[size]; before it"},
        {HEAD2 "qreg q[2]; creg c[2]; if(c[0]==1) x q[0];", "a.qasm:3:26: one bit in a condition, expected a whole register"},
        {HEAD2 "qreg q[2]; creg c[2]; if(c==1) barrier q;",
         "a.qasm:3:32: unexpected 'barrier', expected a gate, measure or reset behind the condition"},
        {HEAD2 "qreg q[2]; creg c[2]; if(c!=1) x q[0];", "a.qasm:3:27: unexpected '!=', expected == and an integer"},
        {HEAD2 "qreg q[2]; creg c[2]; if(c==-1) x q[0];",
         "a.qasm:3:29: unexpected '-', expected an integer to compare the register "
         "with"},
    };
    REFUSE_ALL("a.qasm", list);
}

static void names_and_numbers(void)
{
    static const refusal_t list[] = {
        {HEAD2 "qreg q[2];\ncswpa q[0],q[1];", "a.qasm:4:1: unknown gate 'cswpa', did you mean 'cswap'?"},
        {HEAD2 "qreg q[2];\nteleportation q[0];",
         "a.qasm:4:1: unknown gate 'teleportation', expected one of qelib1.inc or a gate defined above"},
        {HEAD2 "qreg q[2];\ngphase(1);", "a.qasm:4:1: unknown gate 'gphase', did you mean 'cphase'?"},
        {HEAD2 "qreg q[2];\n  h q[2];", "a.qasm:4:7: index '2' is out of range, register 'q' has elements 0 to 1"},
        {HEAD2 "qreg q[2];\nh q[1.5];", "a.qasm:4:5: unexpected '1.5', expected an index, an integer"},
        {HEAD2 "qreg q[2];\nh q[-1];", "a.qasm:4:5: unexpected '-', expected an index, an integer"},
        {HEAD2 "qreg q[2];\nh r[0];", "a.qasm:4:3: unknown register 'r', expected a qubit register declared above"},
        {HEAD2 "qreg qubits[2];\nh qubist[0];", "a.qasm:4:3: unknown register 'qubist', did you mean 'qubits'?"},
        {HEAD2 "h q[0];", "a.qasm:3:3: unknown register 'q', none is declared yet: expected qreg name[size]; before it"},
        {HEAD2 "qreg q[2]; creg c[2];\nh c[0];", "a.qasm:4:3: 'c' holds bits, expected a qubit register"},
        {HEAD2 "qreg q[2]; creg c[2];\nmeasure q -> q;", "a.qasm:4:14: 'q' holds qubits, expected a bit register"},
        {HEAD2 "qreg q[2]; creg c[1];\nmeasure q -> c;", "a.qasm:4:14: 2 qubits measured into 1 bits, expected equal sizes"},
        {HEAD2 "qreg q[3];\ncx q[1],q[1];", "a.qasm:4:9: qubit 'q[1]' is used twice in one call, expected different qubits"},
        {HEAD2 "qreg q[3];\ncx q,q[1];", "a.qasm:4:6: qubit 'q[1]' is used twice in one call, expected different qubits"},
        {HEAD2 "qreg q[3]; qreg r[2];\ncx q,r;", "a.qasm:4:6: registers of 3 and 2 qubits in one call, expected equal sizes"},
        {HEAD2 "qreg q[3];\nrx q[0];", "a.qasm:4:1: gate 'rx' takes 1 parameter, got 0"},
        {HEAD2 "qreg q[3];\nu3(1,2) q[0];", "a.qasm:4:1: gate 'u3' takes 3 parameters, got 2"},
        {HEAD2 "qreg q[3];\nh(1) q[0];", "a.qasm:4:1: gate 'h' takes 0 parameters, got 1"},
        {HEAD2 "qreg q[3];\ncx q[0];", "a.qasm:4:1: gate 'cx' takes 2 qubits, got 1"},
        {HEAD2 "qreg q[3];\nh q[0],q[1];", "a.qasm:4:1: gate 'h' takes 1 qubit, got 2"},
        {HEAD2 "qreg q[3];\nrx(1/0) q[0];", "a.qasm:4:5: division by zero"},
        {HEAD2 "qreg q[3];\nrx(ln(0)) q[0];", "a.qasm:4:4: the value is not a finite number"},
        {HEAD2 "qreg q[3];\nrx(sqrt(-1)) q[0];", "a.qasm:4:4: the value is not a finite number"},
        {HEAD2 "qreg q[3];\nrx(1e999) q[0];", "a.qasm:4:4: the value is not a finite number"},
        {HEAD2 "qreg q[3];\nrx(0^-1) q[0];", "a.qasm:4:5: the value is not a finite number"},
        {HEAD2 "qreg q[3];\nrx(nan) q[0];",
         "a.qasm:4:4: unknown name 'nan' in an expression, expected a number, pi, a gate parameter, or one of sin "
         "cos tan exp ln sqrt"},
        {HEAD2 "gate g(a) x { rz(1/a) x; }\nqreg q[1];\ng(0) q[0];", "a.qasm:3:19: division by zero"},
        {HEAD2 "qreg q[3];\nqreg q[2];", "a.qasm:4:6: register 'q' is already declared on line 3"},
        {HEAD2 "qreg q[3];\ncreg q[2];", "a.qasm:4:6: register 'q' is already declared on line 3"},
        {HEAD2 "gate g a { }\ngate g a { }", "a.qasm:4:6: gate 'g' is already defined on line 3"},
        {HEAD2 "gate g a { }\nqreg g[2];", "a.qasm:4:6: 'g' is already a gate"},
        {HEAD2 "qreg g[2];\ngate g a { }", "a.qasm:4:6: register 'g' is already declared on line 3"},
        {HEAD2 "qreg measure[2];", "a.qasm:3:6: 'measure' is already a word of the language"},
        {HEAD2 "gate U a { }", "a.qasm:3:6: 'U' is a word of the language, expected another name for a gate"},
        {HEAD2 "gate g a,a { }", "a.qasm:3:10: 'a' appears twice, expected different names"},
        {HEAD2 "gate g(t,t) a { }", "a.qasm:3:10: 't' appears twice, expected different names"},
        {HEAD2 "gate g a { h b; }", "a.qasm:3:14: unknown qubit 'b', expected one of the qubits of this gate"},
        {HEAD2 "gate g a,b { cx a,a; }", "a.qasm:3:19: qubit 'a' is used twice in one call"},
        {HEAD2 "gate g a,b { cx a; }", "a.qasm:3:14: gate 'cx' takes 2 qubits, got 1"},
        {HEAD2 "gate g a { g a; }", "a.qasm:3:12: unknown gate 'g', expected one of qelib1.inc or a gate defined above"},
        {HEAD2 "opaque magic(a) x;\nqreg q[1];\nmagic(1) q[0];",
         "a.qasm:5:1: gate 'magic' is opaque (line 3): it has no definition to simulate"},
        {HEAD2 "qreg q[0];", "a.qasm:3:8: a register of size 0, expected 1 to 100000"},
        {HEAD2 "qreg q[2000000000];", "a.qasm:3:8: register size '2000000000' is too large, expected at most 100000"},
        {HEAD2 "qreg q[99999999999999999999];",
         "a.qasm:3:8: register size '99999999999999999999' is too large, expected at most 100000"},
        {HEAD2 "qreg q[60000];\nqreg r[60000];", "a.qasm:4:1: 120000 qubits so far, expected at most 100000"},
    };
    REFUSE_ALL("a.qasm", list);
}

/** Texts too long to write down. */
static void hostile_texts(void)
{
    enum { LONG = 1000000 };
    static char text[2 * LONG];
    char expected[512], name[64];
    size_t length = (size_t)sprintf(text, HEAD2 "qreg q[2];\n");
    memset(text + length, 'a', LONG);
    memset(name, 'a', 58);
    name[58] = '\0';
    snprintf(expected, sizeof expected, "a.qasm:4:1: unknown gate '%s...', expected one of qelib1.inc or a gate defined above",
             name);
    refuse_bytes("a.qasm", text, length + LONG, 0, expected);

    const size_t head = (size_t)sprintf(text, HEAD2 "qreg q[2];\nrx(");
    memset(text + head, '(', LONG);
    refuse_bytes("a.qasm", text, head + LONG, 0, "a.qasm:4:204: an expression nested more than 200 deep");
    memset(text + head, '-', LONG);
    refuse_bytes("a.qasm", text, head + LONG, 0, "a.qasm:4:204: an expression nested more than 200 deep");
    memset(text + head, '1', LONG);
    memset(name, '1', 58);
    snprintf(expected, sizeof expected, "a.qasm:4:4: a number of more than 200 characters: '%s...'", name);
    refuse_bytes("a.qasm", text, head + LONG, 0, expected);

    length = (size_t)sprintf(text, HEAD2 "qreg q[2];\ngate g0 a { x a; x a; }\n");
    for (int i = 1; i < 64; i++) /* 2^64 gates in 64 lines */
        length += (size_t)sprintf(text + length, "gate g%d a { g%d a; g%d a; }\n", i, i - 1, i - 1);
    length += (size_t)sprintf(text + length, "g63 q[0];");
    refuse_bytes("a.qasm", text, length, 0,
                 "a.qasm:68:1: the circuit has more than 100000000 gates when its definitions are expanded");

    length = (size_t)sprintf(text, HEAD2 "gate g0 a { x a; }\n");
    for (int i = 1; i < 1000; i++)
        length += (size_t)sprintf(text + length, "gate g%d a { g%d a; }\n", i, i - 1);
    refuse_bytes("a.qasm", text, length, 0, "a.qasm:203:15: gate definitions nested more than 200 deep");
}

/** Every beginning of a correct file is refused or accepted without reading past its end. */
static void texts_that_end_early(void)
{
    static const char text[] = HEAD2 "gate g(a,b) x,y { rz(sin(a)/b) x; cx x,y; barrier x,y; }\nqreg q[3]; creg c[3];\n"
                                     "g(1.5e-3,-pi^2) q[0],q[1]; /* c */ barrier q; measure q[0] -> c[0]; // end\n";
    size_t accepted = 0;
    for (size_t length = 0; length < sizeof text; length++) {
        bf_circuit_t *circuit = parse_bytes("a.qasm", text, length, 0);
        accepted += circuit != NULL;
        if (!circuit)
            CU_ASSERT(strncmp(bf_error_message(), "a.qasm:", 7) == 0 && !strchr(bf_error_message(), '\n'));
        bf_circuit_destroy(circuit);
    }
    CU_ASSERT(accepted > 10 && accepted < sizeof text - 100);
    bf_error_clear();
}

static void gate_lists(void)
{
    bf_circuit_t *c = accept("x.gates", "# comment\n0,0,-1,0\n\n 1 , 2 , -1 , 0.5 # tail\r\n2,1,-1,-0.25\r\n"
                                        "3,0,1,0.125\n4.0e0,2.00,1,1e-1\n5,0,2,0\n6,1,-1,0\n7,2,3,0");
    CU_ASSERT_EQUAL(bf_circuit_qubits(c), 4);
    CU_ASSERT_EQUAL(bf_circuit_gates(c), 8);
    check_gate(c, 0, "h", 0, -1, 0, 2);
    check_gate(c, 1, "rx", 2, -1, M_PI_2, 4);
    check_gate(c, 2, "rz", 1, -1, -M_PI / 4, 5);
    check_gate(c, 3, "rxx", 0, 1, M_PI / 8, 6);
    check_gate(c, 4, "rzz", 2, 1, M_PI / 10, 7);
    check_gate(c, 5, "swap", 0, 2, 0, 8);
    check_gate(c, 6, "t", 1, -1, 0, 9);
    check_gate(c, 7, "cz", 2, 3, 0, 10);
    bf_circuit_destroy(c);
    static const refusal_t list[] = {
        {"# only words\n", "x.gates:2:1: no gates, expected lines of code,q0,q1,angle"},
        {"8,0,-1,0", "x.gates:1:1: code 8 is unknown, expected 0 H, 1 Rx, 2 Rz, 3 XXPhase, 4 ZZPhase, 5 SWAP, 6 T, 7 CZ"},
        {"-1,0,-1,0", "x.gates:1:1: code -1 is unknown, expected 0 H, 1 Rx, 2 Rz, 3 XXPhase, 4 ZZPhase, 5 SWAP, 6 T, 7 CZ"},
        {"h,0,-1,0", "x.gates:1:1: code is 'h', expected a finite number"},
        {"1,0,-1,nan",
         "x.gates:1:8: unknown name 'nan' in an expression, expected a number, pi, a constant, an input, or one of sin cos tan "
         "arcsin arccos arctan exp log sqrt floor ceiling"},
        {"1,0,-1,inf",
         "x.gates:1:8: unknown name 'inf' in an expression, expected a number, pi, a constant, an input, or one of sin cos tan "
         "arcsin arccos arctan exp log sqrt floor ceiling"},
        {"1,0,-1,1e999", "x.gates:1:8: angle is '1e999', expected a finite number"},
        {"1,0,-1,1e308", "x.gates:1:8: the angle is too large, expected half-turns"},
        {"1,0,-1,0.5,", "x.gates:1:11: unexpected ',' after the angle, expected the end of the line"},
        {"1,0,-1", "x.gates:1:7: expected , and then angle (a line is code,q0,q1,angle)"},
        {"1,0,,0.5", "x.gates:1:5: q1 is missing, expected code,q0,q1,angle"},
        {"1,0.5,-1,0", "x.gates:1:3: q0 is '0.5', expected a whole number"},
        {"0,0,-1,0\n1,0,1,0.5", "x.gates:2:5: Rx acts on one qubit, expected q1 = -1"},
        {"3,0,-1,0.5", "x.gates:1:5: q1 = -1 is out of range, expected 0 to 99999"},
        {"3,4,4,0.5", "x.gates:1:5: XXPhase on qubit 4 twice, expected two different qubits"},
        {"3,0,100000,0.5", "x.gates:1:5: q1 = 100000 is out of range, expected 0 to 99999"},
        {"3,-7,1,0.5", "x.gates:1:3: q0 = -7 is out of range, expected 0 to 99999"},
        {"0x3,1,2,0.5", "x.gates:1:1: code is '0x3', expected a finite number"},
        {"0,0,-1,0 0", "x.gates:1:10: unexpected '0' after the angle, expected the end of the line"},
    };
    REFUSE_ALL("x.gates", list);
}

static void check_number(const char *text)
{
    double value = -1;
    bool is_integer = false;
    const size_t length = bf_number_read(text, strlen(text), &value, &is_integer);
    if (length != strlen(text) || value != strtod(text, NULL))
        printf("%s: read as %.17g, %zu characters\n", text, value, length);
    CU_ASSERT_EQUAL(length, strlen(text));
    CU_ASSERT_EQUAL(value, strtod(text, NULL));
    CU_ASSERT_EQUAL(is_integer, strspn(text, "0123456789") == length);
}

/** As the C library reads them, which rounds correctly: shortest and full forms, any digits, halves between two doubles. */
static void numbers_are_rounded_once(void)
{
    static const char *const fixed[] = {"0",
                                        "0.0",
                                        "0e-5",
                                        "1e0",
                                        "1E+3",
                                        "5e-324",
                                        "2.4703282292062327e-324",
                                        "1.7976931348623157e308",
                                        "9999999999999999999",
                                        "99999999999999999999",
                                        "0.9999999999999999999",
                                        "9999999999999999999e-27",
                                        "9999999999999999999e-28",
                                        "1e-27",
                                        "1e-00000000000000000000000000027",
                                        "1e-99999999999999999999",
                                        "9007199254740993",
                                        "9007199254740995",
                                        "3.14159265358979323846"};
    oracle_rng_t rng = {.state = oracle_rng_run_seed()};
    char text[64];
    printf("seed %llu\n", (unsigned long long)rng.state);
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        check_number(fixed[i]);
    for (int i = 0; i < 200000; i++) {
        const double x = ldexp(oracle_rng_uniform(&rng) + 1e-9, oracle_rng_below(&rng, 70) - 60);
        snprintf(text, sizeof text, "%.*g", 1 + oracle_rng_below(&rng, 19), x);
        check_number(text);
        const uint64_t digits = oracle_rng_next(&rng) >> oracle_rng_below(&rng, 64);
        snprintf(text, sizeof text, "%llue-%d", (unsigned long long)digits, oracle_rng_below(&rng, 30));
        check_number(text);
        const int k = 1 + oracle_rng_below(&rng, 3); /* bits behind the point: one more than a double has */
        const uint64_t half = 1ULL << 53 | oracle_rng_next(&rng) >> 11 | 1;
        static const char *const eighths[] = {"", ".125", ".25", ".375", ".5", ".625", ".75", ".875"};
        snprintf(text, sizeof text, "%llu%s", (unsigned long long)(half >> k), eighths[(half << (3 - k)) & 7]);
        check_number(text);
    }
}

static void number_of_sites(void)
{
    const char *qasm = HEAD2 "qreg q[3]; h q;", *gates = "0,0,-1,0\n7,0,2,0";
    bf_circuit_t *c = parse_bytes("a.qasm", qasm, strlen(qasm), 5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(bf_circuit_qubits(c), 5);
    bf_circuit_destroy(c);
    c = parse_bytes("a.gates", gates, strlen(gates), 5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(bf_circuit_qubits(c), 5);
    bf_circuit_destroy(c);
    refuse_bytes("a.qasm", qasm, strlen(qasm), 2,
                 "a.qasm:3:1: 3 qubits so far, expected at most 2 (the number of sites was given)");
    refuse_bytes("a.gates", gates, strlen(gates), 2,
                 "a.gates:2:5: q1 = 2 is out of range, expected 0 to 1 (the number of sites was given)");
    CU_ASSERT_EQUAL(bf_circuit_parse("a.qasm", qasm, strlen(qasm), -1, &c), BF_ERR_ARG);
    bf_error_clear();
}

static void languages(void)
{
    refuse_bytes("a.qasm", "", 0, 0, "a.qasm:1:1: the file is empty, expected OpenQASM or a gate list");
    refuse_bytes("-", "hello", 5, 0,
                 "-:1:1: unknown language, expected a first line OPENQASM 2.0; or OPENQASM 3.0; or a file name ending in .gates");
    refuse_bytes("x.gates", "\0\1\2", 3, 0, "x.gates:1:1: code is '?\?\?', expected a finite number");
    bf_circuit_t *c = accept("x.gates", "\xEF\xBB\xBF// by content\n/* not by name */ OPENQASM 2.0; qreg q[1];");
    CU_ASSERT_EQUAL(bf_circuit_qubits(c), 1);
    bf_circuit_destroy(c);
}

static void loading_files(void)
{
    char path[] = "/tmp/bf_test_circuit_XXXXXX", expected[128];
    char *text = NULL;
    size_t length = 0;
    const int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    FILE *file = fdopen(fd, "w");
    for (int i = 0; i < 100000; i++)
        fprintf(file, "%09d\n", i);
    fclose(file);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_load(path, &text, &length), BF_OK);
    CU_ASSERT_EQUAL(length, 1000000);
    CU_ASSERT_EQUAL(text[length], '\0');
    CU_ASSERT_EQUAL(memcmp(text + length - 10, "000099999\n", 10), 0);
    free(text);
    unlink(path);
    snprintf(expected, sizeof expected, "cannot open %s: No such file or directory; expected a circuit file", path);
    CU_ASSERT_EQUAL(bf_circuit_load(path, &text, &length), BF_ERR_INPUT);
    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), expected);
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_circuit_load("/tmp", &text, &length), BF_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), "cannot read /tmp: Is a directory; expected a circuit file");
    bf_error_clear();
}

int main(void)
{
    static const bf_test_t tests[] = {{"registers and broadcasting", registers_and_broadcasting},
                                      {"angles", angles},
                                      {"definitions", definitions},
                                      {"OpenQASM 3", openqasm3},
                                      {"grammar errors", grammar_errors},
                                      {"names and numbers", names_and_numbers},
                                      {"numbers are rounded once", numbers_are_rounded_once},
                                      {"hostile texts", hostile_texts},
                                      {"texts that end early", texts_that_end_early},
                                      {"gate lists", gate_lists},
                                      {"number of sites", number_of_sites},
                                      {"languages", languages},
                                      {"loading files", loading_files},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit qasm", NULL, NULL, tests);
}
