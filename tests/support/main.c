/* main.c - runs the suites of one unit test. SPDX-License-Identifier:
 * Apache-2.0
 *
 * Every tests/unit/test_<module>.c defines `heed_suites`; this main runs them.
 * CU_basic_run_tests() tells of errors in running, not of failed tests, hence
 * the exit status is made of the number of failures. */
#include "tests/support/suites.h"

#include <CUnit/Basic.h>
#include <stdlib.h>

int main(void)
{
    int status = EXIT_FAILURE;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return EXIT_FAILURE;
    if (CU_register_suites(heed_suites) == CUE_SUCCESS) {
        CU_basic_set_mode(CU_BRM_VERBOSE);
        if (CU_basic_run_tests() == CUE_SUCCESS &&
            CU_get_number_of_tests_run() > 0 &&
            CU_get_number_of_failures() == 0)
            status = EXIT_SUCCESS;
    }
    CU_cleanup_registry();
    return status;
}
