/* Templates: whatever the inputs, the bound program does what the circuit with those numbers in it does, and the structure stays.
 */
#include "circuit_testing.h"
#include "cunit_main.h"
#include "runtime/circuit/template.h"

#include <math.h>
#include <string.h>

enum { MAX_QUBITS = TESTING_MAX_QUBITS, TEMPLATES = 60, ROWS = 4, INPUTS = 6 };

#define HEAD3 "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"

static oracle_rng_t rng;

static int seed_generator(void)
{
    rng.state = oracle_rng_run_seed();
    printf("seed %llu\n", (unsigned long long)rng.state);
    return 0;
}

static void refuse(const char *name, const char *text, const char *message)
{
    bf_circuit_t *circuit = NULL;
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_circuit_parse(name, text, strlen(text), 0, &circuit), BF_ERR_INPUT);
    CU_ASSERT_PTR_NULL(circuit);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), message);
    if (strcmp(bf_error_message(), message) != 0)
        printf("got:      %s\nexpected: %s\n", bf_error_message(), message);
    bf_error_clear();
}

/** A template and the matrices of one row. */
typedef struct bound {
    bf_template_t *lowered;
    bf_program_t program; /**< the template's, with the row's matrices */
    bf_gate2_t *gates2;
    bf_gate1_t *gates1;
} bound_t;

static bound_t open_template(const bf_circuit_t *circuit)
{
    bound_t bound = {0};
    CU_ASSERT_EQUAL_FATAL(bf_template_create(circuit, &bound.lowered), BF_OK);
    bound.program = *bf_template_program(bound.lowered);
    bound.gates2 = calloc(bound.program.n_gates2 + 1, sizeof *bound.gates2);
    bound.gates1 = calloc(bound.program.n_gates1 + 1, sizeof *bound.gates1);
    CU_ASSERT_FATAL(bound.gates2 && bound.gates1);
    bound.program.gates2 = bound.gates2;
    bound.program.gates1 = bound.gates1;
    return bound;
}

static void close_template(bound_t *bound)
{
    bf_template_destroy(bound->lowered);
    free(bound->gates2);
    free(bound->gates1);
}

/** The classification of every matrix is right: the rank an upper bound, realness exact. */
static void check_classes(const bf_program_t *program)
{
    for (size_t i = 0; i < program->n_gates2; i++) {
        bf_gate2_t gate = program->gates2[i];
        bf_gate2_classify(&gate);
        CU_ASSERT(gate.schmidt_rank <= program->gates2[i].schmidt_rank && program->gates2[i].schmidt_rank <= 4);
        CU_ASSERT_EQUAL(gate.real, program->gates2[i].real);
    }
    for (size_t i = 0; i < program->n_gates1; i++) {
        bf_gate1_t gate = program->gates1[i];
        bf_gate1_classify(&gate);
        CU_ASSERT_EQUAL(gate.real, program->gates1[i].real);
    }
}

/** Bind @p values both ways and compare on a random state. */
static double error_of(const bf_circuit_t *circuit, bound_t *bound, const double *values)
{
    static reference_z_t psi[1 << MAX_QUBITS], start[1 << MAX_QUBITS], result[1 << MAX_QUBITS], other[1 << MAX_QUBITS];
    const int n = bf_circuit_qubits(circuit);
    bf_circuit_t *fixed = NULL;
    bf_program_t *lowered = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_template_bind(bound->lowered, values, bound->gates2, bound->gates1), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_bind(circuit, values, &fixed), BF_OK);
    CU_ASSERT_EQUAL(bf_circuit_inputs(fixed), 0);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_lower(fixed, n, NULL, &lowered), BF_OK);
    check_classes(&bound->program);

    testing_random_state(&rng, n, start);
    memcpy(psi, start, sizeof psi);
    testing_run_program(&bound->program, psi);
    testing_move_bits(n, bound->program.site_of, true, psi, result);
    memcpy(psi, start, sizeof psi);
    testing_run_circuit(fixed, n, psi);
    const double error = testing_distance(n, psi, result);
    memcpy(psi, start, sizeof psi);
    testing_run_program(lowered, psi);
    testing_move_bits(n, lowered->site_of, true, psi, other);
    bf_program_destroy(lowered);
    bf_circuit_destroy(fixed);
    return fmax(error, testing_distance(n, result, other));
}

static void check_rows(const bf_circuit_t *circuit, const char *text)
{
    bound_t bound = open_template(circuit);
    for (int row = 0; row < ROWS; row++) {
        double values[INPUTS];
        CU_ASSERT_FATAL(bf_circuit_inputs(circuit) <= INPUTS);
        for (int i = 0; i < INPUTS; i++) /* the last one is an integer; the first row makes identities of rotations */
            values[i] = i + 1 == INPUTS ? oracle_rng_below(&rng, 5) : row == 0 ? 0 : 2 * oracle_rng_uniform(&rng) - 1;
        const double error = error_of(circuit, &bound, values);
        if (error > 1e-12)
            printf("row %d: off by %g\n%s\n", row, error, text);
        CU_ASSERT(error <= 1e-12);
    }
    close_template(&bound);
}

/** A number, an input, or arithmetic on them that is finite for every row. */
static void write_angle(oracle_rng_t *generator, testing_text_t *text)
{
    const int i = oracle_rng_below(generator, 4), j = oracle_rng_below(generator, 4);
    switch (oracle_rng_below(generator, 8)) {
    case 0:
        testing_say(text, "x[%d]", i);
        break;
    case 1:
        testing_say(text, "-y*x[%d]", i);
        break;
    case 2:
        testing_say(text, "pi*gamma**2*(1-x[%d])*(1-x[%d])", i, j);
        break;
    case 3:
        testing_say(text, "sin(x[%d])/(2+cos(y))", j);
        break;
    case 4:
        testing_say(text, "k*pi/2");
        break;
    case 5:
        testing_say(text, "exp(-x[%d]**2)", i);
        break;
    default:
        testing_say(text, "%.17g", oracle_rng_below(generator, 2) ? M_PI_2 * i : 4 * oracle_rng_uniform(generator));
        break;
    }
}

static void random_templates(void)
{
    static testing_text_t text;
    for (int trial = 0; trial < TEMPLATES; trial++) {
        const int n = 1 + oracle_rng_below(&rng, MAX_QUBITS), gates = 1 + oracle_rng_below(&rng, 60);
        text.length = 0;
        testing_say(&text, HEAD3 "input array[float[64], 4] x;\ninput angle y; input int k;\nconst float gamma = 1.5/2;\n");
        testing_say(&text, "gate pair(a, b) u, v { rz(a - b) u; cx u, v; rx(2*a*sin(b)) v; cx u, v; }\nqubit[%d] q;\n", n);
        for (int i = 0; i < gates; i++) {
            if (n >= 2 && oracle_rng_below(&rng, 6) == 0) {
                const int q0 = oracle_rng_below(&rng, n - 1);
                testing_say(&text, "pair(");
                write_angle(&rng, &text);
                testing_say(&text, ",");
                write_angle(&rng, &text);
                testing_say(&text, ") q[%d], q[%d];\n", q0 + 1, q0);
            } else {
                testing_write_gate(&rng, &text, n, trial % 3 != 0, oracle_rng_below(&rng, 3) ? write_angle : NULL);
            }
        }
        bf_circuit_t *circuit = testing_parse("t.qasm", text.data);
        CU_ASSERT_EQUAL(bf_circuit_inputs(circuit), INPUTS);
        check_rows(circuit, text.data);
        bf_circuit_destroy(circuit);
    }
}

static void random_gate_lists(void)
{
    static testing_text_t text;
    static const char *const angles[] = {"$0", "-$1/2", "0.5*$2**2", "(1-$0)*(1-$1)", "sin(pi*$3)", "0.25", "1/4", "-0.75"};
    for (int trial = 0; trial < TEMPLATES / 2; trial++) {
        const int n = 2 + oracle_rng_below(&rng, MAX_QUBITS - 1);
        text.length = 0;
        for (int i = 0; i < 40; i++) {
            const int code = oracle_rng_below(&rng, 8), pair = code == 3 || code == 4 || code == 5 || code == 7;
            const int q0 = oracle_rng_below(&rng, n), q1 = (q0 + 1 + oracle_rng_below(&rng, n - 1)) % n;
            testing_say(&text, "%d, %d, %d, %s\n", code, q0, pair ? q1 : -1, angles[oracle_rng_below(&rng, 8)]);
        }
        bf_circuit_t *circuit = testing_parse("t.gates", text.data);
        check_rows(circuit, text.data);
        bf_circuit_destroy(circuit);
    }
}

static void names_of_inputs(void)
{
    static const char *const expected[] = {"x[0]", "x[1]", "x[2]", "gamma", "k"};
    bf_circuit_t *c =
        testing_parse("t.qasm", HEAD3 "const uint n = 3; input array[float, n] x; input float[64] gamma; input int[32] k;\n"
                                      "qubit[2] q; rx(gamma) q[0]; rx(x[n - 1] + x[-1]) q[1];");
    CU_ASSERT_EQUAL_FATAL(bf_circuit_inputs(c), 5);
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_STRING_EQUAL(bf_circuit_input_name(c, i), expected[i]);
    bf_circuit_t *bound = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_circuit_bind(c, (const double[]){0, 0, 0.25, 7, 1}, &bound), BF_OK);
    CU_ASSERT_EQUAL(bound->gates[0].p[0], 7);
    CU_ASSERT_EQUAL(bound->gates[1].p[0], 0.5); /* -1 counts from the end */
    bf_circuit_destroy(bound);
    bf_circuit_destroy(c);
    c = testing_parse("t.qasm", HEAD3 "input float[64] \xCE\xB8; qubit q; rx(2*\xCE\xB8 + \xCF\x80) q;"); /* theta, pi */
    CU_ASSERT_EQUAL_FATAL(bf_circuit_inputs(c), 1);
    CU_ASSERT_STRING_EQUAL(bf_circuit_input_name(c, 0), "\xCE\xB8");
    CU_ASSERT_EQUAL_FATAL(bf_circuit_bind(c, (const double[]){0.5}, &bound), BF_OK);
    CU_ASSERT_DOUBLE_EQUAL(bound->gates[0].p[0], 1 + M_PI, 1e-15);
    bf_circuit_destroy(bound);
    bf_circuit_destroy(c);
    c = testing_parse("t.gates", "1,0,-1,$3\n2,0,-1,2*$1");
    CU_ASSERT_EQUAL_FATAL(bf_circuit_inputs(c), 4);
    CU_ASSERT_STRING_EQUAL(bf_circuit_input_name(c, 3), "$3");
    CU_ASSERT_EQUAL_FATAL(bf_circuit_bind(c, (const double[]){9, 0.25, 9, 1}, &bound), BF_OK);
    CU_ASSERT_DOUBLE_EQUAL(bound->gates[0].p[0], M_PI, 1e-15); /* half-turns */
    CU_ASSERT_DOUBLE_EQUAL(bound->gates[1].p[0], M_PI / 2, 1e-15);
    bf_circuit_destroy(bound);
    bf_circuit_destroy(c);
}

/** H and then repetitions of [Rz ; RXX] on a chain: one half of the pairs is first in a repetition and last in the one before, so
 * it takes one update for both; equal layers once. */
static void feature_map_is_lean(void)
{
    static testing_text_t text;
    enum { N = 20, REPS = 4 };
    text.length = 0;
    testing_say(&text, HEAD3 "input array[float, %d] x;\nqubit[%d] q;\nh q;\n", N, N);
    for (int rep = 0; rep < REPS; rep++) {
        for (int i = 0; i < N; i++)
            testing_say(&text, "rz(x[%d]) q[%d];\n", i, i);
        for (int parity = 0; parity < 2; parity++)
            for (int i = parity; i + 1 < N; i += 2)
                testing_say(&text, "rxx(pi*(1-x[%d])*(1-x[%d])) q[%d],q[%d];\n", i, i + 1, i, i + 1);
    }
    bf_circuit_t *circuit = testing_parse("t.qasm", text.data);
    bound_t bound = open_template(circuit);
    const bf_program_t *program = bf_template_program(bound.lowered);
    const size_t even = N / 2, odd = N / 2 - 1;
    CU_ASSERT_EQUAL(program->n_ops, even + odd + even + odd + even); /* 1, 1 2, 2 3, 3 4, 4 */
    CU_ASSERT_EQUAL(program->n_updates, program->n_ops);
    CU_ASSERT_EQUAL(program->n_gates2, 2 * even + odd + even); /* those of 1, those of 1 2 and 3 4, those of 2 3, those of 4 */
    CU_ASSERT_EQUAL(program->n_gates1, 0);
    double values[N];
    for (int i = 0; i < N; i++)
        values[i] = oracle_rng_normal(&rng);
    CU_ASSERT_EQUAL(bf_template_bind(bound.lowered, values, bound.gates2, bound.gates1), BF_OK);
    for (size_t i = 0; i < program->n_gates2; i++) {
        CU_ASSERT(program->gates2[i].schmidt_rank == 2 || program->gates2[i].schmidt_rank == 4); /* whatever the numbers */
        CU_ASSERT_EQUAL(bound.gates2[i].schmidt_rank, program->gates2[i].schmidt_rank);
    }
    close_template(&bound);
    bf_circuit_destroy(circuit);
}

static void fixed_circuits(void)
{
    static testing_text_t text;
    for (int trial = 0; trial < 10; trial++) {
        const int n = 1 + oracle_rng_below(&rng, MAX_QUBITS);
        text.length = 0;
        testing_say(&text, HEAD3 "qubit[%d] q;\n", n);
        for (int i = 0; i < 50; i++)
            testing_write_gate(&rng, &text, n, true, NULL);
        bf_circuit_t *circuit = testing_parse("t.qasm", text.data);
        bf_program_t *program = NULL;
        bound_t bound = open_template(circuit);
        CU_ASSERT_EQUAL_FATAL(bf_circuit_lower(circuit, n, NULL, &program), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_template_bind(bound.lowered, NULL, bound.gates2, bound.gates1), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bound.program.n_ops, program->n_ops);
        CU_ASSERT_EQUAL_FATAL(bound.program.n_gates2, program->n_gates2);
        CU_ASSERT_EQUAL(memcmp(bound.program.ops, program->ops, program->n_ops * sizeof *program->ops), 0);
        CU_ASSERT(program->n_gates2 == 0 ||
                  memcmp(bound.gates2, program->gates2, program->n_gates2 * sizeof *program->gates2) == 0);
        CU_ASSERT(program->n_gates1 == 0 ||
                  memcmp(bound.gates1, program->gates1, program->n_gates1 * sizeof *program->gates1) == 0);
        bf_program_destroy(program);
        close_template(&bound);
        bf_circuit_destroy(circuit);
    }
}

static void check_unbound(const char *text, const char *message)
{
    bf_circuit_t *circuit = testing_parse("t.qasm", text);
    bf_program_t *program = NULL;
    CU_ASSERT_EQUAL(bf_circuit_lower(circuit, bf_circuit_qubits(circuit), NULL, &program), BF_ERR_INPUT);
    CU_ASSERT_PTR_NULL(program);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), message);
    bf_error_clear();
    bf_circuit_destroy(circuit);
}

static void unbound_inputs(void)
{
    check_unbound(HEAD3 "input float x; qubit q; rx(x) q;",
                  "input x is not bound; give it a value with --set, or a table with --params");
    check_unbound(HEAD3 "input float x; input int k; qubit q; rx(x) q;",
                  "inputs x, k are not bound; give them values with --set, or a table with --params");
    check_unbound(
        HEAD3 "input array[float, 100] x; qubit q; rx(x[1]) q;",
        "inputs x[0], x[1], x[2], ... x[99] (100 of them) are not bound; give them values with --set, or a table with --params");
}

/** Bind @p value, and expect an angle that is no number. */
static void check_not_finite(const char *text, double value, const char *message)
{
    bf_circuit_t *circuit = testing_parse("t.qasm", text), *fixed = NULL;
    bound_t bound = open_template(circuit);
    CU_ASSERT_EQUAL(bf_template_bind(bound.lowered, &value, bound.gates2, bound.gates1), BF_ERR_INPUT);
    CU_ASSERT_EQUAL(bf_error_code(), BF_OK); /* nothing recorded: the caller knows the row */
    CU_ASSERT_EQUAL(bf_circuit_bind(circuit, &value, &fixed), BF_ERR_INPUT);
    CU_ASSERT_PTR_NULL(fixed);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), message);
    bf_error_clear();
    close_template(&bound);
    bf_circuit_destroy(circuit);
}

static void values_that_do_not_fit(void)
{
    check_not_finite(HEAD3 "input float x; qubit q;\nrx(1/x) q;", 0,
                     "line 4: an angle of rx is not a finite number with these inputs");
    check_not_finite(HEAD3 "input float x; qubit[2] q;\nrzz(log(x)) q[0],q[1];", -1,
                     "line 4: an angle of rzz is not a finite number with these inputs");
    check_not_finite(HEAD3 "input float x; qubit q;\nrx(exp(x)) q;", 1e9,
                     "line 4: an angle of rx is not a finite number with these inputs");
    check_not_finite(HEAD3 "input int x; qubit q;\nrx(x) q;", 0.5,
                     "line 4: an angle of rx is not a finite number with these inputs");
}

static void refusals(void)
{
    static const char *const list[][2] = {
        {HEAD3 "input bool b;", "t.qasm:3:12: an input of type bool, expected float, angle, int or uint"},
        {HEAD3 "input array[float, 0] x;", "t.qasm:3:20: an array of 0 inputs, expected 1 to 1000000"},
        {HEAD3 "input array[float, 2, 3] x;", "t.qasm:3:21: an array of several dimensions, expected one"},
        {HEAD3 "input complex x;", "t.qasm:3:7: unexpected 'complex', expected a type: float, angle, int, uint, bool or array"},
        {HEAD3 "input float h;\ninput float h;", "t.qasm:4:13: 'h' is already declared on line 3"},
        {HEAD3 "qubit x; input float x;", "t.qasm:3:22: register 'x' is already declared on line 3"},
        {HEAD3 "input float x; qubit x;", "t.qasm:3:22: 'x' is already declared on line 3"},
        {HEAD3 "input array[float, 2] x; qubit q; rx(x) q;",
         "t.qasm:3:39: unexpected ')', expected [ and an index: 'x' is an array"},
        {HEAD3 "input array[float, 2] x; qubit q; rx(x[2]) q;",
         "t.qasm:3:40: index 2 is out of range, array 'x' has elements 0 to 1"},
        {HEAD3 "input float x; input array[float, 2] y; qubit q; rx(y[x]) q;",
         "t.qasm:3:55: this depends on an input, expected a constant integer"},
        {HEAD3 "input float x; const float y = 2*x;", "t.qasm:3:32: this depends on an input, expected a constant"},
        {HEAD3 "input int x; qubit q; rx(x/2) q;",
         "t.qasm:3:27: an integer input divided by an integer, write x/2.0 for the real quotient"},
        {HEAD3 "input float lambda; qubit q; rx(lambad) q;",
         "t.qasm:3:33: unknown name 'lambad' in an expression, did you mean 'lambda'?"},
        {HEAD3 "const int n = 2.5;",
         "t.qasm:3:15: a real number for an integer, expected a whole one without fraction or exponent"},
        {HEAD3 "const float x = 1/2;",
         "t.qasm:3:17: integers divided with a remainder that is lost, write 1.0/2 for the real quotient"},
        {HEAD3 "qubit q; rx(1/2*pi) q;",
         "t.qasm:3:16: integers divided with a remainder that is lost, write 1.0/2 for the real quotient"},
        {HEAD3 "qubit q; rx(1 == 1) q;", "t.qasm:3:13: an angle that is true or false, expected a number"},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        refuse("t.qasm", list[i][0], list[i][1]);
    static const char *const lists[][2] = {
        {"1,0,-1,$", "t.gates:1:9: unexpected end of the file, expected column, an integer"},
        {"1,0,-1,$x", "t.gates:1:9: unexpected 'x', expected column, an integer"},
        {"1,0,-1,$1.5", "t.gates:1:9: unexpected '1.5', expected column, an integer"},
        {"1,0,-1,$99999999", "t.gates:1:9: column '99999999' is too large, expected at most 999999"},
        {"0,0,-1,0\n1,0,-1,2*$0 $1", "t.gates:2:13: unexpected '$', expected the end of the line after the angle"},
        {"1,0,-1,2*", "t.gates:1:10: unexpected end of the file, expected a number, a name, a function or ("},
        {"1,$0,-1,2", "t.gates:1:3: q0 is '$0', expected a finite number"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        refuse("t.gates", lists[i][0], lists[i][1]);
}

/** Definitions that double an expression at every level do not fill the memory. */
static void expressions_stay_short(void)
{
    static testing_text_t text;
    text.length = 0;
    testing_say(&text, HEAD3 "input float x;\nqubit q;\ngate g0(a) p { rx(a) p; }\n");
    for (int i = 1; i < 60; i++)
        testing_say(&text, "gate g%d(a) p { g%d(a*a+a) p; }\n", i, i - 1);
    testing_say(&text, "g59(x) q;\n");
    refuse("t.qasm", text.data,
           "t.qasm:58:24: the expression is too long when its definitions are expanded, expected at most 4096 operations nested "
           "256 deep");
}

int main(void)
{
    static const bf_test_t tests[] = {{"random templates", random_templates},
                                      {"random gate lists", random_gate_lists},
                                      {"names of inputs", names_of_inputs},
                                      {"feature map is lean", feature_map_is_lean},
                                      {"fixed circuits", fixed_circuits},
                                      {"unbound inputs", unbound_inputs},
                                      {"values that do not fit", values_that_do_not_fit},
                                      {"refusals", refusals},
                                      {"expressions stay short", expressions_stay_short},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit template", seed_generator, NULL, tests);
}
