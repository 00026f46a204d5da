/* kernels_c.c - the loops in plain C: the definition of what the others do, to
 * the bit.
 *
 * A sum over i is kept in LANES partial sums (i mod LANES), as many as the
 * widest vectors have, which are then added in a fixed tree. Products are fused
 * with sums (one rounding) wherever the vector files fuse them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "asr/nn/attention_i16.h"
#include "asr/nn/kernels.h"
#include "asr/nn/kernels_simd.h"
#include "asr/nn/linear_i8.h"

enum { LANES = 16 };

#ifdef FP_FAST_FMAF
HEED_INLINE float fused(float a, float b, float c)
{
    return fmaf(a, b, c);
}

/* sum[k] += a[k] b[k]; `b_step` 0 takes b[0] for all k. */
HEED_INLINE void add_products(float *sum, const float *a, const float *b,
                              size_t b_step, size_t n)
{
    for (size_t k = 0; k < n; k++)
        sum[k] = fused(a[k], b[k * b_step], sum[k]);
}
#else
/* For a processor without such an instruction. The product of two floats is
 * exact in double, and a sum in double, rounded again, is wrong only if the
 * first rounding brought it into the middle between two floats. (Below 1e-38,
 * where floats have fewer bits, results may be rounded twice.) */

/* The bits of a double that a float has not, and what they are in the middle
 * between two floats. */
#define SPARE_BITS UINT64_C(0x1fffffff)
#define MIDDLE     UINT64_C(0x10000000)

HEED_INLINE uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* a + b, which is `sum` in the middle between two floats: what the first
 * rounding took decides. */
static float round_middle(double a, double b, double sum)
{
    const double back = sum - a;
    const double lost = (a - (sum - back)) + (b - back);
    uint64_t bits = bits_of(sum);
    if (lost != 0.0)
        bits += (lost > 0.0) == (sum > 0.0) ? 1 : UINT64_MAX;
    memcpy(&sum, &bits, sizeof sum);
    return (float)sum;
}

/* a b + c, rounded once. */
HEED_INLINE float fused(float a, float b, float c)
{
    const double product = (double)a * (double)b;
    const double sum = product + (double)c;
    if ((bits_of(sum) & SPARE_BITS) == MIDDLE)
        return round_middle(product, (double)c, sum);
    return (float)sum;
}

/* sum[k] += a[k] b[k]; `b_step` 0 takes b[0] for all k. In loops that compilers
 * make vectors of, so middles are looked for in all lanes at once. */
HEED_INLINE void add_products(float *sum, const float *a, const float *b,
                              size_t b_step, size_t n)
{
    union {
        double sum[LANES];
        uint64_t bits[LANES];
    } wide;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        uint64_t found = 0; /* its first bit: a difference is none */
        HEED_KEEP_LOOP
        for (size_t k = 0; k < LANES; k++)
            wide.sum[k] = (double)a[i + k] * (double)b[(i + k) * b_step] +
                          (double)sum[i + k];
        HEED_KEEP_LOOP
        for (size_t k = 0; k < LANES; k++)
            found |= ((wide.bits[k] & SPARE_BITS) ^ MIDDLE) - 1;
        if (found >> 63 != 0)
            break;
        HEED_KEEP_LOOP
        for (size_t k = 0; k < LANES; k++)
            sum[i + k] = (float)wide.sum[k];
    }
    for (; i < n; i++)
        sum[i] = fused(a[i], b[i * b_step], sum[i]);
}
#endif

static float sum_lanes(const float *lane)
{
    float quad[4];
    for (size_t k = 0; k < 4; k++)
        quad[k] = (lane[k] + lane[k + 4]) + (lane[k + 8] + lane[k + 12]);
    return (quad[0] + quad[1]) + (quad[2] + quad[3]);
}

static float dot_c(const float *a, const float *b, size_t n)
{
    float lane[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES)
        add_products(lane, a + i, b + i, 1, n - i < LANES ? n - i : LANES);
    return sum_lanes(lane);
}

static void linear_f32_c(float *y, const float *x, const float *w,
                         const float *bias, const heed_linear_shape *s)
{
    for (size_t o = 0; o < s->n_out; o++) {
        const float start = bias ? bias[o] : 0.0f;
        for (size_t r = 0; r < s->n_rows; r++)
            y[r * s->y_stride + o] =
                start +
                dot_c(x + r * s->x_stride, w + o * s->w_stride, s->n_in);
    }
}

static void axpy_c(float *y, float a, const float *x, size_t n)
{
    add_products(y, x, &a, 0, n);
}

static void mix_c(float *y, const float *p, const float *v,
                  const heed_mix_shape *s)
{
    for (size_t r = 0; r < s->n_rows; r++) {
        float *sum = y + r * s->y_stride;
        for (size_t d = 0; d < s->n_values && !s->accumulate; d++)
            sum[d] = 0.0f;
        for (size_t k = 0; k < s->n_keys; k++)
            axpy_c(sum, p[r * s->p_stride + k], v + k * s->v_stride,
                   s->n_values);
    }
}

/* IEEE binary16 in float; none is infinite. */
HEED_INLINE float from_f16(uint16_t half)
{
    const uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
    float size;
    memcpy(&size, &bits, sizeof size);
    size *= 0x1p112f; /* the difference of the exponents, which makes small
                         ones normal, too */
    return half & 0x8000 ? -size : size;
}

static void mix_f16_c(float *y, const float *p, const uint16_t *v,
                      const heed_mix_shape *s)
{
    float wide[4 * LANES];
    const size_t most = sizeof wide / sizeof *wide;
    for (size_t d = 0; d < s->n_values; d += most) {
        const size_t n = s->n_values - d < most ? s->n_values - d : most;
        for (size_t r = 0; r < s->n_rows && !s->accumulate; r++)
            memset(y + r * s->y_stride + d, 0, n * sizeof *y);
        for (size_t k = 0; k < s->n_keys; k++) {
            for (size_t i = 0; i < n; i++)
                wide[i] = from_f16(v[k * s->v_stride + d + i]);
            for (size_t r = 0; r < s->n_rows; r++)
                axpy_c(y + r * s->y_stride + d, p[r * s->p_stride + k], wide,
                       n);
        }
    }
}

static void round_f16_c(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
        bits &= INT32_MAX;
        if (bits < 0x38800000) { /* below 2^-14: in units of 2^-24 */
            float size;
            memcpy(&size, &bits, sizeof size);
            size += 0.5f;
            memcpy(&bits, &size, sizeof bits);
            bits -= 0x3f000000;
        } else { /* ties to even */
            bits = (bits - (112u << 23) + 0xfff + (bits >> 13 & 1)) >> 13;
        }
        y[i] = (uint16_t)(bits < 0x7c00 ? bits : 0x7c00) | sign;
    }
}

static void layer_norm_c(float *y, const float *x, const float *weight,
                         float eps, size_t n)
{
    float lane[LANES] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % LANES] += x[i];
    const float mean = sum_lanes(lane) / (float)n;

    float square[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        const float gap = x[i] - mean;
        square[i % LANES] = fused(gap, gap, square[i % LANES]);
    }
    const float factor = 1.0f / sqrtf(sum_lanes(square) / (float)n + eps);

    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - mean) * factor * (weight ? weight[i] : 1.0f);
}

/* See kernels_simd.h. A NaN stays one. */
HEED_INLINE float exp_of(float x)
{
    if (x < HEED_EXP_MIN || isnan(x))
        return isnan(x) ? x : 0.0f;
    x = x < HEED_EXP_MAX ? x : HEED_EXP_MAX;
    /* Rounded to an integer, ties to even, by what a float can hold. */
    const float n = (x * HEED_LOG2_E + 0x1.8p23f) - 0x1.8p23f;
    float r = fused(-n, HEED_LN2_HIGH, x);
    r = fused(-n, HEED_LN2_LOW, r);
    float p = HEED_EXP_P5;
    p = fused(p, r, HEED_EXP_P4);
    p = fused(p, r, HEED_EXP_P3);
    p = fused(p, r, HEED_EXP_P2);
    p = fused(p, r, HEED_EXP_P1);
    p = fused(p, r, HEED_EXP_P0);
    p = fused(r * r, p, r);
    p = p + 1.0f;
    const uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static void gelu_c(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float v = x[i];
        const float size = fabsf(v);
        const float t = 1.0f / fused(size, HEED_ERFC_P, 1.0f);
        float p = HEED_ERFC_A5;
        p = fused(p, t, HEED_ERFC_A4);
        p = fused(p, t, HEED_ERFC_A3);
        p = fused(p, t, HEED_ERFC_A2);
        p = fused(p, t, HEED_ERFC_A1);
        p = p * t;
        const float tail = p * exp_of(v * v * -0.5f);
        y[i] = fused(-size, tail, v < 0.0f ? 0.0f : v);
    }
}

static float centre_c(float *x, size_t n)
{
    float low = x[0];
    float high = x[0];
    for (size_t i = 1; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    const float middle = 0.5f * low + 0.5f * high;
    for (size_t i = 0; i < n; i++)
        x[i] -= middle;
    return middle;
}

static void silu_mul_c(float *y, const float *g, const float *h, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = g[i] / (1.0f + exp_of(-g[i])) * h[i];
}

static float maximum(const float *x, size_t n)
{
    float max = x[0];
    for (size_t i = 1; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

static void softmax_c(float *x, float scale, size_t n)
{
    const float max = maximum(x, n);
    float lane[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        x[i] = exp_of(scale * (x[i] - max));
        lane[i % LANES] += x[i];
    }
    const float factor = 1.0f / sum_lanes(lane);
    for (size_t i = 0; i < n; i++)
        x[i] *= factor;
}

static void log_softmax_c(float *y, const float *x, size_t n)
{
    const float max = maximum(x, n);
    float lane[LANES] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % LANES] += exp_of(x[i] - max);
    const float log_sum = logf(sum_lanes(lane));
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - max) - log_sum;
}

static void rope_c(float *x, const float *cosines, const float *sines,
                   size_t n_pairs)
{
    for (size_t i = 0; i < n_pairs; i++) {
        const float even = x[2 * i];
        const float odd = x[2 * i + 1];
        x[2 * i] = fused(even, cosines[i], -(odd * sines[i]));
        x[2 * i + 1] = fused(odd, cosines[i], even * sines[i]);
    }
}

const heed_kernels heed_kernels_c = {
    .name = "c",
    .linear_f32 = linear_f32_c,
    .linear_i8 = heed_linear_i8_c,
    .round_i16 = heed_round_i16_c,
    .attend = heed_attend_c,
    .mix = mix_c,
    .mix_f16 = mix_f16_c,
    .round_f16 = round_f16_c,
    .dot = dot_c,
    .axpy = axpy_c,
    .layer_norm = layer_norm_c,
    .gelu = gelu_c,
    .centre = centre_c,
    .silu_mul = silu_mul_c,
    .softmax = softmax_c,
    .log_softmax = log_softmax_c,
    .rope = rope_c,
};
