/* test_forced.c - forced alignment against the slow definition, and the words
 * of the bundled recording. SPDX-License-Identifier: Apache-2.0 */
#include "asr/forced.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/soundfile.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

enum {
    MAX_FRAMES = 400,
    MAX_LABELS = 150,
    RATE_HZ = 16000,
    MAX_SAMPLES = 30 * RATE_HZ
};

static heed_model *model;
static float *speech; /* [n_speech] */
static size_t n_speech;

static int setup(void)
{
    heed_soundfile *from = NULL;
    heed_status status =
        heed_soundfile_open(&from, HEED_TEST_RECORDING, NULL, NULL);
    size_t count = 0;

    speech = calloc(MAX_SAMPLES, sizeof(float));
    while (speech != NULL && status == HEED_OK) {
        status = heed_soundfile_read(from, speech + n_speech,
                                     MAX_SAMPLES - n_speech, &count);
        n_speech += count;
    }
    heed_soundfile_close(from);
    if (status != HEED_END)
        return -1;
    return heed_model_open(&model, HEED_TEST_MODEL, NULL) == HEED_OK ? 0 : -1;
}

static int teardown(void)
{
    heed_model_close(model);
    free(speech);
    return 0;
}

/* ---- Alignment ------------------------------------------------------ */

static void fill_posteriors(float *log_probs, size_t n_frames, uint32_t *seed)
{
    for (size_t i = 0; i < n_frames * HEED_CTC_LABELS; i++)
        log_probs[i] = 4.0F * heed_test_noise(seed) - 4.0F;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The score of the best path, from its definition: after each frame `n` labels
 * are begun, and the frame is one of the last of them or blank. */
static double best_score(const uint8_t *labels, size_t n_labels,
                         const float *log_probs, size_t n_frames)
{
    static double letter[2][MAX_LABELS + 1];
    static double blank[2][MAX_LABELS + 1];

    for (size_t n = 0; n <= n_labels; n++)
        letter[1][n] = blank[1][n] = -HUGE_VAL;
    blank[1][0] = 0.0;
    for (size_t t = 0; t < n_frames; t++) {
        const float *p = log_probs + t * HEED_CTC_LABELS;
        const size_t now = t % 2;
        const size_t old = 1 - now;

        letter[now][0] = -HUGE_VAL;
        for (size_t n = 0; n <= n_labels; n++) {
            blank[now][n] = larger(blank[old][n], letter[old][n]) +
                            (double)p[HEED_CTC_BLANK];
            if (n == 0)
                continue;
            letter[now][n] = larger(letter[old][n], blank[old][n - 1]);
            if (n > 1 && labels[n - 1] != labels[n - 2])
                letter[now][n] = larger(letter[now][n], letter[old][n - 1]);
            letter[now][n] += (double)p[labels[n - 1]];
        }
    }
    return larger(letter[(n_frames - 1) % 2][n_labels],
                  blank[(n_frames - 1) % 2][n_labels]);
}

/* The score of the path that the spans describe; checks that it is one. */
static double score_of(const heed_ctc_span *spans, const uint8_t *labels,
                       size_t n_labels, const float *log_probs, size_t n_frames)
{
    double score = 0.0;
    size_t n = 0;

    for (size_t t = 0; t < n_frames; t++) {
        while (n < n_labels && spans[n].last < t)
            n++;
        score += (double)
            log_probs[t * HEED_CTC_LABELS + (n < n_labels && spans[n].first <= t
                                                 ? labels[n]
                                                 : HEED_CTC_BLANK)];
    }
    for (size_t i = 0; i < n_labels; i++) {
        const size_t gap = i > 0 && labels[i] == labels[i - 1] ? 2 : 1;

        CU_ASSERT(spans[i].first <= spans[i].last);
        CU_ASSERT(spans[i].last < n_frames);
        CU_ASSERT(i == 0 || spans[i].first >= spans[i - 1].last + gap);
    }
    return score;
}

static void test_forced__path_is_the_best(void)
{
    static float log_probs[MAX_FRAMES * HEED_CTC_LABELS];
    static heed_ctc_span spans[MAX_LABELS];
    uint8_t labels[MAX_LABELS];
    uint32_t seed = 3;

    for (size_t round = 0; round < 60; round++) {
        const uint32_t seed_before = seed;
        const size_t n_labels = 1 + round * (MAX_LABELS - 1) / 59;
        const size_t n_frames =
            2 * n_labels + round % 4 * (MAX_FRAMES - 2 * n_labels) / 3;
        const uint8_t kinds = round % 2 == 0 ? 2 : HEED_CTC_LABELS - 1;

        for (size_t i = 0; i < n_labels; i++)
            labels[i] = (uint8_t)(1.0F + (float)kinds * 0.499F *
                                             (heed_test_noise(&seed) + 1.0F));
        fill_posteriors(log_probs, n_frames, &seed);
        CU_ASSERT_EQUAL_FATAL(
            heed_forced_align(spans, labels, n_labels, log_probs, n_frames),
            HEED_OK);
        const double ours =
            score_of(spans, labels, n_labels, log_probs, n_frames);
        const double best = best_score(labels, n_labels, log_probs, n_frames);

        /* Sums of up to 400 floats down to -8: their rounding. */
        if (!(fabs(ours - best) < 0.02))
            printf("\n  seed %u: %g instead of %g\n", (unsigned)seed_before,
                   ours, best);
        CU_ASSERT(fabs(ours - best) < 0.02);
    }
}

static void test_forced__what_does_not_fit_is_refused(void)
{
    static const uint8_t labels[] = {3, 3, 4};
    float log_probs[4 * HEED_CTC_LABELS];
    heed_ctc_span spans[3];
    uint32_t seed = 1;

    fill_posteriors(log_probs, 4, &seed);
    CU_ASSERT_EQUAL(heed_forced_align(spans, labels, 3, log_probs, 4), HEED_OK);
    CU_ASSERT_EQUAL(heed_forced_align(spans, labels, 3, log_probs, 3),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_forced_align(spans, labels, 0, log_probs, 3),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_forced_align(spans, labels, 3, log_probs, 0),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_forced_align(spans, labels, 3, log_probs,
                                      HEED_FORCED_MAX_STEPS / 7 + 1),
                    HEED_ERR_UNSUPPORTED);
}

/* ---- Spelling ------------------------------------------------------- */

typedef struct spelt {
    float *log_probs; /* [n_frames][HEED_CTC_LABELS] */
    size_t n_frames;
} spelt;

static void keep(void *user, const float *log_probs, size_t n_frames)
{
    static const size_t row = HEED_CTC_LABELS * sizeof(float);
    spelt *to = user;

    to->log_probs = realloc(to->log_probs, (to->n_frames + n_frames) * row);
    CU_ASSERT_PTR_NOT_NULL_FATAL(to->log_probs);
    memcpy(to->log_probs + to->n_frames * HEED_CTC_LABELS, log_probs,
           n_frames * row);
    to->n_frames += n_frames;
}

static spelt spell(size_t piece)
{
    spelt found = {NULL, 0};
    heed_stream *stream = NULL;
    heed_result result;

    CU_ASSERT_EQUAL_FATAL(heed_stream_create(&stream, model, NULL, NULL),
                          HEED_OK);
    heed_stream_spell(stream, keep, &found);
    for (size_t i = 0; i < n_speech; i += piece)
        CU_ASSERT_EQUAL(
            heed_stream_feed(stream, speech + i,
                             i + piece < n_speech ? piece : n_speech - i),
            HEED_AGAIN);
    CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
    heed_stream_result(stream, &result);
    CU_ASSERT_EQUAL(result.n_words, 0);
    heed_stream_destroy(stream);
    return found;
}

static void test_forced__spelling_covers_the_audio_however_it_is_cut(void)
{
    spelt whole = spell(n_speech);
    spelt cut = spell(777);
    heed_model_info info;

    heed_model_describe(model, &info);
    CU_ASSERT_DOUBLE_EQUAL((double)whole.n_frames * info.frame_s,
                           (double)n_speech / RATE_HZ, 2.0 * info.frame_s);
    CU_ASSERT_EQUAL_FATAL(cut.n_frames, whole.n_frames);
    CU_ASSERT_EQUAL(memcmp(cut.log_probs, whole.log_probs,
                           whole.n_frames * HEED_CTC_LABELS * sizeof(float)),
                    0);
    free(whole.log_probs);
    free(cut.log_probs);
}

/* The recording has its words spread over all of its six seconds; what is
 * asked is true of any model that spells. */
static void test_forced__words_of_the_recording_lie_where_they_are_heard(void)
{
    static const char text[] = "THIS PROGRAM LISTENS TO WHAT YOU SAY AND "
                               "WRITES IT DOWN WHILE YOU ARE STILL SPEAKING";
    uint8_t labels[sizeof(text) - 1];
    heed_ctc_span spans[sizeof(text) - 1];
    spelt found = spell(n_speech);
    double sum = 0.0;

    for (size_t i = 0; i < sizeof(labels); i++)
        labels[i] = text[i] == ' '
                        ? HEED_CTC_SPACE
                        : (uint8_t)heed_ctc_label((unsigned char)text[i]);
    CU_ASSERT_EQUAL_FATAL(heed_forced_align(spans, labels, sizeof(labels),
                                            found.log_probs, found.n_frames),
                          HEED_OK);
    for (size_t i = 0; i < sizeof(labels); i++)
        sum += (double)spans[i].log_prob;
    CU_ASSERT(sum / sizeof(labels) > -1.0);
    CU_ASSERT(spans[0].first < found.n_frames / 4);
    CU_ASSERT(spans[sizeof(labels) - 1].last > found.n_frames * 3 / 4);
    free(found.log_probs);
}

static CU_TestInfo tests[] = {
    {"path is the best", test_forced__path_is_the_best},
    {"what does not fit is refused", test_forced__what_does_not_fit_is_refused},
    {"spelling covers the audio however it is cut",
     test_forced__spelling_covers_the_audio_however_it_is_cut},
    {"words of the recording lie where they are heard",
     test_forced__words_of_the_recording_lie_where_they_are_heard},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"forced", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
