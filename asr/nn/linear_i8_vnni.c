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

static int32_t round_bytes(int8_t *q, const float *x, float factor, size_t n,
                           size_t stride)
{
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < stride; i += 16) {
        const __m512i value = round_16(x, factor, i, n);
        sum = _mm512_add_epi32(sum, value);
        _mm_storeu_si128((void *)(q + i), _mm512_cvtepi32_epi8(value));
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

/* Outputs of group `at[1]` for row `at[0]` from the sums of its parts. */
HEED_INLINE void packed_finish(float *y, const __m512i sum[2],
                               const heed_packed_block *block,
                               const heed_packed_weights *w,
                               const heed_linear_shape *s, const size_t at[2],
                               size_t n_parts)
{
    const size_t o = at[1] * HEED_PACKED_OUTS;
    const __mmask16 keep = mask_of(s->n_out - o);
    const __m512 scale = _mm512_maskz_loadu_ps(keep, w->scale + o);
    const __m512 bias = w->bias ? _mm512_maskz_loadu_ps(keep, w->bias + o)
                                : _mm512_setzero_ps();
    const __m512i all =
        n_parts == 1 ? sum[0]
                     : _mm512_add_epi32(_mm512_slli_epi32(sum[0], 5), sum[1]);
    const __m512i exact =
        _mm512_sub_epi32(all, _mm512_set1_epi32(128 * block->sum[at[0]]));
    const __m512 factor =
        _mm512_mul_ps(_mm512_set1_ps(block->step[at[0]]), scale);
    _mm512_mask_storeu_ps(
        y + at[0] * s->y_stride + o, keep,
        _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(exact), factor), bias));
}

/* Rows `at[0]` on by groups `at[1]` on, as many of both as `size` says; its
 * last is the number of parts. 24 sums at most. */
HEED_INLINE void packed_tile(float *y, const heed_packed_block *block,
                             const heed_packed_weights *w,
                             const heed_linear_shape *s, const size_t at[2],
                             const size_t size[3])
{
    const size_t n_rows = size[0];
    const size_t n_groups = size[1];
    const size_t n_parts = size[2];
    const size_t stride = block->stride;
    const size_t group_bytes = heed_packed_group_bytes(s->n_in);
    const size_t row = n_parts * stride;
    const int8_t *low = block->q + at[0] * row;
    const int8_t *middle = low + 4 * row;
    const int8_t *high = low + 8 * row;
    const uint8_t *weights = w->w + at[1] * group_bytes;
    const size_t n_steps = (s->n_in + HEED_PACKED_INS - 1) / HEED_PACKED_INS;
    __m512i sum[12][6][2];

    HEED_UNROLL
    for (size_t r = 0; r < n_rows; r++) {
        HEED_UNROLL
        for (size_t g = 0; g < n_groups; g++)
            sum[r][g][0] = sum[r][g][1] = _mm512_setzero_si512();
    }
    for (size_t i = 0; i < n_steps; i++) {
        __m512i group[6];
        HEED_UNROLL
        for (size_t g = 0; g < n_groups; g++)
            group[g] = _mm512_loadu_si512(weights + g * group_bytes);
        HEED_UNROLL
        for (size_t g = 0; g < n_groups; g++)
            heed_packed_ask(weights, g + 2 * n_groups, s->n_in);
        HEED_UNROLL
        for (size_t r = 0; r < n_rows; r++) {
            HEED_UNROLL
            for (size_t part = 0; part < n_parts; part++) {
                const int8_t *q = r < 4   ? low + r * row
                                  : r < 8 ? middle + (r - 4) * row
                                          : high + (r - 8) * row;
                const __m512i four = four_bytes(q + part * stride);
                HEED_UNROLL
                for (size_t g = 0; g < n_groups; g++)
                    sum[r][g][part] =
                        dot_bytes(sum[r][g][part], group[g], four);
            }
        }
        low += HEED_PACKED_INS;
        middle += HEED_PACKED_INS;
        high += HEED_PACKED_INS;
        weights += HEED_PACKED_INS * HEED_PACKED_OUTS;
    }
    HEED_UNROLL
    for (size_t g = 0; g < n_groups; g++) {
        HEED_UNROLL
        for (size_t r = 0; r < n_rows; r++)
            packed_finish(y, sum[r][g], block, w, s,
                          (const size_t[2]){at[0] + r, at[1] + g}, n_parts);
    }
}

/* All rows by `n_groups` groups from `g` on. */
HEED_INLINE void packed_columns(float *y, const heed_packed_block *block,
                                const heed_packed_weights *w,
                                const heed_linear_shape *s, size_t g,
                                size_t n_groups, size_t n_parts)
{
    size_t r = 0;
    for (; n_parts == 1 && r + 12 <= block->n_rows; r += 12)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[3]){12, n_groups, n_parts});
    for (; n_parts == 1 && r + 8 <= block->n_rows; r += 8)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[3]){8, n_groups, n_parts});
    for (; r + 4 <= block->n_rows; r += 4)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[3]){4, n_groups, n_parts});
    if (block->n_rows - r == 3)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[3]){3, n_groups, n_parts});
    else if (block->n_rows - r == 2)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[3]){2, n_groups, n_parts});
    else if (block->n_rows - r == 1)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[3]){1, n_groups, n_parts});
}

/* Two groups at a time by rows; one row alone takes six, so that as many sums
 * are under way. */
HEED_INLINE void multiply_parts(float *y, const heed_packed_block *block,
                                const heed_packed_weights *w,
                                const heed_linear_shape *s, size_t n_parts)
{
    const size_t n_groups =
        (s->n_out + HEED_PACKED_OUTS - 1) / HEED_PACKED_OUTS;
    size_t g = 0;
    for (; block->n_rows == 1 && g + 6 <= n_groups; g += 6)
        packed_tile(y, block, w, s, (const size_t[2]){0, g},
                    (const size_t[3]){1, 6, n_parts});
    for (; g + 2 <= n_groups; g += 2)
        packed_columns(y, block, w, s, g, 2, n_parts);
    if (g < n_groups)
        packed_columns(y, block, w, s, g, 1, n_parts);
}

static void multiply_packed(float *y, const heed_packed_block *block,
                            const heed_packed_weights *w,
                            const heed_linear_shape *s)
{
    if (block->n_parts == 1)
        multiply_parts(y, block, w, s, 1);
    else
        multiply_parts(y, block, w, s, 2);
}

void heed_linear_packed_vnni(float *y, const float *x, const uint8_t *packed,
                             const float *scale, const float *bias,
                             const heed_linear_shape *shape)
{
    static const heed_packed_loops loops = {peak_bits, split_row, round_bytes,
                                            multiply_packed};
    const heed_packed_weights weights = {packed, scale, bias};
    heed_packed_run(y, x, &weights, shape, &loops);
}
