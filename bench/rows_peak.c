/* rows_peak PROGRAM ARGUMENTS...: run it, then print `peak N`, its largest resident size in KiB, and `cpu S`, its user time in
 * seconds, on stderr. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: rows_peak PROGRAM ARGUMENTS...\n", stderr);
        return EXIT_FAILURE;
    }
    const pid_t child = fork();
    if (child == 0) {
        execv(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("rows_peak");
        return EXIT_FAILURE;
    }
    fprintf(stderr, "peak %ld\ncpu %.3f\n", usage.ru_maxrss,
            (double)usage.ru_utime.tv_sec + 1e-6 * (double)usage.ru_utime.tv_usec);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
