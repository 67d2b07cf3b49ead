/* The gate library against formulas: matrices, unitarity, exactness at Clifford angles, decompositions multiplied out. */
#include "circuit_reference.h"
#include "cunit_main.h"
#include "oracle_random.h"
#include "runtime/circuit/gate_library.h"

#include <math.h>
#include <string.h>

enum { TRIALS = 20 };

static oracle_rng_t rng;

static int seed_generator(void)
{
    rng.state = oracle_rng_run_seed();
    printf("seed %llu\n", (unsigned long long)rng.state);
    return 0;
}

static void random_angles(double p[BF_GATE_PARAMS])
{
    for (int i = 0; i < BF_GATE_PARAMS; i++)
        p[i] = 8 * oracle_rng_uniform(&rng) - 4;
}

static double largest_difference(int count, const reference_z_t *a, const reference_z_t *b)
{
    double largest = 0;
    for (int i = 0; i < count; i++)
        largest = fmax(largest, cabs(a[i] - b[i]));
    return largest;
}

static void matrices_follow_the_formulas(void)
{
    int compared = 0;
    for (int kind = 0; kind < BF_KIND_KINDS; kind++) {
        const bf_gate_info_t *info = bf_gate_info((bf_gate_kind_t)kind);
        if (info->n_qubits < 1 || info->n_qubits > 2)
            continue;
        for (int trial = 0; trial < TRIALS; trial++) {
            double p[BF_GATE_PARAMS];
            bf_z_t u[16];
            reference_z_t expected[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM];
            random_angles(p);
            bf_gate_matrix((bf_gate_kind_t)kind, p, u);
            const int k = reference_matrix(info->name, p, expected);
            CU_ASSERT_EQUAL(k, info->n_qubits);
            const double error = largest_difference(1 << 2 * info->n_qubits, u, expected);
            if (error > 1e-14)
                printf("gate %s differs by %g\n", info->name, error);
            CU_ASSERT(error <= 1e-14);
            compared++;
        }
    }
    CU_ASSERT(compared >= 48 * TRIALS);
}

static void check_unitarity(bool huge)
{
    for (int kind = 0; kind < BF_KIND_KINDS; kind++) {
        const bf_gate_info_t *info = bf_gate_info((bf_gate_kind_t)kind);
        if (info->n_qubits < 1 || info->n_qubits > 2)
            continue;
        const int dim = 1 << info->n_qubits;
        double p[BF_GATE_PARAMS], worst = 0;
        bf_z_t u[16];
        random_angles(p);
        for (int i = 0; i < BF_GATE_PARAMS && huge; i++)
            p[i] *= 1e80;
        bf_gate_matrix((bf_gate_kind_t)kind, p, u);
        for (int i = 0; i < dim; i++)
            for (int j = 0; j < dim; j++) {
                bf_z_t dot = 0;
                for (int k = 0; k < dim; k++)
                    dot += conj(u[dim * k + i]) * u[dim * k + j];
                worst = fmax(worst, cabs(dot - (i == j)));
            }
        CU_ASSERT(worst <= 4e-16 * dim);
    }
}

static void matrices_are_unitary(void)
{
    check_unitarity(false);
    check_unitarity(true);
}

/** Rotations by multiples of pi/2 have entries 0, 1, 1/sqrt 2, ... and nothing like 6e-17. */
static void clifford_angles_are_exact(void)
{
    for (int turns = -9; turns <= 9; turns++) {
        const double quarter = turns * M_PI / 2;
        const double p[] = {quarter, -quarter, quarter, quarter};
        for (int kind = 0; kind < BF_KIND_KINDS; kind++) {
            const bf_gate_info_t *info = bf_gate_info((bf_gate_kind_t)kind);
            bf_z_t u[16];
            if (info->n_qubits < 1 || info->n_qubits > 2)
                continue;
            bf_gate_matrix((bf_gate_kind_t)kind, p, u);
            for (int i = 0; i < 1 << 2 * info->n_qubits; i++) {
                CU_ASSERT(creal(u[i]) == 0 || fabs(creal(u[i])) > 0.1);
                CU_ASSERT(cimag(u[i]) == 0 || fabs(cimag(u[i])) > 0.1);
            }
        }
    }
    bf_z_t u[4];
    bf_gate_matrix(BF_KIND_RX, (const double[]){1e-9}, u);
    CU_ASSERT_DOUBLE_EQUAL(cimag(u[1]), -0.5e-9, 1e-24); /* small angles are not rounded away */
}

static void decompositions_multiply_out(void)
{
    int compared = 0;
    for (int kind = 0; kind < BF_KIND_KINDS; kind++) {
        const bf_gate_info_t *info = bf_gate_info((bf_gate_kind_t)kind);
        if (info->n_qubits < 3)
            continue;
        const int n = info->n_qubits, dim = 1 << n;
        reference_z_t expected[REFERENCE_MAX_DIM * REFERENCE_MAX_DIM];
        const double no_angles[BF_GATE_PARAMS] = {0};
        CU_ASSERT_EQUAL(reference_matrix(info->name, no_angles, expected), n);
        bf_gate_t gate = {.kind = (uint16_t)kind, .line = 7, .q = {0, 1, 2, 3, 4}}, parts[BF_EXPAND_MAX];
        const int n_parts = bf_gate_expand(&gate, parts);
        CU_ASSERT(n_parts > 1 && n_parts <= BF_EXPAND_MAX);
        double worst = 0;
        for (int column = 0; column < dim; column++) {
            reference_z_t psi[REFERENCE_MAX_DIM] = {0};
            psi[column] = 1;
            for (int i = 0; i < n_parts; i++) {
                bf_z_t u[16];
                const int k = bf_gate_info((bf_gate_kind_t)parts[i].kind)->n_qubits;
                const int bits[2] = {n - 1 - parts[i].q[0], n - 1 - parts[i].q[1]};
                CU_ASSERT(k == 1 || k == 2);
                CU_ASSERT_EQUAL(parts[i].line, 7);
                bf_gate_matrix((bf_gate_kind_t)parts[i].kind, parts[i].p, u);
                reference_apply(psi, n, k, bits, u);
            }
            for (int row = 0; row < dim; row++)
                worst = fmax(worst, cabs(psi[row] - expected[dim * row + column]));
        }
        if (worst > 1e-14)
            printf("decomposition of %s is off by %g\n", info->name, worst);
        CU_ASSERT(worst <= 1e-14);
        compared++;
    }
    CU_ASSERT_EQUAL(compared, 8);
}

static void names_find_their_kinds(void)
{
    bf_names_t names = {0};
    CU_ASSERT_EQUAL_FATAL(bf_gate_names(&names, 3), BF_OK);
    for (int kind = 0; kind < BF_KIND_KINDS; kind++)
        CU_ASSERT_EQUAL(bf_names_find(&names, bf_name(bf_gate_info((bf_gate_kind_t)kind)->name)), kind);
    CU_ASSERT_EQUAL(bf_names_find(&names, bf_name("toffoli")), -1);
    CU_ASSERT_STRING_EQUAL(bf_names_nearest(&names, bf_name("cswpa"))->text, "cswap");
    CU_ASSERT_PTR_NULL(bf_names_nearest(&names, bf_name("measurement")));
    bf_names_clear(&names);
}

int main(void)
{
    static const bf_test_t tests[] = {{"matrices follow the formulas", matrices_follow_the_formulas},
                                      {"matrices are unitary", matrices_are_unitary},
                                      {"Clifford angles are exact", clifford_angles_are_exact},
                                      {"decompositions multiply out", decompositions_multiply_out},
                                      {"names find their kinds", names_find_their_kinds},
                                      {NULL, NULL}};
    return bf_cunit_main("circuit gates", seed_generator, NULL, tests);
}
