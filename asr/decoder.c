/* decoder.c - see decoder.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/decoder.h"

#include <assert.h>
#include <string.h>

#include "asr/nn/attention.h"

void heed_decoder_init(heed_decoder *decoder,
                       const heed_decoder_weights *weights, size_t max_tokens,
                       size_t max_frames, const heed_kernels *kernels,
                       heed_arena *arena)
{
    const size_t row = weights->sizes.width * sizeof(float);
    const size_t turn = weights->sizes.n_rotary / 2;
    const size_t n_layers = weights->n_layers;
    const size_t longest = max_tokens > max_frames ? max_tokens : max_frames;

    *decoder = (heed_decoder){.weights = weights,
                              .kernels = kernels,
                              .max_tokens = max_tokens,
                              .max_frames = max_frames};
    decoder->self_keys = heed_arena_take(arena, n_layers * max_tokens, row);
    decoder->self_values = heed_arena_take(arena, n_layers * max_tokens, row);
    decoder->cross_keys = heed_arena_take(arena, n_layers * max_frames, row);
    decoder->cross_values = heed_arena_take(arena, n_layers * max_frames, row);
    decoder->x = heed_arena_take(arena, 1, row);
    decoder->normed = heed_arena_take(arena, 1, row);
    decoder->query = heed_arena_take(arena, 1, row);
    decoder->mixed = heed_arena_take(arena, 1, row);
    decoder->hidden =
        heed_arena_take(arena, 2 * weights->n_hidden, sizeof(float));
    decoder->probs = heed_arena_take(arena, longest, sizeof(float));
    decoder->attention = heed_arena_take(arena, max_frames, sizeof(float));
    decoder->cosines = heed_arena_take(arena, turn, sizeof(float));
    decoder->sines = heed_arena_take(arena, turn, sizeof(float));
}

void heed_decoder_set_memory(heed_decoder *decoder, size_t first,
                             const float *memory, size_t n_frames)
{
    const heed_decoder_weights *weights = decoder->weights;
    const size_t width = weights->sizes.width;

    assert(first + n_frames <= decoder->max_frames);
    for (size_t l = 0; n_frames > 0 && l < weights->n_layers; l++) {
        const heed_attention_weights *cross = &weights->layers[l].cross;
        const size_t at = (l * decoder->max_frames + first) * width;

        heed_linear_forward(&cross->k, decoder->cross_keys + at, memory,
                            n_frames, decoder->kernels);
        heed_linear_forward(&cross->v, decoder->cross_values + at, memory,
                            n_frames, decoder->kernels);
    }
}

void heed_decoder_rewind(heed_decoder *decoder, size_t n_tokens)
{
    assert(n_tokens <= decoder->n_tokens);
    decoder->n_tokens = n_tokens;
}

/* x = the token's row of the embedding. */
static void embed(const heed_linear *embedding, float *x, size_t token)
{
    const size_t width = embedding->n_in;

    if (embedding->f32 != NULL) {
        memcpy(x, embedding->f32 + token * width, width * sizeof(float));
        return;
    }
    for (size_t i = 0; i < width; i++)
        x[i] =
            embedding->scale[token] * (float)embedding->i8[token * width + i];
}

static void normalise(heed_decoder *decoder, const heed_norm *norm)
{
    heed_norm_forward(norm, decoder->normed, decoder->x, 1, decoder->kernels);
}

static void rotate_heads(const heed_decoder *decoder, float *row)
{
    const heed_attention_sizes *sizes = &decoder->weights->sizes;

    for (size_t h = 0; h < sizes->n_heads; h++)
        decoder->kernels->rope(row + h * sizes->head_size, decoder->cosines,
                               decoder->sines, sizes->n_rotary / 2);
}

/* x += W_o of what the query's heads find in `n_keys` keys and values. With
 * `shares` [n_heads], adds that much of each head's probabilities to the
 * attention. */
static void attend(heed_decoder *decoder, const heed_linear *output,
                   const float *keys, const float *values, size_t n_keys,
                   const float *shares)
{
    const heed_attention_sizes *sizes = &decoder->weights->sizes;
    const heed_kernels *kernels = decoder->kernels;
    const heed_attention_shape shape = {
        .n_queries = 1,
        .head_size = sizes->head_size,
        .query_stride = sizes->width,
        .span_stride = sizes->width,
        .probs_stride = n_keys,
        .out_stride = sizes->width,
    };

    for (size_t h = 0; h < sizes->n_heads; h++) {
        const size_t at = h * sizes->head_size;
        const heed_attention_span span = {keys + at, values + at, n_keys};

        heed_attention_head(decoder->mixed + at, decoder->probs,
                            decoder->query + at, &span, 1, &shape, kernels);
        if (shares != NULL && shares[h] != 0.0F)
            kernels->axpy(decoder->attention, shares[h], decoder->probs,
                          n_keys);
    }
    heed_linear_forward(output, decoder->normed, decoder->mixed, 1, kernels);
    kernels->axpy(decoder->x, 1.0F, decoder->normed, sizes->width);
}

static void self_block(heed_decoder *decoder, size_t l)
{
    const heed_decoder_layer *layer = &decoder->weights->layers[l];
    const size_t width = decoder->weights->sizes.width;
    const size_t first = l * decoder->max_tokens;
    float *keys = decoder->self_keys + first * width;
    float *values = decoder->self_values + first * width;
    float *key = keys + decoder->n_tokens * width;

    normalise(decoder, &layer->self_norm);
    heed_linear_forward(&layer->self.q, decoder->query, decoder->normed, 1,
                        decoder->kernels);
    heed_linear_forward(&layer->self.k, key, decoder->normed, 1,
                        decoder->kernels);
    heed_linear_forward(&layer->self.v, values + decoder->n_tokens * width,
                        decoder->normed, 1, decoder->kernels);
    rotate_heads(decoder, decoder->query);
    rotate_heads(decoder, key);
    attend(decoder, &layer->self.o, keys, values, decoder->n_tokens + 1, NULL);
}

static void cross_block(heed_decoder *decoder, size_t l, size_t n_frames)
{
    const heed_decoder_layer *layer = &decoder->weights->layers[l];
    const size_t width = decoder->weights->sizes.width;
    const size_t at = l * decoder->max_frames * width;
    const size_t layer_heads = decoder->weights->sizes.n_heads;

    normalise(decoder, &layer->cross_norm);
    heed_linear_forward(&layer->cross.q, decoder->query, decoder->normed, 1,
                        decoder->kernels);
    attend(decoder, &layer->cross.o, decoder->cross_keys + at,
           decoder->cross_values + at, n_frames,
           decoder->weights->alignment + l * layer_heads);
}

static void feed_forward_block(heed_decoder *decoder, size_t l)
{
    const heed_decoder_layer *layer = &decoder->weights->layers[l];
    const heed_kernels *kernels = decoder->kernels;
    const size_t n_hidden = decoder->weights->n_hidden;

    normalise(decoder, &layer->ffn_norm);
    heed_linear_forward(&layer->up, decoder->hidden, decoder->normed, 1,
                        kernels);
    kernels->silu_mul(decoder->hidden, decoder->hidden + n_hidden,
                      decoder->hidden, n_hidden);
    heed_linear_forward(&layer->down, decoder->normed, decoder->hidden, 1,
                        kernels);
    kernels->axpy(decoder->x, 1.0F, decoder->normed,
                  decoder->weights->sizes.width);
}

void heed_decoder_step(heed_decoder *decoder, float *logits, size_t token,
                       size_t n_frames)
{
    const heed_decoder_weights *weights = decoder->weights;
    const heed_attention_sizes *sizes = &weights->sizes;

    assert(decoder->n_tokens < decoder->max_tokens);
    assert(n_frames > 0 && n_frames <= decoder->max_frames);
    heed_rope_angles(decoder->cosines, decoder->sines, decoder->n_tokens,
                     sizes->n_rotary / 2, sizes->rope_base);
    memset(decoder->attention, 0, n_frames * sizeof(float));
    embed(&weights->embed, decoder->x, token);
    for (size_t l = 0; l < weights->n_layers; l++) {
        self_block(decoder, l);
        cross_block(decoder, l, n_frames);
        feed_forward_block(decoder, l);
    }
    decoder->n_tokens++;
    if (logits == NULL)
        return;
    normalise(decoder, &weights->norm);
    heed_linear_forward(&weights->embed, logits, decoder->normed, 1,
                        decoder->kernels);
}
