/* voice.c - see voice.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/voice.h"

void heed_voice_forward(const heed_voice_weights *weights, float *log_odds,
                        const float *memory, size_t n_frames,
                        const heed_kernels *kernels)
{
    const size_t n = weights->n_values;

    for (size_t t = 0; t < n_frames; t++)
        log_odds[t] =
            weights->bias[0] + kernels->dot(weights->weight, memory + t * n, n);
}
