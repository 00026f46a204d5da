/* stem.h - cepstra to encoder frames: three convolutions, stride 3.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_STEM_H
#define HEED_ASR_STEM_H
#include <stddef.h>

#include "asr/base/arena.h"
#include "asr/weights.h"

/* Encoder frames that are computed at a time: what lies between the
 * convolutions stays in the caches. */
#define HEED_STEM_FRAMES 32

/* Convolutions over what has been fed so far. Lives in its owner's arena. */
typedef struct heed_stem {
    const heed_stem_weights *weights;
    const heed_kernels *kernels;
    size_t max_frames; /* encoder frames of one heed_stem_run() */
    size_t n_cepstra;  /* rows in `cepstra` */
    float *cepstra;    /* [3 max_frames + 4][n_cepstra] */
    float *hidden0;    /* [3 HEED_STEM_FRAMES][width] */
    float *hidden1;    /* [2 + HEED_STEM_FRAMES][2 width], two of the past */
} heed_stem;

/* Lays out a stem that gives up to `max_frames` encoder frames a run. */
void heed_stem_init(heed_stem *stem, const heed_stem_weights *weights,
                    size_t max_frames, const heed_kernels *kernels,
                    heed_arena *arena);

/* Forgets what was fed. */
void heed_stem_reset(heed_stem *stem);

/* Adds one frame of normalised cepstra, copied. There must be room: fewer
 * than `max_frames` encoder frames may be ready. */
void heed_stem_feed(heed_stem *stem, const float *cepstra);

/* Returns how many encoder frames the cepstra fed so far give. */
size_t heed_stem_ready(const heed_stem *stem);

/* Computes the next `n_frames` <= heed_stem_ready() encoder frames.
 * Shape: out [n_frames][width]. */
void heed_stem_run(heed_stem *stem, float *out, size_t n_frames);

#endif /* HEED_ASR_STEM_H */
