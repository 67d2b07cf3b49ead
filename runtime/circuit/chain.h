/** @file chain.h
 *  @brief Factors in time order, of operations that depend on inputs, while they are being built.
 */
#ifndef BF_CHAIN_H
#define BF_CHAIN_H

#include "runtime/circuit/fuse.h"
#include "runtime/circuit/names.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BF_NO_LINK UINT32_MAX

/** Factors in time order. */
typedef struct bf_chain {
    uint32_t first; /**< in bf_chains_t::links; BF_NO_LINK: empty */
    uint32_t last;  /**< likewise */
} bf_chain_t;

/** No factors. */
static const bf_chain_t bf_no_chain = {BF_NO_LINK, BF_NO_LINK};

static inline bool bf_chain_is_empty(const bf_chain_t *chain)
{
    return chain->first == BF_NO_LINK;
}

/** A factor in a list. */
typedef struct bf_link bf_link_t;

/** What chains have in common. Zero-initialise, set @c fused, use. */
typedef struct bf_chains {
    bf_fused_t *fused;  /**< the result: its pools and recipes grow; borrowed */
    bf_link_t *links;   /**< owned */
    size_t n_links;     /**< used */
    size_t room_links;  /**< allocated */
    bf_names_t recipes; /**< numbers of recipes, from their bytes */
} bf_chains_t;

/** @brief Append a matrix on one wire, unless it is the identity. @param where  BF_ON_FIRST or BF_ON_SECOND
 *  @return BF_OK, BF_ERR_NOMEM, like all below */
BF_MUST_USE bf_status_t bf_chains_append2(bf_chains_t *chains, bf_chain_t *chain, uint16_t where, const bf_z_t u[4]);

/** @brief Append a matrix on two wires, as gates on one wire and a swap if it is no more.
 *  @param[in,out] u          destroyed
 *  @param[in,out] entangles  set when a factor on both wires is appended */
BF_MUST_USE bf_status_t bf_chains_append4(bf_chains_t *chains, bf_chain_t *chain, bf_z_t u[16], bool *entangles);

/** @brief Append a factor whose matrix is a number in @p pools. @param flipped  its first wire is the chain's second */
BF_MUST_USE bf_status_t bf_chains_take(bf_chains_t *chains, bf_chain_t *chain, const bf_factor_t *from, const bf_fused_t *pools,
                                       bool flipped);

/** Move all of @p from, a chain of one wire, to the end of @p to, where it acts on @p where. */
void bf_chains_join(bf_chains_t *chains, bf_chain_t *to, bf_chain_t *from, uint16_t where);

/** @brief Take the first factor off. @param[out] where  it acts there. @return it alone */
bf_chain_t bf_chains_pop(bf_chains_t *chains, bf_chain_t *chain, uint16_t *where);

/** @brief The number of the recipe that is @p chain. */
BF_MUST_USE bf_status_t bf_chains_number(bf_chains_t *chains, const bf_chain_t *chain, uint32_t *number);

/** Free the memory. */
void bf_chains_clear(bf_chains_t *chains);

#ifdef __cplusplus
}
#endif
#endif
