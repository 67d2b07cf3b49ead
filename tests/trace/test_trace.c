/* The analysis on traces made by hand, whose answers are known. Times are microseconds; what is found is compared in nanoseconds,
 * exactly. */
#include "runtime/trace/analyse.h"
#include "runtime/trace/clock.h"
#include "tests/cunit_main.h"
#include "tests/trace/maker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { R = BF_TRACE_READS, W = BF_TRACE_WRITES, RW = BF_TRACE_READS | BF_TRACE_WRITES };

static char folder[64];
static bf_timeline_t timeline;
static bf_analysis_t found;

static maker_t *open_maker(int ranks, int workers, bool shared)
{
    snprintf(folder, sizeof folder, "/tmp/bondflow-trace-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    return maker_open(folder, ranks, workers, 8, shared);
}

static void remove_files(int ranks)
{
    char path[128];
    for (int r = 0; r < ranks; r++) {
        snprintf(path, sizeof path, "%s/rank%d.trace", folder, r);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/run.json", folder);
    unlink(path);
    rmdir(folder);
}

static void look(maker_t *m, int ranks)
{
    maker_close(m, true);
    bf_status_t status = bf_timeline_read(folder, &timeline);
    if (status != BF_OK)
        printf("%s\n", bf_error_message());
    CU_ASSERT_EQUAL_FATAL(status, BF_OK);
    CU_ASSERT_EQUAL_FATAL(bf_analyse(&timeline, &found), BF_OK);
    remove_files(ranks);
}

static void forget(void)
{
    bf_analysis_free(&found);
    bf_timeline_free(&timeline);
}

/* Idle microseconds by cause: critical, no task, message, submission, synchronisation, scheduling, end. */
static void expect_idle(const int64_t *wanted)
{
    for (int k = 0; k < BF_IDLE_COUNT; k++) {
        if (found.idle[k] != 1000 * wanted[k])
            printf("%s: %lld ns, expected %lld us\n", bf_idle_name((bf_idle_t)k), (long long)found.idle[k], (long long)wanted[k]);
        CU_ASSERT_EQUAL(found.idle[k], 1000 * wanted[k]);
    }
    int64_t sum = found.busy;
    for (int k = 0; k < BF_IDLE_COUNT; k++)
        sum += found.idle[k];
    CU_ASSERT_EQUAL(sum, (found.end - found.begin) * timeline.workers);
}

/* Three tasks on one tensor, one after the other on two workers. */
static void test_chain(void)
{
    maker_t *m = open_maker(1, 2, true);
    for (uint32_t id = 1; id <= 3; id++)
        maker_submit(m, 0, id, id - 1, id);
    maker_use(m, 0, 0, 1, RW, 0);
    maker_task(m, 0, 0, 1, 5, 15);
    maker_use(m, 0, 1, 1, RW, 1);
    maker_task(m, 0, 1, 2, 17, 37);
    maker_use(m, 0, 0, 1, RW, 2);
    maker_task(m, 0, 0, 3, 38, 68);
    look(m, 1);
    CU_ASSERT_EQUAL(timeline.n_tasks, 3);
    CU_ASSERT_EQUAL(found.work, 60000);
    CU_ASSERT_EQUAL(found.critical, 60000);
    CU_ASSERT_EQUAL(found.critical_tasks, 3);
    CU_ASSERT_EQUAL(found.end - found.begin, 68000);
    CU_ASSERT_DOUBLE_EQUAL(bf_analysis_possible(&found), 1.0, 0.0);
    CU_ASSERT_DOUBLE_EQUAL(bf_analysis_speedup(&found), 60.0 / 68.0, 1e-15);
    expect_idle((const int64_t[]){30, 0, 0, 0, 0, 15, 31});
    forget();
}

/* Two chains: the heavy one is critical, waiting inside the light one is not. A reader delays a writer. */
static void test_fork(void)
{
    maker_t *m = open_maker(1, 3, true);
    for (uint32_t id = 1; id <= 5; id++)
        maker_submit(m, 0, id, 0, 0);
    maker_use(m, 0, 0, 1, RW, 0);
    maker_task(m, 0, 0, 1, 0, 100); /* critical, alone */
    maker_use(m, 0, 1, 2, RW, 0);
    maker_task(m, 0, 1, 2, 0, 30);
    maker_use(m, 0, 2, 2, R, 1);
    maker_task(m, 0, 2, 3, 30, 50); /* reads what 2 wrote */
    maker_use(m, 0, 1, 2, W, 1);
    maker_task(m, 0, 1, 4, 50, 60); /* overwrites what 3 read */
    maker_use(m, 0, 2, 3, RW, 0);
    maker_use(m, 0, 2, 2, R, 2);
    maker_task(m, 0, 2, 5, 60, 100);
    look(m, 1);
    CU_ASSERT_EQUAL(found.critical, 100000);
    CU_ASSERT_EQUAL(found.tasks[timeline.n_tasks - 1].finish, 100000); /* 30 + 20 + 10 + 40: as long */
    CU_ASSERT_EQUAL(found.work, 200000);
    CU_ASSERT_DOUBLE_EQUAL(bf_analysis_possible(&found), 2.0, 0.0);
    /* Worker 2 waits [0, 30] for task 2 and [50, 60] for task 4; worker 1 waits [30, 50] for task 3 and ends at 60. */
    const bool second = found.tasks[1].critical;
    CU_ASSERT_EQUAL(found.idle[BF_IDLE_CRITICAL] + found.idle[BF_IDLE_NO_TASK], 60000);
    CU_ASSERT_EQUAL(found.idle[second ? BF_IDLE_NO_TASK : BF_IDLE_CRITICAL], 0);
    CU_ASSERT_EQUAL(found.idle[BF_IDLE_END], 40000);
    CU_ASSERT_EQUAL(found.idle[BF_IDLE_SCHEDULING], 0);
    forget();
}

/* Rank 1 waits for a task of rank 0, then for the message; rank 0 then waits for rank 1's main thread. */
static void test_message(void)
{
    maker_t *m = open_maker(2, 1, true);
    maker_submit(m, 0, 1, 0, 1);
    maker_use(m, 0, 0, 7, RW, 0);
    maker_task(m, 0, 0, 1, 2, 12);
    maker_message(m, BF_TRACE_SEND, 0, 7, 1, 1000, 14, 16);
    maker_message(m, BF_TRACE_RECEIVE, 1, 7, 1, 1000, 20, 22);
    maker_submit(m, 1, 1, 0, 1);
    maker_use(m, 1, 0, 7, R, 1);
    maker_task(m, 1, 0, 1, 27, 37);
    look(m, 2);
    CU_ASSERT_EQUAL(timeline.n_messages, 1);
    CU_ASSERT_EQUAL(timeline.unmatched, 0);
    CU_ASSERT_EQUAL(found.critical, 10000 + 8000 + 10000);
    CU_ASSERT_EQUAL(found.critical_wire, 8000);
    CU_ASSERT_EQUAL(found.matrix_bytes[0 * 2 + 1], 1000);
    CU_ASSERT_EQUAL(found.matrix_count[1 * 2 + 0], 0);
    /* Rank 1: [0, 2] the remote task was ready but had not begun, [2, 12] it ran, [12, 22] message, [22, 27] scheduling. Rank 0:
     * [0, 2] scheduling, [12, 37] nothing left. */
    expect_idle((const int64_t[]){12, 0, 10, 0, 0, 7, 25});
    forget();
}

static void test_submission(void)
{
    maker_t *m = open_maker(1, 1, true);
    maker_submit(m, 0, 1, 0, 1);
    maker_phase(m, 0, BF_PHASE_WAIT, 5, 25);
    maker_phase(m, 0, BF_PHASE_SYNC, 25, 30);
    maker_submit(m, 0, 2, 50, 51);
    maker_task(m, 0, 0, 1, 0, 10);
    maker_task(m, 0, 0, 2, 52, 60);
    look(m, 1);
    /* [10, 30] the main thread waits, [30, 50] it does something else, [50, 52] the task is there. */
    expect_idle((const int64_t[]){0, 0, 0, 20, 20, 2, 0});
    CU_ASSERT_EQUAL(found.submit_ns, 2000);
    forget();
}

/* The trace of test_message, with rank 1's clock twenty minutes ahead and running 100 ppm fast, over a run of 100 s. */
static void test_clocks(void)
{
    for (int spoiled = 0; spoiled < 2; spoiled++) {
        maker_t *m = open_maker(2, 1, true);
        if (spoiled)
            maker_clock(m, 1, (clock_tt){.offset_us = 1.2e9, .drift = 1e-4});
        maker_compare(m, 0, 0);
        maker_compare(m, 1, 0);
        maker_submit(m, 0, 1, 0, 1);
        maker_submit(m, 1, 1, 0, 1);
        maker_use(m, 0, 0, 7, RW, 0);
        maker_task(m, 0, 0, 1, 2, 5e7);
        maker_message(m, BF_TRACE_SEND, 0, 7, 1, 1000, 5e7 + 1, 5e7 + 2);
        maker_message(m, BF_TRACE_RECEIVE, 1, 7, 1, 1000, 5e7 + 5, 5e7 + 6);
        maker_use(m, 1, 0, 7, R, 1);
        maker_task(m, 1, 0, 1, 5e7 + 8, 1e8);
        maker_compare(m, 0, 1e8);
        maker_compare(m, 1, 1e8);
        look(m, 2);
        CU_ASSERT(llabs(timeline.tasks[1].begin - (50000000000 + 8000)) <= 2);
        CU_ASSERT(llabs(timeline.tasks[1].end - 100000000000) <= 2);
        CU_ASSERT(llabs(timeline.messages[0].receive_end - (50000000000 + 6000)) <= 2);
        CU_ASSERT(llabs(found.idle[BF_IDLE_MESSAGE] - 6000) <= 4);
        CU_ASSERT_DOUBLE_EQUAL(timeline.rank[1].drift, spoiled ? 1.0 / 1.0001 - 1.0 : 0.0, 1e-10);
        forget();
    }
}

static void test_clock_fit(void)
{
    CU_ASSERT_EQUAL(bf_clock_correct(&(bf_clock_line_t){0}, 12345), 12345);
    const bf_clock_line_t none = bf_clock_fit(NULL, 0);
    CU_ASSERT_EQUAL(bf_clock_correct(&none, 5), 5);
    const bf_clock_point_t one[] = {{1000, 9000}};
    const bf_clock_line_t shifted = bf_clock_fit(one, 1);
    CU_ASSERT_EQUAL(bf_clock_correct(&shifted, 1500), 9500);
    /* Two points a millisecond apart say nothing about drift, however they differ. */
    const bf_clock_point_t close[] = {{0, 0}, {1000000, 1000900}};
    const bf_clock_line_t flat = bf_clock_fit(close, 2);
    CU_ASSERT_EQUAL(bf_clock_correct(&flat, 1000000), 1000000);
    const bf_clock_point_t far[] = {{0, 77}, {1000000000, 1000100077}};
    const bf_clock_line_t fast = bf_clock_fit(far, 2);
    CU_ASSERT_EQUAL(bf_clock_correct(&fast, 0), 77);
    CU_ASSERT_EQUAL(bf_clock_correct(&fast, 500000000), 500050077);
    CU_ASSERT_EQUAL(bf_clock_correct(&fast, 1000000000), 1000100077);
}

/* Gates: layers, bonds, halves that make one gate, the heaviest first. */
static void test_gates(void)
{
    maker_t *m = open_maker(1, 1, true);
    for (uint32_t id = 1; id <= 3; id++)
        maker_submit(m, 0, id, 0, 0);
    maker_gate(m, 0, 0, 11, 0, 1, 5, 1, 2);   /* layer 0 */
    maker_gate(m, 0, 0, 12, 2, 7, 6, 1, 2);   /* layer 0 */
    maker_gate(m, 0, 0, 13, 1, 14, 20, 1, 4); /* layer 1 */
    maker_use(m, 0, 0, 1, RW, 0);
    maker_task(m, 0, 0, 1, 0, 100);
    maker_gate(m, 0, 0, 14, 1, 0, 30, 4, 0); /* contraction */
    maker_use(m, 0, 0, 1, RW, 1);
    maker_task(m, 0, 0, 2, 100, 140);
    maker_gate(m, 0, 0, 14, 1, 0, 40, 4, 8); /* layer 2 */
    maker_use(m, 0, 0, 1, RW, 2);
    maker_task(m, 0, 0, 3, 140, 200);
    look(m, 1);
    CU_ASSERT_EQUAL(found.heat.layers, 3);
    CU_ASSERT_EQUAL(found.heat.bonds, 7);
    CU_ASSERT_EQUAL(found.heat.max, 8);
    const uint32_t wanted[3][7] = {{2, 0, 2, 0, 0, 0, 0}, {0, 4, 0, 0, 0, 0, 0}, {0, 8, 0, 0, 0, 0, 0}};
    CU_ASSERT_EQUAL(memcmp(found.heat.cell, wanted, sizeof wanted), 0);
    CU_ASSERT_EQUAL(found.n_heavy, 4);
    CU_ASSERT_EQUAL(found.heavy[0].line, 14);
    CU_ASSERT_EQUAL(found.heavy[0].ns, 70000);
    CU_ASSERT_EQUAL(found.heavy[0].chi_after, 8);
    CU_ASSERT_EQUAL(found.heavy[1].line, 13);
    CU_ASSERT_EQUAL(found.heavy[2].line, 12);
    CU_ASSERT_EQUAL(found.heavy[3].line, 11);
    CU_ASSERT_DOUBLE_EQUAL(found.measured_us, 101.0, 1e-9);
    forget();
}

/* More than ten gates: the ten heaviest, in order. */
static void test_heaviest(void)
{
    maker_t *m = open_maker(1, 1, true);
    maker_submit(m, 0, 1, 0, 0);
    for (int i = 0; i < 25; i++)
        maker_gate(m, 0, 0, i + 1, i % 7, i, (i * 7) % 25 + 1, 1, 2);
    maker_task(m, 0, 0, 1, 0, 1000);
    look(m, 1);
    CU_ASSERT_EQUAL(found.n_heavy, BF_HEAVY_GATES);
    for (int i = 0; i < BF_HEAVY_GATES; i++)
        CU_ASSERT_EQUAL(found.heavy[i].ns, 1000 * (25 - i));
    forget();
}

/* Insertions and tasks that do not go together are counted. */
static void test_strays(void)
{
    maker_t *m = open_maker(2, 1, true);
    for (uint32_t id = 1; id <= 4; id++)
        maker_submit(m, 0, id, 0, 0);
    maker_task(m, 0, 0, 1, 0, 10);
    maker_task(m, 0, 0, 2, 10, 20);
    maker_task(m, 0, 0, 2, 20, 30);
    maker_message(m, BF_TRACE_SEND, 0, 7, 1, 10, 1, 2);
    maker_message(m, BF_TRACE_SEND, 0, 7, 2, 10, 3, 4);
    maker_message(m, BF_TRACE_RECEIVE, 1, 7, 2, 10, 5, 6);
    maker_message(m, BF_TRACE_RECEIVE, 1, 7, 3, 10, 7, 8);
    look(m, 2);
    CU_ASSERT_EQUAL(timeline.repeated, 1);
    CU_ASSERT_EQUAL(timeline.not_run, 2);
    CU_ASSERT_EQUAL(timeline.unmatched, 2);
    CU_ASSERT_EQUAL(timeline.n_messages, 3);
    CU_ASSERT_EQUAL(found.matrix_count[1], 1);
    forget();
}

/* Ranks of their own number their tensors alike: nothing connects them. */
static void test_apart(void)
{
    maker_t *m = open_maker(2, 1, false);
    for (int rank = 0; rank < 2; rank++) {
        maker_submit(m, rank, 1, 0, 0);
        maker_submit(m, rank, 2, 0, 0);
        maker_use(m, rank, 0, 1, RW, 0);
        maker_task(m, rank, 0, 1, 0, 10 + 10 * rank);
        maker_use(m, rank, 0, 1, RW, 1);
        maker_task(m, rank, 0, 2, 30, 40);
    }
    look(m, 2);
    CU_ASSERT_EQUAL(found.critical, 30000);
    CU_ASSERT_EQUAL(found.critical_tasks, 2);
    expect_idle((const int64_t[]){0, 0, 0, 0, 0, 30, 0});
    forget();
}

static void test_empty(void)
{
    maker_t *m = open_maker(1, 2, true);
    look(m, 1);
    CU_ASSERT_EQUAL(found.work, 0);
    CU_ASSERT_EQUAL(found.critical, 0);
    CU_ASSERT_DOUBLE_EQUAL(bf_analysis_idle_share(&found), 0.0, 0.0);
    CU_ASSERT_DOUBLE_EQUAL(bf_analysis_possible(&found), 0.0, 0.0);
    forget();
}

int main(void)
{
    const bf_test_t tests[] = {{"a chain", test_chain},
                               {"a fork", test_fork},
                               {"a message", test_message},
                               {"late insertions", test_submission},
                               {"clocks with offset and drift", test_clocks},
                               {"the line of a clock", test_clock_fit},
                               {"gates", test_gates},
                               {"the heaviest gates", test_heaviest},
                               {"strays", test_strays},
                               {"ranks apart", test_apart},
                               {"nothing", test_empty},
                               {NULL, NULL}};
    return bf_cunit_main("trace", NULL, NULL, tests);
}
