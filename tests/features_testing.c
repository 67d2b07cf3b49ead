/* A job of many rows, written and read back. */
#include "features_testing.h"

#include "io_testing.h"
#include "runtime/io/table.h"

#include <CUnit/CUnit.h>
#include <hdf5.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[FEATURES_COLUMNS] = {"x0", "y0", "a,b", "say \"z\"", "\xce\xb8"};
const char *const features_ends[] = {"csv", "npy", "h5", "json"}; /* by bf_format_t */

bf_job_t features_job(bool with_status)
{
    return (bf_job_t){.rows = FEATURES_ROWS,
                      .columns = FEATURES_COLUMNS,
                      .column_names = names,
                      .table = 0xfedcba9876543210U,
                      .circuit = 17,
                      .options = "{\"cutoff\": 1e-12, \"max_dim\": 64, \"observables\": \"xyz\"}",
                      .attributes = "{\"template\": \"OPENQASM 3;\\n\", \"seed\": 42, \"gamma\": 0.25, \"versions\": {\"a\": 1}}",
                      .with_status = with_status};
}

static bool bad_row(const bf_job_t *job, int64_t row)
{
    return job->with_status && row % 7 == 3;
}

static double number_of(const bf_job_t *job, int64_t row, int64_t column)
{
    return bad_row(job, row) ? (double)NAN : io_number((uint64_t)(row * job->columns + column));
}

const char *features_path(const char *stem, bf_format_t format)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", stem, features_ends[format]);
    return io_path(name);
}

const char *features_beside(const char *path, const char *end)
{
    static char buffers[4][640];
    static unsigned next;
    char *name = buffers[next++ % 4];
    snprintf(name, sizeof buffers[0], "%s%s", path, end);
    return name;
}

bf_status_t features_write(bf_features_t *features, const bf_job_t *job, int64_t first, int64_t count)
{
    double *values = malloc(sizeof(double) * (size_t)(count * job->columns));
    uint8_t *status = malloc((size_t)count);
    for (int64_t r = 0; r < count; r++) {
        status[r] = bad_row(job, first + r);
        for (int64_t c = 0; c < job->columns; c++)
            values[r * job->columns + c] = number_of(job, first + r, c);
    }
    const bf_status_t result = bf_features_write(features, first, count, values, job->with_status ? status : NULL);
    free(status);
    free(values);
    return result;
}

bf_features_t *features_attach(const char *path, bf_format_t format, const bf_job_t *job)
{
    bf_features_t *features = NULL;
    const bf_status_t status = bf_features_attach(path, format, job, &features);
    if (status != BF_OK)
        printf("\n  %s\n", bf_error_message());
    CU_ASSERT_EQUAL_FATAL(status, BF_OK);
    return features;
}

void features_create(const char *path, bf_format_t format, const bf_job_t *job, bool resume)
{
    bf_error_clear();
    const bf_status_t status = bf_features_create(path, format, job, resume);
    if (status != BF_OK)
        printf("\n  %s\n", bf_error_message());
    CU_ASSERT_EQUAL_FATAL(status, BF_OK);
}

void features_refuse(const char *path, bf_format_t format, const bf_job_t *job, bool resume, bf_status_t code, const char *words)
{
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_features_create(path, format, job, resume), code);
    CU_ASSERT(io_error_says(words));
    bf_error_clear();
}

void features_write_rest(const char *path, bf_format_t format, const bf_job_t *job)
{
    bf_features_t *features = features_attach(path, format, job);
    const int64_t ranges = job->rows / FEATURES_RANGE;
    for (int64_t i = 0; i < ranges; i++) {
        const int64_t first = i * 7 % ranges * FEATURES_RANGE; /* 7 is no divisor of the number of ranges */
        for (int64_t row = first; row < first + FEATURES_RANGE;) {
            int64_t stop = row;
            while (stop < first + FEATURES_RANGE && !bf_features_done(features, stop))
                stop++;
            if (stop > row)
                CU_ASSERT_EQUAL(features_write(features, job, row, stop - row), BF_OK);
            row = stop + 1;
        }
    }
    bf_features_close(features);
}

void features_finish(const char *path, bf_format_t format, const bf_job_t *job)
{
    const bf_status_t status = bf_features_finish(path, format, job);
    if (status != BF_OK)
        printf("\n  %s\n", bf_error_message());
    CU_ASSERT_EQUAL(status, BF_OK);
    CU_ASSERT_FALSE(io_exists(features_beside(path, ".partial")));
    CU_ASSERT_FALSE(io_exists(features_beside(path, ".progress")));
    CU_ASSERT_FALSE(io_exists(features_beside(path, ".progress.new")));
}

void features_write_all(const char *path, bf_format_t format, const bf_job_t *job)
{
    features_create(path, format, job, false);
    bf_features_t *features = features_attach(path, format, job);
    CU_ASSERT_EQUAL(features_write(features, job, 0, job->rows), BF_OK);
    bf_features_close(features);
    features_finish(path, format, job);
}

bool features_same(const char *a, const char *b)
{
    size_t sizes[2] = {0, 1};
    char *first = io_slurp(a, &sizes[0]);
    char *second = io_slurp(b, &sizes[1]);
    const bool same = first && second && sizes[0] == sizes[1] && memcmp(first, second, sizes[0]) == 0;
    free(first);
    free(second);
    return same;
}

/* ---- readers ---- */

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* Count the numbers that are not what was written; `width` numbers a row, of which the last may be the status. */
static int64_t wrong_numbers(const bf_job_t *job, const double *values, int64_t width)
{
    int64_t wrong = 0;
    for (int64_t r = 0; r < job->rows; r++) {
        for (int64_t c = 0; c < job->columns; c++)
            wrong += !same_number(values[r * width + c], number_of(job, r, c));
        if (width > job->columns)
            wrong += values[r * width + job->columns] != (bad_row(job, r) ? 1.0 : 0.0);
    }
    return wrong;
}

static void check_npy(const char *path, const bf_job_t *job)
{
    const int64_t width = job->columns + job->with_status;
    size_t bytes = 0;
    char *data = io_slurp(path, &bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    CU_ASSERT_EQUAL_FATAL(bytes, 128 + (size_t)(job->rows * width) * sizeof(double));
    char dictionary[128];
    snprintf(dictionary, sizeof dictionary, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", (int)job->rows,
             (int)width);
    CU_ASSERT(memcmp(data, "\x93NUMPY\x01\x00\x76\x00", 10) == 0);
    CU_ASSERT(strncmp(data + 10, dictionary, strlen(dictionary)) == 0);
    CU_ASSERT_EQUAL(data[127], '\n');
    double *values = malloc(bytes - 128);
    memcpy(values, data + 128, bytes - 128);
    CU_ASSERT_EQUAL(wrong_numbers(job, values, width), 0);
    free(values);
    free(data);
}

static bool text_attribute_is(hid_t object, const char *name, const char *expected)
{
    char *text = NULL;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    const bool same = H5Aread(attribute, type, &text) >= 0 && text && strcmp(text, expected) == 0;
    H5free_memory(text);
    H5Tclose(type);
    H5Aclose(attribute);
    return same;
}

static void check_attributes(hid_t file, const bf_job_t *job)
{
    int64_t seed = 0;
    double gamma = 0.0;
    hid_t attribute = H5Aopen(file, "seed", H5P_DEFAULT);
    CU_ASSERT(H5Aread(attribute, H5T_NATIVE_INT64, &seed) >= 0);
    H5Aclose(attribute);
    attribute = H5Aopen(file, "gamma", H5P_DEFAULT);
    CU_ASSERT(H5Aread(attribute, H5T_NATIVE_DOUBLE, &gamma) >= 0);
    H5Aclose(attribute);
    CU_ASSERT_EQUAL(seed, 42);
    CU_ASSERT_EQUAL(gamma, 0.25);
    CU_ASSERT(text_attribute_is(file, "template", "OPENQASM 3;\n"));
    CU_ASSERT(text_attribute_is(file, "versions", "{\"a\":1}"));
    CU_ASSERT(text_attribute_is(file, "options", job->options));
    CU_ASSERT(text_attribute_is(file, "table_hash", "fedcba9876543210"));
    CU_ASSERT(text_attribute_is(file, "bondflow", BONDFLOW_VERSION));
}

static void check_hdf5(const char *path, const bf_job_t *job)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    CU_ASSERT_FATAL(file >= 0);
    double *values = calloc((size_t)(job->rows * job->columns), sizeof *values);
    const hid_t set = H5Dopen2(file, "features", H5P_DEFAULT);
    CU_ASSERT_EQUAL(H5Dget_storage_size(set), (size_t)(job->rows * job->columns) * sizeof *values);
    CU_ASSERT(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    CU_ASSERT_EQUAL(wrong_numbers(job, values, job->columns), 0);
    H5Dclose(set);
    free(values);
    CU_ASSERT_EQUAL(H5Lexists(file, "status", H5P_DEFAULT) > 0, job->with_status);
    if (job->with_status) {
        uint8_t *flags = calloc((size_t)job->rows, 1);
        const hid_t status = H5Dopen2(file, "status", H5P_DEFAULT);
        CU_ASSERT(H5Dread(status, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, flags) >= 0);
        int64_t wrong = 0;
        for (int64_t r = 0; r < job->rows; r++)
            wrong += flags[r] != bad_row(job, r);
        CU_ASSERT_EQUAL(wrong, 0);
        H5Dclose(status);
        free(flags);
    }
    check_attributes(file, job);
    H5Fclose(file);
    bf_table_t *table = NULL; /* and it is a table with names */
    CU_ASSERT_EQUAL_FATAL(bf_table_open(features_beside(path, ":/features"), &table), BF_OK);
    for (int64_t c = 0; c < job->columns; c++)
        CU_ASSERT_STRING_EQUAL(bf_table_column_name(table, c), job->column_names[c]);
    bf_table_close(table);
}

/* Line by line with strtod: an empty cell is NaN. */
static void check_csv(const char *path, const bf_job_t *job)
{
    const int64_t width = job->columns + job->with_status;
    char *data = io_slurp(path, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    const char *head = job->with_status ? "row,x0,y0,\"a,b\",\"say \"\"z\"\"\",\xce\xb8,status\n"
                                        : "row,x0,y0,\"a,b\",\"say \"\"z\"\"\",\xce\xb8\n";
    CU_ASSERT_FATAL(strncmp(data, head, strlen(head)) == 0);
    double *values = malloc(sizeof(double) * (size_t)(job->rows * width));
    char *at = data + strlen(head);
    int64_t wrong = 0;
    for (int64_t r = 0; r < job->rows; r++) {
        wrong += strtoll(at, &at, 10) != r;
        for (int64_t c = 0; c < width; c++) {
            wrong += *at++ != ',';
            const bool empty = *at == ',' || *at == '\n';
            values[r * width + c] = empty ? (double)NAN : strtod(at, &at);
        }
        wrong += *at++ != '\n';
    }
    CU_ASSERT_EQUAL(*at, '\0');
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(wrong_numbers(job, values, width), 0);
    free(values);
    free(data);
}

static void check_json(const char *path, const bf_job_t *job)
{
    const int64_t width = job->columns + job->with_status;
    json_t *root = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    const json_t *columns = json_object_get(root, "columns");
    const json_t *data = json_object_get(root, "data");
    CU_ASSERT_EQUAL_FATAL(json_array_size(columns), (size_t)width);
    CU_ASSERT_EQUAL_FATAL(json_array_size(data), (size_t)job->rows);
    for (int64_t c = 0; c < width; c++)
        CU_ASSERT_STRING_EQUAL(json_string_value(json_array_get(columns, (size_t)c)),
                               c < job->columns ? job->column_names[c] : "status");
    double *values = malloc(sizeof(double) * (size_t)(job->rows * width));
    int64_t wrong = 0;
    for (int64_t i = 0; i < job->rows * width; i++) {
        const json_t *row = json_array_get(data, (size_t)(i / width));
        const json_t *number = json_array_get(row, (size_t)(i % width));
        wrong += json_array_size(row) != (size_t)width || (!json_is_null(number) && !json_is_real(number));
        values[i] = json_is_null(number) ? (double)NAN : json_real_value(number);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(wrong_numbers(job, values, width), 0);
    free(values);
    json_decref(root);
}

void features_check(const char *path, bf_format_t format, const bf_job_t *job)
{
    static void (*const checks[])(const char *path, const bf_job_t *job) = {check_csv, check_npy, check_hdf5, check_json};
    checks[format](path, job);
}
