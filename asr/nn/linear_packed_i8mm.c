/* linear_packed_i8mm.c - the product with packed int8 weights for 64-bit ARM
 * with products of matrices of bytes (smmla).
 *
 * smmla multiplies two lines of 8 bytes by two outputs' weights, four sums of
 * 8 products. The two lines are two rows of one byte a value, or the two bytes
 * of a row's values. A tile is up to 2 such pairs by a group of 16 outputs.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>

#include "asr/nn/linear_packed_neon.h"

enum {
    PAIRS = 2,      /* of lines in a tile */
    COLUMNS = 8,    /* pairs of outputs in a group */
    PAIR_BYTES = 16 /* of weights: 2 outputs by 8 inputs */
};

/* 4 outputs of both lines of a pair from their sums, two vectors of
 * [2 lines][2 outputs]. */
HEED_INLINE void finish_pair(float *y, const int32x4_t sum[2],
                             const heed_packed_block *block,
                             const heed_packed_weights *w,
                             const heed_linear_shape *s, size_t line, size_t o)
{
    const int32x4_t first =
        vcombine_s32(vget_low_s32(sum[0]), vget_low_s32(sum[1]));
    const int32x4_t second =
        vcombine_s32(vget_high_s32(sum[0]), vget_high_s32(sum[1]));
    const size_t r = line / block->n_parts;
    float *to = y + r * s->y_stride;

    if (block->n_parts == 2) {
        finish(to, vaddq_s32(vshlq_n_s32(first, 5), second), block->step[r], w,
               o, s->n_out);
        return;
    }
    finish(to, first, block->step[r], w, o, s->n_out);
    if (r + 1 < block->n_rows)
        finish(to + s->y_stride, second, block->step[r + 1], w, o, s->n_out);
}

/* `n_pairs` pairs of lines from `at[0]` on by group `at[1]`. A last line
 * without another is taken twice. */
HEED_INLINE void tile(float *y, const heed_packed_block *block,
                      const heed_packed_weights *w, const heed_linear_shape *s,
                      const size_t at[2], size_t n_pairs)
{
    const uint8_t *weights = w->w + at[1] * heed_packed_group_bytes(s->n_in);
    const size_t last = block->n_rows * block->n_parts - 1;
    const int8_t *q[PAIRS][2];
    int32x4_t sum[PAIRS][COLUMNS];

    HEED_UNROLL
    for (size_t k = 0; k < n_pairs; k++) {
        const size_t line = at[0] + 2 * k;
        q[k][0] = block->q + line * block->stride;
        q[k][1] = block->q + (line < last ? line + 1 : last) * block->stride;
        HEED_UNROLL
        for (size_t v = 0; v < COLUMNS; v++)
            sum[k][v] = vdupq_n_s32(0);
    }
    for (size_t i = 0; i < s->n_in; i += HEED_PACKED_EIGHT) {
        int8x16_t lines[PAIRS];
        HEED_UNROLL
        for (size_t k = 0; k < n_pairs; k++)
            lines[k] = vcombine_s8(vld1_s8(q[k][0] + i), vld1_s8(q[k][1] + i));
        HEED_UNROLL
        for (size_t v = 0; v < COLUMNS; v++) {
            const int8x16_t two = vreinterpretq_s8_u8(
                vld1q_u8(weights + i * HEED_PACKED_OUTS + v * PAIR_BYTES));
            HEED_UNROLL
            for (size_t k = 0; k < n_pairs; k++)
                sum[k][v] = vmmlaq_s32(sum[k][v], lines[k], two);
        }
    }
    HEED_UNROLL
    for (size_t k = 0; k < n_pairs; k++) {
        HEED_UNROLL
        for (size_t v = 0; v < COLUMNS; v += 2)
            finish_pair(y, sum[k] + v, block, w, s, at[0] + 2 * k,
                        at[1] * HEED_PACKED_OUTS + 2 * v);
    }
}

static void multiply(float *y, const heed_packed_block *block,
                     const heed_packed_weights *w, const heed_linear_shape *s)
{
    const size_t n_lines = block->n_rows * block->n_parts;

    for (size_t g = 0; g * HEED_PACKED_OUTS < s->n_out; g++) {
        size_t line = 0;
        for (; line + 2 < n_lines; line += 2 * PAIRS)
            tile(y, block, w, s, (const size_t[2]){line, g}, PAIRS);
        if (line < n_lines)
            tile(y, block, w, s, (const size_t[2]){line, g}, 1);
    }
}

void heed_linear_packed_i8mm(float *y, const float *x, const uint8_t *packed,
                             const float *scale, const float *bias,
                             const heed_linear_shape *shape)
{
    static const heed_packed_loops loops = {peak_bits, split_row, round_row,
                                            multiply};
    const heed_packed_weights weights = {packed, scale, bias};
    heed_packed_run(y, x, &weights, shape, &loops);
}
