/* attention_i16_avx2_tile.h - what attention in integers for AVX2 with and
 * without VNNI shares. SPDX-License-Identifier: Apache-2.0
 *
 * Included once by either file after it has defined
 *     add_products(sum, a, b)
 * as sum + a b in 8 lanes of 32 bits, each with the products of two pairs of 16
 * bits. Two registers hold 16 queries. A tile is 4 keys or values. */
#ifndef HEED_ASR_NN_ATTENTION_I16_AVX2_TILE_H
#define HEED_ASR_NN_ATTENTION_I16_AVX2_TILE_H
#include <immintrin.h>

#include "asr/nn/attention_i16.h"

enum { LANES = HEED_ATTEND_LANES };

HEED_INLINE __m256i load_pairs(const void *from)
{
    return _mm256_loadu_si256(from);
}

/* Two values in every lane. */
HEED_INLINE __m256i pair_of(const int16_t *values)
{
    int32_t pair;
    memcpy(&pair, values, sizeof pair);
    return _mm256_set1_epi32(pair);
}

/* s of `n_keys` keys from number `k` on. */
HEED_INLINE void score_tile(heed_attend_block *block, float *scores,
                            const heed_attend_span *span,
                            const heed_attend_shape *shape, size_t k,
                            size_t n_keys)
{
    const size_t stride = shape->key_stride;
    const size_t n_pairs = (shape->head_size + 1) / 2;
    const int16_t *keys = span->keys + k * stride;
    __m256i sum[4][2];

    HEED_UNROLL
    for (size_t i = 0; i < n_keys; i++)
        sum[i][0] = sum[i][1] = _mm256_setzero_si256();
    for (size_t p = 0; p < n_pairs; p++) {
        const __m256i query[2] = {load_pairs(block->queries[p]),
                                  load_pairs(block->queries[p] + LANES / 2)};
        HEED_UNROLL
        for (size_t i = 0; i < n_keys; i++) {
            const __m256i key = pair_of(keys + i * stride + 2 * p);
            sum[i][0] = add_products(sum[i][0], query[0], key);
            sum[i][1] = add_products(sum[i][1], query[1], key);
        }
    }
    HEED_UNROLL
    for (size_t i = 0; i < n_keys; i++) {
        const __m256 step = _mm256_set1_ps(span->key_steps[k + i]);
        HEED_UNROLL
        for (size_t h = 0; h < 2; h++) {
            const __m256 s = _mm256_mul_ps(_mm256_cvtepi32_ps(sum[i][h]), step);
            float *peak = block->peak + 8 * h;
            _mm256_storeu_ps(scores + (k + i) * LANES + 8 * h, s);
            _mm256_storeu_ps(peak, _mm256_max_ps(s, _mm256_loadu_ps(peak)));
        }
    }
}

static void score(heed_attend_block *block, float *scores,
                  const heed_attend_span *span, const heed_attend_shape *shape)
{
    size_t k = span->first;
    for (; k + 4 <= span->end; k += 4)
        score_tile(block, scores, span, shape, k, 4);
    for (; k < span->end; k++)
        score_tile(block, scores, span, shape, k, 1);
}

/* p(x - floor(x)) 2^floor(x), see attention_i16.h. */
HEED_INLINE __m256 power(__m256 x)
{
    const __m256 floor = _mm256_floor_ps(x);
    const __m256 f = _mm256_sub_ps(x, floor);
    const __m256i exponent = _mm256_slli_epi32(
        _mm256_add_epi32(_mm256_cvtps_epi32(floor), _mm256_set1_epi32(127)),
        23);
    __m256 p = _mm256_set1_ps(HEED_ATTEND_P3);
    p = _mm256_add_ps(_mm256_mul_ps(p, f), _mm256_set1_ps(HEED_ATTEND_P2));
    p = _mm256_add_ps(_mm256_mul_ps(p, f), _mm256_set1_ps(HEED_ATTEND_P1));
    p = _mm256_add_ps(_mm256_mul_ps(p, f), _mm256_set1_ps(HEED_ATTEND_P0));
    return _mm256_mul_ps(p, _mm256_castsi256_ps(exponent));
}

static void exponentiate(heed_attend_block *block, float *scores,
                         const heed_attend_span *span)
{
    const __m256 least = _mm256_set1_ps(HEED_ATTEND_LEAST);

    for (size_t h = 0; h < LANES; h += 8) {
        const __m256 peak = _mm256_loadu_ps(block->peak + h);
        const __m256 factor = _mm256_loadu_ps(block->factor + h);
        __m256i sum = load_pairs(block->sum + h);

        for (size_t k = span->first; k < span->end; k++) {
            float *s = scores + k * LANES + h;
            const __m256 x =
                _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(s), peak), factor);
            const __m256 e = power(_mm256_max_ps(x, least));
            _mm256_storeu_ps(s, e);
            sum = _mm256_add_epi32(sum, _mm256_cvtps_epi32(e));
        }
        _mm256_storeu_si256((void *)(block->sum + h), sum);
    }
}

HEED_INLINE __m256i weight_of(const float *e, float step, const float *share)
{
    return _mm256_cvtps_epi32(_mm256_mul_ps(
        _mm256_loadu_ps(e),
        _mm256_mul_ps(_mm256_set1_ps(step), _mm256_loadu_ps(share))));
}

static void weigh(const heed_attend_block *block, float *scores,
                  const heed_attend_span *span)
{
    for (size_t k = 0; k < span->end; k += 2) {
        const float step[2] = {heed_attend_value_step(span, k),
                               heed_attend_value_step(span, k + 1)};
        const float *e = scores + k * LANES;
        __m256i w[2];

        HEED_UNROLL
        for (size_t h = 0; h < 2; h++) {
            const float *share = block->share + 8 * h;
            const __m256i odd = weight_of(e + LANES + 8 * h, step[1], share);
            w[h] = _mm256_or_si256(weight_of(e + 8 * h, step[0], share),
                                   _mm256_slli_epi32(odd, 16));
        }
        _mm256_storeu_si256((void *)(scores + k / 2 * LANES), w[0]);
        _mm256_storeu_si256((void *)(scores + k / 2 * LANES + 8), w[1]);
    }
}

/* `n_values` values of all queries from number `d` on. */
HEED_INLINE void mix_tile(float *out, const heed_attend_block *block,
                          const float *scores, const heed_attend_span *spans,
                          size_t n_spans, const heed_attend_shape *shape,
                          const size_t at[2], float step)
{
    const size_t d = at[0];
    const size_t n_values = at[1];
    __m256i sum[4][2];
    float lanes[4][LANES];

    HEED_UNROLL
    for (size_t i = 0; i < n_values; i++)
        sum[i][0] = sum[i][1] = _mm256_setzero_si256();
    for (size_t n = 0; n < n_spans; n++) {
        const int16_t *from = spans[n].values + 2 * d;
        for (size_t k = 0; k < spans[n].end; k += 2) {
            const float *weights = scores + k / 2 * LANES;
            const __m256i low = load_pairs(weights);
            const __m256i high = load_pairs(weights + 8);
            HEED_UNROLL
            for (size_t i = 0; i < n_values; i++) {
                const __m256i value = pair_of(from + 2 * i);
                sum[i][0] = add_products(sum[i][0], low, value);
                sum[i][1] = add_products(sum[i][1], high, value);
            }
            from += 2 * shape->key_stride;
        }
        scores += heed_attend_span_floats(&spans[n]);
    }
    HEED_UNROLL
    for (size_t i = 0; i < n_values; i++) {
        HEED_UNROLL
        for (size_t h = 0; h < 2; h++)
            _mm256_storeu_ps(lanes[i] + 8 * h,
                             _mm256_mul_ps(_mm256_cvtepi32_ps(sum[i][h]),
                                           _mm256_set1_ps(step)));
    }
    for (size_t q = 0; q < block->n_queries; q++)
        for (size_t i = 0; i < n_values; i++)
            out[q * shape->out_stride + d + i] = lanes[i][q];
}

static void mix(float *out, const heed_attend_block *block, const float *scores,
                const heed_attend_span *spans, size_t n_spans,
                const heed_attend_shape *shape, float step)
{
    size_t d = 0;
    for (; d + 4 <= shape->head_size; d += 4)
        mix_tile(out, block, scores, spans, n_spans, shape,
                 (const size_t[2]){d, 4}, step);
    for (; d < shape->head_size; d++)
        mix_tile(out, block, scores, spans, n_spans, shape,
                 (const size_t[2]){d, 1}, step);
}

#endif /* HEED_ASR_NN_ATTENTION_I16_AVX2_TILE_H */
