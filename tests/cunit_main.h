/** @file cunit_main.h
 *  @brief The main function of every CUnit program: runs one suite, fails loudly.
 */
#ifndef BF_CUNIT_MAIN_H
#define BF_CUNIT_MAIN_H

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/** A test and its name; a list ends with {NULL, NULL}. */
typedef struct bf_test {
    const char *name; /**< shown in the report */
    CU_TestFunc run;  /**< the test */
} bf_test_t;

/** @brief Run the tests of @p list as one suite and print a closing line `suite NAME: tests=.. failed=.. asserts=.. failed=..`.
 *  @param init     called before the first test, 0 on success; may be NULL
 *  @param cleanup  called after the last test, 0 on success; may be NULL
 *  @return EXIT_SUCCESS only when every test of the list ran, at least one assertion was made, and none failed. */
static inline int bf_cunit_main(const char *suite_name, CU_InitializeFunc init, CU_CleanupFunc cleanup, const bf_test_t *list)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "suite %s: CUnit could not start: %s\n", suite_name, CU_get_error_msg());
        return EXIT_FAILURE;
    }
    CU_pSuite suite = CU_add_suite(suite_name, init, cleanup);
    unsigned expected = 0;
    for (const bf_test_t *t = list; suite && t->name; ++t, ++expected) {
        if (!CU_add_test(suite, t->name, t->run)) {
            fprintf(stderr, "suite %s: test %s was not added: %s\n", suite_name, t->name, CU_get_error_msg());
            CU_cleanup_registry();
            return EXIT_FAILURE;
        }
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    const CU_ErrorCode error = CU_basic_run_tests();
    const unsigned run = CU_get_number_of_tests_run(), failed = CU_get_number_of_tests_failed();
    const unsigned asserts = CU_get_number_of_asserts(), bad = CU_get_number_of_failures();
    const bool good = error == CUE_SUCCESS && suite && expected > 0 && run == expected && asserts > 0 && failed == 0 &&
                      bad == 0 && CU_get_number_of_suites_failed() == 0;
    printf("suite %s: tests=%u/%u failed=%u asserts=%u failed=%u: %s\n", suite_name, run, expected, failed, asserts, bad,
           good ? "passed" : "FAILED");
    CU_cleanup_registry();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
