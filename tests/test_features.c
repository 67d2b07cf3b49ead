/* Results of many rows: every format, resumption to the same bytes, refusals. */
#include "cunit_main.h"
#include "features_testing.h"
#include "io_testing.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void round_trips(void)
{
    for (int variant = 0; variant < 8; variant++) {
        const bf_format_t format = (bf_format_t)(variant / 2);
        const bf_job_t job = features_job(variant % 2);
        const char *path = features_path("round", format);
        features_create(path, format, &job, false);
        features_write_rest(path, format, &job);
        features_finish(path, format, &job);
        features_check(path, format, &job);
    }
}

/* Some ranges, a close, a resume: done() tells which, and the file is that of an uninterrupted run to the byte. */
static void resume_after_some(void)
{
    for (int variant = 0; variant < 8; variant++) {
        const bf_format_t format = (bf_format_t)(variant / 2);
        const bf_job_t job = features_job(variant % 2);
        const char *whole = features_path("whole", format);
        features_write_all(whole, format, &job);
        const char *path = features_path("resumed", format);
        unlink(path);
        features_create(path, format, &job, false);
        bf_features_t *features = features_attach(path, format, &job);
        CU_ASSERT_EQUAL(features_write(features, &job, 0, 1), BF_OK);
        CU_ASSERT_EQUAL(features_write(features, &job, 123, 77), BF_OK);
        CU_ASSERT_EQUAL(features_write(features, &job, FEATURES_ROWS - 1, 1), BF_OK);
        CU_ASSERT_EQUAL(features_write(features, &job, FEATURES_ROWS - 1, 2), BF_ERR_ARG);
        CU_ASSERT_EQUAL(features_write(features, &job, -1, 1), BF_ERR_ARG);
        bf_error_clear();
        bf_features_close(features);
        CU_ASSERT_EQUAL(bf_features_finish(path, format, &job), BF_ERR_INTERNAL);
        CU_ASSERT(io_error_says("row 2 is missing"));
        CU_ASSERT_FALSE(io_exists(path));
        features_create(path, format, &job, true);
        features = features_attach(path, format, &job);
        int64_t wrong = 0;
        for (int64_t r = 0; r < FEATURES_ROWS; r++)
            wrong += bf_features_done(features, r) != (r == 0 || (r >= 123 && r < 200) || r == FEATURES_ROWS - 1);
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_FALSE(bf_features_done(features, -1));
        CU_ASSERT_FALSE(bf_features_done(features, FEATURES_ROWS));
        bf_features_close(features);
        features_write_rest(path, format, &job);
        features_finish(path, format, &job);
        CU_ASSERT(features_same(path, whole));
        features_check(path, format, &job);
    }
}

static void other_jobs(void)
{
    const char *path = features_path("other", BF_FORMAT_NPY);
    const bf_job_t job = features_job(false);
    features_refuse(path, BF_FORMAT_NPY, &job, true, BF_ERR_INPUT, "nothing to resume|other.npy.progress|without --resume");
    features_create(path, BF_FORMAT_NPY, &job, false);
    features_create(path, BF_FORMAT_NPY, &job, false); /* nothing is done, so nothing is lost */
    bf_features_t *features = features_attach(path, BF_FORMAT_NPY, &job);
    CU_ASSERT_EQUAL(features_write(features, &job, 20, 9), BF_OK);
    bf_features_close(features);
    features_refuse(path, BF_FORMAT_NPY, &job, false, BF_ERR_INPUT, "9 of 300 rows done: --resume continues it");
    bf_job_t other = job;
    other.table++;
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "cannot resume: the table changed");
    other.rows++;
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the table changed");
    other.table = job.table;
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the number of rows changed");
    other = job;
    other.circuit = 18;
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the circuit changed");
    other = job;
    other.options = "{\"cutoff\": 1e-10, \"max_dim\": 64, \"observables\": \"xyz\"}";
    other.columns--;
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "option cutoff was 1e-12 and is 1e-10|same options");
    other.options = "{\"cutoff\": 1e-12, \"max_dim\": 64}";
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "option observables was \"xyz\" and is not given");
    other.options = "not JSON";
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the options differ");
    other.options = job.options;
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the number of columns changed");
    other = features_job(true);
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "status column changed");
    const char *const renamed[FEATURES_COLUMNS] = {"x0", "y0", "z0", "x1", "y1"};
    other = job;
    other.column_names = renamed;
    features_refuse(path, BF_FORMAT_NPY, &other, true, BF_ERR_INPUT, "the columns' names changed");
    features_refuse(path, BF_FORMAT_CSV, &job, true, BF_ERR_INPUT, "the format changed");
    features_create(path, BF_FORMAT_NPY, &job, true); /* none of this has harmed it */
    features = features_attach(path, BF_FORMAT_NPY, &job);
    CU_ASSERT(bf_features_done(features, 20) && bf_features_done(features, 28) && !bf_features_done(features, 29));
    bf_features_close(features);
}

static void damaged_files(void)
{
    const char *path = features_path("damaged", BF_FORMAT_HDF5);
    const bf_job_t job = features_job(true);
    features_create(path, BF_FORMAT_HDF5, &job, false);
    const char *partial = features_beside(path, ".partial");
    const char *progress = features_beside(path, ".progress");
    struct stat info;
    size_t bytes = 0;
    char *good = io_slurp(progress, &bytes);
    const size_t lengths[] = {0, 10, 43, 100, bytes - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        CU_ASSERT_EQUAL(truncate(progress, (off_t)lengths[i]), 0);
        features_refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "damaged.h5.progress: is damaged|delete it");
        features_refuse(path, BF_FORMAT_HDF5, &job, false, BF_ERR_INPUT, "damaged.h5.progress: is damaged|delete it");
        io_write("damaged.h5.progress", good, bytes);
    }
    good[60] = '\x01';
    io_write("damaged.h5.progress", good, bytes);
    features_refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "is damaged");
    free(good);
    CU_ASSERT_EQUAL(unlink(progress), 0);
    features_create(path, BF_FORMAT_HDF5, &job, false);
    CU_ASSERT_EQUAL(stat(partial, &info), 0);
    CU_ASSERT_EQUAL(truncate(partial, info.st_size - 1), 0);
    features_refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "damaged.h5.partial: is cut off");
    CU_ASSERT_EQUAL(unlink(partial), 0);
    features_refuse(path, BF_FORMAT_HDF5, &job, true, BF_ERR_INPUT, "damaged.h5.partial: cannot be opened|damaged.h5.progress");
}

/* An earlier result stays whole until the new one is; a finish that was cut short after the renaming is finished by the next. */
static void earlier_result(void)
{
    for (int f = 0; f < 4; f++) {
        const bf_format_t format = (bf_format_t)f;
        const bf_job_t job = features_job(false);
        const char *path = features_path("earlier", format);
        FILE *old = fopen(path, "w");
        fputs("precious", old);
        fclose(old);
        features_create(path, format, &job, false);
        features_write_rest(path, format, &job);
        char *text = io_slurp(path, NULL);
        CU_ASSERT_STRING_EQUAL(text, "precious");
        free(text);
        if (format == BF_FORMAT_NPY || format == BF_FORMAT_HDF5)
            CU_ASSERT_EQUAL(rename(features_beside(path, ".partial"), path), 0);
        features_create(path, format, &job, true);
        features_finish(path, format, &job);
        features_check(path, format, &job);
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
    bf_job_t job = features_job(true);
    job.rows = FEATURES_RANGE;
    job.columns = MANY;
    job.column_names = list;
    const char *path = features_path("many", BF_FORMAT_HDF5);
    features_write_all(path, BF_FORMAT_HDF5, &job);
    features_check(path, BF_FORMAT_HDF5, &job);
    path = features_path("many", BF_FORMAT_NPY);
    features_write_all(path, BF_FORMAT_NPY, &job);
    features_check(path, BF_FORMAT_NPY, &job);
    free(list);
    free(text);
}

int main(void)
{
    const bf_test_t tests[] = {{"round trips", round_trips},
                               {"resume after some ranges", resume_after_some},
                               {"other jobs", other_jobs},
                               {"damaged files", damaged_files},
                               {"earlier result", earlier_result},
                               {"many columns", many_columns},
                               {NULL, NULL}};
    return bf_cunit_main("features", io_open, io_close, tests);
}
