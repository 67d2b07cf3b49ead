/* What a plan would have said of this run. */
#include "apps/hindsight.h"

#include <stdlib.h>
#include <sys/resource.h>

static size_t peak_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss << 10 : 0;
}

/* The bond after each operation, from the ledger; a gate that did not happen (a condition) has left its bond alone. */
static bool true_bonds(const bf_program_t *program, const bf_summary_t *s, bf_dim_t **bonds)
{
    bf_dim_t *now = malloc(((size_t)program->n + 1) * sizeof *now);
    *bonds = calloc(program->n_ops + 1, sizeof **bonds);
    const bool good = now && *bonds && s->n_ledger >= program->n_updates;
    for (bf_site_t b = 0; good && b <= program->n; b++)
        now[b] = 1;
    for (size_t i = 0; good && i < program->n_ops; i++) {
        const bf_op_t *op = &program->ops[i];
        if (op->update < 0)
            continue;
        if (s->ledger[op->update].done)
            now[op->site + 1] = s->ledger[op->update].chi_after;
        (*bonds)[i] = now[op->site + 1];
    }
    free(now);
    return good;
}

static bf_status_t predict(const bf_program_t *program, const bf_summary_t *s, bf_predict_options_t *options,
                           bf_hindsight_t *made)
{
    bf_dim_t *bonds = NULL;
    bf_status_t status = true_bonds(program, s, &bonds)
                             ? BF_OK
                             : bf_error_set(BF_ERR_NOMEM, "out of memory: comparing %zu operations", program->n_ops);
    if (status == BF_OK)
        status = bf_predict(program, options, &made->bound);
    options->known = bonds;
    options->n_known = program->n_ops;
    if (status == BF_OK)
        status = bf_predict(program, options, &made->known);
    free(bonds);
    return status;
}

bf_status_t bf_hindsight_make(const bf_circuit_t *circuit, const bf_summary_t *s, const bf_feature_t *features, size_t n_features,
                              bf_hindsight_t *made)
{
    *made = (bf_hindsight_t){.peak_bytes = peak_bytes()};
    bf_rates_t rates;
    bf_program_t *program = NULL;
    BF_TRY(bf_rates_get(BF_RATES_FIND, &rates));
    BF_TRY(bf_circuit_lower_with(circuit, s->qubits, NULL, &s->options->passes, NULL, &program));
    made->rates = rates.source;
    bf_predict_options_t options = {.rates = &rates,
                                    .rule = s->options->rule,
                                    .precision = s->options->precision,
                                    .grain_us = s->options->grain_us,
                                    .ranks = bf_session_size(s->session),
                                    .workers = bf_session_workers(s->session),
                                    .always_tasks = s->options->always_tasks,
                                    .features = features,
                                    .n_features = n_features};
    const bf_status_t status = predict(program, s, &options, made);
    bf_program_destroy(program);
    return status;
}

void bf_hindsight_clear(bf_hindsight_t *made)
{
    bf_prediction_clear(&made->bound);
    bf_prediction_clear(&made->known);
}

static json_t *prediction_json(const bf_prediction_t *p)
{
    return json_pack("{s:f, s:f, s:f, s:I, s:I, s:s}", "evolve", p->evolve_seconds, "measure", p->measure_seconds, "total",
                     p->total_seconds, "memory_bytes", (json_int_t)p->rank_bytes, "largest_bond", (json_int_t)p->largest_bond,
                     "limit", bf_limit_string(p->limit));
}

json_t *bf_hindsight_json(const bf_hindsight_t *made, const bf_summary_t *s)
{
    return json_pack("{s:s, s:o, s:o, s:{s:f, s:f, s:f, s:I, s:I}}", "rates",
                     made->rates == BF_RATES_BUILT_IN ? "built-in" : "cached", "bound", prediction_json(&made->bound),
                     "true_bonds", prediction_json(&made->known), "measured", "evolve", s->report.seconds_evolve, "measure",
                     s->report.seconds_measure, "total", s->seconds_total, "memory_bytes", (json_int_t)made->peak_bytes,
                     "largest_bond", (json_int_t)s->report.max_bond);
}
