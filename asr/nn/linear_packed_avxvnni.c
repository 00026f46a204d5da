/* linear_packed_avxvnni.c - the product with packed int8 weights for AVX2 with
 * AVX-VNNI.
 *
 * Weights without a sign, as vpdpbusd has them. A tile is up to 3 rows, 6 of
 * one byte a value, by a group of 16 outputs: 12 sums of the 16 registers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "asr/nn/linear_packed.h"

enum { HALVES = 2 /* vectors of 8 outputs in a group */ };

/* Reading 8 values from `8 - count` on gives a mask of `count` lanes. */
static const int32_t mask_source[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

HEED_INLINE __m256i mask_of(size_t count)
{
    return _mm256_loadu_si256(
        (const void *)(mask_source + 8 - (count < 8 ? count : 8)));
}

/* Up to 8 floats; the lanes from `count` on are zero and not read. */
HEED_INLINE __m256 load(const float *p, size_t count)
{
    return count >= 8 ? _mm256_loadu_ps(p)
                      : _mm256_maskload_ps(p, mask_of(count));
}

static int32_t peak_bits(const float *x, size_t n)
{
    const __m256i size = _mm256_set1_epi32(INT32_MAX);
    __m256i peak = _mm256_setzero_si256();
    for (size_t i = 0; i < n; i += 8)
        peak = _mm256_max_epi32(
            peak,
            _mm256_and_si256(size, _mm256_castps_si256(load(x + i, n - i))));
    __m128i most = _mm_max_epi32(_mm256_castsi256_si128(peak),
                                 _mm256_extracti128_si256(peak, 1));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0x4e));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0xb1));
    return _mm_cvtsi128_si32(most);
}

/* The low bytes of 8 lanes. */
HEED_INLINE void store_bytes(int8_t *to, __m256i lanes)
{
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(lanes),
                                          _mm256_extracti128_si256(lanes, 1));
    _mm_storel_epi64((void *)to, _mm_packs_epi16(words, words));
}

/* 8 rounded values from x + i on, zeros from n on. */
HEED_INLINE __m256i round_8(const float *x, float factor, size_t i, size_t n)
{
    const __m256 values = i < n ? load(x + i, n - i) : _mm256_setzero_ps();
    return _mm256_cvtps_epi32(_mm256_mul_ps(values, _mm256_set1_ps(factor)));
}

HEED_INLINE int32_t sum_lanes(__m256i v)
{
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v),
                                _mm256_extracti128_si256(v, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    return _mm_cvtsi128_si32(sum);
}

static int32_t split_row(int8_t *q, const float *x, float factor, size_t n,
                         size_t stride)
{
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < stride; i += 8) {
        const __m256i all = round_8(x, factor, i, n);
        const __m256i high =
            _mm256_srai_epi32(_mm256_add_epi32(all, _mm256_set1_epi32(16)), 5);
        sum = _mm256_add_epi32(sum, all);
        store_bytes(q + i, high);
        store_bytes(q + stride + i,
                    _mm256_sub_epi32(all, _mm256_slli_epi32(high, 5)));
    }
    return sum_lanes(sum);
}

static int32_t round_row(int8_t *q, const float *x, float factor, size_t n,
                         size_t stride)
{
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < stride; i += 8) {
        const __m256i all = round_8(x, factor, i, n);
        sum = _mm256_add_epi32(sum, all);
        store_bytes(q + i, all);
    }
    return sum_lanes(sum);
}

/* sum + weights q. In assembler for GCC 12, which would copy the sums. */
HEED_INLINE __m256i dot_bytes(__m256i sum, __m256i weights, __m256i q)
{
#if defined(__GNUC__) && !defined(__clang__)
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(weights), "x"(q));
    return sum;
#else
    return _mm256_dpbusd_avx_epi32(sum, weights, q);
#endif
}

HEED_INLINE __m256i four_bytes(const int8_t *q)
{
    int32_t four;
    memcpy(&four, q, sizeof four);
    return _mm256_set1_epi32(four);
}

/* Outputs `at[1]` to `at[1] + 7` of row `at[0]`, those that there are, from
 * the sums of all parts. */
HEED_INLINE void finish(float *y, __m256i sum, const heed_packed_block *block,
                        const heed_packed_weights *w,
                        const heed_linear_shape *s, const size_t at[2])
{
    const size_t r = at[0];
    const size_t o = at[1];
    const __m256i keep = mask_of(s->n_out > o ? s->n_out - o : 0);
    const __m256 bias =
        w->bias ? _mm256_maskload_ps(w->bias + o, keep) : _mm256_setzero_ps();
    const __m256 scale = _mm256_mul_ps(_mm256_set1_ps(block->step[r]),
                                       _mm256_maskload_ps(w->scale + o, keep));
    const __m256i exact =
        _mm256_sub_epi32(sum, _mm256_set1_epi32(128 * block->sum[r]));
    _mm256_maskstore_ps(
        y + r * s->y_stride + o, keep,
        _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(exact), scale), bias));
}

/* `n_rows` rows from `at[0]` on by group `at[1]`; n_rows n_parts <= 6. */
HEED_INLINE void tile(float *y, const heed_packed_block *block,
                      const heed_packed_weights *w, const heed_linear_shape *s,
                      const size_t at[2], size_t n_rows, size_t n_parts)
{
    const uint8_t *weights = w->w + at[1] * heed_packed_group_bytes(s->n_in);
    const size_t stride = block->stride;
    const int8_t *q = block->q + n_parts * at[0] * stride;
    __m256i sum[6][HALVES]; /* [n_rows n_parts] */

    HEED_UNROLL
    for (size_t k = 0; k < n_rows * n_parts; k++) {
        HEED_UNROLL
        for (size_t h = 0; h < HALVES; h++)
            sum[k][h] = _mm256_setzero_si256();
    }
    for (size_t i = 0; i < s->n_in; i += HEED_PACKED_INS) {
        const uint8_t *from = weights + i * HEED_PACKED_OUTS;
        const __m256i half[HALVES] = {
            _mm256_loadu_si256((const void *)from),
            _mm256_loadu_si256((const void *)(from + 32))};
        HEED_UNROLL
        for (size_t k = 0; k < n_rows * n_parts; k++) {
            const __m256i four = four_bytes(q + k * stride + i);
            sum[k][0] = dot_bytes(sum[k][0], half[0], four);
            sum[k][1] = dot_bytes(sum[k][1], half[1], four);
        }
    }
    HEED_UNROLL
    for (size_t r = 0; r < n_rows; r++) {
        HEED_UNROLL
        for (size_t h = 0; h < HALVES; h++) {
            const __m256i all =
                n_parts == 1
                    ? sum[r][h]
                    : _mm256_add_epi32(_mm256_slli_epi32(sum[2 * r][h], 5),
                                       sum[2 * r + 1][h]);
            finish(
                y, all, block, w, s,
                (const size_t[2]){at[0] + r, at[1] * HEED_PACKED_OUTS + 8 * h});
        }
    }
}

/* All rows of two bytes by group `g`: threes, and what is left by twos. */
static void columns_of_two(float *y, const heed_packed_block *block,
                           const heed_packed_weights *w,
                           const heed_linear_shape *s, size_t g)
{
    size_t left = block->n_rows;
    while (left > 0) {
        const size_t at[2] = {block->n_rows - left, g};
        if (left == 3 || left > 4) {
            tile(y, block, w, s, at, 3, 2);
            left -= 3;
        } else if (left == 1) {
            tile(y, block, w, s, at, 1, 2);
            left = 0;
        } else {
            tile(y, block, w, s, at, 2, 2);
            left -= 2;
        }
    }
}

/* All rows of one byte by group `g`. */
static void columns_of_one(float *y, const heed_packed_block *block,
                           const heed_packed_weights *w,
                           const heed_linear_shape *s, size_t g)
{
    size_t r = 0;
    for (; r + 6 <= block->n_rows; r += 6)
        tile(y, block, w, s, (const size_t[2]){r, g}, 6, 1);
    for (; r + 3 <= block->n_rows; r += 3)
        tile(y, block, w, s, (const size_t[2]){r, g}, 3, 1);
    for (; r < block->n_rows; r++)
        tile(y, block, w, s, (const size_t[2]){r, g}, 1, 1);
}

static void multiply(float *y, const heed_packed_block *block,
                     const heed_packed_weights *w, const heed_linear_shape *s)
{
    for (size_t g = 0; g * HEED_PACKED_OUTS < s->n_out; g++) {
        if (block->n_parts == 1)
            columns_of_one(y, block, w, s, g);
        else
            columns_of_two(y, block, w, s, g);
    }
}

void heed_linear_packed_avxvnni(float *y, const float *x, const uint8_t *packed,
                                const float *scale, const float *bias,
                                const heed_linear_shape *shape)
{
    static const heed_packed_loops loops = {peak_bits, split_row, round_row,
                                            multiply};
    const heed_packed_weights weights = {packed, scale, bias};
    heed_packed_run(y, x, &weights, shape, &loops);
}
