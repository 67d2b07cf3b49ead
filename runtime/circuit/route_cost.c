/* A bound on bonds that holds for every circuit: only gates between a wire on the left of a cut and one on its right can have
 * raised the bond there, each by its operator-Schmidt rank, whatever the order; one-sided gates cannot. So a bond is known from
 * which pairs have met and where the wires are now. */
#include "runtime/circuit/route_line.h"

#include <stdlib.h>

/* The cost of an update is the product of the three bonds around it, which are taken to stop at 64, and half of that product's
 * largest value: the bound is a crude one, and an update less is an update less. */
enum { LOG_COST_ALONE = 17, LOG_BOND_MAX = 6 };

/** How often two wires have met; a slot of a hash table. */
typedef struct pair {
    bf_site_t wire[2]; /**< ascending */
    int32_t meetings;  /**< 0: free */
} pair_t;

typedef struct bonds {
    const bf_fused_t *fused;
    bf_site_t *wire_at;
    int32_t (*beside)[2]; /**< of each wire: its meetings with those that are on its left now, and on its right */
    int32_t *crossing;    /**< of each cut, [s]: between sites s - 1 and s: ranks of the gates across, as a logarithm */
    pair_t *pairs;        /**< at most half full */
    uint32_t pairs_mask;
} bonds_t;

static int log_bond(const bonds_t *bonds, bf_site_t cut)
{
    const bf_site_t n = bonds->fused->n;
    int bond = bonds->crossing[cut] < LOG_BOND_MAX ? bonds->crossing[cut] : LOG_BOND_MAX;
    bond = cut < bond ? cut : bond;
    return n - cut < bond ? n - cut : bond;
}

/** The slot of two wires, free when they have not met. */
static pair_t *find_pair(const bonds_t *bonds, bf_site_t a, bf_site_t b)
{
    const bf_site_t low = a < b ? a : b, high = a < b ? b : a;
    uint32_t at = ((uint32_t)low * 0x9E3779B1U ^ (uint32_t)high * 0x85EBCA77U) >> 7 & bonds->pairs_mask;
    while (bonds->pairs[at].meetings > 0 && (bonds->pairs[at].wire[0] != low || bonds->pairs[at].wire[1] != high))
        at = (at + 1) & bonds->pairs_mask;
    bonds->pairs[at].wire[0] = low;
    bonds->pairs[at].wire[1] = high;
    return &bonds->pairs[at];
}

/** What either wire has with those it leaves behind comes to cross the cut, what it has with those ahead no longer does. */
static void exchange(bonds_t *bonds, bf_site_t site)
{
    const bf_site_t l = bonds->wire_at[site], r = bonds->wire_at[site + 1];
    const int32_t own = find_pair(bonds, l, r)->meetings;
    int32_t *of_l = bonds->beside[l], *of_r = bonds->beside[r];
    bonds->wire_at[site] = r;
    bonds->wire_at[site + 1] = l;
    bonds->crossing[site + 1] += of_l[0] - (of_l[1] - own) + of_r[1] - (of_r[0] - own);
    of_l[0] += own;
    of_l[1] -= own;
    of_r[0] -= own;
    of_r[1] += own;
}

static void meet(bonds_t *bonds, bf_site_t site)
{
    const bf_site_t l = bonds->wire_at[site], r = bonds->wire_at[site + 1];
    bonds->crossing[site + 1]++;
    bonds->beside[l][1]++;
    bonds->beside[r][0]++;
    find_pair(bonds, l, r)->meetings++;
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
            meet(bonds, op->site);
        if (i + 1 < routed->n_ops && routed->ops[i + 1].update == op->update)
            continue;
        const int l = log_bond(bonds, op->site), m = log_bond(bonds, op->site + 1), r = log_bond(bonds, op->site + 2);
        routed->cost += (double)(1 << LOG_COST_ALONE) + (double)(1 << (l + r + m));
    }
}

bf_status_t bf_route_cost(const bf_fused_t *fused, bf_routed_t *routed)
{
    const size_t n = (size_t)fused->n;
    size_t slots = 64;
    while (slots < 2 * fused->n_ops)
        slots *= 2;
    bonds_t bonds = {.fused = fused,
                     .wire_at = malloc(n * sizeof *bonds.wire_at),
                     .beside = calloc(n, sizeof *bonds.beside),
                     .crossing = calloc(n + 1, sizeof *bonds.crossing),
                     .pairs = calloc(slots, sizeof *bonds.pairs),
                     .pairs_mask = (uint32_t)slots - 1};
    bf_status_t status = BF_OK;
    routed->cost = 0;
    if (bonds.wire_at && bonds.beside && bonds.crossing && bonds.pairs) {
        for (bf_site_t s = 0; s < fused->n; s++)
            bonds.wire_at[s] = s;
        add_costs(&bonds, routed);
    } else {
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for %zu operations", fused->n_ops);
    }
    free(bonds.wire_at);
    free(bonds.beside);
    free(bonds.crossing);
    free(bonds.pairs);
    return status;
}
