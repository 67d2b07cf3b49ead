/* Counting bit strings: an open hash table of row numbers. */
#define _GNU_SOURCE /* qsort_r */
#include "runtime/observe/counts.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define EMPTY UINT64_MAX

/* How one row compares with others. */
typedef struct entry {
    const uint8_t *row;
    uint64_t count;
} entry_t;

struct bf_counts {
    size_t row_bytes;
    size_t size, room; /* rows that are different, and room for them */
    uint8_t *rows;
    uint64_t *times;
    uint64_t *slots; /* a power of two of them: the number of a row, or EMPTY */
    size_t n_slots;
    entry_t *sorted;
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
    const size_t room = counts->room ? 2 * counts->room : 1024;
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

static int by_count(const entry_t *a, const entry_t *b)
{
    return a->count != b->count ? (a->count > b->count ? -1 : 1) : 0;
}

static int bit_0_last(const void *x, const void *y, void *arg)
{
    const entry_t *a = x, *b = y;
    const int order = by_count(a, b);
    for (size_t i = *(const size_t *)arg; order == 0 && i-- > 0;)
        if (a->row[i] != b->row[i])
            return a->row[i] < b->row[i] ? -1 : 1;
    return order;
}

static int bit_0_first(const void *x, const void *y, void *arg)
{
    const entry_t *a = x, *b = y;
    const int order = by_count(a, b);
    for (size_t i = 0; order == 0 && i < *(const size_t *)arg; i++) {
        const unsigned different = (unsigned)(a->row[i] ^ b->row[i]);
        if (different) /* the lowest bit that differs decides */
            return b->row[i] & (different & -different) ? -1 : 1;
    }
    return order;
}

bf_status_t bf_counts_sort(bf_counts_t *counts, bf_bit_order_t order)
{
    free(counts->sorted);
    counts->sorted = malloc((counts->size + 1) * sizeof *counts->sorted);
    if (!counts->sorted)
        return no_memory(counts->size);
    for (size_t i = 0; i < counts->size; i++)
        counts->sorted[i] = (entry_t){counts->rows + i * counts->row_bytes, counts->times[i]};
    qsort_r(counts->sorted, counts->size, sizeof *counts->sorted, order == BF_BIT_0_LEFT ? bit_0_first : bit_0_last,
            &counts->row_bytes);
    return BF_OK;
}

size_t bf_counts_size(const bf_counts_t *counts)
{
    return counts->size;
}

const uint8_t *bf_counts_get(const bf_counts_t *counts, size_t i, uint64_t *count)
{
    *count = counts->sorted[i].count;
    return counts->sorted[i].row;
}
