/* L2, decomposition: by rows or by sites, and how much can run at once. */
#include "codelets/host.h"
#include "runtime/doctor/checks.h"

/* Rows of a job whose number is not known here. */
#define SOME_ROWS 10000

/* A launch that is slower than the best one by less is left alone. */
#define WORTH_IT 1.5

bf_status_t bf_forecast_make(const bf_program_t *program, bool rows, bf_dim_t max_dim, const bf_machine_t *machine, int ranks,
                             int workers, bf_forecast_t *forecast)
{
    bf_rates_t rates;
    const bf_state_options_t run = bf_state_options_default();
    *forecast = (bf_forecast_t){.rows = rows};
    BF_TRY(bf_rates_get(BF_RATES_FIND, &rates));
    bf_predict_options_t options = {
        .rates = &rates, .rule = run.rule, .precision = run.precision, .ranks = ranks, .workers = workers};
    options.rule.cut.max_dim = max_dim;
    bf_prediction_t now;
    bf_status_t status = bf_predict(program, &options, &now);
    if (status == BF_OK) {
        forecast->seconds = rows ? bf_rows_seconds(&now, SOME_ROWS, ranks, workers) : now.total_seconds;
        forecast->rank_bytes = rows ? bf_rows_bytes(&now, workers) : now.rank_bytes;
        forecast->layers = now.levels.n_layers;
        forecast->useful_workers = bf_useful_workers(&now);
        status = bf_advise(program, &options, machine, rows ? SOME_ROWS : 0, &forecast->best);
    }
    bf_prediction_clear(&now);
    return status;
}

/* The launch that suits best, as words for a command line. */
static void say_launch(const bf_advice_t *best, const char *circuit, char *text, size_t size)
{
    char before[64] = "";
    if (best->ranks > 1)
        snprintf(before, sizeof before, "mpirun -np %d ", best->ranks);
    snprintf(text, size, "%sSTARPU_NCPU=%d circuit_xyz_exp %.200s   (circuit_plan says more)", before, best->workers, circuit);
}

void bf_check_decomposition(bf_patient_t *patient)
{
    bf_finding_t *finding = bf_find(patient, 2, "width");
    const bf_forecast_t *forecast = &patient->forecast;
    if (!patient->foreseen) {
        bf_find_say(finding, "unknown: nothing can be predicted, because of the failures above and below");
        return;
    }
    const int workers = patient->session->size * patient->placement.workers;
    bf_find_integer(finding, "layers", (long long)forecast->layers);
    bf_find_integer(finding, "useful_workers", forecast->useful_workers);
    bf_find_integer(finding, "workers", workers);
    bf_find_real(finding, "predicted_seconds", forecast->seconds);
    bf_find_real(finding, "best_seconds", forecast->best.seconds);
    if (forecast->rows)
        bf_find_say(finding, "rows are independent: one per worker at a time, %d at once here; %d of them take at most %.3g s",
                    workers, SOME_ROWS, forecast->seconds);
    else
        bf_find_say(finding, "%zu layers of gates, %d worker%s can be busy on average; at most %.3g s on the %d of this launch",
                    forecast->layers, forecast->useful_workers, forecast->useful_workers == 1 ? "" : "s", forecast->seconds,
                    workers);
    char launch[320];
    say_launch(&forecast->best, patient->options.circuit_name, launch, sizeof launch);
    if (forecast->seconds > WORTH_IT * forecast->best.seconds) {
        bf_find_add(finding, "%d rank%s x %d worker%s: %.3g s", forecast->best.ranks, forecast->best.ranks == 1 ? "" : "s",
                    forecast->best.workers, forecast->best.workers == 1 ? "" : "s", forecast->best.seconds);
        bf_find_wrong(finding, BF_WARN, forecast->seconds / forecast->best.seconds, "%s", launch);
    } else if (!forecast->rows && workers > forecast->useful_workers) {
        bf_find_add(finding, "the others wait");
        bf_find_wrong(finding, BF_WARN, 1.0, "%s", launch);
    }
}
