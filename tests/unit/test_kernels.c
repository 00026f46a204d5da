/* test_kernels.c - every table of loops against a slow definition in double,
 * and against plain C to the bit.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each table this machine runs is compared, at sizes around its vectors, on
 * unaligned data, with guard values around every output. What differs is
 * printed with the seed. */
#include "asr/nn/kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suites.h"
#include "tests/support/tables.h"

enum { GUARD = 8, SEED = 20240607 };
static const float guard_value = 12345.5f;

static uint32_t random_state;

static uint32_t random_bits(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

/* Uniform in [-limit, limit]. */
static float random_float(float limit)
{
    return limit * ((float)random_bits() / 8388608.0f - 1.0f);
}

/* Floats with a guard on both sides; `values` is not aligned to a vector. */
typedef struct buffer {
    float *all;
    float *values;
    size_t count;
} buffer;

static buffer make_buffer(size_t count, float limit)
{
    buffer b = {.count = count};
    b.all = malloc((count + 2 * GUARD + 1) * sizeof(float));
    CU_ASSERT_PTR_NOT_NULL_FATAL(b.all);
    b.values = b.all + GUARD + 1;
    for (size_t i = 0; i < count + 2 * GUARD + 1; i++)
        b.all[i] = guard_value;
    for (size_t i = 0; i < count; i++)
        b.values[i] = random_float(limit);
    return b;
}

static void free_buffer(buffer *b)
{
    bool intact = true;
    for (size_t i = 0; i <= GUARD; i++)
        intact = intact && b->all[i] == guard_value;
    for (size_t i = 0; i < GUARD; i++)
        intact = intact && b->values[b->count + i] == guard_value;
    CU_ASSERT(intact);
    free(b->all);
}

static bool close_to(const char *what, const heed_kernels *k, size_t n,
                     float value, double expected, double tolerance)
{
    const double gap = fabs((double)value - expected);
    const bool fine = gap <= tolerance;
    if (!fine)
        printf("\n%s %s, size %zu, seed %d: %.9g instead of %.9g, off by "
               "%.3g > %.3g\n",
               k->name, what, n, SEED, (double)value, expected, gap, tolerance);
    return fine;
}

/* 0 to two vectors of 16 and one more, and sizes of the network. */
static const size_t sizes[] = {0,  1,  2,  3,  4,  5,  7,  8,  9,
                               15, 16, 17, 23, 24, 25, 31, 32, 33,
                               36, 63, 64, 65, 80, 96, 97, 288};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

/* --- Matrix products. ----------------------------------------------------- */

typedef struct product {
    buffer x, w, y, bias;
    heed_linear_shape shape;
} product;

static product make_product(size_t n_rows, size_t n_in, size_t n_out,
                            size_t slack)
{
    product p = {.shape = {.n_rows = n_rows,
                           .n_in = n_in,
                           .n_out = n_out,
                           .x_stride = n_in + slack,
                           .w_stride = n_in + slack,
                           .y_stride = n_out + slack}};
    p.x = make_buffer(n_rows * (n_in + slack), 1.0f);
    p.w = make_buffer(n_out * (n_in + slack), 1.0f);
    p.y = make_buffer(n_rows * (n_out + slack), 1.0f);
    p.bias = make_buffer(n_out, 1.0f);
    return p;
}

static void free_product(product *p)
{
    free_buffer(&p->x);
    free_buffer(&p->w);
    free_buffer(&p->y);
    free_buffer(&p->bias);
}

/* Returns whether y is right, the slack between its rows untouched. */
static bool check_product(const product *p, const heed_kernels *k,
                          const float *bias, const float *before)
{
    const heed_linear_shape *s = &p->shape;
    for (size_t r = 0; r < s->n_rows; r++) {
        for (size_t o = 0; o < s->n_out; o++) {
            double sum = 0.0;
            double size = 1.0;
            for (size_t i = 0; i < s->n_in; i++) {
                const double weight = (double)p->w.values[o * s->w_stride + i];
                const double term =
                    weight * (double)p->x.values[r * s->x_stride + i];
                sum += term;
                size += fabs(term);
            }
            if (bias)
                sum += (double)bias[o];
            if (!close_to("linear_f32", k, s->n_in,
                          p->y.values[r * s->y_stride + o], sum, 5e-7 * size))
                return false;
        }
        for (size_t o = s->n_out; o < s->y_stride; o++)
            if (p->y.values[r * s->y_stride + o] != before[r * s->y_stride + o])
                return false;
    }
    return true;
}

static void run_product(const heed_kernels *k, size_t n_rows, size_t n_in,
                        size_t n_out, size_t slack)
{
    product p = make_product(n_rows, n_in, n_out, slack);
    float *before = malloc((p.y.count + 1) * sizeof *before);
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    memcpy(before, p.y.values, p.y.count * sizeof *before);
    k->linear_f32(p.y.values, p.x.values, p.w.values, p.bias.values, &p.shape);
    CU_ASSERT(check_product(&p, k, p.bias.values, before));
    k->linear_f32(p.y.values, p.x.values, p.w.values, NULL, &p.shape);
    CU_ASSERT(check_product(&p, k, NULL, before));
    free(before);
    free_product(&p);
}

static void test_kernels__linear_is_the_sum_of_products(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    static const size_t rows[] = {0, 1, 2, 3, 4, 5, 8, 9, 13};
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t i = 0; i < N_SIZES; i++)
            for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
                run_product(all[t], rows[r], sizes[i], 1 + (i * 7 + r * 3) % 19,
                            (i + r) % 4);
        run_product(all[t], 9, 2049, 5, 0);
        run_product(all[t], 1, 2049, 17, 1);
        run_product(all[t], 40, 288, 40, 0);
        run_product(all[t], 9, 33, 0, 0);
    }
}

static void test_kernels__linear_row_is_the_same_alone(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    static const size_t shapes[][2] = {{288, 37}, {36, 61}, {2049, 6},
                                       {400, 16}, {7, 3},   {1, 1}};
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            product p = make_product(40, shapes[i][0], shapes[i][1], 0);
            float *alone = malloc(shapes[i][1] * sizeof *alone);
            CU_ASSERT_PTR_NOT_NULL_FATAL(alone);
            heed_linear_shape *s = &p.shape;
            for (s->n_rows = 40; s->n_rows > 3; s->n_rows -= 3) {
                all[t]->linear_f32(p.y.values, p.x.values, p.w.values,
                                   p.bias.values, s);
                heed_linear_shape one = *s;
                one.n_rows = 1;
                const size_t r = s->n_rows - 1;
                all[t]->linear_f32(alone, p.x.values + r * s->x_stride,
                                   p.w.values, p.bias.values, &one);
                CU_ASSERT_EQUAL(memcmp(alone, p.y.values + r * s->y_stride,
                                       s->n_out * sizeof *alone),
                                0);
            }
            free(alone);
            free_product(&p);
        }
    }
}

static void test_kernels__linear_rows_may_overlap(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        product p = make_product(12, 30, 9, 0);
        p.shape.x_stride = 5;
        all[t]->linear_f32(p.y.values, p.x.values, p.w.values, p.bias.values,
                           &p.shape);
        CU_ASSERT(check_product(&p, all[t], p.bias.values, p.y.values));
        free_product(&p);
    }
}

/* --- Weighted sums. --------------------------------------------------------
 */

static void run_mix(const heed_kernels *k, const heed_mix_shape *s)
{
    buffer p = make_buffer(s->n_rows * s->p_stride, 1.0f);
    buffer v = make_buffer(s->n_keys * s->v_stride, 1.0f);
    buffer y = make_buffer(s->n_rows * s->y_stride, 1.0f);
    float *before = malloc((y.count + 1) * sizeof *before);
    float *parts = malloc((y.count + 1) * sizeof *parts);
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    CU_ASSERT_PTR_NOT_NULL_FATAL(parts);
    memcpy(before, y.values, y.count * sizeof *before);
    memcpy(parts, y.values, y.count * sizeof *parts);
    k->mix(y.values, p.values, v.values, s);
    for (size_t r = 0; r < s->n_rows; r++) {
        for (size_t d = 0; d < s->y_stride; d++) {
            double sum = (double)before[r * s->y_stride + d];
            if (d < s->n_values) {
                sum = s->accumulate ? sum : 0.0;
                for (size_t i = 0; i < s->n_keys; i++)
                    sum += (double)p.values[r * s->p_stride + i] *
                           (double)v.values[i * s->v_stride + d];
            }
            CU_ASSERT(close_to("mix", k, s->n_values,
                               y.values[r * s->y_stride + d], sum,
                               2e-7 * (double)(s->n_keys + 1)));
        }
    }
    /* In two calls, and row by row: the same bits. */
    heed_mix_shape part = *s;
    part.n_keys = s->n_keys / 3;
    for (size_t r = 0; r < s->n_rows; r++) {
        part.n_rows = 1;
        part.n_keys = s->n_keys / 3;
        part.accumulate = s->accumulate;
        k->mix(parts + r * s->y_stride, p.values + r * s->p_stride, v.values,
               &part);
        const size_t first = part.n_keys;
        part.n_keys = s->n_keys - first;
        part.accumulate = true;
        k->mix(parts + r * s->y_stride, p.values + r * s->p_stride + first,
               v.values + first * s->v_stride, &part);
    }
    CU_ASSERT_EQUAL(memcmp(parts, y.values, y.count * sizeof *parts), 0);
    free(before);
    free(parts);
    free_buffer(&p);
    free_buffer(&v);
    free_buffer(&y);
}

static void test_kernels__mix_is_the_weighted_sum_in_order(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    static const size_t rows[] = {0, 1, 2, 4, 5, 7, 9, 17};
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t i = 1; i < N_SIZES; i++)
            for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
                heed_mix_shape s = {
                    .n_rows = rows[r],
                    .n_keys = (5 * i + r) % 23,
                    .n_values = sizes[i],
                    .p_stride = (5 * i + r) % 23 + 2,
                    .v_stride = sizes[i] + r % 3,
                    .y_stride = sizes[i] + r % 2,
                    .accumulate = (i + r) % 2 == 0,
                };
                run_mix(all[t], &s);
            }
    }
}

/* Halves are what float makes of them: `half` in units of its last bit. */
static double half_value(uint16_t half)
{
    const int exponent = half >> 10 & 31;
    const int fraction = half & 1023;
    const double size = exponent == 0 ? ldexp(fraction, -24)
                                      : ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -size : size;
}

static void test_kernels__halves_are_rounded_to_the_nearest(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    enum { N = 0x7c00 };
    float *x = malloc(3 * N * sizeof *x);
    uint16_t *y = malloc(3 * N * sizeof *y);
    CU_ASSERT_PTR_NOT_NULL_FATAL(x);
    CU_ASSERT_PTR_NOT_NULL_FATAL(y);
    /* Each half, the middle to the next one, and a little less than that. */
    for (size_t i = 0; i < N; i++) {
        const double value = half_value((uint16_t)i);
        const double next = i + 1 < N ? half_value((uint16_t)(i + 1)) : 65536.0;
        x[3 * i] = (float)value;
        x[3 * i + 1] = (float)(0.5 * (value + next));
        x[3 * i + 2] = nextafterf(x[3 * i + 1], 0.0f);
    }
    for (size_t t = 0; t < n_tables; t++) {
        size_t wrong = 0;
        all[t]->round_f16(y, x, 3 * N);
        for (size_t i = 0; i < N; i++)
            wrong +=
                y[3 * i] != i || y[3 * i + 1] != i + i % 2 || y[3 * i + 2] != i;
        for (size_t i = 0; i < 3 * N; i++)
            x[i] = -x[i];
        all[t]->round_f16(y, x, 3 * N - 1);
        for (size_t i = 0; i < N; i++)
            wrong += y[3 * i] != (i | 0x8000);
        for (size_t i = 0; i < 3 * N; i++)
            x[i] = -x[i];
        CU_ASSERT_EQUAL(wrong, 0);
    }
    free(x);
    free(y);
}

static void test_kernels__mix_of_halves_is_that_of_floats(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t i = 1; i < 2 * N_SIZES; i++) {
            const size_t n = sizes[i % N_SIZES] + 1;
            const heed_mix_shape s = {.n_rows = 1 + i % 9,
                                      .n_keys = 1 + i % 5,
                                      .n_values = n,
                                      .p_stride = 6,
                                      .v_stride = n + i % 2,
                                      .y_stride = n,
                                      .accumulate = i % 3 == 0};
            buffer p = make_buffer(s.n_rows * s.p_stride, 1.0f);
            buffer v = make_buffer(s.n_keys * s.v_stride, 1.0f);
            buffer expected = make_buffer(s.n_rows * n, 1.0f);
            buffer y = make_buffer(s.n_rows * n, 1.0f);
            uint16_t *halves = malloc((v.count + 1) * sizeof *halves);
            CU_ASSERT_PTR_NOT_NULL_FATAL(halves);
            v.values[0] = 1e-6f; /* one below 2^-14 */
            heed_kernels_c.round_f16(halves, v.values, v.count);
            for (size_t k = 0; k < v.count; k++)
                v.values[k] = (float)half_value(halves[k]);
            memcpy(y.values, expected.values, y.count * sizeof(float));
            heed_kernels_c.mix(expected.values, p.values, v.values, &s);
            all[t]->mix_f16(y.values, p.values, halves, &s);
            for (size_t k = 0; k < y.count; k++)
                CU_ASSERT_EQUAL(y.values[k], expected.values[k]);
            free(halves);
            free_buffer(&p);
            free_buffer(&v);
            free_buffer(&expected);
            free_buffer(&y);
        }
    }
}

/* --- Loops over one vector. ------------------------------------------------
 */

static void test_kernels__dot_and_axpy_are_their_definitions(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t s = 0; s < N_SIZES; s++) {
            const size_t n = sizes[s];
            buffer a = make_buffer(n, 1.0f);
            buffer b = make_buffer(n, 1.0f);
            double sum = 0.0;
            for (size_t i = 0; i < n; i++)
                sum += (double)a.values[i] * (double)b.values[i];
            CU_ASSERT(close_to("dot", all[t], n,
                               all[t]->dot(a.values, b.values, n), sum,
                               2e-7 * (double)(n + 1)));
            double expected[512];
            for (size_t i = 0; i < n; i++)
                expected[i] = (double)b.values[i] + 0.7 * (double)a.values[i];
            all[t]->axpy(b.values, 0.7f, a.values, n);
            for (size_t i = 0; i < n; i++)
                CU_ASSERT(close_to("axpy", all[t], n, b.values[i], expected[i],
                                   3e-7));
            free_buffer(&a);
            free_buffer(&b);
        }
    }
}

static void check_norm(const heed_kernels *k, size_t n, bool weighted,
                       float offset)
{
    buffer x = make_buffer(n, 3.0f);
    buffer w = make_buffer(n, 1.0f);
    buffer y = make_buffer(n, 1.0f);
    double mean = 0.0;
    double variance = 0.0;
    for (size_t i = 0; i < n; i++) {
        x.values[i] += offset;
        mean += (double)x.values[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        variance += pow((double)x.values[i] - mean, 2.0) / (double)n;
    const float *weight = weighted ? w.values : NULL;
    k->layer_norm(y.values, x.values, weight, 1e-5f, n);
    for (size_t i = 0; i < n; i++) {
        const double factor = weighted ? (double)w.values[i] : 1.0;
        const double expected =
            ((double)x.values[i] - mean) / sqrt(variance + 1e-5) * factor;
        CU_ASSERT(close_to("layer_norm", k, n, y.values[i], expected,
                           4e-6 * (1.0 + (double)fabsf(offset)) *
                               (n == 1 ? 100.0 : 1.0)));
    }
    k->layer_norm(x.values, x.values, weight, 1e-5f, n);
    CU_ASSERT_EQUAL(memcmp(x.values, y.values, n * sizeof(float)), 0);
    free_buffer(&x);
    free_buffer(&w);
    free_buffer(&y);
}

static void test_kernels__layer_norm_is_its_definition(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t s = 1; s < N_SIZES; s++) {
            check_norm(all[t], sizes[s], true, 0.0f);
            check_norm(all[t], sizes[s], false, 10.0f);
        }
    }
}

static void test_kernels__gelu_is_within_its_bound(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t s = 0; s < N_SIZES; s++) {
            const size_t n = sizes[s];
            buffer x = make_buffer(n, 6.0f);
            buffer y = make_buffer(n, 1.0f);
            all[t]->gelu(y.values, x.values, n);
            for (size_t i = 0; i < n; i++) {
                const double v = (double)x.values[i];
                const double expected = 0.5 * v * (1.0 + erf(v * sqrt(0.5)));
                CU_ASSERT(close_to("gelu", all[t], n, y.values[i], expected,
                                   4e-7 * fmax(1.0, fabs(v))));
            }
            all[t]->gelu(x.values, x.values, n);
            CU_ASSERT_EQUAL(memcmp(x.values, y.values, n * sizeof(float)), 0);
            free_buffer(&x);
            free_buffer(&y);
        }
        float wide[6] = {-1e30f, -40.0f, -0.0f, 0.0f, 40.0f, 1e30f};
        all[t]->gelu(wide, wide, 6);
        CU_ASSERT_EQUAL(wide[0], 0.0f);
        CU_ASSERT_EQUAL(wide[1], 0.0f);
        CU_ASSERT_EQUAL(wide[2], 0.0f);
        CU_ASSERT_EQUAL(wide[4], 40.0f);
        CU_ASSERT_EQUAL(wide[5], 1e30f);
    }
}

static void test_kernels__centre_takes_the_middle_off(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t s = 1; s < N_SIZES; s++) {
            const size_t n = sizes[s];
            /* Of one sign: zeros from beyond the end would show. */
            const float offset = s % 2 ? 4.0f : -4.0f;
            buffer x = make_buffer(n, 3.0f);
            float expected[512];
            float low = INFINITY;
            float high = -INFINITY;
            for (size_t i = 0; i < n; i++) {
                x.values[i] += offset;
                low = fminf(low, x.values[i]);
                high = fmaxf(high, x.values[i]);
            }
            const float middle = 0.5f * low + 0.5f * high;
            for (size_t i = 0; i < n; i++)
                expected[i] = x.values[i] - middle;
            CU_ASSERT_EQUAL(all[t]->centre(x.values, n), middle);
            CU_ASSERT_EQUAL(memcmp(x.values, expected, n * sizeof(float)), 0);
            free_buffer(&x);
        }
    }
}

static void test_kernels__silu_mul_is_within_its_bound(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t s = 0; s < N_SIZES; s++) {
            const size_t n = sizes[s];
            buffer g = make_buffer(n, s % 2 ? 5.0f : 200.0f);
            buffer h = make_buffer(n, 2.0f);
            buffer y = make_buffer(n, 1.0f);
            all[t]->silu_mul(y.values, g.values, h.values, n);
            for (size_t i = 0; i < n; i++) {
                const double a = (double)g.values[i];
                const double b = (double)h.values[i];
                CU_ASSERT(close_to("silu_mul", all[t], n, y.values[i],
                                   a * b / (1.0 + exp(-a)),
                                   4e-7 * (1.0 + fabs(a * b))));
            }
            all[t]->silu_mul(g.values, g.values, h.values, n);
            CU_ASSERT_EQUAL(memcmp(g.values, y.values, n * sizeof(float)), 0);
            free_buffer(&g);
            free_buffer(&h);
            free_buffer(&y);
        }
    }
}

static void check_softmax(const heed_kernels *k, size_t n, float limit,
                          float scale)
{
    buffer x = make_buffer(n, limit);
    buffer y = make_buffer(n, limit);
    double expected[512];
    double sum = 0.0;
    double log_sum = 0.0;
    if (n > 2)
        x.values[n / 2] = -INFINITY;
    double max = -HUGE_VAL;
    for (size_t i = 0; i < n; i++)
        max = (double)x.values[i] > max ? (double)x.values[i] : max;
    for (size_t i = 0; i < n; i++) {
        expected[i] = exp((double)scale * ((double)x.values[i] - max));
        sum += expected[i];
        log_sum += exp((double)x.values[i] - max);
    }
    k->log_softmax(y.values, x.values, n);
    for (size_t i = 0; i < n; i++) {
        if (isinf(x.values[i]))
            CU_ASSERT(isinf(y.values[i]) && y.values[i] < 0.0f)
        else
            CU_ASSERT(close_to("log_softmax", k, n, y.values[i],
                               (double)x.values[i] - max - log(log_sum),
                               4e-7 * (4.0 + (double)limit)));
    }
    k->softmax(x.values, scale, n);
    for (size_t i = 0; i < n; i++)
        CU_ASSERT(
            close_to("softmax", k, n, x.values[i], expected[i] / sum,
                     2e-6 * expected[i] / sum * (1.0 + (double)limit) + 1e-37));
    if (n > 2)
        CU_ASSERT_EQUAL(x.values[n / 2], 0.0f);
    free_buffer(&x);
    free_buffer(&y);
}

static void test_kernels__softmax_is_its_definition(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t s = 1; s < N_SIZES; s++) {
            check_softmax(all[t], sizes[s], 4.0f, 1.0f);
            check_softmax(all[t], sizes[s], 60.0f, 1.0f / 6.0f);
        }
        float far_apart[3] = {-3e38f, 1000.0f, 0.0f};
        all[t]->softmax(far_apart, 1.0f, 3);
        CU_ASSERT_EQUAL(far_apart[0], 0.0f);
        CU_ASSERT_EQUAL(far_apart[1], 1.0f);
        CU_ASSERT_EQUAL(far_apart[2], 0.0f);
    }
}

static void test_kernels__rope_turns_adjacent_pairs(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        random_state = SEED;
        for (size_t n = 0; n <= 18; n++) {
            buffer x = make_buffer(2 * n, 2.0f);
            buffer c = make_buffer(n, 1.0f);
            buffer s = make_buffer(n, 1.0f);
            double expected[64];
            for (size_t i = 0; i < n; i++) {
                const double even = (double)x.values[2 * i];
                const double odd = (double)x.values[2 * i + 1];
                const double cosine = (double)c.values[i];
                const double sine = (double)s.values[i];
                expected[2 * i] = even * cosine - odd * sine;
                expected[2 * i + 1] = odd * cosine + even * sine;
            }
            all[t]->rope(x.values, c.values, s.values, n);
            for (size_t i = 0; i < 2 * n; i++)
                CU_ASSERT(close_to("rope", all[t], n, x.values[i], expected[i],
                                   5e-7));
            free_buffer(&x);
            free_buffer(&c);
            free_buffer(&s);
        }
    }
}

/* --- Plain C says which bits. ----------------------------------------------
 */

enum { SAME_ROWS = 7, SAME_OUTS = 21, SAME_KEYS = 19, SAME_MAX = 2049 };

/* What all loops of a table make of one set of inputs of `n` values. */
typedef struct loops_results {
    float linear[SAME_ROWS * SAME_OUTS];
    float row[SAME_OUTS];
    float mix[SAME_ROWS * SAME_MAX];
    float dot;
    float axpy[SAME_MAX], norm[SAME_MAX], gelu[SAME_MAX], silu[SAME_MAX];
    float softmax[SAME_MAX], log_softmax[SAME_MAX], rope[SAME_MAX];
} loops_results;

static void run_loops(loops_results *to, const heed_kernels *k, const float *a,
                      const float *b, size_t n)
{
    heed_linear_shape linear = {.n_rows = SAME_ROWS,
                                .n_in = n,
                                .n_out = SAME_OUTS,
                                .x_stride = n,
                                .w_stride = n,
                                .y_stride = SAME_OUTS};
    const heed_mix_shape mix = {.n_rows = SAME_ROWS,
                                .n_keys = SAME_KEYS,
                                .n_values = n,
                                .p_stride = SAME_KEYS,
                                .v_stride = n,
                                .y_stride = n};
    const size_t n_bytes = n * sizeof *a;
    memset(to, 0, sizeof *to);
    k->linear_f32(to->linear, a, b, b, &linear);
    linear.n_rows = 1;
    k->linear_f32(to->row, a, b, NULL, &linear);
    k->mix(to->mix, a, b, &mix);
    to->dot = k->dot(a, b, n);
    memcpy(to->axpy, b, n_bytes);
    k->axpy(to->axpy, -0.3f, a, n);
    k->layer_norm(to->norm, a, b, 1e-5f, n);
    k->gelu(to->gelu, a, n);
    k->silu_mul(to->silu, a, b, n);
    memcpy(to->softmax, a, n_bytes);
    k->softmax(to->softmax, 0.7f, n);
    k->log_softmax(to->log_softmax, b, n);
    memcpy(to->rope, a, n_bytes);
    k->rope(to->rope, b, b + n / 2, n / 2);
}

static void test_kernels__all_tables_have_the_same_bits(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    loops_results *expected = malloc(sizeof *expected);
    loops_results *found = malloc(sizeof *found);
    CU_ASSERT_PTR_NOT_NULL_FATAL(expected);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    static const float limits[] = {0.01f, 1.0f, 30.0f, 1000.0f};
    random_state = SEED;
    for (size_t i = 0; i < 4 * N_SIZES; i++) {
        const size_t n = i < 4 ? SAME_MAX : sizes[i % N_SIZES];
        const size_t count = n * SAME_OUTS + SAME_ROWS * SAME_KEYS;
        buffer a = make_buffer(count, limits[i % 4]);
        buffer b = make_buffer(count, limits[i / 4 % 4]);
        if (n == 0) {
            free_buffer(&a);
            free_buffer(&b);
            continue;
        }
        run_loops(expected, all[0], a.values, b.values, n);
        for (size_t t = 1; t < n_tables; t++) {
            run_loops(found, all[t], a.values, b.values, n);
            const float *one = (const float *)expected;
            const float *other = (const float *)found;
            size_t at = 0;
            /* As numbers: 0 may have any sign. */
            while (at < sizeof *found / sizeof *one && one[at] == other[at])
                at++;
            if (at < sizeof *found / sizeof *one)
                printf("\n%s, size %zu, seed %d: value %zu is %.9g instead of "
                       "%.9g\n",
                       all[t]->name, n, SEED, at, (double)other[at],
                       (double)one[at]);
            CU_ASSERT_EQUAL(at, sizeof *found / sizeof *one);
        }
        free_buffer(&a);
        free_buffer(&b);
    }
    free(expected);
    free(found);
}

/* 1 + 2^-23 + 2^-24 (1 - 2^-46): a hair below the middle between two floats,
 * where a sum that is rounded to a double first would lie. */
static void test_kernels__products_and_sums_are_rounded_once(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    for (size_t t = 0; t < n_tables; t++) {
        for (float sign = -1.0f; sign < 2.0f; sign += 2.0f) {
            const float x = (1.0f - 0x1p-23f) * 0x1p-24f;
            float y = sign * (1.0f + 0x1p-23f);
            all[t]->axpy(&y, sign * (1.0f + 0x1p-23f), &x, 1);
            CU_ASSERT_EQUAL(y, sign * (1.0f + 0x1p-23f));
            y = sign * (1.0f + 0x1p-22f);
            all[t]->axpy(&y, sign * -(1.0f + 0x1p-23f), &x, 1);
            CU_ASSERT_EQUAL(y, sign * (1.0f + 0x1p-22f));
        }
    }
}

static void test_kernels__flags_choose_the_table(void)
{
    CU_ASSERT_STRING_EQUAL(heed_kernels_get(HEED_CPU_C)->name, "c");
#if defined(__x86_64__)
    CU_ASSERT_STRING_EQUAL(heed_kernels_get(HEED_CPU_AVX2)->name, "avx2");
    CU_ASSERT_STRING_EQUAL(
        heed_kernels_get(HEED_CPU_AVX2 | HEED_CPU_AVX512)->name, "avx512");
    CU_ASSERT_STRING_EQUAL(
        heed_kernels_get(HEED_CPU_AVX2 | HEED_CPU_AVX512 | HEED_CPU_AVX512_VNNI)
            ->name,
        "vnni");
#elif defined(__aarch64__)
    CU_ASSERT_STRING_EQUAL(heed_kernels_get(HEED_CPU_NEON)->name, "neon");
#endif
}

static CU_TestInfo tests[] = {
    {"test_kernels__linear_is_the_sum_of_products",
     test_kernels__linear_is_the_sum_of_products},
    {"test_kernels__linear_row_is_the_same_alone",
     test_kernels__linear_row_is_the_same_alone},
    {"test_kernels__linear_rows_may_overlap",
     test_kernels__linear_rows_may_overlap},
    {"test_kernels__mix_is_the_weighted_sum_in_order",
     test_kernels__mix_is_the_weighted_sum_in_order},
    {"test_kernels__halves_are_rounded_to_the_nearest",
     test_kernels__halves_are_rounded_to_the_nearest},
    {"test_kernels__mix_of_halves_is_that_of_floats",
     test_kernels__mix_of_halves_is_that_of_floats},
    {"test_kernels__dot_and_axpy_are_their_definitions",
     test_kernels__dot_and_axpy_are_their_definitions},
    {"test_kernels__layer_norm_is_its_definition",
     test_kernels__layer_norm_is_its_definition},
    {"test_kernels__gelu_is_within_its_bound",
     test_kernels__gelu_is_within_its_bound},
    {"test_kernels__centre_takes_the_middle_off",
     test_kernels__centre_takes_the_middle_off},
    {"test_kernels__silu_mul_is_within_its_bound",
     test_kernels__silu_mul_is_within_its_bound},
    {"test_kernels__softmax_is_its_definition",
     test_kernels__softmax_is_its_definition},
    {"test_kernels__rope_turns_adjacent_pairs",
     test_kernels__rope_turns_adjacent_pairs},
    {"test_kernels__all_tables_have_the_same_bits",
     test_kernels__all_tables_have_the_same_bits},
    {"test_kernels__products_and_sums_are_rounded_once",
     test_kernels__products_and_sums_are_rounded_once},
    {"test_kernels__flags_choose_the_table",
     test_kernels__flags_choose_the_table},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"kernels", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
