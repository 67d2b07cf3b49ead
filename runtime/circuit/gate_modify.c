/* Everything comes down to phases exp(i a) where all of some qubits are 1, between gates that need no control because they cancel
 * when the controlled part is absent. */
#include "runtime/circuit/gate_modify.h"

#include "runtime/circuit/gate_expand.h"

#include <math.h>
#include <string.h>

/** Room for all controls, the gate's own, and its target. */
enum { QUBITS = BF_MAX_CONTROLS + BF_GATE_QUBITS };

/** A gate being written. */
typedef struct writer {
    bf_circuit_t *circuit;
    int32_t line;
    double exponent;
    const char *why;
    bf_site_t q[QUBITS]; /**< the controls, and after them the target */
    int n_controls;
} writer_t;

static bf_status_t refuse(writer_t *writer, const char *why)
{
    writer->why = why;
    return BF_ERR_INPUT;
}

static bf_status_t put(writer_t *writer, bf_gate_kind_t kind, int n_qubits, const bf_site_t *q, const bf_value_t *angle)
{
    bf_gate_t gate = {.kind = (uint16_t)kind, .line = writer->line};
    memcpy(gate.q, q, (size_t)n_qubits * sizeof *q);
    if (angle)
        bf_gate_set(&gate, 0, *angle);
    return bf_circuit_append(writer->circuit, &gate);
}

static bf_status_t put1(writer_t *writer, bf_gate_kind_t kind, bf_site_t q)
{
    return put(writer, kind, 1, &q, NULL);
}

static bf_status_t put2(writer_t *writer, bf_gate_kind_t kind, bf_site_t a, bf_site_t b)
{
    return put(writer, kind, 2, (const bf_site_t[]){a, b}, NULL);
}

static bf_status_t put_turn(writer_t *writer, bf_gate_kind_t kind, bf_site_t q, bf_value_t angle)
{
    return put(writer, kind, 1, &q, &angle);
}

/** factor * a, which may depend on inputs. */
static bf_status_t scale(writer_t *writer, bf_value_t a, double factor, bf_value_t *scaled)
{
    if (factor == 1) {
        *scaled = a;
        return BF_OK;
    }
    return bf_value_binary(&writer->circuit->expressions, BF_EX_MULTIPLY, bf_value_real(factor), a, scaled, &writer->why);
}

/** exponent * a. A power that is no integer takes @p a within half a @p period of 0, the principal branch. */
static bf_status_t raise(writer_t *writer, bf_value_t a, double period, bf_value_t *raised)
{
    if (writer->exponent != rint(writer->exponent)) {
        if (a.expression >= 0)
            return refuse(writer, "a power that is no integer of an angle that depends on an input, expected an integer");
        a.number = remainder(a.number, period);
        if (a.number == -period / 2)
            a.number = period / 2;
    }
    return scale(writer, a, writer->exponent, raised);
}

/* X under many controls. */

/** X on @p target where all of c are 1; @p dirty holds at least n - 2 other qubits in any state, which get it back. */
static bf_status_t put_x_chain(writer_t *writer, const bf_site_t *c, int n, const bf_site_t *dirty, bf_site_t target)
{
    if (n == 1)
        return put2(writer, BF_KIND_CX, c[0], target);
    if (n == 2)
        return put(writer, BF_KIND_CCX, 3, (const bf_site_t[]){c[0], c[1], target}, NULL);
    for (int round = 0; round < 2; round++) {
        const int top = n - 1 - round; /* the second round undoes what the first left on the borrowed qubits */
        for (int at = -top; at <= top; at++) {
            const int i = at < 0 ? -at : at; /* top .. 2, the first pair, 2 .. top */
            if (i == 1)
                continue;
            const bf_site_t to = i == 0 ? dirty[0] : i == n - 1 ? target : dirty[i - 1];
            const bf_site_t q[3] = {i == 0 ? c[0] : c[i], i == 0 ? c[1] : dirty[i - 2], to};
            BF_TRY(put(writer, BF_KIND_CCX, 3, q, NULL));
        }
    }
    return BF_OK;
}

/** X on @p target where all of c are 1, n >= 1, with one borrowed qubit in any state. */
static bf_status_t put_x(writer_t *writer, const bf_site_t *c, int n, bf_site_t borrowed, bf_site_t target)
{
    static const bf_gate_kind_t kinds[] = {BF_KIND_X, BF_KIND_CX, BF_KIND_CCX, BF_KIND_C3X, BF_KIND_C4X};
    if (n <= 4) {
        bf_site_t q[BF_GATE_QUBITS];
        memcpy(q, c, (size_t)n * sizeof *q);
        q[n] = target;
        return put(writer, kinds[n], n + 1, q, NULL);
    }
    const int half = (n + 1) / 2;
    bf_site_t upper[QUBITS + 1];
    memcpy(upper, c + half, (size_t)(n - half) * sizeof *upper);
    upper[n - half] = borrowed; /* as a control of the second part; the target is borrowed by the first */
    bf_site_t free_of_lower[QUBITS + 1];
    memcpy(free_of_lower, c + half, (size_t)(n - half) * sizeof *free_of_lower);
    free_of_lower[n - half] = target;
    for (int i = 0; i < 2; i++) {
        BF_TRY(put_x_chain(writer, c, half, free_of_lower, borrowed));
        BF_TRY(put_x_chain(writer, upper, n - half + 1, c, target));
    }
    return BF_OK;
}

/** Phase exp(i angle) where all n >= 1 of q are 1. */
static bf_status_t put_phase(writer_t *writer, const bf_site_t *q, int n, bf_value_t angle)
{
    if (n <= 2)
        return put(writer, n == 1 ? BF_KIND_P : BF_KIND_CP, n, q, &angle);
    /* exp(i a xyz): half of a on (x, z), and on x = the last control, half of it again where the others flip x. */
    const bf_site_t pair[2] = {q[n - 2], q[n - 1]};
    bf_site_t rest[QUBITS];
    bf_value_t half, minus_half;
    BF_TRY(scale(writer, angle, 0.5, &half));
    BF_TRY(scale(writer, angle, -0.5, &minus_half));
    memcpy(rest, q, (size_t)(n - 2) * sizeof *rest);
    rest[n - 2] = q[n - 1];
    BF_TRY(put(writer, BF_KIND_CP, 2, pair, &half));
    BF_TRY(put_x(writer, q, n - 2, q[n - 1], q[n - 2]));
    BF_TRY(put(writer, BF_KIND_CP, 2, pair, &minus_half));
    BF_TRY(put_x(writer, q, n - 2, q[n - 1], q[n - 2]));
    return put_phase(writer, rest, n - 1, half);
}

/* One-qubit gates under the controls of the writer. */

/** The basis change that makes a gate a phase: it is this, then diag(1, exp(i angle)), then the same back. */
typedef enum basis { PHASE_OF_Z, PHASE_OF_X, PHASE_OF_Y, PHASE_OF_H } basis_t;

static bf_status_t change_basis(writer_t *writer, basis_t basis, bf_site_t q, bool back)
{
    switch (basis) {
    case PHASE_OF_X:
        return put1(writer, BF_KIND_H, q);
    case PHASE_OF_Y: /* Y = S X S^-1 */
        if (back) {
            BF_TRY(put1(writer, BF_KIND_H, q));
            return put1(writer, BF_KIND_S, q);
        }
        BF_TRY(put1(writer, BF_KIND_SDG, q));
        return put1(writer, BF_KIND_H, q);
    case PHASE_OF_H: /* H = Ry(pi/4) Z Ry(-pi/4) */
        return put_turn(writer, BF_KIND_RY, q, bf_value_real(back ? M_PI_4 : -M_PI_4));
    case PHASE_OF_Z:
    default:
        return BF_OK;
    }
}

static bf_status_t put_phase_in_basis(writer_t *writer, basis_t basis, bf_value_t angle)
{
    const int n = writer->n_controls;
    bf_value_t scaled;
    BF_TRY(raise(writer, angle, 2 * M_PI, &scaled));
    BF_TRY(change_basis(writer, basis, writer->q[n], false));
    BF_TRY(put_phase(writer, writer->q, n + 1, scaled));
    return change_basis(writer, basis, writer->q[n], true);
}

/** exp(-i angle/2 P) in a basis: a phase where the target is 1, and minus half of it everywhere. */
static bf_status_t put_rotation(writer_t *writer, basis_t basis, bf_gate_kind_t kind, bf_gate_kind_t controlled, bf_value_t angle)
{
    const int n = writer->n_controls;
    bf_value_t scaled, minus_half;
    BF_TRY(raise(writer, angle, 4 * M_PI, &scaled));
    if (n <= 1)
        return put(writer, n == 0 ? kind : controlled, n + 1, writer->q, &scaled);
    BF_TRY(scale(writer, scaled, -0.5, &minus_half));
    BF_TRY(put_phase(writer, writer->q, n, minus_half));
    BF_TRY(change_basis(writer, basis, writer->q[n], false));
    BF_TRY(put_phase(writer, writer->q, n + 1, scaled));
    return change_basis(writer, basis, writer->q[n], true);
}

/** U(theta, phi, lambda) = P(phi) Ry(theta) P(lambda). */
static bf_status_t put_u(writer_t *writer, bf_value_t theta, bf_value_t phi, bf_value_t lambda)
{
    if (fabs(writer->exponent) != 1)
        return refuse(writer, "a power of a general rotation that is no integer, expected an integer");
    const bool inverse = writer->exponent < 0;
    BF_TRY(put_phase_in_basis(writer, PHASE_OF_Z, inverse ? phi : lambda));
    BF_TRY(put_rotation(writer, PHASE_OF_Y, BF_KIND_RY, BF_KIND_CRY, theta));
    return put_phase_in_basis(writer, PHASE_OF_Z, inverse ? lambda : phi);
}

/** Gates with a name that are phases in some basis. */
static const struct {
    bf_gate_kind_t kind;
    basis_t basis;
    double angle;
} phases[] = {{BF_KIND_X, PHASE_OF_X, M_PI},      {BF_KIND_Y, PHASE_OF_Y, M_PI},      {BF_KIND_Z, PHASE_OF_Z, M_PI},
              {BF_KIND_H, PHASE_OF_H, M_PI},      {BF_KIND_S, PHASE_OF_Z, M_PI_2},    {BF_KIND_SDG, PHASE_OF_Z, -M_PI_2},
              {BF_KIND_T, PHASE_OF_Z, M_PI_4},    {BF_KIND_TDG, PHASE_OF_Z, -M_PI_4}, {BF_KIND_SX, PHASE_OF_X, M_PI_2},
              {BF_KIND_SXDG, PHASE_OF_X, -M_PI_2}};

static bf_status_t put_named_phase(writer_t *writer, bf_gate_kind_t kind, basis_t basis, double angle)
{
    static const bf_gate_kind_t controlled[][2] = {{BF_KIND_X, BF_KIND_CX}, {BF_KIND_Y, BF_KIND_CY}, {BF_KIND_H, BF_KIND_CH}};
    const int n = writer->n_controls;
    const bool itself = writer->exponent == 1 || (writer->exponent == -1 && fabs(angle) == M_PI);
    if (itself && n == 0)
        return put1(writer, kind, writer->q[0]);
    if (itself && kind == BF_KIND_X && n <= 4)
        return put_x(writer, writer->q, n, -1, writer->q[n]);
    for (int i = 0; i < 3 && itself && n == 1; i++)
        if (controlled[i][0] == kind)
            return put(writer, controlled[i][1], 2, writer->q, NULL);
    return put_phase_in_basis(writer, basis, bf_value_real(angle));
}

/** A one-qubit gate with the parameters of @p from. */
static bf_status_t put_base(writer_t *writer, bf_gate_kind_t kind, const bf_gate_t *from)
{
    const bf_value_t p0 = bf_gate_param(from, 0), p1 = bf_gate_param(from, 1), p2 = bf_gate_param(from, 2);
    const bf_site_t target = writer->q[writer->n_controls];
    bf_value_t minus;
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        if (phases[i].kind == kind)
            return put_named_phase(writer, kind, phases[i].basis, phases[i].angle);
    switch (kind) {
    case BF_KIND_ID:
    case BF_KIND_U0:
        return BF_OK;
    case BF_KIND_RX:
        return put_rotation(writer, PHASE_OF_X, BF_KIND_RX, BF_KIND_CRX, p0);
    case BF_KIND_RY:
        return put_rotation(writer, PHASE_OF_Y, BF_KIND_RY, BF_KIND_CRY, p0);
    case BF_KIND_RZ:
        return put_rotation(writer, PHASE_OF_Z, BF_KIND_RZ, BF_KIND_CRZ, p0);
    case BF_KIND_R: /* Rz(phi) Rx(theta) Rz(-phi) */
        BF_TRY(scale(writer, p1, -1, &minus));
        BF_TRY(put_turn(writer, BF_KIND_RZ, target, minus));
        BF_TRY(put_rotation(writer, PHASE_OF_X, BF_KIND_RX, BF_KIND_CRX, p0));
        return put_turn(writer, BF_KIND_RZ, target, p1);
    case BF_KIND_U2: {
        bf_value_t theta = bf_value_real(M_PI_2);
        return put_u(writer, theta, p0, p1);
    }
    case BF_KIND_U3:
    case BF_KIND_U:
    case BF_KIND_U_BUILTIN:
        return put_u(writer, p0, p1, p2);
    default: /* p, u1, phase */
        return put_phase_in_basis(writer, PHASE_OF_Z, p0);
    }
}

/* Two-qubit gates. */

/** Gates that are a one-qubit gate under controls of their own. */
static const struct {
    bf_gate_kind_t kind, base;
} own_controls[] = {{BF_KIND_CX, BF_KIND_X},     {BF_KIND_CX_BUILTIN, BF_KIND_X}, {BF_KIND_CY, BF_KIND_Y},
                    {BF_KIND_CZ, BF_KIND_Z},     {BF_KIND_CH, BF_KIND_H},         {BF_KIND_CS, BF_KIND_S},
                    {BF_KIND_CSDG, BF_KIND_SDG}, {BF_KIND_CSX, BF_KIND_SX},       {BF_KIND_CRX, BF_KIND_RX},
                    {BF_KIND_CRY, BF_KIND_RY},   {BF_KIND_CRZ, BF_KIND_RZ},       {BF_KIND_CP, BF_KIND_P},
                    {BF_KIND_CPHASE, BF_KIND_P}, {BF_KIND_CU1, BF_KIND_P},        {BF_KIND_CU3, BF_KIND_U3},
                    {BF_KIND_CU, BF_KIND_U3},    {BF_KIND_CCX, BF_KIND_X},        {BF_KIND_CCZ, BF_KIND_Z},
                    {BF_KIND_C3X, BF_KIND_X},    {BF_KIND_C3SQRTX, BF_KIND_SX},   {BF_KIND_C4X, BF_KIND_X}};

/** Add the controls and the target of such a gate to those of the writer, and write its base. */
static bf_status_t put_own_controls(writer_t *writer, const bf_gate_t *gate, bf_gate_kind_t base)
{
    const int n_qubits = bf_gate_info((bf_gate_kind_t)gate->kind)->n_qubits;
    memcpy(writer->q + writer->n_controls, gate->q, (size_t)n_qubits * sizeof gate->q[0]);
    writer->n_controls += n_qubits - 1;
    if (gate->kind == BF_KIND_CU) {
        bf_value_t phase;
        BF_TRY(scale(writer, bf_gate_param(gate, 3), writer->exponent, &phase));
        BF_TRY(put_phase(writer, writer->q, writer->n_controls, phase));
    }
    return put_base(writer, base, gate);
}

/** exp(-i angle/2 A B): the bases of both qubits changed to Z, their parity on the second, a rotation of it. */
static bf_status_t put_pair_rotation(writer_t *writer, const bf_site_t q[2], basis_t a, basis_t b, bf_value_t angle)
{
    writer->q[writer->n_controls] = q[1];
    BF_TRY(change_basis(writer, a, q[0], false));
    BF_TRY(change_basis(writer, b, q[1], false));
    BF_TRY(put2(writer, BF_KIND_CX, q[0], q[1]));
    BF_TRY(put_rotation(writer, PHASE_OF_Z, BF_KIND_RZ, BF_KIND_CRZ, angle));
    BF_TRY(put2(writer, BF_KIND_CX, q[0], q[1]));
    BF_TRY(change_basis(writer, b, q[1], true));
    return change_basis(writer, a, q[0], true);
}

/** exp(-i theta/4 (XX + YY)) turned by beta on the first qubit, or exp(-i theta/4 (XX - YY)) on the second. */
static bf_status_t put_exchange(writer_t *writer, const bf_site_t q[2], bf_value_t theta, bf_value_t beta, bool minus)
{
    bf_value_t half, other_half, minus_beta;
    BF_TRY(scale(writer, theta, 0.5, &half));
    BF_TRY(scale(writer, theta, minus ? -0.5 : 0.5, &other_half));
    BF_TRY(scale(writer, beta, -1, &minus_beta));
    BF_TRY(put_turn(writer, BF_KIND_RZ, q[minus], minus ? minus_beta : beta));
    BF_TRY(put_pair_rotation(writer, q, PHASE_OF_X, PHASE_OF_X, half));
    BF_TRY(put_pair_rotation(writer, q, PHASE_OF_Y, PHASE_OF_Y, other_half));
    return put_turn(writer, BF_KIND_RZ, q[minus], minus ? beta : minus_beta);
}

/** X on @p to where @p from and the controls are 1. */
static bf_status_t put_controlled_x(writer_t *writer, bf_site_t from, bf_site_t to)
{
    writer_t inner = *writer;
    inner.q[inner.n_controls++] = from;
    inner.q[inner.n_controls] = to;
    return put_named_phase(&inner, BF_KIND_X, PHASE_OF_X, M_PI);
}

/** Gates that are no rotations and have integer powers only. */
static bf_status_t put_exchange_gate(writer_t *writer, const bf_gate_t *gate)
{
    const bf_site_t *q = gate->q;
    if (fabs(writer->exponent) != 1)
        return refuse(writer, "a power of this gate that is no integer, expected an integer");
    switch ((bf_gate_kind_t)gate->kind) {
    case BF_KIND_SWAP:
        if (writer->n_controls == 0)
            return put2(writer, BF_KIND_SWAP, q[0], q[1]);
        BF_TRY(put2(writer, BF_KIND_CX, q[1], q[0]));
        BF_TRY(put_controlled_x(writer, q[0], q[1]));
        return put2(writer, BF_KIND_CX, q[1], q[0]);
    case BF_KIND_ECR: { /* Rzx(pi/4), X, Rzx(-pi/4): its own inverse */
        writer_t bare = *writer;
        bare.n_controls = 0;
        bare.exponent = 1;
        BF_TRY(put_pair_rotation(&bare, q, PHASE_OF_Z, PHASE_OF_X, bf_value_real(M_PI_4)));
        writer->q[writer->n_controls] = q[0];
        BF_TRY(put_named_phase(writer, BF_KIND_X, PHASE_OF_X, M_PI));
        return put_pair_rotation(&bare, q, PHASE_OF_Z, PHASE_OF_X, bf_value_real(-M_PI_4));
    }
    default: { /* dcx: CX from the first, then from the second */
        const int first = writer->exponent < 0;
        BF_TRY(put_controlled_x(writer, q[first], q[!first]));
        return put_controlled_x(writer, q[!first], q[first]);
    }
    }
}

static bf_status_t put_two_qubit_gate(writer_t *writer, const bf_gate_t *gate)
{
    const bf_value_t p0 = bf_gate_param(gate, 0), p1 = bf_gate_param(gate, 1);
    switch ((bf_gate_kind_t)gate->kind) {
    case BF_KIND_RXX:
        return put_pair_rotation(writer, gate->q, PHASE_OF_X, PHASE_OF_X, p0);
    case BF_KIND_RYY:
        return put_pair_rotation(writer, gate->q, PHASE_OF_Y, PHASE_OF_Y, p0);
    case BF_KIND_RZZ:
        return put_pair_rotation(writer, gate->q, PHASE_OF_Z, PHASE_OF_Z, p0);
    case BF_KIND_RZX:
        return put_pair_rotation(writer, gate->q, PHASE_OF_Z, PHASE_OF_X, p0);
    case BF_KIND_XX_PLUS_YY:
        return put_exchange(writer, gate->q, p0, p1, false);
    case BF_KIND_XX_MINUS_YY:
        return put_exchange(writer, gate->q, p0, p1, true);
    case BF_KIND_ISWAP:
        return put_exchange(writer, gate->q, bf_value_real(-M_PI), bf_value_real(0), false);
    default:
        return put_exchange_gate(writer, gate);
    }
}

/* All gates. */

bool bf_gate_has_powers(bf_gate_kind_t kind)
{
    static const bf_gate_kind_t others[] = {BF_KIND_GPHASE,     BF_KIND_ID,         BF_KIND_U0,  BF_KIND_RX,  BF_KIND_RY,
                                            BF_KIND_RZ,         BF_KIND_R,          BF_KIND_P,   BF_KIND_U1,  BF_KIND_PHASE,
                                            BF_KIND_RXX,        BF_KIND_RYY,        BF_KIND_RZZ, BF_KIND_RZX, BF_KIND_ISWAP,
                                            BF_KIND_XX_PLUS_YY, BF_KIND_XX_MINUS_YY};
    for (size_t i = 0; i < sizeof own_controls / sizeof own_controls[0]; i++)
        if (own_controls[i].kind == kind)
            return kind != BF_KIND_CU && bf_gate_has_powers(own_controls[i].base);
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        if (phases[i].kind == kind)
            return true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i] == kind)
            return true;
    return false;
}

static bf_status_t modify(writer_t *writer, const bf_gate_t *gate);

/** Gates with a sequence: each part under the controls, backwards for the inverse. */
static bf_status_t put_sequence(writer_t *writer, const bf_gate_t *gate)
{
    bf_gate_t parts[BF_EXPAND_MAX];
    const int n_parts = bf_gate_expand(gate, parts);
    if (fabs(writer->exponent) != 1)
        return refuse(writer, "a power of this gate that is no integer, expected an integer");
    for (int i = 0; i < n_parts; i++) {
        writer_t part = *writer;
        const bf_status_t status = modify(&part, &parts[writer->exponent < 0 ? n_parts - 1 - i : i]);
        writer->why = part.why;
        BF_TRY(status);
    }
    return BF_OK;
}

static bf_status_t modify(writer_t *writer, const bf_gate_t *gate)
{
    const bf_gate_kind_t kind = (bf_gate_kind_t)gate->kind;
    const int n_qubits = bf_gate_info(kind)->n_qubits;
    if (n_qubits == 0) { /* a global phase */
        bf_value_t phase;
        BF_TRY(scale(writer, bf_gate_param(gate, 0), writer->exponent, &phase));
        return writer->n_controls > 0 ? put_phase(writer, writer->q, writer->n_controls, phase) : BF_OK;
    }
    if (n_qubits == 1) {
        writer->q[writer->n_controls] = gate->q[0];
        return put_base(writer, kind, gate);
    }
    for (size_t i = 0; i < sizeof own_controls / sizeof own_controls[0]; i++)
        if (own_controls[i].kind == kind)
            return put_own_controls(writer, gate, own_controls[i].base);
    if (n_qubits == 2)
        return put_two_qubit_gate(writer, gate);
    return put_sequence(writer, gate);
}

bf_status_t bf_gate_modify(bf_circuit_t *circuit, const bf_gate_t *gate, double exponent, const bf_site_t *controls,
                           int n_controls, const char **why)
{
    writer_t writer = {.circuit = circuit, .line = gate->line, .exponent = exponent, .n_controls = n_controls, .why = ""};
    if (n_controls > 0)
        memcpy(writer.q, controls, (size_t)n_controls * sizeof *controls);
    const bf_status_t status = modify(&writer, gate);
    *why = writer.why;
    return status;
}
