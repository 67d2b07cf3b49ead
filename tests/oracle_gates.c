/* Textbook matrices of every gate of OpenQASM 2's qelib1.inc (as shipped with Qiskit), written down independently of the program.
 */
#include "oracle_circuit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846
#define R2 0.70710678118654752440

static oracle_z_t phase(double angle)
{
    return cos(angle) + I * sin(angle);
}

static void set2(oracle_z_t *u, oracle_z_t a, oracle_z_t b, oracle_z_t c, oracle_z_t d)
{
    u[0] = a;
    u[1] = b;
    u[2] = c;
    u[3] = d;
}

static void m_id(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, 1);
}

static void m_x(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 0, 1, 1, 0);
}

static void m_y(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 0, -I, I, 0);
}

static void m_z(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, -1);
}

static void m_h(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, R2, R2, R2, -R2);
}

static void m_s(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, I);
}

static void m_sdg(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, -I);
}

static void m_t(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, R2 + I * R2);
}

static void m_tdg(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, R2 - I * R2);
}

static void m_sx(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 0.5 + 0.5 * I, 0.5 - 0.5 * I, 0.5 - 0.5 * I, 0.5 + 0.5 * I);
}

static void m_sxdg(const double *p, oracle_z_t *u)
{
    (void)p;
    set2(u, 0.5 - 0.5 * I, 0.5 + 0.5 * I, 0.5 + 0.5 * I, 0.5 - 0.5 * I);
}

static void m_rx(const double *p, oracle_z_t *u)
{
    const double c = cos(p[0] / 2), s = sin(p[0] / 2);
    set2(u, c, -I * s, -I * s, c);
}

static void m_ry(const double *p, oracle_z_t *u)
{
    const double c = cos(p[0] / 2), s = sin(p[0] / 2);
    set2(u, c, -s, s, c);
}

static void m_rz(const double *p, oracle_z_t *u)
{
    set2(u, phase(-p[0] / 2), 0, 0, phase(p[0] / 2));
}

static void m_p(const double *p, oracle_z_t *u)
{
    set2(u, 1, 0, 0, phase(p[0]));
}

static void m_u3(const double *p, oracle_z_t *u)
{
    const double c = cos(p[0] / 2), s = sin(p[0] / 2);
    set2(u, c, -phase(p[2]) * s, phase(p[1]) * s, phase(p[1] + p[2]) * c);
}

static void m_u2(const double *p, oracle_z_t *u)
{
    m_u3((const double[]){PI / 2, p[0], p[1]}, u);
}

/* cu(theta, phi, lambda, gamma): exp(i gamma) U3, controlled. */
static void m_cu(const double *p, oracle_z_t *u)
{
    m_u3(p, u);
    for (int k = 0; k < 4; ++k)
        u[k] *= phase(p[3]);
}

static void m_swap(const double *p, oracle_z_t *u)
{
    (void)p;
    memset(u, 0, 16 * sizeof *u);
    u[0] = u[6] = u[9] = u[15] = 1;
}

static void m_rxx(const double *p, oracle_z_t *u)
{
    const double c = cos(p[0] / 2), s = sin(p[0] / 2);
    memset(u, 0, 16 * sizeof *u);
    u[0] = u[5] = u[10] = u[15] = c;
    u[3] = u[6] = u[9] = u[12] = -I * s;
}

static void m_rzz(const double *p, oracle_z_t *u)
{
    memset(u, 0, 16 * sizeof *u);
    u[0] = u[15] = phase(-p[0] / 2);
    u[5] = u[10] = phase(p[0] / 2);
}

/* Relative-phase Toffoli gates have no textbook matrix but their circuits: Maslov, PRA 93, 022311 (2016), as in qelib1.inc. */
static const oracle_step_t rccx[] = {
    {"h", {0}, {2}}, {"t", {0}, {2}},     {"cx", {0}, {1, 2}}, {"tdg", {0}, {2}}, {"cx", {0}, {0, 2}},
    {"t", {0}, {2}}, {"cx", {0}, {1, 2}}, {"tdg", {0}, {2}},   {"h", {0}, {2}},   {NULL, {0}, {0}},
};

static const oracle_step_t rc3x[] = {
    {"h", {0}, {3}},     {"t", {0}, {3}},     {"cx", {0}, {2, 3}}, {"tdg", {0}, {3}}, {"h", {0}, {3}},
    {"cx", {0}, {0, 3}}, {"t", {0}, {3}},     {"cx", {0}, {1, 3}}, {"tdg", {0}, {3}}, {"cx", {0}, {0, 3}},
    {"t", {0}, {3}},     {"cx", {0}, {1, 3}}, {"tdg", {0}, {3}},   {"h", {0}, {3}},   {"t", {0}, {3}},
    {"cx", {0}, {2, 3}}, {"tdg", {0}, {3}},   {"h", {0}, {3}},     {NULL, {0}, {0}},
};

static const oracle_kind_t kinds[] = {
    {"U", 3, 0, 1, m_u3, NULL},       {"CX", 0, 1, 1, m_x, NULL},      {"id", 0, 0, 1, m_id, NULL},
    {"u0", 1, 0, 1, m_id, NULL},      {"x", 0, 0, 1, m_x, NULL},       {"y", 0, 0, 1, m_y, NULL},
    {"z", 0, 0, 1, m_z, NULL},        {"h", 0, 0, 1, m_h, NULL},       {"s", 0, 0, 1, m_s, NULL},
    {"sdg", 0, 0, 1, m_sdg, NULL},    {"t", 0, 0, 1, m_t, NULL},       {"tdg", 0, 0, 1, m_tdg, NULL},
    {"sx", 0, 0, 1, m_sx, NULL},      {"sxdg", 0, 0, 1, m_sxdg, NULL}, {"rx", 1, 0, 1, m_rx, NULL},
    {"ry", 1, 0, 1, m_ry, NULL},      {"rz", 1, 0, 1, m_rz, NULL},     {"p", 1, 0, 1, m_p, NULL},
    {"u1", 1, 0, 1, m_p, NULL},       {"u2", 2, 0, 1, m_u2, NULL},     {"u3", 3, 0, 1, m_u3, NULL},
    {"u", 3, 0, 1, m_u3, NULL},       {"cx", 0, 1, 1, m_x, NULL},      {"cy", 0, 1, 1, m_y, NULL},
    {"cz", 0, 1, 1, m_z, NULL},       {"ch", 0, 1, 1, m_h, NULL},      {"csx", 0, 1, 1, m_sx, NULL},
    {"crx", 1, 1, 1, m_rx, NULL},     {"cry", 1, 1, 1, m_ry, NULL},    {"crz", 1, 1, 1, m_rz, NULL},
    {"cp", 1, 1, 1, m_p, NULL},       {"cu1", 1, 1, 1, m_p, NULL},     {"cu3", 3, 1, 1, m_u3, NULL},
    {"cu", 4, 1, 1, m_cu, NULL},      {"swap", 0, 0, 2, m_swap, NULL}, {"rxx", 1, 0, 2, m_rxx, NULL},
    {"rzz", 1, 0, 2, m_rzz, NULL},    {"ccx", 0, 2, 1, m_x, NULL},     {"cswap", 0, 1, 2, m_swap, NULL},
    {"rccx", 0, 0, 3, NULL, rccx},    {"rc3x", 0, 0, 4, NULL, rc3x},   {"c3x", 0, 3, 1, m_x, NULL},
    {"c3sqrtx", 0, 3, 1, m_sx, NULL}, {"c4x", 0, 4, 1, m_x, NULL},     {NULL, 0, 0, 0, NULL, NULL},
};

const oracle_kind_t *oracle_kinds(void)
{
    return kinds;
}

const oracle_kind_t *oracle_kind(const char *name)
{
    for (const oracle_kind_t *k = kinds; k->name; ++k)
        if (strcmp(k->name, name) == 0)
            return k;
    fprintf(stderr, "oracle: no gate named %s\n", name);
    abort();
}

int oracle_kind_qubits(const oracle_kind_t *kind)
{
    return kind->controls + kind->targets;
}
