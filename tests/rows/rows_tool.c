/* rows_tool table FILE.npy ROWS COLUMNS SEED    write a table of standard normal numbers
 * rows_tool dump FILE.h5 DATASET               the raw numbers of a dataset, on standard output */
#include "oracle_random.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 128

static int write_table(const char *name, long long rows, long long columns, uint64_t seed)
{
    oracle_rng_t rng = {seed};
    char header[HEADER_BYTES];
    FILE *out = fopen(name, "wb");
    if (!out)
        return EXIT_FAILURE;
    fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, out);
    snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': (%lld, %lld), }", rows, columns);
    fprintf(out, "%-*s\n", HEADER_BYTES - 11, header);
    for (long long k = 0; k < rows * columns; k++) {
        const double value = oracle_rng_normal(&rng);
        fwrite(&value, sizeof value, 1, out);
    }
    return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int dump(const char *name, const char *dataset)
{
    const hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    const hid_t data = file < 0 ? H5I_INVALID_HID : H5Dopen2(file, dataset, H5P_DEFAULT);
    if (data < 0)
        return EXIT_FAILURE;
    const hid_t space = H5Dget_space(data);
    const hid_t type = H5Dget_type(data);
    const size_t bytes = (size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type);
    void *values = malloc(bytes);
    const int failed =
        !values || H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0 || fwrite(values, 1, bytes, stdout) != bytes;
    free(values);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(data);
    H5Fclose(file);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "table") == 0)
        return write_table(argv[2], atoll(argv[3]), atoll(argv[4]), strtoull(argv[5], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "dump") == 0)
        return dump(argv[2], argv[3]);
    fputs("usage: rows_tool table FILE.npy ROWS COLUMNS SEED | dump FILE.h5 DATASET\n", stderr);
    return EXIT_FAILURE;
}
