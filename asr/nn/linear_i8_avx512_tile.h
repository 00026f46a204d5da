/* linear_i8_avx512_tile.h - what the int8 products for AVX-512 with and
 * without VNNI share. SPDX-License-Identifier: Apache-2.0
 *
 * Included once by either file after it has defined
 *     add_products(sum, q, w)
 * as sum + q w in 16 lanes of 32 bits, each with the products of two pairs of
 * 16 bits. Weights are widened in registers, rows of x when they are
 * quantised. A tile is some rows by some outputs: 16 sums at most. */
#ifndef HEED_ASR_NN_LINEAR_I8_AVX512_TILE_H
#define HEED_ASR_NN_LINEAR_I8_AVX512_TILE_H
#include <immintrin.h>

#include "asr/nn/linear_i8.h"

enum { STEP = 32 };

HEED_INLINE __m512i load_weights(const int8_t *w, size_t count)
{
    const __m256i bytes =
        count == STEP ? _mm256_loadu_si256((const void *)w)
                      : _mm256_maskz_loadu_epi8(((__mmask32)1 << count) - 1, w);
    return _mm512_cvtepi8_epi16(bytes);
}

HEED_INLINE __mmask16 mask_of(size_t count)
{
    return (__mmask16)(count >= 16 ? 0xffffu : (1u << count) - 1u);
}

HEED_INLINE size_t at_most(size_t number, size_t limit)
{
    return number < limit ? number : limit;
}

static int32_t peak_bits(const float *x, size_t n)
{
    const __m512i size = _mm512_set1_epi32(INT32_MAX);
    __m512i peak = _mm512_setzero_si512();
    for (size_t i = 0; i < n; i += 16)
        peak = _mm512_max_epi32(
            peak, _mm512_and_si512(
                      size, _mm512_maskz_loadu_epi32(mask_of(n - i), x + i)));
    return _mm512_reduce_max_epi32(peak);
}

/* 16 rounded values from x + i on, zeros from n on. */
HEED_INLINE __m512i round_16(const float *x, float factor, size_t i, size_t n)
{
    const __m512 values =
        _mm512_maskz_loadu_ps(i < n ? mask_of(n - i) : 0, x + (i < n ? i : 0));
    return _mm512_cvtps_epi32(_mm512_mul_ps(values, _mm512_set1_ps(factor)));
}

static void round_row(int16_t *q, const float *x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i += HEED_I8_ALIGN)
        for (size_t k = i; k < i + HEED_I8_ALIGN; k += 16)
            _mm256_storeu_si256((void *)(q + k), _mm512_cvtepi32_epi16(round_16(
                                                     x, factor, k, n)));
}

/* Each 128-bit lane of the result: that lane's sums of v[0] to v[3]. */
HEED_INLINE __m512i sum_quads(const __m512i v[4])
{
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(v[0], v[1]),
                                        _mm512_unpackhi_epi32(v[0], v[1]));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(v[2], v[3]),
                                        _mm512_unpackhi_epi32(v[2], v[3]));
    return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd),
                            _mm512_unpackhi_epi64(ab, cd));
}

HEED_INLINE __m512i sum_halves(__m512i a, __m512i b)
{
    return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88),
                            _mm512_shuffle_i32x4(a, b, 0xdd));
}

/* Lane k of the result: the sum of the lanes of sum[k]. */
HEED_INLINE __m512i sum_tile(const __m512i sum[16])
{
    const __m512i low = sum_halves(sum_quads(sum), sum_quads(sum + 4));
    const __m512i high = sum_halves(sum_quads(sum + 8), sum_quads(sum + 12));
    return sum_halves(low, high);
}

/* One step of the inputs from `i` on; `count` is how many weights there are. */
HEED_INLINE void step_tile(__m512i sum[16], const int16_t *const q[4],
                           const int8_t *const w[16], size_t n_rows,
                           size_t n_outs, size_t i, size_t count)
{
    HEED_UNROLL
    for (size_t o = 0; o < n_outs; o++) {
        const __m512i weights = load_weights(w[o] + i, count);
        HEED_UNROLL
        for (size_t r = 0; r < n_rows; r++)
            sum[r * n_outs + o] = add_products(
                sum[r * n_outs + o], _mm512_loadu_si512(q[r] + i), weights);
    }
}

/* y for rows `r` on and outputs `o` on from the sums of a tile. */
HEED_INLINE void finish(float *y, __m512i sums, const heed_i8_block *block,
                        const heed_i8_weights *w, const heed_linear_shape *s,
                        const size_t at[2], const size_t size[2])
{
    const size_t r = at[0];
    const size_t o = at[1];
    const __m512i lane =
        _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i out =
        _mm512_and_si512(lane, _mm512_set1_epi32((int32_t)size[1] - 1));
    const __m512i row = _mm512_srli_epi32(lane, size[1] == 4   ? 2
                                                : size[1] == 8 ? 3
                                                               : 4);
    const __mmask16 keep = mask_of(at_most(s->n_out - o, size[1]));
    const __m512 scale =
        _mm512_permutexvar_ps(out, _mm512_maskz_loadu_ps(keep, w->scale + o));
    const __m512 bias = w->bias
                            ? _mm512_permutexvar_ps(
                                  out, _mm512_maskz_loadu_ps(keep, w->bias + o))
                            : _mm512_setzero_ps();
    const __m512 step =
        _mm512_permutexvar_ps(row, _mm512_loadu_ps(block->step + r));

    const __m512 exact = _mm512_cvtepi32_ps(sums);
    const __m512 all =
        _mm512_add_ps(_mm512_mul_ps(exact, _mm512_mul_ps(step, scale)), bias);
    for (size_t k = 0; k < size[0]; k++) {
        const __m512i from =
            _mm512_add_epi32(lane, _mm512_set1_epi32((int32_t)(k * size[1])));
        _mm512_mask_storeu_ps(y + (r + k) * s->y_stride + o, keep,
                              _mm512_permutexvar_ps(from, all));
    }
}

/* `n_rows` rows from `r` on by `n_outs` outputs from `o` on. Outputs past the
 * last are computed as the last and dropped. */
HEED_INLINE void tile(float *y, const heed_i8_block *block,
                      const heed_i8_weights *w, const heed_linear_shape *s,
                      const size_t at[2], size_t n_rows, size_t n_outs)
{
    const int16_t *q[4];
    const int8_t *weights[16];
    __m512i sum[16];

    for (size_t k = 0; k < n_rows; k++)
        q[k] = block->q + (at[0] + k) * block->stride;
    for (size_t k = 0; k < n_outs; k++)
        weights[k] = w->w + at_most(at[1] + k, s->n_out - 1) * s->w_stride;
    HEED_UNROLL
    for (size_t k = 0; k < 16; k++)
        sum[k] = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + STEP <= s->n_in; i += STEP)
        step_tile(sum, q, weights, n_rows, n_outs, i, STEP);
    if (i < s->n_in)
        step_tile(sum, q, weights, n_rows, n_outs, i, s->n_in - i);
    finish(y, sum_tile(sum), block, w, s, at,
           (const size_t[2]){n_rows, n_outs});
}

/* Asks for the weights of `n_outs` outputs from `o` on, in time for the tile
 * after the next: few rows use weights faster than they come by themselves. */
HEED_INLINE void prefetch(const heed_i8_weights *w, const heed_linear_shape *s,
                          size_t o, size_t n_outs)
{
    const size_t first = at_most(o + 2 * n_outs, s->n_out);
    const size_t end = at_most(first + n_outs, s->n_out);
    for (size_t i = first * s->w_stride; i < end * s->w_stride; i += 64)
        _mm_prefetch((const void *)(w->w + i), _MM_HINT_T0);
}

/* All rows by outputs `o` to `o + 3`. */
HEED_INLINE void tiles_of_rows(float *y, const heed_i8_block *block,
                               const heed_i8_weights *w,
                               const heed_linear_shape *s, size_t o)
{
    size_t r = 0;
    prefetch(w, s, o, 4);
    for (; r + 4 <= block->n_rows; r += 4)
        tile(y, block, w, s, (const size_t[2]){r, o}, 4, 4);
    if (block->n_rows - r == 3)
        tile(y, block, w, s, (const size_t[2]){r, o}, 3, 4);
    else if (block->n_rows - r == 2)
        tile(y, block, w, s, (const size_t[2]){r, o}, 2, 4);
    else if (block->n_rows - r == 1)
        tile(y, block, w, s, (const size_t[2]){r, o}, 1, 4);
}

static void multiply(float *y, const heed_i8_block *block,
                     const heed_i8_weights *w, const heed_linear_shape *s)
{
    if (block->n_rows == 1) {
        for (size_t o = 0; o < s->n_out; o += 16) {
            prefetch(w, s, o, 16);
            tile(y, block, w, s, (const size_t[2]){0, o}, 1, 16);
        }
    } else if (block->n_rows == 2) {
        for (size_t o = 0; o < s->n_out; o += 8) {
            prefetch(w, s, o, 8);
            tile(y, block, w, s, (const size_t[2]){0, o}, 2, 8);
        }
    } else {
        for (size_t o = 0; o < s->n_out; o += 4)
            tiles_of_rows(y, block, w, s, o);
    }
}

#endif /* HEED_ASR_NN_LINEAR_I8_AVX512_TILE_H */
