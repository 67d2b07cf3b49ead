/* Products of small matrices. Compiled once per instruction set; BF_ISA names this one.
 *
 * A tile of c stays in registers while the inner index runs: a few registers of rows of op(a) times scalars of op(b). Complex
 * numbers stay interleaved: sums with the real and with the imaginary parts of op(b) are kept apart and joined at the end,
 * since i x is x with its parts exchanged and one sign turned. */
#include <string.h>

#include "kernels/gemm_isa.h"
#include "kernels/vec_isa.h"

/* Registers of rows and columns in a tile, such that its sums and their operands fit the register file. */
#if defined(__AVX512F__)
#define ROWS      3
#define COLUMNS_Z 4
#define COLUMNS_D 8
#define MAX       128
#elif defined(__AVX__)
#define ROWS      2
#define COLUMNS_Z 3
#define COLUMNS_D 6
#define MAX       128
#else
#define ROWS      2
#define COLUMNS_Z 2
#define COLUMNS_D 4
#define MAX       16
#endif

#define WIDTH (ROWS * BF_LANES) /* doubles of a panel's column */

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

/* One tile: a is `k` columns of whole registers, b the scalars (inner index: step, column: stride, in doubles). */
typedef struct tile {
    bf_dim_t k, lda, step, stride, ldc;
    const double *a, *b;
    double *c;
    bf_vec_t signs; /* complex: of i x, or of -i x when b is conjugated */
} tile_t;

BF_INLINE void tile_z(const tile_t *t, const int rows, const int columns)
{
    bf_vec_t re[ROWS][COLUMNS_Z], im[ROWS][COLUMNS_Z];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int j = 0; j < columns; j++) re[r][j] = im[r][j] = (bf_vec_t){0.0};
    const double *a = t->a, *b = t->b;
    for (bf_dim_t p = 0; p < t->k; p++, a += t->lda, b += t->step) {
        UNROLL for (int j = 0; j < columns; j++)
        {
            const double x = b[j * t->stride], y = b[j * t->stride + 1];
            UNROLL for (int r = 0; r < rows; r++)
            {
                const bf_vec_t v = *(const bf_vec_t *)(a + r * BF_LANES);
                re[r][j] += v * x;
                im[r][j] += v * y;
            }
        }
    }
    UNROLL for (int j = 0; j < columns; j++) UNROLL for (int r = 0; r < rows; r++) *
        (bf_vec_t *)(t->c + j * t->ldc + r * BF_LANES) = re[r][j] + t->signs * BF_EXCHANGE(im[r][j]);
}

BF_INLINE void tile_d(const tile_t *t, const int rows, const int columns)
{
    bf_vec_t sum[ROWS][COLUMNS_D];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int j = 0; j < columns; j++) sum[r][j] = (bf_vec_t){0.0};
    const double *a = t->a, *b = t->b;
    for (bf_dim_t p = 0; p < t->k; p++, a += t->lda, b += t->step) {
        UNROLL for (int j = 0; j < columns; j++)
        {
            const double x = b[j * t->stride];
            UNROLL for (int r = 0; r < rows; r++) sum[r][j] += *(const bf_vec_t *)(a + r * BF_LANES) * x;
        }
    }
    UNROLL for (int j = 0; j < columns; j++) UNROLL for (int r = 0; r < rows; r++) *
        (bf_vec_t *)(t->c + j * t->ldc + r * BF_LANES) = sum[r][j];
}

/* Constants to the compiler, which unrolls each. */
#define CASE(NAME, R, C)                                                                                                         \
    case C:                                                                                                                      \
        NAME(t, R, C);                                                                                                           \
        break;

#define DEFINE_TILE_Z(R)                                                                                                         \
    static void tile_z_##R(const tile_t *t, int columns)                                                                         \
    {                                                                                                                            \
        switch (columns) {                                                                                                       \
            CASE(tile_z, R, 1)                                                                                                   \
            CASES_Z(R)                                                                                                           \
        }                                                                                                                        \
    }
#define DEFINE_TILE_D(R)                                                                                                         \
    static void tile_d_##R(const tile_t *t, int columns)                                                                         \
    {                                                                                                                            \
        switch (columns) {                                                                                                       \
            CASE(tile_d, R, 1)                                                                                                   \
            CASES_D(R)                                                                                                           \
        }                                                                                                                        \
    }

#if COLUMNS_Z == 4
#define CASES_Z(R) CASE(tile_z, R, 2) CASE(tile_z, R, 3) CASE(tile_z, R, 4)
#elif COLUMNS_Z == 3
#define CASES_Z(R) CASE(tile_z, R, 2) CASE(tile_z, R, 3)
#else
#define CASES_Z(R) CASE(tile_z, R, 2)
#endif
#if COLUMNS_D == 8
#define CASES_D(R)                                                                                                               \
    CASE(tile_d, R, 2)                                                                                                           \
    CASE(tile_d, R, 3) CASE(tile_d, R, 4) CASE(tile_d, R, 5) CASE(tile_d, R, 6) CASE(tile_d, R, 7) CASE(tile_d, R, 8)
#elif COLUMNS_D == 6
#define CASES_D(R) CASE(tile_d, R, 2) CASE(tile_d, R, 3) CASE(tile_d, R, 4) CASE(tile_d, R, 5) CASE(tile_d, R, 6)
#else
#define CASES_D(R) CASE(tile_d, R, 2) CASE(tile_d, R, 3) CASE(tile_d, R, 4)
#endif

DEFINE_TILE_Z(1)
DEFINE_TILE_Z(2)
DEFINE_TILE_D(1)
DEFINE_TILE_D(2)
#if ROWS == 3
DEFINE_TILE_Z(3)
DEFINE_TILE_D(3)
static void (*const tiles_z[])(const tile_t *, int) = {NULL, tile_z_1, tile_z_2, tile_z_3};
static void (*const tiles_d[])(const tile_t *, int) = {NULL, tile_d_1, tile_d_2, tile_d_3};
#else
static void (*const tiles_z[])(const tile_t *, int) = {NULL, tile_z_1, tile_z_2};
static void (*const tiles_d[])(const tile_t *, int) = {NULL, tile_d_1, tile_d_2};
#endif

typedef double pair_t __attribute__((vector_size(16), aligned(8), may_alias));

/* Less than a panel's column. Not memcpy: for so few bytes compilers put a string instruction, dearer than the whole tile. */
BF_INLINE void copy_few(double *to, const double *from, bf_dim_t reals, const int parts)
{
    for (bf_dim_t i = 0; i < reals; i += parts) {
        if (parts == 2)
            *(pair_t *)(to + i) = *(const pair_t *)(from + i);
        else
            to[i] = from[i];
    }
}

/* Rows of op(a) from `first` on (in elements), `used` doubles high, as columns of `width` doubles padded with zeros. */
BF_INLINE void pack(const bf_product_t *p, bf_dim_t first, bf_dim_t used, bf_dim_t width, double *panel, const int parts)
{
    if (used < width)
        memset(panel, 0, (size_t)(width * p->k) * sizeof *panel);
    if (!p->a_h) {
        for (bf_dim_t c = 0; c < p->k; c++)
            copy_few(panel + c * width, p->a + parts * (first + c * p->lda), used, parts);
        return;
    }
    /* Column by column, so that the tiles find whole registers written long ago. */
    const pair_t signs = {1.0, -1.0};
    const double *a = p->a + parts * first * p->lda;
    for (bf_dim_t c = 0; c < p->k; c++, panel += width, a += parts) {
        const double *from = a;
        for (bf_dim_t i = 0; i < used; i += parts, from += parts * p->lda) {
            if (parts == 2)
                *(pair_t *)(panel + i) = *(const pair_t *)from * signs;
            else
                panel[i] = *from;
        }
    }
}

/* Columns j of the panel of c whose rows begin at i (in doubles) and take `rows` registers; the last `missing` doubles of those
 * do not exist. */
BF_INLINE void multiply_panel(const bf_product_t *p, tile_t *t, bf_dim_t i, unsigned rows, bf_dim_t missing, const int parts)
{
    const int columns_max = parts == 2 ? COLUMNS_Z : COLUMNS_D;
    double panel[WIDTH * BF_GEMM_SMALL_K] __attribute__((aligned(BF_ALIGN)));
    double edge[WIDTH * COLUMNS_D] __attribute__((aligned(BF_ALIGN)));
    const bf_dim_t width = rows * BF_LANES, used = width - missing, ldc = parts * p->ldc;
    if (missing == 0 && !p->a_h) {
        t->a = p->a + i;
        t->lda = parts * p->lda;
    } else {
        pack(p, i / parts, used, width, panel, parts);
        t->a = panel;
        t->lda = width;
    }
    const bf_dim_t last = (i + used) / parts, n = p->lower && last < p->n ? last : p->n;
    t->ldc = missing == 0 ? ldc : WIDTH;
    for (bf_dim_t j = 0; j < n; j += columns_max) {
        const int columns = (int)(n - j < columns_max ? n - j : columns_max);
        double *c = p->c + i + j * ldc;
        t->b = p->b + j * t->stride;
        t->c = missing == 0 ? c : edge;
        (parts == 2 ? tiles_z : tiles_d)[rows](t, columns);
        for (int x = 0; missing > 0 && x < columns; x++)
            copy_few(c + x * ldc, edge + x * WIDTH, used, parts);
    }
}

BF_INLINE void multiply(const bf_product_t *p, const int parts)
{
    const bf_dim_t height = parts * p->m;
    tile_t t = {.k = p->k, .signs = p->b_h ? -BF_SIGNS : BF_SIGNS};
    t.step = parts * (p->b_h ? p->ldb : 1);
    t.stride = parts * (p->b_h ? 1 : p->ldb);
    for (bf_dim_t i = 0; i < height; i += WIDTH) {
        const bf_dim_t used = height - i < WIDTH ? height - i : WIDTH;
        const unsigned rows = (unsigned)(used + BF_LANES - 1) / BF_LANES;
        const bf_dim_t missing = rows * BF_LANES - used;
        /* The last panel rather repeats some rows, with the same results, than leaves a register half empty. */
        if (missing <= i)
            multiply_panel(p, &t, i - missing, rows, 0, parts);
        else
            multiply_panel(p, &t, i, rows, missing, parts);
    }
}

static void multiply_z(const bf_product_t *p)
{
    multiply(p, 2);
}

static void multiply_d(const bf_product_t *p)
{
    multiply(p, 1);
}

const bf_gemm_kernels_t BF_PASTE(bf_gemm_kernels_, BF_ISA) = {MAX, multiply_z, multiply_d};
