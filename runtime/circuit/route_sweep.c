/* Sweeps over the line from left to right: each takes every operation that is ready and touches no site the sweep has touched,
 * which is the largest possible layer. */
#include "runtime/circuit/route_line.h"

#include <stdlib.h>

/** A set of sites with a fast search for the next member: bit b of summary[k] says that words[64 k + b] is not 0. */
typedef struct sites {
    uint64_t *words;
    uint64_t *summary;
    size_t n_summary;
} sites_t;

typedef struct sweep {
    bf_line_t *line;
    bf_front_t front;
    sites_t sites;  /**< those with a ready operation on (site, site + 1) */
    uint32_t *head; /**< of each site: these operations, in a list, or BF_NO_ITEM */
    uint32_t *next; /**< of each operation */
} sweep_t;

static void add_site(sites_t *sites, size_t s)
{
    sites->words[s / 64] |= 1ULL << s % 64;
    sites->summary[s / 4096] |= 1ULL << s / 64 % 64;
}

static void remove_site(sites_t *sites, size_t s)
{
    sites->words[s / 64] &= ~(1ULL << s % 64);
    if (sites->words[s / 64] == 0)
        sites->summary[s / 4096] &= ~(1ULL << s / 64 % 64);
}

/** @return the first member from @p s on, or SIZE_MAX. */
static size_t next_site(const sites_t *sites, size_t s)
{
    if (s / 4096 >= sites->n_summary)
        return SIZE_MAX;
    const uint64_t here = sites->words[s / 64] >> s % 64;
    if (here)
        return s + (size_t)__builtin_ctzll(here);
    const size_t word = s / 64 + 1;
    for (size_t k = word / 64; k < sites->n_summary; k++) {
        const uint64_t words = sites->summary[k] & (k == word / 64 ? ~0ULL << word % 64 : ~0ULL);
        if (words == 0)
            continue;
        const size_t found = 64 * k + (size_t)__builtin_ctzll(words);
        return 64 * found + (size_t)__builtin_ctzll(sites->words[found]);
    }
    return SIZE_MAX;
}

/** Place what is ready on one site, and queue what is ready on two. */
static bf_status_t drain(sweep_t *sweep)
{
    bf_front_t *front = &sweep->front;
    while (front->n_ready > 0) {
        const uint32_t item = front->ready[--front->n_ready];
        const bf_site_t *wire = sweep->line->fused->ops[item].wire;
        if (wire[1] < 0) {
            BF_TRY(bf_line_place(sweep->line, item));
            bf_front_done(front, item);
            continue;
        }
        const bf_site_t site = wire[0] < wire[1] ? wire[0] : wire[1];
        if (sweep->head[site] == BF_NO_ITEM)
            add_site(&sweep->sites, (size_t)site);
        sweep->next[item] = sweep->head[site];
        sweep->head[site] = item;
    }
    return BF_OK;
}

static bf_status_t place_all(sweep_t *sweep, size_t site)
{
    while (sweep->head[site] != BF_NO_ITEM) {
        const uint32_t item = sweep->head[site];
        sweep->head[site] = sweep->next[item];
        if (sweep->head[site] == BF_NO_ITEM)
            remove_site(&sweep->sites, site);
        BF_TRY(bf_line_place(sweep->line, item));
        bf_front_done(&sweep->front, item);
        BF_TRY(drain(sweep));
    }
    return BF_OK;
}

static bf_status_t run(sweep_t *sweep)
{
    BF_TRY(drain(sweep));
    for (size_t from = 0;;) {
        const size_t site = next_site(&sweep->sites, from);
        if (site != SIZE_MAX) {
            BF_TRY(place_all(sweep, site));
            from = site + 2;
        } else if (from > 0) {
            from = 0;
        } else {
            return BF_OK;
        }
    }
}

bf_status_t bf_route_sweep(const bf_dag_t *dag, bf_line_t *line)
{
    const size_t n = (size_t)line->fused->n;
    const size_t n_summary = n / 4096 + 1;
    sweep_t sweep = {.line = line,
                     .sites = {.words = calloc(64 * n_summary, sizeof *sweep.sites.words),
                               .summary = calloc(n_summary, sizeof *sweep.sites.summary),
                               .n_summary = n_summary},
                     .head = malloc(n * sizeof *sweep.head),
                     .next = malloc((line->fused->n_ops + 1) * sizeof *sweep.next)};
    bf_status_t status = bf_front_open(dag, &sweep.front);
    if (!sweep.sites.words || !sweep.sites.summary || !sweep.head || !sweep.next)
        status = bf_error_set(BF_ERR_NOMEM, "out of memory for routing %zu operations", line->fused->n_ops);
    if (status >= 0) {
        for (size_t s = 0; s < n; s++)
            sweep.head[s] = BF_NO_ITEM;
        status = run(&sweep);
    }
    bf_front_close(&sweep.front);
    free(sweep.sites.words);
    free(sweep.sites.summary);
    free(sweep.head);
    free(sweep.next);
    return status;
}
