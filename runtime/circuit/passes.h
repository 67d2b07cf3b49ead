/** @file passes.h
 *  @brief What lowering may do to a circuit, and what it did. None of it changes the state that the circuit prepares.
 */
#ifndef BF_PASSES_H
#define BF_PASSES_H

#include "kernels/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Passes that can be switched off, as bits of bf_pass_options_t::passes. */
enum {
    BF_PASS_FUSE = 1,       /**< gates that can share an update do */
    BF_PASS_COMMUTE = 2,    /**< gates that commute do not wait for each other */
    BF_PASS_LOOK_AHEAD = 4, /**< distant qubits meet where later gates want them; without, every gate's swaps are undone */
    BF_PASS_CONE = 8,       /**< gates that no requested qubit sees are left out */
    BF_PASS_SPAN = 16,      /**< gates on three and more qubits are operators on a span of sites where that takes less */
    BF_PASS_ALL = 31
};

/** How qubits are placed on the line at the start, where all of them are in the same state, |0>. */
typedef enum bf_order {
    BF_ORDER_GIVEN,    /**< qubit q on site q */
    BF_ORDER_SPECTRAL, /**< by the Fiedler vector of the interaction graph */
    BF_ORDER_RCM,      /**< reverse Cuthill-McKee */
    BF_ORDER_AUTO      /**< the one of these whose routed circuit is cheapest; the given one wins ties */
} bf_order_t;

/** What to do. */
typedef struct bf_pass_options {
    unsigned passes;         /**< BF_PASS_... */
    bf_order_t order;        /**< the initial placement */
    const bf_site_t *qubits; /**< the qubits that will be looked at, distinct; borrowed, read during the call only */
    size_t n_qubits;         /**< how many; 0: all */
} bf_pass_options_t;

/** All passes, qubits where they are, all of them looked at. */
static inline bf_pass_options_t bf_pass_options_default(void)
{
    return (bf_pass_options_t){.passes = BF_PASS_ALL};
}

/** Rows of a report: the circuit itself, and each pass. */
enum { BF_PASS_ROWS = 5 };

/** The circuit after each pass. */
typedef struct bf_pass_report {
    size_t n; /**< rows */
    struct {
        const char *name; /**< "circuit", then the passes in the order in which they ran; static text */
        bool on;          /**< it ran (the circuit: true) */
        size_t ops1;      /**< gates on one qubit after it */
        size_t ops2;      /**< gates on two qubits after it; after routing and the last fusion, two-site updates */
    } rows[BF_PASS_ROWS];
    bf_order_t order; /**< the placement that was taken */
} bf_pass_report_t;

#ifdef __cplusplus
}
#endif
#endif
