/* Tables in HDF5: one dataset of rows and columns, read by hyperslabs. HDF5 converts every float and integer type to double. */
#include "runtime/io/table_source.h"

/* H5Ovisit2 tells of objects in the form of HDF5 1.10; later versions have another one by default. */
#define H5O_info_t_vers 1
#include <hdf5.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CACHE_BYTES ((size_t)256 << 20) /* a larger chunk is decompressed at every read */

typedef struct hdf5 {
    hid_t file, set;
    int rank; /* dimensions of the dataset: 1 (a single column) or 2 */
} hdf5_t;

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory while opening a table");
}

/* Collects the names of the first datasets of a file, for the message that asks for one. */
static herr_t list_dataset(hid_t root, const char *name, const H5O_info_t *info, void *arg)
{
    (void)root;
    char *list = arg;
    const size_t used = strlen(list);
    if (info->type == H5O_TYPE_DATASET && used + strlen(name) + 4 < 256)
        sprintf(list + used, "%s/%s", used ? ", " : "", name);
    return 0;
}

static bf_status_t which_dataset(const bf_table_t *table, hid_t file)
{
    char list[256] = "";
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, list_dataset, list, H5O_INFO_BASIC);
    const char *asked = table->dataset ? table->dataset : "";
    return bf_error_set(BF_ERR_INPUT, "%s: %s%s; expected %s:/DATASET, it holds %s", table->path,
                        *asked ? "has no dataset " : "which dataset?", asked, table->path, *list ? list : "none");
}

static bf_status_t open_file(bf_table_t *table, hdf5_t *h)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(access, false, true); /* readers need no lock, and not every file system has one */
    h->file = H5Fopen(table->path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (h->file < 0)
        return bf_error_set(BF_ERR_INPUT, "%s: is not a good HDF5 file", table->path);
    if (!table->dataset || !*table->dataset)
        return which_dataset(table, h->file);
    h->set = H5Dopen2(h->file, table->dataset, H5P_DEFAULT);
    return h->set >= 0 ? BF_OK : which_dataset(table, h->file);
}

static bf_status_t check_type(const bf_table_t *table, const hdf5_t *h)
{
    const hid_t type = H5Dget_type(h->set);
    const H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    if (class == H5T_FLOAT || class == H5T_INTEGER)
        return BF_OK;
    return bf_error_set(BF_ERR_INPUT, "%s:%s: holds %s; expected floats or integers", table->path, table->dataset,
                        class == H5T_COMPOUND ? "records"
                        : class == H5T_STRING ? "text"
                                              : "no plain numbers");
}

static bf_status_t take_shape(bf_table_t *table, hdf5_t *h)
{
    hsize_t dims[2] = {0, 1};
    const hid_t space = H5Dget_space(h->set);
    h->rank = H5Sget_simple_extent_ndims(space);
    const bool good = h->rank == 1 || h->rank == 2;
    if (good)
        H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    if (!good)
        return bf_error_set(BF_ERR_INPUT, "%s:%s: has %d dimensions; expected two, rows and columns", table->path, table->dataset,
                            h->rank);
    table->rows = (int64_t)dims[0];
    table->columns = (int64_t)dims[1];
    return BF_OK;
}

/* Reopen a chunked dataset with a cache that holds the chunks of one row, or every read would decompress them again. */
static bf_status_t enlarge_cache(const bf_table_t *table, hdf5_t *h)
{
    hsize_t chunk[2] = {1, 1};
    const hid_t creation = H5Dget_create_plist(h->set);
    const bool chunked = H5Pget_layout(creation) == H5D_CHUNKED && H5Pget_chunk(creation, 2, chunk) > 0;
    H5Pclose(creation);
    if (!chunked)
        return BF_OK;
    const size_t across = ((size_t)table->columns + chunk[1] - 1) / chunk[1];
    size_t bytes = 0;
    if (__builtin_mul_overflow(chunk[0] * chunk[1] * sizeof(double), across, &bytes) || bytes > MAX_CACHE_BYTES)
        bytes = MAX_CACHE_BYTES;
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, 100 * across + 1, bytes > 1 << 20 ? bytes : 1 << 20, H5D_CHUNK_CACHE_W0_DEFAULT);
    H5Dclose(h->set);
    h->set = H5Dopen2(h->file, table->dataset, access);
    H5Pclose(access);
    return h->set >= 0 ? BF_OK : which_dataset(table, h->file);
}

static bf_status_t copy_names(bf_table_t *table, hid_t attribute, hid_t type)
{
    const size_t columns = (size_t)table->columns;
    const bool variable = H5Tis_variable_str(type) > 0;
    const size_t size = H5Tget_size(type);
    char *raw = calloc(columns, size);
    if (!raw)
        return no_memory();
    bf_status_t status = BF_OK;
    if (H5Aread(attribute, type, raw) < 0)
        status = bf_error_set(BF_ERR_IO, "%s:%s: its attribute columns cannot be read", table->path, table->dataset);
    for (size_t c = 0; c < columns && status == BF_OK; c++) {
        char *text = NULL; /* a pointer to the text, or the text itself */
        if (variable)
            memcpy(&text, raw + c * size, sizeof text);
        table->names[c] = variable ? strdup(text ? text : "") : strndup(raw + c * size, size);
        if (!table->names[c])
            status = no_memory();
    }
    if (variable) {
        const hid_t space = H5Aget_space(attribute);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
        H5Sclose(space);
    }
    free(raw);
    return status;
}

static bf_status_t take_names(bf_table_t *table, const hdf5_t *h)
{
    if (H5Aexists(h->set, "columns") <= 0)
        return BF_OK;
    const hid_t attribute = H5Aopen(h->set, "columns", H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    bf_status_t status = BF_OK;
    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != table->columns)
        status = bf_error_set(BF_ERR_INPUT, "%s:%s: its attribute columns is not a list of %lld names; correct or remove it",
                              table->path, table->dataset, (long long)table->columns);
    if (status == BF_OK)
        status = bf_table_make_names(table);
    if (status == BF_OK)
        status = copy_names(table, attribute, type);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

static bf_status_t hdf5_read(bf_table_t *table, int64_t first, int64_t count, double *values, uint8_t *bad)
{
    const hdf5_t *h = table->source;
    const hsize_t start[2] = {(hsize_t)first, 0};
    const hsize_t size[2] = {(hsize_t)count, (hsize_t)table->columns};
    const hid_t space = H5Dget_space(h->set);
    const hid_t memory = H5Screate_simple(h->rank, size, NULL);
    const bool good = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0 &&
                      H5Dread(h->set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    if (!good) {
        BF_TRY(bf_table_unchanged(table));
        return bf_error_set(BF_ERR_IO,
                            "%s:%s: rows %" PRId64 " to %" PRId64
                            " cannot be read: the file is damaged or its compression is not known here",
                            table->path, table->dataset, first + 1, first + count);
    }
    return bf_table_check_finite(table, first, count, values, bad);
}

static void hdf5_close(void *source)
{
    hdf5_t *h = source;
    if (h->set >= 0)
        H5Dclose(h->set);
    if (h->file >= 0)
        H5Fclose(h->file);
    free(h);
}

bf_status_t bf_table_open_hdf5(bf_table_t *table)
{
    static const bf_table_format_t format = {hdf5_read, hdf5_close};
    hdf5_t *h = malloc(sizeof *h);
    if (!h)
        return no_memory();
    *h = (hdf5_t){.file = H5I_INVALID_HID, .set = H5I_INVALID_HID};
    table->format = &format;
    table->source = h;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* one message of ours instead of HDF5's stack */
    BF_TRY(open_file(table, h));
    BF_TRY(check_type(table, h));
    BF_TRY(take_shape(table, h));
    BF_TRY(enlarge_cache(table, h));
    return take_names(table, h);
}
