/* test_encoder.c - chunks against one masked pass over everything.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/encoder.h"

#include <math.h>
#include <string.h>

#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

enum {
    N = 96,
    W = TINY_WIDTH,
    OUT = 2 * W, /* a row of memory and a row of spelling */
    MAX_ROWS = N,
    MAX_KEYS = 3 * N,
    HIDDEN = 64
};

static heed_model *model;
static heed_arena arena;
static heed_encoder encoder;
static float input[N * W];

static void lay_out(void *user, heed_arena *at)
{
    (void)user;
    heed_encoder_init(&encoder, &model->encoder, MAX_ROWS, model->kernels, at);
}

static int setup(void)
{
    const tiny_model_config config = {.seed = 21};

    if (tiny_model_open(&model, &config, NULL) != HEED_OK)
        return -1;
    arena_twice(&arena, lay_out, NULL);
    heed_test_fill_noise(input, N * W, 2.0F, 3);
    return 0;
}

static int teardown(void)
{
    heed_arena_deinit(&arena);
    heed_model_close(model);
    return 0;
}

/* Encodes a chunk; `out` gets the main frames' rows of both outputs. */
static void run_chunk(float *out, const float *in, size_t n_main,
                      size_t n_ahead)
{
    static float memory[MAX_ROWS * W];
    static float spelling[MAX_ROWS * W];

    heed_encoder_run(&encoder, memory, spelling, in, n_main, n_ahead);
    for (size_t t = 0; t < n_main; t++) {
        memcpy(out + t * OUT, memory + t * W, W * sizeof(float));
        memcpy(out + t * OUT + W, spelling + t * W, W * sizeof(float));
    }
}

/* Encodes all frames in chunks, from the beginning. */
static void run(float *out, const float *in, size_t chunk, size_t ahead)
{
    heed_encoder_reset(&encoder);
    for (size_t t = 0; t < N; t += chunk) {
        const size_t n_main = N - t < chunk ? N - t : chunk;
        const size_t rest = N - t - n_main;

        run_chunk(out + t * OUT, in + t * W, n_main,
                  rest < ahead ? rest : ahead);
    }
}

/* ---- The reference: one pass, who sees whom as a mask ---------------- */

/* The rows are all main frames, then every chunk's copies. */
typedef struct masked_row {
    size_t position;
    size_t chunk;
    bool copy;
} masked_row;

static masked_row rows[MAX_KEYS];
static size_t n_rows;

/* Returns whether row `a` sees row `b`: its own chunk and copies, and the last
 * left_frames main frames before its chunk. */
static bool sees(size_t a, size_t b, size_t chunk, size_t left)
{
    if (rows[b].chunk == rows[a].chunk)
        return true;
    if (rows[b].copy || rows[b].chunk > rows[a].chunk)
        return false;
    return rows[b].position + left >= rows[a].chunk * chunk;
}

static void list_rows(size_t chunk, size_t ahead)
{
    n_rows = 0;
    for (size_t t = 0; t < N; t++)
        rows[n_rows++] = (masked_row){t, t / chunk, false};
    for (size_t c = 0; c * chunk < N; c++)
        for (size_t t = (c + 1) * chunk; t < (c + 1) * chunk + ahead && t < N;
             t++) {
            CU_ASSERT_FATAL(n_rows < MAX_KEYS);
            rows[n_rows++] = (masked_row){t, c, true};
        }
}

static void multiply(double *y, const heed_linear *w, const double *x)
{
    for (size_t o = 0; o < w->n_out; o++) {
        y[o] = w->bias != NULL ? (double)w->bias[o] : 0.0;
        for (size_t i = 0; i < w->n_in; i++)
            y[o] += (double)w->f32[o * w->n_in + i] * x[i];
    }
}

static void layer_norm(double *y, const double *x, const heed_norm *norm)
{
    double mean = 0.0;
    double variance = 0.0;

    for (size_t i = 0; i < W; i++)
        mean += x[i] / W;
    for (size_t i = 0; i < W; i++)
        variance += (x[i] - mean) * (x[i] - mean) / W;
    for (size_t i = 0; i < W; i++)
        y[i] = (x[i] - mean) / sqrt(variance + (double)norm->eps) *
               (double)norm->weight[i];
}

static void rotate(double *x, size_t position)
{
    const heed_attention_sizes *s = &model->encoder.sizes;
    const size_t n_pairs = s->n_rotary / 2;

    for (size_t h = 0; h < s->n_heads; h++)
        for (size_t i = 0; i < n_pairs; i++) {
            double *pair = x + h * s->head_size + 2 * i;
            const double angle =
                (double)position *
                pow(s->rope_base, -(double)i / (double)n_pairs);
            const double a = pair[0];

            pair[0] = a * cos(angle) - pair[1] * sin(angle);
            pair[1] = a * sin(angle) + pair[1] * cos(angle);
        }
}

static double x[MAX_KEYS][W], q[MAX_KEYS][W], k[MAX_KEYS][W], v[MAX_KEYS][W];

static void attend(double *out, size_t a, size_t chunk)
{
    const heed_attention_sizes *s = &model->encoder.sizes;

    for (size_t h = 0; h < s->n_heads; h++) {
        const size_t at = h * s->head_size;
        double sum = 0.0;

        for (size_t i = 0; i < s->head_size; i++)
            out[at + i] = 0.0;
        for (size_t b = 0; b < n_rows; b++) {
            double dot = 0.0;

            if (!sees(a, b, chunk, model->encoder.left_frames))
                continue;
            for (size_t i = 0; i < s->head_size; i++)
                dot += q[a][at + i] * k[b][at + i];

            const double p = exp(dot / sqrt((double)s->head_size));

            sum += p;
            for (size_t i = 0; i < s->head_size; i++)
                out[at + i] += p * v[b][at + i];
        }
        for (size_t i = 0; i < s->head_size; i++)
            out[at + i] /= sum;
    }
}

static void reference_layer(const heed_encoder_layer *layer, size_t chunk)
{
    double normed[W];
    double mixed[W];
    double hidden[HIDDEN];
    double y[W];

    CU_ASSERT_FATAL(model->encoder.n_hidden <= HIDDEN);
    for (size_t r = 0; r < n_rows; r++) {
        layer_norm(normed, x[r], &layer->attn_norm);
        multiply(q[r], &layer->attn.q, normed);
        multiply(k[r], &layer->attn.k, normed);
        multiply(v[r], &layer->attn.v, normed);
        rotate(q[r], rows[r].position);
        rotate(k[r], rows[r].position);
    }
    for (size_t r = 0; r < n_rows; r++) {
        attend(mixed, r, chunk);
        multiply(y, &layer->attn.o, mixed);
        for (size_t i = 0; i < W; i++)
            x[r][i] += y[i];
        layer_norm(normed, x[r], &layer->ffn_norm);
        multiply(hidden, &layer->fc1, normed);
        for (size_t i = 0; i < layer->fc1.n_out; i++)
            hidden[i] *= 0.5 * (1.0 + erf(hidden[i] / sqrt(2.0)));
        multiply(y, &layer->fc2, hidden);
        for (size_t i = 0; i < W; i++)
            x[r][i] += y[i];
    }
}

/* Largest difference between rows OUT apart and the main rows of x. */
static double worst_row(const float *ours, const heed_norm *norm)
{
    double worst = 0.0;

    for (size_t t = 0; t < N; t++) {
        double y[W];

        layer_norm(y, x[t], norm);
        for (size_t i = 0; i < W; i++)
            worst = fmax(worst, fabs(y[i] - (double)ours[t * OUT + i]));
    }
    return worst;
}

/* Largest difference between the streamed main frames and the reference. */
static double distance(size_t chunk, size_t ahead)
{
    static float ours[N * OUT];
    static double branch[MAX_KEYS][W];
    const heed_encoder_weights *weights = &model->encoder;
    double worst = 0.0;

    run(ours, input, chunk, ahead);
    list_rows(chunk, ahead);
    for (size_t r = 0; r < n_rows; r++)
        for (size_t i = 0; i < W; i++)
            x[r][i] = (double)input[rows[r].position * W + i];
    for (size_t l = 0; l < weights->n_layers; l++) {
        reference_layer(&weights->layers[l], chunk);
        if (l + 1 == weights->branch_layer)
            memcpy(branch, x, sizeof(x));
    }
    worst = worst_row(ours, &weights->norm);
    memcpy(x, branch, sizeof(x));
    reference_layer(&weights->branch, chunk);
    return fmax(worst, worst_row(ours + W, &weights->branch_norm));
}

static void test_encoder__chunks_equal_a_masked_pass(void)
{
    /* Past (24 frames), chunks and copies in all their ratios. Keys, values and
     * queries are rounded to 12 bits; one key too few shows. */
    CU_ASSERT(distance(8, 0) < 0.015);
    CU_ASSERT(distance(8, 4) < 0.015);
    CU_ASSERT(distance(12, 20) < 0.015);
    CU_ASSERT(distance(7, 5) < 0.015);
    CU_ASSERT(distance(32, 8) < 0.015);
    CU_ASSERT(distance(40, 40) < 0.015);
    CU_ASSERT(distance(N, 0) < 0.015);
}

/* ---- Properties, bit for bit ----------------------------------------- */

static void test_encoder__nothing_after_the_lookahead_matters(void)
{
    enum { CHUNK = 8, AHEAD = 5, CHANGED = 53 };
    static float other[N * W];
    static float a[N * OUT];
    static float b[N * OUT];

    memcpy(other, input, sizeof(other));
    heed_test_fill_noise(other + CHANGED * W, (N - CHANGED) * W, 2.0F, 77);
    run(a, input, CHUNK, AHEAD);
    run(b, other, CHUNK, AHEAD);
    /* The chunk 40-47 hears up to frame 52, the next one up to 60. */
    CU_ASSERT_EQUAL(memcmp(a, b, 48 * OUT * sizeof(float)), 0);
    for (size_t t = 48; t < 56; t++)
        CU_ASSERT_NOT_EQUAL(
            memcmp(a + t * OUT, b + t * OUT, OUT * sizeof(float)), 0);
}

static void test_encoder__copies_leave_nothing_behind(void)
{
    enum { CHUNK = 8, AHEAD = 5 };
    static float a[N * OUT];
    static float b[N * OUT];
    static float unused[OUT];

    run(a, input, CHUNK, AHEAD);
    heed_encoder_reset(&encoder);
    for (size_t t = 0; t < N; t += CHUNK) {
        const size_t rest = N - CHUNK - t;

        run_chunk(unused, input + t * W, 0, CHUNK);
        run_chunk(b + t * OUT, input + t * W, CHUNK,
                  rest < AHEAD ? rest : AHEAD);
    }
    CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
}

static void test_encoder__the_past_is_bounded(void)
{
    enum { CHUNK = 8 };
    const size_t reach = model->encoder.n_layers * TINY_LEFT_FRAMES;
    static float longer[4 * N * W];
    static float other[4 * N * W];
    float a[CHUNK * OUT];
    float b[CHUNK * OUT];

    heed_test_fill_noise(longer, 4 * N * W, 2.0F, 31);
    memcpy(other, longer, sizeof(other));
    /* All that is further back than every layer's past reaches together. */
    heed_test_fill_noise(other, (4 * N - CHUNK - reach - CHUNK) * W, 2.0F, 32);
    heed_encoder_reset(&encoder);
    for (size_t t = 0; t < 4 * (size_t)N; t += CHUNK) {
        run_chunk(a, longer + t * W, CHUNK, 0);
        CU_ASSERT(encoder.n_left <= TINY_LEFT_FRAMES);
        CU_ASSERT_EQUAL(encoder.position, t + CHUNK);
    }
    CU_ASSERT_EQUAL(encoder.n_left, TINY_LEFT_FRAMES);
    heed_encoder_reset(&encoder);
    for (size_t t = 0; t < 4 * (size_t)N; t += CHUNK)
        run_chunk(b, other + t * W, CHUNK, 0);
    CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
}

static void test_encoder__only_relative_positions_count(void)
{
    enum { CHUNK = 8 };
    static float early[N * OUT];
    static float late[N * OUT];
    float worst = 0.0F;

    run(early, input, CHUNK, 0);
    /* Turned otherwise, keys and queries are rounded otherwise.
     * The same again, a day (3.6 million frames) later. */
    heed_encoder_reset(&encoder);
    encoder.position = 3600000;
    for (size_t t = 0; t < N; t += CHUNK)
        run_chunk(late + t * OUT, input + t * W, CHUNK, 0);
    for (size_t i = 0; i < (size_t)N * OUT; i++)
        worst = fmaxf(worst, fabsf(early[i] - late[i]));
    CU_ASSERT(worst < 0.015F);
}

static void test_encoder__reset_equals_new(void)
{
    static float first[N * OUT];
    static float second[N * OUT];

    run(first, input, 8, 5);
    CU_ASSERT(encoder.n_left > 0);
    run(second, input, 8, 5);
    CU_ASSERT_EQUAL(memcmp(first, second, sizeof(first)), 0);
}

static void test_encoder__copies_leave_no_trace(void)
{
    enum { CHUNK = 8 };
    float plain[CHUNK * OUT];
    float heard[CHUNK * OUT];
    heed_encoder *e = &encoder;

    /* Places of the past that no main frame has come to are not looked at. */
    heed_encoder_reset(e);
    run_chunk(plain, input, CHUNK, CHUNK);

    const size_t n_left = e->n_left;

    run_chunk(plain, input + CHUNK * W, CHUNK, 0);
    CU_ASSERT_EQUAL(n_left, CHUNK);
    heed_encoder_reset(e);
    run_chunk(heard, input, CHUNK, CHUNK);
    for (size_t l = 0; l <= model->encoder.n_layers; l++) {
        const size_t size = model->encoder.sizes.head_size;
        const size_t n = TINY_LEFT_FRAMES - CHUNK;

        for (size_t i = 0; i < n; i++) {
            const size_t at = l * TINY_LEFT_FRAMES + CHUNK + i;

            e->past.key_steps[at] = e->past.value_steps[at] = NAN;
        }
        for (size_t h = 0; h < W / size; h++) {
            const size_t at =
                (l * W / size + h) * TINY_LEFT_FRAMES * size + CHUNK * size;

            for (size_t i = 0; i < n * size; i++)
                e->past.keys[at + i] = e->past.values[at + i] = INT16_MAX;
        }
    }
    run_chunk(heard, input + CHUNK * W, CHUNK, 0);
    CU_ASSERT_EQUAL(memcmp(plain, heard, sizeof(plain)), 0);
}

static CU_TestInfo tests[] = {
    {"chunks equal a masked pass", test_encoder__chunks_equal_a_masked_pass},
    {"nothing after the look-ahead matters",
     test_encoder__nothing_after_the_lookahead_matters},
    {"copies leave nothing behind", test_encoder__copies_leave_nothing_behind},
    {"the past is bounded", test_encoder__the_past_is_bounded},
    {"only relative positions count",
     test_encoder__only_relative_positions_count},
    {"reset equals new", test_encoder__reset_equals_new},
    {"copies leave no trace", test_encoder__copies_leave_no_trace},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"encoder", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
