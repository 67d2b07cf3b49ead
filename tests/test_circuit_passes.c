/* The passes one by one: whichever are on, the state is the same; what may change places commutes; and what they are there for is
 * reached. */
#include "circuit_testing.h"
#include "cunit_main.h"
#include "runtime/circuit/blocks.h"
#include "runtime/circuit/commute.h"
#include "runtime/circuit/gate_library.h"

#include <math.h>
#include <string.h>

static oracle_rng_t rng;

static int seed_generator(void)
{
    rng.state = oracle_rng_run_seed();
    printf("seed %llu\n", (unsigned long long)rng.state);
    return 0;
}

static bf_program_t *lower(const bf_circuit_t *circuit, const bf_site_t *site_of, unsigned passes, bf_pass_report_t *report)
{
    bf_program_t *program = NULL;
    bf_pass_options_t options = bf_pass_options_default();
    options.passes = passes;
    CU_ASSERT_EQUAL(bf_circuit_lower_with(circuit, bf_circuit_qubits(circuit), site_of, &options, report, &program), BF_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(program);
    return program;
}

static void shuffle(bf_site_t *numbers, int n)
{
    for (int i = 0; i < n; i++) {
        const int other = oracle_rng_below(&rng, i + 1);
        numbers[i] = numbers[other];
        numbers[other] = i;
    }
}

/** Gates that commute more often than random ones do. */
static void write_commuting_gate(testing_text_t *text, int n)
{
    static const char *const pairs[] = {"rzz(0.3)", "rxx(1.1)", "ryy(-0.7)", "cz",   "cx",
                                        "cu1(0.4)", "rzx(0.9)", "crz(2.1)",  "iswap"};
    static const char *const singles[] = {"rz(0.2)", "rx(0.5)", "ry(1.3)", "t", "sx", "h"};
    const int a = oracle_rng_below(&rng, n), b = oracle_rng_below(&rng, n);
    if (a != b)
        testing_say(text, "%s q[%d],q[%d];\n", pairs[oracle_rng_below(&rng, 9)], a, b);
    else
        testing_say(text, "%s q[%d];\n", singles[oracle_rng_below(&rng, 6)], a);
}

/** Random circuits on random sites, with measurements and conditions now and then, under every choice of passes. */
static void every_choice_keeps_the_state(void)
{
    static testing_text_t text;
    enum { TRIALS = 24 };
    for (int trial = 0; trial < TRIALS; trial++) {
        const int n = 2 + oracle_rng_below(&rng, TESTING_MAX_QUBITS - 1), gates = 1 + oracle_rng_below(&rng, 70);
        text.length = 0;
        testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", n);
        for (int i = 0; i < gates; i++) {
            if (trial % 2)
                write_commuting_gate(&text, n);
            else
                testing_write_gate(&rng, &text, n, trial % 3 != 0, NULL);
        }
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        for (size_t i = 0; i < circuit->n_gates && trial % 4 == 3; i++)
            circuit->gates[i].condition = oracle_rng_below(&rng, 5) == 0 ? 1U + (uint32_t)oracle_rng_below(&rng, 5) : 0U;
        bf_site_t site_of[TESTING_MAX_QUBITS];
        shuffle(site_of, n);
        for (unsigned passes = 0; passes <= BF_PASS_ALL; passes++) {
            bf_program_t *program = lower(circuit, site_of, passes, NULL);
            const double error = testing_error(&rng, circuit, n, site_of, program);
            if (error > 1e-10)
                printf("trial %d, passes %u: off by %g\n%s\n", trial, passes, error, text.data);
            CU_ASSERT(error <= 1e-10);
            bf_program_destroy(program);
        }
        bf_circuit_destroy(circuit);
    }
}

/** A circuit and its inverse leave every qubit where a |0> is. */
static void inverse_undoes(void)
{
    static testing_text_t text;
    static reference_z_t psi[1 << TESTING_MAX_QUBITS];
    static const char *const gates[] = {"rzz", "rxx", "crx", "cu1", "ryy", "rzx"};
    for (int trial = 0; trial < 20; trial++) {
        enum { GATES = 30 };
        const int n = 2 + oracle_rng_below(&rng, TESTING_MAX_QUBITS - 1);
        int kind[GATES], a[GATES], b[GATES];
        double angle[GATES];
        text.length = 0;
        testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", n);
        for (int i = 0; i < 2 * GATES; i++) {
            const int k = i < GATES ? i : 2 * GATES - 1 - i;
            if (i < GATES) {
                kind[k] = oracle_rng_below(&rng, 6);
                angle[k] = oracle_rng_normal(&rng);
                a[k] = oracle_rng_below(&rng, n);
                b[k] = (a[k] + 1 + oracle_rng_below(&rng, n - 1)) % n;
            }
            testing_say(&text, "%s(%.17g) q[%d],q[%d];\n", gates[kind[k]], i < GATES ? angle[k] : -angle[k], a[k], b[k]);
        }
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        bf_program_t *program = lower(circuit, NULL, BF_PASS_ALL, NULL);
        memset(psi, 0, sizeof psi);
        psi[0] = 1;
        testing_run_program(program, psi);
        CU_ASSERT(fabs(cabs(psi[0]) - 1) < 1e-12);
        bf_program_destroy(program);
        bf_circuit_destroy(circuit);
    }
}

/* The dependencies, by brute force. */

static void apply_item(const bf_fused_t *fused, uint32_t item, reference_z_t *psi)
{
    const bf_fused_op_t *op = &fused->ops[item];
    const bool two = op->wire[1] >= 0;
    reference_apply(psi, fused->n, 1 + two, op->wire, bf_pool_at(two ? &fused->matrices : &fused->matrices1, op->matrix));
}

/** Do the operations in a random order that the front allows. */
static void run_any_order(const bf_dag_t *dag, reference_z_t *psi)
{
    bf_front_t front;
    size_t done = 0;
    CU_ASSERT_EQUAL_FATAL(bf_front_open(dag, &front), BF_OK);
    for (; front.n_ready > 0; done++) {
        const size_t pick = (size_t)oracle_rng_below(&rng, (int)front.n_ready);
        const uint32_t item = front.ready[pick];
        front.ready[pick] = front.ready[--front.n_ready];
        CU_ASSERT_EQUAL(front.missing[item], 0);
        apply_item(dag->fused, item, psi);
        bf_front_done(&front, item);
    }
    CU_ASSERT_EQUAL(done, dag->fused->n_ops);
    bf_front_close(&front);
}

static void every_allowed_order_is_the_same(void)
{
    static testing_text_t text;
    enum { TRIALS = 100, ORDERS = 30, MOST = 5 };
    size_t moved = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        static reference_z_t start[1 << MOST], expected[1 << MOST], psi[1 << MOST];
        const int n = 2 + oracle_rng_below(&rng, MOST - 1);
        text.length = 0;
        testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", n);
        for (int i = 0; i < 14; i++)
            write_commuting_gate(&text, n);
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        testing_random_state(&rng, n, start);
        memcpy(expected, start, sizeof start);
        testing_run_circuit(circuit, n, expected);
        for (int fuse = 0; fuse < 2; fuse++) {
            bf_fused_t fused;
            bf_dag_t dag;
            CU_ASSERT_EQUAL_FATAL(bf_fuse(circuit, fuse, false, n, NULL, &fused), BF_OK);
            CU_ASSERT_EQUAL_FATAL(bf_dag_build(&fused, true, &dag), BF_OK);
            moved += fused.n_ops > 0 && dag.n_sets < 2 * fused.n_ops;
            for (int order = 0; order < ORDERS; order++) {
                static reference_z_t moved_back[1 << MOST];
                memcpy(psi, start, sizeof start);
                run_any_order(&dag, psi);
                testing_move_bits(n, fused.wire_of, true, psi, moved_back);
                const double error = testing_distance(n, expected, moved_back);
                if (error > 1e-12)
                    printf("off by %g\n%s\n", error, text.data);
                CU_ASSERT(error <= 1e-12);
            }
            bf_dag_clear(&dag);
            bf_fused_clear(&fused);
        }
        bf_circuit_destroy(circuit);
    }
    CU_ASSERT(moved > TRIALS); /* most of these circuits have something that commutes */
}

/** Gates with free angles commute when they do whatever the angles. */
static void free_gates_have_axes(void)
{
    static const struct {
        const char *first, *second;
        size_t sets; /**< on all wires */
    } cases[] = {
        {"rzz(x) q[0],q[1];", "rzz(x) q[1],q[2];", 3}, {"rxx(x) q[0],q[1];", "rxx(2*x) q[1],q[2];", 3},
        {"rzz(x) q[0],q[1];", "rxx(x) q[1],q[2];", 4}, {"crx(x) q[0],q[1];", "rxx(x) q[1],q[2];", 3},
        {"cp(x) q[0],q[1];", "crz(x) q[1],q[2];", 3},  {"cry(x) q[0],q[1];", "ryy(x) q[1],q[2];", 3},
        {"rzx(x) q[0],q[1];", "cx q[2],q[1];", 3},     {"rzx(x) q[0],q[1];", "cx q[1],q[2];", 4},
        {"cu3(x,x,x) q[0],q[1];", "cz q[0],q[2];", 3}, {"cu3(x,x,x) q[0],q[1];", "cz q[1],q[2];", 4},
        {"rz(x) q[1];", "rzz(0.3) q[1],q[2];", 2},     {"ry(x) q[1];", "rzz(0.3) q[1],q[2];", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static testing_text_t text;
        text.length = 0;
        testing_say(&text, "OPENQASM 3.0; include \"stdgates.inc\"; input float x; qubit[3] q; %s %s", cases[i].first,
                    cases[i].second);
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        bf_fused_t fused;
        bf_dag_t dag;
        CU_ASSERT_EQUAL_FATAL(bf_fuse(circuit, true, false, 3, NULL, &fused), BF_OK);
        CU_ASSERT_EQUAL_FATAL(bf_dag_build(&fused, true, &dag), BF_OK);
        CU_ASSERT_EQUAL(dag.n_sets, cases[i].sets);
        if (dag.n_sets != cases[i].sets)
            printf("%s %s: %zu sets\n", cases[i].first, cases[i].second, dag.n_sets);
        bf_dag_clear(&dag);
        bf_fused_clear(&fused);
        bf_circuit_destroy(circuit);
    }
}

/* What the passes are there for. */

/** Two-site operations one after the other at most. */
static int depth(const bf_program_t *program)
{
    int *at = calloc((size_t)program->n, sizeof *at), deepest = 0;
    for (size_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        if (op->update < 0)
            continue;
        const int here = 1 + (at[op->site] > at[op->site + 1] ? at[op->site] : at[op->site + 1]);
        at[op->site] = at[op->site + 1] = here;
        deepest = here > deepest ? here : deepest;
    }
    free(at);
    return deepest;
}

enum { LINE = 100 };

/** Every pair up to @p distance apart, in some order of text. */
static bf_circuit_t *feature_map(int distance, int order)
{
    static testing_text_t text;
    static bf_site_t pairs[3 * LINE];
    text.length = 0;
    testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d]; h q;\n", LINE);
    for (int i = 0; i < distance * LINE; i++)
        pairs[i] = i;
    if (order == 2)
        shuffle(pairs, distance * LINE);
    for (int i = 0; i < distance * LINE; i++) {
        const int p = order == 3 ? distance * LINE - 1 - i : pairs[i];
        const int a = order == 1 ? p % LINE : p / distance, b = a + 1 + (order == 1 ? p / LINE : p % distance);
        if (b < LINE)
            testing_say(&text, "rxx(%.17g) q[%d],q[%d];\n", oracle_rng_normal(&rng), a, b);
    }
    return testing_parse("test.qasm", text.data);
}

/** Half of swapping there and back, whatever the order of text: by qubit, by distance, at random, backwards. */
static void feature_map_halves_its_updates(void)
{
    const size_t naive = (LINE - 1) + 3 * (LINE - 2) + 5 * (LINE - 3);
    for (int order = 0; order < 4; order++) {
        bf_circuit_t *circuit = feature_map(3, order);
        bf_program_t *program = lower(circuit, NULL, BF_PASS_ALL, NULL);
        printf("order %d: %zu updates, %zu by swapping back, depth %d\n", order, program->n_updates, naive, depth(program));
        CU_ASSERT(2 * program->n_updates <= naive);
        bf_program_destroy(program);
        bf_circuit_destroy(circuit);
    }
}

static void commuting_layer_is_two_deep(void)
{
    for (int order = 0; order < 4; order++) {
        bf_circuit_t *circuit = feature_map(1, order);
        bf_program_t *program = lower(circuit, NULL, BF_PASS_ALL, NULL);
        CU_ASSERT_EQUAL(program->n_updates, LINE - 1);
        CU_ASSERT_EQUAL(depth(program), 2);
        bf_program_destroy(program);
        program = lower(circuit, NULL, BF_PASS_ALL & ~(unsigned)BF_PASS_COMMUTE, NULL);
        CU_ASSERT(depth(program) > 2);
        bf_program_destroy(program);
        bf_circuit_destroy(circuit);
    }
}

static void fourier_transform_needs_no_extra_swaps(void)
{
    static testing_text_t text;
    enum { N = 60 };
    text.length = 0;
    testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", N);
    for (int j = 0; j < N; j++) {
        testing_say(&text, "h q[%d];\n", j);
        for (int k = j + 1; k < N; k++)
            testing_say(&text, "cp(pi/2^%d) q[%d],q[%d];", k - j, k, j);
    }
    bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
    bf_program_t *program = lower(circuit, NULL, BF_PASS_ALL, NULL);
    bf_pass_report_t report;
    bf_program_t *without = lower(circuit, NULL, BF_PASS_ALL & ~(unsigned)BF_PASS_LOOK_AHEAD, &report);
    CU_ASSERT(program->n_updates == report.rows[0].ops2);
    CU_ASSERT(without->n_updates > program->n_updates);
    bf_program_destroy(program);
    bf_program_destroy(without);
    bf_circuit_destroy(circuit);
}

/* Placement and cones. */

/** The circuit on |0..0>, against the program on |0..0>: the start may be anywhere. */
static double error_from_zero(const bf_circuit_t *circuit, int n, const bf_program_t *program)
{
    static reference_z_t psi[1 << TESTING_MAX_QUBITS], sites[1 << TESTING_MAX_QUBITS], back[1 << TESTING_MAX_QUBITS];
    memset(psi, 0, sizeof psi);
    memset(sites, 0, sizeof sites);
    psi[0] = sites[0] = 1;
    testing_run_circuit(circuit, n, psi);
    testing_run_program(program, sites);
    testing_move_bits(n, program->site_of, true, sites, back);
    return testing_distance(n, psi, back);
}

static void every_placement_keeps_the_state(void)
{
    static testing_text_t text;
    for (int trial = 0; trial < 40; trial++) {
        const int n = 1 + oracle_rng_below(&rng, TESTING_MAX_QUBITS), gates = oracle_rng_below(&rng, 60);
        text.length = 0;
        testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", n);
        for (int i = 0; i < gates; i++)
            testing_write_gate(&rng, &text, n, true, NULL);
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        for (bf_order_t order = BF_ORDER_GIVEN; order <= BF_ORDER_AUTO; order++) {
            bf_program_t *program = NULL;
            bf_pass_options_t options = bf_pass_options_default();
            options.order = order;
            CU_ASSERT_EQUAL_FATAL(bf_circuit_lower_with(circuit, n, NULL, &options, NULL, &program), BF_OK);
            CU_ASSERT(error_from_zero(circuit, n, program) <= 1e-12);
            bf_program_destroy(program);
        }
        bf_circuit_destroy(circuit);
    }
}

/** A chain whose qubits were numbered at random needs no swap when the order is found again. */
static void placement_finds_a_chain(void)
{
    static testing_text_t text;
    bf_site_t number[LINE];
    for (int i = 0; i < LINE; i++)
        number[i] = i;
    shuffle(number, LINE);
    text.length = 0;
    testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", LINE);
    for (int i = 0; i + 1 < LINE; i++)
        testing_say(&text, "h q[%d]; iswap q[%d],q[%d];\n", number[i], number[i], number[i + 1]);
    bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
    for (bf_order_t order = BF_ORDER_SPECTRAL; order <= BF_ORDER_AUTO; order++) {
        bf_program_t *program = NULL;
        bf_pass_report_t report;
        bf_pass_options_t options = bf_pass_options_default();
        options.order = order;
        CU_ASSERT_EQUAL_FATAL(bf_circuit_lower_with(circuit, LINE, NULL, &options, &report, &program), BF_OK);
        CU_ASSERT_EQUAL(program->n_updates, LINE - 1);
        CU_ASSERT_NOT_EQUAL(report.order, BF_ORDER_GIVEN);
        bf_program_destroy(program);
    }
    bf_circuit_destroy(circuit);
}

/** <Z> and <X> of the named qubits do not notice that gates are missing; with a cone of one layer, few are left. */
static void cones_keep_what_is_measured(void)
{
    static testing_text_t text;
    static reference_z_t full[1 << TESTING_MAX_QUBITS], sites[1 << TESTING_MAX_QUBITS], pruned[1 << TESTING_MAX_QUBITS];
    size_t left_out = 0;
    for (int trial = 0; trial < 40; trial++) {
        const int n = 2 + oracle_rng_below(&rng, TESTING_MAX_QUBITS - 1);
        const bf_site_t wanted = oracle_rng_below(&rng, n);
        text.length = 0;
        testing_say(&text, "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[%d];\n", n);
        for (int i = 0; i < 2 * n; i++)
            testing_write_gate(&rng, &text, n, true, NULL);
        bf_circuit_t *circuit = testing_parse("test.qasm", text.data);
        bf_program_t *program = NULL;
        bf_pass_report_t report;
        bf_pass_options_t options = bf_pass_options_default();
        options.qubits = &wanted;
        options.n_qubits = 1;
        CU_ASSERT_EQUAL_FATAL(bf_circuit_lower_with(circuit, n, NULL, &options, &report, &program), BF_OK);
        left_out += report.rows[0].ops1 + report.rows[0].ops2 - report.rows[1].ops1 - report.rows[1].ops2;
        memset(full, 0, sizeof full);
        memset(sites, 0, sizeof sites);
        full[0] = sites[0] = 1;
        testing_run_circuit(circuit, n, full);
        testing_run_program(program, sites);
        testing_move_bits(n, program->site_of, true, sites, pruned);
        for (int a = 0; a < 2; a++) /* the reduced density matrix of the qubit */
            for (int b = 0; b < 2; b++) {
                reference_z_t difference = 0;
                for (int i = 0; i < 1 << n; i++)
                    if ((i >> wanted & 1) == a) {
                        const int j = (i & ~(1 << wanted)) | b << wanted;
                        difference += full[i] * conj(full[j]) - pruned[i] * conj(pruned[j]);
                    }
                CU_ASSERT(cabs(difference) <= 1e-12);
            }
        bf_program_destroy(program);
        const bf_site_t beyond = n;
        options.qubits = &beyond;
        CU_ASSERT_EQUAL(bf_circuit_lower_with(circuit, n, NULL, &options, NULL, &program), BF_ERR_ARG);
        bf_error_clear();
        bf_circuit_destroy(circuit);
    }
    CU_ASSERT(left_out > 40);
}

static void report_counts(void)
{
    bf_circuit_t *circuit = testing_parse(
        "test.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[4]; h q; cx q[0],q[3]; t q[3]; cx q[0],q[3]; swap q[1],q[2];");
    bf_pass_report_t report;
    bf_program_t *program = lower(circuit, NULL, BF_PASS_ALL, &report);
    CU_ASSERT_EQUAL_FATAL(report.n, 5);
    CU_ASSERT_EQUAL(report.rows[1].ops2, 3); /* no qubits were named: no cone */
    CU_ASSERT_STRING_EQUAL(report.rows[0].name, "circuit");
    CU_ASSERT_EQUAL(report.rows[0].ops1, 5);
    CU_ASSERT_EQUAL(report.rows[0].ops2, 3);
    CU_ASSERT_EQUAL(report.rows[2].ops1, 4); /* the h */
    CU_ASSERT_EQUAL(report.rows[2].ops2, 1);
    CU_ASSERT_EQUAL(report.rows[3].ops2, 3);
    CU_ASSERT_EQUAL(report.rows[4].ops2, program->n_updates);
    CU_ASSERT_EQUAL(report.rows[4].ops1, program->n_ops - program->n_updates);
    bf_program_destroy(program);
    program = lower(circuit, NULL, 0, &report);
    CU_ASSERT_EQUAL(program->n_updates, 2 * (2 * 3 - 1)); /* each cx there and back */
    CU_ASSERT_EQUAL(program->n_ops - program->n_updates, 5);
    CU_ASSERT_FALSE(report.rows[2].on);
    bf_program_destroy(program);
    bf_circuit_destroy(circuit);
}

int main(void)
{
    static const bf_test_t tests[] = {{"every choice keeps the state", every_choice_keeps_the_state},
                                      {"inverse undoes", inverse_undoes},
                                      {"every allowed order is the same", every_allowed_order_is_the_same},
                                      {"free gates have axes", free_gates_have_axes},
                                      {"feature map halves its updates", feature_map_halves_its_updates},
                                      {"commuting layer is two deep", commuting_layer_is_two_deep},
                                      {"Fourier transform needs no extra swaps", fourier_transform_needs_no_extra_swaps},
                                      {"every placement keeps the state", every_placement_keeps_the_state},
                                      {"placement finds a chain", placement_finds_a_chain},
                                      {"cones keep what is measured", cones_keep_what_is_measured},
                                      {"report counts", report_counts},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit passes", seed_generator, NULL, tests);
}
