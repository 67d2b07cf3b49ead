/* What the kernel tests share: seeded random tensors of any type and element access in double complex. */
#ifndef BF_KERNELS_TESTING_H
#define BF_KERNELS_TESTING_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernels/gate.h"
#include "kernels/tensor.h"

static uint64_t test_state;

/* Seed from BF_TEST_SEED, else from the clock; printed, so that a failure can be repeated. */
static inline void test_seed(void)
{
    const char *given = getenv("BF_TEST_SEED");
    const uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("BF_TEST_SEED=%llu\n", (unsigned long long)seed);
    test_state = seed * 2862933555777941757ULL + 3037000493ULL;
}

/* splitmix64 mapped to (0, 1). */
static inline double test_uniform(void)
{
    uint64_t z = (test_state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static inline double test_normal(void)
{
    return sqrt(-2.0 * log(test_uniform())) * cos(6.283185307179586 * test_uniform());
}

static inline bf_dim_t test_dim(bf_dim_t max)
{
    return 1 + (bf_dim_t)(test_uniform() * (double)max) % max;
}

static inline void *test_alloc(size_t bytes)
{
    void *p = aligned_alloc(BF_ALIGN, bf_align_up(bytes ? bytes : 1));
    if (!p)
        abort();
    return p;
}

static inline bf_z_t test_get(bf_type_t type, const void *p, bf_dim_t i)
{
    switch (type) {
    case BF_TYPE_Z:
        return ((const double _Complex *)p)[i];
    case BF_TYPE_C:
        return (bf_z_t)((const float _Complex *)p)[i];
    case BF_TYPE_D:
        return ((const double *)p)[i];
    case BF_TYPE_S:
    default:
        return (double)((const float *)p)[i];
    }
}

static inline void test_set(bf_type_t type, void *p, bf_dim_t i, bf_z_t x)
{
    switch (type) {
    case BF_TYPE_Z:
        ((double _Complex *)p)[i] = x;
        break;
    case BF_TYPE_C:
        ((float _Complex *)p)[i] = (float _Complex)x;
        break;
    case BF_TYPE_D:
        ((double *)p)[i] = creal(x);
        break;
    case BF_TYPE_S:
    default:
        ((float *)p)[i] = (float)creal(x);
        break;
    }
}

/* Unit roundoff of a type. */
static inline double test_unit(bf_type_t type)
{
    return bf_type_is_single(type) ? 0x1p-24 : 0x1p-53;
}

/* A tensor with memory of its own: free with test_free(). */
static inline bf_tensor_t test_tensor(bf_type_t type, bf_weight_t weight, bf_dim_t chi_l, bf_dim_t d, bf_dim_t chi_r)
{
    bf_tensor_t t = {type, weight, chi_l, d, chi_r, NULL, NULL};
    bf_tensor_attach(&t, test_alloc(bf_tensor_bytes(&t)));
    for (bf_dim_t i = 0; weight == BF_WEIGHT_DIAG && i < chi_l; i++)
        ((double *)t.w)[i] = 1.0;
    return t;
}

static inline void test_free(bf_tensor_t *t)
{
    free(t->w ? t->w : t->b);
    t->w = t->b = NULL;
}

/* Gaussian entries; descending weights of unit norm when there are any. */
static inline bf_tensor_t test_random(bf_type_t type, bf_weight_t weight, bf_dim_t chi_l, bf_dim_t d, bf_dim_t chi_r)
{
    bf_tensor_t t = test_tensor(type, weight, chi_l, d, chi_r);
    const double scale = 1.0 / sqrt((double)(d * chi_r));
    for (bf_dim_t i = 0; i < chi_l * d * chi_r; i++) {
        const double re = scale * test_normal();
        test_set(type, t.b, i, re + I * scale * test_normal());
    }
    double norm = 0.0;
    for (bf_dim_t i = 0; weight == BF_WEIGHT_DIAG && i < chi_l; i++) {
        ((double *)t.w)[i] = exp(-0.2 * (double)i);
        norm += exp(-0.4 * (double)i);
    }
    for (bf_dim_t i = 0; weight == BF_WEIGHT_DIAG && i < chi_l; i++)
        ((double *)t.w)[i] /= sqrt(norm);
    return t;
}

/* A random unitary gate by Gram-Schmidt; real orthogonal when @p real. */
static inline bf_gate2_t test_gate(bool real)
{
    bf_gate2_t g = {.schmidt_rank = 0, .real = false};
    for (int i = 0; i < 4; i++) {
        bf_z_t *row = g.u + 4 * i;
        for (int j = 0; j < 4; j++)
            row[j] = test_normal() + (real ? 0.0 : I * test_normal());
        for (int k = 0; k < i; k++) {
            bf_z_t dot = 0.0;
            for (int j = 0; j < 4; j++)
                dot += conj(g.u[4 * k + j]) * row[j];
            for (int j = 0; j < 4; j++)
                row[j] -= dot * g.u[4 * k + j];
        }
        double norm = 0.0;
        for (int j = 0; j < 4; j++)
            norm += creal(row[j]) * creal(row[j]) + cimag(row[j]) * cimag(row[j]);
        for (int j = 0; j < 4; j++)
            row[j] /= sqrt(norm);
    }
    bf_gate2_classify(&g);
    return g;
}

/* Run one suite of tests and turn CUnit's verdict into an exit code. */
static inline int test_main(const char *name, const CU_TestInfo *tests)
{
    test_seed();
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    CU_pSuite suite = CU_add_suite(name, NULL, NULL);
    for (; suite && tests->pName; tests++) {
        if (!CU_add_test(suite, tests->pName, tests->pTestFunc))
            return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    const unsigned failures = CU_get_number_of_failures();
    const unsigned ran = CU_get_number_of_tests_run();
    CU_cleanup_registry();
    return failures > 0 || ran == 0;
}

#endif
