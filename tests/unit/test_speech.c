/* test_speech.c - the default model hears the bundled recording, and nothing
 * where nothing is said. SPDX-License-Identifier: Apache-2.0
 *
 * Nothing here depends on the model's exact text: it may be trained anew.
 * Tolerances are stated where they are used. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asr/heed.h"
#include "audio/resample.h"
#include "audio/soundfile.h"
#include "tests/support/hearing.h"
#include "tests/support/signal.h"
#include "tests/support/slow.h"
#include "tests/support/suites.h"

enum {
    RATE_HZ = 16000,
    MAX_SAMPLES = 200 * RATE_HZ,
    MAX_ERRORS = 3, /* words of the recording that may be wrong */
    N_COPIES = HEED_TEST_SLOW ? 2 : 4,
    /* Of file and live, where one takes long. */
    N_LATENCIES = HEED_TEST_SLOW > 1 ? 1 : 2
};

static heed_model *model;
static float *speech;
static size_t n_speech;
static float *sound; /* [MAX_SAMPLES] made from it */
static char text[1024];
static size_t n_text; /* its words */
static heard a, b;

static const heed_stream_config file = {.latency = HEED_LATENCY_FILE};
static const heed_stream_config live = {.latency = HEED_LATENCY_LIVE};

static int read_recording(void)
{
    heed_soundfile *from = NULL;
    heed_status status =
        heed_soundfile_open(&from, HEED_TEST_RECORDING, NULL, NULL);
    size_t count = 0;

    while (status == HEED_OK) {
        status = heed_soundfile_read(from, speech + n_speech,
                                     MAX_SAMPLES - n_speech, &count);
        n_speech += count;
    }
    heed_soundfile_close(from);
    return status == HEED_END ? 0 : -1;
}

static int read_text(void)
{
    FILE *from = fopen(HEED_TEST_TEXT, "rb");
    static heard none;

    if (from == NULL)
        return -1;
    text[fread(text, 1, sizeof(text) - 1, from)] = '\0';
    fclose(from);
    n_text = heard_errors(&none, text);
    return n_text > 5 ? 0 : -1;
}

static int setup(void)
{
    speech = calloc(MAX_SAMPLES, sizeof(float));
    sound = calloc(MAX_SAMPLES, sizeof(float));
    if (speech == NULL || sound == NULL || read_recording() != 0 ||
        read_text() != 0)
        return -1;
    return heed_model_open(&model, HEED_TEST_MODEL, NULL) == HEED_OK ? 0 : -1;
}

static int teardown(void)
{
    heed_model_close(model);
    free(speech);
    free(sound);
    return 0;
}

static void print_heard(const heard *words)
{
    printf("\n ");
    for (size_t i = 0; i < words->n_words; i++)
        printf(" %s", words->words[i].text);
    printf("\n");
}

/* Checks what was heard of `copies` recordings in `seconds`. */
static void check(const heard *words, size_t copies, size_t max_errors,
                  double seconds)
{
    static char expected[64 * sizeof(text)];
    size_t errors = 0;

    expected[0] = '\0';
    CU_ASSERT_FATAL(copies < 64);
    for (size_t i = 0; i < copies; i++) {
        (void)strncat(expected, " ", sizeof(expected) - strlen(expected) - 1);
        (void)strncat(expected, text, sizeof(expected) - strlen(expected) - 1);
    }
    errors = heard_errors(words, expected);
    CU_ASSERT(errors <= max_errors);
    CU_ASSERT(heard_in_order(words, seconds));
    printf("%zu errors ... ", errors);
    if (errors > max_errors)
        print_heard(words);
}

/* ---- Speech ------------------------------------------------------------ */

static void test_speech__recording_is_recognised(void)
{
    const double seconds = (double)n_speech / RATE_HZ;

    heard_all(&a, model, &file, speech, n_speech, 1600);
    check(&a, 1, MAX_ERRORS, seconds);
    /* Who listens for less than a second before deciding errs more. */
    heard_all(&a, model, &live, speech, n_speech, 1600);
    check(&a, 1, 2 * MAX_ERRORS, seconds);
    CU_ASSERT_FATAL(a.n_words > 0);
    /* Somebody speaks for most of it. */
    CU_ASSERT(a.words[0].start_s < 0.3 * seconds);
    CU_ASSERT(a.words[a.n_words - 1].end_s > 0.7 * seconds);
}

static void test_speech__cutting_changes_no_bit(void)
{
    static const int pieces[] = {1, 160, 4801, HEARD_RANDOM};
    const size_t n_pieces = sizeof(pieces) / sizeof(pieces[0]);
    const size_t first_piece = HEED_TEST_SLOW > 1 ? 3 : HEED_TEST_SLOW ? 2 : 0;

    for (size_t i = first_piece; i < n_pieces; i++) {
        heard_all(&a, model, &file, speech, n_speech, HEARD_WHOLE);
        heard_all(&b, model, &file, speech, n_speech, pieces[i]);
        CU_ASSERT_TRUE(heard_same(&b, &a));
        heard_all(&a, model, &live, speech, n_speech, HEARD_WHOLE);
        heard_all(&b, model, &live, speech, n_speech, pieces[i]);
        CU_ASSERT_TRUE(heard_same(&b, &a));
    }
}

static void test_speech__live_commits_while_one_speaks(void)
{
    enum { STEP = RATE_HZ / 10, MAX_KEPT = 64 };
    static char kept[MAX_KEPT][HEARD_BYTES];
    heed_stream *stream = NULL;
    heed_result result = {0};
    size_t n_kept = 0;
    size_t n_before_end = 0;

    CU_ASSERT_EQUAL_FATAL(heed_stream_create(&stream, model, &live, NULL),
                          HEED_OK);
    for (size_t t = 0; t < n_speech; t += STEP) {
        const size_t n = n_speech - t < STEP ? n_speech - t : STEP;

        CU_ASSERT(heed_stream_feed(stream, speech + t, n) >= HEED_OK);
        heed_stream_result(stream, &result);
        CU_ASSERT_FATAL(result.n_committed >= n_kept &&
                        result.n_committed <= MAX_KEPT);
        for (size_t i = 0; i < n_kept; i++)
            CU_ASSERT_STRING_EQUAL(result.words[i].text, kept[i]);
        for (; n_kept < result.n_committed; n_kept++)
            (void)snprintf(kept[n_kept], HEARD_BYTES, "%s",
                           result.words[n_kept].text);
    }
    n_before_end = n_kept;
    CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
    heed_stream_result(stream, &result);
    CU_ASSERT(result.n_committed >= n_kept);
    for (size_t i = 0; i < n_kept; i++)
        CU_ASSERT_STRING_EQUAL(result.words[i].text, kept[i]);
    /* Most words are committed long before the end. */
    CU_ASSERT(n_before_end > n_text / 2);
    heed_stream_destroy(stream);
}

/* Writes `n` samples of the recording at another rate to `sound`. */
static size_t resample_to(unsigned rate_hz)
{
    heed_resample *resample = NULL;
    const float *from = speech;
    size_t left = n_speech;
    size_t n_out = 0;
    size_t n = 0;

    CU_ASSERT_EQUAL_FATAL(heed_resample_create(&resample, RATE_HZ, rate_hz),
                          HEED_OK);
    for (;;) {
        const size_t taken = heed_resample_feed(resample, from, left);

        from += taken;
        left -= taken;
        if (left == 0)
            heed_resample_finish(resample);
        while ((n = heed_resample_next(resample, sound + n_out,
                                       MAX_SAMPLES - n_out)) > 0)
            n_out += n;
        if (left == 0)
            break;
    }
    heed_resample_destroy(resample);
    return n_out;
}

static void test_speech__other_rates_are_understood(void)
{
    /* 8 kHz has lost all above 4 kHz: twice the errors are allowed. */
    static const struct {
        unsigned rate_hz;
        size_t max_errors;
    } rates[] = {
        {8000, 2 * MAX_ERRORS}, {44100, MAX_ERRORS}, {48000, MAX_ERRORS}};

    for (size_t i = HEED_TEST_SLOW > 1 ? 2 : 0; i < 3; i++) {
        const heed_stream_config config = {.sample_rate_hz = rates[i].rate_hz};
        const size_t n = resample_to(rates[i].rate_hz);

        heard_all(&a, model, &config, sound, n, 1234);
        check(&a, 1, rates[i].max_errors, (double)n_speech / RATE_HZ + 0.024);
    }
}

/* The pauses are longer than the encoder's past: one who says the same thing
 * again and again would be a test of the model, not of the program. */
static void test_speech__pauses_make_segments(void)
{
    const size_t pause = 6 * RATE_HZ;
    const size_t step = n_speech + pause;
    uint32_t seed = 3;
    size_t wrong_place = 0;

    CU_ASSERT_FATAL(N_COPIES * step <= MAX_SAMPLES);
    for (size_t i = 0; i < N_COPIES * step; i++)
        sound[i] = 1e-4F * heed_test_noise(&seed) +
                   (i % step < n_speech ? speech[i % step] : 0.0F);
    for (int latency = 0; latency < N_LATENCIES; latency++) {
        heard_all(&a, model, latency ? &live : &file, sound, N_COPIES * step,
                  1600);
        if (latency == 0)
            check(&a, N_COPIES, N_COPIES * MAX_ERRORS,
                  (double)(N_COPIES * step) / RATE_HZ);
        CU_ASSERT(heard_in_order(&a, (double)(N_COPIES * step) / RATE_HZ));
        CU_ASSERT_FATAL(a.n_words > 0);
        CU_ASSERT(a.words[a.n_words - 1].segment + 1 >= N_COPIES);
        /* No word lies in a pause: half a second after it began. */
        wrong_place = 0;
        for (size_t i = 0; i < a.n_words; i++) {
            const double at = fmod(a.words[i].start_s * RATE_HZ, (double)step);

            if (at > (double)n_speech + RATE_HZ / 2.0)
                wrong_place++;
        }
        CU_ASSERT_EQUAL(wrong_place, 0);
    }
}

static void test_speech__segments_that_get_too_long_lose_no_words(void)
{
    heed_stream_config config = {.endpoint_s = 3.0};

    /* The recording does not fit in 4 s: there is one cut. Two words may be
     * lost or added at it; that the search itself loses none is shown by
     * test_search.c. */
    CU_ASSERT_FATAL(n_speech > 4 * (size_t)RATE_HZ);
    for (int latency = 0; latency < N_LATENCIES; latency++) {
        config.latency = latency ? HEED_LATENCY_LIVE : HEED_LATENCY_FILE;
        config.max_segment_s = 20.0;
        heard_all(&a, model, &config, speech, n_speech, 1600);
        config.max_segment_s = 4.0;
        heard_all(&b, model, &config, speech, n_speech, 1600);
        CU_ASSERT(heard_in_order(&b, (double)n_speech / RATE_HZ));
        CU_ASSERT(b.n_words + 2 >= a.n_words);
        CU_ASSERT(b.n_words <= a.n_words + 2);
        printf("%zu words, %zu with a cut ... ", a.n_words, b.n_words);
    }
}

/* ---- No speech --------------------------------------------------------- */

static void check_nothing(const char *what, size_t count)
{
    for (int latency = 0; latency < 2; latency++) {
        heard_all(&a, model, latency ? &live : &file, sound, count, 1600);
        CU_ASSERT_EQUAL(a.n_words, 0);
        if (a.n_words > 0) {
            printf("\n  %s:", what);
            print_heard(&a);
        }
    }
}

static void test_speech__digital_silence_gives_no_words(void)
{
    const size_t count = (HEED_TEST_SLOW ? 2 : 10) * RATE_HZ;

    memset(sound, 0, count * sizeof(float));
    check_nothing("zeros", count);
}

static void test_speech__noise_gives_no_words(void)
{
    static const float peaks[] = {3e-5F, 1e-3F, 1e-2F, 0.1F, 0.5F};
    const size_t count = (HEED_TEST_SLOW ? 1 : 5) * RATE_HZ;

    for (size_t i = 0; i < sizeof(peaks) / sizeof(peaks[0]); i++) {
        char what[32];

        heed_test_fill_noise(sound, count, peaks[i], 5);
        (void)snprintf(what, sizeof(what), "noise of %g", (double)peaks[i]);
        check_nothing(what, count);
    }
}

static void test_speech__hum_and_clicks_give_no_words(void)
{
    const double turn = 2.0 * 3.14159265358979323846 / RATE_HZ;
    const size_t count = (HEED_TEST_SLOW ? 1 : 5) * RATE_HZ;

    for (size_t i = 0; i < count; i++)
        sound[i] = (float)(0.1 * sin(turn * 50.0 * (double)i) +
                           0.03 * sin(turn * 150.0 * (double)i));
    check_nothing("hum", count);
    memset(sound, 0, count * sizeof(float));
    for (size_t i = RATE_HZ / 2; i < count; i += RATE_HZ)
        sound[i] = 0.9F;
    check_nothing("clicks", count);
}

static CU_TestInfo tests[] = {
    {"recording is recognised", test_speech__recording_is_recognised},
    {"cutting changes no bit", test_speech__cutting_changes_no_bit},
    {"live commits while one speaks",
     test_speech__live_commits_while_one_speaks},
    {"other rates are understood", test_speech__other_rates_are_understood},
    {"pauses make segments", test_speech__pauses_make_segments},
    {"segments that get too long lose no words",
     test_speech__segments_that_get_too_long_lose_no_words},
    {"digital silence gives no words",
     test_speech__digital_silence_gives_no_words},
    {"noise gives no words", test_speech__noise_gives_no_words},
    {"hum and clicks give no words", test_speech__hum_and_clicks_give_no_words},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"speech", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
