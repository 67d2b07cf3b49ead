/* bf_k_factor() with every method on every type, on random and on hard spectra, against the spectrum the pair was built from. */
#include "kernels/contract.h"
#include "kernels/factor.h"
#include "kernels_testing.h"

#include <string.h>

static const bf_type_t types[4] = {BF_TYPE_Z, BF_TYPE_C, BF_TYPE_D, BF_TYPE_S};

static bf_dim_t smaller(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

/* a (m x n) <- reflection of its columns by random Householder vectors: a dense unitary applied from the left. */
static void reflect_rows(bf_z_t *a, bf_dim_t m, bf_dim_t n, bool real, int times)
{
    bf_z_t *v = test_alloc((size_t)m * sizeof *v);
    for (int t = 0; t < times; t++) {
        double norm2 = 0.0;
        for (bf_dim_t i = 0; i < m; i++) {
            v[i] = test_normal() + (real ? 0.0 : I * test_normal());
            norm2 += creal(v[i] * conj(v[i]));
        }
        for (bf_dim_t j = 0; j < n; j++) {
            bf_z_t dot = 0.0;
            for (bf_dim_t i = 0; i < m; i++)
                dot += conj(v[i]) * a[i + m * j];
            for (bf_dim_t i = 0; i < m; i++)
                a[i + m * j] -= 2.0 / norm2 * dot * v[i];
        }
    }
    free(v);
}

/* a <- a^T, m x n becoming n x m. */
static void transpose(bf_z_t *a, bf_dim_t m, bf_dim_t n)
{
    bf_z_t *copy = test_alloc((size_t)(m * n) * sizeof *copy);
    memcpy(copy, a, (size_t)(m * n) * sizeof *a);
    for (bf_dim_t i = 0; i < m; i++)
        for (bf_dim_t j = 0; j < n; j++)
            a[j + n * i] = copy[i + m * j];
    free(copy);
}

/* A pair whose theta has the singular values sigma[0..min(m,n)), dense unitary factors and left weights 0.5^(l/4). */
static bf_tensor_t pair_of(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r, const double *sigma)
{
    const bf_dim_t m = 2 * chi_l, n = 2 * chi_r;
    const bool real = bf_type_is_real(type);
    const int times = (int)smaller(smaller(m, n), m > 300 ? 3 : 20);
    bf_z_t *a = test_alloc((size_t)(m * n) * sizeof *a);
    memset(a, 0, (size_t)(m * n) * sizeof *a);
    for (bf_dim_t i = 0; i < smaller(m, n); i++)
        a[i + m * i] = sigma[i];
    reflect_rows(a, m, n, real, times);
    transpose(a, m, n);
    reflect_rows(a, n, m, real, times);
    transpose(a, n, m);

    bf_tensor_t c = test_tensor(type, BF_WEIGHT_DIAG, chi_l, 4, chi_r);
    for (bf_dim_t l = 0; l < chi_l; l++)
        ((double *)c.w)[l] = ldexp(1.0, -(int)(l % 4));
    for (bf_dim_t i = 0; i < m * n; i++)
        test_set(type, c.b, i, a[i] * ldexp(1.0, (int)(i % m % chi_l % 4)));
    free(a);
    return c;
}

/* Result of one factorisation with everything it points to. */
typedef struct outcome {
    bf_status_t status;
    bf_factor_info_t info;
    bf_tensor_t theta; /* weighted pair, double complex, before */
    bf_tensor_t left, right;
    void *work;
} outcome_t;

static outcome_t factor(bf_tensor_t *c, bf_dim_t rank_bound, bf_factor_rule_t rule)
{
    outcome_t o;
    memset(&o, 0, sizeof o);
    o.theta = test_tensor(BF_TYPE_Z, BF_WEIGHT_NONE, 2 * c->chi_l, 1, 2 * c->chi_r);
    for (bf_dim_t i = 0; i < 4 * c->chi_l * c->chi_r; i++)
        test_set(BF_TYPE_Z, o.theta.b, i, ((double *)c->w)[i % c->chi_l] * test_get(c->type, c->b, i));
    o.work = test_alloc(bf_k_factor_worksize(c, rank_bound, &rule));
    o.status = bf_k_factor(c, rank_bound, &rule, &o.left, &o.right, &o.info, o.work);
    return o;
}

static void discard(outcome_t *o, bf_tensor_t *c)
{
    free(o->work);
    test_free(&o->theta);
    test_free(c);
}

/* || theta / ||theta V|| - W left right ||_F^2: eps / (1 - eps) when everything is right. */
static double residual2(const outcome_t *o, double norm)
{
    const bf_dim_t m = 2 * o->left.chi_l, k = o->left.chi_r, n = 2 * o->right.chi_r;
    double sum = 0.0;
    for (bf_dim_t j = 0; j < n; j++)
        for (bf_dim_t i = 0; i < m; i++) {
            bf_z_t x = -test_get(BF_TYPE_Z, o->theta.b, i + m * j) / norm;
            for (bf_dim_t a = 0; a < k; a++)
                x += ((double *)o->left.w)[i % o->left.chi_l] * test_get(o->left.type, o->left.b, i + m * a) *
                     test_get(o->right.type, o->right.b, a + k * j);
            sum += creal(x) * creal(x) + cimag(x) * cimag(x);
        }
    return sum;
}

/* Everything that must hold whatever the method and the spectrum. sigma: the singular values, descending. */
static void check(const outcome_t *o, const double *sigma, bf_dim_t count, bf_factor_rule_t rule, double slack)
{
    CU_ASSERT_EQUAL_FATAL(o->status, BF_OK);
    const double unit = test_unit(o->left.type);
    double total = 0.0, tail = 0.0;
    for (bf_dim_t i = count; i-- > 0;) {
        total += sigma[i] * sigma[i];
        if (i >= o->right.chi_l)
            tail += sigma[i] * sigma[i];
    }
    const double optimal = tail / total, floor_eps = 400.0 * unit;
    CU_ASSERT(fabs(o->info.norm2 / total - 1.0) <= 100.0 * unit);
    CU_ASSERT(o->info.eps >= optimal - floor_eps && o->info.eps <= (1.0 + slack) * optimal + floor_eps);
    CU_ASSERT(bf_k_orthonormality(&o->right) <= (bf_type_is_single(o->left.type) ? 3e-5 : 1e-12));
    CU_ASSERT(rule.cut.max_dim == 0 || o->right.chi_l <= rule.cut.max_dim);
    CU_ASSERT_EQUAL(o->left.chi_r, o->right.chi_l);
    CU_ASSERT_EQUAL(o->left.weight, BF_WEIGHT_DIAG);
    CU_ASSERT_EQUAL(o->right.weight, BF_WEIGHT_DIAG);

    const double norm = sqrt(total * (1.0 - o->info.eps));
    const double *w = o->right.w;
    double worst = 0.0, sum = 0.0;
    for (bf_dim_t i = 0; i < o->right.chi_l; i++) {
        worst = fmax(worst, fabs(w[i] - sigma[i] / norm) * fmax(w[i], sqrt(unit)));
        sum += w[i] * w[i];
        CU_ASSERT(i == 0 || w[i] <= w[i - 1]);
    }
    CU_ASSERT(worst <= 200.0 * unit + slack * optimal);
    CU_ASSERT(fabs(sum - 1.0) <= 400.0 * unit + slack * optimal);
    if (count <= 150) {
        const double expected = o->info.eps / (1.0 - o->info.eps);
        CU_ASSERT(fabs(residual2(o, norm) - expected) <= 1e-6 * expected + 1e4 * unit * unit + floor_eps);
    }
}

static bf_factor_rule_t rule_of(double cutoff, bf_dim_t max_dim, bf_method_t method)
{
    return (bf_factor_rule_t){{cutoff, max_dim, 1}, method};
}

static void run_spectrum(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r, const double *sigma, bf_factor_rule_t rule)
{
    bf_tensor_t c = pair_of(type, chi_l, chi_r, sigma);
    outcome_t o = factor(&c, 0, rule);
    if (o.status != BF_OK)
        printf("  type %d, %lld x %lld, %s: %s\n", (int)type, (long long)chi_l, (long long)chi_r, bf_method_name(rule.method),
               bf_status_string(o.status));
    check(&o, sigma, 2 * smaller(chi_l, chi_r), rule, 0.03);
    CU_ASSERT_EQUAL(o.info.fallbacks, 0);
    CU_ASSERT(rule.method == BF_METHOD_AUTO || o.info.method == rule.method);
    discard(&o, &c);
}

/* Decaying random spectrum. */
static void random_spectrum(double *sigma, bf_dim_t n, double rate)
{
    double x = 1.0;
    for (bf_dim_t i = 0; i < n; i++) {
        sigma[i] = x;
        x *= 1.0 - rate * test_uniform();
    }
}

static void every_method_type_and_shape(void)
{
    double sigma[200];
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (int trial = 0; trial < 24; trial++) {
                const bf_dim_t l = trial < 9 ? 1 + trial % 3 : test_dim(trial < 20 ? 12 : 60);
                const bf_dim_t r = trial < 9 ? 1 + trial / 3 : test_dim(trial < 20 ? 12 : 60);
                random_spectrum(sigma, 2 * smaller(l, r), 0.6);
                run_spectrum(types[t], l, r, sigma, rule_of(trial % 2 ? 1e-12 : 1e-5, 0, (bf_method_t)method));
                run_spectrum(types[t], l, r, sigma, rule_of(1e-10, test_dim(l + r), (bf_method_t)method));
            }
}

/* Orders on both sides of every change of algorithm, square, wide and high. */
static void large_shapes(void)
{
    double sigma[700];
    const bf_dim_t shapes[6][2] = {{127, 128}, {129, 129}, {150, 160}, {170, 131}, {90, 180}, {180, 90}};
    for (int method = BF_METHOD_AUTO; method <= BF_METHOD_GRAM; method++)
        for (int t = 0; t < 4; t++)
            for (int i = 0; i < 6; i++) {
                const bf_dim_t l = shapes[i][0], r = shapes[i][1];
                random_spectrum(sigma, 2 * smaller(l, r), 0.12);
                run_spectrum(types[t], l, r, sigma, rule_of(1e-12, 0, (bf_method_t)method));
                run_spectrum(types[t], l, r, sigma, rule_of(1e-16, 0, (bf_method_t)method));
                run_spectrum(types[t], l, r, sigma, rule_of(1e-12, smaller(l, r) / 2, (bf_method_t)method));
            }
}

static void one_by_k_and_k_by_one(void)
{
    double sigma[2] = {0.8, 0.6};
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++) {
            run_spectrum(types[t], 1, 40, sigma, rule_of(1e-12, 0, (bf_method_t)method));
            run_spectrum(types[t], 40, 1, sigma, rule_of(1e-12, 0, (bf_method_t)method));
            run_spectrum(types[t], 1, 1, sigma, rule_of(1e-12, 1, (bf_method_t)method));
        }
}

static void hard_spectra(void)
{
    enum { CHI = 24, N = 2 * CHI };
    double flat[N], cluster[N], deficient[N], graded[N], single[N];
    for (int i = 0; i < N; i++) {
        flat[i] = 1.0;
        cluster[i] = i < N / 2 ? 1.0 : 1e-5;
        deficient[i] = i < 5 ? 1.0 / (1 + i) : 0.0;
        graded[i] = pow(10.0, -300.0 * i / (N - 1));
        single[i] = i == 0 ? 1.0 : 0.0;
    }
    const double *all[5] = {flat, cluster, deficient, graded, single};
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (int s = 0; s < 5; s++) {
                run_spectrum(types[t], CHI, CHI, all[s], rule_of(1e-12, 0, (bf_method_t)method));
                run_spectrum(types[t], CHI, CHI, all[s], rule_of(0.0, 0, (bf_method_t)method));
                run_spectrum(types[t], CHI, CHI, all[s], rule_of(1e-12, CHI, (bf_method_t)method));
            }
}

/* Self-dual kicked Ising at step 10: 1024 equal values cut in half lose exactly one half. */
static void flat_1024_to_512(void)
{
    double *sigma = test_alloc(1024 * sizeof *sigma);
    for (int i = 0; i < 1024; i++)
        sigma[i] = 1.0 / 32.0;
    bf_tensor_t c = pair_of(BF_TYPE_Z, 512, 512, sigma);
    outcome_t o = factor(&c, 0, rule_of(1e-12, 512, BF_METHOD_AUTO));
    CU_ASSERT_EQUAL_FATAL(o.status, BF_OK);
    CU_ASSERT_EQUAL(o.right.chi_l, 512);
    CU_ASSERT_DOUBLE_EQUAL(o.info.eps, 0.5, 1e-12);
    discard(&o, &c);
    free(sigma);
}

static void nan_and_zero_are_clean_errors(void)
{
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (bf_dim_t chi = 1; chi <= 65; chi += 32) {
                for (int kind = 0; kind < 4; kind++) {
                    bf_tensor_t c = test_random(types[t], BF_WEIGHT_DIAG, chi, 4, chi);
                    const bf_dim_t where = test_dim(4 * chi * chi) - 1;
                    if (kind == 0)
                        test_set(types[t], c.b, where, NAN);
                    else if (kind == 1)
                        test_set(types[t], c.b, where, INFINITY);
                    else if (kind == 2)
                        ((double *)c.w)[test_dim(chi) - 1] = NAN;
                    else
                        memset(c.b, 0, bf_tensor_block_bytes(&c));
                    outcome_t o = factor(&c, 0, rule_of(1e-12, 0, (bf_method_t)method));
                    CU_ASSERT_EQUAL(o.status, kind == 3 ? BF_ERR_ZERO : BF_ERR_NAN);
                    discard(&o, &c);
                }
            }
}

/* States far from unit norm factor like any other. */
static void tiny_and_huge_norms(void)
{
    const int exponents[4] = {-900, -40, 40, 900};
    double sigma[12];
    random_spectrum(sigma, 12, 0.5);
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (int e = 0; e < 4; e++) {
                const int exponent = bf_type_is_single(types[t]) ? exponents[e] / 9 : exponents[e];
                bf_tensor_t c = pair_of(types[t], 6, 6, sigma);
                for (bf_dim_t i = 0; i < 144; i++)
                    test_set(types[t], c.b, i,
                             ldexp(1.0, exponent / 2) * test_get(types[t], c.b, i) * ldexp(1.0, exponent - exponent / 2));
                outcome_t o = factor(&c, 0, rule_of(1e-6, 0, (bf_method_t)method));
                CU_ASSERT_EQUAL_FATAL(o.status, BF_OK);
                double kept = 0.0, w2 = 0.0;
                for (bf_dim_t i = 0; i < o.right.chi_l; i++) {
                    kept += sigma[i] * sigma[i];
                    w2 += ((double *)o.right.w)[i] * ((double *)o.right.w)[i];
                }
                CU_ASSERT(fabs(((double *)o.right.w)[0] - sigma[0] / sqrt(kept)) <= 200.0 * test_unit(types[t]));
                CU_ASSERT(fabs(w2 - 1.0) <= 200.0 * test_unit(types[t]));
                CU_ASSERT(bf_k_is_finite(&o.left) && bf_k_is_finite(&o.right));
                discard(&o, &c);
            }
}

/* MinDim may ask for values that no Gram matrix resolves: whoever answers, the answer must hold. */
static void min_dim_below_the_resolution(void)
{
    double sigma[16];
    for (int i = 0; i < 16; i++)
        sigma[i] = pow(10.0, -1.5 * i);
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (bf_dim_t chi_r = 8; chi_r <= 32; chi_r *= 2) {
                const bf_factor_rule_t rule = {{1e-6, 0, 14}, (bf_method_t)method};
                bf_tensor_t c = pair_of(types[t], 8, chi_r, sigma);
                outcome_t o = factor(&c, 0, rule);
                check(&o, sigma, 16, rule, 0.03);
                /* Values that come out as exact zeros go even below MinDim. */
                CU_ASSERT(o.right.chi_l >= 3 && o.right.chi_l <= 14);
                CU_ASSERT(rule.method != BF_METHOD_GESDD || o.right.chi_l == 14);
                discard(&o, &c);
            }
}

/* Two right-canonical sites under a unitary gate: the bits must not depend on what the workspace held before. */
static void same_bits_twice(void)
{
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (bf_dim_t chi = 3; chi <= 140; chi = 3 * chi + 4) {
                bf_tensor_t c = test_random(types[t], BF_WEIGHT_DIAG, chi, 4, chi),
                            again = test_tensor(types[t], BF_WEIGHT_DIAG, chi, 4, chi);
                memcpy(again.w, c.w, bf_tensor_bytes(&c));
                bf_factor_rule_t rule = rule_of(1e-12, chi, (bf_method_t)method);
                const size_t bytes = bf_k_factor_worksize(&c, 0, &rule);
                bf_tensor_t left[2], right[2];
                bf_factor_info_t info[2];
                void *work[2] = {test_alloc(bytes), test_alloc(bytes)};
                memset(work[0], 0, bytes);
                memset(work[1], 0xff, bytes);
                CU_ASSERT_EQUAL_FATAL(bf_k_factor(&c, 0, &rule, &left[0], &right[0], &info[0], work[0]), BF_OK);
                CU_ASSERT_EQUAL_FATAL(bf_k_factor(&again, 0, &rule, &left[1], &right[1], &info[1], work[1]), BF_OK);
                CU_ASSERT_EQUAL_FATAL(right[0].chi_l, right[1].chi_l);
                CU_ASSERT_EQUAL(memcmp(left[0].b, left[1].b, bf_tensor_block_bytes(&left[0])), 0);
                CU_ASSERT_EQUAL(memcmp(right[0].b, right[1].b, bf_tensor_block_bytes(&right[0])), 0);
                CU_ASSERT_EQUAL(memcmp(right[0].w, right[1].w, (size_t)right[0].chi_l * sizeof(double)), 0);
                CU_ASSERT_EQUAL(info[0].eps, info[1].eps);
                bf_tensor_t copy = test_tensor(right[0].type, right[0].weight, right[0].chi_l, 2, right[0].chi_r);
                bf_k_copy(&right[0], &copy);
                CU_ASSERT_EQUAL(memcmp(copy.b, right[0].b, bf_tensor_block_bytes(&copy)), 0);
                test_free(&copy);
                free(work[0]);
                free(work[1]);
                test_free(&c);
                test_free(&again);
            }
}

/* A pair of known rank: the bond never exceeds the bound, and nothing is lost. */
static void rank_bound_is_used(void)
{
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++) {
            double sigma[60] = {0.0};
            const bf_dim_t rank = 4 + test_dim(8);
            random_spectrum(sigma, rank, 0.3);
            bf_tensor_t c = pair_of(types[t], 30, 30, sigma);
            const bf_factor_rule_t rule = rule_of(0.0, 0, (bf_method_t)method);
            CU_ASSERT_EQUAL(bf_k_factor_bound(&c, rank, &rule), rank);
            outcome_t o = factor(&c, rank, rule);
            check(&o, sigma, 60, rule, 0.03);
            CU_ASSERT_EQUAL(o.right.chi_l, rank);
            discard(&o, &c);
        }
}

/* One gate at full bonds: the infidelity of the new two-site state is the reported discarded weight (YAQS #531). */
static void infidelity_is_the_discarded_weight(void)
{
    for (int method = 0; method < BF_METHOD_COUNT; method++) {
        const bf_dim_t chi = 8 + test_dim(24);
        double sigma[80];
        random_spectrum(sigma, 2 * chi, 0.1);
        bf_tensor_t c = pair_of(BF_TYPE_Z, chi, chi, sigma);
        outcome_t o = factor(&c, 0, rule_of(1e-12, chi, (bf_method_t)method));
        CU_ASSERT_EQUAL_FATAL(o.status, BF_OK);
        const bf_dim_t m = 2 * chi, k = o.right.chi_l;
        double norm2 = 0.0;
        bf_z_t overlap = 0.0;
        for (bf_dim_t j = 0; j < m; j++)
            for (bf_dim_t i = 0; i < m; i++) {
                const bf_z_t x = test_get(BF_TYPE_Z, o.theta.b, i + m * j);
                bf_z_t y = 0.0;
                for (bf_dim_t a = 0; a < k; a++)
                    y += ((double *)o.left.w)[i % chi] * test_get(BF_TYPE_Z, o.left.b, i + m * a) *
                         test_get(BF_TYPE_Z, o.right.b, a + k * j);
                norm2 += creal(x * conj(x));
                overlap += conj(x) * y;
            }
        CU_ASSERT(o.info.eps > 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(1.0 - creal(overlap * conj(overlap)) / norm2, o.info.eps, 1e-13);
        discard(&o, &c);
    }
}

static void names_round_trip(void)
{
    bf_method_t m;
    for (int i = 0; i < BF_METHOD_COUNT; i++) {
        CU_ASSERT_TRUE(bf_method_parse(bf_method_name((bf_method_t)i), &m));
        CU_ASSERT_EQUAL((int)m, i);
    }
    CU_ASSERT_FALSE(bf_method_parse("svd", &m));
    CU_ASSERT_FALSE(bf_method_parse("", &m));
}

static void too_large_is_refused(void)
{
    bf_tensor_t c = {BF_TYPE_Z, BF_WEIGHT_DIAG, (bf_dim_t)1 << 31, 4, 1, NULL, NULL}, left, right;
    const bf_factor_rule_t rule = rule_of(1e-12, 0, BF_METHOD_AUTO);
    bf_factor_info_t info;
    CU_ASSERT_EQUAL(bf_k_factor(&c, 0, &rule, &left, &right, &info, NULL), BF_ERR_TOO_LARGE);
}

int main(void)
{
    const CU_TestInfo tests[] = {
        {"every method, type and shape", every_method_type_and_shape},
        {"large shapes", large_shapes},
        {"1 x k and k x 1", one_by_k_and_k_by_one},
        {"hard spectra", hard_spectra},
        {"1024 equal values to 512", flat_1024_to_512},
        {"NaN, Inf and zero", nan_and_zero_are_clean_errors},
        {"tiny and huge norms", tiny_and_huge_norms},
        {"MinDim below the resolution", min_dim_below_the_resolution},
        {"same bits twice", same_bits_twice},
        {"rank bound", rank_bound_is_used},
        {"infidelity is the discarded weight", infidelity_is_the_discarded_weight},
        {"names", names_round_trip},
        {"too large", too_large_is_refused},
        CU_TEST_INFO_NULL,
    };
    return test_main("kernels/factor", tests);
}
