/* Measuring kernels: small chains of random tensors, in the processor time of this thread, so that other people's work on the
 * same cores counts as little as it can. */
#include "kernels/contract.h"
#include "kernels/factor.h"
#include "kernels/transfer.h"
#include "runtime/plan/rates.h"
#include "runtime/seconds.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

/* Each time is the least of several, at least so many, until they have taken this long together. */
#define POINT_LEAST   3
#define POINT_MOST    25
#define POINT_SECONDS 0.004
/* What takes longer than this is done twice only. */
#define POINT_LONG 0.03

/* Everything at one bond dimension and type. */
typedef struct bench {
    bf_tensor_t left, right; /* chi x 2 x chi each */
    bf_tensor_t pair;
    bf_tensor_t environment, half, out;
    bf_gate2_t gate;
    bf_factor_rule_t rule;
    void *stored[2]; /* where the new sites go */
    void *work;
    void *memory; /* of all of it */
} bench_t;

static double noise(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1.0;
}

static void fill(bf_tensor_t *t, uint64_t *state)
{
    const size_t count = bf_tensor_block_bytes(t) / (bf_type_is_single(t->type) ? sizeof(float) : sizeof(double));
    const double scale = 1.0 / sqrt((double)t->chi_r);
    for (size_t i = 0; i < count; i++) {
        if (bf_type_is_single(t->type))
            ((float *)t->b)[i] = (float)(scale * noise(state));
        else
            ((double *)t->b)[i] = scale * noise(state);
    }
    if (t->weight == BF_WEIGHT_DIAG) /* falling by two orders of magnitude, as weights of truncated states do */
        for (bf_dim_t i = 0; i < t->chi_l; i++)
            ((double *)t->w)[i] = pow(10.0, -2.0 * (double)i / (double)t->chi_l) / sqrt((double)t->chi_l);
}

static void *take(char **at, size_t bytes)
{
    void *block = *at;
    *at += bf_align_up(bytes);
    return block;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool open_bench(bench_t *b, bf_type_t type, bf_dim_t chi)
{
    const bf_type_t wide = bf_type_is_real(type) ? BF_TYPE_D : BF_TYPE_Z;
    const bf_tensor_t site = {.type = type, .weight = BF_WEIGHT_DIAG, .chi_l = chi, .d = BF_D, .chi_r = chi};
    uint64_t state = 1 + (uint64_t)chi;
    *b = (bench_t){.left = site,
                   .right = site,
                   .environment = {.type = wide, .chi_l = chi, .d = 1, .chi_r = chi},
                   .rule = {.cut = {.cutoff = 1e-12, .max_dim = chi, .min_dim = 1}}};
    for (int i = 0; i < 16; i++)
        b->gate.u[i] = noise(&state) + (bf_type_is_real(type) ? 0.0 : I * noise(&state));
    bf_gate2_classify(&b->gate);
    bf_k_contract_shape(&b->left, &b->right, &b->gate, bf_type_is_single(type), &b->pair);
    const size_t site_bytes = bf_align_up(bf_tensor_bytes(&site));
    const size_t wide_bytes = bf_align_up(BF_D * (size_t)(chi * chi) * sizeof(bf_z_t));
    size_t work = bf_k_contract_worksize(&b->left, &b->right, &b->pair);
    work = larger(work, bf_k_factor_worksize(&b->pair, 0, &b->rule));
    work = larger(work, bf_k_transfer_worksize(&site, &b->environment));
    const size_t bytes = 4 * site_bytes + 2 * bf_align_up(bf_tensor_bytes(&b->pair)) + 3 * wide_bytes + bf_align_up(work);
    b->memory = aligned_alloc(BF_ALIGN, bytes);
    if (!b->memory)
        return false;
    char *at = b->memory;
    bf_tensor_attach(&b->left, take(&at, site_bytes));
    bf_tensor_attach(&b->right, take(&at, site_bytes));
    b->stored[0] = take(&at, site_bytes);
    b->stored[1] = take(&at, site_bytes);
    bf_tensor_attach(&b->pair, take(&at, bf_tensor_bytes(&b->pair)));
    b->environment.b = take(&at, wide_bytes);
    b->half.b = take(&at, wide_bytes);
    b->out.b = take(&at, wide_bytes);
    b->work = at;
    fill(&b->left, &state);
    fill(&b->right, &state);
    fill(&b->environment, &state);
    return true;
}

/* What a task does with two sites, to the copy of the new ones. */
static bf_status_t update(bench_t *b)
{
    bf_tensor_t site[2];
    bf_factor_info_t info;
    bf_k_contract(&b->left, &b->right, &b->gate, &b->pair, b->work);
    BF_TRY(bf_k_factor(&b->pair, b->gate.schmidt_rank * b->left.chi_r, &b->rule, &site[0], &site[1], &info, b->work));
    for (int i = 0; i < 2; i++) {
        bf_tensor_t kept = site[i];
        bf_tensor_attach(&kept, b->stored[i]);
        bf_k_copy(&site[i], &kept);
    }
    return BF_OK;
}

static bf_status_t step(bench_t *b)
{
    bf_k_transfer_left(&b->environment, &b->left, &b->half, &b->out, b->work);
    return BF_OK;
}

/* Least time in microseconds. The first call, which warms caches and makes pages, counts only if there is time for one more. */
static bf_status_t least_us(bf_status_t (*what)(bench_t *), bench_t *b, double *us)
{
    double spent = 0.0;
    *us = INFINITY;
    for (int i = 0; i < POINT_MOST && (i < POINT_LEAST || spent < POINT_SECONDS); i++) {
        const double begin = bf_seconds_thread();
        BF_TRY(what(b));
        const double seconds = bf_seconds_thread() - begin;
        *us = fmin(*us, 1e6 * seconds);
        spent += seconds;
        if (i == 1 && seconds > POINT_LONG)
            break;
    }
    *us = fmax(*us, 1e-3); /* below the clock's resolution */
    return BF_OK;
}

/* One bond dimension and type. */
static bf_status_t measure_point(bf_rates_t *rates, bf_type_t type, int i)
{
    bench_t b;
    if (!open_bench(&b, type, bf_rates_chi[i]))
        return bf_error_set(BF_ERR_NOMEM, "out of memory: measuring kernels");
    bf_status_t status = least_us(update, &b, &rates->update_us[type][i]);
    if (status == BF_OK && !bf_type_is_single(type))
        status = least_us(step, &b, &rates->step_us[bf_type_is_real(type)][i]);
    free(b.memory);
    if (status == BF_OK)
        return BF_OK;
    return bf_error_set(status, "measuring kernels at bond %lld: %s", (long long)bf_rates_chi[i], bf_status_string(status));
}

bf_status_t bf_rates_measure(bf_rates_t *rates)
{
    static const bf_type_t doubles[2] = {BF_TYPE_Z, BF_TYPE_D};
    static const bf_type_t singles[2] = {BF_TYPE_C, BF_TYPE_S};
    const int last = BF_RATES_KNOTS - 1;
    openblas_set_num_threads(1); /* as every session does */
    for (int k = 0; k < 2; k++) {
        double *of_double = rates->update_us[doubles[k]];
        double *of_single = rates->update_us[singles[k]];
        for (int i = 0; i <= last; i++)
            BF_TRY(measure_point(rates, doubles[k], i));
        for (int i = 0; i < last; i++)
            BF_TRY(measure_point(rates, singles[k], i));
        of_single[last] = of_single[last - 1] * of_double[last] / of_double[last - 1]; /* saves a fifth of a second */
    }
    rates->source = BF_RATES_MEASURED;
    return BF_OK;
}
