/* test_decoder.c - tokens one by one and together, lanes, memory in pieces.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/decoder.h"

#include <math.h>
#include <string.h>

#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

enum {
    N_LANES = 3,
    MAX_TOKENS = 20,
    MAX_FRAMES = 50,
    W = TINY_WIDTH,
    V = TINY_VOCABULARY
};

static heed_model *model;
static heed_arena arena;
static heed_decoder decoder;
static float memory[MAX_FRAMES * W];

static void lay_out(void *user, heed_arena *at)
{
    const heed_decoder_limits limits = {.n_lanes = N_LANES,
                                        .max_rows = MAX_TOKENS,
                                        .max_tokens = MAX_TOKENS,
                                        .max_frames = MAX_FRAMES};

    (void)user;
    heed_decoder_init(&decoder, &model->decoder, &limits, model->kernels, at);
}

static void begin(bool quantised)
{
    const tiny_model_config config = {.seed = 8, .quantised = quantised};

    CU_ASSERT_EQUAL_FATAL(tiny_model_open(&model, &config, NULL), HEED_OK);
    arena_twice(&arena, lay_out, NULL);
    heed_test_fill_noise(memory, MAX_FRAMES * W, 2.0F, 5);
    heed_decoder_set_memory(&decoder, 0, memory, MAX_FRAMES);
}

static void end(void)
{
    heed_arena_deinit(&arena);
    heed_model_close(model);
}

/* A token sequence that is the same everywhere. */
static uint32_t token_at(size_t i)
{
    return (uint32_t)((7 * i + 1) % V);
}

static void step(float *logits, size_t lane, size_t position, uint32_t token,
                 size_t n_frames)
{
    const heed_decoder_row row = {
        .lane = lane, .position = position, .token = token};

    heed_decoder_run(&decoder, logits, &row, 1, n_frames);
}

static void step_all(float *logits, size_t first, size_t n_frames)
{
    for (size_t i = first; i < MAX_TOKENS; i++)
        step(logits + i * V, 0, i, token_at(i), n_frames);
}

static void check_going_back(bool quantised)
{
    static float first[MAX_TOKENS * V];
    static float again[MAX_TOKENS * V];
    float other[V];

    begin(quantised);
    step_all(first, 0, MAX_FRAMES);
    memcpy(again, first, sizeof(again));
    for (size_t back = MAX_TOKENS; back-- > 0;) {
        memset(again + back * V, 0, (MAX_TOKENS - back) * V * sizeof(float));
        /* A branch that is given up. */
        step(other, 0, back, (token_at(back) + 3) % V, 9);
        step_all(again, back, MAX_FRAMES);
        CU_ASSERT_EQUAL(memcmp(first, again, sizeof(first)), 0);
    }
    end();
}

static void test_decoder__going_back_changes_no_bit(void)
{
    check_going_back(false);
}

static void test_decoder__going_back_int8_changes_no_bit(void)
{
    check_going_back(true);
}

/* Rows of one text and of several in one run give the bits of single steps. */
static void test_decoder__rows_together_equal_steps(void)
{
    static float steps[MAX_TOKENS * V];
    static float together[MAX_TOKENS * V];
    static float attention[MAX_TOKENS][MAX_FRAMES];

    for (int quantised = 0; quantised < 2; quantised++) {
        heed_decoder_row rows[MAX_TOKENS];

        begin(quantised);
        for (size_t i = 0; i < MAX_TOKENS; i++) {
            step(steps + i * V, 0, i, token_at(i), 40);
            memcpy(attention[i], decoder.attention, sizeof(attention[i]));
            rows[i] = (heed_decoder_row){1, i, token_at(i)};
        }
        heed_decoder_run(&decoder, together, rows, MAX_TOKENS, 40);
        CU_ASSERT_EQUAL(memcmp(steps, together, sizeof(steps)), 0);
        for (size_t i = 0; i < MAX_TOKENS; i++)
            CU_ASSERT_EQUAL(memcmp(attention[i],
                                   decoder.attention + i * MAX_FRAMES,
                                   40 * sizeof(float)),
                            0);
        /* The same text in two lanes, and another beside it. */
        for (size_t i = 0; i < MAX_TOKENS; i++) {
            const heed_decoder_row mixed[3] = {{2, i, token_at(i)},
                                               {1, i, token_at(i + 5)},
                                               {0, i, token_at(i)}};

            heed_decoder_run(&decoder, together, mixed, 3, 40);
            CU_ASSERT_EQUAL(memcmp(steps + i * V, together, V * sizeof(float)),
                            0);
            CU_ASSERT_EQUAL(
                memcmp(steps + i * V, together + 2 * V, V * sizeof(float)), 0);
            CU_ASSERT_NOT_EQUAL(
                memcmp(steps + i * V, together + V, V * sizeof(float)), 0);
        }
        end();
    }
}

static void test_decoder__copied_lane_goes_on_alike(void)
{
    static float own[MAX_TOKENS * V];
    float other[V];

    begin(false);
    step_all(own, 0, 40);
    /* The same first four tokens, then others. */
    for (size_t i = 0; i < 9; i++)
        step(other, 2, i, i < 4 ? token_at(i) : token_at(i + 1), 40);
    step(other, 2, 9, token_at(9), 40);
    CU_ASSERT_NOT_EQUAL(memcmp(own + (size_t)9 * V, other, sizeof(other)), 0);
    heed_decoder_copy(&decoder, 2, 0, 4, 9);
    step(other, 2, 9, token_at(9), 40);
    CU_ASSERT_EQUAL(memcmp(own + (size_t)9 * V, other, sizeof(other)), 0);
    end();
}

static void test_decoder__memory_in_pieces_equals_at_once(void)
{
    static const size_t pieces[] = {1, 3, 16, 49};
    static float whole[MAX_TOKENS * V];
    static float parts[MAX_TOKENS * V];

    for (int quantised = 0; quantised < 2; quantised++) {
        begin(quantised);
        step_all(whole, 0, MAX_FRAMES);
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
            static float rubbish[MAX_FRAMES * W];

            heed_test_fill_noise(rubbish, MAX_FRAMES * W, 9.0F, 6);
            heed_decoder_set_memory(&decoder, 0, rubbish, MAX_FRAMES);
            for (size_t t = 0; t < MAX_FRAMES; t += pieces[i]) {
                const size_t rest = MAX_FRAMES - t;

                heed_decoder_set_memory(&decoder, t, memory + t * W,
                                        rest < pieces[i] ? rest : pieces[i]);
            }
            heed_decoder_set_memory(&decoder, MAX_FRAMES, NULL, 0);
            step_all(parts, 0, MAX_FRAMES);
            CU_ASSERT_EQUAL(memcmp(whole, parts, sizeof(whole)), 0);
        }
        end();
    }
}

static void test_decoder__frames_beyond_the_count_are_not_seen(void)
{
    static float one[MAX_TOKENS * V];
    static float two[MAX_TOKENS * V];
    static float rubbish[MAX_FRAMES * W];

    begin(false);
    step_all(one, 0, 20);
    for (size_t i = 0; i < (size_t)MAX_FRAMES * W; i++)
        rubbish[i] = NAN;
    heed_decoder_set_memory(&decoder, 20, rubbish, MAX_FRAMES - 20);
    step_all(two, 0, 20);
    CU_ASSERT_EQUAL(memcmp(one, two, sizeof(one)), 0);
    /* One frame more does matter. */
    heed_decoder_set_memory(&decoder, 20, memory + (size_t)20 * W, 1);
    step_all(two, 0, 21);
    CU_ASSERT_NOT_EQUAL(memcmp(one, two, sizeof(one)), 0);
    end();
}

static void test_decoder__attention_is_a_distribution(void)
{
    float logits[V];

    begin(false);
    for (size_t i = 0; i < MAX_TOKENS; i++) {
        double sum = 0.0;

        step(logits, 0, i, token_at(i), 33);
        for (size_t t = 0; t < 33; t++) {
            CU_ASSERT(decoder.attention[t] >= 0.0F);
            sum += (double)decoder.attention[t];
        }
        CU_ASSERT_DOUBLE_EQUAL(sum, 1.0, 1e-5);
    }
    end();
}

/* ---- The definition, slowly ------------------------------------------ */

static double keys[2][MAX_TOKENS][W], values[2][MAX_TOKENS][W];

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
    const heed_attention_sizes *s = &model->decoder.sizes;
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

/* x += W_o softmax(q k / sqrt(d)) v */
static void attend(double *x, const heed_linear *output, const double *q,
                   const double (*k)[W], const double (*v)[W], size_t n)
{
    const heed_attention_sizes *s = &model->decoder.sizes;
    double mixed[W] = {0.0};
    double y[W];

    for (size_t h = 0; h < s->n_heads; h++) {
        const size_t at = h * s->head_size;
        double sum = 0.0;

        for (size_t t = 0; t < n; t++) {
            double dot = 0.0;

            for (size_t i = at; i < at + s->head_size; i++)
                dot += q[i] * k[t][i];

            const double p = exp(dot / sqrt((double)s->head_size));

            sum += p;
            for (size_t i = at; i < at + s->head_size; i++)
                mixed[i] += p * v[t][i];
        }
        for (size_t i = at; i < at + s->head_size; i++)
            mixed[i] /= sum;
    }
    multiply(y, output, mixed);
    for (size_t i = 0; i < W; i++)
        x[i] += y[i];
}

/* IEEE binary16, as the decoder keeps what it knows of the memory. */
static void round_halves(double *y)
{
    for (size_t i = 0; i < W; i++) {
        int exponent;
        const double fraction = frexp(y[i], &exponent);
        const int last = exponent > -13 ? 11 : exponent + 24; /* bits */
        y[i] = ldexp(rint(ldexp(fraction, last)), exponent - last);
    }
}

static void reference_layer(double *x, size_t l, size_t position,
                            size_t n_frames)
{
    enum { HIDDEN = 64 };
    static double cross_k[MAX_FRAMES][W];
    static double cross_v[MAX_FRAMES][W];
    const heed_decoder_layer *layer = &model->decoder.layers[l];
    const size_t n_hidden = model->decoder.n_hidden;
    double hidden[2 * HIDDEN];
    double normed[W];
    double q[W];
    double y[W];

    CU_ASSERT_FATAL(n_hidden <= HIDDEN);
    layer_norm(normed, x, &layer->self_norm);
    multiply(q, &layer->self.q, normed);
    multiply(keys[l][position], &layer->self.k, normed);
    multiply(values[l][position], &layer->self.v, normed);
    rotate(q, position);
    rotate(keys[l][position], position);
    attend(x, &layer->self.o, q, (const double(*)[W])keys[l],
           (const double(*)[W])values[l], position + 1);

    layer_norm(normed, x, &layer->cross_norm);
    multiply(q, &layer->cross.q, normed);
    for (size_t t = 0; t < n_frames; t++) {
        for (size_t i = 0; i < W; i++)
            y[i] = (double)memory[t * W + i];
        multiply(cross_k[t], &layer->cross.k, y);
        multiply(cross_v[t], &layer->cross.v, y);
        round_halves(cross_k[t]);
        round_halves(cross_v[t]);
    }
    attend(x, &layer->cross.o, q, (const double(*)[W])cross_k,
           (const double(*)[W])cross_v, n_frames);

    layer_norm(normed, x, &layer->ffn_norm);
    multiply(hidden, &layer->up, normed);
    for (size_t i = 0; i < n_hidden; i++)
        hidden[i] *= hidden[n_hidden + i] / (1.0 + exp(-hidden[n_hidden + i]));
    multiply(y, &layer->down, hidden);
    for (size_t i = 0; i < W; i++)
        x[i] += y[i];
}

static void test_decoder__logits_equal_the_definition(void)
{
    float ours[V];
    double theirs[V];

    begin(false);
    for (size_t i = 0; i < MAX_TOKENS; i++) {
        double x[W];
        double normed[W];

        step(ours, 0, i, token_at(i), MAX_FRAMES);
        for (size_t d = 0; d < W; d++)
            x[d] = (double)model->decoder.embed.f32[token_at(i) * W + d];
        for (size_t l = 0; l < model->decoder.n_layers; l++)
            reference_layer(x, l, i, MAX_FRAMES);
        layer_norm(normed, x, &model->decoder.norm);
        multiply(theirs, &model->decoder.embed, normed);
        for (size_t o = 0; o < V; o++)
            CU_ASSERT_DOUBLE_EQUAL((double)ours[o], theirs[o], 2e-4);
    }
    end();
}

static CU_TestInfo tests[] = {
    {"going back changes no bit", test_decoder__going_back_changes_no_bit},
    {"going back int8 changes no bit",
     test_decoder__going_back_int8_changes_no_bit},
    {"rows together equal steps", test_decoder__rows_together_equal_steps},
    {"copied lane goes on alike", test_decoder__copied_lane_goes_on_alike},
    {"memory in pieces equals at once",
     test_decoder__memory_in_pieces_equals_at_once},
    {"frames beyond the count are not seen",
     test_decoder__frames_beyond_the_count_are_not_seen},
    {"attention is a distribution", test_decoder__attention_is_a_distribution},
    {"logits equal the definition", test_decoder__logits_equal_the_definition},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"decoder", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
