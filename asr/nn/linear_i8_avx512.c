/* linear_i8_avx512.c - the product with int8 weights for AVX-512 without VNNI.
 *
 * Packed weights lie as pairs of inputs (linear_packed.h): a lane is an output,
 * a tile up to 8 rows by 32 outputs, for values of 12 and of 8 bits.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "asr/nn/linear_packed.h"

HEED_INLINE __m512i add_products(__m512i sum, __m512i q, __m512i weights)
{
    return _mm512_add_epi32(sum, _mm512_madd_epi16(q, weights));
}

#include "asr/nn/linear_i8_avx512_tile.h"

float heed_round_i16_avx512(int16_t *q, const float *x, size_t n)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    return heed_i8_round_row(q, x, n, &loops);
}

void heed_linear_i8_avx512(float *y, const float *x, const int8_t *w,
                           const float *scale, const float *bias,
                           const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    const heed_i8_weights weights = {w, scale, bias};
    heed_i8_run(y, x, &weights, shape, &loops);
}

/* ---- Packed weights ------------------------------------------------- */

enum { TILE_ROWS = 8 };

/* Outputs of group `g` for row `r` from their sums. */
HEED_INLINE void packed_finish(float *y, __m512i sum,
                               const heed_i8_block *block,
                               const heed_i8_weights *w,
                               const heed_linear_shape *s, size_t r, size_t g)
{
    const size_t o = g * HEED_PACKED_OUTS;
    const __mmask16 keep = mask_of(s->n_out - o);
    const __m512 scale =
        _mm512_mul_ps(_mm512_set1_ps(block->step[r]),
                      _mm512_maskz_loadu_ps(keep, w->scale + o));
    const __m512 bias = w->bias ? _mm512_maskz_loadu_ps(keep, w->bias + o)
                                : _mm512_setzero_ps();
    _mm512_mask_storeu_ps(
        y + r * s->y_stride + o, keep,
        _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale), bias));
}

/* `size[0]` rows from `at[0]` on by `size[1]` groups, 2 at most, from `at[1]`
 * on. */
HEED_INLINE void packed_tile(float *y, const heed_i8_block *block,
                             const heed_i8_weights *w,
                             const heed_linear_shape *s, const size_t at[2],
                             const size_t size[2])
{
    const size_t n_bytes = heed_packed_group_bytes(s->n_in);
    const int8_t *weights = w->w + at[1] * n_bytes;
    const int16_t *q = block->q + at[0] * block->stride;
    __m512i sum[TILE_ROWS][2];

    HEED_UNROLL
    for (size_t k = 0; k < size[0]; k++)
        sum[k][0] = sum[k][1] = _mm512_setzero_si512();
    for (size_t i = 0; i < s->n_in; i += HEED_PACKED_PAIR) {
        __m512i group[2];
        HEED_UNROLL
        for (size_t g = 0; g < size[1]; g++)
            group[g] = load_weights(
                weights + g * n_bytes + i * HEED_PACKED_OUTS, STEP);
        HEED_UNROLL
        for (size_t g = 0; g < size[1]; g++)
            heed_packed_ask(weights + i * HEED_PACKED_OUTS, g + 2 * size[1],
                            s->n_in);
        HEED_UNROLL
        for (size_t k = 0; k < size[0]; k++) {
            int32_t two;
            memcpy(&two, q + k * block->stride + i, sizeof two);
            HEED_UNROLL
            for (size_t g = 0; g < size[1]; g++)
                sum[k][g] =
                    add_products(sum[k][g], _mm512_set1_epi32(two), group[g]);
        }
    }
    HEED_UNROLL
    for (size_t k = 0; k < size[0]; k++) {
        HEED_UNROLL
        for (size_t g = 0; g < size[1]; g++)
            packed_finish(y, sum[k][g], block, w, s, at[0] + k, at[1] + g);
    }
}

/* All rows by `n_groups` groups from `g` on. */
HEED_INLINE void packed_columns(float *y, const heed_i8_block *block,
                                const heed_i8_weights *w,
                                const heed_linear_shape *s, size_t g,
                                size_t n_groups)
{
    size_t r = 0;
    for (; r + TILE_ROWS <= block->n_rows; r += TILE_ROWS)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[2]){TILE_ROWS, n_groups});
    for (; r + 4 <= block->n_rows; r += 4)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[2]){4, n_groups});
    for (; r + 2 <= block->n_rows; r += 2)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[2]){2, n_groups});
    if (r < block->n_rows)
        packed_tile(y, block, w, s, (const size_t[2]){r, g},
                    (const size_t[2]){1, n_groups});
}

static void multiply_packed(float *y, const heed_i8_block *block,
                            const heed_i8_weights *w,
                            const heed_linear_shape *s)
{
    const size_t n_groups =
        (s->n_out + HEED_PACKED_OUTS - 1) / HEED_PACKED_OUTS;
    size_t g = 0;
    for (; g + 2 <= n_groups; g += 2)
        packed_columns(y, block, w, s, g, 2);
    if (g < n_groups)
        packed_columns(y, block, w, s, g, 1);
}

void heed_linear_packed_avx512(float *y, const float *x, const uint8_t *packed,
                               const float *scale, const float *bias,
                               const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply_packed};
    const heed_i8_weights weights = {(const int8_t *)packed, scale, bias};
    heed_i8_run(y, x, &weights, shape, &loops);
}
