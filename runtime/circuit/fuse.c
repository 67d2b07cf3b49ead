/* The gates of the circuit, one after the other, given to the blocks. */
#include "runtime/circuit/fuse.h"

#include "runtime/circuit/blocks.h"
#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/native.h"

#include <stdlib.h>
#include <string.h>

typedef struct fuser {
    bf_fused_t *fused;
    bf_blocks_t *blocks;
    bf_site_t *qubit_on;            /**< of each wire */
    bf_pool_t kinds;                /**< matrices of gates without parameters, those that have come up */
    uint32_t sum_of[BF_KIND_KINDS]; /**< 1 + number of a native gate's operator, 0: not yet */
    uint32_t known[BF_KIND_KINDS];  /**< 1 + number of a kind's matrix there, 0: not yet */
} fuser_t;

static void exchange_qubits(fuser_t *fuser, const bf_site_t w[2])
{
    const bf_site_t q0 = fuser->qubit_on[w[0]], q1 = fuser->qubit_on[w[1]];
    fuser->fused->wire_of[q0] = w[1];
    fuser->fused->wire_of[q1] = w[0];
    fuser->qubit_on[w[0]] = q1;
    fuser->qubit_on[w[1]] = q0;
}

static bf_status_t add_dynamic(fuser_t *fuser, const bf_site_t w[2], const bf_gate_t *gate)
{
    bf_z_t u[16];
    bf_fused_op_t op = {.wire = {w[0], w[1]}, .line = gate->line, .condition = gate->condition};
    if (gate->kind < BF_KIND_KINDS) {
        bf_gate_matrix((bf_gate_kind_t)gate->kind, gate->p, u);
        return bf_blocks_dynamic(fuser->blocks, op, u);
    }
    op.kind = gate->kind == BF_KIND_MEASURE ? BF_OP_MEASURE : BF_OP_RESET;
    op.bit = gate->q[1];
    return bf_blocks_dynamic(fuser->blocks, op, NULL);
}

static bf_status_t add_free(fuser_t *fuser, const bf_site_t w[2], const bf_gate_t *gate)
{
    bf_factor_t factor = {.kind = gate->kind, .free = gate->free, .where = w[1] < 0 ? BF_ON_FIRST : BF_ON_BOTH};
    memcpy(factor.p, gate->p, sizeof factor.p);
    return bf_blocks_factors(fuser->blocks, w, &factor, 1, fuser->fused, false, gate->line);
}

/** Gates without parameters are built once; each of those on two qubits entangles, but for SWAP. */
static bf_status_t add2(fuser_t *fuser, const bf_site_t w[2], const bf_gate_t *gate, bool *exchanged)
{
    bf_z_t u[16];
    uint32_t *known = &fuser->known[gate->kind];
    if (bf_gate_info((bf_gate_kind_t)gate->kind)->n_params > 0) {
        bf_gate_matrix((bf_gate_kind_t)gate->kind, gate->p, u);
        return bf_blocks_gate2(fuser->blocks, w, u, gate->line, exchanged);
    }
    if (!*known) {
        bf_gate_matrix((bf_gate_kind_t)gate->kind, gate->p, u);
        BF_TRY(bf_pool_intern(&fuser->kinds, u, known));
        ++*known;
    }
    return bf_blocks_source2(fuser->blocks, w, *known - 1, 0, gate->line, exchanged);
}

static bf_status_t add_gate(fuser_t *fuser, const bf_gate_t *gate)
{
    const bool two = bf_gate_info((bf_gate_kind_t)gate->kind)->n_qubits == 2;
    const bf_site_t *wire_of = fuser->fused->wire_of;
    const bf_site_t w[2] = {wire_of[gate->q[0]], two ? wire_of[gate->q[1]] : BF_NO_WIRE};
    if (gate->condition != 0 || gate->kind >= BF_KIND_KINDS)
        return add_dynamic(fuser, w, gate);
    if (gate->kind == BF_KIND_SWAP) {
        exchange_qubits(fuser, w);
        return BF_OK;
    }
    if (gate->free)
        return add_free(fuser, w, gate);
    if (!two) {
        bf_z_t u[4];
        bf_gate_matrix((bf_gate_kind_t)gate->kind, gate->p, u);
        return bf_blocks_gate1(fuser->blocks, w[0], u, gate->line);
    }
    bool exchanged = false;
    BF_TRY(add2(fuser, w, gate, &exchanged));
    if (exchanged)
        exchange_qubits(fuser, w);
    return BF_OK;
}

static bf_status_t intern_sum(fuser_t *fuser, const bf_gate_t *gate)
{
    bf_fused_t *fused = fuser->fused;
    if (fuser->sum_of[gate->kind])
        return BF_OK;
    bf_sum_t *sums = realloc(fused->sums, (fused->n_sums + 1) * sizeof *sums);
    if (!sums)
        return bf_error_set(BF_ERR_NOMEM, "out of memory while fusing gates");
    fused->sums = sums;
    bf_native_sum((bf_gate_kind_t)gate->kind, &sums[fused->n_sums++]);
    fuser->sum_of[gate->kind] = (uint32_t)fused->n_sums;
    return BF_OK;
}

static bf_status_t add_native(fuser_t *fuser, const bf_gate_t *gate)
{
    bf_fused_t *fused = fuser->fused;
    if ((fused->n_natives & (fused->n_natives - 1)) == 0) { /* none, or a power of two: the room is used up */
        bf_native_t *natives = realloc(fused->natives, (fused->n_natives ? 2 * fused->n_natives : 1) * sizeof *natives);
        if (!natives)
            return bf_error_set(BF_ERR_NOMEM, "out of memory while fusing gates");
        fused->natives = natives;
    }
    BF_TRY(intern_sum(fuser, gate));
    bf_native_t *native = &fused->natives[fused->n_natives];
    *native = (bf_native_t){.sum = fuser->sum_of[gate->kind] - 1, .line = gate->line};
    const int n = fused->sums[native->sum].n_sites;
    for (int i = 0; i < n; i++)
        native->wires[i] = fused->wire_of[gate->q[i]];
    for (int i = n; i-- > 0;)
        BF_TRY(bf_blocks_dynamic(fuser->blocks,
                                 (bf_fused_op_t){.wire = {native->wires[i], BF_NO_WIRE},
                                                 .line = gate->line,
                                                 .kind = i > 0 ? BF_FUSED_FENCE : BF_FUSED_NATIVE,
                                                 .matrix = (uint32_t)fused->n_natives},
                                 NULL));
    fused->n_natives++;
    return BF_OK;
}

static bf_status_t add_gates(fuser_t *fuser, const bf_circuit_t *circuit, bool native)
{
    bf_gate_t parts[BF_EXPAND_MAX];
    for (size_t i = 0; i < circuit->n_gates; i++) {
        if (native && bf_is_native(&circuit->gates[i])) {
            BF_TRY(add_native(fuser, &circuit->gates[i]));
            continue;
        }
        const int n_parts = bf_gate_expand(&circuit->gates[i], parts);
        for (int k = 0; k < n_parts; k++)
            BF_TRY(add_gate(fuser, &parts[k]));
    }
    return bf_blocks_finish(fuser->blocks);
}

bf_status_t bf_fuse(const bf_circuit_t *circuit, bool fuse, bool native, bf_site_t n, const bf_site_t *site_of, bf_fused_t *fused)
{
    *fused = (bf_fused_t){.n = n,
                          .matrices = {.entries = 16, .stride = 16 * sizeof(bf_z_t)},
                          .matrices1 = {.entries = 4, .stride = 4 * sizeof(bf_z_t)},
                          .wire_of = malloc((size_t)n * sizeof *fused->wire_of)};
    fuser_t fuser = {.fused = fused,
                     .qubit_on = malloc((size_t)n * sizeof *fuser.qubit_on),
                     .kinds = {.entries = 16, .stride = 16 * sizeof(bf_z_t)}};
    bf_status_t status =
        bf_blocks_begin(n, fuse ? BF_BLOCKS_CORES : BF_BLOCKS_APART, &fuser.kinds, BF_KIND_KINDS, fused, &fuser.blocks);
    if (!fused->wire_of || !fuser.qubit_on)
        status = bf_error_set(BF_ERR_NOMEM, "out of memory while fusing gates");
    if (status >= 0) {
        for (bf_site_t q = 0; q < n; q++) {
            fused->wire_of[q] = site_of ? site_of[q] : q;
            fuser.qubit_on[fused->wire_of[q]] = q;
        }
        status = add_gates(&fuser, circuit, native);
    }
    bf_blocks_end(fuser.blocks);
    bf_pool_clear(&fuser.kinds);
    free(fuser.qubit_on);
    return status;
}

void bf_fused_clear(bf_fused_t *fused)
{
    free(fused->ops);
    free(fused->wire_of);
    bf_pool_clear(&fused->matrices);
    bf_pool_clear(&fused->matrices1);
    for (size_t i = 0; i < fused->n_recipes; i++)
        free(fused->recipes[i].factors);
    free(fused->recipes);
    free(fused->sums);
    free(fused->natives);
    free(fused->spans);
    *fused = (bf_fused_t){0};
}
