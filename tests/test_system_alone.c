/* A circuit that the calling thread runs alone, one that becomes tasks, and one that changes over half way: the same bits. */
#include "cunit_main.h"
#include "inside.h"
#include "runtime/mps/state.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_QUBITS = 12 };

typedef enum way { ALONE, CHANGING, TASKS, WAYS } way_t;

/* Everything that can be asked of a state. */
typedef struct answer {
    bool spread; /* before it was measured */
    uint64_t hash;
    double xyz[3 * MOST_QUBITS];
    double features[5 * MOST_QUBITS];
    bf_report_t report;
    bf_ledger_entry_t *ledger;
    size_t updates;
} answer_t;

static const bf_feature_t features[] = {
    {BF_FEATURE_PURITY, 0}, {BF_FEATURE_ENTROPY, 0}, {BF_FEATURE_BONDDIM, 0}, {BF_FEATURE_XX, 1}, {BF_FEATURE_ZZ, 2}};

static void ask(bf_state_t *state, answer_t *answer)
{
    const bf_ledger_entry_t *ledger = NULL;
    answer->spread = bf_state_is_spread(state);
    CU_ASSERT_EQUAL(bf_state_features(state, features, state->n > 2 ? 5 : 3, answer->features), BF_OK);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(state, answer->xyz), BF_OK);
    CU_ASSERT_EQUAL(bf_state_hash(state, &answer->hash), BF_OK);
    CU_ASSERT_EQUAL(bf_state_report(state, &answer->report), BF_OK);
    CU_ASSERT_EQUAL(bf_state_ledger(state, &ledger, &answer->updates), BF_OK);
    answer->ledger = calloc(answer->updates + 1, sizeof *ledger);
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer->ledger);
    if (answer->updates)
        memcpy(answer->ledger, ledger, answer->updates * sizeof *ledger);
}

static bf_circuit_t *parse(const oracle_circuit_t *c)
{
    bf_circuit_t *circuit = NULL;
    char *text = oracle_circuit_qasm(c);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("test.qasm", text, strlen(text), 0, &circuit), BF_OK);
    free(text);
    return circuit;
}

static answer_t run(bf_circuit_t *const halves[2], bf_state_options_t options, way_t way)
{
    answer_t answer = {0};
    bf_state_t *state = NULL;
    options.always_tasks = way == TASKS;
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), bf_circuit_qubits(halves[0]), &options, &state), BF_OK);
    CU_ASSERT_EQUAL(bf_state_apply(state, halves[0]), BF_OK);
    if (way == CHANGING)
        CU_ASSERT_EQUAL(bf_state_spread(state), BF_OK);
    CU_ASSERT_EQUAL(bf_state_apply(state, halves[1]), BF_OK);
    ask(state, &answer);
    bf_state_destroy(state);
    return answer;
}

/* The last byte before the padding is `done`. */
static bool same_entry(const bf_ledger_entry_t *a, const bf_ledger_entry_t *b)
{
    return memcmp(a, b, offsetof(bf_ledger_entry_t, done) + 1) == 0;
}

static void compare(const answer_t *a, const answer_t *b)
{
    CU_ASSERT_EQUAL(a->hash, b->hash);
    CU_ASSERT_EQUAL(memcmp(a->xyz, b->xyz, sizeof a->xyz), 0);
    CU_ASSERT_EQUAL(memcmp(a->features, b->features, sizeof a->features), 0);
    CU_ASSERT_EQUAL(a->report.sum_eps, b->report.sum_eps);
    CU_ASSERT_EQUAL(a->report.norm, b->report.norm);
    CU_ASSERT_EQUAL_FATAL(a->updates, b->updates);
    for (size_t i = 0; i < a->updates; i++)
        CU_ASSERT(same_entry(&a->ledger[i], &b->ledger[i]));
}

/* How many states were never spread, of all that need not have been. */
static int stayed_alone;

static void compare_ways(const oracle_circuit_t *first, const oracle_circuit_t *second, const bf_state_options_t *options)
{
    answer_t answers[WAYS];
    bf_circuit_t *halves[2] = {parse(first), parse(second)};
    for (way_t way = ALONE; way < WAYS; way++)
        answers[way] = run(halves, *options, way);
    stayed_alone += !answers[ALONE].spread;
    CU_ASSERT(answers[CHANGING].spread && answers[TASKS].spread);
    compare(&answers[ALONE], &answers[TASKS]);
    compare(&answers[CHANGING], &answers[TASKS]);
    for (way_t way = ALONE; way < WAYS; way++)
        free(answers[way].ledger);
    bf_circuit_destroy(halves[0]);
    bf_circuit_destroy(halves[1]);
}

static bf_state_options_t cut(double cutoff, bf_dim_t max_dim, bf_precision_t precision)
{
    bf_state_options_t options = run_options(cutoff, max_dim);
    options.precision = precision;
    return options;
}

static void test_random(void)
{
    oracle_rng_t rng = {20};
    for (int n = 1; n <= MOST_QUBITS; n++)
        for (int precision = BF_PRECISION_DOUBLE; precision <= BF_PRECISION_AUTO; precision++) {
            oracle_circuit_t first = oracle_circuit_new(n);
            oracle_circuit_t second = oracle_circuit_new(n);
            oracle_add_random(&first, 3 * n, &rng);
            oracle_add_random(&second, 4 * n, &rng);
            const bf_state_options_t options = cut(n % 2 ? 1e-12 : 1e-3, n % 3 ? 1024 : 4, (bf_precision_t)precision);
            compare_ways(&first, &second, &options);
            oracle_circuit_free(&first);
            oracle_circuit_free(&second);
        }
    CU_ASSERT(stayed_alone > 0);
}

/* Long enough that the calling thread gives the circuit away in the middle of it. */
static void test_given_away(void)
{
    oracle_rng_t rng = {21};
    const bf_state_options_t options = cut(1e-12, 1024, BF_PRECISION_DOUBLE);
    oracle_circuit_t first = oracle_circuit_new(MOST_QUBITS);
    oracle_circuit_t second = oracle_circuit_new(MOST_QUBITS);
    oracle_add_brickwork(&first, 200, &rng);
    oracle_add_brickwork(&second, 3, &rng);
    compare_ways(&first, &second, &options);
    oracle_circuit_free(&first);
    oracle_circuit_free(&second);
}

/* Nothing at all, and a state that is only looked at. */
static void test_empty(void)
{
    const bf_state_options_t options = cut(1e-12, 1024, BF_PRECISION_DOUBLE);
    for (int n = 1; n <= 3; n++) {
        oracle_circuit_t none = oracle_circuit_new(n);
        compare_ways(&none, &none, &options);
        oracle_circuit_free(&none);
    }
}

/* A state that is lost says so, alone as well. */
static void test_lost(void)
{
    bf_state_t *state = NULL;
    double xyz[3 * 4];
    oracle_rng_t rng = {22};
    oracle_circuit_t c = oracle_circuit_new(4);
    oracle_add_brickwork(&c, 4, &rng);
    bf_circuit_t *circuit = parse(&c);
    const bf_state_options_t options = bf_state_options_default();
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), 4, &options, &state), BF_OK);
    CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
    if (!bf_state_is_spread(state))
        bf_tensor_poison(&state->chain.sites[1], BF_ERR_NAN);
    else
        inside_spoil(state, 1);
    CU_ASSERT(bf_state_expect_xyz(state, xyz) < 0);
    CU_ASSERT(bf_state_apply(state, circuit) < 0);
    CU_ASSERT(strlen(bf_error_message()) > 0);
    bf_error_clear();
    bf_state_destroy(state);
    bf_circuit_destroy(circuit);
    oracle_circuit_free(&c);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"random circuits", test_random},
        {"given away in the middle", test_given_away},
        {"no gates", test_empty},
        {"a lost state", test_lost},
        {NULL, NULL},
    };
    return bf_cunit_main("system_alone", session_open, session_close, tests);
}
