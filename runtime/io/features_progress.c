/* FILE.progress: a line, a JSON object that says which job this is, padding, then a byte per row. The padding lets `head -c 4096`
 * show it. */
#include "runtime/io/features_store.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define FIRST_LINE       "bondflow progress 1, marks at %012lld\n"
#define FIRST_LINE_BYTES 43
#define BLOCK            4096
#define MAX_HEADER_BYTES ((int64_t)1 << 28)

static const char *const format_names[] = {"csv", "npy", "hdf5", "json"};

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory");
}

static uint64_t names_hash(const bf_job_t *job)
{
    uint64_t hash = 0;
    for (int64_t c = 0; c < job->columns; c++)
        hash = XXH3_64bits_withSeed(job->column_names[c], strlen(job->column_names[c]), hash);
    return hash;
}

static json_t *hex(uint64_t number)
{
    return json_sprintf("%016" PRIx64, number);
}

static json_t *describe(bf_format_t format, const bf_job_t *job, const bf_features_layout_t *layout)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:b, s:s, s:{s:I, s:I, s:I, s:I, s:o}}", "bondflow", BONDFLOW_VERSION,
                     "format", format_names[format], "rows", (json_int_t)job->rows, "columns", (json_int_t)job->columns, "names",
                     hex(names_hash(job)), "table", hex(job->table), "circuit", hex(job->circuit), "with_status",
                     (int)job->with_status, "options", job->options ? job->options : "", "layout", "values",
                     (json_int_t)layout->values, "stride", (json_int_t)layout->stride, "status", (json_int_t)layout->status,
                     "bytes", (json_int_t)layout->bytes, "identity", hex(layout->identity));
}

/* The whole header, padded; freed by the caller. */
static char *header_text(bf_format_t format, const bf_job_t *job, const bf_features_layout_t *layout, size_t *bytes)
{
    json_t *description = describe(format, job, layout);
    char *json = description ? json_dumps(description, JSON_INDENT(1)) : NULL;
    json_decref(description);
    if (!json)
        return NULL;
    const size_t length = strlen(json);
    *bytes = (FIRST_LINE_BYTES + length + 1 + BLOCK - 1) / BLOCK * BLOCK;
    char *text = malloc(*bytes + 1);
    if (text) {
        memset(text, '\n', *bytes);
        memcpy(text + FIRST_LINE_BYTES, json, length);
        char line[FIRST_LINE_BYTES + 32];
        snprintf(line, sizeof line, FIRST_LINE, (long long)*bytes);
        memcpy(text, line, FIRST_LINE_BYTES);
    }
    free(json);
    return text;
}

static bf_status_t write_new(const char *name, const char *text, size_t bytes, int64_t rows)
{
    const int file = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", name, strerror(errno));
    bf_status_t status = bf_file_reserve(file, name, (int64_t)bytes + rows);
    if (status == BF_OK)
        status = bf_file_write(file, name, text, bytes, 0);
    if (status == BF_OK && fsync(file) != 0)
        status = bf_error_set(BF_ERR_IO, "%s: writing failed: %s", name, strerror(errno));
    close(file);
    return status;
}

bf_status_t bf_progress_create(const char *path, bf_format_t format, const bf_job_t *job, const bf_features_layout_t *layout)
{
    size_t bytes = 0;
    char *text = header_text(format, job, layout, &bytes);
    char *name = bf_features_name(path, ".progress");
    char *scratch = bf_features_name(path, ".progress.new");
    bf_status_t status = text && name && scratch ? write_new(scratch, text, bytes, job->rows) : no_memory();
    if (status == BF_OK && rename(scratch, name) != 0)
        status = bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", name, strerror(errno));
    if (status != BF_OK && scratch)
        unlink(scratch);
    if (status == BF_OK)
        bf_file_sync_directory(name);
    free(scratch);
    free(name);
    free(text);
    return status;
}

static bf_status_t damaged(const char *name)
{
    return bf_error_set(BF_ERR_INPUT, "%s: is damaged or not a progress file of bondflow; delete it to start anew", name);
}

static bf_status_t read_layout(const json_t *description, const char *name, bf_features_layout_t *layout)
{
    json_int_t values = 0;
    json_int_t stride = 0;
    json_int_t status = 0;
    json_int_t bytes = 0;
    const char *identity = NULL;
    if (json_unpack((json_t *)description, "{s:{s:I, s:I, s:I, s:I, s:s}}", "layout", "values", &values, "stride", &stride,
                    "status", &status, "bytes", &bytes, "identity", &identity) != 0)
        return damaged(name);
    *layout = (bf_features_layout_t){
        .values = values, .stride = stride, .status = status, .bytes = bytes, .identity = strtoull(identity, NULL, 16)};
    return BF_OK;
}

/* Open and take the header apart; *description is freed by the caller. */
static bf_status_t read_header(bf_progress_t *progress, json_t **description)
{
    const char *name = progress->path;
    char line[FIRST_LINE_BYTES + 1] = "";
    char again[FIRST_LINE_BYTES + 32];
    struct stat info;
    long long marks = 0;
    if (bf_file_read(progress->file, line, FIRST_LINE_BYTES, 0) != FIRST_LINE_BYTES || fstat(progress->file, &info) != 0)
        return damaged(name);
    const char *number = strrchr(line, ' ');
    marks = number ? strtoll(number, NULL, 10) : 0;
    snprintf(again, sizeof again, FIRST_LINE, marks);
    if (strcmp(line, again) != 0 || marks <= FIRST_LINE_BYTES || marks > MAX_HEADER_BYTES)
        return damaged(name);
    const size_t length = (size_t)marks - FIRST_LINE_BYTES;
    char *text = malloc(length);
    if (!text)
        return no_memory();
    const ssize_t got = bf_file_read(progress->file, text, length, FIRST_LINE_BYTES);
    *description = got == (ssize_t)length ? json_loadb(text, length, 0, NULL) : NULL;
    free(text);
    const json_t *rows = json_object_get(*description, "rows");
    progress->marks = marks;
    progress->rows = json_integer_value(rows);
    if (!json_is_integer(rows) || progress->rows <= 0 || info.st_size < marks + progress->rows)
        return damaged(name);
    return read_layout(*description, name, &progress->layout);
}

static bf_status_t open_header(const char *path, bf_progress_t *progress, json_t **description)
{
    *description = NULL;
    *progress = (bf_progress_t){.file = -1, .path = bf_features_name(path, ".progress")};
    if (!progress->path)
        return no_memory();
    progress->file = open(progress->path, O_RDWR | O_DSYNC | O_CLOEXEC); /* as FILE.partial */
    if (progress->file < 0 && errno == ENOENT)
        return bf_error_set(BF_ERR_INPUT, "%s: nothing to resume: there is no %s; start without --resume", path, progress->path);
    if (progress->file < 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be opened: %s", progress->path, strerror(errno));
    return read_header(progress, description);
}

/* Name the first option that differs when both are JSON objects. */
static bf_status_t options_differ(const char *name, const char *before, const char *now)
{
    json_t *old = json_loads(before, 0, NULL);
    json_t *new = json_loads(now, 0, NULL);
    const char *key = NULL;
    json_t *value = NULL;
    char what[256] = "the options differ";
    for (int turn = 0; json_is_object(old) && json_is_object(new) && turn < 2; turn++) {
        json_object_foreach(turn ? new : old, key, value)
        {
            json_t *was = json_object_get(old, key);
            json_t *is = json_object_get(new, key);
            if (json_equal(was, is))
                continue;
            char *texts[2] = {was ? json_dumps(was, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : NULL,
                              is ? json_dumps(is, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : NULL};
            snprintf(what, sizeof what, "option %.60s was %.80s and is %.80s", key, texts[0] ? texts[0] : "not given",
                     texts[1] ? texts[1] : "not given");
            free(texts[0]);
            free(texts[1]);
        }
    }
    json_decref(old);
    json_decref(new);
    return bf_error_set(BF_ERR_INPUT, "%s: cannot resume: %s; resume with the same options, or delete this file to start anew",
                        name, what);
}

static bf_status_t differs(const char *name, const char *what)
{
    return bf_error_set(BF_ERR_INPUT,
                        "%s: cannot resume: %s changed since the interrupted run; restore it, or delete this file to start anew",
                        name, what);
}

static bf_status_t compare(const bf_progress_t *progress, bf_format_t format, const bf_job_t *job, const json_t *description)
{
    static const struct {
        const char *key, *what;
    } parts[] = {{"table", "the table"},          {"circuit", "the circuit"},
                 {"rows", "the number of rows"},  {"columns", "the number of columns"},
                 {"names", "the columns' names"}, {"with_status", "the wish for a status column"},
                 {"format", "the format"}};
    json_t *ours = describe(format, job, &progress->layout);
    if (!ours)
        return no_memory();
    bf_status_t status = BF_OK;
    const char *before = json_string_value(json_object_get(description, "options"));
    const char *now = job->options ? job->options : "";
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == BF_OK; i++) {
        if (i == 2 && (!before || strcmp(before, now) != 0)) /* shape and names follow from the options: these first */
            status = options_differ(progress->path, before ? before : "", now);
        else if (!json_equal(json_object_get(description, parts[i].key), json_object_get(ours, parts[i].key)))
            status = differs(progress->path, parts[i].what);
    }
    json_decref(ours);
    return status;
}

bf_status_t bf_progress_open(const char *path, bf_format_t format, const bf_job_t *job, bf_progress_t *progress)
{
    json_t *description = NULL;
    bf_status_t status = open_header(path, progress, &description);
    if (status == BF_OK)
        status = compare(progress, format, job, description);
    json_decref(description);
    if (status != BF_OK)
        bf_progress_close(progress);
    return status;
}

static bf_status_t count_marks(const bf_progress_t *progress, int64_t *done)
{
    uint8_t marks[BLOCK];
    *done = 0;
    for (int64_t row = 0; row < progress->rows; row += BLOCK) {
        const size_t count = progress->rows - row < BLOCK ? (size_t)(progress->rows - row) : BLOCK;
        BF_TRY(bf_progress_read(progress, row, count, marks));
        for (size_t i = 0; i < count; i++)
            *done += marks[i] != 0;
    }
    return BF_OK;
}

bf_status_t bf_progress_refuse_lost(const char *path)
{
    char *name = bf_features_name(path, ".progress");
    const bool exists = name && access(name, F_OK) == 0;
    free(name);
    if (!exists)
        return BF_OK;
    bf_progress_t progress;
    json_t *description = NULL;
    int64_t done = 0;
    bf_status_t status = open_header(path, &progress, &description);
    if (status == BF_OK)
        status = count_marks(&progress, &done);
    if (status == BF_OK && done > 0)
        status = bf_error_set(BF_ERR_INPUT,
                              "%s: holds an interrupted run with %" PRId64 " of %" PRId64
                              " rows done: --resume continues it; delete this file to start anew",
                              progress.path, done, progress.rows);
    json_decref(description);
    bf_progress_close(&progress);
    return status;
}

bf_status_t bf_progress_read(const bf_progress_t *progress, int64_t first, size_t count, uint8_t *marks)
{
    const ssize_t got = bf_file_read(progress->file, marks, count, progress->marks + first);
    if (got == (ssize_t)count)
        return BF_OK;
    return bf_error_set(BF_ERR_IO, "%s: reading failed: %s", progress->path, got < 0 ? strerror(errno) : "it is cut off");
}

bf_status_t bf_progress_mark(const bf_progress_t *progress, int64_t first, int64_t count)
{
    uint8_t marks[BLOCK];
    memset(marks, 1, sizeof marks);
    for (int64_t done = 0; done < count; done += BLOCK) {
        const size_t bytes = count - done < BLOCK ? (size_t)(count - done) : BLOCK;
        BF_TRY(bf_file_write(progress->file, progress->path, marks, bytes, progress->marks + first + done));
    }
    return BF_OK;
}

bf_status_t bf_progress_missing(const bf_progress_t *progress, int64_t *row)
{
    uint8_t marks[BLOCK];
    *row = -1;
    for (int64_t first = 0; first < progress->rows; first += BLOCK) {
        const size_t count = progress->rows - first < BLOCK ? (size_t)(progress->rows - first) : BLOCK;
        BF_TRY(bf_progress_read(progress, first, count, marks));
        const uint8_t *missing = memchr(marks, 0, count);
        if (missing) {
            *row = first + (missing - marks);
            return BF_OK;
        }
    }
    return BF_OK;
}

void bf_progress_close(bf_progress_t *progress)
{
    if (progress->file >= 0)
        close(progress->file);
    free(progress->path);
    *progress = (bf_progress_t){.file = -1};
}
