/* Type dispatch for BLAS and LAPACK. Only *_work variants: no hidden allocation, no NaN scan. */
#include "kernels/blas.h"

#include <assert.h>
#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <string.h>

#include "kernels/cpu.h"
#include "kernels/gemm_isa.h"

/* The largest LAPACK workspace asked for is that of gesdd, about 10 n^2 reals: its length is a lapack_int too. */
#define DIM_MAX 14000

/* Order up to which the workspace of an SVD is bounded by a formula instead of asked for. */
#define SMALL_SVD 128

bool bf_blas_fits(bf_dim_t dim)
{
    return dim >= 0 && dim <= DIM_MAX;
}

static lapack_int to_int(bf_dim_t dim)
{
    assert(dim >= 0 && dim <= INT32_MAX);
    return (lapack_int)dim;
}

static const bf_gemm_kernels_t *small_kernels(void)
{
    return BF_CPU_PICK(bf_gemm_kernels);
}

/* Multiply by our own kernels when the library's overhead would show. @return whether it was done. */
static bool multiply_small(bf_type_t type, const bf_product_t *product)
{
    const bf_gemm_kernels_t *kernels = small_kernels();
    if (bf_type_is_single(type) || product->k > BF_GEMM_SMALL_K || product->m > kernels->max || product->n > kernels->max)
        return false;
    (bf_type_is_real(type) ? kernels->d : kernels->z)(product);
    return true;
}

static bf_dim_t min_dim(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

static bf_dim_t max_dim(bf_dim_t a, bf_dim_t b)
{
    return a > b ? a : b;
}

void bf_gemm(bf_type_t type, bf_op_form_t op_a, bf_op_form_t op_b, bf_dim_t m, bf_dim_t n, bf_dim_t k, double alpha,
             const void *a, bf_dim_t lda, const void *b, bf_dim_t ldb, double beta, void *c, bf_dim_t ldc)
{
    const bf_product_t small = {op_a == BF_H, op_b == BF_H, false, m, n, k, a, b, c, lda, ldb, ldc};
    if (alpha == 1.0 && beta == 0.0 && multiply_small(type, &small))
        return;
    const CBLAS_TRANSPOSE ta = op_a == BF_H ? CblasConjTrans : CblasNoTrans;
    const CBLAS_TRANSPOSE tb = op_b == BF_H ? CblasConjTrans : CblasNoTrans;
    const lapack_int im = to_int(m), in = to_int(n), ik = to_int(k);
    const lapack_int la = to_int(lda), lb = to_int(ldb), lc = to_int(ldc);
    switch (type) {
    case BF_TYPE_Z: {
        const double _Complex za = alpha, zb = beta;
        cblas_zgemm(CblasColMajor, ta, tb, im, in, ik, &za, a, la, b, lb, &zb, c, lc);
        break;
    }
    case BF_TYPE_C: {
        const float _Complex ca = (float)alpha, cb = (float)beta;
        cblas_cgemm(CblasColMajor, ta, tb, im, in, ik, &ca, a, la, b, lb, &cb, c, lc);
        break;
    }
    case BF_TYPE_D:
        cblas_dgemm(CblasColMajor, ta, tb, im, in, ik, alpha, a, la, b, lb, beta, c, lc);
        break;
    case BF_TYPE_S:
    default:
        cblas_sgemm(CblasColMajor, ta, tb, im, in, ik, (float)alpha, a, la, b, lb, (float)beta, c, lc);
        break;
    }
}

void bf_herk(bf_type_t type, bf_op_form_t op, bf_dim_t n, bf_dim_t k, const void *a, bf_dim_t lda, void *c, bf_dim_t ldc)
{
    const bf_product_t small = {op == BF_H, op == BF_N, true, n, n, k, a, a, c, lda, lda, ldc};
    if (multiply_small(type, &small))
        return;
    const CBLAS_TRANSPOSE t = op == BF_H ? CblasConjTrans : CblasNoTrans;
    const CBLAS_TRANSPOSE tr = op == BF_H ? CblasTrans : CblasNoTrans;
    const lapack_int in = to_int(n), ik = to_int(k), la = to_int(lda), lc = to_int(ldc);
    switch (type) {
    case BF_TYPE_Z:
        cblas_zherk(CblasColMajor, CblasLower, t, in, ik, 1.0, a, la, 0.0, c, lc);
        break;
    case BF_TYPE_C:
        cblas_cherk(CblasColMajor, CblasLower, t, in, ik, 1.0F, a, la, 0.0F, c, lc);
        break;
    case BF_TYPE_D:
        cblas_dsyrk(CblasColMajor, CblasLower, tr, in, ik, 1.0, a, la, 0.0, c, lc);
        break;
    case BF_TYPE_S:
    default:
        cblas_ssyrk(CblasColMajor, CblasLower, tr, in, ik, 1.0F, a, la, 0.0F, c, lc);
        break;
    }
}

/* Bytes of a column of c up to which its triangle is not worth the mirroring: the small kernels take most of it in one panel. */
#define TRIANGLE_WHOLE_BYTES 240

/* Order up to which a triangle is not worth cutting further: the library's speed on smaller blocks costs more than it saves. */
#define TRIANGLE_MIN 32

/* Operands of a product, from which blocks of it are computed. */
typedef struct factors {
    bf_type_t type;
    bf_op_form_t op_a, op_b;
    bf_dim_t k, lda, ldb, ldc;
    const char *a, *b;
    char *c;
} factors_t;

/* The m x n block of c whose first element is (i, j). */
static void multiply_block(const factors_t *f, bf_dim_t i, bf_dim_t j, bf_dim_t m, bf_dim_t n)
{
    const bf_dim_t size = (bf_dim_t)bf_type_size(f->type);
    const char *a = f->a + size * i * (f->op_a == BF_H ? f->lda : 1);
    const char *b = f->b + size * j * (f->op_b == BF_H ? 1 : f->ldb);
    bf_gemm(f->type, f->op_a, f->op_b, m, n, f->k, 1.0, a, f->lda, b, f->ldb, 0.0, f->c + size * (i + j * f->ldc), f->ldc);
}

/* The lower triangle of the n x n block on the diagonal of c that begins at @p i: the square below its middle, and the two
 * triangles beside that. */
static void multiply_triangle(const factors_t *f, bf_dim_t i, bf_dim_t n)
{
    if (n <= TRIANGLE_MIN) {
        multiply_block(f, i, i, n, n);
        return;
    }
    const bf_dim_t upper = (n / 2 + 15) / 16 * 16;
    multiply_triangle(f, i, upper);
    multiply_block(f, i + upper, i, n - upper, upper);
    multiply_triangle(f, i + upper, n - upper);
}

/* Order of the tiles in which a triangle is mirrored: a pair of them stays in the first cache. */
#define MIRROR_TILE 16

static void mirror_z(bf_dim_t n, bf_z_t *c, bf_dim_t ldc)
{
    for (bf_dim_t left = 0; left < n; left += MIRROR_TILE)
        for (bf_dim_t top = left; top < n; top += MIRROR_TILE)
            for (bf_dim_t j = left; j < min_dim(left + MIRROR_TILE, n); j++)
                for (bf_dim_t i = max_dim(top, j + 1); i < min_dim(top + MIRROR_TILE, n); i++)
                    c[j + i * ldc] = conj(c[i + j * ldc]);
}

static void mirror_d(bf_dim_t n, double *c, bf_dim_t ldc)
{
    for (bf_dim_t left = 0; left < n; left += MIRROR_TILE)
        for (bf_dim_t top = left; top < n; top += MIRROR_TILE)
            for (bf_dim_t j = left; j < min_dim(left + MIRROR_TILE, n); j++)
                for (bf_dim_t i = max_dim(top, j + 1); i < min_dim(top + MIRROR_TILE, n); i++)
                    c[j + i * ldc] = c[i + j * ldc];
}

void bf_gemm_hermitian(bf_type_t type, bf_op_form_t op_a, bf_op_form_t op_b, bf_dim_t n, bf_dim_t k, const void *a, bf_dim_t lda,
                       const void *b, bf_dim_t ldb, void *c, bf_dim_t ldc)
{
    assert(!bf_type_is_single(type));
    if (n * (bf_dim_t)bf_type_size(type) <= TRIANGLE_WHOLE_BYTES) {
        bf_gemm(type, op_a, op_b, n, n, k, 1.0, a, lda, b, ldb, 0.0, c, ldc);
        return;
    }
    const bf_product_t small = {op_a == BF_H, op_b == BF_H, true, n, n, k, a, b, c, lda, ldb, ldc};
    const factors_t large = {type, op_a, op_b, k, lda, ldb, ldc, a, b, c};
    if (!multiply_small(type, &small))
        multiply_triangle(&large, 0, n);
    if (bf_type_is_real(type))
        mirror_d(n, c, ldc);
    else
        mirror_z(n, c, ldc);
}

/* Lengths of the three workspaces of gesdd 'S' and gesvd, in elements of the type, reals, and integers. */
typedef struct svd_lengths {
    bf_dim_t work, rwork, iwork;
} svd_lengths_t;

/* Split one block of bytes: elements first, then reals, then integers. */
static void carve(bf_type_t type, const svd_lengths_t *len, void *work, void **rwork, lapack_int **iwork)
{
    char *p = work;
    p += bf_align_up((size_t)len->work * bf_type_size(type));
    *rwork = p;
    p += bf_align_up((size_t)len->rwork * sizeof(double));
    *iwork = (lapack_int *)(void *)p;
}

static size_t carve_bytes(bf_type_t type, const svd_lengths_t *len)
{
    return bf_align_up((size_t)len->work * bf_type_size(type)) + bf_align_up((size_t)len->rwork * sizeof(double)) +
           bf_align_up((size_t)len->iwork * sizeof(lapack_int));
}

static lapack_int call_gesdd(bf_type_t type, lapack_int m, lapack_int n, void *a, void *s, void *u, void *vh, void *work,
                             lapack_int lwork, void *rwork, lapack_int *iwork)
{
    const lapack_int k = m < n ? m : n;
    switch (type) {
    case BF_TYPE_Z:
        return LAPACKE_zgesdd_work(LAPACK_COL_MAJOR, 'S', m, n, a, m, s, u, m, vh, k, work, lwork, rwork, iwork);
    case BF_TYPE_C:
        return LAPACKE_cgesdd_work(LAPACK_COL_MAJOR, 'S', m, n, a, m, s, u, m, vh, k, work, lwork, rwork, iwork);
    case BF_TYPE_D:
        return LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'S', m, n, a, m, s, u, m, vh, k, work, lwork, iwork);
    case BF_TYPE_S:
    default:
        return LAPACKE_sgesdd_work(LAPACK_COL_MAJOR, 'S', m, n, a, m, s, u, m, vh, k, work, lwork, iwork);
    }
}

static lapack_int call_gesvd(bf_type_t type, lapack_int m, lapack_int n, void *a, void *s, void *work, lapack_int lwork,
                             void *rwork)
{
    switch (type) {
    case BF_TYPE_Z:
        return LAPACKE_zgesvd_work(LAPACK_COL_MAJOR, 'N', 'O', m, n, a, m, s, NULL, 1, NULL, 1, work, lwork, rwork);
    case BF_TYPE_C:
        return LAPACKE_cgesvd_work(LAPACK_COL_MAJOR, 'N', 'O', m, n, a, m, s, NULL, 1, NULL, 1, work, lwork, rwork);
    case BF_TYPE_D:
        return LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'N', 'O', m, n, a, m, s, NULL, 1, NULL, 1, work, lwork);
    case BF_TYPE_S:
    default:
        return LAPACKE_sgesvd_work(LAPACK_COL_MAJOR, 'N', 'O', m, n, a, m, s, NULL, 1, NULL, 1, work, lwork);
    }
}

/* The answer of a workspace query, which LAPACK returns in the first element. Single precision cannot hold every integer
 * above 2^24, so the answer is rounded up generously there. */
static bf_dim_t query_answer(bf_type_t type, const void *first)
{
    if (bf_type_is_single(type)) {
        const float f = *(const float *)first;
        return (bf_dim_t)((double)f * (1.0 + 1e-6)) + 1;
    }
    return (bf_dim_t) * (const double *)first;
}

/* A query walks through a dozen routines, a tenth of the time a small pair takes. What they would answer is less than this: the
 * least they accept plus blocks of 64 columns. */
static bf_dim_t small_svd_length(bf_dim_t m, bf_dim_t n)
{
    const bf_dim_t k = min_dim(m, n);
    return 4 * k * k + 7 * k + 64 * (m + n + k) + 64;
}

static svd_lengths_t gesdd_lengths(bf_type_t type, bf_dim_t m, bf_dim_t n)
{
    const bf_dim_t k = min_dim(m, n), l = max_dim(m, n);
    const bf_dim_t rwork = bf_type_is_real(type) ? 0 : k * max_dim(5 * k + 7, 2 * l + 2 * k + 1);
    if (l <= SMALL_SVD)
        return (svd_lengths_t){small_svd_length(m, n), rwork, 8 * k};
    double _Complex first = 0.0;
    double real_first[8];
    lapack_int int_first[8];
    call_gesdd(type, to_int(m), to_int(n), &first, real_first, &first, &first, &first, -1, real_first, int_first);
    return (svd_lengths_t){query_answer(type, &first), rwork, 8 * k};
}

size_t bf_gesdd_worksize(bf_type_t type, bf_dim_t m, bf_dim_t n)
{
    const svd_lengths_t len = gesdd_lengths(type, m, n);
    return carve_bytes(type, &len);
}

int bf_gesdd(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *s, void *u, void *vh, void *work)
{
    const svd_lengths_t len = gesdd_lengths(type, m, n);
    void *rwork;
    lapack_int *iwork;
    carve(type, &len, work, &rwork, &iwork);
    return (int)call_gesdd(type, to_int(m), to_int(n), a, s, u, vh, work, to_int(len.work), rwork, iwork);
}

static svd_lengths_t gesvd_lengths(bf_type_t type, bf_dim_t m, bf_dim_t n)
{
    const bf_dim_t rwork = bf_type_is_real(type) ? 0 : 5 * min_dim(m, n);
    if (max_dim(m, n) <= SMALL_SVD)
        return (svd_lengths_t){small_svd_length(m, n), rwork, 0};
    double _Complex first = 0.0;
    double real_first[8];
    call_gesvd(type, to_int(m), to_int(n), &first, real_first, &first, -1, real_first);
    return (svd_lengths_t){query_answer(type, &first), rwork, 0};
}

size_t bf_gesvd_worksize(bf_type_t type, bf_dim_t m, bf_dim_t n)
{
    const svd_lengths_t len = gesvd_lengths(type, m, n);
    return carve_bytes(type, &len);
}

int bf_gesvd(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *s, void *work)
{
    const svd_lengths_t len = gesvd_lengths(type, m, n);
    void *rwork;
    lapack_int *iwork;
    carve(type, &len, work, &rwork, &iwork);
    return (int)call_gesvd(type, to_int(m), to_int(n), a, s, work, to_int(len.work), rwork);
}

/* Columns in a block of QR: what LAPACK's own choice is for every type. Larger workspaces change nothing. */
#define QR_BLOCK 32

static lapack_int qr_length(bf_dim_t n)
{
    return to_int(QR_BLOCK * max_dim(n, 1));
}

size_t bf_qr_worksize(bf_type_t type, bf_dim_t n)
{
    return bf_align_up((size_t)qr_length(n) * bf_type_size(type));
}

int bf_geqrf(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *tau, void *work)
{
    const lapack_int im = to_int(m), in = to_int(n), length = qr_length(n);
    switch (type) {
    case BF_TYPE_Z:
        return (int)LAPACKE_zgeqrf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    case BF_TYPE_C:
        return (int)LAPACKE_cgeqrf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    case BF_TYPE_D:
        return (int)LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    case BF_TYPE_S:
    default:
        return (int)LAPACKE_sgeqrf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    }
}

int bf_ungqr(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, const void *tau, void *work)
{
    const lapack_int im = to_int(m), in = to_int(n), length = qr_length(n);
    switch (type) {
    case BF_TYPE_Z:
        return (int)LAPACKE_zungqr_work(LAPACK_COL_MAJOR, im, in, in, a, im, tau, work, length);
    case BF_TYPE_C:
        return (int)LAPACKE_cungqr_work(LAPACK_COL_MAJOR, im, in, in, a, im, tau, work, length);
    case BF_TYPE_D:
        return (int)LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, im, in, in, a, im, tau, work, length);
    case BF_TYPE_S:
    default:
        return (int)LAPACKE_sorgqr_work(LAPACK_COL_MAJOR, im, in, in, a, im, tau, work, length);
    }
}

void bf_gemv(bf_type_t type, bf_op_form_t op, bf_dim_t m, bf_dim_t n, double alpha, const void *a, bf_dim_t lda, const void *x,
             double beta, void *y)
{
    const CBLAS_TRANSPOSE t = op == BF_H ? CblasConjTrans : CblasNoTrans;
    if (type == BF_TYPE_D) {
        cblas_dgemv(CblasColMajor, t, to_int(m), to_int(n), alpha, a, to_int(lda), x, 1, beta, y, 1);
        return;
    }
    const double _Complex za = alpha, zb = beta;
    cblas_zgemv(CblasColMajor, t, to_int(m), to_int(n), &za, a, to_int(lda), x, 1, &zb, y, 1);
}

void bf_her2k(bf_type_t type, bf_dim_t n, bf_dim_t k, const void *v, const void *w, bf_dim_t ldp, void *c, bf_dim_t ldc)
{
    const lapack_int in = to_int(n), ik = to_int(k), lp = to_int(ldp), lc = to_int(ldc);
    const double _Complex minus = -1.0;
    if (type == BF_TYPE_D)
        cblas_dsyr2k(CblasColMajor, CblasLower, CblasNoTrans, in, ik, -1.0, v, lp, w, lp, 1.0, c, lc);
    else
        cblas_zher2k(CblasColMajor, CblasLower, CblasNoTrans, in, ik, &minus, v, lp, w, lp, 1.0, c, lc);
}

int bf_potrf(bf_type_t type, bf_dim_t n, void *a, bf_dim_t lda)
{
    if (type == BF_TYPE_D)
        return (int)LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', to_int(n), a, to_int(lda));
    return (int)LAPACKE_zpotrf_work(LAPACK_COL_MAJOR, 'L', to_int(n), a, to_int(lda));
}

void bf_trsm(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *t, bf_dim_t ldt, void *b, bf_dim_t ldb)
{
    const lapack_int im = to_int(m), in = to_int(n), lt = to_int(ldt), lb = to_int(ldb);
    const double _Complex one = 1.0;
    if (type == BF_TYPE_D)
        cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, im, in, 1.0, t, lt, b, lb);
    else
        cblas_ztrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, im, in, &one, t, lt, b, lb);
}

size_t bf_stedc_worksize(bf_dim_t n)
{
    return bf_align_up((size_t)(1 + 4 * n + n * n) * sizeof(double)) + bf_align_up((size_t)(3 + 5 * n) * sizeof(lapack_int));
}

int bf_stedc(bf_dim_t n, double *d, double *e, double *z, void *work)
{
    const bf_dim_t lwork = 1 + 4 * n + n * n;
    lapack_int *iwork = (lapack_int *)(void *)((char *)work + bf_align_up((size_t)lwork * sizeof(double)));
    const lapack_int in = to_int(n);
    return (int)LAPACKE_dstedc_work(LAPACK_COL_MAJOR, 'I', in, d, e, z, in, work, to_int(lwork), iwork, to_int(3 + 5 * n));
}

int bf_gelqf(bf_type_t type, bf_dim_t m, bf_dim_t n, void *a, void *tau, void *work)
{
    const lapack_int im = to_int(m), in = to_int(n), length = qr_length(m);
    switch (type) {
    case BF_TYPE_Z:
        return (int)LAPACKE_zgelqf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    case BF_TYPE_C:
        return (int)LAPACKE_cgelqf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    case BF_TYPE_D:
        return (int)LAPACKE_dgelqf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    case BF_TYPE_S:
    default:
        return (int)LAPACKE_sgelqf_work(LAPACK_COL_MAJOR, im, in, a, im, tau, work, length);
    }
}

int bf_unglq(bf_type_t type, bf_dim_t k, bf_dim_t n, void *a, bf_dim_t lda, const void *tau, void *work)
{
    const lapack_int ik = to_int(k), in = to_int(n), la = to_int(lda), length = qr_length(k);
    switch (type) {
    case BF_TYPE_Z:
        return (int)LAPACKE_zunglq_work(LAPACK_COL_MAJOR, ik, in, ik, a, la, tau, work, length);
    case BF_TYPE_C:
        return (int)LAPACKE_cunglq_work(LAPACK_COL_MAJOR, ik, in, ik, a, la, tau, work, length);
    case BF_TYPE_D:
        return (int)LAPACKE_dorglq_work(LAPACK_COL_MAJOR, ik, in, ik, a, la, tau, work, length);
    case BF_TYPE_S:
    default:
        return (int)LAPACKE_sorglq_work(LAPACK_COL_MAJOR, ik, in, ik, a, la, tau, work, length);
    }
}
