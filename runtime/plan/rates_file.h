/** @file rates_file.h
 *  @brief Where rates are kept.
 */
#ifndef BF_RATES_FILE_H
#define BF_RATES_FILE_H

#include <stdbool.h>
#include <stddef.h>

/** @brief Name of the file (BONDFLOW_RATES, XDG_CACHE_HOME, HOME). @return false when the environment names no place */
bool bf_rates_path(char *path, size_t size);

#endif
