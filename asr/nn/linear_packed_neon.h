/* linear_packed_neon.h - what products with packed int8 weights for 64-bit ARM
 * share: rows of x in, rows of y out. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_LINEAR_PACKED_NEON_H
#define HEED_ASR_NN_LINEAR_PACKED_NEON_H
#include <arm_neon.h>

#include "asr/nn/linear_packed.h"

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

#endif /* HEED_ASR_NN_LINEAR_PACKED_NEON_H */
