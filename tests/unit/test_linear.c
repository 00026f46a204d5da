/* test_linear.c - linear layers with both kinds of weights.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/linear.h"

#include "asr/base/cpu.h"
#include "tests/support/suites.h"

static const float x[2][3] = {{1, 2, 3}, {-1, 0, 4}};
static const float bias[2] = {10, 20};

static void test_linear__float_weights(void)
{
    static const float w[2][3] = {{1, 0, 2}, {-1, 3, 0.5f}};
    const heed_linear linear = {
        .n_in = 3, .n_out = 2, .f32 = &w[0][0], .bias = bias};
    float y[2][2];
    heed_linear_forward(&linear, &y[0][0], &x[0][0], 2,
                        heed_kernels_get(heed_cpu_flags()));
    CU_ASSERT_EQUAL(y[0][0], 17.0f);
    CU_ASSERT_EQUAL(y[0][1], 26.5f);
    CU_ASSERT_EQUAL(y[1][0], 17.0f);
    CU_ASSERT_EQUAL(y[1][1], 23.0f);
}

static void test_linear__int8_weights_with_scales(void)
{
    static const int8_t w[2][3] = {{1, 0, 2}, {-128, 127, 4}};
    static const float scale[2] = {0.5f, 0.25f};
    const heed_linear linear = {
        .n_in = 3, .n_out = 2, .i8 = &w[0][0], .scale = scale};
    float y[2][2];
    heed_linear_forward(&linear, &y[0][0], &x[0][0], 2,
                        heed_kernels_get(heed_cpu_flags()));
    CU_ASSERT_DOUBLE_EQUAL((double)y[0][0], 3.5, 0.05);
    CU_ASSERT_DOUBLE_EQUAL((double)y[0][1], 34.5, 0.05);
    CU_ASSERT_DOUBLE_EQUAL((double)y[1][0], 3.5, 0.05);
    CU_ASSERT_DOUBLE_EQUAL((double)y[1][1], 36.0, 0.05);
}

static void test_linear__strides_skip_what_is_between(void)
{
    static const float w[1][2] = {{1, 10}};
    const heed_linear linear = {.n_in = 2, .n_out = 1, .f32 = &w[0][0]};
    float y[4] = {-1, -1, -1, -1};
    heed_linear_forward_strided(&linear, y, 2, &x[0][0], 3, 2,
                                heed_kernels_get(heed_cpu_flags()));
    CU_ASSERT_EQUAL(y[0], 21.0f);
    CU_ASSERT_EQUAL(y[1], -1.0f);
    CU_ASSERT_EQUAL(y[2], -1.0f);
    CU_ASSERT_EQUAL(y[3], -1.0f);
}

static CU_TestInfo tests[] = {
    {"test_linear__float_weights", test_linear__float_weights},
    {"test_linear__int8_weights_with_scales",
     test_linear__int8_weights_with_scales},
    {"test_linear__strides_skip_what_is_between",
     test_linear__strides_skip_what_is_between},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"linear", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
