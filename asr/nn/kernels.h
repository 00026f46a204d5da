/* kernels.h - the network's inner loops, one table per instruction set.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_KERNELS_H
#define HEED_ASR_NN_KERNELS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes and strides of a matrix product, all counted in elements. A row of a
 * stride may overlap the next one (a convolution is a product over
 * overlapping rows). */
typedef struct heed_linear_shape {
    size_t n_rows;   /* rows of x and y; 0 is allowed */
    size_t n_in;     /* values of a row of x and of w */
    size_t n_out;    /* rows of w, values of a row of y */
    size_t x_stride; /* from one row of x to the next */
    size_t w_stride; /* from one row of w to the next, >= n_in */
    size_t y_stride; /* from one row of y to the next, >= n_out */
    bool coarse;     /* linear_i8: 8 bits of x instead of 12 */
} heed_linear_shape;

/* Most inputs of `linear_i8`: what one block on the stack holds, and no sum of
 * its products leaves 32 bits. */
enum { HEED_LINEAR_I8_MAX_IN = 8192 };

/* Rows of `round_i16` are filled up to a multiple of this. */
enum { HEED_ROUND_I16_ALIGN = 32 };

/* Sizes and strides of a weighted sum of rows, counted in elements: of values
 * weighted by probabilities or, for scores, of columns of keys weighted by
 * queries. */
typedef struct heed_mix_shape {
    size_t n_rows;   /* rows of p and y (queries) */
    size_t n_keys;   /* values of a row of p, rows of v */
    size_t n_values; /* values of a row of v and of y */
    size_t p_stride, v_stride, y_stride;
    bool accumulate; /* true: starts from what y holds, not from zero */
} heed_mix_shape;

/* Limits of `attend`: no sum leaves 32 bits. */
enum {
    HEED_ATTEND_LANES = 16, /* queries that are computed together */
    HEED_ATTEND_MAX_SIZE = 511,
    HEED_ATTEND_MAX_KEYS = 8190
};

/* A run of keys and values in integers, each row with a step of its own. Slots
 * before `first` and from `end` on are read, but are no keys. */
typedef struct heed_attend_span {
    const int16_t *keys;    /* [end][head_size], one value after it can be
                               read */
    const int16_t *values;  /* [(end + 1) / 2][head_size][2]: slots in pairs */
    const float *key_steps; /* [end] */
    const float *value_steps; /* [end] */
    size_t first;             /* 0 or 1 */
    size_t end;               /* > first */
} heed_attend_span;

/* Sizes and strides of one head, counted in values. */
typedef struct heed_attend_shape {
    size_t n_queries;
    size_t head_size;    /* <= HEED_ATTEND_MAX_SIZE */
    size_t query_stride; /* from one query to the next */
    size_t key_stride;   /* from one key to the next, half of that from one
                            pair of values to the next */
    size_t out_stride;   /* from one row of out to the next */
} heed_attend_shape;

/* The loops. Outputs come first; no pointer needs alignment; outputs and
 * inputs do not overlap unless said so; nothing allocates or fails. All tables
 * give the same bits, those of kernels_c.c (but zeros of either sign, and
 * numbers below 1e-38), and a result depends on nothing but its own inputs: a
 * row of `linear_*` or `mix` has the same bits whatever the number of rows in
 * the call, and `mix` whether its keys come in one call or in several. */
typedef struct heed_kernels {
    const char *name; /* as HEED_CPU spells it */

    /* y[r][o] = bias[o] + sum_i x[r][i] w[o][i]; `bias` may be NULL (zeros).
     * Shapes: y [n_rows][n_out], x [n_rows][n_in], w [n_out][n_in]. */
    void (*linear_f32)(float *y, const float *x, const float *w,
                       const float *bias, const heed_linear_shape *shape);

    /* As linear_f32, in integers: a row of x is quantised to
     * q = round(x / step), step = max|x| / 2047 (/ 127 if coarse), ties to
     * even, and y[r][o] = (step[r] scale[o]) sum_i q[r][i] w[o][i] + bias[o].
     * A row of values below 1e-30 counts as zeros, one with a NaN or an
     * infinity gives NaN.
     * n_in <= HEED_LINEAR_I8_MAX_IN. */
    void (*linear_i8)(float *y, const float *x, const int8_t *w,
                      const float *scale, const float *bias,
                      const heed_linear_shape *shape);

    /* The same to the bit for weights that `pack` has rearranged, which takes
     * heed_kernels_packed_bytes() at `packed`. Both NULL where the rows as they
     * are do as well. `shape->w_stride` is not looked at. */
    void (*pack)(uint8_t *packed, const int8_t *w, size_t n_in, size_t n_out);
    void (*linear_packed)(float *y, const float *x, const uint8_t *packed,
                          const float *scale, const float *bias,
                          const heed_linear_shape *shape);

    /* Rounds a row as linear_i8 does, to 12 bits, and returns its step; one
     * with a NaN or an infinity counts as zeros. Fills q with zeros up to a
     * multiple of HEED_ROUND_I16_ALIGN. */
    float (*round_i16)(int16_t *q, const float *x, size_t n);

    /* out = softmax(Q K^T / sqrt(head_size)) V for one head, in integers; see
     * attention_i16.h. All queries see all keys of all spans, one key at least
     * and HEED_ATTEND_MAX_KEYS at most. The same bits whatever the other
     * queries are and however the keys are cut and ordered.
     * `scratch` is of heed_attend_scratch_floats().
     * Shapes: out, queries [n_queries][head_size], query_steps [n_queries]. */
    void (*attend)(float *out, float *scratch, const int16_t *queries,
                   const float *query_steps, const heed_attend_span *spans,
                   size_t n_spans, const heed_attend_shape *shape);

    /* y[q][d] (+)= sum_k p[q][k] v[k][d], summed in the order of k.
     * Shapes: y [n_rows][n_values], p [n_rows][n_keys],
     * v [n_keys][n_values]. */
    void (*mix)(float *y, const float *p, const float *v,
                const heed_mix_shape *shape);

    /* The same for finite v in IEEE binary16. */
    void (*mix_f16)(float *y, const float *p, const uint16_t *v,
                    const heed_mix_shape *shape);

    /* y = x rounded to IEEE binary16, ties to even; from 65520 on it is
     * infinite. */
    void (*round_f16)(uint16_t *y, const float *x, size_t n);

    /* Sum of a[i] b[i]. */
    float (*dot)(const float *a, const float *b, size_t n);

    /* y[i] += a x[i]. */
    void (*axpy)(float *y, float a, const float *x, size_t n);

    /* y = (x - mean) / sqrt(variance + eps) * weight; `weight` may be NULL
     * (ones); y may be x. n > 0. */
    void (*layer_norm)(float *y, const float *x, const float *weight, float eps,
                       size_t n);

    /* y = x/2 (1 + erf(x / sqrt 2)), within 4e-7 max(1, |x|); y may be x. */
    void (*gelu)(float *y, const float *x, size_t n);

    /* Takes the middle between the least and the largest value off all values,
     * in place, and returns it: what is left has half the peak at best.
     * n > 0. */
    float (*centre)(float *x, size_t n);

    /* y = h g / (1 + exp(-g)), within 4e-7 (1 + |h g|); y may be g or h. */
    void (*silu_mul)(float *y, const float *g, const float *h, size_t n);

    /* x = exp(scale x) / sum exp(scale x), in place. At least one x must be
     * finite; -INFINITY gives 0. n > 0, scale > 0. */
    void (*softmax)(float *x, float scale, size_t n);

    /* y = x - log(sum exp(x)); y may be x. n > 0. */
    void (*log_softmax)(float *y, const float *x, size_t n);

    /* Turns the pair (x[2i], x[2i + 1]) by the angle whose cosine and sine are
     * given, for i < n_pairs, in place. */
    void (*rope)(float *x, const float *cosines, const float *sines,
                 size_t n_pairs);
} heed_kernels;

/* Returns the fastest table that the flags of heed_cpu_flags() allow; never
 * NULL, constant, shared by all threads. */
const heed_kernels *heed_kernels_get(unsigned cpu_flags);

/* Bytes of n_in by n_out packed weights, a multiple of 64. */
size_t heed_kernels_packed_bytes(size_t n_in, size_t n_out);

/* Floats that `attend` works on for up to `n_keys` keys in up to `n_spans`
 * spans. */
size_t heed_attend_scratch_floats(size_t n_keys, size_t n_spans);

/* The tables themselves; each is there only where its file is compiled. */
extern const heed_kernels heed_kernels_c;
extern const heed_kernels heed_kernels_avx2;
extern const heed_kernels heed_kernels_avxvnni;
extern const heed_kernels heed_kernels_avx512;
extern const heed_kernels heed_kernels_vnni;
extern const heed_kernels heed_kernels_neon;
extern const heed_kernels heed_kernels_dotprod;
extern const heed_kernels heed_kernels_i8mm;

#endif /* HEED_ASR_NN_KERNELS_H */
