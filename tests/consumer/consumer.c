/* A program that uses an installed bondflow: prints <X>, <Y>, <Z> of a Bell pair and one more qubit in |+>. */
#include <bondflow.h>

#include <stdio.h>
#include <string.h>

static const char qasm[] = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\nh q[0];\ncx q[0],q[1];\nh q[2];\n";

static bf_status_t run(bf_session_t *session, double xyz[9])
{
    bf_circuit_t *circuit = NULL;
    bf_state_t *state = NULL;
    const bf_state_options_t options = bf_state_options_default();

    bf_status_t status = bf_circuit_parse("bell.qasm", qasm, strlen(qasm), 0, &circuit);
    if (status >= 0)
        status = bf_session_start(session);
    if (status >= 0)
        status = bf_state_create(session, bf_circuit_qubits(circuit), &options, &state);
    if (status >= 0)
        status = bf_state_apply(state, circuit);
    if (status >= 0)
        status = bf_state_expect_xyz(state, xyz);
    bf_state_destroy(state);
    bf_circuit_destroy(circuit);
    return status;
}

int main(int argc, char **argv)
{
    bf_session_t *session = NULL;
    double xyz[9];

    bf_status_t status = bf_session_create(&argc, &argv, &session);
    if (status >= 0)
        status = run(session, xyz);
    bf_session_destroy(session);
    if (status < 0) {
        fprintf(stderr, "%s\n", bf_error_message());
        return 1;
    }
    for (int q = 0; q < 3; q++)
        printf("%d %.3f %.3f %.3f\n", q, xyz[3 * q] + 0.0, xyz[3 * q + 1] + 0.0, xyz[3 * q + 2] + 0.0);
    return 0;
}
