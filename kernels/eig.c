/* Hermitian eigenproblem: dispatch by order, and the LAPACK path of the large ones. */
#include "kernels/eig.h"

#include <string.h>

#include "kernels/blas.h"
#include "kernels/carve.h"
#include "kernels/hetrd.h"

static bool is_small(bf_dim_t n)
{
    return n <= BF_EIG_SMALL_MAX;
}

static size_t reals(bf_dim_t n)
{
    return bf_align_up((size_t)n * sizeof(double));
}

/* Memory after lambda, e and tau: the tridiagonal matrix's vectors z, then room shared by the steps one after the other. */
size_t bf_eig_worksize(bf_type_t type, bf_dim_t n, bf_dim_t k)
{
    if (is_small(n))
        return bf_eig_small_worksize(n, bf_type_is_real(type));
    const size_t fixed = 2 * reals(n) + bf_align_up((size_t)n * bf_type_size(type)) + reals(n * n);
    const size_t trd = bf_hetrd_worksize(type, n), tri = bf_stedc_worksize(n);
    const size_t back = bf_hetrd_apply_worksize(type, n, k) + bf_align_up((size_t)(n * k) * bf_type_size(type));
    const size_t most = trd > tri ? trd : tri;
    return fixed + (most > back ? most : back);
}

void bf_eig_open(bf_eig_t *eig, bf_type_t type, bf_dim_t n, void *g, void *work)
{
    *eig = (bf_eig_t){.type = type, .n = n, .g = g};
    if (is_small(n)) {
        bf_eig_small_open(&eig->small_n, n, bf_type_is_real(type), g, n, work);
        eig->lambda = eig->small_n.lambda;
        return;
    }
    bf_carve_t carve = {work, 0};
    eig->lambda = bf_carve_reals(&carve, n);
    eig->e = bf_carve_reals(&carve, n);
    eig->tau = bf_carve_block(&carve, type, n, 1);
    eig->z = bf_carve_reals(&carve, n * n);
    eig->work = bf_carve_rest(&carve);
}

int bf_eig_values(bf_eig_t *eig)
{
    if (is_small(eig->n))
        return bf_eig_small_values(&eig->small_n);
    const bf_dim_t n = eig->n;
    bf_hetrd(eig->type, n, eig->g, eig->lambda, eig->e, eig->tau, eig->work);
    const int info = bf_stedc(n, eig->lambda, eig->e, eig->z, eig->work);
    for (bf_dim_t i = 0; i < n / 2; i++) {
        const double x = eig->lambda[i];
        eig->lambda[i] = eig->lambda[n - 1 - i];
        eig->lambda[n - 1 - i] = x;
    }
    return info;
}

/* vh[a, i] = conj(v[i, k-1-a]): LAPACK orders ascending. Tiled, since one side of a transposition always strides. */
static void adjoint_reversed(bf_type_t type, bf_dim_t n, bf_dim_t k, const void *v, void *vh)
{
    enum { TILE = 16 };
    for (bf_dim_t i0 = 0; i0 < n; i0 += TILE)
        for (bf_dim_t a0 = 0; a0 < k; a0 += TILE)
            for (bf_dim_t i = i0; i < n && i < i0 + TILE; i++)
                for (bf_dim_t a = a0; a < k && a < a0 + TILE; a++) {
                    if (type == BF_TYPE_D)
                        ((double *)vh)[a + k * i] = ((const double *)v)[i + n * (k - 1 - a)];
                    else
                        ((bf_z_t *)vh)[a + k * i] = conj(((const bf_z_t *)v)[i + n * (k - 1 - a)]);
                }
}

void bf_eig_vectors(bf_eig_t *eig, bf_dim_t k, void *vh)
{
    if (is_small(eig->n)) {
        bf_eig_small_vectors(&eig->small_n, 0, k, vh, k);
        return;
    }
    const bf_dim_t n = eig->n;
    /* LAPACK's order is ascending: the wanted vectors are the last k columns. */
    const double *z = eig->z + n * (n - k);
    bf_carve_t carve = {eig->work, 0};
    void *v = bf_carve_block(&carve, eig->type, n, k);
    if (eig->type == BF_TYPE_D) {
        memcpy(v, z, (size_t)(n * k) * sizeof(double));
    } else {
        for (bf_dim_t i = 0; i < n * k; i++)
            ((bf_z_t *)v)[i] = z[i];
    }
    bf_hetrd_apply(eig->type, n, k, eig->g, eig->tau, v, bf_carve_rest(&carve));
    adjoint_reversed(eig->type, n, k, v, vh);
}
