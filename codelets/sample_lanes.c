/* Shots in lanes.
 *
 * Bonds of dimension 1 cut the chain: what is drawn on one side says nothing about the other, so all shots are alike again behind
 * each of them. Sites between two such bonds are drawn from one chance. Elsewhere shots that have had the same outcomes since the
 * last cut share one vector, an entry, as long as there are few of them; then every shot gets its own, and tiles of shots walk on
 * to the next cut. None of this changes a bit of any vector (kernels/sample_lanes.h). */
#include "codelets/sample_lanes.h"

#include "codelets/arena.h"
#include "kernels/carve.h"

#include <assert.h>
#include <string.h>

/* Shots that walk together: their vectors stay in the nearest cache. A multiple of BF_LANES_PAD. */
#define TILE 256

/* Sharing an entry costs a shot about as much as carrying a vector does; entries cost in addition. */
#define SHOTS_AN_ENTRY 8

#define NO_BLOCK UINT32_MAX /* no site has it */

/* Words of a row that some sites have bits in: [first, end). */
typedef struct span {
    bf_dim_t first, end;
} span_t;

typedef struct lanes {
    const bf_sample_shots_t *job;
    int parts;        /* doubles an element */
    bf_dim_t m;       /* shots, those that fill the last register included */
    double *numbers;  /* 4 x m: random words of four sites */
    uint32_t *blocks; /* which four, of each tile */
    uint64_t *bits;   /* of shot i, word w of its row: bits[i + m w] */
    double *chances;  /* of sites between bonds of dimension 1 */
    double *v;        /* of the shots of a tile */

    bf_dim_t most;     /* entries that are carried on */
    bf_dim_t room;     /* for twice as many */
    bf_dim_t n;        /* entries now; those up to a whole register are copies */
    uint32_t *entries; /* of the shots */
    double *shared;    /* vectors of the entries */
    double *both;
    double *chance;
    uint64_t *paths;  /* of entry e, word w of a row since the last cut: paths[e + room w] */
    uint64_t *before; /* the same, before the site */
    uint32_t *child;  /* 2 e + outcome of the entry before the site, of those behind it */
    uint32_t *number; /* the inverse of that */
} lanes_t;

static bf_dim_t pad(bf_dim_t m)
{
    return (m + BF_LANES_PAD - 1) / BF_LANES_PAD * BF_LANES_PAD;
}

static bf_dim_t words_of_row(const lanes_t *t)
{
    return (bf_dim_t)(t->job->map->row_bytes + 7) / 8;
}

static size_t lay_out(lanes_t *t, void *base)
{
    const bf_sample_chain_t *chain = t->job->chain;
    const bf_dim_t words = words_of_row(t);
    const size_t m = (size_t)t->m, room = (size_t)t->room;
    const bf_dim_t reals = t->parts * chain->widest;
    bf_carve_t c = {.base = base};
    t->numbers = bf_carve_reals(&c, 4 * t->m);
    t->blocks = bf_carve(&c, (m / TILE + 1) * sizeof *t->blocks);
    t->bits = bf_carve(&c, (size_t)words * m * sizeof *t->bits);
    t->chances = bf_carve_reals(&c, chain->n);
    t->v = bf_carve_reals(&c, reals * TILE);
    t->entries = bf_carve(&c, m * sizeof *t->entries);
    t->shared = bf_carve_reals(&c, reals * t->room);
    t->both = bf_carve_reals(&c, BF_D * reals * t->room);
    t->chance = bf_carve_reals(&c, t->room);
    t->paths = bf_carve(&c, (size_t)words * room * sizeof *t->paths);
    t->before = bf_carve(&c, (size_t)words * room * sizeof *t->before);
    t->child = bf_carve(&c, room * sizeof *t->child);
    t->number = bf_carve(&c, room * sizeof *t->number);
    return c.used;
}

static bf_lanes_site_t site_of(const bf_sample_chain_t *chain, bf_site_t s)
{
    return (bf_lanes_site_t){
        .form = chain->form[s], .k_l = chain->k[s], .k_r = chain->k[s + 1], .real = bf_type_is_real(chain->type)};
}

static bf_dim_t lanes_of_tile(const lanes_t *t, bf_dim_t tile)
{
    const bf_dim_t left = t->m - tile * TILE;
    return left < TILE ? left : TILE;
}

/* The random numbers of a tile at a site; they are made for four sites at once. */
static bf_lanes_draws_t draws_of(const lanes_t *t, bf_site_t site, bf_dim_t tile)
{
    const bf_dim_t begin = tile * TILE;
    const uint32_t block = (uint32_t)site >> 2;
    const bf_lanes_draws_t draws = {.words = t->numbers + (site & 3) * t->m + begin,
                                    .seed = t->job->seed,
                                    .first = t->job->first + (uint64_t)begin,
                                    .site = (uint32_t)site};
    if (t->blocks[tile] != block) {
        bf_k_lanes_words(draws.seed, draws.first, block, lanes_of_tile(t, tile), t->m, t->numbers + begin);
        t->blocks[tile] = block;
    }
    return draws;
}

/* Where a kernel sets the outcome of a site: the first bit of it, or no bit at all. */
static uint64_t *bits_of(const lanes_t *t, bf_site_t site, bf_dim_t begin, uint64_t *bit)
{
    const bf_sample_map_t *map = t->job->map;
    const uint32_t at = map->first[site];
    const bool read = map->first[site + 1] > at;
    *bit = read ? UINT64_C(1) << map->bit[at] % 64 : 0;
    return t->bits + (read ? map->bit[at] / 64 : 0) * t->m + begin;
}

/* The other bits of a site, if it has several. */
static void copy_bits(const lanes_t *t, bf_site_t site, bf_dim_t begin, bf_dim_t m)
{
    const bf_sample_map_t *map = t->job->map;
    for (uint32_t k = map->first[site] + 1; k < map->first[site + 1]; k++) {
        const uint32_t from = map->bit[k - 1], to = map->bit[k];
        for (bf_dim_t i = begin; i < begin + m; i++)
            t->bits[to / 64 * t->m + i] |= (t->bits[from / 64 * t->m + i] >> from % 64 & 1) << to % 64;
    }
}

/* Sites between bonds of dimension 1. */
static bool draw_products(const lanes_t *t, bf_site_t begin, bf_site_t end)
{
    for (bf_site_t s = begin; s < end; s++) {
        const bf_lanes_site_t site = site_of(t->job->chain, s);
        double v[2 * BF_LANES_PAD] = {1, 1, 1, 1, 1, 1, 1, 1}, both[4 * BF_LANES_PAD], chance[BF_LANES_PAD];
        if (!bf_k_lanes_step(&site, BF_LANES_PAD, BF_LANES_PAD, v, both, chance))
            return false;
        t->chances[s] = chance[0];
    }
    for (bf_dim_t tile = 0; tile * TILE < t->m; tile++) {
        const bf_dim_t from = tile * TILE, m = lanes_of_tile(t, tile);
        for (bf_site_t s = begin; s < end; s++) {
            const bf_lanes_draws_t draws = draws_of(t, s, tile);
            uint64_t bit;
            uint64_t *bits = bits_of(t, s, from, &bit);
            bf_k_lanes_same(t->chances[s], &draws, m, bits, bit);
            copy_bits(t, s, from, m);
        }
    }
    return true;
}

/* Words of a row that the sites have bits in. */
static span_t span_of(const lanes_t *t, bf_site_t begin, bf_site_t end)
{
    const bf_sample_map_t *map = t->job->map;
    span_t span = {words_of_row(t), 0};
    for (uint32_t k = map->first[begin]; k < map->first[end]; k++) {
        const bf_dim_t word = map->bit[k] / 64;
        span.first = word < span.first ? word : span.first;
        span.end = word + 1 > span.end ? word + 1 : span.end;
    }
    return span;
}

/* All shots are alike. */
static void set_root(lanes_t *t, span_t span)
{
    t->n = 1;
    memset(t->entries, 0, (size_t)t->m * sizeof *t->entries);
    for (bf_dim_t e = 0; e < BF_LANES_PAD; e++) {
        t->shared[e] = 1.0;
        if (t->parts == 2)
            t->shared[t->room + e] = 0.0;
    }
    for (bf_dim_t w = span.first; w < span.end; w++)
        t->paths[w * t->room] = 0;
}

/* Draw for all shots, and number the entries that occur. */
static void part(lanes_t *t, bf_site_t site)
{
    uint32_t n = 0;
    memset(t->number, 0, (size_t)(2 * t->n) * sizeof *t->number);
    for (bf_dim_t tile = 0; tile * TILE < t->m; tile++) {
        const bf_lanes_draws_t draws = draws_of(t, site, tile);
        bf_k_lanes_part(t->chance, &draws, lanes_of_tile(t, tile), t->entries + tile * TILE);
    }
    for (bf_dim_t i = 0; i < t->m; i++)
        t->number[t->entries[i]] = 1;
    for (uint32_t c = 0; c < 2 * t->n; c++)
        if (t->number[c]) {
            t->number[c] = n;
            t->child[n++] = c;
        }
    for (bf_dim_t i = 0; i < t->m; i++)
        t->entries[i] = t->number[t->entries[i]];
    t->n = n;
}

/* The paths of the entries behind a site, but for its own outcome. */
static void inherit(lanes_t *t, span_t span)
{
    uint64_t *const paths = t->before;
    t->before = t->paths;
    t->paths = paths;
    for (bf_dim_t w = span.first; w < span.end; w++)
        for (bf_dim_t e = 0; e < t->n; e++)
            paths[w * t->room + e] = t->before[w * t->room + (t->child[e] >> 1)];
}

/* The outcome of a site goes into the paths, and with it the vectors go on. */
static void proceed(lanes_t *t, bf_site_t site)
{
    const bf_sample_map_t *map = t->job->map;
    const bf_dim_t room = t->room, m = pad(t->n), reals = t->parts * t->job->chain->k[site + 1];
    for (uint32_t k = map->first[site]; k < map->first[site + 1]; k++)
        for (bf_dim_t e = 0; e < t->n; e++)
            t->paths[map->bit[k] / 64 * room + e] |= (uint64_t)(t->child[e] & 1) << map->bit[k] % 64;
    for (bf_dim_t e = t->n; e < m; e++)
        t->child[e] = t->child[0];
    for (bf_dim_t c = 0; c < reals; c++)
        for (bf_dim_t e = 0; e < m; e++)
            t->shared[c * room + e] = t->both[((t->child[e] & 1) * reals + c) * room + (t->child[e] >> 1)];
}

/* Carry the entries over a site. Where none has a choice, no shot is looked at. */
static bool share(lanes_t *t, bf_site_t s, span_t span)
{
    const bf_lanes_site_t site = site_of(t->job->chain, s);
    if (!bf_k_lanes_step(&site, pad(t->n), t->room, t->shared, t->both, t->chance))
        return false;
    bool certain = true;
    for (bf_dim_t e = 0; e < t->n; e++) {
        certain = certain && bf_lanes_certain(t->chance[e]);
        t->child[e] = 2 * (uint32_t)e + (t->chance[e] < 1.0);
    }
    if (!certain) {
        part(t, s);
        inherit(t, span);
    }
    proceed(t, s);
    return true;
}

/* Every shot of a tile with a vector of its own, from a site to the next cut. */
static bool walk(lanes_t *t, bf_site_t begin, bf_site_t end, bf_dim_t tile)
{
    const bf_dim_t from = tile * TILE, m = lanes_of_tile(t, tile), reals = t->parts * t->job->chain->k[begin];
    for (bf_dim_t c = 0; c < reals; c++)
        for (bf_dim_t i = 0; i < m; i++)
            t->v[c * TILE + i] = t->shared[c * t->room + t->entries[from + i]];
    for (bf_site_t s = begin; s < end; s++) {
        const bf_lanes_site_t site = site_of(t->job->chain, s);
        const bf_lanes_draws_t draws = draws_of(t, s, tile);
        uint64_t bit;
        uint64_t *bits = bits_of(t, s, from, &bit);
        if (!bf_k_lanes_walk(&site, &draws, m, TILE, t->v, bits, bit))
            return false;
        copy_bits(t, s, from, m);
    }
    return true;
}

/* Sites from one cut to the next. */
static bool draw_entangled(lanes_t *t, bf_site_t begin, bf_site_t end)
{
    const span_t span = span_of(t, begin, end);
    bf_site_t s = begin;
    bool good = true;
    set_root(t, span);
    for (; s < end && t->n <= t->most && good; s++)
        good = share(t, s, span);
    for (bf_dim_t w = span.first; w < span.end; w++)
        for (bf_dim_t i = 0; i < t->m; i++)
            t->bits[w * t->m + i] |= t->paths[w * t->room + t->entries[i]];
    for (bf_dim_t tile = 0; s < end && tile * TILE < t->m && good; tile++)
        good = walk(t, s, end, tile);
    return good;
}

/* The bytes of a word, the lowest first, whatever the processor's order. */
static void put_bytes(uint64_t word, uint8_t bytes[8])
{
    for (int k = 0; k < 8; k++)
        bytes[k] = (uint8_t)(word >> 8 * k);
}

static void write_rows(const lanes_t *t)
{
    const size_t row_bytes = t->job->map->row_bytes, whole = row_bytes / 8, rest = row_bytes % 8, m = (size_t)t->m;
    for (uint32_t i = 0; i < t->job->count; i++) {
        uint8_t *row = t->job->rows + i * row_bytes, last[8];
        for (size_t w = 0; w < whole; w++)
            put_bytes(t->bits[w * m + i], row + 8 * w);
        if (rest > 0) {
            put_bytes(t->bits[whole * m + i], last);
            memcpy(row + 8 * whole, last, rest);
        }
    }
}

bf_status_t bf_sample_draw_lanes(const bf_sample_shots_t *job)
{
    const bf_sample_chain_t *chain = job->chain;
    assert(bf_sample_lanes_take(chain->widest) && !bf_type_is_single(chain->type));
    lanes_t t = {.job = job, .parts = bf_type_is_real(chain->type) ? 1 : 2, .m = pad((bf_dim_t)job->count)};
    t.most = t.m / SHOTS_AN_ENTRY;
    t.room = pad(2 * t.most);
    lay_out(&t, bf_arena(lay_out(&t, NULL)));
    memset(t.bits, 0, (size_t)(words_of_row(&t) * t.m) * sizeof *t.bits);
    for (bf_dim_t tile = 0; tile * TILE < t.m; tile++)
        t.blocks[tile] = NO_BLOCK;
    const bf_site_t n = job->map->end;
    bool good = true;
    for (bf_site_t s = 0, next; s < n && good; s = next) {
        next = s + 1;
        if (chain->k[next] == 1) {
            while (next < n && chain->k[next + 1] == 1)
                next++;
            good = draw_products(&t, s, next);
        } else {
            while (next < n && chain->k[next] != 1)
                next++;
            good = draw_entangled(&t, s, next);
        }
    }
    if (good)
        write_rows(&t);
    return good ? BF_OK : BF_ERR_NAN;
}
