/* Open addressing with linear probing, at most half full. */
#include "runtime/circuit/names.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

bf_name_t bf_name(const char *text)
{
    bf_name_t name = {.text = text, .hash = BF_NAME_HASH_START};
    for (; text[name.length]; name.length++)
        name.hash = bf_name_hash_step(name.hash, text[name.length]);
    return name;
}

bf_name_t bf_name_of_bytes(const void *bytes, size_t length)
{
    return (bf_name_t){bytes, (uint32_t)length, (uint32_t)XXH3_64bits(bytes, length)};
}

static bool same(const bf_name_t *a, const bf_name_t *b)
{
    return a->hash == b->hash && a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/** The slot that holds @p name, or the free one where it belongs. */
static bf_names_entry_t *probe(const bf_names_t *names, const bf_name_t *name)
{
    size_t at = name->hash & (names->capacity - 1);
    while (names->slots[at].name.text && !same(&names->slots[at].name, name))
        at = (at + 1) & (names->capacity - 1);
    return &names->slots[at];
}

static bf_status_t grow(bf_names_t *names)
{
    bf_names_t larger = {.capacity = names->capacity ? 2 * names->capacity : 16, .count = names->count};
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for a table of %zu names", larger.capacity);
    for (size_t i = 0; i < names->capacity; i++)
        if (names->slots[i].name.text)
            *probe(&larger, &names->slots[i].name) = names->slots[i];
    free(names->slots);
    *names = larger;
    return BF_OK;
}

int32_t bf_names_find(const bf_names_t *names, bf_name_t name)
{
    if (names->count == 0)
        return -1;
    const bf_names_entry_t *entry = probe(names, &name);
    return entry->name.text ? entry->value : -1;
}

bf_status_t bf_names_set(bf_names_t *names, bf_name_t name, int32_t value)
{
    if (2 * (names->count + 1) > names->capacity)
        BF_TRY(grow(names));
    bf_names_entry_t *entry = probe(names, &name);
    if (!entry->name.text)
        names->count++;
    *entry = (bf_names_entry_t){name, value};
    return BF_OK;
}

/** Edit distance (insert, delete, replace, exchange of neighbours) of two words of at most 31 letters. */
static int edit_distance(const bf_name_t *a, const bf_name_t *b)
{
    int rows[3][32];
    for (uint32_t j = 0; j <= b->length; j++)
        rows[0][j] = (int)j;
    for (uint32_t i = 1; i <= a->length; i++) {
        int *row = rows[i % 3];
        const int *above = rows[(i + 2) % 3];
        const int *two_above = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (uint32_t j = 1; j <= b->length; j++) {
            int best = above[j - 1] + (a->text[i - 1] != b->text[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a->text[i - 1] == b->text[j - 2] && a->text[i - 2] == b->text[j - 1] &&
                two_above[j - 2] + 1 < best)
                best = two_above[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a->length % 3][b->length];
}

const bf_name_t *bf_names_nearest(const bf_names_t *names, bf_name_t name)
{
    enum { WORD_MAX = 31 };
    if (name.length < 2 || name.length > WORD_MAX)
        return NULL; /* every letter is near every other */
    const bf_name_t *nearest = NULL;
    int least = name.length == 2 ? 2 : 3; /* one slip in a short word, two in a longer one */
    for (size_t i = 0; i < names->capacity; i++) {
        const bf_name_t *candidate = &names->slots[i].name;
        if (!candidate->text || names->slots[i].value < 0 || candidate->length > WORD_MAX)
            continue;
        const int distance = edit_distance(&name, candidate);
        const bool first_in_order = nearest && distance == least && strncmp(candidate->text, nearest->text, WORD_MAX) < 0;
        if (distance < least || first_in_order) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

void bf_names_clear(bf_names_t *names)
{
    free(names->slots);
    *names = (bf_names_t){0};
}
