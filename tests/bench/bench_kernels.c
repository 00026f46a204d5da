/* bench_kernels.c - speed of the matrix products, best of many runs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * usage: bench_kernels [seconds per line, default 0.3]
 *
 * Prints 10^9 multiply-adds per second for every table of loops this machine
 * runs. Not run by ctest. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "asr/base/cpu.h"
#include "asr/nn/attention.h"
#include "asr/nn/kernels.h"

static double now_s(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct bench {
    const heed_kernels *kernels;
    float *x, *w, *y, *scale;
    int8_t *w8;
    uint8_t *packed;
    uint16_t *halves;
    heed_linear_shape shape;
} bench;

static void run_f32(const bench *b)
{
    b->kernels->linear_f32(b->y, b->x, b->w, b->scale, &b->shape);
}

static void run_i8(const bench *b)
{
    b->kernels->linear_i8(b->y, b->x, b->w8, b->scale, b->scale, &b->shape);
}

static void run_packed(const bench *b)
{
    b->kernels->linear_packed(b->y, b->x, b->packed, b->scale, b->scale,
                              &b->shape);
}

/* One head over as many frames of the memory as the shape has outputs. */
static void run_attention(const bench *b)
{
    const heed_attention_shape shape = {
        .n_queries = b->shape.n_rows,
        .n_keys = b->shape.n_out,
        .head_size = b->shape.n_in,
        .row_stride = b->shape.n_in,
    };
    heed_attention_columns(b->y, b->y + shape.n_queries * shape.row_stride,
                           b->x, b->halves, b->halves, &shape, b->kernels);
}

static double best_s(void (*run)(const bench *), const bench *b, double seconds)
{
    double best = 1e9;
    const double end = now_s() + seconds;
    do {
        const double start = now_s();
        run(b);
        const double spent = now_s() - start;
        best = spent < best ? spent : best;
    } while (now_s() < end);
    return best;
}

/* `coarse`: 8 bits of x, not 12. */
static void line(const char *what, void (*run)(const bench *), bench *b,
                 const size_t size[3], bool coarse, double seconds)
{
    b->shape = (heed_linear_shape){
        .n_rows = size[0],
        .n_in = size[1],
        .n_out = size[2],
        .x_stride = size[1],
        .w_stride = size[1],
        .y_stride = size[2],
        .coarse = coarse,
    };
    const double spent = best_s(run, b, seconds);
    const double macs = (double)size[0] * (double)size[1] * (double)size[2] *
                        (run == run_attention ? 2 : 1);
    printf("%-7s %-12s %4zux%4zux%5zu %8.1f GMAC/s %9.1f us\n",
           b->kernels->name, what, size[0], size[1], size[2],
           macs / spent * 1e-9, spent * 1e6);
}

int main(int argc, char **argv)
{
    const double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.3;
    static const char *const levels[] = {"c",    "avx2", "avxvnni", "avx512",
                                         "vnni", "neon", "dotprod", "i8mm"};
    static const size_t products[][3] = {
        {160, 288, 1152}, {40, 288, 1152}, {40, 1152, 288}, {40, 288, 288},
        {16, 400, 288},   {12, 1728, 288}, {1, 288, 288},   {4, 288, 288},
        {1, 288, 2304},   {4, 288, 2304},  {5, 288, 2304},  {1, 288, 16907},
        {4, 288, 16907},  {8, 288, 16907},
    };
    static const size_t heads[][3] = {{4, 36, 400}, {1, 36, 400}};
    const size_t most = 16907u * 1152u;
    bench b = {
        .x = aligned_alloc(64, most * sizeof(float)),
        .w = aligned_alloc(64, most * sizeof(float)),
        .y = aligned_alloc(64, most * sizeof(float)),
        .scale = aligned_alloc(64, most * sizeof(float)),
        .w8 = aligned_alloc(64, most),
        .packed = aligned_alloc(64, most),
        .halves = aligned_alloc(64, most * sizeof(uint16_t)),
    };
    if (!b.x || !b.w || !b.y || !b.scale || !b.w8 || !b.packed || !b.halves)
        return EXIT_FAILURE;
    for (size_t i = 0; i < most; i++) {
        b.x[i] = (float)(i % 7) * 0.1f;
        b.w[i] = (float)(i % 11) * 0.1f;
        b.y[i] = 0.0f;
        b.scale[i] = 0.01f;
        b.w8[i] = (int8_t)(i % 251);
        b.halves[i] = (uint16_t)(0x3c00 + i % 1021); /* 1 to 2 */
    }
    for (size_t l = 0; l < sizeof levels / sizeof levels[0]; l++) {
        b.kernels = heed_kernels_get(
            heed_cpu_flags_masked(heed_cpu_flags(), levels[l]));
        if (strcmp(b.kernels->name, levels[l]) != 0)
            continue;
        for (size_t i = 0; i < sizeof products / sizeof products[0]; i++) {
            line("linear_f32", run_f32, &b, products[i], false, seconds);
            line("linear_i8", run_i8, &b, products[i], false, seconds);
            line("linear_i8, 8", run_i8, &b, products[i], true, seconds);
            if (b.kernels->pack == NULL)
                continue;
            b.kernels->pack(b.packed, b.w8, products[i][1], products[i][2]);
            line("packed", run_packed, &b, products[i], false, seconds);
            line("packed, 8", run_packed, &b, products[i], true, seconds);
        }
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
            line("attention", run_attention, &b, heads[i], false, seconds);
    }
    free(b.x);
    free(b.w);
    free(b.y);
    free(b.scale);
    free(b.w8);
    free(b.packed);
    free(b.halves);
    return EXIT_SUCCESS;
}
