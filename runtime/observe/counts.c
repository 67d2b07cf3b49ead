/* Counting bit strings: an open hash table of row numbers. Sorting them: digit by digit, from the last to the first. */
#include "runtime/observe/counts.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define EMPTY UINT64_MAX
#define AHEAD 8 /* rows that are fetched before they are asked for */

/* A row being sorted, by one key after the other; the last one is its count, in descending order. */
typedef struct item {
    uint64_t key;
    uint64_t row; /* number */
} item_t;

struct bf_counts {
    size_t row_bytes;
    size_t size, room; /* rows that are different, and room for them */
    uint8_t *rows;
    uint64_t *times;
    uint64_t *slots; /* a power of two of them: the number of a row, or EMPTY */
    size_t n_slots;
    item_t *sorted;
};

static bf_status_t no_memory(size_t rows)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory: counts of %zu different bit strings; write the shots with --memory instead",
                        rows);
}

static size_t slot_of(const bf_counts_t *counts, const uint8_t *row)
{
    size_t slot = XXH3_64bits(row, counts->row_bytes) & (counts->n_slots - 1);
    while (counts->slots[slot] != EMPTY &&
           memcmp(counts->rows + counts->slots[slot] * counts->row_bytes, row, counts->row_bytes) != 0)
        slot = (slot + 1) & (counts->n_slots - 1);
    return slot;
}

static bf_status_t grow(bf_counts_t *counts)
{
    const size_t room = counts->room ? 4 * counts->room : 1024;
    uint8_t *rows = realloc(counts->rows, room * counts->row_bytes);
    counts->rows = rows ? rows : counts->rows;
    uint64_t *times = rows ? realloc(counts->times, room * sizeof *times) : NULL;
    counts->times = times ? times : counts->times;
    uint64_t *slots = times ? malloc(2 * room * sizeof *slots) : NULL;
    if (!slots)
        return no_memory(room);
    free(counts->slots);
    counts->slots = slots;
    counts->n_slots = 2 * room;
    counts->room = room;
    memset(slots, 0xff, counts->n_slots * sizeof *slots);
    for (size_t i = 0; i < counts->size; i++)
        slots[slot_of(counts, rows + i * counts->row_bytes)] = i;
    return BF_OK;
}

bf_status_t bf_counts_create(size_t n_bits, bf_counts_t **out)
{
    bf_counts_t *counts = calloc(1, sizeof *counts);
    *out = counts;
    if (!counts)
        return no_memory(1);
    counts->row_bytes = bf_bits_bytes(n_bits);
    const bf_status_t status = grow(counts);
    if (status != BF_OK) {
        bf_counts_destroy(counts);
        *out = NULL;
    }
    return status;
}

void bf_counts_destroy(bf_counts_t *counts)
{
    if (!counts)
        return;
    free(counts->rows);
    free(counts->times);
    free(counts->slots);
    free(counts->sorted);
    free(counts);
}

bf_status_t bf_counts_add(bf_counts_t *counts, const uint8_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *row = rows + i * counts->row_bytes;
        size_t slot = slot_of(counts, row);
        if (counts->slots[slot] == EMPTY) {
            if (counts->size == counts->room) {
                BF_TRY(grow(counts));
                slot = slot_of(counts, row);
            }
            memcpy(counts->rows + counts->size * counts->row_bytes, row, counts->row_bytes);
            counts->times[counts->size] = 0;
            counts->slots[slot] = counts->size++;
        }
        counts->times[counts->slots[slot]]++;
    }
    return BF_OK;
}

#define DIGIT_BITS 8
#define DIGITS     (1 << DIGIT_BITS)
#define KEY_DIGITS (64 / DIGIT_BITS)

static unsigned digit_of(uint64_t key, int d)
{
    return (unsigned)(key >> d * DIGIT_BITS) & (DIGITS - 1);
}

/* Sort by one digit of the key, order kept among equals. @param begin  how often it has each value; made where these begin */
static void sort_by_digit(const item_t *from, size_t n, int d, size_t begin[DIGITS], item_t *to)
{
    size_t sum = 0;
    for (int value = 0; value < DIGITS; value++) {
        const size_t here = begin[value];
        begin[value] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[begin[digit_of(from[i].key, d)]++] = from[i];
}

/* Sort by the key, order kept among equals. */
static void sort_by_key(item_t **items, size_t n, item_t **spare)
{
    size_t count[KEY_DIGITS][DIGITS] = {{0}};
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < KEY_DIGITS; d++)
            count[d][digit_of((*items)[i].key, d)]++;
    for (int d = 0; d < KEY_DIGITS && n > 0; d++)
        if (count[d][digit_of((*items)[0].key, d)] < n) {
            sort_by_digit(*items, n, d, count[d], *spare);
            item_t *const sorted = *spare;
            *spare = *items;
            *items = sorted;
        }
}

/* Bits 64 w and on of a row as a number of which the first bit is the last digit. */
static uint64_t word_of(const uint8_t *row, size_t row_bytes, size_t w)
{
    uint64_t word = 0;
    for (size_t b = 8 * w; b < row_bytes && b < 8 * w + 8; b++)
        word |= (uint64_t)row[b] << 8 * (b - 8 * w);
    return word;
}

static uint64_t reversed(uint64_t x)
{
    x = (x >> 1 & UINT64_C(0x5555555555555555)) | (x & UINT64_C(0x5555555555555555)) << 1;
    x = (x >> 2 & UINT64_C(0x3333333333333333)) | (x & UINT64_C(0x3333333333333333)) << 2;
    x = (x >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f)) | (x & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4;
    x = (x >> 8 & UINT64_C(0x00ff00ff00ff00ff)) | (x & UINT64_C(0x00ff00ff00ff00ff)) << 8;
    x = (x >> 16 & UINT64_C(0x0000ffff0000ffff)) | (x & UINT64_C(0x0000ffff0000ffff)) << 16;
    return x >> 32 | x << 32;
}

bf_status_t bf_counts_sort(bf_counts_t *counts, bf_bit_order_t order)
{
    const size_t n = counts->size, words = (counts->row_bytes + 7) / 8;
    free(counts->sorted);
    counts->sorted = malloc((n + 1) * sizeof *counts->sorted);
    item_t *spare = malloc((n + 1) * sizeof *spare);
    if (!counts->sorted || !spare) {
        free(spare);
        return no_memory(n);
    }
    for (size_t i = 0; i < n; i++)
        counts->sorted[i].row = i;
    for (size_t k = 0; k < words; k++) { /* the word that matters least comes first */
        const size_t w = order == BF_BIT_0_LEFT ? words - 1 - k : k;
        for (size_t i = 0; i < n; i++) {
            item_t *item = &counts->sorted[i];
            const uint64_t word = word_of(counts->rows + item->row * counts->row_bytes, counts->row_bytes, w);
            item->key = order == BF_BIT_0_LEFT ? reversed(word) : word;
        }
        sort_by_key(&counts->sorted, n, &spare);
    }
    for (size_t i = 0; i < n; i++)
        counts->sorted[i].key = ~counts->times[counts->sorted[i].row];
    sort_by_key(&counts->sorted, n, &spare);
    free(spare);
    return BF_OK;
}

size_t bf_counts_size(const bf_counts_t *counts)
{
    return counts->size;
}

const uint8_t *bf_counts_get(const bf_counts_t *counts, size_t i, uint64_t *count)
{
    if (i + AHEAD < counts->size) /* rows are where they were first met: anywhere */
        __builtin_prefetch(counts->rows + counts->sorted[i + AHEAD].row * counts->row_bytes);
    *count = ~counts->sorted[i].key;
    return counts->rows + counts->sorted[i].row * counts->row_bytes;
}
