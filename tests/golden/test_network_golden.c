/* test_network_golden.c - every layer against PyTorch.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The data come from make_network_golden.py: what PyTorch makes of the bundled
 * recording with the default model's weights. Made anew with every model.
 *
 * First the network runs with its int8 matrices turned into floats, as PyTorch
 * has them: what is left is rounding, in the encoder that of its queries, keys
 * and values to 12 bits, 0.6 %. Then it runs as the recogniser does,
 * with rows of 12 bits. Their steps are 1/2047 of a row's largest value, which
 * is up to 20 times its root mean square; with the largest difference of many
 * thousand values counted, a layer stays within 1 % and the encoder, which
 * adds up the differences of all of its layers, within 4 %. */
#include "asr/ctc.h"
#include "asr/decoder.h"
#include "asr/encoder.h"
#include "asr/model.h"
#include "asr/stem.h"
#include "audio/soundfile.h"
#include "tests/support/suites.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x64656568

static struct {
    int32_t magic, chunk, ahead, n_frames, width, n_labels, n_tokens,
        n_vocabulary, stride;
} head;

static float *golden_mfcc, *golden_stem, *golden_memory, *golden_spelling,
    *golden_ctc, *golden_logits;
static int32_t *golden_tokens;
static heed_model *model;
static heed_arena arena;
static heed_stem stem;
static heed_encoder encoder;
static heed_ctc ctc;
static heed_decoder decoder;
static float *stem_out, *memory, *spelling;
static double encoder_tolerance;
static double tolerance; /* of every comparison but that of MFCCs */

#define MAX_MATRICES (16 + 16 * HEED_MAX_LAYERS)
static heed_linear *matrices[MAX_MATRICES];
static float *floats[MAX_MATRICES]; /* of matrices, where they were int8 */
static size_t n_matrices;

static void *read_block(FILE *file, size_t n_values)
{
    void *block = malloc(n_values * 4);

    if (block != NULL && fread(block, 4, n_values, file) != n_values) {
        free(block);
        block = NULL;
    }
    return block;
}

static int read_golden(void)
{
    FILE *file = fopen("network.bin", "rb");

    if (file == NULL)
        return -1;
    if (fread(&head, sizeof(head), 1, file) != 1 || head.magic != MAGIC) {
        fclose(file);
        return -1;
    }
    const size_t n = (size_t)head.n_frames;
    const size_t n_logits =
        ((size_t)head.n_vocabulary + (size_t)head.stride - 1) /
        (size_t)head.stride;

    golden_mfcc = read_block(file, (3 * n + 4) * 80);
    golden_stem = read_block(file, n * (size_t)head.width);
    golden_memory = read_block(file, n * (size_t)head.width);
    golden_spelling = read_block(file, n * (size_t)head.width);
    golden_ctc = read_block(file, n * (size_t)head.n_labels);
    golden_tokens = read_block(file, (size_t)head.n_tokens);
    golden_logits = read_block(file, (size_t)head.n_tokens * n_logits);
    fclose(file);
    return golden_logits == NULL ? -1 : 0;
}

static void lay_out(heed_arena *at)
{
    const size_t n = (size_t)head.n_frames;
    const size_t n_rows = (size_t)(head.chunk + head.ahead);
    const heed_decoder_limits limits = {.n_lanes = 1,
                                        .max_rows = 1,
                                        .max_tokens = (size_t)head.n_tokens,
                                        .max_frames = n};

    heed_stem_init(&stem, &model->stem, n, model->kernels, at);
    heed_encoder_init(&encoder, &model->encoder, n_rows, model->kernels, at);
    heed_ctc_init(&ctc, &model->ctc, n, model->kernels, at);
    heed_decoder_init(&decoder, &model->decoder, &limits, model->kernels, at);
    stem_out = heed_arena_take(at, n, (size_t)head.width * sizeof(float));
    memory =
        heed_arena_take(at, n + n_rows, (size_t)head.width * sizeof(float));
    spelling =
        heed_arena_take(at, n + n_rows, (size_t)head.width * sizeof(float));
}

static void note(heed_linear *matrix)
{
    matrices[n_matrices++] = matrix;
}

static void note_attention(heed_attention_weights *attention)
{
    note(&attention->q);
    note(&attention->k);
    note(&attention->v);
    note(&attention->o);
}

static void note_encoder_layer(heed_encoder_layer *layer)
{
    note_attention(&layer->attn);
    note(&layer->fc1);
    note(&layer->fc2);
}

static void note_all_matrices(void)
{
    n_matrices = 0;
    for (size_t i = 0; i < 3; i++)
        note(&model->stem.conv[i].linear);
    for (size_t l = 0; l < model->encoder.n_layers; l++)
        note_encoder_layer(&model->encoder.layers[l]);
    note_encoder_layer(&model->encoder.branch);
    note(&model->ctc.conv.linear);
    note(&model->ctc.output);
    for (size_t l = 0; l < model->decoder.n_layers; l++) {
        heed_decoder_layer *layer = &model->decoder.layers[l];

        note_attention(&layer->self);
        note_attention(&layer->cross);
        note(&layer->up);
        note(&layer->down);
    }
    note(&model->decoder.embed);
}

/* Gives a matrix of int8 its weights as floats. */
static int widen(heed_linear *matrix, float **to)
{
    if (matrix->i8 == NULL)
        return 0;
    *to = malloc(matrix->n_out * matrix->n_in * sizeof(float));
    if (*to == NULL)
        return -1;
    for (size_t o = 0; o < matrix->n_out; o++)
        for (size_t i = 0; i < matrix->n_in; i++)
            (*to)[o * matrix->n_in + i] =
                matrix->scale[o] * (float)matrix->i8[o * matrix->n_in + i];
    matrix->f32 = *to;
    matrix->i8 = NULL;
    matrix->packed = NULL;
    matrix->scale = NULL;
    return 0;
}

static int setup_i8(void)
{
    heed_arena measure;

    if (read_golden() != 0 ||
        heed_model_open(&model, HEED_TEST_MODEL, NULL) != HEED_OK)
        return -1;
    /* Of the largest error; the stem has most with activations of 8 bits. */
    tolerance = model->stem.conv[1].linear.coarse ? 0.3 : 0.04;
    encoder_tolerance = tolerance;
    heed_arena_init_measure(&measure);
    lay_out(&measure);
    if (heed_arena_init(&arena, heed_arena_used(&measure)) != HEED_OK)
        return -1;
    lay_out(&arena);
    return heed_arena_status(&arena) == HEED_OK ? 0 : -1;
}

static int setup_float(void)
{
    const int status = setup_i8();

    tolerance = 1e-3;
    encoder_tolerance = 0.01;
    note_all_matrices();
    for (size_t i = 0; i < n_matrices; i++)
        if (widen(matrices[i], &floats[i]) != 0)
            return -1;
    return status;
}

static int teardown(void)
{
    for (size_t i = 0; i < MAX_MATRICES; i++) {
        free(floats[i]);
        floats[i] = NULL;
    }
    heed_arena_deinit(&arena);
    heed_model_close(model);
    free(golden_mfcc);
    free(golden_stem);
    free(golden_memory);
    free(golden_spelling);
    free(golden_ctc);
    free(golden_tokens);
    free(golden_logits);
    return 0;
}

/* Largest difference relative to the golden values' root mean square. */
static double difference(const float *ours, const float *golden, size_t n)
{
    double worst = 0.0;
    double energy = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double diff = fabs((double)ours[i] - (double)golden[i]);

        if (!(diff <= worst))
            worst = diff;
        energy += (double)golden[i] * (double)golden[i];
    }
    worst /= sqrt(energy / (double)n);
    printf(" [%.1e]", worst);
    return worst;
}

static void test_network__mfcc_of_recording_equals_torchaudio(void)
{
    enum { BLOCK = 400 };
    const size_t n_wanted = 3 * (size_t)head.n_frames + 4;
    float *ours = calloc(n_wanted, 80 * sizeof(float));
    heed_soundfile *file = NULL;
    heed_mfcc *mfcc = NULL;
    float samples[BLOCK];
    size_t n_frames = 0;
    size_t left = (size_t)head.n_frames * 384;

    CU_ASSERT_FATAL(ours != NULL);
    CU_ASSERT_FATAL(
        heed_soundfile_open(&file, HEED_TEST_RECORDING, NULL, NULL) == HEED_OK);
    CU_ASSERT_FATAL(heed_mfcc_create(&mfcc, &model->frontend.mfcc) == HEED_OK);
    while (n_frames < n_wanted) {
        size_t count = left < BLOCK ? left : BLOCK;
        const float *at = samples;

        if (left == 0) {
            memset(samples, 0, sizeof(samples));
            count = BLOCK;
        } else {
            CU_ASSERT_FATAL(heed_soundfile_read(file, samples, count, &count) ==
                            HEED_OK);
            left -= count;
        }
        while (count > 0 && n_frames < n_wanted) {
            const size_t taken = heed_mfcc_feed(mfcc, at, count);

            at += taken;
            count -= taken;
            while (n_frames < n_wanted &&
                   heed_mfcc_next(mfcc, ours + n_frames * 80) == HEED_OK)
                n_frames++;
        }
    }
    CU_ASSERT(difference(ours, golden_mfcc, n_wanted * 80) < 1e-3);
    heed_mfcc_destroy(mfcc);
    heed_soundfile_close(file);
    free(ours);
}

static void test_network__stem_equals_pytorch(void)
{
    const size_t n = (size_t)head.n_frames;
    float frame[80];

    heed_stem_reset(&stem);
    for (size_t i = 0; i < 3 * n + 4; i++) {
        memcpy(frame, golden_mfcc + i * 80, sizeof(frame));
        heed_cmvn_apply(&model->frontend.cmvn, frame, 1);
        heed_stem_feed(&stem, frame);
    }
    CU_ASSERT_FATAL(heed_stem_ready(&stem) == n);
    heed_stem_run(&stem, stem_out, n);
    CU_ASSERT(difference(stem_out, golden_stem, n * (size_t)head.width) <
              tolerance);
}

static void test_network__encoder_in_chunks_equals_pytorch(void)
{
    const size_t n = (size_t)head.n_frames;
    const size_t width = (size_t)head.width;
    const size_t chunk = (size_t)head.chunk;
    const size_t ahead = (size_t)head.ahead;

    heed_encoder_reset(&encoder);
    for (size_t t = 0; t < n; t += chunk) {
        const size_t rest = n - t - chunk;

        heed_encoder_run(&encoder, memory + t * width, spelling + t * width,
                         golden_stem + t * width, chunk,
                         rest < ahead ? rest : ahead);
    }
    CU_ASSERT(difference(memory, golden_memory, n * width) < encoder_tolerance);
    CU_ASSERT(difference(spelling, golden_spelling, n * width) <
              encoder_tolerance);
}

static void test_network__ctc_equals_pytorch(void)
{
    const size_t n = (size_t)head.n_frames;
    float *ours = malloc(n * HEED_CTC_LABELS * sizeof(float));

    CU_ASSERT_FATAL(ours != NULL);
    heed_ctc_reset(&ctc);
    heed_ctc_forward(&ctc, ours, golden_spelling, n, 0);
    CU_ASSERT(difference(ours, golden_ctc, n * HEED_CTC_LABELS) < tolerance);
    free(ours);
}

static void test_network__decoder_logits_equal_pytorch(void)
{
    const size_t n_vocabulary = (size_t)head.n_vocabulary;
    const size_t stride = (size_t)head.stride;
    const size_t n_picked = (n_vocabulary + stride - 1) / stride;
    float *logits = malloc(n_vocabulary * sizeof(float));

    CU_ASSERT_FATAL(logits != NULL);
    CU_ASSERT_FATAL(model->decoder.embed.n_out == n_vocabulary);
    heed_decoder_set_memory(&decoder, 0, golden_memory, (size_t)head.n_frames);
    for (size_t i = 0; i < (size_t)head.n_tokens; i++) {
        const heed_decoder_row row = {.position = i,
                                      .token = (uint32_t)golden_tokens[i]};

        heed_decoder_run(&decoder, logits, &row, 1, (size_t)head.n_frames);
        for (size_t k = 0; k < n_picked; k++)
            logits[k] = logits[k * stride];
        CU_ASSERT(difference(logits, golden_logits + i * n_picked, n_picked) <
                  tolerance);
    }
    free(logits);
}

#define LAYER_TESTS                                               \
    {"stem equals PyTorch", test_network__stem_equals_pytorch},   \
        {"encoder in chunks equals PyTorch",                      \
         test_network__encoder_in_chunks_equals_pytorch},         \
        {"CTC equals PyTorch", test_network__ctc_equals_pytorch}, \
    {                                                             \
        "decoder logits equal PyTorch",                           \
            test_network__decoder_logits_equal_pytorch            \
    }

static CU_TestInfo tests_float[] = {
    {"mfcc of the recording equals torchaudio",
     test_network__mfcc_of_recording_equals_torchaudio},
    LAYER_TESTS,
    CU_TEST_INFO_NULL,
};

static CU_TestInfo tests_i8[] = {LAYER_TESTS, CU_TEST_INFO_NULL};

CU_SuiteInfo heed_suites[] = {
    {"network golden, float", setup_float, teardown, NULL, NULL, tests_float},
    {"network golden, int8", setup_i8, teardown, NULL, NULL, tests_i8},
    CU_SUITE_INFO_NULL,
};
