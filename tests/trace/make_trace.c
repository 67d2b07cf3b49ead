/* make_trace FOLDER TASKS [RANKS [WORKERS]]: a trace of a brickwork that never ran, as large as wanted, to measure trace_report
 * with. Each task applies four gates to two sites of its rank; at the borders of ranks the tensors travel. */
#include "tests/trace/maker.h"

#include <stdio.h>
#include <stdlib.h>

enum { SITES_PER_RANK = 64, GATES = 4 };

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    const long tasks = atol(argv[2]);
    const int ranks = argc > 3 ? atoi(argv[3]) : 4;
    const int workers = argc > 4 ? atoi(argv[4]) : 4;
    const int sites = SITES_PER_RANK * ranks;
    maker_t *m = maker_open(argv[1], ranks, workers, sites, true);
    uint32_t *version = calloc((size_t)sites + 1, sizeof *version);
    uint32_t *next_id = calloc((size_t)ranks, sizeof *next_id);
    double *free_at = calloc((size_t)ranks * (size_t)workers, sizeof *free_at);
    double *ready = calloc((size_t)sites + 1, sizeof *ready);
    if (!version || !next_id || !free_at || !ready)
        return 1;
    for (int r = 0; r < ranks; r++)
        maker_compare(m, r, 0.0);
    long made = 0;
    for (int layer = 0; made < tasks; layer++)
        for (int s = layer % 2; s + 1 < sites && made < tasks; s += 2, made++) {
            const int rank = s / SITES_PER_RANK;
            const int worker = (s / 2 + layer) % workers;
            double *lane = &free_at[rank * workers + worker];
            double begin = ready[s] > ready[s + 1] ? ready[s] : ready[s + 1];
            const uint32_t id = ++next_id[rank];
            maker_submit(m, rank, id, 0.5 * id, 0.5 * id + 0.4);
            const bool border = (s + 1) / SITES_PER_RANK != rank;
            if (border) {
                maker_message(m, BF_TRACE_SEND, rank + 1, (uint32_t)s + 2, version[s + 1], 4096, begin, begin + 1.0);
                maker_message(m, BF_TRACE_RECEIVE, rank, (uint32_t)s + 2, version[s + 1], 4096, begin + 4.0, begin + 5.0);
                begin += 5.0;
            }
            begin = begin > *lane ? begin : *lane;
            begin = begin > 0.5 * id + 0.5 ? begin : 0.5 * id + 0.5;
            const double end = begin + 20.0 + (double)((s * 7 + layer * 3) % 11);
            for (int g = 0; g < GATES; g++)
                maker_gate(m, rank, worker, layer + 1, s, 5.0 * g, 4.5, 16, 16);
            maker_use(m, rank, worker, (uint32_t)s + 1, BF_TRACE_READS | BF_TRACE_WRITES, version[s]++);
            maker_use(m, rank, worker, (uint32_t)s + 2, BF_TRACE_READS | BF_TRACE_WRITES, version[s + 1]++);
            maker_task(m, rank, worker, id, begin, end);
            *lane = end;
            ready[s] = ready[s + 1] = end;
            if (border) {
                maker_message(m, BF_TRACE_SEND, rank, (uint32_t)s + 2, version[s + 1], 4096, end, end + 1.0);
                maker_message(m, BF_TRACE_RECEIVE, rank + 1, (uint32_t)s + 2, version[s + 1], 4096, end + 4.0, end + 5.0);
                ready[s + 1] = end + 5.0;
            }
        }
    maker_close(m, true);
    free(version);
    free(next_id);
    free(free_at);
    free(ready);
    return 0;
}
