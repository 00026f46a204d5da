/* encoder.c - see encoder.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/encoder.h"

#include <assert.h>
#include <string.h>

#include "asr/nn/attention.h"

void heed_encoder_init(heed_encoder *encoder,
                       const heed_encoder_weights *weights, size_t max_rows,
                       const heed_kernels *kernels, heed_arena *arena)
{
    const size_t row = weights->sizes.width * sizeof(float);
    const size_t n_keys = weights->left_frames + max_rows;
    const size_t turn = weights->sizes.n_rotary / 2 * sizeof(float);

    *encoder = (heed_encoder){
        .weights = weights, .kernels = kernels, .max_rows = max_rows};
    encoder->keys =
        heed_arena_take(arena, (weights->n_layers + 1) * n_keys, row);
    encoder->values =
        heed_arena_take(arena, (weights->n_layers + 1) * n_keys, row);
    encoder->x = heed_arena_take(arena, max_rows, row);
    encoder->branch = heed_arena_take(arena, max_rows, row);
    encoder->normed = heed_arena_take(arena, max_rows, row);
    encoder->queries = heed_arena_take(arena, max_rows, row);
    encoder->new_keys = heed_arena_take(arena, max_rows, row);
    encoder->mixed = heed_arena_take(arena, max_rows, row);
    encoder->hidden =
        heed_arena_take(arena, max_rows, weights->n_hidden * sizeof(float));
    encoder->probs = heed_arena_take(arena, max_rows, n_keys * sizeof(float));
    encoder->cosines = heed_arena_take(arena, max_rows, turn);
    encoder->sines = heed_arena_take(arena, max_rows, turn);
}

void heed_encoder_reset(heed_encoder *encoder)
{
    encoder->n_left = 0;
    encoder->position = 0;
}

/* Turns every head of `n_rows` rows by the angles of their positions. */
static void rotate_rows(const heed_encoder *encoder, float *rows, size_t n_rows)
{
    const heed_attention_sizes *sizes = &encoder->weights->sizes;
    const size_t n_pairs = sizes->n_rotary / 2;

    for (size_t r = 0; r < n_rows; r++)
        for (size_t h = 0; h < sizes->n_heads; h++)
            encoder->kernels->rope(rows + r * sizes->width +
                                       h * sizes->head_size,
                                   encoder->cosines + r * n_pairs,
                                   encoder->sines + r * n_pairs, n_pairs);
}

/* Puts the rows' keys, turned, into the columns after those cached. */
static void cache_keys(heed_encoder *encoder, float *keys, size_t n_rows)
{
    const size_t width = encoder->weights->sizes.width;
    const size_t n_all = encoder->weights->left_frames + encoder->max_rows;

    for (size_t d = 0; d < width; d++) {
        float *to = keys + d * n_all + encoder->n_left;

        for (size_t r = 0; r < n_rows; r++)
            to[r] = encoder->new_keys[r * width + d];
    }
}

/* x += W_o MHA(LN x); leaves the rows' keys and values after those cached for
 * layer number `l`. */
static void attention_block(heed_encoder *encoder,
                            const heed_encoder_layer *layer, size_t l,
                            size_t n_rows)
{
    const heed_encoder_weights *weights = encoder->weights;
    const heed_attention_sizes *sizes = &weights->sizes;
    const heed_kernels *kernels = encoder->kernels;
    const size_t n_all = weights->left_frames + encoder->max_rows;
    float *keys = encoder->keys + l * n_all * sizes->width;
    float *values = encoder->values + l * n_all * sizes->width;
    const size_t n_keys = encoder->n_left + n_rows;
    const heed_attention_shape shape = {
        .n_queries = n_rows,
        .head_size = sizes->head_size,
        .query_stride = sizes->width,
        .span_stride = sizes->width,
        .key_stride = n_all,
        .probs_stride = n_all,
        .out_stride = sizes->width,
    };

    heed_norm_forward(&layer->attn_norm, encoder->normed, encoder->x, n_rows,
                      kernels);
    heed_linear_forward(&layer->attn.q, encoder->queries, encoder->normed,
                        n_rows, kernels);
    heed_linear_forward(&layer->attn.k, encoder->new_keys, encoder->normed,
                        n_rows, kernels);
    heed_linear_forward(&layer->attn.v, values + encoder->n_left * sizes->width,
                        encoder->normed, n_rows, kernels);
    rotate_rows(encoder, encoder->queries, n_rows);
    rotate_rows(encoder, encoder->new_keys, n_rows);
    cache_keys(encoder, keys, n_rows);
    for (size_t h = 0; h < sizes->n_heads; h++) {
        const size_t at = h * sizes->head_size;
        const heed_attention_span span = {keys + at * n_all, values + at,
                                          n_keys};

        heed_attention_head(encoder->mixed + at, encoder->probs,
                            encoder->queries + at, &span, 1, &shape, kernels);
    }
    heed_linear_forward(&layer->attn.o, encoder->normed, encoder->mixed, n_rows,
                        kernels);
    kernels->axpy(encoder->x, 1.0F, encoder->normed, n_rows * sizes->width);
}

/* x += fc2 GELU(fc1 LN x) */
static void feed_forward_block(heed_encoder *encoder,
                               const heed_encoder_layer *layer, size_t n_rows)
{
    const heed_kernels *kernels = encoder->kernels;

    heed_norm_forward(&layer->ffn_norm, encoder->normed, encoder->x, n_rows,
                      kernels);
    heed_linear_forward(&layer->fc1, encoder->hidden, encoder->normed, n_rows,
                        kernels);
    kernels->gelu(encoder->hidden, encoder->hidden,
                  n_rows * encoder->weights->n_hidden);
    heed_linear_forward(&layer->fc2, encoder->normed, encoder->hidden, n_rows,
                        kernels);
    kernels->axpy(encoder->x, 1.0F, encoder->normed,
                  n_rows * encoder->weights->sizes.width);
}

/* Keeps the keys and values of the last `left_frames` main frames. */
static void keep_main_frames(heed_encoder *encoder, size_t n_main)
{
    const heed_encoder_weights *weights = encoder->weights;
    const size_t width = weights->sizes.width;
    const size_t n_all = weights->left_frames + encoder->max_rows;
    const size_t n_past = encoder->n_left + n_main;
    const size_t drop =
        n_past > weights->left_frames ? n_past - weights->left_frames : 0;

    for (size_t l = 0; drop > 0 && l <= weights->n_layers; l++) {
        float *keys = encoder->keys + l * n_all * width;
        float *values = encoder->values + l * n_all * width;

        for (size_t d = 0; d < width; d++)
            memmove(keys + d * n_all, keys + d * n_all + drop,
                    (n_past - drop) * sizeof(float));
        memmove(values, values + drop * width,
                (n_past - drop) * width * sizeof(float));
    }
    encoder->n_left = n_past - drop;
    encoder->position += n_main;
}

/* One layer over the rows in x. */
static void run_layer(heed_encoder *encoder, const heed_encoder_layer *layer,
                      size_t l, size_t n_rows)
{
    attention_block(encoder, layer, l, n_rows);
    feed_forward_block(encoder, layer, n_rows);
}

void heed_encoder_run(heed_encoder *encoder, float *memory, float *spelling,
                      const float *in, size_t n_main, size_t n_ahead)
{
    const heed_encoder_weights *weights = encoder->weights;
    const heed_attention_sizes *sizes = &weights->sizes;
    const size_t n_rows = n_main + n_ahead;
    const size_t n_bytes = n_rows * sizes->width * sizeof(float);
    const size_t n_pairs = sizes->n_rotary / 2;

    assert(n_main > 0 && n_rows <= encoder->max_rows);
    for (size_t r = 0; r < n_rows; r++)
        heed_rope_angles(encoder->cosines + r * n_pairs,
                         encoder->sines + r * n_pairs, encoder->position + r,
                         n_pairs, sizes->rope_base);
    memcpy(encoder->x, in, n_bytes);
    for (size_t l = 0; l < weights->n_layers; l++) {
        run_layer(encoder, &weights->layers[l], l, n_rows);
        if (l + 1 == weights->branch_layer)
            memcpy(encoder->branch, encoder->x, n_bytes);
    }
    heed_norm_forward(&weights->norm, memory, encoder->x, n_rows,
                      encoder->kernels);
    memcpy(encoder->x, encoder->branch, n_bytes);
    run_layer(encoder, &weights->branch, weights->n_layers, n_rows);
    heed_norm_forward(&weights->branch_norm, spelling, encoder->x, n_rows,
                      encoder->kernels);
    keep_main_frames(encoder, n_main);
}
