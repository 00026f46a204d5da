/* test_fft.c - the power spectrum of a window. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "frontend/fft.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

#include <math.h>

#define PI    3.14159265358979323846
#define LARGE 1024U

static double slow_power(const float *x, size_t n, size_t k)
{
    double re = 0.0;
    double im = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double angle = 2.0 * PI * (double)(i * k % n) / (double)n;

        re += (double)x[i] * cos(angle);
        im -= (double)x[i] * sin(angle);
    }
    return re * re + im * im;
}

static void test_fft__agrees_with_the_definition(void)
{
    static float x[LARGE];
    static float power[LARGE / 2 + 1];

    for (size_t n = 4; n <= LARGE; n *= 2) {
        heed_fft *fft = NULL;
        double signal = 0.0;
        double noise = 0.0;

        heed_test_fill_noise(x, n, 1.0F, (uint32_t)n);
        CU_ASSERT_EQUAL_FATAL(heed_fft_create(&fft, n), HEED_OK);
        heed_fft_power(fft, power, x);
        for (size_t k = 0; k <= n / 2; k++) {
            const double want = slow_power(x, n, k);
            const double error = (double)power[k] - want;

            signal += want * want;
            noise += error * error;
        }
        CU_ASSERT_TRUE(10.0 * log10(signal / (noise + 1e-300)) > 110.0);
        heed_fft_destroy(fft);
    }
}

static void test_fft__zeros_give_zeros(void)
{
    static const float x[64] = {0};
    float power[33];
    heed_fft *fft = NULL;

    CU_ASSERT_EQUAL_FATAL(heed_fft_create(&fft, 64), HEED_OK);
    heed_fft_power(fft, power, x);
    for (size_t k = 0; k < 33; k++)
        CU_ASSERT_TRUE(power[k] <= 0.0F && power[k] >= 0.0F);
    heed_fft_destroy(fft);
}

static void test_fft__wrong_sizes_are_refused(void)
{
    static const size_t sizes[] = {0, 1, 2, 3, 400, 511, 131072};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        heed_fft *fft = (heed_fft *)&fft;

        CU_ASSERT_EQUAL(heed_fft_create(&fft, sizes[i]), HEED_ERR_ARG);
        CU_ASSERT_PTR_NULL(fft);
    }
    CU_ASSERT_EQUAL(heed_fft_create(NULL, 64), HEED_ERR_ARG);
    heed_fft_destroy(NULL);
}

static CU_TestInfo tests[] = {
    {"agrees_with_the_definition", test_fft__agrees_with_the_definition},
    {"zeros_give_zeros", test_fft__zeros_give_zeros},
    {"wrong_sizes_are_refused", test_fft__wrong_sizes_are_refused},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"fft", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
