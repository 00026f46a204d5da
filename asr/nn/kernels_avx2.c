/* kernels_avx2.c - the loops for AVX2 with FMA.
 *
 * Of the 16 partial sums of kernels_c.c, two vectors hold eight each. A product
 * is computed in tiles of 3 rows by 4 outputs, or 1 row by 8 outputs, once for
 * either half of the partial sums: a row's bits do not depend on the tile it
 * fell into. At an edge, a tile repeats its last row or output and drops the
 * copies.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "asr/nn/attention_i16.h"
#include "asr/nn/kernels.h"
#include "asr/nn/kernels_simd.h"
#include "asr/nn/linear_i8.h"
#include "asr/nn/linear_packed.h"

/* Reading 8 values from `8 - count` on gives a mask of `count` lanes. */
static const int32_t mask_source[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

HEED_INLINE __m256i mask_of(size_t count)
{
    return _mm256_loadu_si256(
        (const void *)(mask_source + 8 - (count < 8 ? count : 8)));
}

HEED_INLINE __m128i mask4_of(size_t count)
{
    return _mm_loadu_si128(
        (const void *)(mask_source + 8 - (count < 4 ? count : 4)));
}

HEED_INLINE size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

/* Up to 8 floats; the lanes from `count` on are zero and not read. */
HEED_INLINE __m256 load(const float *p, size_t count)
{
    return count >= 8 ? _mm256_loadu_ps(p)
                      : _mm256_maskload_ps(p, mask_of(count));
}

HEED_INLINE void store(float *p, size_t count, __m256 v)
{
    if (count >= 8)
        _mm256_storeu_ps(p, v);
    else
        _mm256_maskstore_ps(p, mask_of(count), v);
}

/* Eight partial sums each, i mod 16 < 8 and the others. */
typedef struct partial_sums {
    __m256 low, high;
} partial_sums;

/* The four quads of the partial sums added, of a in the lower half and of b in
 * the upper one. */
HEED_INLINE __m256 sum_lanes(__m256 a_low, __m256 a_high, __m256 b_low,
                             __m256 b_high)
{
    const __m256 low =
        _mm256_add_ps(_mm256_permute2f128_ps(a_low, b_low, 0x20),
                      _mm256_permute2f128_ps(a_low, b_low, 0x31));
    const __m256 high =
        _mm256_add_ps(_mm256_permute2f128_ps(a_high, b_high, 0x20),
                      _mm256_permute2f128_ps(a_high, b_high, 0x31));
    return _mm256_add_ps(low, high);
}

/* The sums of four results' partial sums, as kernels_c.c adds them. */
HEED_INLINE __m128 sum_quads(const __m256 low[4], const __m256 high[4])
{
    const __m256 even = sum_lanes(low[0], high[0], low[2], high[2]);
    const __m256 odd = sum_lanes(low[1], high[1], low[3], high[3]);
    const __m256 pairs = _mm256_add_ps(_mm256_shuffle_ps(even, odd, 0x88),
                                       _mm256_shuffle_ps(even, odd, 0xdd));
    const __m128 first = _mm256_castps256_ps128(pairs);
    const __m128 last = _mm256_extractf128_ps(pairs, 1);
    return _mm_add_ps(_mm_shuffle_ps(first, last, 0x88),
                      _mm_shuffle_ps(first, last, 0xdd));
}

HEED_INLINE float sum_of(partial_sums sum)
{
    const __m256 low[4] = {sum.low, sum.low, sum.low, sum.low};
    const __m256 high[4] = {sum.high, sum.high, sum.high, sum.high};
    return _mm_cvtss_f32(sum_quads(low, high));
}

/* One step of 3 rows by 4 outputs over up to 8 inputs. */
HEED_INLINE void step_rows(__m256 sum[12], const float *const x[3],
                           const float *w, const size_t at[4], size_t i,
                           size_t count)
{
    __m256 row[3];
    HEED_UNROLL
    for (size_t r = 0; r < 3; r++)
        row[r] = load(x[r] + i, count);
    HEED_UNROLL
    for (size_t o = 0; o < 4; o++) {
        const __m256 weight = load(w + at[o] + i, count);
        HEED_UNROLL
        for (size_t r = 0; r < 3; r++)
            sum[4 * r + o] = _mm256_fmadd_ps(row[r], weight, sum[4 * r + o]);
    }
}

/* One step of 1 row by 8 outputs over up to 8 inputs. */
HEED_INLINE void step_outputs(__m256 sum[8], const float *x, const float *w,
                              const size_t at[8], size_t i, size_t count)
{
    const __m256 row = load(x + i, count);
    HEED_UNROLL
    for (size_t o = 0; o < 8; o++)
        sum[o] = _mm256_fmadd_ps(row, load(w + at[o] + i, count), sum[o]);
}

/* Adds the bias to the 4 sums of outputs `o` on and stores `count`. */
HEED_INLINE void finish(float *y, const float *bias, size_t o, size_t count,
                        __m128 sums)
{
    const __m128i keep = mask4_of(count);
    const __m128 start =
        bias ? _mm_maskload_ps(bias + o, keep) : _mm_setzero_ps();
    _mm_maskstore_ps(y + o, keep, _mm_add_ps(sums, start));
}

/* All rows by outputs `o` to `o + 3`. */
HEED_INLINE void tile_rows(float *y, const float *x, const float *w,
                           const float *bias, const heed_linear_shape *s,
                           size_t o)
{
    size_t at[4];
    for (size_t k = 0; k < 4; k++)
        at[k] = at_most(o + k, s->n_out - 1) * s->w_stride;

    for (size_t r = 0; r < s->n_rows; r += 3) {
        const float *row[3];
        for (size_t k = 0; k < 3; k++)
            row[k] = x + at_most(r + k, s->n_rows - 1) * s->x_stride;
        __m256 sum[2][12];
        for (size_t half = 0; half < 2; half++) {
            __m256 *part = sum[half];
            HEED_UNROLL
            for (size_t k = 0; k < 12; k++)
                part[k] = _mm256_setzero_ps();
            size_t i = 8 * half;
            for (; i + 8 <= s->n_in; i += 16)
                step_rows(part, row, w, at, i, 8);
            if (i < s->n_in)
                step_rows(part, row, w, at, i, s->n_in - i);
        }
        HEED_UNROLL
        for (size_t k = 0; k < 3; k++)
            if (r + k < s->n_rows)
                finish(y + (r + k) * s->y_stride, bias, o, s->n_out - o,
                       sum_quads(sum[0] + 4 * k, sum[1] + 4 * k));
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
    __m256 sum[2][8];
    for (size_t half = 0; half < 2; half++) {
        __m256 *part = sum[half];
        HEED_UNROLL
        for (size_t k = 0; k < 8; k++)
            part[k] = _mm256_setzero_ps();
        size_t i = 8 * half;
        for (; i + 8 <= s->n_in; i += 16)
            step_outputs(part, x, w, at, i, 8);
        if (i < s->n_in)
            step_outputs(part, x, w, at, i, s->n_in - i);
    }
    finish(y, bias, o, s->n_out - o, sum_quads(sum[0], sum[1]));
    if (s->n_out - o > 4)
        finish(y, bias, o + 4, s->n_out - o - 4,
               sum_quads(sum[0] + 4, sum[1] + 4));
}

static void linear_f32_avx2(float *y, const float *x, const float *w,
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

/* Up to 8 values, in floats or halves, from number `at` on. */
HEED_INLINE __m256 load_values(const void *values, size_t at, size_t count,
                               bool half)
{
    if (!half)
        return load((const float *)values + at, count);
    const uint16_t *from = (const uint16_t *)values + at;
    if (count >= 8)
        return _mm256_cvtph_ps(_mm_loadu_si128((const void *)from));
    if (count == 4)
        return _mm256_cvtph_ps(_mm_loadl_epi64((const void *)from));
    uint16_t lanes[8] = {0};
    memcpy(lanes, from, count * sizeof *lanes);
    return _mm256_cvtph_ps(_mm_loadu_si128((const void *)lanes));
}

/* Weighted sums for 4 rows of p and up to 16 values from `d` on. */
HEED_INLINE void mix_tile(float *y, const float *p, const void *v,
                          const heed_mix_shape *s, size_t r, size_t d,
                          bool half)
{
    const size_t low_count = at_most(s->n_values - d, 8);
    const size_t high_count = at_most(s->n_values - d, 16) - low_count;
    const __m256i low_mask = mask_of(low_count);
    const __m256i high_mask = mask_of(high_count);
    size_t row[4];
    for (size_t k = 0; k < 4; k++)
        row[k] = at_most(r + k, s->n_rows - 1);
    __m256 sum[8];
    HEED_UNROLL
    for (size_t k = 0; k < 8; k++)
        sum[k] = _mm256_setzero_ps();
    if (s->accumulate) {
        HEED_UNROLL
        for (size_t k = 0; k < 4; k++) {
            const float *from = y + row[k] * s->y_stride + d;
            sum[2 * k] = _mm256_maskload_ps(from, low_mask);
            sum[2 * k + 1] = _mm256_maskload_ps(from + 8, high_mask);
        }
    }
    for (size_t k = 0; k < s->n_keys; k++) {
        const size_t at = k * s->v_stride + d;
        const __m256 low = load_values(v, at, low_count, half);
        const __m256 high = load_values(v, at + low_count, high_count, half);
        HEED_UNROLL
        for (size_t q = 0; q < 4; q++) {
            const __m256 weight = _mm256_set1_ps(p[row[q] * s->p_stride + k]);
            sum[2 * q] = _mm256_fmadd_ps(weight, low, sum[2 * q]);
            sum[2 * q + 1] = _mm256_fmadd_ps(weight, high, sum[2 * q + 1]);
        }
    }
    for (size_t k = 0; k < at_most(s->n_rows - r, 4); k++) {
        float *to = y + row[k] * s->y_stride + d;
        store(to, low_count, sum[2 * k]);
        store(to + 8, high_count, sum[2 * k + 1]);
    }
}

/* Weighted sums for one row of p and up to 40 values from `d` on. */
HEED_INLINE void mix_row(float *y, const float *p, const void *v,
                         const heed_mix_shape *s, size_t d, bool half)
{
    size_t begin[5];
    size_t count[5];
    __m256 sum[5];
    HEED_UNROLL
    for (size_t k = 0; k < 5; k++) {
        begin[k] = at_most(d + 8 * k, s->n_values);
        count[k] = at_most(s->n_values - begin[k], 8);
        sum[k] =
            s->accumulate ? load(y + begin[k], count[k]) : _mm256_setzero_ps();
    }
    for (size_t k = 0; k < s->n_keys; k++) {
        const size_t at = k * s->v_stride;
        const __m256 weight = _mm256_set1_ps(p[k]);
        HEED_UNROLL
        for (size_t n = 0; n < 5; n++)
            sum[n] = _mm256_fmadd_ps(
                weight, load_values(v, at + begin[n], count[n], half), sum[n]);
    }
    HEED_UNROLL
    for (size_t k = 0; k < 5; k++)
        store(y + begin[k], count[k], sum[k]);
}

HEED_INLINE void mix_any(float *y, const float *p, const void *v,
                         const heed_mix_shape *s, bool half)
{
    if (s->n_rows == 1) {
        for (size_t d = 0; d < s->n_values; d += 40)
            mix_row(y, p, v, s, d, half);
        return;
    }
    for (size_t r = 0; r < s->n_rows; r += 4)
        for (size_t d = 0; d < s->n_values; d += 16)
            mix_tile(y, p, v, s, r, d, half);
}

static void mix_avx2(float *y, const float *p, const float *v,
                     const heed_mix_shape *s)
{
    mix_any(y, p, v, s, false);
}

static void mix_f16_avx2(float *y, const float *p, const uint16_t *v,
                         const heed_mix_shape *s)
{
    mix_any(y, p, v, s, true);
}

static void round_f16_avx2(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        const __m128i halves = _mm256_cvtps_ph(load(x + i, n - i), 8);
        memcpy(y + i, &halves, at_most(n - i, 8) * sizeof *y);
    }
}

static float dot_avx2(const float *a, const float *b, size_t n)
{
    partial_sums sum = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (size_t i = 0; i < n; i += 16) {
        const size_t high = at_most(i + 8, n);
        sum.low =
            _mm256_fmadd_ps(load(a + i, n - i), load(b + i, n - i), sum.low);
        sum.high = _mm256_fmadd_ps(load(a + high, n - high),
                                   load(b + high, n - high), sum.high);
    }
    return sum_of(sum);
}

static void axpy_avx2(float *y, float a, const float *x, size_t n)
{
    const __m256 factor = _mm256_set1_ps(a);
    for (size_t i = 0; i < n; i += 8)
        store(y + i, n - i,
              _mm256_fmadd_ps(factor, load(x + i, n - i), load(y + i, n - i)));
}

/* What up to 8 values are above the mean; 0 in the lanes from `count` on. */
HEED_INLINE __m256 gap_of(const float *x, size_t count, __m256 mean)
{
    return _mm256_and_ps(_mm256_castsi256_ps(mask_of(count)),
                         _mm256_sub_ps(load(x, count), mean));
}

static void layer_norm_avx2(float *y, const float *x, const float *weight,
                            float eps, size_t n)
{
    partial_sums sum = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (size_t i = 0; i < n; i += 16) {
        const size_t high = at_most(i + 8, n);
        sum.low = _mm256_add_ps(sum.low, load(x + i, n - i));
        sum.high = _mm256_add_ps(sum.high, load(x + high, n - high));
    }
    const __m256 mean = _mm256_set1_ps(sum_of(sum) / (float)n);

    sum = (partial_sums){_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (size_t i = 0; i < n; i += 16) {
        const size_t high = at_most(i + 8, n);
        const __m256 low_gap = gap_of(x + i, n - i, mean);
        const __m256 high_gap = gap_of(x + high, n - high, mean);
        sum.low = _mm256_fmadd_ps(low_gap, low_gap, sum.low);
        sum.high = _mm256_fmadd_ps(high_gap, high_gap, sum.high);
    }
    const float variance = sum_of(sum) / (float)n;
    const __m256 factor = _mm256_set1_ps(1.0f / sqrtf(variance + eps));

    for (size_t i = 0; i < n; i += 8) {
        __m256 value =
            _mm256_mul_ps(_mm256_sub_ps(load(x + i, n - i), mean), factor);
        if (weight)
            value = _mm256_mul_ps(value, load(weight + i, n - i));
        store(y + i, n - i, value);
    }
}

/* See kernels_simd.h. A NaN stays one. */
HEED_INLINE __m256 exp_of(__m256 x)
{
    const __m256 keep =
        _mm256_cmp_ps(x, _mm256_set1_ps(HEED_EXP_MIN), _CMP_NLT_UQ);
    x = _mm256_min_ps(_mm256_set1_ps(HEED_EXP_MAX), x);
    const __m256 n =
        _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(HEED_LOG2_E)), 8);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(HEED_LN2_HIGH), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(HEED_LN2_LOW), r);
    __m256 p = _mm256_set1_ps(HEED_EXP_P5);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(HEED_EXP_P4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(HEED_EXP_P3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(HEED_EXP_P2));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(HEED_EXP_P1));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(HEED_EXP_P0));
    p = _mm256_fmadd_ps(_mm256_mul_ps(r, r), p, r);
    p = _mm256_add_ps(p, _mm256_set1_ps(1.0f));
    const __m256i power = _mm256_slli_epi32(
        _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_and_ps(keep, _mm256_mul_ps(p, _mm256_castsi256_ps(power)));
}

static void gelu_avx2(float *y, const float *x, size_t n)
{
    const __m256 one = _mm256_set1_ps(1.0f);
    const __m256 zero = _mm256_setzero_ps();
    for (size_t i = 0; i < n; i += 8) {
        const __m256 v = load(x + i, n - i);
        const __m256 size = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
        const __m256 t = _mm256_div_ps(
            one, _mm256_fmadd_ps(size, _mm256_set1_ps(HEED_ERFC_P), one));
        __m256 p = _mm256_set1_ps(HEED_ERFC_A5);
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(HEED_ERFC_A4));
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(HEED_ERFC_A3));
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(HEED_ERFC_A2));
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(HEED_ERFC_A1));
        p = _mm256_mul_ps(p, t);
        const __m256 tail = _mm256_mul_ps(
            p,
            exp_of(_mm256_mul_ps(_mm256_mul_ps(v, v), _mm256_set1_ps(-0.5f))));
        store(y + i, n - i,
              _mm256_fnmadd_ps(size, tail, _mm256_max_ps(zero, v)));
    }
}

static float centre_avx2(float *x, size_t n)
{
    __m256 low = _mm256_set1_ps(x[0]);
    __m256 high = low;
    for (size_t i = 0; i < n; i += 8) {
        const __m256 v =
            i + 8 <= n ? _mm256_loadu_ps(x + i)
                       : _mm256_blendv_ps(low, load(x + i, n - i),
                                          _mm256_castsi256_ps(mask_of(n - i)));
        low = _mm256_min_ps(v, low);
        high = _mm256_max_ps(v, high);
    }
    float lows[8];
    float highs[8];
    _mm256_storeu_ps(lows, low);
    _mm256_storeu_ps(highs, high);
    for (size_t i = 1; i < 8; i++) {
        lows[0] = lows[i] < lows[0] ? lows[i] : lows[0];
        highs[0] = highs[i] > highs[0] ? highs[i] : highs[0];
    }
    const float middle = 0.5f * lows[0] + 0.5f * highs[0];
    for (size_t i = 0; i < n; i += 8)
        store(x + i, n - i,
              _mm256_sub_ps(load(x + i, n - i), _mm256_set1_ps(middle)));
    return middle;
}

static void silu_mul_avx2(float *y, const float *g, const float *h, size_t n)
{
    const __m256 one = _mm256_set1_ps(1.0f);
    for (size_t i = 0; i < n; i += 8) {
        const __m256 gate = load(g + i, n - i);
        const __m256 down = _mm256_add_ps(
            one, exp_of(_mm256_sub_ps(_mm256_setzero_ps(), gate)));
        store(y + i, n - i,
              _mm256_mul_ps(_mm256_div_ps(gate, down), load(h + i, n - i)));
    }
}

/* The lanes from `count` on are -INFINITY. */
HEED_INLINE __m256 load_padded(const float *p, size_t count)
{
    return _mm256_blendv_ps(_mm256_set1_ps(-INFINITY), load(p, count),
                            _mm256_castsi256_ps(mask_of(count)));
}

static __m256 maximum(const float *x, size_t n)
{
    __m256 max = _mm256_set1_ps(-INFINITY);
    for (size_t i = 0; i < n; i += 8)
        max = _mm256_max_ps(max, load_padded(x + i, n - i));
    __m128 m =
        _mm_max_ps(_mm256_castps256_ps128(max), _mm256_extractf128_ps(max, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    m = _mm_max_ss(m, _mm_movehdup_ps(m));
    return _mm256_broadcastss_ps(m);
}

static void softmax_avx2(float *x, float scale, size_t n)
{
    const __m256 by = _mm256_set1_ps(scale);
    const __m256 max = maximum(x, n);
    partial_sums sum = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (size_t i = 0; i < n; i += 16) {
        const size_t high = at_most(i + 8, n);
        const __m256 low_gap = _mm256_sub_ps(load_padded(x + i, n - i), max);
        const __m256 high_gap =
            _mm256_sub_ps(load_padded(x + high, n - high), max);
        const __m256 low_e = exp_of(_mm256_mul_ps(low_gap, by));
        const __m256 high_e = exp_of(_mm256_mul_ps(high_gap, by));
        sum.low = _mm256_add_ps(sum.low, low_e);
        sum.high = _mm256_add_ps(sum.high, high_e);
        store(x + i, n - i, low_e);
        store(x + high, n - high, high_e);
    }
    const __m256 factor = _mm256_set1_ps(1.0f / sum_of(sum));
    for (size_t i = 0; i < n; i += 8)
        store(x + i, n - i, _mm256_mul_ps(load(x + i, n - i), factor));
}

static void log_softmax_avx2(float *y, const float *x, size_t n)
{
    const __m256 max = maximum(x, n);
    partial_sums sum = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (size_t i = 0; i < n; i += 16) {
        const size_t high = at_most(i + 8, n);
        const __m256 low_gap = _mm256_sub_ps(load_padded(x + i, n - i), max);
        const __m256 high_gap =
            _mm256_sub_ps(load_padded(x + high, n - high), max);
        sum.low = _mm256_add_ps(sum.low, exp_of(low_gap));
        sum.high = _mm256_add_ps(sum.high, exp_of(high_gap));
    }
    const __m256 log_sum = _mm256_set1_ps(logf(sum_of(sum)));
    for (size_t i = 0; i < n; i += 8) {
        const __m256 v = load(x + i, n - i);
        store(y + i, n - i, _mm256_sub_ps(_mm256_sub_ps(v, max), log_sum));
    }
}

static void rope_avx2(float *x, const float *cosines, const float *sines,
                      size_t n_pairs)
{
    const __m256i twice = _mm256_set_epi32(3, 3, 2, 2, 1, 1, 0, 0);
    for (size_t i = 0; i < n_pairs; i += 4) {
        const size_t pairs = at_most(n_pairs - i, 4);
        const __m128i keep = mask4_of(pairs);
        const __m256 c = _mm256_permutevar8x32_ps(
            _mm256_castps128_ps256(_mm_maskload_ps(cosines + i, keep)), twice);
        const __m256 s = _mm256_permutevar8x32_ps(
            _mm256_castps128_ps256(_mm_maskload_ps(sines + i, keep)), twice);
        const __m256 v = load(x + 2 * i, 2 * pairs);
        const __m256 crossed = _mm256_mul_ps(_mm256_permute_ps(v, 0xb1), s);
        store(x + 2 * i, 2 * pairs, _mm256_fmaddsub_ps(v, c, crossed));
    }
}

/* The int8 products are the only loops that AVX-VNNI changes. */
#define OTHER_LOOPS                                                            \
    .linear_f32 = linear_f32_avx2, .linear_i8 = heed_linear_i8_avx2,           \
    .round_i16 = heed_round_i16_avx2, .mix = mix_avx2,                         \
    .mix_f16 = mix_f16_avx2, .round_f16 = round_f16_avx2, .dot = dot_avx2,     \
    .axpy = axpy_avx2, .layer_norm = layer_norm_avx2, .gelu = gelu_avx2,       \
    .centre = centre_avx2, .silu_mul = silu_mul_avx2, .softmax = softmax_avx2, \
    .log_softmax = log_softmax_avx2, .rope = rope_avx2

const heed_kernels heed_kernels_avx2 = {
    .name = "avx2",
    .pack = heed_pack_pairs,
    .linear_packed = heed_linear_packed_avx2,
    .attend = heed_attend_avx2,
    OTHER_LOOPS,
};

const heed_kernels heed_kernels_avxvnni = {
    .name = "avxvnni",
    .pack = heed_pack_unsigned,
    .linear_packed = heed_linear_packed_avxvnni,
    .attend = heed_attend_avxvnni,
    OTHER_LOOPS,
};
