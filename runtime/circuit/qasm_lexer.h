/** @file qasm_lexer.h
 *  @brief Tokens of OpenQASM 2 and 3.
 */
#ifndef BF_QASM_LEXER_H
#define BF_QASM_LEXER_H

#include "runtime/circuit/names.h"
#include "runtime/circuit/source.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of tokens. A one-character token is its own character. */
typedef enum bf_token_kind {
    BF_TOKEN_END = 0, /**< of the text */
    BF_TOKEN_NAME = 256,
    BF_TOKEN_INTEGER,
    BF_TOKEN_REAL,
    BF_TOKEN_STRING,
    BF_TOKEN_ARROW,         /**< -> */
    BF_TOKEN_POWER,         /**< ** */
    BF_TOKEN_EQUAL,         /**< == */
    BF_TOKEN_UNEQUAL,       /**< != */
    BF_TOKEN_LESS_EQUAL,    /**< <= */
    BF_TOKEN_GREATER_EQUAL, /**< >= */
    BF_TOKEN_AND,           /**< && */
    BF_TOKEN_OR,            /**< || */
    BF_TOKEN_SHIFT_LEFT,    /**< << */
    BF_TOKEN_SHIFT_RIGHT    /**< >> */
} bf_token_kind_t;

/** A token where it stands; points into the source. */
typedef struct bf_token {
    int kind;         /**< bf_token_kind_t or a character */
    bf_place_t place; /**< of its first byte */
    bf_name_t name;   /**< text and length of any token; hash of a BF_TOKEN_NAME */
    double value;     /**< of a number, >= 0 */
    int base;         /**< of an integer: 2, 8, 10 or 16; those but 10 have a prefix of two characters */
} bf_token_t;

/** Position of the scanner. */
typedef struct bf_lexer {
    const bf_source_t *source;
    size_t at;         /**< next byte */
    size_t line_start; /**< first byte of the current line */
    int32_t line;      /**< current line, from 1 */
} bf_lexer_t;

/** @return a lexer at the start of @p source, past a byte order mark. */
bf_lexer_t bf_lexer_start(const bf_source_t *source);

/** @return the place of the next byte. */
bf_place_t bf_lexer_place(const bf_lexer_t *lexer);

/** @brief Read the next token, skipping blanks and comments. At the end it gives BF_TOKEN_END for ever.
 *  @return BF_OK; BF_ERR_INPUT for a character, number, string or comment that is none */
BF_MUST_USE bf_status_t bf_lexer_next(bf_lexer_t *lexer, bf_token_t *token);

/** @return what @p c is worth as a digit in @p base; base or more when it is none. */
int bf_digit(char c, int base);

/** @brief Describe a token for a message: 'text', or "end of the file". @return text, in @p buffer or static */
const char *bf_token_quote(const bf_token_t *token, char buffer[BF_QUOTE]);

#ifdef __cplusplus
}
#endif
#endif
