/* linear_i8.h - what the int8 products of all instruction sets share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A row of x becomes integers of 12 or 8 bits and a step,
 *     L = 2047 or 127, step = max|x| / L,  q = round(x L / max|x|), ties to
 * even, y[o] = (step scale[o]) sum_i q[i] w[o][i] + bias[o]. The largest |x|
 * does not depend on the order it is looked for in, the sum is an exact
 * integer, and the float steps before and after are the same everywhere (no
 * fused multiply-add): all tables give the same bits.
 *
 * Why 12 bits: 8 are too coarse for a row with a few large values, unless
 * training or export made those small (FORMAT.md); sums of more than 12 would
 * leave 32 bits. Instructions for 16 bits take either, those for bytes are
 * twice as fast with 8.
 *
 * A call takes its rows in blocks: it quantises as many as fit on the stack
 * and multiplies them by all of w. */
#ifndef HEED_ASR_NN_LINEAR_I8_H
#define HEED_ASR_NN_LINEAR_I8_H
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "asr/nn/kernels.h"
#include "asr/nn/kernels_simd.h"

enum {
    HEED_I8_LEVELS = 2047,       /* largest |q| of 12 bits */
    HEED_I8_COARSE_LEVELS = 127, /* of 8 */
    HEED_I8_BLOCK_VALUES = 2 * HEED_LINEAR_I8_MAX_IN,
    HEED_I8_BLOCK_ROWS = 128,
    /* Rows of q begin at multiples of this and are filled up with zeros. */
    HEED_I8_ALIGN = HEED_ROUND_I16_ALIGN,
    /* Loops may read, not use, this many steps past the last. */
    HEED_I8_SLACK = 16
};
static_assert((int64_t)HEED_I8_LEVELS * 128 * HEED_LINEAR_I8_MAX_IN <=
                  INT32_MAX,
              "a sum of products fits in 32 bits");

/* Rows whose values are all smaller count as zero: L / max stays finite. */
#define HEED_I8_SMALLEST 1e-30f

/* L as a float. */
HEED_INLINE float heed_i8_levels(const heed_linear_shape *s)
{
    return s->coarse ? (float)HEED_I8_COARSE_LEVELS : (float)HEED_I8_LEVELS;
}

/* Adding it rounds a float of less than 2^22 to an integer, ties to even, and
 * leaves the integer in the low bits of the sum. */
#define HEED_I8_ROUNDER      12582912.0f
#define HEED_I8_ROUNDER_BITS 0x4b400000

typedef struct heed_i8_block {
    _Alignas(64) int16_t q[HEED_I8_BLOCK_VALUES]; /* [n_rows][stride] */
    float step[HEED_I8_BLOCK_ROWS + HEED_I8_SLACK];
    size_t n_rows;
    size_t stride;
} heed_i8_block;

/* The other side of the product; see heed_kernels. */
typedef struct heed_i8_weights {
    const int8_t *w;    /* [n_out][n_in] */
    const float *scale; /* [n_out] */
    const float *bias;  /* [n_out], or NULL */
} heed_i8_weights;

/* The loops of one instruction set. */
typedef struct heed_i8_loops {
    /* Returns the bits of the largest |x|; those of a NaN are the largest. */
    int32_t (*peak_bits)(const float *x, size_t n);

    /* q = round(factor x), zeros up to a multiple of HEED_I8_ALIGN. */
    void (*round)(int16_t *q, const float *x, float factor, size_t n);

    /* y for all rows of the block. */
    void (*multiply)(float *y, const heed_i8_block *block,
                     const heed_i8_weights *w, const heed_linear_shape *s);
} heed_i8_loops;

/* Makes row `r` of the block from x. A row with a NaN or an infinity gets the
 * step NaN, so that it is not lost. */
HEED_INLINE void heed_i8_quantise(heed_i8_block *block, size_t r,
                                  const float *x, const heed_linear_shape *s,
                                  const heed_i8_loops *loops)
{
    const float levels = heed_i8_levels(s);
    int16_t *q = block->q + r * block->stride;
    const int32_t bits = loops->peak_bits(x, s->n_in);
    float peak;

    memcpy(&peak, &bits, sizeof peak);
    if (!isfinite(peak) || peak < HEED_I8_SMALLEST) {
        memset(q, 0, block->stride * sizeof *q);
        block->step[r] = isfinite(peak) ? 0.0f : NAN;
        return;
    }
    block->step[r] = peak / levels;
    loops->round(q, x, levels / peak, s->n_in);
}

/* heed_kernels.linear_i8 by the loops of one instruction set. */
HEED_INLINE void heed_i8_run(float *y, const float *x, const heed_i8_weights *w,
                             const heed_linear_shape *s,
                             const heed_i8_loops *loops)
{
    heed_i8_block block;
    size_t most = HEED_I8_BLOCK_ROWS;

    assert(s->n_in <= HEED_LINEAR_I8_MAX_IN);
    block.stride =
        (s->n_in + HEED_I8_ALIGN - 1) / HEED_I8_ALIGN * HEED_I8_ALIGN;
    if (most * block.stride > HEED_I8_BLOCK_VALUES)
        most = HEED_I8_BLOCK_VALUES / block.stride;
    if (most > 4)
        most -= most % 4; /* whole tiles */
    for (size_t done = 0; done < s->n_rows; done += block.n_rows) {
        const size_t left = s->n_rows - done;
        block.n_rows = left < most ? left : most;
        for (size_t r = 0; r < block.n_rows; r++)
            heed_i8_quantise(&block, r, x + (done + r) * s->x_stride, s, loops);
        loops->multiply(y + done * s->y_stride, &block, w, s);
    }
}

/* heed_kernels.round_i16 by the loops of one instruction set. */
HEED_INLINE float heed_i8_round_row(int16_t *q, const float *x, size_t n,
                                    const heed_i8_loops *loops)
{
    const float levels = (float)HEED_I8_LEVELS;
    const int32_t bits = loops->peak_bits(x, n);
    float peak;

    memcpy(&peak, &bits, sizeof peak);
    if (!isfinite(peak) || peak < HEED_I8_SMALLEST) {
        memset(q, 0,
               (n + HEED_I8_ALIGN - 1) / HEED_I8_ALIGN * HEED_I8_ALIGN *
                   sizeof *q);
        return 0.0f;
    }
    loops->round(q, x, levels / peak, n);
    return peak / levels;
}

/* Rows and products themselves, for the tables. */
float heed_round_i16_c(int16_t *q, const float *x, size_t n);
float heed_round_i16_avx2(int16_t *q, const float *x, size_t n);
float heed_round_i16_avx512(int16_t *q, const float *x, size_t n);
float heed_round_i16_neon(int16_t *q, const float *x, size_t n);
void heed_linear_i8_c(float *y, const float *x, const int8_t *w,
                      const float *scale, const float *bias,
                      const heed_linear_shape *shape);
void heed_linear_i8_avx2(float *y, const float *x, const int8_t *w,
                         const float *scale, const float *bias,
                         const heed_linear_shape *shape);
void heed_linear_i8_avx512(float *y, const float *x, const int8_t *w,
                           const float *scale, const float *bias,
                           const heed_linear_shape *shape);
void heed_linear_i8_vnni(float *y, const float *x, const int8_t *w,
                         const float *scale, const float *bias,
                         const heed_linear_shape *shape);
void heed_linear_i8_neon(float *y, const float *x, const int8_t *w,
                         const float *scale, const float *bias,
                         const heed_linear_shape *shape);

#endif /* HEED_ASR_NN_LINEAR_I8_H */
