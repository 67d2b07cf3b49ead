/* The numerical body of the gate tasks. One task or two (contract, split) call the same kernels on the same bytes, so the
 * granularity chosen by the planner never changes a bit of the result. */
#include "codelets/update.h"

#include "codelets/arena.h"
#include "kernels/contract.h"

#include <math.h>

static double max_loss(const bf_tensor_data_t *left, const bf_tensor_data_t *right)
{
    return fmax(left->loss, right->loss);
}

static const bf_gate2_t *gate_of(const bf_run_t *run, const bf_op_t *op)
{
    return &run->program->gates2[op->matrix];
}

static void store(const bf_tensor_t *src, bf_tensor_data_t *dst, double loss)
{
    bf_tensor_t view = bf_tensor_reserve(dst, src);
    bf_k_copy(src, &view);
    dst->loss = loss;
}

/* Factorise c, with work behind it, into the two sites; c->w lives in the caller's memory until left is stored. */
static void factor_and_store(bf_run_t *run, const bf_op_t *op, bf_tensor_t *c, bf_dim_t chi_m, double loss, void *work,
                             bf_tensor_data_t *left, bf_tensor_data_t *right, const char *codelet)
{
    const bf_dim_t rank_bound = (bf_dim_t)gate_of(run, op)->schmidt_rank * chi_m;
    const bf_dim_t chi_l = c->chi_l;
    const bf_dim_t chi_r = c->chi_r;
    bf_tensor_t new_left;
    bf_tensor_t new_right;
    bf_factor_info_t info;
    const bf_status_t status = bf_k_factor(c, rank_bound, &run->rule, &new_left, &new_right, &info, work);
    if (status != BF_OK) {
        bf_run_fail(
            run,
            &(bf_failure_t){
                .status = status, .codelet = codelet, .update = op->update, .site = op->site, .chi_l = chi_l, .chi_r = chi_r});
        bf_tensor_poison(left, status);
        bf_tensor_poison(right, status);
        return;
    }
    store(&new_left, left, loss + info.eps);
    store(&new_right, right, loss + info.eps);
    bf_run_count(run, op,
                 &(bf_ledger_entry_t){.eps = info.eps,
                                      .eps_max_dim = info.eps_max_dim,
                                      .bond = op->site,
                                      .line = op->line,
                                      .chi_before = (int32_t)chi_m,
                                      .chi_after = (int32_t)new_left.chi_r,
                                      .method = (uint8_t)info.method,
                                      .fallbacks = (uint8_t)info.fallbacks,
                                      .type = (uint8_t)new_left.type,
                                      .done = 1});
}

static void apply_one_site(const bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *site)
{
    const bf_gate1_t *gate = &run->program->gates1[op->matrix];
    bf_tensor_t view = bf_tensor_view(site);
    const bf_type_t type = bf_k_gate1_type(view.type, gate);
    if (type != view.type) {
        const double loss = site->loss;
        bf_tensor_t copy = view;
        bf_tensor_attach(&copy, bf_arena(bf_tensor_bytes(&view)));
        bf_k_copy(&view, &copy);
        view.type = type;
        view = bf_tensor_reserve(site, &view);
        bf_k_convert(&copy, &view);
        site->loss = loss;
    }
    bf_k_gate1(&view, gate);
}

static void apply_two_sites(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right,
                            const char *codelet)
{
    const bf_gate2_t *gate = gate_of(run, op);
    const bf_tensor_t l = bf_tensor_view(left);
    const bf_tensor_t r = bf_tensor_view(right);
    const double loss = max_loss(left, right);
    const bf_dim_t rank_bound = (bf_dim_t)gate->schmidt_rank * l.chi_r;
    bf_tensor_t c;
    bf_k_contract_shape(&l, &r, gate, bf_run_single(run, loss), &c);

    const size_t c_bytes = bf_align_up(bf_tensor_bytes(&c));
    const size_t contract_bytes = bf_k_contract_worksize(&l, &r, &c);
    const size_t factor_bytes = bf_k_factor_worksize(&c, rank_bound, &run->rule);
    char *arena = bf_arena(c_bytes + (contract_bytes > factor_bytes ? contract_bytes : factor_bytes));
    bf_tensor_attach(&c, arena);
    bf_k_contract(&l, &r, gate, &c, arena + c_bytes);
    factor_and_store(run, op, &c, l.chi_r, loss, arena + c_bytes, left, right, codelet);
}

void bf_update_apply(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right, const char *codelet)
{
    if (op->update < 0)
        apply_one_site(run, op, left);
    else
        apply_two_sites(run, op, left, right, codelet);
}

void bf_update_contract(bf_run_t *run, const bf_op_t *op, const bf_tensor_data_t *left, const bf_tensor_data_t *right,
                        bf_tensor_data_t *pair)
{
    const bf_gate2_t *gate = gate_of(run, op);
    const bf_tensor_t l = bf_tensor_view(left);
    const bf_tensor_t r = bf_tensor_view(right);
    const double loss = max_loss(left, right);
    bf_tensor_t c;
    bf_k_contract_shape(&l, &r, gate, bf_run_single(run, loss), &c);
    c = bf_tensor_reserve(pair, &c);
    bf_k_contract(&l, &r, gate, &c, bf_arena(bf_k_contract_worksize(&l, &r, &c)));
    pair->chi_m = l.chi_r;
    pair->loss = loss;
}

void bf_update_split(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *pair, bf_tensor_data_t *left, bf_tensor_data_t *right,
                     const char *codelet)
{
    bf_tensor_t c = bf_tensor_view(pair);
    const bf_dim_t rank_bound = (bf_dim_t)gate_of(run, op)->schmidt_rank * pair->chi_m;
    void *work = bf_arena(bf_k_factor_worksize(&c, rank_bound, &run->rule));
    factor_and_store(run, op, &c, pair->chi_m, pair->loss, work, left, right, codelet);
}
