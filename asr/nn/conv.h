/* conv.h - convolution over time. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_CONV_H
#define HEED_ASR_NN_CONV_H
#include <stddef.h>

#include "asr/nn/linear.h"

/* y[t][o] = b[o] + sum_{k,c} w[o][k][c] x[t * step + k][c]: frames lie one
 * after the other, so it is a matrix product over overlapping rows. Pad by
 * putting frames before or after x. */
typedef struct heed_conv {
    heed_linear linear; /* n_in = n_taps * n_channels, w [n_out][k][c] */
    size_t n_channels;  /* values of an input frame */
    size_t n_taps;      /* input frames that an output frame sees */
    size_t step;        /* input frames from one output frame to the next */
} heed_conv;

/* Returns how many output frames `n_frames` input frames give; 0 if they are
 * fewer than the taps. */
size_t heed_conv_count(const heed_conv *conv, size_t n_frames);

/* Computes `n_out_frames` frames.
 * Shapes: y [n_out_frames][n_out],
 * x [(n_out_frames - 1) * step + n_taps][n_channels]. */
void heed_conv_forward(const heed_conv *conv, float *y, const float *x,
                       size_t n_out_frames, const heed_kernels *kernels);

#endif /* HEED_ASR_NN_CONV_H */
