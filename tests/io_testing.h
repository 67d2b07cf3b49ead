/** @file io_testing.h
 *  @brief What the tests of tables and results share: a directory of their own, files written and read whole.
 */
#ifndef BF_IO_TESTING_H
#define BF_IO_TESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @brief Make the program's directory below TMPDIR: CUnit suite initialiser. @return 0 on success */
int io_open(void);

/** @brief Remove it with everything in it: CUnit suite clean-up. @return 0 on success */
int io_close(void);

/** @return the path of @p name in the directory; one of a few buffers, valid for the next seven calls. */
const char *io_path(const char *name);

/** @brief Write a file as given. @return its path, as io_path() */
const char *io_write(const char *name, const void *data, size_t bytes);

/** @brief Write a text. @return its path */
const char *io_text(const char *name, const char *text);

/** @return the file's bytes with a 0 behind them, freed by the caller; NULL when it cannot be read. */
char *io_slurp(const char *path, size_t *bytes);

/** @return whether the path exists. */
bool io_exists(const char *path);

/** @return whether the recorded error says all of what is between the bars of @p words ("one|two"); tells when not. */
bool io_error_says(const char *words);

/** @return element @p i of a reproducible stream of doubles in (-1, 1) with all 53 bits in use. */
double io_number(uint64_t i);

#endif
