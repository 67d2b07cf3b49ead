/* Counted bit strings and their order, and how they are printed, against the same done bit by bit. */
#include "cunit_main.h"
#include "oracle_random.h"
#include "runtime/observe/counts.h"

#include <stdlib.h>
#include <string.h>

#define SEED 20261122

static int bit_of(const uint8_t *row, size_t bit)
{
    return row[bit / 8] >> bit % 8 & 1;
}

static void print_naively(const uint8_t *row, size_t n_bits, bf_bit_order_t order, char *text)
{
    for (size_t i = 0; i < n_bits; i++)
        text[i] = (char)('0' + bit_of(row, order == BF_BIT_0_LEFT ? i : n_bits - 1 - i));
    text[n_bits] = '\0';
}

static void random_row(oracle_rng_t *rng, size_t n_bits, uint8_t *row)
{
    memset(row, 0, bf_bits_bytes(n_bits));
    for (size_t i = 0; i < n_bits; i++)
        row[i / 8] |= (uint8_t)(oracle_rng_below(rng, 2) << i % 8);
}

static void test_print(void)
{
    oracle_rng_t rng = {SEED};
    uint8_t row[40];
    char got[400], want[400];
    for (size_t n_bits = 1; n_bits <= 300; n_bits++)
        for (int order = BF_BIT_0_RIGHT; order <= BF_BIT_0_LEFT; order++) {
            random_row(&rng, n_bits, row);
            memset(got, 'x', sizeof got);
            bf_bits_print(row, n_bits, (bf_bit_order_t)order, got);
            print_naively(row, n_bits, (bf_bit_order_t)order, want);
            CU_ASSERT_STRING_EQUAL(got, want);
        }
}

/* @return how often @p text is among @p n strings of @p length characters. */
static uint64_t times_among(const char *texts, size_t n, size_t length, const char *text)
{
    uint64_t times = 0;
    for (size_t i = 0; i < n; i++)
        times += strcmp(texts + i * (length + 1), text) == 0;
    return times;
}

/* Rows chosen among few or many, counted, and asked for in order: printed, equally frequent ones ascend as strings do. */
static void check_counts(oracle_rng_t *rng, size_t n_bits, size_t n, int alphabet, bf_bit_order_t order)
{
    const size_t bytes = bf_bits_bytes(n_bits);
    uint8_t *letters = malloc((size_t)alphabet * bytes), *rows = malloc(n * bytes);
    char *texts = malloc(n * (n_bits + 1)), *before = malloc(n_bits + 1), *text = malloc(n_bits + 1);
    for (int i = 0; i < alphabet; i++)
        random_row(rng, n_bits, letters + (size_t)i * bytes);
    for (size_t i = 0; i < n; i++) { /* the first ones far more often */
        const int letter = oracle_rng_below(rng, 1 + oracle_rng_below(rng, alphabet));
        memcpy(rows + i * bytes, letters + (size_t)letter * bytes, bytes);
        print_naively(rows + i * bytes, n_bits, order, texts + i * (n_bits + 1));
    }
    bf_counts_t *counts = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_counts_create(n_bits, &counts), BF_OK);
    CU_ASSERT_EQUAL(bf_counts_add(counts, rows, n / 3), BF_OK);
    CU_ASSERT_EQUAL(bf_counts_sort(counts, order), BF_OK);
    CU_ASSERT_EQUAL(bf_counts_add(counts, rows + n / 3 * bytes, n - n / 3), BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_counts_sort(counts, order), BF_OK);
    uint64_t last = UINT64_MAX, sum = 0;
    for (size_t i = 0; i < bf_counts_size(counts); i++) {
        uint64_t times = 0;
        print_naively(bf_counts_get(counts, i, &times), n_bits, order, text);
        CU_ASSERT_EQUAL(times, times_among(texts, n, n_bits, text));
        CU_ASSERT(times < last || (times == last && strcmp(before, text) < 0));
        strcpy(before, text);
        last = times;
        sum += times;
    }
    CU_ASSERT_EQUAL(sum, n);
    bf_counts_destroy(counts);
    free(letters);
    free(rows);
    free(texts);
    free(before);
    free(text);
}

static void test_counts(void)
{
    oracle_rng_t rng = {SEED};
    const size_t bits[] = {1, 3, 8, 9, 63, 64, 65, 100, 128, 200};
    const int alphabets[] = {1, 2, 30, 1500};
    for (size_t b = 0; b < sizeof bits / sizeof *bits; b++)
        for (size_t a = 0; a < sizeof alphabets / sizeof *alphabets; a++)
            for (int order = BF_BIT_0_RIGHT; order <= BF_BIT_0_LEFT; order++)
                check_counts(&rng, bits[b], 900, alphabets[a], (bf_bit_order_t)order);
}

/* Counts beyond one byte and one word's worth of a digit. */
static void test_frequent(void)
{
    const uint8_t rows[3][1] = {{1}, {2}, {3}};
    bf_counts_t *counts = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_counts_create(2, &counts), BF_OK);
    for (int i = 0; i < 70000; i++)
        CU_ASSERT_EQUAL(bf_counts_add(counts, rows[0], 1), BF_OK);
    for (int i = 0; i < 256; i++)
        CU_ASSERT_EQUAL(bf_counts_add(counts, rows[1], i < 255 ? 1 : 2), BF_OK); /* the last time row 2 comes along */
    CU_ASSERT_EQUAL(bf_counts_sort(counts, BF_BIT_0_RIGHT), BF_OK);
    const uint64_t want[] = {70000, 256, 1};
    for (size_t i = 0; i < 3; i++) {
        uint64_t times = 0;
        CU_ASSERT_EQUAL(*bf_counts_get(counts, i, &times), i + 1);
        CU_ASSERT_EQUAL(times, want[i]);
    }
    bf_counts_destroy(counts);
}

static void test_nothing(void)
{
    bf_counts_t *counts = NULL;
    CU_ASSERT_EQUAL_FATAL(bf_counts_create(70, &counts), BF_OK);
    CU_ASSERT_EQUAL(bf_counts_sort(counts, BF_BIT_0_LEFT), BF_OK);
    CU_ASSERT_EQUAL(bf_counts_size(counts), 0);
    bf_counts_destroy(counts);
}

int main(void)
{
    const bf_test_t tests[] = {{"bit strings as text", test_print},
                               {"counts and their order", test_counts},
                               {"frequent strings", test_frequent},
                               {"nothing counted", test_nothing},
                               {NULL, NULL}};
    return bf_cunit_main("counts", NULL, NULL, tests);
}
