/* melbank.c - energies in mel bands. SPDX-License-Identifier: Apache-2.0
 *
 * Triangles that overlap by half, equally wide on the mel scale
 *
 *     mel(f) = 1127 ln(1 + f / 700)
 *
 * (S. Young et al., The HTK Book, section 5.4), with straight sides on the mel
 * scale and not on the Hz scale, and without the power at Nyquist, as in
 * Kaldi's feat/mel-computations.cc. Only the weights above 0 are kept. */
#include "frontend/melbank.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_MELS = 1024 };

typedef struct band {
    size_t first;   /* first power with a weight */
    size_t count;   /* how many follow each other */
    size_t weights; /* where its weights begin */
} band;

struct heed_melbank {
    size_t n_mels;
    band *bands;    /* [n_mels] */
    float *weights; /* all bands' weights, one band after the other */
};

/* Where the triangles are, on the mel scale. */
typedef struct layout {
    size_t n_powers;
    double bin_hz;
    double low_mel;
    double step_mel; /* half the width of a triangle */
} layout;

static double mel_of_hz(double hz)
{
    return 1127.0 * log1p(hz / 700.0);
}

/* Returns the weight of power `k` in band `m`, 0 outside of the triangle. */
static double weight_at(const layout *l, size_t m, size_t k)
{
    const double left = l->low_mel + (double)m * l->step_mel;
    const double mel = mel_of_hz((double)k * l->bin_hz);
    const double up = (mel - left) / l->step_mel;
    const double weight = up < 1.0 ? up : 2.0 - up;

    return weight > 0.0 ? weight : 0.0;
}

static heed_status lay_out(layout *l, const heed_melbank_config *config)
{
    const double nyquist_hz = config->sample_rate_hz / 2.0;
    const double high_hz =
        config->high_hz > 0.0 ? config->high_hz : nyquist_hz + config->high_hz;

    if (config->n_mels < 1 || config->n_mels > MAX_MELS ||
        config->fft_samples < 4 || config->fft_samples > 65536 ||
        (config->fft_samples & (config->fft_samples - 1)) != 0)
        return HEED_ERR_ARG;
    /* Written so that a NaN anywhere fails too. */
    if (!(nyquist_hz > 0.0 && config->low_hz >= 0.0 &&
          high_hz > config->low_hz && high_hz <= nyquist_hz))
        return HEED_ERR_ARG;
    l->n_powers = config->fft_samples / 2;
    l->bin_hz = config->sample_rate_hz / (double)config->fft_samples;
    l->low_mel = mel_of_hz(config->low_hz);
    l->step_mel =
        (mel_of_hz(high_hz) - l->low_mel) / ((double)config->n_mels + 1.0);
    return l->step_mel > 0.0 ? HEED_OK : HEED_ERR_ARG;
}

/* Writes every band's place and, if there is room yet, its weights; returns
 * the number of all weights. */
static size_t fill(heed_melbank *bank, const layout *l)
{
    size_t total = 0;

    for (size_t m = 0; m < bank->n_mels; m++) {
        band *b = &bank->bands[m];

        *b = (band){.weights = total};
        for (size_t k = 0; k < l->n_powers; k++) {
            const double weight = weight_at(l, m, k);

            if (!(weight > 0.0))
                continue;
            if (b->count == 0)
                b->first = k;
            if (bank->weights != NULL)
                bank->weights[b->weights + b->count] = (float)weight;
            b->count++;
        }
        total += b->count;
    }
    return total;
}

heed_status heed_melbank_create(heed_melbank **out,
                                const heed_melbank_config *config)
{
    layout l;
    heed_melbank *bank;
    size_t n_weights;
    heed_status status;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (config == NULL)
        return HEED_ERR_ARG;
    status = lay_out(&l, config);
    if (status != HEED_OK)
        return status;
    bank = calloc(1, sizeof *bank);
    if (bank == NULL)
        return HEED_ERR_MEMORY;
    bank->n_mels = config->n_mels;
    bank->bands = calloc(bank->n_mels, sizeof *bank->bands);
    if (bank->bands == NULL)
        goto out_of_memory;
    n_weights = fill(bank, &l);
    bank->weights = calloc(n_weights + 1, sizeof *bank->weights);
    if (bank->weights == NULL)
        goto out_of_memory;
    (void)fill(bank, &l);
    *out = bank;
    return HEED_OK;

out_of_memory:
    heed_melbank_destroy(bank);
    return HEED_ERR_MEMORY;
}

void heed_melbank_destroy(heed_melbank *bank)
{
    if (bank == NULL)
        return;
    free(bank->weights);
    free(bank->bands);
    free(bank);
}

void heed_melbank_apply(const heed_melbank *bank, float *mels /* [n_mels] */,
                        const float *power /* [fft_samples/2 + 1] */)
{
    for (size_t m = 0; m < bank->n_mels; m++) {
        const band *b = &bank->bands[m];
        const float *weights = bank->weights + b->weights;
        float sum[4] = {0.0F};
        size_t k = 0;

        for (; k + 4 <= b->count; k += 4)
            for (size_t i = 0; i < 4; i++)
                sum[i] += weights[k + i] * power[b->first + k + i];
        for (size_t i = 0; k + i < b->count; i++)
            sum[i] += weights[k + i] * power[b->first + k + i];
        mels[m] = (sum[0] + sum[2]) + (sum[1] + sum[3]);
    }
}
