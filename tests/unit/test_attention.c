/* test_attention.c - a head against its definition.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/attention.h"

#include <math.h>
#include <string.h>

#include "asr/base/cpu.h"
#include "tests/support/suites.h"

enum { N_QUERIES = 5, N_KEYS = 23, SIZE = 36, STRIDE = 80 };

static float queries[N_QUERIES * STRIDE];
static float keys[N_KEYS * STRIDE];
static float columns[STRIDE * N_KEYS]; /* the same keys, turned */
static float values[N_KEYS * STRIDE];
static float out[N_QUERIES * STRIDE];
static float probs[N_QUERIES * N_KEYS];

static size_t key_stride; /* of spans */
static heed_attention_shape shape = {
    .n_queries = N_QUERIES,
    .head_size = SIZE,
    .query_stride = STRIDE,
    .span_stride = STRIDE,
    .probs_stride = N_KEYS,
    .out_stride = STRIDE,
};

static void fill(void)
{
    for (size_t i = 0; i < N_QUERIES * STRIDE; i++)
        queries[i] = sinf((float)i * 0.7f);
    for (size_t i = 0; i < N_KEYS * STRIDE; i++) {
        keys[i] = cosf((float)i * 1.3f);
        values[i] = sinf((float)i * 2.1f);
    }
    for (size_t k = 0; k < N_KEYS; k++)
        for (size_t d = 0; d < STRIDE; d++)
            columns[d * N_KEYS + k] = keys[k * STRIDE + d];
}

/* The keys from number `k` on, by rows or by columns. */
static const float *keys_from(size_t k)
{
    return key_stride == 0 ? keys + k * STRIDE : columns + k;
}

static void check_definition(void)
{
    const heed_attention_span span = {keys_from(0), values, N_KEYS, key_stride};
    fill();
    heed_attention_head(out, probs, queries, &span, 1, &shape,
                        heed_kernels_get(heed_cpu_flags()));
    for (size_t q = 0; q < N_QUERIES; q++) {
        double p[N_KEYS];
        double sum = 0.0;
        for (size_t k = 0; k < N_KEYS; k++) {
            double score = 0.0;
            for (size_t d = 0; d < SIZE; d++)
                score += (double)queries[q * STRIDE + d] *
                         (double)keys[k * STRIDE + d];
            p[k] = exp(score / 6.0);
            sum += p[k];
        }
        for (size_t k = 0; k < N_KEYS; k++)
            CU_ASSERT_DOUBLE_EQUAL((double)probs[q * N_KEYS + k], p[k] / sum,
                                   1e-6);
        for (size_t d = 0; d < SIZE; d++) {
            double expected = 0.0;
            for (size_t k = 0; k < N_KEYS; k++)
                expected += p[k] / sum * (double)values[k * STRIDE + d];
            CU_ASSERT_DOUBLE_EQUAL((double)out[q * STRIDE + d], expected, 1e-6);
        }
    }
}

static void test_attention__head_is_its_definition(void)
{
    key_stride = 0;
    check_definition();
    key_stride = N_KEYS;
    check_definition();
}

static void check_bits(void)
{
    static float alone[SIZE];
    static float alone_probs[N_KEYS];
    const heed_kernels *kernels = heed_kernels_get(heed_cpu_flags());
    const heed_attention_span whole = {keys_from(0), values, N_KEYS,
                                       key_stride};
    heed_attention_shape one = shape;
    one.n_queries = 1;
    fill();
    heed_attention_head(out, probs, queries, &whole, 1, &shape, kernels);
    for (size_t cut = 0; cut <= N_KEYS; cut++) {
        const heed_attention_span spans[3] = {
            {keys_from(0), values, cut / 2, key_stride},
            {keys_from(cut / 2), values + cut / 2 * STRIDE, cut - cut / 2,
             key_stride},
            {keys_from(cut), values + cut * STRIDE, N_KEYS - cut, key_stride},
        };
        for (size_t q = 0; q < N_QUERIES; q++) {
            heed_attention_head(alone, alone_probs, queries + q * STRIDE, spans,
                                3, &one, kernels);
            CU_ASSERT_EQUAL(
                memcmp(alone, out + q * STRIDE, SIZE * sizeof *alone), 0);
            CU_ASSERT_EQUAL(memcmp(alone_probs, probs + q * N_KEYS,
                                   N_KEYS * sizeof *alone_probs),
                            0);
        }
    }
}

static void test_attention__spans_and_other_queries_change_no_bit(void)
{
    key_stride = 0;
    check_bits();
    key_stride = N_KEYS;
    check_bits();
}

static void test_attention__rotary_scores_depend_on_distance_only(void)
{
    enum { PAIRS = 16 };
    const heed_kernels *kernels = heed_kernels_get(heed_cpu_flags());
    const uint64_t places[3] = {0, 1000, 90000};
    float score[3];
    for (size_t i = 0; i < 3; i++) {
        float c[PAIRS];
        float s[PAIRS];
        float q[2 * PAIRS];
        float k[2 * PAIRS];
        for (size_t d = 0; d < 2 * (size_t)PAIRS; d++) {
            q[d] = sinf((float)d);
            k[d] = cosf((float)d * 0.3f);
        }
        heed_rope_angles(c, s, places[i] + 7, PAIRS, 10000.0);
        kernels->rope(q, c, s, PAIRS);
        heed_rope_angles(c, s, places[i], PAIRS, 10000.0);
        kernels->rope(k, c, s, PAIRS);
        score[i] = kernels->dot(q, k, 2 * (size_t)PAIRS);
    }
    CU_ASSERT_DOUBLE_EQUAL((double)score[1], (double)score[0], 1e-5);
    CU_ASSERT_DOUBLE_EQUAL((double)score[2], (double)score[0], 1e-5);
}

static CU_TestInfo tests[] = {
    {"test_attention__head_is_its_definition",
     test_attention__head_is_its_definition},
    {"test_attention__spans_and_other_queries_change_no_bit",
     test_attention__spans_and_other_queries_change_no_bit},
    {"test_attention__rotary_scores_depend_on_distance_only",
     test_attention__rotary_scores_depend_on_distance_only},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"attention", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
