/* Files that are whole or not there. */
#include "runtime/io/io.h"

#include "runtime/io/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bf_output {
    FILE *stream;
    char *path;    /* as given; NULL for standard output */
    char *scratch; /* temporary name beside it; NULL for standard output, pipes and devices */
};

static void release(bf_output_t *output)
{
    free(output->path);
    free(output->scratch);
    free(output);
}

/* Pipes and devices have no "beside": they are written as they are. */
static bf_status_t open_special(bf_output_t *output, const char *path)
{
    output->stream = fopen(path, "w");
    return output->stream ? BF_OK : bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static bf_status_t open_beside(bf_output_t *output, const char *path)
{
    const size_t length = strlen(path);
    output->scratch = malloc(length + sizeof ".XXXXXX");
    if (!output->scratch)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    memcpy(output->scratch, path, length);
    strcpy(output->scratch + length, ".XXXXXX");
    const int file = mkstemp(output->scratch);
    if (file < 0) {
        const int reason = errno;
        free(output->scratch);
        output->scratch = NULL;
        return bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", path, strerror(reason));
    }
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(file, 0666 & ~mask);
    output->stream = fdopen(file, "w");
    return output->stream ? BF_OK : bf_error_set(BF_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

bf_status_t bf_output_open(const char *path, bf_output_t **out)
{
    *out = NULL;
    bf_output_t *output = calloc(1, sizeof *output);
    if (!output)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    if (!path || strcmp(path, "-") == 0)
        output->stream = stdout;
    else {
        struct stat file;
        const bool special = stat(path, &file) == 0 && !S_ISREG(file.st_mode);
        output->path = strdup(path);
        const bf_status_t status = !output->path ? bf_error_set(BF_ERR_NOMEM, "out of memory")
                                   : special     ? open_special(output, path)
                                                 : open_beside(output, path);
        if (status != BF_OK) {
            bf_output_abandon(output);
            return status;
        }
    }
    *out = output;
    return BF_OK;
}

FILE *bf_output_stream(bf_output_t *output)
{
    return output->stream;
}

const char *bf_output_scratch(const bf_output_t *output)
{
    return output->scratch;
}

bf_status_t bf_output_commit(bf_output_t *output)
{
    bf_status_t status = BF_OK;
    const char *name = output->path ? output->path : "standard output";
    if (ferror(output->stream) || fflush(output->stream) != 0 || (output->scratch && fsync(fileno(output->stream)) != 0))
        status = bf_error_set(BF_ERR_IO, "%s: writing failed: %s", name, strerror(errno));
    if (status == BF_OK && !output->scratch) {
        bf_output_abandon(output);
        return BF_OK;
    }
    if (status == BF_OK && rename(output->scratch, output->path) != 0)
        status = bf_error_set(BF_ERR_IO, "%s: cannot be replaced: %s", name, strerror(errno));
    if (status != BF_OK) {
        bf_output_abandon(output);
        return status;
    }
    fclose(output->stream);
    bf_file_sync_directory(output->path); /* a rename is durable only once the directory is */
    release(output);
    return BF_OK;
}

void bf_output_abandon(bf_output_t *output)
{
    if (!output)
        return;
    if (output->stream && output->stream != stdout)
        fclose(output->stream);
    if (output->scratch)
        unlink(output->scratch);
    release(output);
}
