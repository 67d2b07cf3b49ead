/* Products of every form, type and size around the change from our own kernels to the library's, against naive sums. */
#include "kernels/blas.h"
#include "kernels_testing.h"

static const bf_type_t types[4] = {BF_TYPE_Z, BF_TYPE_C, BF_TYPE_D, BF_TYPE_S};

/* A column-major matrix with gaps. */
typedef struct matrix {
    bf_type_t type;
    bf_dim_t ld, columns;
    char *at;
} matrix_t;

static matrix_t matrix_random(bf_type_t type, bf_dim_t ld, bf_dim_t columns)
{
    matrix_t a = {type, ld, columns, test_alloc((size_t)(ld * columns) * bf_type_size(type))};
    for (bf_dim_t i = 0; i < ld * columns; i++)
        test_set(type, a.at, i, test_normal() + I * test_normal());
    return a;
}

/* A sum of k products, in any order, is off by at most (k + 3) u sum |a b| for real and sqrt(8) times that for complex numbers
 * (Higham, Accuracy and Stability, 3.1 and 3.6); so is the sum it is compared with. */
#define SUM_BOUND 6.0

/* Element (i, j) of op(a). */
static bf_z_t op_at(const matrix_t *a, bf_op_form_t op, bf_dim_t i, bf_dim_t j)
{
    return op == BF_N ? test_get(a->type, a->at, i + a->ld * j) : conj(test_get(a->type, a->at, j + a->ld * i));
}

static void check_product(bf_type_t type, bf_op_form_t op_a, bf_op_form_t op_b, bf_dim_t m, bf_dim_t n, bf_dim_t k)
{
    const bf_dim_t gap = test_dim(4) - 1;
    matrix_t a = op_a == BF_N ? matrix_random(type, m + gap, k) : matrix_random(type, k + gap, m);
    matrix_t b = op_b == BF_N ? matrix_random(type, k + gap, n) : matrix_random(type, n + gap, k);
    matrix_t c = matrix_random(type, m + gap, n), old = matrix_random(type, m + gap, n);
    for (bf_dim_t i = 0; i < c.ld * n; i++)
        test_set(type, old.at, i, test_get(type, c.at, i));
    bf_gemm(type, op_a, op_b, m, n, k, 1.0, a.at, a.ld, b.at, b.ld, 0.0, c.at, c.ld);
    double worst = 0.0;
    for (bf_dim_t j = 0; j < n; j++)
        for (bf_dim_t i = 0; i < c.ld; i++) {
            bf_z_t sum = i < m ? 0.0 : test_get(type, old.at, i + c.ld * j);
            double size = i < m ? 0.0 : 0x1p-60; /* outside of the result nothing may change */
            for (bf_dim_t p = 0; i < m && p < k; p++) {
                const bf_z_t term = op_at(&a, op_a, i, p) * op_at(&b, op_b, p, j);
                sum += term;
                size += cabs(term);
            }
            worst = fmax(worst, cabs(sum - test_get(type, c.at, i + c.ld * j)) / ((double)(k + 3) * size));
        }
    CU_ASSERT(worst <= SUM_BOUND * test_unit(type));
    free(a.at);
    free(b.at);
    free(c.at);
    free(old.at);
}

static void check_gram(bf_type_t type, bf_op_form_t op, bf_dim_t n, bf_dim_t k)
{
    const bf_dim_t gap = test_dim(4) - 1;
    matrix_t a = op == BF_N ? matrix_random(type, n + gap, k) : matrix_random(type, k + gap, n);
    matrix_t c = matrix_random(type, n, n);
    bf_herk(type, op, n, k, a.at, a.ld, c.at, c.ld);
    double worst = 0.0;
    for (bf_dim_t j = 0; j < n; j++)
        for (bf_dim_t i = j; i < n; i++) {
            bf_z_t sum = 0.0;
            double size = 0.0;
            for (bf_dim_t p = 0; p < k; p++) {
                const bf_z_t term = op_at(&a, op, i, p) * conj(op_at(&a, op, j, p));
                sum += term;
                size += cabs(term);
            }
            worst = fmax(worst, cabs(sum - test_get(type, c.at, i + n * j)) / ((double)(k + 3) * size));
            CU_ASSERT(i != j || cimag(test_get(type, c.at, i + n * j)) == 0.0);
        }
    CU_ASSERT(worst <= SUM_BOUND * test_unit(type));
    free(a.at);
    free(c.at);
}

/* x^H d x or x d x^H with d diagonal of powers of two: the product with d is exact, so the whole is Hermitian but for the sums.
 */
static void check_hermitian(bf_type_t type, bf_op_form_t op, bf_dim_t n, bf_dim_t k)
{
    const bf_dim_t gap = test_dim(4) - 1;
    matrix_t x = op == BF_H ? matrix_random(type, k + gap, n) : matrix_random(type, n + gap, k);
    matrix_t dx = matrix_random(type, x.ld, x.columns), c = matrix_random(type, n + gap, n),
             old = matrix_random(type, n + gap, n);
    double d[k];
    for (bf_dim_t p = 0; p < k; p++)
        d[p] = (test_uniform() < 0.3 ? -1.0 : 1.0) * ldexp(1.0, (int)test_dim(9) - 5);
    for (bf_dim_t i = 0; i < x.ld * x.columns; i++) {
        const bf_dim_t p = op == BF_H ? i % x.ld : i / x.ld;
        test_set(type, dx.at, i, p < k ? d[p] * test_get(type, x.at, i) : 0.0);
    }
    for (bf_dim_t i = 0; i < c.ld * n; i++)
        test_set(type, old.at, i, test_get(type, c.at, i));
    bf_gemm_hermitian(type, op, op == BF_H ? BF_N : BF_H, n, k, x.at, x.ld, dx.at, dx.ld, c.at, c.ld);
    double worst = 0.0;
    for (bf_dim_t j = 0; j < n; j++)
        for (bf_dim_t i = 0; i < c.ld; i++) {
            bf_z_t sum = i < n ? 0.0 : test_get(type, old.at, i + c.ld * j);
            double size = i < n ? 0.0 : 0x1p-60; /* outside of the result nothing may change */
            for (bf_dim_t p = 0; i < n && p < k; p++) {
                const bf_z_t term = op_at(&x, op, i, p) * d[p] * conj(op_at(&x, op, j, p));
                sum += term;
                size += cabs(term);
            }
            worst = fmax(worst, cabs(sum - test_get(type, c.at, i + c.ld * j)) / ((double)(k + 3) * size));
        }
    CU_ASSERT(worst <= SUM_BOUND * test_unit(type));
    free(x.at);
    free(dx.at);
    free(c.at);
    free(old.at);
}

static void every_small_shape(void)
{
    for (int t = 0; t < 4; t++)
        for (int form = 0; form < 4; form++)
            for (bf_dim_t m = 1; m <= 26; m++)
                for (bf_dim_t n = 1; n <= 10; n++)
                    check_product(types[t], form & 1 ? BF_H : BF_N, form & 2 ? BF_H : BF_N, m, n, test_dim(5));
}

static void random_shapes(void)
{
    for (int t = 0; t < 4; t++)
        for (int form = 0; form < 4; form++)
            for (int trial = 0; trial < 16; trial++)
                check_product(types[t], form & 1 ? BF_H : BF_N, form & 2 ? BF_H : BF_N, test_dim(150), test_dim(150),
                              test_dim(280));
}

static void gram_matrices(void)
{
    for (int t = 0; t < 4; t++)
        for (int op = 0; op < 2; op++)
            for (bf_dim_t n = 1; n <= 140; n += n < 40 ? 1 : 7)
                check_gram(types[t], op ? BF_H : BF_N, n, test_dim(n % 2 ? 280 : 5));
}

static void hermitian_products(void)
{
    for (int t = 0; t < 4; t += 2)
        for (int op = 0; op < 2; op++) {
            for (bf_dim_t n = 1; n <= 70; n++)
                check_hermitian(types[t], op ? BF_H : BF_N, n, test_dim(n % 2 ? 280 : 5));
            for (int trial = 0; trial < 6; trial++) /* beyond our own kernels: cut into blocks */
                check_hermitian(types[t], op ? BF_H : BF_N, 128 + test_dim(60), test_dim(300));
        }
}

int main(void)
{
    const CU_TestInfo tests[] = {
        {"every small shape", every_small_shape},
        {"random shapes", random_shapes},
        {"Gram matrices", gram_matrices},
        {"Hermitian products", hermitian_products},
        CU_TEST_INFO_NULL,
    };
    return test_main("kernels/blas", tests);
}
