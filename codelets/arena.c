/* Per-worker workspace. Not STARPU_SCRATCH: its size would have to be known when the task is submitted. */
#include "codelets/arena.h"

#include "codelets/compat.h"
#include "codelets/memory.h"
#include "kernels/types.h"

#include <stdlib.h>

static struct {
    void *block;
    size_t bytes;
} arena[STARPU_NMAXWORKERS + 1]; /* the last: of the thread that submits */

void *bf_arena(size_t bytes)
{
    const int id = starpu_worker_get_id();
    const unsigned worker = id < 0 ? STARPU_NMAXWORKERS : (unsigned)id;
    if (arena[worker].bytes < bytes) {
        free(arena[worker].block);
        const size_t size = bf_align_up(bytes < (1U << 16) ? (1U << 16) : bytes);
        bf_memory_check(size, "a worker's workspace");
        arena[worker].block = aligned_alloc(BF_ALIGN, size);
        arena[worker].bytes = size;
        if (!arena[worker].block)
            bf_fatal(3, "not enough memory: %zu bytes of workspace for a worker; use a smaller --max-dim or fewer workers", size);
    }
    return arena[worker].block;
}

void bf_arena_release(void)
{
    for (unsigned worker = 0; worker <= STARPU_NMAXWORKERS; worker++) {
        free(arena[worker].block);
        arena[worker].block = NULL;
        arena[worker].bytes = 0;
    }
}
