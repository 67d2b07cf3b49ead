/* C = gate (left right): one matrix product, then 4 x 4 mixing in place. */
#include "kernels/contract.h"

#include <assert.h>
#include <string.h>

#include "kernels/convert.h"
#include "kernels/cpu.h"
#include "kernels/gate.h"
#include "kernels/mix_isa.h"
#include "kernels/sectors.h"

/* Field of the product of the two sites, in the precision of C. */
static bf_type_t product_type(const bf_tensor_t *left, const bf_tensor_t *right, const bf_tensor_t *c)
{
    const unsigned real = (unsigned)left->type & (unsigned)right->type & 2U;
    return (bf_type_t)(real | ((unsigned)c->type & 1U));
}

void bf_k_contract_shape(const bf_tensor_t *left, const bf_tensor_t *right, const bf_gate2_t *gate, bool single, bf_tensor_t *c)
{
    const bool real = bf_type_is_real(left->type) && bf_type_is_real(right->type) && gate->real;
    const bool narrow = single || (bf_type_is_single(left->type) && bf_type_is_single(right->type));
    c->type = (bf_type_t)((narrow ? 1U : 0U) | (real ? 2U : 0U));
    c->weight = left->weight;
    c->chi_l = left->chi_l;
    c->d = BF_D * BF_D;
    c->chi_r = right->chi_r;
}

double bf_k_contract_flops(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r)
{
    const double unit = bf_type_is_real(type) ? 2.0 : 8.0;
    return unit * 4.0 * (double)chi_l * (double)chi_r * ((double)chi_m + 4.0);
}

size_t bf_k_contract_worksize(const bf_tensor_t *left, const bf_tensor_t *right, const bf_tensor_t *c)
{
    const bf_type_t type = product_type(left, right, c);
    return bf_block_as_bytes(left, type) + bf_block_as_bytes(right, type) + bf_block_as_bytes(c, type) +
           bf_gemm_sectors_worksize(type, 2 * c->chi_l, 2 * c->chi_r, left->chi_r);
}

static bf_mix_fn *pick_mix(bf_type_t type)
{
    return BF_CPU_PICK(bf_mix_kernels)->by_type[type];
}

static void apply_gate(bf_tensor_t *c, const bf_gate2_t *gate)
{
    /* The gate in the element type of C. */
    bf_z_t u[16];
    bf_convert_block(BF_TYPE_Z, gate->u, c->type, u, 16);
    pick_mix(c->type)(c->b, c->chi_l, c->chi_r, u);
}

void bf_k_contract(const bf_tensor_t *left, const bf_tensor_t *right, const bf_gate2_t *gate, bf_tensor_t *c, void *work)
{
    assert(left->chi_r == right->chi_l && c->chi_l == left->chi_l && c->chi_r == right->chi_r);
    const bf_type_t type = product_type(left, right, c);
    const bf_dim_t m = 2 * c->chi_l, n = 2 * c->chi_r, inner = left->chi_r;
    char *next = work;
    const void *a = bf_block_as(left, type, &next);
    const void *b = bf_block_as(right, type, &next);

    /* Real sites under a complex gate: the product stays real, four times cheaper, and is widened afterwards. */
    bf_tensor_t product = *c;
    product.type = type;
    product.weight = BF_WEIGHT_NONE;
    if (type != c->type)
        product.b = next;
    next += type != c->type ? bf_block_as_bytes(c, type) : 0;
    bf_gemm_sectors(type, m, n, inner, a, b, product.b, next);
    if (type != c->type) {
        bf_tensor_t wide = *c;
        wide.weight = BF_WEIGHT_NONE;
        bf_k_convert(&product, &wide);
    }
    apply_gate(c, gate);
    if (c->weight != BF_WEIGHT_NONE)
        memcpy(c->w, left->w, (size_t)c->chi_l * sizeof(double));
}
