/* record.c - one utterance as a line of JSON. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/record.h"

#include "tools/eval/json.h"

#include <stdlib.h>
#include <string.h>

typedef struct json_object json;

static json *words_of(const eval_item *item)
{
    json *list = eval_json_array();

    for (size_t i = 0; i < item->n_words; i++) {
        const eval_word *word = &item->words[i];
        json *o = eval_json_object();

        eval_json_put_string(o, "text", word->text);
        eval_json_put_number(o, "start_s", word->start_s, 3);
        eval_json_put_number(o, "end_s", word->end_s, 3);
        eval_json_put_known(o, "confidence", word->confidence, 4);
        eval_json_put_known(o, "committed_s", word->committed_s, 3);
        eval_json_push(list, o);
    }
    return list;
}

static json *nbest_of(const eval_item *item)
{
    json *list = eval_json_array();

    for (size_t i = 0; i < item->n_nbest; i++) {
        json *texts = eval_json_array();

        for (size_t k = 0; k < item->nbest[i].n_texts; k++)
            eval_json_push(texts,
                           json_object_new_string(item->nbest[i].texts[k]));
        eval_json_push(list, texts);
    }
    return list;
}

static json *said_of(const eval_item *item)
{
    json *list = eval_json_array();

    for (size_t i = 0; i < item->n_said; i++) {
        json *o = eval_json_object();

        eval_json_put_string(o, "text", item->said[i].text);
        eval_json_put_number(o, "start_s", item->said[i].start_s, 3);
        eval_json_put_number(o, "end_s", item->said[i].end_s, 3);
        eval_json_push(list, o);
    }
    return list;
}

void eval_record_write(const eval_item *item, eval_text *out)
{
    json *o = eval_json_object();

    eval_json_put_count(o, "index", item->index);
    eval_json_put_string(o, "id", item->id);
    eval_json_put_string(o, "speaker", item->speaker);
    eval_json_put_string(o, "group", item->group);
    eval_json_put_string(o, "audio", item->audio);
    eval_json_put_known(o, "start_s", item->start_s, 3);
    eval_json_put_known(o, "end_s", item->end_s, 3);
    eval_json_put_string(o, "reference", item->reference);
    eval_json_put_string(o, "hypothesis", item->hypothesis);
    eval_json_put_known(o, "duration_s", item->duration_s, 3);
    eval_json_put(o, "words", words_of(item));
    eval_json_put(o, "nbest", nbest_of(item));
    if (item->unsaid != NULL)
        eval_json_put_string(o, "unsaid", item->unsaid);
    else
        eval_json_put(o, "said", said_of(item));
    eval_attention_write(item, o);
    eval_json_put_string(o, "error", item->error);
    eval_json_write(o, false, out);
}

void eval_timing_write(const eval_item *item, eval_text *out)
{
    json *o = eval_json_object();
    json *waited = eval_json_array();

    eval_json_put_count(o, "index", item->index);
    eval_json_put_known(o, "compute_s", item->compute_s, 4);
    for (size_t i = 0; i < item->n_words; i++)
        eval_json_push(waited, eval_json_number(item->words[i].waited_s, 4));
    eval_json_put(o, "waited_s", waited);
    eval_json_write(o, false, out);
}

static bool read_word(eval_system *system, eval_word *word, json *o)
{
    const char *text = "";

    *word = (eval_word){.confidence = EVAL_UNKNOWN,
                        .committed_s = EVAL_UNKNOWN,
                        .waited_s = EVAL_UNKNOWN,
                        .said_s = EVAL_UNKNOWN};
    if (!json_object_is_type(o, json_type_object) ||
        !eval_json_get_string(o, "text", &text) ||
        !eval_json_get_number(o, "start_s", &word->start_s) ||
        !eval_json_get_number(o, "end_s", &word->end_s) ||
        !eval_json_get_number(o, "confidence", &word->confidence) ||
        !eval_json_get_number(o, "committed_s", &word->committed_s))
        return false;
    word->text = eval_pool_string(&system->pool, text);
    return word->confidence <= 1.0;
}

static bool read_words(eval_system *system, eval_item *item, json *object)
{
    json *list = NULL;

    if (!eval_json_get_array(object, "words", &list))
        return false;
    if (list == NULL)
        return true;
    item->n_words = json_object_array_length(list);
    item->words = eval_pool_take(&system->pool,
                                 (item->n_words + 1) * sizeof *item->words);
    for (size_t i = 0; i < item->n_words; i++)
        if (!read_word(system, &item->words[i],
                       json_object_array_get_idx(list, i)))
            return false;
    return true;
}

static bool read_texts(eval_system *system, eval_choice *choice, json *list)
{
    *choice = (eval_choice){0};
    if (!json_object_is_type(list, json_type_array))
        return false;
    choice->n_texts = json_object_array_length(list);
    choice->texts = eval_pool_take(&system->pool, (choice->n_texts + 1) *
                                                      sizeof *choice->texts);
    for (size_t i = 0; i < choice->n_texts; i++) {
        json *text = json_object_array_get_idx(list, i);

        if (!json_object_is_type(text, json_type_string))
            return false;
        choice->texts[i] =
            eval_pool_string(&system->pool, json_object_get_string(text));
    }
    return choice->n_texts > 0 && choice->n_texts <= EVAL_GRAPH_MAX_BRANCHES;
}

static bool read_nbest(eval_system *system, eval_item *item, json *object)
{
    json *list = NULL;

    if (!eval_json_get_array(object, "nbest", &list))
        return false;
    if (list == NULL)
        return true;
    item->n_nbest = json_object_array_length(list);
    item->nbest = eval_pool_take(&system->pool,
                                 (item->n_nbest + 1) * sizeof *item->nbest);
    for (size_t i = 0; i < item->n_nbest; i++)
        if (!read_texts(system, &item->nbest[i],
                        json_object_array_get_idx(list, i)))
            return false;
    return true;
}

static bool read_said(eval_system *system, eval_item *item, json *object)
{
    json *list = NULL;

    if (!eval_json_get_array(object, "said", &list))
        return false;
    if (list == NULL)
        return true;
    item->n_said = json_object_array_length(list);
    item->said =
        eval_pool_take(&system->pool, (item->n_said + 1) * sizeof *item->said);
    for (size_t i = 0; i < item->n_said; i++) {
        eval_said *said = &item->said[i];
        json *o = json_object_array_get_idx(list, i);
        const char *text = "";

        *said = (eval_said){0};
        if (!json_object_is_type(o, json_type_object) ||
            !eval_json_get_string(o, "text", &text) ||
            !eval_json_get_number(o, "start_s", &said->start_s) ||
            !eval_json_get_number(o, "end_s", &said->end_s))
            return false;
        said->text = eval_pool_string(&system->pool, text);
    }
    return true;
}

/* The strings of an object, kept. */
static bool read_strings(eval_system *system, eval_item *item, json *object)
{
    const struct {
        const char *name;
        const char **to;
    } strings[] = {
        {"speaker", &item->speaker},       {"group", &item->group},
        {"audio", &item->audio},           {"reference", &item->reference},
        {"hypothesis", &item->hypothesis}, {"error", &item->error},
        {"unsaid", &item->unsaid}};

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        const char *found = NULL;

        if (!eval_json_get_string(object, strings[i].name, &found))
            return false;
        if (found != NULL)
            *strings[i].to = eval_pool_string(&system->pool, found);
    }
    return true;
}

static bool fill_item(eval_system *system, eval_item *item, json *object)
{
    return read_strings(system, item, object) &&
           eval_json_get_count(object, "index", &item->index) &&
           eval_json_get_number(object, "start_s", &item->start_s) &&
           eval_json_get_number(object, "end_s", &item->end_s) &&
           eval_json_get_number(object, "duration_s", &item->duration_s) &&
           read_words(system, item, object) &&
           read_nbest(system, item, object) &&
           read_said(system, item, object) &&
           eval_attention_read(&system->pool, item, object);
}

bool eval_record_read(eval_system *system, eval_lines *lines)
{
    const char *id = NULL;
    const char *fault;
    json *object = eval_json_parse(lines->line, &fault);
    bool good = true;

    if (object == NULL)
        return eval_lines_fail(lines, "%s", fault);
    if (!eval_json_get_string(object, "id", &id) || id == NULL) {
        good = eval_lines_fail(lines, "no id");
    } else {
        eval_item *item = eval_system_add(system, id, lines->path);

        if (item == NULL)
            good = eval_lines_fail(lines, "id '%s' comes twice", id);
        else if (!fill_item(system, item, object))
            good = eval_lines_fail(lines, "not an utterance of a run");
    }
    json_object_put(object);
    return good;
}

/* Whether the item of that index is at hand: runs of all of a corpus have it
 * at its index, parts of it after some search. */
static eval_item *find_index(eval_system *system, size_t index)
{
    size_t low = 0;
    size_t high = system->n_items;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (system->items[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < system->n_items && system->items[low].index == index
               ? &system->items[low]
               : NULL;
}

bool eval_timing_read(eval_system *system, eval_lines *lines)
{
    const char *fault;
    json *object = eval_json_parse(lines->line, &fault);
    json *waited = NULL;
    size_t index = SIZE_MAX;
    eval_item *item;
    bool good = true;

    if (object == NULL)
        return eval_lines_fail(lines, "%s", fault);
    if (!eval_json_get_count(object, "index", &index) ||
        !eval_json_get_array(object, "waited_s", &waited))
        good = eval_lines_fail(lines, "not the timing of an utterance");
    item = good ? find_index(system, index) : NULL;
    if (item != NULL) {
        const size_t n = waited != NULL ? json_object_array_length(waited) : 0;

        (void)eval_json_get_number(object, "compute_s", &item->compute_s);
        for (size_t i = 0; i < n && i < item->n_words; i++)
            item->words[i].waited_s =
                json_object_get_double(json_object_array_get_idx(waited, i));
    }
    json_object_put(object);
    return good;
}

bool eval_record_index(const char *line, size_t *index)
{
    static const char start[] = "{\"index\":";
    char *end;

    if (strncmp(line, start, sizeof start - 1) != 0)
        return false;
    line += sizeof start - 1;
    if (*line < '0' || *line > '9')
        return false;
    *index = strtoul(line, &end, 10);
    return *end == ',';
}
