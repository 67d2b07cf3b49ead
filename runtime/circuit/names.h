/** @file names.h
 *  @brief A hash map from names in the source text to small numbers.
 */
#ifndef BF_NAMES_H
#define BF_NAMES_H

#include "runtime/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A name where it stands: text is not owned and must outlive the map. */
typedef struct bf_name {
    const char *text;
    uint32_t length;
    uint32_t hash; /**< bf_name_hash() of the text */
} bf_name_t;

typedef struct bf_names_entry {
    bf_name_t name; /**< text NULL: free slot */
    int32_t value;  /**< >= 0; -1: forgotten */
} bf_names_entry_t;

/** Open addressing; zero-initialised is empty. */
typedef struct bf_names {
    bf_names_entry_t *slots; /**< owned */
    size_t capacity;         /**< a power of two, or 0 */
    size_t count;
} bf_names_t;

#define BF_NAME_HASH_START 2166136261U

/** One step of FNV-1a, for scanners that hash while they read. */
static inline uint32_t bf_name_hash_step(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 16777619U;
}

/** @return the name for a 0-terminated text. */
bf_name_t bf_name(const char *text);

/** @return a name that is not text: the bytes of something that stays where it is. */
bf_name_t bf_name_of_bytes(const void *bytes, size_t length);

/** @return its value, or -1. */
int32_t bf_names_find(const bf_names_t *names, bf_name_t name);

/** @brief Add, or replace the value of a name that is there; -1 forgets it. @return BF_OK, BF_ERR_NOMEM */
BF_MUST_USE bf_status_t bf_names_set(bf_names_t *names, bf_name_t name, int32_t value);

/** @brief The known name with the fewest edits from @p name, when that is close enough to be a slip of the finger.
 *  @return NULL when none is close */
const bf_name_t *bf_names_nearest(const bf_names_t *names, bf_name_t name);

/** Free the memory; the map is empty afterwards. */
void bf_names_clear(bf_names_t *names);

#ifdef __cplusplus
}
#endif
#endif
