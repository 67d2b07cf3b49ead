/* Matrices that fall apart, hidden by random permutations: found by breadth-first search here; products and factorisations
 * against the full matrix, and every exact zero where it has to be. */
#include "kernels_testing.h"

#include <string.h>

#include "kernels/blas.h"
#include "kernels/factor.h"
#include "kernels/sectors.h"

static const bf_type_t types[4] = {BF_TYPE_Z, BF_TYPE_C, BF_TYPE_D, BF_TYPE_S};

/* A hidden pattern: the sector of every row and column, -1 for rows and columns without entries. */
typedef struct pattern {
    bf_dim_t m, n;
    int *row, *column;
    int sectors;
} pattern_t;

static int draw_sector(int sectors, double empty)
{
    return test_uniform() < empty ? -1 : (int)(test_uniform() * sectors) % sectors;
}

static pattern_t pattern_random(bf_dim_t m, bf_dim_t n, int sectors, double empty)
{
    pattern_t p = {m, n, malloc((size_t)m * sizeof(int)), malloc((size_t)n * sizeof(int)), sectors};
    for (bf_dim_t i = 0; i < m; i++)
        p.row[i] = draw_sector(sectors, empty);
    for (bf_dim_t j = 0; j < n; j++)
        p.column[j] = draw_sector(sectors, empty);
    return p;
}

static void pattern_free(pattern_t *p)
{
    free(p->row);
    free(p->column);
}

static bf_z_t normal(void)
{
    const double re = test_normal();
    return re + I * test_normal();
}

/* Entries inside of sectors, each with probability @p density; some zeros negative, some entries only imaginary. */
static void fill(bf_type_t type, const pattern_t *p, double density, void *a)
{
    for (bf_dim_t j = 0; j < p->n; j++)
        for (bf_dim_t i = 0; i < p->m; i++) {
            const bool in = p->row[i] >= 0 && p->row[i] == p->column[j] && test_uniform() < density;
            const double imaginary = bf_type_is_real(type) || test_uniform() < 0.8 ? 0.0 : test_normal();
            test_set(type, a, i + p->m * j,
                     !in                ? (test_uniform() < 0.5 ? -0.0 : 0.0)
                     : imaginary != 0.0 ? I * imaginary
                                        : normal());
        }
}

/* The reference: labels of rows and columns by breadth-first search, numbered by the first row; -1 without entries. */
static int components(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *a, int *row, int *column)
{
    int count = 0;
    bf_dim_t *queue = malloc((size_t)(m + n) * sizeof *queue);
    for (bf_dim_t i = 0; i < m; i++)
        row[i] = -1;
    for (bf_dim_t j = 0; j < n; j++)
        column[j] = -1;
    for (bf_dim_t start = 0; start < m; start++) {
        bf_dim_t head = 0, tail = 0;
        if (row[start] >= 0)
            continue;
        queue[tail++] = start;
        row[start] = count;
        while (head < tail) {
            const bf_dim_t at = queue[head++];
            for (bf_dim_t k = 0; k < (at < m ? n : m); k++) {
                const bf_dim_t i = at < m ? at : k, j = at < m ? k : at - m;
                int *label = at < m ? &column[j] : &row[i];
                if (test_get(type, a, i + m * j) == 0.0 || *label >= 0)
                    continue;
                *label = count;
                queue[tail++] = at < m ? m + j : i;
            }
        }
        if (tail == 1) /* a row of zeros */
            row[start] = -2;
        else
            count++;
    }
    free(queue);
    return count;
}

static void check_side(bf_dim_t total, int sectors, const int *label, const int32_t *index, const int32_t *first)
{
    CU_ASSERT_EQUAL(first[0], 0);
    bf_dim_t labelled = 0;
    for (bf_dim_t i = 0; i < total; i++)
        labelled += label[i] >= 0;
    CU_ASSERT_EQUAL(first[sectors], labelled);
    for (int s = 0; s < sectors; s++)
        for (int32_t k = first[s]; k < first[s + 1]; k++) {
            CU_ASSERT_EQUAL(label[index[k]], s);
            CU_ASSERT(k == first[s] || index[k] > index[k - 1]);
        }
}

static void check_found(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *a)
{
    int *row = malloc((size_t)m * sizeof *row), *column = malloc((size_t)n * sizeof *column);
    void *room = test_alloc(bf_sectors_bytes(m, n)), *work = test_alloc(bf_sectors_worksize(m, n));
    const int count = components(type, m, n, a, row, column);
    bf_sectors_t sectors;
    bf_dim_t empty = 0;
    bf_sectors_find(type, m, n, a, NULL, &sectors, room, work);
    CU_ASSERT_EQUAL(sectors.count, count);
    for (bf_dim_t i = 0; i < m; i++)
        empty += row[i] < 0;
    for (bf_dim_t j = 0; j < n; j++)
        empty += column[j] < 0;
    CU_ASSERT_EQUAL(sectors.whole, count == 1 && empty == 0);
    if (!sectors.whole && sectors.count == count) {
        check_side(m, count, row, sectors.row, sectors.row_first);
        check_side(n, count, column, sectors.column, sectors.column_first);
    }
    free(row);
    free(column);
    free(room);
    free(work);
}

static void finds_the_components(void)
{
    for (int t = 0; t < 4; t++)
        for (int trial = 0; trial < 200; trial++) {
            const bf_dim_t m = test_dim(trial < 100 ? 6 : 90), n = test_dim(trial < 100 ? 6 : 90);
            pattern_t p = pattern_random(m, n, (int)test_dim(trial % 3 ? 5 : 40), trial % 4 ? 0.0 : 0.3);
            void *a = test_alloc((size_t)(m * n) * bf_type_size(types[t]));
            fill(types[t], &p, trial % 2 ? 1.0 : 0.3, a);
            check_found(types[t], m, n, a);
            free(a);
            pattern_free(&p);
        }
}

/* One sector that only the last column closes, rows of zeros, nothing at all, a NaN. */
static void finds_the_unusual(void)
{
    enum { N = 64 };
    double a[N * N] = {0};
    check_found(BF_TYPE_D, N, N, a);
    for (int i = 0; i < N; i++)
        a[i + N * i] = 1.0;
    check_found(BF_TYPE_D, N, N, a);
    for (int i = 0; i < N; i++)
        a[i + N * (N - 1)] = 1.0;
    check_found(BF_TYPE_D, N, N, a);
    for (int i = 0; i + 1 < N; i++) /* a path through all rows and columns, from the end */
        a[N - 1 - i + N * i] = a[N - 2 - i + N * i] = 1.0;
    check_found(BF_TYPE_D, N, N, a);
    for (int i = 0; i < N * N; i++)
        a[i] = i / N == 5 ? 0.0 : 1.0;
    check_found(BF_TYPE_D, N, N, a);
    memset(a, 0, sizeof a);
    a[3 + N * 7] = NAN;
    void *room = test_alloc(bf_sectors_bytes(N, N)), *work = test_alloc(bf_sectors_worksize(N, N));
    bf_sectors_t sectors;
    bf_sectors_find(BF_TYPE_D, N, N, a, NULL, &sectors, room, work);
    CU_ASSERT_EQUAL(sectors.count, 1);
    CU_ASSERT(!sectors.whole);
    CU_ASSERT_EQUAL(sectors.row[0], 3);
    CU_ASSERT_EQUAL(sectors.column[0], 7);
    free(room);
    free(work);
}

/* c = a b, a falling apart, b in the same sectors or in none. */
static void product(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_dim_t k, int sectors, bool both)
{
    pattern_t pa = pattern_random(m, k, sectors, 0.05), pb = pattern_random(k, n, sectors, 0.05);
    memcpy(pb.row, pa.column, (size_t)k * sizeof(int));
    for (bf_dim_t i = 0; i < k && !both; i++)
        pb.row[i] = 0;
    for (bf_dim_t j = 0; j < n && !both; j++)
        pb.column[j] = 0;
    const size_t element = bf_type_size(type);
    void *a = test_alloc((size_t)(m * k) * element), *b = test_alloc((size_t)(k * n) * element);
    void *c = test_alloc((size_t)(m * n) * element), *work = test_alloc(bf_gemm_sectors_worksize(type, m, n, k));
    fill(type, &pa, 1.0, a);
    fill(type, &pb, 1.0, b);
    memset(c, 0xff, (size_t)(m * n) * element);
    bf_gemm_sectors(type, m, n, k, a, b, c, work);
    double worst = 0.0;
    int garbage = 0;
    for (bf_dim_t i = 0; i < m; i++)
        for (bf_dim_t j = 0; j < n; j++) {
            bf_z_t sum = 0.0;
            bool reached = false;
            for (bf_dim_t l = 0; l < k; l++) {
                const bf_z_t x = test_get(type, a, i + m * l), y = test_get(type, b, l + k * j);
                sum += x * y;
                reached = reached || (x != 0.0 && y != 0.0);
            }
            const bf_z_t got = test_get(type, c, i + m * j);
            garbage += !reached && got != 0.0;
            worst = cabs(got - sum) <= worst ? worst : cabs(got - sum);
        }
    CU_ASSERT_EQUAL(garbage, 0);
    CU_ASSERT(worst <= 40.0 * (double)k * test_unit(type));
    free(a);
    free(b);
    free(c);
    free(work);
    pattern_free(&pa);
    pattern_free(&pb);
}

static void products(void)
{
    for (int t = 0; t < 4; t++)
        for (int sectors = 1; sectors <= 9; sectors += 2)
            for (int both = 0; both < 2; both++) {
                product(types[t], 80, 70, 40, sectors, both);
                product(types[t], test_dim(60), test_dim(60), test_dim(60), sectors, both);
            }
}

/* Row i of h a, h diagonal but for one pair of rows that it couples: Hermitian. */
static bf_z_t coupled(bf_type_t type, const void *a, bf_dim_t m, bf_dim_t i, bf_dim_t j, const bf_dim_t pair[2])
{
    const bf_z_t own = (1.0 + (double)(i % 5)) * test_get(type, a, i + m * j);
    if (pair[0] == pair[1] || (i != pair[0] && i != pair[1]))
        return own;
    return own + 0.5 * test_get(type, a, pair[0] + pair[1] - i + m * j);
}

/* a^H (h a), or (a h) a^H by way of adjoints; h joins two sectors or none. */
static void hermitian(bf_type_t type, bf_op_form_t form, bf_dim_t n, bf_dim_t k, int sectors, bool join)
{
    const bf_dim_t pair[2] = {join ? test_dim(k) - 1 : 0, join ? test_dim(k) - 1 : 0};
    pattern_t p = pattern_random(k, n, sectors, 0.05);
    void *a = test_alloc((size_t)(k * n) * bf_type_size(type)), *b = test_alloc((size_t)(k * n) * bf_type_size(type));
    void *first = test_alloc((size_t)(k * n) * bf_type_size(type)), *second = test_alloc((size_t)(k * n) * bf_type_size(type));
    void *c = test_alloc((size_t)(n * n) * bf_type_size(type)),
         *work = test_alloc(bf_gemm_hermitian_sectors_worksize(type, n, k));
    fill(type, &p, 1.0, a);
    for (bf_dim_t j = 0; j < n; j++)
        for (bf_dim_t i = 0; i < k; i++) {
            const bf_z_t x = test_get(type, a, i + k * j), y = coupled(type, a, k, i, j, pair);
            test_set(type, b, i + k * j, y);
            test_set(type, first, form == BF_H ? i + k * j : j + n * i, form == BF_H ? x : conj(y));
            test_set(type, second, form == BF_H ? i + k * j : j + n * i, form == BF_H ? y : conj(x));
        }
    memset(c, 0xff, (size_t)(n * n) * bf_type_size(type));
    bf_gemm_hermitian_sectors(type, form, n, k, first, second, c, work);
    double worst = 0.0;
    for (bf_dim_t i = 0; i < n; i++)
        for (bf_dim_t j = 0; j < n; j++) {
            bf_z_t sum = 0.0;
            for (bf_dim_t l = 0; l < k; l++) /* a^H b and b^H a are the same */
                sum += conj(test_get(type, a, l + k * i)) * test_get(type, b, l + k * j);
            const double error = cabs(test_get(type, c, i + n * j) - sum);
            worst = error <= worst ? worst : error;
        }
    CU_ASSERT(worst <= 400.0 * (double)k * test_unit(type));
    free(a);
    free(b);
    free(first);
    free(second);
    free(c);
    free(work);
    pattern_free(&p);
}

static void hermitian_products(void)
{
    for (int sectors = 1; sectors <= 9; sectors += 2)
        for (int join = 0; join < 2; join++)
            for (int form = 0; form < 2; form++) {
                hermitian(BF_TYPE_Z, form ? BF_H : BF_N, 50, 90, sectors, join);
                hermitian(BF_TYPE_D, form ? BF_H : BF_N, 70, 30, sectors, join);
                hermitian(BF_TYPE_Z, form ? BF_H : BF_N, test_dim(80), test_dim(80), sectors, join);
            }
}

/* A pair with hidden sectors, and everything about it. */
typedef struct hidden {
    pattern_t pattern;
    bf_tensor_t c;
    bf_z_t *theta;
    double *sigma; /* min(m, n) singular values of theta, descending, by LAPACK */
} hidden_t;

static void spectrum(hidden_t *h)
{
    const bf_dim_t m = h->pattern.m, n = h->pattern.n, k = m < n ? m : n;
    const size_t square = (size_t)(m * n) * sizeof(bf_z_t);
    h->theta = test_alloc(square);
    h->sigma = test_alloc((size_t)k * sizeof(double));
    for (bf_dim_t i = 0; i < m * n; i++)
        h->theta[i] = ((double *)h->c.w)[i % m % h->c.chi_l] * test_get(h->c.type, h->c.b, i);
    bf_z_t *a = test_alloc(square), *u = test_alloc(square), *vh = test_alloc(square);
    void *work = test_alloc(bf_gesdd_worksize(BF_TYPE_Z, m, n));
    memcpy(a, h->theta, square);
    CU_ASSERT_EQUAL_FATAL(bf_gesdd(BF_TYPE_Z, m, n, a, h->sigma, u, vh, work), 0);
    free(a);
    free(u);
    free(vh);
    free(work);
}

/* decay: how much each further row of C is smaller; equal: all blocks have ones on their diagonals only. */
static hidden_t hide(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r, int sectors, double decay, bool equal)
{
    hidden_t h = {.pattern = pattern_random(2 * chi_l, 2 * chi_r, sectors, 0.05)};
    const bf_dim_t m = 2 * chi_l, n = 2 * chi_r;
    h.c = test_tensor(type, BF_WEIGHT_DIAG, chi_l, 4, chi_r);
    for (bf_dim_t l = 0; l < chi_l; l++)
        ((double *)h.c.w)[l] = equal ? 1.0 : ldexp(1.0, -(int)(l % 4));
    fill(type, &h.pattern, 1.0, h.c.b);
    for (bf_dim_t j = 0; j < n; j++)
        for (bf_dim_t i = 0; i < m; i++) {
            if (equal)
                test_set(type, h.c.b, i + m * j, i == j ? 1.0 : 0.0);
            else
                test_set(type, h.c.b, i + m * j, test_get(type, h.c.b, i + m * j) * pow(decay, (double)i));
        }
    spectrum(&h);
    return h;
}

static void hidden_free(hidden_t *h)
{
    test_free(&h->c);
    free(h->theta);
    free(h->sigma);
    pattern_free(&h->pattern);
}

/* Does every bond index belong to one sector, exactly? */
static bool keeps_the_zeros(const hidden_t *h, const bf_tensor_t *left, const bf_tensor_t *right)
{
    const bf_dim_t m = h->pattern.m, n = h->pattern.n, k = right->chi_l;
    for (bf_dim_t a = 0; a < k; a++) {
        int sector = -1;
        for (bf_dim_t j = 0; j < n; j++) {
            if (test_get(right->type, right->b, a + k * j) == 0.0)
                continue;
            if (h->pattern.column[j] < 0 || (sector >= 0 && h->pattern.column[j] != sector))
                return false;
            sector = h->pattern.column[j];
        }
        for (bf_dim_t i = 0; i < m; i++)
            if (test_get(left->type, left->b, i + m * a) != 0.0 && h->pattern.row[i] != sector)
                return false;
    }
    return true;
}

/* || theta - norm W left right ||^2 */
static double residual2(const hidden_t *h, const bf_tensor_t *left, const bf_tensor_t *right, double norm)
{
    const bf_dim_t m = h->pattern.m, n = h->pattern.n, k = right->chi_l;
    double sum = 0.0;
    for (bf_dim_t j = 0; j < n; j++)
        for (bf_dim_t i = 0; i < m; i++) {
            bf_z_t x = h->theta[i + m * j];
            for (bf_dim_t a = 0; a < k; a++)
                x -= norm * ((double *)left->w)[i % left->chi_l] * test_get(left->type, left->b, i + m * a) *
                     test_get(right->type, right->b, a + k * j);
            sum += creal(x) * creal(x) + cimag(x) * cimag(x);
        }
    return sum;
}

static void factor_hidden(hidden_t *h, bf_factor_rule_t rule, bf_dim_t expected)
{
    const bf_dim_t k = h->pattern.m < h->pattern.n ? h->pattern.m : h->pattern.n;
    const bf_type_t type = h->c.type;
    bf_tensor_t left, right;
    bf_factor_info_t info;
    void *work = test_alloc(bf_k_factor_worksize(&h->c, 0, &rule));
    CU_ASSERT_EQUAL_FATAL(bf_k_factor(&h->c, 0, &rule, &left, &right, &info, work), BF_OK);
    double total = 0.0, tail = 0.0, before = 0.0;
    for (bf_dim_t i = k; i-- > 0;) {
        total += h->sigma[i] * h->sigma[i];
        if (i >= right.chi_l)
            tail += h->sigma[i] * h->sigma[i];
        if (i + 1 >= right.chi_l)
            before += h->sigma[i] * h->sigma[i];
    }
    const double floor_eps = 400.0 * test_unit(type);
    CU_ASSERT_EQUAL(info.fallbacks, 0);
    CU_ASSERT_EQUAL(info.sectors, expected);
    CU_ASSERT(keeps_the_zeros(h, &left, &right));
    CU_ASSERT(bf_k_orthonormality(&right) <= (bf_type_is_single(type) ? 3e-5 : 1e-12));
    CU_ASSERT(fabs(info.eps - tail / total) <= 0.03 * tail / total + floor_eps);
    CU_ASSERT(rule.cut.max_dim == 0 || right.chi_l <= rule.cut.max_dim);
    /* No more kept than the rule asks for: with one value less too much would be lost. */
    CU_ASSERT(right.chi_l == 1 || right.chi_l == rule.cut.max_dim || before / total >= 0.97 * rule.cut.cutoff - floor_eps);
    const double *w = right.w, norm = sqrt(total * (1.0 - info.eps));
    for (bf_dim_t i = 0; i < right.chi_l; i++) {
        CU_ASSERT(i == 0 || w[i] <= w[i - 1]);
        CU_ASSERT(fabs(w[i] - h->sigma[i] / norm) * fmax(w[i], sqrt(test_unit(type))) <=
                  400.0 * test_unit(type) + 0.03 * tail / total);
    }
    CU_ASSERT(fabs(residual2(h, &left, &right, norm) / total - info.eps) <= 1e-6 * info.eps + 10.0 * floor_eps);
    free(work);
}

/* Sectors with at least one row and one column. */
static bf_dim_t sectors_of(const pattern_t *p)
{
    bf_dim_t count = 0;
    for (int s = 0; s < p->sectors; s++) {
        bool row = false, column = false;
        for (bf_dim_t i = 0; i < p->m; i++)
            row = row || p->row[i] == s;
        for (bf_dim_t j = 0; j < p->n; j++)
            column = column || p->column[j] == s;
        count += row && column;
    }
    return count;
}

static void factorisations(void)
{
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (int trial = 0; trial < 24; trial++) {
                const bf_dim_t l = test_dim(trial < 12 ? 6 : 50), r = test_dim(trial < 12 ? 6 : 50);
                const double cutoff = trial % 3 == 0 ? 1e-5 : trial % 3 == 1 ? 1e-12 : bf_type_is_single(types[t]) ? 1e-8 : 1e-16;
                hidden_t h = hide(types[t], l, r, (int)test_dim(trial % 2 ? 4 : 12), 0.8, false);
                const bf_factor_rule_t rule = {{cutoff, trial % 4 ? 0 : test_dim(l + r), 1}, (bf_method_t)method};
                const bf_dim_t sectors = sectors_of(&h.pattern);
                if (sectors > 0)
                    factor_hidden(&h, rule, sectors);
                hidden_free(&h);
            }
}

/* Orders beyond the small solver, panels of more than one block, one sector much larger than the others. */
static void large_factorisations(void)
{
    const bf_dim_t shapes[4][2] = {{150, 150}, {200, 90}, {90, 200}, {160, 170}};
    for (int i = 0; i < 4; i++) {
        hidden_t h = hide(i % 2 ? BF_TYPE_D : BF_TYPE_Z, shapes[i][0], shapes[i][1], 1 + 3 * (i % 2), 0.95, false);
        const bf_factor_rule_t rule = {{1e-12, i == 1 ? 40 : 0, 1}, BF_METHOD_AUTO};
        factor_hidden(&h, rule, sectors_of(&h.pattern));
        hidden_free(&h);
    }
}

/* As many sectors as there are rows, all values equal: ties go by the number of the sector, and MaxDim cuts through them. */
static void equal_values(void)
{
    for (int method = 0; method < BF_METHOD_COUNT; method++)
        for (int t = 0; t < 4; t++)
            for (bf_dim_t chi = 1; chi <= 300; chi = 3 * chi + 1) {
                const bf_dim_t keep = chi > 1 ? chi / 2 : 1;
                hidden_t h = hide(types[t], chi, chi, 1, 1.0, true);
                const bf_factor_rule_t rule = {{1e-12, keep, 1}, (bf_method_t)method};
                bf_tensor_t left, right;
                bf_factor_info_t info;
                void *work = test_alloc(bf_k_factor_worksize(&h.c, 0, &rule));
                CU_ASSERT_EQUAL_FATAL(bf_k_factor(&h.c, 0, &rule, &left, &right, &info, work), BF_OK);
                CU_ASSERT_EQUAL(info.sectors, 2 * chi);
                CU_ASSERT_EQUAL(info.fallbacks, 0);
                CU_ASSERT_EQUAL(right.chi_l, keep);
                for (bf_dim_t a = 0; a < keep; a++)
                    for (bf_dim_t j = 0; j < 2 * chi; j++)
                        CU_ASSERT(test_get(right.type, right.b, a + keep * j) == (a == j ? 1.0 : 0.0));
                free(work);
                hidden_free(&h);
            }
}

/* Sectors of very different size: what is faint keeps its digits as long as the rule wants it. */
static void faint_sectors(void)
{
    const double scales[4] = {1e-20, 1e-100, 1e-160, 1e-300};
    for (int i = 0; i < 4; i++) {
        bf_tensor_t c = test_tensor(BF_TYPE_D, BF_WEIGHT_DIAG, 4, 4, 4), left, right;
        double *b = c.b;
        for (int k = 0; k < 64; k++)
            b[k] = k % 8 < 4 && k / 8 < 4 ? test_normal() : k % 8 >= 4 && k / 8 >= 4 ? scales[i] * test_normal() : 0.0;
        const bf_factor_rule_t rule = {{0.0, 0, 1}, BF_METHOD_AUTO};
        bf_factor_info_t info;
        void *work = test_alloc(bf_k_factor_worksize(&c, 0, &rule));
        CU_ASSERT_EQUAL_FATAL(bf_k_factor(&c, 0, &rule, &left, &right, &info, work), BF_OK);
        CU_ASSERT_EQUAL(info.sectors, 2);
        CU_ASSERT_EQUAL(info.fallbacks, 0);
        CU_ASSERT_EQUAL(right.chi_l, i < 2 ? 8 : 4); /* squares below 1e-308 are zeros */
        CU_ASSERT(bf_k_orthonormality(&right) <= 1e-12);
        free(work);
        test_free(&c);
    }
}

static void zero_and_nan(void)
{
    const bf_factor_rule_t rule = {{1e-12, 0, 1}, BF_METHOD_AUTO};
    for (int nan = 0; nan < 2; nan++) {
        bf_tensor_t c = test_tensor(BF_TYPE_Z, BF_WEIGHT_DIAG, 3, 4, 3), left, right;
        bf_factor_info_t info;
        memset(c.b, 0, bf_tensor_block_bytes(&c));
        if (nan)
            test_set(BF_TYPE_Z, c.b, 7, NAN);
        void *work = test_alloc(bf_k_factor_worksize(&c, 0, &rule));
        CU_ASSERT_EQUAL(bf_k_factor(&c, 0, &rule, &left, &right, &info, work), nan ? BF_ERR_NAN : BF_ERR_ZERO);
        free(work);
        test_free(&c);
    }
}

int main(void)
{
    const CU_TestInfo tests[] = {{"the components of a pattern", finds_the_components},
                                 {"unusual patterns", finds_the_unusual},
                                 {"products", products},
                                 {"Hermitian products", hermitian_products},
                                 {"factorisations", factorisations},
                                 {"large factorisations", large_factorisations},
                                 {"equal values", equal_values},
                                 {"faint sectors", faint_sectors},
                                 {"zero and NaN", zero_and_nan},
                                 CU_TEST_INFO_NULL};
    return test_main("kernels/sectors", tests);
}
