/* The slot given back last is taken first: it is still in the cache. */
#include "runtime/circuit/slots.h"

#include <stdlib.h>
#include <string.h>

static bf_status_t grow(bf_slots_t *slots)
{
    const size_t room = slots->room ? 2 * slots->room : 64;
    bf_z_t(*matrices)[16] = realloc(slots->matrices, room * sizeof *matrices);
    if (matrices)
        slots->matrices = matrices;
    uint32_t *unused = realloc(slots->unused, room * sizeof *unused);
    if (unused)
        slots->unused = unused;
    if (!matrices || !unused)
        return bf_error_set(BF_ERR_NOMEM, "out of memory for %zu matrices", room);
    for (size_t i = room; i > slots->room; i--)
        slots->unused[slots->n_unused++] = (uint32_t)i - 1;
    slots->room = room;
    return BF_OK;
}

bf_status_t bf_slots_take(bf_slots_t *slots, const bf_z_t matrix[16], uint32_t *slot)
{
    if (slots->n_unused == 0)
        BF_TRY(grow(slots));
    *slot = slots->unused[--slots->n_unused];
    memcpy(slots->matrices[*slot], matrix, sizeof slots->matrices[0]);
    return BF_OK;
}

void bf_slots_clear(bf_slots_t *slots)
{
    free(slots->matrices);
    free(slots->unused);
    *slots = (bf_slots_t){0};
}
