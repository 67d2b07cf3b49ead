/* Result files in four formats. */
#include "runtime/io/io.h"

#include <hdf5.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bf_status_t bf_format_of(const char *option, const char *path, bf_format_t *format)
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
    return bf_error_set(BF_ERR_INPUT, "%s %s: the name should end in .csv, .npy, .h5 or .json", option, path);
}

/* What is written: n lines of numbers under names. */
typedef struct sheet {
    bf_site_t n;
    size_t columns;
    const char *const *names;
    const double *values;
    const bf_site_t *qubits; /**< of each line; NULL: 0 .. n - 1 */
} sheet_t;

static bf_status_t write_csv(FILE *stream, const sheet_t *sheet)
{
    fputs("site", stream);
    for (size_t c = 0; c < sheet->columns; c++)
        fprintf(stream, ",%s", sheet->names[c]);
    fputc('\n', stream);
    const double *value = sheet->values;
    for (bf_site_t q = 0; q < sheet->n; q++) {
        fprintf(stream, "%d", (int)(sheet->qubits ? sheet->qubits[q] : q));
        for (size_t c = 0; c < sheet->columns; c++, value++)
            if (isnan(*value))
                fputc(',', stream);
            else
                fprintf(stream, ",%.17g", *value);
        fputc('\n', stream);
    }
    return BF_OK;
}

/* NumPy's format 1.0: magic, version, length of a dictionary padded so that the data start at a multiple of 64. */
static bf_status_t write_npy(FILE *stream, const sheet_t *sheet)
{
    char head[128];
    memset(head, ' ', sizeof head);
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int length = snprintf(head + 10, sizeof head - 10, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %zu), }",
                                (int)sheet->n, sheet->columns);
    head[10 + length] = ' ';
    head[sizeof head - 1] = '\n';
    fwrite(head, 1, sizeof head, stream);
    fwrite(sheet->values, sizeof *sheet->values, sheet->columns * (size_t)sheet->n, stream);
    return BF_OK;
}

static bool put_attribute(hid_t set, const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text) + 1);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(set, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    const bool written = attribute >= 0 && H5Awrite(attribute, type, text) >= 0;
    H5Aclose(attribute);
    H5Sclose(scalar);
    H5Tclose(type);
    return written;
}

/* The names of the columns, joined by commas. */
static bool put_names(hid_t set, const sheet_t *sheet)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return false;
    for (size_t c = 0; c < sheet->columns; c++)
        fprintf(stream, "%s%s", c ? "," : "", sheet->names[c]);
    fclose(stream);
    const bool written = put_attribute(set, "columns", text);
    free(text);
    return written;
}

static bf_status_t write_hdf5(const char *file_name, const sheet_t *sheet)
{
    if (!file_name)
        return bf_error_set(BF_ERR_IO, "HDF5 needs a file, not a pipe or a device");
    const hsize_t dims[2] = {(hsize_t)sheet->n, (hsize_t)sheet->columns};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* one message of ours instead of HDF5's stack */
    const hid_t file = H5Fcreate(file_name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(2, dims, NULL);
    const hid_t set = H5Dcreate2(file, "xyz", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool written = set >= 0 && put_attribute(set, "bondflow", BONDFLOW_VERSION) && put_names(set, sheet) &&
                   H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, sheet->values) >= 0;
    H5Dclose(set);
    H5Sclose(space);
    written = H5Fclose(file) >= 0 && written;
    return written ? BF_OK : bf_error_set(BF_ERR_IO, "HDF5 could not write %s", file_name);
}

static bf_status_t write_json(FILE *stream, const sheet_t *sheet)
{
    json_t *root = json_object();
    for (size_t c = 0; c < sheet->columns; c++) {
        json_t *column = json_array();
        for (bf_site_t q = 0; q < sheet->n; q++) {
            const double value = sheet->values[(size_t)q * sheet->columns + c];
            json_array_append_new(column, isnan(value) ? json_null() : json_real(value));
        }
        json_object_set_new(root, sheet->names[c], column);
    }
    if (sheet->qubits) {
        json_t *column = json_array();
        for (bf_site_t q = 0; q < sheet->n; q++)
            json_array_append_new(column, json_integer(sheet->qubits[q]));
        json_object_set_new(root, "site", column);
    }
    const int code = json_dumpf(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    fputc('\n', stream);
    json_decref(root);
    return code == 0 ? BF_OK : bf_error_set(BF_ERR_IO, "writing JSON failed");
}

bf_status_t bf_write_sites(bf_output_t *output, bf_format_t format, bf_site_t n, size_t columns, const char *const *names,
                           const double *values, const bf_site_t *qubits)
{
    const sheet_t sheet = {.n = n, .columns = columns, .names = names, .values = values, .qubits = qubits};
    switch (format) {
    case BF_FORMAT_NPY:
        return write_npy(bf_output_stream(output), &sheet);
    case BF_FORMAT_HDF5:
        return write_hdf5(bf_output_scratch(output), &sheet);
    case BF_FORMAT_JSON:
        return write_json(bf_output_stream(output), &sheet);
    case BF_FORMAT_CSV:
    default:
        return write_csv(bf_output_stream(output), &sheet);
    }
}

bf_status_t bf_write_ledger(bf_output_t *output, const bf_ledger_entry_t *entries, size_t count)
{
    static const char *const types[4] = {"complex128", "complex64", "float64", "float32"};
    FILE *stream = bf_output_stream(output);
    fputs("update,line,bond,chi_before,chi_after,eps,eps_max_dim,method,fallbacks,type,sectors\n", stream);
    for (size_t i = 0; i < count; i++) {
        const bf_ledger_entry_t *e = &entries[i];
        fprintf(stream, "%zu,%" PRId32 ",%" PRId32 ",%" PRId32 ",%" PRId32 ",%.17g,%.17g,%s,%u,%s,%" PRId32 "\n", i, e->line,
                e->bond, e->chi_before, e->chi_after, e->eps, e->eps_max_dim, bf_method_name((bf_method_t)e->method),
                (unsigned)e->fallbacks, types[e->type & 3], e->sectors);
    }
    return BF_OK;
}
