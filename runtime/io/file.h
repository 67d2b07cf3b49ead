/** @file file.h
 *  @brief What the readers and writers of binary files share: whole reads and writes at an offset, space reserved in advance. Not
 * collective.
 */
#ifndef BF_FILE_H
#define BF_FILE_H

#include "runtime/error.h"

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Read @p bytes at offset @p at, in as many calls as it takes.
 *  @return bytes read, fewer only at the end of the file; -1 with errno */
ssize_t bf_file_read(int file, void *data, size_t bytes, int64_t at);

/** @brief Write @p bytes at offset @p at, in as many calls as it takes.
 *  @param name  for the message
 *  @return BF_OK, BF_ERR_IO with the reason */
BF_MUST_USE bf_status_t bf_file_write(int file, const char *name, const void *data, size_t bytes, int64_t at);

/** @brief Give a file its final size and reserve the space on the disk, so that a full disk is met now and not after hours.
 *
 *  Where the file system cannot reserve, its free space is compared with the need.
 *  @return BF_OK, BF_ERR_IO with the bytes needed and the reason */
BF_MUST_USE bf_status_t bf_file_reserve(int file, const char *name, int64_t bytes);

/** @brief Make creations, renames and removals in the directory of @p path durable, as far as the file system can. */
void bf_file_sync_directory(const char *path);

#ifdef __cplusplus
}
#endif
#endif
