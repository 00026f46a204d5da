/* norm.c - layer normalisation. SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/norm.h"

void heed_norm_forward(const heed_norm *norm, float *y, const float *x,
                       size_t n_rows, const heed_kernels *kernels)
{
    for (size_t r = 0; r < n_rows; r++)
        kernels->layer_norm(y + r * norm->n_values, x + r * norm->n_values,
                            norm->weight, norm->eps, norm->n_values);
}
