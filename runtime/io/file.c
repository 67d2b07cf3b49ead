/* Whole reads and writes at an offset, reserved space, durable directory entries. */
#define _GNU_SOURCE /* fallocate */
#include "runtime/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

ssize_t bf_file_read(int file, void *data, size_t bytes, int64_t at)
{
    size_t done = 0;
    while (done < bytes) {
        const ssize_t got = pread(file, (char *)data + done, bytes - done, at + (int64_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

bf_status_t bf_file_write(int file, const char *name, const void *data, size_t bytes, int64_t at)
{
    size_t done = 0;
    while (done < bytes) {
        const ssize_t put = pwrite(file, (const char *)data + done, bytes - done, at + (int64_t)done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return bf_error_set(BF_ERR_IO, "%s: writing failed: %s", name, strerror(errno));
        done += (size_t)put;
    }
    return BF_OK;
}

/* Without fallocate the free space is all that can be asked; others may take it later, which writing then reports. */
static int reserve_by_size(int file, int64_t bytes)
{
    struct stat now;
    struct statvfs disk;
    if (fstat(file, &now) != 0 || fstatvfs(file, &disk) != 0)
        return errno;
    const uint64_t available = (uint64_t)disk.f_bavail * disk.f_frsize + (uint64_t)now.st_blocks * 512;
    if (available < (uint64_t)bytes)
        return ENOSPC;
    return ftruncate(file, bytes) == 0 ? 0 : errno;
}

bf_status_t bf_file_reserve(int file, const char *name, int64_t bytes)
{
    int reason = 0;
    do {
        reason = fallocate(file, 0, 0, bytes) == 0 ? 0 : errno;
    } while (reason == EINTR);
    if (reason == EOPNOTSUPP || reason == ENOSYS)
        reason = reserve_by_size(file, bytes);
    if (reason != 0)
        return bf_error_set(BF_ERR_IO, "%s: cannot reserve the %" PRId64 " bytes it will need: %s", name, bytes,
                            strerror(reason));
    return BF_OK;
}

void bf_file_sync_directory(const char *path)
{
    char *copy = strdup(path);
    if (!copy)
        return;
    const int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        fsync(directory);
        close(directory);
    }
    free(copy);
}
