/* test_model.c - good model files open, every damaged one is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc.h"
#include "tests/support/logged.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

enum { MAX_NAMES = 160, NAME_BYTES = 64 };

/* Names of all that is in the file of a whole model. */
typedef struct contents {
    size_t n_keys, n_tensors;
    char keys[MAX_NAMES][NAME_BYTES];
    char tensors[MAX_NAMES][NAME_BYTES];
    heed_gguf_type types[MAX_NAMES];
    heed_gguf_tensor_type tensor_types[MAX_NAMES];
} contents;

static void copy_name(char *to, heed_gguf_string from)
{
    CU_ASSERT_FATAL(from.length < NAME_BYTES);
    memcpy(to, from.text, from.length);
    to[from.length] = '\0';
}

static void list(contents *all, bool quantised)
{
    const tiny_model_config config = {.quantised = quantised};
    gguf_writer writer;
    heed_gguf *gguf = NULL;
    size_t n_bytes = 0;

    tiny_model_write(&writer, &config);

    const unsigned char *file = gguf_writer_finish(&writer, &n_bytes);

    CU_ASSERT_EQUAL_FATAL(heed_gguf_open_memory(&gguf, file, n_bytes, NULL),
                          HEED_OK);
    all->n_keys = heed_gguf_count(gguf);
    all->n_tensors = heed_gguf_tensor_count(gguf);
    CU_ASSERT_FATAL(all->n_keys < MAX_NAMES && all->n_tensors < MAX_NAMES);
    for (size_t i = 0; i < all->n_keys; i++) {
        const heed_gguf_entry entry = heed_gguf_entry_at(gguf, i);

        copy_name(all->keys[i], entry.key);
        all->types[i] = entry.type;
    }
    for (size_t i = 0; i < all->n_tensors; i++) {
        copy_name(all->tensors[i], heed_gguf_tensor_at(gguf, i)->name);
        all->tensor_types[i] = heed_gguf_tensor_at(gguf, i)->type;
    }
    heed_gguf_close(gguf);
    gguf_writer_deinit(&writer);
}

/* Opens a damaged model: it must be refused with one line that names what is
 * damaged. `status` HEED_OK: any failure will do. */
static void check_config_refused(const tiny_model_config *config,
                                 heed_status status)
{
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    heed_model *model = (void *)&logged; /* not NULL */
    const heed_status got = tiny_model_open(&model, config, &log);
    const bool right = status == HEED_OK ? got < HEED_OK : got == status;

    CU_ASSERT(right);
    CU_ASSERT_PTR_NULL(model);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_EQUAL(logged.level, HEED_LOG_ERROR);
    if (!right || logged.lines != 1)
        printf("\n  %s, damage %d: %s, %d lines: %s\n",
               config->name != NULL ? config->name : "whole",
               (int)config->damage, heed_status_text(got), logged.lines,
               logged.last);
    heed_model_close(model);
}

static void check_refused(const char *name, tiny_damage damage, float value,
                          bool quantised, heed_status status)
{
    const tiny_model_config config = {
        .quantised = quantised,
        .with_voice = strncmp(name, "voice.", 6) == 0,
        .name = name,
        .damage = damage,
        .value = value,
    };

    check_config_refused(&config, status);
}

static void test_model__tiny_models_open(void)
{
    for (int quantised = 0; quantised < 2; quantised++) {
        const tiny_model_config config = {.quantised = quantised};
        heed_test_logged logged = {0};
        const heed_log log = {heed_test_logged_write, &logged};
        heed_model *model = NULL;
        heed_model_info info;

        CU_ASSERT_EQUAL_FATAL(tiny_model_open(&model, &config, &log), HEED_OK);
        CU_ASSERT_EQUAL(logged.lines, 0);
        heed_model_describe(model, &info);
        CU_ASSERT_STRING_EQUAL(info.name, "tiny");
        CU_ASSERT_STRING_EQUAL(info.license, "Apache-2.0");
        CU_ASSERT_STRING_EQUAL(info.card, "# Random\nknows nothing");
        CU_ASSERT_STRING_EQUAL(info.notices, "none");
        CU_ASSERT_EQUAL(info.sample_rate_hz, 16000);
        CU_ASSERT_EQUAL(info.n_vocabulary, TINY_VOCABULARY);
        CU_ASSERT_DOUBLE_EQUAL(info.frame_s, 0.024, 1e-12);
        CU_ASSERT(info.n_parameters > 10000);
        CU_ASSERT(info.file_bytes > info.n_parameters);
        CU_ASSERT_EQUAL(model->presets[HEED_LATENCY_LIVE].chunk_frames, 8);
        CU_ASSERT_EQUAL(model->presets[HEED_LATENCY_FILE].lookahead_frames, 20);
        heed_model_close(model);
    }
}

static void check_sums(const heed_encoder_layer *layer)
{
    const heed_linear *fc2 = &layer->fc2;

    for (size_t o = 0; o < fc2->n_out; o++) {
        double sum = 0.0;

        for (size_t i = 0; i < fc2->n_in; i++)
            sum += (double)fc2->i8[o * fc2->n_in + i] * (double)fc2->scale[o];
        CU_ASSERT_DOUBLE_EQUAL((double)layer->fc2_sums[o], sum, 1e-5);
    }
}

/* Whether what `config` makes has coarse matrices where they may be: all or
 * none of those up to the memory, and of the decoder's. */
static void check_coarse(const tiny_model_config *config, bool coarse,
                         bool coarse_decoder)
{
    heed_model *model = NULL;

    CU_ASSERT_EQUAL_FATAL(tiny_model_open(&model, config, NULL), HEED_OK);

    const heed_encoder_layer *layer = &model->encoder.layers[1];
    const heed_decoder_layer *last = &model->decoder.layers[1];
    const heed_linear *may[] = {&model->stem.conv[1].linear,
                                &model->stem.conv[2].linear,
                                &layer->attn.q,
                                &layer->attn.o,
                                &layer->fc1,
                                &layer->fc2,
                                &model->encoder.branch.fc2,
                                &model->encoder.branch.attn.v,
                                &model->ctc.conv.linear,
                                &model->ctc.output,
                                &last->cross.k,
                                &last->cross.v};
    const heed_linear *decoder[] = {
        &last->self.q,  &last->self.k, &last->self.o, &last->cross.q,
        &last->cross.o, &last->up,     &last->down,   &model->decoder.embed};

    for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
        CU_ASSERT_EQUAL(may[i]->coarse, coarse);
    for (size_t i = 0; i < sizeof(decoder) / sizeof(decoder[0]); i++)
        CU_ASSERT_EQUAL(decoder[i]->coarse, coarse_decoder);
    CU_ASSERT_EQUAL(model->encoder.layers[0].fc2_sums != NULL, coarse);
    if (coarse) {
        check_sums(&model->encoder.layers[0]);
        check_sums(layer);
        check_sums(&model->encoder.branch);
    }
    heed_model_close(model);
}

static void test_model__activation_bits_are_8_or_12(void)
{
    static const char *const keys[] = {"heed.encoder.activation_bits",
                                       "heed.decoder.activation_bits"};
    tiny_model_config config = {.quantised = true};
    uint32_t *const bits[] = {&config.activation_bits, &config.decoder_bits};

    check_coarse(&config, false, false);
    for (size_t i = 0; i < 2; i++) {
        *bits[i] = 8;
        check_coarse(&config, i == 0, i == 1);
        *bits[1 - i] = 12;
        check_coarse(&config, i == 0, i == 1);
        for (*bits[i] = 1; *bits[i] < 20; ++*bits[i])
            if (*bits[i] != 8 && *bits[i] != 12)
                check_config_refused(&config, HEED_ERR_FORMAT);
        config.name = keys[i];
        config.damage = TINY_TYPE;
        check_config_refused(&config, HEED_OK);
        config = (tiny_model_config){.quantised = true};
    }
}

static void test_model__default_model_opens(void)
{
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    heed_model *model = NULL;
    heed_model_info info;

    CU_ASSERT_EQUAL_FATAL(heed_model_open(&model, HEED_TEST_MODEL, &log),
                          HEED_OK);
    CU_ASSERT_EQUAL(logged.lines, 0);
    heed_model_describe(model, &info);
    CU_ASSERT(info.name[0] != '\0');
    CU_ASSERT(info.license[0] != '\0');
    CU_ASSERT(info.card[0] != '\0');
    CU_ASSERT(info.notices[0] != '\0');
    CU_ASSERT_EQUAL(info.sample_rate_hz, 16000);
    heed_model_close(model);
    heed_model_close(NULL);
}

/* Returns the bytes that a stream of the model allocates. */
static size_t stream_bytes(const heed_model *model, heed_latency latency)
{
    const heed_stream_config config = {.latency = latency};
    heed_stream *stream = NULL;

    heed_test_alloc_watch(0);
    CU_ASSERT_EQUAL(heed_stream_create(&stream, model, &config, NULL), HEED_OK);
    heed_stream_destroy(stream);
    (void)heed_test_alloc_stop();
    return heed_test_alloc_bytes();
}

static void test_model__streams_of_the_default_model_are_small(void)
{
    const size_t most = (size_t)32 << 20;
    heed_model *model = NULL;

    CU_ASSERT_EQUAL_FATAL(heed_model_open(&model, HEED_TEST_MODEL, NULL),
                          HEED_OK);
    CU_ASSERT(stream_bytes(model, HEED_LATENCY_FILE) <= most);
    CU_ASSERT(stream_bytes(model, HEED_LATENCY_LIVE) <= most);
    CU_ASSERT(!heed_test_alloc_works() ||
              stream_bytes(model, HEED_LATENCY_LIVE) > most / 4);
    heed_model_close(model);
}

static void test_model__descriptions_may_be_missing(void)
{
    static const char *const optional[] = {"general.name", "general.license",
                                           "general.description",
                                           "heed.notices"};

    for (size_t i = 0; i < 4; i++) {
        const tiny_model_config config = {.name = optional[i],
                                          .damage = TINY_MISSING};
        heed_model *model = NULL;
        heed_model_info info;

        CU_ASSERT_EQUAL_FATAL(tiny_model_open(&model, &config, NULL), HEED_OK);
        heed_model_describe(model, &info);

        const char *texts[] = {info.name, info.license, info.card,
                               info.notices};

        for (size_t k = 0; k < 4; k++)
            CU_ASSERT_EQUAL(texts[k][0] == '\0', k == i);
        heed_model_close(model);
    }
}

static void test_model__every_missing_key_is_named(void)
{
    static contents all;

    list(&all, false);
    for (size_t i = 0; i < all.n_keys; i++) {
        if (strncmp(all.keys[i], "general.", 8) == 0 ||
            strcmp(all.keys[i], "heed.notices") == 0)
            continue;
        check_refused(all.keys[i], TINY_MISSING, 0.0F, false, HEED_ERR_FORMAT);
    }
    check_refused("general.architecture", TINY_MISSING, 0.0F, false,
                  HEED_ERR_FORMAT);
}

static void test_model__every_key_of_another_type_is_named(void)
{
    static contents all;

    list(&all, false);
    for (size_t i = 0; i < all.n_keys; i++)
        check_refused(all.keys[i], TINY_TYPE, 0.0F, false, HEED_ERR_FORMAT);
}

static void test_model__every_number_out_of_range_is_refused(void)
{
    static contents all;

    list(&all, false);
    for (size_t i = 0; i < all.n_keys; i++) {
        if (all.types[i] == HEED_GGUF_U32)
            check_refused(all.keys[i], TINY_VALUE, 4294967040.0F, false,
                          HEED_ERR_FORMAT);
        if (all.types[i] != HEED_GGUF_F32)
            continue;
        check_refused(all.keys[i], TINY_VALUE, -1.0F, false, HEED_ERR_FORMAT);
        check_refused(all.keys[i], TINY_VALUE, 1e30F, false, HEED_ERR_FORMAT);
        check_refused(all.keys[i], TINY_VALUE, NAN, false, HEED_ERR_FORMAT);
    }
}

static void test_model__sizes_that_contradict_are_refused(void)
{
    static const struct {
        const char *name;
        float value;
    } wrong[] = {
        {"heed.width", 0.0F},
        {"heed.width", 24.0F},
        {"heed.heads", 0.0F},
        {"heed.heads", 3.0F},
        {"heed.rotary", 3.0F},
        {"heed.rotary", 10.0F},
        {"heed.encoder.layers", 0.0F},
        {"heed.encoder.layers", 3.0F},
        {"heed.encoder.layers", 33.0F},
        {"heed.encoder.left_frames", 0.0F},
        {"heed.decoder.layers", 3.0F},
        {"heed.file.chunk_frames", 0.0F},
        {"heed.live.lookahead_frames", 0.0F},
        {"heed.frontend.sample_rate_hz", 8000.0F},
        {"heed.frontend.cepstra", 7.0F},
        {"heed.frontend.cepstra", 9.0F}, /* more than mel bins */
        {"heed.frontend.mel_bins", 6.0F},
        {"heed.frontend.hop_samples", 401.0F}, /* more than the window */
        {"heed.frontend.high_hz", 10.0F},      /* below low_hz */
        {"tokenizer.ggml.bos_token_id", 44.0F},
        {"tokenizer.ggml.eos_token_id", 44.0F},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        check_refused(wrong[i].name, TINY_VALUE, wrong[i].value, false,
                      HEED_ERR_FORMAT);
}

static void test_model__another_architecture_is_not_supported(void)
{
    check_refused("general.architecture", TINY_VALUE, 0.0F, false,
                  HEED_ERR_UNSUPPORTED);
    check_refused("heed.ctc.labels", TINY_VALUE, 0.0F, false,
                  HEED_ERR_UNSUPPORTED);
    check_refused("tokenizer.ggml.tokens", TINY_VALUE, 0.0F, false,
                  HEED_ERR_FORMAT);
}

static void check_tensors(tiny_damage damage)
{
    static contents all;

    for (int quantised = 0; quantised < 2; quantised++) {
        list(&all, quantised);
        for (size_t i = 0; i < all.n_tensors; i++)
            check_refused(all.tensors[i], damage, 0.0F, quantised,
                          HEED_ERR_FORMAT);
    }
}

static void test_model__every_missing_tensor_is_named(void)
{
    check_tensors(TINY_MISSING);
}

static void test_model__every_wrong_shape_is_refused(void)
{
    check_tensors(TINY_SHAPE);
    check_tensors(TINY_DIMS);
}

static void test_model__every_wrong_element_type_is_refused(void)
{
    check_tensors(TINY_TYPE);
}

static void test_model__vectors_that_are_not_finite_are_refused(void)
{
    static contents all;

    for (int quantised = 0; quantised < 2; quantised++) {
        list(&all, quantised);
        for (size_t i = 0; i < all.n_tensors; i++) {
            const char *dot = strrchr(all.tensors[i], '.');
            const bool matrix = strcmp(dot, ".weight") == 0 &&
                                strstr(all.tensors[i], "norm") == NULL;

            if (matrix)
                continue;
            check_refused(all.tensors[i], TINY_NAN, 0.0F, quantised,
                          HEED_ERR_FORMAT);
            check_refused(all.tensors[i], TINY_INFINITE, 0.0F, quantised,
                          HEED_ERR_FORMAT);
        }
    }
}

static void test_model__a_voice_may_be_missing_but_not_damaged(void)
{
    static const tiny_damage damages[] = {TINY_SHAPE, TINY_DIMS, TINY_TYPE,
                                          TINY_NAN, TINY_INFINITE};
    const tiny_model_config with_voice = {.with_voice = true};
    heed_model *model = NULL;

    CU_ASSERT_EQUAL_FATAL(tiny_model_open(&model, &with_voice, NULL), HEED_OK);
    CU_ASSERT_EQUAL(model->voice.n_values, TINY_WIDTH);
    CU_ASSERT_PTR_NOT_NULL(model->voice.weight);
    heed_model_close(model);
    for (size_t i = 0; i < 5; i++) {
        check_refused("voice.weight", damages[i], 0.0F, false, HEED_ERR_FORMAT);
        check_refused("voice.bias", damages[i], 0.0F, false, HEED_ERR_FORMAT);
    }
    check_refused("voice.bias", TINY_MISSING, 0.0F, false, HEED_ERR_FORMAT);
}

static void test_model__every_truncation_is_refused(void)
{
    const tiny_model_config config = {.quantised = true};
    gguf_writer writer;
    size_t n_bytes = 0;
    heed_test_logged logged;
    const heed_log log = {heed_test_logged_write, &logged};

    tiny_model_write(&writer, &config);

    const unsigned char *file = gguf_writer_finish(&writer, &n_bytes);

    /* Every length near the beginning and the end, a sample between. */
    for (size_t n = 0; n < n_bytes; n += n < 64 || n + 64 > n_bytes ? 1 : 31) {
        heed_model *model = (void *)&logged; /* not NULL */

        logged = (heed_test_logged){0};

        const heed_status status = tiny_model_open_bytes(&model, file, n, &log);

        CU_ASSERT(status == HEED_ERR_TRUNCATED || status == HEED_ERR_FORMAT);
        CU_ASSERT_PTR_NULL(model);
        CU_ASSERT_EQUAL(logged.lines, 1);
        heed_model_close(model);
    }
    gguf_writer_deinit(&writer);
}

static void test_model__files_that_are_none_are_refused(void)
{
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    static const char text[] = "This is not a model file, but a text.\n";
    heed_model *model = NULL;

    CU_ASSERT_EQUAL(heed_model_open(&model, "/no/such/file", &log),
                    HEED_ERR_IO);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_EQUAL(heed_model_open(&model, "/", &log), HEED_ERR_IO);
    CU_ASSERT_EQUAL(logged.lines, 2);
    CU_ASSERT_EQUAL(tiny_model_open_bytes(&model, text, sizeof(text) - 1, &log),
                    HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(logged.lines, 3);
    CU_ASSERT_PTR_NULL(model);
    CU_ASSERT_EQUAL(heed_model_open(NULL, "x", &log), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_model_open(&model, NULL, &log), HEED_ERR_ARG);
}

static void test_model__every_refused_allocation_is_survived(void)
{
    const tiny_model_config config = {.quantised = true};
    gguf_writer writer;
    size_t n_bytes = 0;
    heed_status status = HEED_ERR_MEMORY;
    size_t n = 0;

    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    tiny_model_write(&writer, &config);

    const unsigned char *file = gguf_writer_finish(&writer, &n_bytes);

    while (status == HEED_ERR_MEMORY && n < 1000) {
        heed_model *model = (heed_model *)&writer;

        heed_test_alloc_watch(++n);
        status = tiny_model_open_bytes(&model, file, n_bytes, NULL);
        if (status == HEED_ERR_MEMORY)
            CU_ASSERT_PTR_NULL(model);
        heed_model_close(model);
        (void)heed_test_alloc_stop();
        CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
    }
    CU_ASSERT_EQUAL(status, HEED_OK);
    CU_ASSERT(n > 10);
    printf("%zu allocations ... ", n - 1);
    gguf_writer_deinit(&writer);
}

static CU_TestInfo tests[] = {
    {"tiny models open", test_model__tiny_models_open},
    {"activation bits are 8 or 12", test_model__activation_bits_are_8_or_12},
    {"default model opens", test_model__default_model_opens},
    {"streams of the default model are small",
     test_model__streams_of_the_default_model_are_small},
    {"descriptions may be missing", test_model__descriptions_may_be_missing},
    {"every missing key is named", test_model__every_missing_key_is_named},
    {"every key of another type is named",
     test_model__every_key_of_another_type_is_named},
    {"every number out of range is refused",
     test_model__every_number_out_of_range_is_refused},
    {"sizes that contradict are refused",
     test_model__sizes_that_contradict_are_refused},
    {"another architecture is not supported",
     test_model__another_architecture_is_not_supported},
    {"every missing tensor is named",
     test_model__every_missing_tensor_is_named},
    {"every wrong shape is refused", test_model__every_wrong_shape_is_refused},
    {"every wrong element type is refused",
     test_model__every_wrong_element_type_is_refused},
    {"vectors that are not finite are refused",
     test_model__vectors_that_are_not_finite_are_refused},
    {"a voice may be missing but not damaged",
     test_model__a_voice_may_be_missing_but_not_damaged},
    {"every truncation is refused", test_model__every_truncation_is_refused},
    {"files that are none are refused",
     test_model__files_that_are_none_are_refused},
    {"every refused allocation is survived",
     test_model__every_refused_allocation_is_survived},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"model", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
