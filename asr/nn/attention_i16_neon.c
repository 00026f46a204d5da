/* attention_i16_neon.c - attention in integers for 64-bit ARM.
 *
 * Four registers of sums hold 16 queries. Pairs are taken apart when they are
 * loaded: smlal multiplies four values of 16 bits by one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>

#include "asr/nn/attention_i16.h"

enum { LANES = HEED_ATTEND_LANES };

/* Adds the products of 16 pairs, whose first and second values are taken apart,
 * and one pair. */
HEED_INLINE void add_pair(int32x4_t sum[4], const int16x8x2_t pairs[2],
                          const int16_t *pair)
{
    HEED_UNROLL
    for (size_t h = 0; h < 2; h++) {
        HEED_UNROLL
        for (size_t i = 0; i < 2; i++) {
            const int16x8_t values = pairs[h].val[i];
            sum[2 * h] = vmlal_n_s16(sum[2 * h], vget_low_s16(values), pair[i]);
            sum[2 * h + 1] = vmlal_high_n_s16(sum[2 * h + 1], values, pair[i]);
        }
    }
}

HEED_INLINE void clear(int32x4_t sum[4])
{
    HEED_UNROLL
    for (size_t v = 0; v < 4; v++)
        sum[v] = vdupq_n_s32(0);
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
    int32x4_t sum[4][4];

    HEED_UNROLL
    for (size_t i = 0; i < n_keys; i++)
        clear(sum[i]);
    for (size_t p = 0; p < n_pairs; p++) {
        const int16x8x2_t queries[2] = {vld2q_s16(block->queries[p][0]),
                                        vld2q_s16(block->queries[p][8])};
        HEED_UNROLL
        for (size_t i = 0; i < n_keys; i++)
            add_pair(sum[i], queries, keys + i * stride + 2 * p);
    }
    HEED_UNROLL
    for (size_t i = 0; i < n_keys; i++) {
        const float step = span->key_steps[k + i];
        HEED_UNROLL
        for (size_t v = 0; v < 4; v++) {
            const float32x4_t s = vmulq_n_f32(vcvtq_f32_s32(sum[i][v]), step);
            float *peak = block->peak + 4 * v;
            vst1q_f32(scores + (k + i) * LANES + 4 * v, s);
            vst1q_f32(peak, vmaxq_f32(s, vld1q_f32(peak)));
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
HEED_INLINE float32x4_t power(float32x4_t x)
{
    const float32x4_t floor = vrndmq_f32(x);
    const float32x4_t f = vsubq_f32(x, floor);
    const int32x4_t exponent =
        vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(floor), vdupq_n_s32(127)), 23);
    float32x4_t p = vdupq_n_f32(HEED_ATTEND_P3);
    p = vaddq_f32(vmulq_f32(p, f), vdupq_n_f32(HEED_ATTEND_P2));
    p = vaddq_f32(vmulq_f32(p, f), vdupq_n_f32(HEED_ATTEND_P1));
    p = vaddq_f32(vmulq_f32(p, f), vdupq_n_f32(HEED_ATTEND_P0));
    return vmulq_f32(p, vreinterpretq_f32_s32(exponent));
}

static void exponentiate(heed_attend_block *block, float *scores,
                         const heed_attend_span *span)
{
    for (size_t l = 0; l < LANES; l += 4) {
        const float32x4_t peak = vld1q_f32(block->peak + l);
        const float32x4_t factor = vld1q_f32(block->factor + l);
        int32x4_t sum = vld1q_s32(block->sum + l);

        for (size_t k = span->first; k < span->end; k++) {
            float *s = scores + k * LANES + l;
            const float32x4_t x =
                vmulq_f32(vsubq_f32(vld1q_f32(s), peak), factor);
            /* Of a NaN and a number the number. */
            const float32x4_t e =
                power(vmaxnmq_f32(x, vdupq_n_f32(HEED_ATTEND_LEAST)));
            vst1q_f32(s, e);
            sum = vaddq_s32(sum, vcvtnq_s32_f32(e));
        }
        vst1q_s32(block->sum + l, sum);
    }
}

HEED_INLINE int16x4_t weights_of(const float *e, float step, const float *share)
{
    return vmovn_s32(vcvtnq_s32_f32(
        vmulq_f32(vld1q_f32(e), vmulq_n_f32(vld1q_f32(share), step))));
}

static void weigh(const heed_attend_block *block, float *scores,
                  const heed_attend_span *span)
{
    for (size_t k = 0; k < span->end; k += 2) {
        const float even = heed_attend_value_step(span, k);
        const float odd = heed_attend_value_step(span, k + 1);
        const float *e = scores + k * LANES;
        int16_t w[LANES][2];

        HEED_UNROLL
        for (size_t l = 0; l < LANES; l += 4) {
            const float *share = block->share + l;
            vst2_s16(w[l],
                     ((int16x4x2_t){{weights_of(e + l, even, share),
                                     weights_of(e + LANES + l, odd, share)}}));
        }
        memcpy(scores + k / 2 * LANES, w, sizeof w);
    }
}

/* `n_values` values of all queries from number `at[0]` on. */
HEED_INLINE void mix_tile(float *out, const heed_attend_block *block,
                          const float *scores, const heed_attend_span *spans,
                          size_t n_spans, const heed_attend_shape *shape,
                          const size_t at[2], float step)
{
    const size_t d = at[0];
    const size_t n_values = at[1];
    int32x4_t sum[4][4];
    float lanes[4][LANES];

    HEED_UNROLL
    for (size_t i = 0; i < n_values; i++)
        clear(sum[i]);
    for (size_t n = 0; n < n_spans; n++) {
        const int16_t *from = spans[n].values + 2 * d;
        for (size_t k = 0; k < spans[n].end; k += 2) {
            const int16_t *w = (const void *)(scores + k / 2 * LANES);
            const int16x8x2_t weights[2] = {vld2q_s16(w), vld2q_s16(w + LANES)};
            HEED_UNROLL
            for (size_t i = 0; i < n_values; i++)
                add_pair(sum[i], weights, from + 2 * i);
            from += 2 * shape->key_stride;
        }
        scores += heed_attend_span_floats(&spans[n]);
    }
    HEED_UNROLL
    for (size_t i = 0; i < n_values; i++) {
        HEED_UNROLL
        for (size_t v = 0; v < 4; v++)
            vst1q_f32(lanes[i] + 4 * v,
                      vmulq_n_f32(vcvtq_f32_s32(sum[i][v]), step));
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

void heed_attend_neon(float *out, float *scratch, const int16_t *queries,
                      const float *query_steps, const heed_attend_span *spans,
                      size_t n_spans, const heed_attend_shape *shape)
{
    static const heed_attend_loops loops = {score, exponentiate, weigh, mix};
    heed_attend_run(out, scratch, queries, query_steps, spans, n_spans, shape,
                    &loops);
}
