/* Messages about input, and numbers read the same way in every locale. */
#define _GNU_SOURCE /* strtod_l */
#include "runtime/circuit/source.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 200 };

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
            at = exponent + digits;
        }
    }
    span.length = at;
    return span;
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
    static const double power[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const number_span_t span = measure_number(text, length);
    if (span.length == 0 || span.length > NUMBER_MAX)
        return 0;
    *is_integer = !span.has_point && !span.has_exponent;
    /* Clinger's exact case: a significand below 2^53 and a power of ten below 10^23 need one correctly rounded division. */
    if (!span.has_exponent && span.n_fraction <= 15 && span.n_whole <= 15 - span.n_fraction) {
        uint64_t digits = 0;
        for (size_t i = 0; i < span.length; i++)
            if (text[i] != '.')
                digits = 10 * digits + (uint64_t)(text[i] - '0');
        *value = (double)digits / power[span.n_fraction];
    } else {
        *value = read_slowly(text, span.length);
    }
    return span.length;
}
