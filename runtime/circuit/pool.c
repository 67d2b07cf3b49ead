/* Hash table over XXH3 of the bytes, compared in full on a hit. */
#include "runtime/circuit/pool.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static uint64_t hash_of(const bf_pool_t *pool, const bf_z_t *u)
{
    return XXH3_64bits(u, pool->entries * sizeof *u);
}

/** The slot that holds @p u, or the free one where it belongs. */
static uint32_t *probe(const bf_pool_t *pool, const bf_z_t *u)
{
    size_t at = hash_of(pool, u) & (pool->n_slots - 1);
    while (pool->slots[at] && memcmp(bf_pool_at(pool, pool->slots[at] - 1), u, pool->entries * sizeof *u) != 0)
        at = (at + 1) & (pool->n_slots - 1);
    return &pool->slots[at];
}

static bf_status_t grow(bf_pool_t *pool)
{
    const size_t room = pool->room ? 2 * pool->room : 16;
    bf_z_t *items = realloc(pool->items, room * pool->entries * sizeof *items);
    if (items)
        pool->items = items;
    uint32_t *slots = calloc(2 * room, sizeof *slots);
    if (!items || !slots) {
        free(slots);
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu gate matrices", room);
    }
    free(pool->slots);
    pool->slots = slots;
    pool->n_slots = 2 * room;
    pool->room = room;
    for (size_t i = 0; i < pool->count; i++)
        *probe(pool, bf_pool_at(pool, (uint32_t)i)) = (uint32_t)i + 1;
    return BF_OK;
}

bf_status_t bf_pool_intern(bf_pool_t *pool, bf_z_t *u, uint32_t *id)
{
    if (pool->count == pool->room)
        BF_TRY(grow(pool));
    double *parts = (double *)u;
    for (size_t i = 0; i < 2 * pool->entries; i++)
        parts[i] += 0.0; /* -0 becomes 0 */
    uint32_t *slot = probe(pool, u);
    if (!*slot) {
        memcpy(pool->items + pool->entries * pool->count, u, pool->entries * sizeof *u);
        *slot = (uint32_t)++pool->count;
    }
    *id = *slot - 1;
    return BF_OK;
}

void bf_pool_clear(bf_pool_t *pool)
{
    free(pool->items);
    free(pool->slots);
    *pool = (bf_pool_t){.entries = pool->entries};
}
