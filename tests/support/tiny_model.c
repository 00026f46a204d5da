/* tiny_model.c - see tiny_model.h. SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/tiny_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asr/ctc.h"
#include "tests/support/signal.h"

#define HIDDEN     24
#define CTC_HIDDEN 16
#define N_LAYERS   2
#define N_HEADS    2
#define NAME_BYTES 64
#define MAX_VALUES 4096

typedef struct maker {
    gguf_writer *to;
    tiny_model_config config;
    uint32_t seed;
} maker;

static tiny_damage damage_of(const maker *m, const char *name)
{
    return m->config.name != NULL && strcmp(m->config.name, name) == 0
               ? m->config.damage
               : TINY_WHOLE;
}

/* ---- Metadata ------------------------------------------------------- */

static void put_u32(const maker *m, const char *key, uint32_t value)
{
    const tiny_damage damage = damage_of(m, key);

    if (damage == TINY_TYPE)
        gguf_writer_string(m->to, key, "7");
    else if (damage == TINY_VALUE)
        gguf_writer_u32(m->to, key, (uint32_t)m->config.value);
    else if (damage != TINY_MISSING)
        gguf_writer_u32(m->to, key, value);
}

static void put_f32(const maker *m, const char *key, float value)
{
    const tiny_damage damage = damage_of(m, key);

    if (damage == TINY_TYPE)
        gguf_writer_string(m->to, key, "7");
    else if (damage == TINY_VALUE)
        gguf_writer_f32(m->to, key, m->config.value);
    else if (damage != TINY_MISSING)
        gguf_writer_f32(m->to, key, value);
}

static void put_string(const maker *m, const char *key, const char *value)
{
    const tiny_damage damage = damage_of(m, key);

    if (damage == TINY_TYPE)
        gguf_writer_u32(m->to, key, 7);
    else if (damage != TINY_MISSING)
        gguf_writer_string(m->to, key, damage == TINY_VALUE ? "other" : value);
}

static void put_strings(const maker *m, const char *key,
                        const char *const *values, size_t count)
{
    const tiny_damage damage = damage_of(m, key);

    if (damage == TINY_TYPE)
        gguf_writer_u32(m->to, key, 7);
    else if (damage != TINY_MISSING)
        gguf_writer_string_array(m->to, key, values,
                                 damage == TINY_VALUE ? count - 1 : count);
}

static void put_vocabulary(const maker *m)
{
    enum { N_FIXED = 8, N_LETTERS = 26 };
    static const char *const fixed[N_FIXED] = {
        "<unk>",        "<s>",    "</s>",   "<0xC3>",
        "\xe2\x96\x81", "<0xA9>", "<0x41>", "'s"};
    static char spelt[TINY_VOCABULARY][8];
    const char *pieces[TINY_VOCABULARY];
    int32_t types[TINY_VOCABULARY];

    for (size_t i = 0; i < TINY_VOCABULARY; i++) {
        const size_t letter = i < N_FIXED ? 0 : i - N_FIXED;
        const bool begins = letter < N_LETTERS;

        (void)snprintf(spelt[i], sizeof(spelt[i]), "%s%c",
                       begins ? fixed[4] : "", (int)('a' + letter % N_LETTERS));
        pieces[i] = i < N_FIXED ? fixed[i] : spelt[i];
        types[i] = pieces[i][0] != '<' ? 1 : (i == 0 ? 2 : (i < 3 ? 3 : 6));
    }
    put_strings(m, "tokenizer.ggml.tokens", pieces, TINY_VOCABULARY);
    if (damage_of(m, "tokenizer.ggml.token_type") == TINY_TYPE)
        gguf_writer_u32(m->to, "tokenizer.ggml.token_type", 7);
    else if (damage_of(m, "tokenizer.ggml.token_type") != TINY_MISSING)
        gguf_writer_i32_array(m->to, "tokenizer.ggml.token_type", types,
                              TINY_VOCABULARY);
    put_u32(m, "tokenizer.ggml.bos_token_id", 1);
    put_u32(m, "tokenizer.ggml.eos_token_id", 2);
}

static void put_labels(const maker *m)
{
    static char letters[HEED_CTC_LABELS][2];
    const char *labels[HEED_CTC_LABELS];

    for (size_t i = 0; i < HEED_CTC_LABELS; i++) {
        letters[i][0] = (char)('A' + (int)i - HEED_CTC_A);
        labels[i] = letters[i];
    }
    labels[HEED_CTC_BLANK] = "";
    labels[HEED_CTC_SPACE] = " ";
    labels[HEED_CTC_APOSTROPHE] = "'";
    put_strings(m, "heed.ctc.labels", labels, HEED_CTC_LABELS);
}

static void put_metadata(const maker *m)
{
    put_string(m, "general.architecture", "heed");
    put_string(m, "general.name", "tiny");
    put_string(m, "general.license", "Apache-2.0");
    put_string(m, "general.description", "# Random\nknows nothing");
    put_string(m, "heed.notices", "none");
    put_u32(m, "heed.frontend.sample_rate_hz", 16000);
    put_u32(m, "heed.frontend.window_samples", 400);
    put_u32(m, "heed.frontend.hop_samples", 128);
    put_u32(m, "heed.frontend.mel_bins", TINY_CEPSTRA);
    put_u32(m, "heed.frontend.cepstra", TINY_CEPSTRA);
    put_f32(m, "heed.frontend.low_hz", 20.0F);
    put_f32(m, "heed.frontend.high_hz", 7600.0F);
    put_f32(m, "heed.frontend.preemphasis", 0.97F);
    put_f32(m, "heed.frontend.lifter", 0.0F);
    put_u32(m, "heed.width", TINY_WIDTH);
    put_u32(m, "heed.heads", N_HEADS);
    put_u32(m, "heed.rotary", 6);
    put_f32(m, "heed.rope_base", 10000.0F);
    put_f32(m, "heed.norm_eps", 1e-5F);
    put_u32(m, "heed.encoder.layers", N_LAYERS);
    put_u32(m, "heed.encoder.left_frames", TINY_LEFT_FRAMES);
    put_u32(m, "heed.decoder.layers", N_LAYERS);
    put_u32(m, "heed.file.chunk_frames", 16);
    put_u32(m, "heed.file.lookahead_frames", 20);
    put_u32(m, "heed.live.chunk_frames", 8);
    put_u32(m, "heed.live.lookahead_frames", 10);
    put_u32(m, "heed.ctc.branch_layer", 1);
    if (m->config.activation_bits != 0)
        put_u32(m, "heed.encoder.activation_bits", m->config.activation_bits);
    if (m->config.decoder_bits != 0)
        put_u32(m, "heed.decoder.activation_bits", m->config.decoder_bits);
    put_labels(m);
    put_vocabulary(m);
}

/* ---- Tensors -------------------------------------------------------- */

/* Writes values of 4 bytes or, as int8, of one byte; rows 0: a vector. */
static void put_tensor(const maker *m, const char *name, uint32_t type,
                       size_t rows, size_t columns, const void *data)
{
    const tiny_damage damage = damage_of(m, name);
    const size_t n_dims = rows == 0 ? 1 : 2;
    const size_t bytes = type == HEED_GGUF_TENSOR_I8 ? 1 : sizeof(float);
    size_t shape[3] = {rows == 0 ? columns : rows, rows == 0 ? 1 : columns, 1};

    if (damage == TINY_SHAPE)
        shape[n_dims - 1]++;
    if (damage != TINY_MISSING)
        gguf_writer_tensor(
            m->to, name, damage == TINY_TYPE ? HEED_GGUF_TENSOR_I32 : type,
            shape, damage == TINY_DIMS ? n_dims + 1 : n_dims, data,
            shape[0] * shape[1] *
                (damage == TINY_TYPE ? sizeof(float) : bytes));
}

/* A float tensor of values `centre` +- `spread`. */
static void put_floats(maker *m, const char *name, size_t rows, size_t columns,
                       float centre, float spread)
{
    float values[MAX_VALUES] = {0.0F};
    const size_t n = (rows == 0 ? 1 : rows) * columns;

    for (size_t i = 0; i < n; i++)
        values[i] = centre + spread * heed_test_noise(&m->seed);
    if (damage_of(m, name) == TINY_NAN)
        values[n - 1] = NAN;
    if (damage_of(m, name) == TINY_INFINITE)
        values[0] = -INFINITY;
    put_tensor(m, name, HEED_GGUF_TENSOR_F32, rows, columns, values);
}

static void put_vector(maker *m, const char *prefix, const char *suffix,
                       size_t n, float centre, float spread)
{
    char name[NAME_BYTES];

    if (snprintf(name, sizeof(name), "%s%s", prefix, suffix) >= NAME_BYTES)
        abort();
    put_floats(m, name, 0, n, centre, spread);
}

/* The matrix `prefix`.weight with values of the spread `gain` / sqrt(n_in). */
static void put_matrix(maker *m, const char *prefix, size_t n_out, size_t n_in,
                       float gain)
{
    const float spread = gain * sqrtf(3.0F / (float)n_in);
    int8_t values[4 * MAX_VALUES] = {0};
    char name[NAME_BYTES + 8];

    (void)snprintf(name, sizeof(name), "%s.weight", prefix);
    if (!m->config.quantised) {
        put_floats(m, name, n_out, n_in, 0.0F, spread);
        return;
    }
    for (size_t i = 0; i < n_out * n_in; i++)
        values[i] = (int8_t)(127.0F * heed_test_noise(&m->seed));
    put_tensor(m, name, HEED_GGUF_TENSOR_I8, n_out, n_in, values);
    put_vector(m, prefix, ".scale", n_out, spread / 127.0F, 0.0F);
}

static void put_linear(maker *m, const char *prefix, size_t n_out, size_t n_in,
                       float gain)
{
    put_matrix(m, prefix, n_out, n_in, gain);
    put_vector(m, prefix, ".bias", n_out, 0.0F, 0.1F);
}

static void put_attention(maker *m, const char *layer, const char *block)
{
    static const char parts[] = "qkvo";
    char name[NAME_BYTES];

    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof(name), "%s.%s.%c", layer, block, parts[i]);
        put_matrix(m, name, TINY_WIDTH, TINY_WIDTH, 1.5F);
    }
}

static void put_part(maker *m, const char *layer, const char *part,
                     size_t n_out, size_t n_in)
{
    char name[NAME_BYTES];

    (void)snprintf(name, sizeof(name), "%s.%s", layer, part);
    put_linear(m, name, n_out, n_in, 1.5F);
}

static void put_encoder_layer(maker *m, const char *layer)
{
    put_vector(m, layer, ".attn_norm.weight", TINY_WIDTH, 1.0F, 0.2F);
    put_attention(m, layer, "attn");
    put_vector(m, layer, ".ffn_norm.weight", TINY_WIDTH, 1.0F, 0.2F);
    put_part(m, layer, "ffn.fc1", HIDDEN, TINY_WIDTH);
    put_part(m, layer, "ffn.fc2", TINY_WIDTH, HIDDEN);
}

static void put_layers(maker *m)
{
    char layer[16];

    for (int i = 0; i < N_LAYERS; i++) {
        (void)snprintf(layer, sizeof(layer), "enc.%d", i);
        put_encoder_layer(m, layer);
        (void)snprintf(layer, sizeof(layer), "dec.%d", i);
        put_vector(m, layer, ".self_norm.weight", TINY_WIDTH, 1.0F, 0.2F);
        put_attention(m, layer, "self");
        put_vector(m, layer, ".cross_norm.weight", TINY_WIDTH, 1.0F, 0.2F);
        put_attention(m, layer, "cross");
        put_vector(m, layer, ".ffn_norm.weight", TINY_WIDTH, 1.0F, 0.2F);
        put_part(m, layer, "ffn.up", 2 * HIDDEN, TINY_WIDTH);
        put_part(m, layer, "ffn.down", TINY_WIDTH, HIDDEN);
    }
    put_encoder_layer(m, "ctc");
    put_vector(m, "ctc", ".norm.weight", TINY_WIDTH, 1.0F, 0.2F);
    put_vector(m, "enc", ".norm.weight", TINY_WIDTH, 1.0F, 0.2F);
    put_vector(m, "dec", ".norm.weight", TINY_WIDTH, 1.0F, 0.2F);
    put_vector(m, "dec", ".alignment", N_HEADS * N_LAYERS,
               1.0F / (float)(N_HEADS * N_LAYERS), 0.0F);
}

void tiny_model_write(gguf_writer *writer, const tiny_model_config *config)
{
    maker m = {writer, *config, config->seed};

    gguf_writer_init(writer);
    put_metadata(&m);
    put_vector(&m, "frontend", ".mean", TINY_CEPSTRA, 0.0F, 1.0F);
    put_vector(&m, "frontend", ".scale", TINY_CEPSTRA, 0.3F, 0.1F);
    put_linear(&m, "stem.0", 12, 5 * TINY_CEPSTRA, 2.0F);
    put_linear(&m, "stem.1", 20, 3 * 12, 2.0F);
    put_linear(&m, "stem.2", TINY_WIDTH, 3 * 20, 2.0F);
    put_layers(&m);
    put_linear(&m, "ctc.conv", CTC_HIDDEN, HEED_CTC_TAPS * TINY_WIDTH, 2.0F);
    put_linear(&m, "ctc.output", HEED_CTC_LABELS, CTC_HIDDEN, 3.0F);
    put_matrix(&m, "dec.embed", TINY_VOCABULARY, TINY_WIDTH, 1.0F);
    if (!config->with_voice)
        return;
    put_vector(&m, "voice", ".weight", TINY_WIDTH, 0.0F, 1.0F);
    put_vector(&m, "voice", ".bias", 1, 0.0F, 1.0F);
}

heed_status tiny_model_open_bytes(heed_model **out, const void *file,
                                  size_t n_bytes, const heed_log *log)
{
    const char *folder = getenv("TMPDIR");
    char path[512];
    const int length = snprintf(path, sizeof(path), "%s/heed-tiny-XXXXXX",
                                folder != NULL ? folder : "/tmp");
    const int descriptor = length < (int)sizeof(path) ? mkstemp(path) : -1;
    FILE *to = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;

    if (to == NULL || fwrite(file, 1, n_bytes, to) != n_bytes ||
        fclose(to) != 0)
        abort();

    const heed_status status = heed_model_open(out, path, log);

    (void)remove(path);
    return status;
}

heed_status tiny_model_open(heed_model **out, const tiny_model_config *config,
                            const heed_log *log)
{
    gguf_writer writer;
    size_t n_bytes = 0;

    tiny_model_write(&writer, config);

    const unsigned char *file = gguf_writer_finish(&writer, &n_bytes);
    const heed_status status = tiny_model_open_bytes(out, file, n_bytes, log);

    gguf_writer_deinit(&writer);
    return status;
}
