/* Bit strings into files. */
#include "runtime/io/shots.h"

#include <hdf5.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static char *room_for_text(size_t n_bits, bf_status_t *status)
{
    char *text = malloc(n_bits + 2);
    *status = text ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: a bit string");
    return text;
}

/* Lines on their way to a stream, many at a time. */
typedef struct page {
    FILE *stream;
    char *text;
    size_t used, room;
} page_t;

#define PAGE_BYTES ((size_t)1 << 16)
#define LINE_MORE  32 /* characters of a line beside a bit string */

static bf_status_t page_open(FILE *stream, size_t n_bits, page_t *page)
{
    *page = (page_t){.stream = stream, .room = PAGE_BYTES + n_bits + LINE_MORE};
    page->text = malloc(page->room);
    return page->text ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: bit strings of %zu bits", n_bits);
}

static void page_flush(page_t *page)
{
    fwrite(page->text, 1, page->used, page->stream);
    page->used = 0;
}

static void page_close(page_t *page)
{
    if (page->used > 0)
        page_flush(page);
    free(page->text);
}

static void put_text(page_t *page, const char *text)
{
    const size_t length = strlen(text);
    memcpy(page->text + page->used, text, length);
    page->used += length;
}

static void put_bits(page_t *page, const uint8_t *row, size_t n_bits, bf_bit_order_t order)
{
    bf_bits_print(row, n_bits, order, page->text + page->used);
    page->used += n_bits;
}

static void put_count(page_t *page, uint64_t count)
{
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + count % 10);
    while (count /= 10);
    while (n > 0)
        page->text[page->used++] = digits[--n];
}

static void end_line(page_t *page)
{
    if (page->used >= PAGE_BYTES)
        page_flush(page);
}

bf_status_t bf_write_counts(bf_output_t *output, bf_format_t format, const bf_counts_t *counts, size_t n_bits,
                            bf_bit_order_t order)
{
    page_t page;
    BF_TRY(page_open(bf_output_stream(output), n_bits, &page));
    const bool json = format == BF_FORMAT_JSON;
    put_text(&page, json ? "{" : "bits,count\n");
    for (size_t i = 0; i < bf_counts_size(counts); i++) {
        uint64_t count = 0;
        const uint8_t *row = bf_counts_get(counts, i, &count);
        put_text(&page, json ? (i ? ",\n \"" : "\n \"") : "");
        put_bits(&page, row, n_bits, order);
        put_text(&page, json ? "\": " : ",");
        put_count(&page, count);
        put_text(&page, json ? "" : "\n");
        end_line(&page);
    }
    put_text(&page, json ? "\n}\n" : "");
    page_close(&page);
    return BF_OK;
}

/* Bit strings and what belongs to them. */
typedef struct sheet {
    size_t count;
    const uint8_t *rows;
    size_t n_bits;
    bf_bit_order_t order;
    size_t columns;
    const char *const *names;
    const double *values;
} sheet_t;

/* A zero without a sign, which would mean nothing. */
static double value_of(const sheet_t *sheet, size_t row, size_t column)
{
    return sheet->values[row * sheet->columns + column] + 0.0;
}

static void write_csv(FILE *stream, const sheet_t *sheet, char *text)
{
    fputs("bits", stream);
    for (size_t c = 0; c < sheet->columns; c++)
        fprintf(stream, ",%s", sheet->names[c]);
    fputc('\n', stream);
    for (size_t i = 0; i < sheet->count; i++) {
        bf_bits_print(sheet->rows + i * bf_bits_bytes(sheet->n_bits), sheet->n_bits, sheet->order, text);
        fputs(text, stream);
        for (size_t c = 0; c < sheet->columns; c++)
            fprintf(stream, ",%.17g", value_of(sheet, i, c));
        fputc('\n', stream);
    }
}

/* JSON has no infinity: the logarithm of a probability of 0 is null. */
static void write_json(FILE *stream, const sheet_t *sheet, char *text)
{
    fputs("{\n \"bits\": [", stream);
    for (size_t i = 0; i < sheet->count; i++) {
        bf_bits_print(sheet->rows + i * bf_bits_bytes(sheet->n_bits), sheet->n_bits, sheet->order, text);
        fprintf(stream, "%s\"%s\"", i ? ", " : "", text);
    }
    for (size_t c = 0; c < sheet->columns; c++) {
        fprintf(stream, "],\n \"%s\": [", sheet->names[c]);
        for (size_t i = 0; i < sheet->count; i++) {
            const double value = value_of(sheet, i, c);
            if (value - value == 0.0)
                fprintf(stream, "%s%.17g", i ? ", " : "", value);
            else
                fprintf(stream, "%snull", i ? ", " : "");
        }
    }
    fputs("]\n}\n", stream);
}

bf_status_t bf_write_strings(bf_output_t *output, bf_format_t format, size_t count, const uint8_t *rows, size_t n_bits,
                             bf_bit_order_t order, size_t columns, const char *const *names, const double *values)
{
    const sheet_t sheet = {count, rows, n_bits, order, columns, names, values};
    bf_status_t status = BF_OK;
    char *text = room_for_text(n_bits, &status);
    if (!text)
        return status;
    if (format == BF_FORMAT_JSON)
        write_json(bf_output_stream(output), &sheet, text);
    else
        write_csv(bf_output_stream(output), &sheet, text);
    free(text);
    return BF_OK;
}

struct bf_shots_writer {
    FILE *stream;
    bf_format_t format;
    size_t n_bits;
    bf_bit_order_t order;
    page_t page;      /* CSV */
    hid_t file, set;  /* HDF5 */
    uint64_t written; /* shots */
};

static void write_npy_head(FILE *stream, uint64_t shots, size_t bytes)
{
    char head[128];
    memset(head, ' ', sizeof head);
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int length = snprintf(head + 10, sizeof head - 10,
                                "{'descr': '|u1', 'fortran_order': False, 'shape': (%" PRIu64 ", %zu), }", shots, bytes);
    head[10 + length] = ' ';
    head[sizeof head - 1] = '\n';
    fwrite(head, 1, sizeof head, stream);
}

static bool put_number(hid_t set, const char *name, uint64_t value)
{
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(set, name, H5T_STD_U64LE, scalar, H5P_DEFAULT, H5P_DEFAULT);
    const bool written = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_UINT64, &value) >= 0;
    H5Aclose(attribute);
    H5Sclose(scalar);
    return written;
}

static bf_status_t open_hdf5(bf_shots_writer_t *writer, const char *file_name, uint64_t shots)
{
    if (!file_name)
        return bf_error_set(BF_ERR_IO, "HDF5 needs a file, not a pipe or a device");
    const hsize_t dims[2] = {(hsize_t)shots, (hsize_t)bf_bits_bytes(writer->n_bits)};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* one message of ours instead of HDF5's stack */
    writer->file = H5Fcreate(file_name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(2, dims, NULL);
    writer->set = H5Dcreate2(writer->file, "shots", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Sclose(space);
    if (writer->set < 0 || !put_number(writer->set, "bits", writer->n_bits))
        return bf_error_set(BF_ERR_IO, "HDF5 could not write %s", file_name);
    return BF_OK;
}

bf_status_t bf_shots_open(bf_output_t *output, bf_format_t format, uint64_t shots, size_t n_bits, bf_bit_order_t order,
                          bf_shots_writer_t **out)
{
    bf_status_t status = BF_OK;
    bf_shots_writer_t *writer = calloc(1, sizeof *writer);
    *out = NULL;
    if (!writer)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    *writer = (bf_shots_writer_t){
        .stream = bf_output_stream(output), .format = format, .n_bits = n_bits, .order = order, .file = -1, .set = -1};
    if (status == BF_OK && format == BF_FORMAT_HDF5)
        status = open_hdf5(writer, bf_output_scratch(output), shots);
    if (status == BF_OK && format == BF_FORMAT_NPY)
        write_npy_head(writer->stream, shots, bf_bits_bytes(n_bits));
    if (format == BF_FORMAT_CSV)
        status = page_open(writer->stream, n_bits, &writer->page);
    if (status == BF_OK && format == BF_FORMAT_CSV)
        fputs("bits\n", writer->stream);
    if (status == BF_OK)
        *out = writer;
    else if (bf_shots_close(writer) != BF_OK)
        return status;
    return status;
}

static bf_status_t write_hdf5(bf_shots_writer_t *writer, const uint8_t *rows, size_t count)
{
    const hsize_t start[2] = {(hsize_t)writer->written, 0};
    const hsize_t size[2] = {(hsize_t)count, (hsize_t)bf_bits_bytes(writer->n_bits)};
    const hid_t space = H5Dget_space(writer->set), memory = H5Screate_simple(2, size, NULL);
    const bool written = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0 &&
                         H5Dwrite(writer->set, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT, rows) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    return written ? BF_OK : bf_error_set(BF_ERR_IO, "HDF5 could not write shots %" PRIu64 " and on", writer->written);
}

bf_status_t bf_shots_write(bf_shots_writer_t *writer, const uint8_t *rows, size_t count)
{
    const size_t bytes = bf_bits_bytes(writer->n_bits);
    if (writer->format == BF_FORMAT_HDF5)
        BF_TRY(write_hdf5(writer, rows, count));
    else if (writer->format == BF_FORMAT_NPY)
        fwrite(rows, bytes, count, writer->stream);
    else {
        for (size_t i = 0; i < count; i++) {
            put_bits(&writer->page, rows + i * bytes, writer->n_bits, writer->order);
            put_text(&writer->page, "\n");
            end_line(&writer->page);
        }
        page_flush(&writer->page);
    }
    writer->written += count;
    return ferror(writer->stream) ? bf_error_set(BF_ERR_IO, "writing shots failed") : BF_OK;
}

bf_status_t bf_shots_close(bf_shots_writer_t *writer)
{
    if (!writer)
        return BF_OK;
    bool closed = true;
    if (writer->set >= 0)
        closed = H5Dclose(writer->set) >= 0;
    if (writer->file >= 0)
        closed = H5Fclose(writer->file) >= 0 && closed;
    page_close(&writer->page);
    free(writer);
    return closed ? BF_OK : bf_error_set(BF_ERR_IO, "HDF5 could not finish the shots");
}
