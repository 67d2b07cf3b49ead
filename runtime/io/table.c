/* Tables: which format, what they share, and the checks around every read. */
#include "runtime/io/table_source.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define SAMPLE_BYTES 65536 /* of either end of the file, for the fingerprint */

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory while opening a table");
}

/* `file.h5:/dataset` is told from other names by the end of its file part. @return that end, NULL for other names */
static const char *hdf5_file_end(const char *path)
{
    static const char *const ends[] = {".h5", ".hdf5", ".hdf"};
    const size_t length = strlen(path);
    const char *colon = strrchr(path, ':');
    const char *candidates[2] = {path + length, colon ? colon : path + length};
    for (size_t c = 0; c < 2; c++)
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            const size_t end = strlen(ends[i]);
            if ((size_t)(candidates[c] - path) > end && strncmp(candidates[c] - end, ends[i], end) == 0)
                return candidates[c];
        }
    return NULL;
}

static bf_status_t open_file(bf_table_t *table)
{
    table->file = open(table->path, O_RDONLY | O_CLOEXEC);
    if (table->file < 0)
        return bf_error_set(BF_ERR_INPUT, "%s: cannot be read: %s", table->path, strerror(errno));
    if (fstat(table->file, &table->seen) != 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be examined: %s", table->path, strerror(errno));
    if (!S_ISREG(table->seen.st_mode))
        return bf_error_set(BF_ERR_INPUT,
                            "%s: is not a regular file; a table is read more than once and cannot be a pipe, device or directory",
                            table->path);
    return BF_OK;
}

static bf_status_t open_format(bf_table_t *table, bool hdf5)
{
    char magic[8] = {0};
    if (bf_file_read(table->file, magic, sizeof magic, 0) < 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be read: %s", table->path, strerror(errno));
    if (hdf5)
        return bf_table_open_hdf5(table);
    if (memcmp(magic, "\x89HDF\r\n\x1a\n", 8) == 0)
        return bf_error_set(BF_ERR_INPUT,
                            "%s: is an HDF5 file; give it a name that ends in .h5 and say which dataset: file.h5:/dataset",
                            table->path);
    const size_t length = strlen(table->path);
    if (memcmp(magic, "\x93NUMPY", 6) == 0 || (length > 4 && strcmp(table->path + length - 4, ".npy") == 0))
        return bf_table_open_npy(table);
    return bf_table_open_csv(table);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Columns are bound by name: two of the same name would make the choice ours. */
static bf_status_t check_names(const bf_table_t *table)
{
    if (!table->names)
        return BF_OK;
    const size_t columns = (size_t)table->columns;
    char **sorted = malloc(columns * sizeof *sorted);
    if (!sorted)
        return no_memory();
    memcpy(sorted, table->names, columns * sizeof *sorted);
    qsort(sorted, columns, sizeof *sorted, compare_names);
    bf_status_t status = BF_OK;
    for (size_t i = 1; i < columns && status == BF_OK; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            status = bf_error_set(BF_ERR_INPUT, "%s: two columns are named \"%s\"; names must differ", table->path, sorted[i]);
    free(sorted);
    return status;
}

static bf_status_t take_fingerprint(bf_table_t *table)
{
    char *sample = malloc(SAMPLE_BYTES);
    XXH3_state_t *hash = XXH3_createState();
    if (!sample || !hash) {
        free(sample);
        XXH3_freeState(hash);
        return no_memory();
    }
    const struct stat *seen = &table->seen;
    const int64_t facts[5] = {table->rows, table->columns, seen->st_size, seen->st_mtim.tv_sec, seen->st_mtim.tv_nsec};
    XXH3_64bits_reset(hash);
    XXH3_64bits_update(hash, facts, sizeof facts);
    if (table->dataset)
        XXH3_64bits_update(hash, table->dataset, strlen(table->dataset) + 1);
    for (int64_t c = 0; table->names && c < table->columns; c++)
        XXH3_64bits_update(hash, table->names[c], strlen(table->names[c]) + 1);
    const int64_t tail = seen->st_size > SAMPLE_BYTES ? seen->st_size - SAMPLE_BYTES : 0;
    const int64_t starts[2] = {0, tail};
    bf_status_t status = BF_OK;
    for (int i = 0; i < 2 && status == BF_OK; i++) {
        const ssize_t got = bf_file_read(table->file, sample, SAMPLE_BYTES, starts[i]);
        if (got < 0)
            status = bf_error_set(BF_ERR_IO, "%s: cannot be read: %s", table->path, strerror(errno));
        else
            XXH3_64bits_update(hash, sample, (size_t)got);
    }
    table->fingerprint = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    free(sample);
    return status;
}

static bf_status_t open_table(bf_table_t *table, bool hdf5)
{
    BF_TRY(open_file(table));
    BF_TRY(open_format(table, hdf5));
    if (table->rows <= 0 || table->columns <= 0)
        return bf_error_set(BF_ERR_INPUT, "%s: holds %" PRId64 " rows of %" PRId64 " columns; expected at least one of both",
                            table->path, table->rows, table->columns);
    BF_TRY(check_names(table));
    BF_TRY(take_fingerprint(table));
    return bf_table_unchanged(table);
}

bf_status_t bf_table_open(const char *path, bf_table_t **out)
{
    *out = NULL;
    bf_table_t *table = calloc(1, sizeof *table);
    if (!table)
        return no_memory();
    table->file = -1;
    const char *end = hdf5_file_end(path);
    table->path = end ? strndup(path, (size_t)(end - path)) : strdup(path);
    if (end && *end == ':')
        table->dataset = strdup(end + 1);
    const bool named = table->path && (!end || *end != ':' || table->dataset);
    const bf_status_t status = named ? open_table(table, end != NULL) : no_memory();
    if (status != BF_OK) {
        bf_table_close(table);
        return status;
    }
    *out = table;
    return BF_OK;
}

void bf_table_close(bf_table_t *table)
{
    if (!table)
        return;
    if (table->source)
        table->format->close(table->source);
    if (table->file >= 0)
        close(table->file);
    for (int64_t c = 0; table->names && c < table->columns; c++)
        free(table->names[c]);
    free(table->names);
    free(table->dataset);
    free(table->path);
    free(table);
}

int64_t bf_table_rows(const bf_table_t *table)
{
    return table->rows;
}

int64_t bf_table_columns(const bf_table_t *table)
{
    return table->columns;
}

const char *bf_table_column_name(const bf_table_t *table, int64_t column)
{
    return table->names && column >= 0 && column < table->columns ? table->names[column] : NULL;
}

uint64_t bf_table_fingerprint(const bf_table_t *table)
{
    return table->fingerprint;
}

bf_status_t bf_table_make_names(bf_table_t *table)
{
    table->names = calloc((size_t)table->columns, sizeof *table->names);
    return table->names ? BF_OK : no_memory();
}

bf_status_t bf_table_unchanged(const bf_table_t *table)
{
    struct stat now;
    if (fstat(table->file, &now) != 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be examined: %s", table->path, strerror(errno));
    const struct stat *seen = &table->seen;
    if (now.st_size != seen->st_size)
        return bf_error_set(BF_ERR_IO,
                            "%s: changed while being read: it had %lld bytes and has %lld; start again when it is complete",
                            table->path, (long long)seen->st_size, (long long)now.st_size);
    if (now.st_mtim.tv_sec != seen->st_mtim.tv_sec || now.st_mtim.tv_nsec != seen->st_mtim.tv_nsec)
        return bf_error_set(BF_ERR_IO, "%s: changed while being read: it was written to; start again when it is complete",
                            table->path);
    return BF_OK;
}

bf_status_t bf_table_bad_row(const bf_table_t *table, int64_t row, int64_t column, double *values, uint8_t *bad,
                             const char *format, ...)
{
    if (bad) {
        for (int64_t c = 0; c < table->columns; c++)
            values[c] = (double)NAN;
        *bad = 1;
        return BF_OK;
    }
    BF_TRY(bf_table_unchanged(table));
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    char place[128] = "";
    const char *name = bf_table_column_name(table, column);
    if (column >= 0 && name)
        snprintf(place, sizeof place, ", column %" PRId64 " (%.64s)", column + 1, name);
    else if (column >= 0)
        snprintf(place, sizeof place, ", column %" PRId64, column + 1);
    return bf_error_set(BF_ERR_INPUT, "%s: row %" PRId64 "%s: %s; correct it, or leave out such rows with --bad-rows skip",
                        table->path, row + 1, place, what);
}

bf_status_t bf_table_check_finite(const bf_table_t *table, int64_t first, int64_t count, double *values, uint8_t *bad)
{
    const int64_t columns = table->columns;
    for (int64_t r = 0; r < count; r++) {
        double *row = values + r * columns;
        int64_t c = 0;
        while (c < columns && isfinite(row[c]))
            c++;
        if (bad)
            bad[r] = 0;
        if (c < columns)
            BF_TRY(bf_table_bad_row(table, first + r, c, row, bad ? bad + r : NULL, "%s where a finite number was expected",
                                    isnan(row[c]) ? "NaN" : "Inf"));
    }
    return BF_OK;
}

bf_status_t bf_table_read(bf_table_t *table, int64_t first, int64_t count, bf_bad_rows_t policy, double *values, uint8_t *bad)
{
    if (first < 0 || count < 0 || first > table->rows - count || (policy == BF_BAD_ROWS_SKIP && !bad))
        return bf_error_set(BF_ERR_ARG, "%s: asked for %" PRId64 " rows from %" PRId64 " of a table of %" PRId64, table->path,
                            count, first, table->rows);
    if (count == 0)
        return BF_OK;
    BF_TRY(bf_table_unchanged(table));
    BF_TRY(table->format->read(table, first, count, values, policy == BF_BAD_ROWS_SKIP ? bad : NULL));
    return bf_table_unchanged(table); /* what was read in between is then what was opened */
}
