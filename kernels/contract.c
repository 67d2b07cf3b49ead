/* C = gate (left right): one matrix product, then 4 x 4 mixing in place. */
#include "kernels/contract.h"

#include <assert.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/convert.h"
#include "kernels/gate.h"

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
    return bf_block_as_bytes(left, type) + bf_block_as_bytes(right, type) + bf_block_as_bytes(c, type);
}

/* b[4] <- u b[4] for every (l, r). */
#define DEFINE_MIX(NAME, T)                                                                                                      \
    static void NAME(T *b, bf_dim_t chi_l, bf_dim_t chi_r, const T u[16])                                                        \
    {                                                                                                                            \
        for (bf_dim_t r = 0; r < chi_r; r++) {                                                                                   \
            T *restrict b00 = b + 4 * chi_l * r;                                                                                 \
            T *restrict b10 = b00 + chi_l;                                                                                       \
            T *restrict b01 = b10 + chi_l;                                                                                       \
            T *restrict b11 = b01 + chi_l;                                                                                       \
            for (bf_dim_t l = 0; l < chi_l; l++) {                                                                               \
                const T x0 = b00[l], x1 = b01[l], x2 = b10[l], x3 = b11[l];                                                      \
                b00[l] = u[0] * x0 + u[1] * x1 + u[2] * x2 + u[3] * x3;                                                          \
                b01[l] = u[4] * x0 + u[5] * x1 + u[6] * x2 + u[7] * x3;                                                          \
                b10[l] = u[8] * x0 + u[9] * x1 + u[10] * x2 + u[11] * x3;                                                        \
                b11[l] = u[12] * x0 + u[13] * x1 + u[14] * x2 + u[15] * x3;                                                      \
            }                                                                                                                    \
        }                                                                                                                        \
    }

DEFINE_MIX(mix_z, double _Complex)
DEFINE_MIX(mix_c, float _Complex)
DEFINE_MIX(mix_d, double)
DEFINE_MIX(mix_s, float)

static void apply_gate(bf_tensor_t *c, const bf_gate2_t *gate)
{
    float _Complex uc[16];
    double ud[16];
    float us[16];
    for (int i = 0; i < 16; i++) {
        uc[i] = (float _Complex)gate->u[i];
        ud[i] = creal(gate->u[i]);
        us[i] = (float)ud[i];
    }
    switch (c->type) {
    case BF_TYPE_Z:
        mix_z(c->b, c->chi_l, c->chi_r, gate->u);
        break;
    case BF_TYPE_C:
        mix_c(c->b, c->chi_l, c->chi_r, uc);
        break;
    case BF_TYPE_D:
        mix_d(c->b, c->chi_l, c->chi_r, ud);
        break;
    case BF_TYPE_S:
    default:
        mix_s(c->b, c->chi_l, c->chi_r, us);
        break;
    }
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
    bf_gemm(type, BF_N, BF_N, m, n, inner, 1.0, a, m, b, inner, 0.0, product.b, m);
    if (type != c->type) {
        bf_tensor_t wide = *c;
        wide.weight = BF_WEIGHT_NONE;
        bf_k_convert(&product, &wide);
    }
    apply_gate(c, gate);
    if (c->weight != BF_WEIGHT_NONE)
        memcpy(c->w, left->w, (size_t)c->chi_l * sizeof(double));
}
