/* test_eval_bootstrap.c - intervals, tests, calibration.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/bootstrap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suites.h"

/* An utterance with `n_words` words of which the first `n_wrong` are wrong. */
static void add_item(eval_system *system, const char *speaker, size_t n_words,
                     size_t n_wrong)
{
    char id[32];
    eval_item *item;
    eval_step *steps = eval_calloc(n_words, sizeof *steps);

    snprintf(id, sizeof id, "u%zu", system->n_items);
    item = eval_system_add(system, id, "");
    item->speaker = speaker;
    item->scored = true;
    for (size_t i = 0; i < n_words; i++)
        steps[i].edit = i < n_wrong ? EVAL_SUBSTITUTION : EVAL_CORRECT;
    item->alignment = (eval_alignment){steps, n_words};
    eval_counts_of(&item->counts, &item->alignment);
}

static void test_eval_bootstrap__intervals_hold_the_rate(void)
{
    eval_system system;
    eval_interval by_item;
    eval_interval by_speaker;
    eval_interval again;

    eval_system_init(&system, "s");
    /* Half of the speakers are always wrong. */
    for (size_t i = 0; i < 400; i++) {
        static const char *const speakers[] = {"a", "b", "c", "d"};

        add_item(&system, speakers[i % 4], 10, i % 2 == 0 ? 10 : 0);
    }
    eval_bootstrap(&by_item, &by_speaker, &system, 1000);
    /* The standard error is 0.5 / sqrt(400). */
    CU_ASSERT_DOUBLE_EQUAL(by_item.low, 0.5 - 1.96 * 0.025, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(by_item.high, 0.5 + 1.96 * 0.025, 0.005);
    CU_ASSERT_EQUAL(by_speaker.low, 0.0);
    CU_ASSERT_EQUAL(by_speaker.high, 1.0);
    eval_bootstrap(&again, &by_speaker, &system, 1000);
    CU_ASSERT_EQUAL(again.low, by_item.low);
    CU_ASSERT_EQUAL(again.high, by_item.high);
    eval_system_deinit(&system);
    eval_bootstrap(&by_item, &by_speaker, &system, 1000);
    CU_ASSERT_EQUAL(by_item.high, 0.0);
}

static void test_eval_bootstrap__better_is_probable(void)
{
    eval_system first;
    eval_system second;
    eval_comparison c;

    eval_system_init(&first, "1");
    eval_system_init(&second, "2");
    for (size_t i = 0; i < 100; i++) {
        add_item(&first, "", 10, i % 3);
        add_item(&second, "", 10, i % 3 == 2 ? 1 : 0);
    }
    eval_compare(&c, &first, &second, 1000);
    CU_ASSERT_EQUAL(c.n_items, 100);
    CU_ASSERT_EQUAL(c.improvement, 1.0);
    CU_ASSERT(c.difference.high < 0.0 && c.p < 0.001 && c.z < 0.0);
    eval_compare(&c, &first, &first, 1000);
    CU_ASSERT_EQUAL(c.improvement, 0.5);
    CU_ASSERT_EQUAL(c.p, 1.0);
    eval_system_deinit(&first);
    eval_system_deinit(&second);
}

static eval_alignment alignment_of(const char *edits)
{
    eval_alignment out = {eval_calloc(strlen(edits), sizeof *out.steps),
                          strlen(edits)};

    for (size_t i = 0; i < out.n_steps; i++)
        out.steps[i].edit = edits[i] == 'C'   ? EVAL_CORRECT
                            : edits[i] == 'S' ? EVAL_SUBSTITUTION
                            : edits[i] == 'D' ? EVAL_DELETION
                                              : EVAL_INSERTION;
    return out;
}

static void check_segments(const char *first, const char *second, size_t n,
                           const double *wanted)
{
    eval_alignment a = alignment_of(first);
    eval_alignment b = alignment_of(second);
    eval_differences found = {0};

    eval_segments_find(&found, &a, &b);
    CU_ASSERT_EQUAL(found.n, n);
    for (size_t i = 0; i < n && i < found.n; i++)
        CU_ASSERT_EQUAL(found.list[i], wanted[i]);
    free(found.list);
    eval_alignment_deinit(&a);
    eval_alignment_deinit(&b);
}

static void test_eval_bootstrap__two_good_words_end_a_segment(void)
{
    check_segments("CCCC", "CCCC", 0, NULL);
    check_segments("SCCS", "CCCC", 2, (const double[]){-1, -1});
    check_segments("SCS", "CCC", 1, (const double[]){-2});
    check_segments("CICC", "CCC", 1, (const double[]){-1});
    check_segments("SCCICC", "SCCCC", 2, (const double[]){0, -1});
    check_segments("CCCCD", "SCCCD", 2, (const double[]){1, 0});
}

static CU_TestInfo tests[] = {
    {"intervals hold the rate", test_eval_bootstrap__intervals_hold_the_rate},
    {"better is probable", test_eval_bootstrap__better_is_probable},
    {"two good words end a segment",
     test_eval_bootstrap__two_good_words_end_a_segment},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"eval_bootstrap", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
