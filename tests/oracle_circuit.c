/* A gate list for tests: building, inverting, printing. */
#include "oracle_circuit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

oracle_circuit_t oracle_circuit_new(int n)
{
    return (oracle_circuit_t){.n = n};
}

void oracle_circuit_free(oracle_circuit_t *c)
{
    free(c->gates);
    *c = (oracle_circuit_t){.n = c->n};
}

static void append(oracle_circuit_t *c, const oracle_gate_t *gate)
{
    if (c->count == c->capacity) {
        c->capacity = c->capacity ? 2 * c->capacity : 64;
        c->gates = realloc(c->gates, c->capacity * sizeof *c->gates);
        if (!c->gates)
            abort();
    }
    c->gates[c->count++] = *gate;
}

void oracle_add(oracle_circuit_t *c, const char *name, const double *p, const int *q)
{
    oracle_gate_t gate = {.kind = oracle_kind(name)};
    if (gate.kind->params)
        memcpy(gate.p, p, (size_t)gate.kind->params * sizeof *p);
    memcpy(gate.q, q, (size_t)oracle_kind_qubits(gate.kind) * sizeof *q);
    append(c, &gate);
}

/* Inverse of one gate by name: self-inverse ones, named partners, or negated (and for u2, u3, cu reordered) angles. */
static void append_inverse(oracle_circuit_t *c, const oracle_gate_t *gate)
{
    static const char *const self[] = {"id", "u0", "x",    "y",   "z",  "h",     "cx",  "CX",
                                       "cy", "cz", "swap", "ccx", "ch", "cswap", "c3x", "c4x"};
    static const char *const pair[][2] = {{"s", "sdg"}, {"t", "tdg"}, {"sx", "sxdg"}};
    static const char *const negate[] = {"rx", "ry", "rz", "p", "u1", "crx", "cry", "crz", "cp", "cu1", "rxx", "rzz"};
    const char *name = gate->kind->name;
    const double *p = gate->p;
    for (size_t k = 0; k < sizeof self / sizeof *self; ++k)
        if (strcmp(name, self[k]) == 0) {
            oracle_add(c, name, p, gate->q);
            return;
        }
    for (size_t k = 0; k < 2 * sizeof pair / sizeof *pair; ++k)
        if (strcmp(name, pair[k / 2][k % 2]) == 0) {
            oracle_add(c, pair[k / 2][1 - k % 2], NULL, gate->q);
            return;
        }
    for (size_t k = 0; k < sizeof negate / sizeof *negate; ++k)
        if (strcmp(name, negate[k]) == 0) {
            oracle_add(c, name, P(-p[0]), gate->q);
            return;
        }
    if (strcmp(name, "u2") == 0)
        oracle_add(c, "u3", P(-PI / 2, -p[1], -p[0]), gate->q);
    else if (gate->kind->params >= 3)
        oracle_add(c, name, P(-p[0], -p[2], -p[1], -p[3]), gate->q);
    else {
        fprintf(stderr, "oracle: %s has no inverse by name\n", name);
        abort();
    }
}

void oracle_add_inverse(oracle_circuit_t *c)
{
    for (size_t g = c->count; g-- > 0;) {
        const oracle_gate_t gate = c->gates[g];
        append_inverse(c, &gate);
    }
}

static void random_qubits(int n, int count, oracle_rng_t *rng, int *q)
{
    for (int k = 0; k < count; ++k) {
        bool fresh;
        do {
            q[k] = oracle_rng_below(rng, n);
            fresh = true;
            for (int j = 0; j < k; ++j)
                fresh = fresh && q[j] != q[k];
        } while (!fresh);
    }
}

void oracle_add_random(oracle_circuit_t *c, int count, oracle_rng_t *rng)
{
    int kinds = 0;
    while (oracle_kinds()[kinds].name)
        ++kinds;
    for (int added = 0; added < count;) {
        oracle_gate_t gate = {.kind = &oracle_kinds()[oracle_rng_below(rng, kinds)]};
        if (oracle_kind_qubits(gate.kind) > c->n)
            continue;
        for (int k = 0; k < gate.kind->params; ++k)
            gate.p[k] = 2 * PI * (2 * oracle_rng_uniform(rng) - 1);
        random_qubits(c->n, oracle_kind_qubits(gate.kind), rng, gate.q);
        append(c, &gate);
        ++added;
    }
}

void oracle_add_brickwork(oracle_circuit_t *c, int layers, oracle_rng_t *rng)
{
    for (int layer = 0; layer < layers; ++layer)
        for (int a = layer % 2; a + 1 < c->n; a += 2) {
            double angle[8];
            for (int k = 0; k < 8; ++k)
                angle[k] = 2 * PI * oracle_rng_uniform(rng);
            oracle_add(c, "u3", angle, Q(a));
            oracle_add(c, "u3", angle + 3, Q(a + 1));
            oracle_add(c, "crx", angle + 6, Q(a, a + 1));
            oracle_add(c, "cry", angle + 7, Q(a + 1, a));
        }
}

static FILE *open_text(char **text, size_t *size)
{
    FILE *out = open_memstream(text, size);
    if (!out)
        abort();
    return out;
}

char *oracle_circuit_qasm(const oracle_circuit_t *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_text(&text, &size);
    fprintf(out, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", c->n);
    for (const oracle_gate_t *g = c->gates, *end = g + c->count; g != end; ++g) {
        fputs(g->kind->name, out);
        for (int k = 0; k < g->kind->params; ++k)
            fprintf(out, "%s%.17g%s", k ? "," : "(", g->p[k], k + 1 == g->kind->params ? ")" : "");
        for (int k = 0; k < oracle_kind_qubits(g->kind); ++k)
            fprintf(out, "%sq[%d]", k ? "," : " ", g->q[k]);
        fputs(";\n", out);
    }
    fclose(out);
    return text;
}

static int gates_code(const char *name)
{
    static const char *const code[] = {"h", "rx", "rz", "rxx", "rzz", "swap", "t", "cz"};
    for (int k = 0; k < 8; ++k)
        if (strcmp(name, code[k]) == 0)
            return k;
    fprintf(stderr, "oracle: %s has no code in a .gates list\n", name);
    abort();
}

char *oracle_circuit_gates(const oracle_circuit_t *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_text(&text, &size);
    for (const oracle_gate_t *g = c->gates, *end = g + c->count; g != end; ++g)
        fprintf(out, "%d,%d,%d,%.17g\n", gates_code(g->kind->name), g->q[0], oracle_kind_qubits(g->kind) > 1 ? g->q[1] : -1,
                g->p[0] / PI);
    fclose(out);
    return text;
}
