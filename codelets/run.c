/* Counters and the failure record of a run. */
#include "codelets/run.h"

#include <float.h>
#include <string.h>

static double as_double(unsigned long long bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static unsigned long long as_bits(double value)
{
    unsigned long long bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void bf_run_count(bf_run_t *run, const bf_op_t *op, const bf_ledger_entry_t *entry)
{
    run->ledger[op->update] = *entry;
    long long seen = atomic_load_explicit(&run->max_bond, memory_order_relaxed);
    while (seen < entry->chi_after && !atomic_compare_exchange_weak_explicit(&run->max_bond, &seen, entry->chi_after,
                                                                             memory_order_relaxed, memory_order_relaxed))
        ;
    if (entry->eps > 0.0) {
        unsigned long long bits = atomic_load_explicit(&run->loss_bits, memory_order_relaxed);
        while (!atomic_compare_exchange_weak_explicit(&run->loss_bits, &bits, as_bits(as_double(bits) + entry->eps),
                                                      memory_order_relaxed, memory_order_relaxed))
            ;
    }
    atomic_fetch_add_explicit(&run->done, 1, memory_order_relaxed);
}

double bf_run_loss(const bf_run_t *run)
{
    return as_double(atomic_load_explicit(&run->loss_bits, memory_order_relaxed));
}

void bf_run_fail(bf_run_t *run, const bf_failure_t *failure)
{
    while (atomic_flag_test_and_set_explicit(&run->failure_lock, memory_order_acquire))
        ;
    if (run->failure.status == BF_OK || failure->update < run->failure.update)
        run->failure = *failure;
    atomic_flag_clear_explicit(&run->failure_lock, memory_order_release);
}

/* The rule of --precision auto. An update in single precision perturbs the state by a few float roundings, 2e-7, that is 4e-14 in
 * fidelity, and its measured discarded weight by about as much, 1e-8 (tests: sums over 60 updates differ by less than 1e-6). Once
 * the truncation behind the tensors has cost 1e-4, a thousand such updates hide below a tenth of what is reported anyway. */
#define AUTO_SINGLE_FROM_LOSS 1e-4

bool bf_run_single(const bf_run_t *run, double loss)
{
    return run->precision == BF_PRECISION_SINGLE || (run->precision == BF_PRECISION_AUTO && loss >= AUTO_SINGLE_FROM_LOSS);
}
