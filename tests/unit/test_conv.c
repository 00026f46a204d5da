/* test_conv.c - convolution over time. SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/conv.h"

#include "asr/base/cpu.h"
#include "tests/support/suites.h"

enum { CHANNELS = 2, TAPS = 3, OUT = 2, FRAMES = 12 };

static const float w[OUT][TAPS][CHANNELS] = {
    {{1, 0}, {0, 1}, {2, 2}},
    {{-1, 3}, {4, 0}, {0, -2}},
};
static const float bias[OUT] = {0.5f, -0.5f};

static heed_conv conv_with_step(size_t step)
{
    return (heed_conv){
        .linear = {.n_in = TAPS * CHANNELS,
                   .n_out = OUT,
                   .f32 = &w[0][0][0],
                   .bias = bias},
        .n_channels = CHANNELS,
        .n_taps = TAPS,
        .step = step,
    };
}

static void test_conv__is_the_sum_over_taps_and_channels(void)
{
    float x[FRAMES][CHANNELS];
    for (size_t t = 0; t < FRAMES; t++)
        for (size_t c = 0; c < CHANNELS; c++)
            x[t][c] = (float)((7 * t + 3 * c) % 11);
    for (size_t step = 1; step <= 4; step++) {
        const heed_conv conv = conv_with_step(step);
        const size_t count = heed_conv_count(&conv, FRAMES);
        float y[FRAMES][OUT];
        heed_conv_forward(&conv, &y[0][0], &x[0][0], count,
                          heed_kernels_get(heed_cpu_flags()));
        for (size_t t = 0; t < count; t++)
            for (size_t o = 0; o < OUT; o++) {
                float expected = bias[o];
                for (size_t k = 0; k < TAPS; k++)
                    for (size_t c = 0; c < CHANNELS; c++)
                        expected += w[o][k][c] * x[t * step + k][c];
                CU_ASSERT_EQUAL(y[t][o], expected);
            }
    }
}

static void test_conv__count_is_of_whole_windows(void)
{
    heed_conv conv = conv_with_step(3);
    CU_ASSERT_EQUAL(heed_conv_count(&conv, 0), 0);
    CU_ASSERT_EQUAL(heed_conv_count(&conv, 2), 0);
    CU_ASSERT_EQUAL(heed_conv_count(&conv, 3), 1);
    CU_ASSERT_EQUAL(heed_conv_count(&conv, 5), 1);
    CU_ASSERT_EQUAL(heed_conv_count(&conv, 6), 2);
    conv.step = 1;
    CU_ASSERT_EQUAL(heed_conv_count(&conv, 6), 4);
}

static CU_TestInfo tests[] = {
    {"test_conv__is_the_sum_over_taps_and_channels",
     test_conv__is_the_sum_over_taps_and_channels},
    {"test_conv__count_is_of_whole_windows",
     test_conv__count_is_of_whole_windows},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"conv", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
