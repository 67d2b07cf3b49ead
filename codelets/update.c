/* The numerical body of the gate tasks. One task or two (contract, split) call the same kernels on the same bytes, so the
 * granularity chosen by the planner never changes a bit of the result. */
#include "codelets/update.h"

#include "codelets/arena.h"
#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/contract.h"
#include "kernels/convert.h"
#include "kernels/orthogonalise.h"

#include <math.h>
#include <string.h>

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

/** Enter what an update did, which has left @p left on the left of its bond, into the ledger. */
static void enter(bf_run_t *run, const bf_op_t *op, bf_dim_t chi_before, const bf_tensor_t *left, const bf_factor_info_t *info)
{
    bf_run_count(run, op,
                 &(bf_ledger_entry_t){.eps = info->eps,
                                      .eps_max_dim = info->eps_max_dim,
                                      .bond = op->site,
                                      .line = op->line,
                                      .chi_before = (int32_t)chi_before,
                                      .chi_after = (int32_t)left->chi_r,
                                      .sectors = (int32_t)info->sectors,
                                      .method = (uint8_t)info->method,
                                      .fallbacks = (uint8_t)info->fallbacks,
                                      .type = (uint8_t)left->type,
                                      .done = 1});
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
    enter(run, op, chi_m, &new_left, &info);
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

/* Pushing the operator of a span. */

/** The type of what becomes of two sites by an operator that is real or not. */
static bf_type_t type_of(const bf_run_t *run, const bf_tensor_t *left, const bf_tensor_t *right, bool real, double loss)
{
    const bf_gate2_t like = {.schmidt_rank = 1, .real = real};
    bf_tensor_t pair;
    bf_k_contract_shape(left, right, &like, bf_run_single(run, loss), &pair);
    return pair.type;
}

/** The factors of the terms on site @p s. */
static void factors_at(const bf_program_t *program, const bf_span_t *span, bf_site_t s, bf_gate1_t factors[BF_SUM_TERMS])
{
    const bf_sum_t *sum = &program->sums[span->sum];
    int at = 0;
    while (at < sum->n_sites && span->sites[at] != s)
        at++;
    for (int t = 0; t < sum->n_terms; t++)
        factors[t] = at < sum->n_sites ? sum->factors[t][at] : (bf_gate1_t){.u = {1, 0, 0, 1}, .real = true};
}

/** Everything a push holds, laid out behind each other; with base NULL only measured. */
typedef struct push_room {
    bf_tensor_t right, carry, left; /* what the sites become, and what goes from one to the other */
    double *left_weight, *right_weight;
    void *work;
} push_room_t;

static push_room_t lay_out_push(const bf_tensor_t *l, const bf_tensor_t *r, bf_type_t type, int n_terms, bool ends,
                                bf_carve_t *carve)
{
    const bf_dim_t rows = n_terms * l->chi_r, columns = BF_D * r->chi_r, pushed = rows < columns ? rows : columns;
    const bf_dim_t chi_l = ends ? l->chi_l : n_terms * l->chi_l;
    push_room_t room = {.right = {.type = type, .chi_l = rows, .d = BF_D, .chi_r = r->chi_r},
                        .carry = {.type = type, .chi_l = rows, .d = 1, .chi_r = pushed},
                        .left = {.type = type, .chi_l = chi_l, .d = BF_D, .chi_r = pushed}};
    room.right.b = bf_carve_block(carve, type, rows, columns);
    room.carry.b = bf_carve_block(carve, type, rows, pushed);
    room.left.b = bf_carve_block(carve, type, chi_l, BF_D * pushed);
    room.left_weight = bf_carve_reals(carve, chi_l);
    room.right_weight = bf_carve_reals(carve, pushed);
    room.work = bf_carve_rest(carve);
    size_t work = bf_k_push_worksize(&room.right);
    work = work > bf_k_terms_worksize(l, type) ? work : bf_k_terms_worksize(l, type);
    carve->used += work > bf_k_terms_worksize(r, type) ? work : bf_k_terms_worksize(r, type);
    return room;
}

static void store_weighted(bf_tensor_t *made, double *weight, bf_tensor_data_t *site, double loss)
{
    made->weight = BF_WEIGHT_DIAG;
    made->w = weight;
    store(made, site, loss);
}

/* Weights inside a span mean nothing before its truncation, which renews them from left to right: they are 0 until then. */
static void apply_push(const bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right)
{
    const bf_program_t *program = run->program;
    const bf_span_t *span = &program->spans[op->matrix];
    const int n_terms = program->sums[span->sum].n_terms;
    const bool begins = op->site + 2 == span->site + span->length, ends = op->site == span->site;
    const bf_tensor_t l = bf_tensor_view(left), r = bf_tensor_view(right);
    const double loss = max_loss(left, right);
    const bf_type_t type = type_of(run, &l, &r, bf_sum_is_real(&program->sums[span->sum]), loss);

    bf_carve_t carve = {NULL, 0};
    lay_out_push(&l, &r, type, n_terms, ends, &carve);
    carve = (bf_carve_t){bf_arena(carve.used), 0};
    push_room_t room = lay_out_push(&l, &r, type, n_terms, ends, &carve);
    bf_gate1_t factors[BF_SUM_TERMS];
    if (begins) {
        factors_at(program, span, op->site + 1, factors);
        bf_k_terms_stack(&r, factors, n_terms, &room.right, room.work);
    } else {
        bf_convert_block(r.type, r.b, type, room.right.b, (size_t)(r.chi_l * BF_D * r.chi_r));
    }
    bf_k_push_left(&room.right, &room.carry, room.work);
    factors_at(program, span, op->site, factors);
    bf_k_terms_absorb(&l, factors, n_terms, &room.carry, ends, &room.left, room.work);
    memset(room.left_weight, 0, (size_t)room.left.chi_l * sizeof(double));
    memset(room.right_weight, 0, (size_t)room.right.chi_l * sizeof(double));
    if (ends)
        memcpy(room.left_weight, l.w, (size_t)l.chi_l * sizeof(double));
    store_weighted(&room.left, room.left_weight, left, loss);
    store_weighted(&room.right, room.right_weight, right, loss);
}
/** A site as the pair of a site and half its right bond, which @p pair has the shape of: an odd bond gets a column of zeros more.
 */
static void fill_pair(const bf_tensor_t *site, bf_tensor_t *pair)
{
    const size_t entries = (size_t)(site->chi_l * BF_D * site->chi_r), bytes = entries * bf_type_size(pair->type);
    memcpy(pair->w, site->w, (size_t)site->chi_l * sizeof(double));
    bf_convert_block(site->type, site->b, pair->type, pair->b, entries);
    memset((char *)pair->b + bytes, 0, bf_tensor_block_bytes(pair) - bytes);
}

/* Truncate the bond right of a site whose left weight is known and whose right neighbours are right-orthonormal: lambda B = U S
 * V^H, the site becomes B V, the next one V^H times itself. */
static void apply_truncation(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right,
                             const char *codelet)
{
    const bf_tensor_t l = bf_tensor_view(left), r = bf_tensor_view(right);
    const double loss = max_loss(left, right);
    const bf_dim_t chi_m = l.chi_r;
    const bf_type_t type = type_of(run, &l, &r, true, loss);
    bf_tensor_t pair = {.type = type, .weight = BF_WEIGHT_DIAG, .chi_l = l.chi_l, .d = 4, .chi_r = (chi_m + 1) / 2};
    bf_tensor_t made = {.type = type, .weight = BF_WEIGHT_NONE, .chi_l = chi_m, .d = BF_D, .chi_r = r.chi_r};
    const size_t pair_bytes = bf_align_up(bf_tensor_bytes(&pair)), made_bytes = bf_align_up(bf_tensor_block_bytes(&made));
    char *arena = bf_arena(pair_bytes + 2 * made_bytes + bf_k_factor_worksize(&pair, chi_m, &run->rule));
    char *rest = arena + pair_bytes + made_bytes;
    bf_tensor_t new_left, isometry;
    bf_factor_info_t info;
    bf_tensor_attach(&pair, arena);
    fill_pair(&l, &pair);
    const void *next = bf_block_as(&r, type, &rest);
    const bf_status_t status = bf_k_factor(&pair, chi_m, &run->rule, &new_left, &isometry, &info, rest);
    if (status != BF_OK) {
        bf_run_fail(run, &(bf_failure_t){.status = status,
                                         .codelet = codelet,
                                         .update = op->update,
                                         .site = op->site,
                                         .chi_l = l.chi_l,
                                         .chi_r = r.chi_r});
        bf_tensor_poison(left, status);
        bf_tensor_poison(right, status);
        return;
    }
    const bf_dim_t k = new_left.chi_r, columns = BF_D * r.chi_r;
    made = (bf_tensor_t){.type = type,
                         .weight = BF_WEIGHT_DIAG,
                         .chi_l = k,
                         .d = BF_D,
                         .chi_r = r.chi_r,
                         .w = isometry.w,
                         .b = arena + pair_bytes};
    bf_gemm(type, BF_N, BF_N, k, columns, chi_m, 1.0, isometry.b, k, next, chi_m, 0.0, made.b, k);
    store(&new_left, left, loss + info.eps);
    store(&made, right, loss + info.eps);
    enter(run, op, chi_m, &new_left, &info);
}

void bf_update_apply(bf_run_t *run, const bf_op_t *op, bf_tensor_data_t *left, bf_tensor_data_t *right, const char *codelet)
{
    if (op->kind == BF_OP_PUSH)
        apply_push(run, op, left, right);
    else if (op->kind == BF_OP_TRUNCATE)
        apply_truncation(run, op, left, right, codelet);
    else if (op->update < 0)
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
