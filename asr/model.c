/* model.c - see model.h and asr/FORMAT.md. SPDX-License-Identifier: Apache-2.0
 *
 * Loading = looking every tensor up by name, checking its type and shape
 * against the sizes in the metadata, and borrowing its data from the mapped
 * file. Where the kernels want int8 matrices in an order of their own, those
 * are copied, and the file's pages given back. */
#include "asr/model.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/cpu.h"
#include "asr/base/log.h"
#include "asr/ctc.h"

#define NAME_BYTES     64
#define MAX_WIDTH      4096
#define STEM_TAPS0     5
#define STEM_TAPS      3
#define STEM_STRIDE    3
#define MAX_LEFT       4096
#define MAX_PRESET     256
#define MAX_VOCABULARY ((size_t)1 << 20)
#define FORGET_BYTES   ((size_t)2 << 20)

/* What the loading functions share; `status` is the first failure. After it
 * nothing is looked up any more, so that its line in the log is the only
 * one. */
typedef struct loader {
    heed_model *model;
    const char *path; /* for messages */
    heed_status status;
    bool coarse;        /* what int8 matrices multiply has 8 bits, not 12 */
    size_t n_sums;      /* values of the model's `sums`, so far */
    size_t n_packed;    /* bytes of the model's packed matrices, so far */
    size_t n_forgotten; /* of them when the file's pages were given back */
} loader;

static void fail(loader *load, heed_status status)
{
    if (load->status == HEED_OK)
        load->status = status;
}

/* ---- Metadata ------------------------------------------------------- */

static size_t get_size(loader *load, const char *key, size_t min, size_t max)
{
    uint32_t value = 0;

    if (load->status != HEED_OK)
        return min;

    const heed_status status =
        heed_gguf_get_u32(load->model->gguf, &value, key);

    if (status != HEED_OK) {
        fail(load, status);
        return min;
    }
    if (value < min || value > max) {
        heed_log_error(load->model->log, "%s: %s is %lu, not in %zu-%zu",
                       load->path, key, (unsigned long)value, min, max);
        fail(load, HEED_ERR_FORMAT);
        return min;
    }
    return value;
}

static double get_number(loader *load, const char *key, double min, double max)
{
    float value = 0.0F;

    if (load->status != HEED_OK)
        return min;

    const heed_status status =
        heed_gguf_get_f32(load->model->gguf, &value, key);

    if (status != HEED_OK) {
        fail(load, status);
        return min;
    }
    if (!((double)value >= min && (double)value <= max)) {
        heed_log_error(load->model->log, "%s: %s is %g, not in %g-%g",
                       load->path, key, (double)value, min, max);
        fail(load, HEED_ERR_FORMAT);
        return min;
    }
    return (double)value;
}

/* name [NAME_BYTES] = a + b; the names of this file are far shorter. */
static void join(char *name, const char *a, const char *b)
{
    const size_t length_a = strlen(a);
    const size_t length_b = strlen(b);

    assert(length_a + length_b < NAME_BYTES);
    memcpy(name, a, length_a);
    memcpy(name + length_a, b, length_b + 1);
}

/* ---- Tensors -------------------------------------------------------- */

/* Finds a tensor of type `type` and shape [rows][columns]; rows 0 stands for
 * a vector. Returns its data or NULL after a line in the log. */
static const void *find(loader *load, const char *name,
                        heed_gguf_tensor_type type, size_t rows, size_t columns)
{
    const heed_log *log = load->model->log;
    const heed_gguf_tensor *tensor =
        heed_gguf_find_tensor(load->model->gguf, name);
    const size_t n_dims = rows == 0 ? 1 : 2;

    if (load->status != HEED_OK)
        return NULL;
    if (tensor == NULL) {
        heed_log_error(log, "%s: tensor %s is missing", load->path, name);
        fail(load, HEED_ERR_FORMAT);
        return NULL;
    }
    if (tensor->type != type) {
        heed_log_error(log, "%s: tensor %s has element type %d, not %d",
                       load->path, name, (int)tensor->type, (int)type);
        fail(load, HEED_ERR_FORMAT);
        return NULL;
    }
    if (tensor->n_dims != n_dims || tensor->shape[n_dims - 1] != columns ||
        (rows > 0 && tensor->shape[0] != rows)) {
        heed_log_error(log,
                       "%s: tensor %s has %zu dimensions [%zu][%zu], "
                       "expected [%zu][%zu]",
                       load->path, name, tensor->n_dims, tensor->shape[0],
                       tensor->shape[1], rows, columns);
        fail(load, HEED_ERR_FORMAT);
        return NULL;
    }
    return tensor->data;
}

static const float *find_vector(loader *load, const char *prefix,
                                const char *suffix, size_t n)
{
    char name[NAME_BYTES];

    join(name, prefix, suffix);
    const float *values = find(load, name, HEED_GGUF_TENSOR_F32, 0, n);

    for (size_t i = 0; values != NULL && i < n; i++) {
        if (!isfinite(values[i])) {
            heed_log_error(load->model->log,
                           "%s: tensor %s: value %zu is not finite", load->path,
                           name, i);
            fail(load, HEED_ERR_FORMAT);
            break;
        }
    }
    return values;
}

/* ---- Packed matrices ------------------------------------------------ */

/* Bytes that the int8 matrices of the file take when packed; those with a bad
 * shape are refused later. */
static size_t packed_bytes(const heed_gguf *gguf)
{
    size_t n_bytes = 0;

    for (size_t i = 0; i < heed_gguf_tensor_count(gguf); i++) {
        const heed_gguf_tensor *tensor = heed_gguf_tensor_at(gguf, i);

        if (tensor->type == HEED_GGUF_TENSOR_I8 && tensor->n_dims == 2)
            n_bytes +=
                heed_kernels_packed_bytes(tensor->shape[1], tensor->shape[0]);
    }
    return n_bytes;
}

/* Makes room for them, if the kernels want them. */
static heed_status begin_packing(heed_model *model)
{
    return heed_pages_init(&model->packed, model->kernels->pack != NULL
                                               ? packed_bytes(model->gguf)
                                               : 0);
}

/* Returns the packed matrix, or NULL where the kernels want none. */
static const uint8_t *pack(loader *load, const int8_t *w, size_t n_in,
                           size_t n_out)
{
    const heed_pages *room = &load->model->packed;
    const size_t n_bytes = heed_kernels_packed_bytes(n_in, n_out);
    unsigned char *packed = room->block + load->n_packed;

    if (room->block == NULL || w == NULL)
        return NULL;
    assert(n_bytes <= room->n_bytes - load->n_packed);
    load->model->kernels->pack(packed, w, n_in, n_out);
    load->n_packed += n_bytes;
    /* Now and then, so that the model is never in memory twice. */
    if (load->n_packed - load->n_forgotten >= FORGET_BYTES) {
        heed_gguf_forget(load->model->gguf);
        load->n_forgotten = load->n_packed;
    }
    return packed;
}

/* ---- Layers --------------------------------------------------------- */

/* A matrix `prefix`.weight with its scale (int8) and, if asked, its bias. */
static heed_linear find_linear(loader *load, const char *prefix, size_t n_out,
                               size_t n_in, bool with_bias)
{
    heed_linear linear = {.n_in = n_in, .n_out = n_out};
    char name[NAME_BYTES];

    join(name, prefix, ".weight");
    const heed_gguf_tensor *tensor =
        heed_gguf_find_tensor(load->model->gguf, name);

    if (tensor != NULL && tensor->type == HEED_GGUF_TENSOR_I8) {
        if (n_in > HEED_LINEAR_I8_MAX_IN) {
            heed_log_error(load->model->log,
                           "%s: tensor %s has rows of %zu, at most %d are "
                           "allowed for int8",
                           load->path, name, n_in, HEED_LINEAR_I8_MAX_IN);
            fail(load, HEED_ERR_FORMAT);
            return linear;
        }
        linear.i8 = find(load, name, HEED_GGUF_TENSOR_I8, n_out, n_in);
        linear.scale = find_vector(load, prefix, ".scale", n_out);
        linear.packed = pack(load, linear.i8, n_in, n_out);
        linear.coarse = load->coarse;
    } else {
        linear.f32 = find(load, name, HEED_GGUF_TENSOR_F32, n_out, n_in);
    }
    if (with_bias)
        linear.bias = find_vector(load, prefix, ".bias", n_out);
    return linear;
}

/* A layer normalisation `prefix` + `part`, weights only. */
static heed_norm find_norm(loader *load, const char *prefix, const char *part,
                           size_t n, float eps)
{
    return (heed_norm){.n_values = n,
                       .weight = find_vector(load, prefix, part, n),
                       .eps = eps};
}

/* The matrix `layer` + `part`, as "enc.0" + ".ffn.fc1". */
static heed_linear layer_linear(loader *load, const char *layer,
                                const char *part, size_t n_out, size_t n_in,
                                bool with_bias)
{
    char name[NAME_BYTES];

    join(name, layer, part);
    return find_linear(load, name, n_out, n_in, with_bias);
}

static heed_attention_weights find_attention(loader *load, const char *layer,
                                             const char *block, size_t width)
{
    char name[NAME_BYTES];

    join(name, layer, block);
    return (heed_attention_weights){
        .q = layer_linear(load, name, ".q", width, width, false),
        .k = layer_linear(load, name, ".k", width, width, false),
        .v = layer_linear(load, name, ".v", width, width, false),
        .o = layer_linear(load, name, ".o", width, width, false),
    };
}

/* A convolution with a bias, from its tap-major matrix. */
static heed_conv find_conv(loader *load, const char *prefix, size_t n_out,
                           size_t n_channels, size_t n_taps, size_t step)
{
    return (heed_conv){
        .linear = find_linear(load, prefix, n_out, n_taps * n_channels, true),
        .n_channels = n_channels,
        .n_taps = n_taps,
        .step = step,
    };
}

/* Rows of a matrix tensor, to learn a size that the metadata does not say. */
static size_t rows_of(loader *load, const char *name, size_t max)
{
    const heed_gguf_tensor *tensor =
        heed_gguf_find_tensor(load->model->gguf, name);

    if (load->status != HEED_OK)
        return 2;
    if (tensor == NULL || tensor->n_dims != 2 || tensor->shape[0] == 0 ||
        tensor->shape[0] > max) {
        heed_log_error(load->model->log,
                       "%s: tensor %s is missing or has a bad shape",
                       load->path, name);
        fail(load, HEED_ERR_FORMAT);
        return 2;
    }
    return tensor->shape[0];
}

/* ---- Parts ---------------------------------------------------------- */

/* Settings that are fine one by one must also fit together. */
static void check_frontend(loader *load)
{
    heed_mfcc *mfcc = NULL;
    const heed_status status =
        heed_mfcc_create(&mfcc, &load->model->frontend.mfcc);

    heed_mfcc_destroy(mfcc);
    if (status == HEED_ERR_ARG) {
        heed_log_error(load->model->log,
                       "%s: the settings in heed.frontend contradict each "
                       "other",
                       load->path);
        fail(load, HEED_ERR_FORMAT);
    } else {
        fail(load, status);
    }
}

static void load_frontend(loader *load)
{
    heed_model *model = load->model;
    heed_mfcc_config *mfcc = &model->frontend.mfcc;

    heed_mfcc_config_init(mfcc);
    mfcc->sample_rate_hz =
        (unsigned)get_size(load, "heed.frontend.sample_rate_hz", 16000, 16000);
    mfcc->window_samples =
        get_size(load, "heed.frontend.window_samples", 16, 4096);
    mfcc->hop_samples = get_size(load, "heed.frontend.hop_samples", 16, 4096);
    mfcc->n_mels = get_size(load, "heed.frontend.mel_bins", 4, 256);
    mfcc->n_cepstra = get_size(load, "heed.frontend.cepstra", 4, 256);
    mfcc->low_hz = get_number(load, "heed.frontend.low_hz", 0.0, 8000.0);
    mfcc->high_hz = get_number(load, "heed.frontend.high_hz", 0.0, 8000.0);
    mfcc->preemphasis = get_number(load, "heed.frontend.preemphasis", 0.0, 1.0);
    mfcc->lifter = get_number(load, "heed.frontend.lifter", 0.0, 1000.0);

    const float *mean = find_vector(load, "frontend", ".mean", mfcc->n_cepstra);
    const float *scale =
        find_vector(load, "frontend", ".scale", mfcc->n_cepstra);

    if (load->status == HEED_OK)
        fail(load, heed_cmvn_init(&model->frontend.cmvn, mfcc->n_cepstra, mean,
                                  scale));
    if (load->status == HEED_OK)
        check_frontend(load);
}

static heed_attention_sizes load_sizes(loader *load)
{
    heed_attention_sizes sizes = {
        .width = get_size(load, "heed.width", 8, MAX_WIDTH),
        .n_heads = get_size(load, "heed.heads", 1, 64),
        .n_rotary = get_size(load, "heed.rotary", 0, 512),
        .rope_base = get_number(load, "heed.rope_base", 1.0, 1e9),
    };

    sizes.head_size = sizes.width / sizes.n_heads;
    if (load->status != HEED_OK)
        return sizes;
    if (sizes.head_size * sizes.n_heads != sizes.width ||
        sizes.n_rotary > sizes.head_size || sizes.n_rotary % 2 != 0) {
        heed_log_error(load->model->log,
                       "%s: %zu heads and %zu rotary dimensions do not "
                       "divide a width of %zu",
                       load->path, sizes.n_heads, sizes.n_rotary, sizes.width);
        fail(load, HEED_ERR_FORMAT);
    } else if (sizes.head_size > HEED_ATTEND_MAX_SIZE) {
        heed_log_error(load->model->log, "%s: heads of %zu are too large",
                       load->path, sizes.head_size);
        fail(load, HEED_ERR_FORMAT);
    }
    return sizes;
}

/* Bits of the activations of a part: 12 if the file says nothing. */
static bool load_coarse(loader *load, const char *key)
{
    size_t bits = 12;

    if (load->status == HEED_OK && heed_gguf_has(load->model->gguf, key))
        bits = get_size(load, key, 8, 12);
    if (load->status == HEED_OK && bits != 8 && bits != 12) {
        heed_log_error(load->model->log, "%s: %s is %zu, not 8 or 12",
                       load->path, key, bits);
        fail(load, HEED_ERR_FORMAT);
    }
    return bits == 8;
}

static void load_stem(loader *load, size_t width)
{
    heed_stem_weights *stem = &load->model->stem;
    const size_t n_cepstra = load->model->frontend.mfcc.n_cepstra;
    const size_t width0 = rows_of(load, "stem.0.weight", MAX_WIDTH);
    const size_t width1 = rows_of(load, "stem.1.weight", MAX_WIDTH);

    stem->n_cepstra = n_cepstra;
    stem->conv[0] = find_conv(load, "stem.0", width0, n_cepstra, STEM_TAPS0, 1);
    stem->conv[1] =
        find_conv(load, "stem.1", width1, width0, STEM_TAPS, STEM_STRIDE);
    stem->conv[2] = find_conv(load, "stem.2", width, width1, STEM_TAPS, 1);
}

/* Returns the sums of an int8 matrix's rows, or NULL if it failed. */
static const float *sum_rows(loader *load, const heed_linear *linear)
{
    float *sums = load->model->sums + load->n_sums;

    if (load->status != HEED_OK)
        return NULL;
    for (size_t o = 0; o < linear->n_out; o++) {
        int32_t sum = 0;

        for (size_t i = 0; i < linear->n_in; i++)
            sum += linear->i8[o * linear->n_in + i];
        sums[o] = (float)sum * linear->scale[o];
    }
    load->n_sums += linear->n_out;
    return sums;
}

static heed_encoder_layer find_encoder_layer(loader *load, const char *name,
                                             size_t width, size_t n_hidden,
                                             float eps)
{
    heed_encoder_layer layer = {
        .attn_norm = find_norm(load, name, ".attn_norm.weight", width, eps),
        .attn = find_attention(load, name, ".attn", width),
        .ffn_norm = find_norm(load, name, ".ffn_norm.weight", width, eps),
        .fc1 = layer_linear(load, name, ".ffn.fc1", n_hidden, width, true),
        .fc2 = layer_linear(load, name, ".ffn.fc2", width, n_hidden, true),
    };

    layer.fc2_sums = layer.fc2.coarse ? sum_rows(load, &layer.fc2) : NULL;
    return layer;
}

static void load_encoder(loader *load, const heed_attention_sizes *sizes,
                         float eps)
{
    heed_encoder_weights *encoder = &load->model->encoder;
    const size_t width = sizes->width;

    encoder->sizes = *sizes;
    encoder->n_layers =
        get_size(load, "heed.encoder.layers", 1, HEED_MAX_LAYERS);
    encoder->left_frames =
        get_size(load, "heed.encoder.left_frames", 1, MAX_LEFT);
    encoder->n_hidden = rows_of(load, "enc.0.ffn.fc1.weight", MAX_WIDTH);
    load->model->sums = calloc((encoder->n_layers + 1) * width, sizeof(float));
    if (load->model->sums == NULL)
        fail(load, HEED_ERR_MEMORY);
    for (size_t i = 0; i < encoder->n_layers; i++) {
        char name[NAME_BYTES];

        (void)snprintf(name, sizeof(name), "enc.%zu", i);
        encoder->layers[i] =
            find_encoder_layer(load, name, width, encoder->n_hidden, eps);
    }
    encoder->norm = find_norm(load, "enc", ".norm.weight", width, eps);
    encoder->branch_layer =
        get_size(load, "heed.ctc.branch_layer", 1, encoder->n_layers);
    encoder->branch =
        find_encoder_layer(load, "ctc", width, encoder->n_hidden, eps);
    encoder->branch_norm = find_norm(load, "ctc", ".norm.weight", width, eps);
}

/* The CTC's labels must be the ones this version knows. */
static void check_labels(loader *load)
{
    static const char known[] = " 'ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const heed_gguf_string *labels = NULL;
    size_t count = 0;
    const heed_status status = heed_gguf_get_string_array(
        load->model->gguf, &labels, &count, "heed.ctc.labels");
    bool same = count == HEED_CTC_LABELS && labels[0].length == 0;

    for (size_t i = 1; same && i < count; i++)
        same = labels[i].length == 1 && labels[i].text[0] == known[i - 1];
    if (status != HEED_OK) {
        fail(load, status);
    } else if (!same) {
        heed_log_error(load->model->log,
                       "%s: heed.ctc.labels are not blank, space, "
                       "apostrophe and A-Z",
                       load->path);
        fail(load, HEED_ERR_UNSUPPORTED);
    }
}

static void load_ctc(loader *load, size_t width)
{
    heed_ctc_weights *ctc = &load->model->ctc;
    const size_t hidden = rows_of(load, "ctc.conv.weight", MAX_WIDTH);

    if (load->status == HEED_OK)
        check_labels(load);
    ctc->conv = find_conv(load, "ctc.conv", hidden, width, HEED_CTC_TAPS, 1);
    ctc->output =
        find_linear(load, "ctc.output", HEED_CTC_LABELS, hidden, true);
}

static void load_decoder(loader *load, const heed_attention_sizes *sizes,
                         float eps)
{
    heed_decoder_weights *decoder = &load->model->decoder;
    const size_t width = sizes->width;

    decoder->sizes = *sizes;
    decoder->n_layers =
        get_size(load, "heed.decoder.layers", 1, HEED_MAX_LAYERS);
    decoder->n_hidden = rows_of(load, "dec.0.ffn.up.weight", MAX_WIDTH) / 2;
    for (size_t i = 0; i < decoder->n_layers; i++) {
        heed_decoder_layer *layer = &decoder->layers[i];
        char name[NAME_BYTES];

        (void)snprintf(name, sizeof(name), "dec.%zu", i);
        layer->self_norm =
            find_norm(load, name, ".self_norm.weight", width, eps);
        layer->self = find_attention(load, name, ".self", width);
        layer->cross_norm =
            find_norm(load, name, ".cross_norm.weight", width, eps);
        layer->cross = find_attention(load, name, ".cross", width);
        layer->ffn_norm = find_norm(load, name, ".ffn_norm.weight", width, eps);
        layer->up = layer_linear(load, name, ".ffn.up", 2 * decoder->n_hidden,
                                 width, true);
        layer->down = layer_linear(load, name, ".ffn.down", width,
                                   decoder->n_hidden, true);
    }
    decoder->norm = find_norm(load, "dec", ".norm.weight", width, eps);
    decoder->alignment = find_vector(load, "dec", ".alignment",
                                     decoder->n_layers * sizes->n_heads);

    const size_t n_vocabulary = heed_tokenizer_count(load->model->tokenizer);

    decoder->embed = find_linear(load, "dec.embed", n_vocabulary, width, false);
}

/* A model may do without. */
static void load_voice(loader *load, size_t width)
{
    heed_voice_weights *voice = &load->model->voice;

    if (heed_gguf_find_tensor(load->model->gguf, "voice.weight") == NULL)
        return;
    voice->n_values = width;
    voice->weight = find_vector(load, "voice", ".weight", width);
    voice->bias = find_vector(load, "voice", ".bias", 1);
}

static void load_presets(loader *load)
{
    heed_model_preset *presets = load->model->presets;

    presets[HEED_LATENCY_FILE] = (heed_model_preset){
        get_size(load, "heed.file.chunk_frames", 1, MAX_PRESET),
        get_size(load, "heed.file.lookahead_frames", 1, MAX_PRESET)};
    presets[HEED_LATENCY_LIVE] = (heed_model_preset){
        get_size(load, "heed.live.chunk_frames", 1, MAX_PRESET),
        get_size(load, "heed.live.lookahead_frames", 1, MAX_PRESET)};
}

/* ---- Description ---------------------------------------------------- */

/* Copies the file's descriptive strings, which have no terminator there. */
static void load_info(loader *load)
{
    static const char *const keys[] = {"general.name", "general.license",
                                       "general.description", "heed.notices"};
    heed_model *model = load->model;
    heed_model_info *info = &model->info;
    const char **targets[] = {&info->name, &info->license, &info->card,
                              &info->notices};
    heed_gguf_string strings[4] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    size_t n_bytes = 0;

    for (size_t i = 0; i < 4; i++) {
        if (heed_gguf_has(model->gguf, keys[i]))
            fail(load, heed_gguf_get_string(model->gguf, &strings[i], keys[i]));
        n_bytes += strings[i].length + 1;
    }
    if (load->status != HEED_OK)
        return;
    model->texts = malloc(n_bytes);
    if (model->texts == NULL) {
        fail(load, HEED_ERR_MEMORY);
        return;
    }
    char *at = model->texts;

    for (size_t i = 0; i < 4; i++) {
        *targets[i] = at;
        memcpy(at, strings[i].text, strings[i].length);
        at[strings[i].length] = '\0';
        at += strings[i].length + 1;
    }
    info->sample_rate_hz = (unsigned)model->frontend.mfcc.sample_rate_hz;
    info->n_vocabulary = heed_tokenizer_count(model->tokenizer);
    info->file_bytes = heed_gguf_size_bytes(model->gguf);
    info->frame_s = (double)(model->frontend.mfcc.hop_samples * STEM_STRIDE) /
                    (double)model->frontend.mfcc.sample_rate_hz;
    for (size_t i = 0; i < heed_gguf_tensor_count(model->gguf); i++)
        info->n_parameters += heed_gguf_tensor_at(model->gguf, i)->n_elements;
}

static void check_architecture(loader *load)
{
    heed_gguf_string name = {"", 0};
    const heed_status status =
        heed_gguf_get_string(load->model->gguf, &name, "general.architecture");

    if (status != HEED_OK) {
        fail(load, status);
    } else if (name.length != 4 || memcmp(name.text, "heed", 4) != 0) {
        heed_log_error(load->model->log,
                       "%s: architecture is \"%.*s\", not \"heed\"", load->path,
                       name.length < 32 ? (int)name.length : 32, name.text);
        fail(load, HEED_ERR_UNSUPPORTED);
    }
}

static heed_status load_model(heed_model *model, const char *path)
{
    loader load = {.model = model, .path = path};

    check_architecture(&load);
    if (load.status != HEED_OK)
        return load.status;
    load.status =
        heed_tokenizer_create(&model->tokenizer, model->gguf, model->log);
    if (load.status != HEED_OK)
        return load.status;

    const heed_attention_sizes sizes = load_sizes(&load);
    const float eps = (float)get_number(&load, "heed.norm_eps", 1e-12, 0.1);

    load_frontend(&load);

    const bool coarse = load_coarse(&load, "heed.encoder.activation_bits");
    const bool coarse_decoder =
        load_coarse(&load, "heed.decoder.activation_bits");

    load.coarse = coarse;
    if (load.status == HEED_OK)
        load_stem(&load, sizes.width);
    if (load.status == HEED_OK)
        load_encoder(&load, &sizes, eps);
    if (load.status == HEED_OK)
        load_ctc(&load, sizes.width);
    load.coarse = coarse_decoder;
    if (load.status == HEED_OK)
        load_decoder(&load, &sizes, eps);
    for (size_t i = 0; i < model->decoder.n_layers; i++) {
        model->decoder.layers[i].cross.k.coarse = coarse;
        model->decoder.layers[i].cross.v.coarse = coarse;
    }
    if (load.status == HEED_OK)
        load_voice(&load, sizes.width);
    if (load.status == HEED_OK)
        load_presets(&load);
    if (load.status == HEED_OK)
        load_info(&load);
    return load.status;
}

heed_status heed_model_open(heed_model **out, const char *path,
                            const heed_log *log)
{
    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (path == NULL)
        return HEED_ERR_ARG;

    heed_model *model = calloc(1, sizeof(*model));

    if (model == NULL)
        return HEED_ERR_MEMORY;
    model->log = log;
    model->kernels = heed_kernels_get(heed_cpu_flags());

    heed_status status = heed_gguf_open(&model->gguf, path, log);

    if (status == HEED_OK)
        status = begin_packing(model);
    if (status == HEED_OK)
        status = load_model(model, path);
    if (status == HEED_OK && model->packed.block != NULL)
        heed_gguf_forget(model->gguf);
    if (status != HEED_OK) {
        heed_model_close(model);
        return status;
    }
    *out = model;
    return HEED_OK;
}

void heed_model_close(heed_model *model)
{
    if (model == NULL)
        return;
    heed_tokenizer_destroy(model->tokenizer);
    heed_gguf_close(model->gguf);
    heed_pages_deinit(&model->packed);
    free(model->sums);
    free(model->texts);
    free(model);
}

void heed_model_describe(const heed_model *model, heed_model_info *info)
{
    *info = model->info;
}
