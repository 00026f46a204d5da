/* record_attention.c - where the decoder looked, as JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/json.h"
#include "tools/eval/record.h"

typedef struct json_object json;

static const char *string_at(eval_pool *pool, json *list, size_t i)
{
    json *value = json_object_array_get_idx(list, i);

    return json_object_is_type(value, json_type_string)
               ? eval_pool_string(pool, json_object_get_string(value))
               : NULL;
}

/* One row of numbers, of exactly `n`. */
static bool read_row(float *out, json *row, size_t n)
{
    if (!json_object_is_type(row, json_type_array) ||
        json_object_array_length(row) != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const double weight =
            json_object_get_double(json_object_array_get_idx(row, i));

        if (!(weight >= 0.0 && weight <= 1.0))
            return false;
        out[i] = (float)weight;
    }
    return true;
}

static bool read_spikes(eval_pool *pool, eval_attention *a, json *list)
{
    a->n_spikes = list != NULL ? json_object_array_length(list) : 0;
    a->spikes = eval_pool_take(pool, (a->n_spikes + 1) * sizeof *a->spikes);
    for (size_t i = 0; i < a->n_spikes; i++) {
        json *spike = json_object_array_get_idx(list, i);
        const char *letter = "";

        a->spikes[i].frame = 0;
        if (!json_object_is_type(spike, json_type_object) ||
            !eval_json_get_count(spike, "frame", &a->spikes[i].frame) ||
            !eval_json_get_string(spike, "letter", &letter) ||
            a->spikes[i].frame >= a->n_frames)
            return false;
        a->spikes[i].letter = eval_pool_string(pool, letter);
    }
    return true;
}

static bool read_weights(eval_pool *pool, eval_attention *a, json *tokens,
                         json *weights)
{
    a->n_tokens = json_object_array_length(tokens);
    if (a->n_tokens > EVAL_ATTENTION_MAX_TOKENS ||
        a->n_frames > EVAL_ATTENTION_MAX_FRAMES ||
        a->n_tokens * a->n_frames > EVAL_ATTENTION_MAX_WEIGHTS ||
        json_object_array_length(weights) != a->n_tokens)
        return false;
    a->tokens = eval_pool_take(pool, (a->n_tokens + 1) * sizeof *a->tokens);
    a->weights = eval_pool_take(pool, (a->n_tokens * a->n_frames + 1) *
                                          sizeof *a->weights);
    for (size_t i = 0; i < a->n_tokens; i++) {
        a->tokens[i] = string_at(pool, tokens, i);
        if (a->tokens[i] == NULL ||
            !read_row(a->weights + i * a->n_frames,
                      json_object_array_get_idx(weights, i), a->n_frames))
            return false;
    }
    return true;
}

bool eval_attention_read(eval_pool *pool, eval_item *item,
                         struct json_object *object)
{
    json *value = NULL;
    json *tokens = NULL;
    json *weights = NULL;
    json *spikes = NULL;
    eval_attention *a;

    if (!json_object_object_get_ex(object, "attention", &value) ||
        value == NULL)
        return true;
    if (!json_object_is_type(value, json_type_object))
        return false;
    a = eval_pool_take(pool, sizeof *a);
    *a = (eval_attention){0};
    if (!eval_json_get_number(value, "frame_s", &a->frame_s) ||
        !eval_json_get_count(value, "frames", &a->n_frames) ||
        !eval_json_get_array(value, "tokens", &tokens) ||
        !eval_json_get_array(value, "weights", &weights) ||
        !eval_json_get_array(value, "spikes", &spikes) || tokens == NULL ||
        weights == NULL || !read_weights(pool, a, tokens, weights) ||
        !read_spikes(pool, a, spikes))
        return false;
    item->attention = a;
    return true;
}

void eval_attention_write(const eval_item *item, struct json_object *object)
{
    const eval_attention *a = item->attention;
    json *o;
    json *tokens;
    json *weights;
    json *spikes;

    if (a == NULL)
        return;
    o = eval_json_object();
    tokens = eval_json_array();
    weights = eval_json_array();
    spikes = eval_json_array();
    for (size_t i = 0; i < a->n_tokens; i++) {
        json *row = eval_json_array();

        eval_json_push(tokens, json_object_new_string(a->tokens[i]));
        for (size_t k = 0; k < a->n_frames; k++)
            eval_json_push(
                row,
                eval_json_number((double)a->weights[i * a->n_frames + k], 3));
        eval_json_push(weights, row);
    }
    for (size_t i = 0; i < a->n_spikes; i++) {
        json *spike = eval_json_object();

        eval_json_put_count(spike, "frame", a->spikes[i].frame);
        eval_json_put_string(spike, "letter", a->spikes[i].letter);
        eval_json_push(spikes, spike);
    }
    eval_json_put_number(o, "frame_s", a->frame_s, 4);
    eval_json_put(o, "tokens", tokens);
    eval_json_put_count(o, "frames", a->n_frames);
    eval_json_put(o, "weights", weights);
    eval_json_put(o, "spikes", spikes);
    eval_json_put(object, "attention", o);
}
