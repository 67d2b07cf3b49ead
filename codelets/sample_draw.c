/* Shots: the tree of outcomes, depth first.
 *
 * An entry is a set of shots that have had the same outcomes so far: one vector, one path, a slice of the list of shots. A frame
 * is a batch of entries before the same site. The frame on top of the stack is carried over its site; its entries part into
 * children, which replace it; when they are too many for one batch the second half waits below the first. Entries are never
 * empty and no shot is in two, so the stack never holds more of them than there are shots. */
#include "codelets/sample_chain.h"

#include "codelets/arena.h"
#include "codelets/sample_lanes.h"
#include "kernels/carve.h"
#include "kernels/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A slice of the list of shots, of which entry `parent` of the batch before had this outcome. */
typedef struct child {
    uint32_t begin;
    uint32_t count;
    int32_t parent;
    int32_t outcome;
} child_t;

typedef struct slice {
    uint32_t begin;
    uint32_t count;
} slice_t;

/* The random words of a shot: those of the block of sites it was last drawn in. */
typedef struct shot_words {
    uint32_t block;
    bf_random_block_t words;
} shot_words_t;

#define NO_BLOCK UINT32_MAX /* no site has it */

/* Entries [entry, entry + m) of the stack, their vectors from byte `vectors` on. */
typedef struct frame {
    bf_site_t site;
    int m;
    size_t entry;
    size_t vectors;
} frame_t;

typedef struct tree {
    const bf_sample_shots_t *job;
    int batch;
    uint32_t *shots; /* relative to the first one; every slice ascends */
    shot_words_t *words;
    uint32_t *spare; /* as long */
    frame_t *frames; /* a frame a site at most: those that wait stand before different sites */
    int n_frames;
    slice_t *slices;   /* of the entries of all frames */
    uint8_t *paths;    /* of the entries of all frames, as rows */
    char *vectors;     /* of the entries of all frames */
    child_t *children; /* of the batch */
    uint8_t *parents;  /* paths of the batch */
    void *both;
    double *p;
} tree_t;

static size_t lay_out(tree_t *t, void *base)
{
    const bf_sample_chain_t *chain = t->job->chain;
    const size_t count = t->job->count, batch = (size_t)t->batch;
    bf_carve_t c = {.base = base};
    t->shots = bf_carve(&c, count * sizeof *t->shots);
    t->words = bf_carve(&c, count * sizeof *t->words);
    t->spare = bf_carve(&c, count * sizeof *t->spare);
    t->frames = bf_carve(&c, ((size_t)chain->n + 2) * sizeof *t->frames);
    t->slices = bf_carve(&c, count * sizeof *t->slices);
    t->paths = bf_carve(&c, count * t->job->map->row_bytes);
    t->children = bf_carve(&c, BF_D * batch * sizeof *t->children);
    t->parents = bf_carve(&c, batch * t->job->map->row_bytes);
    t->both = bf_carve_block(&c, chain->type, BF_D * chain->widest, (bf_dim_t)batch);
    t->p = bf_carve_reals(&c, BF_D * (bf_dim_t)batch);
    t->vectors = bf_carve_block(&c, chain->type, chain->widest, (bf_dim_t)count);
    return c.used;
}

static size_t vector_bytes(const tree_t *t, bf_site_t site)
{
    return (size_t)t->job->chain->k[site] * bf_type_size(t->job->chain->type);
}

/* Part a slice by the outcomes of its shots, order kept: those of outcome 0 first. @return how many they are */
static uint32_t part(const tree_t *t, const slice_t *slice, uint32_t site, const bf_bias_t *bias)
{
    uint32_t *shots = t->shots + slice->begin;
    uint32_t zeros = 0, ones = 0;
    const uint64_t seed = t->job->seed;
    for (uint32_t i = 0; i < slice->count; i++) {
        const uint64_t shot = t->job->first + shots[i];
        shot_words_t *drawn = &t->words[shots[i]];
        if (drawn->block != site >> 2) {
            drawn->block = site >> 2;
            drawn->words = bf_random_words(seed, BF_RANDOM_SAMPLE, shot, site >> 2, false);
        }
        const bool one = bf_random_outcome(&drawn->words, seed, BF_RANDOM_SAMPLE, shot, site, bias);
        t->spare[ones] = shots[i];
        shots[zeros] = shots[i]; /* never ahead of i */
        ones += one;
        zeros += !one;
    }
    memcpy(shots + zeros, t->spare, ones * sizeof *shots);
    return zeros;
}

/* The children of the entries of a frame, in the order of their paths. @return how many, or -1 when weights are no weights */
static int bear(const tree_t *t, const frame_t *frame)
{
    int n = 0;
    for (int i = 0; i < frame->m; i++) {
        const slice_t slice = t->slices[frame->entry + (size_t)i];
        bf_bias_t bias;
        if (!bf_bias_set(t->p[BF_D * i], t->p[BF_D * i + 1], &bias))
            return -1;
        uint32_t zeros = bias.always ? slice.count : 0;
        if (!bf_bias_certain(&bias))
            zeros = part(t, &slice, (uint32_t)frame->site, &bias);
        if (zeros > 0)
            t->children[n++] = (child_t){slice.begin, zeros, i, 0};
        if (zeros < slice.count)
            t->children[n++] = (child_t){slice.begin + zeros, slice.count - zeros, i, 1};
    }
    return n;
}

static void extend_path(const bf_sample_map_t *map, bf_site_t site, int outcome, uint8_t *path)
{
    for (uint32_t i = map->first[site]; outcome == 1 && i < map->first[site + 1]; i++)
        path[map->bit[i] / 8] |= (uint8_t)(1U << map->bit[i] % 8);
}

/* The vector that goes on from a parent, normalised. */
static void keep(const tree_t *t, const frame_t *from, const child_t *child, void *vector)
{
    const bf_sample_chain_t *chain = t->job->chain;
    bf_k_sample_keep(chain->type, chain->k[from->site + 1], t->both, child->parent, child->outcome,
                     1.0 / sqrt(t->p[BF_D * child->parent + child->outcome]), vector);
}

/* Put children on the stack as a frame before the next site. */
static void push(tree_t *t, const frame_t *from, const child_t *children, int m, size_t entry, size_t vectors)
{
    const size_t bytes = vector_bytes(t, from->site + 1), row_bytes = t->job->map->row_bytes;
    t->frames[t->n_frames++] = (frame_t){.site = from->site + 1, .m = m, .entry = entry, .vectors = vectors};
    for (int i = 0; i < m; i++) {
        const child_t *child = &children[i];
        uint8_t *path = t->paths + (entry + (size_t)i) * row_bytes;
        memcpy(path, t->parents + (size_t)child->parent * row_bytes, row_bytes);
        extend_path(t->job->map, from->site, child->outcome, path);
        t->slices[entry + (size_t)i] = (slice_t){child->begin, child->count};
        keep(t, from, child, t->vectors + vectors + (size_t)i * bytes);
    }
}

/* The same when every entry has one child: slices and paths stay where they are. */
static void push_in_place(tree_t *t, const frame_t *from)
{
    const size_t bytes = vector_bytes(t, from->site + 1), row_bytes = t->job->map->row_bytes;
    t->frames[t->n_frames++] = (frame_t){.site = from->site + 1, .m = from->m, .entry = from->entry, .vectors = from->vectors};
    for (int i = 0; i < from->m; i++) {
        extend_path(t->job->map, from->site, t->children[i].outcome, t->paths + (from->entry + (size_t)i) * row_bytes);
        keep(t, from, &t->children[i], t->vectors + from->vectors + (size_t)i * bytes);
    }
}

/* The last site that matters: paths become rows. */
static void write_rows(tree_t *t, bf_site_t site, int n)
{
    const size_t row_bytes = t->job->map->row_bytes;
    for (int c = 0; c < n; c++) {
        const child_t *child = &t->children[c];
        uint8_t path[row_bytes];
        memcpy(path, t->parents + (size_t)child->parent * row_bytes, row_bytes);
        extend_path(t->job->map, site, child->outcome, path);
        for (uint32_t i = child->begin; i < child->begin + child->count; i++)
            memcpy(t->job->rows + (size_t)t->shots[i] * row_bytes, path, row_bytes);
    }
}

static bf_status_t advance(tree_t *t)
{
    const bf_sample_chain_t *chain = t->job->chain;
    const size_t row_bytes = t->job->map->row_bytes;
    const frame_t frame = t->frames[--t->n_frames];
    const bf_dim_t k_r = chain->k[frame.site + 1];
    bf_k_sample_step(chain->type, chain->k[frame.site], k_r, frame.m, chain->form[frame.site], t->vectors + frame.vectors,
                     t->both, t->p);
    const int n = bear(t, &frame);
    if (n < 0)
        return BF_ERR_NAN;
    const bool last = frame.site + 1 >= t->job->map->end;
    if (n == frame.m && !last) {
        push_in_place(t, &frame);
        return BF_OK;
    }
    memcpy(t->parents, t->paths + frame.entry * row_bytes, (size_t)frame.m * row_bytes);
    if (last) {
        write_rows(t, frame.site, n);
        return BF_OK;
    }
    const int now = n <= t->batch ? n : n / 2, later = n - now;
    if (later > 0)
        push(t, &frame, t->children + now, later, frame.entry, frame.vectors);
    push(t, &frame, t->children, now, frame.entry + (size_t)later,
         frame.vectors + (size_t)later * vector_bytes(t, frame.site + 1));
    return BF_OK;
}

static void set_root(tree_t *t)
{
    for (uint32_t i = 0; i < t->job->count; i++) {
        t->shots[i] = i;
        t->words[i].block = NO_BLOCK;
    }
    t->slices[0] = (slice_t){0, t->job->count};
    memset(t->paths, 0, t->job->map->row_bytes);
    bf_k_sample_one(t->job->chain->type, t->vectors);
    t->frames[0] = (frame_t){.site = 0, .m = 1};
    t->n_frames = 1;
}

bf_status_t bf_sample_draw(const bf_sample_shots_t *job)
{
    assert(job->count > 0 && job->count <= BF_SAMPLE_JOB_SHOTS);
    if (bf_sample_lanes_take(job->chain->widest))
        return bf_sample_draw_lanes(job);
    tree_t t = {.job = job, .batch = job->batch > 1 ? job->batch : BF_SAMPLE_BATCH};
    lay_out(&t, bf_arena(lay_out(&t, NULL)));
    set_root(&t);
    bf_status_t status = BF_OK;
    while (t.n_frames > 0 && status == BF_OK)
        status = advance(&t);
    return status;
}
