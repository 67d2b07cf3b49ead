/** @file error.h
 *  @brief The first-error slot: one message per process, the first one wins.
 */
#ifndef BF_ERROR_H
#define BF_ERROR_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Record an error unless one is recorded already. Thread safe. Not collective.
 *
 *  The message says what happened, where, what was expected and what to do; no trailing newline.
 *  @return @p code, so that callers can write `return bf_error_set(...)`. */
bf_status_t bf_error_set(bf_status_t code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @return the recorded message, "" when there is none. Valid until bf_error_clear(). */
const char *bf_error_message(void);

/** @return the recorded code, BF_OK when there is none. */
bf_status_t bf_error_code(void);

/** @brief Empty the slot. */
void bf_error_clear(void);

/** Return from the calling function when @p expr is negative. */
#define BF_TRY(expr)                                                                                                             \
    do {                                                                                                                         \
        const bf_status_t bf_try_status = (expr);                                                                                \
        if (bf_try_status < 0)                                                                                                   \
            return bf_try_status;                                                                                                \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
