/* trace_facts RUN: reads a trace and prints what must hold of it, one `name value` a line; the shell tests compare.
 * Errors go to stderr as one line, exit code 2. */
#include "runtime/trace/timeline.h"

#include <stdio.h>
#include <string.h>

static int64_t disorder(const bf_timeline_t *t)
{
    int64_t count = 0;
    for (size_t i = 1; i < t->n_tasks; i++)
        count += t->tasks[i].begin < t->tasks[i - 1].begin;
    for (size_t i = 0; i < t->n_tasks; i++)
        count += t->tasks[i].end < t->tasks[i].begin || t->tasks[i].begin < 0;
    return count;
}

/* Tasks that begin before the one before them on the same worker has ended. */
static int64_t overlaps(const bf_timeline_t *t)
{
    int64_t *end = calloc((size_t)t->workers + 1, sizeof *end);
    int64_t count = 0;
    for (size_t i = 0; end && i < t->n_tasks; i++) {
        int64_t *last = &end[t->rank[t->tasks[i].rank].first_lane + t->tasks[i].worker];
        count += t->tasks[i].begin < *last;
        *last = t->tasks[i].end;
    }
    free(end);
    return count;
}

/* Tasks that begin before their insertion has begun, or whose insertion is not there. */
static int64_t early(const bf_timeline_t *t)
{
    int64_t count = 0;
    for (size_t i = 0; i < t->n_tasks; i++)
        count += t->tasks[i].submit_begin < 0 || t->tasks[i].begin < t->tasks[i].submit_begin;
    return count;
}

/* Messages that come before they were sent, by more than clocks may be wrong. */
static int64_t backwards(const bf_timeline_t *t)
{
    int64_t count = 0;
    for (size_t i = 0; i < t->n_messages; i++) {
        const bf_message_t *m = &t->messages[i];
        const int64_t slack = t->rank[m->from].uncertainty_ns + t->rank[m->to].uncertainty_ns;
        count += m->send_begin >= 0 && m->receive_end >= 0 && (m->receive_end + slack < m->send_begin || m->from == m->to);
    }
    return count;
}

int main(int argc, char **argv)
{
    bf_timeline_t t;
    if (argc != 2)
        return 2;
    if (bf_timeline_read(argv[1], &t) != BF_OK) {
        fprintf(stderr, "%s\n", bf_error_message());
        return 2;
    }
    size_t gates = 0;
    size_t rows = 0;
    for (size_t i = 0; i < t.n_gates; i++)
        gates += t.gates[i].half == 0;
    uint64_t submitted = 0;
    for (int r = 0; r < t.ranks; r++)
        submitted += t.rank[r].submitted;
    for (size_t i = 0; i < t.n_tasks; i++)
        rows += t.tasks[i].rows;
    printf("ranks %d\nworkers %d\ncomplete %d\ndropped %llu\ntasks %zu\nsubmitted %llu\nrepeated %zu\nnot_run %zu\n", t.ranks,
           t.workers, t.complete, (unsigned long long)t.dropped, t.n_tasks, (unsigned long long)submitted, t.repeated, t.not_run);
    printf("gates %zu\nrows %zu\nmessages %zu\nunmatched %zu\nphases %zu\nsites %d\n", gates, rows, t.n_messages, t.unmatched,
           t.n_phases, t.sites);
    printf("disorder %lld\noverlaps %lld\nearly %lld\nbackwards %lld\n", (long long)disorder(&t), (long long)overlaps(&t),
           (long long)early(&t), (long long)backwards(&t));
    bf_timeline_free(&t);
    return 0;
}
