/* Sectors by labels: every row begins with a label of its own, every column merges the labels of the rows it is not zero in. Once
 * the labels are right a column costs one comparison an entry, of numbers of the matrix's own type, which the compiler
 * vectorises. */
#include "kernels/sectors.h"

#include <string.h>

#include "kernels/carve.h"
#include "kernels/cpu.h"
#include "kernels/sectors_isa.h"

/* Products below this volume are too small to gain from being taken apart. */
#define VOLUME_MIN (32 * 32 * 32)

static bf_dim_t parts_of(bf_type_t type)
{
    return bf_type_is_real(type) ? 1 : 2;
}

static const void *entry(bf_type_t type, const void *a, bf_dim_t i)
{
    return (const char *)a + (size_t)i * bf_type_size(type);
}

/* Of a run of reals: the first that is not zero, or count. */
#define DEFINE_FIRST(NAME, T)                                                                                                    \
    static bf_dim_t NAME(const T *x, bf_dim_t count)                                                                             \
    {                                                                                                                            \
        bf_dim_t i = 0;                                                                                                          \
        while (i < count && x[i] == 0)                                                                                           \
            i++;                                                                                                                 \
        return i;                                                                                                                \
    }

DEFINE_FIRST(first_d, double)
DEFINE_FIRST(first_s, float)

static const bf_sectors_kernels_t *kernels(void)
{
    return BF_CPU_PICK(bf_sectors_kernels);
}

/* First row of the column that is not zero, or rows. */
static bf_dim_t first_row(bf_type_t type, bf_dim_t rows, const void *column)
{
    const bf_dim_t parts = parts_of(type);
    return (bf_type_is_single(type) ? first_s(column, parts * rows) : first_d(column, parts * rows)) / parts;
}

static bool is_zero(bf_type_t type, const void *a, bf_dim_t i)
{
    return first_row(type, 1, entry(type, a, i)) == 1;
}

/* No zeros in the first row and the first column: one sector, found without looking at the rest. */
static bool is_dense(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *a)
{
    for (bf_dim_t i = 0; i < m; i++)
        if (is_zero(type, a, i))
            return false;
    for (bf_dim_t j = 1; j < n; j++)
        if (is_zero(type, a, j * m))
            return false;
    return true;
}

/* Labels of the rows while sectors are being found. */
typedef struct labels {
    const bf_sectors_kernels_t *kernels;
    bf_type_t type;
    bf_dim_t m;
    bf_dim_t count;   /* different ones */
    int32_t *of_row;  /* m; a label is the first row that has it */
    int32_t *becomes; /* m: what a label is merged into, -1 when nothing yet; all -1 between merges */
    void *tags;       /* the labels once more, for every real of a column, in its type */
    int32_t *at;      /* n: a row of each column that is not zero, or -1 */
} labels_t;

static void lay_out_labels(labels_t *labels, bf_type_t type, bf_dim_t m, bf_dim_t n, bf_carve_t *carve)
{
    *labels = (labels_t){.kernels = kernels(), .type = type, .m = m, .count = m};
    labels->of_row = bf_carve(carve, (size_t)m * sizeof(int32_t));
    labels->becomes = bf_carve(carve, (size_t)m * sizeof(int32_t));
    labels->tags = bf_carve(carve, (size_t)m * sizeof(bf_z_t));
    labels->at = bf_carve(carve, (size_t)n * sizeof(int32_t));
}

static void write_tags(const labels_t *labels)
{
    const bf_dim_t parts = parts_of(labels->type);
    for (bf_dim_t i = 0; i < parts * labels->m; i++) {
        const int32_t label = labels->of_row[i / parts];
        if (bf_type_is_single(labels->type))
            ((float *)labels->tags)[i] = (float)label;
        else
            ((double *)labels->tags)[i] = (double)label;
    }
}

/* Does the column join rows of different labels? row: one that it is not zero in. */
static bool joins(const labels_t *labels, const void *column, bf_dim_t row)
{
    const bf_dim_t reals = parts_of(labels->type) * labels->m;
    const int32_t own = labels->of_row[row];
    return bf_type_is_single(labels->type) ? labels->kernels->s(column, labels->tags, (float)own, reals)
                                           : labels->kernels->d(column, labels->tags, (double)own, reals);
}

/* All labels of the rows that the column is not zero in, and of a row that it has been seen in before or -1, become the least. */
static void merge(labels_t *labels, const void *column, int32_t before)
{
    int32_t least = INT32_MAX;
    if (before >= 0) {
        least = labels->of_row[before];
        labels->becomes[least] = 0;
    }
    for (bf_dim_t i = 0; i < labels->m; i++)
        if (!is_zero(labels->type, column, i)) {
            labels->becomes[labels->of_row[i]] = 0;
            least = labels->of_row[i] < least ? labels->of_row[i] : least;
        }
    for (bf_dim_t i = 0; i < labels->m; i++)
        if (labels->becomes[i] == 0 && i != least)
            labels->count--;
    for (bf_dim_t i = 0; i < labels->m; i++)
        if (labels->becomes[labels->of_row[i]] == 0)
            labels->of_row[i] = least;
    memset(labels->becomes, 0xff, (size_t)labels->m * sizeof(int32_t));
    write_tags(labels);
}

/* Every row a label, no column a row. */
static void open_labels(labels_t *labels, bf_dim_t n)
{
    for (bf_dim_t i = 0; i < labels->m; i++)
        labels->of_row[i] = (int32_t)i;
    memset(labels->becomes, 0xff, (size_t)labels->m * sizeof(int32_t));
    memset(labels->at, 0xff, (size_t)n * sizeof(int32_t));
    write_tags(labels);
}

static void label_rows(labels_t *labels, bf_dim_t n, const void *a)
{
    for (bf_dim_t j = 0; j < n; j++) {
        const void *column = entry(labels->type, a, j * labels->m);
        const bf_dim_t row = first_row(labels->type, labels->m, column);
        if (row == labels->m)
            continue;
        if (labels->count > 1 && joins(labels, column, labels->at[j] < 0 ? row : labels->at[j]))
            merge(labels, column, labels->at[j]);
        labels->at[j] = (int32_t)row;
    }
}

/* Indices sector after sector: those whose sector is s begin at first[s]; sector < 0: in none. */
static void sort_into(bf_dim_t count, const int32_t *sector, bf_dim_t n_sectors, int32_t *index, int32_t *first)
{
    memset(first, 0, (size_t)(n_sectors + 1) * sizeof *first);
    for (bf_dim_t i = 0; i < count; i++)
        if (sector[i] >= 0)
            first[sector[i] + 1]++;
    for (bf_dim_t s = 0; s < n_sectors; s++)
        first[s + 1] += first[s];
    for (bf_dim_t i = 0; i < count; i++)
        if (sector[i] >= 0)
            index[first[sector[i]]++] = (int32_t)i;
    for (bf_dim_t s = n_sectors; s-- > 0;)
        first[s + 1] = first[s];
    first[0] = 0;
}

/* From labels to sectors: those labels that some column has, numbered in the order of their first rows. */
static void number(labels_t *labels, bf_sectors_t *sectors)
{
    const bf_dim_t m = sectors->m, n = sectors->n;
    int32_t *sector_of = labels->becomes;
    for (bf_dim_t j = 0; j < n; j++)
        if (labels->at[j] >= 0)
            sector_of[labels->of_row[labels->at[j]]] = 0;
    sectors->count = 0;
    for (bf_dim_t i = 0; i < m; i++)
        if (sector_of[i] == 0)
            sector_of[i] = (int32_t)sectors->count++;
    for (bf_dim_t j = 0; j < n; j++)
        if (labels->at[j] >= 0)
            labels->at[j] = sector_of[labels->of_row[labels->at[j]]];
    for (bf_dim_t i = 0; i < m; i++)
        labels->of_row[i] = sector_of[labels->of_row[i]];
    sort_into(m, labels->of_row, sectors->count, sectors->row, sectors->row_first);
    sort_into(n, labels->at, sectors->count, sectors->column, sectors->column_first);
    sectors->whole = sectors->count == 1 && sectors->row_first[1] == m && sectors->column_first[1] == n;
}

static bf_dim_t most_sectors(bf_dim_t m, bf_dim_t n)
{
    return m < n ? m : n;
}

static void lay_out_sectors(bf_sectors_t *sectors, bf_dim_t m, bf_dim_t n, bf_carve_t *carve)
{
    const bf_dim_t most = most_sectors(m, n);
    *sectors = (bf_sectors_t){.m = m, .n = n};
    sectors->row = bf_carve(carve, (size_t)m * sizeof(int32_t));
    sectors->column = bf_carve(carve, (size_t)n * sizeof(int32_t));
    sectors->row_first = bf_carve(carve, (size_t)(most + 1) * sizeof(int32_t));
    sectors->column_first = bf_carve(carve, (size_t)(most + 1) * sizeof(int32_t));
}

size_t bf_sectors_bytes(bf_dim_t m, bf_dim_t n)
{
    bf_sectors_t sectors;
    bf_carve_t carve = {NULL, 0};
    lay_out_sectors(&sectors, m, n, &carve);
    return carve.used;
}

size_t bf_sectors_worksize(bf_dim_t m, bf_dim_t n)
{
    labels_t labels;
    bf_carve_t carve = {NULL, 0};
    lay_out_labels(&labels, BF_TYPE_Z, m, n, &carve);
    return carve.used;
}

void bf_sectors_find(bf_type_t type, bf_dim_t m, bf_dim_t n, const void *a, const void *b, bf_sectors_t *sectors, void *room,
                     void *work)
{
    bf_carve_t kept = {room, 0}, carve = {work, 0};
    lay_out_sectors(sectors, m, n, &kept);
    if (is_dense(type, m, n, a) || (b && is_dense(type, m, n, b))) {
        sectors->count = 1;
        sectors->whole = true;
        return;
    }
    labels_t labels;
    lay_out_labels(&labels, type, m, n, &carve);
    open_labels(&labels, n);
    label_rows(&labels, n, a);
    if (b)
        label_rows(&labels, n, b);
    number(&labels, sectors);
}

/* Moves of the entries of a column between a matrix and a block, by element type. */
typedef struct moves {
    bool (*any)(bf_dim_t rows, const int32_t *row, const void *src); /* is one of them not zero? */
    void (*gather)(bf_dim_t rows, const int32_t *row, const void *src, void *dst);
    void (*scatter)(bf_dim_t rows, const int32_t *row, const void *src, void *dst);
} moves_t;

#define DEFINE_MOVES(SUFFIX, T)                                                                                                  \
    static bool any_##SUFFIX(bf_dim_t rows, const int32_t *row, const void *src)                                                 \
    {                                                                                                                            \
        const T *x = src;                                                                                                        \
        bf_dim_t i = 0;                                                                                                          \
        while (i < rows && x[row[i]] == 0)                                                                                       \
            i++;                                                                                                                 \
        return i < rows;                                                                                                         \
    }                                                                                                                            \
    static void gather_##SUFFIX(bf_dim_t rows, const int32_t *restrict row, const void *restrict src, void *restrict dst)        \
    {                                                                                                                            \
        const T *x = src;                                                                                                        \
        T *y = dst;                                                                                                              \
        for (bf_dim_t i = 0; i < rows; i++)                                                                                      \
            y[i] = x[row[i]];                                                                                                    \
    }                                                                                                                            \
    static void scatter_##SUFFIX(bf_dim_t rows, const int32_t *restrict row, const void *restrict src, void *restrict dst)       \
    {                                                                                                                            \
        const T *x = src;                                                                                                        \
        T *y = dst;                                                                                                              \
        for (bf_dim_t i = 0; i < rows; i++)                                                                                      \
            y[row[i]] = x[i];                                                                                                    \
    }

DEFINE_MOVES(z, double _Complex)
DEFINE_MOVES(c, float _Complex)
DEFINE_MOVES(d, double)
DEFINE_MOVES(s, float)

static const moves_t moves[4] = {[BF_TYPE_Z] = {any_z, gather_z, scatter_z},
                                 [BF_TYPE_C] = {any_c, gather_c, scatter_c},
                                 [BF_TYPE_D] = {any_d, gather_d, scatter_d},
                                 [BF_TYPE_S] = {any_s, gather_s, scatter_s}};

void bf_gather(bf_type_t type, bf_dim_t rows, const int32_t *row, bf_dim_t columns, const int32_t *column, const void *src,
               bf_dim_t ld, void *dst)
{
    const size_t element = bf_type_size(type);
    for (bf_dim_t j = 0; j < columns; j++)
        moves[type].gather(rows, row, (const char *)src + (size_t)(column[j] * ld) * element,
                           (char *)dst + (size_t)(j * rows) * element);
}

void bf_scatter(bf_type_t type, bf_dim_t rows, const int32_t *row, bf_dim_t columns, const int32_t *column, const void *src,
                void *dst, bf_dim_t ld)
{
    const size_t element = bf_type_size(type);
    for (bf_dim_t j = 0; j < columns; j++)
        moves[type].scatter(rows, row, (const char *)src + (size_t)(j * rows) * element,
                            (char *)dst + (size_t)(column[j] * ld) * element);
}

/* Memory of a product by sectors. */
typedef struct product_room {
    void *sectors, *work; /* of the search; the rest begins where its workspace does */
    int32_t *column;      /* columns of b that are not zero in the rows of a sector */
    void *a, *b, *c;
} product_room_t;

static size_t lay_out_product(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_dim_t k, void *work, product_room_t *room)
{
    bf_carve_t carve = {work, 0};
    room->sectors = bf_carve(&carve, bf_sectors_bytes(m, k));
    const bf_carve_t search = carve;
    room->work = bf_carve_rest(&carve);
    room->column = bf_carve(&carve, (size_t)n * sizeof(int32_t));
    room->a = bf_carve_block(&carve, type, m, k);
    room->b = bf_carve_block(&carve, type, k, n);
    room->c = bf_carve_block(&carve, type, m, n);
    const size_t searched = search.used + bf_sectors_worksize(m, k);
    return carve.used > searched ? carve.used : searched;
}

size_t bf_gemm_sectors_worksize(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_dim_t k)
{
    product_room_t room;
    return m * n * k < VOLUME_MIN ? 0 : lay_out_product(type, m, n, k, NULL, &room);
}

static bool pays(const bf_sectors_t *sectors)
{
    int64_t area = 0;
    for (bf_dim_t s = 0; s < sectors->count && !sectors->whole; s++)
        area += (int64_t)(sectors->row_first[s + 1] - sectors->row_first[s]) *
                (sectors->column_first[s + 1] - sectors->column_first[s]);
    return !sectors->whole && 2 * area <= sectors->m * sectors->n;
}

/* Rows @p row of b, without the columns that are zero there. @return how many columns are left */
static bf_dim_t gather_nonzero(bf_type_t type, bf_dim_t rows, const int32_t *row, bf_dim_t n, const void *b, bf_dim_t ldb,
                               product_room_t *room)
{
    bf_dim_t kept = 0;
    for (bf_dim_t j = 0; j < n; j++) {
        const void *from = entry(type, b, j * ldb);
        if (!moves[type].any(rows, row, from))
            continue;
        moves[type].gather(rows, row, from, (char *)room->b + (size_t)(kept * rows) * bf_type_size(type));
        room->column[kept++] = (int32_t)j;
    }
    return kept;
}

void bf_gemm_sectors(bf_type_t type, bf_dim_t m, bf_dim_t n, bf_dim_t k, const void *a, const void *b, void *c, void *work)
{
    bf_sectors_t sectors = {.whole = true};
    product_room_t room;
    if (m * n * k >= VOLUME_MIN) {
        lay_out_product(type, m, n, k, work, &room);
        bf_sectors_find(type, m, k, a, NULL, &sectors, room.sectors, room.work);
    }
    if (!pays(&sectors)) {
        bf_gemm(type, BF_N, BF_N, m, n, k, 1.0, a, m, b, k, 0.0, c, m);
        return;
    }
    memset(c, 0, (size_t)(m * n) * bf_type_size(type));
    for (bf_dim_t s = 0; s < sectors.count; s++) {
        const int32_t *row = sectors.row + sectors.row_first[s], *inner = sectors.column + sectors.column_first[s];
        const bf_dim_t rows = sectors.row_first[s + 1] - sectors.row_first[s];
        const bf_dim_t inners = sectors.column_first[s + 1] - sectors.column_first[s];
        const bf_dim_t columns = gather_nonzero(type, inners, inner, n, b, k, &room);
        if (columns == 0)
            continue;
        bf_gather(type, rows, row, inners, inner, a, m, room.a);
        bf_gemm(type, BF_N, BF_N, rows, columns, inners, 1.0, room.a, rows, room.b, inners, 0.0, room.c, rows);
        bf_scatter(type, rows, row, columns, room.column, room.c, c, m);
    }
}

/* Memory of a Hermitian product by sectors of rows x columns matrices a and b. */
static size_t lay_out_hermitian(bf_type_t type, bf_dim_t rows, bf_dim_t columns, bf_dim_t n, void *work, product_room_t *room)
{
    bf_carve_t carve = {work, 0};
    *room = (product_room_t){.sectors = bf_carve(&carve, bf_sectors_bytes(rows, columns))};
    const bf_carve_t search = carve;
    room->work = bf_carve_rest(&carve);
    room->a = bf_carve_block(&carve, type, rows, columns);
    room->b = bf_carve_block(&carve, type, rows, columns);
    room->c = bf_carve_block(&carve, type, n, n);
    const size_t searched = search.used + bf_sectors_worksize(rows, columns);
    return carve.used > searched ? carve.used : searched;
}

size_t bf_gemm_hermitian_sectors_worksize(bf_type_t type, bf_dim_t n, bf_dim_t k)
{
    product_room_t high, wide;
    if (n * n * k < VOLUME_MIN)
        return 0;
    const size_t bytes = lay_out_hermitian(type, k, n, n, NULL, &high);
    const size_t other = lay_out_hermitian(type, n, k, n, NULL, &wide);
    return bytes > other ? bytes : other;
}

void bf_gemm_hermitian_sectors(bf_type_t type, bf_op_form_t form, bf_dim_t n, bf_dim_t k, const void *a, const void *b, void *c,
                               void *work)
{
    const bool high = form == BF_H;
    const bf_dim_t m = high ? k : n, columns = high ? n : k;
    const bf_op_form_t other = high ? BF_N : BF_H;
    bf_sectors_t sectors = {.whole = true};
    product_room_t room;
    if (n * n * k >= VOLUME_MIN) {
        lay_out_hermitian(type, m, columns, n, work, &room);
        bf_sectors_find(type, m, columns, a, b, &sectors, room.sectors, room.work);
    }
    if (!pays(&sectors)) {
        bf_gemm_hermitian(type, form, other, n, k, a, m, b, m, c, n);
        return;
    }
    memset(c, 0, (size_t)(n * n) * bf_type_size(type));
    for (bf_dim_t s = 0; s < sectors.count; s++) {
        const int32_t *row = sectors.row + sectors.row_first[s], *column = sectors.column + sectors.column_first[s];
        const bf_dim_t ms = sectors.row_first[s + 1] - sectors.row_first[s];
        const bf_dim_t cs = sectors.column_first[s + 1] - sectors.column_first[s];
        const bf_dim_t ns = high ? cs : ms, ks = high ? ms : cs;
        const int32_t *place = high ? column : row;
        bf_gather(type, ms, row, cs, column, a, m, room.a);
        bf_gather(type, ms, row, cs, column, b, m, room.b);
        bf_gemm_hermitian(type, form, other, ns, ks, room.a, ms, room.b, ms, room.c, ns);
        bf_scatter(type, ns, place, ns, place, room.c, c, n);
    }
}
