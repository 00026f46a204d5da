/* linear_packed_dot.c - the product with packed int8 weights for 64-bit ARM
 * with dot products of bytes (sdot).
 *
 * Weights have a sign, so nothing is taken off at the end. A tile is up to 2
 * rows by a group of 16 outputs; an odd last row is computed alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>

#include "asr/nn/linear_packed.h"

enum { QUADS = 4 /* vectors of 4 outputs in a group */ };

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

static int32_t split_row(int8_t *q, const float *x, float factor, size_t n,
                         size_t stride)
{
    for (size_t i = 0; i < stride; i += 8) {
        int16x4_t high[2];
        int16x4_t low[2];
        for (size_t k = 0; k < 2; k++) {
            const size_t at = i + 4 * k;
            const float32x4_t values =
                at < n ? load(x + at, n - at) : vdupq_n_f32(0.0f);
            const int32x4_t all = vcvtnq_s32_f32(vmulq_n_f32(values, factor));
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

/* The inputs of one lane of q for a group of outputs. */
#define STEP_LANE(lane)                                                    \
    do {                                                                   \
        HEED_UNROLL                                                        \
        for (size_t v = 0; v < QUADS; v++) {                               \
            const int8x16_t weights =                                      \
                vreinterpretq_s8_u8(vld1q_u8(w + 64 * (lane) + 16 * v));   \
            HEED_UNROLL                                                    \
            for (size_t r = 0; r < n_rows; r++) {                          \
                sum[r][0][v] =                                             \
                    vdotq_laneq_s32(sum[r][0][v], weights, q[r][0], lane); \
                sum[r][1][v] =                                             \
                    vdotq_laneq_s32(sum[r][1][v], weights, q[r][1], lane); \
            }                                                              \
        }                                                                  \
    } while (0)

/* One step of up to 16 inputs. */
HEED_INLINE void step_tile(int32x4_t sum[2][2][QUADS],
                           const int8_t *const row[2], const uint8_t *w,
                           size_t stride, size_t n_rows, size_t count)
{
    int8x16_t q[2][2];
    HEED_UNROLL
    for (size_t r = 0; r < n_rows; r++) {
        q[r][0] = vld1q_s8(row[r]);
        q[r][1] = vld1q_s8(row[r] + stride);
    }
    STEP_LANE(0);
    if (count > 4)
        STEP_LANE(1);
    if (count > 8)
        STEP_LANE(2);
    if (count > 12)
        STEP_LANE(3);
}

/* Outputs `o` to `o + 3` of a row, those that there are. */
HEED_INLINE void finish(float *y, int32x4_t high, int32x4_t low, float step,
                        const heed_packed_weights *w, size_t o, size_t n_out)
{
    int32_t exact[4];
    vst1q_s32(exact, vaddq_s32(vshlq_n_s32(high, 5), low));
    for (size_t k = 0; k < 4 && o + k < n_out; k++) {
        const float scale = step * w->scale[o + k];
        const float product = (float)exact[k] * scale;
        y[o + k] = product + (w->bias ? w->bias[o + k] : 0.0f);
    }
}

/* `n_rows` rows, 1 or 2, from `r` on by group `g`. */
HEED_INLINE void tile(float *y, const heed_packed_block *block,
                      const heed_packed_weights *w, const heed_linear_shape *s,
                      size_t r, size_t g, size_t n_rows)
{
    const uint8_t *weights = w->w + g * heed_packed_group_bytes(s->n_in);
    const size_t stride = block->stride;
    const int8_t *row[2];
    int32x4_t sum[2][2][QUADS];

    HEED_UNROLL
    for (size_t k = 0; k < n_rows; k++) {
        row[k] = block->q + 2 * (r + k) * stride;
        HEED_UNROLL
        for (size_t v = 0; v < QUADS; v++)
            sum[k][0][v] = sum[k][1][v] = vdupq_n_s32(0);
    }
    for (size_t i = 0; i < s->n_in; i += 16) {
        const size_t left = s->n_in - i;
        if (left >= 16)
            step_tile(sum, row, weights, stride, n_rows, 16);
        else
            step_tile(sum, row, weights, stride, n_rows, left);
        weights += 16 * HEED_PACKED_OUTS;
        row[0] += 16;
        if (n_rows == 2)
            row[1] += 16;
    }
    HEED_UNROLL
    for (size_t k = 0; k < n_rows; k++)
        HEED_UNROLL
    for (size_t v = 0; v < QUADS; v++)
        finish(y + (r + k) * s->y_stride, sum[k][0][v], sum[k][1][v],
               block->step[r + k], w, g * HEED_PACKED_OUTS + 4 * v, s->n_out);
}

static void multiply(float *y, const heed_packed_block *block,
                     const heed_packed_weights *w, const heed_linear_shape *s)
{
    for (size_t g = 0; g * HEED_PACKED_OUTS < s->n_out; g++) {
        size_t r = 0;
        for (; r + 2 <= block->n_rows; r += 2)
            tile(y, block, w, s, r, g, 2);
        if (r < block->n_rows)
            tile(y, block, w, s, r, g, 1);
    }
}

void heed_linear_packed_dot(float *y, const float *x, const uint8_t *packed,
                            const float *scale, const float *bias,
                            const heed_linear_shape *shape)
{
    static const heed_packed_loops loops = {peak_bits, split_row, multiply};
    const heed_packed_weights weights = {packed, scale, bias};
    heed_packed_run(y, x, &weights, shape, &loops);
}
