/* test_profile.c - time by stages. SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/profile.h"

#include <time.h>

#include "tests/support/suites.h"

static void work(double seconds)
{
    const clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);

    while (clock() < end) {
    }
}

static void test_profile__time_belongs_to_the_innermost_stage(void)
{
    heed_profile profile;
    heed_stage outer;
    heed_stage inner;

    heed_profile_begin(&profile);
    outer = heed_profile_enter(&profile, HEED_STAGE_SEARCH);
    CU_ASSERT_EQUAL(outer, HEED_STAGE_REST);
    work(0.01);
    inner = heed_profile_enter(&profile, HEED_STAGE_DECODER);
    CU_ASSERT_EQUAL(inner, HEED_STAGE_SEARCH);
    work(0.04);
    heed_profile_leave(&profile, inner);
    work(0.01);
    heed_profile_leave(&profile, outer);
    CU_ASSERT_EQUAL(profile.now, HEED_STAGE_REST);
    CU_ASSERT_EQUAL(profile.counts[HEED_STAGE_SEARCH].n_calls, 1);
    CU_ASSERT_EQUAL(profile.counts[HEED_STAGE_DECODER].n_calls, 1);
    CU_ASSERT_EQUAL(profile.counts[HEED_STAGE_LM].n_calls, 0);
    CU_ASSERT_EQUAL(profile.counts[HEED_STAGE_LM].time_ns, 0);
    CU_ASSERT(profile.counts[HEED_STAGE_SEARCH].time_ns > 15000000);
    CU_ASSERT(profile.counts[HEED_STAGE_DECODER].time_ns > 30000000);
    CU_ASSERT(profile.counts[HEED_STAGE_DECODER].time_ns >
              profile.counts[HEED_STAGE_SEARCH].time_ns);
}

static void test_profile__nobody_asks(void)
{
    const heed_stage before = heed_profile_enter(NULL, HEED_STAGE_STEM);

    heed_profile_leave(NULL, before);
    CU_ASSERT_EQUAL(before, HEED_STAGE_REST);
}

static void test_profile__stages_have_names(void)
{
    CU_ASSERT_STRING_EQUAL(heed_stage_text(HEED_STAGE_VOCABULARY),
                           "vocabulary");
    CU_ASSERT_STRING_EQUAL(heed_stage_text(HEED_N_STAGES), "?");
}

static CU_TestInfo tests[] = {
    {"test_profile__time_belongs_to_the_innermost_stage",
     test_profile__time_belongs_to_the_innermost_stage},
    {"test_profile__nobody_asks", test_profile__nobody_asks},
    {"test_profile__stages_have_names", test_profile__stages_have_names},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"profile", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
