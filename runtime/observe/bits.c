/* Bit strings and lists of qubits. */
#include "runtime/observe/bits.h"

#include "runtime/circuit/circuit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One bit string of @p length characters. @param where  for the message: the file and line, or the option */
static bf_status_t parse(const char *text, size_t length, size_t n_bits, bf_bit_order_t order, const char *where, uint8_t *row)
{
    memset(row, 0, bf_bits_bytes(n_bits));
    for (size_t i = 0; i < length && i < n_bits; i++) {
        const size_t bit = order == BF_BIT_0_LEFT ? i : n_bits - 1 - i;
        if (text[i] != '0' && text[i] != '1')
            return bf_error_set(BF_ERR_INPUT, "%s: character %zu is '%c', expected 0 or 1", where, i + 1, text[i]);
        row[bit / 8] |= (uint8_t)((text[i] - '0') << bit % 8);
    }
    if (length != n_bits)
        return bf_error_set(BF_ERR_INPUT, "%s: a bit string of %zu characters, expected %zu, one for each qubit", where, length,
                            n_bits);
    return BF_OK;
}

/* The eight characters of a byte, its lowest bit first or last. */
static void print_byte(uint8_t byte, bf_bit_order_t order, char *text)
{
    /* The byte eight times, one bit of each kept; then '1' for what is not 0. */
    const uint64_t mask = order == BF_BIT_0_LEFT ? UINT64_C(0x8040201008040201) : UINT64_C(0x0102040810204080);
    const uint64_t bits = byte * UINT64_C(0x0101010101010101) & mask;
    const uint64_t ones = (bits + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101);
    const uint64_t digits = ones + UINT64_C(0x3030303030303030);
    for (int k = 0; k < 8; k++)
        text[k] = (char)(digits >> 8 * k);
}

void bf_bits_print(const uint8_t *row, size_t n_bits, bf_bit_order_t order, char *text)
{
    for (size_t b = 0; b < n_bits / 8; b++)
        print_byte(row[b], order, text + (order == BF_BIT_0_LEFT ? 8 * b : n_bits - 8 * b - 8));
    for (size_t i = n_bits - n_bits % 8; i < n_bits; i++)
        text[order == BF_BIT_0_LEFT ? i : n_bits - 1 - i] = (char)('0' + (row[i / 8] >> i % 8 & 1));
    text[n_bits] = '\0';
}

/* Rows being read. */
typedef struct list {
    size_t n_bits;
    bf_bit_order_t order;
    uint8_t *rows;
    size_t count, room;
} list_t;

static bf_status_t add(list_t *list, const char *text, size_t length, const char *where)
{
    const size_t bytes = bf_bits_bytes(list->n_bits);
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 16;
        uint8_t *rows = realloc(list->rows, room * bytes);
        if (!rows)
            return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu bit strings", room);
        list->rows = rows;
        list->room = room;
    }
    return parse(text, length, list->n_bits, list->order, where, list->rows + list->count++ * bytes);
}

static bf_status_t add_items(list_t *list, const char *option, const char *text)
{
    for (size_t item = 1;; item++) {
        char where[96];
        const size_t length = strcspn(text, ",");
        snprintf(where, sizeof where, "%s, string %zu", option, item);
        BF_TRY(add(list, text, length, where));
        if (text[length] == '\0')
            return BF_OK;
        text += length + 1;
    }
}

/* A first line that is no bit string is a header. */
static bf_status_t add_lines(list_t *list, const char *path, const char *text)
{
    for (size_t line = 1; *text; line++) {
        char where[512];
        const size_t length = strcspn(text, "\n"), used = strcspn(text, ",\r\n");
        snprintf(where, sizeof where, "%.400s:%zu", path, line);
        const bool header = line == 1 && (*text < '0' || *text > '1');
        if (used > 0 && !header)
            BF_TRY(add(list, text, used, where));
        text += length + (text[length] == '\n');
    }
    return list->count > 0 ? BF_OK : bf_error_set(BF_ERR_INPUT, "%.400s: no bit strings in it", path);
}

static bool is_file(const char *text)
{
    struct stat file;
    return stat(text, &file) == 0 || strspn(text, "01,") != strlen(text);
}

bf_status_t bf_bits_read(const char *option, const char *text, size_t n_bits, bf_bit_order_t order, uint8_t **rows, size_t *count)
{
    list_t list = {.n_bits = n_bits, .order = order};
    bf_status_t status = BF_OK;
    if (!is_file(text))
        status = add_items(&list, option, text);
    else {
        char *content = NULL;
        size_t length = 0;
        status = bf_circuit_load(text, &content, &length);
        if (status == BF_OK)
            status = add_lines(&list, text, content);
        free(content);
    }
    if (status != BF_OK) {
        free(list.rows);
        list = (list_t){0};
    }
    *rows = list.rows;
    *count = list.count;
    return status;
}

/* One number or range at @p text. @return the characters it has, 0 when it is none */
static size_t read_range(const char *text, long *first, long *last)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return 0;
    *first = *last = strtol(text, &end, 10);
    if (*end == '-') {
        const char *second = end + 1;
        if (*second < '0' || *second > '9')
            return 0;
        *last = strtol(second, &end, 10);
    }
    return errno == 0 && (*end == ',' || *end == '\0') ? (size_t)(end - text) : 0;
}

static bf_status_t take_qubit(const char *option, long q, bool *taken, bf_site_t *qubits, size_t *count)
{
    if (taken[q])
        return bf_error_set(BF_ERR_INPUT, "%s: qubit %ld is listed twice", option, q);
    taken[q] = true;
    qubits[(*count)++] = (bf_site_t)q;
    return BF_OK;
}

bf_status_t bf_qubits_parse(const char *option, const char *text, bf_site_t n, bf_site_t **out, size_t *count)
{
    *count = 0;
    *out = NULL;
    bf_site_t *qubits = malloc((size_t)n * sizeof *qubits);
    bool *taken = calloc((size_t)n, sizeof *taken);
    bf_status_t status = qubits && taken ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: %d qubits", (int)n);
    for (const char *at = text; status == BF_OK;) {
        long first = 0, last = 0;
        const size_t used = read_range(at, &first, &last);
        const int shown = (int)strcspn(at, ",");
        if (used == 0 || first > last)
            status = bf_error_set(BF_ERR_INPUT, "%s: '%.*s' is no qubit and no range of qubits, expected a list as 0,3,5-7",
                                  option, shown < 40 ? shown : 40, at);
        else if (last >= n)
            status = bf_error_set(BF_ERR_INPUT, "%s: qubit %ld does not exist, the circuit has qubits 0 to %d", option, last,
                                  (int)n - 1);
        for (long q = first; status == BF_OK && q <= last; q++)
            status = take_qubit(option, q, taken, qubits, count);
        if (status != BF_OK || at[used] == '\0')
            break;
        at += used + 1;
    }
    free(taken);
    if (status != BF_OK) {
        free(qubits);
        *count = 0;
        return status;
    }
    *out = qubits;
    return BF_OK;
}
