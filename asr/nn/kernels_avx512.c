/* kernels_avx512.c - the loops for AVX-512 (F, BW, DQ, VL).
 *
 * A product is computed in tiles of 4 rows by 4 outputs, or 1 row by 16
 * outputs: 16 accumulators of 16 partial sums each (i mod 16), added as
 * kernels_c.c adds them. So a row's bits do not depend on the tile it fell
 * into. At an edge, a tile repeats its last row or output and drops the copies.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>
#include <math.h>

#include "asr/nn/attention_i16.h"
#include "asr/nn/kernels.h"
#include "asr/nn/kernels_simd.h"
#include "asr/nn/linear_i8.h"
#include "asr/nn/linear_packed.h"

#define FULL ((__mmask16)0xffff)

HEED_INLINE __mmask16 mask_of(size_t count)
{
    return (__mmask16)(count >= 16 ? 0xffffu : (1u << count) - 1u);
}

HEED_INLINE __m512 load(const float *p, __mmask16 mask)
{
    return mask == FULL ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(mask, p);
}

/* 128-bit lane k of the result: the sum of the 128-bit lanes of the k-th
 * argument, the first two, the last two, then both. */
HEED_INLINE __m512 sum_lanes(__m512 a, __m512 b, __m512 c, __m512 d)
{
    const __m512 ab = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88),
                                    _mm512_shuffle_f32x4(a, b, 0xdd));
    const __m512 cd = _mm512_add_ps(_mm512_shuffle_f32x4(c, d, 0x88),
                                    _mm512_shuffle_f32x4(c, d, 0xdd));
    return _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88),
                         _mm512_shuffle_f32x4(ab, cd, 0xdd));
}

/* Each 128-bit lane of the result: that lane's sums of a, b, c and d, each by
 * neighbours. */
HEED_INLINE __m512 sum_quads(__m512 a, __m512 b, __m512 c, __m512 d)
{
    const __m512 ab = _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x88),
                                    _mm512_shuffle_ps(a, b, 0xdd));
    const __m512 cd = _mm512_add_ps(_mm512_shuffle_ps(c, d, 0x88),
                                    _mm512_shuffle_ps(c, d, 0xdd));
    return _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x88),
                         _mm512_shuffle_ps(ab, cd, 0xdd));
}

HEED_INLINE float sum_of(__m512 v)
{
    const __m512 lanes = sum_lanes(v, v, v, v);
    return _mm512_cvtss_f32(sum_quads(lanes, lanes, lanes, lanes));
}

HEED_INLINE size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

/* One step of 4 rows by 4 outputs over up to 16 inputs. */
HEED_INLINE void step_rows(__m512 sum[16], const float *const x[4],
                           const float *w, const size_t at[4], size_t i,
                           __mmask16 mask)
{
    __m512 row[4];
    HEED_UNROLL
    for (size_t r = 0; r < 4; r++)
        row[r] = load(x[r] + i, mask);
    HEED_UNROLL
    for (size_t o = 0; o < 4; o++) {
        const __m512 weight = load(w + at[o] + i, mask);
        HEED_UNROLL
        for (size_t r = 0; r < 4; r++)
            sum[4 * r + o] = _mm512_fmadd_ps(row[r], weight, sum[4 * r + o]);
    }
}

/* One step of 1 row by 16 outputs over up to 16 inputs. */
HEED_INLINE void step_outputs(__m512 sum[16], const float *x, const float *w,
                              const size_t at[16], size_t i, __mmask16 mask)
{
    const __m512 row = load(x + i, mask);
    HEED_UNROLL
    for (size_t o = 0; o < 16; o++)
        sum[o] = _mm512_fmadd_ps(row, load(w + at[o] + i, mask), sum[o]);
}

/* The 16 sums, in order. */
HEED_INLINE __m512 sum_tile(const __m512 sum[16])
{
    return sum_quads(sum_lanes(sum[0], sum[4], sum[8], sum[12]),
                     sum_lanes(sum[1], sum[5], sum[9], sum[13]),
                     sum_lanes(sum[2], sum[6], sum[10], sum[14]),
                     sum_lanes(sum[3], sum[7], sum[11], sum[15]));
}

/* All rows by outputs `o` to `o + 3`. */
HEED_INLINE void tile_rows(float *y, const float *x, const float *w,
                           const float *bias, const heed_linear_shape *s,
                           size_t o)
{
    size_t at[4];
    for (size_t k = 0; k < 4; k++)
        at[k] = at_most(o + k, s->n_out - 1) * s->w_stride;
    const __mmask16 keep = mask_of(at_most(s->n_out - o, 4));
    const __m512 start = bias ? _mm512_broadcast_f32x4(_mm_maskz_loadu_ps(
                                    (__mmask8)keep, bias + o))
                              : _mm512_setzero_ps();

    for (size_t r = 0; r < s->n_rows; r += 4) {
        const float *row[4];
        for (size_t k = 0; k < 4; k++)
            row[k] = x + at_most(r + k, s->n_rows - 1) * s->x_stride;
        __m512 sum[16];
        HEED_UNROLL
        for (size_t k = 0; k < 16; k++)
            sum[k] = _mm512_setzero_ps();
        size_t i = 0;
        for (; i + 16 <= s->n_in; i += 16)
            step_rows(sum, row, w, at, i, FULL);
        if (i < s->n_in)
            step_rows(sum, row, w, at, i, mask_of(s->n_in - i));
        const __m512 all = _mm512_add_ps(sum_tile(sum), start);

        const __mmask8 lanes = (__mmask8)keep;
        float *out = y + r * s->y_stride + o;
        _mm_mask_storeu_ps(out, lanes, _mm512_castps512_ps128(all));
        if (r + 1 < s->n_rows)
            _mm_mask_storeu_ps(out + s->y_stride, lanes,
                               _mm512_extractf32x4_ps(all, 1));
        if (r + 2 < s->n_rows)
            _mm_mask_storeu_ps(out + 2 * s->y_stride, lanes,
                               _mm512_extractf32x4_ps(all, 2));
        if (r + 3 < s->n_rows)
            _mm_mask_storeu_ps(out + 3 * s->y_stride, lanes,
                               _mm512_extractf32x4_ps(all, 3));
    }
}

/* One row by outputs `o` to `o + 15`. */
HEED_INLINE void tile_outputs(float *y, const float *x, const float *w,
                              const float *bias, const heed_linear_shape *s,
                              size_t o)
{
    size_t at[16];
    for (size_t k = 0; k < 16; k++)
        at[k] = at_most(o + k, s->n_out - 1) * s->w_stride;
    __m512 sum[16];
    HEED_UNROLL
    for (size_t k = 0; k < 16; k++)
        sum[k] = _mm512_setzero_ps();
    size_t i = 0;
    for (; i + 16 <= s->n_in; i += 16)
        step_outputs(sum, x, w, at, i, FULL);
    if (i < s->n_in)
        step_outputs(sum, x, w, at, i, mask_of(s->n_in - i));

    const __mmask16 keep = mask_of(s->n_out - o);
    const __m512 start =
        bias ? _mm512_maskz_loadu_ps(keep, bias + o) : _mm512_setzero_ps();
    _mm512_mask_storeu_ps(y + o, keep, _mm512_add_ps(sum_tile(sum), start));
}

static void linear_f32_avx512(float *y, const float *x, const float *w,
                              const float *bias, const heed_linear_shape *s)
{
    if (s->n_rows == 1) {
        for (size_t o = 0; o < s->n_out; o += 16)
            tile_outputs(y, x, w, bias, s, o);
    } else {
        for (size_t o = 0; o < s->n_out; o += 4)
            tile_rows(y, x, w, bias, s, o);
    }
}

/* The weights of 8 rows at most for one key. Counting rows from the first and
 * the fifth takes as few registers as the processor's addresses allow. */
HEED_INLINE float weight_of(const float *low, const float *high, size_t stride,
                            size_t q)
{
    return q < 4 ? low[q * stride] : high[(q - 4) * stride];
}

/* 16 values in floats or halves. */
HEED_INLINE __m512 load_values(const void *from, __mmask16 keep, bool half)
{
    return half ? _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(keep, from))
                : _mm512_maskz_loadu_ps(keep, from);
}

/* Weighted sums for `n_rows` rows of p from `at[0]` on and 16 `n_vectors`
 * values from `at[1]` on. */
HEED_INLINE void mix_tile(float *y, const float *p, const void *v,
                          const heed_mix_shape *s, const size_t at[2],
                          size_t n_rows, size_t n_vectors, bool half)
{
    const size_t d = at[1];
    const size_t stride = s->p_stride;
    const float *low = p + at[0] * stride;
    const float *high = low + 4 * stride;
    const size_t value = half ? sizeof(uint16_t) : sizeof(float);
    const char *from = (const char *)v + d * value;
    float *to = y + at[0] * s->y_stride + d;
    __mmask16 keep[6];
    __m512 sum[24];

    HEED_UNROLL
    for (size_t n = 0; n < n_vectors; n++)
        keep[n] = mask_of(s->n_values - at_most(d + 16 * n, s->n_values));
    HEED_UNROLL
    for (size_t q = 0; q < n_rows; q++) {
        HEED_UNROLL
        for (size_t n = 0; n < n_vectors; n++)
            sum[q * n_vectors + n] =
                s->accumulate ? _mm512_maskz_loadu_ps(
                                    keep[n], to + q * s->y_stride + 16 * n)
                              : _mm512_setzero_ps();
    }
    for (size_t k = 0; k < s->n_keys; k++) {
        __m512 values[6];
        HEED_UNROLL
        for (size_t n = 0; n < n_vectors; n++)
            values[n] = load_values(from + 16 * n * value, keep[n], half);
        HEED_UNROLL
        for (size_t q = 0; q < n_rows; q++) {
            const __m512 weight =
                _mm512_set1_ps(weight_of(low, high, stride, q));
            HEED_UNROLL
            for (size_t n = 0; n < n_vectors; n++)
                sum[q * n_vectors + n] =
                    _mm512_fmadd_ps(weight, values[n], sum[q * n_vectors + n]);
        }
        low++;
        high++;
        from += s->v_stride * value;
    }
    HEED_UNROLL
    for (size_t q = 0; q < n_rows; q++) {
        HEED_UNROLL
        for (size_t n = 0; n < n_vectors; n++)
            _mm512_mask_storeu_ps(to + q * s->y_stride + 16 * n, keep[n],
                                  sum[q * n_vectors + n]);
    }
}

/* All rows, by tiles of `n_rows` and what is left, of 16 `n_vectors` values
 * from `d` on. */
HEED_INLINE void mix_columns(float *y, const float *p, const void *v,
                             const heed_mix_shape *s, size_t d, size_t n_rows,
                             size_t n_vectors, bool half)
{
    size_t r = 0;
    for (; r + n_rows <= s->n_rows; r += n_rows)
        mix_tile(y, p, v, s, (const size_t[2]){r, d}, n_rows, n_vectors, half);
    if (n_rows > 4 && r + 4 <= s->n_rows) {
        mix_tile(y, p, v, s, (const size_t[2]){r, d}, 4, n_vectors, half);
        r += 4;
    }
    if (n_rows > 2 && r + 2 <= s->n_rows) {
        mix_tile(y, p, v, s, (const size_t[2]){r, d}, 2, n_vectors, half);
        r += 2;
    }
    for (; r < s->n_rows; r++)
        mix_tile(y, p, v, s, (const size_t[2]){r, d}, 1, n_vectors, half);
}

/* Tiles as wide as the values; as many rows as the registers hold. */
HEED_INLINE void mix_rows(float *y, const float *p, const void *v,
                          const heed_mix_shape *s, bool half)
{
    size_t d = 0;
    for (; s->n_values - d > 48; d += at_most(s->n_values - d, 64))
        mix_columns(y, p, v, s, d, 6, 4, half);
    if (s->n_values - d > 32)
        mix_columns(y, p, v, s, d, 8, 3, half);
    else if (s->n_values - d > 16)
        mix_columns(y, p, v, s, d, 8, 2, half);
    else if (s->n_values > d)
        mix_columns(y, p, v, s, d, 8, 1, half);
}

/* The same for as few rows as a beam has texts. */
HEED_INLINE void mix_few_rows(float *y, const float *p, const void *v,
                              const heed_mix_shape *s, bool half)
{
    size_t d = 0;
    for (; s->n_values - d > 48; d += at_most(s->n_values - d, 64))
        mix_columns(y, p, v, s, d, 4, 4, half);
    if (s->n_values > d)
        mix_columns(y, p, v, s, d, 4, 3, half);
}

HEED_INLINE void mix_row(float *y, const float *p, const void *v,
                         const heed_mix_shape *s, bool half)
{
    size_t d = 0;
    for (; s->n_values - d > 48; d += at_most(s->n_values - d, 96))
        mix_columns(y, p, v, s, d, 1, 6, half);
    if (s->n_values > d)
        mix_columns(y, p, v, s, d, 1, 3, half);
}

HEED_INLINE void mix_any(float *y, const float *p, const void *v,
                         const heed_mix_shape *s, bool half)
{
    if (s->n_rows > 4)
        mix_rows(y, p, v, s, half);
    else if (s->n_rows > 1)
        mix_few_rows(y, p, v, s, half);
    else if (s->n_rows == 1)
        mix_row(y, p, v, s, half);
}

static void mix_avx512(float *y, const float *p, const float *v,
                       const heed_mix_shape *s)
{
    mix_any(y, p, v, s, false);
}

static void mix_f16_avx512(float *y, const float *p, const uint16_t *v,
                           const heed_mix_shape *s)
{
    mix_any(y, p, v, s, true);
}

static void round_f16_avx512(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        _mm256_mask_storeu_epi16(
            y + i, keep,
            _mm512_cvtps_ph(_mm512_maskz_loadu_ps(keep, x + i), 8));
    }
}

static float dot_avx512(const float *a, const float *b, size_t n)
{
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        sum = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(keep, a + i),
                              _mm512_maskz_loadu_ps(keep, b + i), sum);
    }
    return sum_of(sum);
}

static void axpy_avx512(float *y, float a, const float *x, size_t n)
{
    const __m512 factor = _mm512_set1_ps(a);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 sum =
            _mm512_fmadd_ps(factor, _mm512_maskz_loadu_ps(keep, x + i),
                            _mm512_maskz_loadu_ps(keep, y + i));
        _mm512_mask_storeu_ps(y + i, keep, sum);
    }
}

static void layer_norm_avx512(float *y, const float *x, const float *weight,
                              float eps, size_t n)
{
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i += 16)
        sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask_of(n - i), x + i));
    const __m512 mean = _mm512_set1_ps(sum_of(sum) / (float)n);

    sum = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 gap =
            _mm512_maskz_sub_ps(keep, _mm512_maskz_loadu_ps(keep, x + i), mean);
        sum = _mm512_fmadd_ps(gap, gap, sum);
    }
    const float variance = sum_of(sum) / (float)n;
    const __m512 factor = _mm512_set1_ps(1.0f / sqrtf(variance + eps));

    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        __m512 value = _mm512_mul_ps(
            _mm512_sub_ps(_mm512_maskz_loadu_ps(keep, x + i), mean), factor);
        if (weight)
            value =
                _mm512_mul_ps(value, _mm512_maskz_loadu_ps(keep, weight + i));
        _mm512_mask_storeu_ps(y + i, keep, value);
    }
}

/* See kernels_simd.h. A NaN stays one. */
HEED_INLINE __m512 exp_of(__m512 x)
{
    const __mmask16 keep =
        _mm512_cmp_ps_mask(x, _mm512_set1_ps(HEED_EXP_MIN), _CMP_NLT_UQ);
    x = _mm512_min_ps(_mm512_set1_ps(HEED_EXP_MAX), x);
    const __m512 n =
        _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(HEED_LOG2_E)), 8);
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(HEED_LN2_HIGH), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(HEED_LN2_LOW), r);
    __m512 p = _mm512_set1_ps(HEED_EXP_P5);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(HEED_EXP_P4));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(HEED_EXP_P3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(HEED_EXP_P2));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(HEED_EXP_P1));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(HEED_EXP_P0));
    p = _mm512_fmadd_ps(_mm512_mul_ps(r, r), p, r);
    p = _mm512_add_ps(p, _mm512_set1_ps(1.0f));
    return _mm512_maskz_scalef_ps(keep, p, n);
}

static void gelu_avx512(float *y, const float *x, size_t n)
{
    const __m512 one = _mm512_set1_ps(1.0f);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 v = _mm512_maskz_loadu_ps(keep, x + i);
        const __m512 size = _mm512_abs_ps(v);
        const __m512 t = _mm512_div_ps(
            one, _mm512_fmadd_ps(size, _mm512_set1_ps(HEED_ERFC_P), one));
        __m512 p = _mm512_set1_ps(HEED_ERFC_A5);
        p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(HEED_ERFC_A4));
        p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(HEED_ERFC_A3));
        p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(HEED_ERFC_A2));
        p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(HEED_ERFC_A1));
        p = _mm512_mul_ps(p, t);
        const __m512 tail = _mm512_mul_ps(
            p,
            exp_of(_mm512_mul_ps(_mm512_mul_ps(v, v), _mm512_set1_ps(-0.5f))));
        const __m512 ramp = _mm512_max_ps(_mm512_setzero_ps(), v);
        _mm512_mask_storeu_ps(y + i, keep, _mm512_fnmadd_ps(size, tail, ramp));
    }
}

static float centre_avx512(float *x, size_t n)
{
    __m512 low = _mm512_set1_ps(x[0]);
    __m512 high = low;
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 v = _mm512_maskz_loadu_ps(keep, x + i);
        low = _mm512_mask_min_ps(low, keep, v, low);
        high = _mm512_mask_max_ps(high, keep, v, high);
    }
    const float middle =
        0.5f * _mm512_reduce_min_ps(low) + 0.5f * _mm512_reduce_max_ps(high);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        _mm512_mask_storeu_ps(x + i, keep,
                              _mm512_sub_ps(_mm512_maskz_loadu_ps(keep, x + i),
                                            _mm512_set1_ps(middle)));
    }
    return middle;
}

static void silu_mul_avx512(float *y, const float *g, const float *h, size_t n)
{
    const __m512 one = _mm512_set1_ps(1.0f);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 gate = _mm512_maskz_loadu_ps(keep, g + i);
        const __m512 down = _mm512_add_ps(
            one, exp_of(_mm512_sub_ps(_mm512_setzero_ps(), gate)));
        _mm512_mask_storeu_ps(
            y + i, keep,
            _mm512_mul_ps(_mm512_div_ps(gate, down),
                          _mm512_maskz_loadu_ps(keep, h + i)));
    }
}

static __m512 maximum(const float *x, size_t n)
{
    __m512 max = _mm512_set1_ps(-INFINITY);
    for (size_t i = 0; i < n; i += 16)
        max = _mm512_mask_max_ps(max, mask_of(n - i), max,
                                 _mm512_maskz_loadu_ps(mask_of(n - i), x + i));
    return _mm512_set1_ps(_mm512_reduce_max_ps(max));
}

static void softmax_avx512(float *x, float scale, size_t n)
{
    const __m512 by = _mm512_set1_ps(scale);
    const __m512 max = maximum(x, n);
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 gap =
            _mm512_sub_ps(_mm512_maskz_loadu_ps(keep, x + i), max);
        const __m512 e = exp_of(_mm512_mul_ps(gap, by));
        sum = _mm512_mask_add_ps(sum, keep, sum, e);
        _mm512_mask_storeu_ps(x + i, keep, e);
    }
    const __m512 factor = _mm512_set1_ps(1.0f / sum_of(sum));
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        _mm512_mask_storeu_ps(
            x + i, keep,
            _mm512_mul_ps(_mm512_maskz_loadu_ps(keep, x + i), factor));
    }
}

static void log_softmax_avx512(float *y, const float *x, size_t n)
{
    const __m512 max = maximum(x, n);
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 e =
            exp_of(_mm512_sub_ps(_mm512_maskz_loadu_ps(keep, x + i), max));
        sum = _mm512_mask_add_ps(sum, keep, sum, e);
    }
    const __m512 log_sum = _mm512_set1_ps(logf(sum_of(sum)));
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 keep = mask_of(n - i);
        const __m512 v = _mm512_maskz_loadu_ps(keep, x + i);
        _mm512_mask_storeu_ps(y + i, keep,
                              _mm512_sub_ps(_mm512_sub_ps(v, max), log_sum));
    }
}

static void rope_avx512(float *x, const float *cosines, const float *sines,
                        size_t n_pairs)
{
    const __m512i twice =
        _mm512_set_epi32(7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0);
    for (size_t i = 0; i < n_pairs; i += 8) {
        const __mmask16 pairs = mask_of(at_most(n_pairs - i, 8));
        const __mmask16 keep = mask_of(2 * at_most(n_pairs - i, 8));
        const __m512 c = _mm512_permutexvar_ps(
            twice, _mm512_maskz_loadu_ps(pairs, cosines + i));
        const __m512 s = _mm512_permutexvar_ps(
            twice, _mm512_maskz_loadu_ps(pairs, sines + i));
        const __m512 v = _mm512_maskz_loadu_ps(keep, x + 2 * i);
        const __m512 crossed = _mm512_mul_ps(_mm512_permute_ps(v, 0xb1), s);
        _mm512_mask_storeu_ps(x + 2 * i, keep,
                              _mm512_fmaddsub_ps(v, c, crossed));
    }
}

/* The int8 products are the only loops that VNNI changes. */
#define OTHER_LOOPS                                                        \
    .round_i16 = heed_round_i16_avx512, .linear_f32 = linear_f32_avx512,   \
    .mix = mix_avx512, .mix_f16 = mix_f16_avx512,                          \
    .round_f16 = round_f16_avx512, .dot = dot_avx512, .axpy = axpy_avx512, \
    .layer_norm = layer_norm_avx512, .gelu = gelu_avx512,                  \
    .centre = centre_avx512, .silu_mul = silu_mul_avx512,                  \
    .softmax = softmax_avx512, .log_softmax = log_softmax_avx512,          \
    .rope = rope_avx512

const heed_kernels heed_kernels_avx512 = {
    .name = "avx512",
    .linear_i8 = heed_linear_i8_avx512,
    .pack = heed_pack_pairs,
    .linear_packed = heed_linear_packed_avx512,
    .attend = heed_attend_avx512,
    OTHER_LOOPS,
};

const heed_kernels heed_kernels_vnni = {
    .name = "vnni",
    .linear_i8 = heed_linear_i8_vnni,
    .pack = heed_pack_unsigned,
    .linear_packed = heed_linear_packed_vnni,
    .attend = heed_attend_vnni,
    OTHER_LOOPS,
};
