/* A number that is not one, on one rank: every rank gets the same status and message, none waits for ever, and the session lives
 * on. */
#include "cunit_main.h"
#include "inside.h"
#include "runtime/mps/state.h"
#include "support.h"

#include <string.h>

#define QUBITS 8

static bf_circuit_t *brickwork(int layers, uint64_t seed)
{
    oracle_rng_t rng = {seed};
    bf_circuit_t *circuit = NULL;
    oracle_circuit_t c = oracle_circuit_new(QUBITS);
    oracle_add_brickwork(&c, layers, &rng);
    char *text = oracle_circuit_qasm(&c);
    CU_ASSERT_EQUAL_FATAL(bf_circuit_parse("test.qasm", text, strlen(text), 0, &circuit), BF_OK);
    free(text);
    oracle_circuit_free(&c);
    return circuit;
}

static bf_state_t *create(void)
{
    bf_state_t *state = NULL;
    const bf_state_options_t options = bf_state_options_default();
    CU_ASSERT_EQUAL_FATAL(bf_state_create(session_get(), QUBITS, &options, &state), BF_OK);
    return state;
}

/* The same bytes on every rank. */
static void check_same(const void *data, size_t bytes)
{
    char *first = malloc(bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    memcpy(first, data, bytes);
    if (bf_session_size(session_get()) > 1)
        MPI_Bcast(first, (int)bytes, MPI_BYTE, 0, session_get()->comm);
    CU_ASSERT_EQUAL(memcmp(first, data, bytes), 0);
    free(first);
}

/* Status and message are the same everywhere, and the message says where it happened. */
static void check_failure(bf_status_t status)
{
    char message[512] = "";
    CU_ASSERT_EQUAL(status, BF_ERR_NAN);
    strncpy(message, bf_error_message(), sizeof message - 1);
    CU_ASSERT(strstr(message, "sites") || strstr(message, "qubit"));
    check_same(message, sizeof message);
    bf_error_clear();
}

static void spoil_and_apply(bf_site_t site)
{
    bf_circuit_t *circuit = brickwork(4, 3);
    bf_state_t *state = create();
    double xyz[3 * QUBITS];
    CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
    inside_spoil(state, site);
    bf_error_clear();
    check_failure(bf_state_apply(state, circuit));
    /* A lost state stays lost, and says so. */
    CU_ASSERT(bf_state_apply(state, circuit) < 0);
    CU_ASSERT(bf_state_expect_xyz(state, xyz) < 0);
    bf_error_clear();
    bf_state_destroy(state);
    bf_circuit_destroy(circuit);
}

static void test_failure_in_evolution(void)
{
    for (bf_site_t site = 0; site < QUBITS; ++site)
        spoil_and_apply(site);
}

static void test_failure_in_measurement(void)
{
    for (bf_site_t site = 0; site < QUBITS; site += QUBITS - 1) {
        bf_circuit_t *circuit = brickwork(4, 4);
        bf_state_t *state = create();
        double xyz[3 * QUBITS];
        CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
        inside_spoil(state, site);
        bf_error_clear();
        check_failure(bf_state_expect_xyz(state, xyz));
        bf_state_destroy(state);
        bf_circuit_destroy(circuit);
    }
}

static void test_session_lives_on(void)
{
    bf_circuit_t *circuit = brickwork(4, 5);
    bf_state_t *state = create();
    double xyz[3 * QUBITS];
    uint64_t hash = 0;
    CU_ASSERT_EQUAL(bf_state_apply(state, circuit), BF_OK);
    CU_ASSERT_EQUAL(bf_state_expect_xyz(state, xyz), BF_OK);
    CU_ASSERT_EQUAL(bf_state_hash(state, &hash), BF_OK);
    check_same(xyz, sizeof xyz);
    check_same(&hash, sizeof hash);
    bf_state_destroy(state);
    bf_circuit_destroy(circuit);
}

/* Different statuses on different ranks: all get the most severe one with its message. */
static void test_agree(void)
{
    bf_session_t *session = session_get();
    const bool last = bf_session_rank(session) + 1 == bf_session_size(session);
    bf_error_clear();
    const bf_status_t mine = last ? bf_error_set(BF_ERR_IO, "the disk of the last rank is full") : BF_OK;
    CU_ASSERT_EQUAL(bf_session_agree(session, mine), BF_ERR_IO);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), "the disk of the last rank is full");
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_session_agree(session, BF_OK), BF_OK);
    CU_ASSERT_STRING_EQUAL(bf_error_message(), "");
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"failure during evolution", test_failure_in_evolution},
        {"failure during measurement", test_failure_in_measurement},
        {"the session lives on", test_session_lives_on},
        {"agreement", test_agree},
        {NULL, NULL},
    };
    return bf_cunit_main("mpi_failure", session_open, session_close, tests);
}
