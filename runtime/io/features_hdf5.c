/* FILE.partial as HDF5. The library makes the file once, with the space of every row allocated; from then on rows are written in
 * place at the datasets' offsets, by any number of processes, with no lock and no metadata that a killed process could leave half
 * written. */
#include "runtime/io/features_store.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Creation of a dataset whose bytes exist, are never filled by the library, and lie in one piece. */
static hid_t create_dataset(hid_t file, const char *name, hid_t type, int rank, const hsize_t *dims)
{
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(creation, H5D_CONTIGUOUS);
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    H5Pset_obj_track_times(creation, false); /* the same job gives the same bytes */
    const hid_t space = H5Screate_simple(rank, dims, NULL);
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(creation);
    return set;
}

/* An attribute of one value, or with count >= 0 a list. */
static bool write_attribute(hid_t object, const char *name, hid_t type, int64_t count, const void *value)
{
    const hsize_t dims[1] = {(hsize_t)count};
    const hid_t space = count < 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, dims, NULL);
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool good = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(space);
    return good;
}

/* UTF-8 of any length, which h5py gives back as str. */
static hid_t text_type(void)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static bool write_text(hid_t object, const char *name, const char *text)
{
    const hid_t type = text_type();
    const bool good = H5Aexists(object, name) > 0 || write_attribute(object, name, type, -1, &text);
    H5Tclose(type);
    return good;
}

static bool write_json(hid_t object, const char *name, const json_t *value)
{
    if (json_is_string(value))
        return write_text(object, name, json_string_value(value));
    if (json_is_integer(value)) {
        const int64_t number = json_integer_value(value);
        return write_attribute(object, name, H5T_NATIVE_INT64, -1, &number);
    }
    if (json_is_real(value)) {
        const double number = json_real_value(value);
        return write_attribute(object, name, H5T_NATIVE_DOUBLE, -1, &number);
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    const bool good = text && write_text(object, name, text);
    free(text);
    return good;
}

/* The keys of the job's JSON object one by one, then what identifies the job where they did not say it. */
static bool write_attributes(hid_t file, const bf_job_t *job)
{
    bool good = true;
    json_t *given = job->attributes ? json_loads(job->attributes, 0, NULL) : NULL;
    if (json_is_object(given)) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach(given, key, value) good = good && write_json(file, key, value);
    } else if (job->attributes)
        good = write_text(file, "attributes", job->attributes);
    json_decref(given);
    char hash[2][20];
    snprintf(hash[0], sizeof hash[0], "%016" PRIx64, job->circuit);
    snprintf(hash[1], sizeof hash[1], "%016" PRIx64, job->table);
    return good && write_text(file, "bondflow", BONDFLOW_VERSION) &&
           write_text(file, "options", job->options ? job->options : "") && write_text(file, "circuit_hash", hash[0]) &&
           write_text(file, "table_hash", hash[1]);
}

static bool write_names(hid_t set, const bf_job_t *job)
{
    const hid_t type = text_type();
    const bool good = write_attribute(set, "columns", type, job->columns, job->column_names);
    H5Tclose(type);
    return good;
}

/* The datasets and where they lie. @return whether all went well */
static bool fill_file(hid_t file, const bf_job_t *job, bf_features_layout_t *layout)
{
    const hsize_t dims[2] = {(hsize_t)job->rows, (hsize_t)job->columns};
    const hid_t set = create_dataset(file, "features", H5T_IEEE_F64LE, 2, dims);
    if (set < 0)
        return false;
    bool good = write_names(set, job) && write_attributes(file, job);
    const haddr_t values = H5Dget_offset(set);
    good = H5Dclose(set) >= 0 && good && values != HADDR_UNDEF;
    layout->values = (int64_t)values;
    layout->stride = job->columns * (int64_t)sizeof(double);
    layout->status = -1;
    if (!good || !job->with_status)
        return good;
    const hid_t flags = create_dataset(file, "status", H5T_STD_U8LE, 1, dims);
    if (flags < 0)
        return false;
    const haddr_t status = H5Dget_offset(flags);
    layout->status = (int64_t)status;
    return H5Dclose(flags) >= 0 && status != HADDR_UNDEF;
}

static hid_t create_file(const char *partial)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    /* Since 1.8 attributes may be larger than an object header: thousands of column names. */
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
    H5Pset_alignment(access, 4096, 4096);
    H5Pset_file_locking(access, false, true); /* one process makes it; not every file system has locks */
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(creation, false);
    const hid_t file = H5Fcreate(partial, H5F_ACC_TRUNC, creation, access);
    H5Pclose(creation);
    H5Pclose(access);
    return file;
}

bf_status_t bf_features_create_hdf5(const char *partial, const bf_job_t *job, bf_features_layout_t *layout)
{
    int64_t bytes = 0; /* of the numbers; HDF5 makes the file as large as all that is in it */
    if (__builtin_mul_overflow(job->rows, job->columns * (int64_t)sizeof(double), &bytes))
        return bf_error_set(BF_ERR_TOO_LARGE, "a result of %" PRId64 " rows and %" PRId64 " columns is larger than any file",
                            job->rows, job->columns);
    /* HDF5 keeps the operating system's reasons to itself, so the two likely failures are met without it. */
    const int data = open(partial, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (data < 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", partial, strerror(errno));
    const bf_status_t room = bf_file_reserve(data, partial, bytes);
    if (room != BF_OK) {
        close(data);
        return room;
    }
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const hid_t file = create_file(partial);
    bool good = file >= 0 && fill_file(file, job, layout);
    good = file >= 0 && H5Fclose(file) >= 0 && good;
    const bf_status_t status = good ? bf_features_reserve(data, partial, bytes, layout)
                                    : bf_error_set(BF_ERR_IO, "%s: HDF5 could not create it; is the disk full?", partial);
    close(data);
    return status;
}
