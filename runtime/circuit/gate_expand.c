/* Multi-controlled gates by parities: x1 x2 .. xk = 2^(1-k) sum over nonempty subsets S of (-1)^(|S|+1) parity(S), one controlled
 * phase per subset, the subsets in Gray code so that one CX leads from each to the next (Barenco et al., quant-ph/9503016,
 * lemma 7.1). */
#include "runtime/circuit/gate_expand.h"

#include "runtime/circuit/gate_library.h"

#include <math.h>

/** A sequence being written. */
typedef struct sequence {
    bf_gate_t *out;
    int count;
    int32_t line;
} sequence_t;

static void put1(sequence_t *sequence, bf_gate_kind_t kind, bf_site_t q, double angle)
{
    sequence->out[sequence->count++] = (bf_gate_t){.kind = (uint16_t)kind, .line = sequence->line, .q = {q}, .p = {angle}};
}

static void put2(sequence_t *sequence, bf_gate_kind_t kind, bf_site_t q0, bf_site_t q1, double angle)
{
    sequence->out[sequence->count++] = (bf_gate_t){.kind = (uint16_t)kind, .line = sequence->line, .q = {q0, q1}, .p = {angle}};
}

static int highest_bit(unsigned mask)
{
    int bit = 0;
    while (mask >>= 1)
        bit++;
    return bit;
}

/** Phase exp(i angle) where all of q[0..k] are 1. While the subsets change, the wire of the highest control of the subset holds
 *  its parity; it is clean again when the next control becomes the highest. */
static void put_controlled_phase(sequence_t *sequence, const bf_site_t *q, int k, double angle)
{
    const double share = ldexp(angle, 1 - k);
    unsigned last = 0;
    for (unsigned i = 1; i < 1U << k; i++) {
        const unsigned subset = i ^ (i >> 1);
        const int top = highest_bit(subset);
        const int changed = highest_bit(subset ^ last);
        if (changed != top)
            put2(sequence, BF_KIND_CX, q[changed], q[top], 0);
        else if (subset != 1U << top)
            put2(sequence, BF_KIND_CX, q[highest_bit(subset ^ (1U << top))], q[top], 0);
        const bool odd = __builtin_popcount(subset) & 1;
        put2(sequence, BF_KIND_CP, q[top], q[k], odd ? share : -share);
        last = subset;
    }
}

static int expand_controlled(const bf_gate_t *gate, bf_gate_t *out, double angle, bool along_x)
{
    sequence_t sequence = {.out = out, .line = gate->line};
    const int k = bf_gate_info(gate->kind)->n_qubits - 1;
    if (along_x)
        put1(&sequence, BF_KIND_H, gate->q[k], 0);
    put_controlled_phase(&sequence, gate->q, k, angle);
    if (along_x)
        put1(&sequence, BF_KIND_H, gate->q[k], 0);
    return sequence.count;
}

int bf_expand_controlled_x(const bf_gate_t *gate, bf_gate_t *out)
{
    return expand_controlled(gate, out, M_PI, true);
}

int bf_expand_controlled_z(const bf_gate_t *gate, bf_gate_t *out)
{
    return expand_controlled(gate, out, M_PI, false);
}

int bf_expand_controlled_sx(const bf_gate_t *gate, bf_gate_t *out)
{
    return expand_controlled(gate, out, M_PI_2, true);
}

int bf_expand_cswap(const bf_gate_t *gate, bf_gate_t *out)
{
    sequence_t sequence = {.out = out, .line = gate->line};
    const bf_site_t *q = gate->q;
    put2(&sequence, BF_KIND_CX, q[2], q[1], 0);
    put1(&sequence, BF_KIND_H, q[2], 0);
    put_controlled_phase(&sequence, q, 2, M_PI);
    put1(&sequence, BF_KIND_H, q[2], 0);
    put2(&sequence, BF_KIND_CX, q[2], q[1], 0);
    return sequence.count;
}

/** T CX(control) T^-1, the step both simplified gates repeat on their target. */
static void put_phase_step(sequence_t *sequence, bf_site_t control, bf_site_t target)
{
    put1(sequence, BF_KIND_T, target, 0);
    put2(sequence, BF_KIND_CX, control, target, 0);
    put1(sequence, BF_KIND_TDG, target, 0);
}

int bf_expand_rccx(const bf_gate_t *gate, bf_gate_t *out)
{
    sequence_t sequence = {.out = out, .line = gate->line};
    const bf_site_t *q = gate->q;
    put1(&sequence, BF_KIND_H, q[2], 0);
    put_phase_step(&sequence, q[1], q[2]);
    put2(&sequence, BF_KIND_CX, q[0], q[2], 0);
    put_phase_step(&sequence, q[1], q[2]);
    put1(&sequence, BF_KIND_H, q[2], 0);
    return sequence.count;
}

int bf_expand_rc3x(const bf_gate_t *gate, bf_gate_t *out)
{
    sequence_t sequence = {.out = out, .line = gate->line};
    const bf_site_t *q = gate->q;
    put1(&sequence, BF_KIND_H, q[3], 0);
    put_phase_step(&sequence, q[2], q[3]);
    put1(&sequence, BF_KIND_H, q[3], 0);
    for (int i = 0; i < 2; i++) {
        put2(&sequence, BF_KIND_CX, q[0], q[3], 0);
        put_phase_step(&sequence, q[1], q[3]);
    }
    put1(&sequence, BF_KIND_H, q[3], 0);
    put_phase_step(&sequence, q[2], q[3]);
    put1(&sequence, BF_KIND_H, q[3], 0);
    return sequence.count;
}
