/* linear_i8_neon.c - the product with int8 weights for 64-bit ARM.
 *
 * Weights are widened to 16 bits in registers; smlal adds products of 16 bits
 * in 32. A tile is 4 rows by 2 outputs or 1 row by 8 outputs; at an edge it
 * computes its last row or output again and drops the copies.
 *
 * Values of 8 bits stay bytes: two products fit in 16 bits (2 x 127 x 128 <
 * 2^15), smull and smlal, and sadalp adds pairs of those in 32: 3 instructions
 * for 16 products instead of 4, half of the multiplications and no weight to
 * widen. Tiles are 4 rows by 4 outputs there.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>

#include "asr/nn/linear_packed.h"

enum {
    STEP = 8,
    MAX_SUMS = 8,
    BYTES_STEP = 16, /* of values of 8 bits */
    BYTES_MAX_SUMS = 16
};

HEED_INLINE size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

/* Up to 4 floats, zeros from `count` on. */
HEED_INLINE float32x4_t load(const float *p, size_t count)
{
    if (count >= 4)
        return vld1q_f32(p);
    float lanes[4] = {0};
    memcpy(lanes, p, count * sizeof *p);
    return vld1q_f32(lanes);
}

HEED_INLINE int16x8_t load_weights(const int8_t *w, size_t count)
{
    if (count == STEP)
        return vmovl_s8(vld1_s8(w));
    int8_t lanes[STEP] = {0};
    memcpy(lanes, w, at_most(count, STEP));
    return vmovl_s8(vld1_s8(lanes));
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

static void round_row(int16_t *q, const float *x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i += HEED_I8_ALIGN)
        for (size_t k = i; k < i + HEED_I8_ALIGN; k += 4) {
            const float32x4_t values =
                k < n ? load(x + k, n - k) : vdupq_n_f32(0.0f);
            vst1_s16(q + k,
                     vmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(values, factor))));
        }
}

/* One step of the inputs from `i` on; `count` is how many weights there are. */
HEED_INLINE void step_tile(int32x4_t sum[MAX_SUMS], const int16_t *const q[4],
                           const int8_t *const w[8], size_t n_rows, size_t i,
                           size_t count)
{
    const size_t n_outs = MAX_SUMS / n_rows;
    HEED_UNROLL
    for (size_t o = 0; o < n_outs; o++) {
        const int16x8_t weights = load_weights(w[o] + i, count);
        HEED_UNROLL
        for (size_t r = 0; r < n_rows; r++) {
            const int16x8_t row = vld1q_s16(q[r] + i);
            int32x4_t s = sum[r * n_outs + o];
            s = vmlal_s16(s, vget_low_s16(row), vget_low_s16(weights));
            sum[r * n_outs + o] = vmlal_high_s16(s, row, weights);
        }
    }
}

/* y for `size[0]` rows from `at[0]` on by `size[1]` outputs from `at[1]` on,
 * those that there are. */
HEED_INLINE void finish(float *y, const int32x4_t *sum, const float *step,
                        const heed_i8_weights *w, const heed_linear_shape *s,
                        const size_t at[2], const size_t size[2])
{
    for (size_t k = 0; k < size[0]; k++)
        for (size_t n = 0; n < at_most(s->n_out - at[1], size[1]); n++) {
            const size_t o = at[1] + n;
            const float scale = step[at[0] + k] * w->scale[o];
            const float product =
                (float)vaddvq_s32(sum[k * size[1] + n]) * scale;
            y[(at[0] + k) * s->y_stride + o] =
                product + (w->bias ? w->bias[o] : 0.0f);
        }
}

/* Rows `r` on, `n_rows` of 1 or 4, by 8 / n_rows outputs from `o` on. */
HEED_INLINE void tile(float *y, const heed_i8_block *block,
                      const heed_i8_weights *w, const heed_linear_shape *s,
                      size_t r, size_t o, size_t n_rows)
{
    const size_t n_outs = MAX_SUMS / n_rows;
    const int16_t *q[4];
    const int8_t *weights[MAX_SUMS];
    int32x4_t sum[MAX_SUMS];

    for (size_t k = 0; k < n_rows; k++)
        q[k] = block->q + at_most(r + k, block->n_rows - 1) * block->stride;
    for (size_t k = 0; k < n_outs; k++)
        weights[k] = w->w + at_most(o + k, s->n_out - 1) * s->w_stride;
    HEED_UNROLL
    for (size_t k = 0; k < MAX_SUMS; k++)
        sum[k] = vdupq_n_s32(0);
    size_t i = 0;
    for (; i + STEP <= s->n_in; i += STEP)
        step_tile(sum, q, weights, n_rows, i, STEP);
    if (i < s->n_in)
        step_tile(sum, q, weights, n_rows, i, s->n_in - i);
    finish(y, sum, block->step, w, s, (const size_t[2]){r, o},
           (const size_t[2]){at_most(block->n_rows - r, n_rows), n_outs});
}

static void multiply(float *y, const heed_i8_block *block,
                     const heed_i8_weights *w, const heed_linear_shape *s)
{
    if (block->n_rows == 1) {
        for (size_t o = 0; o < s->n_out; o += 8)
            tile(y, block, w, s, 0, o, 1);
        return;
    }
    for (size_t o = 0; o < s->n_out; o += 2)
        for (size_t r = 0; r < block->n_rows; r += 4)
            tile(y, block, w, s, r, o, 4);
}

/* ---- Values of 8 bits ------------------------------------------------ */

static int32_t round_bytes(int8_t *q, const float *x, float factor, size_t n,
                           size_t stride)
{
    for (size_t i = 0; i < stride; i += 8) {
        int16x4_t half[2];
        for (size_t k = 0; k < 2; k++) {
            const size_t from = i + 4 * k;
            const float32x4_t values =
                from < n ? load(x + from, n - from) : vdupq_n_f32(0.0f);
            half[k] = vmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(values, factor)));
        }
        vst1_s8(q + i, vmovn_s16(vcombine_s16(half[0], half[1])));
    }
    return 0; /* nobody asks */
}

HEED_INLINE int8x16_t load_bytes(const int8_t *w, size_t count)
{
    if (count == BYTES_STEP)
        return vld1q_s8(w);
    int8_t lanes[BYTES_STEP] = {0};
    memcpy(lanes, w, at_most(count, BYTES_STEP));
    return vld1q_s8(lanes);
}

/* See step_tile(). */
HEED_INLINE void step_bytes(int32x4_t sum[BYTES_MAX_SUMS],
                            const int8_t *const q[4], const int8_t *const w[8],
                            const size_t size[2], size_t i, size_t count)
{
    int8x16_t row[4];
    HEED_UNROLL
    for (size_t r = 0; r < size[0]; r++)
        row[r] = vld1q_s8(q[r] + i);
    HEED_UNROLL
    for (size_t o = 0; o < size[1]; o++) {
        const int8x16_t weights = load_bytes(w[o] + i, count);
        HEED_UNROLL
        for (size_t r = 0; r < size[0]; r++) {
            const int16x8_t low =
                vmull_s8(vget_low_s8(row[r]), vget_low_s8(weights));
            const int16x8_t both = vmlal_high_s8(low, row[r], weights);
            sum[r * size[1] + o] = vpadalq_s16(sum[r * size[1] + o], both);
        }
    }
}

/* Rows `at[0]` on by outputs `at[1]` on, as many as `size` says. */
HEED_INLINE void tile_bytes(float *y, const heed_packed_block *block,
                            const heed_i8_weights *w,
                            const heed_linear_shape *s, const size_t at[2],
                            const size_t size[2])
{
    const int8_t *q[4];
    const int8_t *weights[8];
    int32x4_t sum[BYTES_MAX_SUMS];

    for (size_t k = 0; k < size[0]; k++)
        q[k] = block->q + at_most(at[0] + k, block->n_rows - 1) * block->stride;
    for (size_t k = 0; k < size[1]; k++)
        weights[k] = w->w + at_most(at[1] + k, s->n_out - 1) * s->w_stride;
    HEED_UNROLL
    for (size_t k = 0; k < size[0] * size[1]; k++)
        sum[k] = vdupq_n_s32(0);
    size_t i = 0;
    for (; i + BYTES_STEP <= s->n_in; i += BYTES_STEP)
        step_bytes(sum, q, weights, size, i, BYTES_STEP);
    if (i < s->n_in)
        step_bytes(sum, q, weights, size, i, s->n_in - i);
    finish(y, sum, block->step, w, s, at,
           (const size_t[2]){at_most(block->n_rows - at[0], size[0]), size[1]});
}

static void multiply_bytes(float *y, const heed_packed_block *block,
                           const heed_packed_weights *w,
                           const heed_linear_shape *s)
{
    const heed_i8_weights rows = {(const int8_t *)w->w, w->scale, w->bias};
    if (block->n_rows == 1) {
        for (size_t o = 0; o < s->n_out; o += 8)
            tile_bytes(y, block, &rows, s, (const size_t[2]){0, o},
                       (const size_t[2]){1, 8});
        return;
    }
    for (size_t o = 0; o < s->n_out; o += 4)
        for (size_t r = 0; r < block->n_rows; r += 4)
            tile_bytes(y, block, &rows, s, (const size_t[2]){r, o},
                       (const size_t[2]){4, 4});
}

float heed_round_i16_neon(int16_t *q, const float *x, size_t n)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    return heed_i8_round_row(q, x, n, &loops);
}

void heed_linear_i8_neon(float *y, const float *x, const int8_t *w,
                         const float *scale, const float *bias,
                         const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    /* Its weights are rows, not packed; nothing is ever split. */
    static const heed_packed_loops bytes = {peak_bits, NULL, round_bytes,
                                            multiply_bytes};
    if (shape->coarse) {
        const heed_packed_weights rows = {(const uint8_t *)w, scale, bias};
        heed_packed_run(y, x, &rows, shape, &bytes);
    } else {
        const heed_i8_weights weights = {w, scale, bias};
        heed_i8_run(y, x, &weights, shape, &loops);
    }
}
