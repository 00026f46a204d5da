/* fake_recogniser.c - heed.h without a model. SPDX-License-Identifier:
 * Apache-2.0
 *
 * Linked with the command instead of the recogniser, so that its outputs can
 * be compared with files: it "hears" a word every 0.4 s whatever the samples
 * are, commits it half a second later, shows one tentative word, and pauses
 * for a second after each fifteen words, where a segment ends. Asked to spell,
 * it spells the same words. With HEED_FAKE_SLOWNESS=2 it takes two seconds to
 * hear one, less with bigger chunks, as the real one. */
#include "asr/forced.h"
#include "asr/heed.h"
#include "asr/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORD_S          0.4
#define PAUSE_S         1.0
#define DELAY_S         0.5
#define SEGMENT_WORDS   15
#define WORDS_AT_A_TIME 512
#define FRAME_S         0.024

static const char *const vocabulary[] = {
    "This",
    "is",
    "the",
    "first",
    "sentence.",
    "Here",
    "comes",
    "a",
    "na\xc3\xafve",
    "\"one\"",
    "with",
    "a",
    "back\\",
    "slash,",
    "then",
    "a",
    "Donaudampfschifffahrtsgesellschaftskapit\xc3\xa4nsm\xc3\xbctze,",
    "and",
    "an",
    "end?",
    "Yes!"};
enum { N_VOCABULARY = sizeof vocabulary / sizeof vocabulary[0] };

struct heed_model {
    char name[8];
};

struct heed_stream {
    unsigned rate_hz;
    double slowness;
    size_t chunk; /* 0: the usual one */
    unsigned long long n_samples;
    size_t n_taken;
    int finished;
    size_t n_spelt; /* frames */
    heed_spelling_write *spell;
    void *speller;
    heed_word *words; /* [WORDS_AT_A_TIME] filled anew for every result */
};

heed_status heed_model_open(heed_model **out, const char *path,
                            const heed_log *log)
{
    FILE *file = fopen(path, "rb");
    char line[256];

    *out = NULL;
    if (file == NULL) {
        snprintf(line, sizeof line, "%s: cannot open", path);
        log->write(log->user, HEED_LOG_ERROR, line);
        return HEED_ERR_IO;
    }
    fclose(file);
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return HEED_ERR_MEMORY;
    memcpy((*out)->name, "fake", 5);
    return HEED_OK;
}

void heed_model_close(heed_model *model)
{
    free(model);
}

void heed_model_describe(const heed_model *model, heed_model_info *info)
{
    *info = (heed_model_info){.name = model->name,
                              .license = "none",
                              .card = "# Card\n\nNothing is \"known\".",
                              .notices = "No notices.",
                              .sample_rate_hz = 16000,
                              .n_parameters = 1234567,
                              .n_vocabulary = N_VOCABULARY,
                              .file_bytes = 7654321,
                              .frame_s = FRAME_S};
}

heed_status heed_stream_create(heed_stream **out, const heed_model *model,
                               const heed_stream_config *config,
                               const heed_log *log)
{
    const char *slowness = getenv("HEED_FAKE_SLOWNESS");

    (void)model;
    (void)log;
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return HEED_ERR_MEMORY;
    (*out)->words = calloc(WORDS_AT_A_TIME, sizeof *(*out)->words);
    if ((*out)->words == NULL) {
        free(*out);
        *out = NULL;
        return HEED_ERR_MEMORY;
    }
    (*out)->rate_hz = config->sample_rate_hz;
    (*out)->slowness = slowness != NULL ? atof(slowness) : 0.0;
    return HEED_OK;
}

void heed_stream_destroy(heed_stream *stream)
{
    if (stream != NULL)
        free(stream->words);
    free(stream);
}

static double heard_s(const heed_stream *stream)
{
    return (double)stream->n_samples / stream->rate_hz;
}

static double start_of(size_t number)
{
    return 0.05 + WORD_S * (double)number +
           PAUSE_S * (double)(number / SEGMENT_WORDS);
}

void heed_stream_spell(heed_stream *stream, heed_spelling_write *write,
                       void *user)
{
    stream->spell = write;
    stream->speller = user;
}

/* The label of a frame: a word's letters come one a frame from its start on. */
static int label_at(size_t frame)
{
    const double at_s = FRAME_S * (double)frame;
    size_t number = 0;
    size_t skipped;
    int label = HEED_CTC_BLANK;

    while (start_of(number) + WORD_S <= at_s)
        number++;
    if (at_s < start_of(number))
        return HEED_CTC_BLANK;
    skipped = (size_t)((at_s - start_of(number)) / FRAME_S);
    for (const char *c = vocabulary[number % N_VOCABULARY]; *c != '\0'; c++) {
        label = heed_ctc_label((unsigned char)*c);
        if (label > 0 && skipped-- == 0)
            return label;
    }
    return HEED_CTC_BLANK;
}

/* Posteriors of the frames heard since the last time. */
static void spell(heed_stream *stream)
{
    while (FRAME_S * (double)(stream->n_spelt + 1) <= heard_s(stream)) {
        float log_probs[HEED_CTC_LABELS];

        for (size_t i = 0; i < HEED_CTC_LABELS; i++)
            log_probs[i] = -6.0F;
        log_probs[label_at(stream->n_spelt)] = -0.1F;
        stream->spell(stream->speller, log_probs, 1);
        stream->n_spelt++;
    }
}

heed_status heed_stream_feed(heed_stream *stream, const float *samples,
                             size_t count)
{
    (void)samples;
    const double part = stream->chunk < 27   ? 1.0
                        : stream->chunk < 54 ? 0.6
                                             : 0.4;
    const double seconds =
        part * stream->slowness * (double)count / stream->rate_hz;
    struct timespec pause = {
        .tv_sec = (time_t)seconds,
        .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};

    if (stream->finished)
        return HEED_ERR_STATE;
    if (stream->spell != NULL) {
        stream->n_samples += count;
        spell(stream);
        return HEED_AGAIN;
    }
    /* A signal does not hurry it. */
    while (seconds > 0.0 && nanosleep(&pause, &pause) != 0)
        continue;
    stream->n_samples += count;
    return HEED_OK;
}

void heed_stream_set_chunk(heed_stream *stream, size_t chunk_frames)
{
    stream->chunk = chunk_frames;
}

heed_status heed_stream_finish(heed_stream *stream)
{
    stream->finished = 1;
    return HEED_OK;
}

void heed_stream_reset(heed_stream *stream)
{
    stream->n_samples = 0;
    stream->n_taken = 0;
    stream->chunk = 0;
    stream->finished = 0;
}

void heed_stream_result(const heed_stream *stream, heed_result *result)
{
    heed_word *words = stream->words;
    const double end_s = heard_s(stream);

    *result = (heed_result){.words = words, .heard_s = end_s};
    for (size_t n = 0; n < WORDS_AT_A_TIME; n++) {
        const size_t number = stream->n_taken + n;
        const double start_s = start_of(number);
        const int committed =
            start_s + WORD_S + (stream->finished ? 0.0 : DELAY_S) <= end_s;

        if (start_s + WORD_S > end_s)
            break;
        words[n] = (heed_word){
            .text = committed ? vocabulary[number % N_VOCABULARY] : "WRONG",
            .start_s = start_s,
            .end_s = start_s + 0.3,
            .confidence = 0.75F,
            .committed = committed,
            .segment = number / SEGMENT_WORDS};
        result->n_words = n + 1;
        result->n_committed += committed ? 1 : 0;
    }
    result->revision = (unsigned long)(2 * stream->n_taken + result->n_words +
                                       result->n_committed);
    result->segment = (stream->n_taken + result->n_committed) / SEGMENT_WORDS;
}

void heed_stream_take(heed_stream *stream, size_t n_words)
{
    stream->n_taken += n_words;
}

void heed_stream_profile(heed_stream *stream, heed_profile *profile)
{
    (void)stream;
    (void)profile;
}
