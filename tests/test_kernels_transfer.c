/* Environment steps against naive sums. */
#include "kernels/transfer.h"
#include "kernels_testing.h"

static bf_z_t at(const bf_tensor_t *t, bf_dim_t l, bf_dim_t s, bf_dim_t r)
{
    return test_get(t->type, t->b, l + t->chi_l * (s + t->d * r));
}

static void check_left(bf_type_t ts, bf_type_t te, bf_dim_t l, bf_dim_t r)
{
    bf_tensor_t b = test_random(ts, BF_WEIGHT_NONE, l, 2, r), in = test_random(te, BF_WEIGHT_NONE, l, 1, l);
    const bf_type_t type = bf_k_transfer_type(ts, te);
    bf_tensor_t half = test_tensor(type, BF_WEIGHT_NONE, l, 2, r), out = test_tensor(type, BF_WEIGHT_NONE, r, 1, r);
    void *work = test_alloc(bf_k_transfer_worksize(&b, &in));
    bf_k_transfer_left(&in, &b, &half, &out, work);
    double worst = 0.0;
    for (bf_dim_t i = 0; i < l; i++)
        for (bf_dim_t s = 0; s < 2; s++)
            for (bf_dim_t j = 0; j < r; j++) {
                bf_z_t sum = 0.0;
                for (bf_dim_t k = 0; k < l; k++)
                    sum += at(&in, i, 0, k) * at(&b, k, s, j);
                worst = fmax(worst, cabs(sum - at(&half, i, s, j)));
            }
    for (bf_dim_t i = 0; i < r; i++)
        for (bf_dim_t j = 0; j < r; j++) {
            bf_z_t sum = 0.0;
            for (bf_dim_t k = 0; k < l; k++)
                for (bf_dim_t s = 0; s < 2; s++)
                    sum += conj(at(&b, k, s, i)) * at(&half, k, s, j);
            worst = fmax(worst, cabs(sum - at(&out, i, 0, j)));
        }
    CU_ASSERT(worst <= 1e-13);
    free(work);
    test_free(&b);
    test_free(&in);
    test_free(&half);
    test_free(&out);
}

static void check_right(bf_type_t ts, bf_type_t te, bf_dim_t l, bf_dim_t r)
{
    bf_tensor_t b = test_random(ts, BF_WEIGHT_NONE, l, 2, r), in = test_random(te, BF_WEIGHT_NONE, r, 1, r);
    const bf_type_t type = bf_k_transfer_type(ts, te);
    bf_tensor_t half = test_tensor(type, BF_WEIGHT_NONE, l, 2, r), out = test_tensor(type, BF_WEIGHT_NONE, l, 1, l);
    void *work = test_alloc(bf_k_transfer_worksize(&b, &in));
    bf_k_transfer_right(&in, &b, &half, &out, work);
    double worst = 0.0;
    for (bf_dim_t i = 0; i < l; i++)
        for (bf_dim_t s = 0; s < 2; s++)
            for (bf_dim_t j = 0; j < r; j++) {
                bf_z_t sum = 0.0;
                for (bf_dim_t k = 0; k < r; k++)
                    sum += at(&b, i, s, k) * at(&in, k, 0, j);
                worst = fmax(worst, cabs(sum - at(&half, i, s, j)));
            }
    for (bf_dim_t i = 0; i < l; i++)
        for (bf_dim_t j = 0; j < l; j++) {
            bf_z_t sum = 0.0;
            for (bf_dim_t k = 0; k < r; k++)
                for (bf_dim_t s = 0; s < 2; s++)
                    sum += at(&half, i, s, k) * conj(at(&b, j, s, k));
            worst = fmax(worst, cabs(sum - at(&out, i, 0, j)));
        }
    CU_ASSERT(worst <= 1e-13);
    free(work);
    test_free(&b);
    test_free(&in);
    test_free(&half);
    test_free(&out);
}

static void both_directions_every_type(void)
{
    for (int ts = 0; ts < 4; ts++) {
        for (int te = 0; te < 4; te += 2) {
            check_left((bf_type_t)ts, (bf_type_t)te, 1, 1);
            check_right((bf_type_t)ts, (bf_type_t)te, 1, 1);
            for (int trial = 0; trial < 4; trial++) {
                check_left((bf_type_t)ts, (bf_type_t)te, test_dim(12), test_dim(12));
                check_right((bf_type_t)ts, (bf_type_t)te, test_dim(12), test_dim(12));
            }
        }
    }
}

static void last_step_needs_half_only(void)
{
    bf_tensor_t b = test_random(BF_TYPE_Z, BF_WEIGHT_NONE, 3, 2, 4), in = test_random(BF_TYPE_Z, BF_WEIGHT_NONE, 3, 1, 3);
    bf_tensor_t with = test_tensor(BF_TYPE_Z, BF_WEIGHT_NONE, 3, 2, 4), without = with,
                out = test_tensor(BF_TYPE_Z, BF_WEIGHT_NONE, 4, 1, 4);
    without = test_tensor(BF_TYPE_Z, BF_WEIGHT_NONE, 3, 2, 4);
    bf_k_transfer_left(&in, &b, &with, &out, NULL);
    bf_k_transfer_left(&in, &b, &without, NULL, NULL);
    for (bf_dim_t i = 0; i < 24; i++)
        CU_ASSERT_EQUAL(test_get(BF_TYPE_Z, with.b, i), test_get(BF_TYPE_Z, without.b, i));
    test_free(&b);
    test_free(&in);
    test_free(&with);
    test_free(&without);
    test_free(&out);
}

static void types_join(void)
{
    CU_ASSERT_EQUAL(bf_k_transfer_type(BF_TYPE_S, BF_TYPE_D), BF_TYPE_D);
    CU_ASSERT_EQUAL(bf_k_transfer_type(BF_TYPE_C, BF_TYPE_D), BF_TYPE_Z);
    CU_ASSERT_EQUAL(bf_k_transfer_type(BF_TYPE_D, BF_TYPE_Z), BF_TYPE_Z);
}

int main(void)
{
    const CU_TestInfo tests[] = {
        {"both directions, every type", both_directions_every_type},
        {"half only", last_step_needs_half_only},
        {"types", types_join},
        CU_TEST_INFO_NULL,
    };
    return test_main("kernels/transfer", tests);
}
