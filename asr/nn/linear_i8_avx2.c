/* linear_i8_avx2.c - the int8 product for AVX2.
 *
 * Weights are widened to 16 bits in registers, rows of x when they are
 * quantised: vpmaddwd adds two products in 32 bits, without the saturation of
 * vpmaddubsw. A tile is 2 rows by 4 outputs or 1 row by 8 outputs. At an edge
 * it computes its last output again and drops the copies.
 *
 * Packed weights lie as pairs of inputs (linear_packed.h): a lane is an output,
 * a tile up to 6 rows by 16 outputs, and more rows share a widened weight. The
 * same loop takes values of 12 and of 8 bits. To multiply bytes by vpmaddubsw
 * would save nothing: signs or halves of a byte that keep its sums in 16 bits
 * cost what it gains, 4 instructions for 32 products either way.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "asr/nn/linear_packed.h"

enum { STEP = 16 };

/* Reading 8 values from `8 - count` on gives a mask of `count` lanes. */
static const int32_t mask_source[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

HEED_INLINE __m256i mask_of(size_t count)
{
    return _mm256_loadu_si256(
        (const void *)(mask_source + 8 - (count < 8 ? count : 8)));
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

HEED_INLINE __m256i load_weights(const int8_t *w, size_t count)
{
    if (count == STEP)
        return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)w));
    int8_t bytes[STEP] = {0};
    memcpy(bytes, w, at_most(count, STEP));
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)bytes));
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

/* 8 rounded values from x + i on, zeros from n on. */
HEED_INLINE __m256i round_8(const float *x, float factor, size_t i, size_t n)
{
    const __m256 values = i < n ? load(x + i, n - i) : _mm256_setzero_ps();
    return _mm256_cvtps_epi32(_mm256_mul_ps(values, _mm256_set1_ps(factor)));
}

static void round_row(int16_t *q, const float *x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i += HEED_I8_ALIGN)
        for (size_t k = i; k < i + HEED_I8_ALIGN; k += 16) {
            const __m256i packed = _mm256_packs_epi32(
                round_8(x, factor, k, n), round_8(x, factor, k + 8, n));
            _mm256_storeu_si256((void *)(q + k),
                                _mm256_permute4x64_epi64(packed, 0xd8));
        }
}

/* The sums of all lanes of v[0] to v[3]. */
HEED_INLINE __m128i sum_quads(const __m256i v[4])
{
    const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]),
                                          _mm256_hadd_epi32(v[2], v[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(all),
                         _mm256_extracti128_si256(all, 1));
}

/* One step of the inputs from `i` on; `count` is how many weights there are. */
HEED_INLINE void step_tile(__m256i sum[8], const int16_t *const q[2],
                           const int8_t *const w[8], size_t n_rows, size_t i,
                           size_t count)
{
    const size_t n_outs = 8 / n_rows;
    HEED_UNROLL
    for (size_t o = 0; o < n_outs; o++) {
        const __m256i weights = load_weights(w[o] + i, count);
        HEED_UNROLL
        for (size_t r = 0; r < n_rows; r++) {
            const __m256i row = _mm256_loadu_si256((const void *)(q[r] + i));
            sum[r * n_outs + o] = _mm256_add_epi32(
                sum[r * n_outs + o], _mm256_madd_epi16(row, weights));
        }
    }
}

/* y of a row for outputs `o` on, 4 at most. */
HEED_INLINE void finish(float *y, __m128i sums, float step,
                        const heed_i8_weights *w, size_t o, size_t count)
{
    const __m128i keep = _mm256_castsi256_si128(mask_of(at_most(count, 4)));
    const __m128 bias =
        w->bias ? _mm_maskload_ps(w->bias + o, keep) : _mm_setzero_ps();
    const __m128 scale =
        _mm_mul_ps(_mm_set1_ps(step), _mm_maskload_ps(w->scale + o, keep));
    _mm_maskstore_ps(
        y + o, keep,
        _mm_add_ps(_mm_mul_ps(_mm_cvtepi32_ps(sums), scale), bias));
}

/* `n_rows` rows from `r` on, 1 or 2, by 8 / n_rows outputs from `o` on. */
HEED_INLINE void tile(float *y, const heed_i8_block *block,
                      const heed_i8_weights *w, const heed_linear_shape *s,
                      size_t r, size_t o, size_t n_rows)
{
    const size_t n_outs = 8 / n_rows;
    const int16_t *q[2];
    const int8_t *weights[8];
    __m256i sum[8];

    for (size_t k = 0; k < n_rows; k++)
        q[k] = block->q + (r + k) * block->stride;
    for (size_t k = 0; k < n_outs; k++)
        weights[k] = w->w + at_most(o + k, s->n_out - 1) * s->w_stride;
    HEED_UNROLL
    for (size_t k = 0; k < 8; k++)
        sum[k] = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + STEP <= s->n_in; i += STEP)
        step_tile(sum, q, weights, n_rows, i, STEP);
    if (i < s->n_in)
        step_tile(sum, q, weights, n_rows, i, s->n_in - i);
    HEED_UNROLL
    for (size_t k = 0; k < n_rows; k++) {
        float *to = y + (r + k) * s->y_stride;
        finish(to, sum_quads(sum + k * n_outs), block->step[r + k], w, o,
               s->n_out - o);
        if (n_outs > 4 && s->n_out - o > 4)
            finish(to, sum_quads(sum + 4), block->step[r + k], w, o + 4,
                   s->n_out - o - 4);
    }
}

static void multiply(float *y, const heed_i8_block *block,
                     const heed_i8_weights *w, const heed_linear_shape *s)
{
    if (block->n_rows == 1) {
        for (size_t o = 0; o < s->n_out; o += 8)
            tile(y, block, w, s, 0, o, 1);
        return;
    }
    for (size_t o = 0; o < s->n_out; o += 4)
        for (size_t r = 0; r < block->n_rows; r += 2) {
            /* An odd last row is computed with the one before it again. */
            const size_t from = at_most(r, block->n_rows - 2);
            tile(y, block, w, s, from, o, 2);
        }
}

float heed_round_i16_avx2(int16_t *q, const float *x, size_t n)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    return heed_i8_round_row(q, x, n, &loops);
}

void heed_linear_i8_avx2(float *y, const float *x, const int8_t *w,
                         const float *scale, const float *bias,
                         const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    const heed_i8_weights weights = {w, scale, bias};
    heed_i8_run(y, x, &weights, shape, &loops);
}

/* ---- Packed weights ------------------------------------------------- */

enum { HALVES = 2 /* vectors of 8 outputs in a group */ };

/* sum + weights q, two products in each lane. In assembler for GCC 12, which
 * would take the sums out of the registers. */
HEED_INLINE __m256i add_products(__m256i sum, __m256i weights, __m256i q)
{
#if defined(__GNUC__) && !defined(__clang__)
    __m256i products;
    __asm__("vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0"
            : "+x"(sum), "=&x"(products)
            : "x"(weights), "x"(q));
    return sum;
#else
    return _mm256_add_epi32(sum, _mm256_madd_epi16(weights, q));
#endif
}

HEED_INLINE __m256i two_values(const int16_t *q)
{
    int32_t two;
    memcpy(&two, q, sizeof two);
    return _mm256_set1_epi32(two);
}

/* `n_rows` rows from `r` on, 6 at most, by group `g`. */
HEED_INLINE void packed_tile(float *y, const heed_i8_block *block,
                             const heed_i8_weights *w,
                             const heed_linear_shape *s, size_t r, size_t g,
                             size_t n_rows)
{
    const int8_t *weights = w->w + g * heed_packed_group_bytes(s->n_in);
    const int16_t *q = block->q + r * block->stride;
    __m256i sum[6][HALVES];

    HEED_UNROLL
    for (size_t k = 0; k < n_rows; k++)
        sum[k][0] = sum[k][1] = _mm256_setzero_si256();
    for (size_t i = 0; i < s->n_in; i += HEED_PACKED_PAIR) {
        const int8_t *from = weights + i * HEED_PACKED_OUTS;
        const __m256i low = load_weights(from, STEP);
        const __m256i high = load_weights(from + STEP, STEP);
        heed_packed_ask(from, 4, s->n_in);
        HEED_UNROLL
        for (size_t k = 0; k < n_rows; k++) {
            const __m256i two = two_values(q + k * block->stride + i);
            sum[k][0] = add_products(sum[k][0], low, two);
            sum[k][1] = add_products(sum[k][1], high, two);
        }
    }
    HEED_UNROLL
    for (size_t k = 0; k < n_rows; k++) {
        float *to = y + (r + k) * s->y_stride;
        const float step = block->step[r + k];
        size_t o = g * HEED_PACKED_OUTS;
        HEED_UNROLL
        for (size_t h = 0; h < HALVES; h++, o += 8) {
            if (o < s->n_out)
                finish(to, _mm256_castsi256_si128(sum[k][h]), step, w, o,
                       s->n_out - o);
            if (o + 4 < s->n_out)
                finish(to, _mm256_extracti128_si256(sum[k][h], 1), step, w,
                       o + 4, s->n_out - o - 4);
        }
    }
}

static void multiply_packed(float *y, const heed_i8_block *block,
                            const heed_i8_weights *w,
                            const heed_linear_shape *s)
{
    for (size_t g = 0; g * HEED_PACKED_OUTS < s->n_out; g++) {
        size_t r = 0;
        for (; r + 6 <= block->n_rows; r += 6)
            packed_tile(y, block, w, s, r, g, 6);
        for (; r + 4 <= block->n_rows; r += 4)
            packed_tile(y, block, w, s, r, g, 4);
        for (; r + 2 <= block->n_rows; r += 2)
            packed_tile(y, block, w, s, r, g, 2);
        if (r < block->n_rows)
            packed_tile(y, block, w, s, r, g, 1);
    }
}

void heed_linear_packed_avx2(float *y, const float *x, const uint8_t *packed,
                             const float *scale, const float *bias,
                             const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply_packed};
    const heed_i8_weights weights = {(const int8_t *)packed, scale, bias};
    heed_i8_run(y, x, &weights, shape, &loops);
}
