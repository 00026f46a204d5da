/* stem.c - see stem.h. SPDX-License-Identifier: Apache-2.0
 *
 * Encoder frame t stands for the samples from t * 3 hops on:
 *
 *   cepstra  3t .. 3t+6          [80]
 *   hidden0  3t .. 3t+2          width 5, stride 1, GELU
 *   hidden1  t-2, t-1, t         width 3, stride 3, GELU
 *   out      t                   width 3, stride 1, GELU
 *
 * Every convolution is a matrix product over overlapping rows (tap-major
 * weights), so a row is the same whatever the batch it is computed in. */
#include "asr/stem.h"

#include <assert.h>
#include <string.h>

#define TAPS0   5
#define STRIDE  3
#define PAST    2 /* rows of hidden1 before the current one */
#define OVERLAP (TAPS0 - 1)

void heed_stem_init(heed_stem *stem, const heed_stem_weights *weights,
                    size_t max_frames, const heed_kernels *kernels,
                    heed_arena *arena)
{
    const heed_conv *conv = weights->conv;

    stem->weights = weights;
    stem->kernels = kernels;
    stem->max_frames = max_frames;
    stem->n_cepstra = 0;
    stem->cepstra = heed_arena_take(arena, STRIDE * max_frames + OVERLAP,
                                    weights->n_cepstra * sizeof(float));
    stem->hidden0 = heed_arena_take(arena, STRIDE * HEED_STEM_FRAMES,
                                    conv[0].linear.n_out * sizeof(float));
    stem->hidden1 = heed_arena_take(arena, PAST + HEED_STEM_FRAMES,
                                    conv[1].linear.n_out * sizeof(float));
}

void heed_stem_reset(heed_stem *stem)
{
    stem->n_cepstra = 0;
    memset(stem->hidden1, 0,
           PAST * stem->weights->conv[1].linear.n_out * sizeof(float));
}

void heed_stem_feed(heed_stem *stem, const float *cepstra)
{
    const size_t n = stem->weights->n_cepstra;

    assert(stem->n_cepstra < STRIDE * stem->max_frames + OVERLAP);
    memcpy(stem->cepstra + stem->n_cepstra * n, cepstra, n * sizeof(float));
    stem->n_cepstra++;
}

size_t heed_stem_ready(const heed_stem *stem)
{
    return stem->n_cepstra < OVERLAP ? 0 : (stem->n_cepstra - OVERLAP) / STRIDE;
}

/* `n_frames` frames from those at `cepstra` on. */
static void run_block(heed_stem *stem, float *out, const float *cepstra,
                      size_t n_frames)
{
    const heed_conv *conv = stem->weights->conv;
    const heed_kernels *kernels = stem->kernels;
    const size_t width0 = conv[0].linear.n_out;
    const size_t width1 = conv[1].linear.n_out;
    const size_t used = STRIDE * n_frames;
    float *now = stem->hidden1 + PAST * width1;

    heed_conv_forward(&conv[0], stem->hidden0, cepstra, used, kernels);
    kernels->gelu(stem->hidden0, stem->hidden0, used * width0);
    heed_conv_forward(&conv[1], now, stem->hidden0, n_frames, kernels);
    kernels->gelu(now, now, n_frames * width1);
    heed_conv_forward(&conv[2], out, stem->hidden1, n_frames, kernels);
    kernels->gelu(out, out, n_frames * conv[2].linear.n_out);
    memmove(stem->hidden1, stem->hidden1 + n_frames * width1,
            PAST * width1 * sizeof(float));
}

void heed_stem_run(heed_stem *stem, float *out, size_t n_frames)
{
    const size_t n = stem->weights->n_cepstra;
    const size_t width = stem->weights->conv[2].linear.n_out;
    const size_t used = STRIDE * n_frames;

    assert(n_frames <= heed_stem_ready(stem));
    for (size_t first = 0; first < n_frames; first += HEED_STEM_FRAMES) {
        const size_t left = n_frames - first;

        run_block(stem, out + first * width, stem->cepstra + STRIDE * first * n,
                  left < HEED_STEM_FRAMES ? left : HEED_STEM_FRAMES);
    }
    stem->n_cepstra -= used;
    memmove(stem->cepstra, stem->cepstra + used * n,
            stem->n_cepstra * n * sizeof(float));
}
