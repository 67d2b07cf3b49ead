/* Which settings run when: calibration, rounds in shuffled order, and who is dropped so that the budget holds. */
#include "apps/sched_tune.h"
#include "apps/sched_tune_process.h"
#include "runtime/seconds.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CALIBRATION_RUNS = 2, SPARE_ROUNDS = 2 };
#define CHANCE_OF_A_WRONG_CLAIM 0.05
#define LIMIT_LEAST_S           20.0
#define LIMIT_RUNS              20.0 /* of the first run's time */

static double left(const bf_tune_t *t)
{
    return t->options->budget_s - (bf_seconds() - t->begin);
}

static bool stopped(bf_tune_t *t)
{
    t->interrupted = t->interrupted || bf_process_interrupted();
    return t->interrupted;
}

/* Seconds one more round takes. */
static double round_cost(const bf_tune_t *t)
{
    double sum = 0.0;
    for (size_t i = 0; i < t->n; i++)
        if (t->candidates[i].state == BF_CANDIDATE_ALIVE && t->candidates[i].runs > 0)
            sum += bf_stats_median(t->candidates[i].seconds, t->rounds);
    return sum;
}

static size_t alive(const bf_tune_t *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->n; i++)
        count += t->candidates[i].state == BF_CANDIDATE_ALIVE;
    return count;
}

static void show(const bf_tune_t *t, bf_cli_progress_t *progress, size_t done, size_t of, const bf_setting_t *setting)
{
    char name[128];
    char text[256];
    snprintf(text, sizeof text, "round %zu of %zu, run %zu of %zu: %s", t->rounds, t->rounds_wanted, done + 1, of,
             bf_setting_describe(setting, name, sizeof name));
    const double cost = round_cost(t);
    const double rest = cost * ((double)(t->rounds_wanted - t->rounds) + (double)(of - done) / (double)of);
    const double budget = left(t);
    bf_cli_show_line(progress, text, t->rounds < 2 ? -1.0 : rest < budget ? rest : fmax(budget, 0.0), false);
}

static bf_status_t compare_result(bf_tune_t *t, const bf_setting_t *setting, const bf_trial_t *trial)
{
    if (!t->have_result) {
        t->have_result = true;
        t->result_hash = trial->result_hash;
        t->result_of = *setting;
        memcpy(t->state_hash, trial->state_hash, sizeof t->state_hash);
    }
    if (trial->result_hash == t->result_hash && strcmp(trial->state_hash, t->state_hash) == 0)
        return BF_OK;
    char one[128];
    char other[128];
    t->keep = true;
    return bf_error_set(BF_ERR_INTERNAL,
                        "FAIL: different results: %s gave result %016" PRIx64 " state %s, %s gave result %016" PRIx64
                        " state %s; the last one is in %s; please report this",
                        bf_setting_describe(&t->result_of, one, sizeof one), t->result_hash, t->state_hash,
                        bf_setting_describe(setting, other, sizeof other), trial->result_hash, trial->state_hash, t->folder);
}

/* One run of one setting in the current round. */
static bf_status_t run_candidate(bf_tune_t *t, bf_candidate_t *c)
{
    bf_trial_t trial;
    const size_t round = t->rounds - 1;
    BF_TRY(bf_trial_run(t, &c->setting, t->limit_s > 0.0 ? t->limit_s : t->options->budget_s, false, &trial));
    if (stopped(t))
        return BF_OK;
    if (!trial.done) {
        char name[128];
        c->state = BF_CANDIDATE_FAILED;
        memcpy(c->failure, trial.failure, sizeof c->failure);
        bf_log(BF_LOG_WARNING, "%s: %s", bf_setting_describe(&c->setting, name, sizeof name), c->failure);
        return BF_OK;
    }
    BF_TRY(compare_result(t, &c->setting, &trial));
    c->seconds[round] = trial.seconds;
    c->idle[round] = trial.idle;
    c->runs++;
    if (t->limit_s <= 0.0)
        t->limit_s = fmax(LIMIT_LEAST_S, LIMIT_RUNS * trial.seconds);
    bf_log(BF_LOG_DEBUG, "round %zu, %s %d workers %d ranks: %.4f s", t->rounds, c->setting.scheduler, c->setting.workers,
           c->setting.ranks, trial.seconds);
    return BF_OK;
}

/* The living in random order; in the first round the reference comes first, it sets the time limit. */
static size_t shuffled(const bf_tune_t *t, unsigned short random[3], size_t *order)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->candidates[i].state == BF_CANDIDATE_ALIVE)
            order[n++] = i;
    const size_t fixed = t->rounds == 1 ? 1 : 0;
    for (size_t i = n; i > fixed + 1; i--) {
        const size_t k = fixed + (size_t)(erand48(random) * (double)(i - fixed));
        const size_t swap = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swap;
    }
    return n;
}

static bf_status_t run_round(bf_tune_t *t, bf_cli_progress_t *progress, unsigned short random[3], size_t *order)
{
    for (size_t i = 0; i < t->n; i++)
        t->candidates[i].seconds[t->rounds] = t->candidates[i].idle[t->rounds] = NAN;
    t->rounds++;
    const size_t n = shuffled(t, random, order);
    for (size_t i = 0; i < n && !stopped(t); i++) {
        if (i > 0 && left(t) <= 0.0)
            return BF_OK;
        show(t, progress, i, n, &t->candidates[order[i]].setting);
        BF_TRY(run_candidate(t, &t->candidates[order[i]]));
    }
    return BF_OK;
}

/* Drop the slower half of all but the reference. */
static size_t drop_half(bf_tune_t *t)
{
    double medians[BF_TUNE_SETTINGS_MAX];
    size_t n = 0;
    for (size_t i = 1; i < t->n; i++)
        if (t->candidates[i].state == BF_CANDIDATE_ALIVE && t->candidates[i].runs > 0)
            medians[n++] = bf_stats_median(t->candidates[i].seconds, t->rounds);
    const double limit = bf_stats_median(medians, n);
    size_t dropped = 0;
    for (size_t i = 1; i < t->n && alive(t) > 2; i++) {
        bf_candidate_t *c = &t->candidates[i];
        if (c->state == BF_CANDIDATE_ALIVE && (c->runs == 0 || bf_stats_median(c->seconds, t->rounds) > limit)) {
            c->state = BF_CANDIDATE_DROPPED;
            dropped++;
        }
    }
    return dropped;
}

/* Successive halving (Karnin, Koren, Somekh, ICML 2013): while the budget does not hold for all that are left, the slower half
 * goes after every round; at once, where even half of them would be too many. The reference stays, and one to compare with it. */
static void drop_for_budget(bf_tune_t *t)
{
    const size_t missing = t->rounds_wanted - t->rounds;
    size_t dropped = 0;
    for (double room = 1.0; alive(t) > 2 && (double)missing * round_cost(t) > room * left(t); room = 2.0) {
        const size_t now = drop_half(t);
        dropped += now;
        if (now == 0)
            break;
    }
    if (dropped > 0)
        bf_log(BF_LOG_NOTE,
               "the budget of %.0f s does not hold for %zu more rounds of all: the %zu slowest settings go after round %zu",
               t->options->budget_s, missing, dropped, t->rounds);
}

/* Runs that do not count: StarPU measures the memory bus, and where a scheduler wants them the lengths of tasks, which it keeps.
 */
static bf_status_t calibrate(bf_tune_t *t, const bf_setting_t *s, int runs, bf_cli_progress_t *progress)
{
    bf_trial_t trial = {.done = true};
    for (int run = 0; run < runs && trial.done && !stopped(t) && left(t) > 0.0; run++) {
        char name[128];
        char text[256];
        snprintf(text, sizeof text, "calibration %d of %d: %s", run + 1, runs, bf_setting_describe(s, name, sizeof name));
        bf_cli_show_line(progress, text, -1.0, false);
        BF_TRY(bf_trial_run(t, s, t->limit_s > 0.0 ? t->limit_s : t->options->budget_s, true, &trial));
    }
    return BF_OK; /* what does not run will fail in the first round, and be reported */
}

/* The reference once; for every number of ranks the first setting that decides by models. */
static bf_status_t calibrate_all(bf_tune_t *t, bf_cli_progress_t *progress)
{
    BF_TRY(calibrate(t, &t->candidates[0].setting, 1, progress));
    int last_ranks = 0;
    for (size_t i = 0; i < t->n; i++) {
        const bf_setting_t *s = &t->candidates[i].setting;
        if (!bf_setting_calibrates(s) || s->ranks == last_ranks)
            continue;
        last_ranks = s->ranks;
        BF_TRY(calibrate(t, s, CALIBRATION_RUNS, progress));
    }
    return BF_OK;
}

/* How sure a single claim has to be, and how many rounds that takes. */
static void decide_rounds(bf_tune_t *t)
{
    t->level = t->n > 1 ? CHANCE_OF_A_WRONG_CLAIM / (double)(t->n - 1) : CHANCE_OF_A_WRONG_CLAIM;
    t->rounds_wanted = t->options->rounds ? (size_t)t->options->rounds : bf_stats_rounds(t->level) + SPARE_ROUNDS;
    t->limit_s = t->options->limit_s;
}

bf_status_t bf_tune_run(bf_tune_t *t)
{
    decide_rounds(t);
    size_t *order = calloc(t->n, sizeof *order);
    if (!order)
        return bf_error_set(BF_ERR_NOMEM, "out of memory");
    unsigned short random[3] = {1, 2, 3};
    bf_cli_progress_t progress = bf_cli_progress(&t->options->log);
    bf_process_guard();
    bf_status_t status = calibrate_all(t, &progress);
    while (status == BF_OK && t->rounds < t->rounds_wanted && alive(t) > 0 && !stopped(t)) {
        if (t->rounds > 0 && (left(t) < round_cost(t) || t->candidates[0].state != BF_CANDIDATE_ALIVE))
            break;
        status = run_round(t, &progress, random, order);
        if (status == BF_OK && t->rounds < t->rounds_wanted)
            drop_for_budget(t);
    }
    bf_cli_end_progress(&progress);
    if (status == BF_OK && t->interrupted)
        bf_log(BF_LOG_WARNING, "interrupted: the table shows what was done until then");
    else if (status == BF_OK && t->rounds < t->rounds_wanted)
        bf_log(BF_LOG_NOTE, "stopped after %zu of %zu rounds", t->rounds, t->rounds_wanted);
    free(order);
    return status;
}
