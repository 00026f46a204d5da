/* attention_i16_c.c - attention in integers in plain C: the definition.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/attention_i16.h"

enum { LANES = HEED_ATTEND_LANES };

static void score(heed_attend_block *block, float *scores,
                  const heed_attend_span *span, const heed_attend_shape *shape)
{
    const size_t n_pairs = (shape->head_size + 1) / 2;

    for (size_t k = span->first; k < span->end; k++) {
        const int16_t *key = span->keys + k * shape->key_stride;
        const float step = span->key_steps[k];
        float *s = scores + k * LANES;
        int32_t sum[LANES] = {0};

        for (size_t i = 0; i < n_pairs; i++)
            for (size_t l = 0; l < LANES; l++)
                sum[l] += block->queries[i][l][0] * key[2 * i] +
                          block->queries[i][l][1] * key[2 * i + 1];
        for (size_t l = 0; l < LANES; l++) {
            s[l] = (float)sum[l] * step;
            block->peak[l] = s[l] > block->peak[l] ? s[l] : block->peak[l];
        }
    }
}

/* The integer that a float of less than 2^22 is rounded to, ties to even. */
static int32_t rounded(float value)
{
    const float sum = value + HEED_I8_ROUNDER;
    int32_t bits;

    memcpy(&bits, &sum, sizeof bits);
    return bits - HEED_I8_ROUNDER_BITS;
}

/* p(x - floor(x)) 2^floor(x) for HEED_ATTEND_LEAST <= x <= 0. */
static float power(float x)
{
    const int32_t whole = (int32_t)x;
    const int32_t floor = (float)whole > x ? whole - 1 : whole;
    const float f = x - (float)floor;
    const uint32_t bits = (uint32_t)(floor + 127) << 23;
    float p = HEED_ATTEND_P3;
    float scale;

    p = p * f + HEED_ATTEND_P2;
    p = p * f + HEED_ATTEND_P1;
    p = p * f + HEED_ATTEND_P0;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static void exponentiate(heed_attend_block *block, float *scores,
                         const heed_attend_span *span)
{
    for (size_t k = span->first; k < span->end; k++) {
        float *s = scores + k * LANES;

        for (size_t l = 0; l < LANES; l++) {
            const float x = (s[l] - block->peak[l]) * block->factor[l];

            s[l] = power(x > HEED_ATTEND_LEAST ? x : HEED_ATTEND_LEAST);
            block->sum[l] += rounded(s[l]);
        }
    }
}

static void weigh(const heed_attend_block *block, float *scores,
                  const heed_attend_span *span)
{
    for (size_t k = 0; k < span->end; k += 2) {
        const float step[2] = {heed_attend_value_step(span, k),
                               heed_attend_value_step(span, k + 1)};
        const float *e = scores + k * LANES;
        int16_t w[LANES][2];

        for (size_t l = 0; l < LANES; l++)
            for (size_t i = 0; i < 2; i++)
                w[l][i] = (int16_t)rounded(e[i * LANES + l] *
                                           (step[i] * block->share[l]));
        memcpy(scores + k / 2 * LANES, w, sizeof w);
    }
}

static void mix(float *out, const heed_attend_block *block, const float *scores,
                const heed_attend_span *spans, size_t n_spans,
                const heed_attend_shape *shape, float step)
{
    for (size_t d = 0; d < shape->head_size; d++) {
        const float *from = scores;
        int32_t sum[LANES] = {0};

        for (size_t i = 0; i < n_spans; i++) {
            for (size_t k = 0; k < spans[i].end; k += 2) {
                const int16_t *value =
                    spans[i].values + k * shape->key_stride + 2 * d;
                int16_t w[LANES][2];

                memcpy(w, from + k / 2 * LANES, sizeof w);
                for (size_t l = 0; l < LANES; l++)
                    sum[l] += w[l][0] * value[0] + w[l][1] * value[1];
            }
            from += heed_attend_span_floats(&spans[i]);
        }
        for (size_t l = 0; l < block->n_queries; l++)
            out[l * shape->out_stride + d] = (float)sum[l] * step;
    }
}

void heed_attend_c(float *out, float *scratch, const int16_t *queries,
                   const float *query_steps, const heed_attend_span *spans,
                   size_t n_spans, const heed_attend_shape *shape)
{
    static const heed_attend_loops loops = {score, exponentiate, weigh, mix};
    heed_attend_run(out, scratch, queries, query_steps, spans, n_spans, shape,
                    &loops);
}
