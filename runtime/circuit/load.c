/* Whole files into memory. */
#include "runtime/circuit/circuit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bf_status_t read_all(FILE *file, const char *path, char **text, size_t *length)
{
    size_t capacity = (size_t)1 << 16;
    size_t used = 0;
    char *buffer = malloc(capacity);
    while (buffer) {
        used += fread(buffer + used, 1, capacity - 1 - used, file);
        if (used < capacity - 1)
            break;
        char *larger = realloc(buffer, capacity *= 2);
        if (!larger)
            free(buffer);
        buffer = larger;
    }
    if (!buffer)
        return bf_error_set(BF_ERR_NOMEM, "out of memory reading %s: %zu bytes so far", path, used);
    if (ferror(file)) {
        const int reason = errno;
        free(buffer);
        return bf_error_set(BF_ERR_INPUT, "cannot read %s: %s; expected a circuit file", path, strerror(reason));
    }
    buffer[used] = '\0';
    *text = buffer;
    *length = used;
    return BF_OK;
}

bf_status_t bf_circuit_load(const char *path, char **text, size_t *length)
{
    *text = NULL;
    *length = 0;
    if (strcmp(path, "-") == 0)
        return read_all(stdin, "standard input", text, length);
    FILE *file = fopen(path, "rb");
    if (!file)
        return bf_error_set(BF_ERR_INPUT, "cannot open %s: %s; expected a circuit file", path, strerror(errno));
    const bf_status_t status = read_all(file, path, text, length);
    fclose(file);
    return status;
}
