/* Costs and bounds from shapes alone. */
#include "kernels/contract.h"
#include "kernels/factor.h"
#include "kernels/transfer.h"
#include "runtime/plan/plan.h"

/* Rates of one present-day core, in flops per microsecond, and the fixed cost of a kernel call. Small matrices reach less. */
#define UPDATE_FIXED_US   1.0
#define RATE_SMALL        2.5e3
#define RATE_LARGE        2.0e4
#define TRANSFER_FIXED_US 0.5

/* The rate climbs from RATE_SMALL to RATE_LARGE as the matrices grow to 10^9 flops. */
static double time_us(double flops)
{
    const double half_way = 2.0e7;
    const double share = flops / (flops + half_way);
    return flops / (RATE_SMALL + share * (RATE_LARGE - RATE_SMALL));
}

double bf_plan_update_flops(bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r)
{
    return bf_k_contract_flops(BF_TYPE_Z, chi_l, chi_m, chi_r) + bf_k_factor_flops(BF_TYPE_Z, chi_l, chi_r);
}

double bf_plan_update_us(bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r)
{
    return UPDATE_FIXED_US + time_us(bf_plan_update_flops(chi_l, chi_m, chi_r));
}

double bf_plan_transfer_us(bf_dim_t chi_l, bf_dim_t chi_r)
{
    return TRANSFER_FIXED_US + time_us(bf_k_transfer_flops(BF_TYPE_Z, chi_l, chi_r));
}

static bf_dim_t min_dim(bf_dim_t a, bf_dim_t b)
{
    return a < b ? a : b;
}

bf_dim_t bf_plan_bound(const bf_program_t *program, const bf_op_t *op, const bf_dim_t *chi, bf_dim_t max_dim)
{
    const bf_dim_t *left = &chi[op->site];
    if (op->kind == BF_OP_PUSH) /* exact, nothing is dropped yet */
        return min_dim(program->sums[program->spans[op->matrix].sum].n_terms * left[1], 2 * left[2]);
    bf_dim_t bound = 2 * min_dim(left[0], left[2]);
    bound = min_dim(bound, program->gates2[op->matrix].schmidt_rank * left[1]);
    return max_dim > 0 ? min_dim(bound, max_dim) : bound;
}

/* Bounds beyond this only say "far too much"; stopping here keeps them from overflowing. */
#define BOUND_CEILING ((bf_dim_t)1 << 24)

void bf_plan_memory(const bf_program_t *program, const bf_dim_t *chi, bf_dim_t max_dim, size_t *largest_bytes,
                    size_t *total_bytes)
{
    const bf_site_t n = program->n;
    bf_dim_t bound[n + 1];
    for (bf_site_t b = 0; b <= n; b++)
        bound[b] = chi[b];
    for (size_t i = 0; i < program->n_ops; i++)
        if (bf_op_width(&program->ops[i]) == 2)
            bound[program->ops[i].site + 1] =
                min_dim(BOUND_CEILING, bf_plan_bound(program, &program->ops[i], bound, max_dim > 0 ? max_dim : BOUND_CEILING));
    *largest_bytes = 0;
    *total_bytes = 0;
    for (bf_site_t s = 0; s < n; s++) {
        const bf_tensor_t site = {
            .type = BF_TYPE_Z, .weight = BF_WEIGHT_DIAG, .chi_l = bound[s], .d = BF_D, .chi_r = bound[s + 1]};
        const size_t bytes = bf_tensor_bytes(&site);
        *total_bytes += bytes;
        if (bytes > *largest_bytes)
            *largest_bytes = bytes;
    }
}
