/* test_prefix_score.c - prefix scores against the sum over all paths.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/prefix_score.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "asr/ctc.h"
#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

enum { MAX_FRAMES = 400, FEW = 7, L = HEED_CTC_LABELS };

static heed_arena arena;
static heed_prefix_frames frames;
static heed_prefix_score score, other;
static float log_probs[MAX_FRAMES * L];
static size_t reach;

static void lay_out(void *user, heed_arena *at)
{
    (void)user;
    heed_prefix_frames_init(&frames, MAX_FRAMES, reach, at);
    heed_prefix_score_init(&score, MAX_FRAMES, at);
    heed_prefix_score_init(&other, MAX_FRAMES, at);
}

/* Frames of which only blank, space, A and B are likely. */
static void make_frames(size_t n, uint32_t seed)
{
    float noise[MAX_FRAMES * 4];

    heed_test_fill_noise(noise, n * 4, 2.0F, seed);
    for (size_t t = 0; t < n; t++) {
        float *row = log_probs + t * L;
        double sum = 0.0;

        for (size_t l = 0; l < L; l++)
            row[l] = -30.0F;
        for (size_t k = 0; k < 4; k++)
            row[k < 2 ? k : HEED_CTC_A + k - 2] = noise[t * 4 + k];
        for (size_t l = 0; l < L; l++)
            sum += exp((double)row[l]);
        for (size_t l = 0; l < L; l++)
            row[l] -= (float)log(sum);
    }
}

static void begin(size_t n, uint32_t seed, size_t reach_frames)
{
    reach = reach_frames;
    arena_twice(&arena, lay_out, NULL);
    make_frames(n, seed);
    heed_prefix_frames_set(&frames, log_probs, n);
    heed_prefix_score_begin(&score);
    heed_prefix_score_continue(&score, &score, &frames);
}

static void end(void)
{
    heed_arena_deinit(&arena);
}

/* ---- The definition, slowly ------------------------------------------ */

/* The text of a path without its leading and trailing spaces; labels are 0-3:
 * blank, space, A, B. */
static size_t collapse(const int *path, size_t n, int *text)
{
    size_t length = 0;
    size_t first = 0;
    int last = 0;

    for (size_t t = 0; t < n; t++) {
        if (path[t] != 0 && path[t] != last)
            text[length++] = path[t];
        last = path[t];
    }
    while (length > first && text[length - 1] == 1)
        length--;
    while (first < length && text[first] == 1)
        first++;
    for (size_t i = first; i < length; i++)
        text[i - first] = text[i];
    return length - first;
}

/* log of the sum over all paths whose text is, or begins with, the wanted
 * one. */
static double enumerate(const int *wanted, size_t n_wanted, bool whole)
{
    double sum = 0.0;
    size_t n_paths = 1;

    for (size_t t = 0; t < FEW; t++)
        n_paths *= 4;
    for (size_t code = 0; code < n_paths; code++) {
        int path[FEW];
        int text[FEW];
        double log_prob = 0.0;
        size_t rest = code;

        for (size_t t = 0; t < FEW; t++, rest /= 4) {
            const size_t k = rest % 4;

            path[t] = (int)k;
            log_prob +=
                (double)log_probs[t * L + (k < 2 ? k : HEED_CTC_A + k - 2)];
        }
        const size_t n = collapse(path, FEW, text);

        if ((whole ? n == n_wanted : n >= n_wanted) &&
            memcmp(text, wanted, n_wanted * sizeof(*wanted)) == 0)
            sum += exp(log_prob);
    }
    return log(sum);
}

static void check_text(const int *text, size_t n)
{
    heed_prefix_score_begin(&score);
    heed_prefix_score_continue(&score, &score, &frames);
    for (size_t i = 0; i < n; i++) {
        heed_prefix_score_extend(
            &score, &score, &frames,
            (uint8_t)(text[i] < 2 ? text[i] : HEED_CTC_A + text[i] - 2));
        /* A text that ends in a space begins another word. */
        if (text[i] != 1) {
            CU_ASSERT_DOUBLE_EQUAL((double)score.log_prob,
                                   enumerate(text, i + 1, false), 0.02);
            const double whole = enumerate(text, i + 1, true);
            const double ours =
                (double)heed_prefix_score_whole(&score, &frames);

            CU_ASSERT(ours < whole + 0.02 && ours > whole - 1.5);
        }
    }
}

static void test_prefix_score__equals_sum_over_paths(void)
{
    static const int plain[] = {2, 3, 2};
    static const int twice[] = {2, 2, 3};
    static const int words[] = {3, 1, 2};

    for (uint32_t seed = 1; seed < 6; seed++) {
        begin(FEW, seed, MAX_FRAMES);
        check_text(plain, 3);
        check_text(twice, 3);
        check_text(words, 3);
        end();
    }
}

/* Probabilities far below the smallest float keep their digits. */
static void test_prefix_score__unlikely_texts_equal_it_too(void)
{
    static const int text[] = {2, 3, 2, 2};

    begin(FEW, 2, MAX_FRAMES);
    for (size_t t = 0; t < FEW; t++) {
        float *row = log_probs + t * L;
        const float silence =
            logf(expf(row[HEED_CTC_BLANK]) + expf(row[HEED_CTC_SPACE]));

        row[HEED_CTC_BLANK] -= silence;
        row[HEED_CTC_SPACE] -= silence;
        row[HEED_CTC_A] -= 35.0F;
        row[HEED_CTC_A + 1] -= 30.0F;
    }
    heed_prefix_frames_set(&frames, log_probs, FEW);
    check_text(text, 4);
    end();
}

static void test_prefix_score__empty_text_is_silence(void)
{
    static const int no_label = 0;

    begin(FEW, 3, MAX_FRAMES);
    CU_ASSERT_DOUBLE_EQUAL((double)heed_prefix_score_whole(&score, &frames),
                           enumerate(&no_label, 0, true), 1e-4);
    CU_ASSERT_EQUAL(score.log_prob, 0.0F);
    end();
}

static void spell(heed_prefix_score *of, const char *text)
{
    for (; *text != '\0'; text++)
        heed_prefix_score_extend(of, of, &frames,
                                 *text == ' '
                                     ? (uint8_t)HEED_CTC_SPACE
                                     : (uint8_t)(HEED_CTC_A + *text - 'A'));
}

/* More frames later give almost what all frames give at once. */
static void test_prefix_score__continues_over_new_frames(void)
{
    begin(60, 9, MAX_FRAMES);
    spell(&score, "ABA BB");
    const float whole = heed_prefix_score_whole(&score, &frames);

    heed_prefix_frames_set(&frames, log_probs, 40);
    heed_prefix_score_begin(&score);
    heed_prefix_score_continue(&score, &score, &frames);
    spell(&score, "ABA BB");
    CU_ASSERT_EQUAL(score.end, 41);
    heed_prefix_frames_set(&frames, log_probs, 60);
    heed_prefix_score_continue(&other, &score, &frames);
    CU_ASSERT_EQUAL(other.end, 61);
    /* Starts of the last letter in the new frames are missing. */
    CU_ASSERT(heed_prefix_score_whole(&other, &frames) <= whole + 1e-3F);
    CU_ASSERT(heed_prefix_score_whole(&other, &frames) > whole - 5.0F);
    heed_prefix_score_continue(&score, &score, &frames);
    CU_ASSERT_EQUAL(heed_prefix_score_whole(&score, &frames),
                    heed_prefix_score_whole(&other, &frames));
    end();
}

/* What is left out for speed does not matter. */
static void test_prefix_score__bounds_change_little(void)
{
    begin(MAX_FRAMES, 5, MAX_FRAMES);
    spell(&score, "AB AABAB BBA ABA");
    const float free_score = score.log_prob;

    end();
    begin(MAX_FRAMES, 5, 150);
    spell(&score, "AB AABAB BBA ABA");
    CU_ASSERT_DOUBLE_EQUAL((double)score.log_prob, (double)free_score, 0.05);
    end();
}

/* A letter that is nowhere heard costs what the frames say, no more. */
static void test_prefix_score__unheard_letters_stay_finite(void)
{
    begin(100, 5, 50);
    spell(&score, "AZZZZA");
    CU_ASSERT(isfinite(score.log_prob));
    CU_ASSERT(score.log_prob < -60.0F);
    CU_ASSERT(isfinite(heed_prefix_score_whole(&score, &frames)));
    end();
}

static CU_TestInfo tests[] = {
    {"equals sum over paths", test_prefix_score__equals_sum_over_paths},
    {"unlikely texts equal it, too",
     test_prefix_score__unlikely_texts_equal_it_too},
    {"empty text is silence", test_prefix_score__empty_text_is_silence},
    {"continues over new frames", test_prefix_score__continues_over_new_frames},
    {"bounds change little", test_prefix_score__bounds_change_little},
    {"unheard letters stay finite",
     test_prefix_score__unheard_letters_stay_finite},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"prefix score", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
