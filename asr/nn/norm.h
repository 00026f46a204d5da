/* norm.h - layer normalisation. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_NORM_H
#define HEED_ASR_NN_NORM_H
#include <stddef.h>

#include "asr/nn/kernels.h"

/* Borrows its weights. */
typedef struct heed_norm {
    size_t n_values;
    const float *weight; /* [n_values], or NULL for ones */
    float eps;
} heed_norm;

/* Every row of x less its mean, over its standard deviation, times the
 * weights; `y` may be `x`. Shapes: y, x [n_rows][n_values]. */
void heed_norm_forward(const heed_norm *norm, float *y, const float *x,
                       size_t n_rows, const heed_kernels *kernels);

#endif /* HEED_ASR_NN_NORM_H */
