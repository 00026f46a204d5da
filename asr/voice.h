/* voice.h - is it speech? SPDX-License-Identifier: Apache-2.0
 *
 * The encoder's frames of a sneeze or a barking dog lie elsewhere than those
 * of speech: one linear layer tells them apart, frame by frame. A model file
 * need not have it. */
#ifndef HEED_ASR_VOICE_H
#define HEED_ASR_VOICE_H
#include <stddef.h>

#include "asr/weights.h"

/* Log odds that each of `n_frames` frames is speech.
 * Shapes: log_odds [n_frames], memory [n_frames][n_values]. */
void heed_voice_forward(const heed_voice_weights *weights, float *log_odds,
                        const float *memory, size_t n_frames,
                        const heed_kernels *kernels);

#endif /* HEED_ASR_VOICE_H */
