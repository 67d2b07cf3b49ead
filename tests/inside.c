/* The state's tensors, read and damaged through StarPU's own access functions. */
#include "inside.h"

#include "runtime/mps/state.h"

#include <math.h>
#include <stdlib.h>

/* Element k of a block, whatever its type. */
static oracle_z_t element(const bf_tensor_t *t, size_t k)
{
    switch (t->type) {
    case BF_TYPE_Z:
        return ((const double _Complex *)t->b)[k];
    case BF_TYPE_C:
        return ((const float _Complex *)t->b)[k];
    case BF_TYPE_D:
        return ((const double *)t->b)[k];
    case BF_TYPE_S:
    default:
        return (double)((const float *)t->b)[k];
    }
}

/* psi (2^s x chi_l, site s' is bit s') times B (chi_l, 2, chi_r) gives (2^(s+1) x chi_r). */
static oracle_z_t *absorb(const oracle_z_t *psi, size_t rows, const bf_tensor_t *b)
{
    const size_t chi_l = (size_t)b->chi_l, chi_r = (size_t)b->chi_r;
    oracle_z_t *out = calloc(rows * 2 * chi_r, sizeof *out);
    if (!out)
        abort();
    for (size_t r = 0; r < chi_r; ++r)
        for (size_t s = 0; s < 2; ++s)
            for (size_t l = 0; l < chi_l; ++l) {
                const oracle_z_t value = element(b, l + chi_l * (s + 2 * r));
                for (size_t i = 0; i < rows; ++i)
                    out[i + rows * (s + 2 * r)] += psi[i + rows * l] * value;
            }
    return out;
}

/* From site order to qubit order. */
static void permute(const bf_state_t *state, oracle_z_t *psi)
{
    const size_t count = (size_t)1 << state->n;
    oracle_z_t *sites = malloc(count * sizeof *sites);
    if (!sites)
        abort();
    for (size_t k = 0; k < count; ++k)
        sites[k] = psi[k];
    for (size_t k = 0; k < count; ++k) {
        size_t from = 0;
        for (bf_site_t q = 0; q < state->n; ++q)
            from |= (k >> q & 1) << state->site_of[q];
        psi[k] = sites[from];
    }
    free(sites);
}

oracle_z_t *inside_amplitudes(bf_state_t *state)
{
    oracle_z_t *psi = calloc(1, sizeof *psi);
    if (!psi)
        abort();
    psi[0] = 1;
    if (bf_state_spread(state) != BF_OK)
        abort();
    for (bf_site_t s = 0; s < state->n; ++s) {
        starpu_data_acquire_on_node(state->sites[s], STARPU_MAIN_RAM, STARPU_R);
        const bf_tensor_t b = bf_tensor_view(starpu_data_get_interface_on_node(state->sites[s], STARPU_MAIN_RAM));
        oracle_z_t *longer = absorb(psi, (size_t)1 << s, &b);
        starpu_data_release_on_node(state->sites[s], STARPU_MAIN_RAM);
        free(psi);
        psi = longer;
    }
    permute(state, psi);
    return psi;
}

void inside_spoil(bf_state_t *state, bf_site_t site)
{
    if (bf_state_spread(state) != BF_OK)
        abort();
    if (bf_state_owner(state, site) != state->session->rank)
        return;
    starpu_data_acquire_on_node(state->sites[site], STARPU_MAIN_RAM, STARPU_RW);
    const bf_tensor_t b = bf_tensor_view(starpu_data_get_interface_on_node(state->sites[site], STARPU_MAIN_RAM));
    if (bf_type_is_single(b.type))
        *(float *)b.b = NAN;
    else
        *(double *)b.b = NAN;
    starpu_data_release_on_node(state->sites[site], STARPU_MAIN_RAM);
}
