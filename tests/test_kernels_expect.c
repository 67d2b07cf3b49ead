/* One-site expectation values against naive density matrices and against known single-qubit states. */
#include "kernels/expect.h"
#include "kernels_testing.h"

static void naive_density_matrix(bf_type_t tl, bf_type_t tr)
{
    const bf_dim_t l = test_dim(9), r = test_dim(9);
    bf_tensor_t a = test_random(tl, BF_WEIGHT_NONE, l, 2, r), b = test_random(tr, BF_WEIGHT_NONE, l, 2, r);
    bf_z_t rho[2][2] = {{0.0, 0.0}, {0.0, 0.0}};
    for (int s = 0; s < 2; s++)
        for (int s1 = 0; s1 < 2; s1++)
            for (bf_dim_t i = 0; i < l; i++)
                for (bf_dim_t j = 0; j < r; j++)
                    rho[s][s1] += conj(test_get(tl, a.b, i + l * (s1 + 2 * j))) * test_get(tr, b.b, i + l * (s + 2 * j));
    bf_xyz_t got;
    bf_k_expect(&a, &b, &got);
    CU_ASSERT_DOUBLE_EQUAL(got.x, 2.0 * creal(rho[0][1]), 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(got.y, -2.0 * cimag(rho[0][1]), 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(got.z, creal(rho[0][0] - rho[1][1]), 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(got.norm, creal(rho[0][0] + rho[1][1]), 1e-13);
    test_free(&a);
    test_free(&b);
}

static void every_type(void)
{
    for (int trial = 0; trial < 5; trial++) {
        naive_density_matrix(BF_TYPE_Z, BF_TYPE_Z);
        naive_density_matrix(BF_TYPE_D, BF_TYPE_D);
        naive_density_matrix(BF_TYPE_Z, BF_TYPE_D);
        naive_density_matrix(BF_TYPE_D, BF_TYPE_Z);
    }
}

/* cos(a/2)|0> + e^{ip} sin(a/2)|1> points to (sin a cos p, sin a sin p, cos a). */
static void bloch_vector(void)
{
    for (int trial = 0; trial < 10; trial++) {
        const double a = 3.0 * test_uniform(), p = 6.0 * test_uniform();
        bf_tensor_t t = test_tensor(BF_TYPE_Z, BF_WEIGHT_NONE, 1, 2, 1);
        test_set(BF_TYPE_Z, t.b, 0, cos(a / 2));
        test_set(BF_TYPE_Z, t.b, 1, sin(a / 2) * cexp(I * p));
        bf_xyz_t got;
        bf_k_expect(&t, &t, &got);
        CU_ASSERT_DOUBLE_EQUAL(got.x, sin(a) * cos(p), 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(got.y, sin(a) * sin(p), 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(got.z, cos(a), 1e-15);
        CU_ASSERT_DOUBLE_EQUAL(got.norm, 1.0, 1e-15);
        test_free(&t);
    }
}

int main(void)
{
    const CU_TestInfo tests[] = {
        {"density matrix, every type", every_type},
        {"Bloch vector", bloch_vector},
        CU_TEST_INFO_NULL,
    };
    return test_main("kernels/expect", tests);
}
