/* test_stream.c - promises of the stream, on a tiny model of random weights.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The words are gibberish, but there are many, and every one of them depends
 * on all the arithmetic before it: if two runs agree, the promises hold. What
 * is recognised is for test_speech.c. */
#include "asr/heed.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc.h"
#include "tests/support/hearing.h"
#include "tests/support/logged.h"
#include "tests/support/signal.h"
#include "tests/support/slow.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

enum {
    RATE_HZ = 16000,
    N_SAMPLES = (HEED_TEST_SLOW > 1 ? 6 : 20) * RATE_HZ,
    LONG = 240 * RATE_HZ
};

static heed_model *model;
static float *sound;
static heard a, b;

/* Random weights are never sure of anything. */
static const heed_stream_config configs[] = {
    {.latency = HEED_LATENCY_FILE, .n_texts = 4, .min_confidence = -1.0},
    {.latency = HEED_LATENCY_LIVE, .min_confidence = -1.0},
    {.latency = HEED_LATENCY_LIVE,
     .chunk_frames = 1,
     .lookahead_frames = 1,
     .min_confidence = -1.0},
    {.latency = HEED_LATENCY_FILE,
     .chunk_frames = 100,
     .lookahead_frames = 3,
     .n_texts = 4,
     .endpoint_s = 0.2,
     .max_segment_s = 4.0,
     .min_confidence = -1.0},
    {.latency = HEED_LATENCY_LIVE,
     .max_segment_s = 4.0,
     .endpoint_s = 10.0,
     .min_confidence = -1.0},
};
enum { N_CONFIGS = sizeof(configs) / sizeof(configs[0]) };

/* Bursts of coloured noise of all lengths and levels, with silence between
 * them and now and then for longer. */
static void make_sound(float *out, size_t count)
{
    uint32_t seed = 12;
    float low = 0.0F;
    float level = 0.0F;
    float colour = 0.5F;
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        if (left-- == 0) {
            left = (size_t)(2000.0F * (heed_test_noise(&seed) + 1.1F));
            level = heed_test_noise(&seed);
            level = level < -0.6F ? 0.0F : 0.3F * level * level;
            colour = 0.5F + 0.49F * heed_test_noise(&seed);
            if (heed_test_noise(&seed) > 0.93F) {
                left = 2 * RATE_HZ;
                level = 0.0F;
            }
        }
        low += colour * (heed_test_noise(&seed) - low);
        out[i] = level * low;
    }
}

static int setup(void)
{
    const tiny_model_config config = {.seed = 64064, .quantised = true};

    sound = malloc(LONG * sizeof(float));
    if (sound == NULL || tiny_model_open(&model, &config, NULL) != HEED_OK)
        return -1;
    make_sound(sound, LONG);
    return 0;
}

static int teardown(void)
{
    heed_model_close(model);
    free(sound);
    return 0;
}

static heed_stream *create(const heed_stream_config *config)
{
    heed_stream *stream = NULL;

    CU_ASSERT_EQUAL_FATAL(heed_stream_create(&stream, model, config, NULL),
                          HEED_OK);
    return stream;
}

/* ---- A function of the samples --------------------------------------- */

static void test_stream__cutting_changes_no_bit(void)
{
    static const int pieces[] = {1, 7, 160, 1000, 4801, HEARD_RANDOM};

    for (size_t c = 0; c < N_CONFIGS; c++) {
        heard_all(&a, model, &configs[c], sound, N_SAMPLES, HEARD_WHOLE);
        CU_ASSERT(a.n_words > 3);
        CU_ASSERT(heard_in_order(&a, (double)N_SAMPLES / RATE_HZ));
        printf("%zu words in %zu segments ... ", a.n_words,
               a.words[a.n_words - 1].segment + 1);
        for (size_t i = 0;
             i<sizeof(pieces) / sizeof(pieces[0]); i += HEED_TEST_SLOW> 1 ? 2
                                                                          : 1) {
            heard_all(&b, model, &configs[c], sound, N_SAMPLES, pieces[i]);
            CU_ASSERT_TRUE(heard_same(&b, &a));
        }
    }
}

static void test_stream__cutting_other_rates_changes_no_bit(void)
{
    static const unsigned rates[] = {8000, 44100, 48000, 192000};

    for (size_t r = 0; r < 4; r++) {
        const heed_stream_config config = {.min_confidence = -1.0,
                                           .sample_rate_hz = rates[r],
                                           .latency = HEED_LATENCY_LIVE};
        const size_t count = N_SAMPLES / 2;

        heard_all(&a, model, &config, sound, count, HEARD_WHOLE);
        CU_ASSERT(heard_in_order(&a, (double)count / rates[r] + 0.024));
        heard_all(&b, model, &config, sound, count, 1);
        CU_ASSERT_TRUE(heard_same(&b, &a));
        heard_all(&b, model, &config, sound, count, HEARD_RANDOM);
        CU_ASSERT_TRUE(heard_same(&b, &a));
    }
}

/* Hears all in pieces, with a chunk of `chunks[i]` from sample `i` * 3 s on. */
static void hear_chunks(heard *out, const heed_stream_config *config,
                        const size_t *chunks, size_t n_chunks, int piece)
{
    const size_t span = 3 * RATE_HZ + 123;
    heed_stream *stream = create(config);

    out->n_words = 0;
    for (size_t i = 0; i < n_chunks; i++) {
        heed_stream_set_chunk(stream, chunks[i]);
        heard_feed(out, stream, RATE_HZ, sound + i * span, span, piece);
    }
    CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
    heard_take(out, stream);
    heed_stream_destroy(stream);
}

static void test_stream__chunk_changes_at_a_sample(void)
{
    static const size_t chunks[] = {0, 54, 27, 0, 1000, 1};
    static const size_t same[] = {0, 0, 12, 0, 1, 12};
    static const int pieces[] = {160, HEARD_RANDOM};
    const heed_stream_config plain = {.latency = HEED_LATENCY_LIVE,
                                      .chunk_frames = 12,
                                      .max_segment_s = 4.0,
                                      .min_confidence = -1.0};
    heed_stream_config config = plain;
    bool differs;

    config.max_chunk_frames = 54;
    hear_chunks(&a, &config, chunks, 6, HEARD_WHOLE);
    CU_ASSERT(a.n_words > 3);
    for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
        hear_chunks(&b, &config, chunks, 6, pieces[p]);
        CU_ASSERT(heard_same(&a, &b));
    }
    /* Something did change. */
    hear_chunks(&b, &config, same, 6, 1600);
    differs = a.n_words != b.n_words;
    for (size_t i = 0; i < a.n_words && !differs; i++)
        differs = a.words[i].confidence != b.words[i].confidence;
    CU_ASSERT_TRUE(differs);
    /* Room for more changes nothing, nor does more than there is room for. */
    hear_chunks(&a, &plain, chunks, 6, 1600);
    CU_ASSERT(heard_same(&a, &b));
}

static void test_stream__reset_undoes_the_chunk(void)
{
    const heed_stream_config config = {.latency = HEED_LATENCY_LIVE,
                                       .max_chunk_frames = 54,
                                       .min_confidence = -1.0};
    heed_stream *stream = create(&config);

    heed_stream_set_chunk(stream, 54);
    CU_ASSERT(heed_stream_feed(stream, sound, 5 * RATE_HZ + 77) >= HEED_OK);
    heed_stream_reset(stream);
    b.n_words = 0;
    heard_feed(&b, stream, RATE_HZ, sound, N_SAMPLES, 1600);
    CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
    heard_take(&b, stream);
    heed_stream_destroy(stream);
    heard_all(&a, model, &config, sound, N_SAMPLES, 1600);
    CU_ASSERT(heard_same(&a, &b));
}

static void test_stream__reset_equals_new(void)
{
    for (size_t c = 0; c < N_CONFIGS; c++) {
        heed_stream *stream = create(&configs[c]);
        heed_result result;

        heard_all(&a, model, &configs[c], sound, N_SAMPLES, 1600);
        /* After half an utterance, after a whole one, after nothing. */
        for (int repeat = 0; repeat < 3; repeat++) {
            b.n_words = 0;
            if (repeat == 0)
                heard_feed(&b, stream, RATE_HZ, sound + 777, N_SAMPLES / 2, 99);
            heed_stream_reset(stream);
            heed_stream_result(stream, &result);
            CU_ASSERT(result.n_words == 0 && result.n_committed == 0 &&
                      result.revision == 0);
            CU_ASSERT(result.heard_s <= 0.0 && result.committed_s <= 0.0);
            b.n_words = 0;
            heard_feed(&b, stream, RATE_HZ, sound, N_SAMPLES, 1600);
            CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
            heard_take(&b, stream);
            CU_ASSERT_TRUE(heard_same(&b, &a));
        }
        heed_stream_destroy(stream);
    }
}

static void test_stream__values_that_are_not_finite_count_as_zero(void)
{
    float *clean = malloc(N_SAMPLES * sizeof(float));
    float *dirty = malloc(N_SAMPLES * sizeof(float));

    CU_ASSERT_FATAL(clean != NULL && dirty != NULL);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        static const float odd[] = {NAN, INFINITY, -INFINITY};
        const bool hit = i % 97 == 5 || (i > 50000 && i < 60000);

        clean[i] = hit ? 0.0F : sound[i];
        dirty[i] = hit ? odd[i % 3] : sound[i];
    }
    heard_all(&a, model, NULL, clean, N_SAMPLES, 1600);
    heard_all(&b, model, NULL, dirty, N_SAMPLES, 1600);
    CU_ASSERT_TRUE(heard_same(&b, &a));
    free(clean);
    free(dirty);
}

static void test_stream__huge_values_are_harmless(void)
{
    float *loud = malloc(N_SAMPLES * sizeof(float));

    CU_ASSERT_FATAL(loud != NULL);
    for (size_t i = 0; i < N_SAMPLES; i++)
        loud[i] = sound[i] * (i % 2000 < 1000 ? 3e38F : 1e-42F);
    heard_all(&a, model, &configs[1], loud, N_SAMPLES, 1600);
    CU_ASSERT(heard_in_order(&a, (double)N_SAMPLES / RATE_HZ));
    free(loud);
}

/* ---- Committed is for good ------------------------------------------- */

/* Returns whether the result's words from `n_taken` on go on with `first`. */
static bool is_kept(const heed_result *result, const heard *before)
{
    bool same = result->n_committed >= before->n_words;

    for (size_t i = 0; same && i < before->n_words; i++) {
        const heed_word *now = &result->words[i];
        const heard_word *then = &before->words[i];

        same = now->committed && strcmp(now->text, then->text) == 0 &&
               !(now->start_s < then->start_s) &&
               !(now->start_s > then->start_s) && now->segment == then->segment;
    }
    return same;
}

static void remember(heard *to, const heed_result *result)
{
    to->n_words = result->n_committed;
    for (size_t i = 0; i < result->n_committed; i++) {
        heard_word *word = &to->words[i];

        (void)snprintf(word->text, HEARD_BYTES, "%s", result->words[i].text);
        word->start_s = result->words[i].start_s;
        word->segment = result->words[i].segment;
    }
}

/* Committed before tentative, times that never go backwards. */
static bool is_in_order(const heed_result *result)
{
    bool fine = result->committed_s <= result->heard_s;
    double past = 0.0;

    for (size_t i = 0; fine && i < result->n_words; i++) {
        const heed_word *word = &result->words[i];

        fine = word->committed == (i < result->n_committed) &&
               word->start_s >= past && word->end_s >= word->start_s &&
               word->end_s <= result->heard_s;
        past = word->end_s;
    }
    return fine;
}

static void test_stream__committed_words_never_change(void)
{
    enum { STEP = RATE_HZ / 10 };

    for (size_t c = 0; c < N_CONFIGS; c++) {
        heed_stream *stream = create(&configs[c]);
        heed_result result = {0};
        double committed_s = 0.0;
        bool kept = true;
        bool in_order = true;

        a.n_words = 0;
        for (size_t t = 0; t + STEP <= N_SAMPLES; t += STEP) {
            CU_ASSERT(heed_stream_feed(stream, sound + t, STEP) >= HEED_OK);
            heed_stream_result(stream, &result);
            kept = kept && is_kept(&result, &a);
            remember(&a, &result);
            in_order = in_order && is_in_order(&result) &&
                       result.committed_s >= committed_s;
            committed_s = result.committed_s;
            CU_ASSERT_DOUBLE_EQUAL(result.heard_s, (double)(t + STEP) / RATE_HZ,
                                   1e-9);
        }
        CU_ASSERT_TRUE(in_order);
        CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
        heed_stream_result(stream, &result);
        CU_ASSERT_TRUE(kept && is_kept(&result, &a));
        CU_ASSERT_EQUAL(result.n_words, result.n_committed);
        heed_stream_destroy(stream);
    }
}

static void test_stream__taking_keeps_the_rest(void)
{
    heed_stream *stream = create(&configs[1]);
    heed_result before;
    heed_result after;
    size_t n_tentative = 0;

    CU_ASSERT(heed_stream_feed(stream, sound, 10 * RATE_HZ) >= HEED_OK);
    heed_stream_result(stream, &before);
    CU_ASSERT_FATAL(before.n_committed > 5);
    remember(&a, &before);
    n_tentative = before.n_words - before.n_committed;
    heed_stream_take(stream, 0);
    heed_stream_take(stream, 3);
    heed_stream_result(stream, &after);
    CU_ASSERT_EQUAL(after.n_committed, a.n_words - 3);
    CU_ASSERT_EQUAL(after.n_words - after.n_committed, n_tentative);
    memmove(a.words, a.words + 3, (a.n_words - 3) * sizeof(a.words[0]));
    a.n_words -= 3;
    CU_ASSERT_TRUE(is_kept(&after, &a));
    heed_stream_take(stream, 100000);
    heed_stream_result(stream, &after);
    CU_ASSERT_EQUAL(after.n_committed, 0);
    CU_ASSERT_EQUAL(after.n_words, n_tentative);
    heed_stream_destroy(stream);
}

static void test_stream__full_store_refuses_and_loses_nothing(void)
{
    const size_t more = 20 * (size_t)RATE_HZ;
    heed_stream *stream = create(&configs[1]);
    heed_result result;
    size_t n_fed = 0;

    /* Nobody takes: at some time it refuses, and goes on when one does. */
    CU_ASSERT_EQUAL(heed_stream_feed(stream, sound, LONG), HEED_ERR_STATE);
    CU_ASSERT_EQUAL(heed_stream_feed(stream, sound, 1), HEED_ERR_STATE);
    heed_stream_result(stream, &result);
    CU_ASSERT(result.n_committed >= 512);
    n_fed = (size_t)llround(result.heard_s * RATE_HZ);
    CU_ASSERT_FATAL(n_fed > 0 && n_fed + more <= LONG);
    b.n_words = 0;
    heard_take(&b, stream);
    heard_feed(&b, stream, RATE_HZ, sound + n_fed, more, 1600);
    CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
    heard_take(&b, stream);
    heard_all(&a, model, &configs[1], sound, n_fed + more, 1600);
    CU_ASSERT_TRUE(heard_same(&b, &a));
    heed_stream_destroy(stream);
}

static void test_stream__finish_finds_room_in_a_full_store(void)
{
    heed_stream *stream = create(&configs[1]);
    heed_result result;
    size_t n_fed = 0;

    CU_ASSERT_EQUAL(heed_stream_feed(stream, sound, LONG), HEED_ERR_STATE);
    heed_stream_result(stream, &result);
    n_fed = (size_t)llround(result.heard_s * RATE_HZ);
    CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
    b.n_words = 0;
    heard_take(&b, stream);
    heard_all(&a, model, &configs[1], sound, n_fed, 1600);
    CU_ASSERT_TRUE(heard_same(&b, &a));
    heed_stream_destroy(stream);
}

static void test_stream__finish_drains_and_refuses_more(void)
{
    for (size_t c = 0; c < N_CONFIGS; c++) {
        heed_stream *stream = create(&configs[c]);
        heed_result result;

        CU_ASSERT(heed_stream_feed(stream, sound, N_SAMPLES / 3) >= HEED_OK);
        CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
        heed_stream_result(stream, &result);
        CU_ASSERT_EQUAL(result.n_words, result.n_committed);
        CU_ASSERT_DOUBLE_EQUAL(result.committed_s, result.heard_s, 0.024);
        CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_ERR_STATE);
        CU_ASSERT_EQUAL(heed_stream_feed(stream, sound, 1), HEED_ERR_STATE);
        heed_stream_result(stream, &result);
        CU_ASSERT_DOUBLE_EQUAL(result.heard_s,
                               (double)(N_SAMPLES / 3) / RATE_HZ, 1e-9);
        heed_stream_destroy(stream);
    }
}

static void test_stream__shortest_utterances_finish(void)
{
    static const size_t counts[] = {0, 1, 127, 128, 399, 400, 401, 912, 2000};

    for (size_t c = 0; c < N_CONFIGS; c++)
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            heard_all(&a, model, &configs[c], sound, counts[i], 1);
            CU_ASSERT(heard_in_order(&a, (double)counts[i] / RATE_HZ + 0.024));
        }
}

/* ---- Errors ----------------------------------------------------------- */

static void ignore(void *user, const heed_segment *segment)
{
    (void)user;
    (void)segment;
}

static void test_stream__fields_out_of_range_are_refused(void)
{
    static const heed_stream_config wrong[] = {
        {.sample_rate_hz = 7999},
        {.sample_rate_hz = 192001},
        {.latency = (heed_latency)2},
        {.latency = (heed_latency)-1},
        {.chunk_frames = 257},
        {.lookahead_frames = 257},
        {.max_chunk_frames = 257},
        {.chunk_frames = SIZE_MAX},
        {.lookahead_frames = SIZE_MAX},
        {.endpoint_s = 0.19},
        {.endpoint_s = 10.1},
        {.endpoint_s = -1.0},
        {.endpoint_s = (double)NAN},
        {.max_segment_s = 3.9},
        {.max_segment_s = 30.1},
        {.max_segment_s = -4.0},
        {.max_segment_s = (double)INFINITY},
        {.n_texts = 9},
        {.lm_weight = 2.1},
        {.lm_weight = -0.1},
        {.lm_weight = (double)NAN},
        {.min_confidence = 1.1},
        {.min_confidence = (double)NAN},
        {.n_alternatives = 9, .segment_ended = ignore},
        {.n_alternatives = 2},
        {.with_details = 1},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        heed_test_logged logged = {0};
        const heed_log log = {heed_test_logged_write, &logged};
        heed_stream *stream = (heed_stream *)&logged;

        CU_ASSERT_EQUAL(heed_stream_create(&stream, model, &wrong[i], &log),
                        HEED_ERR_ARG);
        CU_ASSERT_PTR_NULL(stream);
        CU_ASSERT_EQUAL(logged.lines, 1);
    }
}

static void test_stream__limits_of_the_range_work(void)
{
    static const heed_stream_config right[] = {
        {.chunk_frames = 256, .lookahead_frames = 256, .max_segment_s = 30.0},
        {.endpoint_s = 0.2, .max_segment_s = 4.0},
        {.endpoint_s = 10.0, .max_segment_s = 4.0, .chunk_frames = 256},
        {.sample_rate_hz = 8000},
        {.sample_rate_hz = 192000},
        {.n_texts = 8, .min_confidence = 1.0},
        {.n_texts = 1, .lm_weight = 2.0, .min_confidence = -1.0},
    };

    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        heard_all(&a, model, &right[i], sound, N_SAMPLES, 1600);
        CU_ASSERT(heard_in_order(&a, (double)N_SAMPLES / 8000.0 + 0.024));
    }
}

static void test_stream__missing_arguments_are_refused(void)
{
    heed_stream *stream = (heed_stream *)&a;

    CU_ASSERT_EQUAL(heed_stream_create(NULL, model, NULL, NULL), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_stream_create(&stream, NULL, NULL, NULL),
                    HEED_ERR_ARG);
    CU_ASSERT_PTR_NULL(stream);
    heed_stream_destroy(NULL);
    CU_ASSERT_EQUAL(heed_stream_feed(NULL, sound, 1), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_stream_finish(NULL), HEED_ERR_ARG);
    stream = create(NULL);
    CU_ASSERT_EQUAL(heed_stream_feed(stream, NULL, 1), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_stream_feed(stream, NULL, 0), HEED_AGAIN);
    heed_stream_destroy(stream);
}

/* ---- Memory ------------------------------------------------------------ */

static void test_stream__nothing_is_allocated_after_create(void)
{
    static const unsigned rates[] = {16000, 44100};

    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    for (size_t c = 0; c < N_CONFIGS; c++)
        for (size_t r = 0; r < 2; r++) {
            heed_stream_config config = configs[c];

            config.sample_rate_hz = rates[r];

            heed_stream *stream = create(&config);

            b.n_words = 0;
            heed_test_alloc_watch(0);
            heard_feed(&b, stream, rates[r], sound, N_SAMPLES, 1600);
            CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
            heard_take(&b, stream);
            heed_stream_reset(stream);
            heard_feed(&b, stream, rates[r], sound, N_SAMPLES / 2, 16000);
            CU_ASSERT_EQUAL(heed_test_alloc_stop(), 0);
            heed_stream_destroy(stream);
        }
}

static void test_stream__every_refused_allocation_is_survived(void)
{
    static const unsigned rates[] = {16000, 44100};

    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    for (size_t r = 0; r < 2; r++) {
        const heed_stream_config config = {.sample_rate_hz = rates[r],
                                           .min_confidence = -1.0};
        heed_status status = HEED_ERR_MEMORY;
        size_t n = 0;

        while (status == HEED_ERR_MEMORY && n < 100) {
            heed_stream *stream = (heed_stream *)&a;

            heed_test_alloc_watch(++n);
            status = heed_stream_create(&stream, model, &config, NULL);
            if (status == HEED_ERR_MEMORY)
                CU_ASSERT_PTR_NULL(stream);
            heed_stream_destroy(stream);
            (void)heed_test_alloc_stop();
            CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
        }
        CU_ASSERT_EQUAL(status, HEED_OK);
        printf("%zu allocations ... ", n - 1);
        CU_ASSERT(n > 5);
    }
}

/* Words that were heard without them, as hotwords. */
static heed_hotwords *make_hotwords(const heard *words)
{
    static char lines[4096];
    heed_hotwords *hotwords = NULL;
    size_t n = 0;

    for (size_t i = 0; i < words->n_words && n < sizeof(lines) - 256; i++) {
        const char *text = words->words[i].text;

        if (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                         "'.,-") == strlen(text) &&
            strpbrk(text, "abcdefghijklmnopqrstuvwxyz") != NULL &&
            strlen(text) < HEARD_BYTES - 1)
            n += (size_t)snprintf(lines + n, sizeof(lines) - n, "%s\t%zu\n",
                                  text, 1 + i % 3);
    }
    CU_ASSERT_EQUAL_FATAL(
        heed_hotwords_create(&hotwords, model, lines, n, NULL), HEED_OK);
    return hotwords;
}

static void test_stream__hotwords_break_no_promise(void)
{
    for (size_t c = 0; c < 2; c++) {
        heed_stream_config config = configs[c];

        heard_all(&a, model, &config, sound, N_SAMPLES, 1600);

        heed_hotwords *hotwords = make_hotwords(&a);
        heed_stream *stream = NULL;

        config.hotwords = hotwords;
        config.hotword_weight = 2.0;
        heard_all(&a, model, &config, sound, N_SAMPLES, HEARD_WHOLE);
        CU_ASSERT(a.n_words > 3);
        CU_ASSERT(heard_in_order(&a, (double)N_SAMPLES / RATE_HZ));
        stream = create(&config);
        b.n_words = 0;
        heed_test_alloc_watch(0);
        heard_feed(&b, stream, RATE_HZ, sound, N_SAMPLES, 4801);
        CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
        CU_ASSERT_EQUAL(heed_test_alloc_stop(), 0);
        heard_take(&b, stream);
        CU_ASSERT_TRUE(heard_same(&b, &a));
        heed_stream_destroy(stream);
        heed_hotwords_close(hotwords);
    }
}

/* ---- Threads ----------------------------------------------------------- */

enum { N_THREADS = 4 };

typedef struct listener {
    heed_stream *stream;
    heard words;
    bool fine;
} listener;

static void *listen(void *user)
{
    enum { STEP = 800 };
    listener *self = user;

    self->fine = true;
    for (size_t t = 0; t < N_SAMPLES; t += STEP) {
        self->fine = self->fine &&
                     heed_stream_feed(self->stream, sound + t, STEP) >= HEED_OK;
        heard_take(&self->words, self->stream);
    }
    self->fine = self->fine && heed_stream_finish(self->stream) == HEED_OK;
    heard_take(&self->words, self->stream);
    return NULL;
}

static void test_stream__threads_share_a_model(void)
{
    listener *listeners = calloc(N_THREADS, sizeof(*listeners));
    pthread_t threads[N_THREADS];

    CU_ASSERT_FATAL(listeners != NULL);
    for (size_t i = 0; i < N_THREADS; i++)
        listeners[i].stream = create(&configs[i % 2]);
    for (size_t i = 0; i < N_THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(
            pthread_create(&threads[i], NULL, listen, &listeners[i]), 0);
    for (size_t i = 0; i < N_THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < N_THREADS; i++) {
        heard_all(&a, model, &configs[i % 2], sound, N_SAMPLES, 800);
        CU_ASSERT_TRUE(listeners[i].fine);
        CU_ASSERT_TRUE(heard_same(&listeners[i].words, &a));
        heed_stream_destroy(listeners[i].stream);
    }
    free(listeners);
}

static CU_TestInfo tests[] = {
    {"cutting changes no bit", test_stream__cutting_changes_no_bit},
    {"cutting other rates changes no bit",
     test_stream__cutting_other_rates_changes_no_bit},
    {"chunk changes at a sample", test_stream__chunk_changes_at_a_sample},
    {"reset undoes the chunk", test_stream__reset_undoes_the_chunk},
    {"reset equals new", test_stream__reset_equals_new},
    {"values that are not finite count as zero",
     test_stream__values_that_are_not_finite_count_as_zero},
    {"huge values are harmless", test_stream__huge_values_are_harmless},
    {"committed words never change", test_stream__committed_words_never_change},
    {"taking keeps the rest", test_stream__taking_keeps_the_rest},
    {"full store refuses and loses nothing",
     test_stream__full_store_refuses_and_loses_nothing},
    {"finish finds room in a full store",
     test_stream__finish_finds_room_in_a_full_store},
    {"finish drains and refuses more",
     test_stream__finish_drains_and_refuses_more},
    {"shortest utterances finish", test_stream__shortest_utterances_finish},
    {"fields out of range are refused",
     test_stream__fields_out_of_range_are_refused},
    {"limits of the range work", test_stream__limits_of_the_range_work},
    {"missing arguments are refused",
     test_stream__missing_arguments_are_refused},
    {"nothing is allocated after create",
     test_stream__nothing_is_allocated_after_create},
    {"every refused allocation is survived",
     test_stream__every_refused_allocation_is_survived},
    {"hotwords break no promise", test_stream__hotwords_break_no_promise},
    {"threads share a model", test_stream__threads_share_a_model},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"stream", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
