/* linear_packed.h - what products with packed int8 weights share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The sums are those of linear_i8.h, to the bit. Dot-product instructions add
 * four products of bytes in each lane. A value of 8 bits is one of them, one of
 * 12 bits two,
 *     q = 32 high + low,  -64 <= high <= 64,  -16 <= low <= 15,
 * and weights lie as those instructions take them: in groups of 16 outputs,
 *     packed [n_out / 16][n_in / 4][16 outputs][4 inputs],
 * filled up with zeros. A lane is an output: nothing is summed across lanes,
 * no weight is widened. Where an instruction wants weights without a sign,
 * 128 is added to each and 128 sum(q) taken off at the end.
 *
 * Products of 16 bits take two inputs a lane, of q as linear_i8.h has it, and
 * products of matrices (smmla) eight: 2 and 8 then stand for both 4s. */
#ifndef HEED_ASR_NN_LINEAR_PACKED_H
#define HEED_ASR_NN_LINEAR_PACKED_H
#include "asr/nn/linear_i8.h"

enum {
    HEED_PACKED_OUTS = 16, /* of a group */
    HEED_PACKED_INS = 4,   /* that one lane takes at a time */
    HEED_PACKED_PAIR = 2,  /* the same of 16 bits each */
    HEED_PACKED_EIGHT = 8, /* the same of a product of matrices */
    HEED_PACKED_ALIGN = 16 /* bytes of q begin at multiples of this */
};

typedef struct heed_packed_block {
    /* [n_rows][n_parts][stride], high before low. */
    _Alignas(64) int8_t q[2 * HEED_I8_BLOCK_VALUES];
    float step[HEED_I8_BLOCK_ROWS];
    int32_t sum[HEED_I8_BLOCK_ROWS]; /* of a row's q */
    size_t n_rows;
    size_t n_parts; /* bytes of a value: 1 or 2 */
    size_t stride;  /* multiple of HEED_PACKED_ALIGN; zeros from n_in on */
} heed_packed_block;

/* The other side of the product; see heed_kernels. */
typedef struct heed_packed_weights {
    const uint8_t *w;
    const float *scale; /* [n_out] */
    const float *bias;  /* [n_out], or NULL */
} heed_packed_weights;

/* The loops of one instruction set. */
typedef struct heed_packed_loops {
    int32_t (*peak_bits)(const float *x, size_t n); /* see heed_i8_loops */

    /* q = round(factor x) in two bytes, zeros up to `stride`; returns their
     * sum. Shape: q [2][stride]. */
    int32_t (*split)(int8_t *q, const float *x, float factor, size_t n,
                     size_t stride);

    /* The same in one byte. Shape: q [stride]. */
    int32_t (*round)(int8_t *q, const float *x, float factor, size_t n,
                     size_t stride);

    /* y for all rows of the block. */
    void (*multiply)(float *y, const heed_packed_block *block,
                     const heed_packed_weights *w, const heed_linear_shape *s);
} heed_packed_loops;

/* Bytes from one group of outputs to the next, room for any number of inputs a
 * lane. */
HEED_INLINE size_t heed_packed_group_bytes(size_t n_in)
{
    return (n_in + HEED_PACKED_EIGHT - 1) / HEED_PACKED_EIGHT *
           HEED_PACKED_EIGHT * HEED_PACKED_OUTS;
}

/* Asks for weights `n_groups` groups after those at `w`, even beyond the last
 * ones, to be brought into the second cache. A step of the decoder reads all of
 * its weights from memory, and a tile's groups, of a few KiB each, are over
 * before a processor has noticed that they are read in order. */
HEED_INLINE void heed_packed_ask(const void *w, size_t n_groups, size_t n_in)
{
#ifdef __GNUC__
    const uintptr_t place =
        (uintptr_t)w + n_groups * heed_packed_group_bytes(n_in);

    __builtin_prefetch((const void *)place, 0, 2);
#else
    (void)w, (void)n_groups, (void)n_in;
#endif
}

/* Makes row `r` of the block from x; see heed_i8_quantise(). */
HEED_INLINE void heed_packed_quantise(heed_packed_block *block, size_t r,
                                      const float *x,
                                      const heed_linear_shape *s,
                                      const heed_packed_loops *loops)
{
    const float levels = heed_i8_levels(s);
    int8_t *q = block->q + block->n_parts * r * block->stride;
    const int32_t bits = loops->peak_bits(x, s->n_in);
    float peak;

    memcpy(&peak, &bits, sizeof peak);
    if (!isfinite(peak) || peak < HEED_I8_SMALLEST) {
        memset(q, 0, block->n_parts * block->stride);
        block->step[r] = isfinite(peak) ? 0.0f : NAN;
        block->sum[r] = 0;
        return;
    }
    block->step[r] = peak / levels;
    block->sum[r] = (block->n_parts == 1 ? loops->round : loops->split)(
        q, x, levels / peak, s->n_in, block->stride);
}

/* heed_kernels.linear_packed by the loops of one instruction set. */
HEED_INLINE void heed_packed_run(float *y, const float *x,
                                 const heed_packed_weights *w,
                                 const heed_linear_shape *s,
                                 const heed_packed_loops *loops)
{
    heed_packed_block block;
    size_t most = HEED_I8_BLOCK_ROWS;

    assert(s->n_in <= HEED_LINEAR_I8_MAX_IN);
    block.n_parts = s->coarse ? 1 : 2;
    block.stride = (s->n_in + HEED_PACKED_ALIGN - 1) / HEED_PACKED_ALIGN *
                   HEED_PACKED_ALIGN;
    if (most * block.stride > HEED_I8_BLOCK_VALUES)
        most = HEED_I8_BLOCK_VALUES / block.stride;
    if (most > 4)
        most -= most % 4; /* whole tiles */
    for (size_t done = 0; done < s->n_rows; done += block.n_rows) {
        const size_t left = s->n_rows - done;
        block.n_rows = left < most ? left : most;
        for (size_t r = 0; r < block.n_rows; r++)
            heed_packed_quantise(&block, r, x + (done + r) * s->x_stride, s,
                                 loops);
        loops->multiply(y + done * s->y_stride, &block, w, s);
    }
}

/* heed_kernels.pack: weights as they are, or each plus 128, four inputs a lane,
 * and as they are, two and eight. */
void heed_pack_signed(uint8_t *packed, const int8_t *w, size_t n_in,
                      size_t n_out);
void heed_pack_unsigned(uint8_t *packed, const int8_t *w, size_t n_in,
                        size_t n_out);
void heed_pack_pairs(uint8_t *packed, const int8_t *w, size_t n_in,
                     size_t n_out);
void heed_pack_eights(uint8_t *packed, const int8_t *w, size_t n_in,
                      size_t n_out);

/* The products themselves, for the tables: of pairs (avx2, avx512), of weights
 * plus 128 (vnni, avxvnni), with a sign (dot), of eights (i8mm). */
void heed_linear_packed_avx2(float *y, const float *x, const uint8_t *packed,
                             const float *scale, const float *bias,
                             const heed_linear_shape *shape);
void heed_linear_packed_avx512(float *y, const float *x, const uint8_t *packed,
                               const float *scale, const float *bias,
                               const heed_linear_shape *shape);
void heed_linear_packed_vnni(float *y, const float *x, const uint8_t *packed,
                             const float *scale, const float *bias,
                             const heed_linear_shape *shape);
void heed_linear_packed_avxvnni(float *y, const float *x, const uint8_t *packed,
                                const float *scale, const float *bias,
                                const heed_linear_shape *shape);
void heed_linear_packed_dot(float *y, const float *x, const uint8_t *packed,
                            const float *scale, const float *bias,
                            const heed_linear_shape *shape);
void heed_linear_packed_i8mm(float *y, const float *x, const uint8_t *packed,
                             const float *scale, const float *bias,
                             const heed_linear_shape *shape);

#endif /* HEED_ASR_NN_LINEAR_PACKED_H */
