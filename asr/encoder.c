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
    const size_t turn = weights->sizes.n_rotary / 2 * sizeof(float);
    const size_t n_left = weights->left_frames;
    const size_t n_cached = (weights->n_layers + 1) * n_left;

    *encoder = (heed_encoder){
        .weights = weights, .kernels = kernels, .max_rows = max_rows};
    encoder->keys = heed_arena_take(arena, n_cached, row);
    encoder->values = heed_arena_take(arena, n_cached, row);
    encoder->new_keys = heed_arena_take(arena, max_rows, row);
    encoder->new_values = heed_arena_take(arena, max_rows, row);
    encoder->x = heed_arena_take(arena, max_rows, row);
    encoder->normed = heed_arena_take(arena, max_rows, row);
    encoder->queries = heed_arena_take(arena, max_rows, row);
    encoder->mixed = heed_arena_take(arena, max_rows, row);
    encoder->hidden = heed_arena_take(arena, HEED_ENCODER_ROWS,
                                      weights->n_hidden * sizeof(float));
    encoder->probs = heed_arena_take(arena, HEED_ENCODER_QUERIES,
                                     (n_left + max_rows) * sizeof(float));
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

/* Turns the new keys, which lie in rows, into columns. */
static void set_new_keys(heed_encoder *encoder, size_t n_rows)
{
    const size_t width = encoder->weights->sizes.width;

    for (size_t d = 0; d < width; d++) {
        float *to = encoder->new_keys + d * encoder->max_rows;

        for (size_t r = 0; r < n_rows; r++)
            to[r] = encoder->mixed[r * width + d];
    }
}

/* Copies the last main frames' new keys and values to layer number `l`'s
 * cache, over those of the oldest. */
static void keep_main_frames(heed_encoder *encoder, size_t l, size_t n_main)
{
    const size_t n_left = encoder->weights->left_frames;
    const size_t width = encoder->weights->sizes.width;
    float *keys = encoder->keys + l * n_left * width;
    float *values = encoder->values + l * n_left * width;
    size_t from = n_main > n_left ? n_main - n_left : 0;

    while (from < n_main) {
        const size_t to = (size_t)((encoder->position + from) % n_left);
        const size_t rest = n_main - from;
        const size_t n = rest < n_left - to ? rest : n_left - to;

        for (size_t d = 0; d < width; d++)
            memcpy(keys + d * n_left + to,
                   encoder->new_keys + d * encoder->max_rows + from,
                   n * sizeof(float));
        memcpy(values + to * width, encoder->new_values + from * width,
               n * width * sizeof(float));
        from += n;
    }
}

/* Fills `spans` with what a head, whose first value is number `at`, attends
 * to in layer number `l`, oldest first. Returns how many there are. */
static size_t list_spans(const heed_encoder *encoder,
                         heed_attention_span spans[3], size_t l, size_t at,
                         size_t n_rows)
{
    const size_t n_left = encoder->weights->left_frames;
    const size_t width = encoder->weights->sizes.width;
    const float *keys = encoder->keys + (l * width + at) * n_left;
    const float *values = encoder->values + l * n_left * width + at;
    const size_t first =
        (size_t)((encoder->position - encoder->n_left) % n_left);
    const size_t n_older =
        encoder->n_left < n_left - first ? encoder->n_left : n_left - first;
    size_t n = 0;

    if (n_older > 0)
        spans[n++] = (heed_attention_span){keys + first, values + first * width,
                                           n_older, n_left};
    if (encoder->n_left > n_older)
        spans[n++] = (heed_attention_span){keys, values,
                                           encoder->n_left - n_older, n_left};
    spans[n++] = (heed_attention_span){
        encoder->new_keys + at * encoder->max_rows, encoder->new_values + at,
        n_rows, encoder->max_rows};
    return n;
}

/* What a head, whose first value is number `at`, makes of the rows. */
static void run_head(heed_encoder *encoder, size_t l, size_t at, size_t n_rows)
{
    const heed_attention_sizes *sizes = &encoder->weights->sizes;
    heed_attention_shape shape = {
        .head_size = sizes->head_size,
        .query_stride = sizes->width,
        .span_stride = sizes->width,
        .probs_stride = encoder->weights->left_frames + encoder->max_rows,
        .out_stride = sizes->width,
    };
    heed_attention_span spans[3];
    const size_t n_spans = list_spans(encoder, spans, l, at, n_rows);

    for (size_t r = 0; r < n_rows; r += shape.n_queries) {
        const size_t first = r * sizes->width + at;

        shape.n_queries = n_rows - r < HEED_ENCODER_QUERIES
                              ? n_rows - r
                              : HEED_ENCODER_QUERIES;
        heed_attention_head(encoder->mixed + first, encoder->probs,
                            encoder->queries + first, spans, n_spans, &shape,
                            encoder->kernels);
    }
}

/* x += W_o MHA(LN x), in layer number `l`; leaves its new keys and values. */
static void attention_block(heed_encoder *encoder,
                            const heed_encoder_layer *layer, size_t l,
                            size_t n_rows)
{
    const heed_attention_sizes *sizes = &encoder->weights->sizes;
    const heed_kernels *kernels = encoder->kernels;

    heed_norm_forward(&layer->attn_norm, encoder->normed, encoder->x, n_rows,
                      kernels);
    heed_linear_forward(&layer->attn.q, encoder->queries, encoder->normed,
                        n_rows, kernels);
    heed_linear_forward(&layer->attn.k, encoder->mixed, encoder->normed, n_rows,
                        kernels);
    heed_linear_forward(&layer->attn.v, encoder->new_values, encoder->normed,
                        n_rows, kernels);
    rotate_rows(encoder, encoder->queries, n_rows);
    rotate_rows(encoder, encoder->mixed, n_rows);
    set_new_keys(encoder, n_rows);
    for (size_t h = 0; h < sizes->n_heads; h++)
        run_head(encoder, l, h * sizes->head_size, n_rows);
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
    for (size_t first = 0; first < n_rows; first += HEED_ENCODER_ROWS) {
        const size_t left = n_rows - first;
        const size_t n = left < HEED_ENCODER_ROWS ? left : HEED_ENCODER_ROWS;
        float *rows = encoder->normed + first * encoder->weights->sizes.width;

        heed_linear_forward(&layer->fc1, encoder->hidden, rows, n, kernels);
        kernels->gelu(encoder->hidden, encoder->hidden,
                      n * encoder->weights->n_hidden);
        heed_linear_forward(&layer->fc2, rows, encoder->hidden, n, kernels);
    }
    kernels->axpy(encoder->x, 1.0F, encoder->normed,
                  n_rows * encoder->weights->sizes.width);
}

/* Layer number `l` over the rows in x. */
static void run_layer(heed_encoder *encoder, const heed_encoder_layer *layer,
                      size_t l, size_t n_main, size_t n_rows)
{
    attention_block(encoder, layer, l, n_rows);
    keep_main_frames(encoder, l, n_main);
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
        run_layer(encoder, &weights->layers[l], l, n_main, n_rows);
        if (l + 1 == weights->branch_layer)
            memcpy(spelling, encoder->x, n_bytes);
    }
    heed_norm_forward(&weights->norm, memory, encoder->x, n_rows,
                      encoder->kernels);
    memcpy(encoder->x, spelling, n_bytes);
    run_layer(encoder, &weights->branch, weights->n_layers, n_main, n_rows);
    heed_norm_forward(&weights->branch_norm, spelling, encoder->x, n_rows,
                      encoder->kernels);
    encoder->position += n_main;
    encoder->n_left += n_main;
    if (encoder->n_left > weights->left_frames)
        encoder->n_left = weights->left_frames;
}
