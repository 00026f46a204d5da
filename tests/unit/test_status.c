/* test_status.c - the list of statuses. SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/status.h"
#include "tests/support/suites.h"

#include <string.h>

static const heed_status statuses[] = {
#define STATUS(name, value, text) name,
    HEED_STATUS_MAP(STATUS)
#undef STATUS
};
#define N_STATUSES (sizeof statuses / sizeof statuses[0])

static void test_status__texts_are_all_different(void)
{
    for (size_t i = 0; i < N_STATUSES; i++) {
        CU_ASSERT_TRUE(strlen(heed_status_text(statuses[i])) > 0);
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(heed_status_text(statuses[i]),
                                       heed_status_text(statuses[j]));
    }
}

static void test_status__sign_tells_failure_from_expected(void)
{
    CU_ASSERT_EQUAL(HEED_OK, 0);
    CU_ASSERT_TRUE(HEED_AGAIN > 0 && HEED_END > 0);
    CU_ASSERT_TRUE(HEED_ERR_ARG < 0 && HEED_ERR_DEVICE < 0);
}

static void test_status__unknown_value_has_a_text(void)
{
    CU_ASSERT_STRING_EQUAL(heed_status_text((heed_status)-99),
                           "unknown status");
}

static void test_status__version_is_the_projects(void)
{
    CU_ASSERT_STRING_EQUAL(heed_version(), HEED_TEST_VERSION);
}

static CU_TestInfo tests[] = {
    {"texts_are_all_different", test_status__texts_are_all_different},
    {"sign_tells_failure_from_expected",
     test_status__sign_tells_failure_from_expected},
    {"unknown_value_has_a_text", test_status__unknown_value_has_a_text},
    {"version_is_the_projects", test_status__version_is_the_projects},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"status", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
