/* linear.h - y = x W^T + b with float or int8 weights.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_LINEAR_H
#define HEED_ASR_NN_LINEAR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/nn/kernels.h"

/* A matrix of weights, borrowed (from the mapped model file, as a rule).
 * Exactly one of `f32` and `i8` is set. */
typedef struct heed_linear {
    size_t n_in, n_out;
    const float *f32;      /* [n_out][n_in] */
    const int8_t *i8;      /* [n_out][n_in], weight = i8 * scale[row] */
    const float *scale;    /* [n_out], with `i8` */
    const uint8_t *packed; /* `i8` as the kernels' `pack` has it, or NULL */
    const float *bias;     /* [n_out], or NULL for none */
    bool coarse;           /* with `i8`: 8 bits of x do, see kernels.h */
} heed_linear;

/* y = x W^T + b for `n_rows` rows without gaps.
 * Shapes: y [n_rows][n_out], x [n_rows][n_in]. */
void heed_linear_forward(const heed_linear *linear, float *y, const float *x,
                         size_t n_rows, const heed_kernels *kernels);

/* The same for rows of y and x that begin `y_stride` and `x_stride` values
 * apart; rows of x may overlap. */
void heed_linear_forward_strided(const heed_linear *linear, float *y,
                                 size_t y_stride, const float *x,
                                 size_t x_stride, size_t n_rows,
                                 const heed_kernels *kernels);

#endif /* HEED_ASR_NN_LINEAR_H */
