/* attention.c - scaled dot product attention with rotary positions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/attention.h"

#include <assert.h>
#include <math.h>

/* The scores of all queries become probabilities. */
static void normalise_scores(float *probs, const heed_attention_shape *shape,
                             const heed_kernels *kernels)
{
    const float scale = 1.0f / sqrtf((float)shape->head_size);

    for (size_t q = 0; q < shape->n_queries; q++)
        kernels->softmax(probs + q * shape->n_keys, scale, shape->n_keys);
}

void heed_attention_rows(float *out, float *probs, const float *queries,
                         const float *keys, const float *values,
                         const heed_attention_shape *shape,
                         const heed_kernels *kernels)
{
    const heed_linear_shape score = {
        .n_rows = shape->n_queries,
        .n_in = shape->head_size,
        .n_out = shape->n_keys,
        .x_stride = shape->row_stride,
        .w_stride = shape->row_stride,
        .y_stride = shape->n_keys,
    };
    const heed_mix_shape mix = {
        .n_rows = shape->n_queries,
        .n_keys = shape->n_keys,
        .n_values = shape->head_size,
        .p_stride = shape->n_keys,
        .v_stride = shape->row_stride,
        .y_stride = shape->row_stride,
    };

    assert(shape->n_keys > 0);
    kernels->linear_f32(probs, queries, keys, NULL, &score);
    normalise_scores(probs, shape, kernels);
    kernels->mix(out, probs, values, &mix);
}

void heed_attention_columns(float *out, float *probs, const float *queries,
                            const uint16_t *keys, const uint16_t *values,
                            const heed_attention_shape *shape,
                            const heed_kernels *kernels)
{
    heed_mix_shape score = {
        .n_rows = shape->n_queries,
        .n_keys = shape->head_size,
        .p_stride = shape->row_stride,
        .v_stride = HEED_ATTENTION_COLUMNS,
        .y_stride = shape->n_keys,
    };
    const heed_mix_shape mix = {
        .n_rows = shape->n_queries,
        .n_keys = shape->n_keys,
        .n_values = shape->head_size,
        .p_stride = shape->n_keys,
        .v_stride = shape->head_size,
        .y_stride = shape->row_stride,
    };

    assert(shape->n_keys > 0);
    for (size_t k = 0; k < shape->n_keys; k += HEED_ATTENTION_COLUMNS) {
        const size_t left = shape->n_keys - k;

        score.n_values =
            left < HEED_ATTENTION_COLUMNS ? left : HEED_ATTENTION_COLUMNS;
        kernels->mix_f16(probs + k, queries, keys + k * shape->head_size,
                         &score);
    }
    normalise_scores(probs, shape, kernels);
    kernels->mix_f16(out, probs, values, &mix);
}

size_t heed_attend_scratch_floats(size_t n_keys, size_t n_spans)
{
    return (n_keys + 2 * n_spans) * HEED_ATTEND_LANES;
}

void heed_attend_pair(int16_t *to, const int16_t *first, const int16_t *second,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[2 * i] = first[i];
        to[2 * i + 1] = second != NULL ? second[i] : 0;
    }
}

void heed_rope_angles(float *cosines, float *sines, uint64_t position,
                      size_t n_pairs, double base)
{
    for (size_t i = 0; i < n_pairs; i++) {
        const double angle =
            (double)position * pow(base, -(double)i / (double)n_pairs);
        cosines[i] = (float)cos(angle);
        sines[i] = (float)sin(angle);
    }
}
