/* Tables in CSV (RFC 4180) with a header line, plain or gzip. zlib reads both: plain files it passes through and seeks in
 * directly, compressed ones it decompresses forward, from the start again when asked to go back. */
#define _GNU_SOURCE /* strtod_l */
#include "runtime/io/table_source.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

#define INDEX_STEP       1024 /* rows between two entries of the index */
#define BUFFER_BYTES     ((size_t)1 << 20)
#define MAX_RECORD_BYTES ((size_t)1 << 28)

typedef struct csv {
    gzFile stream;
    locale_t plain; /* the C locale: a decimal point is a point */
    char *buffer;
    size_t capacity;
    size_t begin, end; /* unread bytes of the buffer */
    bool ended;        /* the file has no more */
    int64_t offset;    /* of buffer[0] in the uncompressed file */
    int64_t row;       /* data row that begins at `begin`; -1: the header */
    int64_t *index;    /* offset of every INDEX_STEP-th row */
    size_t indexed;
} csv_t;

/* A cell without its quotes and the blanks around it. */
typedef struct cell {
    char *begin, *end;
    bool closed; /* false: text after the closing quote */
} cell_t;

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory while reading a table");
}

static bf_status_t read_failed(const bf_table_t *table, csv_t *csv)
{
    int code = 0;
    const char *reason = gzerror(csv->stream, &code);
    BF_TRY(bf_table_unchanged(table));
    if (code == Z_BUF_ERROR)
        return bf_error_set(BF_ERR_INPUT, "%s: the gzip file is cut off", table->path);
    if (code == Z_DATA_ERROR)
        return bf_error_set(BF_ERR_INPUT, "%s: the gzip file is damaged: %s", table->path, reason);
    return bf_error_set(BF_ERR_IO, "%s: reading failed: %s", table->path, code == Z_ERRNO ? strerror(errno) : reason);
}

/* Move what is unread to the front, make room, read on. A last line without an end gets one. */
static bf_status_t refill(const bf_table_t *table, csv_t *csv)
{
    memmove(csv->buffer, csv->buffer + csv->begin, csv->end - csv->begin);
    csv->offset += (int64_t)csv->begin;
    csv->end -= csv->begin;
    csv->begin = 0;
    if (csv->end == csv->capacity) {
        if (csv->capacity >= MAX_RECORD_BYTES)
            return bf_error_set(BF_ERR_INPUT,
                                "%s: row %" PRId64 ": longer than %zu bytes; is a quote not closed, or is it not CSV?",
                                table->path, csv->row + 1, MAX_RECORD_BYTES);
        char *larger = realloc(csv->buffer, 2 * csv->capacity + 1);
        if (!larger)
            return no_memory();
        csv->buffer = larger;
        csv->capacity *= 2;
    }
    const size_t room = csv->capacity - csv->end;
    const int got = gzread(csv->stream, csv->buffer + csv->end, (unsigned)room);
    int code = Z_OK;
    if (got >= 0 && (size_t)got < room)
        gzerror(csv->stream, &code);
    if (got < 0 || code < 0)
        return read_failed(table, csv);
    csv->end += (size_t)got;
    csv->ended = (size_t)got < room;
    if (csv->ended && csv->end > 0 && csv->buffer[csv->end - 1] != '\n')
        csv->buffer[csv->end++] = '\n';
    return BF_OK;
}

/* @return the line end that ends the record, NULL when it is not in the buffer. Quotes count only where a cell begins. */
static char *record_end(char *start, char *limit)
{
    char *line = memchr(start, '\n', (size_t)(limit - start));
    if (!line || !memchr(start, '"', (size_t)(line - start)))
        return line;
    bool quoted = false;
    bool fresh = true; /* a quote opens here: nothing but blanks since the comma, or just behind a quote (a doubled one) */
    for (char *at = start; at < limit; at++) {
        if (quoted) {
            quoted = *at != '"';
            fresh = true;
        } else if (*at == '\n')
            return at;
        else if (*at == '"' && fresh)
            quoted = true;
        else
            fresh = *at == ',' || (fresh && (*at == ' ' || *at == '\t'));
    }
    return NULL;
}

/* The next record, [*begin, *end) without its line end and with a 0 after it; *begin is NULL after the last one. */
static bf_status_t next_record(const bf_table_t *table, csv_t *csv, char **begin, char **end)
{
    char *line = NULL;
    while (!(line = record_end(csv->buffer + csv->begin, csv->buffer + csv->end)) && !csv->ended)
        BF_TRY(refill(table, csv));
    *begin = *end = NULL;
    if (!line && csv->begin < csv->end)
        return bf_error_set(BF_ERR_INPUT, "%s: row %" PRId64 ": a quoted cell is not closed", table->path, csv->row + 1);
    if (!line)
        return BF_OK;
    *begin = csv->buffer + csv->begin;
    *end = line > *begin && line[-1] == '\r' ? line - 1 : line;
    **end = '\0';
    csv->begin = (size_t)(line + 1 - csv->buffer);
    csv->row++;
    return BF_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Undo the quotes in place; *at is behind the opening one. */
static cell_t quoted_cell(char **at, char *end)
{
    cell_t cell = {.begin = *at, .end = *at, .closed = true};
    char *from = *at;
    while (from < end && (*from != '"' || (from + 1 < end && from[1] == '"'))) {
        from += *from == '"';
        *cell.end++ = *from++;
    }
    from += from < end;
    char *comma = from < end ? memchr(from, ',', (size_t)(end - from)) : NULL;
    char *stop = comma ? comma : end;
    for (; from < stop; from++)
        cell.closed = cell.closed && is_blank(*from);
    *at = stop;
    return cell;
}

/* The cell at *at; moves *at to the comma or the end behind it. */
static cell_t next_cell(char **at, char *end)
{
    while (*at < end && is_blank(**at))
        ++*at;
    cell_t cell = {.begin = *at, .closed = true};
    if (*at < end && **at == '"') {
        ++*at;
        cell = quoted_cell(at, end);
    } else {
        char *comma = memchr(*at, ',', (size_t)(end - *at));
        cell.end = *at = comma ? comma : end;
    }
    while (cell.begin < cell.end && is_blank(*cell.begin))
        cell.begin++;
    while (cell.end > cell.begin && is_blank(cell.end[-1]))
        cell.end--;
    return cell;
}

/* Decimal numbers only: strtod would also take hexadecimal ones and words. @return NULL, or what is wrong */
static const char *parse_number(const csv_t *csv, const cell_t *cell, double *value)
{
    const char *digits = cell->begin + (cell->begin < cell->end && (*cell->begin == '-' || *cell->begin == '+'));
    if (cell->begin == cell->end)
        return "the cell is empty";
    const size_t length = (size_t)(cell->end - digits);
    if ((length == 3 && (strncasecmp(digits, "nan", 3) == 0 || strncasecmp(digits, "inf", 3) == 0)) ||
        (length == 8 && strncasecmp(digits, "infinity", 8) == 0))
        return "is not a finite number";
    const bool decimal = cell->closed && length > 0 && ((*digits >= '0' && *digits <= '9') || *digits == '.') &&
                         !(digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'));
    char *stop = NULL;
    *value = decimal ? strtod_l(cell->begin, &stop, csv->plain) : 0.0;
    if (stop != cell->end)
        return "is not a number";
    return isfinite(*value) ? NULL : "is too large for a double";
}

/* Numbers of one record into `values`. */
static bf_status_t parse_record(const bf_table_t *table, const csv_t *csv, int64_t row, char *at, char *end, double *values,
                                uint8_t *bad)
{
    const int64_t columns = table->columns;
    int64_t cells = 0;
    if (bad)
        *bad = 0;
    if (at == end && columns > 1)
        return bf_table_bad_row(table, row, -1, values, bad, "the line is empty");
    for (bool more = true; more; cells++) {
        const cell_t cell = next_cell(&at, end);
        more = at < end;
        at += more;
        if (cells >= columns)
            continue;
        const char *wrong = parse_number(csv, &cell, &values[cells]);
        if (wrong) {
            const int length = cell.end - cell.begin < 40 ? (int)(cell.end - cell.begin) : 40;
            const char *quote = length > 0 ? "\"" : "";
            return bf_table_bad_row(table, row, cells, values, bad, "%s%.*s%s%s%s", quote, length, cell.begin, quote,
                                    length > 0 ? " " : "", wrong);
        }
    }
    if (cells != columns)
        return bf_table_bad_row(table, row, -1, values, bad, "has %" PRId64 " cells where the header has %" PRId64, cells,
                                columns);
    return BF_OK;
}

/* Stand before data row `row`: on from here when it is near, else from the index. */
static bf_status_t go_to(const bf_table_t *table, csv_t *csv, int64_t row)
{
    if (row < csv->row || row / INDEX_STEP > csv->row / INDEX_STEP) {
        const int64_t offset = csv->index[row / INDEX_STEP];
        if (gzseek(csv->stream, offset, SEEK_SET) != offset)
            return read_failed(table, csv);
        csv->begin = csv->end = 0;
        csv->ended = false;
        csv->offset = offset;
        csv->row = row / INDEX_STEP * INDEX_STEP;
    }
    while (csv->row < row) {
        char *begin = NULL;
        char *end = NULL;
        BF_TRY(next_record(table, csv, &begin, &end));
        if (!begin)
            return bf_error_set(BF_ERR_IO, "%s: shrank while being read; start again when it is complete", table->path);
    }
    return BF_OK;
}

static bf_status_t csv_read(bf_table_t *table, int64_t first, int64_t count, double *values, uint8_t *bad)
{
    csv_t *csv = table->source;
    BF_TRY(go_to(table, csv, first));
    for (int64_t r = 0; r < count; r++) {
        char *begin = NULL;
        char *end = NULL;
        BF_TRY(next_record(table, csv, &begin, &end));
        if (!begin)
            return bf_error_set(BF_ERR_IO, "%s: shrank while being read; start again when it is complete", table->path);
        BF_TRY(parse_record(table, csv, first + r, begin, end, values + r * table->columns, bad ? bad + r : NULL));
    }
    return BF_OK;
}

static bf_status_t take_names(bf_table_t *table, const csv_t *csv, char *at, char *end)
{
    bool only_numbers = true;
    for (int64_t c = 0; c < table->columns; c++, at++) {
        const cell_t cell = next_cell(&at, end);
        double value = 0.0;
        only_numbers = only_numbers && !parse_number(csv, &cell, &value);
        table->names[c] = strndup(cell.begin, (size_t)(cell.end - cell.begin));
        if (!table->names[c])
            return no_memory();
    }
    if (only_numbers)
        return bf_error_set(BF_ERR_INPUT, "%s: the first line holds numbers only; expected a header with a name for every column",
                            table->path);
    return BF_OK;
}

/* Cells are unquoted in place, so they are counted on a copy. */
static bf_status_t count_columns(bf_table_t *table, const char *begin, const char *end)
{
    char *copy = strndup(begin, (size_t)(end - begin));
    if (!copy)
        return no_memory();
    char *at = copy;
    char *stop = copy + strlen(copy);
    for (table->columns = 1; next_cell(&at, stop).begin && at < stop; at++)
        table->columns++;
    free(copy);
    return BF_OK;
}

static bf_status_t read_header(bf_table_t *table, csv_t *csv)
{
    char *at = NULL;
    char *end = NULL;
    BF_TRY(next_record(table, csv, &at, &end));
    if (at && end - at >= 2 && (memcmp(at, "\xff\xfe", 2) == 0 || memcmp(at, "\xfe\xff", 2) == 0))
        return bf_error_set(BF_ERR_INPUT, "%s: is written in UTF-16; save it as UTF-8", table->path);
    if (at && end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    if (!at || at == end)
        return bf_error_set(BF_ERR_INPUT, "%s: the first line is empty; expected a header with a name for every column",
                            table->path);
    if (strlen(at) != (size_t)(end - at))
        return bf_error_set(BF_ERR_INPUT, "%s: the first line holds a zero byte; expected text", table->path);
    BF_TRY(count_columns(table, at, end));
    BF_TRY(bf_table_make_names(table));
    return take_names(table, csv, at, end);
}

/* Count the rows and note where every INDEX_STEP-th begins. Empty lines at the end are no rows. */
static bf_status_t index_rows(bf_table_t *table, csv_t *csv)
{
    for (size_t room = 0;;) {
        const int64_t offset = csv->offset + (int64_t)csv->begin; /* does not change when the buffer is refilled */
        char *begin = NULL;
        char *end = NULL;
        BF_TRY(next_record(table, csv, &begin, &end));
        if (!begin)
            return BF_OK;
        const int64_t row = csv->row - 1;
        if (row % INDEX_STEP == 0) {
            if (csv->indexed == room) {
                room = room ? 2 * room : 64;
                int64_t *larger = realloc(csv->index, room * sizeof *larger);
                if (!larger)
                    return no_memory();
                csv->index = larger;
            }
            csv->index[csv->indexed++] = offset;
        }
        if (begin < end)
            table->rows = row + 1;
    }
}

static void csv_close(void *source)
{
    csv_t *csv = source;
    if (csv->stream)
        gzclose_r(csv->stream);
    if (csv->plain)
        freelocale(csv->plain);
    free(csv->index);
    free(csv->buffer);
    free(csv);
}

bf_status_t bf_table_open_csv(bf_table_t *table)
{
    static const bf_table_format_t format = {csv_read, csv_close};
    csv_t *csv = calloc(1, sizeof *csv);
    if (!csv)
        return no_memory();
    table->format = &format;
    table->source = csv;
    csv->row = -1;
    csv->capacity = BUFFER_BYTES;
    csv->buffer = malloc(csv->capacity + 1); /* one more for the line end that the last line may lack */
    csv->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const int file = dup(table->file);
    csv->stream = file >= 0 ? gzdopen(file, "rb") : NULL;
    if (!csv->stream && file >= 0)
        close(file);
    if (!csv->stream || !csv->buffer || !csv->plain)
        return no_memory();
    gzbuffer(csv->stream, 1U << 18);
    BF_TRY(read_header(table, csv));
    return index_rows(table, csv);
}
