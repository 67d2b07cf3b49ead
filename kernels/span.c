/* Terms of a sum of products on a site, stacked in its left bond. */
#include "kernels/span.h"

#include <assert.h>
#include <string.h>

#include "kernels/blas.h"
#include "kernels/denormals.h"

bool bf_sum_is_real(const bf_sum_t *sum)
{
    for (int t = 0; t < sum->n_terms; t++)
        for (int i = 0; i < sum->n_sites; i++)
            if (!sum->factors[t][i].real)
                return false;
    return true;
}

size_t bf_k_terms_worksize(const bf_tensor_t *site, bf_type_t type)
{
    return bf_align_up((size_t)(site->chi_l * site->d * site->chi_r) * bf_type_size(type));
}

/** The site with one factor on it, in @p work. */
static bf_tensor_t apply(const bf_tensor_t *site, const bf_gate1_t *factor, bf_type_t type, void *work)
{
    bf_tensor_t source = *site;
    source.weight = BF_WEIGHT_NONE;
    bf_tensor_t made = {
        .type = type, .weight = BF_WEIGHT_NONE, .chi_l = site->chi_l, .d = site->d, .chi_r = site->chi_r, .b = work};
    bf_k_convert(&source, &made);
    bf_k_gate1(&made, factor);
    return made;
}

static void set_shape(bf_tensor_t *out, bf_dim_t chi_l, bf_dim_t chi_r)
{
    *out = (bf_tensor_t){.type = out->type, .weight = BF_WEIGHT_NONE, .chi_l = chi_l, .d = BF_D, .chi_r = chi_r, .b = out->b};
}

void bf_k_terms_stack(const bf_tensor_t *site, const bf_gate1_t *factors, int n_terms, bf_tensor_t *out, void *work)
{
    const bf_dim_t columns = BF_D * site->chi_r;
    const size_t column = (size_t)site->chi_l * bf_type_size(out->type);
    set_shape(out, n_terms * site->chi_l, site->chi_r);
    for (int t = 0; t < n_terms; t++) {
        const bf_tensor_t term = apply(site, &factors[t], out->type, work);
        for (bf_dim_t j = 0; j < columns; j++)
            memcpy((char *)out->b + (size_t)(j * n_terms + t) * column, (const char *)term.b + (size_t)j * column, column);
    }
}

void bf_k_terms_absorb(const bf_tensor_t *site, const bf_gate1_t *factors, int n_terms, const bf_tensor_t *carry, bool close,
                       bf_tensor_t *out, void *work)
{
    const bf_type_t type = out->type;
    const size_t element = bf_type_size(type);
    const bf_dim_t l = site->chi_l, r = site->chi_r, a = carry->chi_r, rows = n_terms * r, stacked = n_terms * l;
    assert(carry->type == type && carry->chi_l == rows);
    const unsigned mode = bf_denormals_off();
    set_shape(out, close ? l : stacked, a);
    for (int t = 0; t < n_terms; t++) {
        const bf_tensor_t term = apply(site, &factors[t], type, work);
        const char *own_carry = (const char *)carry->b + (size_t)(t * r) * element;
        if (close) {
            bf_gemm(type, BF_N, BF_N, BF_D * l, a, r, 1.0, term.b, BF_D * l, own_carry, rows, t > 0, out->b, BF_D * l);
            continue;
        }
        for (int s = 0; s < BF_D; s++)
            bf_gemm(type, BF_N, BF_N, l, a, r, 1.0, (const char *)term.b + (size_t)(s * l) * element, BF_D * l, own_carry, rows,
                    0.0, (char *)out->b + (size_t)(s * stacked + t * l) * element, BF_D * stacked);
    }
    bf_denormals_restore(mode);
}
