/* test_cmvn.c - global normalisation of frames. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "frontend/cmvn.h"
#include "tests/support/suites.h"

#include <math.h>

static const float mean[3] = {1.0F, -2.0F, 0.5F};
static const float scale[3] = {2.0F, 0.25F, 1.0F};

static void test_cmvn__subtracts_mean_and_scales(void)
{
    float frames[2][3] = {{1.0F, 2.0F, 3.0F}, {0.0F, -2.0F, 0.5F}};
    const float want[2][3] = {{0.0F, 1.0F, 2.5F}, {-2.0F, 0.0F, 0.0F}};
    heed_cmvn cmvn;

    CU_ASSERT_EQUAL(heed_cmvn_init(&cmvn, 3, mean, scale), HEED_OK);
    heed_cmvn_apply(&cmvn, frames[0], 2);
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < 3; i++)
            CU_ASSERT_DOUBLE_EQUAL((double)frames[t][i], (double)want[t][i],
                                   0.0);
    }
}

static void test_cmvn__no_frames_is_nothing(void)
{
    heed_cmvn cmvn;

    CU_ASSERT_EQUAL(heed_cmvn_init(&cmvn, 3, mean, scale), HEED_OK);
    heed_cmvn_apply(&cmvn, NULL, 0);
}

static void test_cmvn__wrong_statistics_are_refused(void)
{
    const float bad[3] = {1.0F, NAN, 1.0F};
    const float worse[3] = {1.0F, 1.0F, INFINITY};
    heed_cmvn cmvn;

    CU_ASSERT_EQUAL(heed_cmvn_init(NULL, 3, mean, scale), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_cmvn_init(&cmvn, 0, mean, scale), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_cmvn_init(&cmvn, 3, NULL, scale), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_cmvn_init(&cmvn, 3, mean, NULL), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_cmvn_init(&cmvn, 3, bad, scale), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(heed_cmvn_init(&cmvn, 3, mean, worse), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(cmvn.n_cepstra, 0);
}

static CU_TestInfo tests[] = {
    {"subtracts_mean_and_scales", test_cmvn__subtracts_mean_and_scales},
    {"no_frames_is_nothing", test_cmvn__no_frames_is_nothing},
    {"wrong_statistics_are_refused", test_cmvn__wrong_statistics_are_refused},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"cmvn", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
