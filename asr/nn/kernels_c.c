/* kernels_c.c - the loops in plain C: the definition of what the others do.
 *
 * A sum over i is kept in LANES partial sums (i mod LANES), which a compiler
 * turns into vectors of the baseline instruction set without being allowed to
 * reorder anything; the partial sums are then added in a fixed tree.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "asr/nn/attention_i16.h"
#include "asr/nn/kernels.h"
#include "asr/nn/linear_i8.h"

#define LANES 8

static float sum_lanes(const float *lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static float dot_c(const float *a, const float *b, size_t n)
{
    float lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += a[i + k] * b[i + k];
    for (size_t k = 0; i + k < n; k++)
        lane[k] += a[i + k] * b[i + k];
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
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
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

static void layer_norm_c(float *y, const float *x, const float *weight,
                         float eps, size_t n)
{
    float lane[LANES] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % LANES] += x[i];
    const float mean = sum_lanes(lane) / (float)n;

    float square[LANES] = {0};
    for (size_t i = 0; i < n; i++)
        square[i % LANES] += (x[i] - mean) * (x[i] - mean);
    const float factor = 1.0f / sqrtf(sum_lanes(square) / (float)n + eps);

    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - mean) * factor * (weight ? weight[i] : 1.0f);
}

static void gelu_c(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 0.5f * x[i] * (1.0f + erff(x[i] * 0.70710678f));
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
        y[i] = g[i] / (1.0f + expf(-g[i])) * h[i];
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
        x[i] = expf(scale * (x[i] - max));
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
        lane[i % LANES] += expf(x[i] - max);
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
        x[2 * i] = even * cosines[i] - odd * sines[i];
        x[2 * i + 1] = odd * cosines[i] + even * sines[i];
    }
}

const heed_kernels heed_kernels_c = {
    .name = "c",
    .linear_f32 = linear_f32_c,
    .linear_i8 = heed_linear_i8_c,
    .round_i16 = heed_round_i16_c,
    .attend = heed_attend_c,
    .mix = mix_c,
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
