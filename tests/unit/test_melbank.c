/* test_melbank.c - energies in mel bands. SPDX-License-Identifier: Apache-2.0
 */
#include "frontend/melbank.h"
#include "tests/support/suites.h"

#include <math.h>
#include <string.h>

enum { FFT = 512, POWERS = FFT / 2 + 1, MELS = 80 };

static const heed_melbank_config usual = {MELS, FFT, 16000.0, 20.0, 0.0};

static heed_melbank *create(const heed_melbank_config *config)
{
    heed_melbank *bank = NULL;

    CU_ASSERT_EQUAL_FATAL(heed_melbank_create(&bank, config), HEED_OK);
    return bank;
}

static double mel(double hz)
{
    return 1127.0 * log(1.0 + hz / 700.0);
}

static void test_melbank__weights_are_triangles_in_mel(void)
{
    heed_melbank *bank = create(&usual);
    const double step = (mel(8000.0) - mel(20.0)) / (MELS + 1);
    double max_error = 0.0;

    for (size_t k = 0; k < POWERS; k++) {
        float power[POWERS] = {0};
        float mels[MELS];

        power[k] = 1.0F;
        heed_melbank_apply(bank, mels, power);
        for (size_t m = 0; m < MELS; m++) {
            const double centre = mel(20.0) + (double)(m + 1) * step;
            const double away = fabs(mel((double)k * 31.25) - centre) / step;
            const double want = k == FFT / 2 ? 0.0 : fmax(0.0, 1.0 - away);

            max_error = fmax(max_error, fabs((double)mels[m] - want));
        }
    }
    CU_ASSERT_TRUE(max_error < 1e-6);
    heed_melbank_destroy(bank);
}

/* Between the centres of the first and last band the triangles sum to 1. */
static void test_melbank__neighbours_sum_to_one(void)
{
    heed_melbank *bank = create(&usual);
    const double step = (mel(8000.0) - mel(20.0)) / (MELS + 1);

    for (size_t k = 0; k < POWERS - 1; k++) {
        const double at = (mel((double)k * 31.25) - mel(20.0)) / step;
        float power[POWERS] = {0};
        float mels[MELS];
        double sum = 0.0;

        if (at < 1.0 || at > MELS)
            continue;
        power[k] = 1.0F;
        heed_melbank_apply(bank, mels, power);
        for (size_t m = 0; m < MELS; m++)
            sum += (double)mels[m];
        CU_ASSERT_TRUE(fabs(sum - 1.0) < 1e-6);
    }
    heed_melbank_destroy(bank);
}

static void test_melbank__negative_high_counts_from_nyquist(void)
{
    heed_melbank_config below = usual;
    heed_melbank_config absolute = usual;
    heed_melbank *banks[2];
    float power[POWERS];
    float mels[2][MELS];

    below.high_hz = -400.0;
    absolute.high_hz = 7600.0;
    banks[0] = create(&below);
    banks[1] = create(&absolute);
    for (size_t k = 0; k < POWERS; k++)
        power[k] = (float)k;
    heed_melbank_apply(banks[0], mels[0], power);
    heed_melbank_apply(banks[1], mels[1], power);
    CU_ASSERT_EQUAL(memcmp(mels[0], mels[1], sizeof mels[0]), 0);
    heed_melbank_destroy(banks[0]);
    heed_melbank_destroy(banks[1]);
}

static void test_melbank__bands_without_power_are_zero(void)
{
    const heed_melbank_config narrow = {200, 128, 16000.0, 20.0, 0.0};
    heed_melbank *bank = create(&narrow);
    float power[65];
    float mels[200];
    size_t n_empty = 0;

    for (size_t k = 0; k < 65; k++)
        power[k] = 1.0F;
    heed_melbank_apply(bank, mels, power);
    for (size_t m = 0; m < 200; m++) {
        CU_ASSERT_TRUE(mels[m] >= 0.0F);
        n_empty += !(mels[m] > 0.0F);
    }
    CU_ASSERT_TRUE(n_empty > 0);
    heed_melbank_destroy(bank);
}

static void test_melbank__wrong_configurations_are_refused(void)
{
    const heed_melbank_config wrong[] = {
        {0, FFT, 16000.0, 20.0, 0.0},       {1025, FFT, 16000.0, 20.0, 0.0},
        {80, 400, 16000.0, 20.0, 0.0},      {80, 0, 16000.0, 20.0, 0.0},
        {80, FFT, 0.0, 20.0, 0.0},          {80, FFT, 16000.0, -1.0, 0.0},
        {80, FFT, 16000.0, 20.0, 8001.0},   {80, FFT, 16000.0, 500.0, 400.0},
        {80, FFT, 16000.0, 20.0, -8000.0},  {80, FFT, (double)NAN, 20.0, 0.0},
        {80, FFT, 16000.0, (double)NAN, 0}, {80, FFT, 16000.0, 0, (double)NAN},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        heed_melbank *bank = (heed_melbank *)&bank;

        CU_ASSERT_EQUAL(heed_melbank_create(&bank, &wrong[i]), HEED_ERR_ARG);
        CU_ASSERT_PTR_NULL(bank);
    }
    CU_ASSERT_EQUAL(heed_melbank_create(NULL, &usual), HEED_ERR_ARG);
    heed_melbank_destroy(NULL);
}

static CU_TestInfo tests[] = {
    {"weights_are_triangles_in_mel",
     test_melbank__weights_are_triangles_in_mel},
    {"neighbours_sum_to_one", test_melbank__neighbours_sum_to_one},
    {"negative_high_counts_from_nyquist",
     test_melbank__negative_high_counts_from_nyquist},
    {"bands_without_power_are_zero",
     test_melbank__bands_without_power_are_zero},
    {"wrong_configurations_are_refused",
     test_melbank__wrong_configurations_are_refused},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"melbank", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
