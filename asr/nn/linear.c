/* linear.c - y = x W^T + b with float or int8 weights.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/linear.h"

#include <assert.h>

void heed_linear_forward_strided(const heed_linear *linear, float *y,
                                 size_t y_stride, const float *x,
                                 size_t x_stride, size_t n_rows,
                                 const heed_kernels *kernels)
{
    const heed_linear_shape shape = {
        .n_rows = n_rows,
        .n_in = linear->n_in,
        .n_out = linear->n_out,
        .x_stride = x_stride,
        .w_stride = linear->n_in,
        .y_stride = y_stride,
        .coarse = linear->coarse,
    };
    assert(!linear->f32 != !linear->i8);
    if (linear->packed)
        kernels->linear_packed(y, x, linear->packed, linear->scale,
                               linear->bias, &shape);
    else if (linear->i8)
        kernels->linear_i8(y, x, linear->i8, linear->scale, linear->bias,
                           &shape);
    else
        kernels->linear_f32(y, x, linear->f32, linear->bias, &shape);
}

void heed_linear_forward(const heed_linear *linear, float *y, const float *x,
                         size_t n_rows, const heed_kernels *kernels)
{
    heed_linear_forward_strided(linear, y, linear->n_out, x, linear->n_in,
                                n_rows, kernels);
}
