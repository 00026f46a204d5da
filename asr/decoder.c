/* decoder.c - see decoder.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/decoder.h"

#include <assert.h>
#include <string.h>

#include "asr/nn/attention.h"

/* Memory frames in whole blocks of columns. */
static size_t column_frames(const heed_decoder_limits *limits)
{
    return (limits->max_frames + HEED_ATTENTION_COLUMNS - 1) /
           HEED_ATTENTION_COLUMNS * HEED_ATTENTION_COLUMNS;
}

/* Where a layer's keys of a head begin. */
static uint16_t *cross_keys(const heed_decoder *decoder, size_t l, size_t h)
{
    const heed_attention_sizes *sizes = &decoder->weights->sizes;

    return decoder->cross_keys + (l * sizes->n_heads + h) * sizes->head_size *
                                     column_frames(&decoder->limits);
}

void heed_decoder_init(heed_decoder *decoder,
                       const heed_decoder_weights *weights,
                       const heed_decoder_limits *limits,
                       const heed_kernels *kernels, heed_arena *arena)
{
    const size_t row = weights->sizes.width * sizeof(float);
    const size_t turn = weights->sizes.n_rotary / 2 * sizeof(float);
    const size_t n_rows = limits->max_rows;
    const size_t n_self =
        weights->n_layers * limits->n_lanes * limits->max_tokens;
    const size_t n_cross = weights->n_layers * limits->max_frames;
    const size_t n_columns = weights->n_layers * column_frames(limits);
    const size_t longest = limits->max_tokens > limits->max_frames
                               ? limits->max_tokens
                               : limits->max_frames;

    *decoder = (heed_decoder){
        .weights = weights, .kernels = kernels, .limits = *limits};
    decoder->self_keys = heed_arena_take(arena, n_self, row);
    decoder->self_values = heed_arena_take(arena, n_self, row);
    decoder->cross_keys = heed_arena_take(arena, n_columns, row / 2);
    decoder->cross_values = heed_arena_take(arena, n_cross, row / 2);
    decoder->x = heed_arena_take(arena, n_rows, row);
    decoder->normed = heed_arena_take(arena, n_rows, row);
    decoder->query = heed_arena_take(arena, n_rows, row);
    decoder->key = heed_arena_take(arena, n_rows, row);
    decoder->value = heed_arena_take(arena, n_rows, row);
    decoder->mixed = heed_arena_take(arena, n_rows, row);
    decoder->hidden =
        heed_arena_take(arena, n_rows, 2 * weights->n_hidden * sizeof(float));
    decoder->probs = heed_arena_take(arena, n_rows, longest * sizeof(float));
    decoder->attention =
        heed_arena_take(arena, n_rows, limits->max_frames * sizeof(float));
    decoder->cosines = heed_arena_take(arena, n_rows, turn);
    decoder->sines = heed_arena_take(arena, n_rows, turn);
    decoder->new_rows = heed_arena_take(arena, HEED_DECODER_NEW_ROWS, row);
    decoder->new_halves =
        heed_arena_take(arena, HEED_DECODER_NEW_ROWS, row / 2);
}

/* new_halves = rows of memory frames by a matrix, rounded to halves. */
static void project(heed_decoder *decoder, const heed_linear *linear,
                    const float *memory, size_t n)
{
    heed_linear_forward(linear, decoder->new_rows, memory, n, decoder->kernels);
    decoder->kernels->round_f16(decoder->new_halves, decoder->new_rows,
                                n * linear->n_out);
}

/* Columns from number `first` on of a head's keys, from `n` rows. */
static void set_columns(uint16_t *keys, size_t first, const uint16_t *rows,
                        size_t n, const heed_attention_sizes *sizes)
{
    for (size_t r = 0; r < n; r++) {
        const size_t column = (first + r) % HEED_ATTENTION_COLUMNS;
        uint16_t *block = keys + (first + r - column) * sizes->head_size;

        for (size_t d = 0; d < sizes->head_size; d++)
            block[d * HEED_ATTENTION_COLUMNS + column] =
                rows[r * sizes->width + d];
    }
}

/* Frames [first, first + n_frames) of a layer's cross-attention: keys in
 * columns, values by heads. */
static void set_frames(heed_decoder *decoder, size_t l, size_t first,
                       const float *memory, size_t n_frames)
{
    const heed_decoder_layer *layer = &decoder->weights->layers[l];
    const heed_attention_sizes *sizes = &decoder->weights->sizes;
    const size_t width = sizes->width;
    const size_t size = sizes->head_size;
    const size_t max_frames = decoder->limits.max_frames;
    uint16_t *values =
        decoder->cross_values + l * width * max_frames + first * size;
    const uint16_t *rows = decoder->new_halves;

    for (size_t at = 0; at < n_frames; at += HEED_DECODER_NEW_ROWS) {
        const size_t left = n_frames - at;
        const size_t n =
            left < HEED_DECODER_NEW_ROWS ? left : HEED_DECODER_NEW_ROWS;

        project(decoder, &layer->cross.k, memory + at * width, n);
        for (size_t h = 0; h < sizes->n_heads; h++)
            set_columns(cross_keys(decoder, l, h), first + at, rows + h * size,
                        n, sizes);
        project(decoder, &layer->cross.v, memory + at * width, n);
        for (size_t h = 0; h < sizes->n_heads; h++)
            for (size_t r = 0; r < n; r++)
                memcpy(values + (h * max_frames + at + r) * size,
                       rows + r * width + h * size, size * sizeof *values);
    }
}

void heed_decoder_set_memory(heed_decoder *decoder, size_t first,
                             const float *memory, size_t n_frames)
{
    const heed_decoder_weights *weights = decoder->weights;
    const heed_stage before =
        heed_profile_enter(decoder->profile, HEED_STAGE_MEMORY);

    assert(first + n_frames <= decoder->limits.max_frames);
    for (size_t l = 0; n_frames > 0 && l < weights->n_layers; l++)
        set_frames(decoder, l, first, memory, n_frames);
    heed_profile_leave(decoder->profile, before);
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

/* Place of token number `position` of a lane in the self-attention's caches of
 * layer `l`. */
static size_t self_place(const heed_decoder *decoder, size_t l, size_t lane,
                         size_t position)
{
    const heed_decoder_limits *limits = &decoder->limits;

    return ((l * limits->n_lanes + lane) * limits->max_tokens + position) *
           decoder->weights->sizes.width;
}

static void normalise(heed_decoder *decoder, const heed_norm *norm,
                      size_t n_rows)
{
    heed_norm_forward(norm, decoder->normed, decoder->x, n_rows,
                      decoder->kernels);
}

/* Turns the heads of row `r` of queries or keys by its position. */
static void rotate_heads(const heed_decoder *decoder, float *values, size_t r)
{
    const heed_attention_sizes *sizes = &decoder->weights->sizes;
    const size_t turn = sizes->n_rotary / 2;
    float *row = values + r * sizes->width;

    for (size_t h = 0; h < sizes->n_heads; h++)
        decoder->kernels->rope(row + h * sizes->head_size,
                               decoder->cosines + r * turn,
                               decoder->sines + r * turn, turn);
}

static heed_attention_shape head_shape(const heed_decoder *decoder,
                                       size_t n_queries, size_t n_keys)
{
    const heed_attention_sizes *sizes = &decoder->weights->sizes;

    return (heed_attention_shape){
        .n_queries = n_queries,
        .n_keys = n_keys,
        .head_size = sizes->head_size,
        .row_stride = sizes->width,
    };
}

/* x += y, the output of a block in `normed`. */
static void add_normed(heed_decoder *decoder, size_t n_rows)
{
    decoder->kernels->axpy(decoder->x, 1.0F, decoder->normed,
                           n_rows * decoder->weights->sizes.width);
}

/* Puts the rows' keys and values where their lanes have them. */
static void cache_rows(heed_decoder *decoder, size_t l,
                       const heed_decoder_row *rows, size_t n_rows)
{
    const size_t width = decoder->weights->sizes.width;

    for (size_t r = 0; r < n_rows; r++) {
        const size_t at =
            self_place(decoder, l, rows[r].lane, rows[r].position);

        memcpy(decoder->self_keys + at, decoder->key + r * width,
               width * sizeof(float));
        memcpy(decoder->self_values + at, decoder->value + r * width,
               width * sizeof(float));
    }
}

static void self_block(heed_decoder *decoder, size_t l,
                       const heed_decoder_row *rows, size_t n_rows)
{
    const heed_decoder_layer *layer = &decoder->weights->layers[l];
    const heed_attention_sizes *sizes = &decoder->weights->sizes;
    const heed_kernels *kernels = decoder->kernels;

    normalise(decoder, &layer->self_norm, n_rows);
    heed_linear_forward(&layer->self.q, decoder->query, decoder->normed, n_rows,
                        kernels);
    heed_linear_forward(&layer->self.k, decoder->key, decoder->normed, n_rows,
                        kernels);
    heed_linear_forward(&layer->self.v, decoder->value, decoder->normed, n_rows,
                        kernels);
    for (size_t r = 0; r < n_rows; r++) {
        rotate_heads(decoder, decoder->query, r);
        rotate_heads(decoder, decoder->key, r);
    }
    cache_rows(decoder, l, rows, n_rows);
    for (size_t r = 0; r < n_rows; r++) {
        const size_t n_keys = rows[r].position + 1;
        const heed_attention_shape shape = head_shape(decoder, 1, n_keys);
        const size_t lane = self_place(decoder, l, rows[r].lane, 0);

        for (size_t h = 0; h < sizes->n_heads; h++) {
            const size_t at = h * sizes->head_size;
            heed_attention_rows(
                decoder->mixed + r * sizes->width + at, decoder->probs,
                decoder->query + r * sizes->width + at,
                decoder->self_keys + lane + at,
                decoder->self_values + lane + at, &shape, kernels);
        }
    }
    heed_linear_forward(&layer->self.o, decoder->normed, decoder->mixed, n_rows,
                        kernels);
    add_normed(decoder, n_rows);
}

static void cross_block(heed_decoder *decoder, size_t l, size_t n_rows,
                        size_t n_frames)
{
    const heed_decoder_layer *layer = &decoder->weights->layers[l];
    const heed_attention_sizes *sizes = &decoder->weights->sizes;
    const heed_kernels *kernels = decoder->kernels;
    const float *shares = decoder->weights->alignment + l * sizes->n_heads;
    const size_t max_frames = decoder->limits.max_frames;
    const size_t layer_at = l * max_frames * sizes->width;
    const heed_attention_shape shape = head_shape(decoder, n_rows, n_frames);

    normalise(decoder, &layer->cross_norm, n_rows);
    heed_linear_forward(&layer->cross.q, decoder->query, decoder->normed,
                        n_rows, kernels);
    for (size_t h = 0; h < sizes->n_heads; h++) {
        const size_t head = h * sizes->head_size;

        heed_attention_columns(decoder->mixed + head, decoder->probs,
                               decoder->query + head, cross_keys(decoder, l, h),
                               decoder->cross_values + layer_at +
                                   head * max_frames,
                               &shape, kernels);
        for (size_t r = 0; shares[h] != 0.0F && r < n_rows; r++)
            kernels->axpy(decoder->attention + r * max_frames, shares[h],
                          decoder->probs + r * n_frames, n_frames);
    }
    heed_linear_forward(&layer->cross.o, decoder->normed, decoder->mixed,
                        n_rows, kernels);
    add_normed(decoder, n_rows);
}

static void feed_forward_block(heed_decoder *decoder, size_t l, size_t n_rows)
{
    const heed_decoder_layer *layer = &decoder->weights->layers[l];
    const heed_kernels *kernels = decoder->kernels;
    const size_t n_hidden = decoder->weights->n_hidden;

    normalise(decoder, &layer->ffn_norm, n_rows);
    heed_linear_forward(&layer->up, decoder->hidden, decoder->normed, n_rows,
                        kernels);
    for (size_t r = 0; r < n_rows; r++) {
        float *h = decoder->hidden + r * 2 * n_hidden;

        kernels->silu_mul(h, h + n_hidden, h, n_hidden);
    }
    heed_linear_forward_strided(&layer->down, decoder->normed,
                                decoder->weights->sizes.width, decoder->hidden,
                                2 * n_hidden, n_rows, kernels);
    add_normed(decoder, n_rows);
}

/* Takes the rows' tokens; their last states are left in x. */
static void run_layers(heed_decoder *decoder, const heed_decoder_row *rows,
                       size_t n_rows, size_t n_frames)
{
    const heed_decoder_weights *weights = decoder->weights;
    const heed_attention_sizes *sizes = &weights->sizes;
    const size_t turn = sizes->n_rotary / 2;

    assert(n_rows > 0 && n_rows <= decoder->limits.max_rows);
    assert(n_frames > 0 && n_frames <= decoder->limits.max_frames);
    for (size_t r = 0; r < n_rows; r++) {
        assert(rows[r].lane < decoder->limits.n_lanes);
        assert(rows[r].position < decoder->limits.max_tokens);
        heed_rope_angles(decoder->cosines + r * turn, decoder->sines + r * turn,
                         rows[r].position, turn, sizes->rope_base);
        embed(&weights->embed, decoder->x + r * sizes->width, rows[r].token);
        memset(decoder->attention + r * decoder->limits.max_frames, 0,
               n_frames * sizeof(float));
    }
    for (size_t l = 0; l < weights->n_layers; l++) {
        self_block(decoder, l, rows, n_rows);
        cross_block(decoder, l, n_rows, n_frames);
        feed_forward_block(decoder, l, n_rows);
    }
}

void heed_decoder_run(heed_decoder *decoder, float *logits,
                      const heed_decoder_row *rows, size_t n_rows,
                      size_t n_frames)
{
    const heed_stage before =
        heed_profile_enter(decoder->profile, HEED_STAGE_DECODER);

    run_layers(decoder, rows, n_rows, n_frames);
    if (logits != NULL) {
        (void)heed_profile_enter(decoder->profile, HEED_STAGE_VOCABULARY);
        normalise(decoder, &decoder->weights->norm, n_rows);
        heed_linear_forward(&decoder->weights->embed, logits, decoder->normed,
                            n_rows, decoder->kernels);
    }
    heed_profile_leave(decoder->profile, before);
}

void heed_decoder_copy(heed_decoder *decoder, size_t to, size_t from,
                       size_t first, size_t end)
{
    const size_t n_bytes =
        end > first
            ? (end - first) * decoder->weights->sizes.width * sizeof(float)
            : 0;

    for (size_t l = 0; n_bytes > 0 && l < decoder->weights->n_layers; l++) {
        const size_t target = self_place(decoder, l, to, first);
        const size_t source = self_place(decoder, l, from, first);

        memcpy(decoder->self_keys + target, decoder->self_keys + source,
               n_bytes);
        memcpy(decoder->self_values + target, decoder->self_values + source,
               n_bytes);
    }
}
