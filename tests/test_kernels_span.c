/* Sums of products on a span of sites against dense algebra: the state, which sites are orthonormal afterwards, bonds. */
#include "kernels/factor.h"
#include "kernels/orthogonalise.h"
#include "kernels/span.h"
#include "kernels_testing.h"

#include <string.h>

enum { SITES = 5, MAX_BOND = 7, MAX_DENSE = MAX_BOND * MAX_BOND << SITES };

/** Random factors; with @p real, real ones. */
static bf_sum_t random_sum(int n_terms, bool real)
{
    bf_sum_t sum = {.n_terms = n_terms, .n_sites = SITES};
    for (int t = 0; t < n_terms; t++)
        for (int s = 0; s < SITES; s++) {
            for (int k = 0; k < 4; k++)
                sum.factors[t][s].u[k] = 0.5 * test_normal() + (real ? 0.0 : 0.5 * test_normal() * I);
            bf_gate1_classify(&sum.factors[t][s]);
        }
    return sum;
}

/** out[l + l_dim (s_1 + 2 (s_2 + ...)) + ... r]: the sites multiplied out. @return entries */
static bf_dim_t multiply_out(const bf_tensor_t *sites, int n, bf_z_t *out)
{
    static bf_z_t next[MAX_DENSE];
    bf_dim_t rows = sites[0].chi_l * 2;
    for (bf_dim_t i = 0; i < rows * sites[0].chi_r; i++)
        out[i] = test_get(sites[0].type, sites[0].b, i);
    for (int k = 1; k < n; k++) {
        const bf_tensor_t *site = &sites[k];
        CU_ASSERT_EQUAL_FATAL(site->chi_l, sites[k - 1].chi_r);
        const bf_dim_t columns = 2 * site->chi_r;
        for (bf_dim_t i = 0; i < rows; i++)
            for (bf_dim_t j = 0; j < columns; j++) {
                bf_z_t entry = 0;
                for (bf_dim_t m = 0; m < site->chi_l; m++)
                    entry += out[i + rows * m] * test_get(site->type, site->b, m + site->chi_l * j);
                next[i + rows * j] = entry;
            }
        memcpy(out, next, (size_t)(rows * columns) * sizeof *out);
        rows *= 2;
    }
    return rows * sites[n - 1].chi_r;
}

/** The sum's terms on a dense vector of @p n sites with a left index of @p l. */
static void apply_dense(const bf_sum_t *sum, int n, bf_dim_t l, bf_dim_t entries, const bf_z_t *in, bf_z_t *out)
{
    static bf_z_t term[MAX_DENSE];
    memset(out, 0, (size_t)entries * sizeof *out);
    for (int t = 0; t < sum->n_terms; t++) {
        memcpy(term, in, (size_t)entries * sizeof *term);
        for (int s = 0; s < n; s++) {
            const bf_z_t *u = sum->factors[t][s].u;
            const bf_dim_t step = l << s;
            for (bf_dim_t i = 0; i < entries; i++)
                if ((i / step) % 2 == 0) {
                    const bf_z_t a = term[i], b = term[i + step];
                    term[i] = u[0] * a + u[1] * b;
                    term[i + step] = u[2] * a + u[3] * b;
                }
        }
        for (bf_dim_t i = 0; i < entries; i++)
            out[i] += term[i];
    }
}

static void column_of(const bf_sum_t *sum, int s, bf_gate1_t factors[BF_SUM_TERMS])
{
    for (int t = 0; t < sum->n_terms; t++)
        factors[t] = sum->factors[t][s];
}

static void push(bf_tensor_t *centre, bf_tensor_t *carry)
{
    void *work = test_alloc(bf_k_push_worksize(centre));
    *carry = test_tensor(centre->type, BF_WEIGHT_NONE, centre->chi_l, 1, bf_k_push_left_dim(centre));
    bf_k_push_left(centre, carry, work);
    free(work);
}

/** All pushes, in type @p type. */
static void run(const bf_sum_t *sum, bf_type_t type, bf_tensor_t *sites, int n)
{
    bf_gate1_t factors[BF_SUM_TERMS];
    bf_tensor_t carry, made = test_tensor(type, BF_WEIGHT_NONE, sum->n_terms * sites[n - 1].chi_l, 2, sites[n - 1].chi_r);
    void *work = test_alloc(bf_k_terms_worksize(&sites[n - 1], type));
    column_of(sum, n - 1, factors);
    bf_k_terms_stack(&sites[n - 1], factors, sum->n_terms, &made, work);
    free(work);
    for (int s = n - 1; s > 0; s--) {
        push(&made, &carry);
        test_free(&sites[s]);
        sites[s] = made;
        column_of(sum, s - 1, factors);
        made = test_tensor(type, BF_WEIGHT_NONE, (s > 1 ? sum->n_terms : 1) * sites[s - 1].chi_l, 2, carry.chi_r);
        work = test_alloc(bf_k_terms_worksize(&sites[s - 1], type));
        bf_k_terms_absorb(&sites[s - 1], factors, sum->n_terms, &carry, s == 1, &made, work);
        free(work);
        test_free(&carry);
    }
    test_free(&sites[0]);
    sites[0] = made;
}

static void sums_are_the_dense_operator(void)
{
    static bf_z_t before[MAX_DENSE], after[MAX_DENSE], expected[MAX_DENSE];
    static const bf_type_t types[] = {BF_TYPE_Z, BF_TYPE_D, BF_TYPE_C, BF_TYPE_S};
    for (int trial = 0; trial < 400; trial++) {
        const bf_type_t type = types[trial % 4];
        const bool real = type == BF_TYPE_D || type == BF_TYPE_S;
        const int n = 1 + (int)test_dim(SITES - 1), n_terms = (int)test_dim(BF_SUM_TERMS);
        const bf_sum_t sum = random_sum(n_terms, real);
        bf_tensor_t sites[SITES];
        bf_dim_t bond[SITES + 1];
        for (int s = 0; s <= n; s++)
            bond[s] = test_dim(MAX_BOND);
        for (int s = 0; s < n; s++)
            sites[s] = test_random(type, BF_WEIGHT_NONE, bond[s], 2, bond[s + 1]);
        if (trial % 3 == 0 && !real) { /* a real site among complex ones is converted */
            test_free(&sites[0]);
            sites[0] = test_random(type == BF_TYPE_Z ? BF_TYPE_D : BF_TYPE_S, BF_WEIGHT_NONE, bond[0], 2, bond[1]);
        }
        const bf_dim_t entries = multiply_out(sites, n, before);
        apply_dense(&sum, n, bond[0], entries, before, expected);
        CU_ASSERT_EQUAL(bf_sum_is_real(&sum), real);
        run(&sum, type, sites, n);
        CU_ASSERT_EQUAL(multiply_out(sites, n, after), entries);
        double norm2 = 0, error2 = 0, before2 = 0;
        for (bf_dim_t i = 0; i < entries; i++) {
            norm2 += creal(expected[i] * conj(expected[i]));
            before2 += creal(before[i] * conj(before[i]));
            error2 += creal((after[i] - expected[i]) * conj(after[i] - expected[i]));
        }
        /* Terms may cancel: rounding is relative to what goes in, times the norms of factors (below 3 each, 2 on average). */
        const double unit = 60.0 * n * MAX_BOND * BF_SUM_TERMS * test_unit(type);
        CU_ASSERT(sqrt(error2) <= unit * (sqrt(norm2) + pow(3, n) * sqrt(before2)));
        for (int s = 1; s < n; s++) {
            CU_ASSERT(bf_k_orthonormality(&sites[s]) <= unit);
            CU_ASSERT(sites[s].chi_l <= n_terms * bond[s] && sites[s].chi_l <= 2 * sites[s].chi_r);
        }
        for (int s = 0; s < n; s++)
            test_free(&sites[s]);
    }
}

int main(void)
{
    static const CU_TestInfo tests[] = {{"sums are the dense operator", sums_are_the_dense_operator}, CU_TEST_INFO_NULL};
    return test_main("span", tests);
}
