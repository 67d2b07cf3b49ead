/* Running out of memory, with a message. */
#include "codelets/memory.h"

#include "codelets/host.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Asking costs about 30 us; a smaller request cannot be the one that breaks the machine. */
#define LOOK_FROM_BYTES ((size_t)32 << 20)

void bf_memory_check(size_t bytes, const char *what)
{
    if (bytes < LOOK_FROM_BYTES)
        return;
    const size_t available = bf_host_memory().available;
    if (bytes > available)
        bf_fatal(
            3, "not enough memory: %s takes %zu MiB, %zu MiB are free; use a smaller --max-dim, fewer workers, or more machines",
            what, bytes >> 20, available >> 20);
}

_Noreturn void bf_fatal(int exit_code, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "bondflow: error: %s\n", line);
    fflush(stderr);
    _exit(exit_code);
}
