/* test_attention.c - a head against its definition.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/attention.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/support/suites.h"
#include "tests/support/tables.h"

enum {
    N_QUERIES = 5,
    N_KEYS = 83,
    SIZE = 36,
    STRIDE = 80,
    COLUMNS = HEED_ATTENTION_COLUMNS
};

static float queries[N_QUERIES * STRIDE];
static float keys[N_KEYS * STRIDE];
static float values[N_KEYS * STRIDE];
static float out[N_QUERIES * STRIDE];
static float probs[N_QUERIES * N_KEYS];
/* The same in halves, keys turned, values without what is beside them. */
static uint16_t columns[2][SIZE][COLUMNS];
static uint16_t packed[N_KEYS * SIZE];

static const heed_attention_shape shape = {.n_queries = N_QUERIES,
                                           .n_keys = N_KEYS,
                                           .head_size = SIZE,
                                           .row_stride = STRIDE};

/* Keys and values are multiples of 2^-8, which halves can hold. */
static void fill(const heed_kernels *k)
{
    for (size_t i = 0; i < N_QUERIES * STRIDE; i++)
        queries[i] = sinf((float)i * 0.7f);
    for (size_t i = 0; i < N_KEYS * STRIDE; i++) {
        keys[i] = rintf(cosf((float)i * 1.3f) * 256.0f) / 256.0f;
        values[i] = rintf(sinf((float)i * 2.1f) * 256.0f) / 256.0f;
    }
    for (size_t n = 0; n < N_KEYS; n++) {
        k->round_f16(packed + n * SIZE, values + n * STRIDE, SIZE);
        for (size_t d = 0; d < SIZE; d++)
            k->round_f16(&columns[n / COLUMNS][d][n % COLUMNS],
                         keys + n * STRIDE + d, 1);
    }
    memset(out, 0, sizeof out);
}

static void attend(const heed_kernels *k, bool in_columns,
                   const heed_attention_shape *s)
{
    if (in_columns)
        heed_attention_columns(out, probs, queries, columns[0][0], packed, s,
                               k);
    else
        heed_attention_rows(out, probs, queries, keys, values, s, k);
}

static void check_query(size_t q)
{
    double p[N_KEYS];
    double sum = 0.0;
    for (size_t k = 0; k < N_KEYS; k++) {
        double score = 0.0;
        for (size_t d = 0; d < SIZE; d++)
            score +=
                (double)queries[q * STRIDE + d] * (double)keys[k * STRIDE + d];
        p[k] = exp(score / sqrt((double)SIZE));
        sum += p[k];
    }
    for (size_t k = 0; k < N_KEYS; k++)
        CU_ASSERT_DOUBLE_EQUAL((double)probs[q * N_KEYS + k], p[k] / sum, 1e-6);
    for (size_t d = 0; d < STRIDE; d++) {
        double expected = 0.0; /* what lies beside the head stays */
        for (size_t k = 0; k < N_KEYS && d < SIZE; k++)
            expected += p[k] / sum * (double)values[k * STRIDE + d];
        CU_ASSERT_DOUBLE_EQUAL((double)out[q * STRIDE + d], expected, 1e-6);
    }
}

static void test_attention__is_its_definition(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        for (int in_columns = 0; in_columns < 2; in_columns++) {
            fill(all[t]);
            attend(all[t], in_columns != 0, &shape);
            for (size_t q = 0; q < N_QUERIES; q++)
                check_query(q);
        }
    }
}

static void test_attention__query_has_the_same_bits_alone(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    heed_attention_shape one = shape;
    one.n_queries = 1;
    for (size_t t = 0; t < n_tables; t++) {
        for (int in_columns = 0; in_columns < 2; in_columns++) {
            float together[SIZE];
            fill(all[t]);
            attend(all[t], in_columns != 0, &shape);
            memcpy(together, out, sizeof together);
            attend(all[t], in_columns != 0, &one);
            CU_ASSERT_EQUAL(memcmp(together, out, sizeof together), 0);
        }
    }
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
    {"test_attention__is_its_definition", test_attention__is_its_definition},
    {"test_attention__query_has_the_same_bits_alone",
     test_attention__query_has_the_same_bits_alone},
    {"test_attention__rotary_scores_depend_on_distance_only",
     test_attention__rotary_scores_depend_on_distance_only},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"attention", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
