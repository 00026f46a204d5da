/* test_stem.c - cepstra to encoder frames in batches of any size.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/stem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/cpu.h"
#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

enum { N_FRAMES = 40, N_CEPSTRA_ROWS = 3 * N_FRAMES + 4, MAX_BATCH = N_FRAMES };

static heed_model *model;
static heed_arena arena;
static heed_stem stem;
static float cepstra[N_CEPSTRA_ROWS * TINY_CEPSTRA];

static void lay_out(void *user, heed_arena *at)
{
    heed_stem_init(&stem, &model->stem, *(const size_t *)user, model->kernels,
                   at);
}

static void begin(bool quantised, size_t max_frames)
{
    const tiny_model_config config = {.seed = 4, .quantised = quantised};

    CU_ASSERT_EQUAL_FATAL(tiny_model_open(&model, &config, NULL), HEED_OK);
    arena_twice(&arena, lay_out, &max_frames);
    heed_stem_reset(&stem);
    heed_test_fill_noise(cepstra, N_CEPSTRA_ROWS * TINY_CEPSTRA, 2.0F, 9);
}

static void end(void)
{
    heed_arena_deinit(&arena);
    heed_model_close(model);
}

/* Feeds all cepstra and runs as soon as `batch` frames are ready, and at the
 * end. Batches of 0: of random sizes. */
static void run(float *out, size_t batch)
{
    uint32_t seed = 17;
    size_t n = 0;

    for (size_t i = 0; i < N_CEPSTRA_ROWS; i++) {
        const size_t wanted =
            batch > 0 ? batch
                      : 1 + (size_t)(4.0F * (heed_test_noise(&seed) + 1.0F));

        heed_stem_feed(&stem, cepstra + i * TINY_CEPSTRA);

        const size_t ready = heed_stem_ready(&stem);
        const bool last = i + 1 == N_CEPSTRA_ROWS;

        if (ready > 0 && (ready >= wanted || last)) {
            /* Not always all of them. */
            const size_t some =
                batch > 0 || last || ready == 1 ? ready : ready - 1;

            heed_stem_run(&stem, out + n * TINY_WIDTH, some);
            n += some;
        }
    }
    CU_ASSERT_EQUAL(n, N_FRAMES);
}

static void check_batches(bool quantised)
{
    static const size_t batches[] = {1, 2, 3, 7, 16, 39, 0};
    static float whole[N_FRAMES * TINY_WIDTH];
    static float pieces[N_FRAMES * TINY_WIDTH];

    begin(quantised, MAX_BATCH);
    run(whole, N_FRAMES);
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
        heed_stem_reset(&stem);
        run(pieces, batches[i]);
        CU_ASSERT_EQUAL(memcmp(whole, pieces, sizeof(whole)), 0);
    }
    end();
}

static void test_stem__batches_change_no_bit(void)
{
    check_batches(false);
}

static void test_stem__int8_batches_change_no_bit(void)
{
    check_batches(true);
}

static void test_stem__one_frame_of_room_is_enough(void)
{
    static float whole[N_FRAMES * TINY_WIDTH];
    static float pieces[N_FRAMES * TINY_WIDTH];

    begin(false, MAX_BATCH);
    run(whole, N_FRAMES);
    end();
    begin(false, 1);
    run(pieces, 1);
    CU_ASSERT_EQUAL(memcmp(whole, pieces, sizeof(whole)), 0);
    end();
}

static void test_stem__ready_counts_the_stride_and_the_reach(void)
{
    begin(false, MAX_BATCH);
    for (size_t i = 0; i < N_CEPSTRA_ROWS; i++) {
        CU_ASSERT_EQUAL(heed_stem_ready(&stem), i < 4 ? 0 : (i - 4) / 3);
        heed_stem_feed(&stem, cepstra + i * TINY_CEPSTRA);
    }
    end();
}

static void test_stem__reset_equals_new(void)
{
    static float first[N_FRAMES * TINY_WIDTH];
    static float second[N_FRAMES * TINY_WIDTH];

    begin(false, MAX_BATCH);
    run(first, 5);
    heed_stem_feed(&stem, cepstra);
    heed_stem_reset(&stem);
    CU_ASSERT_EQUAL(heed_stem_ready(&stem), 0);
    run(second, 5);
    CU_ASSERT_EQUAL(memcmp(first, second, sizeof(first)), 0);
    end();
}

/* ---- The definition, slowly ------------------------------------------ */

static double gelu(double x)
{
    return x / 2.0 * (1.0 + erf(x / sqrt(2.0)));
}

/* One frame of a convolution with tap-major weights; `in` begins at its first
 * tap. */
static void convolve(double *out, const double *in, const heed_conv *of)
{
    const heed_linear *conv = &of->linear;

    for (size_t o = 0; o < conv->n_out; o++) {
        double sum = (double)conv->bias[o];

        for (size_t i = 0; i < conv->n_in; i++)
            sum += (double)conv->f32[o * conv->n_in + i] * in[i];
        out[o] = gelu(sum);
    }
}

static void test_stem__frames_equal_the_definition(void)
{
    enum { MAX_WIDTH = 32 };
    static double input[N_CEPSTRA_ROWS * TINY_CEPSTRA];
    static double hidden0[3 * N_FRAMES * MAX_WIDTH];
    static double hidden1[(N_FRAMES + 2) * MAX_WIDTH];
    static float ours[N_FRAMES * TINY_WIDTH];
    double theirs[MAX_WIDTH];

    begin(false, MAX_BATCH);
    run(ours, N_FRAMES);

    const heed_conv *conv = model->stem.conv;
    const size_t width0 = conv[0].linear.n_out;
    const size_t width1 = conv[1].linear.n_out;

    CU_ASSERT_FATAL(width0 <= MAX_WIDTH && width1 <= MAX_WIDTH);
    for (size_t i = 0; i < N_CEPSTRA_ROWS * TINY_CEPSTRA; i++)
        input[i] = (double)cepstra[i];
    for (size_t t = 0; t < 3 * (size_t)N_FRAMES; t++)
        convolve(hidden0 + t * width0, input + t * TINY_CEPSTRA, &conv[0]);
    for (size_t t = 0; t < N_FRAMES; t++)
        convolve(hidden1 + (t + 2) * width1, hidden0 + 3 * t * width0,
                 &conv[1]);
    for (size_t t = 0; t < N_FRAMES; t++) {
        convolve(theirs, hidden1 + t * width1, &conv[2]);
        for (size_t i = 0; i < TINY_WIDTH; i++)
            CU_ASSERT_DOUBLE_EQUAL((double)ours[t * TINY_WIDTH + i], theirs[i],
                                   1e-5 * (1.0 + fabs(theirs[i])));
    }
    end();
}

static CU_TestInfo tests[] = {
    {"batches change no bit", test_stem__batches_change_no_bit},
    {"int8 batches change no bit", test_stem__int8_batches_change_no_bit},
    {"one frame of room is enough", test_stem__one_frame_of_room_is_enough},
    {"ready counts the stride and the reach",
     test_stem__ready_counts_the_stride_and_the_reach},
    {"reset equals new", test_stem__reset_equals_new},
    {"frames equal the definition", test_stem__frames_equal_the_definition},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"stem", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
