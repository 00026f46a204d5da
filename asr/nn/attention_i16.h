/* attention_i16.h - what attention in integers of all instruction sets shares.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows of queries, keys and values are 12 bits times a step (linear_i8.h). For
 * a query, with c = log2(e) / sqrt(head_size) and maxima over all keys,
 *
 *     s[k] = kstep[k] sum_d q[d] key[k][d]
 *     x[k] = max((s[k] - max s) (qstep c), HEED_ATTEND_LEAST)
 *     e[k] = p(x[k] - floor(x[k])) 2^floor(x[k]),   p(f) = 2^18 2^f
 *     w[k] = round(e[k] (vstep[k] (32767 / sum round(e) / max vstep)))
 *     out[d] = (sum_k w[k] value[k][d]) (max vstep / 32767)
 *
 * All sums are of integers, and floats are rounded one by one (no fused
 * multiply-add): all tables give the same bits, and so does any order of the
 * keys. Weights are divided by their sum before they are rounded, so that many
 * small ones beside a large one are not lost.
 *
 * 16 queries lie side by side, one a lane: nothing is summed across lanes,
 * exponentials go into the second product as they come out of the first, and a
 * head of any size leaves no lane empty. A lane takes pairs of 16 bits, in the
 * first product two values of a key, in the second a value of two keys: that is
 * why values lie in pairs. */
#ifndef HEED_ASR_NN_ATTENTION_I16_H
#define HEED_ASR_NN_ATTENTION_I16_H
#include <float.h>

#include "asr/nn/linear_i8.h"

enum {
    HEED_ATTEND_WEIGHTS = 32767, /* all of a query's w together */
    HEED_ATTEND_MAX_PAIRS = (HEED_ATTEND_MAX_SIZE + 1) / 2
};
static_assert((int64_t)HEED_ATTEND_MAX_KEYS << 18 <= INT32_MAX,
              "a sum of exponentials fits in 32 bits");
static_assert((int64_t)HEED_ATTEND_MAX_SIZE * HEED_I8_LEVELS * HEED_I8_LEVELS <=
                  INT32_MAX,
              "a sum of products fits in 32 bits");

/* From it down round(e) is 0. */
#define HEED_ATTEND_LEAST (-24.0f)

/* p(f) = p0 + p1 f + p2 f^2 + p3 f^3, 0 <= f < 1: within 7.5e-5 of itself. */
#define HEED_ATTEND_P0 (262144.0f * 0.99992522f)
#define HEED_ATTEND_P1 (262144.0f * 0.69583354f)
#define HEED_ATTEND_P2 (262144.0f * 0.22606716f)
#define HEED_ATTEND_P3 (262144.0f * 0.07802452f)

/* Queries in work. Where a span's s are, its e and then its w come to lie:
 * s and e as float [end][LANES], w as int16_t [(end + 1) / 2][LANES][2]. */
typedef struct heed_attend_block {
    _Alignas(64) int16_t queries[HEED_ATTEND_MAX_PAIRS][HEED_ATTEND_LANES][2];
    float factor[HEED_ATTEND_LANES]; /* qstep c */
    float peak[HEED_ATTEND_LANES];   /* max s */
    int32_t sum[HEED_ATTEND_LANES];  /* of round(e) */
    float share[HEED_ATTEND_LANES];  /* 32767 / sum / max vstep */
    float max_step;                  /* max vstep */
    size_t n_queries;
} heed_attend_block;

/* The loops of one instruction set. */
typedef struct heed_attend_loops {
    /* s of a span's keys; raises peak. */
    void (*score)(heed_attend_block *block, float *scores,
                  const heed_attend_span *span, const heed_attend_shape *shape);

    /* e of a span's keys; adds to sum. */
    void (*exponentiate)(heed_attend_block *block, float *scores,
                         const heed_attend_span *span);

    /* w of a span's slots, 0 for those that are no keys. */
    void (*weigh)(const heed_attend_block *block, float *scores,
                  const heed_attend_span *span);

    /* out of all spans, whose w lie at `scores`, one after the other. */
    void (*mix)(float *out, const heed_attend_block *block, const float *scores,
                const heed_attend_span *spans, size_t n_spans,
                const heed_attend_shape *shape, float step);
} heed_attend_loops;

/* Floats from a span's s to those of the next: pairs of slots. */
HEED_INLINE size_t heed_attend_span_floats(const heed_attend_span *span)
{
    return (span->end + 1) / 2 * 2 * HEED_ATTEND_LANES;
}

/* The step of a slot's values, 0 for one that is no key. */
HEED_INLINE float heed_attend_value_step(const heed_attend_span *span,
                                         size_t slot)
{
    return slot >= span->first && slot < span->end ? span->value_steps[slot]
                                                   : 0.0f;
}

HEED_INLINE float heed_attend_max_step(const heed_attend_span *spans,
                                       size_t n_spans)
{
    float most = FLT_MIN;

    for (size_t i = 0; i < n_spans; i++)
        for (size_t k = spans[i].first; k < spans[i].end; k++)
            most =
                spans[i].value_steps[k] > most ? spans[i].value_steps[k] : most;
    return most;
}

/* Lays up to 16 queries side by side; lanes without one get zeros. */
HEED_INLINE void heed_attend_pack(heed_attend_block *block,
                                  const int16_t *queries, const float *steps,
                                  const heed_attend_shape *shape)
{
    const float c = 1.44269504f / sqrtf((float)shape->head_size);
    const size_t n_whole = shape->head_size / 2;

    for (size_t l = 0; l < HEED_ATTEND_LANES; l++) {
        const bool used = l < block->n_queries;
        const int16_t *from = queries + (used ? l : 0) * shape->query_stride;

        block->factor[l] = used ? steps[l] * c : 0.0f;
        block->peak[l] = -FLT_MAX;
        block->sum[l] = 0;
        for (size_t i = 0; i < n_whole; i++)
            memcpy(block->queries[i][l], from + 2 * i, 2 * sizeof *from);
        if (shape->head_size % 2 != 0) {
            block->queries[n_whole][l][0] = from[2 * n_whole];
            block->queries[n_whole][l][1] = 0;
        }
    }
}

/* Zeros for the slots of a span that are no keys. */
HEED_INLINE void heed_attend_clear_gaps(float *scores,
                                        const heed_attend_span *span)
{
    const size_t n_bytes = HEED_ATTEND_LANES * sizeof *scores;

    if (span->first > 0)
        memset(scores, 0, n_bytes);
    if (span->end % 2 != 0)
        memset(scores + span->end * HEED_ATTEND_LANES, 0, n_bytes);
}

/* All of it for the queries of the block. */
HEED_INLINE void heed_attend_run_block(float *out, heed_attend_block *block,
                                       float *scratch,
                                       const heed_attend_span *spans,
                                       size_t n_spans,
                                       const heed_attend_shape *shape,
                                       const heed_attend_loops *loops)
{
    const float most = block->max_step;
    float *scores = scratch;

    for (size_t i = 0; i < n_spans; i++) {
        loops->score(block, scores, &spans[i], shape);
        scores += heed_attend_span_floats(&spans[i]);
    }
    scores = scratch;
    for (size_t i = 0; i < n_spans; i++) {
        loops->exponentiate(block, scores, &spans[i]);
        heed_attend_clear_gaps(scores, &spans[i]);
        scores += heed_attend_span_floats(&spans[i]);
    }
    for (size_t l = 0; l < HEED_ATTEND_LANES; l++)
        block->share[l] =
            block->sum[l] > 0
                ? (float)HEED_ATTEND_WEIGHTS / (float)block->sum[l] / most
                : 0.0f; /* scores that are not finite */
    scores = scratch;
    for (size_t i = 0; i < n_spans; i++) {
        loops->weigh(block, scores, &spans[i]);
        scores += heed_attend_span_floats(&spans[i]);
    }
    loops->mix(out, block, scratch, spans, n_spans, shape,
               most / (float)HEED_ATTEND_WEIGHTS);
}

/* heed_kernels.attend by the loops of one instruction set. */
HEED_INLINE void heed_attend_run(float *out, float *scratch,
                                 const int16_t *queries, const float *steps,
                                 const heed_attend_span *spans, size_t n_spans,
                                 const heed_attend_shape *shape,
                                 const heed_attend_loops *loops)
{
    heed_attend_block block;

    assert(shape->head_size <= HEED_ATTEND_MAX_SIZE);
    block.max_step = heed_attend_max_step(spans, n_spans);
    for (size_t q = 0; q < shape->n_queries; q += HEED_ATTEND_LANES) {
        const size_t left = shape->n_queries - q;

        block.n_queries = left < HEED_ATTEND_LANES ? left : HEED_ATTEND_LANES;
        heed_attend_pack(&block, queries + q * shape->query_stride, steps + q,
                         shape);
        heed_attend_run_block(out + q * shape->out_stride, &block, scratch,
                              spans, n_spans, shape, loops);
    }
}

/* The whole of it, for the tables. */
void heed_attend_c(float *out, float *scratch, const int16_t *queries,
                   const float *query_steps, const heed_attend_span *spans,
                   size_t n_spans, const heed_attend_shape *shape);
void heed_attend_avx2(float *out, float *scratch, const int16_t *queries,
                      const float *query_steps, const heed_attend_span *spans,
                      size_t n_spans, const heed_attend_shape *shape);
void heed_attend_avxvnni(float *out, float *scratch, const int16_t *queries,
                         const float *query_steps,
                         const heed_attend_span *spans, size_t n_spans,
                         const heed_attend_shape *shape);
void heed_attend_avx512(float *out, float *scratch, const int16_t *queries,
                        const float *query_steps, const heed_attend_span *spans,
                        size_t n_spans, const heed_attend_shape *shape);
void heed_attend_vnni(float *out, float *scratch, const int16_t *queries,
                      const float *query_steps, const heed_attend_span *spans,
                      size_t n_spans, const heed_attend_shape *shape);
void heed_attend_neon(float *out, float *scratch, const int16_t *queries,
                      const float *query_steps, const heed_attend_span *spans,
                      size_t n_spans, const heed_attend_shape *shape);

#endif /* HEED_ASR_NN_ATTENTION_I16_H */
