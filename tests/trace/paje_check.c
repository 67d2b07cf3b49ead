/* paje_check FILE: what a Paje trace must be, checked more strictly than ViTE does: every event is defined and has its fields,
 * containers exist, values are defined for their types, times never decrease, pushes and pops balance, each link begins once and
 * ends once, after its beginning, with the same value; states are set on containers of the right type. Prints the first fault and
 * fails. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EVENTS = 64, MAX_FIELDS = 16, TABLE = 1 << 20 };

typedef struct definition {
    char name[40];
    int fields;
} definition_t;

typedef struct entry {
    char *key;
    char *a, *b;
    double time;
    int state;
} entry_t;

static definition_t events[MAX_EVENTS];
static entry_t table[TABLE];
static long line;

static void fault(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void fault(const char *format, ...)
{
    va_list args;
    printf("line %ld: ", line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    exit(EXIT_FAILURE);
}

/* The entry of "kind name", made if it is not there. */
static entry_t *entry(const char *kind, const char *name)
{
    char key[256];
    snprintf(key, sizeof key, "%s %s", kind, name);
    size_t hash = 5381;
    for (const char *c = key; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    for (size_t i = hash % TABLE;; i = (i + 1) % TABLE) {
        if (!table[i].key)
            table[i].key = strdup(key);
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    }
}

static int split(char *text, char *words[MAX_FIELDS])
{
    int n = 0;
    for (char *c = text; *c;) {
        while (*c == ' ' || *c == '\n')
            c++;
        if (!*c)
            break;
        if (n == MAX_FIELDS)
            fault("too many fields");
        if (*c == '"') {
            words[n++] = ++c;
            while (*c && *c != '"')
                c++;
            if (!*c)
                fault("a quote is not closed");
        } else {
            words[n++] = c;
            while (*c && *c != ' ' && *c != '\n')
                c++;
        }
        if (*c)
            *c++ = '\0';
    }
    return n;
}

static void read_definition(FILE *file, char *text)
{
    char name[40];
    int id;
    char word[200];
    if (sscanf(text, "%%EventDef %39s %d", name, &id) != 2 || id < 0 || id >= MAX_EVENTS || events[id].fields)
        fault("a bad definition");
    memcpy(events[id].name, name, sizeof name);
    while (fgets(word, sizeof word, file) && ++line && strncmp(word, "%EndEventDef", 12) != 0) {
        char field[40];
        char type[40];
        if (sscanf(word, "%% %39s %39s", field, type) != 2 || !strstr("int hex date double string color", type))
            fault("a bad field");
        events[id].fields++;
    }
}

static entry_t *container(const char *name, const char *type)
{
    entry_t *c = entry("container", name);
    if (c->state != 1)
        fault("container %s does not exist", name);
    if (type && strcmp(c->a, type) != 0)
        fault("container %s is of type %s, not %s", name, c->a, type);
    return c;
}

static const char *type_of(const char *kind, const char *name)
{
    entry_t *type = entry(kind, name);
    if (!type->a)
        fault("%s %s is not defined", kind, name);
    return type->a;
}

static void define(const char *kind, char **w)
{
    entry_t *type = entry(kind, w[1]);
    if (type->a)
        fault("%s %s is defined twice", kind, w[1]);
    if (strcmp(w[2], "0") != 0)
        type_of("containers", w[2]);
    type->a = strdup(w[2]);
}

static void check_value(const char *type, const char *value)
{
    char key[200];
    snprintf(key, sizeof key, "%s/%s", type, value);
    if (!entry("value", key)->a)
        fault("value %s of %s is not defined", value, type);
}

static void check_link(const char *name, char **w)
{
    entry_t *link = entry("link", w[6]);
    type_of("links", w[2]);
    container(w[3], NULL);
    container(w[5], type_of("links", w[2]));
    const double time = atof(w[1]);
    if (strcmp(name, "PajeStartLink") == 0) {
        if (link->state)
            fault("link %s begins twice", w[6]);
        link->state = 1;
        link->a = strdup(w[4]);
        link->time = time;
        return;
    }
    if (link->state != 1)
        fault("link %s ends without a beginning, or twice", w[6]);
    if (strcmp(link->a, w[4]) != 0 || time < link->time)
        fault("link %s ends with another value, or before it begins", w[6]);
    link->state = 2;
}

static void check_event(const char *name, char **w)
{
    if (strcmp(name, "PajeDefineContainerType") == 0)
        define("containers", w);
    else if (strcmp(name, "PajeDefineStateType") == 0)
        define("states", w);
    else if (strcmp(name, "PajeDefineVariableType") == 0)
        define("variables", w);
    else if (strcmp(name, "PajeDefineLinkType") == 0) {
        define("links", w);
        entry("links", w[1])->a = strdup(w[3]);
    } else if (strcmp(name, "PajeDefineEntityValue") == 0) {
        char key[200];
        type_of("states", w[2]);
        snprintf(key, sizeof key, "%s/%s", w[2], w[1]);
        entry("value", key)->a = strdup(w[3]);
    } else if (strcmp(name, "PajeCreateContainer") == 0) {
        entry_t *c = entry("container", w[2]);
        const char *parent = type_of("containers", w[3]);
        if (c->state)
            fault("container %s is made twice", w[2]);
        if (strcmp(w[4], "0") != 0)
            container(w[4], parent);
        c->state = 1;
        c->a = strdup(w[3]);
    } else if (strcmp(name, "PajeDestroyContainer") == 0)
        container(w[3], w[2])->state = 2;
    else if (strcmp(name, "PajeSetState") == 0 || strcmp(name, "PajePushState") == 0) {
        entry_t *c = container(w[3], type_of("states", w[2]));
        check_value(w[2], w[4]);
        c->time += strcmp(name, "PajePushState") == 0;
    } else if (strcmp(name, "PajePopState") == 0) {
        entry_t *c = container(w[3], type_of("states", w[2]));
        if (--c->time < 0)
            fault("a pop without a push on %s", w[3]);
    } else if (strcmp(name, "PajeSetVariable") == 0) {
        char *end;
        container(w[3], type_of("variables", w[2]));
        if (strtod(w[4], &end) < 0.0 || *end)
            fault("variable %s is %s", w[2], w[4]);
    } else if (strcmp(name, "PajeStartLink") == 0 || strcmp(name, "PajeEndLink") == 0)
        check_link(name, w);
    else
        fault("event %s is not expected here", name);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    char text[1024];
    double now = 0.0;
    if (!file)
        return 2;
    while (fgets(text, sizeof text, file)) {
        char *words[MAX_FIELDS];
        line++;
        if (text[0] == '%') {
            read_definition(file, text);
            continue;
        }
        const int n = split(text, words);
        const int id = n > 0 ? atoi(words[0]) : -1;
        if (id < 0 || id >= MAX_EVENTS || !events[id].fields)
            fault("event %s is not defined", n > 0 ? words[0] : "");
        if (n != events[id].fields + 1)
            fault("%d fields, %s has %d", n - 1, events[id].name, events[id].fields);
        if (strncmp(events[id].name, "PajeDefine", 10) != 0) {
            char *end;
            const double time = strtod(words[1], &end);
            if (*end || time < now)
                fault("time goes from %f to %s", now, words[1]);
            now = time;
        }
        check_event(events[id].name, words);
    }
    fclose(file);
    for (size_t i = 0; i < TABLE; i++) {
        const entry_t *e = &table[i];
        if (e->key && strncmp(e->key, "link ", 5) == 0 && e->state == 1)
            fault("%s never ends", e->key);
        if (e->key && strncmp(e->key, "container ", 10) == 0 && (e->state == 1 || e->time != 0.0))
            fault("%s is never destroyed, or has a state pushed", e->key);
    }
    printf("%ld lines, no fault\n", line);
    return EXIT_SUCCESS;
}
