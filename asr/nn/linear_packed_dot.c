/* linear_packed_dot.c - the product with packed int8 weights for 64-bit ARM
 * with dot products of bytes (sdot).
 *
 * Weights have a sign, so nothing is taken off at the end. A tile is 2 rows, 4
 * of one byte a value, by a group of 16 outputs; what is left is computed row
 * by row.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>

#include "asr/nn/linear_packed_neon.h"

enum {
    QUADS = 4, /* vectors of 4 outputs in a group */
    PARTS = 4  /* bytes of the values of a tile's rows, one of each */
};

/* The inputs of one lane of q for a group of outputs. */
#define STEP_LANE(lane)                                                      \
    do {                                                                     \
        HEED_UNROLL                                                          \
        for (size_t v = 0; v < QUADS; v++) {                                 \
            const int8x16_t weights =                                        \
                vreinterpretq_s8_u8(vld1q_u8(w + 64 * (lane) + 16 * v));     \
            HEED_UNROLL                                                      \
            for (size_t k = 0; k < n; k++)                                   \
                sum[k][v] = vdotq_laneq_s32(sum[k][v], weights, q[k], lane); \
        }                                                                    \
    } while (0)

/* One step of up to 16 inputs of `n` parts of rows, `stride` bytes apart. */
HEED_INLINE void step_tile(int32x4_t sum[PARTS][QUADS], const int8_t *parts,
                           const uint8_t *w, size_t stride, size_t n,
                           size_t count)
{
    int8x16_t q[PARTS];
    HEED_UNROLL
    for (size_t k = 0; k < n; k++)
        q[k] = vld1q_s8(parts + k * stride);
    STEP_LANE(0);
    if (count > 4)
        STEP_LANE(1);
    if (count > 8)
        STEP_LANE(2);
    if (count > 12)
        STEP_LANE(3);
}

/* `n_rows` rows from `at[0]` on by group `at[1]`; n_rows n_parts <= PARTS. */
HEED_INLINE void tile(float *y, const heed_packed_block *block,
                      const heed_packed_weights *w, const heed_linear_shape *s,
                      const size_t at[2], size_t n_rows, size_t n_parts)
{
    const uint8_t *weights = w->w + at[1] * heed_packed_group_bytes(s->n_in);
    const size_t stride = block->stride;
    const int8_t *q = block->q + n_parts * at[0] * stride;
    const size_t n = n_rows * n_parts;
    int32x4_t sum[PARTS][QUADS];

    HEED_UNROLL
    for (size_t k = 0; k < n; k++) {
        HEED_UNROLL
        for (size_t v = 0; v < QUADS; v++)
            sum[k][v] = vdupq_n_s32(0);
    }
    for (size_t i = 0; i < s->n_in; i += 16) {
        const size_t left = s->n_in - i;
        if (left >= 16)
            step_tile(sum, q + i, weights, stride, n, 16);
        else
            step_tile(sum, q + i, weights, stride, n, left);
        weights += 16 * HEED_PACKED_OUTS;
    }
    HEED_UNROLL
    for (size_t r = 0; r < n_rows; r++) {
        HEED_UNROLL
        for (size_t v = 0; v < QUADS; v++) {
            const int32x4_t all = n_parts == 1
                                      ? sum[r][v]
                                      : vaddq_s32(vshlq_n_s32(sum[2 * r][v], 5),
                                                  sum[2 * r + 1][v]);
            finish(y + (at[0] + r) * s->y_stride, all, block->step[at[0] + r],
                   w, at[1] * HEED_PACKED_OUTS + 4 * v, s->n_out);
        }
    }
}

/* All rows by group `g`. */
HEED_INLINE void columns(float *y, const heed_packed_block *block,
                         const heed_packed_weights *w,
                         const heed_linear_shape *s, size_t g, size_t n_parts)
{
    const size_t n_rows = PARTS / n_parts;
    size_t r = 0;
    for (; r + n_rows <= block->n_rows; r += n_rows)
        tile(y, block, w, s, (const size_t[2]){r, g}, n_rows, n_parts);
    for (; r < block->n_rows; r++)
        tile(y, block, w, s, (const size_t[2]){r, g}, 1, n_parts);
}

static void multiply(float *y, const heed_packed_block *block,
                     const heed_packed_weights *w, const heed_linear_shape *s)
{
    for (size_t g = 0; g * HEED_PACKED_OUTS < s->n_out; g++) {
        if (block->n_parts == 1)
            columns(y, block, w, s, g, 1);
        else
            columns(y, block, w, s, g, 2);
    }
}

void heed_linear_packed_dot(float *y, const float *x, const uint8_t *packed,
                            const float *scale, const float *bias,
                            const heed_linear_shape *shape)
{
    static const heed_packed_loops loops = {peak_bits, split_row, round_row,
                                            multiply};
    const heed_packed_weights weights = {packed, scale, bias};
    heed_packed_run(y, x, &weights, shape, &loops);
}
