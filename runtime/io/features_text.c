/* CSV and JSON, made of a complete binary file in one pass. A missing number (NaN, Inf) is an empty cell, or null. */
#include "runtime/io/features_store.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((int64_t)1 << 20)

/* What differs between the two formats. */
typedef struct style {
    void (*name)(FILE *stream, const char *name);
    const char *head, *after_names; /* around the names */
    const char *row_end, *last_end; /* after a row; after the last one */
    const char *missing;            /* for what is not a number */
    bool numbered;                  /* rows begin with their number */
} style_t;

/* RFC 4180: quotes only where they are needed. */
static void csv_name(FILE *stream, const char *name)
{
    if (!strpbrk(name, ",\"\r\n")) {
        fputs(name, stream);
        return;
    }
    fputc('"', stream);
    for (; *name; name++) {
        if (*name == '"')
            fputc('"', stream);
        fputc(*name, stream);
    }
    fputc('"', stream);
}

static void json_name(FILE *stream, const char *name)
{
    json_t *text = json_string(name);
    if (text)
        json_dumpf(text, stream, JSON_ENCODE_ANY);
    else
        fputs("null", stream); /* not UTF-8 */
    json_decref(text);
}

static void write_names(FILE *stream, const style_t *style, const bf_job_t *job)
{
    fputs(style->head, stream);
    for (int64_t c = 0; c < job->columns; c++) {
        if (c > 0)
            fputc(',', stream);
        style->name(stream, job->column_names[c]);
    }
    if (job->with_status) {
        fputc(',', stream);
        style->name(stream, "status");
    }
    fputs(style->after_names, stream);
}

static void write_row(FILE *stream, const style_t *style, int64_t row, const double *values, int64_t width)
{
    if (style->numbered)
        fprintf(stream, "%" PRId64 ",", row);
    else
        fputc('[', stream);
    for (int64_t c = 0; c < width; c++) {
        if (c > 0)
            fputc(',', stream);
        if (isfinite(values[c]))
            fprintf(stream, "%.17g", values[c]);
        else
            fputs(style->missing, stream);
    }
}

static bf_status_t write_rows(FILE *stream, const char *path, const style_t *style, const bf_job_t *job, int data,
                              const bf_features_layout_t *layout)
{
    const int64_t width = layout->stride / (int64_t)sizeof(double);
    const int64_t most = layout->stride < BLOCK_BYTES ? BLOCK_BYTES / layout->stride : 1;
    double *block = malloc((size_t)(most * layout->stride));
    if (!block)
        return bf_error_set(BF_ERR_NOMEM, "out of memory while writing %s", path);
    bf_status_t status = BF_OK;
    for (int64_t first = 0; first < job->rows && status == BF_OK; first += most) {
        const int64_t count = job->rows - first < most ? job->rows - first : most;
        const size_t bytes = (size_t)(count * layout->stride);
        const ssize_t got = bf_file_read(data, block, bytes, layout->values + first * layout->stride);
        if (got < (ssize_t)bytes) {
            status = bf_error_set(BF_ERR_IO, "%s.partial: reading failed: %s", path, got < 0 ? strerror(errno) : "it is cut off");
            break;
        }
        for (int64_t r = 0; r < count; r++) {
            write_row(stream, style, first + r, block + r * width, width);
            fputs(first + r + 1 < job->rows ? style->row_end : style->last_end, stream);
        }
    }
    free(block);
    return status;
}

bf_status_t bf_features_write_text(const char *path, bf_format_t format, const bf_job_t *job, int data,
                                   const bf_features_layout_t *layout)
{
    static const style_t csv = {csv_name, "row,", "\n", "\n", "\n", "", true};
    /* pandas.read_json(file, orient="split") */
    static const style_t json = {json_name, "{\"columns\":[", "],\n\"data\":[\n", "],\n", "]\n]}\n", "null", false};
    const style_t *style = format == BF_FORMAT_JSON ? &json : &csv;
    bf_output_t *output = NULL;
    BF_TRY(bf_output_open(path, &output));
    FILE *stream = bf_output_stream(output);
    write_names(stream, style, job);
    const bf_status_t status = write_rows(stream, path, style, job, data, layout);
    if (status != BF_OK) {
        bf_output_abandon(output);
        return status;
    }
    return bf_output_commit(output);
}
