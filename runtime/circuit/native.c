/* Gates as sums of products; routing from one of them to the next. */
#include "runtime/circuit/native.h"

#include <stdlib.h>
#include <string.h>

bool bf_is_native(const bf_gate_t *gate)
{
    if (gate->condition != 0)
        return false;
    switch (gate->kind) {
    case BF_KIND_CCX:
    case BF_KIND_CCZ:
    case BF_KIND_CSWAP:
    case BF_KIND_C3X:
    case BF_KIND_C3SQRTX:
    case BF_KIND_C4X:
        return true;
    default:
        return false;
    }
}

bool bf_has_native(const bf_circuit_t *circuit)
{
    if (bf_circuit_is_dynamic(circuit))
        return false;
    for (size_t i = 0; i < circuit->n_gates; i++)
        if (bf_is_native(&circuit->gates[i]))
            return true;
    return false;
}

static void set(bf_gate1_t *factor, bf_z_t a, bf_z_t b, bf_z_t c, bf_z_t d)
{
    *factor = (bf_gate1_t){.u = {a, b, c, d}};
    bf_gate1_classify(factor);
}

/** 1 + n .. n (V - 1), V on the last site. */
static void set_controlled(bf_gate_kind_t kind, bf_sum_t *sum)
{
    const int last = sum->n_sites - 1;
    bf_z_t v[4];
    bf_gate_matrix(kind == BF_KIND_CCZ ? BF_KIND_Z : kind == BF_KIND_C3SQRTX ? BF_KIND_SX : BF_KIND_X, NULL, v);
    sum->n_terms = 2;
    for (int i = 0; i <= last; i++) {
        set(&sum->factors[0][i], 1, 0, 0, 1);
        set(&sum->factors[1][i], 0, 0, 0, 1);
    }
    set(&sum->factors[1][last], v[0] - 1, v[1], v[2], v[3] - 1);
}

/** SWAP is the sum of all products |a><b| |b><a|, and 1 that of |a><a| |b><b|: 1 + n (SWAP - 1) is four products of such. */
static void set_cswap(bf_sum_t *sum)
{
    static const bf_z_t paulis[4][4] = {{1, 0, 0, 1}, {0, 1, 1, 0}, {0, -1, 1, 0}, {1, 0, 0, -1}}; /* the third is -i Y */
    static const double share[4] = {-0.5, 0.5, -0.5, 0.5}; /* SWAP - 1 = (XX + YY + ZZ - 1) / 2 */
    sum->n_terms = 4;
    for (int t = 0; t < 4; t++) {
        set(&sum->factors[t][0], t == 0, 0, 0, t == 0 ? 1 + share[0] : share[t]);
        for (int i = 1; i < 3; i++)
            set(&sum->factors[t][i], paulis[t][0], paulis[t][1], paulis[t][2], paulis[t][3]);
    }
}

void bf_native_sum(bf_gate_kind_t kind, bf_sum_t *sum)
{
    memset(sum, 0, sizeof *sum);
    sum->n_sites = bf_gate_info(kind)->n_qubits;
    if (kind == BF_KIND_CSWAP)
        set_cswap(sum);
    else
        set_controlled(kind, sum);
}

/* Routing. */

static bool is_native(const bf_fused_op_t *op)
{
    return op->kind == BF_FUSED_NATIVE || op->kind == BF_FUSED_FENCE;
}

/** Parts of a circuit that have been routed one behind the other. */
typedef struct joiner {
    const bf_fused_t *fused;
    bool commute;
    const bf_route_options_t *options;
    bf_routed_t *routed;
    bf_fused_op_t *ops; /**< of a part, on the sites where their wires are */
} joiner_t;

static bf_status_t append(bf_routed_t *routed, const bf_routed_op_t *ops, size_t n_ops)
{
    if (routed->n_ops + n_ops > routed->room) {
        const size_t room = 2 * (routed->n_ops + n_ops);
        bf_routed_op_t *grown = realloc(routed->ops, room * sizeof *grown);
        if (!grown)
            return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu operations", room);
        routed->ops = grown;
        routed->room = room;
    }
    if (n_ops > 0)
        memcpy(routed->ops + routed->n_ops, ops, n_ops * sizeof *ops);
    routed->n_ops += n_ops;
    return BF_OK;
}

/** Operations begin .. end - 1, none of them native. */
static bf_status_t route_part(joiner_t *joiner, size_t begin, size_t end)
{
    const bf_fused_t *fused = joiner->fused;
    bf_routed_t *routed = joiner->routed;
    bf_fused_t part = *fused;
    part.ops = joiner->ops;
    part.n_ops = end - begin;
    for (size_t i = 0; i < part.n_ops; i++) {
        part.ops[i] = fused->ops[begin + i];
        for (int k = 0; k < 2 && part.ops[i].wire[k] >= 0; k++)
            part.ops[i].wire[k] = routed->site_of_wire[part.ops[i].wire[k]];
    }
    bf_dag_t dag;
    bf_routed_t made = {0};
    bf_status_t status = bf_dag_build(&part, joiner->commute, &dag);
    if (status >= 0)
        status = bf_route(&dag, joiner->options, &made);
    for (size_t i = 0; i < made.n_ops && status >= 0; i++) {
        made.ops[i].op += made.ops[i].op == BF_ROUTED_SWAP ? 0 : (uint32_t)begin;
        made.ops[i].update += made.ops[i].update == 0 ? 0 : (uint32_t)routed->n_updates;
    }
    if (status >= 0)
        status = append(routed, made.ops, made.n_ops);
    for (bf_site_t w = 0; w < fused->n && status >= 0; w++)
        routed->site_of_wire[w] = made.site_of_wire[routed->site_of_wire[w]];
    routed->n_updates += made.n_updates;
    bf_routed_clear(&made);
    bf_dag_clear(&dag);
    return status;
}

static bf_status_t place_native(joiner_t *joiner, uint32_t item)
{
    bf_routed_t *routed = joiner->routed;
    const uint32_t number = joiner->fused->ops[item].matrix;
    const bf_native_t *native = &joiner->fused->natives[number];
    bf_site_t first = joiner->fused->n, last = 0;
    for (int i = 0; i < joiner->fused->sums[native->sum].n_sites; i++) {
        const bf_site_t s = routed->site_of_wire[native->wires[i]];
        routed->sites[number][i] = s;
        first = s < first ? s : first;
        last = s > last ? s : last;
    }
    routed->far = routed->far || last - first > joiner->fused->sums[native->sum].n_sites;
    routed->n_updates += (size_t)(last - first);
    routed->n_pushes += (size_t)(last - first);
    return append(routed, &(bf_routed_op_t){.site = first, .op = item}, 1);
}

static bf_status_t route_parts(joiner_t *joiner)
{
    const bf_fused_t *fused = joiner->fused;
    for (size_t begin = 0; begin < fused->n_ops;) {
        size_t end = begin;
        while (end < fused->n_ops && !is_native(&fused->ops[end]))
            end++;
        if (end > begin)
            BF_TRY(route_part(joiner, begin, end));
        for (; end < fused->n_ops && is_native(&fused->ops[end]); end++)
            if (fused->ops[end].kind == BF_FUSED_NATIVE)
                BF_TRY(place_native(joiner, (uint32_t)end));
        begin = end;
    }
    return BF_OK;
}

bf_status_t bf_route_native(const bf_fused_t *fused, bool commute, const bf_route_options_t *options, bf_routed_t *routed)
{
    *routed = (bf_routed_t){.site_of_wire = malloc((size_t)fused->n * sizeof *routed->site_of_wire),
                            .sites = malloc((fused->n_natives + 1) * sizeof *routed->sites)};
    joiner_t joiner = {.fused = fused,
                       .commute = commute,
                       .options = options,
                       .routed = routed,
                       .ops = malloc((fused->n_ops + 1) * sizeof *joiner.ops)};
    bf_status_t status = BF_OK;
    if (routed->site_of_wire && routed->sites && joiner.ops) {
        for (bf_site_t w = 0; w < fused->n; w++)
            routed->site_of_wire[w] = w;
        status = route_parts(&joiner);
    } else {
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", fused->n_ops);
    }
    free(joiner.ops);
    return status;
}
