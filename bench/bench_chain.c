/* One feature row on one core, kernels only: evolution and measurement of a chain as a worker does them, without a scheduler.
 *
 * The circuit is read and lowered once by the public functions; every repetition starts from |0...0>, contracts, factorises and
 * copies for each operation, then sweeps environments from both sides. Medians over the repetitions: the row in processor
 * time, its kernels by the wall clock. */
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kernels/blas_core.h"
#include "kernels/contract.h"
#include "kernels/expect.h"
#include "kernels/factor.h"
#include "kernels/transfer.h"
#include "runtime/circuit/circuit.h"
#include "runtime/seconds.h"

#define BOND_MAX 64 /* of the circuits this program has room for */

enum phase { CONTRACT, FACTOR, COPY, TRANSFER, EXPECT, PHASES };
static const char *const phase_name[PHASES] = {"contract", "factor", "copy", "transfer", "expect"};

typedef struct options {
    const char *file; /* NULL: a random row of the feature map */
    long sites, layers, repetitions;
    unsigned long seed;
    bf_factor_rule_t rule;
} options_t;

/* Sites with room for the largest bond, and all workspace. */
typedef struct chain {
    bf_site_t n;
    bf_tensor_t *site;
    void **room;
    bf_tensor_t *right_half;
    bf_tensor_t pair;
    void *pair_room, *half, *environment[2];
    char *work;
    size_t work_bytes;
    bf_dim_t max_bond;
    double sum_eps;
    int fallbacks;
    double checksum;
} chain_t;

/* Other people's work counts. */
static double now_us(void)
{
    return 1e6 * bf_seconds();
}

/* Touched, so that no page is new when the clock runs. */
static void *allocate(size_t bytes)
{
    return memset(bench_allocate(bytes), 0, bytes);
}

static void check(bf_status_t status, const char *what)
{
    if (status < 0) {
        fprintf(stderr, "bench_chain: %s: %s\n", what, bf_status_string(status));
        exit(4);
    }
}

/* The feature map as a gate list: H; layers x [Rz(x_i); XXPhase(pi (1 - x_i)(1 - x_j)) on even, then odd bonds]. */
static char *feature_map(const options_t *options, size_t *length)
{
    const size_t n = (size_t)options->sites;
    double *x = allocate(n * sizeof *x);
    uint64_t state = options->seed;
    for (size_t i = 0; i < n; i++)
        x[i] = bench_normal(&state);
    char *text = NULL;
    FILE *f = open_memstream(&text, length);
    if (!f)
        check(BF_ERR_NOMEM, "writing the circuit");
    for (size_t i = 0; i < n; i++)
        fprintf(f, "0,%zu,-1,0\n", i);
    for (long layer = 0; layer < options->layers; layer++) {
        for (size_t i = 0; i < n; i++)
            fprintf(f, "2,%zu,-1,%.17g\n", i, x[i] / 3.14159265358979323846);
        for (size_t parity = 0; parity < 2; parity++)
            for (size_t i = parity; i + 1 < n; i += 2)
                fprintf(f, "3,%zu,%zu,%.17g\n", i, i + 1, (1.0 - x[i]) * (1.0 - x[i + 1]));
    }
    fclose(f);
    free(x);
    return text;
}

static bf_program_t *load(const options_t *options)
{
    char *text = NULL;
    size_t length = 0;
    bf_circuit_t *circuit = NULL;
    bf_program_t *program = NULL;
    if (options->file)
        check(bf_circuit_load(options->file, &text, &length), options->file);
    else
        text = feature_map(options, &length);
    check(bf_circuit_parse(options->file ? options->file : "row.gates", text, length, 0, &circuit), "parsing");
    check(bf_circuit_lower(circuit, bf_circuit_qubits(circuit), NULL, &program), "lowering");
    bf_circuit_destroy(circuit);
    free(text);
    return program;
}

static chain_t open_chain(bf_site_t n)
{
    chain_t chain = {.n = n};
    const size_t block = BF_D * BOND_MAX * BOND_MAX * sizeof(bf_z_t) + BOND_MAX * sizeof(double);
    chain.site = allocate((size_t)n * sizeof *chain.site);
    chain.room = allocate((size_t)n * sizeof *chain.room);
    chain.right_half = allocate((size_t)n * sizeof *chain.right_half);
    for (bf_site_t s = 0; s < n; s++) {
        chain.room[s] = allocate(block);
        chain.right_half[s].b = allocate(block);
    }
    chain.pair_room = allocate(2 * block);
    chain.half = allocate(block);
    chain.environment[0] = allocate(block);
    chain.environment[1] = allocate(block);
    chain.work_bytes = (size_t)16 << 20;
    chain.work = allocate(chain.work_bytes);
    return chain;
}

static void close_chain(chain_t *chain)
{
    for (bf_site_t s = 0; s < chain->n; s++) {
        free(chain->room[s]);
        free(chain->right_half[s].b);
    }
    free(chain->site);
    free(chain->room);
    free(chain->right_half);
    free(chain->pair_room);
    free(chain->half);
    free(chain->environment[0]);
    free(chain->environment[1]);
    free(chain->work);
}

static void reset(chain_t *chain)
{
    chain->max_bond = 1;
    chain->sum_eps = 0.0;
    chain->fallbacks = 0;
    for (bf_site_t s = 0; s < chain->n; s++) {
        bf_tensor_t *t = &chain->site[s];
        *t = (bf_tensor_t){BF_TYPE_D, BF_WEIGHT_DIAG, 1, BF_D, 1, NULL, NULL};
        bf_tensor_attach(t, chain->room[s]);
        *(double *)t->w = 1.0;
        ((double *)t->b)[0] = 1.0;
        ((double *)t->b)[1] = 0.0;
    }
}

static void store(chain_t *chain, bf_site_t s, const bf_tensor_t *src)
{
    bf_tensor_t *dst = &chain->site[s];
    *dst = *src;
    bf_tensor_attach(dst, chain->room[s]);
    bf_k_copy(src, dst);
}

static void update(chain_t *chain, const bf_gate2_t *gate, bf_site_t s, const bf_factor_rule_t *rule, double us[PHASES])
{
    bf_tensor_t *left = &chain->site[s], *right = left + 1, *c = &chain->pair, new_left, new_right;
    bf_factor_info_t info;
    const double t0 = now_us();
    bf_k_contract_shape(left, right, gate, false, c);
    bf_tensor_attach(c, chain->pair_room);
    if (bf_k_contract_worksize(left, right, c) > chain->work_bytes)
        check(BF_ERR_TOO_LARGE, "contraction");
    bf_k_contract(left, right, gate, c, chain->work);
    const double t1 = now_us();
    const bf_dim_t bound = gate->schmidt_rank * left->chi_r;
    if (bf_k_factor_worksize(c, bound, rule) > chain->work_bytes || bf_k_factor_bound(c, bound, rule) > BOND_MAX)
        check(BF_ERR_TOO_LARGE, "the bonds of this circuit exceed what this benchmark has room for");
    check(bf_k_factor(c, bound, rule, &new_left, &new_right, &info, chain->work), "factorisation");
    const double t2 = now_us();
    store(chain, s, &new_left);
    store(chain, s + 1, &new_right);
    us[CONTRACT] += t1 - t0;
    us[FACTOR] += t2 - t1;
    us[COPY] += now_us() - t2;
    chain->sum_eps += info.eps;
    chain->fallbacks += info.fallbacks;
    chain->max_bond = new_left.chi_r > chain->max_bond ? new_left.chi_r : chain->max_bond;
}

static void apply_one(bf_tensor_t *site, const bf_gate1_t *gate, char *work)
{
    const bf_type_t type = bf_k_gate1_type(site->type, gate);
    if (type != site->type) {
        bf_tensor_t copy = *site;
        bf_tensor_attach(&copy, work);
        bf_k_copy(site, &copy);
        site->type = type;
        bf_k_convert(&copy, site);
    }
    bf_k_gate1(site, gate);
}

static bf_tensor_t end_of_chain(void *room)
{
    *(double *)room = 1.0;
    return (bf_tensor_t){.type = BF_TYPE_D, .weight = BF_WEIGHT_NONE, .chi_l = 1, .d = 1, .chi_r = 1, .b = room};
}

static void measure(chain_t *chain, double us[PHASES])
{
    int room = 0;
    bf_tensor_t environment = end_of_chain(chain->environment[0]);
    double t = now_us();
    for (bf_site_t s = chain->n - 1; s >= 0; s--) {
        bf_tensor_t out = {.b = chain->environment[room = !room]};
        bf_k_transfer_right(&environment, &chain->site[s], &chain->right_half[s], s > 0 ? &out : NULL, chain->work);
        environment = out;
    }
    us[TRANSFER] += now_us() - t;
    environment = end_of_chain(chain->environment[room = 0]);
    chain->checksum = 0.0;
    for (bf_site_t s = 0; s < chain->n; s++) {
        bf_tensor_t half = {.b = chain->half}, out = {.b = chain->environment[room = !room]};
        bf_xyz_t xyz;
        const double t0 = now_us();
        bf_k_transfer_left(&environment, &chain->site[s], &half, s + 1 < chain->n ? &out : NULL, chain->work);
        const double t1 = now_us();
        bf_k_expect(&half, &chain->right_half[s], &xyz);
        us[TRANSFER] += t1 - t0;
        us[EXPECT] += now_us() - t1;
        chain->checksum += (xyz.x + 2.0 * xyz.y + 3.0 * xyz.z) / xyz.norm * cos((double)s);
        environment = out;
    }
}

static void run(chain_t *chain, const bf_program_t *program, const bf_factor_rule_t *rule, double us[PHASES])
{
    reset(chain);
    for (size_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        if (op->update >= 0)
            update(chain, &program->gates2[op->matrix], op->site, rule, us);
        else
            apply_one(&chain->site[op->site], &program->gates1[op->matrix], chain->work);
    }
    measure(chain, us);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    options_t *options = state->input;
    switch (key) {
    case 'n':
        options->sites = strtol(arg, NULL, 10);
        return options->sites < 2 ? EINVAL : 0;
    case 'l':
        options->layers = strtol(arg, NULL, 10);
        return options->layers < 1 ? EINVAL : 0;
    case 'r':
        options->repetitions = strtol(arg, NULL, 10);
        return options->repetitions < 1 ? EINVAL : 0;
    case 's':
        options->seed = strtoul(arg, NULL, 10);
        return 0;
    case 'c':
        options->rule.cut.cutoff = strtod(arg, NULL);
        return 0;
    case ARGP_KEY_ARG:
        options->file = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option table[] = {
        {"sites", 'n', "N", 0, "sites of the feature map (100)", 0},
        {"layers", 'l', "L", 0, "its repetitions (5)", 0},
        {"repetitions", 'r', "R", 0, "runs to take medians over (101)", 0},
        {"seed", 's', "S", 0, "seed of the random row (1)", 0},
        {"cutoff", 'c', "X", 0, "Cutoff (1e-12)", 0},
        {NULL, 0, NULL, 0, NULL, 0},
    };
    const struct argp argp = {
        .options = table, .parser = parse, .args_doc = "[CIRCUIT]", .doc = "Time one feature row, kernel by kernel."};
    options_t options = {NULL, 100, 5, 101, 1, {{1e-12, 0, 1}, BF_METHOD_AUTO}};
    bf_k_blas_core_choose(argv);
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return 2;

    bf_program_t *program = load(&options);
    chain_t chain = open_chain(program->n);
    const size_t runs = (size_t)options.repetitions;
    double *sample = allocate((PHASES + 1) * runs * sizeof *sample);
    for (size_t r = 0; r < runs; r++) {
        double us[PHASES] = {0.0};
        const double begin = 1e6 * bf_seconds_thread();
        run(&chain, program, &options.rule, us);
        sample[PHASES * runs + r] = 1e6 * bf_seconds_thread() - begin;
        for (int p = 0; p < PHASES; p++)
            sample[(size_t)p * runs + r] = us[p];
    }
    printf("%zu updates, largest bond %lld, sum of eps %.3e, fallbacks %d, checksum %.10f\n", program->n_updates,
           (long long)chain.max_bond, chain.sum_eps, chain.fallbacks, chain.checksum);
    for (size_t p = 0; p <= PHASES; p++) {
        const double middle = bench_median(sample + p * runs, runs);
        printf("%-9s %8.1f us median  %8.1f us least\n", p < PHASES ? phase_name[p] : "row", middle, sample[p * runs]);
    }
    free(sample);
    close_chain(&chain);
    bf_program_destroy(program);
    return 0;
}
