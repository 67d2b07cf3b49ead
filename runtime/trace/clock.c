/* Ping-pong with rank 0. Its reply was written at a moment between question and answer: half-way, give or take half the round
 * trip, so the shortest of many round trips says most. Two comparisons, at the start and at the end, give the drift. */
#include "runtime/trace/clock.h"

#include "codelets/trace.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { ROUNDS = 40, TAG = 7321 };

static void answer(bf_session_t *session, int rank)
{
    for (int i = 0; i < ROUNDS; i++) {
        int64_t now = 0;
        MPI_Recv(&now, 1, MPI_INT64_T, rank, TAG, session->comm, MPI_STATUS_IGNORE);
        now = bf_trace_now();
        MPI_Send(&now, 1, MPI_INT64_T, rank, TAG, session->comm);
    }
}

/* Shortest round trip, and the two clocks in its middle. */
static int64_t ask(bf_session_t *session, bf_clock_point_t *point)
{
    int64_t shortest = INT64_MAX;
    for (int i = 0; i < ROUNDS; i++) {
        const int64_t begin = bf_trace_now();
        int64_t reply = begin;
        MPI_Send(&reply, 1, MPI_INT64_T, 0, TAG, session->comm);
        MPI_Recv(&reply, 1, MPI_INT64_T, 0, TAG, session->comm, MPI_STATUS_IGNORE);
        const int64_t end = bf_trace_now();
        if (end - begin < shortest) {
            shortest = end - begin;
            *point = (bf_clock_point_t){.local = begin + (end - begin) / 2, .reference = reply};
        }
    }
    return shortest;
}

/* A number for this start of this machine, 0 when it cannot be told. */
static uint64_t machine(void)
{
    char id[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    const size_t bytes = file ? fread(id, 1, sizeof id, file) : 0;
    if (file)
        fclose(file);
    return bytes > 0 ? XXH64(id, bytes, 0) : 0;
}

void bf_clock_compare(bf_session_t *session)
{
    const int64_t now = bf_trace_now();
    if (session->size == 1) {
        bf_trace_clock(now, now, 0);
        return;
    }
    uint64_t here = machine();
    uint64_t first = here;
    MPI_Bcast(&first, 1, MPI_UINT64_T, 0, session->comm);
    for (int rank = 1; rank < session->size; rank++) {
        if (session->rank == 0)
            answer(session, rank);
        else if (session->rank == rank) {
            bf_clock_point_t point = {0};
            const int64_t round_trip = ask(session, &point);
            const int64_t apart = point.reference - point.local;
            /* Ranks of one machine read one clock, unless they live in time namespaces of their own. */
            if (here != 0 && here == first && apart <= round_trip && -apart <= round_trip)
                point.reference = point.local;
            bf_trace_clock(point.local, point.reference, round_trip / 2);
        }
        MPI_Barrier(session->comm);
    }
    if (session->rank == 0)
        bf_trace_clock(now, now, 0);
}

bf_clock_line_t bf_clock_fit(const bf_clock_point_t *points, size_t count)
{
    if (count == 0)
        return (bf_clock_line_t){0};
    const bf_clock_point_t *last = &points[count - 1];
    bf_clock_line_t line = {.origin = points[0]};
    const double local = (double)(last->local - points[0].local);
    /* Over less than a tenth of a second the jitter of a message would be taken for drift. */
    if (local > 1e8)
        line.drift = ((double)(last->reference - points[0].reference) - local) / local;
    return line;
}

int64_t bf_clock_correct(const bf_clock_line_t *line, int64_t local)
{
    const int64_t since = local - line->origin.local;
    return line->origin.reference + since + (int64_t)(line->drift * (double)since);
}
