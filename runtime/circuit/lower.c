/* The passes one after the other, and the program they end in. */
#include "runtime/circuit/lower.h"

#include "runtime/circuit/cone.h"
#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/matrix.h"
#include "runtime/circuit/native.h"
#include "runtime/circuit/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Numbers of the matrices that operations use, in the order of their first use. Bound ones are numbered apart and get their
 * place behind the others at the end. */
typedef struct numbering {
    const bf_pool_t *pool;
    uint32_t *known; /**< of each matrix and, behind them, recipe of the result: 1 + number, 0 not used so far */
    uint32_t *used;  /**< the matrices in the order of their numbers */
    size_t n_used;
    uint32_t *bound; /**< the recipes in the order of theirs */
    size_t n_bound;
} numbering_t;

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory for the lowered circuit");
}

static bf_status_t open_numbering(const bf_pool_t *pool, size_t n_recipes, numbering_t *numbering)
{
    *numbering = (numbering_t){.pool = pool,
                               .known = calloc(pool->count + n_recipes + 1, sizeof *numbering->known),
                               .used = malloc((pool->count + 1) * sizeof *numbering->used),
                               .bound = malloc((n_recipes + 1) * sizeof *numbering->bound)};
    return numbering->known && numbering->used && numbering->bound ? BF_OK : no_memory();
}

/** The number of a matrix, or of a recipe among the bound ones. */
static uint32_t number_of(numbering_t *numbering, uint32_t matrix)
{
    uint32_t *known = &numbering->known[matrix];
    if (*known)
        return *known - 1;
    if (matrix < numbering->pool->count) {
        numbering->used[numbering->n_used++] = matrix;
        *known = (uint32_t)numbering->n_used;
    } else {
        numbering->bound[numbering->n_bound++] = matrix - (uint32_t)numbering->pool->count;
        *known = (uint32_t)numbering->n_bound;
    }
    return *known - 1;
}

static void build_ops(const bf_fused_t *merged, numbering_t *two, numbering_t *one, bf_program_t *program)
{
    for (size_t i = 0; i < merged->n_ops; i++) {
        const bf_fused_op_t *from = &merged->ops[i];
        bf_op_t *op = &program->ops[i];
        const bool pair = from->wire[1] >= 0, gate = from->kind == BF_OP_GATE || from->kind == BF_FUSED_SPLIT;
        *op = (bf_op_t){.site = from->wire[0],
                        .line = from->line,
                        .kind = from->kind == BF_FUSED_SPLIT ? BF_OP_TRUNCATE : from->kind,
                        .condition = from->condition,
                        .update = -1,
                        .bit = from->kind == BF_OP_MEASURE || from->kind == BF_OP_RESET ? from->bit : -1};
        if (gate)
            op->matrix = number_of(pair ? two : one, from->matrix);
        else if (from->kind == BF_OP_PUSH)
            op->matrix = from->matrix;
        if (pair && gate)
            op->update = (int32_t)program->n_updates++;
    }
    program->n_ops = merged->n_ops;
    for (size_t i = 0; i < merged->n_ops; i++) { /* bound matrices come behind the others, whose count is known now */
        const bf_fused_op_t *from = &merged->ops[i];
        const numbering_t *numbering = from->wire[1] >= 0 ? two : one;
        if (from->kind == BF_OP_GATE && from->matrix >= numbering->pool->count)
            program->ops[i].matrix += (uint32_t)numbering->n_used;
    }
}

static bf_status_t build_matrices(const numbering_t *two, const numbering_t *one, bf_program_t *program)
{
    program->n_gates2 = two->n_used + two->n_bound;
    program->n_gates1 = one->n_used + one->n_bound;
    program->gates2 = calloc(program->n_gates2 + 1, sizeof *program->gates2);
    program->gates1 = calloc(program->n_gates1 + 1, sizeof *program->gates1);
    if (!program->gates2 || !program->gates1)
        return no_memory();
    for (size_t i = 0; i < program->n_gates2; i++) {
        bf_gate2_t *gate = &program->gates2[i];
        if (i < two->n_used) {
            memcpy(gate->u, bf_pool_at(two->pool, two->used[i]), sizeof gate->u);
            bf_mat_clear_roundings(16, gate->u);
            bf_mat_make_real(16, gate->u);
            bf_gate2_classify(gate);
        } else {
            gate->u[0] = gate->u[5] = gate->u[10] = gate->u[15] = 1;
        }
    }
    for (size_t i = 0; i < program->n_gates1; i++) {
        bf_gate1_t *gate = &program->gates1[i];
        if (i < one->n_used) {
            memcpy(gate->u, bf_pool_at(one->pool, one->used[i]), sizeof gate->u);
            bf_mat_clear_roundings(4, gate->u);
            bf_mat_make_real(4, gate->u);
            bf_gate1_classify(gate);
        } else {
            gate->u[0] = gate->u[3] = 1;
        }
    }
    return BF_OK;
}

/** The program takes the spans over. */
static void take_spans(bf_fused_t *merged, bf_program_t *program)
{
    program->sums = merged->sums;
    program->n_sums = merged->n_sums;
    program->spans = merged->spans;
    program->n_spans = merged->n_spans;
    merged->sums = NULL;
    merged->spans = NULL;
    merged->n_sums = merged->n_spans = 0;
}

static bf_status_t build(const bf_circuit_t *circuit, const bf_fused_t *fused, const bf_routed_t *routed, bf_lowered_t *lowered)
{
    const bf_fused_t *merged = &lowered->fused;
    numbering_t two = {0}, one = {0};
    bf_program_t *program = lowered->program = calloc(1, sizeof *program);
    bf_status_t status = program ? open_numbering(&merged->matrices, merged->n_recipes, &two) : no_memory();
    if (status >= 0)
        status = open_numbering(&merged->matrices1, merged->n_recipes, &one);
    if (status >= 0) {
        program->n = fused->n;
        program->ops = malloc((merged->n_ops + 1) * sizeof *program->ops);
        program->site_of = malloc((size_t)fused->n * sizeof *program->site_of);
        status = program->ops && program->site_of ? BF_OK : no_memory();
    }
    if (status >= 0) {
        build_ops(merged, &two, &one, program);
        take_spans(&lowered->fused, program);
        for (bf_site_t q = 0; q < fused->n; q++)
            program->site_of[q] = routed->site_of_wire[fused->wire_of[q]];
        status = build_matrices(&two, &one, program);
    }
    if (status >= 0 && bf_logic_copy(&circuit->classical.logic, &program->logic) < 0)
        status = no_memory();
    lowered->bound2 = two.bound;
    lowered->n_bound2 = two.n_bound;
    lowered->bound1 = one.bound;
    lowered->n_bound1 = one.n_bound;
    free(two.known);
    free(two.used);
    free(one.known);
    free(one.used);
    return status;
}

/* What the passes did. */

static void report_row(bf_pass_report_t *report, const char *name, bool on, size_t ops1, size_t ops2)
{
    if (!report)
        return;
    report->rows[report->n].name = name;
    report->rows[report->n].on = on;
    report->rows[report->n].ops1 = ops1;
    report->rows[report->n++].ops2 = ops2;
}

static void report_circuit(bf_pass_report_t *report, const char *name, bool on, const bf_circuit_t *circuit)
{
    bf_gate_t parts[BF_EXPAND_MAX];
    size_t ops[3] = {0};
    for (size_t i = 0; report && i < circuit->n_gates; i++) {
        const int n_parts = bf_gate_expand(&circuit->gates[i], parts);
        for (int k = 0; k < n_parts; k++)
            ops[bf_gate_info((bf_gate_kind_t)parts[k].kind)->n_qubits]++;
    }
    report_row(report, name, on, ops[1], ops[2]);
}

static void report_fused(bf_pass_report_t *report, const char *name, bool on, const bf_fused_t *fused)
{
    size_t ops[2] = {0};
    for (size_t i = 0; report && i < fused->n_ops; i++) {
        const bf_fused_op_t *op = &fused->ops[i];
        if (op->kind != BF_FUSED_NATIVE && op->kind != BF_FUSED_FENCE && op->kind != BF_OP_PUSH)
            ops[op->wire[1] >= 0]++;
    }
    report_row(report, name, on, ops[0], ops[1]);
}

static void report_routed(bf_pass_report_t *report, const char *name, bool on, const bf_fused_t *fused, const bf_routed_t *routed)
{
    size_t ops1 = 0;
    for (size_t i = 0; report && i < routed->n_ops; i++)
        ops1 += routed->ops[i].update == 0;
    ops1 -= report ? fused->n_natives : 0;
    report_row(report, name, on, ops1, routed->n_updates);
}

/* The passes. */

/** A circuit on its way to the line. */
typedef struct routing {
    bf_fused_t fused;
    bf_routed_t routed;
} routing_t;

static void clear_routing(routing_t *routing)
{
    bf_fused_clear(&routing->fused);
    bf_routed_clear(&routing->routed);
}

static bf_status_t route_with(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of,
                              const bf_pass_options_t *options, bool native, routing_t *routing)
{
    const bool fuse = options->passes & BF_PASS_FUSE;
    const bf_route_options_t route = {.merge = fuse, .look_ahead = options->passes & BF_PASS_LOOK_AHEAD};
    bf_dag_t dag;
    *routing = (routing_t){{0}, {0}};
    BF_TRY(bf_fuse(circuit, fuse, native, n, site_of, &routing->fused));
    if (native)
        return bf_route_native(&routing->fused, options->passes & BF_PASS_COMMUTE, &route, &routing->routed);
    bf_status_t status = bf_dag_build(&routing->fused, options->passes & BF_PASS_COMMUTE, &dag);
    if (status >= 0)
        status = bf_route(&dag, &route, &routing->routed);
    bf_dag_clear(&dag);
    return status;
}

/** Native gates stay whole, all of them or none, whichever takes fewer updates. */
static bf_status_t fuse_and_route(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of,
                                  const bf_pass_options_t *options, routing_t *routing)
{
    BF_TRY(route_with(circuit, n, site_of, options, false, routing));
    if (!(options->passes & BF_PASS_SPAN) || !bf_has_native(circuit))
        return BF_OK;
    routing_t native;
    const bf_status_t status = route_with(circuit, n, site_of, options, true, &native);
    /* Across a long span every bond doubles before it is cut, at the sites in between for nothing: swaps are cheaper. A push
     * costs half an update at most: a factorisation of the same shape by LQ and not by SVD. */
    const double apart = (double)routing->routed.n_updates;
    const double whole = (double)native.routed.n_updates + 0.5 * (double)native.routed.n_pushes;
    const bool better = status >= 0 && !native.routed.far && whole < apart;
    if (better)
        native.routed.cost = routing->routed.cost * whole / apart;
    clear_routing(better ? routing : &native);
    if (better)
        *routing = native;
    return status;
}

/** Fuse and route on the sites that @p order gives the qubits. */
static bf_status_t place_and_route(const bf_circuit_t *circuit, bf_site_t n, bf_order_t order, const bf_pass_options_t *options,
                                   routing_t *routing)
{
    bf_site_t *site_of = malloc((size_t)n * sizeof *site_of);
    *routing = (routing_t){{0}, {0}};
    bf_status_t status = site_of ? BF_OK : no_memory();
    if (status >= 0 && order != BF_ORDER_GIVEN)
        status = bf_order_sites(circuit, order, n, site_of);
    if (status >= 0)
        status = fuse_and_route(circuit, n, order == BF_ORDER_GIVEN ? NULL : site_of, options, routing);
    free(site_of);
    return status;
}

/** The placement with the cheapest routing; the first of equals. */
static bf_status_t route_cheapest(const bf_circuit_t *circuit, bf_site_t n, const bf_pass_options_t *options, bf_order_t *order,
                                  routing_t *routing)
{
    *order = BF_ORDER_GIVEN;
    BF_TRY(place_and_route(circuit, n, BF_ORDER_GIVEN, options, routing));
    for (bf_order_t next = BF_ORDER_SPECTRAL; next <= BF_ORDER_RCM; next++) {
        routing_t tried;
        const bf_status_t status = place_and_route(circuit, n, next, options, &tried);
        const bool better = status >= 0 && tried.routed.cost < routing->routed.cost;
        clear_routing(better ? routing : &tried);
        if (better) {
            *routing = tried;
            *order = next;
        }
        BF_TRY(status);
    }
    return BF_OK;
}

static bf_status_t run_passes(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of,
                              const bf_pass_options_t *options, bf_pass_report_t *report, routing_t *routing,
                              bf_lowered_t *lowered)
{
    const bool fuse = options->passes & BF_PASS_FUSE;
    bf_order_t order = site_of ? BF_ORDER_GIVEN : options->order;
    if (site_of)
        BF_TRY(fuse_and_route(circuit, n, site_of, options, routing));
    else if (order == BF_ORDER_AUTO)
        BF_TRY(route_cheapest(circuit, n, options, &order, routing));
    else
        BF_TRY(place_and_route(circuit, n, order, options, routing));
    report_fused(report, "fuse gates", fuse, &routing->fused);
    report_routed(report, "route", options->passes & BF_PASS_LOOK_AHEAD, &routing->fused, &routing->routed);
    BF_TRY(bf_merge(&routing->fused, &routing->routed, fuse, &lowered->fused));
    report_fused(report, "fuse on sites", fuse, &lowered->fused);
    if (report)
        report->order = order;
    return build(circuit, &routing->fused, &routing->routed, lowered);
}

bf_status_t bf_lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, const bf_pass_options_t *options,
                     bf_pass_report_t *report, bf_lowered_t *lowered)
{
    routing_t routing = {{0}, {0}};
    bf_circuit_t pruned = {0};
    bf_status_t status = BF_OK;
    const bool cone = options->passes & BF_PASS_CONE && options->n_qubits > 0;
    *lowered = (bf_lowered_t){0};
    if (report)
        *report = (bf_pass_report_t){0};
    if (n < circuit->n || n < 1)
        return bf_error_set(BF_ERR_ARG, "a circuit on %d qubits cannot run on %d sites", circuit->n, n);
    report_circuit(report, "circuit", true, circuit);
    if (cone)
        status = bf_cone_prune(circuit, options->qubits, options->n_qubits, &pruned);
    report_circuit(report, "light cone", cone, cone && status >= 0 ? &pruned : circuit);
    if (status >= 0)
        status = run_passes(cone ? &pruned : circuit, n, site_of, options, report, &routing, lowered);
    free(pruned.gates);
    clear_routing(&routing);
    return status;
}

void bf_lowered_clear(bf_lowered_t *lowered)
{
    bf_program_destroy(lowered->program);
    bf_fused_clear(&lowered->fused);
    free(lowered->bound2);
    free(lowered->bound1);
    *lowered = (bf_lowered_t){0};
}

/** Name the inputs nobody gave a value, the first few of them. */
bf_status_t bf_circuit_check_bound(const bf_circuit_t *circuit)
{
    if (circuit->n_inputs == 0)
        return BF_OK;
    enum { NAMED = 3, ROOM = 100 * NAMED };
    char names[ROOM] = "";
    const size_t n = circuit->n_inputs;
    size_t used = 0;
    for (size_t i = 0; i < n && i < NAMED; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", circuit->inputs[i]);
    if (n == 1)
        return bf_error_set(BF_ERR_INPUT, "input %s is not bound; give it a value with --set, or a table with --params", names);
    if (n <= NAMED)
        return bf_error_set(BF_ERR_INPUT, "inputs %s are not bound; give them values with --set, or a table with --params",
                            names);
    return bf_error_set(BF_ERR_INPUT,
                        "inputs %s, ... %s (%zu of them) are not bound; give them values with --set, or a table with --params",
                        names, circuit->inputs[n - 1], n);
}

bf_status_t bf_circuit_lower_with(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of,
                                  const bf_pass_options_t *options, bf_pass_report_t *report, bf_program_t **program)
{
    bf_lowered_t lowered;
    *program = NULL;
    BF_TRY(bf_circuit_check_bound(circuit));
    const bf_status_t status = bf_lower(circuit, n, site_of, options, report, &lowered);
    if (status >= 0) {
        *program = lowered.program;
        lowered.program = NULL;
    }
    bf_lowered_clear(&lowered);
    return status;
}

bf_status_t bf_circuit_lower(const bf_circuit_t *circuit, bf_site_t n, const bf_site_t *site_of, bf_program_t **program)
{
    const bf_pass_options_t options = bf_pass_options_default();
    return bf_circuit_lower_with(circuit, n, site_of, &options, NULL, program);
}

void bf_program_destroy(bf_program_t *program)
{
    if (!program)
        return;
    free(program->ops);
    free(program->gates2);
    free(program->gates1);
    free(program->spans);
    free(program->sums);
    free(program->site_of);
    bf_logic_clear(&program->logic);
    free(program);
}
