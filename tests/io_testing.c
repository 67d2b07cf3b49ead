/* A directory for the tests of files, and files in it. */
#define _GNU_SOURCE
#include "io_testing.h"

#include "runtime/error.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[256];

int io_open(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/bondflow-io.XXXXXX", parent ? parent : "/tmp");
    return mkdtemp(directory) ? 0 : 1;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

int io_close(void)
{
    return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *io_path(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

const char *io_write(const char *name, const void *data, size_t bytes)
{
    const char *path = io_path(name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0) {
        perror(path);
        abort();
    }
    return path;
}

const char *io_text(const char *name, const char *text)
{
    return io_write(name, text, strlen(text));
}

char *io_slurp(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(size + 1);
    if (!data || fread(data, 1, size, file) != size)
        abort();
    data[size] = '\0';
    fclose(file);
    if (bytes)
        *bytes = size;
    return data;
}

bool io_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool io_error_says(const char *words)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%s", words);
    for (char *rest = NULL, *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest))
        if (!strstr(bf_error_message(), word)) {
            printf("\n  expected \"%s\" in: %s\n", word, bf_error_message());
            return false;
        }
    return true;
}

double io_number(uint64_t i)
{
    uint64_t z = (i + 1) * 0x9E3779B97F4A7C15U; /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-52 - 1.0;
}
