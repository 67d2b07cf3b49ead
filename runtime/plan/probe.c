/* A chain in plain memory, evolved by the same kernels as the tasks of a run. */
#include "runtime/plan/probe.h"

#include "codelets/run.h"
#include "kernels/contract.h"
#include "runtime/seconds.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Weight beyond max_dim that is no rounding: what the factorisations resolve. */
#define CUT_DOUBLE 1e-13
#define CUT_SINGLE 1e-5

typedef struct chain {
    bf_tensor_t *sites;
    void **memory; /* of each site */
    size_t *room;  /* bytes of it */
    double *loss;  /* of each site, for --precision auto */
    void *work;
    size_t work_bytes;
} chain_t;

/* Contents are not kept. */
static bool reserve(void **memory, size_t *room, size_t bytes)
{
    if (bytes <= *room)
        return true;
    free(*memory);
    *room = bf_align_up(bytes + bytes / 2);
    *memory = aligned_alloc(BF_ALIGN, *room);
    if (!*memory)
        *room = 0;
    return *memory != NULL;
}

static bool store(chain_t *c, bf_site_t s, const bf_tensor_t *site)
{
    if (!reserve(&c->memory[s], &c->room[s], bf_tensor_bytes(site)))
        return false;
    c->sites[s] = *site;
    bf_tensor_attach(&c->sites[s], c->memory[s]);
    bf_k_copy(site, &c->sites[s]);
    return true;
}

static bool open_chain(chain_t *c, bf_site_t n, bool single)
{
    *c = (chain_t){.sites = calloc((size_t)n, sizeof *c->sites),
                   .memory = calloc((size_t)n, sizeof *c->memory),
                   .room = calloc((size_t)n, sizeof *c->room),
                   .loss = calloc((size_t)n, sizeof *c->loss)};
    if (!c->sites || !c->memory || !c->room || !c->loss)
        return false;
    double weight = 1.0;
    double zero_d[2] = {1.0, 0.0};
    float zero_s[2] = {1.0F, 0.0F};
    const bf_tensor_t zero = {.type = single ? BF_TYPE_S : BF_TYPE_D,
                              .weight = BF_WEIGHT_DIAG,
                              .chi_l = 1,
                              .d = BF_D,
                              .chi_r = 1,
                              .w = &weight,
                              .b = single ? (void *)zero_s : (void *)zero_d};
    bool good = true;
    for (bf_site_t s = 0; s < n && good; s++)
        good = store(c, s, &zero);
    return good;
}

static void close_chain(chain_t *c, bf_site_t n)
{
    for (bf_site_t s = 0; c->memory && s < n; s++)
        free(c->memory[s]);
    free(c->memory);
    free(c->sites);
    free(c->room);
    free(c->loss);
    free(c->work);
}

static bf_status_t apply_one(chain_t *c, const bf_op_t *op, const bf_gate1_t *gate)
{
    bf_tensor_t *site = &c->sites[op->site];
    const bf_type_t type = bf_k_gate1_type(site->type, gate);
    if (type != site->type) {
        bf_tensor_t wider = *site;
        wider.type = type;
        if (!reserve(&c->work, &c->work_bytes, bf_tensor_bytes(&wider)))
            return BF_ERR_NOMEM;
        bf_tensor_attach(&wider, c->work);
        bf_k_convert(site, &wider);
        if (!store(c, op->site, &wider))
            return BF_ERR_NOMEM;
    }
    bf_k_gate1(site, gate);
    return BF_OK;
}

static bf_status_t apply_two(chain_t *c, const bf_run_t *run, const bf_op_t *op, bf_factor_info_t *info)
{
    const bf_gate2_t *gate = &run->program->gates2[op->matrix];
    bf_tensor_t *left = &c->sites[op->site];
    bf_tensor_t *right = left + 1;
    const bf_dim_t rank_bound = (bf_dim_t)gate->schmidt_rank * left->chi_r;
    const double loss = fmax(c->loss[op->site], c->loss[op->site + 1]);
    bf_tensor_t pair;
    bf_tensor_t made[2];
    bf_k_contract_shape(left, right, gate, bf_run_single(run, loss), &pair);
    const size_t pair_bytes = bf_align_up(bf_tensor_bytes(&pair));
    const size_t contract_bytes = bf_k_contract_worksize(left, right, &pair);
    const size_t factor_bytes = bf_k_factor_worksize(&pair, rank_bound, &run->rule);
    if (!reserve(&c->work, &c->work_bytes, pair_bytes + (contract_bytes > factor_bytes ? contract_bytes : factor_bytes)))
        return BF_ERR_NOMEM;
    bf_tensor_attach(&pair, c->work);
    char *rest = (char *)c->work + pair_bytes;
    bf_k_contract(left, right, gate, &pair, rest);
    BF_TRY(bf_k_factor(&pair, rank_bound, &run->rule, &made[0], &made[1], info, rest));
    if (!store(c, op->site, &made[0]) || !store(c, op->site + 1, &made[1]))
        return BF_ERR_NOMEM;
    c->loss[op->site] = c->loss[op->site + 1] = loss + info->eps;
    return BF_OK;
}

/* Whether operation @p op may be begun with so many seconds left. */
static bool affordable(const chain_t *c, const bf_run_t *run, const bf_op_t *op, const bf_rates_t *rates, double left)
{
    if (op->kind != BF_OP_GATE || op->condition != 0 || left <= 0.0)
        return false;
    if (op->update < 0)
        return true;
    const bf_tensor_t *l = &c->sites[op->site];
    const bf_dim_t rank = run->program->gates2[op->matrix].schmidt_rank;
    const bf_dim_t most = rank * l->chi_r;
    return 1e-6 * bf_rates_update_us(rates, l->type, l->chi_l, l->chi_r, l[1].chi_r, most) <= left;
}

static bf_status_t perform(chain_t *c, const bf_run_t *run, const bf_rates_t *rates, double seconds, bf_probe_t *probe)
{
    const bf_program_t *program = run->program;
    const double begin = bf_seconds_thread();
    for (size_t i = 0; i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        probe->seconds = bf_seconds_thread() - begin;
        if (!affordable(c, run, op, rates, seconds - probe->seconds))
            return BF_OK;
        if (op->update < 0) {
            BF_TRY(apply_one(c, op, &program->gates1[op->matrix]));
        } else {
            bf_factor_info_t info;
            BF_TRY(apply_two(c, run, op, &info));
            probe->chi[i] = c->sites[op->site].chi_r;
            probe->sum_eps += info.eps;
            if (probe->chi[i] > probe->largest_bond)
                probe->largest_bond = probe->chi[i];
            const bool single = bf_type_is_single(c->sites[op->site].type);
            if (info.eps_max_dim > (single ? CUT_SINGLE : CUT_DOUBLE) && probe->first_cut == SIZE_MAX)
                probe->first_cut = i;
        }
        probe->n_done = i + 1;
    }
    probe->seconds = bf_seconds_thread() - begin;
    probe->complete = true;
    return BF_OK;
}

bf_status_t bf_probe_run(const bf_program_t *program, const bf_factor_rule_t *rule, bf_precision_t precision,
                         const bf_rates_t *rates, double seconds, bf_probe_t *probe)
{
    *probe = (bf_probe_t){.chi = calloc(program->n_ops + 1, sizeof *probe->chi), .largest_bond = 1, .first_cut = SIZE_MAX};
    chain_t chain = {0};
    openblas_set_num_threads(1); /* as every session does */
    const bf_run_t run = {.program = program, .rule = *rule, .precision = precision};
    bf_status_t status = BF_ERR_NOMEM;
    if (probe->chi && open_chain(&chain, program->n, precision == BF_PRECISION_SINGLE))
        status = perform(&chain, &run, rates, seconds, probe);
    close_chain(&chain, program->n);
    return status == BF_OK ? BF_OK
                           : bf_error_set(status, "the probe: operation %zu: %s", probe->n_done, bf_status_string(status));
}

void bf_probe_clear(bf_probe_t *probe)
{
    free(probe->chi);
    *probe = (bf_probe_t){0};
}
