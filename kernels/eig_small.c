/* Small Hermitian eigenproblem: layout, ordering, and the choice of instruction set. */
#include "kernels/eig_small.h"

#include <assert.h>
#include <string.h>

#include "kernels/carve.h"
#include "kernels/cpu.h"
#include "kernels/eig_small_isa.h"

#define LANES 8 /* columns are padded to this many doubles */

static const bf_eig_kernels_t *kernels(void)
{
    return BF_CPU_PICK(bf_eig_kernels);
}

static bf_dim_t padded(bf_dim_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

static size_t lay_out(bf_eig_small_t *eig, bf_dim_t n, bool real, void *work)
{
    const bf_dim_t ld = padded(n);
    bf_carve_t carve = {work, 0};
    *eig = (bf_eig_small_t){.real = real, .n = n, .ld = ld};
    eig->a_re = bf_carve_reals(&carve, n * ld);
    eig->a_im = real ? NULL : bf_carve_reals(&carve, n * ld);
    eig->tau = bf_carve_reals(&carve, 2 * ld);
    eig->lambda = bf_carve_reals(&carve, ld);
    eig->e = bf_carve_reals(&carve, ld);
    eig->strip = bf_carve_reals(&carve, (real ? 1 : 2) * BF_EIG_SMALL_LANES * ld);
    eig->rotations = bf_carve_reals(&carve, 2 * BF_EIG_SMALL_ROTATIONS(n));
    eig->sweep = bf_carve(&carve, (size_t)(2 * BF_EIG_SMALL_SWEEPS(n)) * sizeof(int32_t));
    eig->order = bf_carve(&carve, (size_t)n * sizeof(int32_t));
    return carve.used;
}

size_t bf_eig_small_worksize(bf_dim_t n, bool real)
{
    bf_eig_small_t eig;
    return lay_out(&eig, n, real, NULL);
}

/* Both triangles, split into real and imaginary parts; tiled, since the mirrored triangle is written with a stride. */
static void load(bf_eig_small_t *eig, const void *g, bf_dim_t ldg)
{
    const bf_dim_t n = eig->n, ld = eig->ld;
    const bool real = eig->real;
    memset(eig->a_re, 0, (size_t)(n * ld) * sizeof(double));
    assert(real == !eig->a_im);
    if (!real)
        memset(eig->a_im, 0, (size_t)(n * ld) * sizeof(double));
    for (bf_dim_t j0 = 0; j0 < n; j0 += LANES) {
        const bf_dim_t j1 = j0 + LANES < n ? j0 + LANES : n;
        for (bf_dim_t i0 = j0; i0 < n; i0 += LANES) {
            const bf_dim_t i1 = i0 + LANES < n ? i0 + LANES : n;
            for (bf_dim_t j = j0; j < j1; j++) {
                for (bf_dim_t i = i0 > j ? i0 : j; i < i1; i++) {
                    const double *from = (const double *)g + (real ? 1 : 2) * (i + ldg * j);
                    eig->a_re[i + ld * j] = eig->a_re[j + ld * i] = from[0];
                    if (!real) {
                        eig->a_im[i + ld * j] = i == j ? 0.0 : from[1];
                        eig->a_im[j + ld * i] = i == j ? 0.0 : -from[1];
                    }
                }
            }
        }
    }
}

void bf_eig_small_open(bf_eig_small_t *eig, bf_dim_t n, bool real, const void *g, bf_dim_t ldg, void *work)
{
    lay_out(eig, n, real, work);

    load(eig, g, ldg);
}

/* Descending, equal ones by their column: insertion sort, since QL leaves them nearly sorted. */
static void sort(bf_eig_small_t *eig)
{
    for (bf_dim_t i = 0; i < eig->n; i++) {
        const double x = eig->lambda[i];
        bf_dim_t j = i;
        for (; j > 0 && eig->lambda[j - 1] < x; j--) {
            eig->lambda[j] = eig->lambda[j - 1];
            eig->order[j] = eig->order[j - 1];
        }
        eig->lambda[j] = x;
        eig->order[j] = (int32_t)i;
    }
}

int bf_eig_small_values(bf_eig_small_t *eig)
{
    const bf_eig_kernels_t *k = kernels();
    k->tridiagonalise(eig);
    const int info = k->ql(eig);
    sort(eig);
    return info;
}

void bf_eig_small_vectors(const bf_eig_small_t *eig, bf_dim_t first, bf_dim_t k, void *vh, bf_dim_t ld)
{
    const bf_eig_kernels_t *table = kernels();
    const size_t element = (eig->real ? 1 : 2) * sizeof(double);
    /* Wide strips hide latency; above order 64 half as wide ones still fit the first-level cache. */
    const bf_dim_t step = eig->n <= 64 ? table->lanes : table->lanes / 2;
    for (bf_dim_t a = 0; a < k; a += step) {
        const bf_dim_t width = k - a < step ? k - a : step;
        table->back(eig, first + a, width, (double *)(void *)((char *)vh + (size_t)a * element), ld);
    }
}
