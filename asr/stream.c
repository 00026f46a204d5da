/* stream.c - the pipeline of one recognition. SPDX-License-Identifier:
 * Apache-2.0
 *
 *   samples -> resample -> MFCC -> CMVN -> stem -> encoder -> search -> words
 *
 * Encoder frames are handed on in chunks: as soon as a chunk and its
 * look-ahead are there, or at the end of the audio with as much look-ahead as
 * is left. What is computed depends on the samples alone, never on how they
 * were cut. All memory is one arena, laid out at create. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/arena.h"
#include "asr/base/log.h"
#include "asr/encoder.h"
#include "asr/forced.h"
#include "asr/heed.h"
#include "asr/hotwords.h"
#include "asr/model.h"
#include "asr/search.h"
#include "asr/stem.h"
#include "asr/stream.h"
#include "asr/transcript.h"
#include "audio/resample.h"
#include "frontend/mfcc.h"
#include "lm/lm.h"

/* Samples handed from one stage to the next at a time. */
#define BLOCK_SAMPLES 512
/* Committed words that one chunk can add: a segment's tokens, twice. */
#define WORDS_PER_FEED (2 * HEED_MAX_TOKENS)
#define MAX_FRAMES     256
/* Weights of the search, chosen on dev. */
#define LETTER_WEIGHT 0.02F
#define WORD_BONUS    0.3F
/* About what a word costs by a language model of its domain: without it, words
 * are left out where the weight is large. */
#define LM_WORD_BONUS  3.0
#define HOTWORD_WEIGHT 0.5
/* On dev 3 of 465 segments have less, nearly all of their words wrong; most of
 * what is heard in noise has. */
#define MIN_CONFIDENCE  0.48
#define STEM_REACH_HOPS 4 /* cepstra that the stem sees beyond its stride */
/* So many frames before a live chunk are encoded with it once more: words that
 * began there are heard with more look-ahead, at no delay (asr/README.md). */
#define AGAIN_FRAMES 12

struct heed_stream {
    const heed_model *model;
    heed_stream_config config; /* complete: no defaults left */
    heed_resample *resample;
    heed_mfcc *mfcc;
    heed_arena arena;
    heed_stem stem;
    heed_encoder encoder;
    heed_ctc ctc;
    heed_search search;
    heed_transcript transcript;
    heed_profile *profile;      /* borrowed, or NULL */
    size_t chunk;               /* frames of the next one */
    size_t max_again;           /* frames handed on that are encoded again */
    size_t max_rows;            /* R = max_again + max_chunk_frames +
                                   lookahead_frames */
    size_t n_again;             /* in `frames`, before ... */
    size_t n_stem;              /* ... encoder frames that wait */
    float *frames;              /* [R][width] stem outputs */
    float *memory;              /* [R][width], for the decoder */
    float *spelling;            /* [R][width], for the CTC */
    float *log_probs;           /* [R][HEED_CTC_LABELS] */
    float *cepstra;             /* [n_cepstra] */
    float *clean;               /* [BLOCK_SAMPLES] */
    float *samples;             /* [BLOCK_SAMPLES] at the model's rate */
    unsigned long long n_fed;   /* samples, at the caller's rate */
    unsigned long long n_heard; /* encoder frames handed on */
    heed_spelling_write *spell; /* gets posteriors instead of the search; or
                                   NULL */
    void *speller;
    bool finished;
};

/* ---- Creation ------------------------------------------------------- */

static bool in_range(double value, double low, double high)
{
    return value >= low && value <= high;
}

/* Returns whether the language model has a word that could be heard. */
static bool has_words(const heed_lm *lm)
{
    for (char letter = 'a'; letter <= 'z'; letter++) {
        uint32_t first;
        uint32_t last;

        if (heed_lm_prefix(lm, &letter, 1, &first, &last))
            return true;
    }
    return false;
}

/* Returns HEED_OK or HEED_ERR_ARG. */
static heed_status check_hotwords(const heed_stream_config *config,
                                  const heed_model *model, const heed_log *log)
{
    if (!in_range(config->hotword_weight, 0.0, 10.0)) {
        heed_log_error(log, "a weight of 0-10 for hotwords is possible");
        return HEED_ERR_ARG;
    }
    if (config->hotwords != NULL && config->hotwords->model != model) {
        heed_log_error(log, "the hotwords were made for another model");
        return HEED_ERR_ARG;
    }
    return HEED_OK;
}

/* Returns HEED_OK, or HEED_ERR_ARG if what the search is told is out of
 * range. */
static heed_status check_search(const heed_stream_config *config,
                                const heed_model *model, const heed_log *log)
{
    if (config->n_texts > HEED_MAX_BEAM ||
        !in_range(config->lm_weight, 0.0, 2.0)) {
        heed_log_error(log,
                       "at most %d texts and a weight of 0-2 for the language "
                       "model are possible",
                       HEED_MAX_BEAM);
        return HEED_ERR_ARG;
    }
    if (config->lm != NULL && !has_words(config->lm)) {
        heed_log_error(log, "the language model has no word that begins with a "
                            "letter from A to Z");
        return HEED_ERR_ARG;
    }
    if (!(config->min_confidence <= 1.0)) {
        heed_log_error(log, "no confidence is above 1");
        return HEED_ERR_ARG;
    }
    if (config->n_alternatives > HEED_MAX_BEAM) {
        heed_log_error(log, "at most %d alternatives are possible",
                       HEED_MAX_BEAM);
        return HEED_ERR_ARG;
    }
    if (config->segment_ended == NULL &&
        (config->n_alternatives > 1 || config->with_details)) {
        heed_log_error(log, "alternatives and details need somebody to be "
                            "told: segment_ended");
        return HEED_ERR_ARG;
    }
    return check_hotwords(config, model, log);
}

/* Replaces zeros by defaults. Returns HEED_OK or HEED_ERR_ARG. */
static heed_status complete_config(heed_stream_config *config,
                                   const heed_model *model, const heed_log *log)
{
    if (config->latency != HEED_LATENCY_FILE &&
        config->latency != HEED_LATENCY_LIVE) {
        heed_log_error(log, "there is no latency %d", (int)config->latency);
        return HEED_ERR_ARG;
    }

    const heed_model_preset *preset = &model->presets[config->latency];

    if (config->sample_rate_hz == 0)
        config->sample_rate_hz = model->info.sample_rate_hz;
    if (config->chunk_frames == 0)
        config->chunk_frames = preset->chunk_frames;
    if (config->lookahead_frames == 0)
        config->lookahead_frames = preset->lookahead_frames;
    if (config->n_texts == 0)
        config->n_texts = 8;
    if (config->n_alternatives == 0)
        config->n_alternatives = 1;
    if (config->lm_weight == 0.0)
        config->lm_weight = 0.05;
    if (config->hotword_weight == 0.0)
        config->hotword_weight = HOTWORD_WEIGHT;
    if (config->min_confidence == 0.0)
        config->min_confidence = MIN_CONFIDENCE;
    if (config->endpoint_s == 0.0)
        config->endpoint_s = 1.2;
    if (config->max_segment_s == 0.0)
        config->max_segment_s = 20.0;
    if (config->sample_rate_hz < HEED_RESAMPLE_MIN_HZ ||
        config->sample_rate_hz > HEED_RESAMPLE_MAX_HZ) {
        heed_log_error(log, "sample rate %u Hz is not within %u-%u Hz",
                       config->sample_rate_hz, HEED_RESAMPLE_MIN_HZ,
                       HEED_RESAMPLE_MAX_HZ);
        return HEED_ERR_ARG;
    }
    if (config->max_chunk_frames < config->chunk_frames)
        config->max_chunk_frames = config->chunk_frames;
    if (config->max_chunk_frames > MAX_FRAMES ||
        config->lookahead_frames > MAX_FRAMES) {
        heed_log_error(log, "chunk and look-ahead are at most %d frames",
                       MAX_FRAMES);
        return HEED_ERR_ARG;
    }
    if (!in_range(config->endpoint_s, 0.2, 10.0) ||
        !in_range(config->max_segment_s, 4.0, 30.0)) {
        heed_log_error(log, "a pause of 0.2-10 s and a segment of at most "
                            "4-30 s are possible");
        return HEED_ERR_ARG;
    }
    return check_search(config, model, log);
}

static size_t frames_of(const heed_stream *stream, double seconds)
{
    return (size_t)lround(seconds / stream->model->info.frame_s);
}

static float word_bonus(const heed_stream_config *config)
{
    return config->lm != NULL
               ? WORD_BONUS + (float)(config->lm_weight * LM_WORD_BONUS)
               : WORD_BONUS;
}

/* The arena's pieces, in the order of the data flow. Runs twice: to measure
 * and to carve. */
static void lay_out(heed_stream *stream, heed_arena *arena)
{
    const heed_model *model = stream->model;
    const heed_stream_config *config = &stream->config;
    const bool is_live = config->latency == HEED_LATENCY_LIVE;
    const size_t n_new = config->max_chunk_frames + config->lookahead_frames;
    const size_t n_rows = n_new + (is_live ? AGAIN_FRAMES : 0);
    const size_t width = model->encoder.sizes.width;
    const heed_search_config search = {
        .max_segment_frames = frames_of(stream, config->max_segment_s),
        .max_chunk_frames = n_new,
        .max_ahead_frames = config->lookahead_frames,
        .pause_frames = frames_of(stream, config->endpoint_s),
        .incremental = is_live,
        .beam = {.n_texts = config->n_texts,
                 .max_ends = config->n_alternatives > config->n_texts
                                 ? config->n_alternatives
                                 : config->n_texts,
                 .letter_weight = LETTER_WEIGHT,
                 .lm_weight = (float)config->lm_weight,
                 .word_bonus = word_bonus(config),
                 .phrase_weight = (float)config->hotword_weight},
        .min_log_confidence = config->min_confidence > 0.0
                                  ? (float)log(config->min_confidence)
                                  : -INFINITY,
        .frame_s = model->info.frame_s,
        .evidence = {.listener = config->segment_ended,
                     .user = config->segment_user,
                     .n_alternatives = config->n_alternatives,
                     .with_details = config->with_details != 0},
    };
    const heed_search_parts parts = {
        .decoder = &model->decoder,
        .voice = model->voice.weight != NULL ? &model->voice : NULL,
        .tokenizer = model->tokenizer,
        .kernels = model->kernels,
        .lm = config->lm,
        .hotwords = config->hotwords,
    };

    stream->max_again = n_rows - n_new;
    stream->max_rows = n_rows;
    stream->clean = heed_arena_take(arena, BLOCK_SAMPLES, sizeof(float));
    stream->samples = heed_arena_take(arena, BLOCK_SAMPLES, sizeof(float));
    stream->cepstra =
        heed_arena_take(arena, model->frontend.mfcc.n_cepstra, sizeof(float));
    heed_stem_init(&stream->stem, &model->stem, n_rows, model->kernels, arena);
    stream->frames = heed_arena_take(arena, n_rows, width * sizeof(float));
    heed_encoder_init(&stream->encoder, &model->encoder, n_rows, model->kernels,
                      arena);
    stream->memory = heed_arena_take(arena, n_rows, width * sizeof(float));
    stream->spelling = heed_arena_take(arena, n_rows, width * sizeof(float));
    heed_ctc_init(&stream->ctc, &model->ctc, n_rows, model->kernels, arena);
    stream->log_probs =
        heed_arena_take(arena, n_rows, HEED_CTC_LABELS * sizeof(float));
    heed_search_init(&stream->search, &search, &parts, &stream->transcript,
                     arena);
    heed_transcript_init(&stream->transcript, arena);
}

static heed_status allocate(heed_stream *stream)
{
    heed_arena measure;
    heed_status status;

    heed_arena_init_measure(&measure);
    lay_out(stream, &measure);
    status = heed_arena_status(&measure);
    if (status == HEED_OK)
        status = heed_arena_init(&stream->arena, heed_arena_used(&measure));
    if (status == HEED_OK) {
        lay_out(stream, &stream->arena);
        status = heed_arena_status(&stream->arena);
    }
    if (status == HEED_OK)
        status = heed_resample_create(&stream->resample,
                                      stream->config.sample_rate_hz,
                                      stream->model->info.sample_rate_hz);
    if (status == HEED_OK)
        status = heed_mfcc_create(&stream->mfcc, &stream->model->frontend.mfcc);
    return status;
}

heed_status heed_stream_create(heed_stream **out, const heed_model *model,
                               const heed_stream_config *config,
                               const heed_log *log)
{
    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (model == NULL)
        return HEED_ERR_ARG;

    heed_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return HEED_ERR_MEMORY;
    stream->model = model;
    if (config != NULL)
        stream->config = *config;

    heed_status status = complete_config(&stream->config, model, log);

    if (status == HEED_OK)
        status = allocate(stream);
    if (status != HEED_OK) {
        heed_stream_destroy(stream);
        return status;
    }
    heed_stream_reset(stream);
    *out = stream;
    return HEED_OK;
}

void heed_stream_destroy(heed_stream *stream)
{
    if (stream == NULL)
        return;
    heed_mfcc_destroy(stream->mfcc);
    heed_resample_destroy(stream->resample);
    heed_arena_deinit(&stream->arena);
    free(stream);
}

void heed_stream_reset(heed_stream *stream)
{
    heed_resample_reset(stream->resample);
    heed_mfcc_reset(stream->mfcc);
    heed_stem_reset(&stream->stem);
    heed_encoder_reset(&stream->encoder);
    heed_ctc_reset(&stream->ctc);
    heed_search_reset(&stream->search);
    heed_transcript_reset(&stream->transcript);
    stream->chunk = stream->config.chunk_frames;
    stream->n_again = 0;
    stream->n_stem = 0;
    stream->n_fed = 0;
    stream->n_heard = 0;
    stream->finished = false;
}

/* ---- The pipeline --------------------------------------------------- */

/* Moves what the stem has ready to `frames`, as far as there is room. */
static void run_stem(heed_stream *stream)
{
    const size_t ready = heed_stem_ready(&stream->stem);
    const size_t n_rows = stream->n_again + stream->n_stem;
    const size_t room = stream->max_rows - n_rows;
    const size_t n = ready < room ? ready : room;

    if (n == 0)
        return;

    const heed_stage before =
        heed_profile_enter(stream->profile, HEED_STAGE_STEM);

    heed_stem_run(&stream->stem,
                  stream->frames + n_rows * stream->model->encoder.sizes.width,
                  n);
    heed_profile_leave(stream->profile, before);
    stream->n_stem += n;
}

/* Encodes the first `n_done + n_rest` of `frames`; the first `n_done` do not
 * come again. */
static void encode(heed_stream *stream, size_t n_done, size_t n_rest)
{
    const heed_stage before =
        heed_profile_enter(stream->profile, HEED_STAGE_ENCODER);

    heed_encoder_run(&stream->encoder, stream->memory, stream->spelling,
                     stream->frames, n_done, n_rest);
    (void)heed_profile_enter(stream->profile, HEED_STAGE_CTC);
    heed_ctc_forward(&stream->ctc, stream->log_probs, stream->spelling, n_done,
                     n_rest);
    heed_profile_leave(stream->profile, before);
}

/* Hands an encoded chunk on. Returns as heed_search_feed(). */
static size_t search_chunk(heed_stream *stream, const heed_search_chunk *chunk,
                           bool *paused)
{
    const heed_stage before =
        heed_profile_enter(stream->profile, HEED_STAGE_SEARCH);
    size_t n_taken = chunk->n_main;

    *paused = false;
    if (stream->spell != NULL)
        stream->spell(stream->speller,
                      chunk->log_probs + chunk->n_again * HEED_CTC_LABELS,
                      chunk->n_main);
    else
        n_taken = heed_search_feed(&stream->search, chunk, paused);
    heed_profile_leave(stream->profile, before);
    return n_taken;
}

/* Encodes and searches the first `n_main` waiting frames with `n_ahead` of
 * those after them, up to a pause: what follows it goes on waiting. */
static void run_chunk(heed_stream *stream, size_t n_main, size_t n_ahead)
{
    const size_t width = stream->model->encoder.sizes.width;
    const heed_search_chunk chunk = {
        .memory = stream->memory,
        .log_probs = stream->log_probs,
        .n_again = stream->n_again,
        .n_main = n_main,
        .n_ahead = n_ahead,
        .is_end = stream->finished,
    };
    const size_t n_known = stream->n_again + n_main;
    size_t n_again = n_known < stream->max_again ? n_known : stream->max_again;
    bool paused;
    size_t n_taken;

    encode(stream, n_known - n_again, n_again + n_ahead);
    n_taken = search_chunk(stream, &chunk, &paused);
    /* What is said after a pause is heard better without what was before. */
    if (paused) {
        heed_encoder_reset(&stream->encoder);
        heed_ctc_reset(&stream->ctc);
        n_again = 0;
    }
    stream->n_stem -= n_taken;
    memmove(stream->frames,
            stream->frames + (stream->n_again + n_taken - n_again) * width,
            (n_again + stream->n_stem) * width * sizeof(float));
    stream->n_again = n_again;
    stream->n_heard += n_taken;
}

/* Takes samples at the model's rate. */
static void hear(heed_stream *stream, const float *samples, size_t count)
{
    const size_t chunk = stream->chunk;
    const size_t ahead = stream->config.lookahead_frames;
    const heed_stage before =
        heed_profile_enter(stream->profile, HEED_STAGE_MFCC);

    while (count > 0) {
        const size_t taken = heed_mfcc_feed(stream->mfcc, samples, count);

        samples += taken;
        count -= taken;
        while (heed_mfcc_next(stream->mfcc, stream->cepstra) == HEED_OK) {
            heed_cmvn_apply(&stream->model->frontend.cmvn, stream->cepstra, 1);
            heed_stem_feed(&stream->stem, stream->cepstra);
            if (stream->n_stem + heed_stem_ready(&stream->stem) < chunk + ahead)
                continue;
            run_stem(stream);
            run_chunk(stream, chunk, ahead);
        }
    }
    heed_profile_leave(stream->profile, before);
}

/* Hears what the resampler has ready. */
static void drain_resampler(heed_stream *stream)
{
    size_t n = 0;

    while ((n = heed_resample_next(stream->resample, stream->samples,
                                   BLOCK_SAMPLES)) > 0)
        hear(stream, stream->samples, n);
}

/* Feeds a block, values that are not finite as 0. */
static void feed_block(heed_stream *stream, const float *samples, size_t count)
{
    const heed_stage before =
        heed_profile_enter(stream->profile, HEED_STAGE_RESAMPLE);
    const float *at = stream->clean;

    for (size_t i = 0; i < count; i++)
        stream->clean[i] = isfinite(samples[i]) ? samples[i] : 0.0F;
    while (count > 0) {
        const size_t taken = heed_resample_feed(stream->resample, at, count);

        at += taken;
        count -= taken;
        drain_resampler(stream);
    }
    heed_profile_leave(stream->profile, before);
}

heed_status heed_stream_feed(heed_stream *stream, const float *samples,
                             size_t count)
{
    if (stream == NULL || (samples == NULL && count > 0))
        return HEED_ERR_ARG;
    if (stream->finished)
        return HEED_ERR_STATE;

    const unsigned long before = stream->transcript.revision;

    while (count > 0) {
        const size_t n = count < BLOCK_SAMPLES ? count : BLOCK_SAMPLES;

        if (!heed_transcript_has_room(&stream->transcript, WORDS_PER_FEED))
            return HEED_ERR_STATE;
        feed_block(stream, samples, n);
        stream->n_fed += n;
        samples += n;
        count -= n;
    }
    return stream->transcript.revision != before ? HEED_OK : HEED_AGAIN;
}

void heed_stream_set_chunk(heed_stream *stream, size_t chunk_frames)
{
    const heed_stream_config *config = &stream->config;

    stream->chunk = chunk_frames < config->chunk_frames ? config->chunk_frames
                    : chunk_frames > config->max_chunk_frames
                        ? config->max_chunk_frames
                        : chunk_frames;
}

heed_status heed_stream_finish(heed_stream *stream)
{
    if (stream == NULL)
        return HEED_ERR_ARG;
    if (stream->finished)
        return HEED_ERR_STATE;

    const heed_mfcc_config *mfcc = &stream->model->frontend.mfcc;
    const size_t chunk = stream->chunk;
    const size_t ahead = stream->config.lookahead_frames;
    /* Silence that completes the last frame's window and the stem's reach. */
    size_t tail = mfcc->window_samples - mfcc->hop_samples +
                  STEM_REACH_HOPS * mfcc->hop_samples;
    heed_stage before;

    stream->finished = true;
    heed_resample_finish(stream->resample);
    drain_resampler(stream);
    memset(stream->samples, 0, BLOCK_SAMPLES * sizeof(float));
    while (tail > 0) {
        const size_t n = tail < BLOCK_SAMPLES ? tail : BLOCK_SAMPLES;

        hear(stream, stream->samples, n);
        tail -= n;
    }
    run_stem(stream);
    while (stream->n_stem > 0) {
        const size_t n_main = stream->n_stem < chunk ? stream->n_stem : chunk;
        const size_t rest = stream->n_stem - n_main;

        run_chunk(stream, n_main, rest < ahead ? rest : ahead);
        run_stem(stream);
    }
    before = heed_profile_enter(stream->profile, HEED_STAGE_SEARCH);
    if (stream->spell == NULL)
        heed_search_finish(&stream->search);
    heed_profile_leave(stream->profile, before);
    return HEED_OK;
}

void heed_stream_spell(heed_stream *stream, heed_spelling_write *write,
                       void *user)
{
    stream->spell = write;
    stream->speller = user;
}

void heed_stream_profile(heed_stream *stream, heed_profile *profile)
{
    stream->profile = profile;
    stream->search.decoder.profile = profile;
}

/* ---- Results -------------------------------------------------------- */

void heed_stream_result(const heed_stream *stream, heed_result *result)
{
    const heed_transcript *transcript = &stream->transcript;
    const heed_search *search = &stream->search;
    const double frame_s = stream->model->info.frame_s;

    *result = (heed_result){
        .words = transcript->words,
        .n_words = transcript->n_words,
        .n_committed = transcript->n_committed,
        .revision = transcript->revision,
        .heard_s =
            (double)stream->n_fed / (double)stream->config.sample_rate_hz,
        .committed_s =
            (double)(search->first_frame + search->committed_row) * frame_s,
        .segment = search->segment,
    };
}

void heed_stream_take(heed_stream *stream, size_t n_words)
{
    heed_transcript_take(&stream->transcript, n_words);
}
