/** @file memory.h
 *  @brief What task bodies do when memory or a message fails them: say it, and end the process so that no rank waits.
 */
#ifndef BF_MEMORY_H
#define BF_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @brief End the process with exit code 3 unless @p bytes more fit; small requests are not looked at.
 *  Linux promises memory it does not have and kills later, without a word. */
void bf_memory_check(size_t bytes, const char *what);

/** @brief Print one line and end the process at once, from any thread: the launcher then ends the other ranks.
 *  @param exit_code  3 memory, 5 a broken message (DESIGN, section 6) */
_Noreturn void bf_fatal(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif
#endif
