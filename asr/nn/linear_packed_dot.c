/* linear_packed_dot.c - the product with packed int8 weights for 64-bit ARM
 * with dot products of bytes (sdot).
 *
 * Weights have a sign, so nothing is taken off at the end. A tile is 2 rows, 4
 * of one byte a value, by a group of 16 outputs; what is left is computed row
 * by row.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>

#include "asr/nn/linear_packed.h"

enum {
    QUADS = 4, /* vectors of 4 outputs in a group */
    PARTS = 4  /* bytes of the values of a tile's rows, one of each */
};

/* Up to 4 floats, zeros from `count` on. */
HEED_INLINE float32x4_t load(const float *p, size_t count)
{
    if (count >= 4)
        return vld1q_f32(p);
    float lanes[4] = {0};
    memcpy(lanes, p, count * sizeof *p);
    return vld1q_f32(lanes);
}

static int32_t peak_bits(const float *x, size_t n)
{
    const int32x4_t size = vdupq_n_s32(INT32_MAX);
    int32x4_t peak = vdupq_n_s32(0);
    for (size_t i = 0; i < n; i += 4)
        peak = vmaxq_s32(
            peak, vandq_s32(size, vreinterpretq_s32_f32(load(x + i, n - i))));
    return vmaxvq_s32(peak);
}

/* 4 rounded values from x + i on, zeros from n on. */
HEED_INLINE int32x4_t round_4(const float *x, float factor, size_t i, size_t n)
{
    const float32x4_t values = i < n ? load(x + i, n - i) : vdupq_n_f32(0.0f);
    return vcvtnq_s32_f32(vmulq_n_f32(values, factor));
}

static int32_t split_row(int8_t *q, const float *x, float factor, size_t n,
                         size_t stride)
{
    for (size_t i = 0; i < stride; i += 8) {
        int16x4_t high[2];
        int16x4_t low[2];
        for (size_t k = 0; k < 2; k++) {
            const int32x4_t all = round_4(x, factor, i + 4 * k, n);
            const int32x4_t above =
                vshrq_n_s32(vaddq_s32(all, vdupq_n_s32(16)), 5);
            high[k] = vmovn_s32(above);
            low[k] = vmovn_s32(vsubq_s32(all, vshlq_n_s32(above, 5)));
        }
        vst1_s8(q + i, vmovn_s16(vcombine_s16(high[0], high[1])));
        vst1_s8(q + stride + i, vmovn_s16(vcombine_s16(low[0], low[1])));
    }
    return 0; /* nobody asks */
}

static int32_t round_row(int8_t *q, const float *x, float factor, size_t n,
                         size_t stride)
{
    for (size_t i = 0; i < stride; i += 8)
        vst1_s8(q + i, vmovn_s16(vcombine_s16(
                           vmovn_s32(round_4(x, factor, i, n)),
                           vmovn_s32(round_4(x, factor, i + 4, n)))));
    return 0;
}

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

/* Outputs `o` to `o + 3` of a row, those that there are. */
HEED_INLINE void finish(float *y, int32x4_t sum, float step,
                        const heed_packed_weights *w, size_t o, size_t n_out)
{
    int32_t exact[4];
    vst1q_s32(exact, sum);
    for (size_t k = 0; k < 4 && o + k < n_out; k++) {
        const float scale = step * w->scale[o + k];
        const float product = (float)exact[k] * scale;
        y[o + k] = product + (w->bias ? w->bias[o + k] : 0.0f);
    }
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
