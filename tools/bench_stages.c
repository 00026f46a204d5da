/* bench_stages.c - where the time goes. SPDX-License-Identifier: Apache-2.0
 *
 * The first stages run by themselves, over the same audio and in the same
 * chunks as in asr/stream.c; the search, whose work depends on what it hears,
 * is what they leave of the whole. */
#include "asr/base/arena.h"
#include "asr/encoder.h"
#include "asr/model.h"
#include "asr/stem.h"
#include "audio/resample.h"
#include "frontend/cmvn.h"
#include "frontend/mfcc.h"
#include "tools/bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK_SAMPLES 512

typedef struct stages {
    const heed_model *model;
    heed_latency latency;
    const cli_recording *recording;
    heed_resample *resample;
    heed_resample *from_48;
    heed_mfcc *mfcc;
    heed_arena arena;
    heed_stem stem;
    heed_encoder encoder;
    size_t n_chunk;
    size_t n_ahead;
    float *samples; /* [n_samples] at the model's rate */
    size_t n_samples;
    float *cepstra; /* [n_frames][n_cepstra] */
    size_t n_frames;
    float *states; /* [n_states + n_chunk + n_ahead][width] */
    size_t n_states;
    float *memory;   /* [n_chunk + n_ahead][width] */
    float *spelling; /* [n_chunk + n_ahead][width] */
} stages;

/* Processor time, so that a busy machine does not matter much. */
static double now_s(void)
{
    struct timespec t = {0, 0};

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Passes `count` samples through; what comes out goes to `s->samples`, as far
 * as it has room. */
static void change_rate(stages *s, heed_resample *resample,
                        const float *samples, size_t count, size_t room)
{
    float out[BLOCK_SAMPLES];
    size_t n_out = 0;
    size_t n;

    heed_resample_reset(resample);
    for (;;) {
        const size_t taken = heed_resample_feed(
            resample, samples, count < BLOCK_SAMPLES ? count : BLOCK_SAMPLES);

        samples += taken;
        count -= taken;
        if (count == 0)
            heed_resample_finish(resample);
        while ((n = heed_resample_next(resample, out, BLOCK_SAMPLES)) > 0)
            for (size_t i = 0; i < n && n_out < room; i++)
                s->samples[n_out++] = out[i];
        if (count == 0)
            break;
    }
    if (room > 0)
        s->n_samples = n_out;
}

static void run_resample(stages *s)
{
    change_rate(s, s->resample, s->recording->samples, s->recording->n_samples,
                SIZE_MAX);
}

/* The same samples taken for 48 kHz, three times: as much audio. */
static void run_from_48(stages *s)
{
    for (int i = 0; i < 3; i++)
        change_rate(s, s->from_48, s->samples, s->n_samples, 0);
}

static void run_mfcc(stages *s)
{
    const size_t n_cepstra = s->model->frontend.mfcc.n_cepstra;
    const float *samples = s->samples;
    size_t count = s->n_samples;

    heed_mfcc_reset(s->mfcc);
    s->n_frames = 0;
    while (count > 0) {
        const size_t taken = heed_mfcc_feed(s->mfcc, samples, count);
        float *cepstra = s->cepstra + s->n_frames * n_cepstra;

        samples += taken;
        count -= taken;
        while (heed_mfcc_next(s->mfcc, cepstra) == HEED_OK) {
            heed_cmvn_apply(&s->model->frontend.cmvn, cepstra, 1);
            s->n_frames++;
            cepstra += n_cepstra;
        }
    }
}

static void run_stem(stages *s)
{
    const size_t width = s->model->encoder.sizes.width;

    heed_stem_reset(&s->stem);
    s->n_states = 0;
    for (size_t i = 0; i < s->n_frames; i++) {
        heed_stem_feed(&s->stem,
                       s->cepstra + i * s->model->frontend.mfcc.n_cepstra);
        if (heed_stem_ready(&s->stem) < s->n_chunk && i + 1 < s->n_frames)
            continue;
        const size_t n = heed_stem_ready(&s->stem);
        if (n > 0)
            heed_stem_run(&s->stem, s->states + s->n_states * width, n);
        s->n_states += n;
    }
}

static void run_encoder(stages *s)
{
    const size_t width = s->model->encoder.sizes.width;

    heed_encoder_reset(&s->encoder);
    for (size_t at = 0; at < s->n_states; at += s->n_chunk) {
        const size_t left = s->n_states - at;
        const size_t n_main = left < s->n_chunk ? left : s->n_chunk;
        const size_t rest = left - n_main;

        heed_encoder_run(&s->encoder, s->memory, s->spelling,
                         s->states + at * width, n_main,
                         rest < s->n_ahead ? rest : s->n_ahead);
    }
}

/* Pieces of the arena; runs twice, to measure and to carve. */
static void lay_out(stages *s, heed_arena *arena)
{
    const heed_model *model = s->model;
    const size_t n_rows = s->n_chunk + s->n_ahead;
    const size_t width = model->encoder.sizes.width;
    const double rate_hz = model->frontend.mfcc.sample_rate_hz;
    const size_t n_samples =
        (size_t)(cli_recording_s(s->recording) * rate_hz) + 16;
    const size_t n_frames =
        n_samples / model->frontend.mfcc.hop_samples + n_rows + 8;

    heed_stem_init(&s->stem, &model->stem, n_rows, model->kernels, arena);
    heed_encoder_init(&s->encoder, &model->encoder, n_rows, model->kernels,
                      arena);
    s->samples = heed_arena_take(arena, n_samples, sizeof(float));
    s->cepstra = heed_arena_take(
        arena, n_frames, model->frontend.mfcc.n_cepstra * sizeof(float));
    s->states = heed_arena_take(arena, n_frames, width * sizeof(float));
    s->memory = heed_arena_take(arena, n_rows, width * sizeof(float));
    s->spelling = heed_arena_take(arena, n_rows, width * sizeof(float));
}

static heed_status start(stages *s)
{
    const unsigned rate_hz = s->model->info.sample_rate_hz;
    heed_arena measure;
    heed_status status;

    heed_arena_init_measure(&measure);
    lay_out(s, &measure);
    status = heed_arena_status(&measure);
    if (status == HEED_OK)
        status = heed_arena_init(&s->arena, heed_arena_used(&measure));
    if (status == HEED_OK) {
        lay_out(s, &s->arena);
        status = heed_arena_status(&s->arena);
    }
    if (status == HEED_OK)
        status =
            heed_resample_create(&s->resample, s->recording->rate_hz, rate_hz);
    if (status == HEED_OK)
        status = heed_resample_create(&s->from_48, 48000, rate_hz);
    if (status == HEED_OK)
        status = heed_mfcc_create(&s->mfcc, &s->model->frontend.mfcc);
    return status;
}

/* The real-time factor of one stage. */
static double measure(stages *s, void (*run)(stages *), double seconds)
{
    const double start_s = now_s();
    double spent_s;
    size_t n = 0;

    do {
        run(s);
        n++;
        spent_s = now_s() - start_s;
    } while (spent_s < seconds);
    return spent_s / (double)n / cli_recording_s(s->recording);
}

heed_status cli_bench_split(cli_bench_stage out[CLI_BENCH_STAGES],
                            const heed_model *model,
                            const heed_stream_config *config,
                            const cli_recording *recording, double total,
                            double seconds)
{
    /* The order matters: each stage works on what the one before it made. */
    static const struct {
        const char *name;
        void (*run)(stages *);
    } all[CLI_BENCH_STAGES - 1] = {{"resample", run_resample},
                                   {"resample 48 kHz", run_from_48},
                                   {"mfcc", run_mfcc},
                                   {"stem", run_stem},
                                   {"encoder", run_encoder}};
    const heed_model_preset *preset = &model->presets[config->latency];
    stages s = {.model = model,
                .latency = config->latency,
                .recording = recording,
                .n_chunk = config->chunk_frames != 0 ? config->chunk_frames
                                                     : preset->chunk_frames,
                .n_ahead = config->lookahead_frames != 0
                               ? config->lookahead_frames
                               : preset->lookahead_frames};
    heed_status status = start(&s);
    double sum = 0.0;

    for (size_t i = 0; i + 1 < CLI_BENCH_STAGES && status == HEED_OK; i++) {
        out[i] =
            (cli_bench_stage){all[i].name, measure(&s, all[i].run, seconds)};
        sum += i != 1 ? out[i].factor : 0.0;
    }
    out[CLI_BENCH_STAGES - 1] = (cli_bench_stage){
        "search (CTC, decoder, LM)", total > sum ? total - sum : 0.0};
    heed_mfcc_destroy(s.mfcc);
    heed_resample_destroy(s.resample);
    heed_resample_destroy(s.from_48);
    heed_arena_deinit(&s.arena);
    return status;
}
