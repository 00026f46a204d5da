/* test_evidence.c - what is told of finished segments, on a tiny model of
 * random weights, and on the default one. SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asr/heed.h"
#include "audio/soundfile.h"
#include "tests/support/alloc.h"
#include "tests/support/hearing.h"
#include "tests/support/signal.h"
#include "tests/support/slow.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

enum {
    RATE_HZ = 16000,
    N_SAMPLES = 30 * RATE_HZ,
    N_NOISE = (HEED_TEST_SLOW > 1 ? 8 : 30) * RATE_HZ
};

static heed_model *tiny, *whole, *model;
static float *sound;
static size_t n_samples;
static heard plain, cut;

/* What a listener has heard of all segments. */
typedef struct told {
    heard words; /* of the first alternatives */
    uint64_t digest;
    size_t n_segments;
    size_t n_alternatives;
    size_t n_tokens;
    size_t n_spikes;
    size_t number;
    bool fine;
} told;

static told first, second;

/* Bursts of noise, with pauses. */
static void make_sound(float *out, size_t count)
{
    uint32_t seed = 5;
    float low = 0.0F;
    float level = 0.0F;
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        if (left-- == 0) {
            left = (size_t)(2500.0F * (heed_test_noise(&seed) + 1.1F));
            level = heed_test_noise(&seed);
            if (heed_test_noise(&seed) > 0.8F) {
                left = RATE_HZ;
                level = 0.0F;
            }
        }
        low += 0.3F * (heed_test_noise(&seed) - low);
        out[i] = level * low;
    }
}

static int setup(void)
{
    const tiny_model_config config = {.seed = 64064, .quantised = true};

    sound = malloc(N_SAMPLES * sizeof(float));
    if (sound == NULL || tiny_model_open(&tiny, &config, NULL) != HEED_OK ||
        heed_model_open(&whole, HEED_TEST_MODEL, NULL) != HEED_OK)
        return -1;
    return 0;
}

static void use_tiny(void)
{
    model = tiny;
    n_samples = N_NOISE;
    make_sound(sound, N_NOISE);
}

/* The recording twice, with a pause; once where that takes too long. */
static void use_whole(void)
{
    heed_soundfile *from = NULL;
    heed_status status =
        heed_soundfile_open(&from, HEED_TEST_RECORDING, NULL, NULL);
    size_t count = 0;

    model = whole;
    while (status == HEED_OK) {
        size_t n = 0;

        status =
            heed_soundfile_read(from, sound + count, N_SAMPLES / 2 - count, &n);
        count += n;
    }
    heed_soundfile_close(from);
    CU_ASSERT_EQUAL_FATAL(status, HEED_END);
    n_samples = count;
    if (HEED_TEST_SLOW > 1)
        return;
    memset(sound + count, 0, RATE_HZ * 2 * sizeof(float));
    memcpy(sound + count + (size_t)RATE_HZ * 2, sound, count * sizeof(float));
    n_samples = 2 * count + (size_t)RATE_HZ * 2;
    CU_ASSERT_FATAL(n_samples <= N_SAMPLES);
}

static int teardown(void)
{
    heed_model_close(tiny);
    heed_model_close(whole);
    free(sound);
    return 0;
}

/* ---- A listener ------------------------------------------------------- */

static void digest(told *self, const void *data, size_t n_bytes)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < n_bytes; i++)
        self->digest = (self->digest ^ bytes[i]) * 1099511628211ULL;
}

static void expect(told *self, bool fact, const char *what)
{
    if (!fact && self->fine)
        printf("\n  segment %zu: %s\n", self->n_segments, what);
    self->fine = self->fine && fact;
}

static void add_word(heard *to, const heed_word *from)
{
    heard_word *word = &to->words[to->n_words++];

    (void)snprintf(word->text, HEARD_BYTES, "%s", from->text);
    word->start_s = from->start_s;
    word->end_s = from->end_s;
    word->confidence = from->confidence;
    word->segment = from->segment;
}

/* The letters of a text's words, without punctuation. */
static void spell(char *out, size_t size, const heed_alternative *text)
{
    size_t n = 0;

    for (size_t w = 0; w < text->n_words; w++) {
        for (const char *c = text->words[w].text; *c != '\0'; c++)
            if ((isalpha((unsigned char)*c) || *c == '\'') && n + 2 < size)
                out[n++] = (char)toupper((unsigned char)*c);
        if (n + 2 < size)
            out[n++] = ' ';
    }
    out[n] = '\0';
}

static void check_alternatives(told *self, const heed_segment *segment)
{
    static char spelled[8][8192];

    expect(self, segment->n_alternatives >= 1, "no text");
    expect(self, segment->n_alternatives <= 8, "too many texts");
    for (size_t i = 0; i < segment->n_alternatives; i++) {
        const heed_alternative *text = &segment->alternatives[i];
        const double scores[] = {text->score, text->attention, text->letters,
                                 text->language};

        spell(spelled[i], sizeof(spelled[i]), text);
        for (size_t k = 0; k < i; k++)
            expect(self, strcmp(spelled[i], spelled[k]) != 0, "equal texts");
        expect(self, i < 2 || text->score <= segment->alternatives[i - 1].score,
               "a worse text before a better one");
        expect(self, isfinite(text->score) && text->attention <= 0.0, "scores");
        digest(self, scores, sizeof(scores));
        digest(self, spelled[i], strlen(spelled[i]));
        for (size_t w = 0; w < text->n_words; w++) {
            const heed_word *word = &text->words[w];

            expect(self, w == 0 || word->start_s >= text->words[w - 1].end_s,
                   "times go back");
            expect(self, word->end_s >= word->start_s, "ends early");
            expect(self, i > 0 || word->committed, "not committed");
            expect(self, word->segment == segment->number, "number");
        }
    }
}

static double sum_of(const float *values, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)values[i];
    return sum;
}

static void check_tokens(told *self, const heed_segment *segment)
{
    const size_t n_words = segment->alternatives[0].n_words;
    size_t past = 0;

    expect(self, segment->n_tokens >= n_words, "fewer tokens than words");
    for (size_t i = 0; i < segment->n_tokens; i++) {
        const heed_token *token = &segment->tokens[i];
        const float *row = segment->attention + i * segment->n_frames;

        expect(self, fabs(sum_of(row, segment->n_frames) - 1.0) < 1e-3,
               "attention is no distribution");
        expect(self, token->log_prob <= 1e-6, "token's probability");
        digest(self, row, segment->n_frames * sizeof(float));
        digest(self, token->text, token->n_bytes);
        if (token->word == HEED_NO_WORD)
            continue;
        expect(self, token->word < n_words && token->word >= past,
               "token's word");
        past = token->word;
    }
    expect(self, n_words == 0 || past == n_words - 1, "word without tokens");
}

static void check_spikes(told *self, const heed_segment *segment)
{
    for (size_t t = 0; t < segment->n_frames; t++) {
        const float *row = segment->posteriors + t * HEED_N_LABELS;
        double sum = 0.0;

        for (size_t i = 0; i < HEED_N_LABELS; i++)
            sum += exp((double)row[i]);
        expect(self, fabs(sum - 1.0) < 1e-3, "posteriors");
        digest(self, row, HEED_N_LABELS * sizeof(float));
    }
    for (size_t i = 0; i < segment->n_spikes; i++) {
        const heed_spike *spike = &segment->spikes[i];
        const double middle_s =
            segment->start_s + ((double)spike->frame + 0.5) * segment->frame_s;

        expect(self, spike->frame < segment->n_frames, "spike's frame");
        expect(self, i == 0 || spike->frame > spike[-1].frame, "spikes' order");
        expect(self, fabs(spike->time_s - middle_s) < 1e-9, "spike's time");
        expect(self,
               spike->letter == ' ' || spike->letter == '\'' ||
                   (spike->letter >= 'A' && spike->letter <= 'Z'),
               "spike's letter");
        /* The likeliest of 29. */
        expect(self,
               spike->probability > 1.0 / HEED_N_LABELS &&
                   spike->probability <= 1.0 + 1e-6,
               "spike's probability");
        digest(self, &spike->frame, sizeof(spike->frame));
    }
}

static void listen(void *user, const heed_segment *segment)
{
    told *self = user;

    expect(self, self->n_segments == 0 || segment->number >= self->number,
           "numbers go back");
    check_alternatives(self, segment);
    if (segment->tokens != NULL) {
        check_tokens(self, segment);
        check_spikes(self, segment);
    } else {
        expect(self, segment->n_tokens == 0 && segment->attention == NULL,
               "details that nobody wants");
    }
    for (size_t w = 0; w < segment->alternatives[0].n_words; w++)
        add_word(&self->words, &segment->alternatives[0].words[w]);
    self->number = segment->number;
    self->n_segments++;
    self->n_alternatives += segment->n_alternatives;
    self->n_tokens += segment->n_tokens;
    self->n_spikes += segment->n_spikes;
}

/* Hears the sound, in pieces, and listens. */
static void hear(told *self, heard *words, heed_stream_config config,
                 size_t n_alternatives, int piece)
{
    *self = (told){.fine = true, .digest = 14695981039346656037ULL};
    config.segment_ended = listen;
    config.segment_user = self;
    config.n_alternatives = n_alternatives;
    config.with_details = n_alternatives > 1;
    config.min_confidence = -1.0;
    heard_all(words, model, &config, sound, n_samples, piece);
    CU_ASSERT_TRUE(self->fine);
}

static const heed_stream_config configs[] = {
    {.latency = HEED_LATENCY_FILE, .n_texts = 4},
    {.latency = HEED_LATENCY_LIVE},
    {.latency = HEED_LATENCY_FILE, .max_segment_s = 4.0, .endpoint_s = 0.2},
    {.latency = HEED_LATENCY_LIVE, .max_segment_s = 4.0, .endpoint_s = 10.0},
    {.latency = HEED_LATENCY_FILE, .n_texts = 1},
};
enum { N_CONFIGS = sizeof(configs) / sizeof(configs[0]) };

/* ---- Tests ------------------------------------------------------------ */

static void check_first_text(size_t n_configs)
{
    for (size_t c = 0; c < n_configs; c++) {
        heed_stream_config config = configs[c];

        config.min_confidence = -1.0;
        heard_all(&plain, model, &config, sound, n_samples, 1600);
        CU_ASSERT(plain.n_words > 3);
        hear(&first, &cut, configs[c], 8, 1600);
        printf("%zu texts of %zu segments ... ", first.n_alternatives,
               first.n_segments);
        /* Who listens hears the same. */
        CU_ASSERT_TRUE(heard_same(&cut, &plain));
        CU_ASSERT_TRUE(heard_same(&first.words, &plain));
        CU_ASSERT(model != whole || c > 0 ||
                  first.n_alternatives > first.n_segments);
        CU_ASSERT(first.n_tokens >= plain.n_words);
        CU_ASSERT(first.n_spikes > 0);
    }
}

static void test_evidence__first_text_is_the_committed_one(void)
{
    use_tiny();
    check_first_text(N_CONFIGS);
    use_whole();
    check_first_text(HEED_TEST_SLOW > 1 ? 2 : N_CONFIGS);
}

static void test_evidence__cutting_changes_no_bit(void)
{
    static const int pieces[] = {160, 4801, HEARD_RANDOM};

    use_tiny();
    for (size_t c = 0; c < N_CONFIGS; c++) {
        hear(&first, &plain, configs[c], 4, HEARD_WHOLE);
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
            hear(&second, &cut, configs[c], 4, pieces[i]);
            CU_ASSERT_EQUAL(second.digest, first.digest);
            CU_ASSERT_EQUAL(second.n_segments, first.n_segments);
        }
    }
}

static void test_evidence__no_more_is_told_than_was_asked_for(void)
{
    use_whole();
    hear(&first, &plain, configs[0], 0, 1600);
    CU_ASSERT(first.n_segments > 0);
    CU_ASSERT_EQUAL(first.n_alternatives, first.n_segments);
    CU_ASSERT_EQUAL(first.n_tokens, 0);
    hear(&first, &plain, configs[0], 2, 1600);
    CU_ASSERT(first.n_alternatives <= 2 * first.n_segments);
    CU_ASSERT(first.n_alternatives > first.n_segments);
}

static void test_evidence__nothing_is_allocated(void)
{
    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    use_tiny();
    for (size_t c = 0; c < N_CONFIGS; c++) {
        heed_stream_config config = configs[c];
        heed_stream *stream = NULL;

        first = (told){.fine = true};
        config.segment_ended = listen;
        config.segment_user = &first;
        config.n_alternatives = 8;
        config.with_details = 1;
        config.min_confidence = -1.0;
        CU_ASSERT_EQUAL_FATAL(heed_stream_create(&stream, model, &config, NULL),
                              HEED_OK);
        cut.n_words = 0;
        heed_test_alloc_watch(0);
        heard_feed(&cut, stream, RATE_HZ, sound, n_samples, 1600);
        CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
        CU_ASSERT_EQUAL(heed_test_alloc_stop(), 0);
        CU_ASSERT(first.n_segments > 0);
        heed_stream_destroy(stream);
    }
}

static CU_TestInfo tests[] = {
    {"first text is the committed one",
     test_evidence__first_text_is_the_committed_one},
    {"cutting changes no bit", test_evidence__cutting_changes_no_bit},
    {"no more is told than was asked for",
     test_evidence__no_more_is_told_than_was_asked_for},
    {"nothing is allocated", test_evidence__nothing_is_allocated},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"evidence", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
