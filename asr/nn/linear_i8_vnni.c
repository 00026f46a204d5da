/* linear_i8_vnni.c - the product with int8 weights for AVX-512 with VNNI.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "asr/nn/kernels_simd.h"
#include "asr/nn/linear_packed.h"

HEED_INLINE __m512i add_products(__m512i sum, __m512i q, __m512i weights)
{
    return _mm512_dpwssd_epi32(sum, q, weights);
}

#include "asr/nn/linear_i8_avx512_tile.h"

void heed_linear_i8_vnni(float *y, const float *x, const int8_t *w,
                         const float *scale, const float *bias,
                         const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    const heed_i8_weights weights = {w, scale, bias};
    heed_i8_run(y, x, &weights, shape, &loops);
}

/* ---- Packed weights ------------------------------------------------- */

static int32_t split_row(int8_t *q, const float *x, float factor, size_t n,
                         size_t stride)
{
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < stride; i += 16) {
        const __m512i value = round_16(x, factor, i, n);
        const __m512i high = _mm512_srai_epi32(
            _mm512_add_epi32(value, _mm512_set1_epi32(16)), 5);
        const __m512i low = _mm512_sub_epi32(value, _mm512_slli_epi32(high, 5));
        sum = _mm512_add_epi32(sum, value);
        _mm_storeu_si128((void *)(q + i), _mm512_cvtepi32_epi8(high));
        _mm_storeu_si128((void *)(q + stride + i), _mm512_cvtepi32_epi8(low));
    }
    return _mm512_reduce_add_epi32(sum);
}

HEED_INLINE __m512i four_bytes(const int8_t *q)
{
    int32_t four;
    memcpy(&four, q, sizeof four);
    return _mm512_set1_epi32(four);
}

/* sum + weights q: _mm512_dpbusd_epi32(), which GCC 12 surrounds with copies of
 * the sum, a third of the loop. */
HEED_INLINE __m512i dot_bytes(__m512i sum, __m512i weights, __m512i q)
{
#if defined(__GNUC__) && !defined(__clang__)
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(weights), "v"(q));
    return sum;
#else
    return _mm512_dpbusd_epi32(sum, weights, q);
#endif
}

/* Rows `at[0]` on, `n_rows` of them, by 16 `n_groups` outputs from group
 * `at[1]` on. */
HEED_INLINE void packed_tile(float *y, const heed_packed_block *block,
                             const heed_packed_weights *w,
                             const heed_linear_shape *s, const size_t at[2],
                             size_t n_rows, size_t n_groups)
{
    const size_t stride = block->stride;
    const size_t group_bytes = heed_packed_group_bytes(s->n_in);
    const int8_t *q = block->q + 2 * at[0] * stride;
    const uint8_t *weights = w->w + at[1] * group_bytes;
    __m512i high[12];
    __m512i low[12];

    HEED_UNROLL
    for (size_t k = 0; k < n_rows * n_groups; k++)
        high[k] = low[k] = _mm512_setzero_si512();
    for (size_t i = 0; i < s->n_in; i += HEED_PACKED_INS) {
        __m512i group[6];
        HEED_UNROLL
        for (size_t g = 0; g < n_groups; g++)
            group[g] = _mm512_loadu_si512(weights + g * group_bytes +
                                          i * HEED_PACKED_OUTS);
        HEED_UNROLL
        for (size_t r = 0; r < n_rows; r++) {
            const __m512i above = four_bytes(q + 2 * r * stride + i);
            const __m512i below = four_bytes(q + (2 * r + 1) * stride + i);
            HEED_UNROLL
            for (size_t g = 0; g < n_groups; g++) {
                const size_t k = r * n_groups + g;
                high[k] = dot_bytes(high[k], group[g], above);
                low[k] = dot_bytes(low[k], group[g], below);
            }
        }
    }
    HEED_UNROLL
    for (size_t g = 0; g < n_groups; g++) {
        const size_t o = (at[1] + g) * HEED_PACKED_OUTS;
        const __mmask16 keep = mask_of(s->n_out - o);
        const __m512 scale = _mm512_maskz_loadu_ps(keep, w->scale + o);
        const __m512 bias = w->bias ? _mm512_maskz_loadu_ps(keep, w->bias + o)
                                    : _mm512_setzero_ps();
        HEED_UNROLL
        for (size_t r = 0; r < n_rows; r++) {
            const size_t row = at[0] + r;
            const __m512i exact = _mm512_sub_epi32(
                _mm512_add_epi32(_mm512_slli_epi32(high[r * n_groups + g], 5),
                                 low[r * n_groups + g]),
                _mm512_set1_epi32(128 * block->sum[row]));
            const __m512 factor =
                _mm512_mul_ps(_mm512_set1_ps(block->step[row]), scale);
            _mm512_mask_storeu_ps(
                y + row * s->y_stride + o, keep,
                _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(exact), factor),
                              bias));
        }
    }
}

/* All rows by `n_groups` groups from `g` on. */
HEED_INLINE void packed_columns(float *y, const heed_packed_block *block,
                                const heed_packed_weights *w,
                                const heed_linear_shape *s, size_t g,
                                size_t n_groups)
{
    size_t r = 0;
    for (; r + 4 <= block->n_rows; r += 4)
        packed_tile(y, block, w, s, (const size_t[2]){r, g}, 4, n_groups);
    if (block->n_rows - r == 3)
        packed_tile(y, block, w, s, (const size_t[2]){r, g}, 3, n_groups);
    else if (block->n_rows - r == 2)
        packed_tile(y, block, w, s, (const size_t[2]){r, g}, 2, n_groups);
    else if (block->n_rows - r == 1)
        packed_tile(y, block, w, s, (const size_t[2]){r, g}, 1, n_groups);
}

/* Two groups at a time by rows; one row alone takes six, so that as many sums
 * are under way. */
static void multiply_packed(float *y, const heed_packed_block *block,
                            const heed_packed_weights *w,
                            const heed_linear_shape *s)
{
    const size_t n_groups =
        (s->n_out + HEED_PACKED_OUTS - 1) / HEED_PACKED_OUTS;
    size_t g = 0;
    for (; block->n_rows == 1 && g + 6 <= n_groups; g += 6)
        packed_tile(y, block, w, s, (const size_t[2]){0, g}, 1, 6);
    for (; g + 2 <= n_groups; g += 2)
        packed_columns(y, block, w, s, g, 2);
    if (g < n_groups)
        packed_columns(y, block, w, s, g, 1);
}

void heed_linear_packed_vnni(float *y, const float *x, const uint8_t *packed,
                             const float *scale, const float *bias,
                             const heed_linear_shape *shape)
{
    static const heed_packed_loops loops = {peak_bits, split_row,
                                            multiply_packed};
    const heed_packed_weights weights = {packed, scale, bias};
    heed_packed_run(y, x, &weights, shape, &loops);
}
