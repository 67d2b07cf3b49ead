/* List scheduling on graphs whose makespan is known, and the dependency map against its definition. */
#include "cunit_main.h"
#include "oracle_random.h"
#include "runtime/plan/levels.h"
#include "runtime/plan/schedule.h"

#include <math.h>
#include <string.h>

static uint64_t seed;

static bf_schedule_t open_schedule(bf_site_t n, bf_schedule_machine_t machine)
{
    bf_schedule_t s;
    CU_ASSERT_EQUAL_FATAL(bf_schedule_open(&s, n, &machine), BF_OK);
    return s;
}

static void add(bf_schedule_t *s, int rank, double us, int n_sites, const bf_site_t *sites)
{
    CU_ASSERT_EQUAL_FATAL(bf_schedule_add(s, rank, sites, n_sites, us, 0.0), BF_OK);
}

#define ADD(s, rank, us, ...)                                                                                                    \
    do {                                                                                                                         \
        const bf_site_t sites_[] = {__VA_ARGS__};                                                                                \
        add(s, rank, us, (int)(sizeof sites_ / sizeof *sites_), sites_);                                                         \
    } while (0)

static double finish(bf_schedule_t *s)
{
    CU_ASSERT_EQUAL_FATAL(bf_schedule_run(s), BF_OK);
    const double end_us = s->end_us;
    bf_schedule_close(s);
    return end_us;
}

static void chains_and_independent_tasks(void)
{
    for (int workers = 1; workers <= 4; workers++) {
        bf_schedule_t s = open_schedule(1, (bf_schedule_machine_t){.ranks = 1, .workers = workers});
        for (int i = 0; i < 5; i++)
            ADD(&s, 0, 10.0, 0);
        CU_ASSERT_EQUAL(finish(&s), 50.0);
    }
    const double expected[7] = {0, 60.0, 30.0, 20.0, 20.0, 20.0, 10.0};
    for (int workers = 1; workers <= 6; workers++) {
        bf_schedule_t s = open_schedule(6, (bf_schedule_machine_t){.ranks = 1, .workers = workers});
        for (bf_site_t i = 0; i < 6; i++)
            ADD(&s, 0, 10.0, i);
        CU_ASSERT_EQUAL(finish(&s), expected[workers]);
    }
}

/* First come, first served: 3 3 2 2 2 on two workers end at 7, though 6 was possible. */
static void first_come_first_served(void)
{
    bf_schedule_t s = open_schedule(5, (bf_schedule_machine_t){.ranks = 1, .workers = 2});
    const double us[5] = {3, 3, 2, 2, 2};
    for (bf_site_t i = 0; i < 5; i++)
        ADD(&s, 0, us[i], i);
    CU_ASSERT_EQUAL(finish(&s), 7.0);
}

static void diamond(void)
{
    const double expected[3] = {0, 8.0, 6.0};
    for (int workers = 1; workers <= 2; workers++) {
        bf_schedule_t s = open_schedule(2, (bf_schedule_machine_t){.ranks = 1, .workers = workers});
        ADD(&s, 0, 1.0, 0, 1);
        ADD(&s, 0, 4.0, 0);
        ADD(&s, 0, 2.0, 1);
        ADD(&s, 0, 1.0, 0, 1);
        CU_ASSERT_EQUAL(finish(&s), expected[workers]);
    }
}

/* Messages cost between ranks only, a task costs its overhead, and nothing starts before it is submitted. */
static void costs(void)
{
    bf_schedule_machine_t machine = {.ranks = 2, .workers = 1, .message_us = 5.0};
    bf_schedule_t s = open_schedule(2, machine);
    ADD(&s, 0, 10.0, 0);
    ADD(&s, 1, 10.0, 0);
    ADD(&s, 1, 10.0, 0);
    ADD(&s, 0, 1.0, 1);
    CU_ASSERT_EQUAL(finish(&s), 35.0);
    machine = (bf_schedule_machine_t){.ranks = 1, .workers = 2, .task_us = 2.0, .submit_us = 3.0};
    s = open_schedule(3, machine);
    ADD(&s, 0, 10.0, 0); /* 3 to 15 */
    ADD(&s, 0, 10.0, 1); /* 6 to 18 */
    ADD(&s, 0, 10.0, 2); /* submitted at 9, a worker is free at 15: until 27 */
    CU_ASSERT_EQUAL_FATAL(bf_schedule_run(&s), BF_OK);
    CU_ASSERT_EQUAL(s.end_us, 27.0);
    CU_ASSERT_EQUAL(s.busy_us, 36.0);
    ADD(&s, 0, 1.0, 0); /* after the wait for all: 27 + 3 + 3 */
    CU_ASSERT_EQUAL(finish(&s), 33.0);
    s = open_schedule(1, machine);
    CU_ASSERT_EQUAL(finish(&s), 0.0);
}

/* Graham: a greedy schedule ends between max(critical path, work / w) and work / w + (1 - 1/w) critical path. */
static void greedy_bounds(void)
{
    oracle_rng_t rng = {seed};
    for (int round = 0; round < 300; round++) {
        const bf_site_t n = 1 + oracle_rng_below(&rng, 30);
        const int workers = 1 + oracle_rng_below(&rng, 8);
        const int tasks = oracle_rng_below(&rng, 400);
        bf_schedule_t s = open_schedule(n, (bf_schedule_machine_t){.ranks = 1, .workers = workers});
        double *ready = calloc((size_t)n, sizeof *ready);
        double work = 0.0;
        double critical = 0.0;
        for (int t = 0; t < tasks; t++) {
            const double us = (double)(1 + oracle_rng_below(&rng, 50)); /* whole numbers: sums are exact */
            bf_site_t sites[4];
            int n_sites = 0;
            double start = 0.0;
            for (bf_site_t i = oracle_rng_below(&rng, n); i < n && n_sites < 4; i += 1 + oracle_rng_below(&rng, 3)) {
                sites[n_sites++] = i;
                start = fmax(start, ready[i]);
            }
            add(&s, 0, us, n_sites, sites);
            for (int i = 0; i < n_sites; i++)
                ready[sites[i]] = start + us;
            critical = fmax(critical, start + us);
            work += us;
        }
        const double end = finish(&s);
        CU_ASSERT(end >= critical && end * workers >= work);
        CU_ASSERT((end - critical) * workers <= work - critical + 1e-6);
        if (workers == 1)
            CU_ASSERT_EQUAL(end, work);
        free(ready);
    }
}

static bf_program_t random_program(oracle_rng_t *rng, bf_site_t n, size_t n_ops)
{
    bf_program_t program = {.n = n, .n_ops = n_ops, .ops = calloc(n_ops + 1, sizeof *program.ops)};
    for (size_t i = 0; i < n_ops; i++) {
        const bool single = n < 2 || oracle_rng_below(rng, 5) == 0;
        program.ops[i] =
            (bf_op_t){.site = oracle_rng_below(rng, single ? n : n - 1), .update = single ? -1 : (int32_t)program.n_updates++};
    }
    return program;
}

static bool depends(const bf_op_t *later, const bf_op_t *earlier)
{
    return later->site < earlier->site + bf_op_width(earlier) && earlier->site < later->site + bf_op_width(later);
}

/* Layers and the longest chain by looking at all pairs; the marked operations are a chain of that length. */
static void layers_by_definition(void)
{
    oracle_rng_t rng = {seed + 1};
    for (int round = 0; round < 100; round++) {
        bf_program_t program = random_program(&rng, 1 + oracle_rng_below(&rng, 20), (size_t)oracle_rng_below(&rng, 150));
        const size_t n_ops = program.n_ops;
        double us[150];
        double end[150];
        uint32_t depth[150];
        double longest = 0.0;
        uint32_t layers = 0;
        for (size_t i = 0; i < n_ops; i++) {
            us[i] = (double)(1 + oracle_rng_below(&rng, 20));
            const uint32_t own = program.ops[i].update >= 0;
            end[i] = 0.0;
            depth[i] = 0;
            for (size_t k = 0; k < i; k++)
                if (depends(&program.ops[i], &program.ops[k])) {
                    end[i] = fmax(end[i], end[k]);
                    depth[i] = depth[k] > depth[i] ? depth[k] : depth[i];
                }
            end[i] += us[i];
            depth[i] += own;
            longest = fmax(longest, end[i]);
            layers = depth[i] > layers ? depth[i] : layers;
        }
        bf_levels_t levels;
        CU_ASSERT_EQUAL_FATAL(bf_levels_make(&program, us, &levels), BF_OK);
        CU_ASSERT_EQUAL(levels.critical_us, longest);
        CU_ASSERT(levels.n_layers == (layers > 0 || n_ops == 0 ? layers : 1));
        double marked = 0.0;
        size_t last = n_ops;
        size_t total = 0;
        for (size_t i = 0; i < n_ops; i++) {
            CU_ASSERT_EQUAL(levels.layer_of[i], depth[i] > 0 ? depth[i] - 1 : 0);
            if (!levels.critical[i])
                continue;
            CU_ASSERT(last == n_ops || depends(&program.ops[i], &program.ops[last]));
            marked += us[i];
            last = i;
        }
        for (size_t l = 0; l < levels.n_layers; l++)
            total += levels.width[l];
        CU_ASSERT_EQUAL(marked, longest);
        CU_ASSERT_EQUAL(total, program.n_updates);
        bf_levels_clear(&levels);
        free(program.ops);
    }
}

/* An operation is in the cone when a path of dependent operations leads from it to an observed site. */
static void cone_by_definition(void)
{
    oracle_rng_t rng = {seed + 2};
    for (int round = 0; round < 100; round++) {
        bf_program_t program = random_program(&rng, 1 + oracle_rng_below(&rng, 25), (size_t)oracle_rng_below(&rng, 120));
        unsigned char reached[25] = {0};
        unsigned char cone[121];
        bool expected[121] = {false};
        const bf_site_t site = oracle_rng_below(&rng, program.n);
        reached[site] = 1;
        size_t count = 0;
        for (size_t i = program.n_ops; i-- > 0;) {
            const bf_op_t observable = {.site = site, .update = -1};
            expected[i] = depends(&observable, &program.ops[i]);
            for (size_t k = i + 1; k < program.n_ops; k++)
                expected[i] = expected[i] || (expected[k] && depends(&program.ops[k], &program.ops[i]));
            count += expected[i];
        }
        CU_ASSERT_EQUAL(bf_light_cone(&program, reached, cone), count);
        for (size_t i = 0; i < program.n_ops; i++)
            CU_ASSERT_EQUAL(cone[i] != 0, expected[i]);
        free(program.ops);
    }
}

int main(void)
{
    seed = oracle_rng_run_seed();
    printf("BONDFLOW_TEST_SEED=%llu\n", (unsigned long long)seed);
    const bf_test_t tests[] = {{"chains and independent tasks", chains_and_independent_tasks},
                               {"first come, first served", first_come_first_served},
                               {"diamond", diamond},
                               {"messages, overhead, submission", costs},
                               {"Graham's bounds", greedy_bounds},
                               {"layers and longest chain by definition", layers_by_definition},
                               {"light cone by definition", cone_by_definition},
                               {NULL, NULL}};
    return bf_cunit_main("schedule", NULL, NULL, tests);
}
