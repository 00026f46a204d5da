/* linear_i8_c.c - the int8 product in plain C: the definition of the others.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/linear_i8.h"

static int32_t peak_bits(const float *x, size_t n)
{
    int32_t peak = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= INT32_MAX;
        peak = bits > peak ? bits : peak;
    }
    return peak;
}

static void round_row(int16_t *q, const float *x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float value = x[i] * factor;
        const float rounded = value + HEED_I8_ROUNDER;
        int32_t bits;
        memcpy(&bits, &rounded, sizeof bits);
        q[i] = (int16_t)(bits - HEED_I8_ROUNDER_BITS);
    }
    for (size_t i = n; i % HEED_I8_ALIGN != 0; i++)
        q[i] = 0;
}

static int32_t dot(const int16_t *a, const int16_t *b, size_t n)
{
    int32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* A row of weights is widened once for all rows of the block: a compiler has
 * an instruction for sums of products of 16 bits. */
static void multiply(float *y, const heed_i8_block *block,
                     const heed_i8_weights *w, const heed_linear_shape *s)
{
    int16_t wide[HEED_LINEAR_I8_MAX_IN];
    for (size_t o = 0; o < s->n_out; o++) {
        for (size_t i = 0; i < s->n_in; i++)
            wide[i] = w->w[o * s->w_stride + i];
        for (size_t r = 0; r < block->n_rows; r++) {
            const int16_t *q = block->q + r * block->stride;
            const float scale = block->step[r] * w->scale[o];
            const float product = (float)dot(q, wide, s->n_in) * scale;
            y[r * s->y_stride + o] = product + (w->bias ? w->bias[o] : 0.0f);
        }
    }
}

float heed_round_i16_c(int16_t *q, const float *x, size_t n)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    return heed_i8_round_row(q, x, n, &loops);
}

void heed_linear_i8_c(float *y, const float *x, const int8_t *w,
                      const float *scale, const float *bias,
                      const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    const heed_i8_weights weights = {w, scale, bias};
    heed_i8_run(y, x, &weights, shape, &loops);
}
