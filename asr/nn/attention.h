/* attention.h - scaled dot product attention with rotary positions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_ATTENTION_H
#define HEED_ASR_NN_ATTENTION_H
#include <stddef.h>
#include <stdint.h>

#include "asr/nn/kernels.h"

/* A run of keys and values in memory; several runs (a ring's two halves, a
 * cache and a chunk) make up what the queries attend to. */
typedef struct heed_attention_span {
    const float *keys;   /* see key_stride */
    const float *values; /* [n_keys][head_size], rows span_stride apart */
    size_t n_keys;
    size_t key_stride; /* 0: keys lie as values do. Else they are
                          [head_size][n_keys], rows so far apart: faster, as
                          vectors go along them */
} heed_attention_span;

/* Sizes and strides of one head, counted in values. */
typedef struct heed_attention_shape {
    size_t n_queries;
    size_t head_size;
    size_t query_stride; /* from one query to the next */
    size_t span_stride;  /* from one value to the next */
    size_t probs_stride; /* from one row of probs to the next, >= all keys */
    size_t out_stride;   /* from one row of out to the next */
} heed_attention_shape;

/* out = softmax(Q K^T / sqrt(head_size)) V for one head. All queries see all
 * keys of all spans, in this order; at least one key in all. `probs` keeps the
 * probabilities. A query's result has the same bits whatever the other queries
 * are and however the keys are cut into spans.
 * Shapes: out, queries [n_queries][head_size], probs [n_queries][n_keys]. */
void heed_attention_head(float *out, float *probs, const float *queries,
                         const heed_attention_span *spans, size_t n_spans,
                         const heed_attention_shape *shape,
                         const heed_kernels *kernels);

/* Lays two rows of `n` values side by side, for `heed_attend_span`: `to` is
 * [n][2]. `second` may be NULL (zeros). */
void heed_attend_pair(int16_t *to, const int16_t *first, const int16_t *second,
                      size_t n);

/* Fills the cosines and sines of `position * base^(-i / n_pairs)`, i <
 * n_pairs, for the table's `rope`. */
void heed_rope_angles(float *cosines, float *sines, uint64_t position,
                      size_t n_pairs, double base);

#endif /* HEED_ASR_NN_ATTENTION_H */
