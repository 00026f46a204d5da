/* test_progress.c - attention that moves on, glances, stays and goes back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/progress.h"

#include "tests/support/suites.h"

static heed_progress progress;

/* Follows `n` tokens that look at `rows`; returns how many went in before it
 * was a loop. */
static size_t follow(const size_t *rows, size_t n)
{
    heed_progress_begin(&progress, 0, 0);
    for (size_t i = 0; i < n; i++) {
        heed_progress_follow(&progress, i, rows[i]);
        if (heed_progress_is_loop(&progress))
            return i + 1;
    }
    return n;
}

static void test_progress__speech_moves_on(void)
{
    static const size_t rows[] = {3, 9, 9, 14, 13, 20, 28};

    CU_ASSERT_EQUAL(follow(rows, 7), 7);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 7, false), 7);
    CU_ASSERT_EQUAL(progress.row, 28);
}

static void test_progress__glance_ahead_does_not_count(void)
{
    static const size_t rows[] = {5, 90, 9, 14, 20};

    CU_ASSERT_EQUAL(follow(rows, 5), 5);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 5, true), 5);
    CU_ASSERT_EQUAL(progress.row, 20);
}

/* The first tokens of a sentence may look at the end of a long memory. */
static void test_progress__few_glances_far_ahead_do_not_count(void)
{
    static const size_t glances[] = {698, 698, 20, 25, 31, 40};
    static const size_t skip[] = {5, 300, 302, 304, 306, 308, 310};

    CU_ASSERT_EQUAL(follow(glances, 6), 6);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 6, true), 6);
    CU_ASSERT_EQUAL(progress.row, 40);
    follow(skip, 7);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 7, true), 7);
    CU_ASSERT_EQUAL(progress.row, 310);
}

static void test_progress__text_begun_anew_is_a_loop(void)
{
    static const size_t rows[] = {10, 20, 30, 40, 41, 2, 10, 20, 21, 22};

    CU_ASSERT_EQUAL(follow(rows, 10), 9);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 9, false), 4);
    follow(rows, 9);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 9, true), 5);
}

/* The second time ends a little before what the last token of the first one
 * looked at, and that only once. */
static void test_progress__text_said_again_at_its_end_is_not_kept(void)
{
    static const size_t rows[] = {21, 29, 39, 56, 77, 4, 38, 61, 75, 95, 97};

    CU_ASSERT_EQUAL(follow(rows, 9), 9);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 9, true), 5);
    CU_ASSERT_EQUAL(follow(rows, 11), 11);
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 11, true), 11);
}

static void test_progress__staying_is_a_loop(void)
{
    heed_progress_begin(&progress, 3, 50);
    for (size_t i = 0; i < 9; i++) {
        CU_ASSERT_FALSE(heed_progress_is_loop(&progress));
        if (i % 2 == 0)
            heed_progress_skip(&progress);
        else
            heed_progress_follow(&progress, 3 + i, 50);
    }
    heed_progress_skip(&progress);
    CU_ASSERT_TRUE(heed_progress_is_loop(&progress));
    CU_ASSERT_EQUAL(heed_progress_end(&progress, 13, false), 3);
}

static CU_TestInfo tests[] = {
    {"speech moves on", test_progress__speech_moves_on},
    {"glance ahead does not count", test_progress__glance_ahead_does_not_count},
    {"few glances far ahead do not count",
     test_progress__few_glances_far_ahead_do_not_count},
    {"text begun anew is a loop", test_progress__text_begun_anew_is_a_loop},
    {"text said again at its end is not kept",
     test_progress__text_said_again_at_its_end_is_not_kept},
    {"staying is a loop", test_progress__staying_is_a_loop},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"progress", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
