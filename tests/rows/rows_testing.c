/* Tables, templates and runs for the tests of many rows. */
#include "rows_testing.h"

#include "io_testing.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEADER_BYTES 128

static _Noreturn void give_up(const char *what, const char *name)
{
    fprintf(stderr, "rows test: %s: %s\n", name, what);
    exit(EXIT_FAILURE);
}

int rows_open(void)
{
    return io_open() == 0 && chdir(io_path("")) == 0 ? 0 : 1;
}

double *rows_doubles(size_t count)
{
    double *values = calloc(count + 1, sizeof *values);
    if (!values)
        give_up("out of memory", "a table");
    return values;
}

static FILE *create(const char *name)
{
    FILE *out = fopen(name, "wb");
    if (!out)
        give_up("cannot be written", name);
    return out;
}

void rows_table(const char *name, int64_t rows, int64_t columns, const double *values)
{
    char header[HEADER_BYTES + 1];
    FILE *out = create(name);
    fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, out);
    snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': (%lld, %lld), }", (long long)rows,
             (long long)columns);
    fprintf(out, "%-*s\n", HEADER_BYTES - 11, header);
    fwrite(values, sizeof *values, (size_t)(rows * columns), out);
    if (fclose(out) != 0)
        give_up("cannot be written", name);
}

double *rows_result(const char *name, int64_t rows, int64_t columns)
{
    char shape[64];
    size_t bytes = 0;
    char *file = io_slurp(name, &bytes);
    snprintf(shape, sizeof shape, "(%lld, %lld)", (long long)rows, (long long)columns);
    const size_t payload = (size_t)(rows * columns) * sizeof(double);
    if (!file || bytes != HEADER_BYTES + payload || !strstr(file + 10, shape))
        give_up("is not there or has another shape", name);
    double *values = rows_doubles((size_t)(rows * columns));
    memcpy(values, file + HEADER_BYTES, payload);
    free(file);
    return values;
}

int rows_run(const char *format, ...)
{
    const char *program = getenv("XYZ");
    if (!program)
        give_up("name the program", "environment variable XYZ");
    char command[1024];
    const int head = snprintf(command, sizeof command, "'%s' ", program);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command + head, sizeof command - (size_t)head, format, arguments);
    va_end(arguments);
    fflush(stdout);
    const int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void rows_feature_map_template(const char *name, int n, int reps, int d, double gamma)
{
    FILE *out = create(name);
    fprintf(out,
            "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nconst float gamma = %.17g;\ninput array[float[64], %d] x;\nqubit[%d] q;\n"
            "h q;\n",
            gamma, n, n);
    for (int rep = 0; rep < reps; rep++) {
        for (int i = 0; i < n; i++)
            fprintf(out, "rz(gamma * x[%d]) q[%d];\n", i, i);
        for (int k = 1; k <= d; k++)
            for (int i = 0; i + k < n; i++)
                fprintf(out, "rxx(pi * gamma ** 2 * (1 - x[%d]) * (1 - x[%d])) q[%d], q[%d];\n", i, i + k, i, i + k);
    }
    if (fclose(out) != 0)
        give_up("cannot be written", name);
}

oracle_circuit_t rows_feature_map(const double *x, int n, int reps, int d, double gamma)
{
    const double pi = acos(-1.0);
    oracle_circuit_t c = oracle_circuit_new(n);
    for (int i = 0; i < n; i++)
        oracle_add(&c, "h", NULL, Q(i));
    for (int rep = 0; rep < reps; rep++) {
        for (int i = 0; i < n; i++)
            oracle_add(&c, "rz", P(gamma * x[i]), Q(i));
        for (int k = 1; k <= d; k++)
            for (int i = 0; i + k < n; i++)
                oracle_add(&c, "rxx", P(pi * gamma * gamma * (1 - x[i]) * (1 - x[i + k])), Q(i, i + k));
    }
    return c;
}

int rows_parameter_template(const char *name, const oracle_circuit_t *circuit)
{
    int inputs = 0;
    for (size_t g = 0; g < circuit->count; g++)
        inputs += circuit->gates[g].kind->params;
    FILE *out = create(name);
    fputs("OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninclude \"qelib1.inc\";\n", out);
    if (inputs > 0)
        fprintf(out, "input array[float, %d] p;\n", inputs);
    fprintf(out, "qubit[%d] q;\n", circuit->n);
    int input = 0;
    for (const oracle_gate_t *g = circuit->gates, *end = g + circuit->count; g != end; ++g) {
        fputs(g->kind->name, out);
        for (int k = 0; k < g->kind->params; k++)
            fprintf(out, "%sp[%d]%s", k ? ", " : "(", input++, k + 1 == g->kind->params ? ")" : "");
        for (int k = 0; k < oracle_kind_qubits(g->kind); k++)
            fprintf(out, "%sq[%d]", k ? ", " : " ", g->q[k]);
        fputs(";\n", out);
    }
    if (fclose(out) != 0)
        give_up("cannot be written", name);
    return inputs;
}
