/* Result files in four formats. */
#include "runtime/io/io.h"

#include <hdf5.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

bf_status_t bf_format_of(const char *path, bf_format_t *format)
{
    static const struct {
        const char *end;
        bf_format_t format;
    } known[] = {{".csv", BF_FORMAT_CSV},
                 {".npy", BF_FORMAT_NPY},
                 {".h5", BF_FORMAT_HDF5},
                 {".hdf5", BF_FORMAT_HDF5},
                 {".json", BF_FORMAT_JSON}};
    *format = BF_FORMAT_CSV;
    if (!path || strcmp(path, "-") == 0)
        return BF_OK;
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const size_t end = strlen(known[i].end);
        if (length >= end && strcmp(path + length - end, known[i].end) == 0) {
            *format = known[i].format;
            return BF_OK;
        }
    }
    return bf_error_set(BF_ERR_INPUT, "--out %s: the name should end in .csv, .npy, .h5 or .json", path);
}

static bf_status_t write_csv(FILE *stream, bf_site_t n, const double *xyz)
{
    fputs("site,x,y,z\n", stream);
    for (bf_site_t q = 0; q < n; q++)
        fprintf(stream, "%d,%.17g,%.17g,%.17g\n", (int)q, xyz[3 * q], xyz[3 * q + 1], xyz[3 * q + 2]);
    return BF_OK;
}

/* NumPy's format 1.0: magic, version, length of a dictionary padded so that the data start at a multiple of 64. */
static bf_status_t write_npy(FILE *stream, bf_site_t n, const double *xyz)
{
    char head[128];
    memset(head, ' ', sizeof head);
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int length =
        snprintf(head + 10, sizeof head - 10, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 3), }", (int)n);
    head[10 + length] = ' ';
    head[sizeof head - 1] = '\n';
    fwrite(head, 1, sizeof head, stream);
    fwrite(xyz, sizeof *xyz, 3 * (size_t)n, stream);
    return BF_OK;
}

static bf_status_t write_hdf5(const char *file_name, bf_site_t n, const double *xyz)
{
    if (!file_name)
        return bf_error_set(BF_ERR_IO, "HDF5 needs a file, not a pipe or a device");
    bf_status_t status = BF_ERR_IO;
    const hsize_t dims[2] = {(hsize_t)n, 3};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* one message of ours instead of HDF5's stack */
    const hid_t file = H5Fcreate(file_name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(2, dims, NULL);
    const hid_t set = H5Dcreate2(file, "xyz", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, sizeof BONDFLOW_VERSION);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t version = H5Acreate2(set, "bondflow", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
    if (set >= 0 && version >= 0 && H5Awrite(version, text, BONDFLOW_VERSION) >= 0 &&
        H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, xyz) >= 0)
        status = BF_OK;
    H5Aclose(version);
    H5Sclose(scalar);
    H5Tclose(text);
    H5Dclose(set);
    H5Sclose(space);
    if (H5Fclose(file) < 0)
        status = BF_ERR_IO;
    return status == BF_OK ? BF_OK : bf_error_set(BF_ERR_IO, "HDF5 could not write %s", file_name);
}

static bf_status_t write_json(FILE *stream, bf_site_t n, const double *xyz)
{
    static const char *const names[3] = {"x", "y", "z"};
    json_t *root = json_object();
    for (int i = 0; i < 3; i++) {
        json_t *column = json_array();
        for (bf_site_t q = 0; q < n; q++)
            json_array_append_new(column, json_real(xyz[3 * q + i]));
        json_object_set_new(root, names[i], column);
    }
    const int code = json_dumpf(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    fputc('\n', stream);
    json_decref(root);
    return code == 0 ? BF_OK : bf_error_set(BF_ERR_IO, "writing JSON failed");
}

bf_status_t bf_write_xyz(bf_output_t *output, bf_format_t format, bf_site_t n, const double *xyz)
{
    switch (format) {
    case BF_FORMAT_NPY:
        return write_npy(bf_output_stream(output), n, xyz);
    case BF_FORMAT_HDF5:
        return write_hdf5(bf_output_scratch(output), n, xyz);
    case BF_FORMAT_JSON:
        return write_json(bf_output_stream(output), n, xyz);
    case BF_FORMAT_CSV:
    default:
        return write_csv(bf_output_stream(output), n, xyz);
    }
}

bf_status_t bf_write_ledger(bf_output_t *output, const bf_ledger_entry_t *entries, size_t count)
{
    static const char *const types[4] = {"complex128", "complex64", "float64", "float32"};
    FILE *stream = bf_output_stream(output);
    fputs("update,line,bond,chi_before,chi_after,eps,eps_max_dim,method,fallbacks,type\n", stream);
    for (size_t i = 0; i < count; i++) {
        const bf_ledger_entry_t *e = &entries[i];
        fprintf(stream, "%zu,%" PRId32 ",%" PRId32 ",%" PRId32 ",%" PRId32 ",%.17g,%.17g,%s,%u,%s\n", i, e->line, e->bond,
                e->chi_before, e->chi_after, e->eps, e->eps_max_dim, bf_method_name((bf_method_t)e->method),
                (unsigned)e->fallbacks, types[e->type & 3]);
    }
    return BF_OK;
}
