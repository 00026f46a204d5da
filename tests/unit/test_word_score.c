/* test_word_score.c - words of tokens, scored as a language model scores them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/word_score.h"

#include <string.h>

#include "tests/support/arpa_text.h"
#include "tests/support/suites.h"

static const char arpa[] = "\\data\\\n"
                           "ngram 1=7\n"
                           "ngram 2=2\n"
                           "\n\\1-grams:\n"
                           "-3\t<unk>\n"
                           "-99\t<s>\t-0.5\n"
                           "-1\t</s>\n"
                           "-1.1\tA\t-0.1\n"
                           "-1.2\tDON'T\t-0.2\n"
                           "-1.3\tDOG\t-0.3\n"
                           "-1.4\tDOGMA\n"
                           "\n\\2-grams:\n"
                           "-0.51\t<s> A\n"
                           "-0.52\tA DOG\n"
                           "\n\\end\\\n";
static heed_lm_image image;
static heed_lm *lm;

static int setup(void)
{
    static const heed_lm_compile_config exact = {16, 16, 0.0F};

    if (heed_test_compile(&image, arpa, strlen(arpa), &exact, NULL) != HEED_OK)
        return -1;
    return heed_lm_open_memory(&lm, image.bytes, image.n_bytes, NULL) == HEED_OK
               ? 0
               : -1;
}

static int teardown(void)
{
    heed_lm_close(lm);
    heed_lm_image_deinit(&image);
    return 0;
}

static void append(heed_word_score *score, const char *text)
{
    heed_word_score_append(score, lm, text, strlen(text));
}

/* log10 to natural. */
static double ln(double log10_prob)
{
    return log10_prob * 2.302585093;
}

static void test_word_score__words_end_where_others_begin(void)
{
    heed_word_score score;

    heed_word_score_begin(&score, lm);
    append(&score, " a");
    CU_ASSERT_EQUAL(score.n_words, 0);
    append(&score, " do");
    CU_ASSERT_EQUAL(score.n_words, 1);
    CU_ASSERT_DOUBLE_EQUAL((double)score.complete, ln(-0.51), 1e-3);
    append(&score, "g");
    append(&score, ",");
    CU_ASSERT_EQUAL(score.n_words, 2);
    CU_ASSERT_DOUBLE_EQUAL((double)score.complete, ln(-0.51 - 0.52), 1e-3);
    CU_ASSERT_EQUAL(score.begun, 0.0F);
    append(&score, " Don't");
    heed_word_score_end(&score, lm);
    heed_word_score_end(&score, lm);
    CU_ASSERT_EQUAL(score.n_words, 3);
    CU_ASSERT_DOUBLE_EQUAL((double)score.complete, ln(-0.51 - 0.52 - 0.3 - 1.2),
                           1e-3);
}

static void test_word_score__incomplete_word_is_bounded(void)
{
    heed_word_score score;

    heed_word_score_begin(&score, lm);
    append(&score, " d");
    CU_ASSERT_DOUBLE_EQUAL((double)score.begun, ln(-1.2), 1e-3);
    append(&score, "og");
    CU_ASSERT_DOUBLE_EQUAL((double)score.begun, ln(-1.3), 1e-3);
    append(&score, "m");
    CU_ASSERT_DOUBLE_EQUAL((double)score.begun, ln(-1.4), 1e-3);
    append(&score, "x"); /* no such word */
    CU_ASSERT_DOUBLE_EQUAL((double)score.begun, ln(-3.0), 1e-3);
    CU_ASSERT_EQUAL(score.complete, 0.0F);
}

static void test_word_score__several_words_in_a_token(void)
{
    heed_word_score score;

    heed_word_score_begin(&score, lm);
    append(&score, " dog-a.");
    CU_ASSERT_EQUAL(score.n_words, 2);
    CU_ASSERT_DOUBLE_EQUAL((double)score.complete, ln(-0.5 - 1.3 - 0.3 - 1.1),
                           1e-3);
}

static void test_word_score__endless_word_is_unknown(void)
{
    heed_word_score score;

    heed_word_score_begin(&score, lm);
    for (size_t i = 0; i < 1000; i++)
        append(&score, "dog");
    heed_word_score_end(&score, lm);
    CU_ASSERT_EQUAL(score.n_words, 1);
    CU_ASSERT_DOUBLE_EQUAL((double)score.complete, ln(-0.5 - 3.0), 1e-3);
}

static void test_word_score__without_model_counts(void)
{
    heed_word_score score;

    heed_word_score_begin(&score, NULL);
    heed_word_score_append(&score, NULL, " a dog", 6);
    heed_word_score_end(&score, NULL);
    CU_ASSERT_EQUAL(score.n_words, 2);
    CU_ASSERT_EQUAL(score.complete, 0.0F);
    CU_ASSERT_EQUAL(score.begun, 0.0F);
}

static CU_TestInfo tests[] = {
    {"words end where others begin",
     test_word_score__words_end_where_others_begin},
    {"incomplete word is bounded", test_word_score__incomplete_word_is_bounded},
    {"several words in a token", test_word_score__several_words_in_a_token},
    {"endless word is unknown", test_word_score__endless_word_is_unknown},
    {"without model counts", test_word_score__without_model_counts},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"word score", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
