/* test_eval_evidence.c - segments put together. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/evidence.h"

#include <string.h>

#include "tests/support/suites.h"
#include "tools/eval/lines.h"
#include "tools/eval/record.h"

/* Two texts; two tokens, one a byte of a character, over three frames. */
static const heed_word so_it[] = {{.text = "So"}, {.text = "it,"}};
static const heed_word so[] = {{.text = "So"}};
static const heed_alternative texts[] = {{.words = so_it, .n_words = 2},
                                         {.words = so, .n_words = 1}};
static const heed_token tokens[] = {{.text = " So", .n_bytes = 3},
                                    {.text = "\xc3", .n_bytes = 1}};
static const float attention[] = {0.5F, 0.25F, 0.25F, 0.0F, 0.0F, 1.0F};
static const heed_spike spikes[] = {{.letter = 'S', .frame = 0},
                                    {.letter = ' ', .frame = 1},
                                    {.letter = 'O', .frame = 2}};

static heed_segment segment_at(double start_s)
{
    return (heed_segment){.alternatives = texts,
                          .n_alternatives = 2,
                          .start_s = start_s,
                          .frame_s = 0.024,
                          .n_frames = 3,
                          .tokens = tokens,
                          .n_tokens = 2,
                          .attention = attention,
                          .spikes = spikes,
                          .n_spikes = 3};
}

static void test_eval_evidence__texts_are_kept_segment_by_segment(void)
{
    const heed_segment segment = segment_at(0.0);
    eval_pool pool = {0};
    eval_item item = {0};
    eval_evidence evidence;

    eval_evidence_init(&evidence, &pool, true, false);
    eval_evidence_note(&evidence, &segment);
    eval_evidence_note(&evidence, &segment);
    eval_evidence_settle(&evidence, &item);
    eval_evidence_deinit(&evidence);
    CU_ASSERT_EQUAL_FATAL(item.n_nbest, 2);
    CU_ASSERT_EQUAL_FATAL(item.nbest[1].n_texts, 2);
    CU_ASSERT_STRING_EQUAL(item.nbest[1].texts[0], "So it,");
    CU_ASSERT_STRING_EQUAL(item.nbest[1].texts[1], "So");
    CU_ASSERT_PTR_NULL(item.attention);
    eval_pool_deinit(&pool);
}

static void test_eval_evidence__segments_share_one_axis(void)
{
    /* The second begins before the first one's frames end, as parts do. */
    const heed_segment first = segment_at(0.024);
    const heed_segment second = segment_at(0.072);
    eval_pool pool = {0};
    eval_item item = {0};
    eval_evidence evidence;

    eval_evidence_init(&evidence, &pool, false, true);
    eval_evidence_note(&evidence, &first);
    eval_evidence_note(&evidence, &second);
    eval_evidence_settle(&evidence, &item);
    eval_evidence_deinit(&evidence);
    CU_ASSERT_EQUAL(item.n_nbest, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(item.attention);
    CU_ASSERT_EQUAL_FATAL(item.attention->n_tokens, 4);
    CU_ASSERT_EQUAL_FATAL(item.attention->n_frames, 6);
    CU_ASSERT_STRING_EQUAL(item.attention->tokens[2], "So");
    CU_ASSERT_STRING_EQUAL(item.attention->tokens[3], "<C3>");
    CU_ASSERT_EQUAL(item.attention->weights[0], 0.0F);
    CU_ASSERT_EQUAL(item.attention->weights[1], 0.5F);
    CU_ASSERT_EQUAL(item.attention->weights[3 * 6 + 5], 1.0F);
    /* S O S O, but the second S is no later than the O before it. */
    CU_ASSERT_EQUAL_FATAL(item.attention->n_spikes, 3);
    CU_ASSERT_EQUAL(item.attention->spikes[1].frame, 3);
    CU_ASSERT_EQUAL(item.attention->spikes[2].frame, 5);
    CU_ASSERT_STRING_EQUAL(item.attention->spikes[2].letter, "O");
    eval_pool_deinit(&pool);
}

static void test_eval_evidence__huge_pictures_are_left_out(void)
{
    static float zeros[EVAL_ATTENTION_MAX_FRAMES + 1];
    eval_pool pool = {0};
    eval_item item = {0};
    eval_evidence evidence;
    heed_segment segment = segment_at(0.0);

    segment.n_frames = EVAL_ATTENTION_MAX_FRAMES + 1;
    segment.attention = zeros;
    segment.n_tokens = 1;
    eval_evidence_init(&evidence, &pool, false, true);
    eval_evidence_note(&evidence, &segment);
    eval_evidence_settle(&evidence, &item);
    eval_evidence_deinit(&evidence);
    CU_ASSERT_PTR_NULL(item.attention);
    eval_pool_deinit(&pool);
}

static CU_TestInfo tests[] = {
    {"texts are kept segment by segment",
     test_eval_evidence__texts_are_kept_segment_by_segment},
    {"segments share one axis", test_eval_evidence__segments_share_one_axis},
    {"huge pictures are left out",
     test_eval_evidence__huge_pictures_are_left_out},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"eval_evidence", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
