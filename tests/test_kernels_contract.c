/* Contraction, gate classification, one-qubit gates and conversion against naive sums. */
#include "kernels/contract.h"
#include "kernels_testing.h"

static bf_z_t site(const bf_tensor_t *t, bf_dim_t l, int s, bf_dim_t r)
{
    return test_get(t->type, t->b, l + t->chi_l * (s + t->d * r));
}

/* sum_{s',t',m} u[st,s't'] left[l,s',m] right[m,t',r] */
static bf_z_t naive(const bf_tensor_t *a, const bf_tensor_t *b, const bf_gate2_t *g, bf_dim_t l, int s, int t, bf_dim_t r)
{
    bf_z_t sum = 0.0;
    for (int s1 = 0; s1 < 2; s1++)
        for (int t1 = 0; t1 < 2; t1++)
            for (bf_dim_t m = 0; m < a->chi_r; m++)
                sum += g->u[(2 * s + t) * 4 + 2 * s1 + t1] * site(a, l, s1, m) * site(b, m, t1, r);
    return sum;
}

static void check_contract(bf_type_t ta, bf_type_t tb, bool real_gate, bool single, bf_dim_t l, bf_dim_t m, bf_dim_t r)
{
    bf_tensor_t a = test_random(ta, BF_WEIGHT_DIAG, l, 2, m), b = test_random(tb, BF_WEIGHT_DIAG, m, 2, r), c;
    const bf_gate2_t g = test_gate(real_gate);
    bf_k_contract_shape(&a, &b, &g, single, &c);
    const bool is_real = bf_type_is_real(ta) && bf_type_is_real(tb) && real_gate;
    const bool is_single = single || (bf_type_is_single(ta) && bf_type_is_single(tb));
    CU_ASSERT_EQUAL(bf_type_is_real(c.type), is_real);
    CU_ASSERT_EQUAL(bf_type_is_single(c.type), is_single);
    c = test_tensor(c.type, c.weight, c.chi_l, c.d, c.chi_r);
    void *work = test_alloc(bf_k_contract_worksize(&a, &b, &c));
    bf_k_contract(&a, &b, &g, &c, work);
    double worst = 0.0;
    for (bf_dim_t i = 0; i < l; i++)
        for (int s = 0; s < 2; s++)
            for (int t = 0; t < 2; t++)
                for (bf_dim_t j = 0; j < r; j++)
                    worst =
                        fmax(worst, cabs(test_get(c.type, c.b, i + l * (s + 2 * (t + 2 * j))) - naive(&a, &b, &g, i, s, t, j)));
    const double unit = fmax(test_unit(c.type), fmin(test_unit(ta), test_unit(tb)));
    CU_ASSERT(worst <= 40.0 * unit * sqrt((double)m));
    for (bf_dim_t i = 0; i < l; i++)
        CU_ASSERT_EQUAL(((double *)c.w)[i], ((double *)a.w)[i]);
    free(work);
    test_free(&a);
    test_free(&b);
    test_free(&c);
}

static void every_type_combination(void)
{
    for (int ta = 0; ta < 4; ta++)
        for (int tb = 0; tb < 4; tb++)
            for (int flags = 0; flags < 4; flags++)
                check_contract((bf_type_t)ta, (bf_type_t)tb, flags & 1, flags & 2, test_dim(9), test_dim(9), test_dim(9));
}

static void every_small_shape(void)
{
    for (bf_dim_t l = 1; l <= 3; l++)
        for (bf_dim_t m = 1; m <= 4; m++)
            for (bf_dim_t r = 1; r <= 3; r++)
                for (int t = 0; t < 4; t++)
                    check_contract((bf_type_t)t, (bf_type_t)t, t & 1, false, l, m, r);
    for (int trial = 0; trial < 6; trial++)
        check_contract((bf_type_t)(trial % 4), (bf_type_t)(trial % 4), trial & 1, false, test_dim(40), test_dim(40),
                       test_dim(40));
}

static int rank_of(const bf_z_t u[16])
{
    bf_gate2_t g = {.schmidt_rank = 0, .real = false};
    for (int i = 0; i < 16; i++)
        g.u[i] = u[i];
    bf_gate2_classify(&g);
    return g.schmidt_rank;
}

static void schmidt_ranks_of_known_gates(void)
{
    const bf_z_t one[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    const bf_z_t cx[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0};
    const bf_z_t swap[16] = {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    const bf_z_t iswap[16] = {1, 0, 0, 0, 0, 0, I, 0, 0, I, 0, 0, 0, 0, 0, 1};
    const bf_z_t e = cexp(-0.3 * I);
    const bf_z_t rzz[16] = {e, 0, 0, 0, 0, conj(e), 0, 0, 0, 0, conj(e), 0, 0, 0, 0, e};
    CU_ASSERT_EQUAL(rank_of(one), 1);
    CU_ASSERT_EQUAL(rank_of(cx), 2);
    CU_ASSERT_EQUAL(rank_of(rzz), 2);
    CU_ASSERT_EQUAL(rank_of(swap), 4);
    CU_ASSERT_EQUAL(rank_of(iswap), 4);
    CU_ASSERT_EQUAL(test_gate(false).schmidt_rank, 4);
    CU_ASSERT_TRUE(test_gate(true).real);
    CU_ASSERT_FALSE(test_gate(false).real);
}

static void one_qubit_gate(void)
{
    for (int type = 0; type < 4; type++) {
        const bf_dim_t l = test_dim(7), r = test_dim(7);
        bf_tensor_t b = test_random((bf_type_t)type, BF_WEIGHT_NONE, l, 2, r), old = test_tensor(b.type, BF_WEIGHT_NONE, l, 2, r);
        bf_k_convert(&b, &old);
        bf_gate1_t g = {.u = {0.6, -0.8, 0.8, 0.6}, .real = false};
        if (!bf_type_is_real(b.type))
            g.u[1] = I * 0.8, g.u[2] = I * 0.8;
        bf_gate1_classify(&g);
        CU_ASSERT_EQUAL(g.real, bf_type_is_real(b.type));
        CU_ASSERT_EQUAL(bf_k_gate1_type(b.type, &g), b.type);
        bf_k_gate1(&b, &g);
        double worst = 0.0;
        for (bf_dim_t i = 0; i < l; i++)
            for (bf_dim_t j = 0; j < r; j++)
                for (int s = 0; s < 2; s++)
                    worst = fmax(
                        worst, cabs(site(&b, i, s, j) - g.u[2 * s] * site(&old, i, 0, j) - g.u[2 * s + 1] * site(&old, i, 1, j)));
        CU_ASSERT(worst <= 8.0 * test_unit(b.type));
        test_free(&b);
        test_free(&old);
    }
    const bf_gate1_t y = {.u = {0, -I, I, 0}, .real = false};
    CU_ASSERT_EQUAL(bf_k_gate1_type(BF_TYPE_D, &y), BF_TYPE_Z);
    CU_ASSERT_EQUAL(bf_k_gate1_type(BF_TYPE_S, &y), BF_TYPE_C);
}

static void conversion_round_trips(void)
{
    bf_tensor_t d = test_random(BF_TYPE_D, BF_WEIGHT_DIAG, 5, 2, 3);
    bf_tensor_t z = test_tensor(BF_TYPE_Z, BF_WEIGHT_DIAG, 5, 2, 3), back = test_tensor(BF_TYPE_D, BF_WEIGHT_DIAG, 5, 2, 3);
    bf_tensor_t s = test_tensor(BF_TYPE_C, BF_WEIGHT_DIAG, 5, 2, 3);
    bf_k_convert(&d, &z);
    bf_k_convert(&z, &back);
    bf_k_convert(&z, &s);
    for (bf_dim_t i = 0; i < 30; i++) {
        CU_ASSERT_EQUAL(((double *)back.b)[i], ((double *)d.b)[i]);
        CU_ASSERT(cabs(test_get(BF_TYPE_C, s.b, i) - ((double *)d.b)[i]) <= 0x1p-24 * fabs(((double *)d.b)[i]));
    }
    for (bf_dim_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(((double *)s.w)[i], ((double *)d.w)[i]);
    test_free(&d);
    test_free(&z);
    test_free(&back);
    test_free(&s);
}

int main(void)
{
    const CU_TestInfo tests[] = {
        {"every combination of types", every_type_combination},
        {"small and random shapes", every_small_shape},
        {"operator-Schmidt ranks", schmidt_ranks_of_known_gates},
        {"one-qubit gate", one_qubit_gate},
        {"conversion", conversion_round_trips},
        CU_TEST_INFO_NULL,
    };
    return test_main("kernels/contract", tests);
}
