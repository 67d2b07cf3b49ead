/** @file plan.h
 *  @brief What a program will cost, and how its operations are grouped into tasks. Nothing here is collective: every rank plans
 *  from the same replicated bond dimensions and gets the same plan. The plan decides who computes what and when, never a number.
 */
#ifndef BF_PLAN_H
#define BF_PLAN_H

#include "codelets/block.h"
#include "codelets/program.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Estimated real flops of a two-site update: contraction and factorisation of complex doubles. */
double bf_plan_update_flops(bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r);

/** Estimated time of a two-site update in microseconds on one core: for grouping, not for promises. */
double bf_plan_update_us(bf_dim_t chi_l, bf_dim_t chi_m, bf_dim_t chi_r);

/** Estimated time in microseconds of carrying an environment over one site. */
double bf_plan_transfer_us(bf_dim_t chi_l, bf_dim_t chi_r);

/** @brief Upper bound of the bond of @p op after it, from shapes and the gate's operator-Schmidt rank.
 *  @param chi  n + 1 bounds before it; chi[b] is the bond left of site b
 *  @param max_dim  0 = none */
bf_dim_t bf_plan_bound(const bf_program_t *program, const bf_op_t *op, const bf_dim_t *chi, bf_dim_t max_dim);

/** @brief Largest site tensor in bytes that applying @p program can lead to, and the sum over all sites.
 *  @param chi  n + 1 bond dimensions before, chi[b] left of site b */
void bf_plan_memory(const bf_program_t *program, const bf_dim_t *chi, bf_dim_t max_dim, size_t *largest_bytes,
                    size_t *total_bytes);

/** Where planned work goes. Calls come in an order that respects every dependency. */
typedef struct bf_plan_sink {
    /** A run of operations as one task. @p sites ascending; items as in bf_insert_block(). */
    bf_status_t (*block)(void *arg, const bf_site_t *sites, int n_sites, const bf_block_item_t *items, size_t n_items,
                         double flops);
    /** A two-site operation heavy enough for tasks of its own. @param us predicted */
    bf_status_t (*gate)(void *arg, uint32_t op, double us);
    void *arg;
} bf_plan_sink_t;

/** Gates cheaper than this are grouped unless the user says otherwise: twenty times the 5 to 10 us that a task costs. */
#define BF_PLAN_GRAIN_US 200.0

/** On one rank the calling thread works alone for so long before StarPU is started for the rest: about what starting it, waking
 * its workers and stopping it takes. So no circuit lasts much longer than twice the better of both ways, and most small ones
 * never start it. */
#define BF_PLAN_ALONE_SECONDS 0.02

/** From here on a gate is two tasks, contract and split: the trace shows which of the two costs what. */
#define BF_PLAN_SPLIT_FROM_US 20000.0

/** @return the rank that owns site @p s of @p n: contiguous, even blocks. */
static inline int bf_plan_owner(bf_site_t n, int ranks, bf_site_t s)
{
    /* The largest r with floor(r n / ranks) <= s. */
    return (int)((((int64_t)s + 1) * ranks - 1) / n);
}

/** What grouping depends on. */
typedef struct bf_plan_options {
    bf_dim_t max_dim; /**< 0 = none */
    double grain_us;  /**< gates cheaper than this are grouped */
    int workers;      /**< of all ranks */
    int ranks;        /**< processes; their sites are contiguous and even */
} bf_plan_options_t;

/** @brief Plan from operation @p first as far as the known bond dimensions carry.
 *
 *  Cheap gates are grouped into blocks of several sites and layers: the chain is cut into segments, each segment takes every
 *  gate that depends on nothing outside; then the cuts move by half a segment, until nothing is left (a trapezoid
 *  decomposition of space-time, which commutes with nothing: the order on each site is the program's). Heavy gates stand alone.
 *  When cheap gates may have become heavy meanwhile, planning stops; the caller runs what it has, measures the bonds, and calls
 * again.
 *  @param chi    n + 1 bond dimensions now, chi[b] left of site b
 *  @param[out] next  first operation not planned; n_ops when done
 *  @return BF_OK, BF_ERR_NOMEM, or what a sink returned */
BF_MUST_USE bf_status_t bf_plan_next(const bf_program_t *program, const bf_dim_t *chi, size_t first,
                                     const bf_plan_options_t *options, const bf_plan_sink_t *sink, size_t *next);

#ifdef __cplusplus
}
#endif
#endif
