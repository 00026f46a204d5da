/* bench_peak.c - what a core can do at most. SPDX-License-Identifier:
 * Apache-2.0
 *
 * Loops that do nothing but multiply and add in registers, as many at a time
 * as hide how long one takes, with the instructions of the table of loops that
 * is named; and one that reads memory. Where there is none for a table, what
 * the compiler makes of plain C stands for it. */
#include "tools/bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_X86 1
#endif

enum {
    SUMS = 12,      /* at a time */
    ROUNDS = 20000, /* of a call */
    MEMORY_BYTES = 24 << 20
};

/* Results go here, so that no loop is left out. */
static volatile float sink;

/* Each loop returns how many multiply-adds it did. */

static double plain_i8(void)
{
    static int8_t a[SUMS * 64];
    static int8_t b[SUMS * 64];
    int32_t sum = 0;

    a[sink > 2.0F ? 1 : 0] = 1;
    for (int n = 0; n < ROUNDS / 16; n++)
        for (size_t i = 0; i < sizeof a; i++)
            sum += a[i] * (b[i] + n);
    sink = (float)sum;
    return ROUNDS / 16.0 * sizeof a;
}

static double plain_f32(void)
{
    float sum[64] = {0};

    for (int n = 0; n < ROUNDS; n++)
        for (int i = 0; i < 64; i++)
            sum[i] = sum[i] * 0.5F + (float)n;
    sink = sum[0] + sum[63];
    return 64.0 * ROUNDS;
}

#ifdef HAVE_X86
#define TARGET(isa) __attribute__((target(isa)))
#define LOOP        _Pragma("GCC unroll 12") for (int i = 0; i < SUMS; i++)
/* Tells the compiler that the register may have changed. */
#define CHANGE(x) __asm__ volatile("" : "+v"(x))
/* All sums, which the compiler must not take for one. */
#define BEGIN(zero)      \
    LOOP                 \
    {                    \
        sum[i] = (zero); \
        CHANGE(sum[i]);  \
    }

TARGET("avx512f,avx512vnni") static double vnni_i8(void)
{
    __m512i sum[SUMS];
    __m512i x = _mm512_set1_epi32(0x01020304);

    BEGIN(_mm512_setzero_si512());
    for (int n = 0; n < ROUNDS; n++) {
        LOOP sum[i] = _mm512_dpbusd_epi32(sum[i], x, x);
        CHANGE(x);
    }
    LOOP sink += (float)_mm512_reduce_add_epi32(sum[i]);
    return 64.0 * SUMS * ROUNDS;
}

TARGET("avx512f") static double avx512_f32(void)
{
    __m512 sum[SUMS];
    __m512 x = _mm512_set1_ps(0.25F);

    BEGIN(_mm512_setzero_ps());
    for (int n = 0; n < ROUNDS; n++) {
        LOOP sum[i] = _mm512_fmadd_ps(x, x, sum[i]);
        CHANGE(x);
    }
    LOOP sink += _mm512_reduce_add_ps(sum[i]);
    return 16.0 * SUMS * ROUNDS;
}

TARGET("avx512f,avx512bw") static double avx512_i8(void)
{
    __m512i sum[SUMS];
    __m512i x = _mm512_set1_epi32(0x01020304);

    BEGIN(_mm512_setzero_si512());
    for (int n = 0; n < ROUNDS; n++) {
        LOOP sum[i] = _mm512_add_epi32(sum[i], _mm512_madd_epi16(sum[i], x));
        CHANGE(x);
    }
    LOOP sink += (float)_mm512_reduce_add_epi32(sum[i]);
    return 32.0 * SUMS * ROUNDS;
}

TARGET("avx2") static double avx2_i8(void)
{
    __m256i sum[SUMS];
    __m256i x = _mm256_set1_epi32(0x01020304);

    BEGIN(_mm256_setzero_si256());
    for (int n = 0; n < ROUNDS; n++) {
        LOOP sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(sum[i], x));
        CHANGE(x);
    }
    LOOP sink += (float)_mm256_extract_epi32(sum[i], 0);
    return 16.0 * SUMS * ROUNDS;
}

TARGET("avx2,avxvnni") static double avxvnni_i8(void)
{
    __m256i sum[SUMS];
    __m256i x = _mm256_set1_epi32(0x01020304);

    BEGIN(_mm256_setzero_si256());
    for (int n = 0; n < ROUNDS; n++) {
        LOOP sum[i] = _mm256_dpbusd_avx_epi32(sum[i], x, x);
        CHANGE(x);
    }
    LOOP sink += (float)_mm256_extract_epi32(sum[i], 0);
    return 32.0 * SUMS * ROUNDS;
}

TARGET("avx2,fma") static double avx2_f32(void)
{
    __m256 sum[SUMS];
    __m256 x = _mm256_set1_ps(0.25F);

    BEGIN(_mm256_setzero_ps());
    for (int n = 0; n < ROUNDS; n++) {
        LOOP sum[i] = _mm256_fmadd_ps(x, x, sum[i]);
        CHANGE(x);
    }
    LOOP sink += _mm256_cvtss_f32(sum[i]);
    return 8.0 * SUMS * ROUNDS;
}
#endif

/* Bytes that one round over `memory` reads. */
static double read_memory(const uint64_t *memory)
{
    uint64_t sum[8] = {0};

    for (size_t i = 0; i < MEMORY_BYTES / sizeof *memory; i += 8)
        for (size_t k = 0; k < 8; k++)
            sum[k] ^= memory[i + k];
    sink = (float)(sum[0] ^ sum[1] ^ sum[2] ^ sum[3] ^ sum[4] ^ sum[5] ^
                   sum[6] ^ sum[7]);
    return MEMORY_BYTES;
}

static double now_s(void)
{
    struct timespec t = {0, 0};

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The best of many rates of the loop, or of reading `memory`. */
static double best_rate(double (*loop)(void), const uint64_t *memory,
                        double seconds)
{
    const double end_s = now_s() + seconds;
    double best = 0.0;
    double after_s;

    do {
        const double before_s = now_s();
        const double count = loop != NULL ? loop() : read_memory(memory);

        after_s = now_s();
        if (count > best * (after_s - before_s))
            best = count / (after_s - before_s);
    } while (after_s < end_s);
    return best;
}

void cli_bench_measure_peak(cli_bench_peak *out, const char *kernels,
                            double seconds)
{
    double (*i8)(void) = plain_i8;
    double (*f32)(void) = plain_f32;
    uint64_t *memory = calloc(1, MEMORY_BYTES);

#ifdef HAVE_X86
    if (strcmp(kernels, "vnni") == 0)
        i8 = vnni_i8;
    else if (strcmp(kernels, "avx512") == 0)
        i8 = avx512_i8;
    else if (strcmp(kernels, "avxvnni") == 0)
        i8 = avxvnni_i8;
    else if (strcmp(kernels, "avx2") == 0)
        i8 = avx2_i8;
    if (strcmp(kernels, "vnni") == 0 || strcmp(kernels, "avx512") == 0)
        f32 = avx512_f32;
    else if (strncmp(kernels, "avx", 3) == 0)
        f32 = avx2_f32;
#else
    (void)kernels;
#endif
    *out = (cli_bench_peak){.i8_macs = best_rate(i8, NULL, seconds / 3.0),
                            .f32_macs = best_rate(f32, NULL, seconds / 3.0)};
    if (memory != NULL) {
        memset(memory, 1, MEMORY_BYTES);
        out->bytes = best_rate(NULL, memory, seconds / 3.0);
    }
    free(memory);
}

double cli_bench_share(const cli_bench_stage *stage, const cli_bench_peak *peak)
{
    const cli_bench_work *work = &stage->work;
    double least_s =
        work->i8_macs / peak->i8_macs + work->f32_macs / peak->f32_macs;

    if (peak->bytes > 0.0 && work->bytes / peak->bytes > least_s)
        least_s = work->bytes / peak->bytes;
    return stage->factor > 0.0 ? least_s / stage->factor : 0.0;
}
