/* Many trajectories of one circuit: their means, their standard errors, what is told of them. */
#include "apps/xyz_results.h"

#include "runtime/seconds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Trajectories are run and shared so many at a time, fewer when there is much to keep of each. */
#define ROUND_SHOTS ((size_t)1024)
#define ROUND_BYTES ((size_t)64 << 20)

/* Numbers of another trajectory into what is told: times and tasks add up, the errors are those of the worst. */
static void add_report(const bf_report_t *next, bf_report_t *all)
{
    const bf_report_t before = *all;
    if (!(next->distance < before.distance))
        *all = *next;
    all->tasks = next->tasks;
    all->updates = before.updates + next->updates;
    all->max_bond = before.max_bond > next->max_bond ? before.max_bond : next->max_bond;
    all->divided = before.divided + next->divided;
    all->max_sectors = before.max_sectors > next->max_sectors ? before.max_sectors : next->max_sectors;
    all->seconds_start = before.seconds_start + next->seconds_start;
    all->seconds_evolve = before.seconds_evolve + next->seconds_evolve;
    all->seconds_measure = before.seconds_measure + next->seconds_measure;
    all->seconds_busy = before.seconds_busy + next->seconds_busy;
}

/* Several trajectories. */
typedef struct many {
    const bf_xyz_options_t *o;
    bf_site_t n;
    const bf_xyz_results_t *results;
    bf_cli_progress_t *progress;
    long long done; /* before the round under way */
} many_t;

/* What is kept of one until its turn comes: its report, and the values behind it. */
typedef struct trajectory {
    bf_report_t report;
    double values[];
} trajectory_t;

static bf_status_t read_trajectory(void *arg, bf_state_t *state, uint64_t shot, void *result)
{
    const many_t *m = arg;
    trajectory_t *t = result;
    (void)shot;
    BF_TRY(bf_xyz_measure(state, m->o, m->n, m->results, t->values));
    return bf_state_report(state, &t->report);
}

static void show_trajectories(void *arg, size_t done)
{
    const many_t *m = arg;
    const long long all = m->done + (long long)done, total = m->o->trajectories;
    char text[96];
    const double seconds = bf_seconds() - m->progress->begin;
    if (!m->progress->on)
        return;
    snprintf(text, sizeof text, "trajectory %lld/%lld", all, total);
    bf_cli_show_line(m->progress, text, all > 0 ? seconds * (double)(total - all) / (double)all : -1.0, all >= total);
}

/* Means and standard errors, by Welford's recurrence in the order of the shots. */
static void add_trajectory(const trajectory_t *t, long long number, bf_xyz_results_t *results, bf_report_t *report)
{
    double *const mean = results->values, *const square = results->errors;
    add_report(&t->report, report);
    for (size_t i = 0; i < results->count; i++) {
        const double away = t->values[i] - mean[i];
        mean[i] += away / (double)number;
        square[i] += away * (t->values[i] - mean[i]);
    }
}

/* Side by side they take less time than each for itself: the time that has passed is told, divided as theirs was. */
static void tell_passed_time(bf_report_t *report, const bf_report_t *before, double seconds)
{
    const double evolve = report->seconds_evolve - before->seconds_evolve;
    const double all = evolve + report->seconds_measure - before->seconds_measure;
    const double share = all > 0.0 ? evolve / all : 1.0;
    report->seconds_evolve = before->seconds_evolve + share * seconds;
    report->seconds_measure = before->seconds_measure + (1.0 - share) * seconds;
}

/* All but the last, round by round. */
static bf_status_t run_rounds(many_t *m, bf_shots_t *shots, bf_xyz_results_t *results, bf_summary_t *s, trajectory_t *room,
                              size_t round, size_t bytes)
{
    const long long before_last = m->o->trajectories - 1;
    while (m->done < before_last) {
        const long long left = before_last - m->done;
        const size_t count = left < (long long)round ? (size_t)left : round;
        const bf_report_t before = s->report;
        const double begin = bf_seconds();
        BF_TRY(bf_shots_many(shots, (uint64_t)(m->o->shot + m->done), count, read_trajectory, show_trajectories, m, room, bytes));
        for (size_t i = 0; i < count; i++)
            add_trajectory((const trajectory_t *)((const char *)room + i * bytes), m->done + (long long)i + 1, results,
                           &s->report);
        tell_passed_time(&s->report, &before, bf_seconds() - begin);
        m->done += (long long)count;
    }
    return BF_OK;
}

/* The last one leaves the state that the summary tells about. */
static bf_status_t run_last(many_t *m, bf_shots_t *shots, bf_xyz_results_t *results, bf_summary_t *s, trajectory_t *room)
{
    const uint64_t shot = (uint64_t)(m->o->shot + m->o->trajectories - 1);
    BF_TRY(bf_shots_one(shots, shot, read_trajectory, m, room, &s->state));
    add_trajectory(room, m->o->trajectories, results, &s->report);
    show_trajectories(m, 1);
    return BF_OK;
}

bf_status_t bf_xyz_trajectories(bf_session_t *session, const bf_xyz_options_t *o, const bf_circuit_t *circuit, bf_summary_t *s,
                                bf_xyz_results_t *results, bf_cli_progress_t *progress)
{
    const size_t bytes = sizeof(trajectory_t) + results->count * sizeof(double), most = ROUND_BYTES / bytes + 1;
    size_t round = most < ROUND_SHOTS ? most : ROUND_SHOTS;
    round = o->trajectories < (long long)round ? (size_t)o->trajectories : round;
    many_t m = {.o = o, .n = s->qubits, .results = results, .progress = progress};
    bf_shots_t *shots = NULL;
    trajectory_t *room = calloc(round, bytes);
    bf_status_t status = room ? BF_OK : bf_error_set(BF_ERR_NOMEM, "out of memory: %zu trajectories", round);
    status = bf_session_agree(session, status);
    if (status == BF_OK)
        status = bf_shots_create(session, circuit, &o->run.state, &shots);
    if (status == BF_OK)
        status = run_rounds(&m, shots, results, s, room, round, bytes);
    if (status == BF_OK)
        status = run_last(&m, shots, results, s, room);
    bf_shots_destroy(shots);
    free(room);
    const double n = (double)o->trajectories;
    for (size_t i = 0; i < results->count; i++) /* one shot says nothing about the spread */
        results->errors[i] = n > 1 ? sqrt(results->errors[i] / (n - 1) / n) : NAN;
    return status;
}
