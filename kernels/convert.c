/* Element type conversion of tensors. */
#include "kernels/convert.h"

#include <assert.h>

#include "kernels/gate.h"

static bf_z_t load(bf_type_t type, const void *p, size_t i)
{
    switch (type) {
    case BF_TYPE_Z:
        return ((const double _Complex *)p)[i];
    case BF_TYPE_C:
        return (bf_z_t)((const float _Complex *)p)[i];
    case BF_TYPE_D:
        return ((const double *)p)[i];
    case BF_TYPE_S:
    default:
        return (double)((const float *)p)[i];
    }
}

void bf_convert_block(bf_type_t from, const void *src, bf_type_t to, void *dst, size_t n)
{
    switch (to) {
    case BF_TYPE_Z:
        for (size_t i = 0; i < n; i++)
            ((double _Complex *)dst)[i] = load(from, src, i);
        break;
    case BF_TYPE_C:
        for (size_t i = 0; i < n; i++)
            ((float _Complex *)dst)[i] = (float _Complex)load(from, src, i);
        break;
    case BF_TYPE_D:
        for (size_t i = 0; i < n; i++)
            ((double *)dst)[i] = creal(load(from, src, i));
        break;
    case BF_TYPE_S:
    default:
        for (size_t i = 0; i < n; i++)
            ((float *)dst)[i] = (float)creal(load(from, src, i));
        break;
    }
}

void bf_k_convert(const bf_tensor_t *src, bf_tensor_t *dst)
{
    assert(src->weight == dst->weight && src->chi_l == dst->chi_l && src->d == dst->d && src->chi_r == dst->chi_r);
    const size_t n = (size_t)src->chi_l * (size_t)src->d * (size_t)src->chi_r;
    bf_convert_block(src->type, src->b, dst->type, dst->b, n);
    if (src->weight == BF_WEIGHT_DIAG)
        bf_convert_block(BF_TYPE_D, src->w, BF_TYPE_D, dst->w, (size_t)src->chi_l);
}

size_t bf_block_as_bytes(const bf_tensor_t *t, bf_type_t type)
{
    bf_tensor_t as = *t;
    as.type = type;
    return t->type == type ? 0 : bf_align_up(bf_tensor_block_bytes(&as));
}

const void *bf_block_as(const bf_tensor_t *t, bf_type_t type, char **work)
{
    if (t->type == type)
        return t->b;
    bf_tensor_t from = *t, to = *t;
    from.weight = to.weight = BF_WEIGHT_NONE;
    to.type = type;
    to.b = *work;
    bf_k_convert(&from, &to);
    *work += bf_block_as_bytes(t, type);
    return to.b;
}
