/* mfcc.c - feature frames out of samples. SPDX-License-Identifier: Apache-2.0
 *
 * Mel-frequency cepstral coefficients (S. Young et al., The HTK Book, chapter
 * 5) as Kaldi computes them (feat/feature-window.cc, feat/feature-mfcc.cc)
 * with whole windows only, without energy and dither, and with the samples as
 * they are. For each window x of N samples:
 *
 *     x[n] -= mean(x)                             DC removal
 *     x[n] -= a x[n-1],  x[0] -= a x[0]           pre-emphasis
 *     x[n] *= (1/2 - 1/2 cos(2 pi n / (N-1)))^0.85   Povey's window
 *     E[m]  = sum over k of bank[m][k] |FFT(x)[k]|^2
 *     c[i]  = lifter[i] sum over m of dct[i][m] ln(max(E[m], floor)) */
#include "frontend/mfcc.h"

#include "asr/base/arena.h"
#include "frontend/fft.h"
#include "frontend/melbank.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

/* The arena: window | dct | samples | padded | power | mels. */
struct heed_mfcc {
    heed_mfcc_config config;
    size_t fft_samples; /* the next power of two to window_samples */
    size_t n_held;      /* samples held, at most window_samples */
    heed_fft *fft;
    heed_melbank *bank;
    heed_arena arena;
    float *window;  /* [window_samples] */
    float *dct;     /* [n_mels][n_cepstra] lifter included */
    float *samples; /* [window_samples] the window being filled */
    float *padded;  /* [fft_samples] zero from window_samples on */
    float *power;   /* [fft_samples/2 + 1] */
    float *mels;    /* [n_mels] */
};

void heed_mfcc_config_init(heed_mfcc_config *config)
{
    *config = (heed_mfcc_config){
        .sample_rate_hz = 16000.0,
        .window_samples = 400,
        .hop_samples = 128,
        .n_mels = 80,
        .n_cepstra = 80,
        .low_hz = 20.0,
        .high_hz = 0.0,
        .preemphasis = 0.97,
        .lifter = 0.0,
        .log_floor = 0.0,
    };
}

/* The bank checks the mel bins and the band's ends. */
static bool config_is_valid(const heed_mfcc_config *c)
{
    return c->sample_rate_hz >= 1000.0 && c->sample_rate_hz <= 192000.0 &&
           c->window_samples >= HEED_FFT_MIN_SAMPLES &&
           c->window_samples <= HEED_FFT_MAX_SAMPLES && c->hop_samples >= 1 &&
           c->hop_samples <= c->window_samples && c->n_cepstra >= 1 &&
           c->n_cepstra <= c->n_mels && c->preemphasis >= 0.0 &&
           c->preemphasis <= 1.0 && c->lifter >= 0.0 &&
           c->lifter <= (double)FLT_MAX &&
           (c->log_floor >= (double)FLT_MIN || !(c->log_floor != 0.0)) &&
           c->log_floor <= (double)FLT_MAX;
}

static void fill_window(heed_mfcc *m)
{
    const size_t n = m->config.window_samples;
    const double step = 2.0 * PI / (double)(n - 1);

    for (size_t i = 0; i < n; i++)
        m->window[i] = (float)pow(0.5 - 0.5 * cos(step * (double)i), 0.85);
}

static void fill_dct(heed_mfcc *m)
{
    const double n = (double)m->config.n_mels;
    const double q = m->config.lifter;

    for (size_t i = 0; i < m->config.n_cepstra; i++) {
        const double lift =
            q > 0.0 ? 1.0 + 0.5 * q * sin(PI * (double)i / q) : 1.0;
        const double scale = lift * sqrt((i == 0 ? 1.0 : 2.0) / n);

        for (size_t k = 0; k < m->config.n_mels; k++)
            m->dct[k * m->config.n_cepstra + i] =
                (float)(scale * cos(PI / n * ((double)k + 0.5) * (double)i));
    }
}

static void lay_out(heed_mfcc *m, heed_arena *arena)
{
    const heed_mfcc_config *c = &m->config;

    m->window = heed_arena_take(arena, c->window_samples, sizeof(float));
    m->dct = heed_arena_take(arena, c->n_cepstra * c->n_mels, sizeof(float));
    m->samples = heed_arena_take(arena, c->window_samples, sizeof(float));
    m->padded = heed_arena_take(arena, m->fft_samples, sizeof(float));
    m->power = heed_arena_take(arena, m->fft_samples / 2 + 1, sizeof(float));
    m->mels = heed_arena_take(arena, c->n_mels, sizeof(float));
}

static heed_status allocate(heed_mfcc *m)
{
    heed_arena measure;
    heed_status status;

    heed_arena_init_measure(&measure);
    lay_out(m, &measure);
    status = heed_arena_init(&m->arena, heed_arena_used(&measure));
    if (status != HEED_OK)
        return status;
    lay_out(m, &m->arena);
    return heed_arena_status(&m->arena);
}

heed_status heed_mfcc_create(heed_mfcc **out, const heed_mfcc_config *config)
{
    heed_mfcc *m;
    heed_melbank_config bank;
    heed_status status;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (config != NULL && !config_is_valid(config))
        return HEED_ERR_ARG;
    m = calloc(1, sizeof *m);
    if (m == NULL)
        return HEED_ERR_MEMORY;
    if (config != NULL)
        m->config = *config;
    else
        heed_mfcc_config_init(&m->config);
    if (!(m->config.log_floor > 0.0))
        m->config.log_floor = (double)FLT_EPSILON;
    m->fft_samples = HEED_FFT_MIN_SAMPLES;
    while (m->fft_samples < m->config.window_samples)
        m->fft_samples *= 2;

    bank = (heed_melbank_config){m->config.n_mels, m->fft_samples,
                                 m->config.sample_rate_hz, m->config.low_hz,
                                 m->config.high_hz};
    status = heed_melbank_create(&m->bank, &bank);
    if (status == HEED_OK)
        status = heed_fft_create(&m->fft, m->fft_samples);
    if (status == HEED_OK)
        status = allocate(m);
    if (status != HEED_OK) {
        heed_mfcc_destroy(m);
        return status;
    }
    fill_window(m);
    fill_dct(m);
    *out = m;
    return HEED_OK;
}

void heed_mfcc_destroy(heed_mfcc *mfcc)
{
    if (mfcc == NULL)
        return;
    heed_arena_deinit(&mfcc->arena);
    heed_fft_destroy(mfcc->fft);
    heed_melbank_destroy(mfcc->bank);
    free(mfcc);
}

size_t heed_mfcc_feed(heed_mfcc *mfcc, const float *samples, size_t count)
{
    const size_t room = mfcc->config.window_samples - mfcc->n_held;
    const size_t taken = count < room ? count : room;

    if (taken > 0)
        memcpy(mfcc->samples + mfcc->n_held, samples, taken * sizeof *samples);
    mfcc->n_held += taken;
    return taken;
}

/* Four sums, none of which waits for another's addition. */
static float mean_of(const float *x, size_t n)
{
    double sum[4] = {0.0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++)
            sum[k] += (double)x[i + k];
    for (; i < n; i++)
        sum[0] += (double)x[i];
    return (float)((sum[0] + sum[1] + (sum[2] + sum[3])) / (double)n);
}

/* Samples to the windowed, zero-padded input of the transform. */
static void shape_window(heed_mfcc *m)
{
    const float *x = m->samples;
    const size_t n = m->config.window_samples;
    const float a = (float)m->config.preemphasis;
    const float mean = mean_of(x, n);
    const float first = x[0] - mean;

    m->padded[0] = (first - a * first) * m->window[0];
    for (size_t i = 1; i < n; i++)
        m->padded[i] = ((x[i] - mean) - a * (x[i - 1] - mean)) * m->window[i];
}

/* Energies beyond float count as its largest, and as the floor if they are not
 * a number: whatever the samples are, a frame is finite. */
static void log_mels(heed_mfcc *m)
{
    const float floor = (float)m->config.log_floor;

    heed_fft_power(m->fft, m->power, m->padded);
    heed_melbank_apply(m->bank, m->mels, m->power);
    for (size_t k = 0; k < m->config.n_mels; k++) {
        const float mel = m->mels[k] < FLT_MAX ? m->mels[k] : FLT_MAX;

        m->mels[k] = logf(m->mels[k] > floor ? mel : floor);
    }
}

/* All sums grow together, four bins at a time: none waits for its own last
 * addition, and each is read and written a fourth as often. */
static void cosine_transform(const heed_mfcc *m,
                             float *cepstra /* [n_cepstra] */)
{
    const size_t n_cepstra = m->config.n_cepstra;
    const size_t n_mels = m->config.n_mels;
    size_t k = 0;

    for (size_t i = 0; i < n_cepstra; i++)
        cepstra[i] = 0.0F;
    for (; k + 4 <= n_mels; k += 4) {
        const float *column = m->dct + k * n_cepstra;
        const float *mel = m->mels + k;

        for (size_t i = 0; i < n_cepstra; i++)
            cepstra[i] = cepstra[i] + column[i] * mel[0] +
                         column[n_cepstra + i] * mel[1] +
                         column[2 * n_cepstra + i] * mel[2] +
                         column[3 * n_cepstra + i] * mel[3];
    }
    for (; k < n_mels; k++)
        for (size_t i = 0; i < n_cepstra; i++)
            cepstra[i] += m->dct[k * n_cepstra + i] * m->mels[k];
}

heed_status heed_mfcc_next(heed_mfcc *mfcc, float *cepstra /* [n_cepstra] */)
{
    const size_t hop = mfcc->config.hop_samples;

    if (mfcc->n_held < mfcc->config.window_samples)
        return HEED_AGAIN;
    shape_window(mfcc);
    log_mels(mfcc);
    cosine_transform(mfcc, cepstra);
    mfcc->n_held -= hop;
    memmove(mfcc->samples, mfcc->samples + hop,
            mfcc->n_held * sizeof *mfcc->samples);
    return HEED_OK;
}

void heed_mfcc_reset(heed_mfcc *mfcc)
{
    mfcc->n_held = 0;
}
