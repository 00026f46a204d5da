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

enum { OUTS = 4, ROWS = 2 }; /* of a tile */

/* sums[r][o] = sum of a[r][i] b[o][i]. */
HEED_INLINE void multiply_tile(int32_t sums[ROWS][OUTS],
                               const int16_t *const a[ROWS],
                               const int16_t *const b[OUTS], size_t n)
{
    int32_t sum[8] = {0};
    for (size_t i = 0; i < n; i++) {
        sum[0] += a[0][i] * b[0][i];
        sum[1] += a[0][i] * b[1][i];
        sum[2] += a[0][i] * b[2][i];
        sum[3] += a[0][i] * b[3][i];
        sum[4] += a[1][i] * b[0][i];
        sum[5] += a[1][i] * b[1][i];
        sum[6] += a[1][i] * b[2][i];
        sum[7] += a[1][i] * b[3][i];
    }
    memcpy(sums, sum, sizeof sum);
}

/* Some rows of weights are widened at a time, once for all rows of the block: a
 * compiler has an instruction for sums of products of 16 bits. At an edge the
 * last row or output comes again. */
static void multiply(float *y, const heed_i8_block *block,
                     const heed_i8_weights *w, const heed_linear_shape *s)
{
    int16_t wide[OUTS][HEED_LINEAR_I8_MAX_IN];
    const int16_t *outs[OUTS];
    const int16_t *rows[ROWS];
    int32_t sums[ROWS][OUTS];
    for (size_t o = 0; o < s->n_out; o += OUTS) {
        const size_t n_outs = s->n_out - o < OUTS ? s->n_out - o : OUTS;
        for (size_t k = 0; k < OUTS; k++)
            outs[k] = wide[k < n_outs ? k : n_outs - 1];
        for (size_t k = 0; k < n_outs; k++)
            for (size_t i = 0; i < s->n_in; i++)
                wide[k][i] = w->w[(o + k) * s->w_stride + i];
        for (size_t r = 0; r < block->n_rows; r += ROWS) {
            const size_t n_rows =
                block->n_rows - r < ROWS ? block->n_rows - r : ROWS;
            for (size_t k = 0; k < ROWS; k++)
                rows[k] = block->q +
                          (r + (k < n_rows ? k : n_rows - 1)) * block->stride;
            multiply_tile(sums, rows, outs, s->n_in);
            for (size_t k = 0; k < n_rows; k++)
                for (size_t j = 0; j < n_outs; j++) {
                    const float scale = block->step[r + k] * w->scale[o + j];
                    y[(r + k) * s->y_stride + o + j] =
                        (float)sums[k][j] * scale +
                        (w->bias ? w->bias[o + j] : 0.0f);
                }
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
