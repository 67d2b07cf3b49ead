/* The factorisation portfolio: time beside zgemm, loss over the optimum, orthonormality, and the choice of AUTO.
 *
 * Pairs come from infinite two-site chains evolved by the kernels themselves: Haar random gates, weak random gates, and Trotter
 * steps of the Ising chain in a tilted field, all cut at bond m/2. `growing` is the first pair between two full bonds, factored
 * with Cutoff 1e-12 and no MaxDim; `limited` comes some layers later and is factored with MaxDim m/2. */
#include <argp.h>
#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kernels/blas_core.h"
#include "kernels/contract.h"
#include "kernels/factor.h"
#include "runtime/seconds.h"

#define CUTOFF      1e-12
#define SLACK       1.05
#define EXCESS_MAX  0.025
#define ORTHO_MAX   1e-12
#define LATE_LAYERS 6
#define LAYERS_MAX  2000
#define SAMPLES_MAX 41

typedef enum spectrum { HAAR, WEAK, TROTTER, SPECTRA } spectrum_t;
static const char *const spectrum_name[SPECTRA] = {"haar", "weak", "trotter"};

typedef struct options {
    bf_dim_t min, max;
    int spectrum; /* SPECTRA: all of them */
    bool quick;
} options_t;

/* u <- exp(-i h) for a 4 x 4 Hermitian h, by Taylor series of h / 16 and four squarings. */
static void exponentiate(const bf_z_t h[16], bf_z_t u[16])
{
    bf_z_t term[16], next[16];
    for (int i = 0; i < 16; i++)
        term[i] = u[i] = i % 5 == 0 ? 1.0 : 0.0;
    for (int order = 1; order < 20; order++) {
        for (int i = 0; i < 16; i++) {
            next[i] = 0.0;
            for (int k = 0; k < 4; k++)
                next[i] += term[i / 4 * 4 + k] * (-I / 16.0 / order) * h[4 * k + i % 4];
        }
        memcpy(term, next, sizeof term);
        for (int i = 0; i < 16; i++)
            u[i] += term[i];
    }
    for (int square = 0; square < 4; square++) {
        for (int i = 0; i < 16; i++) {
            next[i] = 0.0;
            for (int k = 0; k < 4; k++)
                next[i] += u[i / 4 * 4 + k] * u[4 * k + i % 4];
        }
        memcpy(u, next, sizeof next);
    }
}

/* Random Hermitian of the Gaussian unitary ensemble, times a strength. Strength 3 is Haar for all purposes here. */
static void random_hermitian(double strength, uint64_t *state, bf_z_t h[16])
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j <= i; j++) {
            const double re = bench_normal(state), im = i == j ? 0.0 : bench_normal(state);
            h[4 * i + j] = strength * (re + I * im) / (i == j ? 1.0 : sqrt(2.0));
            h[4 * j + i] = conj(h[4 * i + j]);
        }
}

/* Ising bond term ZZ + 0.45 X + 0.25 Z on each side (half of the fields 0.9 and 0.5), step 0.1. */
static void ising(bf_z_t h[16])
{
    const double dt = 0.1, x = 0.45, z = 0.25;
    for (int i = 0; i < 16; i++)
        h[i] = 0.0;
    for (int s = 0; s < 2; s++)
        for (int t = 0; t < 2; t++) {
            const int row = 2 * s + t;
            h[5 * row] = dt * ((s == t ? 1.0 : -1.0) + z * (s ? -1.0 : 1.0) + z * (t ? -1.0 : 1.0));
            h[4 * row + (row ^ 1)] = h[4 * row + (row ^ 2)] = dt * x;
        }
}

static bf_gate2_t gate_of(spectrum_t spectrum, uint64_t *state)
{
    bf_z_t h[16];
    bf_gate2_t gate = {.schmidt_rank = 0, .real = false};
    if (spectrum == TROTTER)
        ising(h);
    else
        random_hermitian(spectrum == HAAR ? 3.0 : 0.15, state, h);
    exponentiate(h, gate.u);
    bf_gate2_classify(&gate);
    return gate;
}

/* Two sites A, B of the infinite chain A B A B ...; each carries the weight of the bond on its left. */
typedef struct chain {
    bf_tensor_t site[2];
    uint64_t random;
    spectrum_t spectrum;
    int layer;
} chain_t;

static void store(const bf_tensor_t *from, const double *weight, bf_tensor_t *to)
{
    assert(from->chi_l > 0);
    free(to->w);
    *to = *from;
    to->weight = BF_WEIGHT_DIAG;
    bf_tensor_attach(to, bench_allocate(bf_tensor_bytes(to)));
    memcpy(to->b, from->b, bf_tensor_block_bytes(from));
    memcpy(to->w, weight, (size_t)from->chi_l * sizeof(double));
}

static chain_t chain_create(spectrum_t spectrum)
{
    chain_t chain = {.random = 12345, .spectrum = spectrum};
    bf_z_t up[2] = {0.8, 0.6};
    const double one = 1.0;
    const bf_tensor_t site = {BF_TYPE_Z, BF_WEIGHT_NONE, 1, BF_D, 1, NULL, up};
    store(&site, &one, &chain.site[0]);
    store(&site, &one, &chain.site[1]);
    return chain;
}

static void chain_destroy(chain_t *chain)
{
    free(chain->site[0].w);
    free(chain->site[1].w);
}

static bf_tensor_t pair_of(const chain_t *chain, int first, const bf_gate2_t *gate)
{
    bf_tensor_t c = {0};
    bf_k_contract_shape(&chain->site[first], &chain->site[1 - first], gate, false, &c);
    bf_tensor_attach(&c, bench_allocate(bf_tensor_bytes(&c)));
    bf_k_contract(&chain->site[first], &chain->site[1 - first], gate, &c, NULL);
    return c;
}

/* One gate on sites (first, other), bond cut at chi. */
static void chain_step(chain_t *chain, int first, bf_dim_t chi)
{
    const bf_gate2_t gate = gate_of(chain->spectrum, &chain->random);
    const bf_factor_rule_t rule = {{CUTOFF, chi, 1}, BF_METHOD_AUTO};
    bf_tensor_t c = pair_of(chain, first, &gate), left, right;
    bf_factor_info_t info;
    void *work = bench_allocate(bf_k_factor_worksize(&c, 0, &rule));
    if (bf_k_factor(&c, 0, &rule, &left, &right, &info, work) != BF_OK) {
        fprintf(stderr, "bench_factor: the chain that makes the pairs could not be factored\n");
        exit(4);
    }
    /* Site `first` keeps the bond on its left; the site after it gets the new bond. */
    store(&left, c.w, &chain->site[first]);
    store(&right, right.w, &chain->site[1 - first]);
    free(work);
    free(c.w);
}

/* Evolve for some layers, then until the next gate, on sites (*first, other), acts between two full bonds. @return false if that
 * never happens. */
static bool chain_saturate(chain_t *chain, bf_dim_t chi, int layers, int *first)
{
    for (; chain->layer < LAYERS_MAX; chain->layer++, layers--) {
        *first = chain->layer % 2;
        if (chain->site[*first].chi_l >= chi && layers <= 0)
            return true;
        chain_step(chain, *first, chi);
    }
    return false;
}

/* Everything measured of one method on one pair. */
typedef struct result {
    double units, excess, ortho;
    bf_factor_info_t info;
    bf_dim_t keep;
    bool ran;
} result_t;

typedef struct problem {
    bf_dim_t m;
    const char *spectrum, *phase;
    bf_tensor_t c;
    bf_cutoff_t cut;
    bf_tensor_t left, right; /* what c was contracted from */
    bf_gate2_t gate;
} problem_t;

/* Runs between two looks at the clock. */
static int repeats(bf_dim_t m)
{
    return m <= 32 ? 20 : 1;
}

static double run_once(const problem_t *p, bf_method_t method, bf_tensor_t *copy, void *work, result_t *r, double *optimum)
{
    const bf_factor_rule_t rule = {p->cut, method};
    bf_tensor_t left, right;
    bf_status_t status = BF_OK;
    const int repeat = repeats(p->m);
    const double start = bf_seconds_thread();
    for (int i = 0; i < repeat && status == BF_OK; i++) {
        memcpy(copy->w, p->c.w, bf_tensor_bytes(&p->c));
        status = bf_k_factor(copy, 0, &rule, &left, &right, &r->info, work);
    }
    const double seconds = (bf_seconds_thread() - start) / repeat;
    if (status != BF_OK) {
        fprintf(stderr, "bench_factor: %s failed: %s\n", bf_method_name(method), bf_status_string(status));
        exit(4);
    }
    r->keep = right.chi_l;
    r->ortho = p->m <= 512 ? bf_k_orthonormality(&right) : 0.0;
    if (optimum) {
        const double *w = right.w;
        for (bf_dim_t i = 0; i < p->m; i++)
            optimum[i] = i < right.chi_l ? w[i] * w[i] : 0.0;
    }
    return seconds;
}

/* Squared singular values of the pair, by gesdd without truncation. */
static void reference(const problem_t *p, bf_tensor_t *copy, double *squares)
{
    problem_t exact = *p;
    exact.cut = (bf_cutoff_t){0.0, 0, 1};
    const bf_factor_rule_t rule = {exact.cut, BF_METHOD_GESDD};
    result_t r;
    void *work = bench_allocate(bf_k_factor_worksize(&p->c, 0, &rule));
    run_once(&exact, BF_METHOD_GESDD, copy, work, &r, squares);
    free(work);
}

static double gemm_once(bf_dim_t m, const void *a, const void *b, void *c)
{
    const double _Complex one = 1.0, zero = 0.0;
    const int n = (int)m, repeat = m <= 128 ? 10 * repeats(m) : 1;
    const double start = bf_seconds_thread();
    for (int i = 0; i < repeat; i++)
        cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, &one, a, n, b, n, &zero, c, n);
    return (bf_seconds_thread() - start) / repeat;
}

static int samples(const options_t *o, bf_dim_t m)
{
    const int full = m <= 64 ? 41 : m <= 256 ? 15 : m <= 512 ? 7 : 3;
    return o->quick && full > 11 ? 11 : full;
}

/* Seconds of contraction plus factorisation. */
static double update_once(const problem_t *p, bf_method_t method, bf_tensor_t *copy, void *work)
{
    const bf_factor_rule_t rule = {p->cut, method};
    bf_tensor_t left, right;
    bf_factor_info_t info;
    bf_status_t status = BF_OK;
    const int repeat = repeats(p->m);
    const double start = bf_seconds_thread();
    for (int i = 0; i < repeat && status == BF_OK; i++) {
        bf_k_contract(&p->left, &p->right, &p->gate, copy, NULL);
        status = bf_k_factor(copy, 0, &rule, &left, &right, &info, work);
    }
    return status == BF_OK ? (bf_seconds_thread() - start) / repeat : INFINITY;
}

static bool admissible(const result_t *r)
{
    return r->ran && r->excess <= EXCESS_MAX && r->ortho <= ORTHO_MAX && r->info.fallbacks == 0;
}

static void print_problem(const problem_t *p, const result_t r[BF_METHOD_COUNT], double gemm, double update, double update_gesdd)
{
    double best = INFINITY;
    for (int k = 1; k < BF_METHOD_COUNT; k++)
        if (admissible(&r[k]))
            best = fmin(best, r[k].units);
    const bf_method_t chosen = r[BF_METHOD_AUTO].info.method;
    for (int k = 0; k < BF_METHOD_COUNT; k++) {
        if (!r[k].ran)
            continue;
        printf("%5lld %-8s %-8s %-6s %9.2f %9.3g %5lld %10.2e %9.1e %8.1e", (long long)p->m, p->spectrum, p->phase,
               bf_method_name((bf_method_t)k), r[k].units, 1e6 * r[k].units * gemm, (long long)r[k].keep, r[k].info.eps,
               r[k].excess, r[k].ortho);
        if (k == BF_METHOD_AUTO)
            printf("  %s:%s", bf_method_name(chosen), r[chosen].units <= SLACK * best ? "fastest" : "not-fastest");
        printf("\n");
    }
    const double ideal = 200.0 / 64.0 * gemm;
    printf("%5lld %-8s %-8s update %9.2f %9.3g   of 200 chi^3 flops: %.2f x; with gesdd: %.2f x; gain %.2f\n", (long long)p->m,
           p->spectrum, p->phase, update / gemm, 1e6 * update, update / ideal, update_gesdd / ideal, update_gesdd / update);
    fflush(stdout);
}

static double excess_over(const double *squares, bf_dim_t m, const result_t *r)
{
    double total = 0.0, tail = 0.0;
    for (bf_dim_t i = m; i-- > 0;) {
        total += squares[i];
        if (i >= r->keep)
            tail += squares[i];
    }
    /* Below the floor of the fp64 recomputation there is nothing to compare. */
    return tail / total > 1e-12 ? r->info.eps / (tail / total) - 1.0 : 0.0;
}

static void measure(const options_t *o, const problem_t *p)
{
    const bf_dim_t m = p->m;
    bf_tensor_t copy = p->c;
    bf_tensor_attach(&copy, bench_allocate(bf_tensor_bytes(&copy)));
    double *squares = bench_allocate((size_t)m * sizeof *squares), *t[BF_METHOD_COUNT + 3];
    const size_t bytes = (size_t)(m * m) * sizeof(bf_z_t);
    void *a = bench_allocate(bytes), *b = bench_allocate(bytes), *work = NULL;
    size_t need = 0;
    for (int k = 0; k < BF_METHOD_COUNT; k++) {
        const bf_factor_rule_t rule = {p->cut, (bf_method_t)k};
        const size_t size = bf_k_factor_worksize(&p->c, 0, &rule);
        need = size > need ? size : need;
    }
    work = bench_allocate(need);
    memset(work, 0, need);
    memcpy(a, p->c.b, bytes);
    for (int k = 0; k < BF_METHOD_COUNT + 3; k++)
        t[k] = bench_allocate(SAMPLES_MAX * sizeof **t);

    result_t r[BF_METHOD_COUNT];
    memset(r, 0, sizeof r);
    reference(p, &copy, squares);
    const int count = samples(o, m);
    /* Interleaved, so that a disturbance of the machine hits every column alike. */
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < BF_METHOD_COUNT; k++) {
            r[k].ran = k != BF_METHOD_GESVD || m <= 64;
            t[k][i] = r[k].ran ? run_once(p, (bf_method_t)k, &copy, work, &r[k], NULL) : 0.0;
        }
        t[BF_METHOD_COUNT][i] = gemm_once(m, a, p->c.b, b);
        t[BF_METHOD_COUNT + 1][i] = update_once(p, BF_METHOD_AUTO, &copy, work);
        t[BF_METHOD_COUNT + 2][i] = update_once(p, BF_METHOD_GESDD, &copy, work);
    }
    const double gemm = bench_median(t[BF_METHOD_COUNT], (size_t)count);
    for (int k = 0; k < BF_METHOD_COUNT; k++) {
        r[k].units = bench_median(t[k], (size_t)count) / gemm;
        r[k].excess = excess_over(squares, m, &r[k]);
    }
    print_problem(p, r, gemm, bench_median(t[BF_METHOD_COUNT + 1], (size_t)count),
                  bench_median(t[BF_METHOD_COUNT + 2], (size_t)count));
    for (int k = 0; k < BF_METHOD_COUNT + 3; k++)
        free(t[k]);
    free(copy.w);
    free(squares);
    free(a);
    free(b);
    free(work);
}

static void bench(const options_t *o, spectrum_t spectrum, bf_dim_t m)
{
    const bf_dim_t chi = m / 2;
    chain_t chain = chain_create(spectrum);
    int first = 0;
    for (int late = 0; late < 2 && chain_saturate(&chain, chi, late ? LATE_LAYERS : 0, &first); late++) {
        problem_t p = {.m = m, .spectrum = spectrum_name[spectrum], .phase = late ? "limited" : "growing"};
        p.cut = (bf_cutoff_t){CUTOFF, late ? chi : 0, 1};
        p.gate = gate_of(spectrum, &chain.random);
        p.left = chain.site[first];
        p.right = chain.site[1 - first];
        p.c = pair_of(&chain, first, &p.gate);
        measure(o, &p);
        free(p.c.w);
    }
    chain_destroy(&chain);
}

static bf_dim_t parse_order(const char *name, const char *arg, struct argp_state *state)
{
    char *end;
    const long long value = strtoll(arg, &end, 10);
    if (*end || value < 4 || value > 16384)
        argp_error(state, "--%s: expected a matrix order from 4 to 16384, got '%s'", name, arg);
    return value;
}

static int parse_spectrum(const char *arg, struct argp_state *state)
{
    for (int s = 0; s < SPECTRA; s++) {
        if (strcmp(arg, spectrum_name[s]) == 0)
            return s;
    }
    argp_error(state, "--spectrum: expected haar, weak or trotter, got '%s'", arg);
    return SPECTRA;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    options_t *o = state->input;
    switch (key) {
    case 'q':
        o->quick = true;
        break;
    case 'l':
        o->min = parse_order("min", arg, state);
        break;
    case 'm':
        o->max = parse_order("max", arg, state);
        break;
    case 's':
        o->spectrum = parse_spectrum(arg, state);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"quick", 'q', NULL, 0, "fewer samples, orders up to 128", 0},
        {"min", 'l', "M", 0, "smallest order of theta (default 4)", 0},
        {"spectrum", 's', "NAME", 0, "only this one: haar, weak or trotter", 0},
        {"max", 'm', "M", 0, "largest order of theta (default 1024; 128 with --quick)", 0},
        {0},
    };
    static const struct argp argp = {options, parse, NULL, "Times and checks every factorisation method beside zgemm.",
                                     NULL,    NULL,  NULL};
    static const bf_dim_t orders[] = {4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};
    options_t o = {.min = 4, .max = 0, .spectrum = SPECTRA, .quick = false};
    bf_k_blas_core_choose(argv);
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.max == 0)
        o.max = o.quick ? 128 : 1024;
    openblas_set_num_threads(1);
    printf("# OpenBLAS kernels: %s, one thread. units: zgemm of the same order, same run; medians of interleaved samples.\n",
           bf_k_blas_core());
    printf("# excess: discarded weight over the optimum of the same rank, minus 1. auto: chosen method, and whether it is within "
           "5%% of the fastest admissible one.\n");
    printf("#%4s %-8s %-8s %-6s %9s %9s %5s %10s %9s %8s\n", "m", "spectrum", "phase", "method", "units", "us", "keep", "eps",
           "excess", "ortho");
    for (size_t i = 0; i < sizeof orders / sizeof orders[0] && orders[i] <= o.max; i++)
        for (int s = 0; s < SPECTRA; s++) {
            if (orders[i] >= o.min && (o.spectrum == SPECTRA || o.spectrum == s))
                bench(&o, (spectrum_t)s, orders[i]);
        }
    return 0;
}
