/* Traces made by hand: the files of a run that never was, in microseconds. */
#ifndef TRACE_MAKER_H
#define TRACE_MAKER_H

#include "codelets/trace_record.h"

#include <stdbool.h>

typedef struct maker maker_t;

/* A clock that shows local = offset_us + (1 + drift) * true time; true times are given to all functions below. */
typedef struct clock {
    double offset_us;
    double drift;
} clock_tt;

maker_t *maker_open(const char *folder, int ranks, int workers, int sites, bool shared);
void maker_clock(maker_t *m, int rank, clock_tt clock); /* before any record of the rank */
void maker_close(maker_t *m, bool complete);

/* Records of a thread: BF_TRACE_MAIN, BF_TRACE_OTHER or a worker. */
void maker_put(maker_t *m, int r, int worker, const bf_trace_record_t *record);

/* Uses and gates come before the task that they belong to. */
void maker_use(maker_t *m, int rank, int worker, uint32_t tensor, unsigned mode, uint32_t version);
void maker_gate(maker_t *m, int rank, int worker, int line, int site, double begin_us, double us, uint32_t before,
                uint32_t after);
void maker_task(maker_t *m, int rank, int worker, uint32_t id, double begin_us, double end_us);
void maker_submit(maker_t *m, int rank, uint32_t id, double begin_us, double end_us);
void maker_phase(maker_t *m, int rank, bf_trace_phase_t phase, double begin_us, double end_us);
void maker_message(maker_t *m, bf_trace_kind_t kind, int rank, uint32_t tensor, uint32_t version, uint32_t bytes, double begin_us,
                   double end_us);
void maker_compare(maker_t *m, int rank, double at_us); /* of clocks */

#endif
