/* Modifiers of gates against dense matrices: controls of both kinds, inverses, powers, on library gates and on definitions. */
#include "circuit_testing.h"
#include "cunit_main.h"
#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/gate_modify.h"

#include <math.h>
#include <string.h>

enum { MAX_QUBITS = TESTING_MAX_QUBITS, DIM = 1 << MAX_QUBITS, RANDOM_CALLS = 600 };

#define HEAD3 "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"

static oracle_rng_t rng;

static int seed_generator(void)
{
    rng.state = oracle_rng_run_seed();
    printf("seed %llu\n", (unsigned long long)rng.state);
    return 0;
}

/** A call with its modifiers, as text and as what it does. */
typedef struct call {
    const bf_gate_info_t *info;
    double p[BF_GATE_PARAMS];
    int q[MAX_QUBITS]; /**< controls first */
    int n_controls;
    bool positive[MAX_QUBITS]; /**< of each control */
    int exponent;
} call_t;

static call_t random_call(int n)
{
    call_t call = {.exponent = 1};
    do
        call.info = bf_gate_info((bf_gate_kind_t)oracle_rng_below(&rng, BF_KIND_KINDS));
    while (call.info->n_qubits > n);
    const int room = n - call.info->n_qubits;
    call.n_controls = room > 0 ? oracle_rng_below(&rng, (oracle_rng_below(&rng, 3) ? (room > 2 ? 2 : room) : room) + 1) : 0;
    if (call.info->n_qubits == 0 && call.n_controls == 0)
        call.n_controls = 1;
    for (int i = 0; i < call.info->n_params; i++)
        call.p[i] = oracle_rng_below(&rng, 3) ? 6 * oracle_rng_uniform(&rng) - 3 : M_PI_2 * (oracle_rng_below(&rng, 5) - 2);
    for (int i = 0; i < n; i++) { /* a random order of the qubits */
        const int other = oracle_rng_below(&rng, i + 1);
        call.q[i] = call.q[other];
        call.q[other] = i;
    }
    return call;
}

static void write_call(call_t *call, testing_text_t *text, bool inputs)
{
    int controls = 0;
    while (controls < call->n_controls || oracle_rng_below(&rng, 3) == 0) {
        const int choice = oracle_rng_below(&rng, 4), power = oracle_rng_below(&rng, 5) - 2;
        if (choice == 0) {
            testing_say(text, "inv @ ");
            call->exponent = -call->exponent;
        } else if (choice == 1 && abs(call->exponent * power) <= 6) {
            testing_say(text, "pow(%d) @ ", power);
            call->exponent *= power;
        } else if (controls < call->n_controls) {
            const int count = 1 + oracle_rng_below(&rng, call->n_controls - controls);
            const bool positive = choice == 2;
            testing_say(text, positive ? "ctrl" : "negctrl");
            testing_say(text, count == 1 ? " @ " : "(%d) @ ", count);
            for (int i = 0; i < count; i++)
                call->positive[controls++] = positive;
        }
    }
    testing_say(text, "%s", call->info->name);
    for (int i = 0; i < call->info->n_params; i++) {
        testing_say(text, "%s", i ? "," : "(");
        if (inputs)
            testing_say(text, "x[%d]", i);
        else
            testing_say(text, "%.17g", call->p[i]);
        testing_say(text, "%s", i + 1 == call->info->n_params ? ")" : "");
    }
    for (int i = 0; i < call->n_controls + call->info->n_qubits; i++)
        testing_say(text, "%s q[%d]", i ? "," : "", call->q[i]);
    testing_say(text, ";\n");
}

/** out = u^exponent, dim x dim. */
static void power_of(int dim, const reference_z_t *u, int exponent, reference_z_t *out)
{
    static reference_z_t factor[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM], product[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM];
    for (int i = 0; i < dim; i++)
        for (int j = 0; j < dim; j++) {
            out[dim * i + j] = i == j;
            factor[dim * i + j] = exponent < 0 ? conj(u[dim * j + i]) : u[dim * i + j];
        }
    for (int repeat = 0; repeat < abs(exponent); repeat++) {
        for (int i = 0; i < dim; i++)
            for (int j = 0; j < dim; j++) {
                product[dim * i + j] = 0;
                for (int k = 0; k < dim; k++)
                    product[dim * i + j] += factor[dim * i + k] * out[dim * k + j];
            }
        memcpy(out, product, (size_t)(dim * dim) * sizeof *out);
    }
}

/** What the call does: the gate's power on a copy, taken over where the controls are as they should be. */
static void run_call(const call_t *call, int n, reference_z_t *psi)
{
    static reference_z_t changed[DIM], u[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM], power[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM];
    const int k = call->info->n_qubits;
    memcpy(changed, psi, (size_t)(1 << n) * sizeof *psi);
    if (k == 0) {
        for (int i = 0; i < 1 << n; i++)
            changed[i] *= cexp(I * (double)call->exponent * call->p[0]);
    } else {
        CU_ASSERT_EQUAL_FATAL(reference_matrix(call->info->name, call->p, u), k);
        power_of(1 << k, u, call->exponent, power);
        reference_apply(changed, n, k, call->q + call->n_controls, power);
    }
    for (int i = 0; i < 1 << n; i++) {
        bool active = true;
        for (int c = 0; c < call->n_controls; c++)
            active = active && (i >> call->q[c] & 1) == call->positive[c];
        if (active)
            psi[i] = changed[i];
    }
}

static void check_call(bool inputs)
{
    static testing_text_t text;
    static reference_z_t psi[DIM], expected[DIM];
    const int n = 1 + oracle_rng_below(&rng, MAX_QUBITS);
    call_t call = random_call(n);
    text.length = 0;
    testing_say(&text, HEAD3 "%squbit[%d] q;\n", inputs ? "input array[float, 4] x;\n" : "", n);
    write_call(&call, &text, inputs);
    bf_circuit_t *circuit = testing_parse("t.qasm", text.data);
    if (inputs) {
        bf_circuit_t *bound = NULL;
        CU_ASSERT_EQUAL_FATAL(bf_circuit_bind(circuit, call.p, &bound), BF_OK);
        bf_circuit_destroy(circuit);
        circuit = bound;
    }
    testing_random_state(&rng, n, psi);
    memcpy(expected, psi, sizeof psi);
    testing_run_circuit(circuit, n, psi);
    run_call(&call, n, expected);
    const double error = testing_distance(n, expected, psi);
    if (error > 1e-11)
        printf("off by %g\n%s", error, text.data);
    CU_ASSERT(error <= 1e-11);
    bf_circuit_destroy(circuit);
}

static void random_calls(void)
{
    for (int i = 0; i < RANDOM_CALLS; i++)
        check_call(i % 3 == 0);
}

/** Up to nine controls: the borrowed qubits of the decomposition get their states back. */
static void many_controls(void)
{
    static const char *const names[] = {"x", "z", "rx", "h", "u3", "swap"};
    static reference_z_t psi[DIM], expected[DIM];
    for (int n = 4; n <= MAX_QUBITS; n++)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            call_t call = {.exponent = 1, .p = {0.3, -1.2, 2.1}};
            char text[256], angles[32] = "";
            for (int kind = 0; kind < BF_KIND_KINDS; kind++)
                if (strcmp(bf_gate_info((bf_gate_kind_t)kind)->name, names[i]) == 0)
                    call.info = bf_gate_info((bf_gate_kind_t)kind);
            call.n_controls = n - call.info->n_qubits;
            for (int k = 0; k < n; k++) {
                call.q[k] = k;
                call.positive[k] = true;
            }
            if (call.info->n_params > 0)
                snprintf(angles, sizeof angles, "%s", call.info->n_params == 1 ? "(0.3)" : "(0.3,-1.2,2.1)");
            int length = snprintf(text, sizeof text, HEAD3 "qubit[%d] q; ctrl(%d) @ %s%s", n, call.n_controls, names[i], angles);
            for (int k = 0; k < n; k++)
                length += snprintf(text + length, sizeof text - (size_t)length, "%s q[%d]", k ? "," : "", k);
            snprintf(text + length, sizeof text - (size_t)length, ";");
            bf_circuit_t *circuit = testing_parse("t.qasm", text);
            testing_random_state(&rng, n, psi);
            memcpy(expected, psi, sizeof psi);
            testing_run_circuit(circuit, n, psi);
            run_call(&call, n, expected);
            CU_ASSERT(testing_distance(n, expected, psi) < 1e-12);
            CU_ASSERT(circuit->n_gates < 200U * (unsigned)(n * n));
            bf_circuit_destroy(circuit);
        }
}

/** Two texts on the same three qubits act alike, phases between their terms included. */
static void check_alike(const char *a, const char *b)
{
    enum { N = 4 };
    static reference_z_t psi[1 << N], other[1 << N];
    const char *const bodies[2] = {a, b};
    reference_z_t *const states[2] = {psi, other};
    testing_random_state(&rng, N, psi);
    memcpy(other, psi, sizeof psi);
    for (int i = 0; i < 2; i++) {
        char text[2048];
        snprintf(text, sizeof text,
                 HEAD3 "gate g(a) x, y { rx(a) x; gphase(a/3); cx x, y; inv @ s y; negctrl @ ry(2*a) y, x; }\n"
                       "gate k(a) x, y { g(a) y, x; pow(2) @ g(-a/2) x, y; h x; }\nqubit[%d] q;\n%s\n",
                 N, bodies[i]);
        bf_circuit_t *circuit = testing_parse("t.qasm", text);
        testing_run_circuit(circuit, N, states[i]);
        bf_circuit_destroy(circuit);
    }
    const double error = testing_distance(N, psi, other);
    if (error > 1e-12)
        printf("off by %g: %s | %s\n", error, a, b);
    CU_ASSERT(error <= 1e-12);
}

static void definitions(void)
{
    check_alike("k(0.7) q[0],q[2]; inv @ k(0.7) q[0],q[2];", "");
    check_alike("ctrl @ k(0.7) q[1],q[0],q[2]; ctrl @ inv @ k(0.7) q[1],q[0],q[2];", "");
    check_alike("pow(3) @ k(0.7) q[3],q[2];", "k(0.7) q[3],q[2]; k(0.7) q[3],q[2]; k(0.7) q[3],q[2];");
    check_alike("pow(-2) @ g(0.7) q[3],q[2];", "inv @ g(0.7) q[3],q[2]; inv @ g(0.7) q[3],q[2];");
    check_alike("pow(0) @ k(0.7) q[3],q[2];", "");
    check_alike("ctrl @ g(0.4) q[0], q[1], q[2];",
                "crx(0.4) q[0],q[1]; p(0.4/3) q[0]; ccx q[0],q[1],q[2]; csdg q[0],q[2]; "
                "x q[2]; cry(0.4) q[0],q[1]; cz q[0],q[1]; ccx q[0],q[2],q[3]; ccx q[0],q[2],q[3]; cz q[0],q[1]; "
                "ry(0.4) q[1]; ccx q[0],q[2],q[1]; ry(-0.4) q[1]; ccx q[0],q[2],q[1]; "
                "cry(-0.4) q[0],q[1]; x q[2];");
    check_alike("negctrl @ g(0.4) q[0], q[1], q[2]; ctrl @ g(0.4) q[0], q[1], q[2];", "g(0.4) q[1], q[2];");
    check_alike("ctrl @ k(0.4) q[0:1], q[2], q[3];", "ctrl @ k(0.4) q[0], q[2], q[3]; ctrl @ k(0.4) q[1], q[2], q[3];");
}

static void roots(void)
{
    check_alike("pow(0.5) @ x q[0];", "sx q[0];");
    check_alike("ctrl @ pow(0.5) @ x q[1], q[0];", "csx q[1], q[0];");
    check_alike("pow(0.25) @ z q[0]; inv @ pow(0.5) @ s q[1];", "t q[0]; tdg q[1];");
    check_alike("pow(0.5) @ rx(1.2) q[0]; pow(-1.5) @ rzz(0.4) q[1], q[2];", "rx(0.6) q[0]; rzz(-0.6) q[1], q[2];");
    check_alike("pow(1/3.0) @ h q[0]; pow(1/3.0) @ h q[0]; pow(1/3.0) @ h q[0];", "h q[0];");
    check_alike("pow(0.5) @ ccx q[0],q[1],q[2]; pow(0.5) @ ccx q[0],q[1],q[2];", "ccx q[0],q[1],q[2];");
    check_alike("pow(0.5) @ p(3*pi) q[0];", "s q[0];"); /* the principal root of Z */
    check_alike("pow(0.5) @ iswap q[0],q[1]; pow(0.5) @ iswap q[0],q[1];", "iswap q[0],q[1];");
}

static void refuse(const char *body, const char *message)
{
    char text[1024];
    bf_circuit_t *circuit = NULL;
    snprintf(text, sizeof text, HEAD3 "gate g a { x a; }\n%s", body);
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_circuit_parse("t.qasm", text, strlen(text), 0, &circuit), BF_ERR_INPUT);
    CU_ASSERT_PTR_NULL(circuit);
    if (strcmp(bf_error_message(), message) != 0)
        printf("got:      %s\nexpected: %s\n", bf_error_message(), message);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), message);
    bf_circuit_destroy(circuit);
    bf_error_clear();
}

static void refusals(void)
{
    refuse("qubit q; ctrl x q;", "t.qasm:4:15: unexpected 'x', expected @ after the modifier");
    refuse("qubit q; ctrl @ inv @", "t.qasm:4:22: unexpected end of the file, expected a gate");
    refuse("gate f a { inv @ ; }", "t.qasm:4:18: unexpected ';', expected a gate");
    refuse("qubit q; ctrl @ x q;", "t.qasm:4:17: gate 'x' takes 2 qubits, got 1");
    refuse("qubit[2] q; ctrl @ x q[0], q[0];", "t.qasm:4:28: qubit 'q[0]' is used twice in one call, expected different qubits");
    refuse("qubit q; ctrl(0) @ x q;", "t.qasm:4:15: 0 controls, expected 1 to 128");
    refuse("qubit q; ctrl(1.5) @ x q;", "t.qasm:4:15: not an integer, expected one");
    refuse("qubit q; ctrl(100) @ negctrl(29) @ x q;", "t.qasm:4:34: more than 128 controls of one gate");
    refuse("qubit q; pow(0.5) @ g q;", "t.qasm:4:10: a power of this gate that is no integer, expected an integer");
    refuse("qubit q; pow(0.5) @ u3(1,2,3) q;", "t.qasm:4:10: a power of this gate that is no integer, expected an integer");
    refuse("qubit q; pow(0.5) @ pow(2) @ x q;",
           "t.qasm:4:25: a power that is no integer beside another power, expected one of them");
    refuse("input float k; qubit q; pow(k) @ x q;", "t.qasm:4:29: this depends on an input, expected a constant power");
    refuse("input float k; qubit q; pow(0.5) @ rx(k) q;",
           "t.qasm:4:25: a power that is no integer of an angle that depends on an input, expected an integer");
    refuse("qubit q; pow(1e9) @ g q;", "t.qasm:4:14: a power of more than 100000000");
    refuse("qubit q; pow(90000000) @ g q; pow(20000000) @ inv @ g q;",
           "t.qasm:4:10: the circuit has more than 100000000 gates when its definitions and loops are expanded");
    refuse("qubit q; ctrl @ measure q;", "t.qasm:4:17: unexpected 'measure', expected a gate");
}

int main(void)
{
    static const bf_test_t tests[] = {{"random calls", random_calls}, {"many controls", many_controls},
                                      {"definitions", definitions},   {"roots", roots},
                                      {"refusals", refusals},         {NULL, NULL}};
    return bf_cunit_main("circuit modifiers", seed_generator, NULL, tests);
}
