/* Marginals: a walk along the chain that branches at the sites asked for and sums over the others.
 *
 * What has been summed over is a matrix X, one column for each combination of outcomes: X X^H is the environment. A site that is
 * summed over doubles the columns; once they are more than the rows, the triangle of a QR factorisation says the same with fewer.
 */
#include "codelets/sample_chain.h"

#include "codelets/arena.h"
#include "kernels/carve.h"

#include <assert.h>
#include <math.h>
#include <string.h>

typedef struct walk {
    const bf_sample_marginal_t *job;
    const bf_dim_t *columns; /* n + 1: of X before each site */
    double *p;               /* weights of a step: 2 for each column */
    char *room;              /* matrices, those of a branch behind those of the branches it came from */
    size_t room_bytes;
    void *work; /* of a compression */
} walk_t;

static bool asked(const bf_sample_map_t *map, bf_site_t s)
{
    return map->first[s + 1] > map->first[s];
}

static bf_dim_t set_columns(const bf_sample_marginal_t *job, bf_dim_t *columns)
{
    const bf_sample_chain_t *chain = job->chain;
    bf_dim_t most = 1;
    columns[0] = 1;
    for (bf_site_t s = 0; s < job->map->end; s++) {
        const bf_dim_t doubled = BF_D * columns[s];
        columns[s + 1] = asked(job->map, s) ? columns[s] : doubled < chain->k[s + 1] ? doubled : chain->k[s + 1];
        most = columns[s + 1] > most ? columns[s + 1] : most;
    }
    return most;
}

static size_t x_bytes(const walk_t *w, bf_site_t s)
{
    return bf_align_up((size_t)(w->job->chain->k[s] * w->columns[s]) * bf_type_size(w->job->chain->type));
}

static size_t step_bytes(const walk_t *w, bf_site_t s)
{
    const bf_sample_chain_t *chain = w->job->chain;
    return bf_align_up((size_t)(BF_D * chain->k[s + 1] * w->columns[s]) * bf_type_size(chain->type));
}

/* Everything that one path through the chain holds at once, and the workspace of the largest compression. */
static size_t lay_out(walk_t *w, void *base, bf_dim_t most)
{
    const bf_sample_chain_t *chain = w->job->chain;
    size_t work = 0;
    w->room_bytes = x_bytes(w, 0);
    for (bf_site_t s = 0; s < w->job->map->end; s++) {
        w->room_bytes += step_bytes(w, s) + x_bytes(w, s + 1);
        const size_t here = bf_k_sample_compress_worksize(chain->type, chain->k[s + 1], BF_D * w->columns[s]);
        work = here > work ? here : work;
    }
    bf_carve_t c = {.base = base};
    w->p = bf_carve_reals(&c, BF_D * most);
    w->work = bf_carve(&c, work);
    w->room = bf_carve(&c, w->room_bytes);
    return c.used;
}

/* The columns of one outcome: every second one of a step's result. */
static void take_outcome(const bf_sample_chain_t *chain, bf_dim_t k, bf_dim_t columns, const void *both, int outcome, void *x)
{
    const size_t bytes = (size_t)k * bf_type_size(chain->type);
    for (bf_dim_t i = 0; i < columns; i++)
        memcpy((char *)x + (size_t)i * bytes, (const char *)both + (size_t)(BF_D * i + outcome) * bytes, bytes);
}

static double sum_of(const double *p, bf_dim_t columns, int outcome)
{
    double sum = 0.0;
    for (bf_dim_t i = 0; i < columns; i++)
        sum += p[BF_D * i + outcome];
    return sum;
}

static bf_status_t branch(const walk_t *w, bf_site_t s, int depth, size_t index, char *both);

/* From site @p s on with X at @p x, below the @p depth outcomes that are in @p index. */
static bf_status_t go(const walk_t *w, bf_site_t s, int depth, size_t index, char *x)
{
    const bf_sample_chain_t *chain = w->job->chain;
    for (;; s++) {
        const bf_dim_t k_r = chain->k[s + 1], columns = w->columns[s];
        char *both = x + x_bytes(w, s);
        bf_k_sample_step(chain->type, chain->k[s], k_r, columns, chain->form[s], x, both, w->p);
        assert(both + step_bytes(w, s) <= w->room + w->room_bytes);
        if (asked(w->job->map, s))
            return branch(w, s, depth, index, both);
        x = both; /* as k_r x 2 columns it is the next X */
        if (BF_D * columns > k_r) {
            x = both + step_bytes(w, s);
            const bf_status_t status = bf_k_sample_compress(chain->type, k_r, BF_D * columns, both, x, w->work);
            if (status != BF_OK)
                return status;
        }
    }
}

static bf_status_t branch(const walk_t *w, bf_site_t s, int depth, size_t index, char *both)
{
    const bf_sample_marginal_t *job = w->job;
    const uint32_t bit = job->map->bit[job->map->first[s]];
    char *next = both + step_bytes(w, s);
    const double total[BF_D] = {sum_of(w->p, w->columns[s], 0), sum_of(w->p, w->columns[s], 1)};
    for (int outcome = 0; outcome < BF_D; outcome++) {
        if (depth < job->fixed && (job->prefix >> bit & 1) != (uint64_t)outcome)
            continue;
        const size_t here = index | (size_t)outcome << bit;
        if (!isfinite(total[outcome]))
            return BF_ERR_NAN;
        if (s + 1 == job->map->end) {
            job->p[here] = total[outcome];
            continue;
        }
        take_outcome(job->chain, job->chain->k[s + 1], w->columns[s], both, outcome, next);
        const bf_status_t status = go(w, s + 1, depth + 1, here, next);
        if (status != BF_OK)
            return status;
    }
    return BF_OK;
}

bf_status_t bf_sample_marginal(const bf_sample_marginal_t *job)
{
    bf_dim_t columns[job->chain->n + 1];
    const bf_dim_t most = set_columns(job, columns);
    walk_t w = {.job = job, .columns = columns};
    lay_out(&w, bf_arena(lay_out(&w, NULL, most)), most);
    bf_k_sample_one(job->chain->type, w.room);
    return go(&w, 0, 0, 0, w.room);
}
