/* A bound on bonds that holds for every circuit: only gates between a wire on the left of a cut and one on its right can have
 * raised the bond there, each by its operator-Schmidt rank, whatever the order; one-sided gates cannot. So a bond is known from
 * which pairs have met and where the wires are now. */
#include "runtime/circuit/route_line.h"

#include <stdlib.h>

/* The cost of an update is the product of the three bonds around it, which are taken to stop at 64, and half of that product's
 * largest value: the bound is a crude one, and an update less is an update less. */
enum { LOG_COST_ALONE = 17, LOG_BOND_MAX = 6 };

/** Pairs that have met, in one list for each wire. */
typedef struct met {
    bf_site_t partner;
    uint32_t next; /**< or BF_NO_ITEM */
} met_t;

typedef struct bonds {
    const bf_fused_t *fused;
    bf_site_t *site, *wire_at;
    uint32_t *head; /**< of each wire */
    met_t *met;
    uint32_t n_met;
    int32_t *crossing; /**< of each cut, [s]: between sites s - 1 and s: ranks of the gates across, as a logarithm */
} bonds_t;

static int log_bond(const bonds_t *bonds, bf_site_t cut)
{
    const bf_site_t n = bonds->fused->n;
    int bond = bonds->crossing[cut] < LOG_BOND_MAX ? bonds->crossing[cut] : LOG_BOND_MAX;
    bond = cut < bond ? cut : bond;
    return n - cut < bond ? n - cut : bond;
}

/** The pairs of a wire that has just crossed @p cut, but for the wire it has changed places with. */
static int32_t crossed(const bonds_t *bonds, bf_site_t w, bf_site_t other, bf_site_t cut)
{
    const bool right = bonds->site[w] >= cut;
    int32_t change = 0;
    for (uint32_t i = bonds->head[w]; i != BF_NO_ITEM; i = bonds->met[i].next)
        if (bonds->met[i].partner != other)
            change += (bonds->site[bonds->met[i].partner] >= cut) == right ? -1 : 1;
    return change;
}

static void exchange(bonds_t *bonds, bf_site_t site)
{
    const bf_site_t l = bonds->wire_at[site], r = bonds->wire_at[site + 1];
    bonds->wire_at[site] = r;
    bonds->wire_at[site + 1] = l;
    bonds->site[r] = site;
    bonds->site[l] = site + 1;
    bonds->crossing[site + 1] += crossed(bonds, l, r, site + 1) + crossed(bonds, r, l, site + 1);
}

static void meet(bonds_t *bonds, const bf_fused_op_t *op, bf_site_t site)
{
    bonds->crossing[site + 1]++;
    for (int side = 0; side < 2; side++) {
        bonds->met[bonds->n_met] = (met_t){op->wire[!side], bonds->head[op->wire[side]]};
        bonds->head[op->wire[side]] = bonds->n_met++;
    }
}

static void add_costs(bonds_t *bonds, bf_routed_t *routed)
{
    for (size_t i = 0; i < routed->n_ops; i++) {
        const bf_routed_op_t *op = &routed->ops[i];
        if (op->update == 0)
            continue;
        if (op->op == BF_ROUTED_SWAP)
            exchange(bonds, op->site);
        else
            meet(bonds, &bonds->fused->ops[op->op], op->site);
        if (i + 1 < routed->n_ops && routed->ops[i + 1].update == op->update)
            continue;
        const int l = log_bond(bonds, op->site), m = log_bond(bonds, op->site + 1), r = log_bond(bonds, op->site + 2);
        routed->cost += (double)(1 << LOG_COST_ALONE) + (double)(1 << (l + r + m));
    }
}

bf_status_t bf_route_cost(const bf_fused_t *fused, bf_routed_t *routed)
{
    const size_t n = (size_t)fused->n;
    bonds_t bonds = {.fused = fused,
                     .site = malloc(n * sizeof *bonds.site),
                     .wire_at = malloc(n * sizeof *bonds.wire_at),
                     .head = malloc(n * sizeof *bonds.head),
                     .met = malloc((2 * fused->n_ops + 1) * sizeof *bonds.met),
                     .crossing = calloc(n + 1, sizeof *bonds.crossing)};
    bf_status_t status = BF_OK;
    routed->cost = 0;
    if (bonds.site && bonds.wire_at && bonds.head && bonds.met && bonds.crossing) {
        for (bf_site_t s = 0; s < fused->n; s++) {
            bonds.site[s] = bonds.wire_at[s] = s;
            bonds.head[s] = BF_NO_ITEM;
        }
        add_costs(&bonds, routed);
    } else {
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for %zu operations", fused->n_ops);
    }
    free(bonds.site);
    free(bonds.wire_at);
    free(bonds.head);
    free(bonds.met);
    free(bonds.crossing);
    return status;
}
