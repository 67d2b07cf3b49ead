/* The oracles themselves: gate identities, known states, the two oracles against each other, and published reference values. */
#include "cunit_main.h"
#include "oracle_dense.h"
#include "oracle_fermion.h"
#include "support.h"

#include <math.h>
#include <string.h>

static double distance(const oracle_circuit_t *a, const oracle_circuit_t *b)
{
    oracle_z_t *x = oracle_dense_run(a), *y = oracle_dense_run(b);
    const double overlap = cabs(oracle_dense_overlap(x, y, a->n));
    free(y);
    free(x);
    return fabs(1 - overlap);
}

/* Every kind is unitary on a random state, and followed by its inverse gives the state back where an inverse has a name. */
static void test_inverse(void)
{
    static const char *const nameless[] = {"csx", "c3sqrtx", "rccx", "rc3x"};
    oracle_rng_t rng = {1};
    for (const oracle_kind_t *kind = oracle_kinds(); kind->name; ++kind) {
        oracle_circuit_t c = oracle_circuit_new(5);
        oracle_add_brickwork(&c, 4, &rng);
        oracle_circuit_t same = oracle_circuit_new(5);
        for (size_t g = 0; g < c.count; ++g)
            oracle_add(&same, c.gates[g].kind->name, c.gates[g].p, c.gates[g].q);
        const double p[4] = {0.3, 1.1, -0.7, 0.4};
        const int q[5] = {3, 1, 4, 0, 2};
        bool named = true;
        for (size_t k = 0; k < sizeof nameless / sizeof *nameless; ++k)
            named = named && strcmp(kind->name, nameless[k]) != 0;
        oracle_circuit_t gate = oracle_circuit_new(5);
        oracle_add(&gate, kind->name, p, q);
        if (named)
            oracle_add_inverse(&gate);
        for (size_t g = 0; g < gate.count; ++g)
            oracle_add(&c, gate.gates[g].kind->name, gate.gates[g].p, gate.gates[g].q);
        oracle_z_t *psi = oracle_dense_run(&c);
        CU_ASSERT_DOUBLE_EQUAL(creal(oracle_dense_overlap(psi, psi, 5)), 1, 1e-13);
        free(psi);
        if (named)
            CU_ASSERT(distance(&c, &same) < 1e-13);
        oracle_circuit_free(&gate);
        oracle_circuit_free(&same);
        oracle_circuit_free(&c);
    }
}

/* The decompositions that qelib1.inc itself gives, for gates whose controlled form could be read in two ways. */
static void test_identities(void)
{
    const double theta = 0.83, phi = -1.7, lambda = 0.41;
    oracle_circuit_t a = oracle_circuit_new(3), b = oracle_circuit_new(3);
    oracle_rng_t rng = {2};
    oracle_add_brickwork(&a, 4, &rng);
    rng.state = 2;
    oracle_add_brickwork(&b, 4, &rng);
    oracle_add(&a, "cu3", P(theta, phi, lambda), Q(0, 1));
    oracle_add(&b, "u1", P((lambda + phi) / 2), Q(0));
    oracle_add(&b, "u1", P((lambda - phi) / 2), Q(1));
    oracle_add(&b, "cx", NULL, Q(0, 1));
    oracle_add(&b, "u3", P(-theta / 2, 0, -(phi + lambda) / 2), Q(1));
    oracle_add(&b, "cx", NULL, Q(0, 1));
    oracle_add(&b, "u3", P(theta / 2, phi, 0), Q(1));
    CU_ASSERT(distance(&a, &b) < 1e-14);
    oracle_add(&a, "rzz", P(theta), Q(2, 1));
    oracle_add(&b, "cx", NULL, Q(2, 1));
    oracle_add(&b, "u1", P(theta), Q(1));
    oracle_add(&b, "cx", NULL, Q(2, 1));
    CU_ASSERT(distance(&a, &b) < 1e-14);
    oracle_add(&a, "rxx", P(theta), Q(0, 2));
    oracle_add(&b, "h", NULL, Q(0));
    oracle_add(&b, "h", NULL, Q(2));
    oracle_add(&b, "rzz", P(theta), Q(0, 2));
    oracle_add(&b, "h", NULL, Q(0));
    oracle_add(&b, "h", NULL, Q(2));
    CU_ASSERT(distance(&a, &b) < 1e-14);
    oracle_add(&a, "u2", P(phi, lambda), Q(1));
    oracle_add(&b, "rz", P(lambda), Q(1));
    oracle_add(&b, "ry", P(acos(0.0)), Q(1));
    oracle_add(&b, "rz", P(phi), Q(1));
    CU_ASSERT(distance(&a, &b) < 1e-14);
    oracle_circuit_free(&b);
    oracle_circuit_free(&a);
}

/* Qubit order, signs of Y, Schmidt values and truncation on states known by heart. */
static void test_states(void)
{
    double xyz[12], s[4];
    oracle_circuit_t c = oracle_circuit_new(4);
    oracle_add(&c, "h", NULL, Q(1));
    oracle_add(&c, "s", NULL, Q(1));
    oracle_add(&c, "x", NULL, Q(3));
    oracle_add(&c, "ry", P(0.6), Q(0));
    oracle_z_t *psi = oracle_dense_run(&c);
    oracle_dense_xyz(psi, 4, xyz);
    const double expected[12] = {sin(0.6), 0, cos(0.6), 0, 1, 0, 0, 0, 1, 0, 0, -1};
    for (int k = 0; k < 12; ++k)
        CU_ASSERT_DOUBLE_EQUAL(xyz[k], expected[k], 1e-15);
    free(psi);
    oracle_circuit_free(&c);

    oracle_add(&c, "ry", P(2 * acos(sqrt(0.8))), Q(1));
    oracle_add(&c, "cx", NULL, Q(1, 2));
    psi = oracle_dense_run(&c);
    oracle_dense_schmidt(psi, 4, 2, s);
    CU_ASSERT_DOUBLE_EQUAL(s[0], sqrt(0.8), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(s[1], sqrt(0.2), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(s[2], 0, 1e-15);
    oracle_z_t *exact = oracle_dense_run(&c);
    CU_ASSERT_DOUBLE_EQUAL(oracle_dense_truncate(psi, 4, 2, 1), 0.2, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(cabs(oracle_dense_overlap(psi, exact, 4)), sqrt(0.8), 1e-15);
    free(exact);
    free(psi);
    oracle_circuit_free(&c);
}

/* Pfaffian squared is the determinant; Pf of direct sums; an odd order gives 0. */
static void test_pfaffian(void)
{
    double a[16] = {0, 1, 2, 3, -1, 0, 4, 5, -2, -4, 0, 6, -3, -5, -6, 0};
    CU_ASSERT_DOUBLE_EQUAL(oracle_pfaffian(a, 4, 4), 1 * 6 - 2 * 5 + 3 * 4, 1e-14);
    double b[16] = {0, 0, 2, 0, 0, 0, 0, 5, -2, 0, 0, 0, 0, -5, 0, 0};
    CU_ASSERT_DOUBLE_EQUAL(oracle_pfaffian(b, 4, 4), -10, 1e-14);
    double c[9] = {0, 1, 2, -1, 0, 3, -2, -3, 0};
    CU_ASSERT_EQUAL(oracle_pfaffian(c, 3, 3), 0);
}

static void test_fermion_against_dense(void)
{
    oracle_rng_t rng = {3};
    for (int n = 1; n <= 10; ++n) {
        feature_map_t map = feature_map_random(n, 4, &rng);
        oracle_circuit_t c = feature_map_circuit(&map);
        oracle_z_t *psi = oracle_dense_run(&c);
        double exact[30], fermion[30];
        oracle_dense_xyz(psi, n, exact);
        feature_map_exact(&map, fermion);
        for (int k = 0; k < 3 * n; ++k)
            CU_ASSERT_DOUBLE_EQUAL(fermion[k], exact[k], 5e-14);
        free(psi);
        oracle_circuit_free(&c);
        feature_map_free(&map);
    }
}

/* Values computed once by an independent program (NumPy), n = 100. */
static void test_fermion_reference(void)
{
    static const struct {
        int reps, site;
        double xyz[3];
    } value[] = {
        {8, 0, {+0.590939612113, +0.184526536702, +0.506475300711}},
        {8, 49, {+0.960190891680, -0.049972027399, +0.077491824991}},
        {8, 99, {+0.996854227800, +0.036987829473, -0.034233858188}},
        {24, 0, {+0.364286528806, -0.268375714488, +0.459067863496}},
        {24, 49, {+0.915038477218, -0.012419477946, +0.060278046996}},
        {24, 99, {+0.995054585961, +0.041669091041, -0.056343876335}},
    };
    double xyz[300];
    for (size_t k = 0; k < sizeof value / sizeof *value; ++k) {
        feature_map_t map = feature_map_reference(100, value[k].reps);
        feature_map_exact(&map, xyz);
        for (int i = 0; i < 3; ++i)
            CU_ASSERT_DOUBLE_EQUAL(xyz[3 * value[k].site + i], value[k].xyz[i], 2e-12);
        feature_map_free(&map);
    }
}

int main(void)
{
    static const bf_test_t tests[] = {
        {"every gate is unitary and undone by its inverse", test_inverse},
        {"gates agree with their published decompositions", test_identities},
        {"states known by heart", test_states},
        {"Pfaffians", test_pfaffian},
        {"free fermions against state vectors", test_fermion_against_dense},
        {"free fermions against reference values", test_fermion_reference},
        {NULL, NULL},
    };
    return bf_cunit_main("oracle", NULL, NULL, tests);
}
