/* Grouping never changes the order of operations on a site, and places each of them once. */
#include "cunit_main.h"

#include "runtime/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Replays what the planner hands out and compares with the program's order on every site. */
typedef struct replay {
    const bf_program_t *program;
    size_t *next;   /* per site: how many of its operations have been placed */
    size_t **order; /* per site: its operations in program order */
    size_t placed;
    size_t blocks;
    size_t gates;
    bool sound;
} replay_t;

static void place(replay_t *r, uint32_t i)
{
    const bf_op_t *op = &r->program->ops[i];
    const int width = op->update < 0 ? 1 : 2;
    for (int k = 0; k < width; k++) {
        const bf_site_t s = op->site + k;
        if (r->order[s][r->next[s]] != i)
            r->sound = false;
        r->next[s]++;
    }
    r->placed++;
}

static bf_status_t take_block(void *arg, const bf_site_t *sites, int n_sites, const bf_block_item_t *items, size_t n_items,
                              double flops)
{
    replay_t *r = arg;
    r->blocks++;
    for (int i = 1; i < n_sites; i++)
        if (sites[i] <= sites[i - 1])
            r->sound = false;
    for (size_t i = 0; i < n_items; i++) {
        const bf_op_t *op = &r->program->ops[items[i].op];
        const uint32_t at = items[i].buffer;
        if (at >= (uint32_t)n_sites || sites[at] != op->site)
            r->sound = false;
        if (op->update >= 0 && (at + 1 >= (uint32_t)n_sites || sites[at + 1] != op->site + 1))
            r->sound = false;
        place(r, items[i].op);
    }
    if (!(flops > 0.0))
        r->sound = false;
    return BF_OK;
}

static bf_status_t take_gate(void *arg, uint32_t op, double us)
{
    replay_t *r = arg;
    r->gates++;
    if (!(us > 0.0))
        r->sound = false;
    place(r, op);
    return BF_OK;
}

static bf_program_t random_program(bf_site_t n, size_t n_ops, bf_gate2_t *gate)
{
    bf_program_t program = {.n = n, .n_ops = n_ops, .gates2 = gate, .n_gates2 = 1};
    program.ops = calloc(n_ops, sizeof *program.ops);
    const int kind = rand() % 3;
    for (size_t i = 0; i < n_ops; i++) {
        const bool single = n < 2 || rand() % 10 == 0;
        bf_site_t site = rand() % (single ? n : n - 1);
        if (kind == 1 && !single) /* a ladder: one long chain of dependencies */
            site = (bf_site_t)(i % (size_t)(n - 1));
        program.ops[i] = (bf_op_t){.site = site, .update = single ? -1 : (int32_t)program.n_updates++};
    }
    return program;
}

static void replay(const bf_program_t *program, const bf_plan_options_t *options, bool heavy, replay_t *r)
{
    const size_t n = (size_t)program->n;
    *r = (replay_t){.program = program, .next = calloc(n, sizeof *r->next), .order = calloc(n, sizeof *r->order), .sound = true};
    size_t *count = calloc(n, sizeof *count);
    for (size_t s = 0; s < n; s++)
        r->order[s] = calloc(program->n_ops + 1, sizeof **r->order);
    for (size_t i = 0; i < program->n_ops; i++)
        for (int k = 0; k < (program->ops[i].update < 0 ? 1 : 2); k++) {
            const bf_site_t s = program->ops[i].site + k;
            r->order[s][count[s]++] = i;
        }
    bf_dim_t chi[n + 1];
    const bf_plan_sink_t sink = {.block = take_block, .gate = take_gate, .arg = r};
    for (size_t first = 0; first < program->n_ops;) {
        for (size_t b = 0; b <= n; b++)
            chi[b] = b == 0 || b == n ? 1 : (heavy ? 1 + rand() % 300 : 1 + rand() % 4);
        const size_t before = first;
        CU_ASSERT_EQUAL_FATAL(bf_plan_next(program, chi, first, options, &sink, &first), BF_OK);
        CU_ASSERT_FATAL(first > before);
        CU_ASSERT_EQUAL(r->placed, first);
    }
    CU_ASSERT_TRUE(r->sound);
    CU_ASSERT_EQUAL(r->placed, program->n_ops);
    for (size_t s = 0; s < n; s++)
        free(r->order[s]);
    free(r->order);
    free(r->next);
    free(count);
}

static void every_operation_once_and_in_order(void)
{
    const unsigned seed = (unsigned)time(NULL);
    printf("\n  seed %u\n", seed);
    srand(seed);
    bf_gate2_t gate = {.schmidt_rank = 4};
    for (int i = 0; i < 200; i++) {
        bf_program_t program = random_program(1 + rand() % 120, (size_t)(1 + rand() % 3000), &gate);
        const bf_plan_options_t options = {
            .max_dim = rand() % 2 ? 0 : 64, .grain_us = 1.0 + rand() % 2000, .workers = 1 + rand() % 64, .ranks = 1 + rand() % 5};
        replay_t r;
        replay(&program, &options, i % 2 == 1, &r);
        free(program.ops);
    }
}

/* 100 sites, brickwork of 50 layers at bond 2: far fewer tasks than gates. */
static void cheap_gates_share_tasks(void)
{
    bf_gate2_t gate = {.schmidt_rank = 1};
    bf_program_t program = {.n = 100, .gates2 = &gate, .n_gates2 = 1, .ops = calloc(50 * 50, sizeof *program.ops)};
    for (int layer = 0; layer < 50; layer++)
        for (bf_site_t s = layer % 2; s + 1 < 100; s += 2)
            program.ops[program.n_ops++] = (bf_op_t){.site = s, .update = (int32_t)program.n_updates++};
    const bf_plan_options_t options = {.max_dim = 1024, .grain_us = 200.0, .workers = 2, .ranks = 1};
    replay_t r;
    replay(&program, &options, false, &r);
    CU_ASSERT_EQUAL(r.gates, 0);
    CU_ASSERT(r.blocks * 20 <= program.n_ops);
    free(program.ops);
}

static void heavy_gates_stand_alone(void)
{
    bf_gate2_t gate = {.schmidt_rank = 4};
    bf_op_t ops[3] = {{.site = 0, .update = 0}, {.site = 2, .update = 1}, {.site = 1, .update = 2}};
    const bf_program_t program = {.n = 4, .n_ops = 3, .n_updates = 3, .ops = ops, .gates2 = &gate, .n_gates2 = 1};
    const bf_dim_t chi[5] = {512, 512, 512, 512, 512};
    const bf_plan_options_t options = {.max_dim = 512, .grain_us = 200.0, .workers = 2, .ranks = 1};
    size_t order[4][4] = {{0}, {0, 2}, {1, 2}, {1}};
    size_t *rows[4] = {order[0], order[1], order[2], order[3]};
    size_t next[4] = {0};
    replay_t r = {.program = &program, .next = next, .order = rows, .sound = true};
    const bf_plan_sink_t sink = {.block = take_block, .gate = take_gate, .arg = &r};
    size_t end = 0;
    CU_ASSERT_EQUAL(bf_plan_next(&program, chi, 0, &options, &sink, &end), BF_OK);
    CU_ASSERT_EQUAL(end, 3);
    CU_ASSERT_EQUAL(r.gates, 3);
    CU_ASSERT_TRUE(r.sound);
}

/* The bound follows the rank of the gate, the neighbours and MaxDim; memory follows the bound. */
static void bounds(void)
{
    bf_gate2_t gates[2] = {{.schmidt_rank = 2}, {.schmidt_rank = 4}};
    bf_op_t ops[2] = {{.site = 1, .matrix = 0, .update = 0}, {.site = 1, .matrix = 1, .update = 1}};
    const bf_program_t program = {.n = 4, .n_ops = 2, .n_updates = 2, .ops = ops, .gates2 = gates, .n_gates2 = 2};
    const bf_dim_t chi[5] = {1, 8, 3, 8, 1};
    CU_ASSERT_EQUAL(bf_plan_bound(&program, &ops[0], chi, 0), 6);
    CU_ASSERT_EQUAL(bf_plan_bound(&program, &ops[1], chi, 0), 12);
    CU_ASSERT_EQUAL(bf_plan_bound(&program, &ops[1], chi, 5), 5);
    size_t largest = 0;
    size_t total = 0;
    bf_plan_memory(&program, chi, 10, &largest, &total);
    CU_ASSERT_EQUAL(largest, 128 + 10 * 2 * 8 * 16); /* ten weights, rounded up, and the block */
    CU_ASSERT(total > 2 * largest);
}

int main(void)
{
    const bf_test_t tests[] = {{"every operation once and in order", every_operation_once_and_in_order},
                               {"cheap gates share tasks", cheap_gates_share_tasks},
                               {"heavy gates stand alone", heavy_gates_stand_alone},
                               {"bounds", bounds},
                               {NULL, NULL}};
    return bf_cunit_main("plan", NULL, NULL, tests);
}
