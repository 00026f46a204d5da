/* kernels_neon.c - the loops for 64-bit ARM's Advanced SIMD.
 *
 * Of the 16 partial sums of kernels_c.c, four vectors hold four each. A product
 * is computed in tiles of 4 rows by 4 outputs, or 1 row by 8 outputs, once for
 * each quarter of the partial sums: a row's bits do not depend on the tile it
 * fell into. At an edge, a tile repeats its last row or output and drops the
 * copies.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>
#include <math.h>
#include <string.h>

#include "asr/nn/attention_i16.h"
#include "asr/nn/kernels.h"
#include "asr/nn/kernels_simd.h"
#include "asr/nn/linear_i8.h"
#include "asr/nn/linear_packed.h"

HEED_INLINE size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

/* Up to 4 floats; the lanes from `count` on are `fill` and not read. */
HEED_INLINE float32x4_t load_or(const float *p, size_t count, float fill)
{
    if (count >= 4)
        return vld1q_f32(p);
    float lanes[4] = {fill, fill, fill, fill};
    memcpy(lanes, p, count * sizeof *p);
    return vld1q_f32(lanes);
}

HEED_INLINE float32x4_t load(const float *p, size_t count)
{
    return load_or(p, count, 0.0f);
}

HEED_INLINE void store(float *p, size_t count, float32x4_t v)
{
    if (count >= 4) {
        vst1q_f32(p, v);
    } else {
        float lanes[4];
        vst1q_f32(lanes, v);
        memcpy(p, lanes, count * sizeof *p);
    }
}

/* The four quads of partial sums added. */
HEED_INLINE float32x4_t sum_lanes(float32x4_t a, float32x4_t b, float32x4_t c,
                                  float32x4_t d)
{
    return vaddq_f32(vaddq_f32(a, b), vaddq_f32(c, d));
}

/* The sums of all lanes of four vectors. */
HEED_INLINE float32x4_t sum_quads(const float32x4_t v[4])
{
    return vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3]));
}

HEED_INLINE float sum_of(const float32x4_t quad[4])
{
    return vaddvq_f32(sum_lanes(quad[0], quad[1], quad[2], quad[3]));
}

/* One step of 4 rows by 4 outputs over up to 4 inputs. */
HEED_INLINE void step_rows(float32x4_t sum[16], const float *const x[4],
                           const float *w, const size_t at[4], size_t i,
                           size_t count)
{
    float32x4_t row[4];
    HEED_UNROLL
    for (size_t r = 0; r < 4; r++)
        row[r] = load(x[r] + i, count);
    HEED_UNROLL
    for (size_t o = 0; o < 4; o++) {
        const float32x4_t weight = load(w + at[o] + i, count);
        HEED_UNROLL
        for (size_t r = 0; r < 4; r++)
            sum[4 * r + o] = vfmaq_f32(sum[4 * r + o], row[r], weight);
    }
}

/* One step of 1 row by 8 outputs over up to 4 inputs. */
HEED_INLINE void step_outputs(float32x4_t sum[8], const float *x,
                              const float *w, const size_t at[8], size_t i,
                              size_t count)
{
    const float32x4_t row = load(x + i, count);
    HEED_UNROLL
    for (size_t o = 0; o < 8; o++)
        sum[o] = vfmaq_f32(sum[o], row, load(w + at[o] + i, count));
}

/* Adds the bias to the 4 sums of outputs `o` on, stores `count`. */
HEED_INLINE void finish(float *y, const float *bias, size_t o, size_t count,
                        float32x4_t sums)
{
    const float32x4_t start = bias ? load(bias + o, count) : vdupq_n_f32(0.0f);
    store(y + o, count, vaddq_f32(sums, start));
}

/* All rows by outputs `o` to `o + 3`. */
HEED_INLINE void tile_rows(float *y, const float *x, const float *w,
                           const float *bias, const heed_linear_shape *s,
                           size_t o)
{
    size_t at[4];
    for (size_t k = 0; k < 4; k++)
        at[k] = at_most(o + k, s->n_out - 1) * s->w_stride;

    for (size_t r = 0; r < s->n_rows; r += 4) {
        const float *row[4];
        for (size_t k = 0; k < 4; k++)
            row[k] = x + at_most(r + k, s->n_rows - 1) * s->x_stride;
        float32x4_t quad[4][16];
        for (size_t q = 0; q < 4; q++) {
            float32x4_t *sum = quad[q];
            HEED_UNROLL
            for (size_t k = 0; k < 16; k++)
                sum[k] = vdupq_n_f32(0.0f);
            size_t i = 4 * q;
            for (; i + 4 <= s->n_in; i += 16)
                step_rows(sum, row, w, at, i, 4);
            if (i < s->n_in)
                step_rows(sum, row, w, at, i, s->n_in - i);
        }
        float32x4_t sum[16];
        HEED_UNROLL
        for (size_t k = 0; k < 16; k++)
            sum[k] = sum_lanes(quad[0][k], quad[1][k], quad[2][k], quad[3][k]);
        HEED_UNROLL
        for (size_t k = 0; k < 4; k++)
            if (r + k < s->n_rows)
                finish(y + (r + k) * s->y_stride, bias, o, s->n_out - o,
                       sum_quads(sum + 4 * k));
    }
}

/* One row by outputs `o` to `o + 7`. */
HEED_INLINE void tile_outputs(float *y, const float *x, const float *w,
                              const float *bias, const heed_linear_shape *s,
                              size_t o)
{
    size_t at[8];
    for (size_t k = 0; k < 8; k++)
        at[k] = at_most(o + k, s->n_out - 1) * s->w_stride;
    float32x4_t quad[4][8];
    for (size_t q = 0; q < 4; q++) {
        float32x4_t *sum = quad[q];
        HEED_UNROLL
        for (size_t k = 0; k < 8; k++)
            sum[k] = vdupq_n_f32(0.0f);
        size_t i = 4 * q;
        for (; i + 4 <= s->n_in; i += 16)
            step_outputs(sum, x, w, at, i, 4);
        if (i < s->n_in)
            step_outputs(sum, x, w, at, i, s->n_in - i);
    }
    float32x4_t sum[8];
    HEED_UNROLL
    for (size_t k = 0; k < 8; k++)
        sum[k] = sum_lanes(quad[0][k], quad[1][k], quad[2][k], quad[3][k]);
    finish(y, bias, o, s->n_out - o, sum_quads(sum));
    if (s->n_out - o > 4)
        finish(y, bias, o + 4, s->n_out - o - 4, sum_quads(sum + 4));
}

static void linear_f32_neon(float *y, const float *x, const float *w,
                            const float *bias, const heed_linear_shape *s)
{
    if (s->n_rows == 1) {
        for (size_t o = 0; o < s->n_out; o += 8)
            tile_outputs(y, x, w, bias, s, o);
    } else {
        for (size_t o = 0; o < s->n_out; o += 4)
            tile_rows(y, x, w, bias, s, o);
    }
}

/* Up to 4 values, in floats or halves, from number `at` on. */
HEED_INLINE float32x4_t load_values(const void *values, size_t at, size_t count,
                                    bool half)
{
    if (!half)
        return load((const float *)values + at, count);
    const uint16_t *from = (const uint16_t *)values + at;
    uint16_t lanes[4] = {0};
    if (count < 4)
        memcpy(lanes, from, count * sizeof *lanes);
    return vcvt_f32_f16(
        vreinterpret_f16_u16(vld1_u16(count < 4 ? lanes : from)));
}

/* Weighted sums for one row of p and up to 16 values from `d` on. */
HEED_INLINE void mix_row(float *y, const float *p, const void *v,
                         const heed_mix_shape *s, size_t d, bool half)
{
    size_t begin[4];
    size_t count[4];
    float32x4_t sum[4];
    HEED_UNROLL
    for (size_t k = 0; k < 4; k++) {
        begin[k] = at_most(d + 4 * k, s->n_values);
        count[k] = at_most(s->n_values - begin[k], 4);
        sum[k] =
            s->accumulate ? load(y + begin[k], count[k]) : vdupq_n_f32(0.0f);
    }
    for (size_t k = 0; k < s->n_keys; k++) {
        const size_t at = k * s->v_stride;
        HEED_UNROLL
        for (size_t n = 0; n < 4; n++)
            sum[n] = vfmaq_n_f32(
                sum[n], load_values(v, at + begin[n], count[n], half), p[k]);
    }
    HEED_UNROLL
    for (size_t k = 0; k < 4; k++)
        store(y + begin[k], count[k], sum[k]);
}

HEED_INLINE void mix_any(float *y, const float *p, const void *v,
                         const heed_mix_shape *s, bool half)
{
    for (size_t r = 0; r < s->n_rows; r++)
        for (size_t d = 0; d < s->n_values; d += 16)
            mix_row(y + r * s->y_stride, p + r * s->p_stride, v, s, d, half);
}

static void mix_neon(float *y, const float *p, const float *v,
                     const heed_mix_shape *s)
{
    mix_any(y, p, v, s, false);
}

static void mix_f16_neon(float *y, const float *p, const uint16_t *v,
                         const heed_mix_shape *s)
{
    mix_any(y, p, v, s, true);
}

static void round_f16_neon(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 4) {
        const uint16x4_t halves =
            vreinterpret_u16_f16(vcvt_f16_f32(load(x + i, n - i)));
        memcpy(y + i, &halves, at_most(n - i, 4) * sizeof *y);
    }
}

static float dot_neon(const float *a, const float *b, size_t n)
{
    float32x4_t quad[4];
    for (size_t q = 0; q < 4; q++)
        quad[q] = vdupq_n_f32(0.0f);
    for (size_t i = 0; i < n; i += 16) {
        HEED_UNROLL
        for (size_t q = 0; q < 4; q++) {
            const size_t k = at_most(i + 4 * q, n);
            quad[q] =
                vfmaq_f32(quad[q], load(a + k, n - k), load(b + k, n - k));
        }
    }
    return sum_of(quad);
}

static void axpy_neon(float *y, float a, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 4)
        store(y + i, n - i,
              vfmaq_n_f32(load(y + i, n - i), load(x + i, n - i), a));
}

static void layer_norm_neon(float *y, const float *x, const float *weight,
                            float eps, size_t n)
{
    float32x4_t quad[4];
    for (size_t q = 0; q < 4; q++)
        quad[q] = vdupq_n_f32(0.0f);
    for (size_t i = 0; i < n; i += 16) {
        HEED_UNROLL
        for (size_t q = 0; q < 4; q++) {
            const size_t k = at_most(i + 4 * q, n);
            quad[q] = vaddq_f32(quad[q], load(x + k, n - k));
        }
    }
    const float mean = sum_of(quad) / (float)n;
    const float32x4_t means = vdupq_n_f32(mean);

    for (size_t q = 0; q < 4; q++)
        quad[q] = vdupq_n_f32(0.0f);
    for (size_t i = 0; i < n; i += 16) {
        HEED_UNROLL
        for (size_t q = 0; q < 4; q++) {
            const size_t k = at_most(i + 4 * q, n);
            const float32x4_t gap =
                vsubq_f32(load_or(x + k, n - k, mean), means);
            quad[q] = vfmaq_f32(quad[q], gap, gap);
        }
    }
    const float factor = 1.0f / sqrtf(sum_of(quad) / (float)n + eps);

    for (size_t i = 0; i < n; i += 4) {
        float32x4_t value =
            vmulq_n_f32(vsubq_f32(load(x + i, n - i), means), factor);
        if (weight)
            value = vmulq_f32(value, load(weight + i, n - i));
        store(y + i, n - i, value);
    }
}

/* See kernels_simd.h. A NaN stays one. */
HEED_INLINE float32x4_t exp_of(float32x4_t x)
{
    const uint32x4_t low = vcltq_f32(x, vdupq_n_f32(HEED_EXP_MIN));
    x = vminq_f32(vdupq_n_f32(HEED_EXP_MAX), x);
    const float32x4_t n = vrndnq_f32(vmulq_n_f32(x, HEED_LOG2_E));
    float32x4_t r = vfmsq_f32(x, n, vdupq_n_f32(HEED_LN2_HIGH));
    r = vfmsq_f32(r, n, vdupq_n_f32(HEED_LN2_LOW));
    float32x4_t p = vdupq_n_f32(HEED_EXP_P5);
    p = vfmaq_f32(vdupq_n_f32(HEED_EXP_P4), p, r);
    p = vfmaq_f32(vdupq_n_f32(HEED_EXP_P3), p, r);
    p = vfmaq_f32(vdupq_n_f32(HEED_EXP_P2), p, r);
    p = vfmaq_f32(vdupq_n_f32(HEED_EXP_P1), p, r);
    p = vfmaq_f32(vdupq_n_f32(HEED_EXP_P0), p, r);
    p = vfmaq_f32(r, vmulq_f32(r, r), p);
    p = vaddq_f32(p, vdupq_n_f32(1.0f));
    const int32x4_t power =
        vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23);
    p = vmulq_f32(p, vreinterpretq_f32_s32(power));
    return vbslq_f32(low, vdupq_n_f32(0.0f), p);
}

static void gelu_neon(float *y, const float *x, size_t n)
{
    const float32x4_t one = vdupq_n_f32(1.0f);
    for (size_t i = 0; i < n; i += 4) {
        const float32x4_t v = load(x + i, n - i);
        const float32x4_t size = vabsq_f32(v);
        const float32x4_t t =
            vdivq_f32(one, vfmaq_n_f32(one, size, HEED_ERFC_P));
        float32x4_t p = vdupq_n_f32(HEED_ERFC_A5);
        p = vfmaq_f32(vdupq_n_f32(HEED_ERFC_A4), p, t);
        p = vfmaq_f32(vdupq_n_f32(HEED_ERFC_A3), p, t);
        p = vfmaq_f32(vdupq_n_f32(HEED_ERFC_A2), p, t);
        p = vfmaq_f32(vdupq_n_f32(HEED_ERFC_A1), p, t);
        p = vmulq_f32(p, t);
        const float32x4_t tail =
            vmulq_f32(p, exp_of(vmulq_n_f32(vmulq_f32(v, v), -0.5f)));
        const float32x4_t ramp = vmaxq_f32(vdupq_n_f32(0.0f), v);
        store(y + i, n - i, vfmsq_f32(ramp, size, tail));
    }
}

static float centre_neon(float *x, size_t n)
{
    float low = x[0];
    float high = x[0];
    size_t i = 0;
    if (n >= 4) {
        float32x4_t lows = vld1q_f32(x);
        float32x4_t highs = lows;
        for (i = 4; i + 4 <= n; i += 4) {
            const float32x4_t v = vld1q_f32(x + i);
            lows = vminq_f32(v, lows);
            highs = vmaxq_f32(v, highs);
        }
        low = vminvq_f32(lows);
        high = vmaxvq_f32(highs);
    }
    for (; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    const float middle = 0.5f * low + 0.5f * high;
    for (i = 0; i + 4 <= n; i += 4)
        vst1q_f32(x + i, vsubq_f32(vld1q_f32(x + i), vdupq_n_f32(middle)));
    for (; i < n; i++)
        x[i] -= middle;
    return middle;
}

static void silu_mul_neon(float *y, const float *g, const float *h, size_t n)
{
    for (size_t i = 0; i < n; i += 4) {
        const float32x4_t gate = load(g + i, n - i);
        const float32x4_t down =
            vaddq_f32(vdupq_n_f32(1.0f), exp_of(vnegq_f32(gate)));
        store(y + i, n - i,
              vmulq_f32(vdivq_f32(gate, down), load(h + i, n - i)));
    }
}

static float maximum(const float *x, size_t n)
{
    float32x4_t max = vdupq_n_f32(-INFINITY);
    for (size_t i = 0; i < n; i += 4)
        max = vmaxq_f32(max, load_or(x + i, n - i, -INFINITY));
    return vmaxvq_f32(max);
}

static void softmax_neon(float *x, float scale, size_t n)
{
    const float32x4_t max = vdupq_n_f32(maximum(x, n));
    float32x4_t quad[4];
    for (size_t q = 0; q < 4; q++)
        quad[q] = vdupq_n_f32(0.0f);
    for (size_t i = 0; i < n; i += 16) {
        HEED_UNROLL
        for (size_t q = 0; q < 4; q++) {
            const size_t k = at_most(i + 4 * q, n);
            const float32x4_t gap =
                vsubq_f32(load_or(x + k, n - k, -INFINITY), max);
            const float32x4_t e = exp_of(vmulq_n_f32(gap, scale));
            quad[q] = vaddq_f32(quad[q], e);
            store(x + k, n - k, e);
        }
    }
    const float factor = 1.0f / sum_of(quad);
    for (size_t i = 0; i < n; i += 4)
        store(x + i, n - i, vmulq_n_f32(load(x + i, n - i), factor));
}

static void log_softmax_neon(float *y, const float *x, size_t n)
{
    const float32x4_t max = vdupq_n_f32(maximum(x, n));
    float32x4_t quad[4];
    for (size_t q = 0; q < 4; q++)
        quad[q] = vdupq_n_f32(0.0f);
    for (size_t i = 0; i < n; i += 16) {
        HEED_UNROLL
        for (size_t q = 0; q < 4; q++) {
            const size_t k = at_most(i + 4 * q, n);
            quad[q] = vaddq_f32(
                quad[q],
                exp_of(vsubq_f32(load_or(x + k, n - k, -INFINITY), max)));
        }
    }
    const float32x4_t log_sum = vdupq_n_f32(logf(sum_of(quad)));
    for (size_t i = 0; i < n; i += 4)
        store(y + i, n - i,
              vsubq_f32(vsubq_f32(load(x + i, n - i), max), log_sum));
}

static void rope_neon(float *x, const float *cosines, const float *sines,
                      size_t n_pairs)
{
    size_t i = 0;
    for (; i + 4 <= n_pairs; i += 4) {
        const float32x4_t c = vld1q_f32(cosines + i);
        const float32x4_t s = vld1q_f32(sines + i);
        const float32x4x2_t v = vld2q_f32(x + 2 * i);
        float32x4x2_t turned;
        const float32x4_t crossed = vnegq_f32(vmulq_f32(v.val[1], s));
        turned.val[0] = vfmaq_f32(crossed, v.val[0], c);
        turned.val[1] = vfmaq_f32(vmulq_f32(v.val[0], s), v.val[1], c);
        vst2q_f32(x + 2 * i, turned);
    }
    for (; i < n_pairs; i++) {
        const float even = x[2 * i];
        const float odd = x[2 * i + 1];
        x[2 * i] = fmaf(even, cosines[i], -(odd * sines[i]));
        x[2 * i + 1] = fmaf(odd, cosines[i], even * sines[i]);
    }
}

/* The int8 products are the only loops that dot products and products of
 * matrices change. */
#define OTHER_LOOPS                                                        \
    .linear_f32 = linear_f32_neon, .linear_i8 = heed_linear_i8_neon,       \
    .round_i16 = heed_round_i16_neon, .attend = heed_attend_neon,          \
    .mix = mix_neon, .mix_f16 = mix_f16_neon, .round_f16 = round_f16_neon, \
    .dot = dot_neon, .axpy = axpy_neon, .layer_norm = layer_norm_neon,     \
    .gelu = gelu_neon, .centre = centre_neon, .silu_mul = silu_mul_neon,   \
    .softmax = softmax_neon, .log_softmax = log_softmax_neon,              \
    .rope = rope_neon

const heed_kernels heed_kernels_neon = {
    .name = "neon",
    OTHER_LOOPS,
};

const heed_kernels heed_kernels_dotprod = {
    .name = "dotprod",
    .pack = heed_pack_signed,
    .linear_packed = heed_linear_packed_dot,
    OTHER_LOOPS,
};

const heed_kernels heed_kernels_i8mm = {
    .name = "i8mm",
    .pack = heed_pack_eights,
    .linear_packed = heed_linear_packed_i8mm,
    OTHER_LOOPS,
};
