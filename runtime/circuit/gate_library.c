/* The table of gates and their matrices. Index 2s + t of a two-qubit matrix: s belongs to the first qubit of the call. */
#include "runtime/circuit/gate_library.h"

#include "runtime/circuit/gate_expand.h"
#include "runtime/circuit/matrix.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef void builder_t(const double *p, bf_z_t *u);

typedef struct row {
    bf_gate_info_t info;
    bool controlled; /**< @c build makes the 2 x 2 matrix applied when the first qubit is 1 */
    builder_t *build;
    bf_gate_expand_t *expand;
} row_t;

/** exp(i angle), exact at multiples of pi/4: a Clifford gate written as a rotation must not leak 1e-17 where a zero belongs.
 *  Past 128 turns an angle is taken at its word. */
static bf_z_t cis(double angle)
{
    static const double circle[8][2] = {{1, 0},  {M_SQRT1_2, M_SQRT1_2},   {0, 1},  {-M_SQRT1_2, M_SQRT1_2},
                                        {-1, 0}, {-M_SQRT1_2, -M_SQRT1_2}, {0, -1}, {M_SQRT1_2, -M_SQRT1_2}};
    const double eighths = angle / M_PI_4;
    const double nearest = nearbyint(eighths);
    if (fabs(nearest) <= 1024 && fabs(eighths - nearest) <= 4 * DBL_EPSILON * fmax(1.0, fabs(eighths))) {
        const double *point = circle[(unsigned)((int)nearest & 7)];
        return bf_complex(point[0], point[1]);
    }
    return bf_complex(cos(angle), sin(angle));
}

/** -i x, whose real part is exactly 0. */
static bf_z_t times_minus_i(double x)
{
    return bf_complex(0, -x);
}

static void set2(bf_z_t *u, bf_z_t u00, bf_z_t u01, bf_z_t u10, bf_z_t u11)
{
    u[0] = u00;
    u[1] = u01;
    u[2] = u10;
    u[3] = u11;
}

static void build_id(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, 1);
}

static void build_x(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 0, 1, 1, 0);
}

static void build_y(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 0, bf_complex(0, -1), bf_complex(0, 1), 0);
}

static void build_z(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, -1);
}

static void build_h(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, M_SQRT1_2, M_SQRT1_2, M_SQRT1_2, -M_SQRT1_2);
}

static void build_p(const double *p, bf_z_t *u)
{
    set2(u, 1, 0, 0, cis(p[0]));
}

static void build_s(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, bf_complex(0, 1));
}

static void build_sdg(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, bf_complex(0, -1));
}

static void build_t(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, bf_complex(M_SQRT1_2, M_SQRT1_2));
}

static void build_tdg(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, 1, 0, 0, bf_complex(M_SQRT1_2, -M_SQRT1_2));
}

static void build_sx(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, bf_complex(0.5, 0.5), bf_complex(0.5, -0.5), bf_complex(0.5, -0.5), bf_complex(0.5, 0.5));
}

static void build_sxdg(const double *p, bf_z_t *u)
{
    (void)p;
    set2(u, bf_complex(0.5, -0.5), bf_complex(0.5, 0.5), bf_complex(0.5, 0.5), bf_complex(0.5, -0.5));
}

static void build_rx(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    set2(u, creal(half), times_minus_i(cimag(half)), times_minus_i(cimag(half)), creal(half));
}

static void build_ry(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    set2(u, creal(half), -cimag(half), cimag(half), creal(half));
}

static void build_rz(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    set2(u, conj(half), 0, 0, half);
}

/** Rotation by p[0] about the axis at angle p[1] in the xy plane. */
static void build_r(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    const bf_z_t axis = cis(p[1]);
    const bf_z_t sine = times_minus_i(cimag(half));
    set2(u, creal(half), sine * conj(axis), sine * axis, creal(half));
}

/** Qiskit's U(theta, phi, lambda): the entry 00 is real. */
static void build_u3(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    const bf_z_t phi = cis(p[1]), lambda = cis(p[2]);
    /* The sum keeps Clifford angles exact; the product keeps the matrix unitary when the sum of large angles is rounded. */
    const bf_z_t both = fabs(p[1]) + fabs(p[2]) < 16 ? cis(p[1] + p[2]) : bf_mul(phi, lambda);
    set2(u, creal(half), -cimag(half) * lambda, cimag(half) * phi, creal(half) * both);
}

static void build_u2(const double *p, bf_z_t *u)
{
    build_u3((const double[]){M_PI_2, p[0], p[1]}, u);
}

/** exp(i gamma) U(theta, phi, lambda). */
static void build_u4(const double *p, bf_z_t *u)
{
    build_u3(p, u);
    const bf_z_t phase = cis(p[3]);
    for (int i = 0; i < 4; i++)
        u[i] *= phase;
}

/** The outer 2 x 2 block (states 00, 11) and the inner one (01, 10); everything else 0. */
static void set_blocks(bf_z_t *u, const bf_z_t outer[4], const bf_z_t inner[4])
{
    memset(u, 0, 16 * sizeof *u);
    u[0] = outer[0];
    u[3] = outer[1];
    u[12] = outer[2];
    u[15] = outer[3];
    u[5] = inner[0];
    u[6] = inner[1];
    u[9] = inner[2];
    u[10] = inner[3];
}

static void build_swap(const double *p, bf_z_t *u)
{
    (void)p;
    set_blocks(u, (const bf_z_t[]){1, 0, 0, 1}, (const bf_z_t[]){0, 1, 1, 0});
}

static void build_iswap(const double *p, bf_z_t *u)
{
    (void)p;
    set_blocks(u, (const bf_z_t[]){1, 0, 0, 1}, (const bf_z_t[]){0, bf_complex(0, 1), bf_complex(0, 1), 0});
}

/** CX from the first qubit, then CX from the second: |s,t> -> |t, s+t>. */
static void build_dcx(const double *p, bf_z_t *u)
{
    (void)p;
    memset(u, 0, 16 * sizeof *u);
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++)
            u[4 * (2 * t + (s ^ t)) + 2 * s + t] = 1;
}

/** (X 1 - Y X)/sqrt 2, first factor on the first qubit. */
static void build_ecr(const double *p, bf_z_t *u)
{
    (void)p;
    const bf_z_t i = bf_complex(0, M_SQRT1_2);
    const bf_z_t rows[16] = {0, 0, M_SQRT1_2, i, 0, 0, i, M_SQRT1_2, M_SQRT1_2, -i, 0, 0, -i, M_SQRT1_2, 0, 0};
    memcpy(u, rows, sizeof rows);
}

static void build_rxx(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    const bf_z_t c = creal(half), s = times_minus_i(cimag(half));
    set_blocks(u, (const bf_z_t[]){c, s, s, c}, (const bf_z_t[]){c, s, s, c});
}

static void build_ryy(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    const bf_z_t c = creal(half), s = times_minus_i(cimag(half)), minus_s = times_minus_i(-cimag(half));
    set_blocks(u, (const bf_z_t[]){c, minus_s, minus_s, c}, (const bf_z_t[]){c, s, s, c});
}

static void build_rzz(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    set_blocks(u, (const bf_z_t[]){conj(half), 0, 0, conj(half)}, (const bf_z_t[]){half, 0, 0, half});
}

/** exp(-i theta/2 Z X): Z on the first qubit. */
static void build_rzx(const double *p, bf_z_t *u)
{
    const bf_z_t half = cis(p[0] / 2);
    const bf_z_t c = creal(half), s = times_minus_i(cimag(half)), minus_s = times_minus_i(-cimag(half));
    const bf_z_t rows[16] = {c, s, 0, 0, s, c, 0, 0, 0, 0, c, minus_s, 0, 0, minus_s, c};
    memcpy(u, rows, sizeof rows);
}

/** Qiskit's XXPlusYYGate(theta, beta); Rz(beta) on the first qubit. */
static void build_xx_plus_yy(const double *p, bf_z_t *u)
{
    bf_z_t rotation[4];
    build_r(p, rotation);
    set_blocks(u, (const bf_z_t[]){1, 0, 0, 1}, (const bf_z_t[]){rotation[0], rotation[2], rotation[1], rotation[3]});
}

/** Qiskit's XXMinusYYGate(theta, beta); Rz(beta) on the second qubit. */
static void build_xx_minus_yy(const double *p, bf_z_t *u)
{
    bf_z_t rotation[4];
    build_r(p, rotation);
    set_blocks(u, rotation, (const bf_z_t[]){1, 0, 0, 1});
}

#define BF_GATE_ROW(identifier, name, qubits, parameters, controls, build, expand)                                               \
    [BF_KIND_##identifier] = {{name, qubits, parameters}, controls, build, expand},
static const row_t table[] = {BF_GATE_LIST(BF_GATE_ROW){.info = {"measure", 1, 0}}, {.info = {"reset", 1, 0}}};
_Static_assert(sizeof table / sizeof table[0] == BF_KIND_RESET + 1, "a row for each kind");
#undef BF_GATE_ROW

const bf_gate_info_t *bf_gate_info(bf_gate_kind_t kind)
{
    return &table[kind].info;
}

int bf_gate_schmidt_rank(bf_gate_kind_t kind)
{
    const bool one_pauli = kind == BF_KIND_RXX || kind == BF_KIND_RYY || kind == BF_KIND_RZZ || kind == BF_KIND_RZX;
    return one_pauli || table[kind].controlled || kind == BF_KIND_ECR ? 2 : 4;
}

bf_status_t bf_gate_names(bf_names_t *names, int version)
{
    for (int kind = version == 2 ? BF_KIND_GPHASE + 1 : 0; kind < BF_KIND_KINDS; kind++)
        BF_TRY(bf_names_set(names, bf_name(table[kind].info.name), kind));
    return BF_OK;
}

void bf_gate_matrix(bf_gate_kind_t kind, const double *params, bf_z_t *u)
{
    if (!table[kind].controlled) {
        table[kind].build(params, u);
        return;
    }
    bf_z_t target[4];
    table[kind].build(params, target);
    memset(u, 0, 16 * sizeof *u);
    u[0] = u[5] = 1;
    u[10] = target[0];
    u[11] = target[1];
    u[14] = target[2];
    u[15] = target[3];
}

int bf_gate_expand(const bf_gate_t *gate, bf_gate_t out[BF_EXPAND_MAX])
{
    if (!table[gate->kind].expand) {
        out[0] = *gate;
        return 1;
    }
    const int count = table[gate->kind].expand(gate, out);
    for (int i = 0; i < count; i++)
        out[i].condition = gate->condition;
    return count;
}
