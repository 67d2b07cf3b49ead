/* Environment steps against naive sums. */
#include "kernels/transfer.h"
#include "kernels_testing.h"

static bf_z_t at(const bf_tensor_t *t, bf_dim_t l, bf_dim_t s, bf_dim_t r)
{
    return test_get(t->type, t->b, l + t->chi_l * (s + t->d * r));
}

/* An environment: Hermitian, here indefinite. */
static bf_tensor_t environment_random(bf_type_t type, bf_dim_t chi)
{
    bf_tensor_t e = test_random(type, BF_WEIGHT_NONE, chi, 1, chi);
    for (bf_dim_t j = 0; j < chi; j++)
        for (bf_dim_t i = 0; i <= j; i++)
            test_set(type, e.b, i + chi * j, i == j ? creal(at(&e, i, 0, i)) : conj(at(&e, j, 0, i)));
    return e;
}

/* What an element may be off by, in units of the size that its sum has without signs: half is a sum of k products, out one of 2 l
 * (2 r) products with half, and one triangle of it stands for the other. Each sum costs (terms + 3) u and complex numbers sqrt(8)
 * times that (Higham, 3.1 and 3.6), here and there. */
static double allowance(bf_dim_t l, bf_dim_t r)
{
    return 6.0 * (double)(2 * (l + r) + 6) * 0x1p-53;
}

static void check_left(bf_type_t ts, bf_type_t te, bf_dim_t l, bf_dim_t r)
{
    bf_tensor_t b = test_random(ts, BF_WEIGHT_NONE, l, 2, r), in = environment_random(te, l);
    const bf_type_t type = bf_k_transfer_type(ts, te);
    bf_tensor_t half = test_tensor(type, BF_WEIGHT_NONE, l, 2, r), out = test_tensor(type, BF_WEIGHT_NONE, r, 1, r);
    void *work = test_alloc(bf_k_transfer_worksize(&b, &in));
    bf_k_transfer_left(&in, &b, &half, &out, work);
    double *sizes = test_alloc((size_t)(2 * l * r) * sizeof(double));
    double worst = 0.0;
    for (bf_dim_t i = 0; i < l; i++)
        for (bf_dim_t s = 0; s < 2; s++)
            for (bf_dim_t j = 0; j < r; j++) {
                bf_z_t sum = 0.0;
                double size = 0.0;
                for (bf_dim_t k = 0; k < l; k++) {
                    sum += at(&in, i, 0, k) * at(&b, k, s, j);
                    size += cabs(at(&in, i, 0, k) * at(&b, k, s, j));
                }
                test_set(BF_TYPE_D, sizes, i + l * (s + 2 * j), size);
                worst = fmax(worst, cabs(sum - at(&half, i, s, j)) / size);
            }
    for (bf_dim_t i = 0; i < r; i++)
        for (bf_dim_t j = 0; j < r; j++) {
            bf_z_t sum = 0.0;
            double size = 0.0;
            for (bf_dim_t k = 0; k < l; k++)
                for (bf_dim_t s = 0; s < 2; s++) {
                    sum += conj(at(&b, k, s, i)) * at(&half, k, s, j);
                    size +=
                        cabs(at(&b, k, s, i)) * sizes[k + l * (s + 2 * j)] + cabs(at(&b, k, s, j)) * sizes[k + l * (s + 2 * i)];
                }
            worst = fmax(worst, cabs(sum - at(&out, i, 0, j)) / size);
        }
    CU_ASSERT(worst <= allowance(l, r));
    free(sizes);
    free(work);
    test_free(&b);
    test_free(&in);
    test_free(&half);
    test_free(&out);
}

static void check_right(bf_type_t ts, bf_type_t te, bf_dim_t l, bf_dim_t r)
{
    bf_tensor_t b = test_random(ts, BF_WEIGHT_NONE, l, 2, r), in = environment_random(te, r);
    const bf_type_t type = bf_k_transfer_type(ts, te);
    bf_tensor_t half = test_tensor(type, BF_WEIGHT_NONE, l, 2, r), out = test_tensor(type, BF_WEIGHT_NONE, l, 1, l);
    void *work = test_alloc(bf_k_transfer_worksize(&b, &in));
    bf_k_transfer_right(&in, &b, &half, &out, work);
    double *sizes = test_alloc((size_t)(2 * l * r) * sizeof(double));
    double worst = 0.0;
    for (bf_dim_t i = 0; i < l; i++)
        for (bf_dim_t s = 0; s < 2; s++)
            for (bf_dim_t j = 0; j < r; j++) {
                bf_z_t sum = 0.0;
                double size = 0.0;
                for (bf_dim_t k = 0; k < r; k++) {
                    sum += at(&b, i, s, k) * at(&in, k, 0, j);
                    size += cabs(at(&b, i, s, k) * at(&in, k, 0, j));
                }
                test_set(BF_TYPE_D, sizes, i + l * (s + 2 * j), size);
                worst = fmax(worst, cabs(sum - at(&half, i, s, j)) / size);
            }
    for (bf_dim_t i = 0; i < l; i++)
        for (bf_dim_t j = 0; j < l; j++) {
            bf_z_t sum = 0.0;
            double size = 0.0;
            for (bf_dim_t k = 0; k < r; k++)
                for (bf_dim_t s = 0; s < 2; s++) {
                    sum += at(&half, i, s, k) * conj(at(&b, j, s, k));
                    size +=
                        cabs(at(&b, j, s, k)) * sizes[i + l * (s + 2 * k)] + cabs(at(&b, i, s, k)) * sizes[j + l * (s + 2 * k)];
                }
            worst = fmax(worst, cabs(sum - at(&out, i, 0, j)) / size);
        }
    CU_ASSERT(worst <= allowance(l, r));
    free(sizes);
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
            check_left((bf_type_t)ts, (bf_type_t)te, test_dim(40), 20 + test_dim(150)); /* one triangle of out, mirrored */
            check_right((bf_type_t)ts, (bf_type_t)te, 20 + test_dim(150), test_dim(40));
        }
    }
}

static void last_step_needs_half_only(void)
{
    bf_tensor_t b = test_random(BF_TYPE_Z, BF_WEIGHT_NONE, 3, 2, 4), in = environment_random(BF_TYPE_Z, 3);
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
