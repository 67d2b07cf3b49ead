/* Which way of routing, and the order in which its operations are handed on. */
#include "runtime/circuit/route_line.h"

#include <stdlib.h>
#include <string.h>

/** The ways that look at the whole line for every swap are for circuits of this size. */
enum { FIELD_OPS = 3000, FIELD_SITES = 4096 };

/* A routed circuit this long is not routed again: looking for a better way would take seconds. */
enum { LONG_CIRCUIT = 2000000 };

/** Sort by depth: operations that can run at the same time come together. Operations of a depth stay in their order. */
static bf_status_t sort_layers(const bf_fused_t *fused, bf_routed_t *routed)
{
    const size_t n_ops = routed->n_ops;
    uint32_t *depth = malloc((n_ops + 1) * sizeof *depth), *count = calloc(n_ops + 2, sizeof *count);
    uint32_t *at = calloc((size_t)fused->n, sizeof *at); /* depth of each site so far */
    bf_routed_op_t *sorted = malloc((n_ops + 1) * sizeof *sorted);
    bf_status_t status = BF_OK;
    if (depth && count && at && sorted) {
        uint32_t last = 0, dynamic = 0;
        for (size_t i = 0; i < n_ops; i++) {
            const bf_routed_op_t *op = &routed->ops[i];
            const bool two = op->update != 0;
            uint32_t own = at[op->site];
            if (two)
                own = (own > at[op->site + 1] ? own : at[op->site + 1]) + (op->update != last);
            if (op->op != BF_ROUTED_SWAP && bf_fused_is_dynamic(&fused->ops[op->op])) /* these keep their order, too */
                dynamic = own = own > dynamic ? own : dynamic;
            at[op->site] = own;
            if (two)
                at[op->site + 1] = own;
            last = two ? op->update : last;
            depth[i] = own;
            count[own + 1]++;
        }
        for (size_t d = 1; d < n_ops + 2; d++)
            count[d] += count[d - 1];
        for (size_t i = 0; i < n_ops; i++)
            sorted[count[depth[i]]++] = routed->ops[i];
        if (n_ops > 0)
            memcpy(routed->ops, sorted, n_ops * sizeof *sorted);
    } else {
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for %zu operations", n_ops);
    }
    free(depth);
    free(count);
    free(at);
    free(sorted);
    return status;
}

static bool all_neighbours(const bf_fused_t *fused)
{
    for (size_t i = 0; i < fused->n_ops; i++)
        if (fused->ops[i].wire[1] >= 0 && abs(fused->ops[i].wire[0] - fused->ops[i].wire[1]) != 1)
            return false;
    return true;
}

/** Ways by number, the ones most often cheapest first: the first walk, which is quick, the fields, the other walks. */
enum { FIRST_FIELD = 1, FIRST_WALK = FIRST_FIELD + BF_ROUTE_FIELDS, WAYS = BF_ROUTE_WALKS + BF_ROUTE_FIELDS, SWEEP = WAYS, BACK };

static bool is_field(int way)
{
    return way >= FIRST_FIELD && way < FIRST_WALK;
}

static bf_status_t attempt(const bf_dag_t *dag, bool merge, int way, size_t par, bf_outcome_t *outcome, bf_routed_t *routed)
{
    bf_line_t line;
    bf_status_t status = bf_line_open(dag->fused, merge, routed, &line);
    line.par = par;
    if (status >= 0 && way == SWEEP)
        status = bf_route_sweep(dag, &line);
    else if (status >= 0 && way == BACK)
        status = bf_route_back(&line);
    else if (status >= 0 && is_field(way))
        status = bf_route_field(dag, &line, way - FIRST_FIELD);
    else if (status >= 0)
        status = bf_route_walk(&line, way < FIRST_FIELD ? way : way - BF_ROUTE_FIELDS);
    *outcome = line.outcome;
    bf_line_close(&line);
    return status;
}

/** True when few swaps, one for sixteen operations, cost an update of their own: nothing worth its time is left to be found. */
static bool is_good(const bf_fused_t *fused, const bf_routed_t *routed)
{
    size_t pairs = 0;
    for (size_t i = 0; i < routed->n_ops; i++)
        pairs += routed->ops[i].op != BF_ROUTED_SWAP && fused->ops[routed->ops[i].op].wire[1] >= 0;
    return routed->n_updates <= pairs + pairs / 16;
}

/** Bounds on bonds tell short circuits apart; in a long one all bonds are as large as they become. */
static bf_status_t set_cost(const bf_fused_t *fused, bf_routed_t *routed)
{
    if (fused->n_ops <= FIELD_OPS)
        return bf_route_cost(fused, routed);
    routed->cost = (double)routed->n_updates;
    return BF_OK;
}

/** Route in every way and keep the cheapest. */
static bf_status_t try_all(const bf_dag_t *dag, bool merge, bf_routed_t *routed)
{
    const bf_fused_t *fused = dag->fused;
    const bool fields = fused->n <= FIELD_SITES && fused->n_ops <= FIELD_OPS;
    bf_outcome_t outcome = {false, false};
    bf_status_t status = BF_OK;
    for (int way = 0; way < WAYS && status >= 0; way++) {
        bf_routed_t tried;
        if (outcome.next_is_same || (is_field(way) && !fields)) {
            outcome.next_is_same = false;
            continue;
        }
        status = attempt(dag, merge, way, routed->n_updates, &outcome, &tried);
        if (status >= 0 && !outcome.gave_up)
            status = set_cost(fused, &tried);
        const bool better = status >= 0 && !outcome.gave_up && (way == 0 || tried.cost < routed->cost);
        bf_routed_clear(better ? routed : &tried);
        if (better)
            *routed = tried;
        if (status >= 0 && (is_good(fused, routed) || routed->n_ops > LONG_CIRCUIT))
            break;
    }
    return status;
}

bf_status_t bf_route(const bf_dag_t *dag, const bf_route_options_t *options, bf_routed_t *routed)
{
    const bf_fused_t *fused = dag->fused;
    const int only = all_neighbours(fused) ? SWEEP : BACK;
    bf_outcome_t outcome;
    *routed = (bf_routed_t){0};
    if (only != SWEEP && options->look_ahead) {
        BF_TRY(try_all(dag, options->merge, routed));
        return sort_layers(fused, routed);
    }
    BF_TRY(attempt(dag, options->merge, only, 0, &outcome, routed));
    return set_cost(fused, routed);
}

void bf_routed_clear(bf_routed_t *routed)
{
    free(routed->ops);
    free(routed->site_of_wire);
    free(routed->sites);
    *routed = (bf_routed_t){0};
}
