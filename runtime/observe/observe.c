/* The spelling of observables. */
#include "runtime/observe/observe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bf_feature_kind_t kind;
    bool pair;
} known[] = {{"xyz", BF_FEATURE_XYZ, false},
             {"xx", BF_FEATURE_XX, true},
             {"yy", BF_FEATURE_YY, true},
             {"zz", BF_FEATURE_ZZ, true},
             {"entropy", BF_FEATURE_ENTROPY, false},
             {"bonddim", BF_FEATURE_BONDDIM, false},
             {"logbond", BF_FEATURE_LOGBOND, false},
             {"purity", BF_FEATURE_PURITY, false}};
enum { KNOWN = sizeof known / sizeof *known };

typedef struct list {
    bf_feature_t *items;
    size_t count;
    size_t room;
} list_t;

static bf_status_t add(list_t *list, bf_feature_kind_t kind, int distance)
{
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 8;
        bf_feature_t *items = realloc(list->items, room * sizeof *items);
        if (!items)
            return bf_error_set(BF_ERR_NOMEM, "out of memory");
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = (bf_feature_t){.kind = kind, .distance = distance};
    return BF_OK;
}

static bf_status_t refuse(const char *item, size_t length)
{
    return bf_error_set(BF_ERR_INPUT,
                        "--observables: '%.*s': one of xyz, xx:K, yy:K, zz:K, xyzpair:K (K a distance or a range 1-4), entropy, "
                        "bonddim, logbond, "
                        "purity is expected",
                        (int)(length < 40 ? length : 40), item);
}

/* `3` or `1-4`. */
static bool parse_range(const char *text, const char *end, long *low, long *high)
{
    char *stop;
    *low = strtol(text, &stop, 10);
    *high = *low;
    if (stop == text)
        return false;
    if (stop < end && *stop == '-') {
        const char *from = stop + 1;
        *high = strtol(from, &stop, 10);
        if (stop == from)
            return false;
    }
    return stop == end && *low >= 1 && *high >= *low;
}

static bf_status_t add_pairs(list_t *list, const char *item, size_t length, size_t name, bf_feature_kind_t first,
                             bf_feature_kind_t last, bf_site_t n)
{
    long low;
    long high;
    if (name == length || !parse_range(item + name + 1, item + length, &low, &high))
        return refuse(item, length);
    if (high >= n)
        return bf_error_set(BF_ERR_INPUT, "--observables: '%.*s': the circuit has %d qubits, so distances go from 1 to %d",
                            (int)length, item, (int)n, (int)n - 1);
    for (long k = low; k <= high; k++)
        for (int kind = (int)first; kind <= (int)last; kind++)
            BF_TRY(add(list, (bf_feature_kind_t)kind, (int)k));
    return BF_OK;
}

static bf_status_t add_item(list_t *list, const char *item, size_t length, bf_site_t n)
{
    const char *colon = memchr(item, ':', length);
    const size_t name = colon ? (size_t)(colon - item) : length;
    if (name == strlen("xyzpair") && strncmp(item, "xyzpair", name) == 0)
        return add_pairs(list, item, length, name, BF_FEATURE_XX, BF_FEATURE_ZZ, n);
    for (int i = 0; i < KNOWN; i++) {
        if (strlen(known[i].name) != name || strncmp(known[i].name, item, name) != 0)
            continue;
        if (known[i].pair)
            return add_pairs(list, item, length, name, known[i].kind, known[i].kind, n);
        return colon ? refuse(item, length) : add(list, known[i].kind, 0);
    }
    return refuse(item, length);
}

bf_status_t bf_observables_parse(const char *text, bf_site_t n, bf_feature_t **features, size_t *count)
{
    list_t list = {0};
    bf_status_t status = BF_OK;
    for (const char *item = text; status == BF_OK; item++) {
        const size_t length = strcspn(item, ",");
        status = add_item(&list, item, length, n);
        item += length;
        if (!*item)
            break;
    }
    if (status != BF_OK) {
        free(list.items);
        list = (list_t){0};
    }
    *features = list.items;
    *count = list.count;
    return status;
}

void bf_observables_name(const bf_feature_t *feature, size_t column, char *name, size_t size)
{
    if (feature->kind == BF_FEATURE_XYZ) {
        snprintf(name, size, "%c%zu", "xyz"[column % 3], column / 3);
        return;
    }
    for (int i = 0; i < KNOWN; i++)
        if (known[i].kind == feature->kind) {
            if (known[i].pair)
                snprintf(name, size, "%s:%d:%zu", known[i].name, feature->distance, column);
            else
                snprintf(name, size, "%s%zu", known[i].name, column);
        }
}

size_t bf_observables_columns(const bf_feature_t *features, size_t count, bf_site_t n)
{
    size_t columns = 0;
    for (size_t i = 0; i < count; i++)
        columns += bf_feature_columns(&features[i], n);
    return columns;
}

enum { NAME_SIZE = 32 };

static size_t width_of(const bf_feature_t *feature)
{
    return feature->kind == BF_FEATURE_XYZ ? 3 : 1;
}

/* Name of column @p k of a feature's part of the table: without the qubit, which is the line. */
static void title(const bf_feature_t *feature, size_t k, char *name)
{
    char full[NAME_SIZE];
    bf_observables_name(feature, k, full, sizeof full);
    full[feature->kind == BF_FEATURE_XYZ ? 1 : strlen(full) - 1] = '\0'; /* column k < 10: one digit */
    const size_t length = strlen(full);
    if (length > 0 && full[length - 1] == ':')
        full[length - 1] = '\0';
    memcpy(name, full, NAME_SIZE);
}

bf_status_t bf_observables_table(const bf_feature_t *features, size_t count, bf_site_t n, const double *values, size_t *columns,
                                 char ***names, double **table)
{
    *columns = 0;
    for (size_t i = 0; i < count; i++)
        *columns += width_of(&features[i]);
    *table = malloc(*columns * (size_t)n * sizeof **table);
    *names = malloc(*columns * (sizeof **names + NAME_SIZE));
    if (!*table || !*names) {
        free(*table);
        free(*names);
        return bf_error_set(BF_ERR_NOMEM, "out of memory: %zu columns", *columns);
    }
    char *text = (char *)(*names + *columns);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t width = width_of(&features[i]);
        const size_t lines = bf_feature_columns(&features[i], n) / width;
        for (size_t k = 0; k < width; k++, at++) {
            (*names)[at] = text + at * NAME_SIZE;
            title(&features[i], k, (*names)[at]);
            for (size_t q = 0; q < (size_t)n; q++)
                (*table)[q * *columns + at] = q < lines ? values[q * width + k] : NAN;
        }
        values += lines * width;
    }
    return BF_OK;
}
