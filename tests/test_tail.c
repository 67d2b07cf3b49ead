/* Splitting off the tail of a program: what nothing follows goes to the back, the order on every site stays. */
#include "cunit_main.h"

#include "codelets/chain.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_SITES = 40, MAX_OPS = 300 };

static int width_of(const bf_op_t *op)
{
    return op->update < 0 ? 1 : 2;
}

/* The operations on site @p s, by the number in @c line, in order. @return how many */
static size_t order_on(const bf_op_t *ops, size_t n_ops, bf_site_t s, int32_t *line)
{
    size_t count = 0;
    for (size_t i = 0; i < n_ops; i++)
        if (ops[i].site <= s && s < ops[i].site + width_of(&ops[i]))
            line[count++] = ops[i].line;
    return count;
}

static void check(const bf_op_t *before, size_t n_ops, bf_site_t n)
{
    bf_op_t after[MAX_OPS];
    unsigned char scratch[MAX_SITES];
    memcpy(after, before, n_ops * sizeof *after);
    const size_t first = bf_tail_split(after, n_ops, n, scratch);
    CU_ASSERT_FATAL(first <= n_ops);
    for (bf_site_t s = 0; s < n; s++) {
        int32_t a[MAX_OPS];
        int32_t b[MAX_OPS];
        const size_t count = order_on(before, n_ops, s, a);
        CU_ASSERT_EQUAL(order_on(after, n_ops, s, b), count);
        CU_ASSERT_EQUAL(memcmp(a, b, count * sizeof *a), 0);
        size_t in_tail = 0;
        for (size_t i = first; i < n_ops; i++) {
            CU_ASSERT(after[i].update >= 0);
            in_tail += after[i].site <= s && s <= after[i].site + 1;
        }
        CU_ASSERT(in_tail <= 1);
    }
    /* Nothing that could be in the tail was left out: every pair before it is followed by something on one of its sites. */
    for (size_t i = 0; i < first; i++) {
        bool followed = after[i].update < 0;
        for (size_t k = i + 1; k < n_ops; k++)
            followed = followed || (after[k].site <= after[i].site + 1 && after[i].site < after[k].site + width_of(&after[k]));
        CU_ASSERT(followed);
    }
}

static void random_programs(void)
{
    const unsigned seed = (unsigned)time(NULL);
    printf("\n  seed %u\n", seed);
    srand(seed);
    for (int i = 0; i < 500; i++) {
        const bf_site_t n = 1 + rand() % MAX_SITES;
        const size_t n_ops = (size_t)(rand() % MAX_OPS);
        bf_op_t ops[MAX_OPS];
        for (size_t k = 0; k < n_ops; k++) {
            const bool single = n < 2 || rand() % 8 == 0;
            ops[k] = (bf_op_t){.site = rand() % (single ? n : n - 1), .line = (int32_t)k, .update = single ? -1 : (int32_t)k};
        }
        check(ops, n_ops, n);
    }
}

/* A brickwork ends in its last half-layer. */
static void last_half_layer(void)
{
    bf_op_t ops[MAX_OPS];
    unsigned char scratch[10];
    size_t n_ops = 0;
    for (int layer = 0; layer < 5; layer++)
        for (bf_site_t s = layer % 2; s + 1 < 10; s += 2, n_ops++)
            ops[n_ops] = (bf_op_t){.site = s, .line = layer, .update = (int32_t)n_ops};
    const size_t first = bf_tail_split(ops, n_ops, 10, scratch);
    CU_ASSERT_EQUAL(n_ops - first, 5);
    for (size_t i = first; i < n_ops; i++)
        CU_ASSERT_EQUAL(ops[i].line, 4);
}

static void features_that_suit(void)
{
    const bf_feature_t local[2] = {{.kind = BF_FEATURE_XYZ}, {.kind = BF_FEATURE_PURITY}};
    const bf_feature_t pairs[2] = {{.kind = BF_FEATURE_XYZ}, {.kind = BF_FEATURE_ZZ, .distance = 1}};
    const bf_feature_t bonds[1] = {{.kind = BF_FEATURE_ENTROPY}};
    CU_ASSERT_TRUE(bf_tail_suits(local, 2));
    CU_ASSERT_FALSE(bf_tail_suits(pairs, 2));
    CU_ASSERT_FALSE(bf_tail_suits(bonds, 1));
}

int main(void)
{
    const bf_test_t tests[] = {{"random programs", random_programs},
                               {"last half-layer", last_half_layer},
                               {"features that suit", features_that_suit},
                               {NULL, NULL}};
    return bf_cunit_main("tail", NULL, NULL, tests);
}
