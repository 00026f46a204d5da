/* cmvn.c - global normalisation of frames. SPDX-License-Identifier: Apache-2.0
 *
 * Cepstral mean and variance normalisation with statistics of the training
 * data, not of the utterance: y = (x - mean) * scale, each cepstrum by itself.
 * A frame therefore never depends on what was said before or after. */
#include "frontend/cmvn.h"

#include <math.h>

heed_status heed_cmvn_init(heed_cmvn *cmvn, size_t n_cepstra, const float *mean,
                           const float *scale)
{
    if (cmvn == NULL)
        return HEED_ERR_ARG;
    *cmvn = (heed_cmvn){0};
    if (n_cepstra == 0 || mean == NULL || scale == NULL)
        return HEED_ERR_ARG;
    for (size_t i = 0; i < n_cepstra; i++) {
        if (!isfinite(mean[i]) || !isfinite(scale[i]))
            return HEED_ERR_FORMAT;
    }
    *cmvn = (heed_cmvn){n_cepstra, mean, scale};
    return HEED_OK;
}

void heed_cmvn_apply(const heed_cmvn *cmvn,
                     float *frames /* [n_frames][n_cepstra] */, size_t n_frames)
{
    for (size_t t = 0; t < n_frames; t++) {
        float *frame = frames + t * cmvn->n_cepstra;

        for (size_t i = 0; i < cmvn->n_cepstra; i++)
            frame[i] = (frame[i] - cmvn->mean[i]) * cmvn->scale[i];
    }
}
