/* Pushes of the centre against dense algebra: what is orthonormal, that nothing is lost, probabilities and projections. */
#include "kernels/factor.h"
#include "kernels/orthogonalise.h"
#include "kernels/transfer.h"
#include "kernels_testing.h"

#include <string.h>

/* Rounding of a factorisation of an m x n matrix with entries of order one, generously: 30 max(m, n) units in the last place. */
static double tolerance(bf_type_t type, bf_dim_t l, bf_dim_t r)
{
    return 60.0 * (double)(l + r) * test_unit(type);
}

static bf_z_t at(const bf_tensor_t *t, bf_dim_t l, bf_dim_t s, bf_dim_t r)
{
    return test_get(t->type, t->b, l + t->chi_l * (s + t->d * r));
}

/* A tensor with room to grow a weight, as bf_k_push_left_svd() wants it; Gaussian, of rank at most @p rank between left and rest.
 */
static bf_tensor_t make_centre(bf_type_t type, bf_dim_t l, bf_dim_t r, bf_dim_t rank)
{
    bf_tensor_t t = test_tensor(type, BF_WEIGHT_DIAG, l, 2, r);
    char *payload = t.w;
    t.weight = BF_WEIGHT_NONE;
    bf_tensor_attach(&t, payload);
    bf_tensor_t a = test_random(type, BF_WEIGHT_NONE, l, 1, rank), b = test_random(type, BF_WEIGHT_NONE, rank, 2, r);
    for (bf_dim_t i = 0; i < l; i++)
        for (bf_dim_t j = 0; j < 2 * r; j++) {
            bf_z_t sum = 0;
            for (bf_dim_t k = 0; k < rank; k++)
                sum += at(&a, i, 0, k) * test_get(type, b.b, k + rank * j);
            test_set(type, t.b, i + l * j, sum);
        }
    test_free(&a);
    test_free(&b);
    return t;
}

static bf_tensor_t copy_of(const bf_tensor_t *t)
{
    bf_tensor_t copy = test_tensor(t->type, BF_WEIGHT_NONE, t->chi_l, t->d, t->chi_r);
    memcpy(copy.b, t->b, bf_tensor_block_bytes(t));
    return copy;
}

static double frobenius(const bf_tensor_t *t)
{
    double sum = 0;
    for (bf_dim_t i = 0; i < t->chi_l * t->d * t->chi_r; i++) {
        const bf_z_t x = test_get(t->type, t->b, i);
        sum += creal(x * conj(x));
    }
    return sqrt(sum);
}

/* max |carry site - scale before| for a push to the left. */
static double left_residual(const bf_tensor_t *carry, const bf_tensor_t *site, const bf_tensor_t *before, double scale)
{
    double worst = 0;
    for (bf_dim_t i = 0; i < before->chi_l; i++)
        for (bf_dim_t j = 0; j < 2 * before->chi_r; j++) {
            bf_z_t sum = 0;
            for (bf_dim_t k = 0; k < site->chi_l; k++)
                sum += at(carry, i, 0, k) * test_get(site->type, site->b, k + site->chi_l * j);
            worst = fmax(worst, cabs(sum - scale * test_get(before->type, before->b, i + before->chi_l * j)));
        }
    return worst;
}

static void check_right(bf_type_t type, bf_dim_t l, bf_dim_t r, bf_dim_t rank)
{
    bf_tensor_t centre = make_centre(type, l, r, rank), before = copy_of(&centre);
    bf_tensor_t carry = test_tensor(type, BF_WEIGHT_NONE, r, 1, r);
    void *work = test_alloc(bf_k_push_worksize(&centre));
    const bf_dim_t k = bf_k_push_right_dim(&centre);
    bf_k_push_right(&centre, &carry, work);
    CU_ASSERT(centre.chi_l == l && centre.chi_r == k && carry.chi_l == k && carry.chi_r == r && carry.d == 1);
    double worst = 0, ortho = 0;
    for (bf_dim_t i = 0; i < 2 * l; i++)
        for (bf_dim_t j = 0; j < r; j++) {
            bf_z_t sum = 0;
            for (bf_dim_t x = 0; x < k; x++)
                sum += test_get(type, centre.b, i + 2 * l * x) * at(&carry, x, 0, j);
            worst = fmax(worst, cabs(sum - test_get(type, before.b, i + 2 * l * j)));
        }
    for (bf_dim_t x = 0; x < k; x++)
        for (bf_dim_t y = 0; y <= x; y++) {
            bf_z_t dot = x == y ? -1 : 0;
            for (bf_dim_t i = 0; i < 2 * l; i++)
                dot += conj(test_get(type, centre.b, i + 2 * l * x)) * test_get(type, centre.b, i + 2 * l * y);
            ortho = fmax(ortho, cabs(dot));
        }
    CU_ASSERT(worst <= tolerance(type, l, r) * frobenius(&before));
    CU_ASSERT(ortho <= tolerance(type, l, r));
    free(work);
    test_free(&centre);
    test_free(&before);
    test_free(&carry);
}

static void check_left(bf_type_t type, bf_dim_t l, bf_dim_t r, bf_dim_t rank)
{
    bf_tensor_t centre = make_centre(type, l, r, rank), before = copy_of(&centre);
    bf_tensor_t carry = test_tensor(type, BF_WEIGHT_NONE, l, 1, l);
    void *work = test_alloc(bf_k_push_worksize(&centre));
    const bf_dim_t k = bf_k_push_left_dim(&centre);
    bf_k_push_left(&centre, &carry, work);
    CU_ASSERT(centre.chi_l == k && centre.chi_r == r && carry.chi_l == l && carry.chi_r == k && carry.d == 1);
    CU_ASSERT(left_residual(&carry, &centre, &before, 1.0) <= tolerance(type, l, r) * frobenius(&before));
    CU_ASSERT(bf_k_orthonormality(&centre) <= tolerance(type, l, r));
    free(work);
    test_free(&centre);
    test_free(&before);
    test_free(&carry);
}

static void check_svd(bf_type_t type, bf_dim_t l, bf_dim_t r, bf_dim_t rank)
{
    bf_tensor_t centre = make_centre(type, l, r, rank), before = copy_of(&centre);
    bf_tensor_t carry = test_tensor(type, BF_WEIGHT_NONE, l, 1, l);
    void *work = test_alloc(bf_k_push_worksize(&centre));
    const bf_cutoff_t cut = {.cutoff = bf_type_is_single(type) ? 1e-11 : 1e-28, .max_dim = 0, .min_dim = 1};
    const double norm = frobenius(&before);
    const bf_dim_t most = bf_k_push_left_dim(&centre);
    CU_ASSERT_EQUAL_FATAL(bf_k_push_left_svd(&centre, &cut, &carry, work), BF_OK);
    const bf_dim_t k = centre.chi_l;
    CU_ASSERT(k >= 1 && k <= most && k <= rank);
    CU_ASSERT(carry.chi_l == l && carry.chi_r == k && centre.weight == BF_WEIGHT_DIAG);
    CU_ASSERT(left_residual(&carry, &centre, &before, 1.0 / norm) <= tolerance(type, l, r));
    CU_ASSERT(bf_k_orthonormality(&centre) <= tolerance(type, l, r));
    double sum = 0, worst = 0;
    for (bf_dim_t x = 0; x < k; x++) { /* the carry's columns are orthogonal, and as long as the weights say */
        const double w = ((const double *)centre.w)[x];
        sum += w * w;
        CU_ASSERT(x == 0 || w <= ((const double *)centre.w)[x - 1]);
        for (bf_dim_t y = 0; y <= x; y++) {
            bf_z_t dot = x == y ? -w * w : 0;
            for (bf_dim_t i = 0; i < l; i++)
                dot += conj(at(&carry, i, 0, x)) * at(&carry, i, 0, y);
            worst = fmax(worst, cabs(dot));
        }
    }
    CU_ASSERT(fabs(sum - 1) <= tolerance(BF_TYPE_D, l, r));
    CU_ASSERT(worst <= tolerance(type, l, r));
    free(work);
    test_free(&centre);
    test_free(&before);
    test_free(&carry);
}

static void pushes_of_all_types(void)
{
    static const bf_dim_t shapes[][3] = {{1, 1, 1}, {1, 5, 1},   {5, 1, 2},  {2, 1, 2},   {1, 2, 1}, {7, 3, 5}, {3, 7, 2},
                                         {8, 8, 8}, {40, 9, 18}, {9, 40, 9}, {33, 33, 3}, {6, 3, 6}, {3, 6, 3}, {70, 70, 70}};
    for (int type = 0; type < 4; type++)
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            check_right((bf_type_t)type, shapes[i][0], shapes[i][1], shapes[i][2]);
            check_left((bf_type_t)type, shapes[i][0], shapes[i][1], shapes[i][2]);
            check_svd((bf_type_t)type, shapes[i][0], shapes[i][1], shapes[i][2]);
        }
}

static void no_state(void)
{
    for (int type = 0; type < 4; type++) {
        bf_tensor_t centre = make_centre((bf_type_t)type, 3, 2, 1), carry = test_tensor((bf_type_t)type, BF_WEIGHT_NONE, 3, 1, 3);
        void *work = test_alloc(bf_k_push_worksize(&centre));
        const bf_cutoff_t cut = {.cutoff = 1e-28, .max_dim = 0, .min_dim = 1};
        memset(centre.b, 0, bf_tensor_block_bytes(&centre));
        CU_ASSERT_EQUAL(bf_k_push_left_svd(&centre, &cut, &carry, work), BF_ERR_ZERO);
        test_set((bf_type_t)type, centre.b, 4, NAN);
        CU_ASSERT_EQUAL(bf_k_push_left_svd(&centre, &cut, &carry, work), BF_ERR_NAN);
        free(work);
        test_free(&centre);
        test_free(&carry);
    }
}

static void check_absorb(bf_type_t ts, bf_type_t tc, bf_dim_t l, bf_dim_t r, bf_dim_t a)
{
    bf_tensor_t b = test_random(ts, BF_WEIGHT_NONE, l, 2, r);
    bf_tensor_t from_left = test_random(tc, BF_WEIGHT_NONE, a, 1, l), from_right = test_random(tc, BF_WEIGHT_NONE, r, 1, a);
    bf_tensor_t left = test_tensor(BF_TYPE_Z, BF_WEIGHT_NONE, a, 2, r), right = test_tensor(BF_TYPE_Z, BF_WEIGHT_NONE, l, 2, a);
    const size_t first = bf_k_absorb_worksize(&from_left, &b), second = bf_k_absorb_worksize(&from_right, &b);
    void *work = test_alloc(first > second ? first : second);
    bf_k_absorb_left(&from_left, &b, &left, work);
    bf_k_absorb_right(&from_right, &b, &right, work);
    CU_ASSERT(left.type == bf_k_transfer_type(ts, tc) && left.chi_l == a && left.d == 2 && left.chi_r == r);
    CU_ASSERT(right.type == left.type && right.chi_l == l && right.d == 2 && right.chi_r == a);
    double worst = 0;
    for (bf_dim_t i = 0; i < a; i++)
        for (bf_dim_t s = 0; s < 2; s++) {
            for (bf_dim_t j = 0; j < r; j++) {
                bf_z_t sum = 0;
                for (bf_dim_t x = 0; x < l; x++)
                    sum += at(&from_left, i, 0, x) * at(&b, x, s, j);
                worst = fmax(worst, cabs(sum - at(&left, i, s, j)));
            }
            for (bf_dim_t j = 0; j < l; j++) {
                bf_z_t sum = 0;
                for (bf_dim_t x = 0; x < r; x++)
                    sum += at(&b, j, s, x) * at(&from_right, x, 0, i);
                worst = fmax(worst, cabs(sum - at(&right, j, s, i)));
            }
        }
    CU_ASSERT(worst <= tolerance(BF_TYPE_D, l, r));
    free(work);
    test_free(&b);
    test_free(&from_left);
    test_free(&from_right);
    test_free(&left);
    test_free(&right);
}

static void absorbing(void)
{
    for (int ts = 0; ts < 4; ts++)
        for (int tc = 0; tc < 4; tc += 2) {
            check_absorb((bf_type_t)ts, (bf_type_t)tc, 1, 1, 1);
            check_absorb((bf_type_t)ts, (bf_type_t)tc, 1, 4, 2);
            check_absorb((bf_type_t)ts, (bf_type_t)tc, 4, 1, 3);
            check_absorb((bf_type_t)ts, (bf_type_t)tc, 5, 7, 6);
        }
}

static void outcomes(void)
{
    for (int type = 0; type < 4; type++)
        for (int trial = 0; trial < 20; trial++) {
            const bf_dim_t l = test_dim(6), r = test_dim(6);
            bf_tensor_t centre = make_centre((bf_type_t)type, l, r, 6), before = copy_of(&centre);
            double p[2], wanted[2] = {0, 0};
            for (bf_dim_t i = 0; i < l; i++)
                for (bf_dim_t j = 0; j < r; j++)
                    for (int s = 0; s < 2; s++)
                        wanted[s] += creal(at(&before, i, s, j) * conj(at(&before, i, s, j)));
            bf_k_outcome_weights(&centre, p);
            CU_ASSERT(fabs(p[0] - wanted[0]) <= 1e-14 * wanted[0] && fabs(p[1] - wanted[1]) <= 1e-14 * wanted[1]);
            const int outcome = trial & 1, into = trial >> 1 & 1;
            bf_k_project(&centre, outcome, into, 0.5);
            double worst = 0;
            for (bf_dim_t i = 0; i < l; i++)
                for (bf_dim_t j = 0; j < r; j++) {
                    worst = fmax(worst, cabs(at(&centre, i, into, j) - 0.5 * at(&before, i, outcome, j)));
                    worst = fmax(worst, cabs(at(&centre, i, 1 - into, j)));
                }
            CU_ASSERT_EQUAL(worst, 0); /* a half is exact */
            test_free(&centre);
            test_free(&before);
        }
}

int main(void)
{
    static const CU_TestInfo tests[] = {{"pushes of all types", pushes_of_all_types},
                                        {"no state", no_state},
                                        {"absorbing", absorbing},
                                        {"outcomes", outcomes},
                                        CU_TEST_INFO_NULL};
    return test_main("orthogonalise", tests);
}
