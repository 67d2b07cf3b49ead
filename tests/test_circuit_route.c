/* What routing keeps up to date step by step, against its definition; and routes that must not become longer. */
#include "circuit_testing.h"
#include "cunit_main.h"
#include "runtime/circuit/route_pull.h"

#include <stdlib.h>
#include <string.h>

static oracle_rng_t rng;

static int seed_generator(void)
{
    rng.state = oracle_rng_run_seed();
    printf("seed %llu\n", (unsigned long long)rng.state);
    return 0;
}

static testing_text_t text;

static void begin(int n)
{
    text.length = 0;
    testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", n);
}

/** Gates of which many commute: sets of many members, and pairs that meet more than once. */
static bf_circuit_t *random_circuit(int n, int gates)
{
    static const char *const pairs[] = {"rzz(0.3)", "rzz(0.7)", "rxx(1.1)", "cz", "cx"};
    begin(n);
    const int kinds = 1 + oracle_rng_below(&rng, 5);
    for (int i = 0; i < gates; i++) {
        const int a = oracle_rng_below(&rng, n), b = oracle_rng_below(&rng, n);
        if (a != b)
            testing_say(&text, "%s q[%d],q[%d];\n", pairs[oracle_rng_below(&rng, kinds)], a, b);
        else if (oracle_rng_below(&rng, 2))
            testing_say(&text, "h q[%d];\n", a);
    }
    return testing_parse("test.qasm", text.data);
}

/* What wires feel. */

static const int weights[BF_PULL_SETS] = {16, 9, 5};

typedef struct world {
    const bf_dag_t *dag;
    bf_front_t front;
    bf_pulls_t pulls;
    const int32_t *potential;
    bool *told; /**< of each operation: it is ready */
} world_t;

static int32_t change(const world_t *world, bf_site_t away, int step)
{
    const bf_site_t before = abs(away), after = abs(away - step);
    return world->potential[after == 0 ? 1 : after] - world->potential[before]; /* neighbours that change places stay that */
}

/** Add one operation of wire @p w to what it should feel. */
static void feel(const world_t *world, bf_site_t w, uint32_t item, int weight, bf_pull_t *pull)
{
    const bf_site_t *wire = world->dag->fused->ops[item].wire;
    const bf_site_t away = world->pulls.site[wire[wire[0] == w]] - world->pulls.site[w];
    pull->left += weight * change(world, away, -1);
    pull->right += weight * change(world, away, 1);
}

/** All that is ready and 24 others of the nearest set with pairs, 24 of each of the next two. */
static void check_wire(const world_t *world, bf_site_t w)
{
    const bf_dag_t *dag = world->dag;
    const bf_pulls_t *pulls = &world->pulls;
    const bf_site_t site = pulls->site[w];
    bf_pull_t pull = {0, 0};
    int32_t far_left = 0, far_right = 0;
    bf_site_t reach[2] = {INT32_MAX, INT32_MAX};
    bool meets = false;
    int level = 0;
    for (uint32_t set = world->front.current[w]; set != BF_NO_SET && level < BF_PULL_SETS; set = dag->sets[set].next) {
        int seen = 0;
        for (uint32_t i = dag->sets[set].first; i != BF_NO_ITEM; i = dag->next[i][dag->fused->ops[i].wire[1] == w]) {
            const bf_site_t *wire = dag->fused->ops[i].wire;
            if (wire[1] < 0 || world->front.missing[i] == BF_FRONT_DONE || (!world->told[i] && seen++ >= 24))
                continue;
            feel(world, w, i, weights[level], &pull);
            const bf_site_t away = pulls->site[wire[wire[0] == w]] - site;
            if (!world->told[i])
                continue;
            far_left += away < -1;
            far_right += away > 1;
            meets = meets || away == 1;
            if (abs(away) > 1 && abs(away) < reach[away > 0])
                reach[away > 0] = abs(away);
        }
        level += dag->sets[set].pairs > 0;
    }
    CU_ASSERT_EQUAL(pulls->left[site], pull.left);
    CU_ASSERT_EQUAL(pulls->right[site], pull.right);
    CU_ASSERT_EQUAL(pulls->far_left[site], far_left);
    CU_ASSERT_EQUAL(pulls->far_right[site], far_right);
    CU_ASSERT_EQUAL(bf_pulls_reach(pulls, w, false), reach[0]);
    CU_ASSERT_EQUAL(bf_pulls_reach(pulls, w, true), reach[1]);
    CU_ASSERT_EQUAL(pulls->meets[site] != BF_NO_ITEM, meets);
    CU_ASSERT_EQUAL(pulls->met[site / 64] >> site % 64 & 1, meets);
    if (pulls->meets[site] != BF_NO_ITEM) {
        const bf_site_t *wire = dag->fused->ops[pulls->meets[site]].wire;
        CU_ASSERT(world->told[pulls->meets[site]] && world->front.missing[pulls->meets[site]] != BF_FRONT_DONE);
        CU_ASSERT_EQUAL(pulls->site[wire[0]] + pulls->site[wire[1]], 2 * site + 1);
    }
}

static void check_world(const world_t *world)
{
    for (bf_site_t w = 0; w < world->dag->fused->n; w++)
        check_wire(world, w);
}

/** Tell what has become ready; operations on one wire are done at once. */
static void drain(world_t *world)
{
    while (world->front.n_ready > 0) {
        const uint32_t item = world->front.ready[--world->front.n_ready];
        world->told[item] = true;
        if (world->dag->fused->ops[item].wire[1] >= 0) {
            bf_pulls_ready(&world->pulls, item);
            continue;
        }
        bf_front_done(&world->front, item);
        bf_pulls_done(&world->pulls, item);
    }
}

/** Swaps anywhere, and operations done where partners meet, until all are. */
static void walk_through(world_t *world)
{
    const bf_site_t n = world->dag->fused->n;
    bf_site_t *wire_at = malloc((size_t)n * sizeof *wire_at);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wire_at);
    for (bf_site_t s = 0; s < n; s++)
        wire_at[s] = s;
    size_t left = 0;
    for (size_t i = 0; i < world->dag->fused->n_ops; i++)
        left += world->dag->fused->ops[i].wire[1] >= 0;
    drain(world);
    check_world(world);
    for (int turn = 0; left > 0; turn++) {
        const bf_site_t s = oracle_rng_below(&rng, n - 1);
        const uint32_t item = world->pulls.meets[s];
        if (item != BF_NO_ITEM) {
            bf_front_done(&world->front, item);
            bf_pulls_done(&world->pulls, item);
            left--;
            drain(world);
        } else {
            const bf_site_t l = wire_at[s], r = wire_at[s + 1];
            bf_pulls_swap(&world->pulls, l, r, s);
            wire_at[s] = r;
            wire_at[s + 1] = l;
            CU_ASSERT(world->pulls.site[l] == s + 1 && world->pulls.site[r] == s);
        }
        if (item != BF_NO_ITEM || turn % 16 == 0)
            check_world(world);
    }
    for (bf_site_t s = 0; s < n; s++)
        CU_ASSERT(world->pulls.left[s] == 0 && world->pulls.right[s] == 0 && world->pulls.meets[s] == BF_NO_ITEM);
    free(wire_at);
}

static void pulls_are_what_they_are_defined_as(void)
{
    for (int trial = 0; trial < 30; trial++) {
        const int n = 2 + oracle_rng_below(&rng, 14);
        bf_circuit_t *circuit = random_circuit(n, 10 + oracle_rng_below(&rng, trial % 3 == 0 ? 600 : 120));
        int32_t potential[32];
        for (int d = 0; d <= n; d++)
            potential[d] = oracle_rng_below(&rng, 1000);
        potential[0] = potential[1];
        bf_fused_t fused;
        bf_dag_t dag;
        CU_ASSERT_FATAL(bf_fuse(circuit, true, false, n, NULL, &fused) >= 0);
        CU_ASSERT_FATAL(bf_dag_build(&fused, trial % 4 != 0, &dag) >= 0);
        world_t world = {.dag = &dag, .potential = potential, .told = calloc(fused.n_ops + 1, sizeof *world.told)};
        CU_ASSERT_FATAL(world.told && bf_front_open(&dag, &world.front) >= 0);
        CU_ASSERT_FATAL(bf_pulls_open(&world.front, weights, potential, &world.pulls) >= 0);
        walk_through(&world);
        bf_pulls_close(&world.pulls);
        bf_front_close(&world.front);
        free(world.told);
        bf_dag_clear(&dag);
        bf_fused_clear(&fused);
        bf_circuit_destroy(circuit);
    }
}

/* Costs. */

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/** A cut's bond: one for each meeting so far of wires on different sides, at most 2^6, and what the ends of the line allow. */
static int log_bond(const bf_site_t *wire_at, int n, int met[][16], int cut)
{
    int crossing = 0;
    for (int a = 0; a < cut; a++)
        for (int b = cut; b < n; b++)
            crossing += met[wire_at[a]][wire_at[b]];
    return smaller(smaller(crossing, 6), smaller(cut, n - cut));
}

static double cost_by_definition(const bf_fused_t *fused, const bf_routed_t *routed)
{
    int met[16][16] = {{0}};
    bf_site_t wire_at[16];
    double cost = 0;
    const int n = fused->n;
    for (int s = 0; s < n; s++)
        wire_at[s] = s;
    for (size_t i = 0; i < routed->n_ops; i++) {
        const bf_routed_op_t *op = &routed->ops[i];
        const bf_site_t s = op->site, l = wire_at[s];
        if (op->update == 0)
            continue;
        const bf_site_t r = wire_at[s + 1];
        if (op->op == BF_ROUTED_SWAP) {
            wire_at[s] = r;
            wire_at[s + 1] = l;
        } else {
            met[l][r]++;
            met[r][l]++;
        }
        if (i + 1 == routed->n_ops || routed->ops[i + 1].update != op->update)
            cost += 131072 + (double)(1 << (log_bond(wire_at, n, met, s) + log_bond(wire_at, n, met, s + 1) +
                                            log_bond(wire_at, n, met, s + 2)));
    }
    return cost;
}

static void costs_are_what_they_are_defined_as(void)
{
    for (int trial = 0; trial < 60; trial++) {
        const int n = 2 + oracle_rng_below(&rng, 14);
        bf_circuit_t *circuit = random_circuit(n, 5 + oracle_rng_below(&rng, 100));
        bf_fused_t fused;
        bf_dag_t dag;
        bf_routed_t routed;
        const bf_route_options_t options = {.merge = trial % 5 != 0, .look_ahead = trial % 3 != 0};
        CU_ASSERT_FATAL(bf_fuse(circuit, true, false, n, NULL, &fused) >= 0);
        CU_ASSERT_FATAL(bf_dag_build(&fused, true, &dag) >= 0);
        CU_ASSERT_FATAL(bf_route(&dag, &options, &routed) >= 0);
        CU_ASSERT_FATAL(bf_route_cost(&fused, &routed) >= 0);
        CU_ASSERT_EQUAL(routed.cost, cost_by_definition(&fused, &routed));
        bf_routed_clear(&routed);
        bf_dag_clear(&dag);
        bf_fused_clear(&fused);
        bf_circuit_destroy(circuit);
    }
}

/* Lengths. */

static void check_updates(const char *what, size_t most)
{
    bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
    const bf_pass_options_t options = bf_pass_options_default();
    bf_program_t *program = NULL;
    CU_ASSERT_EQUAL(bf_circuit_lower_with(circuit, bf_circuit_qubits(circuit), NULL, &options, NULL, &program), BF_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(program);
    if (program->n_updates != most)
        printf("%s: %zu updates, %zu are known to do\n", what, program->n_updates, most);
    CU_ASSERT(program->n_updates <= most);
    bf_program_destroy(program);
    bf_circuit_destroy(circuit);
}

/** Every pair of qubits that are at most @p distance apart meets once between two Hadamard gates, as in a Fourier transform. */
static void write_fourier(int n, int distance)
{
    begin(n);
    for (int target = n; target-- > 0;) {
        for (int control = smaller(n - 1, target + distance); control > target; control--)
            testing_say(&text, "cp(pi/%d) q[%d],q[%d];\n", 1 << smaller(control - target, 30), control, target);
        testing_say(&text, "h q[%d];\n", target);
    }
}

static void write_steps(int n, int steps, int distance)
{
    begin(n);
    for (int step = 0; step < steps; step++) {
        for (int q = 0; q < n; q++)
            testing_say(&text, "rz(0.1) q[%d];\n", q);
        for (int d = 1; d <= distance; d++)
            for (int q = 0; q + d < n; q++)
                testing_say(&text, "rxx(0.3) q[%d],q[%d];\n", q, q + d);
    }
}

static void write_all_pairs(int n, int layers)
{
    begin(n);
    for (int layer = 0; layer < layers; layer++) {
        for (int a = 0; a < n; a++)
            for (int b = a + 1; b < n; b++)
                testing_say(&text, "rzz(0.2) q[%d],q[%d];\n", a, b);
        for (int q = 0; q < n; q++)
            testing_say(&text, "rx(0.4) q[%d];\n", q);
    }
}

static void write_grid(int side, int steps)
{
    begin(side * side);
    for (int step = 0; step < steps; step++) {
        for (int q = 0; q < side * side; q++) {
            if (q / side + 1 < side)
                testing_say(&text, "rzz(0.3) q[%d],q[%d];\n", q, q + side);
            if (q % side + 1 < side)
                testing_say(&text, "rzz(0.3) q[%d],q[%d];\n", q, q + 1);
        }
        for (int q = 0; q < side * side; q++)
            testing_say(&text, "rx(0.4) q[%d];\n", q);
    }
}

static void routes_are_as_short_as_they_were(void)
{
    write_fourier(60, 59);
    check_updates("Fourier transform, 60 qubits", 60 * 59 / 2);
    write_fourier(100, 20);
    check_updates("Fourier transform up to distance 20, 100 qubits", 3141);
    write_steps(100, 1, 2);
    check_updates("feature map up to distance 2", 248);
    write_steps(100, 1, 3);
    check_updates("feature map up to distance 3", 396);
    write_steps(100, 3, 3);
    check_updates("three of them", 1345);
    write_all_pairs(40, 2);
    check_updates("two layers of all pairs", 40 * 39);
    write_grid(10, 2);
    check_updates("two steps on a grid", 1995);
}

int main(void)
{
    static const bf_test_t tests[] = {{"pulls are what they are defined as", pulls_are_what_they_are_defined_as},
                                      {"costs are what they are defined as", costs_are_what_they_are_defined_as},
                                      {"routes are as short as they were", routes_are_as_short_as_they_were},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit route", seed_generator, NULL, tests);
}
