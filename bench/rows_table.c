/* rows_table FILE.npy ROWS COLUMNS SEED [COLUMN PERIOD]: standard normal numbers; with the last two, COLUMN is 1 in every
 * PERIOD-th row and 0 in the others. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADER_BYTES 128

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 7) {
        fputs("usage: rows_table FILE.npy ROWS COLUMNS SEED [COLUMN PERIOD]\n", stderr);
        return EXIT_FAILURE;
    }
    const long long rows = atoll(argv[2]);
    const long long columns = atoll(argv[3]);
    uint64_t state = strtoull(argv[4], NULL, 10);
    const long long marked = argc == 7 ? atoll(argv[5]) : -1;
    const long long period = argc == 7 ? atoll(argv[6]) : 1;
    FILE *out = fopen(argv[1], "wb");
    if (!out) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    char header[HEADER_BYTES];
    fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, out);
    snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': (%lld, %lld), }", rows, columns);
    fprintf(out, "%-*s\n", HEADER_BYTES - 11, header);
    for (long long row = 0; row < rows; row++)
        for (long long column = 0; column < columns; column++) {
            const double number = bench_normal(&state);
            const double value = column != marked ? number : row % period == 0 ? 1.0 : 0.0;
            fwrite(&value, sizeof value, 1, out);
        }
    return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
