/* A hand-written scanner: one pass, one byte of look-ahead, names hashed on the way. */
#include "runtime/circuit/qasm_lexer.h"

#include <limits.h>
#include <string.h>

/** What a byte can begin or continue. */
enum { OTHER = 0, LETTER = 1, DIGIT = 2, BLANK = 4, PUNCTUATION = 8 };

static unsigned char_class(char c)
{
    static const uint8_t classes[UCHAR_MAX + 1] = {
        ['a' ... 'z'] = LETTER,
        ['A' ... 'Z'] = LETTER,
        ['_'] = LETTER,
        ['0' ... '9'] = DIGIT,
        [' '] = BLANK,
        ['\t'] = BLANK,
        ['\n'] = BLANK,
        ['\r'] = BLANK,
        ['!'] = PUNCTUATION,
        ['#' ... '&'] = PUNCTUATION,
        ['(' ... '/'] = PUNCTUATION,
        [':' ... '>'] = PUNCTUATION,
        ['@'] = PUNCTUATION,
        ['['] = PUNCTUATION,
        [']' ... '^'] = PUNCTUATION,
        ['{' ... '~'] = PUNCTUATION,
    };
    return classes[(unsigned char)c];
}

/** Length of the Latin, Greek or Cyrillic letter outside ASCII at @p at, 2 in UTF-8; 0 when none is there. OpenQASM 3 allows them
 * in names, and people call angles by Greek letters. */
static size_t wide_letter(const bf_source_t *source, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)source->text + at;
    if (source->length - at < 2 || (bytes[0] & 0xE0U) != 0xC0U || (bytes[1] & 0xC0U) != 0x80U)
        return 0;
    const unsigned letter = (bytes[0] & 0x1FU) << 6 | (bytes[1] & 0x3FU);
    return letter >= 0xC0 && letter <= 0x52F && letter != 0xD7 && letter != 0xF7 ? 2 : 0; /* not the signs of times and divided */
}

bf_lexer_t bf_lexer_start(const bf_source_t *source)
{
    static const char byte_order_mark[3] = {'\xEF', '\xBB', '\xBF'};
    bf_lexer_t lexer = {.source = source, .line = 1};
    if (source->length >= sizeof byte_order_mark && memcmp(source->text, byte_order_mark, sizeof byte_order_mark) == 0)
        lexer.at = lexer.line_start = sizeof byte_order_mark;
    return lexer;
}

static bf_place_t place_of(const bf_lexer_t *lexer, size_t at)
{
    const size_t column = at - lexer->line_start + 1;
    return (bf_place_t){lexer->line, column < INT32_MAX ? (int32_t)column : INT32_MAX};
}

bf_place_t bf_lexer_place(const bf_lexer_t *lexer)
{
    return place_of(lexer, lexer->at);
}

static void start_line(bf_lexer_t *lexer)
{
    lexer->line_start = lexer->at;
    if (lexer->line < INT32_MAX)
        lexer->line++;
}

static bf_status_t skip_block_comment(bf_lexer_t *lexer)
{
    const bf_source_t *source = lexer->source;
    const bf_place_t start = place_of(lexer, lexer->at);
    lexer->at += 2;
    for (; lexer->at + 1 < source->length; lexer->at++) {
        if (source->text[lexer->at] == '*' && source->text[lexer->at + 1] == '/') {
            lexer->at += 2;
            return BF_OK;
        }
        if (source->text[lexer->at] == '\n') {
            lexer->at++;
            start_line(lexer);
            lexer->at--;
        }
    }
    return bf_source_error(source, start, "the comment that starts here never ends, expected */");
}

static bf_status_t skip_blanks(bf_lexer_t *lexer)
{
    const char *text = lexer->source->text;
    const size_t length = lexer->source->length;
    while (lexer->at < length) {
        const char c = text[lexer->at];
        if (c == '\n') {
            lexer->at++;
            start_line(lexer);
        } else if (char_class(c) == BLANK) {
            lexer->at++;
        } else if (c == '/' && lexer->at + 1 < length && text[lexer->at + 1] == '/') {
            const char *end = memchr(text + lexer->at, '\n', length - lexer->at);
            lexer->at = end ? (size_t)(end - text) : length;
        } else if (c == '/' && lexer->at + 1 < length && text[lexer->at + 1] == '*') {
            BF_TRY(skip_block_comment(lexer));
        } else {
            break;
        }
    }
    return BF_OK;
}

static bf_status_t read_name(bf_lexer_t *lexer, bf_token_t *token)
{
    const bf_source_t *source = lexer->source;
    size_t at = lexer->at;
    uint32_t hash = BF_NAME_HASH_START;
    while (at < source->length) {
        const size_t length = char_class(source->text[at]) & (LETTER | DIGIT) ? 1 : wide_letter(source, at);
        if (length == 0)
            break;
        for (const size_t end = at + length; at < end; at++)
            hash = bf_name_hash_step(hash, source->text[at]);
    }
    if (at - lexer->at > UINT32_MAX)
        return bf_source_error(source, token->place, "a name of more than %u characters", UINT32_MAX);
    token->kind = BF_TOKEN_NAME;
    token->name = (bf_name_t){source->text + lexer->at, (uint32_t)(at - lexer->at), hash};
    lexer->at = at;
    return BF_OK;
}

int bf_digit(char c, int base)
{
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : base;
    return digit < base ? digit : base;
}

/** The base that a prefix announces, 10 without one. */
static int base_of(const char *text, size_t length)
{
    const char letter = length >= 2 && text[0] == '0' ? text[1] : '\0';
    return letter == 'b' || letter == 'B' ? 2 : letter == 'o' ? 8 : letter == 'x' || letter == 'X' ? 16 : 10;
}

enum { INTEGER_MAX = 200 };

/** OpenQASM 3's integers with a prefix, or with underscores between digits. */
static bf_status_t read_integer(bf_lexer_t *lexer, int base, bf_token_t *token)
{
    const bf_source_t *source = lexer->source;
    const char *text = source->text + lexer->at;
    const size_t left = source->length - lexer->at;
    size_t length = base == 10 ? 0 : 2;
    char quote[BF_QUOTE];
    token->value = 0;
    for (bool digit = false; length < left && (bf_digit(text[length], base) < base || (digit && text[length] == '_')); length++) {
        digit = text[length] != '_';
        if (digit)
            token->value = token->value * base + bf_digit(text[length], base);
    }
    const bool ends = length == left || !(char_class(text[length]) & (LETTER | DIGIT));
    if (!ends || text[length - 1] == '_' || bf_digit(text[length - 1], base) == base || (base != 10 && length == 2))
        return bf_source_error(source, token->place, "%s is not a number, expected digits of base %d",
                               bf_quote(quote, text, length + !ends), base);
    if (length > INTEGER_MAX)
        return bf_source_error(source, token->place, "a number of more than %d characters: %s", INTEGER_MAX,
                               bf_quote(quote, text, length));
    token->kind = BF_TOKEN_INTEGER;
    token->base = base;
    token->name = (bf_name_t){text, (uint32_t)length, 0};
    lexer->at += length;
    return BF_OK;
}

static bf_status_t read_number(bf_lexer_t *lexer, bf_token_t *token)
{
    const bf_source_t *source = lexer->source;
    const char *text = source->text + lexer->at;
    const size_t left = source->length - lexer->at;
    bool is_integer = false;
    if (base_of(text, left) != 10)
        return read_integer(lexer, base_of(text, left), token);
    const size_t length = bf_number_read(text, left, &token->value, &is_integer);
    char quote[BF_QUOTE];
    if (is_integer && length < left && text[length] == '_')
        return read_integer(lexer, 10, token);
    if (length == 0)
        return bf_source_error(source, token->place, "a number of more than 200 characters: %s", bf_quote(quote, text, left));
    if (length < left && ((char_class(text[length]) & (LETTER | DIGIT)) || text[length] == '.'))
        return bf_source_error(source, token->place, "%s is not a number, expected digits, a fraction, an exponent",
                               bf_quote(quote, text, length + 1));
    token->kind = is_integer ? BF_TOKEN_INTEGER : BF_TOKEN_REAL;
    token->base = 10;
    token->name = (bf_name_t){text, (uint32_t)length, 0};
    lexer->at += length;
    return BF_OK;
}

static bf_status_t read_string(bf_lexer_t *lexer, bf_token_t *token)
{
    const bf_source_t *source = lexer->source;
    const char *text = source->text + lexer->at;
    const size_t left = source->length - lexer->at;
    size_t length = 1;
    while (length < left && text[length] != text[0] && text[length] != '\n' && length < UINT32_MAX)
        length++;
    if (length >= left || text[length] != text[0])
        return bf_source_error(source, token->place, "the string that starts here is not closed on its line, expected %c",
                               text[0]);
    token->kind = BF_TOKEN_STRING;
    token->name = (bf_name_t){text + 1, (uint32_t)(length - 1), 0};
    lexer->at += length + 1;
    return BF_OK;
}

/** OpenQASM 3 writes three constants in Greek; they become their Latin names. */
static bool read_greek(bf_lexer_t *lexer, bf_token_t *token)
{
    static const char *const letters[3][2] = {{"\xCF\x80", "pi"}, {"\xCF\x84", "tau"}, {"\xE2\x84\x87", "euler"}};
    for (int i = 0; i < 3; i++) {
        const size_t length = strlen(letters[i][0]);
        if (lexer->source->length - lexer->at < length || memcmp(lexer->source->text + lexer->at, letters[i][0], length) != 0)
            continue;
        token->kind = BF_TOKEN_NAME;
        token->name = bf_name(letters[i][1]);
        lexer->at += length;
        return true;
    }
    return false;
}

static void read_punctuation(bf_lexer_t *lexer, bf_token_t *token)
{
    static const struct {
        char text[3];
        int kind;
    } pairs[] = {{"->", BF_TOKEN_ARROW},      {"**", BF_TOKEN_POWER},         {"==", BF_TOKEN_EQUAL}, {"!=", BF_TOKEN_UNEQUAL},
                 {"<=", BF_TOKEN_LESS_EQUAL}, {">=", BF_TOKEN_GREATER_EQUAL}, {"&&", BF_TOKEN_AND},   {"||", BF_TOKEN_OR},
                 {"<<", BF_TOKEN_SHIFT_LEFT}, {">>", BF_TOKEN_SHIFT_RIGHT}};
    const char *text = lexer->source->text + lexer->at;
    const bool single = lexer->source->length - lexer->at < 2 || char_class(text[1]) != PUNCTUATION;
    uint32_t length = 1;
    token->kind = (unsigned char)text[0];
    for (size_t i = 0; !single && i < sizeof pairs / sizeof pairs[0]; i++)
        if (text[0] == pairs[i].text[0] && text[1] == pairs[i].text[1]) {
            token->kind = pairs[i].kind;
            length = 2;
        }
    token->name = (bf_name_t){text, length, 0};
    lexer->at += length;
}

static bf_status_t unexpected_byte(const bf_lexer_t *lexer, const bf_token_t *token)
{
    const unsigned char byte = (unsigned char)lexer->source->text[lexer->at];
    if (byte > ' ' && byte <= '~')
        return bf_source_error(lexer->source, token->place, "unexpected character '%c'", byte);
    return bf_source_error(lexer->source, token->place, "unexpected byte 0x%02x: is this a text file?", byte);
}

bf_status_t bf_lexer_next(bf_lexer_t *lexer, bf_token_t *token)
{
    BF_TRY(skip_blanks(lexer));
    *token = (bf_token_t){.kind = BF_TOKEN_END, .place = place_of(lexer, lexer->at)};
    if (lexer->at >= lexer->source->length)
        return BF_OK;
    const char c = lexer->source->text[lexer->at];
    const char after = lexer->at + 1 < lexer->source->length ? lexer->source->text[lexer->at + 1] : '\0';
    const unsigned class = char_class(c);
    if (class == LETTER)
        return read_name(lexer, token);
    if (class == DIGIT || (c == '.' && char_class(after) == DIGIT))
        return read_number(lexer, token);
    if (c == '"' || c == '\'')
        return read_string(lexer, token);
    if (class == PUNCTUATION) {
        read_punctuation(lexer, token);
        return BF_OK;
    }
    if (read_greek(lexer, token))
        return BF_OK;
    return wide_letter(lexer->source, lexer->at) ? read_name(lexer, token) : unexpected_byte(lexer, token);
}

const char *bf_token_quote(const bf_token_t *token, char buffer[BF_QUOTE])
{
    if (token->kind == BF_TOKEN_END)
        return "end of the file";
    return bf_quote(buffer, token->name.text, token->name.length);
}
