/* attention.h - scaled dot product attention with rotary positions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_ATTENTION_H
#define HEED_ASR_NN_ATTENTION_H
#include <stddef.h>
#include <stdint.h>

#include "asr/nn/kernels.h"

/* Sizes and strides of one head, counted in values. */
typedef struct heed_attention_shape {
    size_t n_queries;
    size_t n_keys; /* > 0 */
    size_t head_size;
    size_t row_stride; /* from one query to the next, and from one row of out */
} heed_attention_shape;

/* out = softmax(Q K^T / sqrt(head_size)) V for one head. All queries see all
 * keys. `probs` keeps the probabilities. A query's result has the same bits
 * whatever the other queries are.
 * Shapes: out, queries [n_queries][head_size], probs [n_queries][n_keys]; keys
 * and values [n_keys][head_size], row_stride apart. */
void heed_attention_rows(float *out, float *probs, const float *queries,
                         const float *keys, const float *values,
                         const heed_attention_shape *shape,
                         const heed_kernels *kernels);

/* Keys of a block of columns. */
enum { HEED_ATTENTION_COLUMNS = 64 };

/* The same for keys in columns, along which vectors go, and values one after
 * the other, both in IEEE binary16.
 * Shapes: keys [n_keys / HEED_ATTENTION_COLUMNS, rounded up][head_size]
 * [HEED_ATTENTION_COLUMNS], values [n_keys][head_size]. */
void heed_attention_columns(float *out, float *probs, const float *queries,
                            const uint16_t *keys, const uint16_t *values,
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
