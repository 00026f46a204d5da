/* encoder.c - see encoder.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/encoder.h"

#include <assert.h>
#include <string.h>

#include "asr/nn/attention.h"

/* Runs of keys: the two ends of a ring, and the chunk. */
enum { MAX_SPANS = 3 };

/* Number of slots for `n` rows: values lie in pairs. */
static size_t slots_of(size_t n)
{
    return (n + 1) / 2 * 2;
}

/* One value more than the keys have can be read: a head of odd size. */
static void take_cache(heed_encoder_cache *cache, size_t n_layers,
                       size_t n_rows, size_t width, heed_arena *arena)
{
    const size_t n_slots = slots_of(n_rows);
    const size_t n_all = n_layers * n_slots;

    cache->n_slots = n_slots;
    cache->keys = heed_arena_take(arena, n_all * width + 1, sizeof(int16_t));
    cache->values = heed_arena_take(arena, n_all * width, sizeof(int16_t));
    cache->key_steps = heed_arena_take(arena, n_all, sizeof(float));
    cache->value_steps = heed_arena_take(arena, n_all, sizeof(float));
}

void heed_encoder_init(heed_encoder *encoder,
                       const heed_encoder_weights *weights, size_t max_rows,
                       const heed_kernels *kernels, heed_arena *arena)
{
    const size_t width = weights->sizes.width;
    const size_t row = width * sizeof(float);
    const size_t turn = weights->sizes.n_rotary / 2 * sizeof(float);
    const size_t n_left = weights->left_frames;
    const size_t stride = (width + HEED_ROUND_I16_ALIGN - 1) /
                          HEED_ROUND_I16_ALIGN * HEED_ROUND_I16_ALIGN;

    *encoder = (heed_encoder){.weights = weights,
                              .kernels = kernels,
                              .max_rows = max_rows,
                              .stride = stride};
    take_cache(&encoder->past, weights->n_layers + 1, n_left, width, arena);
    take_cache(&encoder->now, 1, max_rows, width, arena);
    encoder->queries =
        heed_arena_take(arena, max_rows, stride * sizeof *encoder->queries);
    encoder->query_steps = heed_arena_take(arena, max_rows, sizeof(float));
    encoder->rounded =
        heed_arena_take(arena, 2, stride * sizeof *encoder->rounded);
    encoder->x = heed_arena_take(arena, max_rows, row);
    encoder->normed = heed_arena_take(arena, max_rows, row);
    encoder->mixed = heed_arena_take(arena, max_rows, row);
    encoder->hidden = heed_arena_take(arena, HEED_ENCODER_ROWS,
                                      weights->n_hidden * sizeof(float));
    encoder->scratch = heed_arena_take(
        arena, heed_attend_scratch_floats(n_left + max_rows, MAX_SPANS),
        sizeof(float));
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

/* Rounds the queries in `mixed`. */
static void round_queries(heed_encoder *encoder, size_t n_rows)
{
    const size_t width = encoder->weights->sizes.width;

    for (size_t r = 0; r < n_rows; r++)
        encoder->query_steps[r] =
            encoder->kernels->round_i16(encoder->queries + r * encoder->stride,
                                        encoder->mixed + r * width, width);
}

/* Rounds the new keys in `mixed` and hands them to the heads. */
static void round_keys(heed_encoder *encoder, size_t n_rows)
{
    const heed_attention_sizes *sizes = &encoder->weights->sizes;
    const heed_encoder_cache *now = &encoder->now;
    const size_t size = sizes->head_size;

    for (size_t r = 0; r < n_rows; r++) {
        now->key_steps[r] = encoder->kernels->round_i16(
            encoder->rounded, encoder->mixed + r * sizes->width, sizes->width);
        for (size_t h = 0; h < sizes->n_heads; h++)
            memcpy(now->keys + (h * now->n_slots + r) * size,
                   encoder->rounded + h * size, size * sizeof(int16_t));
    }
}

/* The same with the new values, in pairs. */
static void round_values(heed_encoder *encoder, size_t n_rows)
{
    const heed_attention_sizes *sizes = &encoder->weights->sizes;
    const heed_encoder_cache *now = &encoder->now;
    const size_t size = sizes->head_size;

    for (size_t r = 0; r < n_rows; r++) {
        const int16_t *first = encoder->rounded;
        const int16_t *second = r % 2 != 0 ? first + encoder->stride : NULL;

        now->value_steps[r] = encoder->kernels->round_i16(
            encoder->rounded + r % 2 * encoder->stride,
            encoder->mixed + r * sizes->width, sizes->width);
        if (second == NULL && r + 1 < n_rows)
            continue;
        for (size_t h = 0; h < sizes->n_heads; h++)
            heed_attend_pair(now->values +
                                 (h * now->n_slots + r / 2 * 2) * size,
                             first + h * size,
                             second != NULL ? second + h * size : NULL, size);
    }
}

/* Layer number `l`'s cache. */
static heed_encoder_cache past_of(const heed_encoder *encoder, size_t l)
{
    const heed_encoder_cache *past = &encoder->past;
    const size_t width = encoder->weights->sizes.width;
    const size_t slot = l * past->n_slots;

    return (heed_encoder_cache){
        .n_slots = past->n_slots,
        .keys = past->keys + slot * width,
        .values = past->values + slot * width,
        .key_steps = past->key_steps + slot,
        .value_steps = past->value_steps + slot,
    };
}

/* Copies one head's values of `n` rows, from `from` on, to slots: whole pairs
 * where they are pairs there, too. */
static void keep_values(int16_t *to, const int16_t *values, size_t slot,
                        size_t from, size_t n, size_t size)
{
    for (size_t r = from; r < from + n; r++, slot++) {
        const int16_t *source = values + r / 2 * 2 * size + r % 2;
        int16_t *target = to + slot / 2 * 2 * size + slot % 2;

        if (r % 2 == 0 && slot % 2 == 0 && r + 1 < from + n) {
            memcpy(target, source, 2 * size * sizeof *to);
            r++;
            slot++;
        } else {
            for (size_t d = 0; d < size; d++)
                target[2 * d] = source[2 * d];
        }
    }
}

/* Copies `n` new rows, from number `from` on, to slots of a layer's cache. */
static void keep_rows(heed_encoder *encoder, const heed_encoder_cache *past,
                      size_t slot, size_t from, size_t n)
{
    const heed_encoder_cache *now = &encoder->now;
    const heed_attention_sizes *sizes = &encoder->weights->sizes;
    const size_t size = sizes->head_size;

    for (size_t h = 0; h < sizes->n_heads; h++) {
        const size_t to = h * past->n_slots * size;
        const size_t at = h * now->n_slots * size;

        memcpy(past->keys + to + slot * size, now->keys + at + from * size,
               n * size * sizeof(int16_t));
        keep_values(past->values + to, now->values + at, slot, from, n, size);
    }
    memcpy(past->key_steps + slot, now->key_steps + from, n * sizeof(float));
    memcpy(past->value_steps + slot, now->value_steps + from,
           n * sizeof(float));
}

/* Copies the last main frames' new keys and values to layer number `l`'s
 * cache, over those of the oldest. */
static void keep_main_frames(heed_encoder *encoder, size_t l, size_t n_main)
{
    const size_t n_left = encoder->weights->left_frames;
    const heed_encoder_cache past = past_of(encoder, l);
    size_t from = n_main > n_left ? n_main - n_left : 0;

    while (from < n_main) {
        const size_t to = (size_t)((encoder->position + from) % n_left);
        const size_t rest = n_main - from;
        const size_t n = rest < n_left - to ? rest : n_left - to;

        keep_rows(encoder, &past, to, from, n);
        from += n;
    }
}

/* Slots `first` to `end` of a cache, for head number `h`. Spans begin with a
 * whole pair. */
static heed_attend_span span_of(const heed_encoder *encoder,
                                const heed_encoder_cache *cache, size_t h,
                                size_t first, size_t end)
{
    const size_t begin = first / 2 * 2;
    const size_t at =
        (h * cache->n_slots + begin) * encoder->weights->sizes.head_size;

    return (heed_attend_span){
        .keys = cache->keys + at,
        .values = cache->values + at,
        .key_steps = cache->key_steps + begin,
        .value_steps = cache->value_steps + begin,
        .first = first - begin,
        .end = end - begin,
    };
}

/* Fills `spans` with what head number `h` attends to in layer number `l`.
 * Returns how many there are. */
static size_t list_spans(const heed_encoder *encoder,
                         heed_attend_span spans[MAX_SPANS], size_t l, size_t h,
                         size_t n_rows)
{
    const heed_encoder_cache past = past_of(encoder, l);
    const size_t n_left = encoder->weights->left_frames;
    const size_t n_past = encoder->n_left;
    const size_t first =
        n_past == n_left ? 0 : (size_t)((encoder->position - n_past) % n_left);
    size_t n = 0;

    if (n_past > 0)
        spans[n++] = span_of(encoder, &past, h, first,
                             first + n_past < n_left ? first + n_past : n_left);
    if (first + n_past > n_left)
        spans[n++] = span_of(encoder, &past, h, 0, first + n_past - n_left);
    spans[n++] = span_of(encoder, &encoder->now, h, 0, n_rows);
    return n;
}

/* What the heads of layer number `l` make of the rows, into `mixed`. */
static void run_heads(heed_encoder *encoder, size_t l, size_t n_rows)
{
    const heed_attention_sizes *sizes = &encoder->weights->sizes;
    const heed_attend_shape shape = {
        .n_queries = n_rows,
        .head_size = sizes->head_size,
        .query_stride = encoder->stride,
        .key_stride = sizes->head_size,
        .out_stride = sizes->width,
    };

    for (size_t h = 0; h < sizes->n_heads; h++) {
        heed_attend_span spans[MAX_SPANS];
        const size_t n_spans = list_spans(encoder, spans, l, h, n_rows);
        const size_t at = h * sizes->head_size;

        encoder->kernels->attend(encoder->mixed + at, encoder->scratch,
                                 encoder->queries + at, encoder->query_steps,
                                 spans, n_spans, &shape);
    }
}

/* x += W_o MHA(LN x), in layer number `l`; leaves its new keys and values. */
static void attention_block(heed_encoder *encoder,
                            const heed_encoder_layer *layer, size_t l,
                            size_t n_rows)
{
    const heed_kernels *kernels = encoder->kernels;
    float *mixed = encoder->mixed;

    heed_norm_forward(&layer->attn_norm, encoder->normed, encoder->x, n_rows,
                      kernels);
    heed_linear_forward(&layer->attn.q, mixed, encoder->normed, n_rows,
                        kernels);
    rotate_rows(encoder, mixed, n_rows);
    round_queries(encoder, n_rows);
    heed_linear_forward(&layer->attn.k, mixed, encoder->normed, n_rows,
                        kernels);
    rotate_rows(encoder, mixed, n_rows);
    round_keys(encoder, n_rows);
    heed_linear_forward(&layer->attn.v, mixed, encoder->normed, n_rows,
                        kernels);
    round_values(encoder, n_rows);
    run_heads(encoder, l, n_rows);
    heed_linear_forward(&layer->attn.o, encoder->normed, mixed, n_rows,
                        kernels);
    kernels->axpy(encoder->x, 1.0F, encoder->normed,
                  n_rows * encoder->weights->sizes.width);
}

/* The last layer over `n` rows of `hidden`. GELU's are lopsided: when they are
 * centred, 8 bits do. */
static void run_fc2(heed_encoder *encoder, const heed_encoder_layer *layer,
                    float *rows, size_t n)
{
    const heed_kernels *kernels = encoder->kernels;
    const size_t n_hidden = encoder->weights->n_hidden;
    float middles[HEED_ENCODER_ROWS];

    for (size_t r = 0; layer->fc2_sums != NULL && r < n; r++)
        middles[r] = kernels->centre(encoder->hidden + r * n_hidden, n_hidden);
    heed_linear_forward(&layer->fc2, rows, encoder->hidden, n, kernels);
    for (size_t r = 0; layer->fc2_sums != NULL && r < n; r++)
        kernels->axpy(rows + r * layer->fc2.n_out, middles[r], layer->fc2_sums,
                      layer->fc2.n_out);
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
        run_fc2(encoder, layer, rows, n);
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

    assert(n_rows > 0 && n_rows <= encoder->max_rows);
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
