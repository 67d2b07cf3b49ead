/* Life of sessions and states: misuse, repetition, several at once. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "support.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static bf_circuit_t *parse(const oracle_circuit_t *c)
{
    bf_circuit_t *circuit = NULL;
    char *text = oracle_circuit_qasm(c);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("test.qasm", text, strlen(text), 0, &circuit), BF_OK);
    free(text);
    return circuit;
}

static bf_circuit_t *brickwork(int n, int layers, uint64_t seed)
{
    oracle_rng_t rng = {seed};
    oracle_circuit_t c = oracle_circuit_new(n);
    oracle_add_brickwork(&c, layers, &rng);
    bf_circuit_t *circuit = parse(&c);
    oracle_circuit_free(&c);
    return circuit;
}

static bf_state_t *create(bf_site_t n)
{
    bf_state_t *state = NULL;
    bf_state_options_t options = bf_state_options_default();
    options.always_tasks = true;
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), n, &options, &state), BF_OK);
    return state;
}

static uint64_t hash_of(bf_state_t *state)
{
    uint64_t hash = 0;
    CU_ASSERT_EQUAL(bf_state_hash(state, &hash), BF_OK);
    return hash;
}

static void test_fresh_state(void)
{
    double xyz[15];
    bf_dim_t dims[4];
    bf_report_t report;
    const bf_ledger_entry_t *ledger;
    size_t count = 99;
    bf_state_t *state = create(5);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(state, xyz), BF_OK);
    CU_ASSERT_EQUAL(bf_state_bond_dims(state, dims), BF_OK);
    CU_ASSERT_EQUAL(bf_state_report(state, &report), BF_OK);
    CU_ASSERT_EQUAL(bf_state_ledger(state, &ledger, &count), BF_OK);
    for (int q = 0; q < 5; ++q)
        CU_ASSERT(xyz[3 * q] == 0 && xyz[3 * q + 1] == 0 && xyz[3 * q + 2] == 1);
    for (int b = 0; b < 4; ++b)
        CU_ASSERT_EQUAL(dims[b], 1);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_EQUAL(report.updates, 0);
    CU_ASSERT_EQUAL(report.sum_eps, 0);
    CU_ASSERT_EQUAL(report.fidelity, 1);
    CU_ASSERT_EQUAL(report.distance, 0);
    CU_ASSERT_EQUAL(report.norm, 1);
    bf_state_destroy(state);
}

static void refuse(bf_site_t n, const bf_state_options_t *options)
{
    bf_state_t *state = NULL;
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_state_create(session_get(), n, options, &state), BF_ERR_ARG);
    CU_ASSERT_PTR_NULL(state);
    CU_ASSERT(strlen(bf_error_message()) > 0);
    CU_ASSERT_PTR_NULL(strchr(bf_error_message(), '\n'));
    bf_error_clear();
}

static void test_bad_arguments(void)
{
    bf_state_options_t options = bf_state_options_default();
    refuse(0, &options);
    refuse(-3, &options);
    static const double cutoffs[] = {-1, NAN, INFINITY, -0x1p-1074};
    for (size_t k = 0; k < sizeof cutoffs / sizeof *cutoffs; ++k) {
        options = run_options(cutoffs[k], 1024);
        refuse(4, &options);
    }
    options = run_options(1e-12, -1);
    refuse(4, &options);
    options = bf_state_options_default();
    options.rule.cut.min_dim = 0;
    refuse(4, &options);
    options = bf_state_options_default();
    options.rule.cut.min_dim = 10;
    options.rule.cut.max_dim = 5;
    refuse(4, &options);
    options = bf_state_options_default();
    options.rule.method = BF_METHOD_COUNT;
    refuse(4, &options);
}

/* A circuit that is too wide is refused and leaves the state as it was; a narrower one acts on the first qubits. */
static void test_wrong_qubit_count(void)
{
    double xyz[18];
    bf_state_t *state = create(6);
    bf_circuit_t *wide = brickwork(7, 2, 1), *narrow = brickwork(4, 2, 1);
    const uint64_t before = hash_of(state);
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_state_apply(state, wide), BF_ERR_ARG);
    CU_ASSERT(strlen(bf_error_message()) > 0);
    bf_error_clear();
    CU_ASSERT_EQUAL(hash_of(state), before);
    CU_ASSERT_EQUAL(bf_state_apply(state, narrow), BF_OK);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(state, xyz), BF_OK);
    CU_ASSERT(max_difference(xyz + 12, (const double[]){0, 0, 1, 0, 0, 1}, 6) < 1e-14);
    CU_ASSERT(xyz[2] < 0.9999 || xyz[5] < 0.9999);
    bf_circuit_destroy(narrow);
    bf_circuit_destroy(wide);
    bf_state_destroy(state);
}

/* U then V on one state is VU, also when a permutation is left behind by long-range gates and swaps. */
static void test_apply_twice(void)
{
    oracle_rng_t rng = {9};
    oracle_circuit_t u = oracle_circuit_new(8), v = oracle_circuit_new(8), both = oracle_circuit_new(8);
    oracle_add_random(&u, 30, &rng);
    oracle_add(&u, "swap", NULL, Q(0, 6));
    oracle_add_random(&v, 30, &rng);
    for (int part = 0; part < 2; ++part)
        for (size_t g = 0; g < (part ? v : u).count; ++g) {
            const oracle_gate_t *gate = &(part ? v : u).gates[g];
            oracle_add(&both, gate->kind->name, gate->p, gate->q);
        }
    double exact[24], xyz[24];
    oracle_z_t *psi = oracle_dense_run(&both);
    oracle_dense_xyz(psi, 8, exact);
    bf_circuit_t *first = parse(&u), *second = parse(&v);
    bf_state_t *state = create(8);
    bf_report_t report, report2;
    CU_ASSERT_EQUAL(bf_state_apply(state, first), BF_OK);
    CU_ASSERT_EQUAL(bf_state_report(state, &report), BF_OK);
    CU_ASSERT_EQUAL(bf_state_apply(state, second), BF_OK);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(state, xyz), BF_OK);
    CU_ASSERT_EQUAL(bf_state_report(state, &report2), BF_OK);
    CU_ASSERT(max_difference(xyz, exact, 24) <= 2 * report2.distance + 1e-12);
    CU_ASSERT(max_difference(xyz, exact, 24) <= 1e-5);
    CU_ASSERT(report2.updates > report.updates);
    CU_ASSERT(report2.sum_eps >= report.sum_eps);
    bf_state_destroy(state);
    bf_circuit_destroy(second);
    bf_circuit_destroy(first);
    free(psi);
    oracle_circuit_free(&both);
    oracle_circuit_free(&v);
    oracle_circuit_free(&u);
}

/* Measuring changes nothing; hashes tell states apart and equal runs alike. */
static void test_same_bits(void)
{
    double a[60], b[60];
    bf_circuit_t *circuit = brickwork(20, 6, 3), *other = brickwork(20, 6, 4);
    bf_state_t *state = create(20), *twin = create(20);
    const uint64_t zero = hash_of(state);
    CU_ASSERT_EQUAL(zero, hash_of(twin));
    CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
    const uint64_t once = hash_of(state);
    CU_ASSERT_NOT_EQUAL(once, zero);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(state, a), BF_OK);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(state, b), BF_OK);
    CU_ASSERT_EQUAL(memcmp(a, b, sizeof a), 0);
    CU_ASSERT_EQUAL(hash_of(state), once);
    CU_ASSERT_EQUAL(bf_state_apply(twin, circuit), BF_OK);
    CU_ASSERT_EQUAL(hash_of(twin), once);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(twin, b), BF_OK);
    CU_ASSERT_EQUAL(memcmp(a, b, sizeof a), 0);
    CU_ASSERT_EQUAL(bf_state_apply(twin, other), BF_OK);
    CU_ASSERT_NOT_EQUAL(hash_of(twin), once);
    bf_state_destroy(twin);
    bf_state_destroy(state);
    state = create(20);
    CU_ASSERT_EQUAL(bf_state_apply(state, other), BF_OK);
    CU_ASSERT_NOT_EQUAL(hash_of(state), once);
    bf_state_destroy(state);
    state = create(21);
    CU_ASSERT_NOT_EQUAL(hash_of(state), zero);
    bf_state_destroy(state);
    bf_circuit_destroy(other);
    bf_circuit_destroy(circuit);
}

/* The size of tasks and of the submission window never changes a bit of the result. */
static void test_grain_and_window(void)
{
    static const double grains[] = {0, 1e-3, 1000, 1e9};
    static const int windows[] = {0, 1, 100};
    bf_circuit_t *circuit = brickwork(40, 9, 8);
    uint64_t expected = 0;
    double reference[120], xyz[120];
    for (size_t g = 0; g < sizeof grains / sizeof *grains; ++g)
        for (size_t w = 0; w < sizeof windows / sizeof *windows; ++w) {
            bf_state_options_t options = bf_state_options_default();
            bf_state_t *state = NULL;
            options.grain_us = grains[g];
            options.window = windows[w];
            CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), 40, &options, &state), BF_OK);
            CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
            CU_ASSERT_EQUAL(bf_state_expect_xyz(state, xyz), BF_OK);
            if (g == 0 && w == 0) {
                expected = hash_of(state);
                memcpy(reference, xyz, sizeof xyz);
            }
            CU_ASSERT_EQUAL(hash_of(state), expected);
            CU_ASSERT_EQUAL(memcmp(xyz, reference, sizeof xyz), 0);
            bf_state_destroy(state);
        }
    bf_circuit_destroy(circuit);
}

static long resident_kib(void)
{
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(statm);
    CU_ASSERT_EQUAL(fscanf(statm, "%*d %ld", &pages), 1);
    fclose(statm);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void live_and_die(const bf_circuit_t *circuit, int times)
{
    double xyz[60];
    for (int k = 0; k < times; ++k) {
        bf_state_t *state = create(20);
        CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
        CU_ASSERT_EQUAL(bf_state_expect_xyz(state, xyz), BF_OK);
        bf_state_destroy(state);
    }
}

/* A state of this size holds 300 kB: one forgotten tensor per state would show as tens of megabytes. AddressSanitizer keeps freed
 * memory for a while, and finds leaks itself. */
#ifdef __SANITIZE_ADDRESS__
#define GROWTH_KIB (1024 * 1024)
#else
#define GROWTH_KIB (12 * 1024)
#endif

static void test_no_leak(void)
{
    bf_circuit_t *circuit = brickwork(20, 8, 5);
    live_and_die(circuit, 60);
    const long before = resident_kib();
    live_and_die(circuit, 300);
    const long growth = resident_kib() - before;
    printf("\n    resident memory grew by %ld KiB over 300 states", growth);
    CU_ASSERT(growth < GROWTH_KIB);
    bf_circuit_destroy(circuit);
}

/* Two states in turns give what each gives alone. */
static void test_two_states(void)
{
    bf_circuit_t *a = brickwork(16, 4, 1), *b = brickwork(16, 4, 2);
    bf_state_t *x = create(16), *y = create(16);
    CU_ASSERT_EQUAL(bf_state_apply(x, a), BF_OK);
    CU_ASSERT_EQUAL(bf_state_apply(y, b), BF_OK);
    const uint64_t hx = hash_of(x);
    CU_ASSERT_EQUAL(bf_state_apply(y, a), BF_OK);
    CU_ASSERT_EQUAL(hash_of(x), hx);
    CU_ASSERT_EQUAL(bf_state_apply(x, b), BF_OK);
    CU_ASSERT_NOT_EQUAL(hash_of(x), hash_of(y));
    bf_state_destroy(y);
    bf_state_destroy(x);
    bf_circuit_destroy(b);
    bf_circuit_destroy(a);
}

/* StarPU is stopped and started again within one process. */
static void test_second_session(void)
{
    bf_circuit_t *circuit = brickwork(12, 5, 6);
    uint64_t first = 0;
    for (int k = 0; k < 3; ++k) {
        bf_state_t *state = create(12);
        CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
        if (k == 0)
            first = hash_of(state);
        CU_ASSERT_EQUAL(hash_of(state), first);
        bf_state_destroy(state);
        CU_ASSERT_EQUAL(session_close(), 0);
        CU_ASSERT_EQUAL_FATAL(session_open(), 0);
    }
    bf_circuit_destroy(circuit);
}

static void test_destroy_nothing(void)
{
    bf_state_destroy(NULL);
    bf_circuit_destroy(NULL);
    bf_session_destroy(NULL);
    CU_ASSERT_EQUAL(bf_session_rank(session_get()), 0);
    CU_ASSERT_EQUAL(bf_session_size(session_get()), 1);
    CU_ASSERT(bf_session_workers(session_get()) >= 1);
    CU_ASSERT(strlen(bf_session_describe(session_get())) > 0);
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"a fresh state", test_fresh_state},
        {"bad arguments", test_bad_arguments},
        {"wrong number of qubits", test_wrong_qubit_count},
        {"apply twice", test_apply_twice},
        {"same bits", test_same_bits},
        {"grain and window change no bit", test_grain_and_window},
        {"no leak", test_no_leak},
        {"two states", test_two_states},
        {"second session", test_second_session},
        {"destroy nothing", test_destroy_nothing},
        {NULL, NULL},
    };
    return bf_cunit_main("system_state", session_open, session_close, tests);
}
