/* Tables: every format gives back the numbers that were written, and everything that is not a table of numbers is refused by
 * name. */
#include "cunit_main.h"
#include "io_testing.h"
#include "runtime/io/table.h"

#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define ROWS    5000 /* several entries of the CSV index */
#define COLUMNS 7

static bf_table_t *accept(const char *path)
{
    bf_table_t *table = NULL;
    bf_error_clear();
    const bf_status_t status = bf_table_open(path, &table);
    if (status != BF_OK)
        printf("\n  %s\n", bf_error_message());
    CU_ASSERT_EQUAL_FATAL(status, BF_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    return table;
}

static void refuse(const char *path, const char *words)
{
    bf_table_t *table = NULL;
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_table_open(path, &table), BF_ERR_INPUT);
    CU_ASSERT_PTR_NULL(table);
    CU_ASSERT(io_error_says(words));
}

/* Reading all rows fails with this code and these words. */
static void refuse_rows(const char *path, bf_status_t code, const char *words)
{
    bf_table_t *table = accept(path);
    double *values = malloc((size_t)(bf_table_rows(table) * bf_table_columns(table)) * sizeof *values);
    CU_ASSERT_EQUAL(bf_table_read(table, 0, bf_table_rows(table), BF_BAD_ROWS_FAIL, values, NULL), code);
    CU_ASSERT(io_error_says(words));
    free(values);
    bf_table_close(table);
}

static double expected(int64_t row, int64_t column)
{
    return io_number((uint64_t)(row * COLUMNS + column));
}

/* Ranges forward, backward, far, of one row, of none and of all: the numbers of `scale`d expected(), to the bit. */
static void check_ranges(bf_table_t *table, double (*number)(int64_t row, int64_t column))
{
    static const int64_t ranges[][2] = {{0, 1},      {1, 700},  {701, 400},  {4999, 1}, {0, ROWS}, {1023, 2},
                                        {4096, 904}, {2048, 1}, {2049, 500}, {10, 0},   {17, 1},   {3000, 1999}};
    CU_ASSERT_EQUAL_FATAL(bf_table_rows(table), ROWS);
    CU_ASSERT_EQUAL_FATAL(bf_table_columns(table), COLUMNS);
    double *values = malloc(sizeof(double) * ROWS * COLUMNS);
    uint8_t *bad = malloc(ROWS);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const int64_t first = ranges[i][0];
        const int64_t count = ranges[i][1];
        memset(bad, 7, ROWS);
        memset(values, 0, sizeof(double) * ROWS * COLUMNS);
        const bf_bad_rows_t policy = i % 2 ? BF_BAD_ROWS_SKIP : BF_BAD_ROWS_FAIL;
        CU_ASSERT_EQUAL(bf_table_read(table, first, count, policy, values, bad), BF_OK);
        int64_t wrong = 0;
        for (int64_t r = 0; r < count; r++) {
            wrong += bad[r] != (i % 2 ? 0 : 7);
            for (int64_t c = 0; c < COLUMNS; c++) {
                const double want = number(first + r, c);
                wrong += memcmp(&want, &values[r * COLUMNS + c], sizeof want) != 0;
            }
        }
        CU_ASSERT_EQUAL(wrong, 0);
    }
    CU_ASSERT_EQUAL(bf_table_read(table, ROWS - 1, 2, BF_BAD_ROWS_FAIL, values, NULL), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_table_read(table, -1, 1, BF_BAD_ROWS_FAIL, values, NULL), BF_ERR_ARG);
    CU_ASSERT_EQUAL(bf_table_read(table, 0, 1, BF_BAD_ROWS_SKIP, values, NULL), BF_ERR_ARG);
    bf_error_clear();
    free(bad);
    free(values);
}

/* ---- CSV ---- */

/* Plain, with quotes and blanks, with CRLF, without the last line end. */
static char *csv_text(bool quotes, const char *line_end, size_t *length)
{
    char *text = malloc((size_t)ROWS * COLUMNS * 40);
    char *at = text;
    for (int c = 0; c < COLUMNS; c++)
        at += sprintf(at, "%sx%d", c ? "," : "", c);
    for (int64_t r = 0; r < ROWS; r++)
        for (int64_t c = 0; c < COLUMNS; c++) {
            const char *quote = quotes && (r + c) % 3 == 0 ? "\"" : "";
            const char *blank = quotes && (r + c) % 5 == 0 ? " \t" : "";
            at += sprintf(at, "%s%s%s%.17g%s%s", c ? "," : line_end, blank, quote, expected(r, c), quote, blank);
        }
    *length = (size_t)(at - text);
    return text;
}

static void check_csv(const char *path)
{
    bf_table_t *table = accept(path);
    CU_ASSERT_STRING_EQUAL(bf_table_column_name(table, 0), "x0");
    CU_ASSERT_STRING_EQUAL(bf_table_column_name(table, COLUMNS - 1), "x6");
    CU_ASSERT_PTR_NULL(bf_table_column_name(table, COLUMNS));
    CU_ASSERT_PTR_NULL(bf_table_column_name(table, -1));
    check_ranges(table, expected);
    bf_table_close(table);
}

static void csv_round_trip(void)
{
    size_t length = 0;
    char *text = csv_text(false, "\n", &length);
    check_csv(io_write("plain.csv", text, length));
    strcpy(text + length, "\n\n\r\n");
    check_csv(io_write("blank-end.csv", text, length + 4));
    free(text);
    text = csv_text(true, "\r\n", &length);
    check_csv(io_write("quoted.csv", text, length));
    free(text);
}

static void csv_gzip(void)
{
    size_t length = 0;
    char *text = csv_text(true, "\n", &length);
    gzFile stream = gzopen(io_path("table.csv.gz"), "wb");
    CU_ASSERT_EQUAL_FATAL(gzwrite(stream, text, (unsigned)length), (int)length);
    gzclose(stream);
    free(text);
    check_csv(io_path("table.csv.gz"));
    char *packed = io_slurp(io_path("table.csv.gz"), &length);
    refuse(io_write("short.csv.gz", packed, length - 20), "short.csv.gz|gzip file is cut off");
    packed[length / 2] = (char)~packed[length / 2];
    packed[length / 2 + 1] = (char)~packed[length / 2 + 1];
    bf_table_t *table = NULL;
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_table_open(io_write("damaged.csv.gz", packed, length), &table), BF_ERR_INPUT);
    bf_table_close(table);
    free(packed);
}

static void csv_names(const char *text, int64_t columns, const char *const *names)
{
    bf_table_t *table = accept(io_text("names.csv", text));
    CU_ASSERT_EQUAL_FATAL(bf_table_columns(table), columns);
    CU_ASSERT_EQUAL(bf_table_rows(table), 1);
    for (int64_t c = 0; c < columns; c++)
        CU_ASSERT_STRING_EQUAL(bf_table_column_name(table, c), names[c]);
    double values[8] = {0.0};
    CU_ASSERT_EQUAL(bf_table_read(table, 0, 1, BF_BAD_ROWS_FAIL, values, NULL), BF_OK);
    for (int64_t c = 0; c < columns; c++)
        CU_ASSERT_EQUAL(values[c], (double)(c + 1));
    bf_table_close(table);
}

static void csv_headers(void)
{
    csv_names("a,b\n1,2\n", 2, (const char *[]){"a", "b"});
    csv_names("\xef\xbb\xbf"
              "a,b\r\n1,2\r\n",
              2, (const char *[]){"a", "b"});
    csv_names(" a , \"b, c\" ,\"d \"\"e\"\"\"\n1,2,3", 3, (const char *[]){"a", "b, c", "d \"e\""});
    csv_names("\"two\nlines\",b\n1,2\n", 2, (const char *[]){"two\nlines", "b"});
    csv_names("\"he said \"\"hi\"\"\n, there\",b\n1,2\n", 2, (const char *[]){"he said \"hi\"\n, there", "b"});
    csv_names("theta\n1", 1, (const char *[]){"theta"});
    csv_names(",0,1\n1,2,3\n", 3, (const char *[]){"", "0", "1"});
    csv_names("a\"b,c\n1,2\n", 2, (const char *[]){"a\"b", "c"});
    csv_names("\xce\xb8,\xce\xb3\n1,2\n", 2, (const char *[]){"\xce\xb8", "\xce\xb3"});
    refuse(io_text("bad.csv", ""), "bad.csv|first line is empty");
    refuse(io_text("bad.csv", "\na,b\n1,2\n"), "first line is empty");
    refuse(io_text("bad.csv", "0.5,1.5\n1,2\n"), "numbers only|header");
    refuse(io_text("bad.csv", "a,b\n"), "0 rows of 2 columns");
    refuse(io_text("bad.csv", "a,b"), "0 rows of 2 columns");
    refuse(io_text("bad.csv", "a,b,a\n1,2,3\n"), "two columns are named \"a\"");
    refuse(io_write("bad.csv",
                    "\xff\xfe"
                    "a\0,\0b\0\n\0",
                    10),
           "UTF-16");
    refuse(io_write("bad.csv", "a\0,b\n1,2\n", 9), "zero byte");
    refuse(io_text("bad.csv", "a,b\n1,2\n3,\"4\n5,6\n"), "row 2|quoted cell is not closed");
}

/* Numbers that a hasty parser gets wrong: halfway cases, denormals, many digits, every spelling. */
static void csv_numbers(void)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"9007199254740993", 9007199254740992.0},
                 {"1.00000000000000011102230246251565404", 1.0},
                 {"1.00000000000000011102230246251565405", 1.0000000000000002},
                 {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
                 {"4.9406564584124654e-324", 0x1p-1074},
                 {"1e-400", 0.0},
                 {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
                 {"0.1", 0.1},
                 {"-.5", -0.5},
                 {"+3.", 3.0},
                 {"1E+2", 100.0},
                 {"00012", 12.0},
                 {"-0", -0.0},
                 {"8.5e-3", 0.0085},
                 {"179769313486231570000000000000000000000e270", 0x1.fffffffffffffp1023},
                 {"0.30000000000000004", 0.1 + 0.2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        double values[2] = {0.0};
        snprintf(text, sizeof text, "a,b\n%s, \"%s\"\n", cases[i].text, cases[i].text);
        bf_table_t *table = accept(io_text("numbers.csv", text));
        CU_ASSERT_EQUAL(bf_table_read(table, 0, 1, BF_BAD_ROWS_FAIL, values, NULL), BF_OK);
        CU_ASSERT(memcmp(&values[0], &cases[i].value, sizeof(double)) == 0);
        CU_ASSERT(memcmp(&values[1], &cases[i].value, sizeof(double)) == 0);
        bf_table_close(table);
    }
}

/* One bad row after 1500 good ones, and one good row behind it: named, or skipped alone. */
static void csv_bad_row(const char *line, const char *words)
{
    char text[16384] = "a,b,c\n";
    char *at = text + strlen(text);
    for (int r = 0; r < 1500; r++)
        at += sprintf(at, "1,2,%d\n", r % 10);
    sprintf(at, "%s\n4,5,6\n", line);
    const char *path = io_text("cells.csv", text);
    refuse_rows(path, BF_ERR_INPUT, words);
    CU_ASSERT(io_error_says("cells.csv: row 1501|--bad-rows skip"));
    bf_table_t *table = accept(path);
    double values[9];
    uint8_t bad[3] = {9, 9, 9};
    CU_ASSERT_EQUAL(bf_table_rows(table), 1502);
    CU_ASSERT_EQUAL(bf_table_read(table, 1499, 3, BF_BAD_ROWS_SKIP, values, bad), BF_OK);
    CU_ASSERT(bad[0] == 0 && bad[1] == 1 && bad[2] == 0);
    CU_ASSERT(values[2] == 9.0 && isnan(values[3]) && isnan(values[4]) && isnan(values[5]) && values[6] == 4.0 &&
              values[8] == 6.0);
    CU_ASSERT_EQUAL(bf_error_code(), BF_OK);
    bf_table_close(table);
}

static void csv_bad_cells(void)
{
    csv_bad_row("1,,3", "column 2 (b): the cell is empty");
    csv_bad_row("1,\"\",3", "column 2 (b): the cell is empty");
    csv_bad_row(",,", "column 1 (a): the cell is empty");
    csv_bad_row("1,abc,3", "column 2 (b): \"abc\" is not a number");
    csv_bad_row("1,2,NA", "column 3 (c): \"NA\" is not a number");
    csv_bad_row("1,2,0x10", "\"0x10\" is not a number");
    csv_bad_row("1,2,1.5.2", "\"1.5.2\" is not a number");
    csv_bad_row("1,2,1 000", "\"1 000\" is not a number");
    csv_bad_row("1,2,--4", "\"--4\" is not a number");
    csv_bad_row("1,2,.", "\".\" is not a number");
    csv_bad_row("1,2,3e", "\"3e\" is not a number");
    csv_bad_row("1;2;3", "\"1;2;3\" is not a number");
    csv_bad_row("nan,2,3", "column 1 (a): \"nan\" is not a finite number");
    csv_bad_row("-Inf,2,3", "\"-Inf\" is not a finite number");
    csv_bad_row("1,+infinity,3", "\"+infinity\" is not a finite number");
    csv_bad_row("1,1e999,3", "\"1e999\" is too large");
    csv_bad_row("1,\"2\"x,3", "column 2 (b)|is not a number");
    csv_bad_row("1,2", "has 2 cells where the header has 3");
    csv_bad_row("1,2,3,", "has 4 cells where the header has 3");
    csv_bad_row("1,2,3,4,5", "has 5 cells where the header has 3");
    csv_bad_row("", "the line is empty");
}

static void csv_long_lines(void)
{
    enum { WIDE = 200000 }; /* a line longer than the buffer */
    char *text = malloc(WIDE * 24);
    char *at = text;
    for (int c = 0; c < WIDE; c++)
        at += sprintf(at, "%sc%d", c ? "," : "", c);
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < WIDE; c++)
            at += sprintf(at, "%s%d", c ? "," : "\n", c + r);
    bf_table_t *table = accept(io_write("wide.csv", text, (size_t)(at - text)));
    double *values = malloc(sizeof(double) * WIDE);
    CU_ASSERT_EQUAL(bf_table_columns(table), WIDE);
    CU_ASSERT_EQUAL(bf_table_rows(table), 2);
    CU_ASSERT_EQUAL(bf_table_read(table, 1, 1, BF_BAD_ROWS_FAIL, values, NULL), BF_OK);
    CU_ASSERT_EQUAL(values[WIDE - 1], (double)WIDE);
    bf_table_close(table);
    free(values);
    free(text);
}

/* ---- .npy ---- */

static double expected_single(int64_t row, int64_t column)
{
    return (double)(float)expected(row, column);
}

/* Write a .npy with the given version and dictionary. */
static const char *npy_write(const char *name, int major, const char *dictionary, const void *data, size_t bytes)
{
    const size_t start = major == 1 ? 10 : 12;
    const size_t length = strlen(dictionary) + 3;
    char *all = calloc(start + length + bytes + 1, 1);
    memcpy(all, "\x93NUMPY", 6);
    all[6] = (char)major;
    all[8] = (char)(length & 255);
    all[9] = (char)(length >> 8);
    memcpy(all + start, dictionary, length - 3);
    memcpy(all + start + length - 3, "  \n", 3);
    if (bytes)
        memcpy(all + start + length, data, bytes);
    const char *path = io_write(name, all, start + length + bytes);
    free(all);
    return path;
}

static void npy_round_trip(void)
{
    char *data = malloc((size_t)8 * ROWS * COLUMNS);
    for (int variant = 0; variant < 8; variant++) {
        const bool single = variant & 1;
        const bool fortran = variant & 2;
        const size_t size = single ? 4 : 8;
        char dictionary[160];
        snprintf(dictionary, sizeof dictionary, "{'descr': '<f%d', 'fortran_order': %s, 'shape': (%d, %d), }", (int)size,
                 fortran ? "True" : "False", ROWS, COLUMNS);
        for (int64_t r = 0; r < ROWS; r++)
            for (int64_t c = 0; c < COLUMNS; c++) {
                const double number = expected(r, c);
                const float narrow = (float)number;
                char *to = data + (size_t)(fortran ? c * ROWS + r : r * COLUMNS + c) * size;
                memcpy(to, single ? (const void *)&narrow : (const void *)&number, size);
            }
        const int major = 1 + variant % 3;
        const char *path = npy_write("table.npy", major, dictionary, data, size * ROWS * COLUMNS);
        bf_table_t *table = accept(path);
        CU_ASSERT_PTR_NULL(bf_table_column_name(table, 0));
        check_ranges(table, single ? expected_single : expected);
        bf_table_close(table);
        refuse(npy_write("short.npy", major, dictionary, data, size * ROWS * COLUMNS - 1),
               "short.npy: is cut off|5000 rows of 7 columns");
    }
    free(data);
}

#define NPY_TAIL ", 'fortran_order': False, 'shape': (2, 2), }"

static void npy_variants(void)
{
    const double data[4] = {1.0, 2.0, 3.0, 4.0};
    bf_table_t *table =
        accept(npy_write("odd-name.dat", 1, "{\"shape\": (4,), \"fortran_order\":True, \"descr\": \"<f8\"}", data, 32));
    double values[4];
    CU_ASSERT_EQUAL(bf_table_rows(table), 4);
    CU_ASSERT_EQUAL(bf_table_columns(table), 1);
    CU_ASSERT_EQUAL(bf_table_read(table, 2, 2, BF_BAD_ROWS_FAIL, values, NULL), BF_OK);
    CU_ASSERT(values[0] == 3.0 && values[1] == 4.0);
    bf_table_close(table);
    refuse(npy_write("bad.npy", 1, "{'descr': '>f8'" NPY_TAIL, data, 32), "'>f8'|'<f8' or '<f4'");
    refuse(npy_write("bad.npy", 1, "{'descr': '<i8'" NPY_TAIL, data, 32), "'<i8'|astype");
    refuse(npy_write("bad.npy", 1, "{'descr': '|O'" NPY_TAIL, data, 32), "'|O'");
    refuse(npy_write("bad.npy", 1, "{'descr': '<c16'" NPY_TAIL, data, 32), "'<c16'");
    refuse(npy_write("bad.npy", 1, "{'descr': [('a', '<f8')]" NPY_TAIL, data, 32), "holds records");
    refuse(npy_write("bad.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1, 2), }", data, 32), "3 dimensions");
    refuse(npy_write("bad.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", data, 32), "0 dimensions");
    refuse(npy_write("bad.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4), }", data, 32),
           "0 rows of 4 columns");
    refuse(npy_write("bad.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 2), }", data, 32),
           "not a tuple of sizes");
    refuse(npy_write("bad.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", data, 32),
           "impossibly large");
    refuse(npy_write("bad.npy", 1, "{'descr': '<f8', 'shape': (2, 2), }", data, 32), "does not say the order");
    refuse(npy_write("bad.npy", 1, "{'fortran_order': False, 'shape': (2, 2), }", data, 32), "names no data type");
    refuse(io_write("bad.npy",
                    "\x93NUMPY\x01\x00\x20\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }0123456789abcdef", 82),
           "does not say the order");
    refuse(npy_write("bad.npy", 1, "{'descr': '<f8', 'fortran_order': False}", data, 32), "has no shape");
    refuse(npy_write("bad.npy", 4, "{'descr': '<f8'" NPY_TAIL, data, 32), "version 4.0 is not known");
    refuse(io_text("bad.npy", "x0,x1\n1,2\n"), "not a good .npy file");
    refuse(io_write("bad.npy", "\x93NUMPY\x01\x00\x76\x00{'descr'", 18), "header is cut off");
    refuse(io_write("bad.npy", "\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'", 20), "header is too long");
    refuse(io_write("bad.npy", "\x93NUMPY", 6), "not a good .npy file");
}

static void npy_bad_cells(void)
{
    const double data[6] = {1.0, 2.0, 3.0, (double)NAN, (double)-INFINITY, 6.0};
    const char *path =
        npy_write("cells.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", data, sizeof data);
    refuse_rows(path, BF_ERR_INPUT, "cells.npy: row 2, column 2: NaN|finite|--bad-rows skip");
    bf_table_t *table = accept(path);
    double values[6];
    uint8_t bad[3];
    CU_ASSERT_EQUAL(bf_table_read(table, 2, 1, BF_BAD_ROWS_FAIL, values, NULL), BF_ERR_INPUT);
    CU_ASSERT(io_error_says("row 3, column 1: Inf"));
    bf_error_clear();
    CU_ASSERT_EQUAL(bf_table_read(table, 0, 3, BF_BAD_ROWS_SKIP, values, bad), BF_OK);
    CU_ASSERT(bad[0] == 0 && bad[1] == 1 && bad[2] == 1);
    CU_ASSERT(values[1] == 2.0 && isnan(values[2]) && isnan(values[5]));
    bf_table_close(table);
}

/* ---- HDF5 ---- */

/* A dataset of rows x columns of the given type, contiguous or in chunks. */
static void hdf5_dataset(hid_t file, const char *name, hid_t type, const hsize_t dims[2], const hsize_t *chunk,
                         const double *data)
{
    const hid_t space = H5Screate_simple(2, dims, NULL);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk) {
        H5Pset_chunk(creation, 2, chunk);
        H5Pset_deflate(creation, 1);
    }
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    CU_ASSERT(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(set);
    H5Pclose(creation);
    H5Sclose(space);
}

/* The attribute `columns`: names of fixed length (8 bytes each) or pointers to names. */
static void hdf5_names(hid_t file, const char *name, size_t length, hsize_t count, const void *names)
{
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length);
    const hid_t space = H5Screate_simple(1, &count, NULL);
    const hid_t attribute = H5Acreate2(set, "columns", type, space, H5P_DEFAULT, H5P_DEFAULT);
    CU_ASSERT(H5Awrite(attribute, type, names) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
}

static void hdf5_write(const char *path)
{
    double *data = malloc(sizeof(double) * ROWS * COLUMNS);
    for (int64_t i = 0; i < ROWS * COLUMNS; i++)
        data[i] = expected(i / COLUMNS, i % COLUMNS);
    const hsize_t dims[2] = {ROWS, COLUMNS};
    const hsize_t chunk[2] = {999, 3};
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "/group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hdf5_dataset(file, "/flat", H5T_IEEE_F64LE, dims, NULL, data);
    hdf5_dataset(file, "/group/packed", H5T_IEEE_F64BE, dims, chunk, data);
    hdf5_dataset(file, "/single", H5T_IEEE_F32LE, dims, NULL, data);
    const double few[6] = {1.0, -2.0, 3.0, (double)NAN, 5.0, 6.0};
    hdf5_dataset(file, "/integers", H5T_STD_I16LE, (const hsize_t[2]){1, 3}, NULL, few);
    hdf5_dataset(file, "/bad", H5T_IEEE_F64LE, (const hsize_t[2]){3, 2}, NULL, few);
    hdf5_names(file, "/bad", H5T_VARIABLE, 2, (const char *[]){"alpha", "beta"});
    hdf5_names(file, "/integers", 8, 2, "a\0......b\0......");
    const char text[7][8] = {"t0", "t1", "t2", "t3", "t4", "t5", "sevenfit"};
    hdf5_names(file, "/flat", 8, 7, text);
    const hsize_t three[3] = {2, 2, 2};
    const hid_t space = H5Screate_simple(3, three, NULL);
    H5Dclose(H5Dcreate2(file, "/cube", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "/text", H5T_C_S1, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Fclose(file);
    free(data);
}

static void hdf5_round_trip(void)
{
    hdf5_write(io_path("table.h5"));
    bf_table_t *table = accept(io_path("table.h5:/flat"));
    CU_ASSERT_STRING_EQUAL(bf_table_column_name(table, 0), "t0");
    CU_ASSERT_STRING_EQUAL(bf_table_column_name(table, 6), "sevenfit");
    const uint64_t flat = bf_table_fingerprint(table);
    check_ranges(table, expected);
    bf_table_close(table);
    table = accept(io_path("table.h5:/group/packed"));
    CU_ASSERT_PTR_NULL(bf_table_column_name(table, 0));
    CU_ASSERT_NOT_EQUAL(bf_table_fingerprint(table), flat);
    check_ranges(table, expected);
    bf_table_close(table);
    table = accept(io_path("table.h5:single"));
    check_ranges(table, expected_single);
    bf_table_close(table);
}

static void hdf5_refusals(void)
{
    refuse(io_path("table.h5"), "which dataset?|/flat|/group/packed");
    refuse(io_path("table.h5:/nothing"), "has no dataset /nothing|/flat");
    refuse(io_path("table.h5:/group"), "has no dataset /group");
    refuse(io_path("table.h5:/cube"), "3 dimensions");
    refuse(io_path("table.h5:/text"), "holds text");
    refuse(io_path("table.h5:/integers"), "attribute columns is not a list of 3 names");
    refuse(io_text("fake.h5", "x0\n1\n"), "fake.h5: is not a good HDF5 file");
    refuse_rows(io_path("table.h5:/bad"), BF_ERR_INPUT, "row 2, column 2 (beta): NaN");
    size_t length = 0;
    char *data = io_slurp(io_path("table.h5"), &length);
    refuse(io_write("hidden.dat", data, length), "is an HDF5 file|.h5");
    refuse(io_write("cut.h5", data, length / 2), "cut.h5: is not a good HDF5 file");
    free(data);
}

/* ---- files that are not there, or do not stay ---- */

static void not_files(void)
{
    refuse(io_path("absent.csv"), "absent.csv: cannot be read: No such file");
    refuse(io_path("absent.h5:/x"), "absent.h5: cannot be read: No such file");
    refuse(io_path("."), "not a regular file");
    mkfifo(io_path("pipe.csv"), 0600);
    const int keep = open(io_path("pipe.csv"), O_RDWR); /* or opening it to read would wait */
    refuse(io_path("pipe.csv"), "not a regular file");
    close(keep);
}

/* Open, read a row, change the file, read again: an I/O error and no numbers. */
static void check_change(const char *path, const char *file, int change)
{
    bf_table_t *table = accept(path);
    double values[COLUMNS];
    CU_ASSERT_EQUAL(bf_table_read(table, 0, 1, BF_BAD_ROWS_FAIL, values, NULL), BF_OK);
    struct stat before;
    stat(file, &before);
    if (change == 0)
        CU_ASSERT_EQUAL(truncate(file, before.st_size / 2), 0);
    if (change == 1) {
        FILE *stream = fopen(file, "ab");
        fputs("1,2,3\n", stream);
        fclose(stream);
    }
    if (change >= 2) { /* the same length, another second or another nanosecond */
        struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, before.st_mtim};
        times[1].tv_sec += change == 2;
        times[1].tv_nsec ^= change == 3;
        utimensat(AT_FDCWD, file, times, 0);
    }
    const int64_t last = bf_table_rows(table) - 1;
    uint8_t bad = 0;
    CU_ASSERT_EQUAL(bf_table_read(table, last, 1, change == 1 ? BF_BAD_ROWS_SKIP : BF_BAD_ROWS_FAIL, values, &bad), BF_ERR_IO);
    CU_ASSERT(io_error_says("changed while being read"));
    bf_table_close(table);
}

static void changed_tables(void)
{
    size_t length = 0;
    char *text = csv_text(false, "\n", &length);
    double *numbers = malloc(sizeof(double) * ROWS * COLUMNS);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        numbers[i] = io_number((uint64_t)i);
    for (int change = 0; change < 4; change++) {
        check_change(io_write("change.csv", text, length), io_path("change.csv"), change);
        npy_write("change.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (5000, 7), }", numbers,
                  sizeof(double) * ROWS * COLUMNS);
        check_change(io_path("change.npy"), io_path("change.npy"), change);
        hdf5_write(io_path("change.h5"));
        check_change(io_path("change.h5:/flat"), io_path("change.h5"), change);
    }
    free(numbers);
    free(text);
}

static uint64_t fingerprint_of(const char *path)
{
    bf_table_t *table = accept(path);
    const uint64_t value = bf_table_fingerprint(table);
    bf_table_close(table);
    return value;
}

static void fingerprints(void)
{
    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    const char *path = io_text("print.csv", "a,b\n1,2\n");
    utimensat(AT_FDCWD, path, times, 0);
    const uint64_t first = fingerprint_of(path);
    CU_ASSERT_EQUAL(fingerprint_of(path), first);
    io_text("print.csv", "a,b\n1,3\n");
    utimensat(AT_FDCWD, path, times, 0);
    CU_ASSERT_NOT_EQUAL(fingerprint_of(path), first);
    io_text("print.csv", "a,c\n1,2\n");
    utimensat(AT_FDCWD, path, times, 0);
    CU_ASSERT_NOT_EQUAL(fingerprint_of(path), first);
    io_text("print.csv", "a,b\n1,2\n");
    CU_ASSERT_NOT_EQUAL(fingerprint_of(path), first);
    utimensat(AT_FDCWD, path, times, 0);
    CU_ASSERT_EQUAL(fingerprint_of(path), first);
}

int main(void)
{
    const bf_test_t tests[] = {
        {"CSV round trip", csv_round_trip},   {"CSV gzip", csv_gzip},           {"CSV headers", csv_headers},
        {"CSV numbers", csv_numbers},         {"CSV bad cells", csv_bad_cells}, {"CSV long lines", csv_long_lines},
        {"npy round trip", npy_round_trip},   {"npy variants", npy_variants},   {"npy bad cells", npy_bad_cells},
        {"HDF5 round trip", hdf5_round_trip}, {"HDF5 refusals", hdf5_refusals}, {"not files", not_files},
        {"changed tables", changed_tables},   {"fingerprints", fingerprints},   {NULL, NULL}};
    return bf_cunit_main("table", io_open, io_close, tests);
}
