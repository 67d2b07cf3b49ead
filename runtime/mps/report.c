/* Totals: always summed in gate order, whoever computed the entries. */
#include "codelets/trace.h"
#include "runtime/mps/state.h"

#include <math.h>
#include <string.h>

static bf_status_t merge_ledger(bf_state_t *state)
{
    bf_ledger_entry_t *fresh = state->ledger + state->merged;
    bf_session_merge(state->session, fresh, (state->n_ledger - state->merged) * sizeof *fresh);
    state->merged = state->n_ledger;
    return BF_OK;
}

bf_status_t bf_state_ledger(bf_state_t *state, const bf_ledger_entry_t **entries, size_t *count)
{
    BF_TRY(merge_ledger(state));
    *entries = state->ledger;
    *count = state->n_ledger;
    return BF_OK;
}

static double seconds_busy(const bf_state_t *state)
{
    if (state->session->inside) /* what the workers do meanwhile is not its own */
        return state->seconds_evolve + state->seconds_measure;
    double busy = state->seconds_alone + 1e-9 * (double)(bf_trace_busy_ns() - state->busy_before_ns);
    if (state->session->size > 1)
        MPI_Allreduce(MPI_IN_PLACE, &busy, 1, MPI_DOUBLE, MPI_SUM, state->session->comm);
    return busy;
}

bf_status_t bf_state_report(bf_state_t *state, bf_report_t *report)
{
    BF_TRY(merge_ledger(state));
    memset(report, 0, sizeof *report);
    double log_fidelity = 0.0;
    report->max_bond = report->max_sectors = 1;
    for (size_t i = 0; i < state->n_ledger; i++) {
        const bf_ledger_entry_t *entry = &state->ledger[i];
        if (!entry->done)
            continue;
        report->updates++;
        report->sum_eps += entry->eps;
        report->distance += sqrt(entry->eps);
        log_fidelity += log1p(-entry->eps);
        report->max_eps = fmax(report->max_eps, entry->eps);
        report->fallbacks += entry->fallbacks;
        report->methods[entry->method]++;
        if (entry->chi_after > report->max_bond)
            report->max_bond = entry->chi_after;
        report->divided += entry->sectors > 1;
        if (entry->sectors > report->max_sectors)
            report->max_sectors = entry->sectors;
    }
    report->fidelity = exp(log_fidelity);
    report->tasks = state->session->submit.tasks;
    report->seconds_start = state->seconds_start;
    report->seconds_evolve = state->seconds_evolve;
    report->seconds_measure = state->seconds_measure;
    report->seconds_busy = seconds_busy(state);
    report->norm = state->norm;
    return BF_OK;
}
