/* The result of a job of many rows: created once, written in place by every process, renamed when complete. */
#include "runtime/io/features_store.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((int64_t)1 << 16)

struct bf_features {
    bf_progress_t progress;
    int data; /* FILE.partial */
    char *name;
    int64_t columns;
    bool with_status;
    uint8_t *done; /* a bit per row */
};

char *bf_features_name(const char *path, const char *end)
{
    char *name = malloc(strlen(path) + strlen(end) + 1);
    if (!name) {
        (void)bf_error_set(BF_ERR_NOMEM, "out of memory");
        return NULL;
    }
    strcpy(name, path);
    return strcat(name, end);
}

bf_status_t bf_features_reserve(int file, const char *partial, int64_t end, bf_features_layout_t *layout)
{
    struct stat info;
    if (fstat(file, &info) != 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be examined: %s", partial, strerror(errno));
    layout->bytes = info.st_size > end ? info.st_size : end;
    layout->identity = info.st_ino;
    BF_TRY(bf_file_reserve(file, partial, layout->bytes));
    return fsync(file) == 0 ? BF_OK : bf_error_set(BF_ERR_IO, "%s: writing failed: %s", partial, strerror(errno));
}

/* Rows are written at their places, so they need a file, and one that may be replaced at the end. */
static bf_status_t check_target(const char *path, const bf_job_t *job)
{
    struct stat info;
    if (!path || strcmp(path, "-") == 0)
        return bf_error_set(BF_ERR_INPUT,
                            "many rows are written in any order and need a file: --out FILE.csv, .npy, .h5 or .json");
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return bf_error_set(BF_ERR_INPUT, "%s: is not a regular file; many rows are written in any order and need one", path);
    if (job->rows <= 0 || job->columns <= 0)
        return bf_error_set(BF_ERR_ARG, "%s: a result of %" PRId64 " rows and %" PRId64 " columns", path, job->rows,
                            job->columns);
    return BF_OK;
}

/* O_DSYNC: what is written is durable before it is marked. And without it NFS may write whole pages back, over the bytes that
 * other nodes have written beside ours meanwhile.
 *
 * FILE.partial, or FILE when finishing was interrupted between the renaming and the removal of the progress file. */
static bf_status_t open_data(const char *path, const bf_progress_t *progress, char **name, int *data)
{
    struct stat info;
    *name = bf_features_name(path, ".partial");
    if (!*name)
        return BF_ERR_NOMEM;
    *data = open(*name, O_RDWR | O_DSYNC | O_CLOEXEC);
    if (*data < 0 && errno == ENOENT && stat(path, &info) == 0 && info.st_ino == progress->layout.identity) {
        strcpy(*name, path);
        *data = open(path, O_RDWR | O_DSYNC | O_CLOEXEC);
    }
    if (*data < 0)
        return bf_error_set(BF_ERR_INPUT,
                            "%s: cannot be opened: %s; without it the run cannot be resumed: delete %s to start anew", *name,
                            strerror(errno), progress->path);
    if (fstat(*data, &info) != 0 || info.st_size < progress->layout.bytes)
        return bf_error_set(BF_ERR_INPUT, "%s: is cut off, the run cannot be resumed: delete %s to start anew", *name,
                            progress->path);
    return BF_OK;
}

static bf_status_t remove_old(const char *name)
{
    if (unlink(name) == 0 || errno == ENOENT)
        return BF_OK;
    return bf_error_set(BF_ERR_IO, "%s: cannot be replaced: %s", name, strerror(errno));
}

/* A new FILE.partial first and a new FILE.progress last, so that a progress file always speaks of a complete file. */
static bf_status_t create_new(const char *path, bf_format_t format, const bf_job_t *job)
{
    BF_TRY(bf_progress_refuse_lost(path));
    char *partial = bf_features_name(path, ".partial");
    char *progress = bf_features_name(path, ".progress");
    bf_status_t status = partial && progress ? BF_OK : BF_ERR_NOMEM;
    if (status == BF_OK)
        status = remove_old(progress);
    if (status == BF_OK) /* not reused: a rank that outlived its mpirun may still write to it */
        status = remove_old(partial);
    if (status == BF_OK) {
        bf_features_layout_t layout = {0};
        status = format == BF_FORMAT_HDF5 ? bf_features_create_hdf5(partial, job, &layout)
                                          : bf_features_create_npy(partial, job, &layout);
        if (status == BF_OK)
            status = bf_progress_create(path, format, job, &layout);
        if (status != BF_OK)
            unlink(partial);
    }
    free(progress);
    free(partial);
    return status;
}

bf_status_t bf_features_create(const char *path, bf_format_t format, const bf_job_t *job, bool resume)
{
    BF_TRY(check_target(path, job));
    if (!resume)
        return create_new(path, format, job);
    bf_features_t *features = NULL;
    BF_TRY(bf_features_attach(path, format, job, &features));
    bf_features_close(features);
    return BF_OK;
}

static bf_status_t load_marks(bf_features_t *features)
{
    const int64_t rows = features->progress.rows;
    uint8_t *marks = malloc((size_t)BLOCK);
    features->done = calloc((size_t)(rows / 8 + 1), 1);
    if (!marks || !features->done) {
        free(marks);
        return bf_error_set(BF_ERR_NOMEM, "out of memory: the marks of %" PRId64 " rows", rows);
    }
    bf_status_t status = BF_OK;
    for (int64_t first = 0; first < rows && status == BF_OK; first += BLOCK) {
        const int64_t count = rows - first < BLOCK ? rows - first : BLOCK;
        status = bf_progress_read(&features->progress, first, (size_t)count, marks);
        for (int64_t i = 0; i < count && status == BF_OK; i++)
            if (marks[i])
                features->done[(first + i) / 8] |= (uint8_t)(1U << ((first + i) % 8));
    }
    free(marks);
    return status;
}

bf_status_t bf_features_attach(const char *path, bf_format_t format, const bf_job_t *job, bf_features_t **out)
{
    *out = NULL;
    bf_features_t *features = calloc(1, sizeof *features);
    if (!features)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    features->data = -1;
    features->progress.file = -1;
    features->columns = job->columns;
    features->with_status = job->with_status;
    bf_status_t status = bf_progress_open(path, format, job, &features->progress);
    if (status == BF_OK)
        status = open_data(path, &features->progress, &features->name, &features->data);
    if (status == BF_OK)
        status = load_marks(features);
    if (status != BF_OK) {
        bf_features_close(features);
        return status;
    }
    *out = features;
    return BF_OK;
}

bool bf_features_done(const bf_features_t *features, int64_t row)
{
    return row >= 0 && row < features->progress.rows && ((unsigned)features->done[row / 8] >> (row % 8) & 1U) != 0;
}

/* Rows with their status as the last number. */
static bf_status_t write_with_status(const bf_features_t *features, int64_t first, int64_t count, const double *values,
                                     const uint8_t *status)
{
    const int64_t width = features->columns + 1;
    const int64_t most = width < BLOCK ? BLOCK / width : 1;
    double *block = malloc((size_t)(most * width) * sizeof *block);
    if (!block)
        return bf_error_set(BF_ERR_NOMEM, "out of memory while writing %s", features->name);
    bf_status_t result = BF_OK;
    for (int64_t done = 0; done < count && result == BF_OK; done += most) {
        const int64_t rows = count - done < most ? count - done : most;
        for (int64_t r = 0; r < rows; r++) {
            memcpy(block + r * width, values + (done + r) * features->columns, (size_t)features->columns * sizeof *values);
            block[r * width + features->columns] = (double)status[done + r];
        }
        const bf_features_layout_t *layout = &features->progress.layout;
        result = bf_file_write(features->data, features->name, block, (size_t)(rows * layout->stride),
                               layout->values + (first + done) * layout->stride);
    }
    free(block);
    return result;
}

static bf_status_t write_values(const bf_features_t *features, int64_t first, int64_t count, const double *values,
                                const uint8_t *status)
{
    const bf_features_layout_t *layout = &features->progress.layout;
    if (features->with_status && layout->status < 0)
        return write_with_status(features, first, count, values, status);
    BF_TRY(bf_file_write(features->data, features->name, values, (size_t)(count * layout->stride),
                         layout->values + first * layout->stride));
    return features->with_status ? bf_file_write(features->data, features->name, status, (size_t)count, layout->status + first)
                                 : BF_OK;
}

bf_status_t bf_features_write(bf_features_t *features, int64_t first, int64_t count, const double *values, const uint8_t *status)
{
    if (first < 0 || count < 0 || first > features->progress.rows - count || (features->with_status && !status))
        return bf_error_set(BF_ERR_ARG, "%s: %" PRId64 " rows from %" PRId64 " of a result of %" PRId64, features->name, count,
                            first, features->progress.rows);
    BF_TRY(write_values(features, first, count, values, status));
    BF_TRY(bf_progress_mark(&features->progress, first, count));
    for (int64_t row = first; row < first + count; row++)
        features->done[row / 8] |= (uint8_t)(1U << (row % 8));
    return BF_OK;
}

void bf_features_close(bf_features_t *features)
{
    if (!features)
        return;
    bf_progress_close(&features->progress);
    if (features->data >= 0)
        close(features->data);
    free(features->name);
    free(features->done);
    free(features);
}

/* The complete numbers become FILE: by renaming, or as text. */
static bf_status_t publish(const char *path, bf_format_t format, const bf_job_t *job, const bf_progress_t *progress,
                           const char *name, int data)
{
    if (fsync(data) != 0)
        return bf_error_set(BF_ERR_IO, "%s: writing failed: %s", name, strerror(errno));
    if (format == BF_FORMAT_CSV || format == BF_FORMAT_JSON)
        return bf_features_write_text(path, format, job, data, &progress->layout);
    if (strcmp(name, path) != 0 && rename(name, path) != 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be given its name: %s", path, strerror(errno));
    bf_file_sync_directory(path);
    return BF_OK;
}

bf_status_t bf_features_finish(const char *path, bf_format_t format, const bf_job_t *job)
{
    bf_progress_t progress;
    int64_t missing = -1;
    int data = -1;
    char *name = NULL;
    BF_TRY(bf_progress_open(path, format, job, &progress));
    bf_status_t status = bf_progress_missing(&progress, &missing);
    if (status == BF_OK && missing >= 0)
        status =
            bf_error_set(BF_ERR_INTERNAL, "%s: row %" PRId64 " is missing though all rows should be done; --resume computes it",
                         path, missing + 1);
    if (status == BF_OK)
        status = open_data(path, &progress, &name, &data);
    if (status == BF_OK)
        status = publish(path, format, job, &progress, name, data);
    if (status == BF_OK) { /* the progress file first: alone, FILE.partial means nothing */
        unlink(progress.path);
        if (strcmp(name, path) != 0)
            unlink(name);
        bf_file_sync_directory(path);
    }
    if (data >= 0)
        close(data);
    free(name);
    bf_progress_close(&progress);
    return status;
}
