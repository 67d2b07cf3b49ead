/* Results of many rows: every format, resumption to the same bytes after any interruption, refusals, full disks. */
#define _GNU_SOURCE /* unshare */
#include "cunit_main.h"
#include "io_testing.h"
#include "runtime/io/features.h"
#include "runtime/io/table.h"

#include <fcntl.h>
#include <hdf5.h>
#include <jansson.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS    300
#define COLUMNS 5
#define RANGE   10 /* rows */

static const char *const names[COLUMNS] = {"x0", "y0", "a,b", "say \"z\"", "\xce\xb8"};
static const char *const ends[] = {"csv", "npy", "h5", "json"}; /* by bf_format_t */

static bf_job_t job_of(bool with_status)
{
    return (bf_job_t){.rows = ROWS,
                      .columns = COLUMNS,
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

static const char *file_of(const char *stem, bf_format_t format)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", stem, ends[format]);
    return io_path(name);
}

static const char *beside(const char *path, const char *end)
{
    static char buffers[4][640];
    static unsigned next;
    char *name = buffers[next++ % 4];
    snprintf(name, sizeof buffers[0], "%s%s", path, end);
    return name;
}

static bf_status_t write_range(bf_features_t *features, const bf_job_t *job, int64_t first, int64_t count)
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

static bf_features_t *attach(const char *path, bf_format_t format, const bf_job_t *job)
{
    bf_features_t *features = NULL;
    const bf_status_t status = bf_features_attach(path, format, job, &features);
    if (status != BF_OK)
        printf("\n  %s\n", bf_error_message());
    CU_ASSERT_EQUAL_FATAL(status, BF_OK);
    return features;
}

static void create(const char *path, bf_format_t format, const bf_job_t *job, bool resume)
{
    bf_error_clear();
    const bf_status_t status = bf_features_create(path, format, job, resume);
    if (status != BF_OK)
        printf("\n  %s\n", bf_error_message());
    CU_ASSERT_EQUAL_FATAL(status, BF_OK);
}

static void refuse(const char *path, bf_format_t format, const bf_job_t *job, bool resume, bf_status_t code, const char *words)
{
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_features_create(path, format, job, resume), code);
    CU_ASSERT(io_error_says(words));
    bf_error_clear();
}

/* Write what is not done, in an order that is not theirs. */
static void write_rest(const char *path, bf_format_t format, const bf_job_t *job)
{
    bf_features_t *features = attach(path, format, job);
    const int64_t ranges = job->rows / RANGE;
    for (int64_t i = 0; i < ranges; i++) {
        const int64_t first = i * 7 % ranges * RANGE; /* 7 is no divisor of the number of ranges */
        for (int64_t row = first; row < first + RANGE;) {
            int64_t stop = row;
            while (stop < first + RANGE && !bf_features_done(features, stop))
                stop++;
            if (stop > row)
                CU_ASSERT_EQUAL(write_range(features, job, row, stop - row), BF_OK);
            row = stop + 1;
        }
    }
    bf_features_close(features);
}

static void finish(const char *path, bf_format_t format, const bf_job_t *job)
{
    const bf_status_t status = bf_features_finish(path, format, job);
    if (status != BF_OK)
        printf("\n  %s\n", bf_error_message());
    CU_ASSERT_EQUAL(status, BF_OK);
    CU_ASSERT_FALSE(io_exists(beside(path, ".partial")));
    CU_ASSERT_FALSE(io_exists(beside(path, ".progress")));
    CU_ASSERT_FALSE(io_exists(beside(path, ".progress.new")));
}

/* All rows at once. */
static void uninterrupted(const char *path, bf_format_t format, const bf_job_t *job)
{
    create(path, format, job, false);
    bf_features_t *features = attach(path, format, job);
    CU_ASSERT_EQUAL(write_range(features, job, 0, job->rows), BF_OK);
    bf_features_close(features);
    finish(path, format, job);
}

static bool same_files(const char *a, const char *b)
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
    CU_ASSERT_EQUAL_FATAL(bf_table_open(beside(path, ":/features"), &table), BF_OK);
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

static void check_result(const char *path, bf_format_t format, const bf_job_t *job)
{
    static void (*const checks[])(const char *path, const bf_job_t *job) = {check_csv, check_npy, check_hdf5, check_json};
    checks[format](path, job);
}

/* ---- tests ---- */

static void round_trips(void)
{
    for (int variant = 0; variant < 8; variant++) {
        const bf_format_t format = (bf_format_t)(variant / 2);
        const bf_job_t job = job_of(variant % 2);
        const char *path = file_of("round", format);
        create(path, format, &job, false);
        write_rest(path, format, &job);
        finish(path, format, &job);
        check_result(path, format, &job);
    }
}

/* Some ranges, a close, a resume: done() tells which, and the file is that of an uninterrupted run to the byte. */
static void resume_after_some(void)
{
    for (int variant = 0; variant < 8; variant++) {
        const bf_format_t format = (bf_format_t)(variant / 2);
        const bf_job_t job = job_of(variant % 2);
        const char *whole = file_of("whole", format);
        uninterrupted(whole, format, &job);
        const char *path = file_of("resumed", format);
        unlink(path);
        create(path, format, &job, false);
        bf_features_t *features = attach(path, format, &job);
        CU_ASSERT_EQUAL(write_range(features, &job, 0, 1), BF_OK);
        CU_ASSERT_EQUAL(write_range(features, &job, 123, 77), BF_OK);
        CU_ASSERT_EQUAL(write_range(features, &job, ROWS - 1, 1), BF_OK);
        CU_ASSERT_EQUAL(write_range(features, &job, ROWS - 1, 2), BF_ERR_ARG);
        CU_ASSERT_EQUAL(write_range(features, &job, -1, 1), BF_ERR_ARG);
        bf_error_clear();
        bf_features_close(features);
        CU_ASSERT_EQUAL(bf_features_finish(path, format, &job), BF_ERR_INTERNAL);
        CU_ASSERT(io_error_says("row 2 is missing"));
        CU_ASSERT_FALSE(io_exists(path));
        create(path, format, &job, true);
        features = attach(path, format, &job);
        int64_t wrong = 0;
        for (int64_t r = 0; r < ROWS; r++)
            wrong += bf_features_done(features, r) != (r == 0 || (r >= 123 && r < 200) || r == ROWS - 1);
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_FALSE(bf_features_done(features, -1));
        CU_ASSERT_FALSE(bf_features_done(features, ROWS));
        bf_features_close(features);
        write_rest(path, format, &job);
        finish(path, format, &job);
        CU_ASSERT(same_files(path, whole));
        check_result(path, format, &job);
    }
}

static void other_jobs(void)
{
    const char *path = file_of("other", BF_FORMAT_NPY);
    const bf_job_t job = job_of(false);
    refuse(path, BF_FORMAT_NPY, &job, true, BF_ERR_INPUT, "nothing to resume|other.npy.progress|without --resume");
    create(path, BF_FORMAT_NPY, &job, false);
    create(path, BF_FORMAT_NPY, &job, false); /* nothing is done, so nothing is lost */
    bf_features_t *features = attach(path, BF_FORMAT_NPY, &job);
    CU_ASSERT_EQUAL(write_range(features, &job, 20, 9), BF_OK);
    bf_features_close(features);
    refuse(path, BF_FORMAT_NPY, &job, false, BF_ERR_INPUT, "9 of 300 rows done: --resume continues it");
    bf_job_t other = job;
    other.table++;
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "cannot resume: the table changed");
    other.rows++;
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the table changed");
    other.table = job.table;
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the number of rows changed");
    other = job;
    other.circuit = 18;
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the circuit changed");
    other = job;
    other.options = "{\"cutoff\": 1e-10, \"max_dim\": 64, \"observables\": \"xyz\"}";
    other.columns--;
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "option cutoff was 1e-12 and is 1e-10|same options");
    other.options = "{\"cutoff\": 1e-12, \"max_dim\": 64}";
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "option observables was \"xyz\" and is not given");
    other.options = "not JSON";
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the options differ");
    other.options = job.options;
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the number of columns changed");
    other = job_of(true);
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "status column changed");
    const char *const renamed[COLUMNS] = {"x0", "y0", "z0", "x1", "y1"};
    other = job;
    other.column_names = renamed;
    refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the columns' names changed");
    refuse(path, BF_FORMAT_CSV, &job, true, BF_ERR_INPUT, "the format changed");
    create(path, BF_FORMAT_NPY, &job, true); /* none of this has harmed it */
    features = attach(path, BF_FORMAT_NPY, &job);
    CU_ASSERT(bf_features_done(features, 20) && bf_features_done(features, 28) && !bf_features_done(features, 29));
    bf_features_close(features);
}

static void damaged_files(void)
{
    const char *path = file_of("damaged", BF_FORMAT_HDF5);
    const bf_job_t job = job_of(true);
    create(path, BF_FORMAT_HDF5, &job, false);
    const char *partial = beside(path, ".partial");
    const char *progress = beside(path, ".progress");
    struct stat info;
    size_t bytes = 0;
    char *good = io_slurp(progress, &bytes);
    const size_t lengths[] = {0, 10, 43, 100, bytes - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        CU_ASSERT_EQUAL(truncate(progress, (off_t)lengths[i]), 0);
        refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "damaged.h5.progress: is damaged|delete it");
        refuse(path, BF_FORMAT_HDF5, &job, false, BF_ERR_INPUT, "damaged.h5.progress: is damaged|delete it");
        io_write("damaged.h5.progress", good, bytes);
    }
    good[60] = '\x01';
    io_write("damaged.h5.progress", good, bytes);
    refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "is damaged");
    free(good);
    CU_ASSERT_EQUAL(unlink(progress), 0);
    create(path, BF_FORMAT_HDF5, &job, false);
    CU_ASSERT_EQUAL(stat(partial, &info), 0);
    CU_ASSERT_EQUAL(truncate(partial, info.st_size - 1), 0);
    refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "damaged.h5.partial: is cut off");
    CU_ASSERT_EQUAL(unlink(partial), 0);
    refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "damaged.h5.partial: cannot be opened|damaged.h5.progress");
}

/* An earlier result stays whole until the new one is; a finish that was cut short after the renaming is finished by the next. */
static void earlier_result(void)
{
    for (int f = 0; f < 4; f++) {
        const bf_format_t format = (bf_format_t)f;
        const bf_job_t job = job_of(false);
        const char *path = file_of("earlier", format);
        FILE *old = fopen(path, "w");
        fputs("precious", old);
        fclose(old);
        create(path, format, &job, false);
        write_rest(path, format, &job);
        char *text = io_slurp(path, NULL);
        CU_ASSERT_STRING_EQUAL(text, "precious");
        free(text);
        if (format == BF_FORMAT_NPY || format == BF_FORMAT_HDF5)
            CU_ASSERT_EQUAL(rename(beside(path, ".partial"), path), 0);
        create(path, format, &job, true);
        finish(path, format, &job);
        check_result(path, format, &job);
    }
}

static void many_columns(void)
{
    enum { MANY = 20000 };
    char(*text)[16] = malloc(MANY * sizeof *text);
    const char **list = malloc(MANY * sizeof *list);
    for (int c = 0; c < MANY; c++) {
        snprintf(text[c], sizeof text[c], "f%d", c);
        list[c] = text[c];
    }
    bf_job_t job = job_of(true);
    job.rows = RANGE;
    job.columns = MANY;
    job.column_names = list;
    const char *path = file_of("many", BF_FORMAT_HDF5);
    uninterrupted(path, BF_FORMAT_HDF5, &job);
    check_hdf5(path, &job);
    path = file_of("many", BF_FORMAT_NPY);
    uninterrupted(path, BF_FORMAT_NPY, &job);
    check_npy(path, &job);
    free(list);
    free(text);
}

/* ---- killed processes ---- */

enum { PROCESSES = 3 };

/* One of the processes: every PROCESSES-th range that is not done. It dies before it has written more than @p limit of them: on a
 * fast machine the parent's signal would come too late. */
static void work(const char *path, bf_format_t format, const bf_job_t *job, int process, int64_t limit)
{
    bf_features_t *features = NULL;
    if (bf_features_attach(path, format, job, &features) != BF_OK)
        _exit(1);
    for (int64_t first = process * RANGE; first < job->rows; first += PROCESSES * RANGE) {
        if (bf_features_done(features, first))
            continue;
        if (limit-- == 0)
            raise(SIGKILL);
        if (write_range(features, job, first, RANGE) != BF_OK)
            _exit(1);
    }
    bf_features_close(features);
    _exit(0);
}

/* Run all processes; kill those of the mask after a while. @return how many ended by themselves and well */
static int run_processes(const char *path, bf_format_t format, const bf_job_t *job, unsigned victims, long delay_us)
{
    pid_t pids[PROCESSES];
    fflush(NULL);
    for (int p = 0; p < PROCESSES; p++) {
        pids[p] = fork();
        if (pids[p] == 0)
            work(path, format, job, p, victims >> p & 1U ? delay_us / 10000 : INT64_MAX);
    }
    const struct timespec delay = {.tv_nsec = delay_us * 1000};
    if (victims)
        nanosleep(&delay, NULL);
    int good = 0;
    for (int p = 0; p < PROCESSES; p++)
        if (victims >> p & 1U)
            kill(pids[p], SIGKILL);
    for (int p = 0; p < PROCESSES; p++) {
        int status = 0;
        waitpid(pids[p], &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    return good;
}

static void killed_processes(void)
{
    uint64_t draw = 1000;
    int unfinished = 0;
    for (int round = 0; round < 8; round++) {
        const bf_format_t format = round % 2 ? BF_FORMAT_HDF5 : BF_FORMAT_NPY;
        bf_job_t job = job_of(round / 2 % 2);
        job.rows = 2 * ROWS;
        const char *whole = file_of("killed-whole", format);
        uninterrupted(whole, format, &job);
        const char *path = file_of("killed", format);
        create(path, format, &job, false);
        bool complete = false;
        for (int attempt = 0; !complete && attempt < 5; attempt++) {
            const unsigned victims = attempt % 3 == 2 ? 7U : 1U << attempt % 3;
            const long delay = (long)(15000.0 * (1.0 + io_number(draw++)));
            complete = run_processes(path, format, &job, attempt < 3 ? victims : 0, delay) == PROCESSES;
            create(path, format, &job, true);
            bf_features_t *features = attach(path, format, &job);
            for (int64_t r = 0; r < job.rows; r++)
                unfinished += attempt == 0 && !bf_features_done(features, r);
            bf_features_close(features);
        }
        CU_ASSERT_TRUE(complete);
        write_rest(path, format, &job);
        finish(path, format, &job);
        CU_ASSERT(same_files(path, whole));
        check_result(path, format, &job);
    }
    CU_ASSERT(unfinished > 0); /* some were killed in the middle */
}

/* A whole job in one process: new or resumed, to the end. */
static void whole_job(const char *path, bf_format_t format, const bf_job_t *job)
{
    bf_features_t *features = NULL;
    if (bf_features_create(path, format, job, io_exists(beside(path, ".progress"))) != BF_OK ||
        bf_features_attach(path, format, job, &features) != BF_OK)
        _exit(1);
    for (int64_t first = 0; first < job->rows; first += RANGE)
        if (!bf_features_done(features, first) && write_range(features, job, first, RANGE) != BF_OK)
            _exit(1);
    bf_features_close(features);
    _exit(bf_features_finish(path, format, job) == BF_OK ? 0 : 1);
}

/* Killed anywhere, also while creating and finishing: at every moment the file is the earlier result or the whole new one. */
static void killed_anywhere(void)
{
    uint64_t draw = 5000;
    int kills = 0;
    for (int round = 0; round < 8; round++) {
        const bf_format_t format = (bf_format_t)(round % 4);
        const bf_job_t job = job_of(round / 4);
        const char *whole = file_of("anywhere-whole", format);
        uninterrupted(whole, format, &job);
        const char *path = file_of("anywhere", format);
        FILE *old = fopen(path, "w");
        fputs("precious", old);
        fclose(old);
        bool complete = false;
        for (int attempt = 0; !complete && attempt < 30; attempt++) {
            fflush(NULL);
            const pid_t pid = fork();
            if (pid == 0)
                whole_job(path, format, &job);
            const struct timespec delay = {.tv_nsec = (long)(1e6 * (attempt + 1) * (1.0 + io_number(draw++)))};
            nanosleep(&delay, NULL);
            if (attempt < 20)
                kill(pid, SIGKILL);
            int status = 0;
            waitpid(pid, &status, 0);
            kills += WIFSIGNALED(status);
            CU_ASSERT(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
            char *text = io_slurp(path, NULL);
            const bool still = text && strcmp(text, "precious") == 0;
            free(text);
            CU_ASSERT(still || same_files(path, whole));
            complete = !still && !io_exists(beside(path, ".progress"));
        }
        CU_ASSERT_TRUE(complete);
        CU_ASSERT(same_files(path, whole));
    }
    CU_ASSERT(kills > 0);
}

/* ---- disks and directories that do not let us ---- */

#define CHILD_CHECK(condition)                                                                                                   \
    do {                                                                                                                         \
        if (!(condition)) {                                                                                                      \
            printf("\n  %s:%d: %s: %s\n", __FILE__, __LINE__, #condition, bf_error_message());                                   \
            return 1;                                                                                                            \
        }                                                                                                                        \
    } while (0)

/* Run in a process of its own, which may lose its rights. @return what it returned */
static int in_child(int (*run)(const char *directory), const char *directory)
{
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        bf_error_clear();
        const int code = run(directory);
        fflush(NULL);
        _exit(code);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

/* The job does not fit: said at the start, nothing left over, the earlier result untouched. */
static int does_not_fit(const char *directory, bf_format_t format, int64_t rows, const char *reason)
{
    char path[600];
    snprintf(path, sizeof path, "%s/large.%s", directory, ends[format]);
    FILE *old = fopen(path, "w");
    CHILD_CHECK(old && fputs("precious", old) >= 0 && fclose(old) == 0);
    bf_job_t job = job_of(true);
    job.rows = rows;
    bf_error_clear();
    CHILD_CHECK(bf_features_create(path, format, &job, false) == BF_ERR_IO);
    CHILD_CHECK(io_error_says(reason));
    CHILD_CHECK(!io_exists(beside(path, ".partial")) && !io_exists(beside(path, ".progress")) &&
                !io_exists(beside(path, ".progress.new")));
    char *text = io_slurp(path, NULL);
    CHILD_CHECK(text && strcmp(text, "precious") == 0);
    free(text);
    return 0;
}

/* The numbers fit, their text does not: the rows are kept, and finishing works once there is room. */
static int text_does_not_fit(const char *directory, void (*make_room)(void))
{
    char path[600];
    snprintf(path, sizeof path, "%s/text.csv", directory);
    bf_job_t job = job_of(false);
    job.rows = 10 * ROWS; /* 120 kB of numbers, 300 kB of text */
    bf_error_clear();
    CHILD_CHECK(bf_features_create(path, BF_FORMAT_CSV, &job, false) == BF_OK);
    bf_features_t *features = NULL;
    CHILD_CHECK(bf_features_attach(path, BF_FORMAT_CSV, &job, &features) == BF_OK);
    CHILD_CHECK(write_range(features, &job, 0, job.rows) == BF_OK);
    bf_features_close(features);
    CHILD_CHECK(bf_features_finish(path, BF_FORMAT_CSV, &job) == BF_ERR_IO);
    CHILD_CHECK(io_error_says("text.csv: writing failed"));
    CHILD_CHECK(!io_exists(path) && io_exists(beside(path, ".partial")) && io_exists(beside(path, ".progress")));
    make_room();
    bf_error_clear();
    CHILD_CHECK(bf_features_create(path, BF_FORMAT_CSV, &job, true) == BF_OK);
    CHILD_CHECK(bf_features_finish(path, BF_FORMAT_CSV, &job) == BF_OK);
    CHILD_CHECK(!io_exists(beside(path, ".partial")) && !io_exists(beside(path, ".progress")));
    bf_table_t *table = NULL;
    CHILD_CHECK(bf_table_open(path, &table) == BF_OK && bf_table_rows(table) == job.rows);
    bf_table_close(table);
    return 0;
}

static void raise_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int file_size_limit(const char *directory)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 200000;
    CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (int f = 0; f < 4; f++)
        CHILD_CHECK(does_not_fit(directory, (bf_format_t)f, 100 * ROWS, "File too large|.partial: cannot reserve the 1") == 0);
    return text_does_not_fit(directory, raise_limit);
}

static void remove_filler(void)
{
    unlink("filler");
}

#define NOT_PERMITTED 77

/* A file system of 1 MiB that only this process sees. */
static int full_disk(const char *directory)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("none", directory, "tmpfs", 0, "size=1m") != 0)
        return NOT_PERMITTED;
    for (int f = 0; f < 4; f++)
        CHILD_CHECK(
            does_not_fit(directory, (bf_format_t)f, 100 * ROWS, "No space left on device|.partial: cannot reserve the 1") == 0);
    char *block = calloc(1, 700000);
    CHILD_CHECK(block && chdir(directory) == 0);
    FILE *filler = fopen("filler", "w");
    CHILD_CHECK(filler && fwrite(block, 1, 700000, filler) == 700000 && fclose(filler) == 0);
    free(block);
    return text_does_not_fit(directory, remove_filler);
}

static void full_disks(void)
{
    mkdir(io_path("limited"), 0700);
    CU_ASSERT_EQUAL(in_child(file_size_limit, io_path("limited")), 0);
    mkdir(io_path("small"), 0700);
    const int code = in_child(full_disk, io_path("small"));
    if (code == NOT_PERMITTED)
        printf("(no right to mount a small file system; the limit of file sizes stands for it) ");
    CU_ASSERT(code == 0 || code == NOT_PERMITTED);
}

static int unwritable(const char *directory)
{
    if (geteuid() == 0)
        CHILD_CHECK(setgid(65534) == 0 && setuid(65534) == 0);
    const bf_job_t job = job_of(false);
    for (int f = 0; f < 4; f++) {
        char path[600];
        snprintf(path, sizeof path, "%s/result.%s", directory, ends[f]);
        bf_error_clear();
        CHILD_CHECK(bf_features_create(path, (bf_format_t)f, &job, false) == BF_ERR_IO);
        CHILD_CHECK(io_error_says(".partial: cannot be written: Permission denied"));
    }
    return 0;
}

static void bad_targets(void)
{
    const bf_job_t job = job_of(false);
    chmod(io_path("."), 0755);
    mkdir(io_path("closed"), 0555);
    CU_ASSERT_EQUAL(in_child(unwritable, io_path("closed")), 0);
    refuse(io_path("nowhere/x.npy"), BF_FORMAT_NPY, &job, false, BF_ERR_IO,
           "nowhere/x.npy.partial: cannot be written: No such file");
    refuse(io_path("nowhere/x.h5"), BF_FORMAT_HDF5, &job, false, BF_ERR_IO,
           "nowhere/x.h5.partial: cannot be written: No such file");
    refuse(io_path("."), BF_FORMAT_NPY, &job, false, BF_ERR_INPUT, "not a regular file");
    refuse("/dev/null", BF_FORMAT_CSV, &job, false, BF_ERR_INPUT, "not a regular file");
    refuse("-", BF_FORMAT_CSV, &job, false, BF_ERR_INPUT, "--out FILE");
    refuse(NULL, BF_FORMAT_CSV, &job, false, BF_ERR_INPUT, "--out FILE");
    bf_job_t huge = job;
    huge.rows = INT64_MAX / 16;
    for (int f = 0; f < 4; f++)
        refuse(file_of("huge", (bf_format_t)f), (bf_format_t)f, &huge, false, BF_ERR_TOO_LARGE, "larger than any file");
}

int main(void)
{
    const bf_test_t tests[] = {{"round trips", round_trips},
                               {"resume after some ranges", resume_after_some},
                               {"other jobs", other_jobs},
                               {"damaged files", damaged_files},
                               {"earlier result", earlier_result},
                               {"many columns", many_columns},
                               {"killed processes", killed_processes},
                               {"killed anywhere", killed_anywhere},
                               {"full disks", full_disks},
                               {"bad targets", bad_targets},
                               {NULL, NULL}};
    return bf_cunit_main("features", io_open, io_close, tests);
}
