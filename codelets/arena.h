/** @file arena.h
 *  @brief Workspace of task bodies: one grow-only block per worker, first touched by it, and one for the thread that submits.
 */
#ifndef BF_ARENA_H
#define BF_ARENA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Workspace of the calling worker, BF_ALIGN-aligned, at least @p bytes; contents undefined.
 *  Valid until the worker's next call. Only from a task body, or from the one thread that submits. Running out of memory ends the
 * process with a message. */
void *bf_arena(size_t bytes);

/** @brief Give back the blocks of all workers. Only while no task runs. */
void bf_arena_release(void);

#ifdef __cplusplus
}
#endif
#endif
