/* resample.c - mono samples to another rate. SPDX-License-Identifier:
 * Apache-2.0
 *
 * libsamplerate's band-limited interpolation (J. O. Smith, Digital Audio
 * Resampling) of medium quality. It does not promise that its output is the
 * same for every way of cutting the input, so it only ever gets blocks of
 * 10 ms, and its output goes to a buffer of fixed size: its sequence of calls
 * depends on the samples alone. The end is drained with zeros until the stated
 * number of samples is reached, instead of by its own end-of-input, whose
 * length is off by a sample or so depending on the rates. */
#include "audio/resample.h"

#include <samplerate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BLOCK_SAMPLES = HEED_RESAMPLE_MAX_HZ / 100, OUT_SAMPLES = 2048 };

struct heed_resample {
    SRC_STATE *src; /* NULL: the rates are equal */
    uint32_t from_hz;
    uint32_t to_hz;
    size_t block_samples; /* 10 ms */
    size_t block_held;    /* samples in `block` */
    size_t block_used;    /* of them, those that libsamplerate has taken */
    size_t out_held;      /* samples in `out` */
    size_t out_used;      /* of them, those handed out */
    bool finished;
    uint64_t n_in;  /* samples fed */
    uint64_t n_out; /* samples put into `out` */
    float block[MAX_BLOCK_SAMPLES];
    float out[OUT_SAMPLES];
};

static bool rate_is_valid(uint32_t rate_hz)
{
    return rate_hz >= HEED_RESAMPLE_MIN_HZ && rate_hz <= HEED_RESAMPLE_MAX_HZ;
}

heed_status heed_resample_create(heed_resample **out, uint32_t from_hz,
                                 uint32_t to_hz)
{
    heed_resample *r;
    int error = 0;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (!rate_is_valid(from_hz) || !rate_is_valid(to_hz))
        return HEED_ERR_ARG;
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return HEED_ERR_MEMORY;
    r->from_hz = from_hz;
    r->to_hz = to_hz;
    r->block_samples = from_hz / 100;
    if (from_hz != to_hz) {
        r->src = src_new(SRC_SINC_MEDIUM_QUALITY, 1, &error);
        if (r->src == NULL) {
            free(r);
            return HEED_ERR_MEMORY;
        }
    }
    *out = r;
    return HEED_OK;
}

void heed_resample_destroy(heed_resample *resample)
{
    if (resample == NULL)
        return;
    if (resample->src != NULL)
        src_delete(resample->src);
    free(resample);
}

size_t heed_resample_feed(heed_resample *resample, const float *samples,
                          size_t count)
{
    heed_resample *r = resample;
    const size_t room = r->block_samples - r->block_held;
    const size_t taken = r->finished ? 0 : (count < room ? count : room);

    if (taken > 0)
        memcpy(r->block + r->block_held, samples, taken * sizeof *samples);
    r->block_held += taken;
    r->n_in += taken;
    return taken;
}

/* Returns how many samples there are to be out of those that were fed. */
static uint64_t n_expected(const heed_resample *r)
{
    return (r->n_in / r->from_hz) * r->to_hz +
           ((r->n_in % r->from_hz) * r->to_hz + r->from_hz - 1) / r->from_hz;
}

/* Gives the rest of the block to libsamplerate, as far as `out` has room. */
static void convert(heed_resample *r)
{
    SRC_DATA data = {
        .data_in = r->block + r->block_used,
        .data_out = r->out,
        .input_frames = (long)(r->block_held - r->block_used),
        .output_frames = OUT_SAMPLES,
        .src_ratio = (double)r->to_hz / (double)r->from_hz,
    };

    /* Fails only if the arguments are wrong, and they are not. */
    (void)src_process(r->src, &data);
    r->block_used += (size_t)data.input_frames_used;
    r->out_held = (size_t)data.output_frames_gen;
    if (data.input_frames_used == 0 && data.output_frames_gen == 0)
        r->block_used = r->block_held;
}

static void pass_through(heed_resample *r)
{
    memcpy(r->out, r->block, r->block_held * sizeof *r->block);
    r->out_held = r->block_held;
    r->block_used = r->block_held;
}

/* Refills `out`, which is empty, if there is anything to fill it with. */
static void refill(heed_resample *r)
{
    r->out_held = 0;
    r->out_used = 0;
    while (r->out_held == 0) {
        if (r->finished && r->n_out >= n_expected(r))
            return;
        if (r->finished && r->block_held < r->block_samples && r->src != NULL) {
            memset(r->block + r->block_held, 0,
                   (r->block_samples - r->block_held) * sizeof *r->block);
            r->block_held = r->block_samples;
        }
        if (r->block_held < (r->src != NULL ? r->block_samples : 1))
            return;
        if (r->src != NULL)
            convert(r);
        else
            pass_through(r);
        if (r->block_used == r->block_held) {
            r->block_used = 0;
            r->block_held = 0;
        }
    }
    if (r->finished && r->out_held > n_expected(r) - r->n_out)
        r->out_held = (size_t)(n_expected(r) - r->n_out);
    r->n_out += r->out_held;
}

size_t heed_resample_next(heed_resample *resample, float *out, size_t capacity)
{
    heed_resample *r = resample;
    size_t count;

    if (r->out_used == r->out_held)
        refill(r);
    count = r->out_held - r->out_used;
    if (count > capacity)
        count = capacity;
    if (count > 0)
        memcpy(out, r->out + r->out_used, count * sizeof *out);
    r->out_used += count;
    return count;
}

void heed_resample_finish(heed_resample *resample)
{
    resample->finished = true;
}

void heed_resample_reset(heed_resample *resample)
{
    heed_resample *r = resample;

    if (r->src != NULL)
        (void)src_reset(r->src);
    r->block_held = 0;
    r->block_used = 0;
    r->out_held = 0;
    r->out_used = 0;
    r->finished = false;
    r->n_in = 0;
    r->n_out = 0;
}
