/* conv.c - convolution over time. SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/conv.h"

size_t heed_conv_count(const heed_conv *conv, size_t n_frames)
{
    return n_frames < conv->n_taps ? 0
                                   : (n_frames - conv->n_taps) / conv->step + 1;
}

void heed_conv_forward(const heed_conv *conv, float *y, const float *x,
                       size_t n_out_frames, const heed_kernels *kernels)
{
    heed_linear_forward_strided(&conv->linear, y, conv->linear.n_out, x,
                                conv->step * conv->n_channels, n_out_frames,
                                kernels);
}
