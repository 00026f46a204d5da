/* attention.c - scaled dot product attention with rotary positions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/attention.h"

#include <assert.h>
#include <math.h>

/* scores = Q K^T for one span. */
static void score_keys(float *scores, const float *queries,
                       const heed_attention_span *span,
                       const heed_attention_shape *shape,
                       const heed_kernels *kernels)
{
    const heed_linear_shape by_rows = {
        .n_rows = shape->n_queries,
        .n_in = shape->head_size,
        .n_out = span->n_keys,
        .x_stride = shape->query_stride,
        .w_stride = shape->span_stride,
        .y_stride = shape->probs_stride,
    };
    const heed_mix_shape by_columns = {
        .n_rows = shape->n_queries,
        .n_keys = shape->head_size,
        .n_values = span->n_keys,
        .p_stride = shape->query_stride,
        .v_stride = span->key_stride,
        .y_stride = shape->probs_stride,
    };

    if (span->key_stride == 0)
        kernels->linear_f32(scores, queries, span->keys, NULL, &by_rows);
    else
        kernels->mix(scores, queries, span->keys, &by_columns);
}

void heed_attention_head(float *out, float *probs, const float *queries,
                         const heed_attention_span *spans, size_t n_spans,
                         const heed_attention_shape *shape,
                         const heed_kernels *kernels)
{
    size_t n_keys = 0;
    for (size_t i = 0; i < n_spans; i++) {
        score_keys(probs + n_keys, queries, &spans[i], shape, kernels);
        n_keys += spans[i].n_keys;
    }
    assert(n_keys > 0);

    const float scale = 1.0f / sqrtf((float)shape->head_size);
    for (size_t q = 0; q < shape->n_queries; q++)
        kernels->softmax(probs + q * shape->probs_stride, scale, n_keys);

    size_t first = 0;
    for (size_t i = 0; i < n_spans; i++) {
        const heed_mix_shape mix = {
            .n_rows = shape->n_queries,
            .n_keys = spans[i].n_keys,
            .n_values = shape->head_size,
            .p_stride = shape->probs_stride,
            .v_stride = shape->span_stride,
            .y_stride = shape->out_stride,
            .accumulate = i > 0,
        };
        kernels->mix(out, probs + first, spans[i].values, &mix);
        first += spans[i].n_keys;
    }
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
