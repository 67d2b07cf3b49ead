/* Links are never freed one by one: a circuit has few factors that do not end in a recipe. */
#include "runtime/circuit/chain.h"

#include "runtime/circuit/gate_library.h"
#include "runtime/circuit/matrix.h"

#include <stdlib.h>
#include <string.h>

struct bf_link {
    bf_factor_t factor;
    uint32_t next; /**< or BF_NO_LINK */
};

static bf_status_t no_memory(void)
{
    return bf_error_set(BF_ERR_NOMEM, "out of memory while fusing gates");
}

static bf_status_t append(bf_chains_t *chains, bf_chain_t *chain, const bf_factor_t *factor)
{
    if (chains->n_links == chains->room_links) {
        const size_t room = chains->room_links ? 2 * chains->room_links : 64;
        bf_link_t *links = room < BF_NO_LINK ? realloc(chains->links, room * sizeof *links) : NULL;
        if (!links)
            return no_memory();
        chains->links = links;
        chains->room_links = room;
    }
    const uint32_t link = (uint32_t)chains->n_links++;
    chains->links[link] = (bf_link_t){*factor, BF_NO_LINK};
    if (bf_chain_is_empty(chain))
        chain->first = link;
    else
        chains->links[chain->last].next = link;
    chain->last = link;
    return BF_OK;
}

bf_status_t bf_chains_append2(bf_chains_t *chains, bf_chain_t *chain, uint16_t where, const bf_z_t u[4])
{
    bf_z_t copy[4];
    uint32_t matrix = 0;
    if (bf_mat2_is_identity(u))
        return BF_OK;
    memcpy(copy, u, sizeof copy);
    BF_TRY(bf_pool_intern(&chains->fused->matrices1, copy, &matrix));
    return append(chains, chain, &(bf_factor_t){.kind = BF_FACTOR_MATRIX, .where = where, .matrix = matrix});
}

static bf_status_t append_product(bf_chains_t *chains, bf_chain_t *chain, const bf_z_t a[4], const bf_z_t b[4])
{
    BF_TRY(bf_chains_append2(chains, chain, BF_ON_FIRST, a));
    return bf_chains_append2(chains, chain, BF_ON_SECOND, b);
}

bf_status_t bf_chains_append4(bf_chains_t *chains, bf_chain_t *chain, bf_z_t u[16], bool *entangles)
{
    bf_z_t a[4], b[4];
    uint32_t matrix = 0;
    if (bf_mat4_split(u, a, b))
        return append_product(chains, chain, a, b);
    *entangles = true;
    bf_mat4_swap_after(u);
    if (bf_mat4_split(u, a, b)) {
        BF_TRY(append_product(chains, chain, a, b));
        return append(chains, chain, &(bf_factor_t){.kind = BF_KIND_SWAP, .where = BF_ON_BOTH});
    }
    bf_mat4_swap_after(u);
    BF_TRY(bf_pool_intern(&chains->fused->matrices, u, &matrix));
    return append(chains, chain, &(bf_factor_t){.kind = BF_FACTOR_MATRIX, .where = BF_ON_BOTH, .matrix = matrix});
}

bf_status_t bf_chains_take(bf_chains_t *chains, bf_chain_t *chain, const bf_factor_t *from, const bf_fused_t *pools, bool flipped)
{
    static const uint16_t other[] = {BF_ON_SECOND, BF_ON_FIRST, BF_ON_BOTH_FLIPPED, BF_ON_BOTH};
    bf_factor_t factor = *from;
    bf_z_t u[16];
    uint32_t id = 0;
    if (flipped)
        factor.where = other[factor.where];
    if (factor.kind != BF_FACTOR_MATRIX)
        return append(chains, chain, &factor);
    if (factor.where < BF_ON_BOTH) {
        memcpy(u, bf_pool_at(&pools->matrices1, from->matrix), 4 * sizeof *u);
        BF_TRY(bf_pool_intern(&chains->fused->matrices1, u, &id));
    } else {
        memcpy(u, bf_pool_at(&pools->matrices, from->matrix), sizeof u);
        if (factor.where == BF_ON_BOTH_FLIPPED)
            bf_mat4_flip(u);
        factor.where = BF_ON_BOTH;
        BF_TRY(bf_pool_intern(&chains->fused->matrices, u, &id));
    }
    factor.matrix = id;
    return append(chains, chain, &factor);
}

void bf_chains_join(bf_chains_t *chains, bf_chain_t *to, bf_chain_t *from, uint16_t where)
{
    for (uint32_t i = from->first; i != BF_NO_LINK; i = chains->links[i].next)
        chains->links[i].factor.where = where;
    if (bf_chain_is_empty(to))
        *to = *from;
    else
        chains->links[to->last].next = from->first;
    to->last = from->last;
    *from = bf_no_chain;
}

bf_chain_t bf_chains_pop(bf_chains_t *chains, bf_chain_t *chain, uint16_t *where)
{
    const uint32_t first = chain->first;
    bf_link_t *link = &chains->links[first];
    chain->first = link->next;
    if (bf_chain_is_empty(chain))
        chain->last = BF_NO_LINK;
    link->next = BF_NO_LINK;
    *where = link->factor.where;
    return (bf_chain_t){first, first};
}

/** Append, taking the factors over. */
static bf_status_t append_recipe(bf_fused_t *fused, bf_recipe_t recipe)
{
    if ((fused->n_recipes & (fused->n_recipes - 1)) == 0) { /* none, or a power of two: the room is used up */
        const size_t room = fused->n_recipes ? 2 * fused->n_recipes : 1;
        bf_recipe_t *recipes = realloc(fused->recipes, room * sizeof *recipes);
        if (!recipes) {
            free(recipe.factors);
            return no_memory();
        }
        fused->recipes = recipes;
    }
    fused->recipes[fused->n_recipes++] = recipe;
    return BF_OK;
}

bf_status_t bf_chains_number(bf_chains_t *chains, const bf_chain_t *chain, uint32_t *number)
{
    size_t count = 0;
    for (uint32_t i = chain->first; i != BF_NO_LINK; i = chains->links[i].next)
        count++;
    bf_factor_t *factors = malloc(count * sizeof *factors);
    if (!factors)
        return no_memory();
    count = 0;
    for (uint32_t i = chain->first; i != BF_NO_LINK; i = chains->links[i].next)
        factors[count++] = chains->links[i].factor;
    const bf_name_t key = bf_name_of_bytes(factors, count * sizeof *factors);
    const int32_t known = bf_names_find(&chains->recipes, key);
    if (known >= 0) {
        free(factors);
        *number = (uint32_t)known;
        return BF_OK;
    }
    *number = (uint32_t)chains->fused->n_recipes;
    BF_TRY(append_recipe(chains->fused, (bf_recipe_t){factors, count}));
    return bf_names_set(&chains->recipes, key, (int32_t)*number);
}

void bf_chains_clear(bf_chains_t *chains)
{
    free(chains->links);
    bf_names_clear(&chains->recipes);
    *chains = (bf_chains_t){0};
}
