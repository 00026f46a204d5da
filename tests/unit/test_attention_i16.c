/* test_attention_i16.c - attention in integers, every table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each table is compared with plain C, bit by bit, and plain C with softmax in
 * double. Inputs are as long as they must be, so that AddressSanitizer sees
 * whoever reads past them; outputs have guard values. */
#include "asr/nn/attention_i16.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asr/nn/attention.h"
#include "tests/support/suites.h"
#include "tests/support/tables.h"

enum { GUARD = 16, SEED = 20250114, MAX_SPANS = 3 };
static const float guard_value = 12345.5f;

static uint32_t random_state;

static uint32_t random_bits(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static int16_t random_value(void)
{
    return (int16_t)((int)(random_bits() % 4095) - 2047);
}

static void *take(size_t n_bytes)
{
    void *memory = malloc(n_bytes + (n_bytes == 0));

    CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
    return memory;
}

/* ---- Rows of 12 bits ------------------------------------------------- */

static void check_row(const heed_kernels *k, size_t n, float limit)
{
    const size_t filled = (n + HEED_ROUND_I16_ALIGN - 1) /
                          HEED_ROUND_I16_ALIGN * HEED_ROUND_I16_ALIGN;
    float *x = take(n * sizeof *x);
    int16_t *q = take((filled + 1) * sizeof *q);
    int16_t *expected = take((filled + 1) * sizeof *q);

    for (size_t i = 0; i < n; i++)
        x[i] = limit * (float)random_value();
    q[filled] = expected[filled] = 77;
    const float step = k->round_i16(q, x, n);
    const float step_c = heed_kernels_c.round_i16(expected, x, n);

    CU_ASSERT_EQUAL(memcmp(&step, &step_c, sizeof step), 0);
    CU_ASSERT_EQUAL(memcmp(q, expected, (filled + 1) * sizeof *q), 0);
    for (size_t i = 0; i < filled; i++) {
        const double value = i < n ? (double)x[i] : 0.0;

        CU_ASSERT(fabs((double)step * q[i] - value) <= 0.5001 * (double)step);
    }
    free(x);
    free(q);
    free(expected);
}

static void test_attention_i16__rows_are_rounded_to_a_step(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);

    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t n = 0; n < 70; n++)
            check_row(all[t], n, n % 2 == 0 ? 0.37f : 1e20f);
        check_row(all[t], 288, 1e-3f);
    }
}

static void test_attention_i16__rows_that_are_not_finite_are_zeros(void)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e-31f};
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);

    for (size_t t = 0; t < n_tables; t++)
        for (size_t b = 0; b < sizeof bad / sizeof bad[0]; b++) {
            float x[40] = {0};
            int16_t q[64];

            x[b * 12] = bad[b];
            memset(q, 1, sizeof q);
            CU_ASSERT_EQUAL(all[t]->round_i16(q, x, 40), 0.0f);
            for (size_t i = 0; i < 64; i++)
                CU_ASSERT_EQUAL(q[i], 0);
        }
}

/* ---- A head ---------------------------------------------------------- */

typedef struct head {
    heed_attend_shape shape;
    size_t n_spans;
    heed_attend_span spans[MAX_SPANS];
    int16_t *queries, *keys[MAX_SPANS], *values[MAX_SPANS];
    float *query_steps, *key_steps[MAX_SPANS], *value_steps[MAX_SPANS];
    float *scratch, *out; /* the latter with GUARD values on both sides */
    size_t n_scratch, n_out;
} head;

/* What is no key is worst: it must not be looked at. */
static void fill_span(head *h, size_t i, size_t first, size_t end)
{
    const heed_attend_shape *s = &h->shape;
    const size_t n_keys = (end - 1) * s->key_stride + s->head_size + 1;
    const size_t n_pairs = (end + 1) / 2;
    const size_t n_values =
        (n_pairs - 1) * 2 * s->key_stride + 2 * s->head_size;

    h->keys[i] = take(n_keys * sizeof(int16_t));
    h->values[i] = take(n_values * sizeof(int16_t));
    h->key_steps[i] = take(end * sizeof(float));
    h->value_steps[i] = take(end * sizeof(float));
    for (size_t n = 0; n < n_keys; n++)
        h->keys[i][n] = n < first * s->key_stride ? 32767 : random_value();
    for (size_t n = 0; n < n_values; n++)
        h->values[i][n] = random_value();
    for (size_t k = 0; k < end; k++) {
        h->key_steps[i][k] = k < first ? NAN : 1e-5f * (float)(1 + k % 7);
        h->value_steps[i][k] = k < first ? NAN : 1e-3f * (float)(1 + k % 5);
    }
    h->spans[i] =
        (heed_attend_span){h->keys[i],        h->values[i], h->key_steps[i],
                           h->value_steps[i], first,        end};
}

/* `ends` of spans; odd numbers of spans begin with a slot that is no key. */
static head make_head(size_t n_queries, size_t size, const size_t *ends,
                      size_t n_spans)
{
    head h = {.shape = {n_queries, size, size + 3, size + 1, size + 2},
              .n_spans = n_spans};
    const size_t n_values = (n_queries - 1) * h.shape.query_stride + size;
    size_t n_keys = 0;

    for (size_t i = 0; i < n_spans; i++) {
        const size_t first = i % 2 == 1 && ends[i] > 1 ? 1 : 0;

        fill_span(&h, i, first, ends[i]);
        n_keys += ends[i] - first;
    }
    h.queries = take(n_values * sizeof *h.queries);
    for (size_t i = 0; i < n_values; i++)
        h.queries[i] = random_value();
    h.query_steps = take(n_queries * sizeof(float));
    for (size_t q = 0; q < n_queries; q++)
        h.query_steps[q] = 1e-2f * (float)(q % 4);
    h.n_scratch = heed_attend_scratch_floats(n_keys, n_spans);
    h.scratch = take(h.n_scratch * sizeof(float));
    h.n_out = (n_queries - 1) * h.shape.out_stride + size;
    h.out = (float *)take((h.n_out + 2 * GUARD) * sizeof(float)) + GUARD;
    return h;
}

static void free_head(head *h)
{
    for (size_t i = 0; i < h->n_spans; i++) {
        free(h->keys[i]);
        free(h->values[i]);
        free(h->key_steps[i]);
        free(h->value_steps[i]);
    }
    free(h->queries);
    free(h->query_steps);
    free(h->scratch);
    free(h->out - GUARD);
}

/* What a table makes of it must not depend on what the memory held. */
static void run(head *h, const heed_kernels *k)
{
    for (size_t i = 0; i < h->n_scratch; i++)
        h->scratch[i] = NAN;
    for (size_t i = 0; i < h->n_out + 2 * GUARD; i++)
        (h->out - GUARD)[i] = guard_value;
    k->attend(h->out, h->scratch, h->queries, h->query_steps, h->spans,
              h->n_spans, &h->shape);
}

/* ---- Against softmax in double --------------------------------------- */

/* Score of slot `k` of span `i` for query `q`. */
static double score_of(const head *h, size_t q, size_t i, size_t k)
{
    const heed_attend_shape *s = &h->shape;
    double sum = 0.0;

    for (size_t d = 0; d < s->head_size; d++)
        sum += (double)h->queries[q * s->query_stride + d] *
               (double)h->keys[i][k * s->key_stride + d];
    return sum * (double)h->query_steps[q] * (double)h->key_steps[i][k] /
           sqrt((double)s->head_size);
}

static double value_of(const head *h, size_t i, size_t k, size_t d)
{
    const size_t at = k / 2 * 2 * h->shape.key_stride + 2 * d + k % 2;

    return (double)h->values[i][at] * (double)h->value_steps[i][k];
}

/* Largest difference of a query's values from their definition, in parts of the
 * largest value. */
static double distance(const head *h, size_t q)
{
    double peak = -HUGE_VAL;
    double worst = 0.0;
    double largest = 0.0;

    for (size_t i = 0; i < h->n_spans; i++)
        for (size_t k = h->spans[i].first; k < h->spans[i].end; k++)
            peak = fmax(peak, score_of(h, q, i, k));
    for (size_t d = 0; d < h->shape.head_size; d++) {
        double sum = 0.0;
        double all = 0.0;

        for (size_t i = 0; i < h->n_spans; i++)
            for (size_t k = h->spans[i].first; k < h->spans[i].end; k++) {
                const double p = exp(score_of(h, q, i, k) - peak);

                all += p;
                sum += p * value_of(h, i, k, d);
                largest = fmax(largest, fabs(value_of(h, i, k, d)));
            }
        worst = fmax(worst, fabs(sum / all -
                                 (double)h->out[q * h->shape.out_stride + d]));
    }
    return worst / largest;
}

static void test_attention_i16__is_softmax_of_its_scores(void)
{
    static const size_t ends[][MAX_SPANS] = {
        {1, 1, 1}, {2, 3, 1}, {7, 4, 9}, {40, 23, 60}, {160, 2, 162}};

    random_state = SEED;
    for (size_t e = 0; e < sizeof ends / sizeof ends[0]; e++)
        for (size_t n_spans = 1; n_spans <= MAX_SPANS; n_spans++) {
            head h = make_head(19, 36, ends[e], n_spans);

            run(&h, &heed_kernels_c);
            for (size_t q = 0; q < 19; q++) {
                const double worst = distance(&h, q);

                if (worst > 3e-4)
                    printf("\nseed %d: off by %.3g\n", SEED, worst);
                CU_ASSERT(worst <= 3e-4);
            }
            free_head(&h);
        }
}

/* ---- Bits ------------------------------------------------------------- */

/* Returns whether a table's output, guards included, is that of plain C. */
static bool as_plain_c(head *h, const heed_kernels *k)
{
    const size_t n_bytes = (h->n_out + 2 * GUARD) * sizeof(float);
    float *expected = take(n_bytes);
    bool same;

    run(h, &heed_kernels_c);
    memcpy(expected, h->out - GUARD, n_bytes);
    run(h, k);
    same = memcmp(expected, h->out - GUARD, n_bytes) == 0;
    if (!same)
        printf("\n%s: %zu queries of %zu, seed %d\n", k->name,
               h->shape.n_queries, h->shape.head_size, SEED);
    for (size_t i = 0; i < GUARD; i++)
        same = same && expected[i] == guard_value &&
               expected[GUARD + h->n_out + i] == guard_value;
    free(expected);
    return same;
}

static void test_attention_i16__tables_give_the_same_bits(void)
{
    static const size_t n_queries[] = {1, 2, 5, 15, 16, 17, 33};
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);

    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t size = 1; size <= 66; size += size < 20 ? 1 : 15)
            for (size_t n = 0; n < 7; n++) {
                const size_t ends[MAX_SPANS] = {1 + size % 27, 2 + 3 * n,
                                                1 + n % 2};
                head h = make_head(n_queries[n], size, ends, 1 + n % 3);

                CU_ASSERT(as_plain_c(&h, all[t]));
                free_head(&h);
            }
    }
}

static void test_attention_i16__extremes_overflow_nothing(void)
{
    static const size_t ends[MAX_SPANS] = {64, 33, 5};
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);

    for (size_t t = 0; t < n_tables; t++)
        for (size_t n = 0; n < 6; n++) {
            static const float key_step[] = {1e-3f, 1e30f,  0.0f,
                                             3e35f, 1e-35f, 1.0f};
            static const float value_step[] = {1e-3f, 1e30f,  1.0f,
                                               0.0f,  1e-35f, 3e34f};
            bool bounded = true;
            head h;

            random_state = SEED;
            h = make_head(20, HEED_ATTEND_MAX_SIZE, ends, MAX_SPANS);
            for (size_t i = 0; i < 20 * h.shape.query_stride - 3; i++)
                h.queries[i] = i % 3 == 0 ? -2047 : 2047;
            for (size_t i = 0; i < MAX_SPANS; i++) {
                for (size_t k = 0; k < ends[i]; k++) {
                    h.key_steps[i][k] = key_step[n];
                    h.value_steps[i][k] = value_step[n];
                }
                for (size_t k = 0; k < ends[i] * h.shape.key_stride; k++)
                    h.keys[i][k] = k % 2 == 0 ? -2047 : 2047;
            }
            CU_ASSERT(as_plain_c(&h, all[t]));
            for (size_t i = 0; i < h.n_out; i++)
                bounded =
                    bounded && (h.out[i] == guard_value ||
                                fabsf(h.out[i]) <= 2048.0f * value_step[n]);
            CU_ASSERT(bounded);
            free_head(&h);
        }
}

/* One span of `n` keys, and the same keys in two spans the other way round. */
static void check_order(const heed_kernels *k, size_t n, size_t cut)
{
    const size_t whole_ends[] = {n};
    const size_t cut_ends[] = {n - cut, cut + 1};
    head whole = make_head(3, 36, whole_ends, 1);
    head parts = make_head(3, 36, cut_ends, 2);
    const size_t stride = whole.shape.key_stride;

    memcpy(parts.queries, whole.queries,
           (2 * whole.shape.query_stride + 36) * sizeof *whole.queries);
    for (size_t s = 0; s < n; s++) {
        const size_t i = s < cut ? 1 : 0;
        const size_t to = s < cut ? s + parts.spans[1].first : s - cut;

        memcpy(parts.keys[i] + to * stride, whole.keys[0] + s * stride,
               36 * sizeof(int16_t));
        parts.key_steps[i][to] = whole.key_steps[0][s];
        parts.value_steps[i][to] = whole.value_steps[0][s];
        for (size_t d = 0; d < 36; d++)
            parts.values[i][to / 2 * 2 * stride + 2 * d + to % 2] =
                whole.values[0][s / 2 * 2 * stride + 2 * d + s % 2];
    }
    run(&whole, k);
    parts.spans[1].end = cut + parts.spans[1].first;
    run(&parts, k);
    CU_ASSERT_EQUAL(memcmp(whole.out, parts.out, whole.n_out * sizeof(float)),
                    0);
    free_head(&whole);
    free_head(&parts);
}

static void test_attention_i16__order_and_cuts_change_no_bit(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);

    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t cut = 1; cut < 29; cut++)
            check_order(all[t], 29, cut);
    }
}

static void test_attention_i16__a_query_is_the_same_alone(void)
{
    static const size_t ends[MAX_SPANS] = {30, 7, 41};
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);

    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        head h = make_head(21, 36, ends, MAX_SPANS);
        heed_attend_shape one = h.shape;

        one.n_queries = 1;
        run(&h, all[t]);
        for (size_t q = 0; q < 21; q++) {
            float alone[36];

            all[t]->attend(alone, h.scratch,
                           h.queries + q * h.shape.query_stride,
                           h.query_steps + q, h.spans, MAX_SPANS, &one);
            CU_ASSERT_EQUAL(
                memcmp(alone, h.out + q * h.shape.out_stride, sizeof alone), 0);
        }
        free_head(&h);
    }
}

static CU_TestInfo tests[] = {
    {"test_attention_i16__rows_are_rounded_to_a_step",
     test_attention_i16__rows_are_rounded_to_a_step},
    {"test_attention_i16__rows_that_are_not_finite_are_zeros",
     test_attention_i16__rows_that_are_not_finite_are_zeros},
    {"test_attention_i16__is_softmax_of_its_scores",
     test_attention_i16__is_softmax_of_its_scores},
    {"test_attention_i16__tables_give_the_same_bits",
     test_attention_i16__tables_give_the_same_bits},
    {"test_attention_i16__extremes_overflow_nothing",
     test_attention_i16__extremes_overflow_nothing},
    {"test_attention_i16__order_and_cuts_change_no_bit",
     test_attention_i16__order_and_cuts_change_no_bit},
    {"test_attention_i16__a_query_is_the_same_alone",
     test_attention_i16__a_query_is_the_same_alone},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"attention in integers", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
