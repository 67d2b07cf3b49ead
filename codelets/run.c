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

/* One update in single precision adds a relative error of a few float epsilons to the state, that is a loss of about
 * (4 * 6e-8)^2 = 6e-14 in fidelity, 100 of them in a row at most (1e2 * 2.4e-7)^2 = 6e-10 when they add coherently. Once the
 * truncation behind the tensors has already cost 1e-6, that is below 0.1 % of the reported loss. */
#define AUTO_SINGLE_FROM_LOSS 1e-6

bool bf_run_single(const bf_run_t *run, double loss)
{
    return run->precision == BF_PRECISION_SINGLE || (run->precision == BF_PRECISION_AUTO && loss >= AUTO_SINGLE_FROM_LOSS);
}
