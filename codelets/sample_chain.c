/* A chain in sampling form: making it, and bit strings' amplitudes. Shots are in sample_draw.c, marginals in sample_marginal.c.
 */
#include "codelets/sample_chain.h"

#include "codelets/arena.h"
#include "codelets/memory.h"
#include "codelets/sample_lanes.h"
#include "kernels/carve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bf_dim_t larger(bf_dim_t a, bf_dim_t b)
{
    return a > b ? a : b;
}

/* Small forms are kept in double precision: that is how shots are drawn from them, and they take no room. */
static void choose_type(const bf_chain_t *chain, bf_dim_t widest, bf_type_t *computed, bf_type_t *stored)
{
    unsigned real = 2U, single = 1U;
    for (bf_site_t s = 0; s < chain->n; s++) {
        real &= (unsigned)chain->sites[s].type;
        single &= (unsigned)chain->sites[s].type;
    }
    *computed = (bf_type_t)real;
    *stored = (bf_type_t)(bf_sample_lanes_take(widest) ? real : real | single);
}

/* Dimensions of the forms, and the largest of the state. */
static bf_dim_t set_dims(const bf_chain_t *chain, bf_sample_chain_t *out)
{
    bf_dim_t widest = 1;
    out->k[chain->n] = 1;
    out->widest = 1;
    for (bf_site_t s = chain->n - 1; s >= 0; s--) {
        out->k[s] = bf_k_sample_form_dim(chain->sites[s].chi_l, out->k[s + 1]);
        out->widest = larger(out->widest, out->k[s]);
        widest = larger(widest, chain->sites[s].chi_l);
    }
    return widest;
}

static size_t place_forms(bf_sample_chain_t *out, void *base)
{
    bf_carve_t c = {.base = base};
    for (bf_site_t s = 0; s < out->n; s++)
        out->form[s] = bf_carve_block(&c, out->type, BF_D * out->k[s + 1], out->k[s]);
    return c.used;
}

/* Bytes of two carries and the workspace behind them. */
static size_t work_bytes(const bf_chain_t *chain, const bf_sample_chain_t *out, bf_type_t type, bf_dim_t widest,
                         size_t *carry_bytes)
{
    size_t work = 0;
    *carry_bytes = bf_align_up((size_t)(out->widest * widest) * bf_type_size(type));
    for (bf_site_t s = 0; s < chain->n; s++) {
        const size_t here = bf_k_sample_form_worksize(type, chain->sites[s].chi_l, chain->sites[s].chi_r, out->k[s + 1]);
        work = here > work ? here : work;
    }
    return 2 * *carry_bytes + work;
}

static void *take_memory(size_t bytes, const char *what)
{
    bf_memory_check(bytes, what);
    return aligned_alloc(BF_ALIGN, bf_align_up(bytes));
}

static bf_status_t sweep(const bf_chain_t *chain, bf_sample_chain_t *out, bf_type_t type, char *work, size_t carry_bytes)
{
    char *carry = work, *made = work + carry_bytes;
    if (bf_type_is_real(type))
        *(double *)(void *)carry = 1.0;
    else
        *(bf_z_t *)(void *)carry = 1.0;
    for (bf_site_t s = chain->n - 1; s >= 0; s--) {
        const bf_tensor_t site = bf_tensor_view(&chain->sites[s]);
        const bf_status_t status = bf_k_sample_form(&site, carry, out->k[s + 1], type, out->type, (void *)(uintptr_t)out->form[s],
                                                    made, work + 2 * carry_bytes);
        if (status != BF_OK)
            return status;
        char *const swap = carry;
        carry = made;
        made = swap;
    }
    const bf_z_t left = bf_type_is_real(type) ? *(const double *)(void *)carry : *(const bf_z_t *)(void *)carry;
    const double size = hypot(creal(left), cimag(left));
    if (!isfinite(size))
        return BF_ERR_NAN;
    if (!(size > 0.0))
        return BF_ERR_ZERO;
    out->norm = size * size;
    out->phase = left / size;
    return BF_OK;
}

bf_status_t bf_sample_chain_open(const bf_chain_t *chain, bf_sample_chain_t *out)
{
    bf_type_t type = BF_TYPE_Z;
    *out = (bf_sample_chain_t){.n = chain->n};
    out->k = malloc(((size_t)chain->n + 1) * sizeof *out->k);
    out->form = malloc((size_t)chain->n * sizeof *out->form);
    char *work = NULL;
    bf_status_t status = out->k && out->form ? BF_OK : BF_ERR_NOMEM;
    if (status == BF_OK) {
        size_t carry_bytes = 0;
        const bf_dim_t widest = set_dims(chain, out);
        choose_type(chain, out->widest, &type, &out->type);
        const size_t bytes = work_bytes(chain, out, type, widest, &carry_bytes);
        work = take_memory(bytes, "the workspace for the sampling form");
        out->block = take_memory(place_forms(out, NULL), "the state in sampling form");
        status = work && out->block ? BF_OK : BF_ERR_NOMEM;
        if (status == BF_OK) {
            place_forms(out, out->block);
            status = sweep(chain, out, type, work, carry_bytes);
        }
    }
    free(work);
    if (status != BF_OK)
        bf_sample_chain_close(out);
    return status;
}

void bf_sample_chain_close(bf_sample_chain_t *chain)
{
    free(chain->k);
    free(chain->form);
    free(chain->block);
    *chain = (bf_sample_chain_t){0};
}

/* Vectors of one batch of strings: scaled by powers of two only, so exactly. */
typedef struct desk {
    void *v;
    void *both;
    double *p;
    int *vector;       /* of a string: neighbours share one as long as they have had the same outcomes */
    int64_t *exponent; /* of a string: its vector stands for itself times 2^exponent */
} desk_t;

static size_t cut_desk(void *base, const bf_sample_chain_t *chain, desk_t *d)
{
    bf_carve_t c = {.base = base};
    d->v = bf_carve_block(&c, chain->type, chain->widest, BF_SAMPLE_BATCH);
    d->both = bf_carve_block(&c, chain->type, BF_D * chain->widest, BF_SAMPLE_BATCH);
    d->p = bf_carve_reals(&c, BF_D * BF_SAMPLE_BATCH);
    d->vector = bf_carve(&c, BF_SAMPLE_BATCH * sizeof *d->vector);
    d->exponent = bf_carve(&c, BF_SAMPLE_BATCH * sizeof *d->exponent);
    return c.used;
}

static bf_z_t get(bf_type_t type, const void *x, size_t i)
{
    switch (type) {
    case BF_TYPE_Z:
        return ((const bf_z_t *)x)[i];
    case BF_TYPE_C:
        return (bf_z_t)((const float _Complex *)x)[i];
    case BF_TYPE_D:
        return ((const double *)x)[i];
    case BF_TYPE_S:
    default:
        return (double)((const float *)x)[i];
    }
}

static int outcome_of(const bf_sample_map_t *map, const uint8_t *row, bf_site_t s)
{
    const uint32_t bit = map->bit[map->first[s]];
    return row[bit / 8] >> (bit % 8) & 1;
}

static bf_amplitude_t amplitude(bf_z_t value, int64_t exponent)
{
    const double square = creal(value) * creal(value) + cimag(value) * cimag(value);
    const int shift = (int)(exponent < -5000 ? -5000 : exponent);
    return (bf_amplitude_t){.re = ldexp(creal(value), shift) + 0.0, /* never -0 */
                            .im = ldexp(cimag(value), shift) + 0.0,
                            .log2_probability = square > 0.0 ? log2(square) + 2.0 * (double)exponent : -INFINITY};
}

static bf_status_t follow(const bf_sample_strings_t *strings, size_t first, int m, desk_t *d)
{
    const bf_sample_chain_t *chain = strings->chain;
    const bf_sample_map_t *map = strings->map;
    const size_t size = bf_type_size(chain->type);
    int n_vectors = 1;
    bf_k_sample_one(chain->type, d->v);
    memset(d->vector, 0, (size_t)m * sizeof *d->vector);
    memset(d->exponent, 0, (size_t)m * sizeof *d->exponent);
    for (bf_site_t s = 0; s < chain->n; s++) {
        const bf_dim_t k_r = chain->k[s + 1];
        bf_k_sample_step(chain->type, chain->k[s], k_r, n_vectors, chain->form[s], d->v, d->both, d->p);
        int last = -1; /* half of `both` that the string before goes on from */
        n_vectors = 0;
        for (int i = 0; i < m; i++) {
            const int outcome = outcome_of(map, strings->rows + (first + (size_t)i) * map->row_bytes, s);
            const int half = BF_D * d->vector[i] + outcome;
            const double p = d->p[half];
            if (!isfinite(p))
                return BF_ERR_NAN;
            const int e = p > 0.0 ? ilogb(p) / 2 : 0;
            if (half != last)
                bf_k_sample_keep(chain->type, k_r, d->both, d->vector[i], outcome, ldexp(1.0, -e),
                                 (char *)d->v + (size_t)(n_vectors++ * k_r) * size);
            last = half;
            d->vector[i] = n_vectors - 1;
            d->exponent[i] += e;
        }
    }
    for (int i = 0; i < m; i++)
        strings->amplitudes[first + (size_t)i] =
            amplitude(chain->phase * get(chain->type, d->v, (size_t)d->vector[i]), d->exponent[i]);
    return BF_OK;
}

bf_status_t bf_sample_amplitudes(const bf_sample_strings_t *strings)
{
    desk_t d;
    cut_desk(bf_arena(cut_desk(NULL, strings->chain, &d)), strings->chain, &d);
    bf_status_t status = BF_OK;
    for (size_t i = 0; i < strings->count && status == BF_OK; i += BF_SAMPLE_BATCH) {
        const size_t left = strings->count - i;
        status = follow(strings, i, left < BF_SAMPLE_BATCH ? (int)left : BF_SAMPLE_BATCH, &d);
    }
    return status;
}
