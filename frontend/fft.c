/* fft.c - the power spectrum of a window. SPDX-License-Identifier: Apache-2.0
 *
 * X[k] = sum over n of x[n] * exp(-2 pi i k n / N), by KissFFT, and of that
 * |X[k]|^2. The plan lives in memory of ours, so that one check covers all
 * allocations, and for powers of two KissFFT itself allocates nothing. */
#include "frontend/fft.h"

#include <kiss_fftr.h>
#include <stdlib.h>

struct heed_fft {
    size_t n_samples;
    void *memory; /* what `plan` lies in */
    kiss_fftr_cfg plan;
    kiss_fft_cpx *spectrum; /* [n_samples/2 + 1] */
};

heed_status heed_fft_create(heed_fft **out, size_t n_samples)
{
    heed_fft *fft;
    size_t plan_bytes = 0;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (n_samples < HEED_FFT_MIN_SAMPLES || n_samples > HEED_FFT_MAX_SAMPLES ||
        (n_samples & (n_samples - 1)) != 0)
        return HEED_ERR_ARG;
    fft = calloc(1, sizeof *fft);
    if (fft == NULL)
        return HEED_ERR_MEMORY;
    fft->n_samples = n_samples;
    (void)kiss_fftr_alloc((int)n_samples, 0, NULL, &plan_bytes);
    fft->memory = malloc(plan_bytes);
    fft->spectrum = calloc(n_samples / 2 + 1, sizeof *fft->spectrum);
    if (fft->memory != NULL && fft->spectrum != NULL)
        fft->plan =
            kiss_fftr_alloc((int)n_samples, 0, fft->memory, &plan_bytes);
    if (fft->plan == NULL) {
        heed_fft_destroy(fft);
        return HEED_ERR_MEMORY;
    }
    *out = fft;
    return HEED_OK;
}

void heed_fft_destroy(heed_fft *fft)
{
    if (fft == NULL)
        return;
    free(fft->spectrum);
    free(fft->memory);
    free(fft);
}

void heed_fft_power(heed_fft *fft, float *power /* [n_samples/2 + 1] */,
                    const float *samples /* [n_samples] */)
{
    const kiss_fft_cpx *spectrum = fft->spectrum;
    const size_t n_bins = fft->n_samples / 2 + 1;

    kiss_fftr(fft->plan, samples, fft->spectrum);
    for (size_t k = 0; k < n_bins; k++)
        power[k] =
            spectrum[k].r * spectrum[k].r + spectrum[k].i * spectrum[k].i;
}
