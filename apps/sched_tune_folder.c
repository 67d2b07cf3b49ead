/* Scratch folders, whole. */
#define _GNU_SOURCE /* nftw */
#include "apps/sched_tune_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_FOLDERS = 16 };

bf_status_t bf_folder_make(char *name, size_t size)
{
    const char *base = getenv("TMPDIR");
    snprintf(name, size, "%.200s/sched_tune.XXXXXX", base && *base ? base : "/tmp");
    if (mkdtemp(name))
        return BF_OK;
    const bf_status_t status = bf_error_set(BF_ERR_IO, "%s: no scratch folder: %s", name, strerror(errno));
    name[0] = '\0';
    return status;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about;
    (void)type;
    (void)where;
    return remove(path);
}

void bf_folder_remove(const char *name)
{
    nftw(name, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

/* nftw() passes nothing through. */
static const char *copy_from;
static const char *copy_to;

static int copy_file(const char *from, const char *to)
{
    char block[1 << 14];
    FILE *in = fopen(from, "r");
    FILE *out = in ? fopen(to, "w") : NULL;
    bool good = in && out;
    for (size_t length; good && (length = fread(block, 1, sizeof block, in)) > 0;)
        good = fwrite(block, 1, length, out) == length;
    good = good && !ferror(in);
    if (in)
        fclose(in);
    if (out)
        good = fclose(out) == 0 && good;
    return good ? 0 : -1;
}

static int copy_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about;
    (void)where;
    char to[4096];
    if (snprintf(to, sizeof to, "%s%s", copy_to, path + strlen(copy_from)) >= (int)sizeof to)
        return -1;
    if (type == FTW_D)
        return mkdir(to, 0700);
    return type == FTW_F ? copy_file(path, to) : 0;
}

bf_status_t bf_folder_copy(const char *from, const char *to)
{
    bf_folder_remove(to);
    copy_from = from;
    copy_to = to;
    if (nftw(from, copy_one, OPEN_FOLDERS, FTW_PHYS) != 0)
        return bf_error_set(BF_ERR_IO, "%s could not be copied to %s: %s", from, to, strerror(errno));
    return BF_OK;
}
