/* All combinations of the lists. */
#include "apps/sched_tune.h"
#include "runtime/session/session.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 32 };

/* Split at commas; the words are copied to @p text and point into it. */
static bf_status_t split(const char *option, const char *list, char *text, size_t size, char *words[LIST_MAX], size_t *n)
{
    if (strlen(list) >= size)
        return bf_error_set(BF_ERR_INPUT, "%s: the list is too long", option);
    strcpy(text, list);
    *n = 0;
    char *rest = text;
    for (char *word; (word = strsep(&rest, ","));) {
        if (!*word || *n == LIST_MAX)
            return bf_error_set(BF_ERR_INPUT, "%s %.60s: a list of up to %d values with commas between them is needed", option,
                                list, LIST_MAX);
        words[(*n)++] = word;
    }
    return BF_OK;
}

typedef struct lists {
    char schedulers[LIST_MAX][32];
    long long workers[LIST_MAX]; /* 0: all */
    long long ranks[LIST_MAX];
    long long windows[LIST_MAX];
    double grains[LIST_MAX];
    size_t n_schedulers, n_workers, n_ranks, n_windows, n_grains;
} lists_t;

static bf_status_t read_whole(const char *option, const char *list, long long high, const char *zero, long long *values,
                              size_t *n)
{
    char text[512];
    char *words[LIST_MAX];
    BF_TRY(split(option, list, text, sizeof text, words, n));
    for (size_t i = 0; i < *n; i++)
        if (zero && strcmp(words[i], zero) == 0)
            values[i] = 0;
        else
            BF_TRY(bf_cli_int(option, words[i], 1, high, &values[i]));
    return BF_OK;
}

static bf_status_t read_schedulers(const char *list, lists_t *l)
{
    char text[1024];
    char *words[LIST_MAX];
    BF_TRY(split("--sched", list, text, sizeof text, words, &l->n_schedulers));
    for (size_t i = 0; i < l->n_schedulers; i++) {
        BF_TRY(bf_session_check_scheduler("--sched ", words[i]));
        snprintf(l->schedulers[i], sizeof l->schedulers[i], "%s", words[i]);
    }
    return BF_OK;
}

/* The environment's scheduler first: what the others are compared with is what would run without us. */
static bf_status_t default_schedulers(lists_t *l)
{
    const char *own = getenv("STARPU_SCHED");
    char list[256] = "";
    if (own && *own)
        snprintf(list, sizeof list, "%.64s,", own);
    static const char *const usual[] = {"lws", "prio", "eager", "dmda", "dmdas"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (!own || strcmp(own, usual[i]) != 0)
            strcat(strcat(list, usual[i]), ",");
    list[strlen(list) - 1] = '\0';
    return read_schedulers(list, l);
}

/* All, half of them, a quarter, ..., 1. */
static bf_status_t default_workers(lists_t *l)
{
    bf_placement_t placement;
    BF_TRY(bf_placement_find(&(bf_place_t){.size = (int)l->ranks[0]}, l->ranks[0] > 1, &placement));
    l->workers[l->n_workers++] = 0;
    for (int w = placement.workers / 2; w >= 1; w /= 2)
        l->workers[l->n_workers++] = w;
    return BF_OK;
}

static bf_status_t read_lists(const bf_tune_options_t *o, lists_t *l)
{
    *l = (lists_t){.ranks = {1}, .n_ranks = 1, .n_windows = 1, .n_grains = 1};
    BF_TRY(o->schedulers ? read_schedulers(o->schedulers, l) : default_schedulers(l));
    if (o->ranks)
        BF_TRY(read_whole("--ranks", o->ranks, 4096, NULL, l->ranks, &l->n_ranks));
    BF_TRY(o->workers ? read_whole("--workers", o->workers, 4096, "all", l->workers, &l->n_workers) : default_workers(l));
    if (o->windows)
        BF_TRY(read_whole("--window", o->windows, 1 << 20, NULL, l->windows, &l->n_windows));
    if (o->grains) {
        char text[512];
        char *words[LIST_MAX];
        BF_TRY(split("--grain-us", o->grains, text, sizeof text, words, &l->n_grains));
        for (size_t i = 0; i < l->n_grains; i++)
            BF_TRY(bf_cli_double("--grain-us", words[i], 1e-3, 1e12, &l->grains[i]));
    }
    return BF_OK;
}

static bool same(const bf_setting_t *a, const bf_setting_t *b)
{
    return strcmp(a->scheduler, b->scheduler) == 0 && a->workers == b->workers && a->ranks == b->ranks &&
           a->window == b->window && a->grain_us == b->grain_us;
}

static bool known(const bf_tune_t *t, const bf_setting_t *setting)
{
    for (size_t i = 0; i < t->n; i++)
        if (same(&t->candidates[i].setting, setting))
            return true;
    return false;
}

static bf_status_t add(bf_tune_t *t, const bf_setting_t *setting)
{
    if (t->n == BF_TUNE_SETTINGS_MAX)
        return bf_error_set(BF_ERR_INPUT, "more than %d combinations of settings; shorten the lists", BF_TUNE_SETTINGS_MAX);
    bf_candidate_t *c = &t->candidates[t->n++];
    c->setting = *setting;
    c->seconds = malloc(BF_TUNE_ROUNDS_MAX * sizeof *c->seconds);
    c->idle = malloc(BF_TUNE_ROUNDS_MAX * sizeof *c->idle);
    return c->seconds && c->idle ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory");
}

/* Every scheduler, window and grain for one layout of workers. */
static bf_status_t add_layout(bf_tune_t *t, const lists_t *l, int ranks, int workers)
{
    for (size_t s = 0; s < l->n_schedulers; s++)
        for (size_t w = 0; w < l->n_windows; w++)
            for (size_t g = 0; g < l->n_grains; g++) {
                bf_setting_t setting = {.workers = workers, .ranks = ranks, .window = l->windows[w], .grain_us = l->grains[g]};
                memcpy(setting.scheduler, l->schedulers[s], sizeof setting.scheduler);
                if (!known(t, &setting))
                    BF_TRY(add(t, &setting));
            }
    return BF_OK;
}

bf_status_t bf_tune_settings(const bf_tune_options_t *o, bf_tune_t *t)
{
    lists_t l;
    BF_TRY(read_lists(o, &l));
    t->candidates = calloc(BF_TUNE_SETTINGS_MAX, sizeof *t->candidates);
    if (!t->candidates)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    for (size_t r = 0; r < l.n_ranks; r++)
        for (size_t w = 0; w < l.n_workers; w++) {
            bf_placement_t placement;
            const int ranks = (int)l.ranks[r];
            BF_TRY(bf_placement_find(&(bf_place_t){.size = ranks}, ranks > 1, &placement));
            const int workers = l.workers[w] ? (int)l.workers[w] : placement.workers;
            if (workers > placement.cores && (r > 0 || w > 0))
                bf_log(BF_LOG_NOTE, "left out: %d workers on %d rank%s, more than there are cores", workers, ranks,
                       ranks == 1 ? "" : "s");
            else
                BF_TRY(add_layout(t, &l, ranks, workers));
        }
    return BF_OK;
}

const char *bf_setting_describe(const bf_setting_t *setting, char *text, size_t size)
{
    int used = snprintf(text, size, "%s, %d worker%s, %d rank%s", setting->scheduler, setting->workers,
                        setting->workers == 1 ? "" : "s", setting->ranks, setting->ranks == 1 ? "" : "s");
    if (setting->window && used < (int)size)
        used += snprintf(text + used, size - (size_t)used, ", window %lld", setting->window);
    if (setting->grain_us > 0.0 && used < (int)size)
        snprintf(text + used, size - (size_t)used, ", grain %g us", setting->grain_us);
    return text;
}

bool bf_setting_calibrates(const bf_setting_t *setting)
{
    return strncmp(setting->scheduler, "dm", 2) == 0 || strstr(setting->scheduler, "heft") != NULL;
}
