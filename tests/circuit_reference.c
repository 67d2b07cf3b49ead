/* Gates from first principles. Slow and short. */
#include "circuit_reference.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

typedef reference_z_t matrix_t[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM];

static void multiply(int dim, const reference_z_t *a, const reference_z_t *b, reference_z_t *out)
{
    matrix_t c;
    for (int i = 0; i < dim; i++)
        for (int j = 0; j < dim; j++) {
            c[dim * i + j] = 0;
            for (int k = 0; k < dim; k++)
                c[dim * i + j] += a[dim * i + k] * b[dim * k + j];
        }
    memcpy(out, c, (size_t)(dim * dim) * sizeof *out);
}

/** out += weight * (letters[0] x letters[1] x ...). */
static void add_pauli(const char *letters, reference_z_t weight, reference_z_t *out)
{
    const int n = (int)strlen(letters), dim = 1 << n;
    for (int column = 0; column < dim; column++) {
        int row = column;
        reference_z_t value = weight;
        for (int k = 0; k < n; k++) {
            const int bit = 1 << (n - 1 - k);
            if (letters[k] == 'X' || letters[k] == 'Y')
                row ^= bit;
            if (letters[k] == 'Y')
                value *= column & bit ? -I : I;
            if (letters[k] == 'Z')
                value *= column & bit ? -1 : 1;
        }
        out[dim * row + column] += value;
    }
}

/** out = exp(-i h) by its Taylor series, h first divided by 4 and the result squared twice. */
static void exponential(int dim, const reference_z_t *h, reference_z_t *out)
{
    matrix_t term = {0}, step;
    memset(out, 0, (size_t)(dim * dim) * sizeof *out);
    for (int i = 0; i < dim; i++)
        out[dim * i + i] = term[dim * i + i] = 1;
    for (int i = 0; i < dim * dim; i++)
        step[i] = -I * h[i] / 4;
    for (int order = 1; order < 30; order++) {
        multiply(dim, term, step, term);
        for (int i = 0; i < dim * dim; i++) {
            term[i] /= order;
            out[i] += term[i];
        }
    }
    for (int i = 0; i < 2; i++)
        multiply(dim, out, out, out);
}

/** out = exp(-i angle/2 * (a + sign b)), Pauli strings of equal length; b may be NULL. */
static void rotation(const char *a, const char *b, double sign, double angle, reference_z_t *out)
{
    matrix_t h = {0};
    add_pauli(a, angle / 2, h);
    if (b)
        add_pauli(b, sign * angle / 2, h);
    exponential(1 << strlen(a), h, out);
}

/** out = exp(i angle (1 - p)/2): phase exp(i angle) where the Pauli string is -1. */
static void phase_of(const char *p, double angle, reference_z_t *out)
{
    matrix_t h = {0};
    add_pauli(strlen(p) == 1 ? "I" : "II", -angle / 2, h);
    add_pauli(p, angle / 2, h);
    exponential(1 << strlen(p), h, out);
}

/** Replace the 2^k matrix u by its version controlled by @p controls leading qubits. */
static int control(int controls, int k, reference_z_t *u)
{
    const int inner = 1 << k, dim = inner << controls, first = dim - inner;
    matrix_t full = {0};
    for (int i = 0; i < first; i++)
        full[dim * i + i] = 1;
    for (int i = 0; i < inner; i++)
        for (int j = 0; j < inner; j++)
            full[dim * (first + i) + first + j] = u[inner * i + j];
    memcpy(u, full, (size_t)(dim * dim) * sizeof *u);
    return k + controls;
}

/** exp(i (gamma + (phi + lambda)/2)) Rz(phi) Ry(theta) Rz(lambda). */
static void euler(double theta, double phi, double lambda, double gamma, reference_z_t *u)
{
    matrix_t factor;
    rotation("Z", NULL, 0, lambda, u);
    rotation("Y", NULL, 0, theta, factor);
    multiply(2, factor, u, u);
    rotation("Z", NULL, 0, phi, factor);
    multiply(2, factor, u, u);
    for (int i = 0; i < 4; i++)
        u[i] *= cexp(I * (gamma + (phi + lambda) / 2));
}

static int one_qubit(const char *name, const double *p, reference_z_t *u)
{
    memset(u, 0, 4 * sizeof *u);
    static const struct {
        const char *name, *pauli;
    } paulis[] = {{"id", "I"}, {"u0", "I"}, {"x", "X"}, {"y", "Y"}, {"z", "Z"}};
    for (int i = 0; i < 5; i++)
        if (strcmp(name, paulis[i].name) == 0) {
            add_pauli(paulis[i].pauli, 1, u);
            return 1;
        }
    static const struct {
        const char *name, *pauli;
        double angle;
    } phases[] = {{"s", "Z", PI / 2},    {"sdg", "Z", -PI / 2}, {"t", "Z", PI / 4},
                  {"tdg", "Z", -PI / 4}, {"sx", "X", PI / 2},   {"sxdg", "X", -PI / 2}};
    for (int i = 0; i < 6; i++)
        if (strcmp(name, phases[i].name) == 0) {
            phase_of(phases[i].pauli, phases[i].angle, u);
            return 1;
        }
    if (strcmp(name, "h") == 0) {
        add_pauli("X", sqrt(0.5), u);
        add_pauli("Z", sqrt(0.5), u);
    } else if (strcmp(name, "rx") == 0 || strcmp(name, "ry") == 0 || strcmp(name, "rz") == 0) {
        const char letter[2] = {(char)(name[1] - 'x' + 'X'), '\0'};
        rotation(letter, NULL, 0, p[0], u);
    } else if (strcmp(name, "r") == 0) {
        matrix_t h = {0};
        add_pauli("X", p[0] / 2 * cos(p[1]), h);
        add_pauli("Y", p[0] / 2 * sin(p[1]), h);
        exponential(2, h, u);
    } else if (strcmp(name, "p") == 0 || strcmp(name, "u1") == 0 || strcmp(name, "phase") == 0) {
        phase_of("Z", p[0], u);
    } else if (strcmp(name, "u2") == 0) {
        euler(PI / 2, p[0], p[1], 0, u);
    } else if (strcmp(name, "u3") == 0 || strcmp(name, "u") == 0 || strcmp(name, "U") == 0) {
        euler(p[0], p[1], p[2], 0, u);
    } else if (strcmp(name, "u4") == 0) {
        euler(p[0], p[1], p[2], p[3], u);
    } else {
        return -1;
    }
    return 1;
}

/** Gates that are a one-qubit gate with leading controls. */
static int controlled(const char *name, const double *p, reference_z_t *u)
{
    static const struct {
        const char *name, *target;
        int controls;
    } table[] = {{"cx", "x", 1},     {"CX", "x", 1},       {"cy", "y", 1},   {"cz", "z", 1},   {"ch", "h", 1},   {"cs", "s", 1},
                 {"csdg", "sdg", 1}, {"csx", "sx", 1},     {"crx", "rx", 1}, {"cry", "ry", 1}, {"crz", "rz", 1}, {"cp", "p", 1},
                 {"cphase", "p", 1}, {"cu1", "u1", 1},     {"cu3", "u3", 1}, {"cu", "u4", 1},  {"ccx", "x", 2},  {"ccz", "z", 2},
                 {"c3x", "x", 3},    {"c3sqrtx", "sx", 3}, {"c4x", "x", 4}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(name, table[i].name) == 0) {
            one_qubit(table[i].target, p, u);
            return control(table[i].controls, 1, u);
        }
    return -1;
}

/** u <- rotation of qubit @p which about z, after u, of two. */
static void turn(int which, double angle, reference_z_t *u)
{
    matrix_t z;
    rotation(which == 0 ? "ZI" : "IZ", NULL, 0, angle, z);
    multiply(4, z, u, u);
}

static int two_qubit(const char *name, const double *p, reference_z_t *u)
{
    matrix_t other = {0};
    memset(u, 0, 16 * sizeof *u);
    if (strcmp(name, "swap") == 0) {
        const char *const words[] = {"II", "XX", "YY", "ZZ"};
        for (int i = 0; i < 4; i++)
            add_pauli(words[i], 0.5, u);
    } else if (strcmp(name, "iswap") == 0) {
        rotation("XX", "YY", 1, -PI / 2, u);
    } else if (strcmp(name, "dcx") == 0) {
        const char *const from_first[] = {"II", "ZI", "IX", "ZX"}, *const from_second[] = {"II", "IZ", "XI", "XZ"};
        for (int i = 0; i < 4; i++) {
            add_pauli(from_first[i], i == 3 ? -0.5 : 0.5, u);
            add_pauli(from_second[i], i == 3 ? -0.5 : 0.5, other);
        }
        multiply(4, other, u, u);
    } else if (strcmp(name, "ecr") == 0) { /* rzx(pi/4), x on the first, rzx(-pi/4) */
        matrix_t x = {0};
        add_pauli("XI", 1, x);
        rotation("ZX", NULL, 0, PI / 4, u);
        multiply(4, x, u, u);
        rotation("ZX", NULL, 0, -PI / 4, other);
        multiply(4, other, u, u);
    } else if (strcmp(name, "rxx") == 0) {
        rotation("XX", NULL, 0, p[0], u);
    } else if (strcmp(name, "ryy") == 0) {
        rotation("YY", NULL, 0, p[0], u);
    } else if (strcmp(name, "rzz") == 0) {
        rotation("ZZ", NULL, 0, p[0], u);
    } else if (strcmp(name, "rzx") == 0) {
        rotation("ZX", NULL, 0, p[0], u);
    } else if (strcmp(name, "xx_plus_yy") == 0 || strcmp(name, "xx_minus_yy") == 0) {
        /* Rz(-b) exp(-i a/2 (XX+YY)/2) Rz(b), on the first qubit; (XX-YY): Rz(b) .. Rz(-b), on the second */
        const int minus = name[3] == 'm';
        matrix_t middle;
        rotation("XX", "YY", minus ? -1 : 1, p[0] / 2, middle);
        add_pauli("II", 1, u);
        turn(minus, minus ? -p[1] : p[1], u);
        multiply(4, middle, u, u);
        turn(minus, minus ? p[1] : -p[1], u);
    } else {
        return -1;
    }
    return 2;
}

/** out (on k qubits) <- gate on the given qubits, after out; q counts from the most significant. */
static void then(int k, const char *name, const int *q, reference_z_t *out)
{
    matrix_t gate;
    const double no_angles[4] = {0};
    const int gate_qubits = reference_matrix(name, no_angles, gate), dim = 1 << k;
    int bits[5];
    for (int i = 0; i < gate_qubits; i++)
        bits[i] = k - 1 - q[i];
    for (int column = 0; column < dim; column++) {
        reference_z_t psi[REFERENCE_MAX_DIM];
        for (int row = 0; row < dim; row++)
            psi[row] = out[dim * row + column];
        reference_apply(psi, k, gate_qubits, bits, gate);
        for (int row = 0; row < dim; row++)
            out[dim * row + column] = psi[row];
    }
}

static int several_qubits(const char *name, reference_z_t *u)
{
    const int k = strcmp(name, "rc3x") == 0 ? 4 : 3, dim = 1 << k;
    memset(u, 0, (size_t)(dim * dim) * sizeof *u);
    for (int i = 0; i < dim; i++)
        u[dim * i + i] = 1;
    if (strcmp(name, "cswap") == 0) {
        for (int i = 5; i <= 6; i++)
            u[8 * i + i] = 0;
        u[8 * 5 + 6] = u[8 * 6 + 5] = 1;
    } else if (strcmp(name, "rccx") ==
               0) { /* Maslov, arXiv:1508.03273, fig. 3, as a matrix: |101> -> -|101>, |11t> -> -+i |11,1-t> */
        u[8 * 5 + 5] = -1;
        u[8 * 6 + 6] = u[8 * 7 + 7] = 0;
        u[8 * 6 + 7] = -I;
        u[8 * 7 + 6] = I;
    } else if (strcmp(name, "rc3x") == 0) { /* the same, fig. 4, as the circuit of qelib1.inc */
        static const struct {
            const char *name;
            int q[2];
        } steps[] = {{"h", {3}},   {"t", {3}},     {"cx", {2, 3}}, {"tdg", {3}},   {"h", {3}},   {"cx", {0, 3}},
                     {"t", {3}},   {"cx", {1, 3}}, {"tdg", {3}},   {"cx", {0, 3}}, {"t", {3}},   {"cx", {1, 3}},
                     {"tdg", {3}}, {"h", {3}},     {"t", {3}},     {"cx", {2, 3}}, {"tdg", {3}}, {"h", {3}}};
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
            then(4, steps[i].name, steps[i].q, u);
    } else {
        return -1;
    }
    return k;
}

int reference_matrix(const char *name, const double *p, reference_z_t *u)
{
    int k = one_qubit(name, p, u);
    if (k < 0)
        k = controlled(name, p, u);
    if (k < 0)
        k = two_qubit(name, p, u);
    return k < 0 ? several_qubits(name, u) : k;
}

void reference_apply(reference_z_t *psi, int n, int k, const int *q, const reference_z_t *u)
{
    const int dim = 1 << k;
    int all = 0;
    for (int i = 0; i < k; i++)
        all |= 1 << q[i];
    for (int base = 0; base < 1 << n; base++) {
        if (base & all)
            continue;
        int at[REFERENCE_MAX_DIM];
        reference_z_t old[REFERENCE_MAX_DIM];
        for (int s = 0; s < dim; s++) {
            at[s] = base;
            for (int i = 0; i < k; i++)
                if (s >> (k - 1 - i) & 1)
                    at[s] |= 1 << q[i];
            old[s] = psi[at[s]];
        }
        for (int s = 0; s < dim; s++) {
            psi[at[s]] = 0;
            for (int t = 0; t < dim; t++)
                psi[at[s]] += u[dim * s + t] * old[t];
        }
    }
}
