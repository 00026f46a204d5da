/* attention_i16_avx512_tile.h - what attention in integers for AVX-512 with and
 * without VNNI shares. SPDX-License-Identifier: Apache-2.0
 *
 * Included once by either file after it has defined
 *     add_pair(sum, a, pair)
 * as sum + a[0] pair[0] + a[1] pair[1] in 16 lanes of 32 bits, each with two of
 * 16 bits of a. A register holds 16 queries. A tile is up to 12 keys or values:
 * as many sums as hide how long one takes. */
#ifndef HEED_ASR_NN_ATTENTION_I16_AVX512_TILE_H
#define HEED_ASR_NN_ATTENTION_I16_AVX512_TILE_H
#include <immintrin.h>

#include "asr/nn/attention_i16.h"

enum { LANES = HEED_ATTEND_LANES };

/* s of `n_keys` keys from number `k` on. */
HEED_INLINE void score_tile(heed_attend_block *block, float *scores,
                            const heed_attend_span *span,
                            const heed_attend_shape *shape, size_t k,
                            size_t n_keys)
{
    const size_t stride = shape->key_stride;
    const size_t n_pairs = (shape->head_size + 1) / 2;
    const int16_t *keys = span->keys + k * stride;
    __m512 peak = _mm512_loadu_ps(block->peak);
    __m512i sum[12];

    HEED_UNROLL
    for (size_t i = 0; i < n_keys; i++)
        sum[i] = _mm512_setzero_si512();
    for (size_t p = 0; p < n_pairs; p++) {
        const __m512i query = _mm512_load_si512(block->queries[p]);
        HEED_UNROLL
        for (size_t i = 0; i < n_keys; i++)
            sum[i] = add_pair(sum[i], query, keys + i * stride + 2 * p);
    }
    HEED_UNROLL
    for (size_t i = 0; i < n_keys; i++) {
        const __m512 s = _mm512_mul_ps(_mm512_cvtepi32_ps(sum[i]),
                                       _mm512_set1_ps(span->key_steps[k + i]));
        _mm512_storeu_ps(scores + (k + i) * LANES, s);
        peak = _mm512_max_ps(s, peak);
    }
    _mm512_storeu_ps(block->peak, peak);
}

static void score(heed_attend_block *block, float *scores,
                  const heed_attend_span *span, const heed_attend_shape *shape)
{
    size_t k = span->first;
    for (; k + 12 <= span->end; k += 12)
        score_tile(block, scores, span, shape, k, 12);
    for (; k + 4 <= span->end; k += 4)
        score_tile(block, scores, span, shape, k, 4);
    for (; k < span->end; k++)
        score_tile(block, scores, span, shape, k, 1);
}

/* p(x - floor(x)) 2^floor(x), see attention_i16.h. */
HEED_INLINE __m512 power(__m512 x)
{
    const __m512 floor = _mm512_roundscale_ps(x, 0x09);
    const __m512 f = _mm512_sub_ps(x, floor);
    __m512 p = _mm512_set1_ps(HEED_ATTEND_P3);
    p = _mm512_add_ps(_mm512_mul_ps(p, f), _mm512_set1_ps(HEED_ATTEND_P2));
    p = _mm512_add_ps(_mm512_mul_ps(p, f), _mm512_set1_ps(HEED_ATTEND_P1));
    p = _mm512_add_ps(_mm512_mul_ps(p, f), _mm512_set1_ps(HEED_ATTEND_P0));
    return _mm512_scalef_ps(p, floor);
}

static void exponentiate(heed_attend_block *block, float *scores,
                         const heed_attend_span *span)
{
    const __m512 peak = _mm512_loadu_ps(block->peak);
    const __m512 factor = _mm512_loadu_ps(block->factor);
    const __m512 least = _mm512_set1_ps(HEED_ATTEND_LEAST);
    __m512i sum = _mm512_loadu_si512(block->sum);

    for (size_t k = span->first; k < span->end; k++) {
        const __m512 s = _mm512_loadu_ps(scores + k * LANES);
        const __m512 x = _mm512_mul_ps(_mm512_sub_ps(s, peak), factor);
        const __m512 e = power(_mm512_max_ps(x, least));
        _mm512_storeu_ps(scores + k * LANES, e);
        sum = _mm512_add_epi32(sum, _mm512_cvtps_epi32(e));
    }
    _mm512_storeu_si512(block->sum, sum);
}

HEED_INLINE __m512i weight_of(const float *e, float step, __m512 share)
{
    return _mm512_cvtps_epi32(_mm512_mul_ps(
        _mm512_loadu_ps(e), _mm512_mul_ps(_mm512_set1_ps(step), share)));
}

static void weigh(const heed_attend_block *block, float *scores,
                  const heed_attend_span *span)
{
    const __m512 share = _mm512_loadu_ps(block->share);

    for (size_t k = 0; k < span->end; k += 2) {
        const float *e = scores + k * LANES;
        const __m512i even =
            weight_of(e, heed_attend_value_step(span, k), share);
        const __m512i odd =
            weight_of(e + LANES, heed_attend_value_step(span, k + 1), share);
        _mm512_storeu_si512(scores + k / 2 * LANES,
                            _mm512_or_si512(even, _mm512_slli_epi32(odd, 16)));
    }
}

/* Value number `d` of every query from 16 lanes. */
HEED_INLINE void store_value(float *out, __m512 value,
                             const heed_attend_block *block,
                             const heed_attend_shape *shape, size_t d)
{
    float lanes[LANES];
    _mm512_storeu_ps(lanes, value);
    for (size_t q = 0; q < block->n_queries; q++)
        out[q * shape->out_stride + d] = lanes[q];
}

/* Values `d` to `d + 3` of every query, each from 16 lanes. */
HEED_INLINE void store_values(float *out, const __m512 value[4],
                              const heed_attend_block *block,
                              const heed_attend_shape *shape, size_t d)
{
    const __m512d low =
        _mm512_castps_pd(_mm512_unpacklo_ps(value[0], value[1]));
    const __m512d low2 =
        _mm512_castps_pd(_mm512_unpacklo_ps(value[2], value[3]));
    const __m512d high =
        _mm512_castps_pd(_mm512_unpackhi_ps(value[0], value[1]));
    const __m512d high2 =
        _mm512_castps_pd(_mm512_unpackhi_ps(value[2], value[3]));
    /* Queries i, i + 4, i + 8 and i + 12. */
    const __m512d of[4] = {
        _mm512_unpacklo_pd(low, low2), _mm512_unpackhi_pd(low, low2),
        _mm512_unpacklo_pd(high, high2), _mm512_unpackhi_pd(high, high2)};

    HEED_UNROLL
    for (size_t i = 0; i < 4; i++) {
        const __m512 four = _mm512_castpd_ps(of[i]);
        const __m128 quarter[4] = {
            _mm512_castps512_ps128(four), _mm512_extractf32x4_ps(four, 1),
            _mm512_extractf32x4_ps(four, 2), _mm512_extractf32x4_ps(four, 3)};
        HEED_UNROLL
        for (size_t k = 0; k < 4; k++)
            if (4 * k + i < block->n_queries)
                _mm_storeu_ps(out + (4 * k + i) * shape->out_stride + d,
                              quarter[k]);
    }
}

/* `n_values` values of all queries from number `d` on: 1, or some fours. */
HEED_INLINE void mix_tile(float *out, const heed_attend_block *block,
                          const float *scores, const heed_attend_span *spans,
                          size_t n_spans, const heed_attend_shape *shape,
                          const size_t at[2], float step)
{
    const size_t d = at[0];
    const size_t n_values = at[1];
    __m512i sum[12];
    __m512 value[12];

    HEED_UNROLL
    for (size_t i = 0; i < n_values; i++)
        sum[i] = _mm512_setzero_si512();
    for (size_t n = 0; n < n_spans; n++) {
        const int16_t *from = spans[n].values + 2 * d;
        for (size_t k = 0; k < spans[n].end; k += 2) {
            const __m512i weights = _mm512_loadu_si512(scores + k / 2 * LANES);
            HEED_UNROLL
            for (size_t i = 0; i < n_values; i++)
                sum[i] = add_pair(sum[i], weights, from + 2 * i);
            from += 2 * shape->key_stride;
        }
        scores += heed_attend_span_floats(&spans[n]);
    }
    HEED_UNROLL
    for (size_t i = 0; i < n_values; i++)
        value[i] =
            _mm512_mul_ps(_mm512_cvtepi32_ps(sum[i]), _mm512_set1_ps(step));
    if (n_values == 1) {
        store_value(out, value[0], block, shape, d);
    } else {
        HEED_UNROLL
        for (size_t i = 0; i < n_values; i += 4)
            store_values(out, value + i, block, shape, d + i);
    }
}

static void mix(float *out, const heed_attend_block *block, const float *scores,
                const heed_attend_span *spans, size_t n_spans,
                const heed_attend_shape *shape, float step)
{
    size_t d = 0;
    for (; d + 12 <= shape->head_size; d += 12)
        mix_tile(out, block, scores, spans, n_spans, shape,
                 (const size_t[2]){d, 12}, step);
    for (; d + 4 <= shape->head_size; d += 4)
        mix_tile(out, block, scores, spans, n_spans, shape,
                 (const size_t[2]){d, 4}, step);
    for (; d < shape->head_size; d++)
        mix_tile(out, block, scores, spans, n_spans, shape,
                 (const size_t[2]){d, 1}, step);
}

#endif /* HEED_ASR_NN_ATTENTION_I16_AVX512_TILE_H */
