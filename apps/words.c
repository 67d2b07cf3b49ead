/* Words instead of a run. */
#include "apps/words.h"

#include "runtime/bondflow.h"

#include <stdio.h>

static const struct argp_option option_list[] = {{0, 0, 0, 0, "Help:", -1},
                                                 {"help", 'h', 0, 0, "this text", 0},
                                                 {"usage", 'u', 0, 0, "a short reminder", 0},
                                                 {"version", 'V', 0, 0, "the version", 0},
                                                 {0}};

static error_t take(int key, char *arg, struct argp_state *state)
{
    bf_words_t *words = state->input;
    (void)arg;
    switch (key) {
    case 'h':
        words->help = true;
        return 0;
    case 'u':
        words->usage = true;
        return 0;
    case 'V':
        words->version = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp bf_words_parser = {option_list, take, 0, 0, 0, 0, 0};

bool bf_words_wanted(const bf_words_t *words)
{
    return words->help || words->usage || words->version;
}

void bf_words_say(const bf_words_t *words, const struct argp *parser, char *name)
{
    if (words->help)
        argp_help(parser, stdout, ARGP_HELP_LONG | ARGP_HELP_USAGE | ARGP_HELP_DOC, name);
    else if (words->usage)
        argp_help(parser, stdout, ARGP_HELP_USAGE, name);
    else
        printf("bondflow %s\n", BONDFLOW_VERSION);
}
