/* Environment steps: two matrix products each way, always in double precision. The second is Hermitian. */
#include "kernels/transfer.h"

#include <assert.h>

#include "kernels/convert.h"
#include "kernels/sectors.h"

bf_type_t bf_k_transfer_type(bf_type_t site, bf_type_t environment)
{
    return bf_type_is_real(site) && bf_type_is_real(environment) ? BF_TYPE_D : BF_TYPE_Z;
}

double bf_k_transfer_flops(bf_type_t type, bf_dim_t chi_l, bf_dim_t chi_r)
{
    const double unit = bf_type_is_real(type) ? 2.0 : 8.0;
    return unit * 1.5 * (double)chi_l * (double)chi_r * ((double)chi_l + (double)chi_r);
}

size_t bf_k_transfer_worksize(const bf_tensor_t *site, const bf_tensor_t *environment)
{
    const bf_type_t type = bf_k_transfer_type(site->type, environment->type);
    return bf_block_as_bytes(site, type) + bf_block_as_bytes(environment, type) + bf_k_transfer_sectors_bytes(site);
}

size_t bf_k_transfer_sectors_bytes(const bf_tensor_t *site)
{
    const bf_dim_t l = site->chi_l, d = site->d, r = site->chi_r;
    const size_t steps[4] = {bf_gemm_sectors_worksize(BF_TYPE_Z, l, d * r, l), bf_gemm_sectors_worksize(BF_TYPE_Z, d * l, r, r),
                             bf_gemm_hermitian_sectors_worksize(BF_TYPE_Z, r, d * l),
                             bf_gemm_hermitian_sectors_worksize(BF_TYPE_Z, l, d * r)};
    size_t most = 0;
    for (int i = 0; i < 4; i++)
        most = steps[i] > most ? steps[i] : most;
    return most;
}

static void set_shape(bf_tensor_t *t, bf_type_t type, bf_dim_t chi_l, bf_dim_t d, bf_dim_t chi_r)
{
    t->type = type;
    t->weight = BF_WEIGHT_NONE;
    t->chi_l = chi_l;
    t->d = d;
    t->chi_r = chi_r;
    t->w = NULL;
}

void bf_k_transfer_left(const bf_tensor_t *in, const bf_tensor_t *site, bf_tensor_t *half, bf_tensor_t *out, void *work)
{
    assert(in->chi_r == site->chi_l && in->chi_l == site->chi_l);
    const bf_type_t type = bf_k_transfer_type(site->type, in->type);
    const bf_dim_t l = site->chi_l, r = site->chi_r;
    char *next = work;
    const void *b = bf_block_as(site, type, &next);
    const void *e = bf_block_as(in, type, &next);
    set_shape(half, type, l, BF_D, r);
    bf_gemm_sectors(type, l, 2 * r, l, e, b, half->b, next);
    if (out)
        bf_k_transfer_close(half, site, out, work);
}

void bf_k_transfer_close(const bf_tensor_t *half, const bf_tensor_t *site, bf_tensor_t *out, void *work)
{
    const bf_type_t type = half->type;
    const bf_dim_t l = site->chi_l, r = site->chi_r;
    char *next = work;
    const void *b = bf_block_as(site, type, &next);
    set_shape(out, type, r, 1, r);
    bf_gemm_hermitian_sectors(type, BF_H, r, 2 * l, b, half->b, out->b, next);
}

void bf_k_transfer_right(const bf_tensor_t *in, const bf_tensor_t *site, bf_tensor_t *half, bf_tensor_t *out, void *work)
{
    assert(in->chi_l == site->chi_r && in->chi_r == site->chi_r);
    const bf_type_t type = bf_k_transfer_type(site->type, in->type);
    const bf_dim_t l = site->chi_l, r = site->chi_r;
    char *next = work;
    const void *b = bf_block_as(site, type, &next);
    const void *e = bf_block_as(in, type, &next);
    set_shape(half, type, l, BF_D, r);
    bf_gemm_sectors(type, 2 * l, r, r, b, e, half->b, next);
    if (out)
        bf_k_transfer_close_right(half, site, out, work);
}

void bf_k_transfer_close_right(const bf_tensor_t *half, const bf_tensor_t *site, bf_tensor_t *out, void *work)
{
    const bf_type_t type = half->type;
    const bf_dim_t l = site->chi_l, r = site->chi_r;
    char *next = work;
    const void *b = bf_block_as(site, type, &next);
    set_shape(out, type, l, 1, l);
    bf_gemm_hermitian_sectors(type, BF_N, l, 2 * r, half->b, b, out->b, next);
}
