/* test_linear_i8.c - products with int8 weights, every table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each table is compared with plain C, bit by bit, and with a slow definition
 * that quantises in float, as kernels.h says, and sums in double. Inputs and
 * weights end where readable memory ends, so that a loop that reads past them
 * crashes; outputs have guard values. */
#include "asr/nn/linear_i8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/suites.h"
#include "tests/support/tables.h"

enum { GUARD = 16, SEED = 20240611, MAX_ROWS = 300 };
static const float guard_value = 12345.5f;

static uint32_t random_state;

static uint32_t random_bits(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static float random_float(float limit)
{
    return limit * ((float)random_bits() / 8388608.0f - 1.0f);
}

/* Memory whose last byte is the last of a page that is followed by one that
 * cannot be read. */
typedef struct edge {
    unsigned char *all;
    unsigned char *locked;
    void *begin;
} edge;

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static edge make_edge(size_t n_bytes)
{
    const size_t page = page_bytes();
    const size_t n_pages = (n_bytes + page - 1) / page;
    void *all = NULL;
    edge e;

    CU_ASSERT_FATAL(posix_memalign(&all, page, (n_pages + 1) * page) == 0);
    e.all = all;
    e.locked = e.all + n_pages * page;
    e.begin = e.locked - n_bytes;
    CU_ASSERT_FATAL(mprotect(e.locked, page, PROT_NONE) == 0);
    return e;
}

static void free_edge(edge *e)
{
    CU_ASSERT_FATAL(mprotect(e->locked, page_bytes(), PROT_READ | PROT_WRITE) ==
                    0);
    free(e->all);
}

typedef struct product {
    heed_linear_shape shape;
    edge x_at, w_at, scale_at, packed_at;
    float *x;
    int8_t *w;
    uint8_t *packed;
    float *scale, *bias;
    float *y; /* with GUARD values on both sides */
    size_t n_y;
} product;

/* Elements from the first of row 0 to the last of row n - 1. */
static size_t extent(size_t n, size_t stride, size_t n_values)
{
    return n == 0 ? 0 : (n - 1) * stride + n_values;
}

static product make_product(size_t n_rows, size_t n_in, size_t n_out,
                            size_t slack)
{
    product p = {.shape = {.n_rows = n_rows,
                           .n_in = n_in,
                           .n_out = n_out,
                           .x_stride = n_in + slack,
                           .w_stride = n_in + slack,
                           .y_stride = n_out + slack}};
    const heed_linear_shape *s = &p.shape;
    const size_t n_x = extent(n_rows, s->x_stride, n_in);
    const size_t n_w = extent(n_out, s->w_stride, n_in);

    p.n_y = extent(n_rows, s->y_stride, n_out);
    p.x_at = make_edge(n_x * sizeof(float));
    p.w_at = make_edge(n_w);
    p.scale_at = make_edge(2 * n_out * sizeof(float));
    p.packed_at = make_edge(heed_kernels_packed_bytes(n_in, n_out));
    p.packed = p.packed_at.begin;
    p.x = p.x_at.begin;
    p.w = p.w_at.begin;
    p.bias = p.scale_at.begin;
    p.scale = p.bias + n_out;
    p.y = malloc((p.n_y + 2 * GUARD) * sizeof *p.y);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p.y);
    p.y += GUARD;
    for (size_t i = 0; i < n_x; i++)
        p.x[i] = random_float(1.0f);
    for (size_t i = 0; i < n_w; i++)
        p.w[i] = (int8_t)((int)(random_bits() % 256) - 128);
    for (size_t i = 0; i < n_out; i++) {
        p.scale[i] = random_float(0.02f);
        p.bias[i] = random_float(1.0f);
    }
    return p;
}

static void free_product(product *p)
{
    free_edge(&p->x_at);
    free_edge(&p->w_at);
    free_edge(&p->scale_at);
    free_edge(&p->packed_at);
    free(p->y - GUARD);
}

/* Packs the weights, which lie without gaps there. */
static void pack(const product *p, const heed_kernels *k)
{
    const heed_linear_shape *s = &p->shape;
    int8_t *dense = malloc(s->n_in * s->n_out + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(dense);
    for (size_t o = 0; o < s->n_out; o++)
        memcpy(dense + o * s->n_in, p->w + o * s->w_stride, s->n_in);
    k->pack(p->packed, dense, s->n_in, s->n_out);
    free(dense);
}

/* By rows of weights, or packed where the table does that. */
static void run(const product *p, const heed_kernels *k, bool with_bias,
                bool packed)
{
    for (size_t i = 0; i < p->n_y + 2 * GUARD; i++)
        (p->y - GUARD)[i] = guard_value;
    if (packed) {
        pack(p, k);
        k->linear_packed(p->y, p->x, p->packed, p->scale,
                         with_bias ? p->bias : NULL, &p->shape);
        return;
    }
    k->linear_i8(p->y, p->x, p->w, p->scale, with_bias ? p->bias : NULL,
                 &p->shape);
}

/* Whether what lies around and between the rows of y is as it was. */
static bool guards_hold(const product *p)
{
    const heed_linear_shape *s = &p->shape;
    bool hold = true;
    for (size_t i = 0; i < GUARD; i++)
        hold = hold && (p->y - GUARD)[i] == guard_value &&
               p->y[p->n_y + i] == guard_value;
    for (size_t r = 0; r + 1 < s->n_rows; r++)
        for (size_t o = s->n_out; o < s->y_stride; o++)
            hold = hold && p->y[r * s->y_stride + o] == guard_value;
    return hold;
}

/* The value of y[r][o] by the definition. */
static double defined(const product *p, size_t r, size_t o, bool with_bias)
{
    const heed_linear_shape *s = &p->shape;
    const float *x = p->x + r * s->x_stride;
    const double start = with_bias ? (double)p->bias[o] : 0.0;
    float peak = 0.0f;
    double sum = 0.0;

    for (size_t i = 0; i < s->n_in; i++) {
        if (!isfinite(x[i]))
            return (double)NAN;
        peak = fmaxf(peak, fabsf(x[i]));
    }
    if (peak < 1e-30f)
        return start;
    const float levels = s->coarse ? 127.0f : 2047.0f;
    const float factor = levels / peak;
    for (size_t i = 0; i < s->n_in; i++) {
        const float value = x[i] * factor;
        sum += rint((double)value) * (double)p->w[o * s->w_stride + i];
    }
    return (double)(peak / levels) * (double)p->scale[o] * sum + start;
}

static bool is_defined(const product *p, const heed_kernels *k, bool with_bias)
{
    const heed_linear_shape *s = &p->shape;
    for (size_t r = 0; r < s->n_rows; r++)
        for (size_t o = 0; o < s->n_out; o++) {
            const double y = (double)p->y[r * s->y_stride + o];
            const double wanted = defined(p, r, o, with_bias);
            const double start = with_bias ? (double)p->bias[o] : 0.0;
            const double limit =
                4e-7 * (fabs(wanted - start) + fabs(start)) + 1e-37;
            if (isnan(wanted) ? isnan(y) : fabs(y - wanted) <= limit)
                continue;
            printf("\n%s: %zu x %zu x %zu [%zu][%zu]%s, seed %d: %.9g instead "
                   "of %.9g\n",
                   k->name, s->n_rows, s->n_in, s->n_out, r, o,
                   s->coarse ? " coarse" : "", SEED, y, wanted);
            return false;
        }
    return true;
}

/* All tables against the definition and against the first one. */
static void check_as_is(product *p)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    float *first = malloc((p->n_y + 1) * sizeof *first);

    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    for (int with_bias = 0; with_bias < 2; with_bias++)
        for (size_t t = 0; t < n_tables; t++)
            for (int packed = 0; packed < (all[t]->pack ? 2 : 1); packed++) {
                run(p, all[t], with_bias == 1, packed == 1);
                CU_ASSERT(is_defined(p, all[t], with_bias == 1));
                CU_ASSERT(guards_hold(p));
                if (t == 0 && packed == 0)
                    memcpy(first, p->y, p->n_y * sizeof *first);
                for (size_t i = 0; i < p->n_y; i++)
                    CU_ASSERT(memcmp(first + i, p->y + i, sizeof *first) == 0 ||
                              (isnan(first[i]) && isnan(p->y[i])));
            }
    free(first);
}

/* With 12 bits of x and with 8. */
static void check(product *p)
{
    for (int coarse = 0; coarse < 2; coarse++) {
        p->shape.coarse = coarse == 1;
        check_as_is(p);
    }
}

static void check_size(size_t n_rows, size_t n_in, size_t n_out, size_t slack)
{
    product p = make_product(n_rows, n_in, n_out, slack);
    check(&p);
    free_product(&p);
}

static void test_linear_i8__all_sizes(void)
{
    static const size_t rows[] = {0, 1, 2, 3, 4, 5, 7, 8, 13};
    random_state = SEED;
    for (size_t n_in = 0; n_in <= 130; n_in++)
        check_size(rows[n_in % 9], n_in, 1 + n_in * 7 % 19, n_in % 4);
    for (size_t r = 0; r < 9; r++)
        for (size_t n_out = 0; n_out < 18; n_out++)
            check_size(rows[r], 67 + r, n_out, (r + n_out) % 3);
    check_size(40, 288, 40, 0);
    check_size(9, 1728, 5, 1);
    check_size(7, 2049, 6, 0);
}

static void test_linear_i8__more_rows_than_a_block(void)
{
    random_state = SEED;
    check_size(MAX_ROWS, 5, 3, 0);
    check_size(MAX_ROWS, 288, 9, 1);
    check_size(11, 2500, 4, 0);
    check_size(5, HEED_LINEAR_I8_MAX_IN, 3, 0);
}

static void test_linear_i8__largest_sums_fit(void)
{
    product p = make_product(3, HEED_LINEAR_I8_MAX_IN, 2, 0);
    for (size_t i = 0; i < HEED_LINEAR_I8_MAX_IN; i++) {
        p.w[i] = -128;
        p.w[HEED_LINEAR_I8_MAX_IN + i] = i % 2 ? 127 : -128;
        p.x[i] = -3.0f;
        p.x[HEED_LINEAR_I8_MAX_IN + i] = 3.0f;
        p.x[2 * HEED_LINEAR_I8_MAX_IN + i] = i % 2 ? 3.0f : -3.0f;
    }
    check(&p);
    free_product(&p);
}

static void test_linear_i8__rows_out_of_the_ordinary(void)
{
    static const float special[] = {0.0f,   -0.0f,  1e30f,     -1e38f, 1e-25f,
                                    1e-38f, 1e-45f, -INFINITY, NAN};
    enum { N = sizeof special / sizeof special[0] };
    random_state = SEED;
    for (size_t n_in = 33; n_in < 99; n_in += 13) {
        /* Each value in the last place of its row; the rest of the first rows
         * is random, of the others zero. */
        product p = make_product(2 * (size_t)N, n_in, 17, 0);
        for (size_t r = 0; r < 2 * (size_t)N; r++) {
            float *row = p.x + r * n_in;
            for (size_t i = 0; i < n_in && r >= N; i++)
                row[i] = 0.0f;
            row[n_in - 1] = special[r % N];
        }
        check(&p);
        free_product(&p);
    }
}

static void test_linear_i8__halves_round_to_even(void)
{
    product p = make_product(1, 8, 1, 0);
    static const float x[8] = {2047, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 3};
    static const int8_t place[8] = {0, 1, 10, 100, 1, 10, 100, 0};
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    memcpy(p.x, x, sizeof x);
    p.scale[0] = 1.0f;
    for (int half = 0; half < 4; half++) {
        p.shape.coarse = half >= 2;
        p.x[0] = p.shape.coarse ? 127.0f : 2047.0f;
        for (size_t i = 0; i < 8; i++)
            p.w[i] = (i < 4) == (half % 2 == 0) ? place[i] : 0;
        for (size_t t = 0; t < n_tables; t++)
            for (int packed = 0; packed < (all[t]->pack ? 2 : 1); packed++) {
                run(&p, all[t], false, packed == 1);
                CU_ASSERT_EQUAL(p.y[0], half % 2 ? -220.0f : 220.0f);
            }
    }
    free_product(&p);
}

/* Every y within what half a step of each x makes; all |x| <= 1. */
static void check_near(const product *p)
{
    const heed_linear_shape *s = &p->shape;
    const double half_step = s->coarse ? 0.5 / 127.0 : 0.5 / 2047.0;

    for (size_t r = 0; r < s->n_rows; r++)
        for (size_t o = 0; o < s->n_out; o++) {
            double sum = (double)p->bias[o];
            double limit = 1e-5;
            for (size_t i = 0; i < s->n_in; i++) {
                const double w =
                    (double)p->w[o * s->w_stride + i] * (double)p->scale[o];
                sum += w * (double)p->x[r * s->x_stride + i];
                limit += fabs(w) * half_step;
            }
            CU_ASSERT(fabs((double)p->y[r * s->y_stride + o] - sum) <= limit);
        }
}

static void test_linear_i8__is_near_the_exact_product(void)
{
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    random_state = SEED;
    product p = make_product(6, 288, 20, 0);
    for (size_t t = 0; t < 2 * n_tables; t++) {
        p.shape.coarse = t >= n_tables;
        run(&p, all[t % n_tables], true, false);
        check_near(&p);
    }
    free_product(&p);
}

static void test_linear_i8__rows_may_overlap(void)
{
    random_state = SEED;
    product p = make_product(12, 30, 9, 0);
    p.shape.x_stride = 5;
    check(&p);
    free_product(&p);
}

/* Row number `r` of all rows has the bits that it has alone. */
static void check_alone(const product *p, const heed_kernels *k, size_t r,
                        bool packed)
{
    const heed_linear_shape *s = &p->shape;
    heed_linear_shape one = *s;
    float alone[64];

    one.n_rows = 1;
    if (packed)
        k->linear_packed(alone, p->x + r * s->x_stride, p->packed, p->scale,
                         p->bias, &one);
    else
        k->linear_i8(alone, p->x + r * s->x_stride, p->w, p->scale, p->bias,
                     &one);
    CU_ASSERT_EQUAL(
        memcmp(alone, p->y + r * s->y_stride, s->n_out * sizeof *alone), 0);
}

static void test_linear_i8__row_is_the_same_alone(void)
{
    static const size_t shapes[][2] = {{288, 37}, {36, 61}, {2049, 6},
                                       {400, 16}, {7, 3},   {1, 1}};
    const heed_kernels *all[MAX_TABLES];
    const size_t n_tables = tables(all);
    random_state = SEED;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        product p = make_product(40, shapes[i][0], shapes[i][1], 0);
        for (size_t t = 0; t < 4 * n_tables; t++) {
            const heed_kernels *k = all[t / 4];
            const bool packed = t % 2 == 1;
            p.shape.coarse = t % 4 >= 2;
            if (packed && k->pack == NULL)
                continue;
            for (p.shape.n_rows = 40; p.shape.n_rows > 3; p.shape.n_rows -= 3) {
                run(&p, k, true, packed);
                check_alone(&p, k, p.shape.n_rows - 1, packed);
            }
        }
        free_product(&p);
    }
}

static CU_TestInfo tests[] = {
    {"test_linear_i8__all_sizes", test_linear_i8__all_sizes},
    {"test_linear_i8__more_rows_than_a_block",
     test_linear_i8__more_rows_than_a_block},
    {"test_linear_i8__largest_sums_fit", test_linear_i8__largest_sums_fit},
    {"test_linear_i8__rows_out_of_the_ordinary",
     test_linear_i8__rows_out_of_the_ordinary},
    {"test_linear_i8__halves_round_to_even",
     test_linear_i8__halves_round_to_even},
    {"test_linear_i8__is_near_the_exact_product",
     test_linear_i8__is_near_the_exact_product},
    {"test_linear_i8__rows_may_overlap", test_linear_i8__rows_may_overlap},
    {"test_linear_i8__row_is_the_same_alone",
     test_linear_i8__row_is_the_same_alone},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"linear_i8", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
