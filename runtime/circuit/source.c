/* Messages about input, and numbers read the same way in every locale. */
#define _GNU_SOURCE /* strtod_l */
#include "runtime/circuit/source.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 200, EXPONENT_ENOUGH = 10000 };

bf_status_t bf_source_error(const bf_source_t *source, bf_place_t place, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return bf_error_set(BF_ERR_INPUT, "%s:%d:%d: %s", source->name, place.line, place.column, message);
}

const char *bf_quote(char buffer[BF_QUOTE], const char *text, size_t length)
{
    enum { WORD_MAX = BF_QUOTE - 6 }; /* two quotes, three dots, the 0 */
    const size_t shown = length < WORD_MAX ? length : WORD_MAX;
    char *out = buffer;
    *out++ = '\'';
    for (size_t i = 0; i < shown; i++)
        *out++ = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    if (shown < length) {
        memcpy(out, "...", 3);
        out += 3;
    }
    *out++ = '\'';
    *out = '\0';
    return buffer;
}

static size_t count_digits(const char *text, size_t length)
{
    size_t n = 0;
    while (n < length && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/** Length of the number at @p text by the grammar, and the shape of its parts. */
typedef struct number_span {
    size_t length;
    size_t n_whole;
    size_t n_fraction;
    bool has_point;
    bool has_exponent;
    int64_t exponent; /**< of ten; a large one has lost its size, not its sign */
} number_span_t;

static number_span_t measure_number(const char *text, size_t length)
{
    number_span_t span = {0};
    span.n_whole = count_digits(text, length);
    size_t at = span.n_whole;
    if (at < length && text[at] == '.') {
        span.has_point = true;
        span.n_fraction = count_digits(text + at + 1, length - at - 1);
        at += 1 + span.n_fraction;
    }
    if (span.n_whole + span.n_fraction == 0)
        return (number_span_t){0};
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        size_t exponent = at + 1;
        if (exponent < length && (text[exponent] == '+' || text[exponent] == '-'))
            exponent++;
        const size_t digits = count_digits(text + exponent, length - exponent);
        if (digits > 0) {
            span.has_exponent = true;
            for (size_t i = exponent; i < exponent + digits && span.exponent < EXPONENT_ENOUGH; i++)
                span.exponent = 10 * span.exponent + (text[i] - '0');
            span.exponent = text[at + 1] == '-' ? -span.exponent : span.exponent;
            at = exponent + digits;
        }
    }
    span.length = at;
    return span;
}

__extension__ typedef unsigned __int128 wide_t;

enum { DIGITS_MAX = 19, TENS_MAX = 27 }; /* what fits into 64 bits: 10^19 - 1, 5^27 */

/** digits / 10^tens, rounded once. */
static double divide(uint64_t digits, size_t tens)
{
    static const uint64_t fives[TENS_MAX + 1] = {1U,
                                                 5U,
                                                 25U,
                                                 125U,
                                                 625U,
                                                 3125U,
                                                 15625U,
                                                 78125U,
                                                 390625U,
                                                 1953125U,
                                                 9765625U,
                                                 48828125U,
                                                 244140625U,
                                                 1220703125U,
                                                 6103515625ULL,
                                                 30517578125ULL,
                                                 152587890625ULL,
                                                 762939453125ULL,
                                                 3814697265625ULL,
                                                 19073486328125ULL,
                                                 95367431640625ULL,
                                                 476837158203125ULL,
                                                 2384185791015625ULL,
                                                 11920928955078125ULL,
                                                 59604644775390625ULL,
                                                 298023223876953125ULL,
                                                 1490116119384765625ULL,
                                                 7450580596923828125ULL};
    if (digits == 0)
        return 0;
    const int up = __builtin_clzll(digits), by = __builtin_clzll(fives[tens]);
    const uint64_t divisor = fives[tens] << by;
    const wide_t numerator = (wide_t)(digits << up) << 63;
    const uint64_t quotient = (uint64_t)(numerator / divisor); /* 63 or 64 bits of it, ten more than a double has */
    const bool rest = (wide_t)quotient * divisor != numerator;
    return ldexp((double)(quotient | rest), by - up - 63 - (int)tens);
}

static double read_slowly(const char *text, size_t length)
{
    char copy[NUMBER_MAX + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* glibc's static one: nothing to free, cannot fail */
    const double value = strtod_l(copy, NULL, c_locale);
    freelocale(c_locale);
    return value;
}

size_t bf_number_read(const char *text, size_t length, double *value, bool *is_integer)
{
    const number_span_t span = measure_number(text, length);
    if (span.length == 0 || span.length > NUMBER_MAX)
        return 0;
    *is_integer = !span.has_point && !span.has_exponent;
    const int64_t tens = (int64_t)span.n_fraction - span.exponent;
    if (span.n_whole + span.n_fraction > DIGITS_MAX || tens < 0 || tens > TENS_MAX) {
        *value = read_slowly(text, span.length);
        return span.length;
    }
    uint64_t digits = 0;
    for (size_t i = 0, end = span.n_whole + span.has_point + span.n_fraction; i < end; i++)
        if (text[i] != '.')
            digits = 10 * digits + (uint64_t)(text[i] - '0');
    *value = tens == 0 ? (double)digits : divide(digits, (size_t)tens);
    return span.length;
}
