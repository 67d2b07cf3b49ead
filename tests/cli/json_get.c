/* json_get FILE KEY...: print one value of a JSON file, found by following keys; fails when the file is no JSON or has no such
 * key. Without keys: only checks that FILE is one JSON object. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    json_error_t error;
    if (argc < 2) {
        fprintf(stderr, "usage: json_get FILE KEY...\n");
        return EXIT_FAILURE;
    }
    json_t *root = json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        fprintf(stderr, "%s:%d:%d: %s\n", argv[1], error.line, error.column, root ? "not an object" : error.text);
        return EXIT_FAILURE;
    }
    const json_t *value = root;
    for (int k = 2; k < argc && value; ++k)
        value = json_object_get(value, argv[k]);
    if (!value) {
        fprintf(stderr, "%s: no key %s\n", argv[1], argv[argc - 1]);
        return EXIT_FAILURE;
    }
    if (json_is_string(value))
        puts(json_string_value(value));
    else if (argc > 2 && json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17)) == 0)
        putchar('\n');
    json_decref(root);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
