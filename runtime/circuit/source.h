/** @file source.h
 *  @brief The text being read, places in it, and the one way to report what is wrong with it.
 */
#ifndef BF_SOURCE_H
#define BF_SOURCE_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A text that stays in memory, unchanged, while it is parsed. Not owned. */
typedef struct bf_source {
    const char *name; /**< file name, for messages */
    const char *text; /**< @c length bytes of anything; no terminating 0 needed */
    size_t length;
} bf_source_t;

/** Where something stands; both count from 1, columns in bytes. */
typedef struct bf_place {
    int32_t line;
    int32_t column;
} bf_place_t;

/** Room for a quoted word in a message. */
#define BF_QUOTE 64

/** @brief Record "name:line:column: message" in the error slot. @return BF_ERR_INPUT */
bf_status_t bf_source_error(const bf_source_t *source, bf_place_t place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** @brief Put 'word' in quotes, shortened to fit and with unprintable bytes replaced. @return @p buffer */
const char *bf_quote(char buffer[BF_QUOTE], const char *text, size_t length);

/** @brief Read an unsigned decimal number: digits, optional fraction, optional exponent; correctly rounded in any locale.
 *  @param[in]  text    at most @p length bytes
 *  @param[out] value   may be infinite when the exponent is too large
 *  @param[out] is_integer  true when it is digits only
 *  @return bytes used; 0 when no number starts here or it is longer than 200 characters */
size_t bf_number_read(const char *text, size_t length, double *value, bool *is_integer);

#ifdef __cplusplus
}
#endif
#endif
