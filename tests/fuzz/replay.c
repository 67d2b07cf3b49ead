/* Runs the fuzz target over the files and folders named on the command line: regressions as an ordinary test. */
#include "fuzz_circuit.h"
#include "runtime/circuit/circuit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/** Run one file. @return 1, or 0 when it cannot be read */
static int replay_file(const char *path)
{
    char *text = NULL;
    size_t length = 0;
    bf_error_clear();
    if (bf_circuit_load(path, &text, &length) < 0) {
        fprintf(stderr, "%s\n", bf_error_message());
        return 0;
    }
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput((const uint8_t *)text, length);
    free(text);
    return 1;
}

int main(int argc, char **argv)
{
    int replayed = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder) {
            fprintf(stderr, "cannot open the folder %s\n", argv[i]);
            return EXIT_FAILURE;
        }
        for (const struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            const int done = replay_file(path);
            replayed += done;
            failed += !done;
        }
        closedir(folder);
    }
    printf("%d files replayed, %d unreadable\n", replayed, failed);
    return replayed > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
