/* The walk through a program: bonds, costs of kernels, memory of the state. */
#include "runtime/plan/walk.h"

#include "kernels/contract.h"
#include "kernels/factor.h"

#include <stdlib.h>

/* Beyond this a bond bound only says "far too much"; sizes in bytes do not overflow below it. */
#define BOND_CEILING ((bf_dim_t)1 << 20)

/* A one-site gate. */
#define SINGLE_US 0.1

static bf_tensor_t site_shape(const bf_walk_t *w, bf_site_t s)
{
    return (bf_tensor_t){
        .type = bf_walk_type(w, w->real[s]), .weight = BF_WEIGHT_DIAG, .chi_l = w->chi[s], .d = BF_D, .chi_r = w->chi[s + 1]};
}

static void book_site(bf_walk_t *w, bf_site_t s)
{
    const bf_tensor_t site = site_shape(w, s);
    const size_t bytes = bf_align_up(bf_tensor_bytes(&site));
    size_t *rank = &w->rank_bytes[bf_plan_owner(w->program->n, w->o->ranks, s)];
    *rank += bytes - w->site_bytes[s];
    w->all_bytes += bytes - w->site_bytes[s];
    w->p->whole_state_bytes = w->all_bytes > w->p->whole_state_bytes ? w->all_bytes : w->p->whole_state_bytes;
    w->site_bytes[s] = bytes;
    w->p->largest_bytes = bytes > w->p->largest_bytes ? bytes : w->p->largest_bytes;
    w->rank_most = *rank > w->rank_most ? *rank : w->rank_most;
}

/* Workspace as codelets/update.c asks for it. Asking takes time: not for a pair that is smaller in everything than one that was
 * asked for. */
static void book_workspace(bf_walk_t *w, const bf_gate2_t *gate, bf_site_t s)
{
    const bf_tensor_t left = site_shape(w, s);
    const bf_tensor_t right = site_shape(w, s + 1);
    bf_tensor_t pair;
    bf_k_contract_shape(&left, &right, gate, w->o->precision == BF_PRECISION_SINGLE, &pair);
    const bf_dim_t rank_bound = (bf_dim_t)gate->schmidt_rank * left.chi_r;
    if (pair.chi_l <= w->asked.chi_l && pair.chi_r <= w->asked.chi_r && rank_bound <= w->asked_rank &&
        pair.type == w->asked.type && left.type == w->asked_sites[0] && right.type == w->asked_sites[1])
        return;
    w->asked = pair;
    w->asked_rank = rank_bound;
    w->asked_sites[0] = left.type;
    w->asked_sites[1] = right.type;
    const size_t pair_bytes = bf_align_up(bf_tensor_bytes(&pair));
    const size_t work =
        bf_larger(bf_k_contract_worksize(&left, &right, &pair), bf_k_factor_worksize(&pair, rank_bound, &w->o->rule));
    w->p->workspace_bytes = bf_larger(w->p->workspace_bytes, pair_bytes + work);
}

/* The bond after operation @p i: what is known, or what it can be at most. */
static bf_dim_t bond_after(bf_walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    const bf_dim_t max_dim = w->o->rule.cut.max_dim;
    const bf_dim_t wanted = bf_plan_bound(w->program, op, w->chi, 0);
    const bf_dim_t most = max_dim > 0 && max_dim < BOND_CEILING ? max_dim : BOND_CEILING;
    const bool known = i < w->o->n_known;
    if (!known && wanted > most && w->p->first_beyond == BF_NO_OP)
        w->p->first_beyond = i;
    const bf_dim_t after = known ? w->o->known[i] : wanted;
    return after < 1 ? 1 : after < most ? after : most;
}

static void step_two_sites(bf_walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    const bf_gate2_t *gate = &w->program->gates2[op->matrix];
    const bf_site_t s = op->site;
    const bf_dim_t *chi = &w->chi[s];
    const bool real = w->real[s] && w->real[s + 1] && gate->real;
    const bf_type_t type = bf_walk_type(w, real);
    book_workspace(w, gate, s);
    const bf_dim_t after = bond_after(w, i);
    const bf_dim_t right = op->kind == BF_OP_TRUNCATE ? (chi[1] + 1) / 2 : chi[2]; /* the left site alone is factorised */
    const double us = bf_rates_update_us(w->o->rates, type, chi[0], chi[1], right, after);
    w->p->flops += bf_k_contract_flops(type, chi[0], chi[1], right) + bf_k_factor_flops(type, chi[0], right);
    w->p->op_us[i] = us;
    w->p->op_chi[i] = after;
    w->bond_us[s] += us;
    w->chi[s + 1] = after;
    w->real[s] = w->real[s + 1] = real;
    w->p->peaks[s] = after > w->p->peaks[s] ? after : w->p->peaks[s];
    book_site(w, s);
    book_site(w, s + 1);
}

/* A push is priced as an update of the same shapes, of which it takes about a third. */
static void step_push(bf_walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    const bf_span_t *span = &w->program->spans[op->matrix];
    const bf_site_t s = op->site;
    const bf_dim_t *chi = &w->chi[s];
    const bool real = w->real[s] && w->real[s + 1] && bf_sum_is_real(&w->program->sums[span->sum]);
    const bf_dim_t pushed = bf_plan_bound(w->program, op, w->chi, 0), after = pushed < BOND_CEILING ? pushed : BOND_CEILING;
    const double us = bf_rates_update_us(w->o->rates, bf_walk_type(w, real), chi[0], chi[1], chi[2], after) / 3;
    w->p->flops += bf_k_factor_flops(bf_walk_type(w, real), chi[0], chi[2]) / 3;
    w->p->op_us[i] = us;
    w->p->op_chi[i] = after;
    w->bond_us[s] += us;
    w->chi[s + 1] = after;
    w->real[s] = w->real[s + 1] = real;
    book_site(w, s);
    book_site(w, s + 1);
}

static void step_one_site(bf_walk_t *w, size_t i)
{
    const bf_op_t *op = &w->program->ops[i];
    w->p->op_us[i] = SINGLE_US + (double)(w->chi[op->site] * w->chi[op->site + 1]) * 1e-3;
    w->p->op_chi[i] = 0;
    if (op->kind == BF_OP_GATE && !w->program->gates1[op->matrix].real) {
        w->real[op->site] = false;
        book_site(w, op->site);
    }
}

static void summarise(bf_walk_t *w)
{
    bf_prediction_t *p = w->p;
    p->heavy_bond = -1;
    p->largest_bond = 1;
    for (bf_site_t b = 0; b + 1 < p->n; b++) {
        p->bonds[b] = w->chi[b + 1];
        p->largest_bond = p->peaks[b] > p->largest_bond ? p->peaks[b] : p->largest_bond;
        p->kernel_seconds += 1e-6 * w->bond_us[b];
        if (w->bond_us[b] > 1e6 * p->heavy_seconds) {
            p->heavy_seconds = 1e-6 * w->bond_us[b];
            p->heavy_bond = b;
        }
    }
    p->state_bytes = w->rank_most;
}

bool bf_walk_open(bf_walk_t *w, const bf_program_t *program, const bf_predict_options_t *options, bf_prediction_t *prediction)
{
    const size_t n = (size_t)program->n;
    *w = (bf_walk_t){.program = program, .o = options, .p = prediction};
    prediction->bonds = calloc(n, sizeof *prediction->bonds);
    prediction->peaks = calloc(n, sizeof *prediction->peaks);
    prediction->op_us = malloc((program->n_ops + 1) * sizeof *prediction->op_us);
    prediction->op_chi = malloc((program->n_ops + 1) * sizeof *prediction->op_chi);
    w->chi = malloc((n + 1) * sizeof *w->chi);
    w->real = malloc(n * sizeof *w->real);
    w->site_bytes = calloc(n, sizeof *w->site_bytes);
    w->rank_bytes = calloc((size_t)options->ranks, sizeof *w->rank_bytes);
    w->bond_us = calloc(n, sizeof *w->bond_us);
    return prediction->bonds && prediction->peaks && prediction->op_us && prediction->op_chi && w->chi && w->real &&
           w->site_bytes && w->rank_bytes && w->bond_us;
}

void bf_walk_close(bf_walk_t *w)
{
    free(w->chi);
    free(w->real);
    free(w->site_bytes);
    free(w->rank_bytes);
    free(w->bond_us);
}

void bf_walk(bf_walk_t *w)
{
    for (bf_site_t s = 0; s < w->program->n; s++) {
        w->chi[s] = w->chi[s + 1] = 1;
        w->real[s] = true;
    }
    for (bf_site_t s = 0; s < w->program->n; s++)
        book_site(w, s);
    for (bf_site_t b = 0; b + 1 < w->program->n; b++)
        w->p->peaks[b] = 1;
    for (size_t i = 0; i < w->program->n_ops; i++) {
        if (w->program->ops[i].update >= 0)
            step_two_sites(w, i);
        else if (w->program->ops[i].kind == BF_OP_PUSH)
            step_push(w, i);
        else
            step_one_site(w, i);
    }
    summarise(w);
}
