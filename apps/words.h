/** @file words.h
 *  @brief --help, --usage and --version of every program: an argp child, so that they are spelled and answered once.
 */
#ifndef BF_WORDS_H
#define BF_WORDS_H

#include <argp.h>
#include <stdbool.h>

/** As given on the command line. */
typedef struct bf_words {
    bool help;    /**< --help */
    bool usage;   /**< --usage */
    bool version; /**< --version */
} bf_words_t;

/** The parser of these options, for argp::children. Its input is a bf_words_t. */
extern const struct argp bf_words_parser;

/** @return whether words are asked for instead of a run. */
bool bf_words_wanted(const bf_words_t *words);

/** @brief Print what is asked for on standard output. @param parser  of the program  @param name  argv[0] */
void bf_words_say(const bf_words_t *words, const struct argp *parser, char *name);

#endif
