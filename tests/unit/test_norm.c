/* test_norm.c - layer normalisation of rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/norm.h"

#include <math.h>

#include "asr/base/cpu.h"
#include "tests/support/suites.h"

static void test_norm__each_row_by_itself_and_in_place(void)
{
    static const float weight[4] = {1, 2, 3, 4};
    const heed_norm norm = {.n_values = 4, .weight = weight, .eps = 1e-5f};
    float x[2][4] = {{1, 2, 3, 4}, {10, 10, 10, 14}};
    heed_norm_forward(&norm, &x[0][0], &x[0][0], 2,
                      heed_kernels_get(heed_cpu_flags()));
    const double first = sqrt(1.25 + 1e-5);
    CU_ASSERT_DOUBLE_EQUAL((double)x[0][0], -1.5 / first, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL((double)x[0][3], 4.0 * 1.5 / first, 1e-6);
    const double second = sqrt(3.0 + 1e-5);
    CU_ASSERT_DOUBLE_EQUAL((double)x[1][1], -2.0 / second, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL((double)x[1][3], 4.0 * 3.0 / second, 2e-6);
}

static CU_TestInfo tests[] = {
    {"test_norm__each_row_by_itself_and_in_place",
     test_norm__each_row_by_itself_and_in_place},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"norm", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
