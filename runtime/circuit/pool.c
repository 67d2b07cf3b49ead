/* Open addressing over XXH3 of the bytes, at most half full; equal hashes are compared in full. */
#include "runtime/circuit/pool.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static bf_status_t grow(bf_pool_t *pool)
{
    const size_t room = pool->room ? 2 * pool->room : 16;
    void *items = realloc(pool->items, room * pool->stride);
    if (items)
        pool->items = items;
    bf_pool_slot_t *slots = calloc(2 * room, sizeof *slots);
    if (!items || !slots) {
        free(slots);
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu gate matrices", room);
    }
    for (size_t i = 0; i < pool->n_slots; i++) {
        if (!pool->slots[i].taken)
            continue;
        size_t at = pool->slots[i].hash & (2 * room - 1);
        while (slots[at].taken)
            at = (at + 1) & (2 * room - 1);
        slots[at] = pool->slots[i];
    }
    free(pool->slots);
    pool->slots = slots;
    pool->n_slots = 2 * room;
    pool->room = room;
    return BF_OK;
}

bf_status_t bf_pool_intern(bf_pool_t *pool, bf_z_t *u, uint32_t *id)
{
    if (pool->count == pool->room)
        BF_TRY(grow(pool));
    double *parts = (double *)u;
    for (size_t i = 0; i < 2 * pool->entries; i++)
        parts[i] += 0.0; /* -0 becomes 0 */
    const size_t bytes = pool->entries * sizeof *u;
    const uint32_t hash = (uint32_t)XXH3_64bits(u, bytes);
    size_t at = hash & (pool->n_slots - 1);
    while (pool->slots[at].taken &&
           (pool->slots[at].hash != hash || memcmp(bf_pool_at(pool, pool->slots[at].taken - 1), u, bytes) != 0))
        at = (at + 1) & (pool->n_slots - 1);
    if (!pool->slots[at].taken) {
        memcpy(bf_pool_at(pool, pool->count), u, bytes);
        memset((char *)bf_pool_at(pool, pool->count) + bytes, 0, pool->stride - bytes);
        pool->slots[at] = (bf_pool_slot_t){(uint32_t)++pool->count, hash};
    }
    *id = pool->slots[at].taken - 1;
    return BF_OK;
}

void *bf_pool_release(bf_pool_t *pool, size_t *count)
{
    void *items = pool->items;
    *count = pool->count;
    pool->items = NULL;
    bf_pool_clear(pool);
    return items;
}

void bf_pool_clear(bf_pool_t *pool)
{
    free(pool->items);
    free(pool->slots);
    *pool = (bf_pool_t){.entries = pool->entries, .stride = pool->stride};
}
