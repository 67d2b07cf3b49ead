/* Tables in NumPy's .npy, versions 1.0 to 3.0 (numpy/lib/format.py). Rows are read with pread, not through a mapping: a file that
 * shrinks under a mapping kills the process, and out of the page cache both cost the same. */
#include "runtime/io/table_source.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HEADER_BYTES (1 << 20) /* a dictionary of three entries is far below this */

typedef struct npy {
    int64_t data;     /* offset of the first number */
    size_t size;      /* bytes of a number: 4 or 8 */
    bool column_wise; /* Fortran order */
} npy_t;

static bf_status_t damaged(const bf_table_t *table, const char *what)
{
    return bf_error_set(BF_ERR_INPUT, "%s: is not a good .npy file: %s; write it again with numpy.save", table->path, what);
}

/* The header's dictionary as text; freed by the caller. */
static bf_status_t read_header(const bf_table_t *table, npy_t *npy, char **text)
{
    unsigned char head[12] = {0};
    const ssize_t got = bf_file_read(table->file, head, sizeof head, 0);
    if (got < (ssize_t)sizeof head || memcmp(head, "\x93NUMPY", 6) != 0)
        return damaged(table, "it does not begin with NumPy's mark");
    const unsigned major = head[6];
    if (major < 1 || major > 3)
        return bf_error_set(BF_ERR_INPUT, "%s: .npy version %u.%u is not known; expected 1.0, 2.0 or 3.0", table->path, major,
                            head[7]);
    const size_t start = major == 1 ? 10 : 12;
    const size_t length = major == 1 ? head[8] | (size_t)head[9] << 8
                                     : head[8] | (size_t)head[9] << 8 | (size_t)head[10] << 16 | (size_t)head[11] << 24;
    if (length > MAX_HEADER_BYTES)
        return damaged(table, "its header is too long");
    *text = calloc(length + 1, 1);
    if (!*text)
        return bf_error_set(BF_ERR_NOMEM, "out of memory while opening a table");
    if (bf_file_read(table->file, *text, length, (int64_t)start) < (ssize_t)length)
        return damaged(table, "its header is cut off");
    npy->data = (int64_t)(start + length);
    return BF_OK;
}

/* @return where the value of 'key' begins in a Python dictionary, NULL when it is missing */
static const char *value_of(const char *dictionary, const char *key)
{
    const size_t length = strlen(key);
    for (const char *at = strstr(dictionary, key); at; at = strstr(at + 1, key)) {
        if (at == dictionary || (at[-1] != '\'' && at[-1] != '"') || at[length] != at[-1])
            continue;
        const char *colon = at + length + 1 + strspn(at + length + 1, " ");
        if (*colon == ':')
            return colon + 1 + strspn(colon + 1, " ");
    }
    return NULL;
}

static bf_status_t parse_type(const bf_table_t *table, const char *value, npy_t *npy)
{
    if (!value)
        return damaged(table, "its header names no data type");
    const char quote = *value;
    const char *end = quote == '\'' || quote == '"' ? strchr(value + 1, quote) : NULL;
    if (!end)
        return bf_error_set(BF_ERR_INPUT, "%s: holds records; expected a plain two-dimensional array of '<f8' or '<f4'",
                            table->path);
    const int length = (int)(end - value - 1);
    if (length == 3 && strncmp(value + 1, "<f8", 3) == 0)
        npy->size = 8;
    else if (length == 3 && strncmp(value + 1, "<f4", 3) == 0)
        npy->size = 4;
    else
        return bf_error_set(BF_ERR_INPUT,
                            "%s: data type '%.*s'; expected '<f8' or '<f4' (little-endian floats): save a.astype('<f8')",
                            table->path, length, value + 1);
    return BF_OK;
}

/* (rows, columns), or (rows,) for a single column. */
static bf_status_t parse_shape(bf_table_t *table, const char *value)
{
    if (!value || *value != '(')
        return damaged(table, "its header has no shape");
    int64_t dims[2] = {0, 1};
    int count = 0;
    const char *at = value + 1;
    for (at += strspn(at, " "); *at != ')'; at += strspn(at, " ,"), count++) {
        char *end = NULL;
        errno = 0;
        const long long size = strtoll(at, &end, 10);
        if (end == at || size < 0 || errno != 0)
            return damaged(table, "its shape is not a tuple of sizes");
        if (count < 2)
            dims[count] = size;
        at = end;
    }
    if (count < 1 || count > 2)
        return bf_error_set(BF_ERR_INPUT, "%s: is an array of %d dimensions; expected two, rows and columns", table->path, count);
    table->rows = dims[0];
    table->columns = dims[1];
    return BF_OK;
}

static bf_status_t parse_header(bf_table_t *table, const char *text, npy_t *npy)
{
    const char *order = value_of(text, "fortran_order");
    BF_TRY(parse_type(table, value_of(text, "descr"), npy));
    if (!order || (strncmp(order, "True", 4) != 0 && strncmp(order, "False", 5) != 0))
        return damaged(table, "its header does not say the order");
    npy->column_wise = *order == 'T';
    BF_TRY(parse_shape(table, value_of(text, "shape")));
    int64_t bytes = 0;
    if (__builtin_mul_overflow(table->rows, table->columns, &bytes) ||
        __builtin_mul_overflow(bytes, (int64_t)npy->size, &bytes) || __builtin_add_overflow(bytes, npy->data, &bytes))
        return damaged(table, "its shape is impossibly large");
    if (table->seen.st_size < bytes)
        return bf_error_set(BF_ERR_INPUT,
                            "%s: is cut off: %" PRId64 " rows of %" PRId64 " columns need %" PRId64 " bytes and it has %lld",
                            table->path, table->rows, table->columns, bytes, (long long)table->seen.st_size);
    return BF_OK;
}

/* Read count numbers from number `at` on, as doubles. */
static bf_status_t read_numbers(const bf_table_t *table, const npy_t *npy, int64_t at, size_t count, double *values)
{
    /* Floats are read into the second half and widened from the front: a double never covers a float that is still to come. */
    const size_t bytes = count * npy->size;
    char *raw = (char *)values + (count * sizeof *values - bytes);
    const ssize_t got = bf_file_read(table->file, raw, bytes, npy->data + at * (int64_t)npy->size);
    if (got < 0)
        return bf_error_set(BF_ERR_IO, "%s: reading failed: %s", table->path, strerror(errno));
    if ((size_t)got < bytes)
        return bf_error_set(BF_ERR_IO, "%s: shrank while being read; start again when it is complete", table->path);
    if (npy->size == sizeof(float))
        for (size_t i = 0; i < count; i++) {
            float number = 0.0F;
            memcpy(&number, raw + i * sizeof number, sizeof number);
            values[i] = (double)number;
        }
    return BF_OK;
}

static bf_status_t read_columns(const bf_table_t *table, const npy_t *npy, int64_t first, int64_t count, double *values)
{
    double *column = malloc((size_t)count * sizeof *column);
    if (!column)
        return bf_error_set(BF_ERR_NOMEM, "out of memory while reading %s", table->path);
    bf_status_t status = BF_OK;
    for (int64_t c = 0; c < table->columns && status == BF_OK; c++) {
        status = read_numbers(table, npy, c * table->rows + first, (size_t)count, column);
        for (int64_t r = 0; r < count && status == BF_OK; r++)
            values[r * table->columns + c] = column[r];
    }
    free(column);
    return status;
}

static bf_status_t npy_read(bf_table_t *table, int64_t first, int64_t count, double *values, uint8_t *bad)
{
    const npy_t *npy = table->source;
    if (npy->column_wise)
        BF_TRY(read_columns(table, npy, first, count, values));
    else
        BF_TRY(read_numbers(table, npy, first * table->columns, (size_t)(count * table->columns), values));
    return bf_table_check_finite(table, first, count, values, bad);
}

bf_status_t bf_table_open_npy(bf_table_t *table)
{
    static const bf_table_format_t format = {npy_read, free};
    npy_t *npy = calloc(1, sizeof *npy);
    if (!npy)
        return bf_error_set(BF_ERR_NOMEM, "out of memory while opening a table");
    table->format = &format;
    table->source = npy;
    char *text = NULL;
    bf_status_t status = read_header(table, npy, &text);
    if (status == BF_OK && text)
        status = parse_header(table, text, npy);
    free(text);
    return status;
}
