/* attention_i16_c.c - attention in integers in plain C: the definition.
 *
 * Pairs are taken apart first: products of 16 values of 16 bits and one are
 * what a compiler makes vectors of.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/attention_i16.h"

enum { LANES = HEED_ATTEND_LANES };

/* Takes 16 pairs apart. */
static void split(int16_t parts[2][LANES], const void *pairs)
{
    int16_t both[LANES][2];

    memcpy(both, pairs, sizeof both);
    for (size_t l = 0; l < LANES; l++) {
        parts[0][l] = both[l][0];
        parts[1][l] = both[l][1];
    }
}

/* Adds the products of 16 pairs and one pair. */
static void add_pair(int32_t sum[LANES], int16_t parts[2][LANES],
                     const int16_t *pair)
{
    const int16_t first = pair[0];
    const int16_t second = pair[1];

    HEED_KEEP_LOOP
    for (size_t l = 0; l < LANES; l++)
        sum[l] += parts[0][l] * first;
    HEED_KEEP_LOOP
    for (size_t l = 0; l < LANES; l++)
        sum[l] += parts[1][l] * second;
}

static void score(heed_attend_block *block, float *scores,
                  const heed_attend_span *span, const heed_attend_shape *shape)
{
    const size_t n_pairs = (shape->head_size + 1) / 2;
    int16_t queries[HEED_ATTEND_MAX_PAIRS][2][LANES];

    for (size_t i = 0; i < n_pairs; i++)
        split(queries[i], block->queries[i]);
    for (size_t k = span->first; k < span->end; k++) {
        const int16_t *key = span->keys + k * shape->key_stride;
        const float step = span->key_steps[k];
        float *s = scores + k * LANES;
        int32_t sum[LANES] = {0};

        for (size_t i = 0; i < n_pairs; i++)
            add_pair(sum, queries[i], key + 2 * i);
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
    int32_t sum[HEED_ATTEND_MAX_SIZE][LANES];

    memset(sum, 0, shape->head_size * sizeof sum[0]);
    for (size_t i = 0; i < n_spans; i++) {
        for (size_t k = 0; k < spans[i].end; k += 2) {
            const int16_t *values = spans[i].values + k * shape->key_stride;
            int16_t w[2][LANES];

            split(w, scores + k / 2 * LANES);
            for (size_t d = 0; d < shape->head_size; d++)
                add_pair(sum[d], w, values + 2 * d);
        }
        scores += heed_attend_span_floats(&spans[i]);
    }
    for (size_t d = 0; d < shape->head_size; d++)
        for (size_t l = 0; l < block->n_queries; l++)
            out[l * shape->out_stride + d] = (float)sum[d][l] * step;
}

void heed_attend_c(float *out, float *scratch, const int16_t *queries,
                   const float *query_steps, const heed_attend_span *spans,
                   size_t n_spans, const heed_attend_shape *shape)
{
    static const heed_attend_loops loops = {score, exponentiate, weigh, mix};
    heed_attend_run(out, scratch, queries, query_steps, spans, n_spans, shape,
                    &loops);
}
